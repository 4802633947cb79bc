//! Weights that make rare labels count as much as frequent ones, or part of the way.

use crate::CLASSES;

/// Why class weights could not be made.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClassWeightsError {
    /// The power is not from 0 to 1.
    #[error("power is {0}: expected a number from 0 to 1")]
    Power(f32),
    /// A count is negative, NaN or infinite.
    #[error("count of class {class} is {value}: expected a finite number, 0 or above")]
    Count {
        /// The class.
        class: usize,
        /// The offending value.
        value: f64,
    },
}

/// One weight a label, to be multiplied into sample weights.
///
/// ```
/// use toward::linear::ClassWeights;
///
/// let targets = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
/// let classes = ClassWeights::balanced(ClassWeights::count(&targets, &[]), 1.0)?;
/// assert_eq!(classes.weights, [4.0 / 3.0, 2.0 / 3.0, 4.0 / 3.0]);
/// assert_eq!(classes.sample_weights(&targets, &[])[1], 2.0 / 3.0);
/// # Ok::<(), toward::linear::ClassWeightsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassWeights {
    /// The weights, in the order of [`Label::ALL`](crate::Label::ALL).
    pub weights: [f32; CLASSES],
}

impl ClassWeights {
    /// `(n / (3 · nᵢ))^power`: at power 0 all weights are 1, at power 1 all labels count the same
    /// (scikit-learn's `balanced`). A label that does not occur gets 0.
    ///
    /// # Errors
    ///
    /// [`ClassWeightsError::Power`] outside 0 to 1, [`ClassWeightsError::Count`] for a count that is none.
    pub fn balanced(counts: [f64; CLASSES], power: f32) -> Result<ClassWeights, ClassWeightsError> {
        if !(0.0..=1.0).contains(&power) {
            return Err(ClassWeightsError::Power(power));
        }
        for (class, value) in counts.into_iter().enumerate() {
            if !(value.is_finite() && value >= 0.0) {
                return Err(ClassWeightsError::Count { class, value });
            }
        }
        let total: f64 = counts.iter().sum();
        let weight = |count: f64| {
            if count > 0.0 { (total / (CLASSES as f64 * count)).powf(f64::from(power)) as f32 } else { 0.0 }
        };
        Ok(ClassWeights { weights: counts.map(weight) })
    }

    /// The weight of every label in these targets; an empty slice of weights means 1 for each row.
    pub fn count(targets: &[[f32; CLASSES]], weights: &[f32]) -> [f64; CLASSES] {
        let mut counts = [0.0; CLASSES];
        for (row, target) in targets.iter().enumerate() {
            let weight = f64::from(weights.get(row).copied().unwrap_or(1.0));
            for (count, &share) in counts.iter_mut().zip(target) {
                *count += weight * f64::from(share);
            }
        }
        counts
    }

    /// Sample weights times class weights; a soft target gets the mean of its labels' weights.
    pub fn sample_weights(&self, targets: &[[f32; CLASSES]], weights: &[f32]) -> Vec<f32> {
        let weigh = |(row, target): (usize, &[f32; CLASSES])| {
            let class: f32 = target.iter().zip(self.weights).map(|(share, weight)| share * weight).sum();
            class * weights.get(row).copied().unwrap_or(1.0)
        };
        targets.iter().enumerate().map(weigh).collect()
    }
}
