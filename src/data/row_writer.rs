//! Rows rendered to bytes, as CSV or JSON Lines (or for Parquet), on any thread.
//!
//! Rendering is the part of writing that can run in parallel: each worker renders its rows into its own
//! buffer and the buffers are written in order. CSV cells are quoted as the csv crate does by default: only
//! when they hold the delimiter, a double quote or a line end; numbers are written without rounding surprises,
//! at a stated number of decimals. JSON strings are `serde_json`'s.

use std::io::Write;

use super::column_type::ColumnType;
use super::error::{DataError, Result, quoted};
use super::file_name;

/// The format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Cells separated by this delimiter, `\n` after every row, a header first.
    Csv {
        /// The delimiter, `b','` or `b'\t'` as a rule.
        delimiter: u8,
    },
    /// One JSON object a line, without header.
    JsonLines,
    /// Cells separated by commas, with all decimals, and the columns' types in a line under their names: what an
    /// [`Output`](super::Output) of a `.parquet` file takes.
    Parquet,
}

impl Format {
    /// The format that a file's name stands for: Parquet for `.parquet`, JSON Lines for `.jsonl` and `.ndjson`, tabs for `.tsv` and
    /// `.tab`, commas for all others; `.gz` and `.zst` at the end are looked through.
    pub fn of_name(name: &str) -> Format {
        if file_name::is_parquet(name) {
            return Format::Parquet;
        }
        match file_name::format(name).as_str() {
            "jsonl" | "ndjson" => Format::JsonLines,
            "tsv" | "tab" => Format::Csv { delimiter: b'\t' },
            _ => Format::Csv { delimiter: b',' },
        }
    }

    /// What separates cells, where something does.
    fn delimiter(self) -> Option<u8> {
        match self {
            Format::Csv { delimiter } => Some(delimiter),
            Format::Parquet => Some(b','),
            Format::JsonLines => None,
        }
    }
}

/// Renders rows of the same columns into byte buffers. Share it between threads by reference.
///
/// ```
/// use toward::data::{Format, RowWriter};
///
/// let rows = RowWriter::new(Format::Csv { delimiter: b',' }, &["row", "sentence", "critical"])?;
/// let mut block = Vec::new();
/// rows.header(&mut block);
/// rows.row(&mut block).integer(1).text("Xi said: \"No\"").decimal(0.25, 3).end();
/// assert_eq!(block, b"row,sentence,critical\n1,\"Xi said: \"\"No\"\"\",0.250\n");
/// # Ok::<(), toward::data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RowWriter {
    format: Format,
    columns: Vec<String>,
    /// For Parquet; columns beyond these are text.
    types: Vec<ColumnType>,
    /// For JSON: `{"name":` for the first column and `,"name":` for the others.
    keys: Vec<Vec<u8>>,
    safe_cells: bool,
}

impl RowWriter {
    /// A writer of rows with these columns.
    ///
    /// # Errors
    ///
    /// If the delimiter cannot be one, or if a column of JSON Lines has the name of another.
    pub fn new<S: AsRef<str>>(format: Format, columns: &[S]) -> Result<RowWriter> {
        let columns: Vec<String> = columns.iter().map(|column| column.as_ref().to_owned()).collect();
        let mut keys = Vec::new();
        match format {
            Format::Csv { delimiter } => check_delimiter(delimiter)?,
            Format::Parquet => {}
            Format::JsonLines => {
                for (index, column) in columns.iter().enumerate() {
                    if columns[..index].contains(column) {
                        return Err(DataError::Option {
                            option: "--keep",
                            found: format!("two output columns with the name {}", quoted(column)),
                            expected: "different names, for they are the keys of JSON objects".to_owned(),
                        });
                    }
                    let mut key = vec![if index == 0 { b'{' } else { b',' }];
                    json_string(&mut key, column);
                    key.push(b':');
                    keys.push(key);
                }
            }
        }
        Ok(RowWriter { format, columns, types: Vec::new(), keys, safe_cells: false })
    }

    /// Whether text cells that a spreadsheet would run as a formula (they begin with `=`, `+`, `-`, `@`, tab or
    /// carriage return) get an apostrophe in front. Off by default, for it changes the data.
    #[must_use]
    pub fn safe_cells(mut self, safe: bool) -> RowWriter {
        self.safe_cells = safe;
        self
    }

    /// The columns' types, in order, for a format that has types. All columns are text if nothing is said.
    #[must_use]
    pub fn types(self, types: Vec<ColumnType>) -> RowWriter {
        RowWriter { types, ..self }
    }

    /// The columns' names.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Renders the header, which JSON Lines do not have.
    pub fn header(&self, out: &mut Vec<u8>) {
        if self.format == Format::JsonLines {
            return;
        }
        self.columns.iter().fold(self.row(out), |row, column| row.text(column)).end();
        if self.format == Format::Parquet {
            let kind = |at: usize| self.types.get(at).cloned().unwrap_or_default().written();
            (0..self.columns.len()).fold(self.row(out), |row, at| row.text(&kind(at))).end();
        }
    }

    /// Begins a row at the end of `out`.
    pub fn row<'a>(&'a self, out: &'a mut Vec<u8>) -> Row<'a> {
        let start = out.len();
        Row { writer: self, out, start, cells: 0 }
    }
}

/// One row being rendered: one call a cell, in the order of the columns, then [`Row::end`].
#[must_use = "a row is complete only after end()"]
pub struct Row<'a> {
    writer: &'a RowWriter,
    out: &'a mut Vec<u8>,
    start: usize,
    cells: usize,
}

impl Row<'_> {
    /// A cell of text.
    pub fn text(mut self, text: &str) -> Self {
        self.begin();
        let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let apostrophe = self.writer.safe_cells && risky;
        match self.writer.format.delimiter() {
            Some(delimiter) => csv_cell(self.out, delimiter, apostrophe, text),
            None if apostrophe => json_string(self.out, &format!("'{text}")),
            None => json_string(self.out, text),
        }
        self
    }

    /// A cell with a whole number.
    pub fn integer(mut self, number: u64) -> Self {
        self.begin();
        // Writing into a vector cannot fail.
        let _ = write!(self.out, "{number}");
        self
    }

    /// A cell with a number of `places` decimals, or of all where the format keeps numbers; one that is not finite is an
    /// empty cell.
    pub fn decimal(mut self, number: f64, places: usize) -> Self {
        if !number.is_finite() {
            return self.empty();
        }
        self.begin();
        let _ = match self.writer.format {
            Format::Parquet => write!(self.out, "{number}"),
            Format::Csv { .. } | Format::JsonLines => write!(self.out, "{number:.places$}"),
        };
        self
    }

    /// A cell with a probability, to four decimals: what [`Row::decimal`] writes, in a fraction of the time.
    pub fn probability(mut self, p: f32) -> Self {
        if !(0.0..=1.0).contains(&p) || self.writer.format == Format::Parquet {
            return self.decimal(f64::from(p), 4);
        }
        self.begin();
        // The product is exact, for a float has 24 bits and a double 53; ties go to even as in `{:.4}`.
        let units = (f64::from(p) * 10_000.0).round_ties_even() as u32;
        let digit = |place: u32| b'0' + (units / place % 10) as u8;
        self.out.extend_from_slice(&[digit(10_000), b'.', digit(1000), digit(100), digit(10), digit(1)]);
        self
    }

    /// An empty cell, `null` in JSON.
    pub fn empty(mut self) -> Self {
        self.begin();
        if self.writer.format == Format::JsonLines {
            self.out.extend_from_slice(b"null");
        }
        self
    }

    /// Completes the row.
    pub fn end(self) {
        debug_assert_eq!(self.cells, self.writer.columns.len(), "a row needs one cell for each column");
        match self.writer.format {
            Format::Csv { .. } | Format::Parquet => {
                // An empty line would be no record at all to most readers.
                if self.out.len() == self.start {
                    self.out.extend_from_slice(b"\"\"");
                }
            }
            Format::JsonLines if self.cells == 0 => self.out.extend_from_slice(b"{}"),
            Format::JsonLines => self.out.push(b'}'),
        }
        self.out.push(b'\n');
    }

    fn begin(&mut self) {
        debug_assert!(self.cells < self.writer.columns.len(), "a row has more cells than columns");
        match self.writer.format.delimiter() {
            Some(delimiter) if self.cells > 0 => self.out.push(delimiter),
            Some(_) => {}
            None => {
                if let Some(key) = self.writer.keys.get(self.cells) {
                    self.out.extend_from_slice(key);
                }
            }
        }
        self.cells += 1;
    }
}

/// Whether a byte can separate cells: ASCII, and none that CSV gives another meaning.
pub(super) fn check_delimiter(delimiter: u8) -> Result<()> {
    if delimiter.is_ascii() && !matches!(delimiter, b'"' | b'\n' | b'\r' | 0) {
        return Ok(());
    }
    Err(DataError::Option {
        option: "--delimiter",
        found: format!("byte 0x{delimiter:02X}"),
        expected: "one ASCII character that is no double quote, line end or NUL".to_owned(),
    })
}

fn csv_cell(out: &mut Vec<u8>, delimiter: u8, apostrophe: bool, text: &str) {
    let bytes = text.as_bytes();
    let quote = memchr::memchr3(b'"', b'\n', b'\r', bytes).is_some() || memchr::memchr(delimiter, bytes).is_some();
    if quote {
        out.push(b'"');
    }
    if apostrophe {
        out.push(b'\'');
    }
    let mut copied = 0;
    for at in memchr::memchr_iter(b'"', bytes) {
        out.extend_from_slice(&bytes[copied..=at]);
        copied = at;
    }
    out.extend_from_slice(&bytes[copied..]);
    if quote {
        out.push(b'"');
    }
}

fn json_string(out: &mut Vec<u8>, text: &str) {
    // A string always has a JSON form, and writing into a vector cannot fail.
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_rows_keep_the_order_and_escape() {
        let rows = RowWriter::new(Format::JsonLines, &["a\"", "b", "c"]).unwrap();
        let mut block = Vec::new();
        rows.header(&mut block);
        rows.row(&mut block).text("x\n\u{1}é").decimal(f64::NAN, 3).integer(u64::MAX).end();
        let expected = "{\"a\\\"\":\"x\\n\\u0001é\",\"b\":null,\"c\":18446744073709551615}\n";
        assert_eq!(String::from_utf8(block).unwrap(), expected);
        assert!(RowWriter::new(Format::JsonLines, &["a", "a"]).is_err());
    }

    #[test]
    fn formulas_are_neutralised_only_when_asked_and_only_in_text() {
        for (safe, expected) in [(false, "=1+1,\"-a,\"\"\",-1.0,b=\n"), (true, "'=1+1,\"'-a,\"\"\",-1.0,b=\n")] {
            let rows = RowWriter::new(Format::Csv { delimiter: b',' }, &["a", "b", "c", "d"]).unwrap().safe_cells(safe);
            let mut block = Vec::new();
            rows.row(&mut block).text("=1+1").text("-a,\"").decimal(-1.0, 1).text("b=").end();
            assert_eq!(String::from_utf8(block).unwrap(), expected);
        }
    }

    #[test]
    fn a_lone_empty_cell_is_a_row() {
        let rows = RowWriter::new(Format::Csv { delimiter: b',' }, &["a"]).unwrap();
        let mut block = Vec::new();
        rows.row(&mut block).text("").end();
        rows.row(&mut block).empty().end();
        assert_eq!(block, b"\"\"\n\"\"\n");
    }

    #[test]
    fn the_format_follows_the_name() {
        assert_eq!(Format::of_name("a.JSONL.gz"), Format::JsonLines);
        assert_eq!(Format::of_name("a.tsv.zst"), Format::Csv { delimiter: b'\t' });
        assert_eq!(Format::of_name("-"), Format::Csv { delimiter: b',' });
        assert_eq!(Format::of_name("a.Parquet"), Format::Parquet);
        assert!(RowWriter::new(Format::Csv { delimiter: b'"' }, &["a"]).is_err());
    }

    #[test]
    fn probabilities_are_written_as_decimals_are() {
        let rows = RowWriter::new(Format::Csv { delimiter: b',' }, &["a".to_owned()]).unwrap();
        // Ties (odd numbers of thirty-seconds), the ends, what is none, and a million in between.
        let ties = (0..=32).map(|part| part as f32 / 32.0);
        let others = [1.0 + f32::EPSILON, -1.0, f32::NAN, 0.00005, 0.99995, 0.999_949_9];
        let between = (0..1_000_000_u32).map(|i| i as f32 * 1.000_037e-6);
        for p in ties.chain(others).chain(between) {
            let (mut fast, mut slow) = (Vec::new(), Vec::new());
            rows.row(&mut fast).probability(p).end();
            rows.row(&mut slow).decimal(f64::from(p), 4).end();
            assert_eq!(fast, slow, "{p}");
        }
    }
}
