//! Temperature scaling: making probabilities mean what they say.
//!
//! One number divides all scores, fitted on data the model has not seen (Guo et al., *On Calibration of
//! Modern Neural Networks*, 2017). Labels do not change; a model that is too sure of itself becomes less so.

use super::softmax::log_sum_exp;
use crate::CLASSES;

/// Why a temperature could not be fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// There is nothing to calibrate on.
    #[error("there are no scores of a weight above 0 to calibrate on")]
    NoRows,
    /// Scores, targets or weights differ in number.
    #[error("{field} has {found} entries: expected {expected}, one for each row of scores")]
    Length {
        /// `targets` or `weights`.
        field: &'static str,
        /// The number of scores.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A score, target or weight is NaN, infinite or negative where it must not be.
    #[error("{field} of row {row} is not usable: expected finite scores, and targets and weights of 0 or above")]
    Value {
        /// `scores`, `targets` or `weights`.
        field: &'static str,
        /// The row, counted from 0.
        row: usize,
    },
}

/// A fitted temperature and what it gained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Temperature {
    /// What scores are divided by, from 0.05 to 20.
    ///
    /// The bounds are reached only where no finite temperature is best: if all labels are right (as on
    /// training data), or if the scores say nothing.
    pub value: f32,
    /// The mean log loss at temperature 1, in nats.
    pub loss_before: f64,
    /// The mean log loss at this temperature, in nats.
    pub loss_after: f64,
}

/// The logarithm of the largest temperature tried, and minus that of the smallest.
const LOG_BOUND: f64 = 2.995_732_273_553_991; // ln 20

impl Temperature {
    /// Fits the temperature that makes `targets` most likely.
    ///
    /// `scores` are [`Softmax::predict_scores`](super::Softmax::predict_scores) of held-out rows, `targets` their
    /// labels as distributions, `weights` their weights (an empty slice means 1 for each).
    ///
    /// The loss is convex in `1/T`, hence has one minimum in `ln T`, which golden-section search finds.
    ///
    /// ```
    /// use toward::linear::{Softmax, Temperature};
    ///
    /// // Always nearly certain, right in three cases of four.
    /// let scores = [[8.0, 0.0, 0.0]; 4];
    /// let (hit, miss) = ([1.0, 0.0, 0.0], [0.0, 0.0, 1.0]);
    /// let temperature = Temperature::fit(&scores, &[hit, hit, hit, miss], &[])?;
    /// let model = Softmax::new(vec![], [0.0; 3], 1.0)?.with_temperature(temperature.value)?;
    /// assert!((model.probabilities_of(scores[0])[0] - 0.75).abs() < 1e-3);
    /// assert!(temperature.loss_after < temperature.loss_before);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`CalibrationError`] that names what is missing or not a usable number.
    pub fn fit(
        scores: &[[f64; CLASSES]],
        targets: &[[f32; CLASSES]],
        weights: &[f32],
    ) -> Result<Temperature, CalibrationError> {
        let length = |field, found| {
            let expected = scores.len();
            if expected == found { Ok(()) } else { Err(CalibrationError::Length { field, expected, found }) }
        };
        length("targets", targets.len())?;
        if !weights.is_empty() {
            length("weights", weights.len())?;
        }
        let usable = |x: &f32| x.is_finite() && *x >= 0.0;
        for row in 0..scores.len() {
            let fault = if !scores[row].iter().all(|score| score.is_finite()) {
                "scores"
            } else if !targets[row].iter().all(usable) {
                "targets"
            } else if !weights.get(row).is_none_or(usable) {
                "weights"
            } else {
                continue;
            };
            return Err(CalibrationError::Value { field: fault, row });
        }
        let weight = |row: usize| f64::from(weights.get(row).copied().unwrap_or(1.0));
        let total: f64 = (0..scores.len()).map(weight).sum();
        if total <= 0.0 {
            return Err(CalibrationError::NoRows);
        }
        let loss_at = |temperature: f64| {
            let row_loss = |(row, (scores, targets)): (usize, (&[f64; CLASSES], &[f32; CLASSES]))| {
                let scaled = scores.map(|score| score / temperature);
                let all = log_sum_exp(scaled);
                weight(row) * targets.iter().zip(scaled).map(|(&t, score)| f64::from(t) * (all - score)).sum::<f64>()
            };
            scores.iter().zip(targets).enumerate().map(row_loss).sum::<f64>() / total
        };
        let value = golden_section(-LOG_BOUND, LOG_BOUND, |log| loss_at(log.exp())).exp() as f32;
        Ok(Temperature { value, loss_before: loss_at(1.0), loss_after: loss_at(f64::from(value)) })
    }
}

/// The minimum of a function with one minimum between `low` and `high`, within 1e-6.
fn golden_section(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_a, mut at_b) = (f(a), f(b));
    while high - low > 1e-6 {
        if at_a < at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - ratio * (high - low);
            at_a = f(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + ratio * (high - low);
            at_b = f(b);
        }
    }
    f64::midpoint(low, high)
}
