//! Parts of files: whatever the bytes are, the parts' records, counts and rejects are those of the whole.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use toward::data::{
    Counts, DataError, OnError, Output, Reader, ReaderOptions, Record, Rejects, Shard, Source, SourceOptions,
};

/// What reading gave: the records and their counts, and whether it ended in an error.
type Read = (Vec<Record>, Counts, bool);

/// Reads the file `in.csv` of the folder; rejects go to `bad.csv`.
fn read(folder: &Path, options: &ReaderOptions) -> Result<Read, DataError> {
    let rejects = Rejects::over(Output::create(folder.join("bad.csv"), &[])?)?;
    let source = Source::open(folder.join("in.csv"), &SourceOptions::default())?;
    let mut reader = Reader::with_rejects(source, options, Some(rejects))?;
    let (mut records, mut failed) = (Vec::new(), false);
    loop {
        match reader.read_block(3, 20) {
            Ok(block) if block.is_empty() => break,
            Ok(block) => records.extend(block),
            Err(_) => failed = true,
        }
    }
    Ok((records, reader.finish()?, failed))
}

/// The lines of the rejects without their header.
fn rejected(folder: &Path) -> Vec<u8> {
    let bytes = fs::read(folder.join("bad.csv")).unwrap();
    let header = bytes.iter().position(|&byte| byte == b'\n').unwrap();
    bytes[header + 1..].to_vec()
}

/// Bytes that look like CSV, with all that can be wrong with it.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        &b"a"[..],
        b"bb,",
        b",",
        b"\n",
        b"\n",
        b"\r\n",
        b"\r",
        b"\"",
        b"\"c\nd\"",
        b"\"\"",
        b"\0",
        b"\xE9",
        b"\xEF\xBB\xBF",
        b"1,2\n",
        b"1,2\n",
        b"\"x\ny\",\"\"\"\"\n",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_make_the_whole(
        bytes in bytes(), no_headers in any::<bool>(), of in 1..9_u32, max_record in prop::sample::select(vec![6, 1000]),
    ) {
        let room = tempfile::tempdir().unwrap();
        let folder = room.path();
        fs::write(folder.join("in.csv"), &bytes).unwrap();
        let options = ReaderOptions { no_headers, max_record, on_error: OnError::Skip, ..ReaderOptions::default() };
        let stop = ReaderOptions { on_error: OnError::Stop, ..options.clone() };
        let whole = read(folder, &options);
        let whole_rejects = whole.is_ok().then(|| rejected(folder));
        let whole_stops = read(folder, &stop).map_or(true, |(_, _, failed)| failed);
        let (mut records, mut counts, mut rejects, mut stops) = (Vec::new(), Counts::default(), Vec::new(), false);
        for part in 1..=of {
            let shard: Shard = format!("{part}/{of}").parse().unwrap();
            let rows = shard.rows_of(&folder.join("in.csv"), &SourceOptions::default(), &options);
            let Ok(rows) = rows else {
                // What no reader opens, no part opens.
                prop_assert!(whole.is_err());
                return Ok(());
            };
            let (read_here, counted, failed) = read(folder, &ReaderOptions { rows: rows.clone(), ..options.clone() }).unwrap();
            prop_assert!(!failed);
            prop_assert!(read_here.iter().all(|record| rows.contains(&record.row)));
            prop_assert_eq!(counted.good + counted.rejected, rows.end - rows.start);
            records.extend(read_here);
            counts.good += counted.good;
            counts.rejected += counted.rejected;
            rejects.extend(rejected(folder));
            stops |= read(folder, &ReaderOptions { rows, ..stop.clone() }).map_or(true, |(_, _, failed)| failed);
        }
        prop_assert_eq!(whole.unwrap(), (records, counts, false));
        prop_assert_eq!(whole_rejects.unwrap(), rejects);
        prop_assert_eq!(whole_stops, stops);
    }
}
