//! This crate's labelled CSV.

use std::io::Cursor;
use std::ops::Range;

use super::super::error::{Fault, Place, Problem, Result};
use super::super::labelled::{Example, LabelledOptions, read_labelled_from};
use super::super::row_writer::{Format, RowWriter};
use super::{ImportOptions, Item, Raw};

pub(super) fn read(source: &Raw, options: &ImportOptions<'_>) -> Result<Vec<Item>> {
    let labelled_options = LabelledOptions { encoding: options.encoding.clone(), ..LabelledOptions::default() };
    let labelled = read_labelled_from(&source.name, Cursor::new(source.bytes.clone()), &labelled_options)?;
    let id = labelled.extra.iter().position(|column| column.eq_ignore_ascii_case("id"));
    labelled
        .examples
        .iter()
        .map(|example| {
            let mention = match &example.mention {
                Some(mention) => mention.clone(),
                None => locate(example, options).ok_or_else(|| not_found(&labelled.file, example))?,
            };
            let cells = labelled.extra.iter().cloned().zip(example.extra.iter().cloned()).enumerate();
            Ok(Item {
                id: id.map_or_else(String::new, |at| example.extra[at].clone()),
                mention,
                actor: example.actor.clone(),
                label: example.label,
                weight: example.weight,
                // Without a group, the reader takes the sentence for one.
                group: if example.group == example.sentence { String::new() } else { example.group.clone() },
                sentence: example.sentence.clone(),
                extra: cells.filter(|(at, _)| Some(*at) != id).map(|(_, cell)| cell).collect(),
            })
        })
        .collect()
}

fn locate(example: &Example, options: &ImportOptions<'_>) -> Option<Range<usize>> {
    if let Some(locate) = options.locate {
        return locate(&example.sentence, &example.actor);
    }
    let mut places = example.sentence.match_indices(&example.actor);
    match (places.next(), places.next()) {
        (Some((at, _)), None) => Some(at..at + example.actor.len()),
        _ => None,
    }
}

fn not_found(file: &str, example: &Example) -> Problem {
    let place = Place {
        file: file.to_owned(),
        record: Some(example.row),
        line: Some(example.line),
        column: Some("actor".to_owned()),
        ..Place::default()
    };
    let found = format!("{:?}", example.actor);
    Problem::new(place, Fault::Value, found, "an actor whom the sentence names")
        .hint("give start and end, or add the name to the catalogue with --actors")
}

pub(super) fn write(items: &[Item], format: Format) -> Result<Vec<u8>> {
    let (ids, groups) = (items.iter().any(|item| !item.id.is_empty()), items.iter().any(|item| !item.group.is_empty()));
    let weights = items.iter().any(|item| (item.weight - 1.0).abs() > f32::EPSILON);
    let mut extra: Vec<&str> = Vec::new();
    for (column, _) in items.iter().flat_map(|item| &item.extra) {
        if !extra.contains(&column.as_str()) {
            extra.push(column);
        }
    }
    let mut columns: Vec<&str> = Vec::new();
    columns.extend(ids.then_some("id"));
    columns.extend(["sentence", "actor", "mention", "start", "end", "label"]);
    columns.extend(weights.then_some("weight"));
    columns.extend(groups.then_some("group"));
    columns.extend(&extra);
    let writer = RowWriter::new(format, &columns)?;
    let mut bytes = Vec::new();
    writer.header(&mut bytes);
    for item in items {
        let (start, end) = item.offsets();
        let mut row = writer.row(&mut bytes);
        if ids {
            row = row.text(&item.id);
        }
        row = row.text(&item.sentence).text(&item.actor).text(item.text());
        row = row.integer(start as u64).integer(end as u64).text(item.label.name());
        if weights {
            row = row.text(&item.weight.to_string());
        }
        if groups {
            row = row.text(&item.group);
        }
        for column in &extra {
            let cell = item.extra.iter().find(|(name, _)| name == column);
            row = row.text(cell.map_or("", |(_, cell)| cell));
        }
        row.end();
    }
    Ok(bytes)
}
