//! The README's tour, word for word: its blocks marked `sh tour` are run by bash against a fresh `jarchi serve`, in an
//! empty folder. Only the address is another one, since the port of the README may be taken.

use std::process::{Command, Stdio};

use crate::world::Server;

const ADDRESS: &str = "http://127.0.0.1:8080";

fn tour() -> String {
    let readme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).expect("README.md");
    let blocks: Vec<&str> = readme
        .split("\n```sh tour\n")
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap_or_default())
        .collect();
    assert!(!blocks.is_empty(), "no tour in the README");
    blocks.join("\n")
}

#[tokio::test]
async fn the_tour_of_the_readme_works_as_it_is_written() {
    let server = Server::start(&[]).await;
    std::fs::write(
        server.data().join("admin-token"),
        crate::world::server::ADMIN,
    )
    .expect("the token where the tour reads it");
    let script = tour().replace(ADDRESS, server.address());
    let folder = server.folder().to_owned();
    let run = tokio::task::spawn_blocking(move || {
        Command::new("timeout")
            .args(["90", "bash", "-euo", "pipefail", "-c", &script])
            .current_dir(folder)
            .stdin(Stdio::null())
            .output()
            .expect("bash")
    })
    .await
    .expect("the tour");
    let words = format!(
        "{}{}",
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr)
    );
    assert!(run.status.success(), "{words}");
    for expected in ["<mark>", "captions.csv", "410"] {
        assert!(
            words.contains(expected),
            "no {expected} in what the tour says:\n{words}"
        );
    }
}
