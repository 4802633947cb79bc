//! doccano: JSON Lines with `[start, end, "label"]`, or with `entities` as its projects with relations export them.

use serde_json::{Value, json};

use super::super::error::Result;
use super::context::Context;
use super::json::{Object, kind, lines, scalar, whole, write_lines};
use super::{Item, by_sentence};

pub(super) fn read(text: &str, context: &mut Context<'_>) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for (at, map) in lines(text, context)? {
        let record = Object::new(at, &map);
        let sentence = record.text(&["text", "data"], context)?;
        let marks = record.list(&["label", "labels", "entities"], context)?;
        if marks.is_empty() {
            context.leave_out("texts without a label");
        }
        for mark in marks {
            let (offsets, name) = match mark {
                Value::Array(parts) => match parts.as_slice() {
                    [start, end, name] => match (whole(start), whole(end), scalar(name)) {
                        (Some(start), Some(end), Some(name)) => ((start, end), name),
                        _ => return Err(context.wrong(at, "label", mark.to_string(), "[start, end, \"label\"]")),
                    },
                    _ => return Err(context.wrong(at, "label", mark.to_string(), "[start, end, \"label\"]")),
                },
                Value::Object(_) => {
                    let mark = Object::of(at, mark, "entities", context)?;
                    let start = mark.whole(&["start_offset", "start"], context)?;
                    ((start, mark.whole(&["end_offset", "end"], context)?), mark.scalar("label", context)?)
                }
                other => return Err(context.wrong(at, "label", kind(other), "[start, end, \"label\"]")),
            };
            let Some(label) = context.label(at, "label", &name)? else { continue };
            let range = context.span(at, "label", sentence, offsets, None)?;
            items.push(Item { group: record.meta("group"), ..Item::new(sentence, range, label) });
        }
    }
    Ok(items)
}

#[expect(clippy::unnecessary_wraps, reason = "one form with the other formats")]
pub(super) fn write(items: &[Item]) -> Result<Vec<u8>> {
    Ok(write_lines(by_sentence(items).map(|items| {
        let marks = items.iter().map(|item| {
            let (start, end) = item.offsets();
            json!([start, end, item.label.name()])
        });
        let mut record = json!({ "text": items[0].sentence, "label": marks.collect::<Value>() });
        if !items[0].group.is_empty() {
            record["group"] = items[0].group.as_str().into();
        }
        record
    })))
}
