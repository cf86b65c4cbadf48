//! The shapes of merge patches (RFC 7396), which follow from the shapes that they are laid over: nothing must be there,
//! null takes away what may be missing, and objects go deep.

use serde_json::{Map, Value, json};

use super::schemas::reference_name;

const MERGE_PATCH: &str = "application/merge-patch+json";
/// The steps that take a patch along, and what it is laid over.
const CARRIERS: [(&str, &str); 3] = [
    ("TransitionInput", "Description"),
    ("BatchItem", "Description"),
    ("KitTransitionInput", "KitInput"),
];

pub fn derive(document: &mut Value) {
    let known = document["components"]["schemas"].clone();
    let Some(known) = known.as_object() else {
        return;
    };
    let mut made = Map::new();
    for (_, _, operation) in super::operations(document) {
        let body = operation
            .get_mut("requestBody")
            .and_then(|body| body["content"].get_mut(MERGE_PATCH));
        if let Some(schema) = body.map(|body| &mut body["schema"])
            && let Some(over) = reference_name(schema)
        {
            *schema = of(over, known, &mut made);
        }
    }
    for (carrier, over) in CARRIERS {
        let patch = of(over, known, &mut made);
        let member = &mut document["components"]["schemas"][carrier]["properties"]["patch"];
        let mut parts = member["oneOf"].as_array().into_iter().flatten();
        let said = words(member).or_else(|| parts.find_map(words));
        let words = said.cloned().unwrap_or_default();
        *member = json!({"description": words, "oneOf": [patch, {"type": "null"}]});
    }
    corrections(&mut made);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.extend(made);
        schemas.sort_keys();
    }
}

/// A note makes a change of a material a correction.
fn corrections(made: &mut Map<String, Value>) {
    if let Some(patch) = made.get_mut("DescriptionPatch") {
        patch["properties"]["correction_note"] = json!({
            "description": "What was wrong, for readers, in each language: with it the change counts as a correction.",
            "oneOf": [{"$ref": "#/components/schemas/Texts"}, {"type": "null"}],
        });
    }
}

/// A reference to the patch over a schema, which is made where it is not there yet.
fn of(over: &str, known: &Map<String, Value>, made: &mut Map<String, Value>) -> Value {
    let name = format!("{}Patch", over.trim_end_matches("Input"));
    let reference = json!({"$ref": format!("#/components/schemas/{name}")});
    if made.contains_key(&name) {
        return reference;
    }
    let Some(mut schema) = known.get(over).cloned() else {
        return reference;
    };
    // Put in first: a shape that holds itself ends here.
    made.insert(name.clone(), Value::Null);
    let required = schema["required"].take();
    let required = required.as_array().cloned().unwrap_or_default();
    if let Some(members) = schema.as_object_mut() {
        members.shift_remove("required");
        members.shift_remove("propertyNames");
    }
    for (member, inner) in schema
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        let stays = required.iter().any(|name| name == member);
        *inner = changed(inner, !stays, known, made);
    }
    if let Some(values) = schema
        .get_mut("additionalProperties")
        .filter(|values| values.is_object())
    {
        *values = changed(values, true, known, made);
    }
    schema["description"] = format!(
        "A merge patch (RFC 7396): what is not named stays, null takes away. {}",
        words(&schema).and_then(Value::as_str).unwrap_or_default()
    )
    .into();
    made.insert(name, schema);
    reference
}

/// A member within a patch.
fn changed(
    member: &Value,
    may_go: bool,
    known: &Map<String, Value>,
    made: &mut Map<String, Value>,
) -> Value {
    let meant = match member["oneOf"].as_array() {
        Some(parts) => parts.iter().find(|part| part.get("$ref").is_some()),
        None => Some(member),
    };
    let meant = meant.unwrap_or(member);
    let is_object = |name: &&str| known.get(*name).is_some_and(|to| to["type"] == "object");
    let mut after = match reference_name(meant) {
        Some(name) if is_object(&name) => of(name, known, made),
        Some(name) => json!({"$ref": format!("#/components/schemas/{name}")}),
        None => meant.clone(),
    };
    if let Some(members) = after.as_object_mut() {
        members.shift_remove("default");
        members.shift_remove("description");
    }
    if may_go {
        after = nullable(after);
    }
    if let Some(words) = words(member).or_else(|| words(meant)) {
        after["description"] = words.clone();
    }
    after
}

fn nullable(mut schema: Value) -> Value {
    match &schema["type"] {
        Value::String(one) => {
            schema["type"] = json!([one, "null"]);
            schema
        }
        Value::Array(_) => schema,
        _ => json!({"oneOf": [without_null(schema), {"type": "null"}]}),
    }
}

/// Asking for a member of an object puts a null there.
fn without_null(mut schema: Value) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    schema
}

fn words(schema: &Value) -> Option<&Value> {
    schema.get("description")
}
