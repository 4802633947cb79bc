//! What holds for every input: round trips, agreement with the csv crate, no panic, no influence of buffers.

use std::io::{self, Read};

use proptest::prelude::*;
use toward::Label;
use toward::data::offsets::{to_bytes, to_characters};
use toward::data::{
    Columns, Counts, Format, Mark, MarkedSentence, OnError, Reader, ReaderOptions, Record, Rejects, RowWriter, Source,
    SourceOptions, read_corpus_from, read_labelled_from,
};

#[path = "../fuzz/src/dripping.rs"]
mod dripping;

use dripping::Dripping;

/// Everything a reader gives: the records, then the error if there was one.
fn read_all(
    input: impl Read + Send + 'static,
    options: &ReaderOptions,
    encoding: Option<&str>,
    block: (usize, usize),
) -> (Vec<Record>, Option<String>, Counts) {
    let source = SourceOptions { encoding: encoding.map(str::to_owned), fingerprint: true };
    let mut records = Vec::new();
    let mut reader = match Source::from_reader("f.csv", input, &source).and_then(|source| Reader::new(source, options))
    {
        Ok(reader) => reader,
        Err(error) => return (records, Some(error.to_string()), Counts::default()),
    };
    loop {
        match reader.read_block(block.0, block.1) {
            Ok(block) if block.is_empty() => return (records, None, reader.counts()),
            Ok(block) => records.extend(block),
            Err(error) => return (records, Some(error.to_string()), reader.counts()),
        }
    }
}

fn read_bytes(bytes: &[u8], options: &ReaderOptions) -> (Vec<Record>, Option<String>, Counts) {
    read_all(io::Cursor::new(bytes.to_vec()), options, None, (100, 1 << 20))
}

/// Text in which the characters that matter to CSV and to offsets are frequent.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => prop::char::range('a', 'e'),
        1 => prop::sample::select(vec![',', '"', '\n', '\r', '\t', ' ', ';', '\\', '[', ']', '\'', '=']),
        1 => prop::sample::select(vec!['é', '“', '中', '👍', '\u{301}', '\u{feff}', '\u{2028}']),
    ];
    prop::collection::vec(character, 0..12).prop_map(String::from_iter)
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1..5_usize).prop_flat_map(|width| prop::collection::vec(prop::collection::vec(text(), width), 1..8))
}

/// Bytes that look like CSV most of the time.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let likely = prop::sample::select(b"a,\"\n\r;\t\x00\xE9\xEF\xBB\xBF\xFF\xFE1".to_vec());
    prop_oneof![
        6 => prop::collection::vec(likely, 0..60),
        1 => prop::collection::vec(any::<u8>(), 0..60),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(|tail| [&b"\x1F\x8B\x08"[..], &tail].concat()),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(|tail| [&b"\x28\xB5\x2F\xFD"[..], &tail].concat()),
    ]
}

fn options() -> impl Strategy<Value = ReaderOptions> {
    let delimiter = prop::option::of(prop_oneof![Just(b','), Just(b';'), Just(b'\t'), any::<u8>()]);
    (delimiter, any::<bool>(), any::<bool>(), any::<bool>(), prop_oneof![0..30_usize, Just(1 << 24)]).prop_map(
        |(delimiter, sniff, no_headers, skip, max_record)| ReaderOptions {
            delimiter,
            sniff,
            no_headers,
            on_error: if skip { OnError::Skip } else { OnError::Stop },
            max_record,
            ..ReaderOptions::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn what_is_written_is_read_back(table in table(), tab in any::<bool>()) {
        let delimiter = if tab { b'\t' } else { b',' };
        let names: Vec<String> = (0..table[0].len()).map(|index| format!("c{index}")).collect();
        let rows = RowWriter::new(Format::Csv { delimiter }, &names).unwrap();
        let mut written = Vec::new();
        rows.header(&mut written);
        for cells in &table {
            let mut row = rows.row(&mut written);
            for cell in cells {
                row = row.text(cell);
            }
            row.end();
        }
        let options = ReaderOptions { delimiter: Some(delimiter), ..ReaderOptions::default() };
        let (records, error, _) = read_bytes(&written, &options);
        prop_assert_eq!(error, None);
        let read: Vec<Vec<String>> =
            records.iter().map(|record| record.fields.iter().map(str::to_owned).collect()).collect();
        prop_assert_eq!(read, table);
    }

    #[test]
    fn rows_are_quoted_as_by_the_csv_crate(table in table()) {
        let mut theirs = csv::Writer::from_writer(Vec::new());
        let names = vec!["c"; table[0].len()];
        let rows = RowWriter::new(Format::Csv { delimiter: b',' }, &names).unwrap();
        let mut ours = Vec::new();
        for cells in &table {
            theirs.write_record(cells).unwrap();
            let mut row = rows.row(&mut ours);
            for cell in cells {
                row = row.text(cell);
            }
            row.end();
        }
        prop_assert_eq!(ours, theirs.into_inner().unwrap());
    }

    #[test]
    fn json_rows_are_read_back_by_serde(cells in prop::collection::vec(text(), 1..5)) {
        let names: Vec<String> = (0..cells.len()).map(|index| format!("c{index}")).collect();
        let rows = RowWriter::new(Format::JsonLines, &names).unwrap();
        let mut line = Vec::new();
        let mut row = rows.row(&mut line);
        for cell in &cells {
            row = row.text(cell);
        }
        row.end();
        prop_assert_eq!(line.split(|&byte| byte == b'\n').count(), 2);
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        let read: Vec<&str> = names.iter().map(|name| value[name].as_str().unwrap()).collect();
        prop_assert_eq!(read, cells);
    }

    #[test]
    fn well_formed_data_are_read_as_by_the_csv_crate(
        table in (2..5_usize).prop_flat_map(|width| prop::collection::vec(prop::collection::vec(text(), width), 1..8)),
        always in any::<bool>(),
        ending in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        last in any::<bool>(),
    ) {
        let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let terminator = if ending == "\r\n" { csv::Terminator::CRLF } else { csv::Terminator::Any(ending.as_bytes()[0]) };
        let mut writer = csv::WriterBuilder::new().quote_style(style).terminator(terminator).from_writer(Vec::new());
        for cells in &table {
            writer.write_record(cells).unwrap();
        }
        let mut written = writer.into_inner().unwrap();
        if !last {
            written.truncate(written.len() - ending.len());
        }
        // A byte order mark at the very start is not content for either reader.
        prop_assume!(!written.starts_with("\u{feff}".as_bytes()));
        let options = ReaderOptions { no_headers: true, ..ReaderOptions::default() };
        let (records, error, counts) = read_bytes(&written, &options);
        prop_assert_eq!(error, None);
        prop_assert_eq!(counts, Counts { good: table.len() as u64, rejected: 0 });
        let mut theirs = csv::ReaderBuilder::new().has_headers(false).from_reader(&written[..]);
        let theirs: Vec<csv::StringRecord> = theirs.records().map(Result::unwrap).collect();
        let ours: Vec<csv::StringRecord> = records.into_iter().map(|record| record.fields).collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn what_both_readers_accept_they_read_alike(bytes in bytes()) {
        let options = ReaderOptions { no_headers: true, ..ReaderOptions::default() };
        let (records, error, _) = read_bytes(&bytes, &options);
        let mut theirs = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
        let theirs: Result<Vec<csv::StringRecord>, _> = theirs.records().collect();
        if let (None, Ok(theirs)) = (error, theirs) {
            // Empty lines of one column are records here and nothing there.
            let one = records.first().is_some_and(|record| record.fields.len() == 1);
            let empty = |record: &csv::StringRecord| one && record.get(0) == Some("");
            let ours: Vec<_> = records.into_iter().map(|record| record.fields).filter(|record| !empty(record)).collect();
            let theirs: Vec<_> = theirs.into_iter().filter(|record| !empty(record)).collect();
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn no_bytes_and_no_options_make_a_reader_panic(
        bytes in bytes(),
        options in options(),
        encoding in prop::option::of(prop::sample::select(vec!["utf-16", "shift_jis", "windows-1252", "utf-8", "iso-2022-jp"])),
    ) {
        let (records, _, counts) = read_all(io::Cursor::new(bytes), &options, encoding, (3, 1 << 20));
        prop_assert_eq!(counts.good, records.len() as u64);
        prop_assert!(records.windows(2).all(|pair| pair[0].row < pair[1].row && pair[0].line < pair[1].line));
    }

    #[test]
    fn neither_blocks_nor_reads_change_the_records(
        bytes in bytes(),
        options in options(),
        step in 1..9_usize,
        block in (0..4_usize, 0..20_usize),
    ) {
        let whole = read_all(io::Cursor::new(bytes.clone()), &options, None, (1000, 1 << 20));
        let dripping = read_all(Dripping { bytes, at: 0, step }, &options, None, block);
        prop_assert_eq!(whole, dripping);
    }

    #[test]
    fn rejects_and_records_are_all_there_is(bytes in bytes(), no_headers in any::<bool>()) {
        let options = ReaderOptions { no_headers, on_error: OnError::Skip, ..ReaderOptions::default() };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects.csv");
        let source = Source::from_reader("f.csv", io::Cursor::new(bytes), &SourceOptions::default());
        let Ok(mut reader) = source.and_then(|source| {
            Reader::with_rejects(source, &options, Some(Rejects::create(&path, &[])?))
        }) else {
            return Ok(());
        };
        let mut rows: Vec<u64> = Vec::new();
        loop {
            let Ok(block) = reader.read_block(10, 1000) else { return Ok(()) };
            if block.is_empty() {
                break;
            }
            rows.extend(block.iter().map(|record| record.row));
        }
        let counts = reader.finish().unwrap();
        let mut rejects = csv::Reader::from_path(&path).unwrap();
        let rejected: Vec<u64> = rejects.records().map(|reject| reject.unwrap()[0].parse().unwrap()).collect();
        prop_assert_eq!(rejected.len() as u64, counts.rejected);
        rows.extend(rejected);
        rows.sort_unstable();
        prop_assert_eq!(rows, (1..=counts.good + counts.rejected).collect::<Vec<u64>>());
    }

    #[test]
    fn offsets_always_slice_to_the_mention(before in text(), mention in text(), after in text()) {
        prop_assume!(!mention.is_empty());
        let sentence = format!("{before}{mention}{after}");
        let start = before.chars().count();
        let end = start + mention.chars().count();
        let range = to_bytes(&sentence, start, end).unwrap();
        prop_assert_eq!(&sentence[range.clone()], &mention);
        prop_assert_eq!(range.clone(), before.len()..before.len() + mention.len());
        prop_assert_eq!(to_characters(&sentence, range), Ok((start, end)));
    }

    #[test]
    fn offsets_never_panic(text in text(), start in 0..20_usize, end in 0..20_usize) {
        let length = text.chars().count();
        prop_assert_eq!(to_bytes(&text, start, end).is_ok(), start < end && end <= length);
        let legal = start < end && text.get(start..end).is_some();
        prop_assert_eq!(to_characters(&text, start..end).is_ok(), legal);
    }

    #[test]
    fn marks_are_read_as_they_are_written(
        parts in prop::collection::vec((text(), prop::option::of(prop::sample::select(Label::ALL.to_vec()))), 1..6),
    ) {
        let mut text = String::new();
        let mut marks = Vec::new();
        for (part, label) in &parts {
            let start = text.len();
            text.push_str(part);
            if let Some(label) = *label {
                marks.push(Mark { range: start..text.len(), label });
            }
        }
        if let Some(sentence) = MarkedSentence::new(text, marks) {
            prop_assert_eq!(MarkedSentence::parse(&sentence.to_string()), Ok(sentence));
        }
    }

    #[test]
    fn lines_with_marks_come_back_unchanged(
        parts in prop::collection::vec(prop_oneof![
            "[a-zé👍 ]{0,6}",
            "\\[[snc] [a-zé👍]{1,4}\\]",
            Just("\\[sic\\]".to_owned()),
        ], 1..6),
    ) {
        let line = parts.concat();
        prop_assume!(!line.trim().is_empty());
        prop_assert_eq!(MarkedSentence::parse(&line).unwrap().to_string(), line);
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in text(), bytes in bytes(), selection in "[a-c0-9!,\"\\- ]{0,8}") {
        let _ = MarkedSentence::parse(&text);
        let _ = read_corpus_from("c.txt", io::Cursor::new(bytes.clone()));
        let labelled = [b"sentence,actor,label,start,end,weight\n", &bytes[..]].concat();
        let _ = read_labelled_from("l.csv", io::Cursor::new(labelled), &toward::data::LabelledOptions::default());
        let names = ["a", "b", "a-b", "c", "c", "1"].map(str::to_owned).to_vec();
        if let Ok(columns) = Columns::new("f.csv", names).select(&selection) {
            prop_assert!(columns.iter().all(|&column| column < 6));
        }
    }
}

/// How many cases a property gets; `TOWARD_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("TOWARD_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
}
