//! Bodies that cannot be read, say what nobody knows, or end before their end.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::world::{PATIENCE, World, media, until};

#[tokio::test]
async fn metadata_is_json_and_knows_its_fields() {
    let world = World::start().await;
    let photo = media::photo(1);
    world
        .admin
        .upload_raw(&photo, "{\"credit\": ")
        .await
        .problem(400, "bad-request");
    let unknown = world
        .admin
        .upload(&photo, &json!({"colour": "red"}))
        .await
        .problem(422, "invalid");
    assert_eq!(pointers(&unknown), ["/colour"]);
    let deep = json!({"place": {"latitude": 95.0, "longitude": 69.2}, "rating": 9, "audiences": ["nobody"]});
    let faults = world
        .admin
        .upload(&photo, &deep)
        .await
        .problem(422, "invalid");
    assert_eq!(
        pointers(&faults),
        ["/audiences/0", "/place/latitude", "/rating"]
    );
    assert_eq!(world.admin.materials(&[]).await["items"], json!([]));
    // Nothing said is nothing wrong.
    world.admin.upload_raw(&photo, "null").await.expect(201);
}

#[tokio::test]
async fn what_means_nothing_is_told_with_its_place() {
    let world = World::start().await;
    let id = world.upload(&media::text("A text"), &json!({})).await;
    let path = format!("/v1/materials/{id}");
    for (patch, pointer, words) in [
        (json!({"language": "kg"}), "/language", "did you mean ky?"),
        (
            json!({"caption": {"uz-Cyr": "x"}}),
            "/caption/uz-Cyr",
            "did you mean uz-Cyrl?",
        ),
        (
            json!({"headline": {"english": "x"}}),
            "/headline/english",
            "did you mean en?",
        ),
        (
            json!({"place": {"country": "uzb"}}),
            "/place/country",
            "did you mean UZ?",
        ),
        (
            json!({"place": {"country": "XX"}}),
            "/place/country",
            "no code of a country",
        ),
        (
            json!({"place": {"latitude": 41.3}}),
            "/place/longitude",
            "both, or neither",
        ),
        (
            json!({"persons": [{"name": {}}]}),
            "/persons/0/name",
            "at least one language",
        ),
        (
            json!({"related": [{"type": "part_of", "id": id}]}),
            "/related/0/id",
            "itself",
        ),
        (
            json!({"related": [{"type": "beside", "id": id}]}),
            "/related/0/type",
            "it takes translation_of",
        ),
        (json!({"rating": "many"}), "/rating", "a whole number"),
    ] {
        let refused = world.admin.patch(&path, &patch).await;
        let refused = refused.problem(422, "invalid");
        assert_eq!(pointers(&refused), [pointer], "{refused}");
        let detail = refused["errors"][0]["detail"].to_string();
        assert!(detail.contains(words), "{refused}");
    }
}

#[tokio::test]
async fn a_hundred_thousand_keywords_are_too_many() {
    let world = World::start().await;
    let keywords: Vec<String> = (0..100_000).map(|number| format!("k{number}")).collect();
    let wanted = json!({"keywords": keywords});
    let refused = world.admin.upload(&media::photo(1), &wanted).await;
    assert!(matches!(refused.status, 413 | 422), "{}", refused.status);
    let id = world.upload(&media::photo(1), &json!({})).await;
    let refused = world
        .admin
        .patch(&format!("/v1/materials/{id}"), &wanted)
        .await
        .problem(422, "invalid");
    assert_eq!(pointers(&refused), ["/keywords"]);
}

#[tokio::test]
async fn json_bodies_are_strict() {
    let world = World::start().await;
    let cases = [
        ("{", "application/json", 400, "bad-request"),
        ("[]", "application/json", 422, "invalid"),
        ("{\"name\": 1}", "application/json", 422, "invalid"),
        (
            "{\"name\": {\"en\": \"x\"}, \"more\": 1}",
            "application/json",
            422,
            "invalid",
        ),
        ("{}", "text/plain", 415, "unsupported-media-type"),
    ];
    for (body, media_type, status, slug) in cases {
        let headers = [("content-type", media_type)];
        world
            .admin
            .send(reqwest::Method::POST, "/v1/units", &headers, body)
            .await
            .problem(status, slug);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let headers = [("content-type", "application/json")];
    world
        .admin
        .send(reqwest::Method::POST, "/v1/units", &headers, deep)
        .await
        .problem(400, "bad-request");
    world
        .admin
        .get("/v1/units?colour=red")
        .await
        .problem(400, "bad-request");
}

#[tokio::test]
async fn a_body_that_ends_early_is_never_the_end_of_a_file() {
    let world = World::start().await;
    let photo = media::photo(1);
    let mut form =
        b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n"
            .to_vec();
    form.extend(&photo.bytes);
    form.extend(b"\r\n--b--\r\n");
    for cut in [40, form.len() / 2, form.len() - 8] {
        let answer = broken_off(&world, &form, cut);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
            "cut at {cut}: {answer}"
        );
    }
    // The end of the connection and the end of its handling are two moments.
    until("what came in to be dropped", async || {
        world.server.blobs().await.is_empty().then_some(())
    })
    .await;
    assert_eq!(world.admin.materials(&[]).await["items"], json!([]));
}

/// Announces the whole, sends a part, and closes its side; what the server says to that.
fn broken_off(world: &World, form: &[u8], cut: usize) -> String {
    let mut line = std::net::TcpStream::connect(world.admin.host()).expect("a connection");
    line.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let head = format!(
        "POST /v1/materials HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
        world.admin.token(),
        form.len()
    );
    line.write_all(head.as_bytes()).expect("a head");
    line.write_all(&form[..cut]).expect("a part of the body");
    line.shutdown(std::net::Shutdown::Write)
        .expect("half a connection");
    let mut answer = Vec::new();
    // A reset is an answer, too: the server may close without a word.
    let _ = line.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn pointers(problem: &Value) -> Vec<&str> {
    let faults = problem["errors"]
        .as_array()
        .unwrap_or_else(|| panic!("no errors in {problem}"));
    let mut pointers: Vec<&str> = faults
        .iter()
        .filter_map(|fault| fault["pointer"].as_str())
        .collect();
    pointers.sort_unstable();
    pointers
}
