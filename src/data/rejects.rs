//! The records that were set aside, each with its place, its reason and its raw text.
//!
//! The idea is `DuckDB`'s `store_rejects`: a long run over other people's files need not stop at the first bad
//! record, provided that nothing is lost. The file is a CSV with the columns `record, line, byte, reason, raw`;
//! bytes of the raw text that are not UTF-8, and NUL, are written as `\xE9`.

use std::fmt::Write;
use std::path::Path;

use super::error::{Problem, Result};
use super::output::Output;
use super::row_writer::{Format, RowWriter};

/// A file of rejected records.
pub struct Rejects {
    output: Output,
    rows: RowWriter,
    block: Vec<u8>,
    count: u64,
}

impl Rejects {
    /// A reject file at `path`, which must not be one of the `inputs`.
    ///
    /// # Errors
    ///
    /// As [`Output::create`].
    pub fn create(path: impl AsRef<Path>, inputs: &[&Path]) -> Result<Rejects> {
        Rejects::over(Output::create(path, inputs)?)
    }

    /// Rejects written to an output that is open already.
    ///
    /// # Errors
    ///
    /// If the header cannot be written.
    pub fn over(output: Output) -> Result<Rejects> {
        let mut rejects = Rejects::after(output, 0)?;
        rejects.rows.header(&mut rejects.block);
        rejects.output.write_block(&rejects.block)?;
        Ok(rejects)
    }

    /// A reject file that is gone on with after its first `length` bytes, which hold `count` records.
    ///
    /// # Errors
    ///
    /// As [`Output::resume`].
    pub fn resume(path: impl AsRef<Path>, inputs: &[&Path], length: u64, count: u64) -> Result<Rejects> {
        let output = Output::resume(path, inputs, length)?;
        if length == 0 { Rejects::over(output) } else { Rejects::after(output, count) }
    }

    fn after(output: Output, count: u64) -> Result<Rejects> {
        let format = match Format::of_name(output.name()) {
            Format::JsonLines => Format::Csv { delimiter: b',' },
            table @ (Format::Csv { .. } | Format::Parquet) => table,
        };
        let rows = RowWriter::new(format, &["record", "line", "byte", "reason", "raw"])?;
        Ok(Rejects { output, rows, block: Vec::new(), count })
    }

    /// Makes what was set aside so far outlive the run: see [`Output::checkpoint`].
    ///
    /// # Errors
    ///
    /// As [`Output::checkpoint`].
    pub fn checkpoint(&mut self) -> Result<u64> {
        self.output.checkpoint()
    }

    /// Sets one record aside; `byte` is where it begins, if that is known.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn add(&mut self, problem: &Problem, byte: Option<u64>, raw: &[u8]) -> Result<()> {
        self.count += 1;
        self.block.clear();
        let reason = match &problem.place.column {
            Some(column) => format!("column {}: {}", super::error::quoted(column), problem.reason()),
            None => problem.reason(),
        };
        let mut row = self.rows.row(&mut self.block);
        for number in [problem.place.record, problem.place.line, byte] {
            row = match number {
                Some(number) => row.integer(number),
                None => row.empty(),
            };
        }
        row.text(&reason).text(&readable(raw)).end();
        self.output.write_block(&self.block)
    }

    /// How many records were set aside.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Completes the file. Returns how many records are in it.
    ///
    /// # Errors
    ///
    /// As [`Output::finish`].
    pub fn finish(self) -> Result<u64> {
        self.output.finish()?;
        Ok(self.count)
    }
}

/// Raw bytes as text: what is not UTF-8, and NUL, as `\xE9`.
fn readable(raw: &[u8]) -> String {
    let mut text = String::with_capacity(raw.len());
    for chunk in raw.utf8_chunks() {
        for (index, part) in chunk.valid().split('\0').enumerate() {
            if index > 0 {
                text.push_str("\\x00");
            }
            text.push_str(part);
        }
        for byte in chunk.invalid() {
            // Writing into a string cannot fail.
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_bytes_become_readable() {
        assert_eq!(readable(b"Bogot\xE1\0 \xC3\xA9\0\0\xFF"), "Bogot\\xE1\\x00 é\\x00\\x00\\xFF");
    }
}
