//! Bad lines: cut, dead, slow, and a server that dies.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use reqwest::Method;
use serde_json::json;

use super::{Session, begin, file, session::digest};
use crate::world::{World, until};

const MIB: usize = 1 << 20;

/// A request that is written by hand, so that it can stop anywhere.
fn send_some(session: &Session, offset: usize, length: usize, bytes: &[u8]) -> TcpStream {
    let mut line = TcpStream::connect(session.client.host()).unwrap();
    write!(
        line,
        "PATCH {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: {length}\r\n\r\n",
        session.path,
        session.client.token(),
    )
    .unwrap();
    line.write_all(bytes).unwrap();
    line
}

async fn received(session: &Session) -> i64 {
    let list = session
        .client
        .list("/v1/uploads", &[])
        .await
        .expect(200)
        .json();
    let items = list["items"].as_array().unwrap();
    let own = items
        .iter()
        .find(|item| session.path.ends_with(item["id"].as_str().unwrap()));
    own.map_or(0, |own| own["offset"].as_i64().unwrap())
}

#[tokio::test]
async fn an_upload_outlives_the_server_that_took_it() {
    let mut world = World::start().await;
    let bytes = file(1, 12 * MIB);
    let mut upload = begin(&world.admin, bytes.len()).await;
    let receiving = world
        .admin
        .get(&format!("/v1/materials/{}", upload.material))
        .await
        .expect(200);
    assert_eq!(receiving.text("/processing/state"), "receiving");
    assert_eq!(receiving.json()["original"]["sha256"], json!(null));
    let original = format!("/v1/materials/{}/original", upload.material);
    world.admin.get(&original).await.problem(409, "conflict");

    let mut at = 0;
    for part in [5 * MIB + 3, 1, 700_000] {
        let taken = upload.patch(at, &bytes[at..at + part]).await.expect(204);
        at += part;
        assert_eq!(taken.header("upload-offset"), at.to_string());
        world.restart().await;
        upload = upload.on(&world.admin);
        assert_eq!(upload.offset().await, at);
    }
    // It is described while it travels.
    let change = json!({"headline": {"uz-Cyrl": "Шаҳар ҳокими брифинги"}});
    world
        .admin
        .patch(&format!("/v1/materials/{}", upload.material), &change)
        .await
        .expect(200);
    upload.patch(at, &bytes[at..]).await.expect(204);

    let material = world.ready(&upload.material).await;
    assert_eq!(material["original"]["sha256"], digest(&bytes));
    assert_eq!(material["original"]["filename"], "Шаҳар.txt");
    assert_eq!(material["headline"]["uz-Cyrl"], "Шаҳар ҳокими брифинги");
    assert_eq!(world.admin.get(&original).await.expect(200).bytes, bytes);
    // A finished one goes on being known, and takes no more.
    assert_eq!(upload.offset().await, bytes.len());
    upload
        .patch(bytes.len(), b"more")
        .await
        .problem(413, "too-large");
    upload.patch(bytes.len(), b"").await.expect(204);
    assert!(world.server.command(&["verify"]).status.success());
}

#[tokio::test]
async fn a_line_that_breaks_loses_nothing_that_came() {
    let world = World::start().await;
    let bytes = file(2, 3 * MIB);
    let upload = begin(&world.admin, bytes.len()).await;
    let line = send_some(&upload, 0, bytes.len(), &bytes[..2 * MIB + 7]);
    drop(line);
    until("what came to be kept", async || {
        (received(&upload).await == 2 * 1_048_576 + 7).then_some(())
    })
    .await;
    let state = world
        .admin
        .get(&format!("/v1/materials/{}", upload.material))
        .await
        .expect(200);
    assert_eq!(
        state.text("/processing/state"),
        "receiving",
        "an abort is no end"
    );
    let at = upload.offset().await;
    upload.patch(at, &bytes[at..]).await.expect(204);
    let material = world.ready(&upload.material).await;
    assert_eq!(material["original"]["sha256"], digest(&bytes));
}

#[tokio::test]
async fn a_client_is_not_blocked_by_its_own_dead_connection() {
    let world = World::start().await;
    let bytes = file(3, 2 * MIB);
    let upload = begin(&world.admin, bytes.len()).await;
    // It neither sends on nor hangs up: a line whose other end is gone.
    let mut dead = send_some(&upload, 0, bytes.len(), &bytes[..MIB]);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let at = upload.offset().await;
    assert!(at <= MIB, "{at}");
    upload.patch(at, &bytes[at..]).await.expect(204);
    assert_eq!(
        world.ready(&upload.material).await["original"]["sha256"],
        digest(&bytes)
    );
    dead.set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut told = String::new();
    let _ = dead.read_to_string(&mut told);
    assert!(told.starts_with("HTTP/1.1 503"), "{told}");
}

#[tokio::test]
async fn of_two_clients_one_goes_on() {
    let world = World::start().await;
    let bytes = file(4, 4 * MIB);
    let upload = begin(&world.admin, bytes.len()).await;
    let half = bytes.len() / 2;
    let (one, two) = tokio::join!(
        upload.patch(0, &bytes[..half]),
        upload.patch(0, &bytes[..half])
    );
    let taken = [&one, &two]
        .iter()
        .filter(|answer| answer.status == 204)
        .count();
    assert!(taken <= 1, "{} and {}", one.status, two.status);
    let mut at = upload.offset().await;
    while at < bytes.len() {
        let end = bytes.len().min(at + MIB);
        upload.patch(at, &bytes[at..end]).await.expect(204);
        at = end;
    }
    assert_eq!(
        world.ready(&upload.material).await["original"]["sha256"],
        digest(&bytes)
    );
}

#[tokio::test]
async fn what_ends_takes_everything_with_it() {
    let world = World::start().await;
    let bytes = file(5, 3 * MIB);
    let before = world.server.blobs().await;
    let upload = begin(&world.admin, bytes.len()).await;
    upload.patch(0, &bytes[..MIB]).await.expect(204);
    let sending = send_some(&upload, MIB, 2 * MIB, &bytes[MIB..MIB + 1000]);
    upload.end().await.expect(204);
    upload.end().await.problem(410, "gone");
    upload.head().await.expect(410);
    upload.patch(MIB, &bytes[MIB..]).await.problem(410, "gone");
    let material = format!("/v1/materials/{}", upload.material);
    world.admin.get(&material).await.problem(404, "not-found");
    drop(sending);
    until("its bytes to go", async || {
        (world.server.blobs().await == before).then_some(())
    })
    .await;
    assert!(world.server.command(&["verify"]).status.success());
}

#[tokio::test]
async fn what_waits_too_long_is_over() {
    let world = World::with(&[("JARCHI_UPLOAD_EXPIRY", "3s")]).await;
    let before = world.server.blobs().await;
    let bytes = file(6, MIB);
    let upload = begin(&world.admin, bytes.len()).await;
    let taken = upload.patch(0, &bytes[..1000]).await.expect(204);
    let until_then = httpdate::parse_http_date(taken.header("upload-expires")).unwrap();
    assert!(until_then > std::time::SystemTime::now() - Duration::from_secs(2));
    until("the upload to be over", async || {
        (upload.head().await.status == 410).then_some(())
    })
    .await;
    upload
        .patch(1000, &bytes[1000..])
        .await
        .problem(410, "gone");
    let material = format!("/v1/materials/{}", upload.material);
    until("its material to go", async || {
        (world.admin.get(&material).await.status == 404).then_some(())
    })
    .await;
    until("its bytes to go", async || {
        (world.server.blobs().await == before).then_some(())
    })
    .await;
    // What is whole is finished whatever the clock says.
    let whole = begin(&world.admin, bytes.len()).await;
    whole.patch(0, &bytes).await.expect(204);
    world.ready(&whole.material).await;
}

#[tokio::test]
async fn a_proxy_that_knows_no_patch_is_no_hindrance() {
    let world = World::start().await;
    let bytes = file(7, 2000);
    let upload = begin(&world.admin, bytes.len()).await;
    let headers = [
        ("tus-resumable", "1.0.0"),
        ("x-http-method-override", "PATCH"),
        ("upload-offset", "0"),
        ("content-type", "application/offset+octet-stream"),
    ];
    let answer = world
        .admin
        .send(Method::POST, &upload.path, &headers, bytes.clone())
        .await;
    assert_eq!(answer.expect(204).header("upload-offset"), "2000");
    world.ready(&upload.material).await;
}

#[tokio::test]
async fn a_server_that_dies_once_the_bytes_are_sealed_finishes_later() {
    let mut world = World::with(&[("FAILPOINTS", "upload-sealed=return")]).await;
    // More than one part of a store, and a rest.
    let bytes = file(8, 9 * MIB);
    let upload = begin(&world.admin, bytes.len()).await;
    for (at, end) in [(0, 4 * MIB), (4 * MIB, 8 * MIB + 5)] {
        upload.patch(at, &bytes[at..end]).await.expect(204);
    }
    let last = upload.client.request(Method::PATCH, &upload.path);
    let last = last
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", (8 * MIB + 5).to_string())
        .header("content-type", "application/offset+octet-stream")
        .body(bytes[8 * MIB + 5..].to_vec());
    assert!(last.send().await.is_err(), "it died");
    world.server.set("FAILPOINTS", "");
    world.restart().await;
    let upload = upload.on(&world.admin);
    assert_eq!(upload.offset().await, bytes.len());
    let material = world.ready(&upload.material).await;
    assert_eq!(material["original"]["sha256"], digest(&bytes));
    assert!(world.server.stop().await.success());
    assert!(world.server.command(&["verify"]).status.success());
}
