//! Names of files that lead astray, hide, or are no names.

use serde_json::json;

use crate::world::{World, media};

#[tokio::test]
async fn names_are_kept_less_what_leads_astray() {
    let world = World::start().await;
    let cases = [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\win.txt", "win.txt"),
        ("photo\u{202e}gpj.txt", "photogpj.txt"),
        ("\u{200f}Шаҳар ҳокими.txt", "Шаҳар ҳокими.txt"),
    ];
    for (number, (sent, kept)) in cases.into_iter().enumerate() {
        let file = media::text(&format!("A text, number {number}")).named(sent);
        let answer = world.admin.upload(&file, &json!({})).await;
        assert_eq!(answer.status, 201, "{sent:?}: {answer:?}");
        let material = answer.json();
        assert_eq!(material["original"]["filename"], kept, "{sent:?}");
    }
}

#[tokio::test]
async fn a_name_with_a_nul_is_no_header_and_is_refused() {
    let world = World::start().await;
    let file = media::text("A text").named("a\0b.txt");
    let answer = world.admin.upload(&file, &json!({})).await;
    answer.problem(400, "bad-request");
}

#[tokio::test]
async fn a_long_name_keeps_its_beginning_and_its_extension() {
    let world = World::start().await;
    let file = media::text("A text").named(&format!("{}.txt", "ў".repeat(300)));
    let material = world
        .admin
        .upload(&file, &json!({}))
        .await
        .expect(201)
        .json();
    let kept = material["original"]["filename"].as_str().expect("a name");
    assert!(
        kept.starts_with("ўўў") && kept.ends_with("ў.txt") && kept.len() <= 255,
        "{kept}"
    );
}

#[tokio::test]
async fn a_file_without_a_name_is_downloaded_under_one() {
    let world = World::start().await;
    for name in ["", "...", "/"] {
        let file = media::text(&format!("Named {name:?}")).named(name);
        let id = world
            .upload(&file, &json!({"headline": {"en": "A statement"}}))
            .await;
        world.ready(&id).await;
        let original = world
            .admin
            .get(&format!("/v1/materials/{id}/original?download=1"))
            .await
            .expect(200);
        let disposition = original.header("content-disposition");
        assert!(
            disposition.starts_with("attachment") && !disposition.contains("\"\""),
            "{disposition}"
        );
    }
}
