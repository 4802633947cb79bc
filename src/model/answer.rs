//! What `classify` gives: one answer a row, of a text or of a question about one actor.
//!
//! The command line and the Python package render these same rows, so that a label cannot depend on the way in.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::classifier::rows;
use super::{Classifier, Document, Given, Judged, Judgement, ModelError, Stage};
use crate::actors::{Catalogue, Date, Level};
use crate::data::{ColumnType, Columns, offsets};
use crate::{CLASSES, Label};

/// One row of output.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<'t> {
    /// The sentence; of a question without an answer, the whole text.
    pub sentence: &'t str,
    /// The actor's name in the catalogue; of a question, as it was asked.
    pub actor: &'t str,
    /// What the sentence says of the actor, or why that is not known.
    pub stance: Result<Stance<'t>, String>,
}

/// What a sentence says of an actor.
#[derive(Clone, Debug, PartialEq)]
pub struct Stance<'t> {
    /// The sentence's number in the text, from 0.
    pub sentence_index: usize,
    /// The mention that speaks for the row, as written.
    pub mention: &'t str,
    /// Its first character in the sentence, from 0 (Unicode code points).
    pub start: usize,
    /// The character after its last.
    pub end: usize,
    /// Its bytes in the text.
    pub bytes: Range<usize>,
    /// Supportive, neutral, critical; they sum to 1.
    pub probabilities: [f32; CLASSES],
    /// Which model answered.
    pub stage: Stage,
}

impl<'t> Stance<'t> {
    /// The label with the largest probability.
    pub fn label(&self) -> Label {
        Label::of_scores(self.probabilities)
    }

    fn new(
        text: &'t str,
        sentence: (usize, &Range<usize>),
        mention: &Range<usize>,
        probabilities: [f32; CLASSES],
        stage: Stage,
    ) -> Stance<'t> {
        let (sentence_index, sentence) = sentence;
        let characters = |range: Range<usize>| text[range].chars().count();
        let start = characters(sentence.start..mention.start);
        let end = start + characters(mention.clone());
        let bytes = mention.clone();
        Stance { sentence_index, mention: &text[bytes.clone()], start, end, bytes, probabilities, stage }
    }
}

/// The answers about a text, in order of its sentences and of the actors' first mentions there.
///
/// ```
/// use toward::actors::Level;
/// use toward::model::{Classifier, Document, Effort, answers};
///
/// let classifier = Classifier::embedded(Effort::Fast)?;
/// let text = "It rained. Xi accused NATO of aggression.";
/// let judged = classifier.judge(&[Document { text, whole: false, as_of: None }])?;
/// let rows: Vec<_> = answers(text, &judged[0], classifier.catalogue(), Level::Actor).collect();
/// let nato = rows[1].stance.as_ref().unwrap();
/// assert_eq!((rows[1].actor, nato.sentence_index, nato.start, nato.end), ("NATO", 1, 11, 15));
/// # Ok::<(), toward::model::ModelError>(())
/// ```
pub fn answers<'t>(
    text: &'t str,
    judged: &Judged,
    catalogue: &'t Catalogue,
    level: Level,
) -> impl Iterator<Item = Answer<'t>> {
    rows(judged, catalogue, level).into_iter().map(move |row| {
        let sentence = &judged.sentences[row.sentence];
        Answer {
            sentence: &text[sentence.clone()],
            actor: &catalogue.actor(row.actor).name,
            stance: Ok(Stance::new(text, (row.sentence, sentence), &row.mention, row.probabilities, row.stage)),
        }
    })
}

/// What a text says of one actor: what a row asks that names whom it is about.
#[derive(Clone, Debug)]
pub struct Question<'t> {
    /// The text.
    pub text: &'t str,
    /// Whether it is one sentence, not to be cut.
    pub whole: bool,
    /// The day of writing, or what stands there instead of one.
    pub as_of: Result<Option<Date>, String>,
    /// The actor's name, alias or id, or the mention's text.
    pub actor: &'t str,
    /// Start and end of the mention in characters, or what stands there instead of a number; `None` looks for the
    /// actor by name.
    pub offsets: Option<[Offset<'t>; 2]>,
}

/// A number of characters, or what stands there instead.
pub type Offset<'t> = Result<usize, Cow<'t, str>>;

/// The statuses of a mention that is not there.
const NOT_NAMED: &str = "the text does not name the actor";
const BLANK: &str = "start and end: nothing is written there";

/// What a date may look like.
pub const DATES: &str = "YYYY-MM-DD, YYYY-MM or YYYY";

impl<'t> Question<'t> {
    /// What to look for, or what is wrong with the question.
    fn given(&self) -> Result<Given<'t>, String> {
        let wrong_date = |found: &String| format!("date: found {found:?}, expected {DATES}");
        let as_of = *self.as_of.as_ref().map_err(wrong_date)?;
        let document = Document { text: self.text, whole: self.whole, as_of };
        if self.text.trim().is_empty() {
            return Err("the text is empty".to_owned());
        }
        let Some([start, end]) = &self.offsets else {
            return if self.actor.trim().is_empty() {
                Err("the actor is empty".to_owned())
            } else {
                Ok(Given { document, actor: self.actor.trim(), mention: None })
            };
        };
        let number = |name: &str, offset: &Offset<'t>| {
            offset.clone().map_err(|found| format!("{name}: found {found:?}, expected a whole number from 0"))
        };
        let (from, to) = (number("start", start)?, number("end", end)?);
        let mention =
            offsets::to_bytes(self.text, from, to).map_err(|error| format!("start and end: found {error}"))?;
        if self.text[mention.clone()].trim().is_empty() {
            return Err(BLANK.to_owned());
        }
        Ok(Given { document, actor: self.actor.trim(), mention: Some(mention) })
    }

    fn answer(&self, judged: Result<Option<Judged>, String>) -> Answer<'t> {
        let not_found = if self.offsets.is_some() { BLANK } else { NOT_NAMED };
        let unanswered = |why: String| Answer { sentence: self.text, actor: self.actor, stance: Err(why) };
        let judged = match judged {
            Ok(judged) => judged.unwrap_or_default(),
            Err(why) => return unanswered(why),
        };
        // Of several mentions, the one that is least likely to be neutral speaks for the actor.
        let neutral = Label::Neutral.index();
        let least = |a: &&Judgement, b: &&Judgement| a.probabilities[neutral].total_cmp(&b.probabilities[neutral]);
        let Some(strongest) = judged.judgements.iter().min_by(least) else { return unanswered(not_found.to_owned()) };
        let sentence = &judged.sentences[strongest.sentence];
        let place = (strongest.sentence, sentence);
        let stance = Stance::new(self.text, place, &strongest.mention, strongest.probabilities, strongest.stage);
        Answer { sentence: &self.text[sentence.clone()], actor: self.actor, stance: Ok(stance) }
    }
}

impl Classifier {
    /// Answers questions, in parallel: exactly one answer each, in order.
    ///
    /// ```
    /// use toward::Label;
    /// use toward::model::{Classifier, Effort, Question};
    ///
    /// let classifier = Classifier::embedded(Effort::Fast)?;
    /// let text = "Xi accused NATO of aggression.";
    /// let ask = |actor| Question { text, whole: true, as_of: Ok(None), actor, offsets: None };
    /// let answers = classifier.ask(&[ask("NATO"), ask("Peru")])?;
    /// assert_eq!(answers[0].stance.as_ref().map(|stance| stance.label()), Ok(Label::Critical));
    /// assert_eq!(answers[1].stance, Err("the text does not name the actor".to_owned()));
    /// # Ok::<(), toward::model::ModelError>(())
    /// ```
    ///
    /// # Errors
    /// [`ModelError::Encoder`] if the encoder fails.
    pub fn ask<'t>(&self, questions: &[Question<'t>]) -> Result<Vec<Answer<'t>>, ModelError> {
        let found: Vec<Result<Given<'_>, String>> = questions.par_iter().map(Question::given).collect();
        let able: Vec<Given<'_>> = found.iter().filter_map(|given| given.as_ref().ok().cloned()).collect();
        let mut judged = self.judge_given(&able)?.into_iter();
        let judged: Vec<Result<Option<Judged>, String>> =
            found.into_iter().map(|found| found.map(|_| judged.next().flatten())).collect();
        Ok(questions.par_iter().zip(judged).map(|(question, judged)| question.answer(judged)).collect())
    }
}

/// The names of the output's columns, in order: `id` in front, then what each answer has, then `keep`.
///
/// `status` is there where questions were asked, `stage` where it is wanted, then `more`. A column of the input that has
/// one of our names keeps its cells under another: `input_` is put before it.
///
/// ```
/// use toward::data::Columns;
/// use toward::model::column_names;
///
/// let columns = Columns::new("a.csv", ["doc", "text", "label"].map(String::from).to_vec());
/// let names = column_names(&columns, Some(0), &[2], true, false, &[]);
/// assert_eq!(names[..2], ["doc", "row"]);
/// assert_eq!(names[12..], ["status", "input_label"]);
/// ```
pub fn column_names(
    columns: &Columns,
    id: Option<usize>,
    keep: &[usize],
    asked: bool,
    stages: bool,
    more: &[String],
) -> Vec<String> {
    let fixed = ["row", "sentence_index", "sentence", "actor", "mention", "start", "end", "label"];
    let mut names: Vec<String> = fixed.map(str::to_owned).to_vec();
    names.extend(Label::ALL.iter().map(|label| label.name().to_owned()));
    names.extend(asked.then(|| "status".to_owned()));
    names.extend(stages.then(|| "stage".to_owned()));
    names.extend_from_slice(more);
    let unused = |names: &[String], column: usize| {
        let mut name = columns.names()[column].clone();
        while names.contains(&name) {
            name.insert_str(0, "input_");
        }
        name
    };
    for &column in keep {
        names.push(unused(&names, column));
    }
    if let Some(id) = id {
        names.insert(0, unused(&names, id));
    }
    names
}

/// The types of the output's columns, in the order of [`column_names`]; the input's may have types of their own.
pub fn column_types(
    input: Option<&[ColumnType]>,
    id: Option<usize>,
    keep: &[usize],
    asked: bool,
    stages: bool,
    more: &[ColumnType],
) -> Vec<ColumnType> {
    use ColumnType::{Float32, Int32, Int64, Text};
    let of_input = |&column: &usize| input.and_then(|types| types.get(column)).cloned().unwrap_or_default();
    let mut types: Vec<ColumnType> = id.iter().map(of_input).collect();
    types.extend([Int64, Int32, Text, Text, Text, Int32, Int32, Text]);
    types.extend(Label::ALL.map(|_| Float32));
    types.extend(asked.then_some(Text));
    types.extend(stages.then_some(Text));
    types.extend_from_slice(more);
    types.extend(keep.iter().map(of_input));
    types
}
