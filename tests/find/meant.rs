//! Did you mean: questions that find something, for whoever asks and in the script that was typed.

use serde_json::{Value, json};

use super::{described, texts};
use crate::world::{Client, World, media, until};

async fn meant(client: &Client, query: &[(&str, &str)]) -> Value {
    client.materials(query).await["did_you_mean"].clone()
}

#[tokio::test]
async fn two_slips_lead_to_the_word_that_was_meant() {
    let world = World::start().await;
    let anjuman = json!({"headline": {"uz-Latn": "Matbuot anjumani"}, "audiences": ["public"]});
    described(&world, "one", anjuman).await;
    let mingle = json!({"headline": {"ky": "Мэриянын маалымат жыйыны"}, "audiences": ["public"]});
    described(&world, "two", mingle).await;
    let public = world.public();
    for (typed, expected) in [
        ("mtbot", json!(["matbuot"])),
        ("mtbot anjumani", json!(["matbuot anjumani"])),
        // In the script in which it was typed, whichever it stands in.
        ("мтбот", json!(["матбуот"])),
        ("маалаат", json!(["маалымат"])),
        // On the keyboard of the other alphabet.
        ("ьфеигще", json!(["matbuot"])),
        ("mtbot -xabar", json!(["matbuot -xabar"])),
        // The same words, not one after the other.
        ("\"anjumani matbuot\"", json!(["anjumani matbuot"])),
    ] {
        let said = meant(&public, &[("q", typed)]).await;
        assert_eq!(said, expected, "{typed}");
        let question = expected[0].as_str().expect("a question");
        let found = public.materials(&[("q", question)]).await;
        assert_eq!(found["total"], 1, "{question}");
    }
    for fits in ["matbuot", "матбуот", "", "xyzzyxyzzy", "👍", "mb"] {
        let said = meant(&public, &[("q", fits)]).await;
        assert_eq!(said, Value::Null, "{fits}");
    }
    // What finds something elsewhere is no help here.
    let photos = [("q", "mtbot"), ("kind", "photo")];
    assert_eq!(meant(&public, &photos).await, Value::Null);
}

#[tokio::test]
async fn nothing_is_meant_that_the_caller_may_not_see() {
    let world = World::start().await;
    texts(&world, &["Boshqa narsa"]).await;
    let draft = json!({"headline": {"uz-Latn": "Tarvuzpolz"}});
    world.upload(&media::text("draft"), &draft).await;
    let press = json!({"headline": {"uz-Latn": "Gilosmeva"}, "audiences": ["press"]});
    described(&world, "press", press).await;
    until("the index to know all", async || {
        let all = world.admin.materials(&[("q", "tarvuzpolz")]).await;
        (all["total"] == 1).then_some(())
    })
    .await;
    let reader = world.person("reader", None, &["press"]).await;
    for (typed, word, who) in [
        ("tarvzplz", "tarvuzpolz", [&world.admin].as_slice()),
        ("glosmva", "gilosmeva", &[&world.admin, &reader]),
    ] {
        for client in who {
            assert_eq!(meant(client, &[("q", typed)]).await, json!([word]));
        }
        assert_eq!(meant(&world.public(), &[("q", typed)]).await, Value::Null);
    }
    assert_eq!(meant(&reader, &[("q", "tarvzplz")]).await, Value::Null);
}
