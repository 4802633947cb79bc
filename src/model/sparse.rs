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

/// One slot: the lower half of a hash and the weights; `tag` 0 is an empty slot.
#[derive(Clone, Copy, Default)]
struct Slot {
    tag: u32,
    weights: [f32; CLASSES],
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
    /// A bit for each feature. With at least ten bits a feature, nine unknown features in ten are told by it alone, and
    /// it stays in the core's cache, which the slots do not.
    filter: Vec<u64>,
    softmax: Softmax,
    identity: u64,
}

/// Bits of the filter for each slot.
const FILTER_BITS: usize = 8;

impl Table {
    /// Compiles a stored model.
    pub fn new(sparse: &Sparse) -> Table {
        // Four slots in five may be taken: the filter keeps most unknown features from a search for a free one.
        let capacity = (sparse.hashes.len() * 5 / 4).next_power_of_two().max(16);
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
            let (word, bit) = table.filter_place(hash);
            table.filter[word] |= bit;
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

    /// The word of the filter that has a hash's bit, and the bit.
    fn filter_place(&self, hash: u64) -> (usize, u64) {
        // The number of words is a power of two.
        ((hash >> 16) as usize & (self.filter.len() - 1), 1 << (hash >> 58))
    }

    /// What turns scores into probabilities, without weights.
    pub(super) fn softmax(&self) -> &Softmax {
        &self.softmax
    }

    /// The weights of a feature, if the model has it.
    pub(super) fn weights(&self, hash: u64) -> Option<[f32; CLASSES]> {
        let mut found = None;
        self.look_up(&[hash], &mut Vec::new(), |_, weights| found = Some(weights));
        found
    }

    /// A number that no other table has.
    pub(super) fn identity(&self) -> u64 {
        self.identity
    }

    /// Gives the weights of those features that the model has, each with its place among the hashes, in their order.
    pub(super) fn look_up(
        &self,
        hashes: &[u64],
        candidates: &mut Vec<u32>,
        mut found: impl FnMut(usize, [f32; CLASSES]),
    ) {
        // No step waits for the one before in either loop, so that the core has many loads on their way.
        candidates.clear();
        candidates.resize(hashes.len(), 0);
        let mut count = 0;
        for (at, &hash) in (0..).zip(hashes) {
            let (word, bit) = self.filter_place(hash);
            candidates[count] = at;
            count += usize::from(self.filter[word] & bit != 0);
        }
        for &candidate in &candidates[..count] {
            let (mut at, tag) = self.place(hashes[candidate as usize]);
            while self.slots[at].tag != tag && self.slots[at].tag != 0 {
                at = self.after(at);
            }
            if self.slots[at].tag == tag {
                found(candidate as usize, self.slots[at].weights);
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
