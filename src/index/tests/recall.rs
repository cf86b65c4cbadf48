//! Real texts in four languages, and what people type to find them. Runs where `../shared` stands beside the
//! checkout, and says so where it does not.

use std::{collections::BTreeMap, fs, path::Path};

use uuid::Uuid;

use super::{World, ask, photo, world};

#[tokio::test]
async fn the_sample_questions_find_what_they_must() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/search");
    let Ok(corpus) = fs::read_to_string(shared.join("corpus.jsonl")) else {
        eprintln!("left out: no samples at {}", shared.display());
        return;
    };
    let (world, refs) = furnished(&corpus).await;
    let queries = fs::read_to_string(shared.join("queries.tsv")).unwrap();
    let (mut found, mut wanted) = (0, 0);
    for line in queries.lines().filter(|line| !line.starts_with('#')) {
        let [q, _, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}")
        };
        let hits = world.search(ask(q)).await;
        let got: Vec<&str> = hits
            .items
            .iter()
            .map(|hit| refs[&hit.id].as_str())
            .collect();
        let missing: Vec<&str> = expected
            .split(',')
            .filter(|one| !got.contains(one))
            .collect();
        wanted += expected.split(',').count();
        found += expected.split(',').count() - missing.len();
        if !missing.is_empty() {
            eprintln!("{q}: without {missing:?} among {got:?} of {}", hits.total);
        }
    }
    eprintln!("recall@10: {found} of {wanted}");
    assert_eq!(found, wanted, "recall@10");
}

/// An index of the texts, a line of JSON each, and what the questions call them.
pub(super) async fn furnished(lines: &str) -> (World, BTreeMap<Uuid, String>) {
    let world = world();
    let mut refs = BTreeMap::new();
    let mut documents = Vec::new();
    for (number, line) in (0..).zip(lines.lines()) {
        let material: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| material[name].as_str().unwrap().to_owned();
        let mut document = photo(number, &text("language"), &text("headline"));
        document.text = Some(text("text"));
        refs.insert(document.id, text("ref"));
        documents.push(document);
    }
    world.add(documents).await;
    (world, refs)
}
