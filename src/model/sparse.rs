//! The sparse model: hashed feature names and their weights, as stored and as looked up.
//!
//! [`Sparse`] is what a bundle holds; [`Table`] is what labels: an open-addressing hash table whose slots hold
//! part of the hash and the three weights, so that a feature costs one cache line, behind a bit set that tells most
//! features which the model lacks without a look at the table.

use super::known::Known;
use super::{ModelError, format};
use crate::CLASSES;
use crate::features::{Item, Reading, View, extract_all, unique};
use crate::linear::Softmax;

/// A sparse model as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Sparse {
    /// The hashes of the features' names, ascending.
    pub hashes: Vec<u64>,
    /// Weights in the same order, intercept and temperature.
    pub softmax: Softmax,
    names: Vec<u8>,
}

impl Sparse {
    /// A model of features with these names; hashes, names and weights are in one order, by ascending hash.
    ///
    /// # Errors
    /// [`ModelError`] if the names cannot be packed.
    pub fn new(hashes: Vec<u64>, names: &[String], softmax: Softmax) -> Result<Sparse, ModelError> {
        let names = format::pack_names(names).map_err(|error| ModelError::Damaged(error.to_string()))?;
        Ok(Sparse { hashes, softmax, names })
    }

    pub(super) fn packed(hashes: Vec<u64>, names: Vec<u8>, softmax: Softmax) -> Sparse {
        Sparse { hashes, softmax, names }
    }

    pub(super) fn packed_names(&self) -> &[u8] {
        &self.names
    }

    /// The features' names, in the order of the hashes.
    ///
    /// # Errors
    /// [`ModelError::Damaged`] if the stored names cannot be unpacked, or are more or fewer than the hashes.
    pub fn names(&self) -> Result<Vec<String>, ModelError> {
        let names = format::unpack_names(&self.names, self.hashes.len())?;
        if names.len() == self.hashes.len() {
            Ok(names)
        } else {
            Err(ModelError::Damaged(format!("{} features but {} names", self.hashes.len(), names.len())))
        }
    }

    /// The weights of a feature, if the model has it.
    pub fn weights(&self, hash: u64) -> Option<[f32; CLASSES]> {
        self.hashes.binary_search(&hash).ok().map(|at| self.softmax.weights()[at])
    }
}

/// A feature's weights.
pub(super) type Weights = [f32; CLASSES];

/// One slot: the lower half of a hash and the weights; `tag` 0 is an empty slot.
#[derive(Clone, Copy, Default)]
struct Slot {
    tag: u32,
    weights: Weights,
}

/// A hash that the filter let pass: where it was asked for, and what is at its place.
#[derive(Clone, Copy, Default)]
pub(super) struct Candidate {
    hash: u64,
    at: u32,
    slot: Slot,
}

/// What one thread needs to label, kept from mention to mention.
#[derive(Default)]
pub struct Buffers {
    known: Known,
    items: Vec<Item>,
}

/// A sparse model compiled for labelling: immutable, shared by all threads.
pub struct Table {
    slots: Vec<Slot>,
    /// How far a hash is shifted to give its place.
    shift: u32,
    /// Two bits for each feature, in one word (a Bloom filter in blocks: Putze et al. 2009). At four bits a slot and half of the
    /// slots taken at most, nineteen unknown features in twenty are told by it alone, and it stays in the core's cache, which
    /// the slots do not.
    filter: Vec<u64>,
    softmax: Softmax,
    identity: u64,
}

/// Bits of the filter for each slot.
const FILTER_BITS: usize = 4;

impl Table {
    /// Compiles a stored model.
    pub fn new(sparse: &Sparse) -> Table {
        // At least half of the slots are free. A table of half the size, three quarters full, took a quarter longer to
        // score a mention: the searches for a tag are longer by more than the nearer memory gains.
        let capacity = (sparse.hashes.len() * 2).next_power_of_two().max(16);
        let mut table = Table {
            slots: vec![Slot::default(); capacity],
            shift: u64::BITS - capacity.trailing_zeros(),
            filter: vec![0; capacity * FILTER_BITS / 64],
            // The weights live in the slots; what is left of the model turns scores into probabilities.
            softmax: sparse.softmax.without_weights(),
            identity: unique(),
        };
        for (&hash, &weights) in sparse.hashes.iter().zip(sparse.softmax.weights()) {
            let (mut at, tag) = table.place(hash);
            while table.slots[at].tag != 0 {
                at = table.after(at);
            }
            table.slots[at] = Slot { tag, weights };
            let (word, bits) = table.filter_place(hash);
            table.filter[word] |= bits;
        }
        table
    }

    /// Where a hash is looked for first, and the tag that tells it from its neighbours. The place comes from the
    /// high bits, so that a table is filled from front to back, and the tag from the low ones, so that a false match
    /// needs both to agree: at half a million features, one unknown feature in some 10¹⁰.
    fn place(&self, hash: u64) -> (usize, u32) {
        ((hash >> self.shift) as usize, (hash as u32).max(1))
    }

    /// The slot after this one, the first after the last.
    fn after(&self, at: usize) -> usize {
        // The number of slots is a power of two.
        (at + 1) & (self.slots.len() - 1)
    }

    /// The word of the filter that has a hash's bits, and the bits.
    fn filter_place(&self, hash: u64) -> (usize, u64) {
        // The number of words is a power of two.
        ((hash >> 16) as usize & (self.filter.len() - 1), 1 << (hash >> 58) | 1 << (hash >> 52 & 63))
    }

    /// What turns scores into probabilities, without weights.
    pub(super) fn softmax(&self) -> &Softmax {
        &self.softmax
    }

    /// The weights of a feature, if the model has it.
    pub(super) fn weights(&self, hash: u64) -> Option<Weights> {
        let (mut at, tag) = self.place(hash);
        while self.slots[at].tag != tag {
            if self.slots[at].tag == 0 {
                return None;
            }
            at = self.after(at);
        }
        Some(self.slots[at].weights)
    }

    /// A number that no other table has.
    pub(super) fn identity(&self) -> u64 {
        self.identity
    }

    /// Writes the weights of those features that the model has to their places.
    ///
    /// # Panics
    /// If there are more hashes than places.
    pub(super) fn look_up(&self, hashes: &[u64], candidates: &mut Vec<Candidate>, found: &mut [Weights]) {
        // No step of the first two loops waits for the one before, and no jump for memory; and they are short, so that the core
        // has many loads on their way at once.
        candidates.clear();
        candidates.resize(hashes.len(), Candidate::default());
        let mut count = 0;
        for (at, &hash) in (0..).zip(hashes) {
            let (word, bits) = self.filter_place(hash);
            candidates[count].at = at;
            candidates[count].hash = hash;
            count += usize::from(self.filter[word] & bits == bits);
        }
        let candidates = &mut candidates[..count];
        for candidate in candidates.iter_mut() {
            candidate.slot = self.slots[self.place(candidate.hash).0];
        }
        for candidate in candidates {
            let Slot { tag, weights } = candidate.slot;
            if tag == self.place(candidate.hash).1 {
                found[candidate.at as usize] = weights;
            } else if tag != 0
                && let Some(weights) = self.weights(candidate.hash)
            {
                found[candidate.at as usize] = weights;
            }
        }
    }

    /// The probabilities of the mention whose place among the reading's spans is given.
    ///
    /// # Panics
    /// If there is no such span.
    pub fn probabilities(&self, reading: &Reading, span: usize, buffers: &mut Buffers) -> [f32; CLASSES] {
        let known = &mut buffers.known;
        known.read(reading, self);
        known.begin_mention();
        let view = View::with_buffer(reading, span, std::mem::take(&mut buffers.items));
        extract_all(&view, known);
        let sums = known.sums(self);
        buffers.items = view.into_buffer();
        let intercept = self.softmax.intercept();
        let scores = std::array::from_fn(|class| f64::from(sums[class]) + f64::from(intercept[class]));
        self.softmax.probabilities_of(scores)
    }
}
