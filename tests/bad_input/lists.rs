//! Cursors of other lists, and ranges that are not there.

use serde_json::json;

use crate::world::{World, media, until};

#[tokio::test]
async fn a_cursor_belongs_to_its_query() {
    let world = World::start().await;
    for number in 0..3 {
        world
            .upload(
                &media::text(&format!("Text {number}")),
                &json!({"keywords": ["one"]}),
            )
            .await;
    }
    let cursor = until("the list to have another page", async || {
        let page = world.admin.materials(&[("limit", "1")]).await;
        page["next_cursor"].as_str().map(str::to_owned)
    })
    .await;
    world
        .admin
        .list("/v1/materials", &[("limit", "1"), ("cursor", &cursor)])
        .await
        .expect(200);
    let mut forged = cursor.clone();
    forged.replace_range(5..6, if &cursor[5..6] == "A" { "B" } else { "A" });
    for (query, what) in [
        (
            vec![("cursor", cursor.as_str()), ("kind", "text")],
            "another filter",
        ),
        (
            vec![("cursor", cursor.as_str()), ("sort", "oldest")],
            "another order",
        ),
        (vec![("cursor", forged.as_str())], "a forged one"),
        (vec![("cursor", "nonsense")], "nonsense"),
        (vec![("cursor", "")], "an empty one"),
    ] {
        let refused = world.admin.list("/v1/materials", &query).await;
        assert_eq!(refused.status, 400, "{what}: {refused:?}");
        refused.problem(400, "invalid-cursor");
    }
    world
        .admin
        .list("/v1/units", &[("cursor", &cursor)])
        .await
        .problem(400, "invalid-cursor");
    for limit in ["0", "201", "-1", "many"] {
        world
            .admin
            .list("/v1/materials", &[("limit", limit)])
            .await
            .problem(400, "bad-request");
    }
}

#[tokio::test]
async fn ranges_are_served_or_refused_to_the_letter() {
    let world = World::start().await;
    let file = media::text("0123456789");
    let id = world.upload(&file, &json!({})).await;
    world.ready(&id).await;
    let path = format!("/v1/materials/{id}/original");
    for (range, status, body) in [
        ("bytes=2-4", 206, "234"),
        ("bytes=-3", 206, "789"),
        ("bytes=8-100", 206, "89"),
        ("bytes=4-2", 200, "0123456789"),
        ("bytes=x-y", 200, "0123456789"),
        ("lines=1-2", 200, "0123456789"),
    ] {
        let answer = world
            .admin
            .get_with(&path, &[("range", range)])
            .await
            .expect(status);
        assert_eq!(answer.bytes, body, "{range}");
    }
    let past = world.admin.get_with(&path, &[("range", "bytes=10-")]).await;
    assert_eq!(past.header("content-range"), "bytes */10");
    past.problem(416, "range-not-satisfiable");
    let several = world
        .admin
        .get_with(&path, &[("range", "bytes=0-1, 5-6")])
        .await
        .expect(206);
    assert!(
        several
            .header("content-type")
            .starts_with("multipart/byteranges"),
        "{several:?}"
    );
    let several = String::from_utf8_lossy(&several.bytes).into_owned();
    assert!(
        several.contains("\r\n\r\n01\r\n") && several.contains("\r\n\r\n56\r\n"),
        "{several}"
    );
    let many = format!("bytes={}", vec!["0-"; 2000].join(","));
    let flood = world.admin.get_with(&path, &[("range", &many)]).await;
    assert!(
        flood.bytes.len() < 10_000,
        "{} bytes for a file of ten",
        flood.bytes.len()
    );
    let other = world
        .admin
        .get_with(&path, &[("range", "bytes=1-"), ("if-range", "\"other\"")])
        .await
        .expect(200);
    assert_eq!(other.bytes, file.bytes);
}
