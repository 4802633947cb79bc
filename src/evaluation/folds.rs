//! Folds for cross-validation that keep groups together.
//!
//! Mentions of one document share words, facts and writer; if some are trained on and others tested on, the
//! test flatters. Which fold a group goes to follows from the keys and sizes of the groups alone, so that
//! the order of the rows does not matter.

use std::cmp::Reverse;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{Clusters, EvaluationError};

/// A fold for every row.
///
/// ```
/// use toward::evaluation::Folds;
///
/// let keys = ["a", "a", "b", "c", "c", "d"];
/// let folds = Folds::grouped(&keys, 2, 0)?;
/// let (train, test) = folds.split(0);
/// assert_eq!(train.len() + test.len(), 6);
/// assert!(test.iter().all(|&row| train.iter().all(|&other| keys[row] != keys[other])));
/// # Ok::<(), toward::evaluation::EvaluationError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    of_row: Vec<usize>,
    count: usize,
}

impl Folds {
    /// Deals groups of rows with equal keys to `count` folds of nearly equal size.
    ///
    /// Large groups are dealt first, each to the fold with the fewest rows so far; among groups of a size,
    /// the XXH3 hash of the key, with this seed, decides. Another seed gives other folds.
    ///
    /// # Errors
    ///
    /// [`EvaluationError::Folds`] if `count` is below 2 or above the number of groups.
    pub fn grouped<K: AsRef<[u8]>>(keys: &[K], count: usize, seed: u64) -> Result<Folds, EvaluationError> {
        let groups = Clusters::by_key(keys);
        if count < 2 || count > groups.len() {
            return Err(EvaluationError::Folds { folds: count, groups: groups.len() });
        }
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.sort_by_cached_key(|&group| {
            let rows = groups.rows(group);
            let key = keys[rows[0] as usize].as_ref();
            // The key itself parts equal hashes.
            (Reverse(rows.len()), xxh3_64_with_seed(key, seed), key.to_vec())
        });
        let mut sizes = vec![0; count];
        let mut of_row = vec![0; keys.len()];
        for group in order {
            let fold = (0..count).min_by_key(|&fold| sizes[fold]).unwrap_or(0);
            sizes[fold] += groups.rows(group).len();
            for &row in groups.rows(group) {
                of_row[row as usize] = fold;
            }
        }
        Ok(Folds { of_row, count })
    }

    /// The number of folds.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The fold of every row.
    pub fn of_rows(&self) -> &[usize] {
        &self.of_row
    }

    /// The rows to train on and the rows to test on, both ascending, when this fold is held out.
    pub fn split(&self, fold: usize) -> (Vec<usize>, Vec<usize>) {
        (0..self.of_row.len()).partition(|&row| self.of_row[row] != fold)
    }
}
