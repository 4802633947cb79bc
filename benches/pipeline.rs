//! Time of the steps from text to row, on a small invented text.
//!
//!     cargo bench --bench pipeline

use std::io::Cursor;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use toward::actors::{Catalogue, Finder};
use toward::data::{Format, Reader, ReaderOptions, RowWriter, Source, SourceOptions};
use toward::features::{Lexicon, Reading};
use toward::model::{Buffers, Classifier, Document, Effort, Model, Options, Table};
use toward::text::{Analysis, sentences};

fn main() {
    divan::main();
}

/// A story, so many times; none of it is true.
fn story(times: usize) -> String {
    "GENEVA – President Ilmar Voss of Karelmark thanked Japan on Monday for “a decade of patience”, as the two \
     countries signed an accord at the United Nations. Mr. Voss said Beijing's anger was baffling. The European Union, \
     which had accused Karelmark of overfishing, called the text “a first step”. The harbour was quiet, and nobody \
     came. NATO and the U.S. declined to comment, but Moscow did not. “We owe Iceland more than we can repay,” a \
     minister said.\n\n"
        .repeat(times)
}

#[divan::bench]
fn sentence_splitting(bencher: Bencher) {
    let text = story(20);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| sentences(&text));
}

#[divan::bench]
fn tokens(bencher: Bencher) {
    let text = story(20);
    let cut = sentences(&text);
    let mut analysis = Analysis::default();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        for sentence in &cut {
            analysis.read(&text[sentence.clone()]);
        }
        analysis.tokens().len()
    });
}

#[divan::bench]
fn actor_finding(bencher: Bencher) {
    let text = story(20);
    let cut = sentences(&text);
    let finder = Finder::new(&Catalogue::embedded());
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| finder.find_in(&text, &cut, None));
}

/// The features of every mention and their weights: one item is one mention.
#[divan::bench]
fn features_and_scoring(bencher: Bencher) {
    let text = story(1);
    let finder = Finder::new(&Catalogue::embedded());
    let table = Table::new(&Model::embedded().expect("the model is whole").sparse);
    let lexicon = Lexicon::embedded();
    let readings: Vec<Reading> = sentences(&text)
        .into_iter()
        .map(|sentence| {
            let (sentence, mut reading) = (&text[sentence], Reading::default());
            let found = finder.find(sentence, None);
            reading.read(sentence, found.iter().map(|mention| (mention.range(), mention.actor.get())), lexicon);
            reading
        })
        .collect();
    let mentions: usize = readings.iter().map(|reading| reading.spans.len()).sum();
    let mut buffers = Buffers::default();
    bencher.counter(ItemsCount::new(mentions)).bench_local(|| {
        let mut critical = 0.0;
        for reading in &readings {
            for span in 0..reading.spans.len() {
                critical += table.probabilities(reading, span, &mut buffers)[2];
            }
        }
        critical
    });
}

/// All of it, as `classify --effort fast` does it: one item is one mention.
#[divan::bench]
fn text_to_labels(bencher: Bencher) {
    let text = story(1);
    let classifier = Classifier::embedded(Options { effort: Some(Effort::Fast) }).expect("the model is whole");
    let documents = vec![Document { text: &text, whole: false, as_of: None }; 200];
    let judge = || classifier.judge(&documents).expect("nothing can fail without the encoder");
    let mentions: usize = judge().iter().map(|judged| judged.judgements.len()).sum();
    bencher.counter(ItemsCount::new(mentions)).bench_local(judge);
}

#[divan::bench]
fn csv_in(bencher: Bencher) {
    let mut csv = "id,text\n".to_owned();
    for id in 0..2000 {
        csv += &format!("{id},\"{}\"\n", story(1).trim_end());
    }
    let bytes = csv.into_bytes();
    bencher.counter(BytesCount::of_slice(&bytes)).with_inputs(|| bytes.clone()).bench_local_values(|bytes| {
        let source = Source::from_reader("a.csv", Cursor::new(bytes), &SourceOptions::default()).expect("it is text");
        let mut reader = Reader::new(source, &ReaderOptions::default()).expect("it has a header");
        let mut records = 0;
        loop {
            let block = reader.read_block(4096, 2 << 20).expect("it is well-formed");
            if block.is_empty() {
                return records;
            }
            records += block.len();
        }
    });
}

#[divan::bench(args = ["csv", "jsonl"])]
fn rows_out(bencher: Bencher, format: &str) {
    let format = if format == "csv" { Format::Csv { delimiter: b',' } } else { Format::JsonLines };
    let columns = ["row", "sentence", "actor", "start", "end", "label", "supportive", "neutral", "critical"];
    let writer = RowWriter::new(format, &columns).expect("the columns differ");
    let sentence = "The European Union, which had accused Karelmark of overfishing, called the text “a first step”.";
    let mut out = Vec::new();
    bencher.counter(ItemsCount::new(2000_usize)).bench_local(|| {
        out.clear();
        for number in 0..2000 {
            let row = writer.row(&mut out).integer(number).text(sentence).text("European Union").integer(4).integer(18);
            row.text("neutral").decimal(0.1, 4).decimal(0.8, 4).decimal(0.1, 4).end();
        }
        out.len()
    });
}
