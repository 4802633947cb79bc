//! The fitted model: weights, intercept, temperature, and what they say about a row.

use linfa::dataset::Records;
use linfa::traits::PredictInplace;
use ndarray::Array1;
use rayon::prelude::*;

use super::rows::Rows;
use crate::{CLASSES, Label};

/// What can be wrong with the numbers of a model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A weight that is NaN or infinite.
    #[error("weight of feature {feature} for {label} is {value}: expected a finite number")]
    Weight {
        /// The feature.
        feature: usize,
        /// The class.
        label: Label,
        /// The offending value.
        value: f32,
    },
    /// An intercept that is NaN or infinite.
    #[error("intercept for {label} is {value}: expected a finite number")]
    Intercept {
        /// The class.
        label: Label,
        /// The offending value.
        value: f32,
    },
    /// A temperature that is not a positive number.
    #[error("temperature is {0}: expected a finite number above 0")]
    Temperature(f32),
}

/// A multinomial logistic regression over the three labels.
///
/// A row `x` has the scores `z = Wᵀx + b` and the probabilities `softmax(z / T)`. The temperature `T`
/// changes how sure the model is, never which label it gives.
///
/// ```
/// use toward::Label;
/// use toward::linear::Softmax;
///
/// let model = Softmax::new(vec![[1.0, 0.0, -1.0]], [0.0, 0.5, 0.0], 1.0)?;
/// let scores = model.scores_of([(0, 2.0)]);
/// assert_eq!(scores, [2.0, 0.5, -2.0]);
/// let probabilities = model.probabilities_of(scores);
/// assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
/// assert_eq!(Label::of_scores(probabilities), Label::Supportive);
/// # Ok::<(), toward::linear::ModelError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Softmax {
    weights: Vec<[f32; CLASSES]>,
    intercept: [f32; CLASSES],
    temperature: f32,
}

impl Softmax {
    /// A model of these numbers: `weights` has one entry a feature, in the order of [`Label::ALL`].
    ///
    /// # Errors
    ///
    /// A [`ModelError`] that names the number that is not finite, or a temperature that is not above 0.
    pub fn new(
        weights: Vec<[f32; CLASSES]>,
        intercept: [f32; CLASSES],
        temperature: f32,
    ) -> Result<Softmax, ModelError> {
        if let Some(at) = weights.as_flattened().iter().position(|value| !value.is_finite()) {
            let (feature, class) = (at / CLASSES, at % CLASSES);
            return Err(ModelError::Weight { feature, label: Label::ALL[class], value: weights[feature][class] });
        }
        for (label, value) in Label::ALL.into_iter().zip(intercept) {
            if !value.is_finite() {
                return Err(ModelError::Intercept { label, value });
            }
        }
        Softmax { weights, intercept, temperature: 1.0 }.with_temperature(temperature)
    }

    /// The same model at another temperature.
    ///
    /// # Errors
    ///
    /// [`ModelError::Temperature`] if it is not a finite number above 0.
    pub fn with_temperature(self, temperature: f32) -> Result<Softmax, ModelError> {
        // `is_normal` also keeps out subnormal temperatures, whose inverse is infinite.
        if temperature.is_normal() && temperature > 0.0 {
            Ok(Softmax { temperature, ..self })
        } else {
            Err(ModelError::Temperature(temperature))
        }
    }

    /// Intercept and temperature alone: what turns sums of weights that are kept elsewhere into probabilities.
    #[must_use]
    pub fn without_weights(&self) -> Softmax {
        Softmax { weights: Vec::new(), ..*self }
    }

    /// The weights, one `[f32; 3]` a feature; `.as_flattened()` gives the row-major matrix of a file.
    pub fn weights(&self) -> &[[f32; CLASSES]] {
        &self.weights
    }

    /// The intercept.
    pub fn intercept(&self) -> [f32; CLASSES] {
        self.intercept
    }

    /// The temperature; 1 unless calibrated.
    pub fn temperature(&self) -> f32 {
        self.temperature
    }

    /// The number of features.
    pub fn nfeatures(&self) -> usize {
        self.weights.len()
    }

    /// The scores of one row, `Wᵀx + b`, before the temperature.
    ///
    /// # Panics
    ///
    /// If `row` is out of range, or the rows have more columns than the model has features.
    pub fn scores<R: Rows>(&self, rows: &R, row: usize) -> [f64; CLASSES] {
        let mut scores = self.intercept.map(f64::from);
        rows.dot(row, &self.weights, &mut scores);
        scores
    }

    /// The scores of one feature vector that is not stored as a row.
    ///
    /// # Panics
    ///
    /// If a feature is not one of the model's.
    pub fn scores_of(&self, features: impl IntoIterator<Item = (u32, f32)>) -> [f64; CLASSES] {
        let mut scores = self.intercept.map(f64::from);
        for (feature, value) in features {
            for (score, weight) in scores.iter_mut().zip(self.weights[feature as usize]) {
                *score += f64::from(value) * f64::from(weight);
            }
        }
        scores
    }

    /// The probabilities of these scores; they sum to 1 within 1e-6.
    ///
    /// The label of a row is [`Label::of_scores`] of its probabilities, so that a label never contradicts
    /// the numbers printed beside it.
    pub fn probabilities_of(&self, scores: [f64; CLASSES]) -> [f32; CLASSES] {
        softmax(scores.map(|score| score / f64::from(self.temperature))).map(|p| p as f32)
    }

    /// The probabilities of one row.
    ///
    /// # Panics
    ///
    /// As [`scores`](Softmax::scores).
    pub fn probabilities<R: Rows>(&self, rows: &R, row: usize) -> [f32; CLASSES] {
        self.probabilities_of(self.scores(rows, row))
    }

    /// The scores of all rows, in parallel.
    ///
    /// # Panics
    ///
    /// As [`scores`](Softmax::scores).
    pub fn predict_scores<R: Rows>(&self, rows: &R) -> Vec<[f64; CLASSES]> {
        (0..rows.nrows()).into_par_iter().map(|row| self.scores(rows, row)).collect()
    }

    /// The probabilities of all rows, in parallel.
    ///
    /// # Panics
    ///
    /// As [`scores`](Softmax::scores).
    pub fn predict_probabilities<R: Rows>(&self, rows: &R) -> Vec<[f32; CLASSES]> {
        (0..rows.nrows()).into_par_iter().map(|row| self.probabilities(rows, row)).collect()
    }
}

impl<R: Rows + Records> PredictInplace<R, Array1<Label>> for Softmax {
    /// Labels every row.
    ///
    /// # Panics
    ///
    /// If `labels` has not one place a row, or the rows have more columns than the model has features.
    fn predict_inplace(&self, rows: &R, labels: &mut Array1<Label>) {
        assert_eq!(rows.nrows(), labels.len(), "the number of labels must be the number of rows");
        for (row, label) in labels.iter_mut().enumerate() {
            *label = Label::of_scores(self.probabilities(rows, row));
        }
    }

    fn default_target(&self, rows: &R) -> Array1<Label> {
        Array1::default(rows.nrows())
    }
}

/// `ln Σ exp(zₖ)` without overflow.
pub(super) fn log_sum_exp(scores: [f64; CLASSES]) -> f64 {
    let largest = scores.into_iter().fold(f64::NEG_INFINITY, f64::max);
    largest + scores.map(|score| (score - largest).exp()).iter().sum::<f64>().ln()
}

/// `exp(zₖ) / Σ exp(z)` without overflow.
pub(super) fn softmax(scores: [f64; CLASSES]) -> [f64; CLASSES] {
    let largest = scores.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let powers = scores.map(|score| (score - largest).exp());
    let sum: f64 = powers.iter().sum();
    powers.map(|power| power / sum)
}
