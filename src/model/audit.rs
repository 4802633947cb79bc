//! Labels that look wrong: confident learning (Northcutt, Jiang & Chuang 2021) on held-out probabilities.
//!
//! Rows are ranked by how improbable their label is to a model that has not seen it: self-confidence, which is cleanlab's
//! default too (Kuan & Mueller 2022). A label is likely wrong if that model would give another one with
//! more than the confidence that is usual for that other label. Usual is the mean over the rows that have it, so that a
//! label on which the model is never sure does not put every row in doubt. Nothing is changed: a person decides.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::ModelError;
use super::instances::Instance;
use super::sparse::Sparse;
use super::training::features_of;
use crate::features::{FAMILIES, Names, Reading};
use crate::{CLASSES, Label};

/// A label, and how doubtful it is.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Audited {
    /// The place of the mention among the instances.
    pub at: usize,
    /// The label it has.
    pub given: Label,
    /// The most probable other label.
    pub suggested: Label,
    /// Supportive, neutral, critical, from a model that has not seen the row.
    pub probabilities: [f32; CLASSES],
    /// 1 minus the probability of the label it has.
    pub doubt: f32,
    /// Whether confident learning counts it as wrong.
    pub likely_wrong: bool,
    /// The features that speak most for the suggested label against the given one, and by how much.
    pub features: Vec<(String, f64)>,
}

/// Ranks labels from the most doubtful to the least. The probabilities are held out: of a model that has not seen the
/// rows, one for each instance. The features of the first `explained` are named by the weights of a model.
///
/// ```
/// use toward::Label::{self, Critical, Supportive};
/// use toward::model::{Instance, Model, audit};
///
/// let instance = |target| Instance {
///     sentence: "Xi praised Putin.".to_owned(), mention: 11..16, others: vec![], target, weight: 1.0, group: String::new(),
/// };
/// let (supportive, critical) = (instance([1.0, 0.0, 0.0]), instance([0.0, 0.0, 1.0]));
/// let instances = [supportive.clone(), critical, supportive];
/// let probabilities = [[0.7, 0.2, 0.1], [0.8, 0.1, 0.1], [0.6, 0.2, 0.2]];
/// let ranked = audit(&instances, &probabilities, &Model::embedded()?.sparse, 1)?;
/// assert_eq!((ranked[0].at, ranked[0].given, ranked[0].suggested), (1, Critical, Supportive));
/// assert!(ranked[0].likely_wrong);
/// # Ok::<(), toward::model::ModelError>(())
/// ```
///
/// # Errors
/// [`ModelError`] if there is not one row of probabilities for each instance.
pub fn audit(
    instances: &[Instance],
    probabilities: &[[f32; CLASSES]],
    model: &Sparse,
    explained: usize,
) -> Result<Vec<Audited>, ModelError> {
    if instances.len() != probabilities.len() {
        let (rows, expected) = (probabilities.len(), instances.len());
        return Err(ModelError::Rows { rows, expected });
    }
    let labels: Vec<Label> = instances.iter().map(Instance::label).collect();
    let usual = usual_confidence(&labels, probabilities);
    let mut ranked: Vec<Audited> = labels
        .iter()
        .zip(probabilities)
        .enumerate()
        .map(|(at, (&given, &probabilities))| {
            let of = |label: Label| probabilities[label.index()];
            let likeliest = |labels: &mut dyn Iterator<Item = Label>| labels.max_by(|&a, &b| of(a).total_cmp(&of(b)));
            let others = &mut Label::ALL.into_iter().filter(|&label| label != given);
            let confident = &mut Label::ALL.into_iter().filter(|&label| of(label) >= usual[label.index()]);
            Audited {
                at,
                given,
                suggested: likeliest(others).unwrap_or(given),
                probabilities,
                doubt: 1.0 - of(given),
                likely_wrong: likeliest(confident).is_some_and(|label| label != given),
                features: Vec::new(),
            }
        })
        .collect();
    ranked.sort_by(|a, b| b.doubt.total_cmp(&a.doubt).then(a.at.cmp(&b.at)));
    let first = explained.min(ranked.len());
    ranked[..first].par_iter_mut().for_each_init(Reading::default, |reading, audited| {
        audited.features = strongest(&instances[audited.at], audited, model, reading);
    });
    Ok(ranked)
}

/// The mean probability of each label over the rows that have it; 1 for a label that none has, which nothing reaches.
fn usual_confidence(labels: &[Label], probabilities: &[[f32; CLASSES]]) -> [f32; CLASSES] {
    let (mut sums, mut counts) = ([0.0_f64; CLASSES], [0_usize; CLASSES]);
    for (label, row) in labels.iter().zip(probabilities) {
        sums[label.index()] += f64::from(row[label.index()]);
        counts[label.index()] += 1;
    }
    std::array::from_fn(|class| if counts[class] == 0 { 1.0 } else { (sums[class] / counts[class] as f64) as f32 })
}

fn strongest(instance: &Instance, audited: &Audited, model: &Sparse, reading: &mut Reading) -> Vec<(String, f64)> {
    const SHOWN: usize = 4;
    let mut names = Names::default();
    features_of(instance, &FAMILIES, reading, &mut names);
    let mut sums: FxHashMap<String, f64> = FxHashMap::default();
    for feature in names.features {
        if let Some(weights) = model.weights(feature.hash) {
            let difference = weights[audited.suggested.index()] - weights[audited.given.index()];
            *sums.entry(feature.name).or_default() += f64::from(difference);
        }
    }
    let mut features: Vec<(String, f64)> = sums.into_iter().filter(|(_, weight)| *weight > 0.0).collect();
    features.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    features.truncate(SHOWN);
    features
}
