//! By which words names and phrases begin: what a scan asks of every word of a text.
//!
//! A word is looked up by its first eight bytes and its length in a bit set that stays in the core's cache; few words
//! of a text pass. Those are looked up with the two bytes that follow, and then by the hash of all of that in a table,
//! which gives the few names that begin so.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::spelling::{Next, first_eight};

/// The names and phrases that begin alike. Should two beginnings have one hash they share it, and all but `word` are
/// compared with the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beginning {
    hash: u64,
    names: (u32, u32),
    cues: (u32, u32),
    /// The phrase that is no more than the word.
    word: u32,
}

/// No phrase.
const NONE: u32 = u32::MAX;

/// An empty place in the table: it has neither names nor phrases.
const EMPTY: Beginning = Beginning { hash: 0, names: (0, 0), cues: (0, 0), word: NONE };

impl Beginning {
    /// The names, longest first, as a range of the finder's.
    pub fn names(&self) -> Range<u32> {
        self.names.0..self.names.1
    }

    /// The phrases, as a range of the finder's cues.
    pub fn cues(&self) -> Range<u32> {
        self.cues.0..self.cues.1
    }

    /// The phrase that is no more than the word.
    pub fn word(&self) -> Option<u32> {
        (self.word != NONE).then_some(self.word)
    }
}

/// All beginnings, compiled for search.
#[derive(Debug)]
pub(super) struct Beginnings {
    filter: Filter,
    table: Vec<Beginning>,
}

impl Beginnings {
    /// Whether anything begins with a word of this key, whatever follows: most words fail here.
    #[inline]
    pub fn may_begin(&self, key: Key) -> bool {
        self.filter.has(key.bits)
    }

    /// Whether anything begins with a word of this key and what follows it.
    #[inline]
    pub fn may_begin_so(&self, key: Key, next: Next) -> bool {
        self.filter.has(key.with(next))
    }

    /// What begins with a word and what follows it.
    #[inline]
    pub fn get(&self, key: Key, word: &[u8], next: Next) -> Option<&Beginning> {
        let hash = key.hash(word, next);
        let mask = self.table.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let found = &self.table[at];
            if found.hash == hash {
                return Some(found);
            }
            if found.hash == 0 {
                return None;
            }
            at = (at + 1) & mask;
        }
    }
}

/// Beginnings that are being collected, by number.
pub(super) struct Collected {
    filter: Filter,
    numbers: FxHashMap<u64, u32>,
    beginnings: Vec<Beginning>,
}

impl Collected {
    /// Nothing yet, with room for as many.
    pub fn with_capacity(count: usize) -> Collected {
        let numbers = FxHashMap::with_capacity_and_hasher(count, rustc_hash::FxBuildHasher);
        Collected { filter: Filter(vec![0; FILTER_WORDS]), numbers, beginnings: Vec::new() }
    }

    /// The number of the beginning of this name or phrase, the first word of which has this length.
    pub fn number(&mut self, spelling: &str, word: usize) -> u32 {
        let next = Next::of(spelling, word);
        let word = &spelling.as_bytes()[..word];
        let key = Key::of(word, word.len());
        self.filter.set(key.bits);
        self.filter.set(key.with(next));
        let hash = key.hash(word, next);
        *self.numbers.entry(hash).or_insert_with(|| {
            self.beginnings.push(Beginning { hash, ..EMPTY });
            self.beginnings.len() as u32 - 1
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.beginnings.len()
    }

    /// Says which names have a beginning.
    pub fn set_names(&mut self, number: u32, names: Range<u32>) {
        self.beginnings[number as usize].names = (names.start, names.end);
    }

    /// Says that a phrase is the beginning's word and no more; false if another is.
    pub fn set_word(&mut self, number: u32, phrase: u32) -> bool {
        let word = &mut self.beginnings[number as usize].word;
        let free = *word == NONE;
        if free {
            *word = phrase;
        }
        free
    }

    /// Adds the phrase at a place of the finder's cues; those of one beginning stand together.
    pub fn add_cue(&mut self, number: u32, place: u32) {
        let (start, end) = &mut self.beginnings[number as usize].cues;
        if *start == *end {
            *start = place;
        }
        *end = place + 1;
    }

    /// Compiles them: one look is one cache line then.
    pub fn compile(self) -> Beginnings {
        let size = (2 * self.beginnings.len()).next_power_of_two().max(2);
        let mut table = vec![EMPTY; size];
        for beginning in self.beginnings {
            let mut at = beginning.hash as usize & (size - 1);
            while table[at].hash != 0 {
                at = (at + 1) & (size - 1);
            }
            table[at] = beginning;
        }
        Beginnings { filter: self.filter, table }
    }
}

/// A word as far as the filter looks at it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Key {
    /// Its first eight bytes, the first the lowest, with its length.
    bits: u64,
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Key {
    /// The key of the word that begins the bytes and has this length.
    #[inline]
    pub fn of(bytes: &[u8], length: usize) -> Key {
        // What is behind the word is no part of it; of an empty word nothing is left.
        let begin = first_eight(bytes) & u64::MAX.checked_shr(64 - 8 * length.min(8) as u32).unwrap_or(0);
        // The length goes to the upper bits, which only long words have set, and spares the lowest byte.
        Key { bits: begin ^ (length as u64).rotate_right(8) }
    }

    /// The same with what follows the word.
    #[inline]
    fn with(self, next: Next) -> u64 {
        self.bits ^ (u64::from(u16::from_le_bytes(next.0)) << 24 | 1 << 44).wrapping_mul(GOLDEN) << 8
    }

    /// The hash of the whole word with what follows it; never 0.
    #[inline]
    fn hash(self, word: &[u8], next: Next) -> u64 {
        let mut hash = (self.bits ^ u64::from(u16::from_le_bytes(next.0)).wrapping_mul(GOLDEN)).wrapping_mul(GOLDEN);
        for chunk in word.get(8..).unwrap_or_default().chunks(8) {
            hash = (hash.rotate_left(29) ^ first_eight(chunk)).wrapping_mul(GOLDEN);
        }
        (hash ^ hash >> 32) | 1 << 63
    }
}

/// The bits of the filter: few enough to stay in a core's own cache, and one in twenty is set.
const BITS: u32 = 20;

/// Those for words in lower case. Six words in seven are, few names are: they stay in the first-level cache.
const LOWER_BITS: u32 = 17;

const FILTER_WORDS: usize = ((1 << BITS) + (1 << LOWER_BITS)) / 64;

#[derive(Debug)]
struct Filter(Vec<u64>);

impl Filter {
    #[inline]
    fn place(key: u64) -> (usize, u64) {
        let hash = (key ^ key >> 31).wrapping_mul(GOLDEN);
        // The key's lowest byte is the word's first.
        let bit = if (key as u8).is_ascii_lowercase() {
            (hash >> (64 - LOWER_BITS)) as usize
        } else {
            (1 << LOWER_BITS) + (hash >> (64 - BITS)) as usize
        };
        (bit / 64, 1 << (bit % 64))
    }

    #[inline]
    fn has(&self, key: u64) -> bool {
        let (word, bit) = Filter::place(key);
        self.0[word] & bit != 0
    }

    fn set(&mut self, key: u64) {
        let (word, bit) = Filter::place(key);
        self.0[word] |= bit;
    }
}

#[cfg(test)]
mod tests {
    use super::{Collected, Key};
    use crate::actors::spelling::{Next, first_word};

    #[test]
    fn a_beginning_is_found_by_its_whole_word_and_what_follows() {
        let mut collected = Collected::with_capacity(4);
        let names = ["Georgia", "Georgian Dream", "Organisation of", "Organisations of", "éa"];
        let numbers = names.map(|name| collected.number(name, first_word(name).len()));
        assert_eq!((numbers, collected.len()), ([0, 1, 2, 3, 4], 5));
        for number in numbers {
            collected.set_names(number, number..number + 1);
        }
        let beginnings = collected.compile();
        let names = |word: &str, text: &str, next: Next| {
            let key = Key::of(text.as_bytes(), word.len());
            beginnings.get(key, word.as_bytes(), next).map(super::Beginning::names)
        };
        assert_eq!(names("Georgia", "Georgia", Next::ANY), Some(0..1));
        assert_eq!(names("Georgian", "Georgian Dream and", Next::of(" D", 0)), Some(1..2));
        assert_eq!(names("Organisation", "Organisation of", Next::of(" o", 0)), Some(2..3));
        assert_eq!(names("Organisations", "Organisations of", Next::of(" o", 0)), Some(3..4));
        assert_eq!(names("éa", "éa", Next::ANY), Some(4..5));
        assert_eq!(names("Georgian", "Georgian dream", Next::of(" d", 0)), None);
        assert_eq!(names("Georg", "Georgia", Next::ANY), None);
        assert_eq!(names("Organisatioms", "Organisatioms of", Next::of(" o", 0)), None);
    }
}
