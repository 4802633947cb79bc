//! The limit of `toward classify`: the same CSV in, the same columns out, and no thought in between.
//!
//!     cargo bench --bench copy -- INPUT OUTPUT
//!
//! It reads and writes with the library's own reader and writer, reading on one thread and writing on another, as the
//! command does, and calls every mention neutral. `peers.py` runs it beside the others.

use std::sync::mpsc::sync_channel;
use std::thread;

use toward::data::{DataError, Format, Output, Reader, ReaderOptions, Record, RowWriter, SourceOptions};

const COLUMNS: [&str; 12] = [
    "row",
    "sentence_index",
    "sentence",
    "actor",
    "mention",
    "start",
    "end",
    "label",
    "supportive",
    "neutral",
    "critical",
    "status",
];

fn main() -> Result<(), DataError> {
    let files: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [input, output] = files.as_slice() else {
        eprintln!("give an input and an output");
        return Ok(());
    };
    let mut reader = Reader::open(input, &SourceOptions::default(), &ReaderOptions::default())?;
    let [sentence, actor, start, end] = ["sentence", "actor", "start", "end"].map(|name| reader.columns().find(name));
    let (sentence, actor, start, end) = (sentence?, actor?, start?, end?);
    let mut output = Output::create(output, &[input.as_ref()])?;
    let rows = RowWriter::new(Format::of_name("-"), &COLUMNS)?;
    let (send, blocks) = sync_channel::<Vec<Record>>(2);
    thread::scope(|scope| {
        let reading = scope.spawn(move || {
            loop {
                let block = reader.read_block(4096, 2 << 20)?;
                if block.is_empty() || send.send(block).is_err() {
                    return Ok::<(), DataError>(());
                }
            }
        });
        let mut bytes = Vec::new();
        rows.header(&mut bytes);
        for block in blocks {
            for record in block {
                let number = |column: usize| record.fields[column].parse().unwrap_or_default();
                let row = rows.row(&mut bytes).integer(record.row).integer(0).text(&record.fields[sentence]);
                let row = row.text(&record.fields[actor]).text(&record.fields[actor]);
                let row = row.integer(number(start)).integer(number(end)).text("neutral");
                row.decimal(0.0, 4).decimal(1.0, 4).decimal(0.0, 4).text("ok").end();
            }
            output.write_block(&bytes)?;
            bytes.clear();
        }
        reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    output.finish()?;
    Ok(())
}
