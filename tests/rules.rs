//! The rules of the house, held by reading the sources: the order of `lib.rs` is law, steps never name each other, one
//! door for each heavy dependency, small files, short functions, nothing hidden in globs or panics.

mod sources;

use sources::Source;

/// In lines.
const LONGEST_FILE: usize = 500;
const LONGEST_FUNCTION: usize = 60;
const LONGEST_INTRODUCTION: usize = 8;

/// Who may name what.
const DOORS: [(&str, &str); 13] = [
    ("argon2::", "bundle"),
    ("askama::", "portal"),
    ("tantivy::", "index"),
    ("ffmpeg_next", "media"),
    ("image::", "media"),
    ("hayro", "media"),
    ("moxcms::", "media"),
    ("fast_image_resize", "media"),
    ("actix_web::", "api"),
    ("actix_multipart", "api"),
    ("utoipa_actix_web", "api"),
    ("std::env::var", "config"),
    ("env::vars", "config"),
];

/// What stands nowhere in production, and why.
const NEVER: [(&str, &str); 5] = [
    (".unwrap()", "says nothing of why it cannot happen"),
    ("todo!(", "is a stub"),
    ("unimplemented!(", "is a stub"),
    ("dbg!(", "is for the desk"),
    (" println!(", "belongs to the command line"),
];

#[test]
fn a_module_names_only_what_is_declared_above_it() {
    let modules = sources::modules();
    let place = |name: &str| modules.iter().position(|(module, _)| module == name);
    let is_step = |at: usize| modules[at].1 == "Verbs";
    assert!(
        place("error") < place("upload") && place("upload").is_some_and(is_step),
        "{modules:?}"
    );
    let mut broken = Vec::new();
    for source in sources::all()
        .iter()
        .filter(|source| !["lib", "main", "bin"].contains(&source.module.as_str()))
    {
        let Some(own) = place(&source.module) else {
            broken.push(format!("{}: not in lib.rs", source.path));
            continue;
        };
        for (line, name) in source.names() {
            let Some(other) = place(&name) else { continue };
            if other > own {
                broken.push(format!(
                    "{}:{line}: names {name}, which stands below it",
                    source.path
                ));
            } else if other != own && is_step(own) && is_step(other) {
                broken.push(format!(
                    "{}:{line}: a step names the step {name}",
                    source.path
                ));
            }
        }
    }
    held(&broken);
}

#[test]
fn one_door_for_each_heavy_dependency() {
    let mut broken = Vec::new();
    for source in sources::all() {
        for (at, line) in (1..).zip(source.code().lines()) {
            let words = line.split(|letter: char| {
                !(letter.is_alphanumeric() || letter == '_' || letter == ':')
            });
            for word in words {
                // What a test is told by whoever starts it is no setting.
                let is_told = |name: &str| source.is_test() && name.contains("env::var");
                let passed = DOORS.iter().find(|(name, door)| {
                    word.starts_with(name) && source.module != *door && !is_told(name)
                });
                broken.extend(
                    passed.map(|(name, door)| {
                        format!("{}:{at}: {name} belongs to {door}", source.path)
                    }),
                );
            }
        }
    }
    held(&broken);
}

#[test]
fn files_and_functions_fit_on_a_page() {
    let mut broken = Vec::new();
    for source in sources::all() {
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            broken.push(format!("{}: {lines} lines", source.path));
        }
        if !source.is_test() {
            let long = functions(&source)
                .into_iter()
                .filter(|(_, lines)| *lines > LONGEST_FUNCTION);
            broken.extend(
                long.map(|(at, lines)| {
                    format!("{}:{at}: a function of {lines} lines", source.path)
                }),
            );
        }
    }
    held(&broken);
}

/// Each function's first line and its length, told by rustfmt's indents; functions in functions count with the outer.
fn functions(source: &Source) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    for (at, line) in (1..).zip(source.code().lines()) {
        let indent = line.len() - line.trim_start().len();
        if open.is_none() && begins_a_function(line.trim()) {
            open = Some((at, indent));
        }
        if let Some((start, _)) = open.filter(|(_, depth)| indent == *depth && line.trim() == "}") {
            found.push((start, at - start + 1));
            open = None;
        }
    }
    found
}

fn begins_a_function(line: &str) -> bool {
    let within = line
        .strip_prefix("pub(")
        .and_then(|rest| rest.split_once(") "));
    let line = within.map_or(line, |(_, rest)| rest);
    let mut words = line
        .split('(')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let before = ["pub", "async", "const", "unsafe", "extern"];
    let first = words.find(|word| !before.contains(word));
    first == Some("fn") && !line.ends_with([';', '}'])
}

#[test]
fn nothing_is_hidden() {
    let mut broken = Vec::new();
    for source in sources::all().iter().filter(|source| !source.is_test()) {
        for (at, line) in (1..).zip(source.code().lines()) {
            let import = line.trim_start().trim_start_matches("pub ");
            if import.starts_with("use ") && import.contains("::*") {
                broken.push(format!("{}:{at}: a glob import", source.path));
            }
            let found = NEVER.iter().filter(|(words, _)| line.contains(words));
            broken.extend(found.map(|(words, why)| format!("{}:{at}: {words} {why}", source.path)));
        }
    }
    held(&broken);
}

#[test]
fn every_module_says_what_it_is_in_at_most_eight_lines() {
    let mut broken = Vec::new();
    for source in sources::all().iter().filter(|source| !source.is_test()) {
        let lines = source
            .text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .count();
        if !(1..=LONGEST_INTRODUCTION).contains(&lines) {
            broken.push(format!("{}: {lines} lines about itself", source.path));
        }
    }
    held(&broken);
}

fn held(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}
