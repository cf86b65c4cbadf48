//! Words that are poured into windows find what each by itself says, whatever is asked of them in between.

use std::collections::BTreeMap;

use tantivy::{
    DocSet, TERMINATED, Term, doc,
    query::{Query, Weight},
    schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
};

use super::super::{
    sight::{Knowledge, Units, Viewer},
    union::{Sought, Union},
};

const DOCS: u32 = 11_000;

/// Whether a term stands in a material.
type Stands = fn(u32) -> bool;

/// How often each term stands: everywhere but at the end, now and then, hardly ever, and at the end alone.
const STANDS: [(&str, Stands); 5] = [
    ("half", |doc| doc % 2 == 0 && doc < 9_000),
    ("third", |doc| doc % 3 == 0),
    ("some", |doc| doc.wrapping_mul(2_654_435_761) >> 22 == 7),
    ("few", |doc| doc % 1_999 == 77),
    ("late", |doc| doc > 10_900),
];

struct Made {
    index: tantivy::Index,
    field: tantivy::schema::Field,
}

fn made() -> Made {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_index_option(IndexRecordOption::WithFreqs);
    let field = schema.add_text_field(
        "words",
        TextOptions::default().set_indexing_options(indexing),
    );
    let index = tantivy::Index::create_in_ram(schema.build());
    let mut writer = index
        .writer_with_num_threads(1, 50_000_000)
        .expect("a writer");
    for at in 0..DOCS {
        let words = STANDS.iter().filter(|(_, stands)| stands(at));
        let words: Vec<&str> = words.map(|(word, _)| *word).collect();
        writer
            .add_document(doc!(field => words.join(" ")))
            .expect("to be added");
    }
    writer.commit().expect("a commit");
    writer.wait_merging_threads().expect("an end");
    Made { index, field }
}

impl Made {
    /// A word in some forms, each of which says one more than the one before.
    fn word(&self, forms: &[&str]) -> Box<dyn Query> {
        let viewer = std::sync::Arc::new(Viewer::new(Vec::new(), Units::All, 0));
        let sought = (1_u8..).zip(forms).map(|(score, form)| Sought {
            term: Term::from_field_text(self.field, form),
            score: f32::from(score),
            each: 0.0,
            known: Knowledge::Material,
        });
        Box::new(Union::of(sought, &viewer))
    }
}

/// What at least so many of the words say of each material, by the table alone.
fn expected(words: &[&[&str]], least: usize) -> BTreeMap<u32, f32> {
    let says = |at: u32, forms: &&[&str]| {
        let forms = (1_u8..).zip(forms.iter());
        let there = forms.filter(|(_, form)| {
            let mut terms = STANDS.iter();
            terms.any(|(term, stands)| term == *form && stands(at))
        });
        there.map(|(score, _)| f32::from(score)).last()
    };
    (0..DOCS)
        .filter_map(|at| {
            let said: Vec<f32> = words.iter().filter_map(|word| says(at, word)).collect();
            (said.len() >= least).then(|| (at, said.iter().sum()))
        })
        .collect()
}

#[test]
fn what_is_poured_is_what_each_word_says() {
    let made = made();
    let searcher = made.index.reader().expect("a reader").searcher();
    let words: [&[&str]; 4] = [&["half", "few"], &["third"], &["some", "late"], &["late"]];
    let [segment] = searcher.segment_readers() else {
        panic!("more than one segment");
    };
    for (number, least) in [
        (1, 1),
        (2, 1),
        (2, 2),
        (3, 2),
        (3, 3),
        (4, 2),
        (4, 3),
        (4, 4),
    ] {
        let words = &words[..number];
        let leaves: Vec<Box<dyn Query>> = words.iter().map(|word| made.word(word)).collect();
        let union = Union::at_least(&leaves, least).expect("all are unions");
        let expected = expected(words, least);
        let mut found = BTreeMap::new();
        let mut keep = |doc, score| {
            found.insert(doc, score);
        };
        union.for_each(segment, &mut keep).expect("to be found");
        assert_eq!(found, expected, "{number} words, {least} wanted");
        let mut walk = union.scorer(segment, 1.0).expect("a scorer");
        let (mut target, mut leap) = (0, 1);
        while walk.doc() != TERMINATED {
            let next = expected.range(target..).next();
            assert_eq!(Some((&walk.doc(), &walk.score())), next, "from {target} on");
            // A step, and a leap, of any length.
            target = walk.doc() + 1;
            if leap % 2 == 0 {
                walk.advance();
            } else {
                target += leap;
                walk.seek(target);
            }
            leap = leap * 7 % 4_999 + 1;
        }
        assert_eq!(expected.range(target..).next(), None, "after {target}");
    }
}
