//! What a user's labels are worth: the base, the adapted model and one from nothing, and a learning curve.

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use linfa::ParamGuard;

use super::Model;
use super::build::ALPHAS;
use super::instances::Instance;
use super::training::{FOLDS, Labels, TrainingError, adapt, outside, prepare};
use crate::evaluation::Folds;
use crate::linear::{FitError, Rows, Softmax, SoftmaxParams};
use crate::{CLASSES, Label};

/// What other models say of the labels under cross-validation.
#[derive(Clone, Debug)]
pub struct Study {
    /// The probabilities of a model from nothing, trained on the same folds; `None` if a fold lacks a label, or if
    /// there is no base, so that the model itself is from nothing.
    pub from_nothing: Option<Vec<[f32; CLASSES]>>,
    /// The adapted model with fewer labels, from few to many; without the point of all labels.
    pub curve: Vec<Point>,
}

/// A point of the learning curve.
#[derive(Clone, Debug)]
pub struct Point {
    /// The share of the groups that the model learned from.
    pub share: f64,
    /// How many mentions those are.
    pub mentions: usize,
    /// The label of every mention under a model that has not seen its group.
    pub predicted: Vec<Label>,
}

const SHARES: [f64; 3] = [0.25, 0.5, 0.75];

/// Cross-validates the sparse model from nothing, and the adapted one on parts of the labels, at the penalty that was
/// chosen for all. The folds are those of [`adapt`](super::adapt); smaller parts are in the larger ones.
///
/// # Errors
/// [`TrainingError`] if the labels do not allow it.
pub fn study(instances: &[Instance], base: Option<&Model>, alpha: f64) -> Result<Study, TrainingError> {
    let data = Labels::of(&[instances], 0.5)?;
    let prepared = prepare(instances, base.map(|base| &base.sparse))?;
    let groups: FxHashSet<&str> = data.groups.iter().map(String::as_str).collect();
    let folds = Folds::grouped(&data.groups, FOLDS.min(groups.len()), 0)?;
    // Where a group stands between 0 and 1, by its key alone.
    let place = |group: &String| xxh3_64_with_seed(group.as_bytes(), 1) as f64 / u64::MAX as f64;
    let places: Vec<f64> = data.groups.iter().map(place).collect();
    let jobs: Vec<(usize, usize)> =
        (0..SHARES.len()).flat_map(|share| (0..folds.count()).map(move |fold| (share, fold))).collect();
    let fitted: Vec<Option<Softmax>> = jobs
        .par_iter()
        .map(|&(share, fold)| {
            let mut weights = outside(&data.weights, folds.of_rows(), fold);
            for (weight, place) in weights.iter_mut().zip(&places) {
                if *place > SHARES[share] {
                    *weight = 0.0;
                }
            }
            let params = SoftmaxParams::new().alpha(alpha).max_iterations(200).tolerance(1e-4);
            let params = match &prepared.base {
                Some(base) => params.base(base.clone()),
                None => params,
            };
            match params.check()?.fit_soft(&prepared.rows, &data.targets, &weights) {
                Ok(fitted) => Ok(Some(fitted.model)),
                // So few labels that one does not occur: the curve begins later.
                Err(FitError::EmptyClass(_)) => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
        .collect::<Result<_, TrainingError>>()?;
    let mut curve = Vec::new();
    for (share, models) in SHARES.iter().zip(fitted.chunks(folds.count())) {
        let Some(models) = models.iter().map(Option::as_ref).collect::<Option<Vec<&Softmax>>>() else { continue };
        let label = |at: usize| Label::of_scores(models[folds.of_rows()[at]].scores(&prepared.rows, at));
        curve.push(Point {
            share: *share,
            mentions: places.iter().filter(|place| *place <= share).count(),
            predicted: (0..prepared.rows.nrows()).map(label).collect(),
        });
    }
    let from_nothing = match base {
        None => None,
        Some(_) => match adapt(&prepare(instances, None)?.rows, &data, None, &ALPHAS) {
            Ok(adapted) => Some(adapted.held_out),
            Err(TrainingError::Fit(FitError::EmptyClass(_))) => None,
            Err(error) => return Err(error),
        },
    };
    Ok(Study { from_nothing, curve })
}
