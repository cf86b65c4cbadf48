//! JSON merge patch (RFC 7396) over a document that is then read strictly, so that a field that nobody knows, or a value
//! of the wrong sort, is an error with its place, never a silence.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::error::{Code, Error, Result};

/// The document with the patch laid over it.
///
/// # Errors
/// A bad request where the patch is no object; invalid, with the JSON pointer, where the outcome is not a `T`.
pub fn merge<T: Serialize + DeserializeOwned>(document: &T, patch: &Value) -> Result<T> {
    let Value::Object(patch) = patch else {
        return Err(Error::refused(
            Code::BadRequest,
            "A merge patch is a JSON object.",
        ));
    };
    let mut whole = match serde_json::to_value(document) {
        Ok(Value::Object(whole)) => whole,
        Ok(_) => {
            return Err(Error::internal(
                "a merge patch",
                "the document is no object",
            ));
        }
        Err(error) => return Err(Error::internal("a merge patch", error)),
    };
    lay(&mut whole, patch);
    serde_path_to_error::deserialize(Value::Object(whole)).map_err(|error| {
        let pointer = pointer(error.path());
        Error::invalid(pointer, error.into_inner().to_string())
    })
}

fn lay(whole: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                whole.shift_remove(name);
            }
            Value::Object(inner) => {
                let place = whole.entry(name.clone()).or_insert(Value::Null);
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                if let Value::Object(place) = place {
                    lay(place, inner);
                }
            }
            other => {
                whole.insert(name.clone(), other.clone());
            }
        }
    }
}

/// The place of an error as a JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .fold(String::new(), |pointer, segment| match segment {
            Segment::Seq { index } => format!("{pointer}/{index}"),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Segment::Unknown => pointer,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merge;
    use crate::{description::Description, error::Error};

    #[test]
    fn a_text_is_added_and_another_taken_away() {
        let before: Description =
            serde_json::from_value(json!({"headline": {"ky": "а", "ru": "б"}, "credit": "c"}))
                .unwrap();
        let after = merge(
            &before,
            &json!({"headline": {"ky": null, "uz": "o"}, "credit": null}),
        )
        .unwrap();
        assert_eq!(
            serde_json::to_value(&after.headline).unwrap(),
            json!({"ru": "б", "uz-Latn": "o"})
        );
        assert_eq!(after.credit, None);
    }

    #[test]
    fn what_is_unknown_or_of_the_wrong_sort_is_named() {
        for (patch, pointer) in [
            (json!({"colour": 1}), "/colour"),
            (json!({"keywords": ["a", 1]}), "/keywords/1"),
            (
                json!({"headline": {"not a tag!": "x"}}),
                "/headline/not a tag!",
            ),
            (
                json!({"persons": [{"name": {"ky": "а"}, "age": 3}]}),
                "/persons/0/age",
            ),
        ] {
            let Error::Refused(refusal) = merge(&Description::default(), &patch).unwrap_err()
            else {
                panic!("{patch}")
            };
            assert_eq!(refusal.fields[0].pointer, pointer, "{patch}");
        }
    }
}
