//! The words met so far, each with a number and what it is by its form alone.
//!
//! A few thousand words are most of all text. What depends on nothing but the word — its classes here, its weights
//! at each place in a table that labels — is worked out when it is first met and looked up by its number from then
//! on. (Interning is as old as Lisp's symbols.) Numbers never reach an output: they only save work.

use std::sync::atomic::{AtomicU64, Ordering};

use super::classes::Classes;
use super::hash;
use super::lexicon::Lexicon;
use super::slot::Slot;
use super::tones::{self, Sign};

/// The number of a word in a [`Vocabulary`].
pub type WordId = u32;

/// The placeholders of masks and what stands beyond the ends of a sentence, which every vocabulary has first.
pub(super) const PLACEHOLDERS: [&str; 5] = ["TARGET", "AGAIN", "ACTOR", "NAME", BEYOND.1];

/// Their hashes.
const PLACEHOLDER_HASHES: [u64; PLACEHOLDERS.len()] = hash::of_constants(PLACEHOLDERS);

/// What stands beyond the ends of a sentence: its number and its form.
pub(crate) const BEYOND: (WordId, &str) = (4, "·");

/// How many words are kept; a vocabulary that is full begins anew, for misspellings would add up. So many take a
/// megabyte, which stays near the core.
const FULL: usize = 1 << 15;

/// The slots of the hash table, of which half are empty at least.
const SLOTS: usize = 2 * FULL;

/// Words by number.
///
/// Like a feature in a model, a word is known by its 64-bit hash: that two words of a text share one is out of the
/// question, and the form need not be fetched to compare it.
#[derive(Debug)]
pub struct Vocabulary {
    /// Words by number. Those that are met first are met most often, so that most questions go to a few kilobytes.
    words: Vec<Word>,
    /// A hash table of numbers; 0, which is a placeholder's, is none.
    slots: Vec<WordId>,
    identity: u64,
}

/// What a vocabulary says of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// The hash of its form.
    pub hash: u64,
    pub id: WordId,
    pub classes: Classes,
    /// Its number among the words that predicates of the lexicon begin with; 0 if none does.
    pub form: u16,
    /// What it is in a line of tones.
    pub sign: Sign,
    /// The slot of its object, if it is a preposition.
    pub preposition: Option<Slot>,
}

impl Word {
    /// A placeholder.
    pub fn placeholder(id: WordId) -> Word {
        Word { hash: PLACEHOLDER_HASHES[id as usize], id, ..Word::default() }
    }
}

impl Default for Vocabulary {
    fn default() -> Vocabulary {
        let mut vocabulary = Vocabulary { words: Vec::new(), slots: Vec::new(), identity: 0 };
        vocabulary.begin();
        vocabulary
    }
}

/// A number that nothing else in the process has.
pub(crate) fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Vocabulary {
    fn begin(&mut self) {
        self.identity = unique();
        self.slots.clear();
        self.words.clear();
        self.words.extend((0..PLACEHOLDERS.len() as WordId).map(Word::placeholder));
    }

    /// Forgets all words if there are too many. Between sentences only: numbers given before mean nothing after.
    pub(super) fn begin_sentence(&mut self) {
        if self.len() >= FULL {
            self.begin();
        }
    }

    /// The number of a word, and what is known of it.
    pub(super) fn meet(&mut self, word: &str) -> Word {
        if self.slots.len() < 2 * self.len() {
            self.grow();
        }
        let hash = hash::of_word(word);
        let at = self.place(hash);
        match self.slots[at] {
            0 => {
                let classes = Classes::of(word);
                let new = Word {
                    hash,
                    id: self.len() as WordId,
                    classes,
                    form: Lexicon::embedded().form(hash),
                    sign: tones::of_word(word, classes),
                    preposition: Slot::of_preposition(word),
                };
                self.slots[at] = new.id;
                self.words.push(new);
                new
            }
            id => self.words[id as usize],
        }
    }

    /// Where a hash is, or would be.
    fn place(&self, hash: u64) -> usize {
        // The number of slots is a power of two.
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at] != 0 && self.words[self.slots[at] as usize].hash != hash {
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        // A reading of one sentence, as for an explanation, needs little room.
        let more = if self.slots.is_empty() { 1 << 9 } else { (self.slots.len() * 4).max(SLOTS) };
        self.slots = vec![0; more];
        for number in PLACEHOLDERS.len()..self.words.len() {
            let hash = self.words[number].hash;
            let at = self.place(hash);
            self.slots[at] = number as WordId;
        }
    }

    /// Changes whenever numbers get another meaning; no two vocabularies share one.
    pub fn identity(&self) -> u64 {
        self.identity
    }

    /// How many words it has, placeholders included: their numbers are below.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Never: the placeholders are always there.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The hash of the word of a number.
    ///
    /// # Panics
    /// If the number is another vocabulary's and too large for this one.
    pub fn hash(&self, id: WordId) -> u64 {
        self.words[id as usize].hash
    }
}

#[cfg(test)]
mod tests {
    use super::{FULL, PLACEHOLDERS, Vocabulary, hash};

    #[test]
    fn a_word_keeps_its_number_until_the_vocabulary_is_full() {
        let mut vocabulary = Vocabulary::default();
        let (before, accuse) = (vocabulary.identity(), vocabulary.meet("accuse"));
        for number in 0..FULL {
            vocabulary.meet(&number.to_string());
        }
        assert_eq!(vocabulary.meet("accuse"), accuse);
        assert_eq!(vocabulary.hash(accuse.id), hash::of_word("accuse"));
        vocabulary.begin_sentence();
        assert_ne!(vocabulary.identity(), before);
        assert_eq!((vocabulary.len(), vocabulary.hash(0)), (PLACEHOLDERS.len(), hash::of_word("TARGET")));
    }
}
