//! Press texts of five languages and both scripts, and what people type to find them: other scripts and languages'
//! spellings, slips, keyboards, names, numbers and days.

use super::{ask, recall::furnished};

const TEXTS: &str = include_str!("press/texts.jsonl");
const QUERIES: &str = include_str!("press/queries.tsv");

#[tokio::test]
async fn what_people_type_finds_what_they_mean() {
    let (world, refs) = furnished(TEXTS).await;
    let (mut found, mut wanted, mut first, mut asked) = (0, 0, 0, 0);
    for line in QUERIES.lines().filter(|line| !line.starts_with('#')) {
        let (q, expected) = line.split_once('\t').unwrap();
        let hits = world.search(ask(q)).await;
        let items = hits.items.iter();
        let got: Vec<&str> = items.map(|hit| refs[&hit.id].as_str()).collect();
        let expected: Vec<&str> = expected.split(',').collect();
        let missing: Vec<&&str> = expected.iter().filter(|one| !got.contains(one)).collect();
        let soon = got.iter().take(3).any(|one| expected.contains(one));
        wanted += expected.len();
        found += expected.len() - missing.len();
        asked += 1;
        first += usize::from(soon);
        if !missing.is_empty() || !soon {
            eprintln!("{q}: without {missing:?} among {got:?} of {}", hits.total);
        }
    }
    eprintln!("recall@10: {found} of {wanted}; among the first three: {first} of {asked}");
    assert!(found * 100 >= wanted * 97, "recall@10: {found} of {wanted}");
    assert!(first * 100 >= asked * 95, "first: {first} of {asked}");
}
