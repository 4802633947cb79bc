//! CSV: options × bytes. No panic; every record comes out or is rejected; buffers and blocks change nothing; a reader that
//! goes on after a block gives what the first would have given.
//!
//! The first four bytes are the options, the rest is the file.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use super::dripping::Dripping;
use toward::data::{Counts, OnError, Output, Position, Reader, ReaderOptions, Record, Rejects, Source, SourceOptions};

const NAMES: [&str; 4] = ["f.csv", "f.tsv", "f.csv.gz", "f.csv.zst"];
const ENCODINGS: [Option<&str>; 8] =
    [None, None, None, Some("windows-1252"), Some("utf-16"), Some("shift_jis"), Some("gb18030"), Some("iso-2022-jp")];

pub fn holds(bytes: &[u8]) {
    let Some((&[delimiter, header, cap, source], file)) = bytes.split_first_chunk::<4>() else { return };
    let options = ReaderOptions {
        delimiter: match delimiter % 8 {
            0..=3 => None,
            4 => Some(b';'),
            5 => Some(b'\t'),
            6 => Some(b'|'),
            _ => Some(delimiter),
        },
        sniff: source >= 128,
        no_headers: header % 2 == 1,
        on_error: if header & 2 == 0 { OnError::Stop } else { OnError::Skip },
        max_record: if cap < 128 { 1 << 24 } else { usize::from(cap - 128) },
        ..ReaderOptions::default()
    };
    let name = NAMES[usize::from(source % 4)];
    let encoding = ENCODINGS[usize::from(source / 4 % 8)];
    let whole = read(name, io::Cursor::new(file.to_vec()), encoding, &options, (4096, 2 << 20));
    let step = usize::from(header / 4) + 1;
    let dripping = Dripping { bytes: file.to_vec(), at: 0, step };
    let block = (usize::from(cap % 5), usize::from(delimiter));
    assert_eq!(whole, read(name, dripping, encoding, &options, block), "buffers and blocks change nothing");

    let places = Places::default();
    read_noting(name, io::Cursor::new(file.to_vec()), encoding, &options, block, Some(&places));
    for (position, before) in places.into_inner().into_iter().rev().take(2) {
        let input = SourceOptions { encoding: encoding.map(str::to_owned), fingerprint: false };
        let source = Source::from_reader(name, io::Cursor::new(file.to_vec()), &input).expect("it was opened before");
        let mut reader = Reader::resume(source, &options, &position, None).expect("the input is the same");
        let mut records = Vec::new();
        let error = loop {
            match reader.read_block(block.0, block.1) {
                Ok(block) if block.is_empty() => break None,
                Ok(block) => records.extend(block),
                Err(error) => break Some(error.to_string()),
            }
        };
        assert_eq!((&records[..], &error, reader.counts()), (&whole.0[before..], &whole.1, whole.2));
    }

    let (records, error, counts, rejects) = whole;
    assert_eq!(counts.good, records.len() as u64);
    assert!(records.windows(2).all(|pair| pair[0].row < pair[1].row && pair[0].line < pair[1].line));
    if options.on_error == OnError::Stop {
        assert_eq!(counts.rejected, 0);
    }
    if error.is_none() {
        let mut rejects = ::csv::Reader::from_reader(&rejects[..]);
        let mut rows: Vec<u64> = rejects.records().map(|reject| reject.unwrap()[0].parse().unwrap()).collect();
        assert_eq!(rows.len() as u64, counts.rejected);
        rows.extend(records.iter().map(|record| record.row));
        rows.sort_unstable();
        assert!(rows.iter().copied().eq(1..=counts.good + counts.rejected), "rows in are rows out and rejects");
    }
}

type Everything = (Vec<Record>, Option<String>, Counts, Vec<u8>);

/// The places between blocks, with the number of records before each.
type Places = std::cell::RefCell<Vec<(Position, usize)>>;

fn read(
    name: &str,
    input: impl Read + Send + 'static,
    encoding: Option<&str>,
    options: &ReaderOptions,
    block: (usize, usize),
) -> Everything {
    read_noting(name, input, encoding, options, block, None)
}

fn read_noting(
    name: &str,
    input: impl Read + Send + 'static,
    encoding: Option<&str>,
    options: &ReaderOptions,
    block: (usize, usize),
    places: Option<&Places>,
) -> Everything {
    let rejects = Shared::default();
    let source = SourceOptions { encoding: encoding.map(str::to_owned), fingerprint: true };
    let mut records = Vec::new();
    let opened = Source::from_reader(name, input, &source).and_then(|source| {
        let rejects = Rejects::over(Output::to_writer("rejects.csv", rejects.clone())?)?;
        Reader::with_rejects(source, options, Some(rejects))
    });
    let (error, counts) = match opened {
        Err(error) => (Some(error.to_string()), Counts::default()),
        Ok(mut reader) => loop {
            match reader.read_block(block.0, block.1) {
                Ok(block) if block.is_empty() => break (None, reader.finish().unwrap()),
                Ok(block) => {
                    records.extend(block);
                    if let Some(places) = places
                        && let Some(position) = reader.checkpoint().unwrap()
                    {
                        places.borrow_mut().push((position, records.len()));
                    }
                }
                Err(error) => break (Some(error.to_string()), reader.counts()),
            }
        },
    };
    // After an error the reject file is not completed: what is in it depends on buffers.
    let rejects = if error.is_none() { rejects.0.lock().unwrap().clone() } else { Vec::new() };
    if let Some(error) = &error {
        assert!(!error.contains('\n'), "a message is one line: {error}");
    }
    (records, error, counts, rejects)
}

/// Bytes that can be looked at while an output owns the other end.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
