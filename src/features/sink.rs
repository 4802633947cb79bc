//! Where features go: to hashes when labelling, to names when training and explaining.
//!
//! A name is given in parts, so that no string is built when only its hash is wanted. The hash of a name is
//! xxh3 (64 bits, seed 0) of its UTF-8 bytes; it is part of the model format and must never change. Words and pairs
//! of words, which are nine features in ten, and choices from short lists are given as such: a sink that knows them
//! already needs no name.

use std::ops::Range;

use super::choice::Choice;
use super::place::{PairPlace, Place};
use super::view::View;
use super::vocabulary::BEYOND;
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

    /// Takes a feature of the item's word; the tokens are the evidence.
    fn word(&mut self, place: Place, view: &View<'_>, at: usize, tokens: Range<usize>) {
        self.put(&[place.prefix(), view.word(at)], tokens);
    }

    /// Takes a feature of what stands at a place beyond the ends of the sentence.
    fn beyond(&mut self, place: Place) {
        self.put(&[place.prefix(), BEYOND.1], 0..0);
    }

    /// Takes a feature whose name is chosen from lists, by the place in each.
    fn choice(&mut self, choice: Choice, picks: &[usize], tokens: Range<usize>) {
        self.put(&choice.parts(picks), tokens);
    }

    /// Takes a feature of the words of an item and the next.
    fn pair(&mut self, place: PairPlace, view: &View<'_>, at: usize) {
        let tokens = view.items()[at].tokens.start..view.items()[at + 1].tokens.end;
        self.put(&[place.prefix(), view.word(at), " ", view.word(at + 1)], tokens);
    }
}

/// A name as it is hashed: a text, before which prefixes are written one after the other. A text that has several
/// is thereby copied once.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    bytes: [u8; FRONT + LONGEST],
    end: usize,
}

/// Room for a prefix.
const FRONT: usize = 32;

impl Default for Name {
    fn default() -> Name {
        Name { bytes: [0; FRONT + LONGEST], end: FRONT }
    }
}

impl Name {
    /// Begins a name without text.
    pub fn clear(&mut self) {
        self.end = FRONT;
    }

    /// Adds to the text; what is too long is cut.
    #[inline]
    pub fn push(&mut self, part: &str) {
        let taken = part.len().min(self.bytes.len() - self.end);
        let (from, to) = (&part.as_bytes()[..taken], &mut self.bytes[self.end..self.end + taken]);
        // Words are short: two overlapping copies of a fixed size are faster than a call that copies any number.
        if let (Some(first), Some(last)) = (from.first_chunk::<8>(), from.last_chunk::<8>())
            && taken <= 16
        {
            to[..8].copy_from_slice(first);
            to[taken - 8..].copy_from_slice(last);
        } else if let (Some(first), Some(last)) = (from.first_chunk::<4>(), from.last_chunk::<4>())
            && taken <= 8
        {
            to[..4].copy_from_slice(first);
            to[taken - 4..].copy_from_slice(last);
        } else if taken < 4 {
            for (to, from) in to.iter_mut().zip(from) {
                *to = *from;
            }
        } else {
            to.copy_from_slice(from);
        }
        self.end += taken;
    }

    /// The hash of a prefix, of 32 bytes at most, and the text.
    #[inline]
    pub fn hash(&mut self, prefix: &str) -> u64 {
        let start = FRONT - prefix.len();
        self.bytes[start..FRONT].copy_from_slice(prefix.as_bytes());
        xxh3_64(&self.bytes[start..self.end.min(start + LONGEST)])
    }

    /// The hash of a name in parts.
    #[inline]
    pub fn hash_parts(&mut self, parts: &[&str]) -> u64 {
        self.clear();
        for part in parts {
            self.push(part);
        }
        self.hash("")
    }
}

/// Collects hashes; the buffer is kept from mention to mention.
#[derive(Debug, Default)]
pub struct Hashes {
    hashes: Vec<u64>,
    name: Name,
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
        self.hashes.push(self.name.hash_parts(name));
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
    buffer: Name,
}

impl Sink for Names {
    fn put(&mut self, name: &[&str], tokens: Range<usize>) {
        self.features.push(Named { hash: self.buffer.hash_parts(name), name: name.concat(), tokens });
    }
}

#[cfg(test)]
mod tests {
    use super::{Hashes, Name, Names, Sink, hash};

    #[test]
    fn parts_hash_like_the_whole_name() {
        let mut hashes = Hashes::default();
        hashes.put(&["left:", "acc", "use"], 0..1);
        assert_eq!(hashes.as_slice(), [hash("left:accuse")]);
    }

    #[test]
    fn names_of_all_lengths_hash_like_the_whole_name() {
        let mut name = Name::default();
        let text = "abcdefghijklmnopqrstuvwxyz0123456789äöü";
        for (length, _) in text.char_indices() {
            let word = &text[..length];
            name.clear();
            name.push(word);
            assert_eq!(name.hash("next clause left:"), hash(&format!("next clause left:{word}")));
            assert_eq!(name.hash("pair:"), hash(&format!("pair:{word}")));
        }
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
