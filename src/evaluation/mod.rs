//! How good predictions are, how sure one can be of that, and whether one model is better than another.
//!
//! The figures are those of the literature on target-dependent sentiment (macro-F1 above all), computed
//! here because linfa 0.8's confusion matrix and F1 are not what papers and scikit-learn report:
//! its precision and recall are swapped, and its multi-class F1 is the harmonic mean of the macro-averages.
//! Ours are held against hand-worked numbers and against scikit-learn in the tests.
//!
//! Everything is deterministic: resampling is seeded, folds follow from the keys of their groups.
//!
//! ```
//! use toward::Label::{Critical, Neutral, Supportive};
//! use toward::evaluation::{Bootstrap, Report};
//!
//! let truth = [Supportive, Neutral, Critical];
//! let probabilities = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.5, 0.3]];
//! let report = Report::of_probabilities(&truth, &probabilities, None, Bootstrap::default())?;
//! assert_eq!(report.per_class.critical.recall, 0.0);
//! println!("{report}");
//! # Ok::<(), toward::evaluation::EvaluationError>(())
//! ```

mod clusters;
mod compare;
mod folds;
mod interval;
mod metrics;
mod report;
mod slices;
#[cfg(test)]
mod tests;

pub use clusters::Clusters;
pub use compare::{Comparison, McNemar, compare};
pub use folds::Folds;
pub use interval::{Bootstrap, macro_f1_interval, share_interval};
pub use metrics::{ClassScores, Confusion, brier_score, calibration_error, log_loss};
pub use report::{PerClass, Report};
pub use slices::{Bin, Slice, by_value, calibration_table, conflicting, most_common, one_label_a_sentence};

use crate::CLASSES;

/// Why an evaluation could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// There is nothing to evaluate.
    #[error("there are no rows to evaluate")]
    Empty,
    /// Two things that go together differ in number.
    #[error("{field} has {found} entries: expected {expected}, one for each true label")]
    Length {
        /// `predicted`, `probabilities` or `clusters`.
        field: &'static str,
        /// The number of true labels.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A row of probabilities is none.
    #[error("probabilities of row {row} are {found:?}: expected three numbers from 0 to 1 that sum to 1")]
    Probabilities {
        /// The row, counted from 0.
        row: usize,
        /// The offending probabilities.
        found: [f32; CLASSES],
    },
    /// No bootstrap replicates were asked for.
    #[error("replicates is 0: expected at least 1")]
    Replicates,
    /// A number of folds that cannot be made.
    #[error("folds is {folds}: expected 2 to {groups}, the number of groups")]
    Folds {
        /// The number asked for.
        folds: usize,
        /// The number of groups there are.
        groups: usize,
    },
}

/// Says which of two things that go together is too short or too long.
fn same_length(field: &'static str, expected: usize, found: usize) -> Result<(), EvaluationError> {
    if expected == found { Ok(()) } else { Err(EvaluationError::Length { field, expected, found }) }
}
