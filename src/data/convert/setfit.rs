//! `SetFit` for aspects: `text, span, label, ordinal`, where the ordinal says which occurrence of the span is meant.

use super::super::error::Result;
use super::super::row_writer::Format;
use super::context::Context;
use super::table::{self, Table};
use super::{Item, Raw};

/// Where a span begins, overlapping occurrences too.
fn occurrences<'t>(text: &'t str, span: &'t str) -> impl Iterator<Item = usize> + 't {
    text.char_indices().map(|(at, _)| at).filter(move |&at| text[at..].starts_with(span))
}

pub(super) fn read(source: &Raw, context: &mut Context<'_>) -> Result<Vec<Item>> {
    let table = Table::read(source, context)?;
    let mut items = Vec::new();
    for row in table.rows() {
        let text = row.text("text", context)?;
        let span = row.text("span", context)?;
        let Some(label) = context.label(row.at, "label", row.text("label", context)?)? else { continue };
        let ordinal = match row.get("ordinal").unwrap_or_default() {
            "" => 0,
            _ => row.whole("ordinal", context)?,
        };
        if span.is_empty() {
            return Err(context.wrong(row.at, "span", "an empty cell", "a part of the text"));
        }
        let Some(at) = occurrences(text, span).nth(ordinal) else {
            let count = occurrences(text, span).count();
            let found = format!("{ordinal}, and a text that has {span:?} {count} times");
            return Err(context.wrong(row.at, "ordinal", found, "a number from 0 below that"));
        };
        items.push(Item::new(text, at..at + span.len(), label));
    }
    Ok(items)
}

pub(super) fn write(items: &[Item], format: Format) -> Result<Vec<u8>> {
    table::write(format, &["text", "span", "label", "ordinal"], items, |item| {
        let ordinal = occurrences(&item.sentence, item.text()).take_while(|&at| at < item.mention.start).count();
        vec![item.sentence.as_str().into(), item.text().into(), item.label.name().into(), ordinal.into()]
    })
}
