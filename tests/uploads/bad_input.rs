//! What clients send that cannot be.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::json;

use super::{
    begin, file,
    session::{BYTES, RESUMABLE, create, metadata},
};
use crate::world::World;

#[tokio::test]
async fn what_cannot_be_created_is_said() {
    let world = World::with(&[("JARCHI_MAX_UPLOAD_SIZE", "100000000")]).await;
    let client = &world.admin;
    create(client, &[("upload-length", "0")])
        .await
        .problem(422, "invalid");
    create(client, &[("upload-length", "6597069766656")])
        .await
        .problem(413, "too-large");
    create(client, &[("upload-length", "100000001")])
        .await
        .problem(413, "too-large");
    create(client, &[("upload-length", "many")])
        .await
        .problem(400, "bad-request");
    create(client, &[]).await.problem(400, "bad-request");
    let said = [("upload-length", "5"), ("upload-metadata", "filename !!")];
    create(client, &said).await.problem(400, "bad-request");
    let said = metadata(
        "a.txt",
        &json!({"headline": {"xx-nonsense-": "?"}, "colour": 1}),
    );
    let fault = create(
        client,
        &[("upload-length", "5"), ("upload-metadata", &said)],
    )
    .await;
    let fault = fault.problem(422, "invalid");
    assert!(
        fault["errors"][0]["pointer"]
            .as_str()
            .unwrap()
            .starts_with("/metadata/"),
        "{fault}"
    );
    let no_json = format!("metadata {}", STANDARD.encode("{"));
    let said = [
        ("upload-length", "5"),
        ("upload-metadata", no_json.as_str()),
    ];
    create(client, &said).await.problem(400, "bad-request");
    assert_eq!(
        client.materials(&[]).await["total"],
        0,
        "nothing is left of them"
    );

    let old = client
        .send(Method::POST, "/v1/uploads", &[("upload-length", "5")], "")
        .await;
    assert_eq!(old.header("tus-version"), "1.0.0");
    old.problem(412, "unsupported-version");
    let can = client
        .send(Method::OPTIONS, "/v1/uploads", &[], "")
        .await
        .expect(204);
    assert_eq!(can.header("tus-max-size"), "100000000");
    assert_eq!(can.header("tus-resumable"), "1.0.0");
    assert!(can.header("tus-checksum-algorithm").contains("sha256"));
}

#[tokio::test]
async fn parts_that_do_not_fit_are_refused() {
    let world = World::start().await;
    let bytes = file(21, 5000);
    let upload = begin(&world.admin, bytes.len()).await;
    upload.patch(0, &bytes[..1000]).await.expect(204);
    let elsewhere = upload
        .patch(999, &bytes[999..])
        .await
        .problem(409, "conflict");
    assert_eq!(elsewhere["offset"], 1000);
    upload.patch(1000, &bytes).await.problem(413, "too-large");
    let no_type = world.admin.send(
        Method::PATCH,
        &upload.path,
        &[RESUMABLE, ("upload-offset", "1000")],
        "x",
    );
    no_type.await.problem(415, "unsupported-media-type");
    let no_offset = world
        .admin
        .send(Method::PATCH, &upload.path, &[RESUMABLE, BYTES], "x");
    no_offset.await.problem(400, "bad-request");
    for sum in ["md5 eHl6", "sha1 eHl6", "sha1 %", "sha256"] {
        let said = [("upload-checksum", sum)];
        let part = upload.patch_with(1000, &bytes[1000..], &said);
        part.await.problem(400, "bad-request");
    }
    // Chunked, so that nothing says how long it is.
    let stream =
        futures_util::stream::iter((0..10).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 1000])));
    let body = reqwest::Body::wrap_stream(stream);
    let headers = [RESUMABLE, BYTES, ("upload-offset", "1000")];
    let past = world
        .admin
        .send(Method::PATCH, &upload.path, &headers, body)
        .await;
    past.problem(413, "too-large");
    let at = upload.offset().await;
    assert_eq!(at, 1000, "none of what reached too far was taken");
    upload.patch(at, &bytes[at..]).await.expect(204);
    world.ready(&upload.material).await;
}

#[tokio::test]
async fn an_unwanted_type_ends_the_upload_at_its_first_bytes() {
    let world = World::start().await;
    let mut program = vec![0x7f, b'E', b'L', b'F', 2, 1, 1];
    program.resize(300_000, 0);
    let upload = begin(&world.admin, program.len()).await;
    // A few bytes tell nothing yet.
    upload.patch(0, &program[..3]).await.expect(204);
    upload
        .patch(3, &program[3..200_000])
        .await
        .problem(415, "unsupported-media-type");
    upload.head().await.expect(410);
    let over = world.admin.get(&upload.path).await;
    let over = over.problem(410, "gone");
    let why = over["detail"].as_str().unwrap();
    assert!(why.contains("no text, photo, sound or film"), "{why}");
    let material = format!("/v1/materials/{}", upload.material);
    world.admin.get(&material).await.problem(404, "not-found");

    let small = begin(&world.admin, 8).await;
    small
        .patch(0, &[0, 1, 2, 3, 4, 5, 6, 7])
        .await
        .problem(415, "unsupported-media-type");
}

#[tokio::test]
async fn uploads_are_their_owners_alone() {
    let world = World::start().await;
    let upload = begin(&world.admin, 100).await;
    let other = world.person("editor", None, &[]).await;
    let foreign = upload.on(&other);
    foreign.head().await.expect(404);
    foreign.patch(0, b"x").await.problem(404, "not-found");
    foreign.end().await.problem(404, "not-found");
    let list = |client: crate::world::Client| async move {
        let answer = client.list("/v1/uploads", &[]).await.expect(200).json();
        answer["items"].as_array().unwrap().len()
    };
    assert_eq!(list(other.clone()).await, 0);
    assert_eq!(list(world.admin.clone()).await, 1);
    let reader = world.person("reader", None, &["public"]).await;
    create(&reader, &[("upload-length", "5")])
        .await
        .problem(403, "forbidden");
    create(&world.public(), &[("upload-length", "5")])
        .await
        .problem(401, "unauthenticated");
    // A material that is deleted while it travels takes its upload along.
    world
        .admin
        .delete(&format!("/v1/materials/{}", upload.material))
        .await
        .expect(204);
    upload.head().await.expect(410);
    assert_eq!(list(world.admin.clone()).await, 0);
}

#[tokio::test]
async fn what_has_not_come_is_neither_published_nor_replaced() {
    let world = World::start().await;
    let upload = begin(&world.admin, 100).await;
    let path = format!("/v1/materials/{}", upload.material);
    world
        .admin
        .step("materials", &upload.material, &json!({"to": "in_review"}))
        .await
        .expect(200);
    let publish = json!({"to": "published", "patch": {"audiences": ["public"]}});
    let answer = world
        .admin
        .step("materials", &upload.material, &publish)
        .await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
    let answer = world
        .admin
        .replace(&upload.material, &crate::world::media::photo(1))
        .await;
    answer.problem(409, "conflict");
    let answer = world
        .admin
        .post(&format!("{path}/reprocess"), &json!({}))
        .await;
    answer.problem(409, "conflict");
}
