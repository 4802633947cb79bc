//! Reads a catalogue from CSV, and says precisely what is wrong with one.
//!
//! The file is edited by people and in spreadsheets, so everything that can go wrong there has an error that
//! names the file, record, line, column, what was found and what was expected. A file is read whole or not
//! at all; nothing is guessed.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Read;

use rustc_hash::FxBuildHasher;

use super::catalogue::{Actor, Kind, Text, keep};
use super::conditions;
use super::date::{Date, Term};
use super::spelling::is_plain;

/// The columns, in the order in which they are written.
pub(super) const COLUMNS: [&str; 11] =
    ["id", "name", "kind", "aliases", "ambiguous", "country", "part_of", "codes", "from", "to", "source"];

/// The places of columns among [`COLUMNS`].
const ID: usize = 0;
const NAME: usize = 1;
const KIND: usize = 2;
const ALIASES: usize = 3;
const AMBIGUOUS: usize = 4;
const COUNTRY: usize = 5;
const PART_OF: usize = 6;
const CODES: usize = 7;
const FROM: usize = 8;
const TO: usize = 9;
const SOURCE: usize = 10;

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

/// Reads a file whole.
pub(super) fn read_file(reader: impl Read, file: &str) -> Result<Vec<u8>, CatalogueError> {
    let mut bytes = Vec::new();
    let limit = MAX_FILE as u64 + 1;
    reader
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|source| CatalogueError::Io { file: file.to_owned(), source })?;
    if bytes.len() > MAX_FILE {
        return Err(CatalogueError::TooLarge { file: file.to_owned(), limit: MAX_FILE, unit: "bytes" });
    }
    Ok(bytes)
}

/// Reads all actors of a file; `already` is how many the catalogue has.
pub(super) fn read_actors(bytes: &[u8], file: &Text, already: usize) -> Result<Vec<Actor>, CatalogueError> {
    let table = |line, found: &str, expected| CatalogueError::Table {
        file: file.to_string(),
        line,
        found: found.to_owned(),
        expected,
    };
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(table(1, "UTF-16 text", "UTF-8; save the file as \"CSV UTF-8\""));
    }
    let bytes = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes);
    // The file is looked at whole, which is cheap; only where that finds something are cells looked at one by one.
    let text = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
    let is_lossy = matches!(text, Cow::Owned(_));
    // No way out of the loop, so that many bytes are looked at together: there is nothing to find as a rule.
    let has_control = text.as_bytes().iter().fold(false, |any, &byte| any | is_control(byte));
    let mut records = Records { text: &text, at: 0, line: 1 };
    let mut cells = Vec::new();
    let mut next = |cells: &mut Vec<_>| {
        let line = "an opening quotation mark without a closing one";
        records.next(cells).map_err(|open| table(open.line, line, "one that closes the cell"))
    };
    next(&mut cells)?;
    let columns = Columns::of(&cells, file)?;
    let width = cells.len();

    // Lines are about as many as records; growing a table of this size step by step costs more than to count.
    let lines = memchr::memchr_iter(b'\n', bytes).count().min(bytes.len() / 32);
    let mut actors = Vec::with_capacity(lines);
    let mut ids = HashSet::with_capacity_and_hasher(lines, FxBuildHasher);
    let mut number = 0;
    while let Some(line) = next(&mut cells)? {
        number += 1;
        if cells.len() != width {
            let found = format!("{} cells where the header has {width}", cells.len());
            return Err(table(line, &found, "as many cells as the header has"));
        }
        let row = Row { file, number, line, cells: &cells, columns: &columns, is_lossy, has_control };
        let actor = row.actor()?;
        if !ids.insert(actor.id.clone()) {
            return Err(row.wrong(ID, &actor.id, "an id that no other record of this file has"));
        }
        actors.push(actor);
        if already + actors.len() > MAX_ACTORS {
            return Err(CatalogueError::TooLarge { file: file.to_string(), limit: MAX_ACTORS, unit: "actors" });
        }
    }
    Ok(actors)
}

/// Whether the byte is a control character and no white space.
fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && !byte.is_ascii_whitespace()
}

/// The records of a CSV file. Cells are parts of it, so that the file inside the binary need not be copied.
struct Records<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

/// A quotation mark that opens a cell which the file never closes. The rest of the file would be that cell, so
/// that a stray mark silently eats all rows.
struct OpenQuote {
    line: u64,
}

impl<'a> Records<'a> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Puts the next record's cells into `cells`, and tells its line; none at the end.
    fn next(&mut self, cells: &mut Vec<Cow<'a, str>>) -> Result<Option<u64>, OpenQuote> {
        cells.clear();
        while let Some(byte @ (b'\n' | b'\r')) = self.byte() {
            self.line += u64::from(byte == b'\n');
            self.at += 1;
        }
        if self.at == self.text.len() {
            return Ok(None);
        }
        let line = self.line;
        loop {
            let cell = self.cell()?;
            cells.push(cell);
            let end = self.byte();
            self.at += usize::from(end.is_some());
            if end != Some(b',') {
                if end == Some(b'\n') {
                    self.line += 1;
                }
                return Ok(Some(line));
            }
        }
    }

    /// The cell at this place, up to the comma or line end after it.
    fn cell(&mut self) -> Result<Cow<'a, str>, OpenQuote> {
        let mut cell = Cow::Borrowed("");
        if self.byte() == Some(b'"') {
            let open = OpenQuote { line: self.line };
            self.at += 1;
            loop {
                let rest = &self.text[self.at..];
                let Some(close) = memchr::memchr(b'"', rest.as_bytes()) else { return Err(open) };
                self.line += memchr::memchr_iter(b'\n', &rest.as_bytes()[..close]).count() as u64;
                self.at += close + 1;
                // Two marks stand for one.
                let doubled = self.byte() == Some(b'"');
                append(&mut cell, &rest[..close + usize::from(doubled)]);
                if !doubled {
                    break;
                }
                self.at += 1;
            }
        }
        let rest = &self.text[self.at..];
        let end = memchr::memchr3(b',', b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        append(&mut cell, &rest[..end]);
        self.at += end;
        Ok(cell)
    }
}

fn append<'a>(cell: &mut Cow<'a, str>, more: &'a str) {
    if cell.is_empty() {
        *cell = Cow::Borrowed(more);
    } else if !more.is_empty() {
        cell.to_mut().push_str(more);
    }
}

/// Where each column stands in the file.
struct Columns([Option<usize>; COLUMNS.len()]);

impl Columns {
    fn of(header: &[Cow<'_, str>], file: &str) -> Result<Columns, CatalogueError> {
        let wrong = |found: String, expected: String| CatalogueError::Header { file: file.to_owned(), found, expected };
        let mut columns = Columns([None; COLUMNS.len()]);
        for (place, cell) in header.iter().enumerate() {
            let name = cell.trim();
            if let Some(column) = COLUMNS.iter().position(|column| *column == name) {
                if columns.0[column].replace(place).is_some() {
                    return Err(wrong(name.to_owned(), "each column once".to_owned()));
                }
            } else if !IGNORED.contains(&name) {
                let expected = format!("the columns {}; of these only name is needed", COLUMNS.join(", "));
                return Err(wrong(name.to_owned(), expected));
            }
        }
        if columns.0[NAME].is_none() {
            return Err(wrong(header.join(","), "a column name".to_owned()));
        }
        Ok(columns)
    }
}

/// One record on its way to an actor.
struct Row<'a> {
    file: &'a Text,
    number: u64,
    line: u64,
    cells: &'a [Cow<'a, str>],
    columns: &'a Columns,
    /// Whether the file is not UTF-8, and what is not has been replaced.
    is_lossy: bool,
    /// Whether control characters are somewhere in the file.
    has_control: bool,
}

impl<'a> Row<'a> {
    fn wrong(&self, column: usize, found: &str, expected: impl Into<String>) -> CatalogueError {
        CatalogueError::Cell {
            file: self.file.to_string(),
            record: self.number,
            line: self.line,
            column: COLUMNS[column],
            found: shortened(found),
            expected: expected.into(),
        }
    }

    /// The trimmed cell; empty where the file lacks the column.
    fn cell(&self, column: usize) -> Result<&'a str, CatalogueError> {
        let text = self.columns.0[column].and_then(|place| self.cells.get(place)).map_or("", |cell| cell);
        if self.is_lossy && text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(self.wrong(column, text, "UTF-8 text"));
        }
        if text.len() > MAX_CELL {
            return Err(self.wrong(column, text, format!("at most {MAX_CELL} bytes")));
        }
        if self.has_control
            && let Some(character) = text.bytes().find(|&byte| is_control(byte)).map(char::from)
        {
            return Err(self.wrong(column, &character.to_string(), "no control characters"));
        }
        Ok(trimmed(text))
    }

    fn actor(&self) -> Result<Actor, CatalogueError> {
        let name = self.name(NAME, self.cell(NAME)?)?.into_owned();
        let aliases = self
            .cell(ALIASES)?
            .split('|')
            .map(trimmed)
            .filter(|alias| !alias.is_empty())
            .map(|alias| self.name(ALIASES, alias))
            .collect::<Result<Vec<_>, _>>()?;
        let id = match self.cell(ID)? {
            "" => slug(&name).into(),
            id => keep(id),
        };
        if id.contains(|c: char| c.is_whitespace() || matches!(c, '|' | ',' | ';')) {
            return Err(self.wrong(ID, &id, "a slug such as united-states"));
        }
        let kind = match self.cell(KIND)? {
            "" => Kind::Organisation,
            kind => kind.parse().map_err(|_| self.wrong(KIND, kind, Kind::ALL.map(Kind::name).join(", ")))?,
        };
        let ambiguous = conditions::read_cell(self.cell(AMBIGUOUS)?)
            .map_err(|error| self.wrong(AMBIGUOUS, &error.found, error.expected))?;
        let link = |column| self.cell(column).map(|id| (!id.is_empty()).then(|| keep(id)));
        Ok(Actor {
            id,
            name,
            kind,
            aliases,
            ambiguous,
            country: link(COUNTRY)?,
            part_of: link(PART_OF)?,
            codes: self.codes()?,
            terms: self.terms()?,
            source: keep(self.cell(SOURCE)?),
            file: self.file.clone(),
            record: self.number,
        })
    }

    fn name(&self, column: usize, name: &str) -> Result<Text, CatalogueError> {
        if !name.contains(char::is_alphanumeric) {
            return Err(self.wrong(column, name, "a name with a letter or digit"));
        }
        if name.len() > MAX_NAME {
            return Err(self.wrong(column, name, format!("at most {MAX_NAME} bytes")));
        }
        if is_plain(name) {
            return Ok(keep(name));
        }
        Ok(name.split_whitespace().collect::<Vec<_>>().join(" ").into())
    }

    fn codes(&self) -> Result<Vec<(Text, Text)>, CatalogueError> {
        self.cell(CODES)?
            .split_whitespace()
            .map(|code| match code.split_once('=') {
                Some((system, code)) if !system.is_empty() && !code.is_empty() => Ok((keep(system), keep(code))),
                _ => Err(self.wrong(CODES, code, "codes such as iso3=USA, separated by spaces")),
            })
            .collect()
    }

    fn terms(&self) -> Result<Vec<Term>, CatalogueError> {
        let (from_cell, to_cell) = (self.cell(FROM)?, self.cell(TO)?);
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
        let (from, to) = (dates(FROM, from_cell)?, dates(TO, to_cell)?);
        if from.len() != to.len() {
            return Err(self.wrong(TO, to_cell, format!("{} spans, as many as in column from", from.len())));
        }
        let terms: Vec<Term> = from.into_iter().zip(to).map(|(from, to)| Term { from, to }).collect();
        if terms.iter().any(|term| term.is_reversed()) {
            return Err(self.wrong(TO, to_cell, "no end before its beginning"));
        }
        Ok(terms)
    }
}

/// The text without white space around it: most cells have none.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
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
