//! How a thread sums the weights of a mention's features: by numbers, most of which it knows already.
//!
//! Most features are one word or two at a place. A word's weights at all places are looked up when the word is
//! first met, those of pairs anywhere once a sentence, those of choices from short lists once for all; only the rest is
//! hashed for every mention. And since a table of some
//! megabytes answers slowly, but many questions at a time as fast as one, hashes are first gathered and then looked up
//! together: to ask at once took five times as long. Weights are added in the features' order, so that sums do not
//! depend on any of this.

use std::ops::Range;

use super::sparse::{Candidate, Table, Weights};
use crate::CLASSES;
use crate::features::{BEYOND, Choice, Item, Mask, PairPlace, Place, Prefix, Reading, Sink, Text, View, WordId};

/// What is known of a table, in terms of the vocabulary of one reading.
#[derive(Default)]
pub(super) struct Known {
    /// Of which table, which vocabulary and which of its sentences.
    of: (u64, u64),
    sentence: u64,
    words: Vec<Row>,
    /// Weights by number: first those of choices, then those of words, of the sentence's pairs of items, and of the
    /// mention's other features.
    weights: Vec<Weights>,
    pairs_start: usize,
    others_start: usize,
    /// The numbers of the mention's features, in their order.
    features: Vec<u32>,
    /// The hashes of its other features.
    hashes: Vec<u64>,
    candidates: Vec<Candidate>,
}

/// Where a word's weights are: those of the places that the table has it at, in the places' order. Words have few.
#[derive(Clone, Copy)]
struct Row {
    places: u32,
    start: u32,
}

const _: () = assert!(Place::COUNT <= u32::BITS as usize, "a row has a bit for every place");

impl Known {
    /// Looks up what is new in a sentence.
    pub fn read(&mut self, reading: &Reading, table: &Table) {
        let of = (table.identity(), reading.vocabulary.identity());
        if (self.of, self.sentence) == (of, reading.number()) {
            return;
        }
        if self.of != of {
            self.of = of;
            self.words.clear();
            self.look_up_choices(table);
        }
        self.sentence = reading.number();
        self.weights.truncate(self.pairs_start);
        for id in self.words.len()..reading.vocabulary.len() {
            self.look_up_word(reading.vocabulary.hash(id as WordId), table);
        }
        self.pairs_start = self.weights.len();
        self.look_up_pairs(reading, table);
        self.others_start = self.weights.len();
    }

    fn look_up_choices(&mut self, table: &Table) {
        self.weights.clear();
        self.weights.resize(Choice::COUNT, [0.0; CLASSES]);
        self.pairs_start = Choice::COUNT;
        table.look_up(Choice::hashes(), &mut self.candidates, &mut self.weights);
    }

    fn look_up_word(&mut self, hash: u64, table: &Table) {
        self.hashes.clear();
        self.hashes.extend(Place::ALL.iter().map(|place| place.prefix().with_word(hash)));
        let mut found = [[0.0; CLASSES]; Place::COUNT];
        table.look_up(&self.hashes, &mut self.candidates, &mut found);
        let mut row = Row { places: 0, start: self.weights.len() as u32 };
        for (place, weights) in found.into_iter().enumerate().filter(|(_, weights)| *weights != [0.0; CLASSES]) {
            row.places |= 1 << place;
            self.weights.push(weights);
        }
        self.words.push(row);
    }

    fn look_up_pairs(&mut self, reading: &Reading, table: &Table) {
        self.hashes.clear();
        self.hashes.extend(reading.pair_hashes());
        self.weights.resize(self.pairs_start + self.hashes.len(), [0.0; CLASSES]);
        table.look_up(&self.hashes, &mut self.candidates, &mut self.weights[self.pairs_start..]);
    }

    /// Forgets the mention before.
    pub fn begin_mention(&mut self) {
        self.features.clear();
        self.hashes.clear();
    }

    /// The sums of the weights of the features that came since the mention began.
    pub fn sums(&mut self, table: &Table) -> Weights {
        self.weights.truncate(self.others_start);
        self.weights.resize(self.others_start + self.hashes.len(), [0.0; CLASSES]);
        table.look_up(&self.hashes, &mut self.candidates, &mut self.weights[self.others_start..]);
        let mut sums = [0.0; CLASSES];
        for &feature in &self.features {
            for (sum, weight) in sums.iter_mut().zip(self.weights[feature as usize]) {
                *sum += weight;
            }
        }
        sums
    }

    #[inline]
    fn put_hash(&mut self, hash: u64) {
        self.features.push((self.others_start + self.hashes.len()) as u32);
        self.hashes.push(hash);
    }

    #[inline]
    fn put_word(&mut self, place: Place, id: WordId) {
        let row = self.words[id as usize];
        let bit = 1 << place as u32;
        if row.places & bit != 0 {
            self.features.push(row.start + (row.places & (bit - 1)).count_ones());
        }
    }
}

/// Takes the features of a mention of the sentence that was read last.
impl Sink for Known {
    #[inline]
    fn put(&mut self, prefix: Prefix, words: &[&str], _tokens: Range<usize>) {
        self.put_hash(prefix.with_words(words));
    }

    #[inline]
    fn word(&mut self, place: Place, view: &View<'_>, at: usize, _tokens: Range<usize>) {
        self.put_word(place, view.items()[at].word);
    }

    #[inline]
    fn beyond(&mut self, place: Place) {
        self.put_word(place, BEYOND.0);
    }

    #[inline]
    fn choice(&mut self, choice: Choice, picks: &[usize], _tokens: Range<usize>) {
        self.features.push(choice.number(picks) as u32);
    }

    #[inline]
    fn pair(&mut self, place: PairPlace, view: &View<'_>, at: usize) {
        // Pairs were looked up as a stranger to the sentence sees them.
        let is_own = |item: &Item| matches!(item.mask, Mask::Target | Mask::Again);
        if place != PairPlace::Anywhere || is_own(&view.items()[at]) || is_own(&view.items()[at + 1]) {
            self.put_hash(view.pair_hash(place, at));
        } else {
            self.features.push((self.pairs_start + at) as u32);
        }
    }

    #[inline]
    fn phrase(&mut self, prefix: Prefix, view: &View<'_>, items: &[usize]) {
        self.put_hash(view.phrase_hash(prefix, items));
    }

    #[inline]
    fn hashed(&mut self, prefix: Prefix, text: Text, _named: &dyn Fn() -> (String, Range<usize>)) {
        self.put_hash(prefix.with(text));
    }
}
