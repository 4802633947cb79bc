//! Fitting a [`Softmax`] to hard or soft targets.

use linfa::DatasetBase;
use linfa::dataset::{AsSingleTargets, Records};
use linfa::traits::Fit;

use super::hyperparams::{ParamsError, SoftmaxValidParams};
use super::lbfgs::{Memory, Point, add_scaled, dot, max_norm, search};
use super::objective::{Objective, Parameters};
use super::rows::Rows;
use super::softmax::Softmax;
use crate::{CLASSES, Label};

/// Why a model could not be fitted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// A hyperparameter is out of its range.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// An error of linfa's own.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
    /// There is nothing to learn from.
    #[error("there are no rows to fit")]
    NoRows,
    /// Something that goes with the rows or the features is not as long as they are.
    #[error("{field} has {found} entries: expected {expected}")]
    Length {
        /// `targets`, `weights`, `penalties` or `base`.
        field: &'static str,
        /// One a row, or one a feature.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A target is not a distribution over the labels.
    #[error("target of row {row} is {found:?}: expected three numbers from 0 to 1 that sum to 1")]
    Target {
        /// The row, counted from 0.
        row: usize,
        /// The offending target.
        found: [f32; CLASSES],
    },
    /// A sample weight is negative, NaN or infinite.
    #[error("weight of row {row} is {value}: expected a finite number, 0 or above")]
    Weight {
        /// The row, counted from 0.
        row: usize,
        /// The offending weight.
        value: f32,
    },
    /// A class has no target (of a weight above 0), and there is no base to know it from.
    #[error("no row of a weight above 0 is {0}: every label needs at least one")]
    EmptyClass(Label),
    /// The numbers left the range of floating point.
    #[error("loss is {loss} after {iterations} iterations: features, weights or alpha are too large")]
    Diverged {
        /// The loss found.
        loss: f64,
        /// Iterations done.
        iterations: usize,
    },
}

/// A fitted model and how the fit went.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The model, at temperature 1.
    pub model: Softmax,
    /// Iterations done.
    pub iterations: usize,
    /// The objective at the end, penalty included; see [`SoftmaxParams`](super::SoftmaxParams).
    pub loss: f64,
    /// The largest entry of the objective's gradient at the end, divided by the sum of the sample weights:
    /// what `tolerance` is held against.
    pub gradient_norm: f64,
    /// Whether the tolerance was reached. If not, the iterations ran out, or rounding left nothing to gain.
    pub converged: bool,
}

/// How far the sum of a soft target may be from 1: room for probabilities printed with three digits.
const TARGET_SUM_TOLERANCE: f32 = 2e-3;

/// Hard labels as targets: 1 for the label, 0 for the others.
pub fn one_hot(labels: impl IntoIterator<Item = Label>) -> Vec<[f32; CLASSES]> {
    let target = |label: Label| Label::ALL.map(|class| if class == label { 1.0 } else { 0.0 });
    labels.into_iter().map(target).collect()
}

impl SoftmaxValidParams {
    /// Fits a model to targets that are distributions over the labels, one a row, and sample weights.
    ///
    /// A soft target counts as three weighted rows, one a label. An empty slice of weights means 1 for each.
    ///
    /// ```
    /// use linfa::ParamGuard;
    /// use toward::linear::{DenseRows, SoftmaxParams};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rows = DenseRows::new(vec![0.0, 1.0], 1)?;
    /// let targets = [[0.2, 0.2, 0.6], [0.5, 0.25, 0.25]];
    /// let fitted = SoftmaxParams::new().alpha(1e-9).check()?.fit_soft(&rows, &targets, &[])?;
    /// assert!(fitted.converged);
    /// assert!((fitted.model.probabilities(&rows, 1)[0] - 0.5).abs() < 1e-3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A [`FitError`] that names the input which cannot be used, before anything is computed; or
    /// [`FitError::Diverged`].
    pub fn fit_soft<R: Rows>(&self, rows: &R, targets: &[[f32; CLASSES]], weights: &[f32]) -> Result<Fitted, FitError> {
        let fit_intercept = self.check_data(rows, targets, weights)?;
        let sample_weights: Vec<f64> =
            if weights.is_empty() { vec![1.0; rows.nrows()] } else { weights.iter().copied().map(f64::from).collect() };
        let penalties = match self.penalties() {
            Some(multipliers) => multipliers.iter().map(|&multiplier| self.alpha() * f64::from(multiplier)).collect(),
            None => vec![self.alpha(); rows.ncols()],
        };
        let mut start = self.base().map_or_else(|| vec![[0.0; CLASSES]; rows.ncols() + 1], parameters_of);
        let anchor = self.base().map_or_else(Vec::new, |base| start[..base.nfeatures()].to_vec());
        let objective =
            Objective { rows, columns: rows.columns(), targets, sample_weights, penalties, anchor, fit_intercept };
        self.minimise(&objective, &mut start)
    }

    /// Checks what goes with the hyperparameters, and says whether the intercept can be fitted.
    fn check_data<R: Rows>(&self, rows: &R, targets: &[[f32; CLASSES]], weights: &[f32]) -> Result<bool, FitError> {
        let length = |field, expected, found| {
            if expected == found { Ok(()) } else { Err(FitError::Length { field, expected, found }) }
        };
        if rows.nrows() == 0 {
            return Err(FitError::NoRows);
        }
        length("targets", rows.nrows(), targets.len())?;
        if !weights.is_empty() {
            length("weights", rows.nrows(), weights.len())?;
        }
        if let Some(penalties) = self.penalties() {
            length("penalties", rows.ncols(), penalties.len())?;
        }
        if let Some(base) = self.base() {
            length("base", rows.ncols(), base.nfeatures())?;
        }
        let mut totals = [0.0; CLASSES];
        for (row, target) in targets.iter().enumerate() {
            let in_range = target.iter().all(|share| (0.0..=1.0).contains(share));
            if !in_range || (target.iter().sum::<f32>() - 1.0).abs() > TARGET_SUM_TOLERANCE {
                return Err(FitError::Target { row, found: *target });
            }
            let value = weights.get(row).copied().unwrap_or(1.0);
            if !(value.is_finite() && value >= 0.0) {
                return Err(FitError::Weight { row, value });
            }
            for (total, share) in totals.iter_mut().zip(target) {
                *total += f64::from(value) * f64::from(*share);
            }
        }
        match Label::ALL.into_iter().find(|label| totals[label.index()] == 0.0) {
            None => Ok(true),
            Some(_) if self.base().is_some() && totals.iter().sum::<f64>() > 0.0 => Ok(false),
            Some(label) => Err(FitError::EmptyClass(label)),
        }
    }

    /// Minimises the objective from `parameters` on.
    fn minimise<R: Rows>(&self, objective: &Objective<R>, parameters: &mut Parameters) -> Result<Fitted, FitError> {
        let total_weight: f64 = objective.sample_weights.iter().sum();
        let mut margins = objective.margins(parameters);
        let mut loss = objective.value(parameters, &margins);
        let mut residuals = vec![[0.0; CLASSES]; margins.len()];
        let mut gradient = vec![[0.0; CLASSES]; parameters.len()];
        objective.gradient(parameters, &margins, &mut residuals, &mut gradient);
        let mut new_gradient = gradient.clone();
        let mut direction = gradient.clone();
        let mut memory = Memory::new(objective.curvatures().into_flattened());
        let mut iterations = 0;
        let mut converged = false;
        loop {
            if !loss.is_finite() {
                return Err(FitError::Diverged { loss, iterations });
            }
            converged |= max_norm(gradient.as_flattened()) <= self.tolerance() * total_weight;
            if converged || iterations == self.max_iterations() {
                break;
            }
            memory.direction(gradient.as_flattened(), direction.as_flattened_mut());
            let slope = dot(gradient.as_flattened(), direction.as_flattened());
            let direction_margins = objective.margins(&direction);
            let start = Point { step: 0.0, value: loss, slope };
            let found = search(start, 1.0, objective.ray(parameters, &margins, &direction, &direction_margins));
            let Some(point) = found else {
                if memory.is_empty() {
                    break;
                }
                // What was remembered misleads; steepest descent has another try.
                memory.clear();
                continue;
            };
            add_scaled(parameters.as_flattened_mut(), point.step, direction.as_flattened());
            add_scaled(margins.as_flattened_mut(), point.step, direction_margins.as_flattened());
            loss = point.value;
            objective.gradient(parameters, &margins, &mut residuals, &mut new_gradient);
            memory.push(point.step, direction.as_flattened(), gradient.as_flattened(), new_gradient.as_flattened());
            std::mem::swap(&mut gradient, &mut new_gradient);
            iterations += 1;
        }
        let diverged = |_| FitError::Diverged { loss, iterations };
        let (intercept, weights) = parameters.split_last().ok_or(FitError::NoRows)?;
        let weights = weights.iter().map(|entry| entry.map(|weight| weight as f32)).collect();
        let model = Softmax::new(weights, intercept.map(|weight| weight as f32), 1.0).map_err(diverged)?;
        let gradient_norm = max_norm(gradient.as_flattened()) / total_weight;
        Ok(Fitted { model, iterations, loss, gradient_norm, converged })
    }
}

/// A model's parameters at temperature 1.
fn parameters_of(model: &Softmax) -> Parameters {
    let temperature = f64::from(model.temperature());
    let at_one = |entry: &[f32; CLASSES]| entry.map(|weight| f64::from(weight) / temperature);
    model.weights().iter().chain([&model.intercept()]).map(at_one).collect()
}

impl<R: Rows + Records, T: AsSingleTargets<Elem = Label>> Fit<R, T, FitError> for SoftmaxValidParams {
    type Object = Softmax;

    /// Fits hard labels with the dataset's weights. [`fit_soft`](SoftmaxValidParams::fit_soft) also says
    /// how the fit went.
    fn fit(&self, dataset: &DatasetBase<R, T>) -> Result<Softmax, FitError> {
        let targets = one_hot(dataset.targets.as_single_targets().iter().copied());
        let weights: Vec<f32> = dataset.weights.iter().copied().collect();
        Ok(self.fit_soft(&dataset.records, &targets, &weights)?.model)
    }
}
