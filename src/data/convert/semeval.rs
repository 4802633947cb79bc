//! `SemEval`'s XML of aspect-based sentiment analysis: `aspectTerm` of 2014, and `Opinion` of 2015 and 2016.

use std::fmt::Write;

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::super::error::{DataError, Fault, Place, Problem, Result, quoted};
use super::context::{At, Context};
use super::{Item, by_sentence};

/// A mention whose sentence has not been read to its end.
struct Mark {
    at: At,
    field: &'static str,
    term: String,
    polarity: String,
    offsets: (usize, usize),
}

pub(super) fn read(text: &str, context: &mut Context<'_>) -> Result<Vec<Item>> {
    let mut reader = Reader::from_str(text);
    let mut items = Vec::new();
    let mut at = At { record: 0, line: None };
    let (mut id, mut sentence, mut marks) = (String::new(), String::new(), Vec::<Mark>::new());
    let mut in_text = false;
    let mut lines = Lines { text, at: 0, line: 1 };
    loop {
        let broken = |error: &dyn std::fmt::Display, at: At, context: &Context<'_>| {
            let problem = context.problem(at, "", Fault::Value, format!("broken XML ({error})"), "SemEval XML");
            DataError::from(problem)
        };
        at.line = Some(lines.of(reader.buffer_position() as usize));
        let event = reader.read_event().map_err(|error| broken(&error, at, context))?;
        match event {
            Event::Start(start) | Event::Empty(start) if start.name().0 == "sentence" => {
                at.record += 1;
                id = attribute(&start, "id", at, context)?.unwrap_or_default();
                sentence.clear();
                marks.clear();
            }
            Event::Start(start) if start.name().0 == "text" => in_text = true,
            Event::Start(start) | Event::Empty(start) if matches!(start.name().0, "aspectTerm" | "Opinion") => {
                marks.extend(mark(&start, at, context)?);
            }
            Event::Text(part) if in_text => sentence.push_str(&part),
            Event::CData(part) if in_text => sentence.push_str(&part),
            Event::GeneralRef(reference) if in_text => {
                sentence.push_str(&resolve(&reference).ok_or_else(|| {
                    context.wrong(at, "text", format!("the entity &{};", &*reference), "an entity of XML")
                })?);
            }
            Event::End(end) if end.name().0 == "text" => in_text = false,
            Event::End(end) if end.name().0 == "sentence" => {
                if marks.is_empty() {
                    context.leave_out("sentences without a labelled term");
                }
                for mark in marks.drain(..) {
                    let Some(label) = context.label(mark.at, "polarity", &mark.polarity)? else { continue };
                    let range = context.span(mark.at, mark.field, &sentence, mark.offsets, Some(&mark.term))?;
                    items.push(Item { id: id.clone(), ..Item::new(sentence.as_str(), range, label) });
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(items)
}

/// Counts lines as the reader goes on.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, at: usize) -> u64 {
        let at = at.clamp(self.at, self.text.len());
        self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at..at]).count() as u64;
        self.at = at;
        self.line
    }
}

fn resolve(reference: &BytesRef<'_>) -> Option<String> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(character.to_string()),
        Ok(None) => resolve_xml_entity(reference).map(str::to_owned),
        Err(_) => None,
    }
}

fn attribute(start: &BytesStart<'_>, name: &'static str, at: At, context: &Context<'_>) -> Result<Option<String>> {
    let broken =
        |error: &dyn std::fmt::Display| context.wrong(at, name, format!("broken XML ({error})"), "an attribute");
    let Some(attribute) = start.try_get_attribute(name).map_err(|error| broken(&error))? else { return Ok(None) };
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| broken(&error))?;
    Ok(Some(value.into_owned()))
}

fn mark(start: &BytesStart<'_>, at: At, context: &mut Context<'_>) -> Result<Option<Mark>> {
    let (element, field) = if start.name().0 == "Opinion" { ("target", "target") } else { ("term", "term") };
    let needed = |name: &'static str| -> Result<String> {
        attribute(start, name, at, context)?.ok_or_else(|| context.wrong(at, name, "no such attribute", "one"))
    };
    let term = needed(element)?;
    if element == "target" && term == "NULL" {
        context.leave_out("opinions without a target in the text");
        return Ok(None);
    }
    let polarity = needed("polarity")?;
    let number = |name: &'static str| -> Result<usize> {
        let text = needed(name)?;
        text.trim().parse().map_err(|_| context.wrong(at, name, quoted(&text), "a whole number from 0"))
    };
    Ok(Some(Mark { at, field, term, polarity, offsets: (number("from")?, number("to")?) }))
}

pub(super) fn write(items: &[Item], name: &str) -> Result<Vec<u8>> {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sentences>\n");
    for (items, number) in by_sentence(items).zip(1_u64..) {
        let id = if items[0].id.is_empty() { number.to_string() } else { items[0].id.clone() };
        let escape = |text: &str| -> Result<String> {
            escaped(text).map_err(|character| {
                let place = Place { file: name.to_owned(), record: Some(number), ..Place::default() };
                let found = format!("the control character U+{:04X} in a sentence", character as u32);
                DataError::from(Problem::new(place, Fault::Value, found, "characters that XML can hold"))
            })
        };
        // Writing into a string cannot fail.
        let _ = writeln!(xml, "  <sentence id=\"{}\">", escape(&id)?);
        let _ = writeln!(xml, "    <text>{}</text>\n    <aspectTerms>", escape(&items[0].sentence)?);
        for item in items {
            let (from, to) = item.offsets();
            let polarity = match item.label {
                crate::Label::Supportive => "positive",
                crate::Label::Neutral => "neutral",
                crate::Label::Critical => "negative",
            };
            let term = escape(item.text())?;
            let _ = writeln!(
                xml,
                "      <aspectTerm term=\"{term}\" polarity=\"{polarity}\" from=\"{from}\" to=\"{to}\"/>"
            );
        }
        xml.push_str("    </aspectTerms>\n  </sentence>\n");
    }
    xml.push_str("</sentences>\n");
    Ok(xml.into_bytes())
}

/// Text for an element or an attribute; white space that a reader would change goes as references.
fn escaped(text: &str) -> Result<String, char> {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' => {
                let _ = write!(escaped, "&#{};", character as u32);
            }
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => return Err(character),
            _ => escaped.push(character),
        }
    }
    Ok(escaped)
}
