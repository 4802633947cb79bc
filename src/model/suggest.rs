//! Which mentions to label next: those of which the model is unsure, unlike each other, of many actors.
//!
//! One greedy pass: every choice takes the mention with the largest product of uncertainty (1 minus the margin between
//! the two likeliest labels; Scheffer et al. 2001), novelty (1 minus the likeness to the nearest one chosen) and a
//! share that shrinks as its actor is chosen again. Likeness is the cosine of the sparse features, weighted by rarity.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::ModelError;
use super::classifier::{Classifier, Document, Given, Judged};
use super::instances::{Instance, others};
use super::training::features_of;
use crate::features::{FAMILIES, Hashes, Reading};
use crate::linear::one_hot;
use crate::{CLASSES, Label};

/// A mention that could be labelled.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The mention in its sentence.
    pub instance: Instance,
    /// The actor: its name in the catalogue, or as given.
    pub actor: String,
    /// What the model says.
    pub probabilities: [f32; CLASSES],
    /// The place of its text in the input.
    pub document: usize,
}

/// A mention worth labelling, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// The place among the candidates.
    pub at: usize,
    /// 1 minus the margin between the two likeliest labels.
    pub uncertainty: f64,
    /// The likeness to the nearest one chosen before, 0 to 1.
    pub likeness: f64,
    /// How many mentions of its actor were chosen before.
    pub of_actor: usize,
}

/// The candidates in texts: every mention of every actor of the catalogue.
///
/// # Errors
/// [`ModelError`] if the model cannot label.
pub fn candidates(classifier: &Classifier, documents: &[Document<'_>]) -> Result<Vec<Candidate>, ModelError> {
    let judged = classifier.judge(documents)?;
    let mut all = Vec::new();
    for (document, judged) in judged.iter().enumerate() {
        for judgement in &judged.judgements {
            let sentence = judged.sentences[judgement.sentence].clone();
            let shift = |range: &std::ops::Range<usize>| range.start - sentence.start..range.end - sentence.start;
            let same_sentence = judged
                .judgements
                .iter()
                .filter(|other| other.sentence == judgement.sentence && other.mention != judgement.mention);
            let others = same_sentence.map(|other| {
                let number =
                    if other.actor == judgement.actor { 0 } else { other.actor.map_or(0, |actor| actor.get() + 1) };
                (shift(&other.mention), number)
            });
            let text = &documents[document].text[sentence.clone()];
            let mention = shift(&judgement.mention);
            let name = judgement.actor.map(|actor| classifier.catalogue().actor(actor).name.clone());
            let actor = name.unwrap_or_else(|| text[mention.clone()].to_owned());
            let instance = unlabelled(text, mention, others.collect());
            all.push(Candidate { instance, actor, probabilities: judgement.probabilities, document });
        }
    }
    Ok(all)
}

/// The candidates among given mentions; the first of each text that names its actor.
///
/// # Errors
/// [`ModelError`] if the model cannot label.
pub fn given_candidates(classifier: &Classifier, given: &[Given<'_>]) -> Result<Vec<Candidate>, ModelError> {
    let judged = classifier.judge_given(given)?;
    let candidate = |(document, (given, judged)): (usize, (&Given<'_>, &Option<Judged>))| {
        let judged = judged.as_ref()?;
        let judgement = judged.judgements.first()?;
        let sentence = judged.sentences[judgement.sentence].clone();
        let text = &given.document.text[sentence.clone()];
        let mention = judgement.mention.start - sentence.start..judgement.mention.end - sentence.start;
        let others = others(text, &mention, &classifier.finder().find(text, given.document.as_of)).collect();
        let instance = unlabelled(text, mention, others);
        Some(Candidate { instance, actor: given.actor.to_owned(), probabilities: judgement.probabilities, document })
    };
    Ok(given.par_iter().zip(&judged).enumerate().filter_map(candidate).collect())
}

fn unlabelled(
    sentence: &str,
    mention: std::ops::Range<usize>,
    others: Vec<(std::ops::Range<usize>, usize)>,
) -> Instance {
    let target = one_hot([Label::Neutral])[0];
    Instance { sentence: sentence.to_owned(), mention, others, target, weight: 1.0, group: sentence.to_owned() }
}

/// The margin that is left to certainty.
fn uncertainty(mut probabilities: [f32; CLASSES]) -> f64 {
    probabilities.sort_by(|a, b| b.total_cmp(a));
    1.0 - f64::from(probabilities[0] - probabilities[1])
}

/// So many candidates are looked at for each one wanted, the least certain ones, within bounds.
const POOL: usize = 50;
const POOL_BOUNDS: (usize, usize) = (2_000, 20_000);

/// Chooses mentions to label, at most one a sentence, the most useful first.
pub fn suggest(candidates: &[Candidate], wanted: usize) -> Vec<Suggestion> {
    let doubts: Vec<f64> = candidates.iter().map(|candidate| uncertainty(candidate.probabilities)).collect();
    let mut pool: Vec<usize> = (0..candidates.len()).collect();
    pool.sort_by(|&a, &b| doubts[b].total_cmp(&doubts[a]).then(a.cmp(&b)));
    pool.truncate(wanted.saturating_mul(POOL).clamp(POOL_BOUNDS.0, POOL_BOUNDS.1));
    pool.sort_unstable();
    let vectors = Vectors::of(candidates, &pool);
    let mut likeness = vec![0.0_f64; pool.len()];
    let mut open = vec![true; pool.len()];
    let mut of_actor: FxHashMap<&str, usize> = FxHashMap::default();
    let mut used: FxHashSet<&str> = FxHashSet::default();
    let mut chosen = Vec::new();
    while chosen.len() < wanted {
        let worth = |place: usize| {
            let seen = of_actor.get(candidates[pool[place]].actor.as_str()).copied().unwrap_or(0);
            doubts[pool[place]] * (1.0 - likeness[place]) / ((1 + seen) as f64).sqrt()
        };
        let best = (0..pool.len()).filter(|&place| open[place]).map(|place| (place, worth(place)));
        let Some((place, _)) = best.reduce(|best, next| if next.1 > best.1 { next } else { best }) else { break };
        open[place] = false;
        let candidate = &candidates[pool[place]];
        if !used.insert(&candidate.instance.sentence) {
            continue;
        }
        let count = of_actor.entry(candidate.actor.as_str()).or_default();
        chosen.push(Suggestion {
            at: pool[place],
            uncertainty: doubts[pool[place]],
            likeness: likeness[place],
            of_actor: *count,
        });
        *count += 1;
        vectors.add_likeness(place, &mut likeness);
    }
    chosen
}

/// Features of the pool weighted by rarity, to unit length, and where each occurs.
struct Vectors {
    rows: Vec<Vec<(u32, f32)>>,
    columns: Vec<Vec<(u32, f32)>>,
}

impl Vectors {
    fn of(candidates: &[Candidate], pool: &[usize]) -> Vectors {
        let features: Vec<Vec<u64>> = pool
            .par_iter()
            .map_init(
                || (Reading::default(), Hashes::default()),
                |(reading, hashes), &at| {
                    hashes.clear();
                    features_of(&candidates[at].instance, &FAMILIES, reading, hashes);
                    let mut own = hashes.as_slice().to_vec();
                    own.sort_unstable();
                    own.dedup();
                    own
                },
            )
            .collect();
        let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
        for &hash in features.iter().flatten() {
            *counts.entry(hash).or_default() += 1;
        }
        // A feature of one mention likens it to none, and one of every tenth says little.
        let most = (pool.len() / 10).max(2) as u32;
        let mut kept: Vec<(u64, u32)> = counts.into_iter().filter(|(_, count)| (2..=most).contains(count)).collect();
        kept.sort_unstable();
        let weight = |count: u32| (pool.len() as f32 / count as f32).ln();
        let index: FxHashMap<u64, (u32, f32)> =
            kept.iter().zip(0..).map(|(&(hash, count), column)| (hash, (column, weight(count)))).collect();
        let rows: Vec<Vec<(u32, f32)>> = features
            .iter()
            .map(|hashes| {
                let mut row: Vec<(u32, f32)> = hashes.iter().filter_map(|hash| index.get(hash)).copied().collect();
                let length = row.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
                for (_, weight) in &mut row {
                    *weight /= length;
                }
                row
            })
            .collect();
        let mut columns = vec![Vec::new(); kept.len()];
        for (place, row) in rows.iter().enumerate() {
            for &(column, weight) in row {
                columns[column as usize].push((place as u32, weight));
            }
        }
        Vectors { rows, columns }
    }

    /// Raises every candidate's likeness to that with the one at a place.
    fn add_likeness(&self, place: usize, likeness: &mut [f64]) {
        let mut cosine: FxHashMap<u32, f32> = FxHashMap::default();
        for &(column, weight) in &self.rows[place] {
            for &(other, there) in &self.columns[column as usize] {
                *cosine.entry(other).or_default() += weight * there;
            }
        }
        // The order of the map does not reach the result: every entry changes its own place alone.
        #[expect(clippy::iter_over_hash_type, reason = "every entry changes its own place alone")]
        for (other, cosine) in cosine {
            let place = &mut likeness[other as usize];
            *place = place.max(f64::from(cosine).clamp(0.0, 1.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(sentence: &str, actor: &str, probabilities: [f32; CLASSES]) -> Candidate {
        let start = sentence.find(actor).unwrap();
        let instance = unlabelled(sentence, start..start + actor.len(), Vec::new());
        Candidate { instance, actor: actor.to_owned(), probabilities, document: 0 }
    }

    #[test]
    fn the_unsure_come_first_and_actors_take_turns() {
        let unsure = [0.34, 0.33, 0.33];
        let all = [
            candidate("Norway may have broken the pact.", "Norway", [0.01, 0.98, 0.01]),
            candidate("Norway may have kept the pact.", "Norway", unsure),
            candidate("Norway opened a fish market yesterday.", "Norway", [0.36, 0.33, 0.31]),
            candidate("Critics mocked how Chad voted.", "Chad", [0.40, 0.30, 0.30]),
        ];
        let chosen: Vec<usize> = suggest(&all, 3).iter().map(|suggestion| suggestion.at).collect();
        assert_eq!(chosen, [1, 3, 2]);
        assert_eq!(suggest(&all, 10).len(), 4);
        assert!(suggest(&[], 3).is_empty());
    }

    #[test]
    fn a_sentence_is_chosen_once() {
        let unsure = [0.34, 0.33, 0.33];
        let sentence = "Norway met Chad.";
        let all = [candidate(sentence, "Norway", unsure), candidate(sentence, "Chad", unsure)];
        assert_eq!(suggest(&all, 2).len(), 1);
    }
}
