//! Record batches in, labelled rows out: which columns hold what, and how answers become columns.
//!
//! The rows are those of `toward classify`: the same library function judges a block of records, and the same names
//! stand over the columns.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::{Float32Builder, Int32Builder, Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use arrow_select::take::take;
use rayon::prelude::*;
use toward::CLASSES;
use toward::actors::{Date, Level};
use toward::data::{Columns, DataError, Fault, Place, Problem};
use toward::model::{Answer, Classifier, DATES, Document, ModelError, Offset, Question, Stage, answers, column_names};

use crate::cells::{Texts, days, offsets};

/// The name of a table in messages.
pub const TABLE: &str = "the table";

/// A block is full at so many records or bytes, as on the command line. Neither changes the output.
const RECORDS: usize = 4096;
const BYTES: usize = 2 << 20;

/// What is asked for, by the names of columns.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub texts: Option<Vec<String>>,
    pub id: Option<String>,
    pub keep: Vec<String>,
    pub actor: Option<String>,
    pub offsets: Option<[String; 2]>,
    pub date: Option<String>,
    pub as_of: Option<Date>,
    pub whole: Option<bool>,
    pub level: Level,
    pub stages: bool,
}

/// Why a batch cannot be labelled.
#[derive(Debug)]
pub enum Failure {
    Data(DataError),
    Model(ModelError),
    Arrow(ArrowError),
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Failure {
        Failure::Data(error)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Data(problem.into())
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Failure {
        Failure::Model(error)
    }
}

impl From<ArrowError> for Failure {
    fn from(error: ArrowError) -> Failure {
        Failure::Arrow(error)
    }
}

impl From<Failure> for pyo3::PyErr {
    fn from(failure: Failure) -> pyo3::PyErr {
        match failure {
            Failure::Data(error) => crate::error::ours(error),
            Failure::Model(error) => crate::error::ours(error),
            Failure::Arrow(error) => crate::error::arrow(error),
        }
    }
}

/// A request, by the places of columns in tables of one schema.
pub struct Plan {
    texts: Vec<usize>,
    asked: Option<(usize, Option<[usize; 2]>)>,
    id: Option<usize>,
    keep: Vec<usize>,
    date: Option<usize>,
    as_of: Option<Date>,
    whole: bool,
    level: Level,
    stages: bool,
    input: Columns,
    output: SchemaRef,
}

impl Plan {
    /// What a request means for tables of this schema.
    pub fn new(request: &Request, schema: &Schema) -> Result<Plan, DataError> {
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let input = Columns::new(TABLE, names);
        let find = |name: &Option<String>| name.as_ref().map(|name| input.find(name)).transpose();
        let find_all = |names: &[String]| names.iter().map(|name| input.find(name)).collect::<Result<Vec<_>, _>>();
        let texts = match &request.texts {
            Some(names) => find_all(names)?,
            None => input.text_columns()?,
        };
        let asked = match &request.actor {
            Some(actor) => {
                let offsets = match &request.offsets {
                    Some([start, end]) => Some([input.find(start)?, input.find(end)?]),
                    None => None,
                };
                Some((input.find(actor)?, offsets))
            }
            None => None,
        };
        let id = find(&request.id)?;
        let keep: Vec<usize> = find_all(&request.keep)?.into_iter().filter(|&column| Some(column) != id).collect();
        let date = find(&request.date)?;
        let whole = request.whole.unwrap_or_else(|| input.are_sentences(&texts));
        let names = column_names(&input, id, &keep, asked.is_some(), request.stages, &[]);
        let output = output_schema(&names, schema, id, &keep, asked.is_some());
        let Request { as_of, level, stages, .. } = *request;
        Ok(Plan { texts, asked, id, keep, date, as_of, whole, level, stages, input, output: Arc::new(output) })
    }

    /// The schema of the rows.
    pub fn output(&self) -> &SchemaRef {
        &self.output
    }

    /// Cuts a batch into blocks that are small enough to be labelled at once: offsets and lengths.
    pub fn blocks(&self, batch: &RecordBatch) -> Result<Vec<(usize, usize)>, DataError> {
        let columns: Vec<Texts<'_>> =
            self.texts.iter().map(|&column| self.texts_of(batch, column)).collect::<Result<_, _>>()?;
        let (mut blocks, mut start, mut bytes) = (Vec::new(), 0, 0);
        for row in 0..batch.num_rows() {
            bytes += columns.iter().map(|column| column.get(row).map_or(0, str::len)).sum::<usize>();
            let records = row + 1 - start;
            if records == RECORDS || bytes >= BYTES || row + 1 == batch.num_rows() {
                blocks.push((start, records));
                (start, bytes) = (row + 1, 0);
            }
        }
        Ok(blocks)
    }

    /// Labels a block; `first` is the number of its first record, from 1.
    pub fn label(&self, classifier: &Classifier, batch: &RecordBatch, first: u64) -> Result<RecordBatch, Failure> {
        let texts = self.all_texts(batch)?;
        let dates = self.dates(batch)?;
        let as_of = |at: usize| dates.as_ref().map_or(Ok(self.as_of), |dates| dates[at].clone());
        let mut rows = Builder::new(batch.num_rows(), self.asked.is_some(), self.stages, first);
        match &self.asked {
            None => {
                let document = |at: usize| {
                    let as_of = as_of(at).map_err(|found| self.wrong_date(first + at as u64, &found))?;
                    Ok::<_, Problem>(Document { text: &texts[at], whole: self.whole, as_of })
                };
                let documents: Vec<Document<'_>> = (0..batch.num_rows()).map(document).collect::<Result<_, _>>()?;
                let judged = classifier.judge(&documents)?;
                let of = |at: usize| {
                    answers(&texts[at], &judged[at], classifier.catalogue(), self.level).collect::<Vec<_>>()
                };
                let all: Vec<Vec<Answer<'_>>> = (0..batch.num_rows()).into_par_iter().map(of).collect();
                for (at, answers) in all.iter().enumerate() {
                    for answer in answers {
                        rows.add(at, answer);
                    }
                }
            }
            Some((actor, places)) => {
                let actors = self.texts_of(batch, *actor)?;
                let starts = places.map(|[start, _]| self.offsets_of(batch, start)).transpose()?;
                let ends = places.map(|[_, end]| self.offsets_of(batch, end)).transpose()?;
                let question = |at: usize| {
                    let offsets = starts.as_ref().zip(ends.as_ref());
                    Question {
                        text: &texts[at],
                        whole: self.whole,
                        as_of: as_of(at),
                        actor: actors.get(at).unwrap_or_default(),
                        offsets: offsets.map(|(starts, ends)| [starts[at].clone(), ends[at].clone()]),
                    }
                };
                let questions: Vec<Question<'_>> = (0..batch.num_rows()).map(question).collect();
                let answers = classifier.ask(&questions)?;
                answers.iter().enumerate().for_each(|(at, answer)| rows.add(at, answer));
            }
        }
        let (mut columns, records) = rows.finish();
        for &column in &self.keep {
            columns.push(take(batch.column(column), &records, None)?);
        }
        if let Some(id) = self.id {
            columns.insert(0, take(batch.column(id), &records, None)?);
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.output), columns)?)
    }

    /// The text of each record: its text columns, one paragraph each. A null is an empty text.
    fn all_texts<'b>(&self, batch: &'b RecordBatch) -> Result<Vec<Cow<'b, str>>, DataError> {
        let columns: Vec<Texts<'b>> =
            self.texts.iter().map(|&column| self.texts_of(batch, column)).collect::<Result<_, _>>()?;
        let text = |row: usize| match columns.as_slice() {
            [one] => Cow::Borrowed(one.get(row).unwrap_or_default()),
            several => {
                let cells: Vec<&str> = several.iter().map(|column| column.get(row).unwrap_or_default()).collect();
                Cow::Owned(cells.join("\n\n"))
            }
        };
        Ok((0..batch.num_rows()).map(text).collect())
    }

    fn texts_of<'b>(&self, batch: &'b RecordBatch, column: usize) -> Result<Texts<'b>, DataError> {
        let array = batch.column(column).as_ref();
        Texts::of(array).ok_or_else(|| self.wrong_type(column, array, "text"))
    }

    fn offsets_of<'b>(&self, batch: &'b RecordBatch, column: usize) -> Result<Vec<Offset<'b>>, DataError> {
        let array = batch.column(column).as_ref();
        offsets(array).ok_or_else(|| self.wrong_type(column, array, "whole numbers"))
    }

    fn dates(&self, batch: &RecordBatch) -> Result<Option<Vec<Result<Option<Date>, String>>>, DataError> {
        let Some(column) = self.date else { return Ok(None) };
        let array = batch.column(column).as_ref();
        days(array).map(Some).ok_or_else(|| self.wrong_type(column, array, "dates, timestamps or text"))
    }

    fn wrong_type(&self, column: usize, array: &dyn Array, expected: &str) -> DataError {
        let place = Place { file: TABLE.to_owned(), ..Place::default() };
        let found = format!("values of type {}", array.data_type());
        Problem::new(place, Fault::Column, found, expected).column(self.input.names()[column].clone()).into()
    }

    fn wrong_date(&self, record: u64, found: &str) -> Problem {
        let place = Place { file: TABLE.to_owned(), record: Some(record), ..Place::default() };
        let column = self.date.map_or_else(String::new, |column| self.input.names()[column].clone());
        Problem::new(place, Fault::Value, format!("{found:?}"), DATES).column(column)
    }
}

fn output_schema(names: &[String], input: &Schema, id: Option<usize>, keep: &[usize], asked: bool) -> Schema {
    let mut names = names.iter();
    // There is a name for every column, since both come from the same places.
    let mut name = || names.next().cloned().unwrap_or_default();
    let kept = |name: String, column: usize| input.field(column).clone().with_name(name);
    let mut fields: Vec<Field> = Vec::new();
    fields.extend(id.map(|id| kept(name(), id)));
    let own = [
        (DataType::Int64, false),
        (DataType::Int32, asked),
        (DataType::Utf8, false),
        (DataType::Utf8, false),
        (DataType::Utf8, asked),
        (DataType::Int32, asked),
        (DataType::Int32, asked),
        (DataType::Utf8, asked),
    ];
    fields.extend(own.map(|(data_type, nullable)| Field::new(name(), data_type, nullable)));
    fields.extend((0..CLASSES).map(|_| Field::new(name(), DataType::Float32, asked)));
    let more = names.len() - keep.len();
    fields.extend((0..more).map(|_| Field::new(names.next().cloned().unwrap_or_default(), DataType::Utf8, asked)));
    fields.extend(keep.iter().map(|&column| kept(names.next().cloned().unwrap_or_default(), column)));
    Schema::new(fields)
}

/// Rows under construction, column by column.
struct Builder {
    first: u64,
    records: Vec<u32>,
    row: Int64Builder,
    sentence_index: Int32Builder,
    sentence: StringBuilder,
    actor: StringBuilder,
    mention: StringBuilder,
    start: Int32Builder,
    end: Int32Builder,
    label: StringBuilder,
    probabilities: [Float32Builder; CLASSES],
    status: Option<StringBuilder>,
    stage: Option<StringBuilder>,
}

impl Builder {
    fn new(records: usize, asked: bool, stages: bool, first: u64) -> Builder {
        Builder {
            first,
            records: Vec::with_capacity(records),
            row: Int64Builder::new(),
            sentence_index: Int32Builder::new(),
            sentence: StringBuilder::new(),
            actor: StringBuilder::new(),
            mention: StringBuilder::new(),
            start: Int32Builder::new(),
            end: Int32Builder::new(),
            label: StringBuilder::new(),
            probabilities: std::array::from_fn(|_| Float32Builder::new()),
            status: asked.then(StringBuilder::new),
            stage: stages.then(StringBuilder::new),
        }
    }

    /// Adds an answer about a record of the block.
    fn add(&mut self, record: usize, answer: &Answer<'_>) {
        let stance = answer.stance.as_ref().ok();
        self.records.push(record as u32);
        self.row.append_value((self.first + record as u64) as i64);
        self.sentence_index.append_option(stance.map(|stance| stance.sentence_index as i32));
        self.sentence.append_value(answer.sentence);
        self.actor.append_value(answer.actor);
        self.mention.append_option(stance.map(|stance| stance.mention));
        self.start.append_option(stance.map(|stance| stance.start as i32));
        self.end.append_option(stance.map(|stance| stance.end as i32));
        self.label.append_option(stance.map(|stance| stance.label().name()));
        for (class, column) in self.probabilities.iter_mut().enumerate() {
            column.append_option(stance.map(|stance| stance.probabilities[class]));
        }
        if let Some(status) = &mut self.status {
            status.append_value(answer.stance.as_ref().err().map_or("ok", String::as_str));
        }
        if let Some(stage) = &mut self.stage {
            stage.append_option(stance.map(|stance| Stage::name(stance.stage)));
        }
    }

    /// The columns, and the record of each row.
    fn finish(mut self) -> (Vec<ArrayRef>, UInt32Array) {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.row.finish()),
            Arc::new(self.sentence_index.finish()),
            Arc::new(self.sentence.finish()),
            Arc::new(self.actor.finish()),
            Arc::new(self.mention.finish()),
            Arc::new(self.start.finish()),
            Arc::new(self.end.finish()),
            Arc::new(self.label.finish()),
        ];
        columns.extend(self.probabilities.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.extend(self.status.as_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.extend(self.stage.as_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        (columns, UInt32Array::from(self.records))
    }
}
