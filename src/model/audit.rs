//! Labels that look wrong: confident learning (Northcutt, Jiang & Chuang 2021) on held-out probabilities.
//!
//! A label is in doubt if a model that has not seen it would give another one with more than the confidence that is
//! usual for that other label. Usual is the mean over the rows that have it, so that a label on which the model is
//! never sure does not put every row in doubt. Nothing is changed: a person decides.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::instances::Instance;
use super::sparse::Sparse;
use super::training::features_of;
use super::{Adaptation, ModelError};
use crate::features::{FAMILIES, Lexicon, Names, Reading};
use crate::{CLASSES, Label};

/// A label, and how doubtful it is.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Audited {
    /// The place of the mention among the instances.
    pub at: usize,
    /// The label it has.
    pub given: Label,
    /// The label that fits best besides.
    pub suggested: Label,
    /// Supportive, neutral, critical, from a model that has not seen the row.
    pub probabilities: [f32; CLASSES],
    /// How much better the other label fits, from −2 to 2, each measured against what is usual for it.
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
            let fit = |label: Label| probabilities[label.index()] - usual[label.index()];
            let mut others = Label::ALL.into_iter().filter(|&label| label != given);
            let first = others.next().unwrap_or(given);
            let suggested = others.fold(first, |best, label| if fit(label) > fit(best) { label } else { best });
            let confident = |label: &Label| probabilities[label.index()] >= usual[label.index()];
            let most_probable = Label::ALL
                .into_iter()
                .filter(confident)
                .max_by(|a, b| probabilities[a.index()].total_cmp(&probabilities[b.index()]));
            Audited {
                at,
                given,
                suggested,
                probabilities,
                doubt: fit(suggested) - fit(given),
                likely_wrong: most_probable.is_some_and(|label| label != given),
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

impl Adaptation {
    /// What the models say of the labels without having seen them. Two opinions are made one by the mean of their
    /// logarithms (the logarithmic pool, Genest & Zidek 1986): the errors of words and of the encoder are different
    /// ones, and a label of which either is nearly sure that it is wrong is in doubt.
    pub fn opinion(&self) -> Vec<[f32; CLASSES]> {
        match &self.held_out_dense {
            Some(dense) => self.held_out.iter().zip(dense).map(|(sparse, dense)| pooled(*sparse, *dense)).collect(),
            None => self.held_out.clone(),
        }
    }
}

fn pooled(a: [f32; CLASSES], b: [f32; CLASSES]) -> [f32; CLASSES] {
    // Above zero, so that two opposite certainties leave something to divide by.
    let product: [f32; CLASSES] = std::array::from_fn(|class| (a[class] * b[class]).sqrt().max(1e-9));
    let sum: f32 = product.iter().sum();
    product.map(|share| share / sum)
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
    features_of(instance, &FAMILIES, Lexicon::embedded(), reading, &mut names);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_opinions_are_one_and_either_has_a_veto() {
        let unsure = [1.0 / 3.0; CLASSES];
        let sure = [0.9, 0.05, 0.05];
        let opinion = pooled(unsure, sure);
        assert!((opinion.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(opinion[0] > 0.6 && opinion[0] < 0.9, "{opinion:?}");
        assert!(pooled([0.5, 0.0, 0.5], [0.3, 0.6, 0.1])[1] < 1e-3);
        assert!(pooled([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).iter().all(|p| p.is_finite()));
    }
}
