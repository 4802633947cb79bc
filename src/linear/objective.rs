//! The objective of the fit, its gradient, and its course along a ray.
//!
//! The loss depends on the parameters only through the margins `Z = XW + b`, three numbers a row, and the
//! margins are linear in the parameters. So a line search from `W` along `D` needs one pass over the data,
//! for `XD`, however many steps it tries: each trial is a sum over rows of `Z + t·XD`. An iteration costs
//! two passes, `XD` and `XᵀR`, always.
//!
//! Sums run in parallel over chunks of fixed size and are added in the order of the chunks: the same bits
//! at any number of threads.

use rayon::prelude::*;

use super::rows::{Columns, Rows};
use super::softmax::{log_sum_exp, softmax};
use crate::CLASSES;

/// Rows that one unit of work takes.
const CHUNK_ROWS: usize = 1024;

/// Parameters, their gradient or a direction: one entry a feature, and a last one for the intercept.
pub(super) type Parameters = Vec<[f64; CLASSES]>;

/// One entry a row.
pub(super) type Margins = Vec<[f64; CLASSES]>;

/// The objective for given data; `SoftmaxParams` has the formula.
pub(super) struct Objective<'a, R: Rows + 'a> {
    pub rows: &'a R,
    pub columns: R::Columns<'a>,
    pub targets: &'a [[f32; CLASSES]],
    /// One a row.
    pub sample_weights: Vec<f64>,
    /// `alpha` times its multiplier, one a feature.
    pub penalties: Vec<f64>,
    /// What the weights are pulled toward: one entry a feature; empty for zero.
    pub anchor: Vec<[f64; CLASSES]>,
    /// Whether the intercept may move.
    pub fit_intercept: bool,
}

impl<R: Rows> Objective<'_, R> {
    /// `XW + b`.
    pub fn margins(&self, parameters: &[[f64; CLASSES]]) -> Margins {
        let (weights, intercept) = split(parameters);
        let mut margins = vec![intercept; self.rows.nrows()];
        margins.par_chunks_mut(CHUNK_ROWS).enumerate().for_each(|(chunk, margins)| {
            for (row, margin) in (chunk * CHUNK_ROWS..).zip(margins) {
                self.rows.dot(row, weights, margin);
            }
        });
        margins
    }

    /// The objective's value.
    pub fn value(&self, parameters: &[[f64; CLASSES]], margins: &[[f64; CLASSES]]) -> f64 {
        let loss: f64 = ordered_sum(margins, CHUNK_ROWS, |row, margin| self.loss(row, *margin));
        loss + self.penalty(parameters)
    }

    /// Writes the objective's gradient into `gradient`; `residuals` is scratch of one entry a row.
    pub fn gradient(
        &self,
        parameters: &[[f64; CLASSES]],
        margins: &[[f64; CLASSES]],
        residuals: &mut [[f64; CLASSES]],
        gradient: &mut [[f64; CLASSES]],
    ) {
        residuals.par_chunks_mut(CHUNK_ROWS).enumerate().for_each(|(chunk, residuals)| {
            for (row, residual) in (chunk * CHUNK_ROWS..).zip(residuals) {
                *residual = self.residual(row, margins[row]);
            }
        });
        let nfeatures = self.rows.ncols();
        let (weights, _) = split(parameters);
        self.columns.multiply(residuals, &mut gradient[..nfeatures]);
        gradient[..nfeatures].par_iter_mut().enumerate().for_each(|(feature, entry)| {
            let pull = self.distance(weights, feature);
            for (sum, pull) in entry.iter_mut().zip(pull) {
                *sum += self.penalties[feature] * pull;
            }
        });
        gradient[nfeatures] = [0.0; CLASSES];
        if self.fit_intercept {
            for residual in residuals.iter() {
                for (sum, part) in gradient[nfeatures].iter_mut().zip(residual) {
                    *sum += part;
                }
            }
        }
    }

    /// What the objective's curvature along each parameter is where all labels are as likely: the diagonal of its second
    /// derivative, so that a step can be as long for a feature that all rows have as for one that ten have.
    pub fn curvatures(&self) -> Vec<[f64; CLASSES]> {
        // Of a row, by the score of one label: p (1 - p).
        let share = 1.0 / CLASSES as f64;
        let of_row = share * (1.0 - share);
        let total: f64 = self.sample_weights.iter().sum();
        let squares = self.columns.squares(&self.sample_weights);
        let features = squares.iter().zip(&self.penalties).map(|(squares, penalty)| of_row * squares + penalty);
        // A feature that no row has and no penalty holds does not move.
        features
            .chain([of_row * total])
            .map(|curvature| [if curvature > 0.0 { curvature } else { 1.0 }; CLASSES])
            .collect()
    }

    /// Prepares the objective's course from `parameters` along `direction`.
    pub fn ray<'b>(
        &'b self,
        parameters: &[[f64; CLASSES]],
        margins: &'b [[f64; CLASSES]],
        direction: &[[f64; CLASSES]],
        direction_margins: &'b [[f64; CLASSES]],
    ) -> impl Fn(f64) -> (f64, f64) + 'b {
        let penalty = self.penalty(parameters);
        let (weights, (direction, _)) = (split(parameters).0, split(direction));
        let penalty_slope: f64 = ordered_sum(direction, CHUNK_ROWS, |feature, step| {
            let distance = self.distance(weights, feature);
            self.penalties[feature] * distance.iter().zip(step).map(|(a, b)| a * b).sum::<f64>()
        });
        let penalty_curvature: f64 = ordered_sum(direction, CHUNK_ROWS, |feature, step| {
            self.penalties[feature] * step.iter().map(|a| a * a).sum::<f64>()
        });
        move |step: f64| {
            let (loss, slope) = ordered_sum(margins, CHUNK_ROWS, |row, margin| {
                let along = direction_margins[row];
                let moved = std::array::from_fn(|class| margin[class] + step * along[class]);
                let residual = self.residual(row, moved);
                let slope: f64 = residual.iter().zip(along).map(|(a, b)| a * b).sum();
                Pair(self.loss(row, moved), slope)
            })
            .into();
            let value = loss + penalty + step * (penalty_slope + 0.5 * step * penalty_curvature);
            (value, slope + penalty_slope + step * penalty_curvature)
        }
    }

    /// The weighted cross entropy of one row.
    fn loss(&self, row: usize, margin: [f64; CLASSES]) -> f64 {
        let total = log_sum_exp(margin);
        let entropy: f64 =
            self.targets[row].iter().zip(margin).map(|(&target, score)| f64::from(target) * (total - score)).sum();
        self.sample_weights[row] * entropy
    }

    /// The derivative of [`loss`](Objective::loss) by the margin.
    ///
    /// Targets sum to 1 only within rounding; with their own sum the residuals sum to exactly what the loss
    /// implies, and the intercept cannot drift along the direction that changes no probability.
    fn residual(&self, row: usize, margin: [f64; CLASSES]) -> [f64; CLASSES] {
        let targets = self.targets[row].map(f64::from);
        let sum: f64 = targets.iter().sum();
        let probabilities = softmax(margin);
        std::array::from_fn(|class| self.sample_weights[row] * (probabilities[class] * sum - targets[class]))
    }

    /// `α/2 · Σⱼ mⱼ · ‖Wⱼ − W₀ⱼ‖²`.
    fn penalty(&self, parameters: &[[f64; CLASSES]]) -> f64 {
        let (weights, _) = split(parameters);
        0.5 * ordered_sum(weights, CHUNK_ROWS, |feature, _| {
            self.penalties[feature] * self.distance(weights, feature).iter().map(|a| a * a).sum::<f64>()
        })
    }

    fn distance(&self, weights: &[[f64; CLASSES]], feature: usize) -> [f64; CLASSES] {
        match self.anchor.get(feature) {
            Some(anchor) => std::array::from_fn(|class| weights[feature][class] - anchor[class]),
            None => weights[feature],
        }
    }
}

/// Weights and intercept.
fn split(parameters: &[[f64; CLASSES]]) -> (&[[f64; CLASSES]], [f64; CLASSES]) {
    let (intercept, weights) = parameters.split_last().unwrap_or((&[0.0; CLASSES], &[]));
    (weights, *intercept)
}

/// Sums `part` over all items, in parallel, in an order that does not depend on the threads.
pub(super) fn ordered_sum<T: Sync, S: Send + std::iter::Sum>(
    items: &[T],
    chunk_length: usize,
    part: impl Fn(usize, &T) -> S + Sync,
) -> S {
    let chunks: Vec<S> = items
        .par_chunks(chunk_length)
        .enumerate()
        .map(|(chunk, items)| (chunk * chunk_length..).zip(items).map(|(at, item)| part(at, item)).sum())
        .collect();
    chunks.into_iter().sum()
}

/// Two sums made in one pass.
struct Pair(f64, f64);

impl std::iter::Sum for Pair {
    fn sum<I: Iterator<Item = Pair>>(pairs: I) -> Pair {
        pairs.fold(Pair(0.0, 0.0), |sum, pair| Pair(sum.0 + pair.0, sum.1 + pair.1))
    }
}

impl From<Pair> for (f64, f64) {
    fn from(pair: Pair) -> (f64, f64) {
        (pair.0, pair.1)
    }
}
