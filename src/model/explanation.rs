//! Why a mention gets its label, word by word.
//!
//! Where the sparse model answers, the score is a sum, and the explanation is that sum: every feature has a weight for
//! each label and the tokens that gave rise to it; a word's contribution is the sum of its features' shares, a
//! feature's share being split evenly among its tokens. Where the encoder answers there is no such sum. There a word's
//! contribution is by how much the label's log-odds fall when the word is left out, each word by itself: they need not
//! add up to anything, for words work together.

use std::ops::Range;

use rayon::prelude::*;
use serde::{Serialize, Serializer};

use super::case::Case;
use super::classifier::{Answer, cut};
use super::instances::{locate, others};
use super::{Change, Classifier, Document, ModelError, Stage};
use crate::actors::{ActorIndex, Found};
use crate::features::{FAMILIES, Names, Reading, View, extract};
use crate::{CLASSES, Label};

/// Why a mention gets its label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The actor's name in the catalogue, or the mention.
    pub actor: String,
    /// The mention, as written.
    pub mention: String,
    /// The mention's characters in the sentence, from 0, end exclusive.
    #[serde(flatten)]
    pub place: Place,
    /// The sentence.
    pub sentence: String,
    /// The label.
    pub label: Label,
    /// Supportive, neutral, critical.
    pub probabilities: [f32; CLASSES],
    /// Which model answered.
    #[serde(serialize_with = "stage_name")]
    pub stage: Stage,
    /// The score of each label: for the sparse model, the intercept and the sum of all contributions; for the encoder,
    /// the log-odds of the label.
    pub scores: [f64; CLASSES],
    /// Every word with what it contributes to the score of each label.
    pub words: Vec<Word>,
    /// Where the contributions come from.
    #[serde(flatten)]
    pub grounds: Grounds,
    /// What was labelled.
    #[serde(skip)]
    case: Case,
}

/// Characters of a sentence (Unicode code points), from 0, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The first.
    pub start: usize,
    /// The one after the last.
    pub end: usize,
}

/// Where contributions come from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "method", rename_all = "lowercase")]
pub enum Grounds {
    /// The score is the intercept and the sum of the features' weights, and the words share them: exact.
    Sum {
        /// The intercept.
        intercept: [f64; CLASSES],
        /// Every feature that the model knows.
        features: Vec<Feature>,
    },
    /// A contribution is by how much the log-odds fall without the word: an estimate that does not add up.
    Occlusion,
}

/// A word and what it contributes to the score of each label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Word {
    /// The word, as written; where it was left out as a whole, another mention.
    pub text: String,
    /// Its first byte in the sentence; not in files, whose offsets are characters.
    #[serde(skip)]
    pub start: usize,
    /// Its first character in the sentence, from 0 (Unicode code points).
    #[serde(rename = "start")]
    pub character: usize,
    /// Its contributions.
    pub contributions: [f64; CLASSES],
}

/// A feature and what it contributes to the score of each label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// Its contributions.
    pub contributions: [f64; CLASSES],
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn stage_name<S: Serializer>(stage: &Stage, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(stage.name())
}

impl Classifier {
    /// Explains the mentions of an actor in a text, or of all actors, at the classifier's effort.
    ///
    /// ```
    /// use toward::model::{Classifier, Effort, Grounds};
    ///
    /// let classifier = Classifier::embedded(Effort::Fast)?;
    /// let explanations = classifier.explain("Xi praised Putin.", Some("Vladimir Putin"))?;
    /// let Grounds::Sum { intercept, features } = &explanations[0].grounds else { panic!("the sparse model sums") };
    /// // The contributions add up to the score.
    /// let sum: f64 = features.iter().map(|feature| feature.contributions[0]).sum();
    /// assert!((intercept[0] + sum - explanations[0].scores[0]).abs() < 1e-9);
    /// # Ok::<(), toward::model::ModelError>(())
    /// ```
    ///
    /// # Errors
    /// [`ModelError::Encoder`] if the encoder fails.
    pub fn explain(&self, text: &str, actor: Option<&str>) -> Result<Vec<Explanation>, ModelError> {
        let document = Document { text, whole: false, as_of: None };
        let found = self.finder().find_in(text, &cut(&document), None);
        let mentions = match actor {
            Some(actor) => locate(text, actor, &found, self.catalogue()),
            None => found.iter().map(|mention| mention.range()).collect(),
        };
        Ok(self.explain_mentions(&document, &mentions)?.into_iter().flatten().collect())
    }

    /// Explains mentions of a document, given by their bytes, in order; `None` for one without a visible character.
    ///
    /// # Errors
    /// [`ModelError::Encoder`] if the encoder fails.
    pub fn explain_mentions(
        &self,
        document: &Document<'_>,
        mentions: &[Range<usize>],
    ) -> Result<Vec<Option<Explanation>>, ModelError> {
        let cut = cut(document);
        let found = self.finder().find_in(document.text, &cut, document.as_of);
        let explain = |mention: &Range<usize>| match case(document.text, &cut, &found, mention) {
            Some((case, actor)) => self.explain_case(case, actor),
            None => Ok(None),
        };
        mentions.par_iter().map(explain).collect()
    }

    /// What would change the label that is explained: the smallest set of words without which it is another.
    ///
    /// # Errors
    /// [`ModelError::Encoder`] if the encoder fails.
    pub fn change(&self, explanation: &Explanation) -> Result<Option<Change>, ModelError> {
        super::change::search(self, &explanation.case, explanation.stage != Stage::Sparse, explanation.label)
    }

    fn explain_case(&self, case: Case, actor: Option<ActorIndex>) -> Result<Option<Explanation>, ModelError> {
        let mut reading = Reading::default();
        reading.read(&case.sentence, case.mentions());
        let tokens = reading.analysis.covering(&case.mention);
        let Some(span) = reading.spans.iter().position(|span| span.tokens == tokens) else { return Ok(None) };
        let sum = self.sum(&case, &reading, span);
        let (stage, probabilities, scores, words, grounds) = if self.asks_encoder(sum.probabilities) {
            let ((probabilities, stage), words) = self.occlusion(&case, &reading)?;
            (stage, probabilities, probabilities.map(log_odds), words, Grounds::Occlusion)
        } else {
            (Stage::Sparse, sum.probabilities, sum.scores, sum.words, sum.grounds)
        };
        let mention = &case.sentence[case.mention.clone()];
        let start = case.sentence[..case.mention.start].chars().count();
        Ok(Some(Explanation {
            actor: actor.map_or_else(|| mention.to_owned(), |actor| self.catalogue().actor(actor).name.clone()),
            mention: mention.to_owned(),
            place: Place { start, end: start + mention.chars().count() },
            sentence: case.sentence.clone(),
            label: Label::of_scores(probabilities),
            probabilities,
            stage,
            scores,
            words,
            grounds,
            case,
        }))
    }

    fn sum(&self, case: &Case, reading: &Reading, span: usize) -> Sum {
        let mut names = Names::default();
        extract(&FAMILIES, &View::new(reading, span), &mut names);
        let tokens = reading.analysis.tokens().iter();
        let mut words: Vec<Word> = tokens
            .map(|token| word(&case.sentence, token.start as usize..token.end as usize, [0.0; CLASSES]))
            .collect();
        let table = self.table();
        let intercept = table.softmax().intercept().map(f64::from);
        let mut scores = intercept;
        let mut features: Vec<Feature> = Vec::new();
        for named in names.features {
            let Some(weights) = table.weights(named.hash) else { continue };
            let weights = weights.map(f64::from);
            // A feature without tokens (the sentence's edge) belongs to the target.
            let target = || reading.spans[span].tokens.clone();
            let evidence = if named.tokens.is_empty() { target() } else { named.tokens };
            let share = 1.0 / evidence.len() as f64;
            for class in 0..CLASSES {
                scores[class] += weights[class];
                for word in &mut words[evidence.clone()] {
                    word.contributions[class] += weights[class] * share;
                }
            }
            match features.iter_mut().find(|feature| feature.name == named.name) {
                Some(feature) => (0..CLASSES).for_each(|class| feature.contributions[class] += weights[class]),
                None => features.push(Feature { name: named.name, contributions: weights }),
            }
        }
        let probabilities = table.softmax().probabilities_of(scores);
        Sum { probabilities, scores, words, grounds: Grounds::Sum { intercept, features } }
    }

    /// The encoder's answer, and by how much its log-odds fall without each word.
    fn occlusion(&self, case: &Case, reading: &Reading) -> Result<(Answer, Vec<Word>), ModelError> {
        let units = case.units();
        let mut cases = vec![case.clone()];
        cases.extend(units.iter().map(|unit| case.without(std::slice::from_ref(unit))));
        let answers = self.answer(&cases, true)?;
        // The encoder answers every case, and there is one at least.
        let whole = answers.first().copied().unwrap_or(([0.0, 1.0, 0.0], Stage::Encoder));
        let mut words: Vec<Word> = units
            .iter()
            .zip(answers.iter().skip(1))
            .map(|(unit, without)| {
                let falls = std::array::from_fn(|class| log_odds(whole.0[class]) - log_odds(without.0[class]));
                word(&case.sentence, unit.clone(), falls)
            })
            .collect();
        // What was not left out, the mention and the punctuation, completes the sentence.
        for token in reading.analysis.tokens() {
            let bytes = token.start as usize..token.end as usize;
            if !units.iter().any(|unit| unit.start < bytes.end && bytes.start < unit.end) {
                words.push(word(&case.sentence, bytes, [0.0; CLASSES]));
            }
        }
        words.sort_by_key(|word| word.start);
        Ok((whole, words))
    }
}

/// An explanation by the sparse model.
struct Sum {
    probabilities: [f32; CLASSES],
    scores: [f64; CLASSES],
    words: Vec<Word>,
    grounds: Grounds,
}

fn word(sentence: &str, bytes: Range<usize>, contributions: [f64; CLASSES]) -> Word {
    let character = sentence[..bytes.start].chars().count();
    Word { text: sentence[bytes.clone()].to_owned(), start: bytes.start, character, contributions }
}

/// The logarithm of p / (1 - p), for probabilities that single precision may have rounded to 0 or 1.
fn log_odds(probability: f32) -> f64 {
    let p = f64::from(probability).clamp(1e-6, 1.0 - 1e-6);
    (p / (1.0 - p)).ln()
}

/// The mention in the sentence where it begins, and who it is if the catalogue knows it.
fn case(
    text: &str,
    sentences: &[Range<usize>],
    found: &[Found],
    mention: &Range<usize>,
) -> Option<(Case, Option<ActorIndex>)> {
    let sentence = sentences.get(sentences.partition_point(|sentence| sentence.end <= mention.start))?;
    let inside = mention.start.max(sentence.start)..mention.end.min(sentence.end);
    if inside.is_empty() {
        return None;
    }
    let here: Vec<Found> = found
        .iter()
        .filter(|other| other.start >= sentence.start && other.end <= sentence.end)
        .map(|other| Found { start: other.start - sentence.start, end: other.end - sentence.start, ..*other })
        .collect();
    let mention = inside.start - sentence.start..inside.end - sentence.start;
    let actor = here.iter().find(|other| other.start < mention.end && mention.start < other.end);
    let sentence = text[sentence.clone()].to_owned();
    let others = others(&sentence, &mention, &here).collect();
    Some((Case { sentence, mention, others }, actor.map(|found| found.actor)))
}
