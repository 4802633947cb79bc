//! The words met so far, each with a number and what it is by its form alone.
//!
//! A few thousand words are most of all text. What depends on nothing but the word — its classes here, its weights
//! at each place in a table that labels — is worked out when it is first met and looked up by its number from then
//! on. (Interning is as old as Lisp's symbols.) Numbers never reach an output: they only save work.

use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;

use super::classes::Classes;

/// The number of a word in a [`Vocabulary`].
pub type WordId = u32;

/// How many words are kept; a vocabulary that is full begins anew. Names and misspellings would else add up.
const FULL: usize = 1 << 16;

/// A word with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'r> {
    /// Its number in the vocabulary that it is from.
    pub id: WordId,
    /// Its normalised form.
    pub text: &'r str,
}

/// What stands beyond the ends of a sentence.
pub(super) const BEYOND: Word<'static> = Word { id: 4, text: "·" };

/// The placeholders of masks, which every vocabulary has under these numbers.
pub(super) const PLACEHOLDERS: [&str; 5] = ["TARGET", "AGAIN", "ACTOR", "NAME", BEYOND.text];

/// Words by number.
#[derive(Debug)]
pub struct Vocabulary {
    ids: FxHashMap<Box<str>, WordId>,
    words: Vec<(Box<str>, Classes)>,
    identity: u64,
}

impl Default for Vocabulary {
    fn default() -> Vocabulary {
        let mut vocabulary = Vocabulary { ids: FxHashMap::default(), words: Vec::new(), identity: unique() };
        vocabulary.add_placeholders();
        vocabulary
    }
}

/// A number that nothing else in the process has.
pub(crate) fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Vocabulary {
    fn add_placeholders(&mut self) {
        for placeholder in PLACEHOLDERS {
            self.add(placeholder);
        }
    }

    fn add(&mut self, word: &str) -> WordId {
        let id = self.words.len() as WordId;
        self.words.push((word.into(), Classes::of(word)));
        id
    }

    /// Forgets all words if there are too many. Between sentences only: numbers given before mean nothing after.
    pub(super) fn begin_sentence(&mut self) {
        if self.words.len() >= FULL {
            self.ids.clear();
            self.words.clear();
            self.identity = unique();
            self.add_placeholders();
        }
    }

    /// The number of a word. (A placeholder is in capitals and no normalised word is, so they have no number here.)
    pub(super) fn id(&mut self, word: &str) -> WordId {
        if let Some(&id) = self.ids.get(word) {
            return id;
        }
        let id = self.add(word);
        self.ids.insert(word.into(), id);
        id
    }

    /// Changes whenever numbers get another meaning; no two vocabularies share one.
    pub fn identity(&self) -> u64 {
        self.identity
    }

    /// How many words it has: their numbers are below.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Never: the placeholders are always there.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The word of a number.
    pub fn word(&self, id: WordId) -> &str {
        &self.words[id as usize].0
    }

    pub(super) fn classes(&self, id: WordId) -> Classes {
        self.words[id as usize].1
    }
}

#[cfg(test)]
mod tests {
    use super::{FULL, Vocabulary};

    #[test]
    fn a_word_keeps_its_number_until_the_vocabulary_is_full() {
        let mut vocabulary = Vocabulary::default();
        let (before, accuse) = (vocabulary.identity(), vocabulary.id("accuse"));
        for number in 0..FULL {
            vocabulary.id(&number.to_string());
        }
        assert_eq!((vocabulary.id("accuse"), vocabulary.word(accuse)), (accuse, "accuse"));
        vocabulary.begin_sentence();
        assert_ne!(vocabulary.identity(), before);
        assert_eq!(vocabulary.len(), super::PLACEHOLDERS.len());
    }
}
