//! The rows of an output of `toward classify`, column by column, every different text once.

use std::path::Path;

use rustc_hash::FxHashMap;

use super::day::Day;
use super::{ReportError, Result};
use crate::data::{Columns, Fault, Place, Problem, Reader, ReaderOptions, Record, Source, SourceOptions};
use crate::{CLASSES, Label};

/// The usual names of the column with the day, best first.
const DATES: [&str; 8] =
    ["date", "published", "published_at", "publish_date", "publication_date", "pubdate", "day", "datetime"];
/// The usual names of the column with the medium, best first.
const SOURCES: [&str; 9] =
    ["source", "outlet", "medium", "media", "publisher", "newspaper", "media_name", "source_name", "domain"];

/// Which columns tell when and where a sentence was written.
#[derive(Clone, Debug, Default)]
pub struct RowsOptions {
    /// The column with the day; `None` for the first with a usual name, if there is one.
    pub date: Option<String>,
    /// The column with the medium; `None` for the first with a usual name, if there is one.
    pub source: Option<String>,
    /// How the CSV is read.
    pub reader: ReaderOptions,
    /// How the file is read.
    pub input: SourceOptions,
}

/// A column: its different texts in the order in which they come, and which of them every row has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Every different text once.
    pub texts: Vec<String>,
    /// For every row, the index of its text.
    pub cells: Vec<u32>,
}

impl Column {
    /// The text of a row.
    pub fn text(&self, row: usize) -> &str {
        &self.texts[self.cells[row] as usize]
    }
}

/// Where the columns of known meaning are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// The sentence.
    pub sentence: usize,
    /// The actor.
    pub actor: usize,
    /// The label.
    pub label: usize,
    /// The probabilities, in the order of [`Label::ALL`].
    pub probabilities: [usize; CLASSES],
    /// The record of the input that the sentence is of.
    pub row: Option<usize>,
    /// The sentence's place in its record.
    pub sentence_index: Option<usize>,
    /// The mention as written.
    pub mention: Option<usize>,
    /// The mention's first character and the one after its last.
    pub offsets: Option<(usize, usize)>,
    /// The day.
    pub date: Option<usize>,
    /// The medium.
    pub source: Option<usize>,
    /// Whether each row is of a record of its own, as with `classify --actor-column`.
    pub row_a_record: bool,
}

/// The labelled rows of a file.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The file's name, without its folder.
    pub name: String,
    /// All columns, in the order of the file.
    pub columns: Vec<Column>,
    /// Which of them are which.
    pub roles: Roles,
    /// For every row, its label.
    pub labels: Vec<Label>,
    /// For every row, its probabilities.
    pub probabilities: Vec<[f32; CLASSES]>,
    /// For every row, the mention's characters in the sentence, where they are given.
    pub mentions: Vec<Option<(u32, u32)>>,
    /// For every text of the date column, the day it means, if it can be read.
    pub days: Vec<Option<Day>>,
    /// How many rows were left out because they have no label.
    pub unlabelled: u64,
}

impl Rows {
    /// Reads the output of `toward classify`, or standard input for `-`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, a column is missing, or a cell is not what `classify` writes.
    pub fn open(path: impl AsRef<Path>, options: &RowsOptions) -> Result<Rows> {
        let path = path.as_ref();
        let source = Source::open(path, &options.input)?;
        let mut rows = Rows::read(source, options)?;
        if let Some(name) = path.file_name() {
            rows.name = name.to_string_lossy().into_owned();
        }
        Ok(rows)
    }

    /// Reads the output of `toward classify` from a source.
    ///
    /// ```
    /// use toward::data::{Source, SourceOptions};
    /// use toward::report::{Rows, RowsOptions};
    ///
    /// let csv = "sentence,actor,label,supportive,neutral,critical\nXi praised Putin.,Putin,supportive,0.9,0.1,0\n";
    /// let source = Source::from_reader("stance.csv", csv.as_bytes(), &SourceOptions::default())?;
    /// let rows = Rows::read(source, &RowsOptions::default())?;
    /// assert_eq!((rows.len(), rows.actor(0)), (1, "Putin"));
    /// # Ok::<(), toward::report::ReportError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Rows::open`].
    pub fn read(source: Source, options: &RowsOptions) -> Result<Rows> {
        const BLOCK: (usize, usize) = (4096, 4 << 20);
        let mut reader = Reader::new(source, &options.reader)?;
        let roles = roles(reader.name(), reader.columns(), options)?;
        let names = reader.columns().names().to_vec();
        let mut rows = Rows {
            name: reader.name().to_owned(),
            columns: names.into_iter().map(|name| Column { name, ..Column::default() }).collect(),
            roles,
            labels: Vec::new(),
            probabilities: Vec::new(),
            mentions: Vec::new(),
            days: Vec::new(),
            unlabelled: 0,
        };
        let mut known: Vec<FxHashMap<String, u32>> = vec![FxHashMap::default(); rows.columns.len()];
        loop {
            let block = reader.read_block(BLOCK.0, BLOCK.1)?;
            if block.is_empty() {
                break;
            }
            for record in &block {
                rows.add(record, &mut known, &reader)?;
            }
        }
        reader.finish()?;
        if let Some(date) = roles.date {
            rows.days = rows.columns[date].texts.iter().map(|text| Day::read(text)).collect();
            let any = rows.days.iter().any(Option::is_some);
            if let (Some(asked), false, Some(text)) = (&options.date, any, rows.columns[date].texts.first()) {
                let place = Place { file: rows.name.clone(), column: Some(asked.clone()), ..Place::default() };
                let problem = Problem::new(place, Fault::Value, format!("{text:?}"), "YYYY-MM-DD, YYYY-MM or YYYY");
                return Err(problem.hint("no cell of --date-column is a date").into());
            }
        }
        Ok(rows)
    }

    fn add(&mut self, record: &Record, known: &mut [FxHashMap<String, u32>], reader: &Reader) -> Result<()> {
        let cell = |column: usize| record.fields.get(column).unwrap_or_default();
        let roles = self.roles;
        let label = cell(roles.label).trim();
        if label.is_empty() {
            self.unlabelled += 1;
            return Ok(());
        }
        let wrong = |column: usize, expected: &str| -> ReportError {
            let found = format!("{:?}", cell(column));
            Problem::new(reader.place(record, Some(column)), Fault::Value, found, expected)
                .hint("a report is made of the output of `toward classify`")
                .into()
        };
        let label: Label = label.parse().map_err(|_| wrong(roles.label, "supportive, neutral or critical"))?;
        let mut probabilities = [0.0; CLASSES];
        for (probability, column) in probabilities.iter_mut().zip(roles.probabilities) {
            *probability = cell(column)
                .trim()
                .parse::<f32>()
                .ok()
                .filter(|number| (0.0..=1.0).contains(number))
                .ok_or_else(|| wrong(column, "a probability from 0 to 1"))?;
        }
        let mention = match roles.offsets {
            Some((start, end)) if !cell(start).is_empty() || !cell(end).is_empty() => {
                let number = |column: usize| {
                    cell(column).trim().parse::<u32>().map_err(|_| wrong(column, "a whole number from 0"))
                };
                Some((number(start)?, number(end)?))
            }
            _ => None,
        };
        for (at, (column, known)) in self.columns.iter_mut().zip(known).enumerate() {
            let text = cell(at);
            let index = if let Some(&index) = known.get(text) {
                index
            } else {
                let index = column.texts.len() as u32;
                column.texts.push(text.to_owned());
                known.insert(text.to_owned(), index);
                index
            };
            column.cells.push(index);
        }
        self.labels.push(label);
        self.probabilities.push(probabilities);
        self.mentions.push(mention);
        Ok(())
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// A row's sentence.
    pub fn sentence(&self, row: usize) -> &str {
        self.columns[self.roles.sentence].text(row)
    }

    /// A row's actor.
    pub fn actor(&self, row: usize) -> &str {
        self.columns[self.roles.actor].text(row)
    }

    /// A row's source, if there is such a column.
    pub fn source(&self, row: usize) -> Option<&str> {
        self.roles.source.map(|column| self.columns[column].text(row))
    }

    /// A row's day, if it has one that can be read.
    pub fn day(&self, row: usize) -> Option<Day> {
        self.roles.date.and_then(|column| self.days[self.columns[column].cells[row] as usize])
    }

    /// The bytes of the sentence that a row's mention covers; `None` if the offsets are missing or do not fit.
    pub fn mention(&self, row: usize) -> Option<std::ops::Range<usize>> {
        let (start, end) = self.mentions[row]?;
        crate::data::offsets::to_bytes(self.sentence(row), start as usize, end as usize)
            .ok()
            .filter(|mention| !mention.is_empty())
    }
}

fn roles(file: &str, columns: &Columns, options: &RowsOptions) -> Result<Roles> {
    const NEEDED: [&str; 6] = ["sentence", "actor", "label", "supportive", "neutral", "critical"];
    let mut found = [0; NEEDED.len()];
    let mut missing = Vec::new();
    for (place, name) in found.iter_mut().zip(NEEDED) {
        match columns.find_first(&[name])? {
            Some(column) => *place = column,
            None => missing.push(name),
        }
    }
    if !missing.is_empty() {
        let plural = if missing.len() == 1 { "column" } else { "columns" };
        let place = Place { file: file.to_owned(), ..Place::default() };
        let names: Vec<String> = columns.names().iter().take(30).map(|name| format!("{name:?}")).collect();
        let problem = Problem::new(
            place,
            Fault::Column,
            format!("no {plural} {} among {}", missing.join(", "), names.join(", ")),
            format!("the columns {}", NEEDED.join(", ")),
        );
        return Err(problem
            .hint("a report is made of the output of `toward classify`: toward classify articles.csv -o stance.csv")
            .into());
    }
    let usual = |asked: &Option<String>, names: &[&str]| match asked {
        Some(name) => columns.find(name).map(Some),
        None => columns.find_first(names),
    };
    let start = columns.find_first(&["start"])?;
    Ok(Roles {
        sentence: found[0],
        actor: found[1],
        label: found[2],
        probabilities: [found[3], found[4], found[5]],
        row: columns.find_first(&["row"])?,
        sentence_index: columns.find_first(&["sentence_index"])?,
        mention: columns.find_first(&["mention"])?,
        offsets: start.zip(columns.find_first(&["end"])?),
        date: usual(&options.date, &DATES)?,
        source: usual(&options.source, &SOURCES)?,
        row_a_record: columns.find_first(&["status"])?.is_some(),
    })
}
