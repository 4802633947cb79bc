//! JSON with the messages of this room.

use serde_json::{Map, Value};

use super::super::error::{Fault, Result, quoted};
use super::Interchange;
use super::context::{At, Context};

/// A JSON object of a record.
#[derive(Clone, Copy)]
pub(super) struct Object<'v> {
    pub at: At,
    map: &'v Map<String, Value>,
}

/// The objects of JSON Lines; lines without anything are passed over.
pub(super) fn lines(text: &str, context: &Context<'_>) -> Result<Vec<(At, Map<String, Value>)>> {
    let mut records = Vec::new();
    for (line, json) in (1..).zip(text.lines()).filter(|(_, json)| !json.trim().is_empty()) {
        let at = At { record: records.len() as u64 + 1, line: Some(line) };
        match serde_json::from_str::<Value>(json) {
            Ok(Value::Object(map)) => records.push((at, map)),
            Ok(other) => return Err(context.wrong(at, "", kind(&other), "a JSON object a line")),
            Err(error) => {
                let problem =
                    context.problem(at, "", Fault::Value, format!("broken JSON ({error})"), "a JSON object a line");
                return Err(problem.into());
            }
        }
    }
    Ok(records)
}

/// The format of JSON Lines, by the keys of the first object.
pub(super) fn sniff(text: &str) -> Option<Interchange> {
    // One object over several lines is a single task of Label Studio.
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    let value: Value = serde_json::from_str(first).or_else(|_| serde_json::from_str(text)).ok()?;
    let has = |key: &str| value.get(key).is_some();
    let list = |key: &str| value.get(key).is_some_and(Value::is_array);
    Some(match () {
        () if has("sentence_normalized") || has("targets") => Interchange::NewsMtsc,
        () if has("sentence") && has("polarity") => Interchange::NewsMtscFlat,
        () if has("data") && (has("annotations") || has("predictions") || has("completions")) => {
            Interchange::LabelStudio
        }
        () if has("text") && has("span") => Interchange::SetFit,
        () if has("spans") || has("answer") => Interchange::Prodigy,
        () if list("label") || list("labels") || list("entities") => Interchange::Doccano,
        () => return None,
    })
}

/// What a JSON value is, in words.
pub(super) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// A string or a number, as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A whole number from 0: a number, also as 12.0, or digits in quotes.
pub(super) fn whole(value: &Value) -> Option<usize> {
    match value {
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(whole), _) => usize::try_from(whole).ok(),
            (None, Some(float)) if float >= 0.0 && float.fract() == 0.0 && float < 1e9 => Some(float as usize),
            _ => None,
        },
        Value::String(digits) => digits.trim().parse().ok(),
        _ => None,
    }
}

impl<'v> Object<'v> {
    pub fn new(at: At, map: &'v Map<String, Value>) -> Object<'v> {
        Object { at, map }
    }

    /// An object in a field or a list.
    pub fn of(at: At, value: &'v Value, field: &str, context: &Context<'_>) -> Result<Object<'v>> {
        match value {
            Value::Object(map) => Ok(Object { at, map }),
            other => Err(context.wrong(at, field, kind(other), "an object")),
        }
    }

    pub fn get(&self, key: &str) -> Option<&'v Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// The first of these keys that has a value.
    fn first(&self, keys: &[&'static str]) -> Option<(&'static str, &'v Value)> {
        keys.iter().find_map(|key| self.get(key).map(|value| (*key, value)))
    }

    /// A text, under the first of these keys.
    pub fn text(&self, keys: &[&'static str], context: &Context<'_>) -> Result<&'v str> {
        match self.first(keys) {
            Some((_, Value::String(text))) => Ok(text),
            Some((key, other)) => Err(context.wrong(self.at, key, kind(other), "a text")),
            None => Err(context.wrong(self.at, keys[0], "no such key", "a text")),
        }
    }

    /// A text or a number as text, if there is one.
    pub fn optional(&self, key: &str) -> Option<String> {
        self.get(key).and_then(scalar)
    }

    /// A label, which may be a number.
    pub fn scalar(&self, key: &'static str, context: &Context<'_>) -> Result<String> {
        match self.get(key) {
            Some(value) => scalar(value).ok_or_else(|| context.wrong(self.at, key, kind(value), "a label")),
            None => Err(context.wrong(self.at, key, "no such key", "a label")),
        }
    }

    /// A whole number, under the first of these keys.
    pub fn whole(&self, keys: &[&'static str], context: &Context<'_>) -> Result<usize> {
        match self.first(keys) {
            Some((key, value)) => {
                whole(value).ok_or_else(|| context.wrong(self.at, key, kind(value), "a whole number from 0"))
            }
            None => Err(context.wrong(self.at, keys[0], "no such key", "a whole number from 0")),
        }
    }

    /// A list under the first of these keys; none is an empty one.
    pub fn list(&self, keys: &[&'static str], context: &Context<'_>) -> Result<&'v [Value]> {
        match self.first(keys) {
            None => Ok(&[]),
            Some((_, Value::Array(list))) => Ok(list),
            Some((key, other)) => Err(context.wrong(self.at, key, kind(other), "a list")),
        }
    }

    /// A text in the object itself or in its `meta`.
    pub fn meta(&self, key: &str) -> String {
        let inside = || self.get("meta").and_then(|meta| meta.get(key)).and_then(scalar);
        self.optional(key).or_else(inside).unwrap_or_default()
    }
}

/// Objects as JSON Lines.
pub(super) fn write_lines(objects: impl Iterator<Item = Value>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for object in objects {
        bytes.extend_from_slice(object.to_string().as_bytes());
        bytes.push(b'\n');
    }
    bytes
}
