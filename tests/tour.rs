//! What the README says is so. Its tour, word for word: its blocks marked `sh tour` are run by bash against a fresh
//! `jarchi serve`, in an empty folder; only the address is another one, since the port of the README may be taken. And
//! its table of formats.

use std::process::{Command, Stdio};

use crate::world::Server;

const ADDRESS: &str = "http://127.0.0.1:8080";

fn readme() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    std::fs::read_to_string(path).expect("README.md")
}

fn tour() -> String {
    let readme = readme();
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
    for expected in [
        "<mark>",
        "\"words\"",
        "<title",
        "captions.csv",
        "\"status\": 410",
    ] {
        assert!(
            words.contains(expected),
            "no {expected} in what the tour says:\n{words}"
        );
    }
}

#[test]
fn the_table_of_formats_is_the_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = Command::new(env!("CARGO_BIN_EXE_jarchi"))
        .arg("formats")
        .current_dir(folder.path())
        .output()
        .expect("the binary");
    assert!(said.status.success(), "{said:?}");
    let table = String::from_utf8(said.stdout).expect("UTF-8");
    let quoted = format!("<!-- formats -->\n{table}<!-- /formats -->");
    assert!(
        table.contains("JPEG (jpg)") && readme().contains(&quoted),
        "the README has another table of formats: run `make formats`\n{table}"
    );
}
