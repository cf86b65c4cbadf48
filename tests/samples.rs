//! Real files, where a folder of them stands beside the checkout (`../shared/samples`): each gets ready, or is refused
//! or fails with a reason. Where the folder is not there, the run says so.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::world::{File, World};

const KINDS: [&str; 4] = ["photo", "video", "audio", "text"];

fn samples() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    path.is_dir().then_some(path)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

/// Every sample that is no broken one, where there are any.
pub fn all() -> Vec<PathBuf> {
    let folders = samples()
        .into_iter()
        .flat_map(|samples| KINDS.map(|kind| samples.join(kind)));
    folders.flat_map(|folder| files(&folder)).collect()
}

async fn outcome(world: &World, path: &Path) -> Result<Value, String> {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name in UTF-8");
    let bytes = fs::read(path).expect("a sample");
    let answer = world
        .admin
        .upload(
            &File::new(name, "application/octet-stream", bytes),
            &json!({}),
        )
        .await;
    if answer.status != 201 {
        assert!(matches!(answer.status, 415 | 422), "{name}: {answer:?}");
        return Err(answer.json()["detail"].to_string());
    }
    let material = world.settled(&answer.id()).await;
    match material["processing"]["state"].as_str() {
        Some("ready") => Ok(material),
        _ => Err(material["processing"]["problem"]
            .as_str()
            .expect("a reason")
            .to_owned()),
    }
}

#[tokio::test]
async fn real_files_get_ready_or_say_why_not() {
    let Some(samples) = samples() else {
        eprintln!("no ../shared/samples beside the checkout: real files were left out");
        return;
    };
    let world = World::start().await;
    let mut broken = Vec::new();
    for kind in KINDS {
        for path in files(&samples.join(kind)) {
            match outcome(&world, &path).await {
                Ok(material) if material["kind"] != kind => {
                    broken.push(format!("{}: {}", path.display(), material["kind"]));
                }
                Ok(_) => {}
                Err(reason) => broken.push(format!("{}: {reason}", path.display())),
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
    for path in files(&samples.join("broken")) {
        if let Err(reason) = outcome(&world, &path).await {
            assert!(
                reason.contains(' ') && !reason.contains("::"),
                "{}: {reason}",
                path.display()
            );
        }
    }
    world.public().get("/readyz").await.expect(200);
}
