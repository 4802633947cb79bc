//! Figures of merit of one set of predictions.

use super::{EvaluationError, same_length};
use crate::{CLASSES, Label};

/// How often each label was given for each true label: rows are the truth, columns the predictions.
///
/// ```
/// use toward::Label::{Critical, Neutral, Supportive};
/// use toward::evaluation::Confusion;
///
/// let truth = [Supportive, Neutral, Neutral, Neutral, Critical];
/// let predicted = [Supportive, Supportive, Supportive, Neutral, Critical];
/// let confusion = Confusion::of(&truth, &predicted)?;
/// assert_eq!(confusion.counts, [[1, 0, 0], [2, 1, 0], [0, 0, 1]]);
/// assert_eq!(confusion.class(Supportive).recall, 1.0);
/// assert!((confusion.macro_f1() - 2.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), toward::evaluation::EvaluationError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Confusion {
    /// `counts[truth][predicted]`, in the order of [`Label::ALL`].
    pub counts: [[u64; CLASSES]; CLASSES],
}

/// How well one label is recognised. A quotient whose denominator is 0 counts as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClassScores {
    /// Of the rows given this label, the share that has it.
    pub precision: f64,
    /// Of the rows that have this label, the share given it.
    pub recall: f64,
    /// The harmonic mean of the two: `2·TP / (2·TP + FP + FN)`.
    pub f1: f64,
    /// The number of rows that have this label.
    pub support: u64,
}

impl Confusion {
    /// Counts pairs of true and predicted labels.
    ///
    /// # Errors
    ///
    /// [`EvaluationError::Length`] if the two differ in length.
    pub fn of(truth: &[Label], predicted: &[Label]) -> Result<Confusion, EvaluationError> {
        same_length("predicted", truth.len(), predicted.len())?;
        let mut confusion = Confusion::default();
        for (truth, predicted) in truth.iter().zip(predicted) {
            confusion.counts[truth.index()][predicted.index()] += 1;
        }
        Ok(confusion)
    }

    /// The number of rows counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// The number of rows that have this label.
    pub fn support(&self, label: Label) -> u64 {
        self.counts[label.index()].iter().sum()
    }

    /// The number of rows that were given this label.
    pub fn predicted(&self, label: Label) -> u64 {
        self.counts.iter().map(|row| row[label.index()]).sum()
    }

    /// Precision, recall and F1 of one label.
    pub fn class(&self, label: Label) -> ClassScores {
        let hits = self.counts[label.index()][label.index()];
        let (support, predicted) = (self.support(label), self.predicted(label));
        ClassScores {
            precision: share(hits, predicted),
            recall: share(hits, support),
            f1: share(2 * hits, support + predicted),
            support,
        }
    }

    /// The mean F1 of the labels that occur in the truth or in the predictions, as in scikit-learn.
    ///
    /// A label that occurs in neither says nothing and is left out; one that is only ever predicted, or
    /// never recognised, counts with 0. Without any rows the result is 0.
    pub fn macro_f1(&self) -> f64 {
        let (mut sum, mut classes) = (0.0, 0_u64);
        for label in Label::ALL {
            if self.support(label) + self.predicted(label) > 0 {
                sum += self.class(label).f1;
                classes += 1;
            }
        }
        if classes == 0 { 0.0 } else { sum / classes as f64 }
    }

    /// The share of rows given their true label; 0 without any rows.
    pub fn accuracy(&self) -> f64 {
        share((0..CLASSES).map(|class| self.counts[class][class]).sum(), self.total())
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The mean of `−ln p(truth)`, in nats; probabilities below 1e-15 count as that.
///
/// # Errors
///
/// [`EvaluationError`] for unequal lengths, no rows, or a row that is no distribution.
pub fn log_loss(truth: &[Label], probabilities: &[[f32; CLASSES]]) -> Result<f64, EvaluationError> {
    mean(truth, probabilities, |label, row| -f64::from(row[label.index()]).max(1e-15).ln())
}

/// The mean of `Σₖ (pₖ − tₖ)²`: from 0, best, to 2. (Some authors halve it.)
///
/// # Errors
///
/// As [`log_loss`].
pub fn brier_score(truth: &[Label], probabilities: &[[f32; CLASSES]]) -> Result<f64, EvaluationError> {
    mean(truth, probabilities, |label, row| {
        let part = |class: Label| (f64::from(row[class.index()]) - f64::from(u8::from(class == label))).powi(2);
        Label::ALL.into_iter().map(part).sum()
    })
}

/// Bins of the calibration error.
const BINS: usize = 15;

/// The expected calibration error: by how much the probability of the label given differs from how often
/// it is right, over 15 bins of equal width `((b−1)/15, b/15]`, weighted by their rows
/// (Guo et al. 2017).
///
/// # Errors
///
/// As [`log_loss`].
pub fn calibration_error(truth: &[Label], probabilities: &[[f32; CLASSES]]) -> Result<f64, EvaluationError> {
    check_probabilities(truth, probabilities)?;
    let mut gaps = [0.0; BINS];
    for (&label, &row) in truth.iter().zip(probabilities) {
        let given = Label::of_scores(row);
        let confidence = row[given.index()];
        // In 32 bits: in 64, a confidence printed as 0.6 lies above 9/15, the edge of a bin.
        let bin = ((confidence * BINS as f32).ceil() as usize).clamp(1, BINS) - 1;
        gaps[bin] += f64::from(u8::from(given == label)) - f64::from(confidence);
    }
    Ok(gaps.iter().map(|gap| gap.abs()).sum::<f64>() / truth.len() as f64)
}

fn mean(
    truth: &[Label],
    probabilities: &[[f32; CLASSES]],
    of_row: impl Fn(Label, &[f32; CLASSES]) -> f64,
) -> Result<f64, EvaluationError> {
    check_probabilities(truth, probabilities)?;
    let sum: f64 = truth.iter().zip(probabilities).map(|(&label, row)| of_row(label, row)).sum();
    Ok(sum / truth.len() as f64)
}

/// How far probabilities may be from summing to 1: room for a file's three digits.
const SUM_TOLERANCE: f32 = 2e-3;

pub(super) fn check_probabilities(truth: &[Label], probabilities: &[[f32; CLASSES]]) -> Result<(), EvaluationError> {
    same_length("probabilities", truth.len(), probabilities.len())?;
    if truth.is_empty() {
        return Err(EvaluationError::Empty);
    }
    let is_distribution = |row: &[f32; CLASSES]| {
        row.iter().all(|p| (0.0..=1.0).contains(p)) && (row.iter().sum::<f32>() - 1.0).abs() <= SUM_TOLERANCE
    };
    match probabilities.iter().position(|row| !is_distribution(row)) {
        Some(row) => Err(EvaluationError::Probabilities { row, found: probabilities[row] }),
        None => Ok(()),
    }
}
