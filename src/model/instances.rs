//! From labelled data to what a model is trained and judged on: mentions located, other actors found.
//!
//! Training sees a sentence as labelling will see it: the catalogue's finder says who else is named, whatever
//! else the labelled data may know.

use std::ops::Range;

use rayon::prelude::*;

use crate::actors::{ActorIndex, Catalogue, Finder, Found};
use crate::data;
use crate::linear::one_hot;
use crate::{CLASSES, Label};

/// One mention with its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// The sentence.
    pub sentence: String,
    /// The mention's bytes.
    pub mention: Range<usize>,
    /// The other mentions: bytes, and a number that mentions of one actor share; 0 is the mention's own actor.
    pub others: Vec<(Range<usize>, usize)>,
    /// The label as a distribution.
    pub target: [f32; CLASSES],
    /// How much it counts.
    pub weight: f32,
    /// What folds never part: the document, or else the sentence.
    pub group: String,
}

impl Instance {
    /// The label with the largest share.
    pub fn label(&self) -> Label {
        Label::of_scores(self.target)
    }

    /// The mention and the others, as [`Reading::read`](crate::features::Reading::read) takes them.
    pub fn mentions(&self) -> impl Iterator<Item = (Range<usize>, usize)> + '_ {
        std::iter::once((self.mention.clone(), 0)).chain(self.others.iter().cloned())
    }
}

/// A row whose actor is not in its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound {
    /// The file.
    pub file: String,
    /// The record's number, from 1.
    pub row: u64,
    /// The physical line, from 1.
    pub line: u64,
    /// The actor that was looked for.
    pub actor: String,
}

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let NotFound { file, row, line, actor } = self;
        write!(
            f,
            "{file}: record {row} (line {line}), column \"actor\": found {actor:?}, which the sentence does not name"
        )?;
        write!(f, "; give start and end, or add the name to the catalogue with --actors")
    }
}

/// Rows whose actor is not in their sentence, where each row is needed; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(Vec<NotFound>);

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for first in self.0.iter().take(1) {
            write!(f, "{first}")?;
        }
        match self.0.len() {
            0 | 1 => Ok(()),
            count => write!(f, " (and {} more such records)", count - 1),
        }
    }
}

impl std::error::Error for Missing {}

/// Instances of a file, and the rows that gave none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instances {
    /// One an example, in the file's order.
    pub instances: Vec<Instance>,
    /// For each instance, the place of its example in the file.
    pub examples: Vec<usize>,
    /// The rows whose actor is not in their sentence.
    pub not_found: Vec<NotFound>,
}

impl Instances {
    /// Locates the mentions of labelled data and finds who else is named.
    pub fn of_labelled(file: &str, examples: &[data::Example], catalogue: &Catalogue, finder: &Finder) -> Instances {
        let located: Vec<Option<Instance>> = examples
            .par_iter()
            .map(|example| {
                let found = finder.find(&example.sentence, None);
                let mention = match &example.mention {
                    Some(bytes) => bytes.clone(),
                    None => locate(&example.sentence, &example.actor, &found, catalogue).into_iter().next()?,
                };
                let others = others(&example.sentence, &mention, &found).collect();
                Some(Instance {
                    sentence: example.sentence.clone(),
                    mention,
                    others,
                    target: one_hot([example.label])[0],
                    weight: example.weight,
                    group: example.group.clone(),
                })
            })
            .collect();
        let mut all = Instances::default();
        for (at, (instance, example)) in located.into_iter().zip(examples).enumerate() {
            match instance {
                Some(instance) => {
                    all.instances.push(instance);
                    all.examples.push(at);
                }
                None => all.not_found.push(NotFound {
                    file: file.to_owned(),
                    row: example.row,
                    line: example.line,
                    actor: example.actor.clone(),
                }),
            }
        }
        all
    }

    /// The instances, if every row gave one.
    ///
    /// # Errors
    /// [`Missing`], which names the first row that gave none.
    pub fn complete(self) -> Result<Instances, Missing> {
        if self.not_found.is_empty() { Ok(self) } else { Err(Missing(self.not_found)) }
    }
}

/// The mentions besides a given one, numbered by actor: 0 where it is the same actor.
pub(super) fn others<'f>(
    sentence: &'f str,
    mention: &Range<usize>,
    found: &'f [Found],
) -> impl Iterator<Item = (Range<usize>, usize)> + use<'f> {
    let mention = mention.clone();
    let overlaps = move |other: &Found| other.start < mention.end && mention.start < other.end;
    let own: Option<ActorIndex> = found.iter().find(|other| overlaps(other)).map(|other| other.actor);
    let text = &sentence[mention.clone()];
    let number = move |other: &Found| {
        let same = own == Some(other.actor) || sentence[other.range()] == *text;
        if same { 0 } else { other.actor.get() + 1 }
    };
    found.iter().filter(move |other| !overlaps(other)).map(move |other| (other.range(), number(other)))
}

/// Where a sentence names an actor that is given by name: the catalogue's mentions of an actor with that name,
/// alias or id, or else the name as it is written, on word boundaries.
pub(super) fn locate(sentence: &str, actor: &str, found: &[Found], catalogue: &Catalogue) -> Vec<Range<usize>> {
    let actor = actor.trim();
    if actor.is_empty() {
        return Vec::new();
    }
    let is_meant = |index: ActorIndex| {
        let known = catalogue.actor(index);
        known.id == actor || known.names().any(|name| name.eq_ignore_ascii_case(actor))
    };
    let by_actor: Vec<Range<usize>> =
        found.iter().filter(|mention| is_meant(mention.actor)).map(|mention| mention.range()).collect();
    if !by_actor.is_empty() {
        return by_actor;
    }
    let is_boundary = |at: usize| {
        let before = sentence[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = sentence[at..].chars().next().is_some_and(char::is_alphanumeric);
        !(before && after)
    };
    let written = sentence.match_indices(actor).map(|(at, name)| at..at + name.len());
    written.filter(|range| is_boundary(range.start) && is_boundary(range.end)).collect()
}
