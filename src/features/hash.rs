//! The hash of a feature's name: part of the model format, which must never change without a new version of it.
//!
//! A name is a prefix, up to the first colon, and words with a space between: `run:said TARGET is`. Each word is
//! hashed by itself (xxh3, 64 bits, seed 0), the words' hashes are folded like the digits of a number, and the prefix's hash
//! comes in by exclusive or. (The fold is that of Karp & Rabin, IBM J. Res. Dev. 31, 1987.) So a word is hashed once
//! whatever it is part of, and no string has to be put together to know the hash of its name.

use xxhash_rust::const_xxh3::xxh3_64 as const_xxh3_64;
use xxhash_rust::xxh3::xxh3_64;

/// What the hash of the words before is multiplied by: odd, so that no word is lost.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// Its powers, for texts of up to eleven words.
const POWERS: [u64; 12] = {
    let (mut powers, mut at) = ([1_u64; 12], 1);
    while at < powers.len() {
        powers[at] = powers[at - 1].wrapping_mul(BASE);
        at += 1;
    }
    powers
};

/// The hash of one word.
pub(super) fn of_word(word: &str) -> u64 {
    xxh3_64(word.as_bytes())
}

/// The hash of one word, for constants.
pub(super) const fn of_constant(word: &str) -> u64 {
    const_xxh3_64(word.as_bytes())
}

/// The hashes of words, for constants.
pub(super) const fn of_constants<const N: usize>(words: [&str; N]) -> [u64; N] {
    let (mut hashes, mut at) = ([0; N], 0);
    while at < N {
        hashes[at] = of_constant(words[at]);
        at += 1;
    }
    hashes
}

/// The place of a word among words, given by their hashes, of which it must be one.
pub(super) const fn place_of(word: &str, hashes: &[u64]) -> usize {
    let (hash, mut at) = (of_constant(word), 0);
    while hashes[at] != hash {
        at += 1;
    }
    at
}

/// What a name begins with: it ends in its only colon.
#[derive(Clone, Copy, Debug)]
pub struct Prefix {
    /// As it stands in the name.
    pub text: &'static str,
    hash: u64,
}

impl Prefix {
    /// A prefix and its hash.
    pub(super) const fn new(text: &'static str) -> Prefix {
        let (prefix, rest) = Prefix::split(text);
        assert!(rest.is_empty(), "a prefix ends in its only colon");
        prefix
    }

    /// The prefix of a name that has one, and the rest.
    pub(super) const fn split(name: &'static str) -> (Prefix, &'static str) {
        let mut colon = 0;
        while name.as_bytes()[colon] != b':' {
            colon += 1;
        }
        let (text, rest) = name.split_at(colon + 1);
        (Prefix { text, hash: of_constant(text) }, rest)
    }

    /// The hash of the name of this prefix and a text.
    #[inline]
    pub(crate) fn with(self, text: Text) -> u64 {
        self.hash ^ text.hash()
    }

    /// The hash of the name of this prefix and one word, given by its hash.
    #[inline]
    pub(crate) fn with_word(self, hash: u64) -> u64 {
        self.with(Text(hash))
    }

    /// The hash of the name of this prefix and words, none of which holds a space.
    pub(crate) fn with_words(self, words: &[&str]) -> u64 {
        self.with(words.iter().fold(Text::default(), |text, word| text.then(of_word(word))))
    }
}

/// Words one after the other, as their hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text(u64);

impl Text {
    /// The text with a word more.
    #[inline]
    pub(super) fn then(self, hash: u64) -> Text {
        Text(self.0.wrapping_mul(BASE).wrapping_add(hash))
    }

    /// The text of the last so many words, given what comes before them.
    #[inline]
    pub(super) fn without(self, before: Text, words: usize) -> Text {
        Text(self.0.wrapping_sub(before.0.wrapping_mul(POWERS[words])))
    }

    /// The hash of the words, without a prefix.
    #[inline]
    pub(super) fn hash(self) -> u64 {
        self.0
    }
}

/// The hash under which a feature is stored in a model.
///
/// ```
/// use toward::features::hash;
/// use xxhash_rust::xxh3::xxh3_64;
///
/// assert_eq!(hash("left:accuse"), xxh3_64(b"left:") ^ xxh3_64(b"accuse"));
/// ```
pub fn hash(name: &str) -> u64 {
    let (prefix, text) = name.split_at(name.find(':').map_or(0, |colon| colon + 1));
    text.split(' ').fold(Text::default(), |text, word| text.then(of_word(word))).hash() ^ of_word(prefix)
}

#[cfg(test)]
mod tests {
    use super::{Prefix, hash, of_constant, of_word};

    #[test]
    fn the_hash_is_a_format() {
        // By another implementation, with Python's xxhash:
        //   h = lambda word: xxhash.xxh3_64_intdigest(word); h(b"run:") ^ (h(b"said") * BASE + h(b"TARGET")) % 2**64
        assert_eq!(hash("run:said TARGET"), 0x6ca4_2c8c_25a5_8b87);
        assert_eq!(of_word("left:accuse"), 0x6a88_b7d6_14c6_2671);
        assert_eq!(of_constant("left near:"), of_word("left near:"));
    }

    #[test]
    fn parts_hash_like_the_whole_name() {
        assert_eq!(Prefix::new("role:").with_words(&["not", "object", "accuse"]), hash("role:not object accuse"));
        assert_eq!(Prefix::new("left near:").with_word(of_word("accuse")), hash("left near:accuse"));
        // A colon that is a word is no prefix's.
        assert_eq!(Prefix::new("pair:").with_words(&["said", ":"]), hash("pair:said :"));
        assert_ne!(hash("pair:said that"), hash("pair:that said"));
        assert_ne!(hash("left:that"), hash("right:that"));
    }
}
