//! Where features go: to hashes when labelling, to names when training and explaining.
//!
//! A name is given in parts, so that no string is built when only its [hash](super::hash()) is wanted. Words, pairs and
//! runs of words, which are nine features in ten, and choices from short lists are given as such: a sink that knows
//! their hashes already needs no name.

use std::ops::Range;

use super::choice::Choice;
use super::hash::{Prefix, Text};
use super::place::{PairPlace, Place};
use super::view::{Item, Reading, View};
use super::vocabulary::BEYOND;

/// The most items of a phrase.
pub(super) const LONGEST_PHRASE: usize = 5;

/// Takes the features of one mention.
pub trait Sink {
    /// Takes a feature: what its name begins with, the words after that, none of which holds a space, and the tokens
    /// that gave rise to it.
    fn put(&mut self, prefix: Prefix, words: &[&str], tokens: Range<usize>);

    /// Takes a feature of the item's word; the tokens are the evidence.
    fn word(&mut self, place: Place, view: &View<'_>, at: usize, tokens: Range<usize>) {
        self.put(place.prefix(), &[view.word(at)], tokens);
    }

    /// Takes a feature of what stands at a place beyond the ends of the sentence.
    fn beyond(&mut self, place: Place) {
        self.put(place.prefix(), &[BEYOND.1], 0..0);
    }

    /// Takes a feature whose name is chosen from lists, by the place in each.
    fn choice(&mut self, choice: Choice, picks: &[usize], tokens: Range<usize>) {
        let (prefix, text) = choice.name(picks);
        self.put(prefix, &text.split(' ').collect::<Vec<_>>(), tokens);
    }

    /// Takes a feature of the words of an item and the next.
    fn pair(&mut self, place: PairPlace, view: &View<'_>, at: usize) {
        self.put(place.prefix(), &[view.word(at), view.word(at + 1)], view.tokens(at..at + 2));
    }

    /// Takes a feature of the words of some items, one to five of them in order.
    ///
    /// # Panics
    /// If there is none, or more.
    fn phrase(&mut self, prefix: Prefix, view: &View<'_>, items: &[usize]) {
        let mut words = [""; LONGEST_PHRASE];
        for (word, &at) in words.iter_mut().zip(items) {
            *word = view.word(at);
        }
        let tokens = view.tokens(items[0]..items[items.len() - 1] + 1);
        self.put(prefix, &words[..items.len()], tokens);
    }

    /// Takes a feature whose hash is known; `named` gives the text of its name and its evidence where these are wanted.
    fn hashed(&mut self, prefix: Prefix, _text: Text, named: &dyn Fn() -> (String, Range<usize>)) {
        let (text, tokens) = named();
        self.put(prefix, &text.split(' ').collect::<Vec<_>>(), tokens);
    }
}

impl Reading {
    /// The hashes of features of neighbouring items, wherever they stand, as a stranger to the sentence sees them.
    pub fn pair_hashes(&self) -> impl Iterator<Item = u64> {
        self.items().windows(2).map(|pair| PairPlace::Anywhere.prefix().with(text(pair)))
    }
}

impl View<'_> {
    /// The hash of a feature of the words of an item and the next.
    #[inline]
    pub fn pair_hash(&self, place: PairPlace, at: usize) -> u64 {
        place.prefix().with(text(&self.items()[at..at + 2]))
    }

    /// The hash of a feature of the words of some items.
    #[inline]
    pub fn phrase_hash(&self, prefix: Prefix, items: &[usize]) -> u64 {
        prefix.with(text(items.iter().map(|&at| &self.items()[at])))
    }
}

fn text<'i>(items: impl IntoIterator<Item = &'i Item>) -> Text {
    items.into_iter().fold(Text::default(), |text, item| text.then(item.hash))
}

/// Collects hashes; the buffer is kept from mention to mention.
#[derive(Debug, Default)]
pub struct Hashes {
    hashes: Vec<u64>,
}

impl Hashes {
    /// The hashes, in the order of extraction, maybe repeated.
    pub fn as_slice(&self) -> &[u64] {
        &self.hashes
    }

    /// Makes room for the next mention.
    pub fn clear(&mut self) {
        self.hashes.clear();
    }
}

impl Sink for Hashes {
    fn put(&mut self, prefix: Prefix, words: &[&str], _tokens: Range<usize>) {
        self.hashes.push(prefix.with_words(words));
    }

    fn word(&mut self, place: Place, view: &View<'_>, at: usize, _tokens: Range<usize>) {
        self.hashes.push(place.prefix().with_word(view.items()[at].hash));
    }

    fn choice(&mut self, choice: Choice, picks: &[usize], _tokens: Range<usize>) {
        self.hashes.push(Choice::hashes()[choice.number(picks)]);
    }

    fn pair(&mut self, place: PairPlace, view: &View<'_>, at: usize) {
        self.hashes.push(view.pair_hash(place, at));
    }

    fn phrase(&mut self, prefix: Prefix, view: &View<'_>, items: &[usize]) {
        self.hashes.push(view.phrase_hash(prefix, items));
    }

    fn hashed(&mut self, prefix: Prefix, text: Text, _named: &dyn Fn() -> (String, Range<usize>)) {
        self.hashes.push(prefix.with(text));
    }
}

/// A feature with its name and its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The hash of the name.
    pub hash: u64,
    /// The readable name.
    pub name: String,
    /// The tokens that gave rise to it.
    pub tokens: Range<usize>,
}

/// Collects names and evidence.
#[derive(Debug, Default)]
pub struct Names {
    /// The features, in the order of extraction.
    pub features: Vec<Named>,
}

impl Sink for Names {
    fn put(&mut self, prefix: Prefix, words: &[&str], tokens: Range<usize>) {
        let name = prefix.text.to_owned() + &words.join(" ");
        self.features.push(Named { hash: prefix.with_words(words), name, tokens });
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::{Hashes, Names};
    use crate::features::{FAMILIES, Reading, View, extract, hash};

    /// The names of a family's features of a mention.
    pub fn names_of(family: &str, reading: &Reading, span: usize) -> Vec<String> {
        let family = FAMILIES.iter().find(|other| other.name == family).unwrap();
        let mut names = Names::default();
        family.extract(&View::new(reading, span), &mut names);
        names.features.into_iter().map(|feature| feature.name).collect()
    }

    /// The names of a family's features of Xi in a sentence, in which Putin may be named too.
    pub fn names_for_xi(family: &str, sentence: &str) -> Vec<String> {
        let mut reading = Reading::default();
        let mentions = ["Xi", "Putin"].iter().enumerate();
        let mentions = mentions.filter_map(|(actor, name)| sentence.find(name).map(|at| (at..at + name.len(), actor)));
        reading.read(sentence, mentions.collect::<Vec<_>>());
        let span = reading.spans.iter().position(|span| span.actor == 0).unwrap();
        names_of(family, &reading, span)
    }

    proptest! {
        #[test]
        fn hashes_are_those_of_the_names(text in "([a-zA-Z]{1,9}|not|accused|“|”|said|,|:|[0-9]{2}|é|'s| ){0,40}") {
            let sentence = format!("Xi {text} Putin, who praised Xi.");
            let mut reading = Reading::default();
            reading.read(&sentence, [(0..2, 0), (sentence.len() - 3..sentence.len() - 1, 0)]);
            for span in 0..reading.spans.len() {
                let view = View::new(&reading, span);
                let (mut hashes, mut names) = (Hashes::default(), Names::default());
                extract(&FAMILIES, &view, &mut hashes);
                extract(&FAMILIES, &view, &mut names);
                let of_names: Vec<u64> = names.features.iter().map(|feature| hash(&feature.name)).collect();
                prop_assert_eq!(hashes.as_slice(), of_names);
                prop_assert!(names.features.iter().all(|feature| hash(&feature.name) == feature.hash));
            }
        }
    }
}
