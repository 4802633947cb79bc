//! `toward train`: labelled sentences in, a model out.

use std::path::{Path, PathBuf};

use clap::Args;
use rustc_hash::FxHashMap;
use serde::Serialize;
use toward::actors::{Catalogue, Finder};
use toward::data::{Labelled, LabelledOptions, Output, read_labelled};
use toward::evaluation::{Bootstrap, Clusters, Comparison, Confusion, Report, compare, macro_f1_interval};
use toward::model::{
    Adaptation, Classifier, Effort, FOLDS, Instance, Instances, Model, Recipe, TrainingSet, adapt, build, study,
};
use toward::{CLASSES, Label};

use super::options::{catalogue, model};

/// Train a model on labelled sentences.
#[derive(Args)]
#[command(after_help = "\
Labelled data are CSV with the columns sentence, actor, label (supportive, neutral or critical), and optionally start \
and end (characters of the mention, from 0, end exclusive), weight, and group (the document: sentences of one group are \
never split between training and test). Without offsets the mention is found by the actor's name or an alias.

Examples:
  toward train labelled.csv -o my.safetensors
  toward train labelled.csv more.csv --base none -o my.safetensors
  toward train --recipe training/recipe.toml --data data -o models/default.safetensors")]
pub(super) struct Train {
    /// Labelled sentences, as CSV
    #[arg(required_unless_present = "recipe", conflicts_with = "recipe")]
    inputs: Vec<PathBuf>,
    /// Where the model goes
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// The model to adapt: `default`, `none` to train from nothing, or a file
    #[arg(long, value_name = "MODEL", default_value = "default", conflicts_with = "recipe")]
    base: String,
    /// How strongly to hold on to the base, or to zero [default: chosen by cross-validation]
    #[arg(long, value_name = "ALPHA", conflicts_with = "recipe")]
    alpha: Option<f64>,
    /// Build the model that a recipe describes, such as training/recipe.toml
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,
    /// The folder of the recipe's sets that are not the project's own
    #[arg(long, value_name = "FOLDER", requires = "recipe", default_value = "data")]
    data: PathBuf,
    /// Train on the recipe's own sets alone
    #[arg(long, requires = "recipe")]
    only_own: bool,
    /// Actors that add to the catalogue or override it, as CSV
    #[arg(long, value_name = "FILE")]
    actors: Vec<PathBuf>,
    /// The column that tells which sentences belong together [default: by its usual names]
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Train {
    pub(super) fn run(&self, quiet: bool) -> anyhow::Result<()> {
        let inputs: Vec<&Path> = self.inputs.iter().map(PathBuf::as_path).collect();
        let output = Output::create(&self.output, &inputs)?;
        let catalogue = catalogue(&self.actors)?;
        let finder = Finder::new(&catalogue);
        let (model, report) = match &self.recipe {
            Some(path) => (self.build(path, &catalogue, &finder, quiet)?, None),
            None => self.train(&catalogue, &finder, quiet).map(|(model, report)| (model, Some(report)))?,
        };
        let mut output = output;
        output.write_block(&model.to_bytes()?)?;
        let written = output.finish()?;
        // After the model is in its place, which must not depend on whether anybody reads the report.
        match report {
            Some(report) if self.json => super::print_json(&report)?,
            Some(report) if !quiet => say!("{}", report.to_string().trim_end()),
            _ => {}
        }
        if !quiet {
            say!("wrote {} ({:.1} MB)", self.output.display(), written as f64 / 1e6);
        }
        Ok(())
    }

    /// The model of a recipe.
    fn build(&self, path: &Path, catalogue: &Catalogue, finder: &Finder, quiet: bool) -> anyhow::Result<Model> {
        let mut recipe = Recipe::open(path)?;
        if self.only_own {
            recipe.keep_own();
        }
        recipe.locate(path, &self.data)?;
        let say = |line: &str| {
            if !quiet {
                say!("{line}");
            }
        };
        let model = build(&recipe, catalogue, finder, &say)?;
        Ok(model)
    }

    /// A model of the user's labels.
    fn train(&self, catalogue: &Catalogue, finder: &Finder, quiet: bool) -> anyhow::Result<(Model, TrainingReport)> {
        let base = base_model(&self.base)?;
        let options = LabelledOptions { group: self.group.clone(), ..LabelledOptions::default() };
        let (mut instances, mut sets) = (Vec::<Instance>::new(), Vec::new());
        let mut checks = Checks::default();
        for input in &self.inputs {
            let labelled = read_labelled(input, &options)?;
            checks.file(&labelled, base.as_ref());
            let found = Instances::of_labelled(&labelled.file, &labelled.examples, catalogue, finder).complete()?;
            sets.push(TrainingSet::of_user(&labelled));
            checks.instances(&labelled.file, &found.instances);
            instances.extend(found.instances);
        }
        let warnings = checks.finish(&instances);
        for warning in warnings.iter().filter(|_| !quiet) {
            say!("warning: {warning}");
        }
        let name = self.output.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let adapted = adapt(&name, &toward::calendar::today(), &instances, sets, base.as_ref(), self.alpha)?;
        let report = self.report(&adapted, &instances, base.as_ref(), catalogue, warnings)?;
        Ok((adapted.model, report))
    }

    /// How good the model is on documents that it has not seen, beside its base and one from nothing.
    fn report(
        &self,
        adapted: &Adaptation,
        instances: &[Instance],
        base: Option<&Model>,
        catalogue: &Catalogue,
        warnings: Vec<String>,
    ) -> anyhow::Result<TrainingReport> {
        let truth: Vec<Label> = instances.iter().map(Instance::label).collect();
        let clusters = Clusters::by_key(instances.iter().map(|instance| instance.group.as_str()));
        let bootstrap = Bootstrap::default();
        let judge = |probabilities: &[[f32; CLASSES]]| {
            Report::of_probabilities(&truth, probabilities, Some(&clusters), bootstrap)
        };
        let labels = |answers: &[[f32; CLASSES]]| answers.iter().map(|row| Label::of_scores(*row)).collect::<Vec<_>>();
        let answers = |base: &Model, effort: Effort| -> anyhow::Result<Vec<[f32; CLASSES]>> {
            let classifier = Classifier::new(base, catalogue.clone(), effort)?;
            let answers = classifier.judge_instances(instances)?;
            Ok(answers.into_iter().map(|(probabilities, _)| probabilities).collect())
        };
        let base_fast = base.map(|base| answers(base, Effort::Fast)).transpose()?;
        let base_full = match base {
            Some(base) if adapted.held_out_dense.is_some() && !base.dense.is_empty() => {
                Some(answers(base, Effort::Full)?)
            }
            _ => None,
        };
        let study = study(instances, base, adapted.alpha)?;
        let predicted = labels(&adapted.held_out);
        let gain = match &base_fast {
            Some(base) => Some(compare(&truth, &labels(base), &predicted, Some(&clusters), bootstrap)?),
            None => None,
        };
        let mut curve = Vec::new();
        for point in &study.curve {
            curve.push(CurvePoint {
                share: point.share,
                mentions: point.mentions,
                macro_f1: Confusion::of(&truth, &point.predicted)?.macro_f1(),
                ci95: macro_f1_interval(&truth, &point.predicted, Some(&clusters), bootstrap)?,
            });
        }
        let fast = judge(&adapted.held_out)?;
        curve.push(CurvePoint { share: 1.0, mentions: instances.len(), macro_f1: fast.macro_f1, ci95: fast.ci95 });
        let mut counts = [0; CLASSES];
        for label in &truth {
            counts[label.index()] += 1;
        }
        Ok(TrainingReport {
            output: self.output.display().to_string(),
            mentions: instances.len(),
            groups: clusters.len(),
            counts: Counts { supportive: counts[0], neutral: counts[1], critical: counts[2] },
            features: adapted.model.sparse.hashes.len(),
            alpha: adapted.alpha,
            full: adapted.held_out_dense.as_ref().map(|held_out| judge(held_out)).transpose()?,
            base_fast: base_fast.map(|answers| judge(&answers)).transpose()?,
            base_full: base_full.map(|answers| judge(&answers)).transpose()?,
            from_nothing: study.from_nothing.map(|answers| judge(&answers)).transpose()?,
            against_base: gain,
            learning_curve: curve,
            fast,
            warnings,
        })
    }
}

/// The model to start from, as typed: `default`, `none` or a file.
pub(super) fn base_model(name: &str) -> anyhow::Result<Option<Model>> {
    Ok(match name {
        "none" => None,
        "default" => Some(Model::embedded()?),
        file => Some(model(Some(&PathBuf::from(file)))?),
    })
}

/// A label of fewer rows than this is hardly learned.
const FEW: usize = 20;

/// What looks wrong with the labels without being illegal.
#[derive(Default)]
struct Checks {
    warnings: Vec<String>,
    /// The first file and group of every sentence, and its labels by mention.
    sentences: FxHashMap<String, (String, String)>,
    labels: FxHashMap<(String, usize, usize), (Label, String)>,
}

impl Checks {
    fn file(&mut self, labelled: &Labelled, base: Option<&Model>) {
        const SHOWN: usize = 5;
        let file = &labelled.file;
        self.warnings.extend(labelled.warnings.iter().take(SHOWN).map(|warning| warning.message.clone()));
        if labelled.warnings.len() > SHOWN {
            let more = labelled.warnings.len() - SHOWN;
            self.warnings.push(format!("{file}: and {more} more mentions with two labels"));
        }
        if labelled.duplicates > 0 {
            let count = labelled.duplicates;
            self.warnings.push(format!("{file}: {count} records say again what an earlier one said; remove them"));
        }
        let sets = base.map(|base| base.provenance.training.as_slice()).unwrap_or_default();
        if let Some(set) = sets.iter().find(|set| set.sha256.contains(&labelled.sha256)) {
            self.warnings.push(format!(
                "{file}: the base was trained on this very file (its set {:?}): its score below is not one on unseen \
                 labels; use --base none to compare",
                set.name
            ));
        }
    }

    fn instances(&mut self, file: &str, instances: &[Instance]) {
        let (mut elsewhere, mut torn, mut contradicted) = (FxHashMap::<String, usize>::default(), 0, 0);
        for instance in instances {
            let place = (instance.sentence.clone(), instance.mention.start, instance.mention.end);
            match self.labels.get(&place) {
                Some((label, first)) if first != file && *label != instance.label() => contradicted += 1,
                Some(_) => {}
                None => {
                    self.labels.insert(place, (instance.label(), file.to_owned()));
                }
            }
            match self.sentences.get(&instance.sentence) {
                Some((first, _)) if first != file => *elsewhere.entry(first.clone()).or_default() += 1,
                Some((_, group)) if *group != instance.group => torn += 1,
                Some(_) => {}
                None => {
                    let of = (file.to_owned(), instance.group.clone());
                    self.sentences.insert(instance.sentence.clone(), of);
                }
            }
        }
        let mut elsewhere: Vec<(String, usize)> = elsewhere.into_iter().collect();
        elsewhere.sort();
        for (first, count) in elsewhere {
            self.warnings.push(format!(
                "{file}: {count} mentions are in sentences that {first} has too: if one of the files is for testing, \
                 take them out of the other"
            ));
        }
        if torn > 0 {
            self.warnings.push(format!(
                "{file}: {torn} mentions are in sentences that another group has too: the scores below may flatter"
            ));
        }
        if contradicted > 0 {
            self.warnings.push(format!("{file}: {contradicted} mentions have another label in another file"));
        }
    }

    fn finish(mut self, instances: &[Instance]) -> Vec<String> {
        for label in Label::ALL {
            let count = instances.iter().filter(|instance| instance.label() == label).count();
            if count < FEW {
                let so_many = match count {
                    0 => "no mention is".to_owned(),
                    1 => "only 1 mention is".to_owned(),
                    _ => format!("only {count} mentions are"),
                };
                self.warnings.push(format!(
                    "{so_many} {label}: a label of fewer than {FEW} is hardly learned; label more of them"
                ));
            }
        }
        self.warnings
    }
}

/// What `train` says at its end.
#[derive(Serialize)]
struct TrainingReport {
    output: String,
    mentions: usize,
    groups: usize,
    counts: Counts,
    features: usize,
    alpha: f64,
    /// Cross-validated, sparse model.
    fast: Report,
    /// Cross-validated, dense model.
    #[serde(skip_serializing_if = "Option::is_none")]
    full: Option<Report>,
    /// The base's sparse model on the same mentions.
    base_fast: Option<Report>,
    /// The base's dense model on the same mentions.
    #[serde(skip_serializing_if = "Option::is_none")]
    base_full: Option<Report>,
    /// A sparse model of these labels alone, cross-validated on the same folds.
    from_nothing: Option<Report>,
    /// The base (a) against the sparse model (b).
    against_base: Option<Comparison>,
    learning_curve: Vec<CurvePoint>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Counts {
    supportive: usize,
    neutral: usize,
    critical: usize,
}

#[derive(Serialize)]
struct CurvePoint {
    share: f64,
    mentions: usize,
    macro_f1: f64,
    ci95: [f64; 2],
}

impl std::fmt::Display for TrainingReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Counts { supportive, neutral, critical } = self.counts;
        writeln!(
            f,
            "{} mentions in {} groups: {supportive} supportive, {neutral} neutral, {critical} critical",
            self.mentions, self.groups
        )?;
        writeln!(f, "{} features, penalty {}", self.features, self.alpha)?;
        // Never more folds than groups.
        let folds = self.groups.min(FOLDS);
        writeln!(f, "\non groups not seen in training ({folds}-fold cross-validation):\n{}", self.fast)?;
        writeln!(f, "\nmodel                macro-F1  95 % interval")?;
        let mut line = |name: &str, report: &Report| {
            let [low, high] = report.ci95;
            writeln!(f, "{name:<20} {:>8.3}  {low:.3} - {high:.3}", report.macro_f1)
        };
        let rows = [
            ("base, fast", self.base_fast.as_ref()),
            ("from nothing, fast", self.from_nothing.as_ref()),
            ("this one, fast", Some(&self.fast)),
            ("base, full", self.base_full.as_ref()),
            ("this one, full", self.full.as_ref()),
        ];
        for (name, report) in rows {
            if let Some(report) = report {
                line(name, report)?;
            }
        }
        if let Some(comparison) = &self.against_base {
            let Comparison { difference, ci95: [low, high], p_value, .. } = comparison;
            let verdict = if *low > 0.0 {
                "better than its base"
            } else if *high < 0.0 {
                "worse than its base: use the base"
            } else {
                "not surely better than its base: label more, or use the base"
            };
            writeln!(f, "this one is {verdict} ({difference:+.3}, interval {low:+.3} to {high:+.3}, p {p_value:.3})")?;
        }
        writeln!(f, "\nlearning curve       macro-F1  95 % interval")?;
        for point in &self.learning_curve {
            let [low, high] = point.ci95;
            let name = format!("{:>3.0} %, {} mentions", 100.0 * point.share, point.mentions);
            writeln!(f, "{name:<20} {:>8.3}  {low:.3} - {high:.3}", point.macro_f1)?;
        }
        let half = self.learning_curve.iter().find(|point| (point.share - 0.5).abs() < 1e-9);
        if let (Some(half), Some(all)) = (half, self.learning_curve.last()) {
            let gain = all.macro_f1 - half.macro_f1;
            let advice =
                if gain > 0.01 { "more labels are likely to help" } else { "more labels of this kind help little" };
            writeln!(f, "the second half of the labels brought {gain:+.3}: {advice}")?;
        }
        Ok(())
    }
}
