//! The clients of others, cut off and continued.

use std::{path::Path, process::Command};

use super::{file, session::digest};
use crate::world::{World, server::ADMIN};

/// Sends a part of the file with one client object, forgets it, and goes on with another, as after a crash.
const TUSPY: &str = r#"
import sys
from tusclient import client
url, token, path, chunk = sys.argv[1:5]
tus = client.TusClient(url + "/v1/uploads", headers={"Authorization": "Bearer " + token})
first = tus.uploader(path, chunk_size=int(chunk), metadata={"filename": "tuspy.txt"}, upload_checksum=False)
first.upload_chunk()
first.upload_chunk()
again = tus.uploader(path, chunk_size=int(chunk), url=first.url, upload_checksum=True)
assert again.offset == 2 * int(chunk), again.offset
again.upload()
print(first.url)
"#;

const TUS_JS: &str = r#"
const tus = require("tus-js-client"), fs = require("fs")
const [url, token, path, chunk] = process.argv.slice(1)
const options = {
  endpoint: url + "/v1/uploads", headers: {Authorization: "Bearer " + token}, chunkSize: +chunk,
  metadata: {filename: "tus-js.txt"}, retryDelays: [0, 100, 500], parallelUploads: 1,
  onError: error => { console.error(error); process.exit(1) },
}
const bytes = fs.readFileSync(path)
const first = new tus.Upload(bytes, {...options, onProgress: sent => {
  if (sent > 2.5 * chunk && !first.cut) {
    first.cut = true
    first.abort().then(() => {
      const again = new tus.Upload(bytes, {...options, uploadUrl: first.url, onSuccess: () => console.log(first.url)})
      again.start()
    })
  }
}})
first.start()
"#;

/// Parts side by side, put together at the end.
const TUS_JS_PARALLEL: &str = r#"
const tus = require("tus-js-client"), fs = require("fs")
const [url, token, path] = process.argv.slice(1)
const upload = new tus.Upload(fs.readFileSync(path), {
  endpoint: url + "/v1/uploads", headers: {Authorization: "Bearer " + token}, parallelUploads: 3,
  metadata: {filename: "parallel.txt"}, onError: error => { console.error(error); process.exit(1) },
  onSuccess: () => console.log(upload.url),
})
upload.start()
"#;

fn tools(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

async fn sent_by(world: &World, mut program: Command, bytes: &[u8]) {
    let path = world.server.folder().join("sent.txt");
    std::fs::write(&path, bytes).unwrap();
    program
        .arg(world.server.address())
        .arg(ADMIN)
        .arg(&path)
        .arg("1000000");
    let ended = tokio::task::spawn_blocking(move || program.output())
        .await
        .unwrap();
    let ended = ended.expect("the program");
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let said = String::from_utf8_lossy(&ended.stdout);
    let url = said.trim().lines().last().expect("an address");
    let path = url.trim_start_matches(world.server.address());
    let head = [("tus-resumable", "1.0.0")];
    let head = world
        .admin
        .send(reqwest::Method::HEAD, path, &head, "")
        .await
        .expect(200);
    let material = world.ready(head.header("jarchi-material")).await;
    assert_eq!(material["original"]["sha256"], digest(bytes));
}

#[tokio::test]
async fn tuspy_goes_on_after_a_cut() {
    let world = World::start().await;
    let mut python = Command::new(tools("seaweedfs/bin/python"));
    python.args(["-c", TUSPY]);
    sent_by(&world, python, &file(31, 7_300_000)).await;
}

#[tokio::test]
async fn tus_js_client_goes_on_after_a_cut() {
    let world = World::start().await;
    sent_by(&world, node(TUS_JS), &file(32, 7_300_000)).await;
}

#[tokio::test]
async fn tus_js_client_sends_parts_side_by_side() {
    let world = World::start().await;
    sent_by(&world, node(TUS_JS_PARALLEL), &file(33, 4_300_000)).await;
}

fn node(script: &str) -> Command {
    let mut node = Command::new("node");
    node.current_dir(tools("tus")).args(["-e", script, "--"]);
    node
}
