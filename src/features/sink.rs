//! Where features go: to hashes when labelling, to names when training and explaining.
//!
//! A name is given in parts, so that no string is built when only its hash is wanted. The hash of a name is
//! xxh3 (64 bits, seed 0) of its UTF-8 bytes; it is part of the model format and must never change. Words and pairs
//! of words, which are nine features in ten, are given as such: a sink that knows them already needs no name.

use std::ops::Range;

use super::place::{PairPlace, Place};
use super::vocabulary::Word;
use xxhash_rust::xxh3::xxh3_64;

/// The longest name that is hashed without an allocation; longer words are cut there.
const LONGEST: usize = 192;

/// The hash under which a feature is stored in a model.
///
/// ```
/// assert_eq!(toward::features::hash("left:accuse"), xxhash_rust::xxh3::xxh3_64(b"left:accuse"));
/// ```
pub fn hash(name: &str) -> u64 {
    xxh3_64(name.as_bytes())
}

/// Takes the features of one mention.
pub trait Sink {
    /// Takes a feature: its name in parts, and the tokens that gave rise to it.
    fn put(&mut self, name: &[&str], tokens: Range<usize>);

    /// Takes a feature of one word.
    fn word(&mut self, place: Place, word: Word<'_>, tokens: Range<usize>) {
        self.put(&[place.prefix(), word.text], tokens);
    }

    /// Takes a feature of two neighbouring words.
    fn pair(&mut self, place: PairPlace, words: [Word<'_>; 2], tokens: Range<usize>) {
        self.put(&[place.prefix(), words[0].text, " ", words[1].text], tokens);
    }
}

/// The hash of a name in parts.
#[inline]
pub(crate) fn hash_parts(name: &[&str]) -> u64 {
    let mut buffer = [0; LONGEST];
    let mut length = 0;
    for part in name {
        let taken = part.len().min(LONGEST - length);
        buffer[length..length + taken].copy_from_slice(&part.as_bytes()[..taken]);
        length += taken;
    }
    xxh3_64(&buffer[..length])
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
    fn put(&mut self, name: &[&str], _tokens: Range<usize>) {
        self.hashes.push(hash_parts(name));
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
    fn put(&mut self, name: &[&str], tokens: Range<usize>) {
        self.features.push(Named { hash: hash_parts(name), name: name.concat(), tokens });
    }
}

#[cfg(test)]
mod tests {
    use super::{Hashes, Names, Sink, hash};

    #[test]
    fn parts_hash_like_the_whole_name() {
        let mut hashes = Hashes::default();
        hashes.put(&["left:", "acc", "use"], 0..1);
        assert_eq!(hashes.as_slice(), [hash("left:accuse")]);
    }

    #[test]
    fn the_hash_is_a_format() {
        // By another implementation: Python's xxhash.xxh3_64_intdigest(b"left:accuse").
        assert_eq!(hash("left:accuse"), 0x6a88_b7d6_14c6_2671);
    }

    #[test]
    fn overlong_names_are_cut_alike_in_both_sinks() {
        let long = "é".repeat(500);
        let (mut hashes, mut names) = (Hashes::default(), Names::default());
        hashes.put(&["word:", &long], 0..1);
        names.put(&["word:", &long], 0..1);
        assert_eq!(hashes.as_slice()[0], names.features[0].hash);
    }
}
