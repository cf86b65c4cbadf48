//! The product's sources as the rules read them: text, less comments and tests, and the modules that it names.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A source, with its path below `src/` and the module of `lib.rs` that it belongs to.
pub struct Source {
    pub path: String,
    pub module: String,
    pub text: String,
}

impl Source {
    /// What runs in production: what stands before the tests, comments as empty lines.
    pub fn code(&self) -> String {
        let mut marks = self.text.match_indices("#[cfg(test)]\n");
        let tests = marks.find(|(at, mark)| {
            let next = self.text[at + mark.len()..].lines().next();
            next.is_some_and(|line| line.contains("mod ") && line.ends_with('{'))
        });
        let end = tests.map_or(self.text.len(), |(at, _)| at);
        let comment = |line: &str| line.trim_start().starts_with("//");
        let lines = self.text[..end].lines();
        lines
            .map(|line| {
                if comment(line) {
                    "\n".to_owned()
                } else {
                    format!("{line}\n")
                }
            })
            .collect()
    }

    /// The modules that stand after `crate::`, alone or in a list, each with its line.
    pub fn names(&self) -> Vec<(usize, String)> {
        let code = self.code();
        let places = code.match_indices("crate::");
        let named = places.flat_map(|(at, word)| {
            let line = code[..at].lines().count();
            heads(&code[at + word.len()..])
                .into_iter()
                .map(move |name| (line, name))
        });
        named.collect()
    }

    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

/// Every source of the product.
pub fn all() -> Vec<Source> {
    let mut sources = Vec::new();
    walk(&root().join("src"), &mut sources);
    assert!(
        sources.len() > 50,
        "the sources are not where they are looked for"
    );
    sources
}

/// What `lib.rs` declares: the modules in their order, each with the sort that its part of the table is headed by.
pub fn modules() -> Vec<(String, String)> {
    let table = fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs");
    let mut sort = String::new();
    let mut modules = Vec::new();
    for line in table.lines() {
        let heading = ["Nouns", "Verbs", "Roles"];
        let heading = heading
            .into_iter()
            .find(|sort| line.starts_with(&format!("// {sort}:")));
        if let Some(heading) = heading {
            heading.clone_into(&mut sort);
        } else if let Some(name) = line.strip_prefix("pub mod ") {
            modules.push((name.trim_end_matches(';').to_owned(), sort.clone()));
        }
    }
    modules
}

/// `a::b` is headed by `a`; `{a::{b, c}, d}` by `a` and `d`.
fn heads(path: &str) -> Vec<String> {
    let Some(list) = path.strip_prefix('{') else {
        return vec![word(path)];
    };
    let (mut depth, mut fresh, mut heads) = (0, true, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            _ if fresh && is_word(letter) => {
                heads.push(word(&list[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| is_word(*letter)).collect()
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn walk(folder: &Path, into: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path
                .strip_prefix(root().join("src"))
                .expect("a path below src");
            let below = below.to_str().expect("a path in UTF-8").to_owned();
            let module = word(&below);
            let text = fs::read_to_string(&path).expect("a source in UTF-8");
            into.push(Source {
                path: below,
                module,
                text,
            });
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

#[test]
fn lists_are_read_to_their_end() {
    assert_eq!(
        heads("{\n    a::{\n        b,\n        c,\n    },\n    d,\n};\nuse e;"),
        ["a", "d"]
    );
    assert_eq!(heads("jobs::Job::new()"), ["jobs"]);
}
