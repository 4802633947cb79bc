//! How far a figure could be off by the luck of the sample: the percentile bootstrap (Efron 1979).
//!
//! Rows are drawn with replacement as often as there are rows; if rows come in clusters, whole clusters are
//! drawn, since mentions of one document are alike and would make the interval too narrow.

use fastrand::Rng;
use rayon::prelude::*;

use super::clusters::Clusters;
use super::{Confusion, EvaluationError, same_length};
use crate::{CLASSES, Label};

/// How often to resample, and from which seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// The number of resampled sets, at least 1.
    pub replicates: usize,
    /// The same seed gives the same interval, at any number of threads.
    pub seed: u64,
}

impl Default for Bootstrap {
    /// A thousand replicates.
    fn default() -> Bootstrap {
        Bootstrap { replicates: 1000, seed: 1 }
    }
}

/// The 95 % interval of macro-F1: the 2.5th and the 97.5th percentile of the resampled macro-F1.
///
/// Without `clusters`, every row is independent.
///
/// ```
/// use toward::Label::{Critical, Neutral};
/// use toward::evaluation::{Bootstrap, macro_f1_interval};
///
/// let truth = [Neutral, Critical].repeat(50);
/// let predicted = [Neutral, Critical, Neutral, Neutral].repeat(25);
/// let [low, high] = macro_f1_interval(&truth, &predicted, None, Bootstrap::default())?;
/// assert!(0.6 < low && low < 0.733 && 0.733 < high && high < 0.85);
/// # Ok::<(), toward::evaluation::EvaluationError>(())
/// ```
///
/// # Errors
///
/// [`EvaluationError`] for unequal lengths, no rows, or no replicates.
pub fn macro_f1_interval(
    truth: &[Label],
    predicted: &[Label],
    clusters: Option<&Clusters>,
    bootstrap: Bootstrap,
) -> Result<[f64; 2], EvaluationError> {
    same_length("predicted", truth.len(), predicted.len())?;
    let cells: Vec<u8> = truth
        .iter()
        .zip(predicted)
        .map(|(truth, predicted)| (CLASSES * truth.index() + predicted.index()) as u8)
        .collect();
    let mut values = bootstrap.resample(&cells, clusters, |counts: &[u64; CLASSES * CLASSES]| {
        let counts = std::array::from_fn(|truth| std::array::from_fn(|predicted| counts[CLASSES * truth + predicted]));
        Confusion { counts }.macro_f1()
    })?;
    Ok(interval95(&mut values))
}

/// The 95 % interval of a share: the 2.5th and the 97.5th percentile of the resampled share of rows that are true.
///
/// ```
/// use toward::evaluation::{Bootstrap, share_interval};
///
/// let [low, high] = share_interval(&[true, false, false, false].repeat(50), None, Bootstrap::default())?;
/// assert!(0.15 < low && low < 0.25 && 0.25 < high && high < 0.35);
/// # Ok::<(), toward::evaluation::EvaluationError>(())
/// ```
///
/// # Errors
///
/// As [`macro_f1_interval`].
pub fn share_interval(
    rows: &[bool],
    clusters: Option<&Clusters>,
    bootstrap: Bootstrap,
) -> Result<[f64; 2], EvaluationError> {
    let cells: Vec<u8> = rows.iter().map(|&row| u8::from(row)).collect();
    let share = |counts: &[u64; 2]| counts[1] as f64 / (counts[0] + counts[1]).max(1) as f64;
    Ok(interval95(&mut bootstrap.resample(&cells, clusters, share)?))
}

impl Bootstrap {
    /// The values of `statistic` on resampled sets. A set is given by how often each kind of row was drawn;
    /// `cells` says of which kind, below `CELLS`, a row is.
    pub(super) fn resample<const CELLS: usize>(
        self,
        cells: &[u8],
        clusters: Option<&Clusters>,
        statistic: impl Fn(&[u64; CELLS]) -> f64 + Sync,
    ) -> Result<Vec<f64>, EvaluationError> {
        if cells.is_empty() {
            return Err(EvaluationError::Empty);
        }
        if self.replicates == 0 {
            return Err(EvaluationError::Replicates);
        }
        if let Some(clusters) = clusters {
            same_length("clusters", cells.len(), clusters.nrows())?;
        }
        // One generator a replicate, so that threads cannot change what is drawn.
        let mut seeds = Rng::with_seed(self.seed);
        let seeds: Vec<u64> = (0..self.replicates).map(|_| seeds.u64(..)).collect();
        let replicate = |&seed: &u64| {
            let mut random = Rng::with_seed(seed);
            let mut counts = [0; CELLS];
            match clusters {
                None => (0..cells.len()).for_each(|_| counts[usize::from(cells[random.usize(..cells.len())])] += 1),
                Some(clusters) => {
                    for _ in 0..clusters.len() {
                        for &row in clusters.rows(random.usize(..clusters.len())) {
                            counts[usize::from(cells[row as usize])] += 1;
                        }
                    }
                }
            }
            statistic(&counts)
        };
        Ok(seeds.par_iter().map(replicate).collect())
    }
}

/// The 2.5th and the 97.5th percentile, interpolated between neighbours; sorts the values.
pub(super) fn interval95(values: &mut [f64]) -> [f64; 2] {
    values.sort_by(f64::total_cmp);
    [0.025, 0.975].map(|share| {
        let place = share * (values.len() - 1) as f64;
        let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
        below + (above - below) * place.fract()
    })
}
