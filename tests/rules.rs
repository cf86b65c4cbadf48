//! The rules of the house, held by reading the sources: the order of `lib.rs` is law, steps never name each other, one
//! door for each heavy dependency, small files, short functions, nothing hidden in globs or panics.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// In lines.
const LONGEST_FILE: usize = 500;
const LONGEST_FUNCTION: usize = 60;

/// A source of the product, with its path below `src/` and the module of `lib.rs` that it belongs to.
struct Source {
    path: String,
    module: String,
    text: String,
}

impl Source {
    /// The lines that run in production, with their numbers: what stands before the tests, less comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut marks = self.text.match_indices("#[cfg(test)]\n");
        let module = marks.find(|(at, mark)| {
            let next = self.text[at + mark.len()..].lines().next();
            next.is_some_and(|line| line.contains("mod ") && line.ends_with('{'))
        });
        let end = module.map_or(self.text.len(), |(at, _)| at);
        let lines = self.text[..end]
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    walk(&root().join("src"), &mut sources);
    assert!(
        sources.len() > 50,
        "the sources are not where they are looked for"
    );
    sources
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
            let module = below
                .split(['/', '.'])
                .next()
                .expect("a first part")
                .to_owned();
            let text = fs::read_to_string(&path).expect("a source in UTF-8");
            into.push(Source {
                path: below,
                module,
                text,
            });
        }
    }
}

/// Each module of `lib.rs`: where it stands, and whether under nouns, verbs or roles.
fn modules() -> BTreeMap<String, (usize, String)> {
    let table = fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs");
    let mut sort = String::new();
    let mut modules = BTreeMap::new();
    for line in table.lines() {
        if let Some(caption) = line.strip_prefix("// ") {
            caption
                .split(':')
                .next()
                .unwrap_or_default()
                .clone_into(&mut sort);
        } else if let Some(name) = line
            .strip_prefix("pub mod ")
            .and_then(|rest| rest.strip_suffix(';'))
        {
            modules.insert(name.to_owned(), (modules.len(), sort.clone()));
        }
    }
    modules
}

/// What a line names after `crate::`.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let after = line.split("crate::").skip(1);
    after.map(|rest| {
        rest.split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .next()
            .unwrap_or_default()
    })
}

fn held(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn a_module_names_only_what_is_declared_above_it() {
    let modules = modules();
    assert!(
        modules.contains_key("error") && modules.contains_key("api"),
        "{modules:?}"
    );
    let mut broken = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| !matches!(source.module.as_str(), "lib" | "main"))
    {
        let Some((own, sort)) = modules.get(&source.module) else {
            broken.push(format!("{}: not in lib.rs", source.path));
            continue;
        };
        // Lists such as `use crate::{a, b}` are read line by line: their names stand at the start of a line.
        let mut in_list = false;
        for (at, line) in source.code() {
            let opened = line.contains("use crate::{");
            let inner = if opened {
                line.split("crate::{").nth(1).unwrap_or_default()
            } else {
                line
            };
            let listed = (opened || in_list)
                .then(|| top_names(inner))
                .unwrap_or_default();
            in_list = (opened || in_list) && !line.contains("};");
            for name in named(line).chain(listed.iter().map(String::as_str)) {
                let Some((other, other_sort)) = modules.get(name) else {
                    continue;
                };
                if other > own {
                    broken.push(format!(
                        "{}:{at}: names {name}, which stands below {}",
                        source.path, source.module
                    ));
                }
                if sort == "Verbs" && other_sort == "Verbs" && other != own {
                    broken.push(format!(
                        "{}:{at}: the step {} names the step {name}",
                        source.path, source.module
                    ));
                }
            }
        }
    }
    held(&broken);
}

/// `access::{self, Caller}, db,` names `access` and `db`.
fn top_names(list: &str) -> Vec<String> {
    let mut depth = 0_u32;
    let mut names = vec![String::new()];
    let mut in_path = false;
    for letter in list.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                names.push(String::new());
                in_path = false;
            }
            ':' => in_path = true,
            _ if depth == 0 && !in_path && !letter.is_whitespace() => {
                names.last_mut().expect("one name at least").push(letter);
            }
            _ => {}
        }
    }
    names
}

#[test]
fn one_door_for_each_heavy_dependency() {
    let doors = [
        ("tantivy::", &["index"][..]),
        ("ffmpeg_next", &["media"]),
        ("image::", &["media"]),
        ("hayro", &["media"]),
        ("moxcms::", &["media"]),
        ("fast_image_resize", &["media"]),
        ("actix_web::", &["api"]),
        ("actix_multipart", &["api"]),
        ("utoipa_actix_web", &["api"]),
        ("std::env::var", &["config"]),
        ("env::vars_os", &["config"]),
    ];
    let mut broken = Vec::new();
    for source in sources() {
        for (at, line) in source.code() {
            let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            for word in words {
                let through = doors.iter().find(|(name, _)| word.starts_with(name));
                if let Some((name, doors)) =
                    through.filter(|(_, doors)| !doors.contains(&source.module.as_str()))
                {
                    broken.push(format!(
                        "{}:{at}: {name} belongs to {}",
                        source.path,
                        doors.join(", ")
                    ));
                }
            }
        }
    }
    held(&broken);
}

#[test]
fn files_and_functions_fit_on_a_page() {
    let mut broken = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            broken.push(format!("{}: {lines} lines", source.path));
        }
        if source.is_test() {
            continue;
        }
        let mut open: Option<(usize, usize)> = None;
        for (at, line) in source.code() {
            let indent = line.len() - line.trim_start().len();
            if is_function(line.trim_start()) && open.is_none() && !line.ends_with('}') {
                open = Some((at, indent));
            }
            match open {
                Some((start, depth))
                    if indent == depth && matches!(line.trim(), "}" | ");" | ";") =>
                {
                    if at - start + 1 > LONGEST_FUNCTION {
                        broken.push(format!(
                            "{}:{start}: a function of {} lines",
                            source.path,
                            at - start + 1
                        ));
                    }
                    open = None;
                }
                _ => {}
            }
        }
    }
    held(&broken);
}

fn is_function(line: &str) -> bool {
    let words = line.split('(').next().unwrap_or_default();
    let mut words = words.split_whitespace().skip_while(|word| {
        matches!(*word, "pub" | "async" | "const" | "unsafe" | "extern") || word.starts_with("pub(")
    });
    words.next() == Some("fn") && !line.ends_with(';')
}

#[test]
fn nothing_is_hidden() {
    let never = [
        (".unwrap()", "says nothing of why it cannot happen"),
        ("todo!(", "is a stub"),
        ("unimplemented!(", "is a stub"),
        ("dbg!(", "is for the desk"),
        (" println!(", "belongs to the command line"),
    ];
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        for (at, line) in source.code() {
            let import = line.trim_start();
            if (import.starts_with("use ") || import.starts_with("pub use "))
                && import.contains("::*")
            {
                broken.push(format!("{}:{at}: a glob import", source.path));
            }
            let speaks = matches!(source.module.as_str(), "main" | "cli");
            for (words, why) in never {
                if line.contains(words) && !(speaks && words == " println!(") {
                    broken.push(format!("{}:{at}: {words} {why}", source.path));
                }
            }
        }
    }
    held(&broken);
}

#[test]
fn every_module_says_what_it_is_in_at_most_eight_lines() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        match source
            .text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .count()
        {
            0 => broken.push(format!("{}: no word about itself", source.path)),
            1..=8 => {}
            lines => broken.push(format!("{}: {lines} lines about itself", source.path)),
        }
    }
    held(&broken);
}
