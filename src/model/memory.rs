//! What the encoder has answered before: agencies' sentences come back in many papers, and need not be read twice.
//!
//! Two generations of bounded size: when the young one is full, the old one is dropped and the young one grows old. What
//! is asked for again in time moves up. A hit gives the very numbers of the first answer, so that the output does not
//! depend on what is remembered.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::Xxh3;

use super::classifier::Answer;

/// How many answers a generation holds: some 20 MB.
const GENERATION: usize = 1 << 19;

/// Answers by the 128-bit hash of sentence and mention: a false hit is out of the question.
#[derive(Debug, Default)]
pub(super) struct Memory {
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: FxHashMap<u128, Answer>,
    old: FxHashMap<u128, Answer>,
}

impl Memory {
    /// The key of a mention in a sentence.
    pub fn key(sentence: &str, mention: &Range<usize>) -> u128 {
        let mut hash = Xxh3::new();
        hash.update(sentence.as_bytes());
        hash.update(&mention.start.to_le_bytes());
        hash.update(&mention.end.to_le_bytes());
        hash.digest128()
    }

    /// The answers that are remembered.
    pub fn recall(&self, keys: &[u128]) -> Vec<Option<Answer>> {
        // A panic elsewhere leaves whole entries: what is there is right.
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            let young = generations.young.get(key).copied();
            let answer = young.or_else(|| generations.old.get(key).copied());
            if let (None, Some(answer)) = (young, answer) {
                generations.insert(*key, answer);
            }
            found.push(answer);
        }
        found
    }

    /// Remembers answers.
    pub fn remember(&self, answers: impl IntoIterator<Item = (u128, Answer)>) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, answer) in answers {
            generations.insert(key, answer);
        }
    }
}

impl Generations {
    fn insert(&mut self, key: u128, answer: Answer) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, answer);
    }
}

#[cfg(test)]
mod tests {
    use super::{GENERATION, Memory};
    use crate::model::Stage;

    #[test]
    fn what_is_asked_for_again_stays_and_the_rest_goes() {
        let memory = Memory::default();
        let answer = ([0.2, 0.3, 0.5], Stage::Encoder);
        memory.remember([(1, answer), (2, answer)]);
        for generation in 0..3 {
            let start = 10 + generation * GENERATION as u128;
            memory.remember((start..start + GENERATION as u128).map(|key| (key, ([0.0, 1.0, 0.0], Stage::Early))));
            assert_eq!(memory.recall(&[1]), [Some(answer)]);
        }
        assert_eq!(memory.recall(&[2]), [None]);
    }

    #[test]
    fn the_key_tells_sentence_and_mention_apart() {
        assert_ne!(Memory::key("Xi met Xi.", &(0..2)), Memory::key("Xi met Xi.", &(7..9)));
        assert_ne!(Memory::key("Xi met Xi.", &(0..2)), Memory::key("Xi met Xi!", &(0..2)));
    }
}
