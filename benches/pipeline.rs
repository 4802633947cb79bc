//! Time of the steps from text to row, on the sentences of the training corpus, which are the project's own.
//!
//!     cargo bench --bench pipeline

use std::io::Cursor;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use toward::actors::{Catalogue, Finder, Found};
use toward::data::{Format, Reader, ReaderOptions, RowWriter, Source, SourceOptions, read_corpus};
use toward::features::Reading;
use toward::model::{Buffers, Classifier, Document, Effort, Model, Table};
use toward::text::{Analysis, sentences};

fn main() {
    divan::main();
}

/// The corpus as articles of five sentences each.
fn articles() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/training/corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the corpus is there")
        .map(|file| file.expect("it is readable").path())
        .collect();
    files.sort();
    let corpora: Vec<_> = files.iter().map(|file| read_corpus(file).expect("a test reads the corpus")).collect();
    let sentences: Vec<&str> =
        corpora.iter().flat_map(|corpus| &corpus.sentences).map(|(_, sentence)| sentence.text()).collect();
    sentences.chunks(5).map(|article| article.join(" ")).collect()
}

fn corpus() -> String {
    articles().join("\n\n")
}

/// The sentences of a text in which somebody is named, each with its mentions.
fn named<'t>(text: &'t str, finder: &Finder) -> Vec<(&'t str, Vec<Found>)> {
    let found = |sentence: &'t str| (sentence, finder.find(sentence, None));
    sentences(text).into_iter().map(|range| found(&text[range])).filter(|(_, found)| !found.is_empty()).collect()
}

fn read(reading: &mut Reading, (sentence, found): &(&str, Vec<Found>)) {
    reading.read(sentence, found.iter().map(|mention| (mention.range(), mention.actor.get())));
}

#[divan::bench]
fn sentence_splitting(bencher: Bencher) {
    let text = corpus();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| sentences(&text));
}

#[divan::bench]
fn tokens(bencher: Bencher) {
    let text = corpus();
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
    let text = corpus();
    let cut = sentences(&text);
    let finder = Finder::new(&Catalogue::embedded());
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| finder.find_in(&text, &cut, None));
}

/// What a start of the program costs before its first text.
#[divan::bench(args = ["catalogue", "finder", "table"])]
fn start(bencher: Bencher, part: &str) {
    let catalogue = Catalogue::embedded();
    let model = Model::embedded().expect("the model is whole");
    match part {
        "catalogue" => bencher.bench_local(Catalogue::embedded),
        "finder" => bencher.bench_local(|| Finder::new(&catalogue)),
        _ => bencher.bench_local(|| Table::new(&model.sparse)),
    }
}

/// Tokens, predicates and items of every sentence that names somebody: one item is one sentence.
#[divan::bench]
fn reading(bencher: Bencher) {
    let text = corpus();
    let sentences = named(&text, &Finder::new(&Catalogue::embedded()));
    let mut reading = Reading::default();
    bencher.counter(ItemsCount::new(sentences.len())).bench_local(|| {
        for sentence in &sentences {
            read(&mut reading, sentence);
        }
        reading.spans.len()
    });
}

/// The same and then the features of every mention and their weights: one item is one mention.
#[divan::bench]
fn reading_and_scoring(bencher: Bencher) {
    let text = corpus();
    let sentences = named(&text, &Finder::new(&Catalogue::embedded()));
    let table = Table::new(&Model::embedded().expect("the model is whole").sparse);
    let mentions: usize = sentences.iter().map(|(_, found)| found.len()).sum();
    let (mut reading, mut buffers) = (Reading::default(), Buffers::default());
    bencher.counter(ItemsCount::new(mentions)).bench_local(|| {
        let mut critical = 0.0;
        for sentence in &sentences {
            read(&mut reading, sentence);
            for span in 0..reading.spans.len() {
                critical += table.probabilities(&reading, span, &mut buffers)[2];
            }
        }
        critical
    });
}

/// The same for one sentence of so many mentions: what a mention costs must not grow faster than the sentence.
#[divan::bench(args = [2, 8, 32])]
fn scoring_long_sentences(bencher: Bencher, mentions: usize) {
    let sentence = format!("{} signed an accord.", vec!["Japan, which had long accused"; mentions].join(" "));
    let table = Table::new(&Model::embedded().expect("the model is whole").sparse);
    let found: Vec<_> = sentence.match_indices("Japan").map(|(at, name)| (at..at + name.len(), 0)).collect();
    let (mut reading, mut buffers) = (Reading::default(), Buffers::default());
    bencher.counter(ItemsCount::new(mentions)).bench_local(|| {
        // A sentence that comes again at once would not be read again.
        reading.read("", []);
        reading.read(&sentence, found.iter().cloned());
        (0..mentions).map(|span| table.probabilities(&reading, span, &mut buffers)[2]).sum::<f32>()
    });
}

/// The encoder: one item is one mention.
#[cfg(feature = "encoder")]
#[divan::bench(sample_count = 5, sample_size = 1)]
fn encoder(bencher: Bencher) {
    use toward::encoder::{Encoder, Input};
    let text = corpus();
    let sentences = named(&text, &Finder::new(&Catalogue::embedded()));
    let inputs: Vec<Input> =
        sentences.iter().take(256).map(|(sentence, found)| Input::new(sentence, found[0].range())).collect();
    let encoder = Encoder::embedded().expect("it is inside the binary");
    bencher
        .counter(ItemsCount::new(inputs.len()))
        .bench_local(|| encoder.encode(&inputs).expect("mentions are inside"));
}

/// All of it, as `classify --effort fast` does it: one item is one mention.
#[divan::bench]
fn text_to_labels(bencher: Bencher) {
    let articles = articles();
    let classifier = Classifier::embedded(Effort::Fast).expect("the model is whole");
    let documents: Vec<Document<'_>> =
        articles.iter().map(|text| Document { text, whole: false, as_of: None }).collect();
    let judge = || classifier.judge(&documents).expect("nothing can fail without the encoder");
    let mentions: usize = judge().iter().map(|judged| judged.judgements.len()).sum();
    bencher.counter(ItemsCount::new(mentions)).bench_local(judge);
}

#[divan::bench]
fn csv_in(bencher: Bencher) {
    let mut csv = "id,text\n".to_owned();
    for (id, article) in articles().iter().enumerate() {
        csv += &format!("{id},\"{}\"\n", article.replace('"', "\"\""));
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
