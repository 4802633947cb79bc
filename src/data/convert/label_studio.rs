//! Label Studio: JSON tasks with annotations, and the shorter JSON-MIN that it exports too.

use serde_json::{Map, Value, json};

use super::super::error::Result;
use super::context::{At, Context};
use super::json::{Object, kind};
use super::{Item, by_sentence};

pub(super) fn read(text: &str, context: &mut Context<'_>) -> Result<Vec<Item>> {
    let start = At { record: 1, line: None };
    let tasks: Vec<Value> = match serde_json::from_str(text) {
        Ok(Value::Array(tasks)) => tasks,
        Ok(task @ Value::Object(_)) => vec![task],
        Ok(other) => return Err(context.wrong(start, "", kind(&other), "a list of tasks")),
        // Its JSON Lines cousin.
        Err(_) if text.trim_start().starts_with('{') => {
            super::json::lines(text, context)?.into_iter().map(|(_, map)| Value::Object(map)).collect()
        }
        Err(error) => {
            let at = At { record: 1, line: Some(error.line() as u64) };
            return Err(context.wrong(at, "", format!("broken JSON ({error})"), "a list of tasks"));
        }
    };
    let mut items = Vec::new();
    for (record, task) in (1..).zip(&tasks) {
        let at = At { record, line: None };
        let task = Object::of(at, task, "", context)?;
        let data = match task.get("data") {
            Some(data) => Object::of(at, data, "data", context)?,
            None => task,
        };
        let sentence = data.text(&["text", "sentence", "content"], context)?;
        let group = data.meta("group");
        let first = items.len();
        for annotation in task.list(&["annotations", "completions"], context)? {
            let annotation = Object::of(at, annotation, "annotations", context)?;
            if annotation.get("was_cancelled") == Some(&Value::Bool(true)) {
                context.leave_out("annotations that were skipped");
                continue;
            }
            for result in annotation.list(&["result"], context)? {
                let result = Object::of(at, result, "result", context)?;
                // Choices, relations and ratings stand beside the labelled regions.
                let Some(value) = result.get("value").filter(|value| value.get("start").is_some()) else { continue };
                let value = Object::of(at, value, "value", context)?;
                let note = result.get("meta").and_then(|meta| meta.get("text")).and_then(|text| text.get(0));
                let actor = note.and_then(Value::as_str).and_then(|note| note.strip_prefix("actor: "));
                region(&value, sentence, actor, &mut items, context)?;
            }
        }
        if task.get("annotations").is_none() {
            for value in task.list(&["label", "labels"], context)? {
                region(&Object::of(at, value, "label", context)?, sentence, None, &mut items, context)?;
            }
        }
        if items.len() == first {
            context.leave_out("tasks without a labelled region");
        }
        // Two annotators who agree are one label; if they do not, both stay and `train` warns.
        let mut kept: Vec<Item> = Vec::new();
        for mut item in items.drain(first..) {
            item.group.clone_from(&group);
            if kept.contains(&item) {
                context.leave_out("labels on which annotators agree, beyond the first");
            } else {
                kept.push(item);
            }
        }
        items.append(&mut kept);
    }
    Ok(items)
}

fn region(
    value: &Object<'_>,
    sentence: &str,
    actor: Option<&str>,
    items: &mut Vec<Item>,
    context: &mut Context<'_>,
) -> Result<()> {
    let offsets = (value.whole(&["start"], context)?, value.whole(&["end"], context)?);
    let wanted = value.optional("text");
    for name in value.list(&["labels", "hypertextlabels"], context)? {
        let name = name.as_str().ok_or_else(|| context.wrong(value.at, "labels", kind(name), "a label"))?;
        let Some(label) = context.label(value.at, "labels", name)? else { continue };
        let range = context.span(value.at, "value", sentence, offsets, wanted.as_deref())?;
        let mut item = Item::new(sentence, range, label);
        if let Some(actor) = actor {
            actor.clone_into(&mut item.actor);
        }
        items.push(item);
    }
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "one form with the other formats")]
pub(super) fn write(items: &[Item]) -> Result<Vec<u8>> {
    let tasks = by_sentence(items).zip(1_u64..).map(|(items, number)| {
        let results = items.iter().zip(1_u64..).map(|(item, mark)| {
            let (start, end) = item.offsets();
            let mut result = json!({
                "id": format!("{number}-{mark}"), "from_name": "label", "to_name": "text", "type": "labels",
                "value": { "start": start, "end": end, "text": item.text(), "labels": [item.label.name()] },
            });
            if let Some(actor) = item.named_actor() {
                result["meta"] = json!({ "text": [format!("actor: {actor}")] });
            }
            result
        });
        let mut data = Map::new();
        data.insert("text".to_owned(), items[0].sentence.as_str().into());
        if !items[0].group.is_empty() {
            data.insert("group".to_owned(), items[0].group.as_str().into());
        }
        json!({ "id": number, "data": data, "annotations": [{ "result": results.collect::<Value>() }] })
    });
    let mut bytes = format!("{:#}", tasks.collect::<Value>()).into_bytes();
    bytes.push(b'\n');
    Ok(bytes)
}
