//! Where one CSV record ends and its cells lie, told from the raw bytes.
//!
//! The csv crate's state machine hides two things that a guard needs: whether a quote is open at the end of
//! the file (it swallows the rest without an error) and the raw bytes of a record (for a reject file). This
//! scanner follows the same rules on well-formed data, jumps from one special byte to the next with memchr,
//! and keeps the current record whole in one buffer, so that its raw text is always at hand. It differs on
//! purpose in one rule: text after a closing quote is a fault, where the csv crate takes it for content.
//!
//! Memory is bounded by the cap on a record's size and one chunk, whatever the input.

use std::io::{self, Read};
use std::ops::Range;

use xxhash_rust::xxh3::Xxh3;

const CHUNK: usize = 256 * 1024;

/// One cell of the current record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// Where its content begins and ends in the raw record, without the enclosing quotes.
    start: usize,
    end: usize,
    /// Whether doubled quotes have to be undone.
    escaped: bool,
}

impl Cell {
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.end
    }

    pub(super) fn escaped(self) -> bool {
        self.escaped
    }
}

/// What the scanner met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// A record: see [`Scanner::raw`] and [`Scanner::cells`].
    Record,
    /// An empty line.
    Blank,
    /// A record that breaks the format.
    Broken(Broken),
    /// The end of the input.
    End,
}

/// How a record breaks the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The quote of this cell (counted from 0) is open at the end of the file.
    Unclosed { cell: usize },
    /// In this cell something else than a delimiter or line end follows a closing quote, at this byte of
    /// the record.
    AfterQuote { cell: usize, at: usize },
    /// The record is larger than the cap.
    TooLong,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    QuoteInQuoted,
}

pub(super) struct Scanner<R> {
    input: R,
    buffer: Vec<u8>,
    /// Where the current record begins and where the read bytes end, in `buffer`.
    start: usize,
    end: usize,
    /// Where `buffer` begins in the input.
    base: u64,
    at_end: bool,
    delimiter: u8,
    limit: usize,
    line: u64,
    cells: Vec<Cell>,
    /// The current record's length without and with its line end, and its physical lines.
    length: usize,
    consumed: usize,
    lines: u64,
    /// The hash of all bytes up to `hashed` in `buffer`.
    hash: Xxh3,
    hashed: usize,
}

impl<R: Read> Scanner<R> {
    /// A scanner of `input`, which begins at byte `base` of its file; `limit` is the cap on a record in bytes.
    pub(super) fn new(input: R, base: u64, delimiter: u8, limit: usize) -> Scanner<R> {
        Scanner {
            input,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            base,
            at_end: false,
            delimiter,
            limit,
            line: 1,
            cells: Vec::new(),
            length: 0,
            consumed: 0,
            lines: 0,
            hash: Xxh3::new(),
            hashed: 0,
        }
    }

    pub(super) fn input(&self) -> &R {
        &self.input
    }

    /// The current record's raw bytes without the line end.
    pub(super) fn raw(&self) -> &[u8] {
        &self.buffer[self.start..self.start + self.length]
    }

    /// The first `length` bytes of a broken record, as far as they have been scanned.
    pub(super) fn up_to(&self, length: usize) -> &[u8] {
        &self.buffer[self.start..self.end.min(self.start + length)]
    }

    /// The current record's cells, as ranges of [`Scanner::raw`].
    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The physical line where the current record begins, counted from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The byte where the current record begins, counted from 0.
    pub(super) fn byte(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Where the next record begins, its byte and its line, and the hash of all bytes before it.
    pub(super) fn mark(&mut self) -> (u64, u64, u128) {
        let next = self.start + self.consumed;
        self.hash_to(next);
        (self.base + next as u64, self.line + self.lines, self.hash.digest128())
    }

    /// Goes to the place that [`Scanner::mark`] told of an earlier scan of the same input, without looking at the records
    /// between. `false` if the input ends before it, or the place is behind already.
    pub(super) fn skip_to(&mut self, byte: u64, line: u64) -> io::Result<bool> {
        self.start += self.consumed;
        (self.length, self.consumed, self.lines) = (0, 0, 0);
        while let Some(left) = byte.checked_sub(self.byte()) {
            let here = (self.end - self.start) as u64;
            self.start += left.min(here) as usize;
            if left <= here {
                self.line = line;
                return Ok(true);
            }
            if self.at_end {
                break;
            }
            self.fill()?;
        }
        Ok(false)
    }

    fn hash_to(&mut self, end: usize) {
        if self.hashed < end {
            self.hash.update(&self.buffer[self.hashed..end]);
            self.hashed = end;
        }
    }

    /// Goes to the next record. After [`Scan::Broken`] call [`Scanner::skip_broken`] first.
    pub(super) fn scan(&mut self) -> io::Result<Scan> {
        self.start += self.consumed;
        self.line += self.lines;
        (self.length, self.consumed, self.lines) = (0, 0, 0);
        self.cells.clear();
        let mut state = State::Start;
        let mut escaped = false;
        let mut cell_start = 0;
        let mut at = 0;
        loop {
            let record = &self.buffer[self.start..self.end];
            if at == record.len() {
                if record.len() > self.limit {
                    return Ok(Scan::Broken(Broken::TooLong));
                }
                if !self.at_end {
                    self.fill()?;
                    continue;
                }
                return Ok(match state {
                    State::Start if at == 0 => Scan::End,
                    State::Quoted => Scan::Broken(Broken::Unclosed { cell: self.cells.len() }),
                    State::Start | State::Plain => self.finish(Cell { start: cell_start, end: at, escaped: false }, at),
                    State::QuoteInQuoted => self.finish(Cell { start: cell_start, end: at - 1, escaped }, at),
                });
            }
            let byte = record[at];
            match state {
                State::Start if byte == b'"' => {
                    state = State::Quoted;
                    escaped = false;
                    at += 1;
                    cell_start = at;
                }
                State::Start | State::Plain => {
                    state = State::Plain;
                    let Some(step) = memchr::memchr3(self.delimiter, b'\n', b'\r', &record[at..]) else {
                        at = record.len();
                        continue;
                    };
                    at += step;
                    let cell = Cell { start: cell_start, end: at, escaped: false };
                    if record[at] != self.delimiter {
                        if !self.line_end_known(at)? {
                            continue;
                        }
                        return Ok(self.finish(cell, at));
                    }
                    self.cells.push(cell);
                    state = State::Start;
                    at += 1;
                    cell_start = at;
                }
                State::Quoted => {
                    if let Some(step) = memchr::memchr(b'"', &record[at..]) {
                        at += step + 1;
                        state = State::QuoteInQuoted;
                    } else {
                        at = record.len();
                    }
                }
                State::QuoteInQuoted => {
                    if byte == b'"' {
                        escaped = true;
                        state = State::Quoted;
                        at += 1;
                        continue;
                    }
                    let cell = Cell { start: cell_start, end: at - 1, escaped };
                    if byte == self.delimiter {
                        self.cells.push(cell);
                        state = State::Start;
                        at += 1;
                        cell_start = at;
                    } else if byte == b'\n' || byte == b'\r' {
                        if !self.line_end_known(at)? {
                            continue;
                        }
                        return Ok(self.finish(cell, at));
                    } else if at > self.limit {
                        return Ok(Scan::Broken(Broken::TooLong));
                    } else {
                        return Ok(Scan::Broken(Broken::AfterQuote { cell: self.cells.len(), at }));
                    }
                }
            }
        }
    }

    /// Takes a broken record out of the way and returns the raw bytes that were given up, at most as many as
    /// the cap; the next scan begins on a new physical line.
    ///
    /// For a quote that is never closed and for an oversized record this gives up one physical line, so that a
    /// stray quote does not take the rest of the file with it. For text after a closing quote it gives up all
    /// lines up to the fault, for they are more likely one cell than several records. Both take linear time:
    /// after an open quote only doubled quotes follow, and those cannot open a cell that stays open.
    pub(super) fn skip_broken(&mut self, broken: Broken) -> io::Result<Vec<u8>> {
        let mut raw = Vec::new();
        let mut from = match broken {
            Broken::AfterQuote { at, .. } => at,
            Broken::Unclosed { .. } | Broken::TooLong => 0,
        };
        loop {
            let record = &self.buffer[self.start..self.end];
            if let Some(step) = memchr::memchr2(b'\n', b'\r', &record[from..]) {
                let at = from + step;
                if !self.line_end_known(at)? {
                    continue;
                }
                self.length = at;
                self.close(at);
                break;
            }
            from = record.len();
            if self.at_end {
                self.length = from;
                self.consumed = from;
                self.lines = line_ends(&self.buffer[self.start..self.end]);
                break;
            }
            if from > self.limit {
                // Too much to keep: the first part is remembered, the rest of the line is dropped.
                let room = self.limit.saturating_sub(raw.len());
                raw.extend_from_slice(&record[..room.min(from)]);
                self.line += line_ends(record);
                self.start = self.end;
                from = 0;
            }
            self.fill()?;
        }
        let room = self.limit.saturating_sub(raw.len());
        let last = &self.buffer[self.start..self.start + self.length];
        raw.extend_from_slice(&last[..room.min(last.len())]);
        Ok(raw)
    }

    /// Whether it is known if the carriage return at `at` is followed by a line feed; if not, more is read.
    fn line_end_known(&mut self, at: usize) -> io::Result<bool> {
        let known = self.buffer[self.start + at] == b'\n' || self.start + at + 1 < self.end || self.at_end;
        if !known {
            self.fill()?;
        }
        Ok(known)
    }

    /// Ends the current record at `at`, the place of its line end or the end of the input.
    fn finish(&mut self, last: Cell, at: usize) -> Scan {
        self.length = at;
        self.close(at);
        if at > self.limit {
            // Given back, for `skip_broken` to decide.
            (self.consumed, self.lines) = (0, 0);
            return Scan::Broken(Broken::TooLong);
        }
        if at == 0 {
            return Scan::Blank;
        }
        self.cells.push(last);
        Scan::Record
    }

    /// Marks the record up to `at` and the line end there as consumed.
    fn close(&mut self, at: usize) {
        let rest = &self.buffer[self.start + at..self.end];
        let ending = if rest.starts_with(b"\r\n") { 2 } else { rest.len().min(1) };
        self.consumed = at + ending;
        self.lines = line_ends(self.raw()) + u64::from(ending > 0);
    }

    /// Reads more bytes behind those in the buffer.
    fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.hash_to(self.start);
            self.hashed -= self.start;
            self.buffer.copy_within(self.start..self.end, 0);
            self.base += self.start as u64;
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.end < CHUNK / 2 {
            self.buffer.resize((self.buffer.len() * 2).max(CHUNK), 0);
        }
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.at_end = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }
}

/// The number of line ends in `bytes`: `\n`, `\r\n` and a lone `\r` count one each, as they end records.
fn line_ends(bytes: &[u8]) -> u64 {
    memchr::memchr2_iter(b'\n', b'\r', bytes)
        .filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'))
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that hands over one byte at a time, so that every boundary is met.
    struct Dripping<'a>(&'a [u8]);

    impl Read for Dripping<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(1);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    type Met = Vec<(u64, u64, String)>;

    fn scan_all(input: impl Read, limit: usize) -> Met {
        let mut scanner = Scanner::new(input, 0, b',', limit);
        let mut met = Vec::new();
        loop {
            let scan = scanner.scan().unwrap();
            let (line, byte) = (scanner.line(), scanner.byte());
            let text = match scan {
                Scan::End => return met,
                Scan::Blank => "blank".to_owned(),
                Scan::Record => scanner
                    .cells()
                    .iter()
                    .map(|cell| String::from_utf8_lossy(&scanner.raw()[cell.range()]).into_owned())
                    .collect::<Vec<_>>()
                    .join("|"),
                Scan::Broken(broken) => {
                    let raw = scanner.skip_broken(broken).unwrap();
                    format!("{broken:?}: {}", String::from_utf8_lossy(&raw))
                }
            };
            met.push((line, byte, text));
        }
    }

    #[test]
    fn positions_hold_for_every_kind_of_line_end() {
        let text = b"a,b\r\n\"c\nd\",\"e\"\"\"\r\rf,\n\n\"\",g";
        let expected =
            [(1, 0, "a|b"), (2, 5, "c\nd|e\"\""), (4, 17, "blank"), (5, 18, "f|"), (6, 21, "blank"), (7, 22, "|g")];
        let met = scan_all(&text[..], 100);
        let met: Vec<_> = met.iter().map(|(line, byte, text)| (*line, *byte, text.as_str())).collect();
        assert_eq!(met, expected);
    }

    #[test]
    fn the_size_of_reads_changes_nothing() {
        let texts: [&[u8]; 6] = [
            b"a,b\r\nc\r\r\n\"d\r\n\"\"e\",f\r\n",
            b"1,\"open\n2,b\n3,c",
            b"1,\"a\nb\"c,\"d\ne\nf,\"g\"\r\nh",
            b"aaaaaaaaaaaaaaaaaaaaaaaaaa,\"\n\nb\nccccccccccccccccccccccccccc\r\nd",
            b"\"aaaaaaaaaaaaaaaaa\nbbbbbbbbbbbbbb\"x\nc\n\"ddddddddddd\"",
            b"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\n\"",
        ];
        for text in texts {
            for limit in [1, 5, 12, 100] {
                assert_eq!(scan_all(Dripping(text), limit), scan_all(text, limit), "{limit}");
            }
        }
    }

    #[test]
    fn a_stray_quote_costs_one_line() {
        let met = scan_all(&b"1,\"open\n2,b\n3,c"[..], 100);
        let texts: Vec<_> = met.into_iter().map(|(line, _, text)| (line, text)).collect();
        let lost = (1, "Unclosed { cell: 1 }: 1,\"open".to_owned());
        assert_eq!(texts, [lost, (2, "2|b".to_owned()), (3, "3|c".to_owned())]);
    }

    #[test]
    fn an_endless_record_is_given_up_in_bounded_memory() {
        let text = std::io::repeat(b'x').take(40_000_000).chain(&b"\nnext"[..]);
        let mut scanner = Scanner::new(text, 0, b',', 1000);
        assert_eq!(scanner.scan().unwrap(), Scan::Broken(Broken::TooLong));
        assert_eq!(scanner.skip_broken(Broken::TooLong).unwrap().len(), 1000);
        assert_eq!(scanner.scan().unwrap(), Scan::Record);
        assert_eq!((scanner.raw(), scanner.line(), scanner.byte()), (&b"next"[..], 2, 40_000_001));
        assert!(scanner.buffer.len() <= 4 * CHUNK);
    }

    #[test]
    fn many_stray_quotes_take_linear_time() {
        let text = b"a\"b,\"c\n".repeat(300_000);
        let started = std::time::Instant::now();
        scan_all(&text[..], 1 << 24);
        assert!(started.elapsed().as_secs() < 20);
    }
}
