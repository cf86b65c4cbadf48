//! JSON documents that people send: read strictly, merged into what is there (RFC 7396), and compared with it. In come
//! values as they were parsed; out come typed bodies, or a refusal (422) that points at the member at fault.

mod words;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use crate::error::{Code, Error, Result};

/// The body as `T`. A member that is unknown, missing or of the wrong type is a refusal with its JSON pointer.
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T> {
    // A list would fill the members in their order.
    if value.is_array() {
        return Err(Error::invalid(
            "",
            "The body is a list, and should be an object",
        ));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut pointer = pointer(error.path());
        let said = words::read(&error.inner().to_string(), value.pointer(&pointer));
        if let Some(name) = said.missing {
            step(&mut pointer, &name);
        }
        let words = if pointer.is_empty() {
            format!("The body {}", said.words)
        } else {
            said.words
        };
        Error::invalid(pointer, words)
    })
}

/// The document with the merge patch laid over it, read strictly.
///
/// # Errors
/// A bad request where the patch is no object; else as [`read`].
pub fn merge<T: Serialize + DeserializeOwned>(document: &T, patch: &Value) -> Result<T> {
    if !patch.is_object() {
        return Err(Error::refused(
            Code::BadRequest,
            "A merge patch is a JSON object.",
        ));
    }
    let document =
        serde_json::to_value(document).map_err(|error| Error::internal("a merge patch", error))?;
    read(&merged(document, patch))
}

/// RFC 7396 section 2: null removes, objects go deep, all else replaces.
fn merged(target: Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else {
        return patch.clone();
    };
    let mut members = match target {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (name, change) in changes {
        if change.is_null() {
            members.shift_remove(name);
        } else {
            let before = members.get(name).cloned().unwrap_or(Value::Null);
            members.insert(name.clone(), merged(before, change));
        }
    }
    Value::Object(members)
}

/// The members in which two states of a thing differ, as [`changed`] names them.
pub fn changed_between<T: Serialize>(before: &T, after: &T) -> Result<Vec<String>> {
    let value = |state: &T| {
        serde_json::to_value(state).map_err(|error| Error::internal("a comparison", error))
    };
    Ok(changed(&value(before)?, &value(after)?))
}

/// The members in which two documents differ, such as `starts_at` and `name.en`: objects one level deep. Null and
/// nothing are the same.
pub fn changed(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for name in names(before, after) {
        let (was, is) = (&before[name], &after[name]);
        if was == is {
            continue;
        }
        let within = names(was, is);
        if within.is_empty() {
            found.push(name.to_owned());
        }
        let differing = within.into_iter().filter(|part| was[*part] != is[*part]);
        found.extend(differing.map(|part| format!("{name}.{part}")));
    }
    found
}

fn names<'a>(before: &'a Value, after: &'a Value) -> Vec<&'a str> {
    let of = |value: &'a Value| value.as_object().into_iter().flat_map(Map::keys);
    let mut names: Vec<&str> = of(before).map(String::as_str).collect();
    let new = of(after).filter(|name| before.get(name.as_str()).is_none());
    names.extend(new.map(String::as_str));
    names
}

/// A JSON pointer (RFC 6901).
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                step(&mut pointer, &index.to_string());
            }
            Segment::Map { key } | Segment::Enum { variant: key } => {
                step(&mut pointer, key);
            }
            Segment::Unknown => {}
        }
    }
    pointer
}

fn step(pointer: &mut String, name: &str) {
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Kit {
        #[serde(rename = "items")]
        _items: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        #[serde(rename = "size/~")]
        _size: u8,
    }

    fn fault(value: &Value) -> (String, String) {
        let Error::Refused(refusal) = read::<Kit>(value).expect_err("a fault") else {
            panic!("not a refusal")
        };
        let fault = refusal.fields[0].clone();
        (fault.pointer, fault.detail)
    }

    #[test]
    fn a_fault_is_pointed_at() {
        assert_eq!(
            fault(&json!({"items": [{"size/~": 1}, {"size/~": "a"}]})).0,
            "/items/1/size~1~0"
        );
        assert_eq!(
            fault(&json!({"items": [{"weight": 1}]})).0,
            "/items/0/weight"
        );
        assert_eq!(
            fault(&json!({})),
            ("/items".to_owned(), "is missing".into())
        );
        assert!(!fault(&json!({"items": [5]})).1.contains("Item"));
    }

    #[test]
    fn a_fault_is_told_in_words_for_people() {
        use crate::description::Description;
        let told = |value: &Value| {
            let Error::Refused(refusal) = read::<Description>(value).expect_err("a fault") else {
                panic!("not a refusal")
            };
            let fault = &refusal.fields[0];
            format!("{}: {}", fault.pointer, fault.detail)
        };
        for (value, expected) in [
            (
                json!({"credit": 1}),
                "/credit: is the number 1, and should be a text",
            ),
            (
                json!({"keywords": "a"}),
                "/keywords: is a text, and should be a list",
            ),
            (
                json!({"headline": "a"}),
                "/headline: is a text, and should be an object",
            ),
            (
                json!({"headline": {"en": null}}),
                "/headline/en: is null, and should be a text",
            ),
            (
                json!({"rating": 1.5}),
                "/rating: is the number 1.5, and should be a whole number",
            ),
            (
                json!({"place": {"latitude": "x"}}),
                "/place/latitude: is a text, and should be a number",
            ),
            (
                json!({"pick": "maybe"}),
                "/pick: is “maybe”; it takes selected, rejected",
            ),
            (json!({"persons": [{}]}), "/persons/0/name: is missing"),
            (
                json!({"event": "x"}),
                "/event: “x” is no id, such as 01932c6e-8f4a-7cc1-9d0b-6a3f5d2b1e70",
            ),
            (
                json!({"event": 5}),
                "/event: is the number 5, and should be an id",
            ),
            (
                json!({"taken_at": "yesterday"}),
                "/taken_at: “yesterday” is no moment, such as 2026-11-25T10:00:00+05:00 (RFC 3339)",
            ),
            (
                json!({"taken_at": 5}),
                "/taken_at: is the number 5, and should be a moment, such as 2026-11-25T10:00:00+05:00 (RFC 3339)",
            ),
            (
                json!({"language": "kg"}),
                "/language: “kg” is not the tag of a language (BCP 47): did you mean ky?",
            ),
            (
                json!({"headline": {"kg": "x"}}),
                "/headline/kg: “kg” is not the tag of a language (BCP 47): did you mean ky?",
            ),
            (json!([]), ": The body is a list, and should be an object"),
        ] {
            assert_eq!(told(&value), expected);
        }
        let unknown = told(&json!({"place": {"colour": "red"}}));
        assert_eq!(
            unknown,
            "/place/colour: “colour” is not known here; known are name, country, latitude, longitude"
        );
    }

    #[test]
    fn the_examples_of_rfc_7396() {
        let rows = [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (
                json!({"a": "b", "b": "c"}),
                json!({"a": null}),
                json!({"b": "c"}),
            ),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({"a": [{"b": "c"}]}),
                json!({"a": [1]}),
                json!({"a": [1]}),
            ),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!([1, 2]),
                json!({"a": "b", "c": null}),
                json!({"a": "b"}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ];
        for (target, patch, result) in rows {
            assert_eq!(merged(target.clone(), &patch), result, "{target} {patch}");
        }
    }

    #[test]
    fn what_differs_is_named_one_level_deep() {
        let before = json!({"name": {"en": "a", "ky": "b"}, "kind": "visit", "place": null});
        let after = json!({"name": {"en": "c", "ky": "b", "ru": "d"}, "kind": "trip"});
        assert_eq!(changed(&before, &after), ["name.en", "name.ru", "kind"]);
    }
}
