//! Dense columns brought to mean 0 and deviation 1, and back out of the fitted weights.
//!
//! Encoder vectors have columns of very different spread, and one `alpha` then penalises them very
//! differently. The model that is stored works on raw vectors: mean and scale are folded into its weights.

use super::rows::{DenseRows, Rows};
use super::softmax::{ModelError, Softmax};
use crate::CLASSES;

/// The mean and the scale of every column.
///
/// ```
/// use toward::linear::{DenseRows, Standardiser};
///
/// let rows = DenseRows::new(vec![1.0, 5.0, 3.0, 5.0], 2)?;
/// let standard = Standardiser::fit(&rows);
/// assert_eq!(standard.apply(&rows).values(), [-1.0, 0.0, 1.0, 0.0]);
/// # Ok::<(), toward::linear::RowsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Standardiser {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl Standardiser {
    /// Measures mean and standard deviation (of the population) of every column.
    ///
    /// A column that does not vary gets the scale 1: it becomes 0 everywhere.
    pub fn fit(rows: &DenseRows) -> Standardiser {
        let count = rows.nrows().max(1) as f64;
        let mut mean = vec![0.0; rows.ncols()];
        let mut scale = vec![0.0; rows.ncols()];
        for row in 0..rows.nrows() {
            for (sum, &value) in mean.iter_mut().zip(rows.row(row)) {
                *sum += f64::from(value);
            }
        }
        for sum in &mut mean {
            *sum /= count;
        }
        for row in 0..rows.nrows() {
            for ((sum, mean), &value) in scale.iter_mut().zip(&mean).zip(rows.row(row)) {
                *sum += (f64::from(value) - mean).powi(2);
            }
        }
        for (sum, mean) in scale.iter_mut().zip(&mean) {
            let deviation = (*sum / count).sqrt();
            // What rounding makes of a constant column is no spread.
            *sum =
                if deviation > 1e-9 * mean.abs() && deviation > f64::from(f32::MIN_POSITIVE) { deviation } else { 1.0 };
        }
        Standardiser { mean, scale }
    }

    /// The rows, standardised.
    ///
    /// # Panics
    ///
    /// If the number of columns is not that of the rows measured.
    #[must_use]
    pub fn apply(&self, rows: &DenseRows) -> DenseRows {
        assert_eq!(rows.ncols(), self.mean.len(), "the number of columns must be that of the rows measured");
        // A value far off the measured ones can overflow where the scale is tiny; the largest number will do.
        let standardise = |(at, &value): (usize, &f32)| {
            (((f64::from(value) - self.mean[at]) / self.scale[at]) as f32).clamp(f32::MIN, f32::MAX)
        };
        let values = (0..rows.nrows()).flat_map(|row| rows.row(row).iter().enumerate().map(standardise)).collect();
        DenseRows::from_checked(values, rows.ncols())
    }

    /// Turns a model of standardised rows into the same model of raw rows.
    ///
    /// # Errors
    ///
    /// A [`ModelError`] if a weight leaves the range of 32 bits.
    ///
    /// # Panics
    ///
    /// If the model has another number of features.
    pub fn fold(&self, model: &Softmax) -> Result<Softmax, ModelError> {
        self.rescale(model, |weight, scale| weight / scale, |weight, mean, scale| -weight * mean / scale)
    }

    /// Turns a model of raw rows into the same model of standardised rows, the inverse of
    /// [`fold`](Standardiser::fold): a stored model becomes a base for adaptation.
    ///
    /// # Errors
    ///
    /// A [`ModelError`] if a weight leaves the range of 32 bits.
    ///
    /// # Panics
    ///
    /// If the model has another number of features.
    pub fn unfold(&self, model: &Softmax) -> Result<Softmax, ModelError> {
        self.rescale(model, |weight, scale| weight * scale, |weight, mean, _| weight * mean)
    }

    fn rescale(
        &self,
        model: &Softmax,
        weight_of: impl Fn(f64, f64) -> f64,
        shift_of: impl Fn(f64, f64, f64) -> f64,
    ) -> Result<Softmax, ModelError> {
        assert_eq!(model.nfeatures(), self.mean.len(), "the number of features must be that of the rows measured");
        let mut intercept = model.intercept().map(f64::from);
        let mut weights = Vec::with_capacity(model.nfeatures());
        for (entry, (&mean, &scale)) in model.weights().iter().zip(self.mean.iter().zip(&self.scale)) {
            let mut rescaled = [0.0; CLASSES];
            for class in 0..CLASSES {
                let weight = f64::from(entry[class]);
                rescaled[class] = weight_of(weight, scale) as f32;
                intercept[class] += shift_of(weight, mean, scale);
            }
            weights.push(rescaled);
        }
        Softmax::new(weights, intercept.map(|sum| sum as f32), model.temperature())
    }
}
