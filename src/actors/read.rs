//! Reads a catalogue from CSV, and says precisely what is wrong with one.
//!
//! The file is edited by people and in spreadsheets, so everything that can go wrong there has an error that
//! names the file, record, line, column, what was found and what was expected. A file is read whole or not
//! at all; nothing is guessed.

use std::collections::HashSet;
use std::io::Read;

use super::catalogue::{Actor, Kind};
use super::conditions;
use super::date::{Date, Term};

/// The columns, in the order in which they are written.
pub(super) const COLUMNS: [&str; 11] =
    ["id", "name", "kind", "aliases", "ambiguous", "country", "part_of", "codes", "from", "to", "source"];

/// Columns that are allowed and not read: what discovery adds, and a place for remarks.
const IGNORED: [&str; 4] = ["count", "examples", "note", "notes"];

/// The largest file, in bytes.
const MAX_FILE: usize = 64 << 20;
/// The most actors in a catalogue.
const MAX_ACTORS: usize = 1_000_000;
/// The longest name, in bytes.
const MAX_NAME: usize = 200;
/// The longest cell, in bytes.
const MAX_CELL: usize = 64 << 10;

/// Why a catalogue could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// A cell is not as the format says.
    #[error("{file}, record {record} (line {line}), column {column}: found {found:?}, expected {expected}")]
    Cell {
        /// The file's name.
        file: String,
        /// The record's number; the header is not counted.
        record: u64,
        /// The line on which the record begins.
        line: u64,
        /// The column's name.
        column: &'static str,
        /// What stands there.
        found: String,
        /// What the format has there.
        expected: String,
    },
    /// The header is not as the format says.
    #[error("{file}, header: found {found:?}, expected {expected}")]
    Header {
        /// The file's name.
        file: String,
        /// What stands there.
        found: String,
        /// What the format has there.
        expected: String,
    },
    /// The file is no CSV table.
    #[error("{file}, line {line}: found {found}, expected {expected}")]
    Table {
        /// The file's name.
        file: String,
        /// The line.
        line: u64,
        /// What stands there.
        found: String,
        /// What a table has there.
        expected: &'static str,
    },
    /// The file or the catalogue is too large.
    #[error("{file}: found more than {limit} {unit}, expected at most that many")]
    TooLarge {
        /// The file's name.
        file: String,
        /// The most that is read.
        limit: usize,
        /// Of what.
        unit: &'static str,
    },
    /// The file cannot be read.
    #[error("{file}: {source}")]
    Io {
        /// The file's name.
        file: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Reads all actors of a file; `already` is how many the catalogue has.
pub(super) fn read_actors(reader: impl Read, file: &str, already: usize) -> Result<Vec<Actor>, CatalogueError> {
    let mut bytes = Vec::new();
    let limit = MAX_FILE as u64 + 1;
    reader
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|source| CatalogueError::Io { file: file.to_owned(), source })?;
    if bytes.len() > MAX_FILE {
        return Err(CatalogueError::TooLarge { file: file.to_owned(), limit: MAX_FILE, unit: "bytes" });
    }
    let table = |line, found: &str, expected| CatalogueError::Table {
        file: file.to_owned(),
        line,
        found: found.to_owned(),
        expected,
    };
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(table(1, "UTF-16 text", "UTF-8; save the file as \"CSV UTF-8\""));
    }
    let bytes = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(&bytes);
    if let Some(line) = open_quote(bytes) {
        return Err(table(line, "an opening quotation mark without a closing one", "one that closes the cell"));
    }

    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let csv_error = |error: &csv::Error| {
        let line = error.position().map_or(0, csv::Position::line);
        match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => table(
                line,
                &format!("{len} cells where the header has {expected_len}"),
                "as many cells as the header has",
            ),
            _ => table(line, &error.to_string(), "a CSV record"),
        }
    };
    let header = reader.byte_headers().map_err(|error| csv_error(&error))?.clone();
    let columns = Columns::of(&header, file)?;

    let mut actors = Vec::new();
    let mut ids = HashSet::new();
    let mut record = csv::ByteRecord::new();
    let mut number = 0;
    while reader.read_byte_record(&mut record).map_err(|error| csv_error(&error))? {
        number += 1;
        let row = Row {
            file,
            number,
            line: record.position().map_or(0, csv::Position::line),
            record: &record,
            columns: &columns,
        };
        let actor = row.actor()?;
        if !ids.insert(actor.id.clone()) {
            return Err(row.wrong("id", &actor.id, "an id that no other record of this file has"));
        }
        actors.push(actor);
        if already + actors.len() > MAX_ACTORS {
            return Err(CatalogueError::TooLarge { file: file.to_owned(), limit: MAX_ACTORS, unit: "actors" });
        }
    }
    Ok(actors)
}

/// Where each column stands in the file.
struct Columns([Option<usize>; COLUMNS.len()]);

impl Columns {
    fn of(header: &csv::ByteRecord, file: &str) -> Result<Columns, CatalogueError> {
        let wrong = |found: String, expected: String| CatalogueError::Header { file: file.to_owned(), found, expected };
        let mut columns = Columns([None; COLUMNS.len()]);
        for (place, cell) in header.iter().enumerate() {
            let name = String::from_utf8_lossy(cell);
            let name = name.trim();
            if let Some(column) = COLUMNS.iter().position(|column| *column == name) {
                if columns.0[column].replace(place).is_some() {
                    return Err(wrong(name.to_owned(), "each column once".to_owned()));
                }
            } else if !IGNORED.contains(&name) {
                let expected = format!("the columns {}; of these only name is needed", COLUMNS.join(", "));
                return Err(wrong(name.to_owned(), expected));
            }
        }
        if columns.place("name").is_none() {
            let found: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
            return Err(wrong(found.join(","), "a column name".to_owned()));
        }
        Ok(columns)
    }

    fn place(&self, name: &str) -> Option<usize> {
        COLUMNS.iter().position(|column| *column == name).and_then(|column| self.0[column])
    }
}

/// One record on its way to an actor.
struct Row<'a> {
    file: &'a str,
    number: u64,
    line: u64,
    record: &'a csv::ByteRecord,
    columns: &'a Columns,
}

impl<'a> Row<'a> {
    fn wrong(&self, column: &'static str, found: &str, expected: impl Into<String>) -> CatalogueError {
        CatalogueError::Cell {
            file: self.file.to_owned(),
            record: self.number,
            line: self.line,
            column,
            found: shortened(found),
            expected: expected.into(),
        }
    }

    /// The trimmed cell; empty where the file lacks the column.
    fn cell(&self, column: &'static str) -> Result<&'a str, CatalogueError> {
        let cell = self.columns.place(column).and_then(|place| self.record.get(place)).unwrap_or_default();
        let text =
            std::str::from_utf8(cell).map_err(|_| self.wrong(column, &String::from_utf8_lossy(cell), "UTF-8 text"))?;
        if text.len() > MAX_CELL {
            return Err(self.wrong(column, text, format!("at most {MAX_CELL} bytes")));
        }
        let control = |byte: u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
        if let Some(character) = text.bytes().find(|&byte| control(byte)).map(char::from) {
            return Err(self.wrong(column, &character.to_string(), "no control characters"));
        }
        Ok(text.trim())
    }

    fn actor(&self) -> Result<Actor, CatalogueError> {
        let name = self.name("name", self.cell("name")?)?;
        let aliases = self
            .cell("aliases")?
            .split('|')
            .map(str::trim)
            .filter(|alias| !alias.is_empty())
            .map(|alias| self.name("aliases", alias))
            .collect::<Result<Vec<_>, _>>()?;
        let id = match self.cell("id")? {
            "" => slug(&name),
            id => id.to_owned(),
        };
        if id.contains(|c: char| c.is_whitespace() || matches!(c, '|' | ',' | ';')) {
            return Err(self.wrong("id", &id, "a slug such as united-states"));
        }
        let kind = match self.cell("kind")? {
            "" => Kind::Organisation,
            kind => kind.parse().map_err(|_| self.wrong("kind", kind, Kind::ALL.map(Kind::name).join(", ")))?,
        };
        let ambiguous = conditions::read_cell(self.cell("ambiguous")?)
            .map_err(|error| self.wrong("ambiguous", &error.found, error.expected))?;
        let link = |column| self.cell(column).map(|id| (!id.is_empty()).then(|| id.to_owned()));
        Ok(Actor {
            id,
            name,
            kind,
            aliases,
            ambiguous,
            country: link("country")?,
            part_of: link("part_of")?,
            codes: self.codes()?,
            terms: self.terms()?,
            source: self.cell("source")?.to_owned(),
            file: self.file.to_owned(),
            record: self.number,
        })
    }

    fn name(&self, column: &'static str, name: &str) -> Result<String, CatalogueError> {
        if !name.contains(char::is_alphanumeric) {
            return Err(self.wrong(column, name, "a name with a letter or digit"));
        }
        if name.len() > MAX_NAME {
            return Err(self.wrong(column, name, format!("at most {MAX_NAME} bytes")));
        }
        if name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(name.to_owned());
        }
        let mut plain = String::with_capacity(name.len());
        for word in name.split_whitespace() {
            if !plain.is_empty() {
                plain.push(' ');
            }
            plain.push_str(word);
        }
        Ok(plain)
    }

    fn codes(&self) -> Result<Vec<(String, String)>, CatalogueError> {
        self.cell("codes")?
            .split_whitespace()
            .map(|code| match code.split_once('=') {
                Some((system, code)) if !system.is_empty() && !code.is_empty() => {
                    Ok((system.to_owned(), code.to_owned()))
                }
                _ => Err(self.wrong("codes", code, "codes such as iso3=USA, separated by spaces")),
            })
            .collect()
    }

    fn terms(&self) -> Result<Vec<Term>, CatalogueError> {
        let (from_cell, to_cell) = (self.cell("from")?, self.cell("to")?);
        if from_cell.is_empty() && to_cell.is_empty() {
            return Ok(Vec::new());
        }
        let dates = |column, cell: &str| {
            cell.split('|')
                .map(str::trim)
                .map(|text| match text {
                    "" => Ok(None),
                    _ => match text.parse::<Date>() {
                        // A date with a time is for documents, not for terms.
                        Ok(date) if text.len() <= 10 => Ok(Some(date)),
                        _ => Err(self.wrong(column, text, "YYYY-MM-DD, YYYY-MM or YYYY")),
                    },
                })
                .collect::<Result<Vec<_>, _>>()
        };
        let (from, to) = (dates("from", from_cell)?, dates("to", to_cell)?);
        if from.len() != to.len() {
            return Err(self.wrong("to", to_cell, format!("{} spans, as many as in column from", from.len())));
        }
        let terms: Vec<Term> = from.into_iter().zip(to).map(|(from, to)| Term { from, to }).collect();
        if terms.iter().any(|term| term.is_reversed()) {
            return Err(self.wrong("to", to_cell, "no end before its beginning"));
        }
        Ok(terms)
    }
}

/// A name in lower case, its words joined by hyphens: the default id.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for word in name.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '.')) {
        let word: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if !word.is_empty() {
            if !slug.is_empty() {
                slug.push('-');
            }
            slug.push_str(&word);
        }
    }
    slug
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The line of a quotation mark that opens a cell which the file never closes.
///
/// The CSV reader takes the rest of the file for that cell, so that a stray mark silently eats all rows.
fn open_quote(bytes: &[u8]) -> Option<u64> {
    let mut at = 0;
    while let Some(mark) = memchr::memchr(b'"', &bytes[at..]).map(|mark| at + mark) {
        at = mark + 1;
        if mark > 0 && !matches!(bytes[mark - 1], b',' | b'\n' | b'\r') {
            continue;
        }
        loop {
            let Some(close) = memchr::memchr(b'"', &bytes[at..]) else {
                return Some(memchr::memchr_iter(b'\n', &bytes[..mark]).count() as u64 + 1);
            };
            at += close + 1;
            if bytes.get(at) != Some(&b'"') {
                break;
            }
            at += 1;
        }
    }
    None
}
