//! What the lexicon finds in sentences: for each line of the input a line of `start:end:pos:lemma:passive`, separated by tabs,
//! with places in characters. Phrases with a gap are left out, for they are not one piece of text.
//!
//!     echo 'Xi was accused of it' | cargo run --release --example predicates

use std::io::{self, BufRead, Write};

use toward::features::{Lexicon, PartOfSpeech, Reading};

fn main() -> io::Result<()> {
    let lexicon = Lexicon::embedded();
    let mut reading = Reading::default();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let sentence = line?;
        reading.read(&sentence, []);
        let tokens = reading.analysis.tokens();
        let characters = |byte: u32| sentence[..byte as usize].chars().count();
        let found = reading.predicates.iter().filter(|predicate| predicate.gap.is_empty()).map(|predicate| {
            let (start, end) = (tokens[predicate.start].start, tokens[predicate.end - 1].end);
            let pos = match lexicon.entry(predicate.entry).pos {
                PartOfSpeech::Verb => "v",
                PartOfSpeech::Noun => "n",
                PartOfSpeech::Adjective => "a",
                PartOfSpeech::Adverb => "r",
            };
            let lemma = lexicon.lemma(predicate.entry);
            format!("{}:{}:{pos}:{lemma}:{}", characters(start), characters(end), predicate.passive)
        });
        writeln!(out, "{}", found.collect::<Vec<_>>().join("\t"))?;
    }
    Ok(())
}
