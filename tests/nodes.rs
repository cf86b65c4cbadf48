//! Many nodes on one database and one store; in the world that has them.

use serde_json::json;

use crate::{
    uploads::{begin, file},
    world::{Client, Server, World, media, server::ADMIN, stores, until},
};

const MIB: usize = 1 << 20;

/// A node that serves alone, the client of it, and one that works.
async fn nodes(world: &World) -> (Server, Client, Server) {
    let serving = world.server.beside(&["serve", "--no-worker"]).await;
    let client = Client::new(serving.address(), Some(ADMIN));
    let working = world.server.beside(&["work"]).await;
    (serving, client, working)
}

#[tokio::test]
async fn what_one_node_takes_another_finds_within_a_second() {
    if !stores::is_scaled() {
        return;
    }
    let world = World::start().await;
    let (_serving, other, _working) = nodes(&world).await;
    for number in 0..5 {
        let word = format!("сөз{number}х");
        let metadata = json!({"headline": {"ky": word}});
        let id = world
            .admin
            .upload(&media::text("Текст."), &metadata)
            .await
            .expect(201)
            .id();
        let answered = std::time::Instant::now();
        until("the other node to find it", async || {
            (other.materials(&[("q", &word)]).await["total"] == 1).then_some(())
        })
        .await;
        let took = answered.elapsed();
        assert!(took.as_millis() < 1500, "found after {took:?}");
        world.ready(&id).await;
    }
}

#[tokio::test]
async fn an_upload_goes_on_at_another_node() {
    if !stores::is_scaled() {
        return;
    }
    let mut world = World::start().await;
    world
        .server
        .may_complain_of("a hold could not be kept alive");
    let (_serving, other, _working) = nodes(&world).await;
    let bytes = file(41, 13 * MIB);
    let upload = begin(&world.admin, bytes.len()).await;
    let elsewhere = upload.on(&other);
    let mut at = 0;
    for (number, part) in [3 * MIB, 5 * MIB + 17, 1].into_iter().enumerate() {
        let node = if number % 2 == 0 { &upload } else { &elsewhere };
        node.patch(at, &bytes[at..at + part]).await.expect(204);
        at += part;
        assert_eq!(upload.offset().await, at);
    }
    // The node that has it dies in the middle of a part; its lease runs out, and the other goes on.
    let dying = upload.clone();
    let rest = bytes[at..].to_vec();
    let sending = tokio::spawn(async move {
        let stream = futures_util::stream::unfold(rest, |mut rest| async move {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            let more = rest.split_off(rest.len().min(200_000));
            Some((Ok::<_, std::io::Error>(rest), more))
        });
        let request = dying.client.request(reqwest::Method::PATCH, &dying.path);
        let request = request
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", at.to_string())
            .header("content-type", "application/offset+octet-stream")
            .body(reqwest::Body::wrap_stream(stream));
        request.send().await.is_err()
    });
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    world.server.kill();
    assert!(sending.await.unwrap(), "the node is gone");
    let there = elsewhere.offset().await;
    assert!(there >= at, "{there} of {at}");
    elsewhere.patch(there, &bytes[there..]).await.expect(204);
    let path = format!("/v1/materials/{}", upload.material);
    let material = until("the material to be ready", async || {
        let material = other.get(&path).await.expect(200).json();
        (material["processing"]["state"] == "ready").then_some(material)
    })
    .await;
    assert_eq!(
        material["original"]["sha256"],
        crate::uploads::digest(&bytes)
    );
}

#[tokio::test]
async fn the_work_of_a_worker_that_is_killed_is_done_by_another() {
    if !stores::is_scaled() {
        return;
    }
    let world = World::start().await;
    let (_serving, other, mut working) = nodes(&world).await;
    let id = other
        .upload(&media::long_film(), &json!({}))
        .await
        .expect(201)
        .id();
    let path = format!("/v1/materials/{id}");
    until("the work to begin", async || {
        let material = other.get(&path).await.expect(200).json();
        (material["processing"]["state"] == "running").then_some(())
    })
    .await;
    working.kill();
    world.ready(&id).await;
}

#[tokio::test]
async fn a_rolling_restart_drops_no_request() {
    if !stores::is_scaled() {
        return;
    }
    let world = World::start().await;
    let (mut serving, client, _working) = nodes(&world).await;
    let slow = client.clone();
    let bytes = file(42, 2 * MIB);
    let sent = bytes.clone();
    // A form that takes three seconds to arrive.
    let form = tokio::spawn(async move {
        let stream = futures_util::stream::unfold(sent, |mut rest| async move {
            if rest.is_empty() {
                return None;
            }
            tokio::time::sleep(std::time::Duration::from_millis(120)).await;
            let more = rest.split_off(rest.len().min(100_000));
            Some((Ok::<_, std::io::Error>(rest), more))
        });
        let part =
            reqwest::multipart::Part::stream(reqwest::Body::wrap_stream(stream)).file_name("a.txt");
        let form = reqwest::multipart::Form::new().part("file", part);
        let request = slow
            .request(reqwest::Method::POST, "/v1/materials")
            .multipart(form);
        request.send().await.expect("an answer").status().as_u16()
    });
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(serving.stop().await.success());
    assert_eq!(form.await.unwrap(), 201);
}

/// What a reader of the bucket itself gets under the key of an address.
const BOTO3: &str = r#"
import boto3, hashlib, sys, urllib.parse
from botocore.config import Config
address = urllib.parse.urlparse(sys.argv[1])
bucket, key = address.path.lstrip("/").split("/", 1)
s3 = boto3.client("s3", endpoint_url=f"{address.scheme}://{address.netloc}", aws_access_key_id="jarchi",
  aws_secret_access_key="jarchi-secret", region_name="us-east-1", config=Config(s3={"addressing_style": "path"}))
print(hashlib.sha256(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).hexdigest())
"#;

#[tokio::test]
async fn what_is_public_is_read_from_the_store_itself() {
    if !stores::is_scaled() {
        return;
    }
    let world = World::with(&[("JARCHI_STORAGE_REDIRECTS", "true")]).await;
    let text = media::text("What everybody may read.");
    let id = world
        .published(&text, &json!({"audiences": ["public"]}))
        .await;
    let path = format!("/v1/materials/{id}/original");
    let here = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let here = here.no_proxy().build().unwrap();
    let sent = here
        .get(format!("{}{path}", world.server.address()))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (sent.status().as_u16(), &sent.headers()["cache-control"]),
        (307, &"no-store".parse().unwrap())
    );
    let address = sent.headers()["location"].to_str().unwrap().to_owned();
    assert!(address.contains("X-Amz-Expires=60"), "{address}");
    let there = here
        .get(&address)
        .header("range", "bytes=5-13")
        .send()
        .await
        .unwrap();
    assert_eq!(there.status(), 206);
    assert_eq!(there.bytes().await.unwrap(), "everybody");
    let python = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("seaweedfs/bin/python");
    let read = std::process::Command::new(python)
        .args(["-c", BOTO3, &address])
        .output()
        .unwrap();
    let sum = String::from_utf8_lossy(&read.stdout).trim().to_owned();
    assert_eq!(
        sum,
        crate::uploads::digest(&text.bytes),
        "{}",
        String::from_utf8_lossy(&read.stderr)
    );

    // What is not for everybody never leaves by that way.
    let draft = world.upload(&media::text("Not yet."), &json!({})).await;
    world.ready(&draft).await;
    let own = here.get(format!(
        "{}/v1/materials/{draft}/original",
        world.server.address()
    ));
    assert_eq!(own.bearer_auth(ADMIN).send().await.unwrap().status(), 200);
}
