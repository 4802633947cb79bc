//! brat standoff: a text, one sentence a line, and annotations that point into it by characters of the whole text.

use std::fmt::Write;

use super::super::error::Result;
use super::context::{At, Context};
use super::{Item, by_sentence};
use crate::Label;

/// A text-bound annotation, before its attributes are known.
struct Bound<'a> {
    at: At,
    id: &'a str,
    kind: &'a str,
    offsets: (usize, usize),
    mention: &'a str,
    attribute: Option<&'a str>,
    actor: Option<&'a str>,
}

const BOUND: &str = "T1, a tab, the label, start and end, a tab, the mention";

pub(super) fn read(text: &str, annotations: &str, context: &mut Context<'_>) -> Result<Vec<Item>> {
    let mut bounds: Vec<Bound<'_>> = Vec::new();
    for (number, line) in (1..).zip(annotations.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let at = At { record: number, line: Some(number) };
        let (id, rest) = line.split_once('\t').unwrap_or((line, ""));
        match id.chars().next() {
            Some('T') => {
                let (head, mention) = rest.split_once('\t').unwrap_or((rest, ""));
                if head.contains(';') {
                    return Err(context.wrong(at, "", format!("{head:?}, a mention in pieces"), "one stretch of text"));
                }
                let parts: Vec<&str> = head.split(' ').collect();
                let [kind, start, end] = parts.as_slice() else {
                    return Err(context.wrong(at, "", format!("{line:?}"), BOUND));
                };
                let (Ok(start), Ok(end)) = (start.parse(), end.parse()) else {
                    return Err(context.wrong(at, "", format!("{line:?}"), BOUND));
                };
                bounds.push(Bound { at, id, kind, offsets: (start, end), mention, attribute: None, actor: None });
            }
            Some('A' | 'M') => {
                let mut parts = rest.split(' ').skip(1);
                if let (Some(target), Some(value)) = (parts.next(), parts.next())
                    && let Some(bound) = bounds.iter_mut().find(|bound| bound.id == target)
                    && value.parse::<Label>().is_ok()
                {
                    bound.attribute = Some(value);
                }
            }
            Some('#') => {
                let (head, note) = rest.split_once('\t').unwrap_or((rest, ""));
                let target = head.split(' ').nth(1).unwrap_or_default();
                if let Some(bound) = bounds.iter_mut().find(|bound| bound.id == target) {
                    bound.actor = note.strip_prefix("actor: ").or(bound.actor);
                }
            }
            // Events, relations, normalisations: nothing to do with labels.
            _ => {}
        }
    }
    let mut items = Vec::new();
    for bound in bounds {
        // The type is the label, or else an attribute is.
        let name = bound.attribute.unwrap_or(bound.kind);
        let Some(label) = context.label(bound.at, "", name)? else { continue };
        let wanted = (!bound.mention.is_empty()).then_some(bound.mention);
        let range = context.span(bound.at, "", text, bound.offsets, wanted)?;
        let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[range.start..].find('\n').map_or(text.len(), |at| range.start + at);
        if range.end > end {
            let found = format!("{:?}, which goes over a line's end", &text[range]);
            return Err(context.wrong(bound.at, "", found, "a mention in one line: one sentence a line"));
        }
        let sentence = text[start..end].strip_suffix('\r').unwrap_or(&text[start..end]);
        let mut item = Item::new(sentence, range.start - start..range.end - start, label);
        if let Some(actor) = bound.actor {
            actor.clone_into(&mut item.actor);
        }
        items.push(item);
    }
    Ok(items)
}

/// The text and the annotations. Line ends inside a sentence become spaces, character for character.
pub(super) fn write(items: &[Item]) -> (Vec<u8>, Vec<u8>) {
    let (mut text, mut annotations) = (String::new(), String::new());
    let (mut before, mut number) = (0, 0);
    let flat = |text: &str| text.replace(['\n', '\r', '\t'], " ");
    for items in by_sentence(items) {
        for item in items {
            number += 1;
            let (start, end) = item.offsets();
            let (label, mention) = (item.label.name(), flat(item.text()));
            // Writing into a string cannot fail.
            let _ = writeln!(annotations, "T{number}\t{label} {} {}\t{mention}", before + start, before + end);
            if let Some(actor) = item.named_actor() {
                let _ = writeln!(annotations, "#{number}\tAnnotatorNotes T{number}\tactor: {}", flat(actor));
            }
        }
        let sentence = flat(&items[0].sentence);
        before += sentence.chars().count() + 1;
        text.push_str(&sentence);
        text.push('\n');
    }
    (text.into_bytes(), annotations.into_bytes())
}
