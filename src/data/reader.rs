//! CSV records, each with its place, or an error that says what is wrong and where.
//!
//! Well-formed data are read exactly as by the csv crate. The difference is in the rest: an open quote, an
//! oversized record, a ragged record, NUL, bytes that are not UTF-8 and text behind a closing quote are
//! errors, or rejects if so asked, never silently taken for something else. In a file of one column an empty
//! line is a record with an empty cell, so that rows in and rows out can be counted; in other files empty
//! lines are nothing, as everywhere.
//!
//! Memory is bounded by one block of records and the cap on a record.

use std::ops::Range;
use std::path::Path;

use csv::StringRecord;

use super::column_type::ColumnType;
use super::columns::Columns;
use super::error::{DataError, Fault, Place, Problem, Result, quoted};
use super::journal::Position;
use super::meter::Meter;
use super::rejects::Rejects;
use super::row_writer::check_delimiter;
use super::scan::{Broken, Scan, Scanner};
use super::sniff;
use super::source::{Source, SourceOptions, nul_problem};

/// What to do with a bad record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Return its error and read no further.
    #[default]
    Stop,
    /// Count it, write it to the rejects if there are any, and go on.
    Skip,
}

/// How to read CSV.
#[derive(Clone, Debug)]
pub struct ReaderOptions {
    /// What separates cells; `None` means tab for `.tsv` and `.tab` files and comma for all others.
    pub delimiter: Option<u8>,
    /// Whether to find the delimiter out from the file's first 64 KiB, where none is given.
    pub sniff: bool,
    /// Whether the first record is data already.
    pub no_headers: bool,
    /// What to do with a bad record.
    pub on_error: OnError,
    /// The cap on a record's size in bytes.
    pub max_record: usize,
    /// The numbers of the records to hand out. Others are passed over: their text is not looked at, and what is wrong
    /// with them is neither an error nor counted.
    pub rows: Range<u64>,
}

impl Default for ReaderOptions {
    fn default() -> ReaderOptions {
        ReaderOptions {
            delimiter: None,
            sniff: false,
            no_headers: false,
            on_error: OnError::Stop,
            max_record: 16 * 1024 * 1024,
            rows: 1..u64::MAX,
        }
    }
}

/// One record of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number, from 1, header not counted, bad records counted.
    pub row: u64,
    /// The physical line where it begins, from 1.
    pub line: u64,
    /// Its cells, as many as the file has columns.
    pub fields: StringRecord,
}

/// How many records were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records handed out, less those that were rejected afterwards.
    pub good: u64,
    /// Records set aside.
    pub rejected: u64,
}

/// A reader of CSV records in blocks.
///
/// ```
/// use toward::data::{Reader, ReaderOptions, Source, SourceOptions};
///
/// let source = Source::from_reader("a.csv", &b"id,text\n1,\"one\nline\"\n2,two,too\n"[..], &SourceOptions::default())?;
/// let mut reader = Reader::new(source, &ReaderOptions::default())?;
/// let text = reader.columns().find("text")?;
/// let block = reader.read_block(1000, 1 << 20)?;
/// assert_eq!((block[0].row, block[0].line, &block[0].fields[text]), (1, 2, "one\nline"));
/// assert_eq!(
///     reader.read_block(1000, 1 << 20).unwrap_err().to_string(),
///     "a.csv: record 2 (line 4): found 3 cells, expected 2 as in the header; \
///      a cell that holds the delimiter ',' must be in double quotes"
/// );
/// # Ok::<(), toward::data::DataError>(())
/// ```
pub struct Reader {
    scanner: Scanner<Source>,
    columns: Columns,
    delimiter: u8,
    on_error: OnError,
    max_record: usize,
    rows: Range<u64>,
    headerless: bool,
    row: u64,
    counts: Counts,
    rejects: Option<Rejects>,
    /// Empty lines at the start of a headerless file that turned out to be records: the first's line, and how many.
    blanks: (u64, u64),
    /// What was read ahead: the first record of a headerless file, or an error that good records preceded.
    ahead: Option<Record>,
    failed: Option<DataError>,
    ended: bool,
}

impl Reader {
    /// Opens the file at `path`, or standard input for `-`, without reject file.
    ///
    /// # Errors
    ///
    /// As [`Source::open`] and [`Reader::new`].
    pub fn open(path: impl AsRef<Path>, source: &SourceOptions, options: &ReaderOptions) -> Result<Reader> {
        Reader::new(Source::open(path, source)?, options)
    }

    /// Reads from a source, without reject file.
    ///
    /// # Errors
    ///
    /// If the header is missing or bad, or an option is.
    pub fn new(source: Source, options: &ReaderOptions) -> Result<Reader> {
        Reader::with_rejects(source, options, None)
    }

    /// Reads from a source; bad records that are skipped go to `rejects`.
    ///
    /// # Errors
    ///
    /// As [`Reader::new`].
    pub fn with_rejects(mut source: Source, options: &ReaderOptions, rejects: Option<Rejects>) -> Result<Reader> {
        let mut options = options.clone();
        if source.types().is_some() {
            // A Parquet file comes as CSV of the plainest kind.
            (options.delimiter, options.no_headers) = (Some(b','), false);
        }
        let options = &options;
        let delimiter = match options.delimiter {
            Some(delimiter) => delimiter,
            None if options.sniff => {
                let (head, whole) = source.head()?;
                sniff::delimiter(source.name(), &head, whole)?
            }
            None => source.delimiter(),
        };
        check_delimiter(delimiter)?;
        if options.max_record == 0 {
            return Err(DataError::Option {
                option: "--max-record",
                found: "0".to_owned(),
                expected: "at least 1 byte".to_owned(),
            });
        }
        let name = source.name().to_owned();
        let skipped = source.skipped();
        let mut reader = Reader {
            scanner: Scanner::new(source, skipped, delimiter, options.max_record),
            columns: Columns::numbered(&name, 0),
            delimiter,
            on_error: options.on_error,
            max_record: options.max_record,
            rows: options.rows.clone(),
            headerless: options.no_headers,
            row: 0,
            counts: Counts::default(),
            rejects,
            blanks: (0, 0),
            ahead: None,
            failed: None,
            ended: false,
        };
        if options.no_headers {
            reader.look_ahead()?;
        } else {
            reader.read_header()?;
        }
        Ok(reader)
    }

    /// Reads on from a place that [`Reader::checkpoint`] told of an earlier reader of the same input, with the same
    /// options. What lies before it is read again to see that it is the same, but not taken apart.
    ///
    /// # Errors
    ///
    /// As [`Reader::new`]; also if the input is another up to that place.
    pub fn resume(source: Source, options: &ReaderOptions, at: &Position, rejects: Option<Rejects>) -> Result<Reader> {
        // What is rejected on the way to the first record was rejected then, too.
        let mut reader = Reader::new(source, options)?;
        let reached = reader.scanner.skip_to(at.byte, at.line);
        let reached = reached.map_err(|error| DataError::reading(reader.scanner.input().name(), error))?;
        let (_, _, hash) = reader.scanner.mark();
        if !reached || format!("{hash:032x}") != at.hash {
            return Err(DataError::Option {
                option: "--resume",
                found: format!("{} with other content in its first {} bytes", reader.name(), at.byte),
                expected: "the input of the run that was interrupted; give that, or remove the journal to begin anew"
                    .to_owned(),
            });
        }
        (reader.blanks, reader.ahead, reader.failed, reader.ended) = ((0, 0), None, None, false);
        reader.row = at.row;
        reader.counts = Counts { good: at.good, rejected: at.rejected };
        reader.rejects = rejects;
        Ok(reader)
    }

    /// The place behind the last block, with everything before it that was set aside safe on disk. `None` where no place
    /// can be named: records were read ahead, or an error waits to be told.
    ///
    /// # Errors
    ///
    /// If the rejects cannot be written.
    pub fn checkpoint(&mut self) -> Result<Option<Position>> {
        let rejects = self.rejects.as_mut().map_or(Ok(0), Rejects::checkpoint)?;
        if self.blanks.1 > 0 || self.ahead.is_some() || self.failed.is_some() {
            return Ok(None);
        }
        let (byte, line, hash) = self.scanner.mark();
        let Counts { good, rejected } = self.counts;
        Ok(Some(Position { row: self.row, line, byte, hash: format!("{hash:032x}"), good, rejected, rejects }))
    }

    /// The file's columns.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The header, or the columns' numbers if there is none.
    pub fn headers(&self) -> &[String] {
        self.columns.names()
    }

    /// The columns' types, if the file has types: see [`Source::types`].
    pub fn types(&self) -> Option<&[ColumnType]> {
        self.scanner.input().types()
    }

    /// The input's name for messages.
    pub fn name(&self) -> &str {
        self.scanner.input().name()
    }

    /// The delimiter in use.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// How many records were met so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How far the file has been read.
    pub fn meter(&self) -> &Meter {
        self.scanner.input().meter()
    }

    /// The input's fingerprint, whole once the end was reached: see [`Source::sha256`].
    pub fn sha256(&self) -> Option<String> {
        self.scanner.input().sha256()
    }

    /// The next records, until `max_records` of them or `max_bytes` of their raw text are together, at least
    /// one; an empty block is the end of the input. The limits never change which records come, or their order.
    ///
    /// # Errors
    ///
    /// If reading fails, or at a bad record unless bad ones are skipped. All good records before it come
    /// first. After an error the input counts as ended.
    pub fn read_block(&mut self, max_records: usize, max_bytes: usize) -> Result<Vec<Record>> {
        let mut block = Vec::new();
        let mut bytes = 0;
        while block.len() < max_records.max(1) && (bytes < max_bytes || block.is_empty()) {
            if let Some(error) = self.failed.take() {
                if block.is_empty() {
                    return Err(error);
                }
                self.failed = Some(error);
                break;
            }
            if self.ended {
                break;
            }
            match self.next_record() {
                Ok(Some(record)) => {
                    bytes += record.fields.as_slice().len() + record.fields.len();
                    self.counts.good += 1;
                    block.push(record);
                }
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    self.failed = Some(error);
                }
            }
        }
        Ok(block)
    }

    /// The place of a record's cell, for an error about its content.
    pub fn place(&self, record: &Record, column: Option<usize>) -> Place {
        Place {
            file: self.name().to_owned(),
            record: Some(record.row),
            line: self.types().is_none().then_some(record.line),
            column: column.map(|index| self.column_name(index)),
            ..Place::default()
        }
    }

    /// Deals with a record that was read well and whose content is bad: returns the error, or, when bad records
    /// are skipped, sets the record aside and counts it as rejected.
    ///
    /// # Errors
    ///
    /// The problem itself, or a failure to write the rejects.
    pub fn reject(&mut self, record: &Record, problem: Problem) -> Result<()> {
        if self.on_error == OnError::Stop {
            return Err(problem.into());
        }
        self.counts.good = self.counts.good.saturating_sub(1);
        self.counts.rejected += 1;
        if let Some(rejects) = &mut self.rejects {
            let format = super::row_writer::Format::Csv { delimiter: self.delimiter };
            let rows = super::row_writer::RowWriter::new(format, self.columns.names())?;
            let mut raw = Vec::new();
            let mut row = rows.row(&mut raw);
            for field in &record.fields {
                row = row.text(field);
            }
            row.end();
            raw.pop();
            rejects.add(&problem, None, &raw)?;
        }
        Ok(())
    }

    /// Reads to the end and returns how many records there were, all of them passed over: see [`ReaderOptions::rows`].
    pub(super) fn passed_over(mut self) -> Result<u64> {
        while self.next_record()?.is_some() {}
        Ok(self.row)
    }

    /// Ends reading and completes the reject file, if there is one.
    ///
    /// # Errors
    ///
    /// If the reject file cannot be completed, or, at the end of the input, records are neither handed out nor set aside.
    pub fn finish(self) -> Result<Counts> {
        let Counts { good, rejected } = self.counts;
        let written = self.rejects.as_ref().map_or(rejected, Rejects::count);
        // Of a part of a file, what lies before it was passed over, and what lies behind was not read.
        let read = self.row.min(self.rows.end.saturating_sub(1)).saturating_sub(self.rows.start.saturating_sub(1));
        let lost = good + rejected != read || written != rejected;
        if self.ended && self.failed.is_none() && lost {
            return Err(DataError::Lost { file: self.name().to_owned(), read, good, rejected, written });
        }
        if let Some(rejects) = self.rejects {
            rejects.finish()?;
        }
        Ok(self.counts)
    }

    fn read_header(&mut self) -> Result<()> {
        loop {
            let scan = self.scan()?;
            let problem = match scan {
                Scan::Blank => continue,
                Scan::End => {
                    let place = Place { file: self.name().to_owned(), ..Place::default() };
                    Problem::new(place, Fault::Empty, "an empty file", "a header line")
                }
                Scan::Broken(broken) => self.broken(broken),
                Scan::Record => match self.parse(None) {
                    Ok(fields) => {
                        let names = fields.iter().map(str::to_owned).collect();
                        self.columns = Columns::new(self.name(), names);
                        return Ok(());
                    }
                    Err(problem) => *problem,
                },
            };
            return Err(problem.into());
        }
    }

    /// Finds out how many columns a headerless file has. Empty lines at its start are records if that is one.
    fn look_ahead(&mut self) -> Result<()> {
        let mut blanks = (0, 0);
        loop {
            match self.scan()? {
                Scan::Blank => {
                    if blanks.1 == 0 {
                        blanks.0 = self.scanner.line();
                    }
                    blanks.1 += 1;
                }
                Scan::End => {
                    if blanks.1 > 0 {
                        self.columns = Columns::numbered(self.name(), 1);
                        self.blanks = blanks;
                    }
                    return Ok(());
                }
                Scan::Broken(broken) => self.refuse_broken(broken)?,
                Scan::Record => match self.parse(None) {
                    Ok(fields) => {
                        self.columns = Columns::numbered(self.name(), fields.len());
                        if fields.len() == 1 {
                            self.blanks = blanks;
                        }
                        self.row += 1;
                        let row = self.row + self.blanks.1;
                        self.ahead = Some(Record { row, line: self.scanner.line(), fields });
                        return Ok(());
                    }
                    Err(problem) => self.refuse(*problem)?,
                },
            }
        }
    }

    fn next_record(&mut self) -> Result<Option<Record>> {
        while self.blanks.1 > 0 {
            let line = self.blanks.0;
            self.blanks = (line + 1, self.blanks.1 - 1);
            // A record that was read ahead has been counted already and comes after all of these.
            self.row += 1;
            let row = self.row - u64::from(self.ahead.is_some());
            if self.rows.contains(&row) {
                return Ok(Some(empty_record(row, line)));
            }
        }
        if let Some(record) = self.ahead.take().filter(|record| self.rows.contains(&record.row)) {
            return Ok(Some(record));
        }
        while self.row + 1 < self.rows.end {
            match self.scan()? {
                Scan::End => return Ok(None),
                Scan::Blank if self.columns.names().len() != 1 => {}
                Scan::Blank | Scan::Record if self.row + 1 < self.rows.start => self.row += 1,
                Scan::Blank => {
                    self.row += 1;
                    return Ok(Some(empty_record(self.row, self.scanner.line())));
                }
                Scan::Broken(broken) => self.refuse_broken(broken)?,
                Scan::Record => match self.parse(Some(self.columns.names().len())) {
                    Ok(fields) => {
                        self.row += 1;
                        return Ok(Some(Record { row: self.row, line: self.scanner.line(), fields }));
                    }
                    Err(problem) => self.refuse(*problem)?,
                },
            }
        }
        Ok(None)
    }

    fn scan(&mut self) -> Result<Scan> {
        self.scanner.scan().map_err(|error| DataError::reading(self.scanner.input().name(), error))
    }

    /// The current record's cells, or what is wrong with them; `width` is how many there must be.
    fn parse(&self, width: Option<usize>) -> Result<StringRecord, Box<Problem>> {
        let raw = self.scanner.raw();
        let cells = self.scanner.cells();
        let text = match std::str::from_utf8(raw) {
            Ok(text) => text,
            Err(error) => {
                let at = error.valid_up_to();
                return Err(Box::new(self.scanner.input().not_utf8(self.place_at(at), raw, at)));
            }
        };
        if let Some(at) = memchr::memchr(0, raw) {
            return Err(Box::new(nul_problem(self.place_at(at))));
        }
        if let Some(width) = width.filter(|width| *width != cells.len()) {
            let found = if cells.len() == 1 { "1 cell".to_owned() } else { format!("{} cells", cells.len()) };
            let first = if self.columns.named() { "header" } else { "first record" };
            let problem = Problem::new(self.place_here(), Fault::Ragged, found, format!("{width} as in the {first}"));
            let hint =
                format!("a cell that holds the delimiter {:?} must be in double quotes", char::from(self.delimiter));
            return Err(Box::new(if cells.len() > width { problem.hint(hint) } else { problem }));
        }
        let mut fields = StringRecord::with_capacity(raw.len(), cells.len());
        for cell in cells {
            // Cells end at ASCII bytes, so they never cut a character.
            let content = &text[cell.range()];
            if cell.escaped() { fields.push_field(&content.replace("\"\"", "\"")) } else { fields.push_field(content) }
        }
        Ok(fields)
    }

    /// Counts the current record as bad: its error, or, if bad ones are skipped, nothing.
    fn refuse(&mut self, problem: Problem) -> Result<()> {
        self.row += 1;
        if !self.rows.contains(&self.row) {
            return Ok(());
        }
        if self.on_error == OnError::Stop {
            return Err(problem.into());
        }
        self.counts.rejected += 1;
        match &mut self.rejects {
            Some(rejects) => rejects.add(&problem, Some(self.scanner.byte()), self.scanner.raw()),
            None => Ok(()),
        }
    }

    fn refuse_broken(&mut self, broken: Broken) -> Result<()> {
        let problem = self.broken(broken);
        self.row += 1;
        let ours = self.rows.contains(&self.row);
        if ours && self.on_error == OnError::Stop {
            return Err(problem.into());
        }
        let byte = self.scanner.byte();
        let raw =
            self.scanner.skip_broken(broken).map_err(|error| DataError::reading(self.scanner.input().name(), error))?;
        if !ours {
            return Ok(());
        }
        self.counts.rejected += 1;
        match &mut self.rejects {
            Some(rejects) => rejects.add(&problem, Some(byte), &raw),
            None => Ok(()),
        }
    }

    fn broken(&self, broken: Broken) -> Problem {
        let place = self.place_here();
        match broken {
            Broken::Unclosed { cell } => Problem::new(
                place,
                Fault::UnclosedQuote,
                "a double quote that is never closed",
                "a closing one before the end of the file",
            )
            .column(self.column_name(cell)),
            Broken::AfterQuote { cell, at } => {
                // Shown is what stands before the fault, for that much is in the buffer for certain.
                let before = String::from_utf8_lossy(self.scanner.up_to(at)).into_owned();
                let from = before.char_indices().rev().nth(19).map_or(0, |(from, _)| from);
                Problem::new(
                    place,
                    Fault::TextAfterQuote,
                    format!("text right after {}", quoted(&before[from..])),
                    format!("{:?} or the end of the line there", char::from(self.delimiter)),
                )
                .hint("inside a quoted cell a double quote is written twice")
                .column(self.column_name(cell))
            }
            Broken::TooLong => Problem::new(
                place,
                Fault::TooLong,
                format!("a record of more than {} bytes", self.max_record),
                "a smaller one",
            )
            .hint("is a double quote left open? else raise --max-record"),
        }
    }

    /// The place of the current record.
    fn place_here(&self) -> Place {
        Place {
            file: self.name().to_owned(),
            record: self.in_body().then_some(self.row + 1),
            line: Some(self.scanner.line()),
            ..Place::default()
        }
    }

    /// The place of a byte of the current record.
    fn place_at(&self, at: usize) -> Place {
        let cell = self.scanner.cells().iter().position(|cell| at < cell.range().end);
        Place {
            byte: Some(self.scanner.byte() + at as u64),
            column: cell.map(|cell| self.column_name(cell)),
            ..self.place_here()
        }
    }

    /// Whether the header has been read, or there is none.
    fn in_body(&self) -> bool {
        self.columns.named() || self.headerless
    }

    fn column_name(&self, index: usize) -> String {
        self.columns.names().get(index).cloned().unwrap_or_else(|| (index + 1).to_string())
    }
}

fn empty_record(row: u64, line: u64) -> Record {
    Record { row, line, fields: StringRecord::from(vec![""]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Output;

    #[test]
    fn a_record_with_bad_content_is_stopped_at_or_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects.csv");
        for on_error in [OnError::Stop, OnError::Skip] {
            let source =
                Source::from_reader("f.csv", &b"a,b\n1,\"2\n\"\n3,4\n"[..], &SourceOptions::default()).unwrap();
            let options = ReaderOptions { on_error, ..ReaderOptions::default() };
            let rejects = Rejects::over(Output::create(&path, &[]).unwrap()).unwrap();
            let mut reader = Reader::with_rejects(source, &options, Some(rejects)).unwrap();
            let block = reader.read_block(10, 1000).unwrap();
            let problem = Problem::new(reader.place(&block[0], Some(1)), Fault::Value, "\"2\\n\"", "a number");
            let result = reader.reject(&block[0], problem).map_err(|error| error.to_string());
            if on_error == OnError::Stop {
                let message = "f.csv: record 1 (line 2), column \"b\": found \"2\\n\", expected a number";
                assert_eq!(result, Err(message.to_owned()));
                continue;
            }
            assert_eq!(result, Ok(()));
            assert_eq!(reader.finish().unwrap(), Counts { good: 1, rejected: 1 });
            let expected = "record,line,byte,reason,raw\n1,2,,\"column \"\"b\"\": found \"\"2\\n\"\", expected a number\",\
                            \"1,\"\"2\n\"\"\"\n";
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        }
    }
}
