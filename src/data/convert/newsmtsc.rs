//! `NewsMTSC` (Hamborg & Donnay 2021): JSON Lines with all targets of a sentence, and the flat form on Hugging Face.
//!
//! `to` is exclusive in the data, whatever their description says.

use serde_json::{Value, json};

use super::super::error::Result;
use super::super::row_writer::Format;
use super::context::Context;
use super::json::{Object, lines, write_lines};
use super::table::{self, Table};
use super::{Item, Raw, by_sentence};
use crate::Label;

pub(super) fn read(text: &str, context: &mut Context<'_>) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for (at, map) in lines(text, context)? {
        let record = Object::new(at, &map);
        let sentence = record.text(&["sentence_normalized", "sentence"], context)?;
        let group = record.meta("group");
        for target in record.list(&["targets"], context)? {
            let target = Object::of(at, target, "targets", context)?;
            let mention = target.text(&["mention"], context)?;
            let offsets = (target.whole(&["from"], context)?, target.whole(&["to"], context)?);
            let polarity = target.scalar("polarity", context)?;
            let Some(label) = context.label(at, "polarity", &polarity)? else { continue };
            let range = context.span(at, "from", sentence, offsets, Some(mention))?;
            let mut item = Item::new(sentence, range, label);
            item.id = target.optional("Input.gid").or_else(|| record.optional("primary_gid")).unwrap_or_default();
            item.group.clone_from(&group);
            if let Some(actor) = target.optional("actor") {
                item.actor = actor;
            }
            items.push(item);
        }
    }
    Ok(items)
}

fn polarity(label: Label, step: f64, middle: f64) -> f64 {
    match label {
        Label::Supportive => middle + step,
        Label::Neutral => middle,
        Label::Critical => middle - step,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one form with the other formats")]
pub(super) fn write(items: &[Item]) -> Result<Vec<u8>> {
    Ok(write_lines(by_sentence(items).map(|items| {
        let targets = items.iter().map(|item| {
            let (from, to) = item.offsets();
            let mut target = json!({
                "Input.gid": item.id, "from": from, "to": to, "mention": item.text(),
                "polarity": polarity(item.label, 2.0, 4.0), "further_mentions": [],
            });
            if let Some(actor) = item.named_actor() {
                target["actor"] = actor.into();
            }
            target
        });
        let mut record = json!({
            "primary_gid": items[0].id, "sentence_normalized": items[0].sentence, "targets": targets.collect::<Value>(),
        });
        if !items[0].group.is_empty() {
            record["group"] = items[0].group.as_str().into();
        }
        record
    })))
}

pub(super) fn read_flat(source: &Raw, context: &mut Context<'_>) -> Result<Vec<Item>> {
    let table = Table::read(source, context)?;
    let mut items = Vec::new();
    for row in table.rows() {
        let sentence = row.text("sentence", context)?;
        let mention = row.text("mention", context)?;
        let offsets = (row.whole("from", context)?, row.whole("to", context)?);
        let Some(label) = context.label(row.at, "polarity", row.text("polarity", context)?)? else { continue };
        let range = context.span(row.at, "from", sentence, offsets, Some(mention))?;
        let id = row.get("id").unwrap_or_default().to_owned();
        items.push(Item { id, ..Item::new(sentence, range, label) });
    }
    Ok(items)
}

pub(super) fn write_flat(items: &[Item], format: Format) -> Result<Vec<u8>> {
    const COLUMNS: [&str; 6] = ["mention", "polarity", "from", "to", "sentence", "id"];
    table::write(format, &COLUMNS, items, |item| {
        let (from, to) = item.offsets();
        let polarity = polarity(item.label, 1.0, 0.0) as i64;
        vec![
            item.text().into(),
            polarity.into(),
            from.into(),
            to.into(),
            item.sentence.as_str().into(),
            item.id.as_str().into(),
        ]
    })
}
