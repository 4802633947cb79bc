//! Prodigy: JSON Lines with `spans`; only what was accepted is read.

use serde_json::{Value, json};

use super::super::error::Result;
use super::context::Context;
use super::json::{Object, lines, write_lines};
use super::{Item, by_sentence};

pub(super) fn read(text: &str, context: &mut Context<'_>) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for (at, map) in lines(text, context)? {
        let record = Object::new(at, &map);
        match record.optional("answer").as_deref() {
            Some("accept") | None => {}
            Some("reject" | "ignore") => {
                context.leave_out("records whose answer is reject or ignore");
                continue;
            }
            Some(other) => return Err(context.wrong(at, "answer", format!("{other:?}"), "accept, reject or ignore")),
        }
        let sentence = record.text(&["text"], context)?;
        for span in record.list(&["spans"], context)? {
            let span = Object::of(at, span, "spans", context)?;
            let offsets = (span.whole(&["start"], context)?, span.whole(&["end"], context)?);
            let Some(label) = context.label(at, "label", &span.scalar("label", context)?)? else { continue };
            let wanted = span.optional("text");
            let range = context.span(at, "spans", sentence, offsets, wanted.as_deref())?;
            let mut item = Item::new(sentence, range, label);
            item.id = span.optional("id").unwrap_or_default();
            item.group = record.meta("group");
            if let Some(actor) = span.optional("actor") {
                item.actor = actor;
            }
            items.push(item);
        }
    }
    Ok(items)
}

#[expect(clippy::unnecessary_wraps, reason = "one form with the other formats")]
pub(super) fn write(items: &[Item]) -> Result<Vec<u8>> {
    Ok(write_lines(by_sentence(items).map(|items| {
        let spans = items.iter().map(|item| {
            let (start, end) = item.offsets();
            let mut span = json!({ "start": start, "end": end, "label": item.label.name(), "text": item.text() });
            if let Some(actor) = item.named_actor() {
                span["actor"] = actor.into();
            }
            if !item.id.is_empty() {
                span["id"] = item.id.as_str().into();
            }
            span
        });
        let mut record = json!({ "text": items[0].sentence, "spans": spans.collect::<Value>(), "answer": "accept" });
        if !items[0].group.is_empty() {
            record["meta"] = json!({ "group": items[0].group });
        }
        record
    })))
}
