//! What the lexicon finds in sentences: for each line of the input a line of `start:end:pos:lemma:passive`, separated by tabs,
//! with places in characters. Phrases with a gap are left out, for they are not one piece of text.
//!
//!     echo 'Xi was accused of it' | cargo run --release --example predicates

use std::io::{self, BufRead, Write};

use toward::data::offsets::{OffsetError, to_characters};
use toward::features::{Lexicon, Reading};

fn main() -> io::Result<()> {
    let lexicon = Lexicon::embedded();
    let mut reading = Reading::default();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let sentence = line?;
        reading.read(&sentence, []);
        let tokens = reading.analysis.tokens();
        let found = reading.predicates.iter().filter(|predicate| predicate.gap.is_empty()).map(|predicate| {
            let (first, last) = (&tokens[predicate.start], &tokens[predicate.end - 1]);
            let (start, end) = to_characters(&sentence, first.start as usize..last.end as usize)?;
            let (pos, lemma) = (lexicon.entry(predicate.entry).pos.letter(), lexicon.lemma(predicate.entry));
            Ok(format!("{start}:{end}:{pos}:{lemma}:{}", predicate.passive))
        });
        let found: Vec<String> = found.collect::<Result<_, OffsetError>>().map_err(io::Error::other)?;
        writeln!(out, "{}", found.join("\t"))?;
    }
    Ok(())
}
