//! From labelled instances to a sparse model.
//!
//! Features are counted first, so that those seen too rarely never take memory; then the rows are built, the
//! softmax regression is fitted, features whose weights do not pay are dropped, and the temperature is set on
//! held-out folds. Every step is in a fixed order: same instances, same bytes, at any number of threads.

use std::borrow::Cow;

use linfa::ParamGuard;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::ModelError;
use super::instances::Instance;
use super::sparse::Sparse;
use crate::CLASSES;
use crate::evaluation::{EvaluationError, Folds};
use crate::features::{FAMILIES, Family, Hashes, Names, Reading, Sink, View, extract};
use crate::linear::{
    CalibrationError, ClassWeights, ClassWeightsError, FitError, Fitted, ParamsError, Rows, Softmax, SoftmaxParams,
    SparseRows, Temperature,
};

/// What a sparse model is trained with.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct SparseParams {
    /// The strength of the penalty; 1 / C of scikit-learn.
    pub alpha: f64,
    /// A feature of fewer instances is left out.
    pub min_count: u32,
    /// How many features stay after training.
    pub keep: usize,
    /// Labels are weighted by (n / 3nᵢ) to this power, set by set: the sets' shares of labels differ because
    /// their makers chose sentences differently, and that must not decide.
    pub class_power: f32,
    /// The most iterations of the solver.
    pub iterations: usize,
    /// The solver stops when no entry of the mean loss's gradient is larger.
    pub tolerance: f64,
    /// Families of features that are left out: for ablations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
}

impl SparseParams {
    /// The families that are not left out.
    ///
    /// # Errors
    /// [`TrainingError::Family`] if one is left out that does not exist.
    pub fn families(&self) -> Result<Vec<Family>, TrainingError> {
        if let Some(name) = self.without.iter().find(|name| !FAMILIES.iter().any(|family| family.name == **name)) {
            return Err(TrainingError::Family { name: name.clone() });
        }
        let is_in = |family: &Family| !self.without.iter().any(|name| family.name == name);
        Ok(FAMILIES.into_iter().filter(is_in).collect())
    }
}

impl Default for SparseParams {
    fn default() -> SparseParams {
        SparseParams {
            alpha: 50.0,
            min_count: 3,
            keep: 400_000,
            class_power: 0.7,
            iterations: 200,
            tolerance: 1e-4,
            without: Vec::new(),
        }
    }
}

/// Why a model cannot be trained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// Nothing to train on.
    #[error("there is no labelled mention to train on")]
    Empty,
    /// All labels are the same.
    #[error("all {count} labels are {label}: expected at least two different labels")]
    OneLabel {
        /// How many there are.
        count: usize,
        /// The label.
        label: crate::Label,
    },
    /// All labels are of one document.
    #[error(
        "all labelled mentions are of one document: expected at least two, to test on one what is learnt from others"
    )]
    OneDocument,
    /// A family is to be left out that does not exist.
    #[error("without: found {name:?}, expected one of {}", FAMILIES.map(|family| family.name).join(", "))]
    Family {
        /// The name.
        name: String,
    },
    /// The parameters are wrong.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// The class weights cannot be computed.
    #[error(transparent)]
    ClassWeights(#[from] ClassWeightsError),
    /// The solver failed.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// The temperature cannot be set.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
    /// The folds cannot be made.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// The model cannot be put together.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// How many parts cross-validation makes of a user's labels; fewer where there are fewer groups.
pub const FOLDS: usize = 5;

/// A linear model fitted to rows, with what it says of rows that it has not seen.
#[derive(Clone, Debug)]
pub(super) struct Adapted {
    /// The model, calibrated.
    pub softmax: Softmax,
    /// The calibrated probabilities of every row under a model that has not seen its group.
    pub held_out: Vec<[f32; CLASSES]>,
    /// The penalty that was chosen.
    pub alpha: f64,
}

/// Fits a linear model to few rows: the penalty is chosen by cross-validated log loss, the temperature is set on
/// the same held-out scores. With a base, weights are held near the base's instead of near zero (Chelba & Acero 2006),
/// and no further from it than the labels can justify: see [`choice`].
///
/// # Errors
/// [`TrainingError`] if the rows do not allow a fit.
pub(super) fn adapt<R: Rows>(
    rows: &R,
    data: &Labels,
    base: Option<&Softmax>,
    alphas: &[f64],
) -> Result<Adapted, TrainingError> {
    let folds = folds(&data.groups, FOLDS)?;
    let fit = |targets: &[[f32; CLASSES]], weights: &[f32], alpha: f64| -> Result<Softmax, TrainingError> {
        let params = SoftmaxParams::new().alpha(alpha).max_iterations(200).tolerance(1e-4);
        let params = match base {
            Some(base) => params.base(base.clone()),
            None => params,
        };
        Ok(params.check()?.fit_soft(rows, targets, weights)?.model)
    };
    let mut trials = Vec::new();
    for &alpha in alphas {
        let mut scores = vec![[0.0; CLASSES]; rows.nrows()];
        for fold in 0..folds.count() {
            let weights = outside(&data.weights, folds.of_rows(), fold);
            let model = fit(&with_every_label(&data.targets, &weights), &weights, alpha)?;
            for (at, score) in scores.iter_mut().enumerate().filter(|(at, _)| folds.of_rows()[*at] == fold) {
                *score = model.scores(rows, at);
            }
        }
        trials.push(Trial::new(alpha, scores, data)?);
    }
    let Trial { alpha, temperature, held_out, .. } = choice(trials, base.is_some()).ok_or(TrainingError::Empty)?;
    let softmax = fit(&data.targets, &data.weights, alpha)?.with_temperature(temperature)?;
    Ok(Adapted { softmax, held_out, alpha })
}

/// A penalty that was tried.
struct Trial {
    alpha: f64,
    temperature: f32,
    /// The calibrated probabilities of every row under a model that has not seen its group.
    held_out: Vec<[f32; CLASSES]>,
    /// What they cost, row by row, in nats times the row's weight.
    losses: Vec<f64>,
}

impl Trial {
    fn new(alpha: f64, scores: Vec<[f64; CLASSES]>, data: &Labels) -> Result<Trial, TrainingError> {
        let temperature = Temperature::fit(&scores, &data.targets, &data.weights)?.value;
        let scale = Softmax::new(Vec::new(), [0.0; CLASSES], temperature)?;
        let held_out: Vec<[f32; CLASSES]> = scores.into_iter().map(|scores| scale.probabilities_of(scores)).collect();
        let loss = |((row, target), weight): ((&[f32; CLASSES], &[f32; CLASSES]), &f32)| {
            let log = |p: f32| f64::from(p).max(f64::MIN_POSITIVE).ln();
            -f64::from(*weight) * row.iter().zip(target).map(|(&p, &share)| f64::from(share) * log(p)).sum::<f64>()
        };
        let losses = held_out.iter().zip(&data.targets).zip(&data.weights).map(loss).collect();
        Ok(Trial { alpha, temperature, held_out, losses })
    }

    /// How much more this one costs than another, in sum over the rows, and the standard error of that.
    fn excess(&self, other: &Trial) -> (f64, f64) {
        let differences: Vec<f64> = self.losses.iter().zip(&other.losses).map(|(own, other)| own - other).collect();
        let sum: f64 = differences.iter().sum();
        let mean = sum / differences.len().max(1) as f64;
        let squares: f64 = differences.iter().map(|difference| (difference - mean).powi(2)).sum();
        (sum, squares.sqrt())
    }
}

/// The trial of the least loss; with a base, the one of the strongest penalty that costs no more than that within a
/// standard error of the difference (Breiman et al. 1984, paired): few labels are a weak reason to leave a base that
/// many labels made.
fn choice(trials: Vec<Trial>, has_base: bool) -> Option<Trial> {
    let total = |trial: &Trial| trial.losses.iter().sum::<f64>();
    // Of equals the first, as penalties are tried from weak to strong.
    let best = trials.iter().reduce(|best, next| if total(next) < total(best) { next } else { best })?;
    let is_as_good = |trial: &Trial| {
        let (excess, error) = trial.excess(best);
        excess <= error
    };
    let alpha =
        trials.iter().filter(|trial| has_base && is_as_good(trial)).map(|trial| trial.alpha).fold(best.alpha, f64::max);
    trials.into_iter().find(|trial| trial.alpha.total_cmp(&alpha).is_eq())
}

/// Folds that keep documents together: as many as asked for, or one a document where there are fewer.
fn folds(groups: &[String], most: usize) -> Result<Folds, TrainingError> {
    let distinct: FxHashSet<&str> = groups.iter().map(String::as_str).collect();
    if distinct.len() < 2 {
        return Err(TrainingError::OneDocument);
    }
    Ok(Folds::grouped(groups, most.min(distinct.len()), 0)?)
}

/// Sample weights without a fold: a row of weight 0 is as good as absent, and the matrix is built only once.
pub(super) fn outside(weights: &[f32], fold_of: &[usize], fold: usize) -> Vec<f32> {
    weights.iter().zip(fold_of).map(|(&weight, &of)| if of == fold { 0.0 } else { weight }).collect()
}

impl From<crate::linear::ModelError> for TrainingError {
    fn from(error: crate::linear::ModelError) -> TrainingError {
        TrainingError::Model(ModelError::Damaged(error.to_string()))
    }
}

/// Targets for a fit outside a fold. Where all rows of a label are in the fold, for one document holds them all, the
/// others get a hundredth of doubt: without it the label's intercept would have no minimum.
fn with_every_label<'t>(targets: &'t [[f32; CLASSES]], weights: &[f32]) -> Cow<'t, [[f32; CLASSES]]> {
    const DOUBT: f32 = 0.01;
    if ClassWeights::count(targets, weights).iter().all(|&count| count > 0.0) {
        return Cow::Borrowed(targets);
    }
    let doubt = |target: &[f32; CLASSES]| target.map(|share| share * (1.0 - DOUBT) + DOUBT / CLASSES as f32);
    Cow::Owned(targets.iter().map(doubt).collect())
}

/// Targets, weights and groups of instances, in order.
pub(super) struct Labels {
    pub targets: Vec<[f32; CLASSES]>,
    pub weights: Vec<f32>,
    pub groups: Vec<String>,
}

impl Labels {
    /// Sets of instances, each balanced on its own.
    pub fn of(sets: &[&[Instance]], class_power: f32) -> Result<Labels, TrainingError> {
        let mut labels = Labels { targets: Vec::new(), weights: Vec::new(), groups: Vec::new() };
        for set in sets {
            let targets: Vec<[f32; CLASSES]> = set.iter().map(|instance| instance.target).collect();
            let own: Vec<f32> = set.iter().map(|instance| instance.weight).collect();
            let balance = ClassWeights::balanced(ClassWeights::count(&targets, &own), class_power)?;
            labels.weights.extend(balance.sample_weights(&targets, &own));
            labels.targets.extend(targets);
            labels.groups.extend(set.iter().map(|instance| instance.group.clone()));
        }
        Ok(labels)
    }
}

/// A trained sparse model, and how the fit went.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The model, pruned and calibrated.
    pub sparse: Sparse,
    /// How the fit went.
    pub fitted: Fitted,
    /// How many features were considered.
    pub considered: usize,
}

/// Trains a sparse model from nothing on large sets, each balanced on its own. The temperature is set on a tenth of
/// the documents of those sets that `calibrate`: soft labels of another model do not.
///
/// # Errors
/// [`TrainingError`] if there are no labels to learn from, or parameters are wrong.
pub fn train(sets: &[(&[Instance], bool)], params: &SparseParams) -> Result<Trained, TrainingError> {
    const PARTS: usize = 10;
    let instances: Vec<&Instance> = sets.iter().flat_map(|(set, _)| set.iter()).collect();
    check(&instances)?;
    let data = Labels::of(&sets.iter().map(|(set, _)| *set).collect::<Vec<_>>(), params.class_power)?;
    let families = params.families()?;
    let hashes = count(&instances, &families, params.min_count);
    let rows = build_rows(&instances, &families, &hashes);
    let valid = SoftmaxParams::new()
        .alpha(params.alpha)
        .max_iterations(params.iterations)
        .tolerance(params.tolerance)
        .check()?;
    let fitted = valid.fit_soft(&rows, &data.targets, &data.weights)?;
    let pruned = prune(&rows, &hashes, &fitted.model, params.keep);

    let gold: Vec<bool> = sets.iter().flat_map(|(set, gold)| vec![*gold; set.len()]).collect();
    let folds = folds(&data.groups, PARTS)?;
    let held: Vec<usize> = (0..gold.len()).filter(|&at| gold[at] && folds.of_rows()[at] == 0).collect();
    let outside = outside(&data.weights, folds.of_rows(), 0);
    let without = valid.fit_soft(&rows, &with_every_label(&data.targets, &outside), &outside)?.model;
    let scores: Vec<[f64; CLASSES]> = held.iter().map(|&at| without.scores(&rows, at)).collect();
    let truth: Vec<[f32; CLASSES]> = held.iter().map(|&at| data.targets[at]).collect();
    let weights: Vec<f32> = held.iter().map(|&at| data.weights[at]).collect();
    let temperature = Temperature::fit(&scores, &truth, &weights)?;
    let softmax = pruned.softmax.with_temperature(temperature.value)?;

    let sparse = Sparse::new(pruned.hashes.clone(), &names(&instances, &families, &pruned.hashes), softmax)?;
    Ok(Trained { sparse, fitted, considered: hashes.len() })
}

/// Instances as rows of features, and a base restricted to those.
pub(super) struct Prepared {
    hashes: Vec<u64>,
    pub rows: SparseRows,
    pub base: Option<Softmax>,
}

/// The features of the base, and those that occur at least twice in the labels, as rows.
///
/// # Errors
/// [`TrainingError`] if there are no labels to learn from.
pub(super) fn prepare(instances: &[Instance], base: Option<&Sparse>) -> Result<Prepared, TrainingError> {
    let all: Vec<&Instance> = instances.iter().collect();
    check(&all)?;
    let mut hashes = count(&all, &FAMILIES, 2);
    if let Some(base) = base {
        let seen = count(&all, &FAMILIES, 1);
        hashes.extend(seen.into_iter().filter(|&hash| base.weights(hash).is_some()));
        hashes.sort_unstable();
        hashes.dedup();
    }
    let rows = build_rows(&all, &FAMILIES, &hashes);
    let base = match base {
        Some(base) => {
            let weights = hashes.iter().map(|&hash| base.weights(hash).unwrap_or_default()).collect();
            Some(Softmax::new(weights, base.softmax.intercept(), base.softmax.temperature())?)
        }
        None => None,
    };
    Ok(Prepared { hashes, rows, base })
}

/// Adapts a base, or trains from nothing, on a user's labels. The features are those of the base, and those that
/// occur at least twice in the labels.
///
/// # Errors
/// [`TrainingError`] if there are no labels to learn from.
pub(super) fn adapt_sparse(
    instances: &[Instance],
    data: &Labels,
    base: Option<&Sparse>,
    alphas: &[f64],
) -> Result<(Sparse, Adapted), TrainingError> {
    let all: Vec<&Instance> = instances.iter().collect();
    let Prepared { hashes, rows, base: restricted } = prepare(instances, base)?;
    let adapted = adapt(&rows, data, restricted.as_ref(), alphas)?;
    // What the labels do not touch stays as it was in the base, at the temperature that the base had.
    let (all_hashes, all_names, weights) = merge(&all, &hashes, &adapted.softmax, base)?;
    let softmax = Softmax::new(weights, adapted.softmax.intercept(), adapted.softmax.temperature())?;
    Ok((Sparse::new(all_hashes, &all_names, softmax)?, adapted))
}

type Merged = (Vec<u64>, Vec<String>, Vec<[f32; CLASSES]>);

fn merge(
    instances: &[&Instance],
    hashes: &[u64],
    softmax: &Softmax,
    base: Option<&Sparse>,
) -> Result<Merged, TrainingError> {
    let round = |weight: f32| half::f16::from_f32(weight).to_f32();
    let mut merged: Vec<(u64, String, [f32; CLASSES])> = Vec::new();
    for ((&hash, name), weights) in hashes.iter().zip(names(instances, &FAMILIES, hashes)).zip(softmax.weights()) {
        merged.push((hash, name, weights.map(round)));
    }
    if let Some(base) = base {
        let temperature = base.softmax.temperature();
        for ((&hash, name), weights) in base.hashes.iter().zip(base.names()?).zip(base.softmax.weights()) {
            if hashes.binary_search(&hash).is_err() {
                merged.push((hash, name, weights.map(|weight| round(weight / temperature))));
            }
        }
    }
    merged.sort_by_key(|row| row.0);
    let mut parts: Merged = Default::default();
    for (hash, name, weights) in merged {
        parts.0.push(hash);
        parts.1.push(name);
        parts.2.push(weights);
    }
    Ok(parts)
}

fn check(instances: &[&Instance]) -> Result<(), TrainingError> {
    let first = instances.first().ok_or(TrainingError::Empty)?.label();
    if instances.iter().all(|instance| instance.label() == first) {
        return Err(TrainingError::OneLabel { count: instances.len(), label: first });
    }
    Ok(())
}

/// How many instances a thread takes at a time.
const CHUNK: usize = 512;

/// Gives the features of an instance to a sink. A mention that touches no token has none.
pub(super) fn features_of(instance: &Instance, families: &[Family], reading: &mut Reading, sink: &mut dyn Sink) {
    reading.read(&instance.sentence, instance.mentions());
    let target = reading.analysis.covering(&instance.mention);
    if let Some(span) = reading.spans.iter().position(|span| span.tokens == target) {
        extract(families, &View::new(reading, span), sink);
    }
}

/// The hashes of the features that enough instances have, ascending.
fn count(instances: &[&Instance], families: &[Family], least: u32) -> Vec<u64> {
    let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
    // A few chunks at a time, so that the hashes of all never are in memory together.
    for part in instances.chunks(CHUNK * 64) {
        let distinct: Vec<Vec<u64>> = part
            .par_chunks(CHUNK)
            .map(|chunk| {
                let (mut reading, mut hashes) = (Reading::default(), Hashes::default());
                let mut all = Vec::new();
                for instance in chunk {
                    hashes.clear();
                    features_of(instance, families, &mut reading, &mut hashes);
                    let mut own = hashes.as_slice().to_vec();
                    own.sort_unstable();
                    own.dedup();
                    all.append(&mut own);
                }
                all
            })
            .collect();
        for hash in distinct.into_iter().flatten() {
            *counts.entry(hash).or_default() += 1;
        }
    }
    let mut frequent: Vec<u64> =
        counts.into_iter().filter(|&(_, count)| count >= least).map(|(hash, _)| hash).collect();
    frequent.sort_unstable();
    frequent
}

/// The rows of instances over given columns; a repeated feature counts as often.
fn build_rows(instances: &[&Instance], families: &[Family], columns: &[u64]) -> SparseRows {
    let index: FxHashMap<u64, u32> = columns.iter().zip(0..).map(|(&hash, at)| (hash, at)).collect();
    let parts: Vec<SparseRows> = instances
        .par_chunks(CHUNK)
        .map(|chunk| {
            let (mut reading, mut hashes) = (Reading::default(), Hashes::default());
            let mut rows = SparseRows::new(columns.len());
            for instance in chunk {
                hashes.clear();
                features_of(instance, families, &mut reading, &mut hashes);
                let known = hashes.as_slice().iter().filter_map(|hash| index.get(hash));
                rows.push(known.map(|&column| (column, 1.0))).expect("columns come from the index, values are 1");
            }
            rows
        })
        .collect();
    let mut rows = SparseRows::new(columns.len());
    for part in &parts {
        rows.append(part).expect("all parts have the same columns");
    }
    rows
}

struct Pruned {
    hashes: Vec<u64>,
    softmax: Softmax,
}

/// Keeps the features that matter most: by their largest weight times the root of their count, which is how far
/// they move the scores of the training rows, in quadratic mean.
fn prune(rows: &SparseRows, hashes: &[u64], model: &Softmax, keep: usize) -> Pruned {
    let mut counts = vec![0_u32; hashes.len()];
    for row in 0..rows.nrows() {
        for (column, _) in rows.row(row) {
            counts[column as usize] += 1;
        }
    }
    let worth = |at: usize| {
        let largest = model.weights()[at].iter().fold(0.0_f32, |most, weight| most.max(weight.abs()));
        largest * (counts[at] as f32).sqrt()
    };
    let mut order: Vec<usize> = (0..hashes.len()).collect();
    order.sort_by(|&a, &b| worth(b).total_cmp(&worth(a)).then(a.cmp(&b)));
    order.truncate(keep);
    order.sort_unstable();
    // Rounded to the half floats that are stored, so that what is measured is what is stored.
    let round = |weight: f32| half::f16::from_f32(weight).to_f32();
    let weights = order.iter().map(|&at| model.weights()[at].map(round)).collect();
    let softmax = Softmax::new(weights, model.intercept(), model.temperature())
        .expect("weights of a fitted model are far from the bounds of half floats");
    Pruned { hashes: order.iter().map(|&at| hashes[at]).collect(), softmax }
}

/// The names of features, found again in the instances that gave them.
fn names(instances: &[&Instance], families: &[Family], hashes: &[u64]) -> Vec<String> {
    let wanted: FxHashSet<u64> = hashes.iter().copied().collect();
    let found: Vec<FxHashMap<u64, String>> = instances
        .par_chunks(CHUNK * 32)
        .map(|chunk| {
            let mut found = FxHashMap::default();
            let (mut reading, mut names) = (Reading::default(), Names::default());
            for instance in chunk {
                names.features.clear();
                features_of(instance, families, &mut reading, &mut names);
                for feature in names.features.drain(..).filter(|feature| wanted.contains(&feature.hash)) {
                    found.entry(feature.hash).or_insert(feature.name);
                }
            }
            found
        })
        .collect();
    // Two names of one hash are next to impossible; should it happen, the first instance's name is shown.
    hashes.iter().map(|hash| found.iter().find_map(|part| part.get(hash)).cloned().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trials of rising penalties with these losses of two rows.
    fn trials(losses: [[f64; 2]; 3]) -> Vec<Trial> {
        let trial = |(alpha, losses): (f64, [f64; 2])| Trial {
            alpha,
            temperature: 1.0,
            held_out: Vec::new(),
            losses: losses.to_vec(),
        };
        [1.0, 10.0, 100.0].into_iter().zip(losses).map(trial).collect()
    }

    #[test]
    fn a_base_is_left_only_for_what_the_labels_surely_gain() {
        let chosen = |losses, has_base| choice(trials(losses), has_base).unwrap().alpha;
        // The weakest penalty is best, but one row gains what the other loses.
        let by_luck = [[0.5, 1.1], [0.9, 1.0], [0.9, 0.9]];
        assert!((chosen(by_luck, true) - 100.0).abs() < 1e-9);
        assert!((chosen(by_luck, false) - 1.0).abs() < 1e-9, "without a base the least loss decides");
        // Every row gains.
        assert!((chosen([[0.5, 0.6], [0.7, 0.8], [0.9, 1.0]], true) - 1.0).abs() < 1e-9);
        assert!(choice(Vec::new(), true).is_none());
    }
}
