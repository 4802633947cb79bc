//! What would change a label: the smallest set of words without which the mention gets another one.
//!
//! Every candidate is labelled again without its words, so that what is reported holds. All single words are tried, and
//! for the sparse model, which is cheap, all pairs; what needs more is found by leaving out the most helpful word again
//! and again and then putting back what is not needed, which may miss a smaller set. (Counterfactual explanations:
//! Martens & Provost 2014.)

use std::ops::Range;

use serde::Serialize;

use super::case::Case;
use super::{Classifier, ModelError};
use crate::{CLASSES, Label};

/// The most words that are left out.
const MOST: usize = 6;
/// The most words of a sentence whose pairs are all tried.
const PAIRS: usize = 80;

/// Words without which a mention gets another label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The words that are left out, in the order of the sentence.
    pub without: Vec<LeftOut>,
    /// The sentence without them.
    pub sentence: String,
    /// The label without them.
    pub label: Label,
    /// Supportive, neutral, critical, without them.
    pub probabilities: [f32; CLASSES],
    /// Whether all smaller sets were tried; if not, a smaller one may exist.
    pub smallest: bool,
}

/// A word that is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The word, or another mention as a whole.
    pub text: String,
    /// Its first byte in the sentence; not in files, whose offsets are characters.
    #[serde(skip)]
    pub start: usize,
    /// Its first character in the sentence, from 0 (Unicode code points).
    #[serde(rename = "start")]
    pub character: usize,
}

/// Searches for words without which a mention of this label gets another one from the model that answered.
pub(super) fn search(
    classifier: &Classifier,
    case: &Case,
    by_encoder: bool,
    label: Label,
) -> Result<Option<Change>, ModelError> {
    let units = case.units();
    let search = Search { classifier, case, by_encoder, label, units };
    let places = || 0..search.units.len();
    if let Some(found) = search.best(places().map(|one| vec![one]).collect())?.changed {
        return Ok(Some(search.change(&found, true)));
    }
    let mut tried = 1;
    if !by_encoder && search.units.len() <= PAIRS {
        let pairs = places().flat_map(|one| (one + 1..search.units.len()).map(move |other| vec![one, other]));
        if let Some(found) = search.best(pairs.collect())?.changed {
            return Ok(Some(search.change(&found, true)));
        }
        tried = 2;
    }
    let mut gone: Vec<usize> = Vec::new();
    while gone.len() < MOST.min(search.units.len()) {
        let more = places().filter(|place| !gone.contains(place)).map(|place| [&gone[..], &[place]].concat());
        let Best { changed, nearest } = search.best(more.collect())?;
        if let Some(mut found) = changed {
            let mut at = 0;
            while at < found.0.len() {
                let fewer: Vec<usize> = [&found.0[..at], &found.0[at + 1..]].concat();
                match search.best(vec![fewer])?.changed {
                    Some(still) => found = still,
                    None => at += 1,
                }
            }
            let smallest = found.0.len() <= tried + 1;
            return Ok(Some(search.change(&found, smallest)));
        }
        gone = nearest;
    }
    Ok(None)
}

struct Search<'s> {
    classifier: &'s Classifier,
    case: &'s Case,
    by_encoder: bool,
    label: Label,
    units: Vec<Range<usize>>,
}

/// A set of units, and the answer without them.
type Tried = (Vec<usize>, [f32; CLASSES]);

struct Best {
    /// The set that changes the label most clearly, if one does.
    changed: Option<Tried>,
    /// The set that comes nearest to it.
    nearest: Vec<usize>,
}

impl Search<'_> {
    fn without(&self, set: &[usize]) -> Case {
        let mut set = set.to_vec();
        set.sort_unstable();
        self.case.without(&set.iter().map(|&at| self.units[at].clone()).collect::<Vec<_>>())
    }

    /// Labels the case without each of these sets.
    fn best(&self, sets: Vec<Vec<usize>>) -> Result<Best, ModelError> {
        let cases: Vec<Case> = sets.iter().map(|set| self.without(set)).collect();
        let answers = self.classifier.answer(&cases, self.by_encoder)?;
        // How far the label is ahead of the others: below zero where it has changed.
        let lead = |answer: &[f32; CLASSES]| {
            let others = Label::ALL.into_iter().filter(|other| *other != self.label);
            answer[self.label.index()] - others.map(|other| answer[other.index()]).fold(0.0, f32::max)
        };
        let tried: Vec<Tried> = sets.into_iter().zip(answers.into_iter().map(|(answer, _)| answer)).collect();
        let Some(best) = tried.into_iter().min_by(|a, b| lead(&a.1).total_cmp(&lead(&b.1))) else {
            return Ok(Best { changed: None, nearest: Vec::new() });
        };
        let nearest = best.0.clone();
        Ok(Best { changed: (Label::of_scores(best.1) != self.label).then_some(best), nearest })
    }

    fn change(&self, (set, probabilities): &Tried, smallest: bool) -> Change {
        let mut set = set.clone();
        set.sort_unstable();
        let sentence = &self.case.sentence;
        let left_out = |&at: &usize| {
            let unit = self.units[at].clone();
            let character = sentence[..unit.start].chars().count();
            LeftOut { text: sentence[unit.clone()].to_owned(), start: unit.start, character }
        };
        Change {
            without: set.iter().map(left_out).collect(),
            sentence: self.without(&set).sentence,
            label: Label::of_scores(*probabilities),
            probabilities: *probabilities,
            smallest,
        }
    }
}
