//! From what a reader of JSON says of a document to what people read: its own words are those of the code's types.

use serde_json::Value;

/// Where the fault is, below the place at which reading stopped, and what it is.
pub struct Said {
    /// A member that is missing there.
    pub missing: Option<String>,
    pub words: String,
}

/// What the reader said, of the value at which it stopped.
pub fn read(said: &str, value: Option<&Value>) -> Said {
    if let Some(name) = said.strip_prefix("missing field ").map(bare) {
        return Said {
            missing: Some(name.to_owned()),
            words: "is missing".to_owned(),
        };
    }
    Said {
        missing: None,
        words: words(said, value),
    }
}

fn words(said: &str, value: Option<&Value>) -> String {
    let (fault, wanted) = said.split_once(", expected ").unwrap_or((said, ""));
    if let Some(name) = fault.strip_prefix("unknown field ") {
        return match among(wanted) {
            known if known.is_empty() => format!("“{}” is not known here", bare(name)),
            known => format!("“{}” is not known here; known are {known}", bare(name)),
        };
    }
    if let Some(name) = fault.strip_prefix("unknown variant ") {
        return format!("is “{}”; it takes {}", bare(name), among(wanted));
    }
    if ["invalid type", "invalid value", "invalid length"]
        .iter()
        .any(|sort| fault.starts_with(sort))
    {
        let is = value.map_or_else(|| "something else".to_owned(), shown);
        return format!("is {is}, and should be {}", expected(wanted));
    }
    if said.contains("UUID") {
        return with(
            value,
            "is no id, such as 01932c6e-8f4a-7cc1-9d0b-6a3f5d2b1e70",
        );
    }
    // What is ours is words for people already; what is jiff's tells how it parses.
    if said.contains("parse") || said.contains("offset") || said.contains("timestamp") {
        return with(
            value,
            "is no moment, such as 2026-11-25T10:00:00+05:00 (RFC 3339)",
        );
    }
    said.to_owned()
}

/// `` `a` `` is a.
fn bare(quoted: &str) -> &str {
    quoted.trim_matches('`')
}

/// ``one of `a`, `b` `` is: a, b.
fn among(wanted: &str) -> String {
    let names = wanted.split('`').skip(1).step_by(2);
    names.collect::<Vec<_>>().join(", ")
}

fn with(value: Option<&Value>, words: &str) -> String {
    match value {
        Some(Value::String(text)) if text.chars().count() <= 80 => format!("“{text}” {words}"),
        _ => words.to_owned(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(_) => "a text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn expected(wanted: &str) -> &'static str {
    let holds = |word: &str| wanted.contains(word);
    if holds("UUID") {
        "an id"
    } else if holds("timestamp") || holds("RFC 3339") {
        "a moment, such as 2026-11-25T10:00:00+05:00 (RFC 3339)"
    } else if holds("struct") || holds("map") && !holds("string or map") {
        "an object"
    } else if holds("sequence") {
        "a list"
    } else if holds("boolean") {
        "true or false"
    } else if holds("f64") || holds("f32") {
        "a number"
    } else if ["u8", "u16", "u32", "u64", "usize"].contains(&wanted) {
        "a whole number from 0 on"
    } else if ["i8", "i16", "i32", "i64"].contains(&wanted) {
        "a whole number"
    } else {
        "a text"
    }
}
