//! The sparse model: hashed feature names and their weights, as stored and as looked up.
//!
//! [`Sparse`] is what a bundle holds; [`Table`] is what labels: an open-addressing hash table whose slots hold
//! part of the hash and the three weights, so that a feature costs one cache line.

use super::{ModelError, format};
use crate::CLASSES;
use crate::features::{FAMILIES, Hashes, Item, Reading, View, extract};
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

/// One slot: the upper half of a hash and the weights; `tag` 0 is an empty slot.
#[derive(Clone, Copy, Default)]
struct Slot {
    tag: u32,
    weights: [f32; CLASSES],
}

/// What one thread needs to label, kept from mention to mention.
#[derive(Default)]
pub struct Buffers {
    hashes: Hashes,
    items: Vec<Item>,
}

/// A sparse model compiled for labelling: immutable, shared by all threads.
pub struct Table {
    slots: Vec<Slot>,
    mask: usize,
    softmax: Softmax,
}

impl Table {
    /// Compiles a stored model.
    pub fn new(sparse: &Sparse) -> Table {
        let capacity = (sparse.hashes.len() * 2).next_power_of_two().max(16);
        let mut table = Table {
            slots: vec![Slot::default(); capacity],
            mask: capacity - 1,
            // The weights live in the slots; what is left of the model turns scores into probabilities.
            softmax: sparse.softmax.without_weights(),
        };
        for (&hash, &weights) in sparse.hashes.iter().zip(sparse.softmax.weights()) {
            let (mut at, tag) = table.place(hash);
            while table.slots[at].tag != 0 {
                at = (at + 1) & table.mask;
            }
            table.slots[at] = Slot { tag, weights };
        }
        table
    }

    /// Where a hash is looked for first, and the tag that tells it from its neighbours. The place comes from the
    /// low bits and the tag from the high ones, so that a false match needs both to agree: at half a million
    /// features, one unknown feature in some 10¹⁰.
    fn place(&self, hash: u64) -> (usize, u32) {
        (hash as usize & self.mask, ((hash >> 32) as u32).max(1))
    }

    /// The sum of the weights of these features and of the intercept.
    pub fn scores(&self, hashes: &[u64]) -> [f64; CLASSES] {
        let mut sums = [0.0_f32; CLASSES];
        for &hash in hashes {
            let (mut at, tag) = self.place(hash);
            loop {
                let slot = &self.slots[at];
                if slot.tag == tag {
                    for (sum, weight) in sums.iter_mut().zip(slot.weights) {
                        *sum += weight;
                    }
                    break;
                }
                if slot.tag == 0 {
                    break;
                }
                at = (at + 1) & self.mask;
            }
        }
        let intercept = self.softmax.intercept();
        std::array::from_fn(|class| f64::from(sums[class]) + f64::from(intercept[class]))
    }

    /// The probabilities of the mention whose place among the reading's spans is given.
    ///
    /// # Panics
    /// If there is no such span.
    pub fn probabilities(&self, reading: &Reading, span: usize, buffers: &mut Buffers) -> [f32; CLASSES] {
        buffers.hashes.clear();
        let view = View::with_buffer(reading, span, std::mem::take(&mut buffers.items));
        extract(&FAMILIES, &view, &mut buffers.hashes);
        buffers.items = view.into_buffer();
        self.softmax.probabilities_of(self.scores(buffers.hashes.as_slice()))
    }
}
