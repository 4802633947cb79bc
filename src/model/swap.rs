//! The swap test: the same sentence about another actor must keep its label.
//!
//! The mention is replaced by the names of other actors of its kind, and the new sentences are labelled as any others
//! are. What changes is bias: the model has learned something about names, not about what is said. (Prabhakaran et al.
//! 2019 call it perturbation sensitivity; the checklists of Ribeiro et al. 2020, an invariance test.)

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde::Serialize;

use super::{Classifier, Instance, Instances, ModelError};
use crate::actors::{Actor, ActorIndex, Catalogue, Kind};
use crate::data::Example;
use crate::evaluation::{Bootstrap, Clusters, EvaluationError, share_interval};
use crate::{CLASSES, Label};

/// How much to swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwapOptions {
    /// Names of each kind that take the mention's place.
    pub names: usize,
    /// Sentences, drawn from those that can be swapped.
    pub sentences: usize,
    /// The same seed draws the same names and sentences.
    pub seed: u64,
}

impl Default for SwapOptions {
    /// 200 names in 100 sentences.
    fn default() -> SwapOptions {
        SwapOptions { names: 200, sentences: 100, seed: 1 }
    }
}

/// Why there is no swap test.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SwapError {
    /// No mention is the name of an actor of the catalogue.
    #[error(
        "no sentence can be swapped: expected mentions that are an actor's name in the catalogue (or a person's last \
         name), without an article before them, of actors that are named once"
    )]
    NoSentence,
    /// The model cannot label.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The figures cannot be computed.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
}

/// Sentences with other names in them.
#[derive(Clone, Debug)]
pub struct Swap {
    options: SwapOptions,
    sentences: Vec<Sentence>,
    pairs: Vec<Pair>,
}

#[derive(Clone, Debug)]
struct Sentence {
    original: Instance,
    kind: Kind,
}

#[derive(Clone, Debug)]
struct Pair {
    sentence: usize,
    name: String,
    swapped: Instance,
}

/// What the swap test finds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SwapReport {
    /// The effort that was tested.
    pub effort: &'static str,
    /// The seed of the draw.
    pub seed: u64,
    /// All sentences.
    #[serde(flatten)]
    pub all: SwapShare,
    /// The share's 95 % interval, by a bootstrap over sentences.
    pub ci95: [f64; 2],
    /// The sentences of each kind of actor.
    pub by_kind: Vec<SwapKind>,
    /// Row: the label of the sentence as it was; column: with another name.
    pub transitions: [[u64; CLASSES]; CLASSES],
    /// The names that are treated worst and best: see [`NameTone`].
    pub extremes: Vec<NameTone>,
}

/// How many labels changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SwapShare {
    /// Sentences.
    pub sentences: usize,
    /// Different names that took the mention's place.
    pub names: usize,
    /// Labels compared.
    pub labels: u64,
    /// Labels that are another than without the swap.
    pub changed: u64,
    /// Their share.
    pub share: f64,
}

/// How many labels changed for one kind of actor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SwapKind {
    /// The kind.
    #[serde(serialize_with = "kind_name")]
    pub kind: Kind,
    /// The figures.
    #[serde(flatten)]
    pub share: SwapShare,
}

/// How a name is treated compared with the other names in the same sentences.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NameTone {
    /// The name.
    pub name: String,
    /// In how many sentences it stood.
    pub sentences: u64,
    /// Its mean of P(supportive) - P(critical), less the mean of all names in the same sentences: below zero, the name
    /// alone makes sentences more critical.
    pub tone: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn kind_name<S: serde::Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

/// How a mention names its actor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Name,
    LastName,
}

/// The form in which another actor takes the place of a mention.
fn written(actor: &Actor, form: Form) -> Option<&str> {
    match form {
        Form::Name => Some(&actor.name),
        Form::LastName => actor.name.rsplit_once(' ').map(|(_, last)| last),
    }
}

impl Swap {
    /// Draws sentences from labelled ones, and other names for them.
    ///
    /// A sentence can be swapped if its mention is its actor's name in the catalogue, or a person's last name; has no
    /// article before it, which another name may not bear; and is the only mention of its actor.
    ///
    /// # Errors
    /// [`SwapError::NoSentence`] if there is no such sentence.
    pub fn draw(classifier: &Classifier, instances: &[Instance], options: SwapOptions) -> Result<Swap, SwapError> {
        let catalogue = classifier.catalogue();
        let mut able: Vec<(&Instance, ActorIndex, Form)> = instances
            .iter()
            .filter_map(|instance| {
                let (actor, form) = swappable(classifier, instance)?;
                Some((instance, actor, form))
            })
            .collect();
        if able.is_empty() {
            return Err(SwapError::NoSentence);
        }
        let mut random = Rng::with_seed(options.seed);
        random.shuffle(&mut able);
        able.truncate(options.sentences);
        let kinds: BTreeSet<Kind> = able.iter().map(|(_, actor, _)| catalogue.actor(*actor).kind).collect();
        let names: BTreeMap<Kind, Vec<&Actor>> =
            kinds.into_iter().map(|kind| (kind, names_of(catalogue, kind, options.names, &mut random))).collect();
        let (mut sentences, mut examples, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (instance, actor, form) in able {
            let kind = catalogue.actor(actor).kind;
            for other in &names[&kind] {
                let Some(name) = written(other, form).filter(|name| !instance.sentence.contains(name)) else {
                    continue;
                };
                examples.push(with_name(instance, name));
                places.push(sentences.len());
            }
            sentences.push(Sentence { original: instance.clone(), kind });
        }
        // Who else is named is looked for again, as it would be in that sentence.
        let swapped = Instances::of_labelled("swapped", &examples, catalogue, classifier.finder()).instances;
        let pairs = places
            .into_iter()
            .zip(examples.into_iter().zip(swapped))
            .map(|(sentence, (example, swapped))| Pair { sentence, name: example.actor, swapped })
            .collect();
        Ok(Swap { options, sentences, pairs })
    }

    /// Labels all sentences with all names, and counts what changes.
    ///
    /// # Errors
    /// [`SwapError::Model`] if the encoder fails.
    pub fn test(&self, classifier: &Classifier) -> Result<SwapReport, SwapError> {
        let originals: Vec<Instance> = self.sentences.iter().map(|sentence| sentence.original.clone()).collect();
        let swapped: Vec<Instance> = self.pairs.iter().map(|pair| pair.swapped.clone()).collect();
        let label = |answer: &([f32; CLASSES], super::Stage)| Label::of_scores(answer.0);
        let before: Vec<Label> = classifier.judge_instances(&originals)?.iter().map(label).collect();
        let answers = classifier.judge_instances(&swapped)?;
        let after: Vec<Label> = answers.iter().map(label).collect();

        let mut transitions = [[0; CLASSES]; CLASSES];
        let mut changed = Vec::with_capacity(self.pairs.len());
        for (pair, after) in self.pairs.iter().zip(&after) {
            let before = before[pair.sentence];
            transitions[before.index()][after.index()] += 1;
            changed.push(before != *after);
        }
        let clusters = Clusters::by_key(self.pairs.iter().map(|pair| pair.sentence.to_le_bytes()));
        let ci95 = share_interval(&changed, Some(&clusters), Bootstrap::default())?;
        let kinds: BTreeSet<Kind> = self.sentences.iter().map(|sentence| sentence.kind).collect();
        let by_kind =
            kinds.into_iter().map(|kind| SwapKind { kind, share: self.share(&changed, |of| of == kind) }).collect();
        let tones: Vec<f64> =
            answers.iter().map(|([supportive, _, critical], _)| f64::from(supportive - critical)).collect();
        Ok(SwapReport {
            effort: classifier.effort().name(),
            seed: self.options.seed,
            all: self.share(&changed, |_| true),
            ci95,
            by_kind,
            transitions,
            extremes: self.extremes(&tones),
        })
    }

    fn share(&self, changed: &[bool], counts: impl Fn(Kind) -> bool) -> SwapShare {
        let of = |pair: &Pair| counts(self.sentences[pair.sentence].kind);
        let pairs = || self.pairs.iter().zip(changed).filter(|(pair, _)| of(pair));
        let labels = pairs().count() as u64;
        let changed = pairs().filter(|(_, changed)| **changed).count() as u64;
        SwapShare {
            sentences: self.sentences.iter().filter(|sentence| counts(sentence.kind)).count(),
            names: pairs().map(|(pair, _)| &pair.name).collect::<BTreeSet<_>>().len(),
            labels,
            changed,
            share: changed as f64 / (labels as f64).max(1.0),
        }
    }

    /// The five names with the lowest tone and the five with the highest, lowest first.
    fn extremes(&self, tones: &[f64]) -> Vec<NameTone> {
        const EACH: usize = 5;
        let mut sentences = vec![(0.0, 0.0); self.sentences.len()];
        for (pair, tone) in self.pairs.iter().zip(tones) {
            sentences[pair.sentence].0 += tone;
            sentences[pair.sentence].1 += 1.0;
        }
        let mut names: BTreeMap<&str, (f64, u64)> = BTreeMap::new();
        for (pair, tone) in self.pairs.iter().zip(tones) {
            let (sum, count) = sentences[pair.sentence];
            let name = names.entry(&pair.name).or_default();
            name.0 += tone - sum / count;
            name.1 += 1;
        }
        // What stood in one sentence alone tells of the sentence.
        let most = names.values().map(|(_, count)| *count).max().unwrap_or(0);
        let mut names: Vec<NameTone> = names
            .into_iter()
            .filter(|(_, (_, count))| *count * 4 >= most)
            .map(|(name, (sum, count))| NameTone { name: name.to_owned(), sentences: count, tone: sum / count as f64 })
            .collect();
        names.sort_by(|a, b| a.tone.total_cmp(&b.tone).then(a.name.cmp(&b.name)));
        if names.len() > 2 * EACH {
            names.drain(EACH..names.len() - EACH);
        }
        names
    }
}

/// Whom the mention names and how, if another name can take its place.
fn swappable(classifier: &Classifier, instance: &Instance) -> Option<(ActorIndex, Form)> {
    let Instance { sentence, mention, others, .. } = instance;
    if others.iter().any(|(_, actor)| *actor == 0) {
        return None;
    }
    let before = sentence[..mention.start].trim_end().to_lowercase();
    if ["the", "a", "an"].iter().any(|article| before == *article || before.ends_with(&format!(" {article}"))) {
        return None;
    }
    let text = &sentence[mention.clone()];
    let found = classifier.finder().find(sentence, None);
    let actor = found.iter().find(|found| found.range() == *mention)?.actor;
    let known = classifier.catalogue().actor(actor);
    if known.name == text {
        Some((actor, Form::Name))
    } else if known.kind == Kind::Person && written(known, Form::LastName) == Some(text) {
        Some((actor, Form::LastName))
    } else {
        None
    }
}

/// Names of a kind, drawn at random; of persons, those with a last name.
fn names_of<'c>(catalogue: &'c Catalogue, kind: Kind, count: usize, random: &mut Rng) -> Vec<&'c Actor> {
    let fits = |actor: &&Actor| actor.kind == kind && (kind != Kind::Person || actor.name.contains(' '));
    let mut actors: Vec<&Actor> = catalogue.actors().map(|(_, actor)| actor).filter(fits).collect();
    random.shuffle(&mut actors);
    actors.truncate(count);
    actors
}

/// The sentence with another name in the place of the mention.
fn with_name(instance: &Instance, name: &str) -> Example {
    let Instance { sentence, mention, .. } = instance;
    let sentence = [&sentence[..mention.start], name, &sentence[mention.end..]].concat();
    Example {
        mention: Some(mention.start..mention.start + name.len()),
        actor: name.to_owned(),
        label: instance.label(),
        weight: instance.weight,
        group: instance.group.clone(),
        sentence,
        extra: Vec::new(),
        row: 0,
        line: 0,
    }
}
