//! The class `Classifier`: lists, frames and tables in, labelled rows out.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::builder::LargeStringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::{DataType, Schema, SchemaRef};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyFloat, PyList, PyString, PyTuple};
use serde::Serialize;
use toward::Label;
use toward::actors::{Catalogue, Date, Level};
use toward::evaluation::{Bootstrap, Clusters, Report};
use toward::model::{self, Effort, Instance, Instances, Model, Options, Stage};
use toward::report::Explained;

use crate::capsule::Source;
use crate::classify::{Plan, Request};
use crate::error::{self, argument};
use crate::rows::Rows;
use crate::threads::Threads;
use crate::{json, labelled};

/// A file that was given: by its path, or as what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    Path(PathBuf),
    Bytes(Vec<u8>),
}

impl Given {
    fn of(name: &str, object: &Bound<'_, PyAny>) -> PyResult<Given> {
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Ok(Given::Bytes(bytes.as_bytes().to_vec()));
        }
        object.extract().map(Given::Path).map_err(|_| {
            let found = object.get_type().name().map_or_else(|_| "something else".to_owned(), |name| name.to_string());
            PyTypeError::new_err(format!("{name}: found {found}, expected a path or bytes"))
        })
    }

    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Given::Path(path) => Ok(path.as_os_str().into_pyobject(py)?.into_any()),
            Given::Bytes(bytes) => Ok(PyBytes::new(py, bytes).into_any()),
        }
    }
}

/// One file, or a list of files.
pub fn paths(name: &str, files: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<Given>> {
    let Some(files) = files else { return Ok(Vec::new()) };
    if files.is_instance_of::<PyList>() || files.is_instance_of::<PyTuple>() {
        return files.try_iter()?.map(|file| Given::of(name, &file?)).collect();
    }
    Ok(vec![Given::of(name, files)?])
}

/// The default catalogue with those files on top.
pub fn catalogue(files: &[Given]) -> PyResult<Catalogue> {
    let mut catalogue = Catalogue::embedded();
    for file in files {
        match file {
            Given::Path(path) => {
                let name = path.display().to_string();
                let cannot = |error| error::ours(format!("{name}: cannot be read: {error}"));
                catalogue.extend_from(std::fs::File::open(path).map_err(cannot)?, &name).map_err(error::ours)?;
            }
            Given::Bytes(bytes) => catalogue.extend_from(bytes.as_slice(), "actors").map_err(error::ours)?,
        }
    }
    Ok(catalogue)
}

/// A model from its file.
pub fn model(py: Python<'_>, file: impl AsRef<std::path::Path> + Send) -> PyResult<Model> {
    py.detach(|| Model::open(file)).map_err(error::ours)
}

/// A model with a catalogue of actors, ready to label. Make one with `Classifier.load()`.
///
/// It may be used by several threads at once, survives a fork, and can be pickled.
#[pyclass(frozen, module = "toward")]
pub struct Classifier {
    classifier: model::Classifier,
    model: Model,
    threads: Threads,
    /// How it was loaded.
    from: Loaded,
}

/// The model, the actors' files, how to work, on how many threads.
type Loaded = (Option<Given>, Vec<Given>, Options, Option<usize>);

#[pymethods]
impl Classifier {
    /// Loads a model and a catalogue.
    ///
    /// `model` is a file written by `toward train` or its bytes; the default model is inside the package. `actors` are
    /// CSV files (or their bytes) that add to the catalogue or override it. `effort` is `"fast"`, `"balanced"` (the
    /// default, where there is an encoder) or `"full"`. `blind` hides from the encoder who is named, so that a label cannot
    /// depend on it. `threads` is one a core if it is not given.
    ///
    /// >>> import toward
    /// >>> toward.Classifier.load(effort="fast")
    /// <toward.Classifier: model default, effort fast>
    #[staticmethod]
    #[pyo3(signature = (model = None, *, actors = None, effort = None, blind = false, threads = None))]
    fn load(
        py: Python<'_>,
        model: Option<&Bound<'_, PyAny>>,
        actors: Option<&Bound<'_, PyAny>>,
        effort: Option<&str>,
        blind: bool,
        threads: Option<usize>,
    ) -> PyResult<Classifier> {
        let model = model.map(|model| Given::of("model", model)).transpose()?;
        let actors = paths("actors", actors)?;
        let effort = effort
            .map(|effort| effort.parse::<Effort>().map_err(|wrong| error::ours(format!("effort: {wrong}"))))
            .transpose()?;
        if threads == Some(0) {
            return Err(argument("threads", "0", "at least 1"));
        }
        py.detach(|| Classifier::from_parts((model, actors, Options { effort, blind }, threads)))
    }

    /// `"fast"`, `"balanced"` or `"full"`.
    #[getter]
    fn effort(&self) -> &'static str {
        self.classifier.effort().name()
    }

    /// Whether the encoder is not shown who is named.
    #[getter]
    fn blind(&self) -> bool {
        self.classifier.blind()
    }

    /// What the model says of itself: name, date, training sets, scores, checksum.
    #[getter]
    fn provenance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::to_python(py, &self.model.provenance)
    }

    fn __repr__(&self) -> String {
        format!("<toward.Classifier: model {}, effort {}>", self.model.provenance.name, self.effort())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let py = slf.py();
        let (model, actors, options, threads) = &slf.get().from;
        let model = model.as_ref().map(|model| model.to_python(py)).transpose()?;
        let actors = actors.iter().map(|file| file.to_python(py)).collect::<PyResult<Vec<_>>>()?;
        let load = py.import("toward")?.getattr("_load")?;
        (load, (model, actors, options.effort.map(Effort::name), options.blind, *threads)).into_pyobject(py)
    }

    /// Labels texts: one row a (sentence, actor), or, where actors are given, one row a text.
    ///
    /// `data` is a text, a list of texts (`None` is an empty one), or a table: a pandas or polars frame, an Arrow table
    /// or record batch, or anything else with the Arrow PyCapsule interface; a series is taken as a list. Tables are
    /// read without copies, and Python's lock is released meanwhile.
    ///
    /// In a table, `text` names the column of the texts, or several that are joined (by default those of the usual
    /// names), `id` a column to stand in front, `keep` columns to copy, `date` the column with the day of writing, and
    /// `actor`, `start`, `end` the columns that say about whom each row asks. For a list, `actor`, `start`, `end` and
    /// `date` are lists of the same length. `start` and `end` count characters, as Python does. `whole` says that each
    /// text is one sentence (by default if the column is called `sentence`), `level` is `"actor"`, `"mention"` or
    /// `"country"`, `as_of` a day of writing for all, and `stages` adds a column that tells which model answered.
    ///
    /// >>> import toward
    /// >>> classifier = toward.Classifier.load(effort="fast")
    /// >>> rows = classifier.classify(["It rained. Xi accused NATO of aggression.", "Nothing new."])
    /// >>> [(row["row"], row["sentence_index"], row["actor"], row["start"], row["end"]) for row in rows]
    /// [(1, 1, 'Xi Jinping', 0, 2), (1, 1, 'NATO', 11, 15)]
    /// >>> asked = classifier.classify(["Xi accused NATO."] * 2, actor=["NATO", "Peru"])
    /// >>> asked["status"]
    /// ['ok', 'the text does not name the actor']
    #[pyo3(signature = (
        data, text = None, *, id = None, keep = None, whole = None, actor = None, start = None, end = None,
        level = "actor", date = None, as_of = None, stages = false
    ))]
    fn classify<'py>(
        &self,
        py: Python<'py>,
        data: &Bound<'py, PyAny>,
        text: Option<&Bound<'py, PyAny>>,
        id: Option<String>,
        keep: Option<&Bound<'py, PyAny>>,
        whole: Option<bool>,
        actor: Option<&Bound<'py, PyAny>>,
        start: Option<&Bound<'py, PyAny>>,
        end: Option<&Bound<'py, PyAny>>,
        level: &str,
        date: Option<&Bound<'py, PyAny>>,
        as_of: Option<&Bound<'py, PyAny>>,
        stages: bool,
    ) -> PyResult<Rows> {
        if start.is_some() != end.is_some() {
            return Err(argument("start and end", "one of them", "both or none"));
        }
        if start.is_some() && actor.is_none() {
            return Err(argument("start and end", "no actor", "actor too"));
        }
        if date.is_some() && as_of.is_some() {
            return Err(argument("date and as_of", "both", "one of them"));
        }
        let as_of = as_of.map(|day| day.str()?.to_str()?.parse::<Date>().map_err(error::ours)).transpose()?;
        let level = level.parse::<Level>().map_err(error::ours)?;
        let mut request = Request { as_of, whole, level, stages, ..Request::default() };
        match Source::of(data)? {
            Some(source) if matches!(source.field().data_type(), DataType::Struct(_)) => {
                request.texts = text.map(|text| names("text", text)).transpose()?;
                request.id = id;
                request.keep = keep.map(|keep| names("keep", keep)).transpose()?.unwrap_or_default();
                request.actor = actor.map(|column| name("actor", column)).transpose()?;
                request.date = date.map(|column| name("date", column)).transpose()?;
                request.offsets = match (start, end) {
                    (Some(start), Some(end)) => Some([name("start", start)?, name("end", end)?]),
                    _ => None,
                };
                if request.offsets.is_some() && request.texts.as_ref().is_some_and(|texts| texts.len() > 1) {
                    return Err(argument("text", "several columns", "one where start is given"));
                }
                self.table(py, source, &request)
            }
            source => {
                if text.is_some() || id.is_some() || keep.is_some() {
                    return Err(argument(
                        "text, id and keep",
                        "a list of texts",
                        "a table for them to name columns of",
                    ));
                }
                let mut columns = vec![("text", column("data", data, source)?)];
                for (name, list) in [("actor", actor), ("start", start), ("end", end), ("date", date)] {
                    if let Some(list) = list {
                        columns.push((name, column(name, list, Source::of(list)?)?));
                    }
                }
                let length = columns[0].1.len();
                if let Some((name, list)) = columns.iter().find(|(_, list)| list.len() != length) {
                    return Err(argument(name, format!("{} values", list.len()), &format!("{length}, one a text")));
                }
                let own = |name: &str| Some(name.to_owned());
                request.texts = Some(vec!["text".to_owned()]);
                request.actor = actor.and_then(|_| own("actor"));
                request.date = date.and_then(|_| own("date"));
                request.offsets = start.map(|_| ["start".to_owned(), "end".to_owned()]);
                request.whole = Some(whole.unwrap_or(false));
                let batch = RecordBatch::try_from_iter(columns).map_err(error::arrow)?;
                self.batches(py, &request, &batch.schema(), std::iter::once(Ok(batch)))
            }
        }
    }

    /// Explains the label of every mention of an actor in a text, or of all actors: words with what they contribute to the
    /// score of each label, and what would change the label. `method` is `sum` where the linear model on named features
    /// answered, whose contributions add up exactly, and `occlusion` where the encoder did.
    ///
    /// >>> import toward
    /// >>> classifier = toward.Classifier.load(effort="fast")
    /// >>> [nato] = classifier.explain("Xi accused NATO of aggression.", actor="NATO")
    /// >>> nato["label"], [word["text"] for word in nato["words"]]
    /// ('critical', ['Xi', 'accused', 'NATO', 'of', 'aggression', '.'])
    #[pyo3(signature = (text, actor = None))]
    fn explain<'py>(&self, py: Python<'py>, text: &str, actor: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        let explain = || Explained::all(&self.classifier, self.classifier.explain(text, actor)?);
        let explained = py.detach(explain).map_err(error::ours)?;
        match actor {
            Some(actor) if explained.is_empty() => Err(error::ours(format!("the sentence does not name {actor:?}"))),
            _ => json::to_python(py, &explained),
        }
    }

    /// Scores the model on labelled data: a path, a table, or a list of such, as `train` takes them.
    ///
    /// Returns what `toward evaluate --json` prints of the effort at work: `macro_f1` with its interval `ci95`,
    /// `accuracy`, scores by label, the confusion matrix, calibration, the share of each stage, and how many rows were
    /// left out because their sentence does not name the actor.
    #[pyo3(signature = (data, *, group = None))]
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        data: &Bound<'py, PyAny>,
        group: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let all = labelled::read(py, data, group)?;
        let evaluation = self.threads.run(py, || {
            let (mut instances, mut not_found) = (Vec::<Instance>::new(), 0);
            for labelled in &all {
                let (catalogue, finder) = (self.classifier.catalogue(), self.classifier.finder());
                let found = Instances::of_labelled(&labelled.file, &labelled.examples, catalogue, finder);
                instances.extend(found.instances);
                not_found += found.not_found.len();
            }
            if instances.is_empty() {
                return Err(error::ours(
                    "no sentence names its actor; give start and end, or add the names with actors",
                ));
            }
            let answers = self.classifier.judge_instances(&instances).map_err(error::ours)?;
            let truth: Vec<Label> = instances.iter().map(Instance::label).collect();
            let probabilities: Vec<_> = answers.iter().map(|(probabilities, _)| *probabilities).collect();
            let clusters = Clusters::by_key(instances.iter().map(|instance| instance.group.as_str()));
            let report = Report::of_probabilities(&truth, &probabilities, Some(&clusters), Bootstrap::default());
            let share = |stage: Stage| {
                let count = answers.iter().filter(|(_, by)| *by == stage).count();
                (stage.name(), count as f64 / answers.len() as f64)
            };
            Ok(Evaluation {
                report: report.map_err(error::ours)?,
                effort: self.effort(),
                blind: self.blind(),
                stages: Stage::ALL.map(share).into_iter().collect(),
                not_found,
            })
        })??;
        json::to_python(py, &evaluation)
    }
}

#[derive(Serialize)]
struct Evaluation {
    #[serde(flatten)]
    report: Report,
    effort: &'static str,
    blind: bool,
    /// The share of each stage in the answers.
    stages: BTreeMap<&'static str, f64>,
    not_found: usize,
}

impl Classifier {
    fn from_parts(from: Loaded) -> PyResult<Classifier> {
        let (model, actors, options, threads) = &from;
        let model = match model {
            None => Model::embedded(),
            Some(Given::Path(path)) => Model::open(path),
            Some(Given::Bytes(bytes)) => Model::from_bytes(bytes),
        };
        let model = model.map_err(error::ours)?;
        let classifier = model::Classifier::new(&model, catalogue(actors)?, *options).map_err(error::ours)?;
        Ok(Classifier { classifier, model, threads: Threads::new(*threads), from })
    }

    fn table(&self, py: Python<'_>, source: Source, request: &Request) -> PyResult<Rows> {
        let DataType::Struct(fields) = source.field().data_type() else {
            return Err(argument("data", "values", "a table"));
        };
        let schema: SchemaRef = Arc::new(Schema::new(fields.clone()));
        let batches = source.map(|array| {
            let array = array?;
            let columns: &StructArray = array.as_struct();
            if columns.null_count() > 0 {
                let message = "data: found a record that is null as a whole, expected a table".to_owned();
                return Err(arrow_schema::ArrowError::InvalidArgumentError(message));
            }
            Ok(RecordBatch::from(columns))
        });
        self.batches(py, request, &schema, batches)
    }

    fn batches(
        &self,
        py: Python<'_>,
        request: &Request,
        schema: &Schema,
        mut batches: impl Iterator<Item = Result<RecordBatch, arrow_schema::ArrowError>> + Send,
    ) -> PyResult<Rows> {
        let plan = Plan::new(request, schema).map_err(error::ours)?;
        let (mut labelled, mut first) = (Vec::new(), 1);
        while let Some(batch) = py.detach(|| batches.next()) {
            let batch = batch.map_err(error::arrow)?;
            for (start, length) in plan.blocks(&batch).map_err(error::ours)? {
                let block = batch.slice(start, length);
                labelled.push(self.threads.run(py, || plan.label(&self.classifier, &block, first))??);
                first += length as u64;
                // Between blocks a person may press Ctrl+C.
                py.check_signals()?;
            }
        }
        Ok(Rows::new(Arc::clone(plan.output()), labelled))
    }
}

/// A column's name.
fn name(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<String> {
    object.extract().map_err(|_| {
        let found = object.get_type().name().map_or_else(|_| "something else".to_owned(), |name| name.to_string());
        PyTypeError::new_err(format!("{argument}: found {found}, expected a column's name"))
    })
}

/// One name, or a list of names.
fn names(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    if object.is_instance_of::<PyString>() {
        return Ok(vec![name(argument, object)?]);
    }
    let names = object.try_iter().map_err(|_| name(argument, object).err().unwrap_or_else(|| error::ours(argument)))?;
    names.map(|object| name(argument, &object?)).collect()
}

/// A list or a series as one Arrow column.
fn column(name: &str, list: &Bound<'_, PyAny>, source: Option<Source>) -> PyResult<ArrayRef> {
    if let Some(source) = source {
        if matches!(source.field().data_type(), DataType::Struct(_)) {
            return Err(argument(name, "a table", "a list of values"));
        }
        let empty = arrow_array::new_empty_array(source.field().data_type());
        let arrays = list.py().detach(|| source.collect::<Result<Vec<_>, _>>()).map_err(error::arrow)?;
        let parts: Vec<&dyn Array> = std::iter::once(&empty).chain(&arrays).map(AsRef::as_ref).collect();
        return arrow_select::concat::concat(&parts).map_err(error::arrow);
    }
    let mut texts = LargeStringBuilder::new();
    if list.is_instance_of::<PyString>() {
        texts.append_value(list.cast::<PyString>()?.to_str()?);
        return Ok(Arc::new(texts.finish()));
    }
    let wrong = |found: &Bound<'_, PyAny>, place: &str, expected: &str| {
        let found = found.get_type().name().map_or_else(|_| "something else".to_owned(), |name| name.to_string());
        PyTypeError::new_err(format!("{name}: {place}found {found}, expected {expected}"))
    };
    let items = match list.try_iter() {
        Ok(items) if !list.is_instance_of::<PyBytes>() => items,
        _ => return Err(wrong(list, "", "a list of texts, or a table")),
    };
    let is_text = matches!(name, "data" | "actor");
    for (at, item) in items.enumerate() {
        let item = item?;
        if let Ok(text) = item.cast::<PyString>() {
            texts.append_value(text.to_str()?);
        } else if item.is_none() || item.cast::<PyFloat>().is_ok_and(|number| number.value().is_nan()) {
            texts.append_null();
        } else if is_text {
            return Err(wrong(&item, &format!("record {}: ", at + 1), "a text or None"));
        } else {
            // Numbers and dates are read from what they print.
            texts.append_value(item.str()?.to_str()?);
        }
    }
    Ok(Arc::new(texts.finish()))
}
