//! From a recipe, or from a user's labels, to a whole model.
//!
//! The sparse part learns from all sets of a recipe. The dense part of its model are the heads that the encoder was fine-tuned
//! with, for which those sets have been used already; their temperatures and the cascade's thresholds can only be set on
//! data that neither part has seen: the recipe's development sets. A user's labels adapt both parts.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::cascade::{CascadeParams, Held, Thresholds, choose};
use super::dense::Head;
use super::instances::{Instance, Instances};
use super::provenance::{FORMAT, HASH, Provenance, Score, TrainingSet};
use super::recipe::{Recipe, RecipeError, SetFormat, SetRecipe};
use super::silver::read_silver;
use super::sparse::Sparse;
use super::training::{Labels, SparseParams, TrainingError, adapt_sparse, train};
use super::{Classifier, Effort, Model, ModelError, checksum, dense};
use crate::actors::{Catalogue, Finder};
use crate::data::{self, DataError, LabelledOptions, read_corpus, read_labelled};
use crate::evaluation::{Bootstrap, Clusters, EvaluationError, Report};
use crate::features::Lexicon;
use crate::{CLASSES, Label};

/// Why a model cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The recipe or its files are at fault.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A data file is at fault.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Training failed.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// The model cannot be put together.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The scores cannot be computed.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
}

struct Set {
    instances: Vec<Instance>,
    /// How many rows name an actor who is not in their sentence.
    not_found: usize,
    gold: bool,
    provenance: TrainingSet,
}

/// Builds the model that a located recipe describes; `say` takes a line for each step.
///
/// # Errors
/// [`BuildError`] that names the file at fault, or what the labels lack.
pub fn build(recipe: &Recipe, catalogue: &Catalogue, finder: &Finder, say: &dyn Fn(&str)) -> Result<Model, BuildError> {
    let mut sets = Vec::new();
    for set in &recipe.sets {
        let set = read_set(set, catalogue, finder)?;
        say(&format!("{}: {} mentions{}", set.provenance.name, set.instances.len(), left_out(set.not_found)));
        sets.push(set);
    }
    let views: Vec<(&[Instance], bool)> = sets.iter().map(|set| (set.instances.as_slice(), set.gold)).collect();
    let trained = train(&views, &recipe.sparse)?;
    let fitted = &trained.fitted;
    say(&format!(
        "sparse: {} of {} features, {} iterations, loss {:.1}, gradient {:.1e}{}, temperature {:.3}",
        trained.sparse.hashes.len(),
        trained.considered,
        fitted.iterations,
        fitted.loss,
        fitted.gradient_norm,
        if fitted.converged { "" } else { " (not converged)" },
        trained.sparse.softmax.temperature()
    ));
    let mut dev = Vec::new();
    for set in &recipe.dev {
        let set = read_set(set, catalogue, finder)?;
        if set.not_found > 0 {
            say(&format!("{}{}", set.provenance.name, left_out(set.not_found)));
        }
        dev.push((set.provenance.name, set.instances));
    }
    let held: Vec<&[Instance]> = dev.iter().map(|(_, instances)| instances.as_slice()).collect();
    let (dense, held_out): (Vec<Head>, Vec<_>) =
        dense::own(&held)?.into_iter().map(|held_out| (held_out.head, held_out.probabilities)).unzip();
    for Head { depth, softmax } in &dense {
        let numbers = softmax.nfeatures();
        say(&format!("dense, {depth} layers: {numbers} numbers, temperature {:.3}", softmax.temperature()));
    }
    let mut provenance = provenance(&recipe.name, &recipe.date, &trained.sparse, recipe.sparse.clone())?;
    provenance.training = sets.into_iter().map(|set| set.provenance).collect();
    provenance.encoder = dense::encoder_checksum().filter(|_| !dense.is_empty());
    let mut model = Model { sparse: trained.sparse, dense, provenance };
    score(&mut model, &dev, &held_out, catalogue, recipe.cascade, say)?;
    Ok(model)
}

/// Chooses the cascade's thresholds and records how every effort scores on the development sets; `by_depth` has what each
/// dense head says of all their mentions, one set after the other.
fn score(
    model: &mut Model,
    dev: &[(String, Vec<Instance>)],
    by_depth: &[Vec<[f32; CLASSES]>],
    catalogue: &Catalogue,
    params: CascadeParams,
    say: &dyn Fn(&str),
) -> Result<(), BuildError> {
    let classifier = Classifier::new(model, catalogue.clone(), Effort::Fast)?;
    let mut fast: Vec<Vec<[f32; CLASSES]>> = Vec::new();
    for (_, instances) in dev {
        let judged = classifier.judge_instances(instances)?;
        fast.push(judged.into_iter().map(|(probabilities, _)| probabilities).collect());
    }
    let mut by_effort = vec![(Effort::Fast, fast)];
    if let Some(full) = by_depth.last().filter(|_| !dev.is_empty()) {
        // Where each set begins and ends among all mentions.
        let ends = dev.iter().scan(0, |end, (_, instances)| {
            *end += instances.len();
            Some(*end - instances.len()..*end)
        });
        let sets: Vec<Range<usize>> = ends.collect();
        let layers: Vec<usize> = model.dense.iter().map(|head| head.depth).collect();
        let held: Vec<Held<'_>> = (0..dev.len())
            .map(|set| Held {
                truth: dev[set].1.iter().map(Instance::label).collect(),
                sparse: &by_effort[0].1[set],
                depths: layers.iter().copied().zip(by_depth.iter().map(|depth| &depth[sets[set].clone()])).collect(),
            })
            .collect();
        let thresholds = choose(&held, params)?;
        let (balanced, costs): (Vec<_>, Vec<f64>) = held.iter().map(|held| held.answers(&thresholds)).unzip();
        for ((name, _), cost) in dev.iter().zip(costs) {
            say(&format!("{name}, effort balanced: {:.0} % of the encoder's work", 100.0 * cost));
        }
        model.provenance.thresholds = thresholds;
        by_effort.push((Effort::Balanced, balanced));
        by_effort.push((Effort::Full, sets.into_iter().map(|set| full[set].to_vec()).collect()));
    }
    for (effort, answers) in &by_effort {
        for ((name, instances), probabilities) in dev.iter().zip(answers) {
            let truth: Vec<Label> = instances.iter().map(Instance::label).collect();
            let clusters = Clusters::by_key(instances.iter().map(|instance| instance.group.as_str()));
            let report = Report::of_probabilities(&truth, probabilities, Some(&clusters), Bootstrap::default())?;
            let score = score_of(name, *effort, &report);
            let [low, high] = score.ci95;
            say(&format!(
                "{name}, effort {}: macro-F1 {:.4} ({low:.3}-{high:.3}), n {}",
                effort.name(),
                score.macro_f1,
                score.n
            ));
            model.provenance.scores.push(score);
        }
    }
    Ok(())
}

fn score_of(set: &str, effort: Effort, report: &Report) -> Score {
    Score {
        set: set.to_owned(),
        effort: effort.name().to_owned(),
        macro_f1: report.macro_f1,
        ci95: report.ci95,
        accuracy: report.accuracy,
        n: report.n,
    }
}

fn provenance(name: &str, date: &str, sparse: &Sparse, params: SparseParams) -> Result<Provenance, TrainingError> {
    let families = params.families()?;
    Ok(Provenance {
        format: FORMAT,
        name: name.to_owned(),
        date: date.to_owned(),
        crate_version: env!("CARGO_PKG_VERSION").to_owned(),
        classes: Label::ALL.iter().map(|label| label.name().to_owned()).collect(),
        hash: HASH.to_owned(),
        families: families.iter().map(|family| (family.name.to_owned(), family.version)).collect::<BTreeMap<_, _>>(),
        lexicon: checksum(Lexicon::source().as_bytes()),
        sparse: params,
        features: sparse.hashes.len(),
        training: Vec::new(),
        scores: Vec::new(),
        thresholds: Thresholds::default(),
        checksum: String::new(),
        encoder: None,
    })
}

fn read_set(set: &SetRecipe, catalogue: &Catalogue, finder: &Finder) -> Result<Set, BuildError> {
    let mut instances = Vec::new();
    let mut sha256 = Vec::new();
    let mut not_found = 0;
    for file in &set.files {
        match set.format {
            SetFormat::Csv => {
                let labelled = read_labelled(file, &LabelledOptions::default())?;
                sha256.push(labelled.sha256.clone());
                let found = Instances::of_labelled(&labelled.file, &labelled.examples, catalogue, finder);
                not_found += found.not_found.len();
                instances.extend(found.instances);
            }
            SetFormat::Corpus => {
                let corpus = read_corpus(file)?;
                sha256.push(file_checksum(file)?);
                let examples: Vec<data::Example> = corpus.examples().collect();
                instances.extend(Instances::of_labelled(&corpus.file, &examples, catalogue, finder).instances);
            }
            SetFormat::Silver => {
                sha256.push(file_checksum(file)?);
                instances.extend(read_silver(file, &set.texts, finder)?);
            }
        }
    }
    for instance in &mut instances {
        instance.weight *= set.weight;
    }
    let mut counts = [0; CLASSES];
    for instance in &instances {
        counts[instance.label().index()] += 1;
    }
    let provenance = TrainingSet {
        name: set.name.clone(),
        licence: set.licence.clone(),
        source: set.source.clone(),
        sha256,
        counts,
        weight: set.weight,
    };
    Ok(Set { instances, not_found, gold: set.format != SetFormat::Silver, provenance })
}

fn left_out(rows: usize) -> String {
    match rows {
        0 => String::new(),
        1 => "; 1 row is left out, for its sentence does not name the actor".to_owned(),
        rows => format!("; {rows} rows are left out, for their sentences do not name the actor"),
    }
}

fn file_checksum(file: &Path) -> Result<String, RecipeError> {
    let bytes = std::fs::read(file).map_err(|source| RecipeError::Read { path: file.display().to_string(), source })?;
    Ok(checksum(&bytes))
}

/// A model of a user's labels, and what it says of them when it has not seen them.
#[derive(Clone, Debug)]
pub struct Adaptation {
    /// The model.
    pub model: Model,
    /// The sparse model's probabilities of every instance under cross-validation.
    pub held_out: Vec<[f32; CLASSES]>,
    /// The dense model's, if there is one.
    pub held_out_dense: Option<Vec<[f32; CLASSES]>>,
    /// The penalty of the sparse model.
    pub alpha: f64,
}

/// The penalties among which cross-validation chooses.
pub(super) const ALPHAS: [f64; 8] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0];

/// Adapts a base model to a user's labels, or trains from nothing.
///
/// # Errors
/// [`BuildError`] if the labels do not allow it.
pub fn adapt(
    name: &str,
    date: &str,
    instances: &[Instance],
    sets: Vec<TrainingSet>,
    base: Option<&Model>,
    alpha: Option<f64>,
) -> Result<Adaptation, BuildError> {
    let params = SparseParams { min_count: 2, class_power: 0.5, ..SparseParams::default() };
    let labels = Labels::of(&[instances], params.class_power)?;
    let alphas = alpha.map_or_else(|| ALPHAS.to_vec(), |alpha| vec![alpha]);
    let (sparse, adapted) = adapt_sparse(instances, &labels, base.map(|base| &base.sparse), &alphas)?;
    let dense = dense::adapt(instances, &labels, base.map_or(&[], |base| base.dense.as_slice()))?;

    let truth: Vec<Label> = instances.iter().map(Instance::label).collect();
    let params = SparseParams { alpha: adapted.alpha, ..params };
    let mut provenance = provenance(name, date, &sparse, params)?;
    provenance.training = base.map_or_else(Vec::new, |base| base.provenance.training.clone());
    provenance.training.extend(sets);
    let mut held_outs: Vec<(Effort, Vec<[f32; CLASSES]>)> = vec![(Effort::Fast, adapted.held_out.clone())];
    let (heads, held_out_dense): (Vec<Head>, Vec<_>) =
        dense.into_iter().map(|held_out| (held_out.head, held_out.probabilities)).unzip();
    if let Some(full) = held_out_dense.last() {
        provenance.encoder = dense::encoder_checksum();
        let depths = heads.iter().map(|head| head.depth).zip(held_out_dense.iter().map(Vec::as_slice)).collect();
        let held = Held { truth: truth.clone(), sparse: &adapted.held_out, depths };
        provenance.thresholds = choose(&[held], CascadeParams::default())?;
        held_outs.push((Effort::Full, full.clone()));
    }
    let clusters = Clusters::by_key(labels.groups.iter().map(String::as_str));
    for (effort, probabilities) in &held_outs {
        let report = Report::of_probabilities(&truth, probabilities, Some(&clusters), Bootstrap::default())?;
        provenance.scores.push(score_of("cross-validation", *effort, &report));
    }
    let model = Model { sparse, dense: heads, provenance };
    let held_out_dense = held_out_dense.into_iter().last();
    Ok(Adaptation { model, held_out: adapted.held_out, held_out_dense, alpha: adapted.alpha })
}
