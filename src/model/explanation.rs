//! Why a mention gets its label: for the sparse model, the score is a sum, and the explanation is that sum.
//!
//! Every feature has a weight for each label and the tokens that gave rise to it; a word's contribution is the sum
//! of its features' shares, a feature's share being split evenly among its tokens.

use serde::Serialize;

use super::instances::{locate, others};
use super::{Model, ModelError};
use crate::actors::{Catalogue, Finder};
use crate::features::{FAMILIES, Lexicon, Names, Reading, View, extract};
use crate::text::sentences;
use crate::{CLASSES, Label};

/// Why a mention gets its label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The actor's name in the catalogue, or the mention.
    pub actor: String,
    /// The mention, as written.
    pub mention: String,
    /// The sentence.
    pub sentence: String,
    /// The label.
    pub label: Label,
    /// Supportive, neutral, critical.
    pub probabilities: [f32; CLASSES],
    /// The score of each label: the intercept and the sum of all contributions.
    pub scores: [f64; CLASSES],
    /// The intercept.
    pub intercept: [f64; CLASSES],
    /// Every word with the sum of its features' shares.
    pub words: Vec<Word>,
    /// Every feature that the model knows.
    pub features: Vec<Feature>,
}

/// A word and what it contributes to the score of each label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Word {
    /// The word, as written.
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

/// Explains the mentions of an actor in a text, or of all actors.
///
/// ```
/// use toward::actors::Catalogue;
/// use toward::model::{Model, explain};
///
/// let (model, catalogue) = (Model::embedded()?, Catalogue::embedded());
/// let explanations = explain(&model, &catalogue, "Xi praised Putin.", Some("Vladimir Putin"))?;
/// let explanation = &explanations[0];
/// // The contributions add up to the score.
/// let sum: f64 = explanation.features.iter().map(|feature| feature.contributions[0]).sum();
/// assert!((explanation.intercept[0] + sum - explanation.scores[0]).abs() < 1e-9);
/// # Ok::<(), toward::model::ModelError>(())
/// ```
///
/// # Errors
/// [`ModelError`] if the model cannot label.
pub fn explain(
    model: &Model,
    catalogue: &Catalogue,
    text: &str,
    actor: Option<&str>,
) -> Result<Vec<Explanation>, ModelError> {
    let finder = Finder::new(catalogue);
    let cut = sentences(text);
    let mut explanations = Vec::new();
    let found = finder.find_in(text, &cut, None);
    for sentence in cut {
        let here: Vec<_> = found
            .iter()
            .filter(|mention| mention.start >= sentence.start && mention.end <= sentence.end)
            .map(|mention| crate::actors::Found {
                start: mention.start - sentence.start,
                end: mention.end - sentence.start,
                ..*mention
            })
            .collect();
        let text = &text[sentence.clone()];
        let mentions = match actor {
            Some(actor) => locate(text, actor, &here, catalogue),
            None => here.iter().map(|mention| mention.range()).collect(),
        };
        for mention in mentions {
            let name =
                here.iter().find(|other| other.range() == mention).map(|other| &catalogue.actor(other.actor).name);
            let mut reading = Reading::default();
            let others = others(text, &mention, &here);
            reading.read(text, std::iter::once((mention.clone(), 0)).chain(others), Lexicon::embedded());
            let tokens = reading.analysis.covering(&mention);
            let Some(span) = reading.spans.iter().position(|span| span.tokens == tokens) else { continue };
            let name = name.cloned().unwrap_or_else(|| text[mention.clone()].to_owned());
            explanations.push(explain_span(model, &reading, span, text, name));
        }
    }
    Ok(explanations)
}

fn explain_span(model: &Model, reading: &Reading, span: usize, text: &str, actor: String) -> Explanation {
    let mut names = Names::default();
    extract(&FAMILIES, &View::new(reading, span), &mut names);
    let tokens = reading.analysis.tokens();
    let mut words: Vec<Word> = tokens
        .iter()
        .map(|token| Word {
            text: text[token.start as usize..token.end as usize].to_owned(),
            start: token.start as usize,
            character: text[..token.start as usize].chars().count(),
            contributions: [0.0; CLASSES],
        })
        .collect();
    let softmax = &model.sparse.softmax;
    let intercept = softmax.intercept().map(f64::from);
    let mut scores = intercept;
    let mut features: Vec<Feature> = Vec::new();
    for named in names.features {
        let Some(weights) = model.sparse.weights(named.hash) else { continue };
        let weights = weights.map(f64::from);
        let target = reading.spans[span].tokens.clone();
        // A feature without tokens (the sentence's edge) belongs to the target.
        let evidence = if named.tokens.is_empty() { target } else { named.tokens };
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
    let probabilities = softmax.probabilities_of(scores);
    let mention = &reading.spans[span].tokens;
    let bytes = tokens[mention.start].start as usize..tokens[mention.end - 1].end as usize;
    Explanation {
        actor,
        mention: text[bytes].to_owned(),
        sentence: text.to_owned(),
        label: Label::of_scores(probabilities),
        probabilities,
        scores,
        intercept,
        words,
        features,
    }
}
