//! A model compiled for labelling, together with an actor catalogue: text in, labelled mentions out.
//!
//! A block of documents is cut, searched and scored by the sparse model in parallel, one document a task; the
//! mentions of which it is not sure go to the encoder together. What comes out depends on the text alone, not on
//! blocks or threads.

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::cascade::Thresholds;
use super::case::Case;
use super::dense::Head;
use super::instances::{Instance, locate, others};
use super::memory::Memory;
use super::pool::Pool;
use super::sparse::{Buffers, Table};
use super::{Effort, Model, ModelError, Stage};
use crate::actors::{ActorIndex, Catalogue, Date, Finder, Found, Level, Search};
use crate::features::{Lexicon, Reading};
use crate::text::sentences;
use crate::{CLASSES, Label};

/// The most texts that a thread takes at a time: at the end of a block no thread waits longer for another than for these.
const GRAIN: usize = 32;

/// How a classifier works.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How much work a label may cost; `None` takes `balanced` if the model and this binary can, else `fast`.
    pub effort: Option<Effort>,
    /// Whether the encoder is not shown who is named, so that a label cannot depend on it. (The sparse model never is.)
    pub blind: bool,
}

impl From<Effort> for Options {
    fn from(effort: Effort) -> Options {
        Options { effort: Some(effort), ..Options::default() }
    }
}

/// A model with a catalogue, ready to label; shared by all threads.
///
/// ```
/// use toward::model::{Classifier, Effort};
/// use toward::Label;
///
/// let classifier = Classifier::embedded(Effort::Fast)?;
/// let rows = classifier.classify("Xi accused NATO of aggression.")?;
/// let nato = rows.iter().find(|row| classifier.catalogue().actor(row.actor).name == "NATO").unwrap();
/// assert_eq!(nato.label(), Label::Critical);
/// # Ok::<(), toward::model::ModelError>(())
/// ```
pub struct Classifier {
    table: Table,
    dense: Vec<Head>,
    effort: Effort,
    blind: bool,
    thresholds: Thresholds,
    catalogue: Catalogue,
    finder: Finder,
    memory: Memory,
    scratch: Pool<Scratch>,
}

/// A text to label.
#[derive(Clone, Copy, Debug)]
pub struct Document<'t> {
    /// The text.
    pub text: &'t str,
    /// Whether it is one sentence, not to be cut.
    pub whole: bool,
    /// The day of writing, which decides between office-holders of one name.
    pub as_of: Option<Date>,
}

/// A document, cut and labelled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// Its sentences, in bytes of the text.
    pub sentences: Vec<Range<usize>>,
    /// Its mentions, in order.
    pub judgements: Vec<Judgement>,
}

/// A labelled mention.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The place of its sentence in [`Judged::sentences`].
    pub sentence: usize,
    /// Its bytes in the text.
    pub mention: Range<usize>,
    /// Who is named; `None` where the mention was given and the catalogue does not know it.
    pub actor: Option<ActorIndex>,
    /// Supportive, neutral, critical; they sum to 1.
    pub probabilities: [f32; CLASSES],
    /// Which model answered.
    pub stage: Stage,
}

impl Judgement {
    /// The label with the largest probability.
    pub fn label(&self) -> Label {
        Label::of_scores(self.probabilities)
    }
}

/// What a sentence says of an actor, over all its mentions there.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The place of the sentence in [`Judged::sentences`].
    pub sentence: usize,
    /// The actor.
    pub actor: ActorIndex,
    /// The mention that speaks for the row, in bytes of the text.
    pub mention: Range<usize>,
    /// How many mentions the actor has in the sentence.
    pub mentions: usize,
    /// Supportive, neutral, critical; they sum to 1.
    pub probabilities: [f32; CLASSES],
    /// Which model answered.
    pub stage: Stage,
}

impl Row {
    /// The label with the largest probability.
    pub fn label(&self) -> Label {
        Label::of_scores(self.probabilities)
    }
}

/// One row a (sentence, actor), in order of the actors' first mentions. At [`Level::Mention`], one a mention.
///
/// Of several mentions, the one that is least likely to be neutral speaks for the actor: a sentence that blames
/// Putin and then names him as speaker blames him.
pub fn rows(judged: &Judged, catalogue: &Catalogue, level: Level) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for judgement in &judged.judgements {
        let Some(actor) = judgement.actor else { continue };
        let actor = catalogue.fold(actor, level);
        let row = Row {
            sentence: judgement.sentence,
            actor,
            mention: judgement.mention.clone(),
            mentions: 1,
            probabilities: judgement.probabilities,
            stage: judgement.stage,
        };
        let same = |old: &&mut Row| old.sentence == row.sentence && old.actor == actor && level != Level::Mention;
        // Judgements are in order, so a row of the same sentence is among the last.
        match rows.iter_mut().rev().take_while(|old| old.sentence == row.sentence).find(same) {
            Some(old) => {
                let mentions = old.mentions + 1;
                if row.probabilities[Label::Neutral.index()] < old.probabilities[Label::Neutral.index()] {
                    *old = row;
                }
                old.mentions = mentions;
            }
            None => rows.push(row),
        }
    }
    rows
}

/// A mention that waits for the encoder: its document, its place there.
struct Pending {
    document: usize,
    judgement: usize,
}

/// What a thread keeps from document to document.
#[derive(Default)]
struct Scratch {
    search: Search,
    searched: Searched,
    reading: Reading,
    buffers: Buffers,
    neighbours: Vec<Found>,
}

/// The text that was searched last for a given mention, and what is in it. Rows about the actors of one text follow each
/// other in most files.
#[derive(Default)]
struct Searched {
    text: String,
    whole: bool,
    as_of: Option<Date>,
    sentences: Vec<Range<usize>>,
    found: Vec<Found>,
}

impl Classifier {
    /// A classifier of a model and a catalogue; an [`Effort`] alone will do for options.
    ///
    /// # Errors
    /// [`ModelError::NoEncoder`] if an effort is asked for that the model or this binary cannot give.
    pub fn new(model: &Model, catalogue: Catalogue, options: impl Into<Options>) -> Result<Classifier, ModelError> {
        let options = options.into();
        // Asked only where it matters: it reads all of the encoder's weights, which the fast effort need not pay for.
        let effort = match options.effort {
            Some(Effort::Fast) => Effort::Fast,
            Some(effort) => {
                can_encode(model)?;
                effort
            }
            None if can_encode(model).is_ok() => Effort::Balanced,
            None => Effort::Fast,
        };
        // Each takes ten milliseconds or more, which a run over a small file would notice. The lexicon is read here, so that
        // no first sentence waits for it; it takes as long as the other two.
        let rest = || rayon::join(Lexicon::embedded, || Table::new(&model.sparse));
        let (finder, (_, table)) = rayon::join(|| Finder::new(&catalogue), rest);
        Ok(Classifier {
            table,
            dense: model.dense.clone(),
            effort,
            blind: options.blind,
            thresholds: model.provenance.thresholds.clone(),
            finder,
            catalogue,
            memory: Memory::default(),
            scratch: Pool::default(),
        })
    }

    /// The default model with the default catalogue.
    ///
    /// # Errors
    /// As [`Classifier::new`].
    pub fn embedded(options: impl Into<Options>) -> Result<Classifier, ModelError> {
        let (model, catalogue) = rayon::join(Model::embedded, Catalogue::embedded);
        Classifier::new(&model?, catalogue, options)
    }

    /// The actors that it knows.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// How it finds them.
    pub fn finder(&self) -> &Finder {
        &self.finder
    }

    /// The effort that it works with.
    pub fn effort(&self) -> Effort {
        self.effort
    }

    /// Whether the encoder is not shown who is named.
    pub fn blind(&self) -> bool {
        self.blind
    }

    /// The same classifier at another effort, which must be one that its model can give.
    #[must_use]
    pub fn with_effort(self, effort: Effort) -> Classifier {
        let effort = if self.dense.is_empty() { Effort::Fast } else { effort };
        // What was remembered belongs to the past: rates measured at this effort must not profit from it.
        Classifier { effort, memory: Memory::default(), ..self }
    }

    /// Labels one text: one row a (sentence, actor).
    ///
    /// # Errors
    /// [`ModelError::Encoder`] if the encoder fails.
    pub fn classify(&self, text: &str) -> Result<Vec<Row>, ModelError> {
        let judged = self.judge(&[Document { text, whole: false, as_of: None }])?;
        Ok(judged.iter().flat_map(|judged| rows(judged, &self.catalogue, Level::Actor)).collect())
    }

    /// Labels every mention of every actor in a block of documents, in parallel.
    ///
    /// # Errors
    /// [`ModelError::Encoder`] if the encoder fails.
    pub fn judge(&self, documents: &[Document<'_>]) -> Result<Vec<Judged>, ModelError> {
        let mut judged: Vec<Judged> = documents
            .par_iter()
            .with_max_len(GRAIN)
            .map_init(|| self.scratch.take(), |scratch, document| self.judge_sparse(document, scratch))
            .collect();
        let texts: Vec<&str> = documents.iter().map(|document| document.text).collect();
        self.judge_pending(&texts, &mut judged)?;
        Ok(judged)
    }

    /// Labels given mentions: for each, a text, an actor's name, and the mention's bytes if they are known. `None`
    /// comes back where the text does not name the actor. The sentence that holds the mention is what counts.
    ///
    /// # Errors
    /// [`ModelError::Encoder`] if the encoder fails.
    pub fn judge_given(&self, given: &[Given<'_>]) -> Result<Vec<Option<Judged>>, ModelError> {
        let mut judged: Vec<Judged> = given
            .par_iter()
            .with_max_len(GRAIN)
            .map_init(|| self.scratch.take(), |scratch, given| self.judge_given_sparse(given, scratch))
            .collect();
        let texts: Vec<&str> = given.iter().map(|given| given.document.text).collect();
        self.judge_pending(&texts, &mut judged)?;
        Ok(judged.into_iter().map(|judged| (!judged.judgements.is_empty()).then_some(judged)).collect())
    }

    /// Labels instances of labelled data: the probabilities and who gave them, in order.
    ///
    /// # Errors
    /// [`ModelError::Encoder`] if the encoder fails.
    pub fn judge_instances(&self, instances: &[Instance]) -> Result<Vec<([f32; CLASSES], Stage)>, ModelError> {
        let mut judged: Vec<Judged> = instances
            .par_iter()
            .map_init(
                || self.scratch.take(),
                |scratch, instance| {
                    scratch.reading.read(&instance.sentence, instance.mentions());
                    Judged {
                        sentences: std::iter::once(0..instance.sentence.len()).collect(),
                        judgements: vec![self.judgement(0, 0, &instance.mention, None, scratch)],
                    }
                },
            )
            .collect();
        let texts: Vec<&str> = instances.iter().map(|instance| instance.sentence.as_str()).collect();
        self.judge_pending(&texts, &mut judged)?;
        let first = |judged: Judged| judged.judgements.into_iter().next();
        Ok(judged.into_iter().filter_map(first).map(|judgement| (judgement.probabilities, judgement.stage)).collect())
    }

    fn judge_sparse(&self, document: &Document<'_>, scratch: &mut Scratch) -> Judged {
        let text = document.text;
        let cut = cut(document);
        let mut found = Vec::new();
        self.finder.find_with(&mut scratch.search, text, &cut, document.as_of, &mut found);
        let mut judgements = Vec::with_capacity(found.len());
        let mut rest = found.as_slice();
        for (at, sentence) in cut.iter().enumerate() {
            let count = rest.partition_point(|mention| mention.start < sentence.end);
            let (here, later) = rest.split_at(count);
            rest = later;
            if here.is_empty() {
                continue;
            }
            let shifted = here.iter().map(|m| (m.start - sentence.start..m.end - sentence.start, m.actor.get()));
            scratch.reading.read(&text[sentence.clone()], shifted);
            for mention in here {
                judgements.push(self.judgement(at, sentence.start, &mention.range(), Some(mention.actor), scratch));
            }
        }
        Judged { sentences: cut, judgements }
    }

    fn judge_given_sparse(&self, given: &Given<'_>, scratch: &mut Scratch) -> Judged {
        let Document { text, whole, as_of } = given.document;
        let mut searched = std::mem::take(&mut scratch.searched);
        if (searched.text.as_str(), searched.whole, searched.as_of) != (text, whole, as_of) {
            searched.text.clear();
            searched.text.push_str(text);
            (searched.whole, searched.as_of) = (whole, as_of);
            searched.sentences = cut(&given.document);
            searched.found.clear();
            self.finder.find_with(&mut scratch.search, text, &searched.sentences, as_of, &mut searched.found);
        }
        let Searched { sentences, found, .. } = &searched;
        let located;
        let mentions = if let Some(bytes) = &given.mention {
            std::slice::from_ref(bytes)
        } else {
            located = locate(text, given.actor, found, &self.catalogue);
            &located
        };
        let mut neighbours = std::mem::take(&mut scratch.neighbours);
        let mut judgements = Vec::with_capacity(mentions.len());
        for mention in mentions {
            // A mention across two sentences is read in the one where it begins.
            let at = sentences.partition_point(|sentence| sentence.end <= mention.start);
            let Some(sentence) = sentences.get(at) else { continue };
            let inside = mention.start.max(sentence.start)..mention.end.min(sentence.end);
            if inside.is_empty() {
                continue;
            }
            let here = &text[sentence.clone()];
            let shift = |range: Range<usize>| range.start - sentence.start..range.end - sentence.start;
            let here_too = found.iter().filter(|other| other.start >= sentence.start && other.end <= sentence.end);
            neighbours.clear();
            neighbours.extend(here_too.map(|other| Found {
                start: other.start - sentence.start,
                end: other.end - sentence.start,
                ..*other
            }));
            let target = shift(inside.clone());
            let actor = neighbours.iter().find(|other| other.start < target.end && target.start < other.end);
            let others = others(here, &target, &neighbours);
            scratch.reading.read(here, std::iter::once((target, 0)).chain(others));
            judgements.push(self.judgement(at, sentence.start, &inside, actor.map(|found| found.actor), scratch));
        }
        let sentences = sentences.clone();
        scratch.neighbours = neighbours;
        scratch.searched = searched;
        Judged { sentences, judgements }
    }

    /// Scores a mention of the sentence that was read last, which begins at a byte of the text.
    fn judgement(
        &self,
        sentence: usize,
        start: usize,
        mention: &Range<usize>,
        actor: Option<ActorIndex>,
        scratch: &mut Scratch,
    ) -> Judgement {
        let tokens = scratch.reading.analysis.covering(&(mention.start - start..mention.end - start));
        let span = scratch.reading.spans.iter().position(|span| span.tokens == tokens);
        let probabilities = match span {
            Some(span) => self.table.probabilities(&scratch.reading, span, &mut scratch.buffers),
            // A mention without a visible character: nothing is said of it.
            None => NOTHING_SAID,
        };
        Judgement { sentence, mention: mention.clone(), actor, probabilities, stage: Stage::Sparse }
    }

    /// Asks the encoder for the mentions of which the sparse model is not sure.
    fn judge_pending(&self, texts: &[&str], judged: &mut [Judged]) -> Result<(), ModelError> {
        let mut pending = Vec::new();
        for (document, judged) in judged.iter().enumerate() {
            for (at, judgement) in judged.judgements.iter().enumerate() {
                if self.asks_encoder(judgement.probabilities) {
                    pending.push(Pending { document, judgement: at });
                }
            }
        }
        let inputs: Vec<(&str, Range<usize>)> = pending
            .iter()
            .map(|pending| {
                let judged = &judged[pending.document];
                let judgement = &judged.judgements[pending.judgement];
                let sentence = judged.sentences[judgement.sentence].clone();
                let mention = judgement.mention.start - sentence.start..judgement.mention.end - sentence.start;
                (&texts[pending.document][sentence], mention)
            })
            .collect();
        let answers = self.answers(&inputs)?;
        for (pending, (probabilities, stage)) in pending.iter().zip(answers) {
            let judgement = &mut judged[pending.document].judgements[pending.judgement];
            judgement.probabilities = probabilities;
            judgement.stage = stage;
        }
        Ok(())
    }
}

impl Classifier {
    /// Whether the encoder is asked about a mention to which the sparse model gives these probabilities.
    pub(super) fn asks_encoder(&self, sparse: [f32; CLASSES]) -> bool {
        let able = self.effort != Effort::Fast && !self.dense.is_empty();
        able && (self.effort == Effort::Full || !self.thresholds.sparse.of(sparse))
    }

    /// The answers of the sparse model or of the encoder to cases, in order: the memory is not asked.
    pub(super) fn answer(&self, cases: &[Case], by_encoder: bool) -> Result<Vec<Answer>, ModelError> {
        if by_encoder {
            let inputs: Vec<_> = cases.iter().map(|case| (case.sentence.as_str(), case.mention.clone())).collect();
            return self.encode(&inputs);
        }
        let answer = |scratch: &mut Scratch, case: &Case| {
            scratch.reading.read(&case.sentence, case.mentions());
            (self.judgement(0, 0, &case.mention, None, scratch).probabilities, Stage::Sparse)
        };
        Ok(cases.par_iter().map_init(Scratch::default, answer).collect())
    }

    /// The sparse model.
    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    /// The dense part's answers, from memory or from the encoder; a mention that is asked for twice is encoded once.
    fn answers(&self, inputs: &[(&str, Range<usize>)]) -> Result<Vec<Answer>, ModelError> {
        let keys: Vec<u128> = inputs.par_iter().map(|(sentence, mention)| Memory::key(sentence, mention)).collect();
        let mut answers = self.memory.recall(&keys);
        let mut first: FxHashMap<u128, usize> = FxHashMap::default();
        let mut new: Vec<(u128, (&str, Range<usize>))> = Vec::new();
        for (at, key) in keys.iter().enumerate().filter(|(at, _)| answers[*at].is_none()) {
            if !first.contains_key(key) {
                first.insert(*key, new.len());
                new.push((*key, inputs[at].clone()));
            }
        }
        let asked: Vec<(&str, Range<usize>)> = new.iter().map(|(_, input)| input.clone()).collect();
        let encoded = self.encode(&asked)?;
        self.memory.remember(new.iter().zip(&encoded).map(|((key, _), answer)| (*key, *answer)));
        for (answer, key) in answers.iter_mut().zip(&keys).filter(|(answer, _)| answer.is_none()) {
            *answer = first.get(key).and_then(|&at| encoded.get(at)).copied();
        }
        Ok(answers.into_iter().map(|answer| answer.unwrap_or((NOTHING_SAID, Stage::Sparse))).collect())
    }

    /// The dense part's probabilities for mentions in sentences, in order.
    #[cfg(feature = "encoder")]
    fn encode<'t>(&self, inputs: &[(&'t str, Range<usize>)]) -> Result<Vec<Answer>, ModelError> {
        use crate::encoder::{Encoder, Input};
        let failed = |error: crate::encoder::EncoderError| ModelError::Encoder(error.to_string());
        let input = |(sentence, mention): &(&'t str, Range<usize>)| Input {
            sentence,
            mention: mention.clone(),
            blind: self.blind,
        };
        let inputs: Vec<Input<'_>> = inputs.iter().map(input).collect();
        let Some(last) = self.dense.last().filter(|_| !inputs.is_empty()) else { return Ok(Vec::new()) };
        // Where it does not stop it is not asked: looking at the vectors of a middle layer costs a little.
        let asked = |head: &&Head| head.depth == last.depth || self.effort == Effort::Balanced;
        let depths: Vec<usize> = self.dense.iter().filter(asked).map(|head| head.depth).collect();
        let judge = |depth: usize, vector: &[f32]| {
            let head = self.dense.iter().find(|head| head.depth == depth)?;
            let scores = head.softmax.scores_of((0..).zip(vector.iter().copied()));
            let probabilities = head.softmax.probabilities_of(scores);
            self.thresholds.answers(depth, last.depth, probabilities).map(|stage| (probabilities, stage))
        };
        Encoder::embedded().map_err(failed)?.encode_until(&inputs, &depths, judge).map_err(failed)
    }

    #[cfg(not(feature = "encoder"))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "its twin with the encoder is not so")]
    fn encode(&self, _inputs: &[(&str, Range<usize>)]) -> Result<Vec<Answer>, ModelError> {
        Ok(Vec::new())
    }
}

/// A mention that somebody else found.
#[derive(Clone, Debug)]
pub struct Given<'t> {
    /// The text that holds it.
    pub document: Document<'t>,
    /// The actor's name, alias or id, or the mention's text.
    pub actor: &'t str,
    /// The mention's bytes; `None` looks for the actor by name.
    pub mention: Option<Range<usize>>,
}

/// Probabilities, and who gave them.
pub(super) type Answer = ([f32; CLASSES], Stage);

const NOTHING_SAID: [f32; CLASSES] = [0.0, 1.0, 0.0];

/// The sentences of a document.
pub(super) fn cut(document: &Document<'_>) -> Vec<Range<usize>> {
    if document.whole { std::iter::once(0..document.text.len()).collect() } else { sentences(document.text) }
}

/// Whether the model and this binary have what the encoder stage needs.
#[cfg(feature = "encoder")]
fn can_encode(model: &Model) -> Result<(), ModelError> {
    use crate::encoder::Encoder;
    let strange =
        |head: &&Head| head.softmax.nfeatures() != Encoder::DIMENSION || !Encoder::DEPTHS.contains(&head.depth);
    if let Some(Head { depth, softmax }) = model.dense.iter().find(strange) {
        return Err(ModelError::Damaged(format!(
            "the dense part has {} weights a label after {depth} layers, expected {} after one of {:?}",
            softmax.nfeatures(),
            Encoder::DIMENSION,
            Encoder::DEPTHS
        )));
    }
    match (model.dense.is_empty(), &model.provenance.encoder) {
        (false, Some(checksum)) if *checksum == Encoder::checksum() => Ok(()),
        (false, _) => Err(ModelError::NoEncoder(
            "the model was trained on the vectors of another encoder; use --effort fast, or train it again".to_owned(),
        )),
        (true, _) => Err(ModelError::NoEncoder("the model has no dense part; use --effort fast".to_owned())),
    }
}

#[cfg(not(feature = "encoder"))]
fn can_encode(_model: &Model) -> Result<(), ModelError> {
    Err(ModelError::NoEncoder(
        "this toward was built without the encoder; use --effort fast, or build it with --features encoder".to_owned(),
    ))
}
