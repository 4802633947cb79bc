//! What one thread knows of a table: the weights of words and pairs of words that it has met, by number.
//!
//! Nine features in ten are one word or two at a place. Their names need not be made and hashed again for every
//! mention: a word's weights at all places are one row, found by the word's number, and those of frequent pairs are
//! in a cache. Sums do not change by a bit, for the same weights are added in the same order.

use std::ops::Range;

use super::sparse::Table;
use crate::CLASSES;
use crate::features::{PairPlace, Place, Sink, Vocabulary, Word, WordId, hash_parts};

type Weights = [f32; CLASSES];

/// Words and pairs by number; empty again whenever the numbers or the table are others.
#[derive(Default)]
pub(super) struct Known {
    /// Of which table and of which vocabulary.
    of: (u64, u64),
    /// The row of each word by number; the first row is of all words that the table does not know.
    row_of: Vec<u32>,
    rows: Vec<[Weights; Place::COUNT]>,
    pairs: Vec<Pair>,
}

/// A pair of words with its weights; `key` is [`NO_PAIR`] where there is none yet.
#[derive(Clone, Copy)]
struct Pair {
    key: u64,
    weights: [Weights; PairPlace::COUNT],
}

/// Two words are never both the last number there is.
const NO_PAIR: u64 = u64::MAX;

/// The size of the cache of pairs, which stays within a core's second-level cache. A pair has one place in it and
/// drives out the one before: half of all pairs are found.
const PAIRS: usize = 1 << 14;

impl Known {
    /// Makes sure that every word of the vocabulary is known.
    pub fn follow(&mut self, vocabulary: &Vocabulary, table: &Table) {
        let of = (table.identity(), vocabulary.identity());
        if self.of != of {
            self.of = of;
            self.row_of.clear();
            self.rows.clear();
            self.rows.push([[0.0; CLASSES]; Place::COUNT]);
            self.pairs.clear();
            self.pairs.resize(PAIRS, Pair { key: NO_PAIR, weights: [[0.0; CLASSES]; PairPlace::COUNT] });
        }
        for id in self.row_of.len()..vocabulary.len() {
            let row = self.row(vocabulary.word(id as WordId), table);
            self.row_of.push(row);
        }
    }

    fn row(&mut self, word: &str, table: &Table) -> u32 {
        let mut row = [[0.0; CLASSES]; Place::COUNT];
        let mut known = false;
        for (place, weights) in Place::ALL.iter().zip(&mut row) {
            if let Some(found) = table.weights(hash_parts(&[place.prefix(), word])) {
                *weights = found;
                known = true;
            }
        }
        if known {
            self.rows.push(row);
            self.rows.len() as u32 - 1
        } else {
            0
        }
    }
}

/// Adds the weights of features as they come.
pub(super) struct Scores<'k> {
    table: &'k Table,
    known: &'k mut Known,
    sums: Weights,
}

impl<'k> Scores<'k> {
    /// Nothing yet. What is known must follow the vocabulary of the words that will come.
    pub fn new(table: &'k Table, known: &'k mut Known) -> Scores<'k> {
        Scores { table, known, sums: [0.0; CLASSES] }
    }

    /// The sums of the weights of all features that came.
    pub fn sums(&self) -> Weights {
        self.sums
    }

    #[inline]
    fn add(&mut self, weights: &Weights) {
        for (sum, weight) in self.sums.iter_mut().zip(weights) {
            *sum += weight;
        }
    }
}

impl Sink for Scores<'_> {
    #[inline]
    fn put(&mut self, name: &[&str], _tokens: Range<usize>) {
        if let Some(weights) = self.table.weights(hash_parts(name)) {
            self.add(&weights);
        }
    }

    #[inline]
    fn word(&mut self, place: Place, word: Word<'_>, _tokens: Range<usize>) {
        let weights = self.known.rows[self.known.row_of[word.id as usize] as usize][place as usize];
        self.add(&weights);
    }

    #[inline]
    fn pair(&mut self, place: PairPlace, words: [Word<'_>; 2], _tokens: Range<usize>) {
        let key = u64::from(words[0].id) << 32 | u64::from(words[1].id);
        let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ key.wrapping_mul(0xC2B2_AE3D_27D4_EB4F) >> 32;
        let at = (hash >> 40) as usize % PAIRS;
        if self.known.pairs[at].key != key {
            self.known.pairs[at] = new_pair(key, words, self.table);
        }
        let weights = self.known.pairs[at].weights[place as usize];
        self.add(&weights);
    }
}

#[inline(never)]
fn new_pair(key: u64, [one, other]: [Word<'_>; 2], table: &Table) -> Pair {
    let mut pair = Pair { key, weights: [[0.0; CLASSES]; PairPlace::COUNT] };
    for (place, weights) in PairPlace::ALL.iter().zip(&mut pair.weights) {
        let hash = hash_parts(&[place.prefix(), one.text, " ", other.text]);
        *weights = table.weights(hash).unwrap_or_default();
    }
    pair
}
