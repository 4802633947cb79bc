//! `train`: labelled data in, a model file out, as `toward train` does.

use std::path::PathBuf;

use pyo3::prelude::*;
use serde::Serialize;
use toward::actors::Finder;
use toward::data::{Labelled, Output};
use toward::evaluation::{Bootstrap, Clusters, Report};
use toward::model::{Instance, Instances, Model, TrainingSet, adapt};
use toward::{CLASSES, Label, calendar};

use crate::classifier::{catalogue, model, paths};
use crate::{error, json, labelled};

/// What `train` says at its end.
#[derive(Serialize)]
struct Trained {
    output: String,
    mentions: usize,
    groups: usize,
    features: usize,
    alpha: f64,
    /// Cross-validated, the linear model on words.
    fast: Report,
    /// Cross-validated, the encoder's.
    #[serde(skip_serializing_if = "Option::is_none")]
    full: Option<Report>,
    warnings: Vec<String>,
}

/// Adapts a model to labelled data and writes it to `output`. Returns a report: what was learned from, and how good
/// the model is on documents that it has not seen (cross-validation).
///
/// `data` is a path, a table (pandas, polars, Arrow) or a list of such, with the columns `sentence`, `actor`, `label`
/// and optionally `start`, `end`, `weight` and `group`. `base` is `"default"`, `"none"` or the path of a model;
/// `alpha` says how strongly to hold on to it (chosen by cross-validation if not given). The same labels give the
/// same file as `toward train`.
#[pyfunction]
#[pyo3(signature = (data, output, *, base = "default", alpha = None, group = None, actors = None))]
pub fn train<'py>(
    py: Python<'py>,
    data: &Bound<'py, PyAny>,
    output: PathBuf,
    base: &str,
    alpha: Option<f64>,
    group: Option<&str>,
    actors: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let all = labelled::read(py, data, group)?;
    let actors = paths("actors", actors)?;
    let base = match base {
        "none" => None,
        "default" => Some(Model::embedded().map_err(error::ours)?),
        file => Some(model(py, file)?),
    };
    let report = py.detach(|| fit(&all, output, base.as_ref(), alpha, &actors))?;
    json::to_python(py, &report)
}

fn fit(
    all: &[Labelled],
    path: PathBuf,
    base: Option<&Model>,
    alpha: Option<f64>,
    actors: &[crate::classifier::Given],
) -> PyResult<Trained> {
    let output = Output::create(&path, &[]).map_err(error::ours)?;
    let catalogue = catalogue(actors)?;
    let finder = Finder::new(&catalogue);
    let (mut instances, mut sets, mut warnings) = (Vec::<Instance>::new(), Vec::new(), Vec::new());
    for labelled in all {
        let found = Instances::of_labelled(&labelled.file, &labelled.examples, &catalogue, &finder).complete();
        instances.extend(found.map_err(error::ours)?.instances);
        sets.push(TrainingSet::of_user(labelled));
        warnings.extend(labelled.warnings.iter().map(|warning| warning.message.clone()));
    }
    let name = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let adapted = adapt(&name, &calendar::today(), &instances, sets, base, alpha).map_err(error::ours)?;
    let truth: Vec<Label> = instances.iter().map(Instance::label).collect();
    let clusters = Clusters::by_key(instances.iter().map(|instance| instance.group.as_str()));
    let judge = |probabilities: &[[f32; CLASSES]]| {
        Report::of_probabilities(&truth, probabilities, Some(&clusters), Bootstrap::default()).map_err(error::ours)
    };
    let report = Trained {
        output: path.display().to_string(),
        mentions: instances.len(),
        groups: clusters.len(),
        features: adapted.model.sparse.hashes.len(),
        alpha: adapted.alpha,
        fast: judge(&adapted.held_out)?,
        full: adapted.held_out_dense.as_ref().map(|held_out| judge(held_out)).transpose()?,
        warnings,
    };
    let mut output = output;
    output.write_block(&adapted.model.to_bytes().map_err(error::ours)?).map_err(error::ours)?;
    output.finish().map_err(error::ours)?;
    Ok(report)
}
