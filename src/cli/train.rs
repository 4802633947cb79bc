//! `toward train`: labelled sentences in, a model out.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use serde::Serialize;
use toward::actors::{Catalogue, Finder};
use toward::data::{LabelledOptions, Output, read_labelled};
use toward::evaluation::{Bootstrap, Clusters, Report};
use toward::model::{
    Adaptation, Classifier, Effort, Instance, Instances, Model, NotFound, Options, Recipe, TrainingSet, adapt, build,
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
        let base = match self.base.as_str() {
            "none" => None,
            "default" => Some(Model::embedded()?),
            file => Some(model(Some(&PathBuf::from(file)))?),
        };
        let options = LabelledOptions { group: self.group.clone(), ..LabelledOptions::default() };
        let (mut instances, mut sets) = (Vec::<Instance>::new(), Vec::new());
        for input in &self.inputs {
            let labelled = read_labelled(input, &options)?;
            for warning in labelled.warnings.iter().filter(|_| !quiet) {
                say!("warning: {}", warning.message);
            }
            let found = Instances::of_labelled(&labelled.file, &labelled.examples, catalogue, finder);
            refuse_missing(&found.not_found)?;
            let name = input.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            sets.push(TrainingSet {
                name,
                licence: "not stated".to_owned(),
                source: "labelled by the user".to_owned(),
                sha256: vec![labelled.sha256.clone()],
                counts: labelled.counts,
                weight: 1.0,
            });
            instances.extend(found.instances);
        }
        let name = self.output.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let adapted = adapt(&name, &today(), &instances, sets, base.as_ref(), self.alpha)?;
        let report = self.report(&adapted, &instances, base.as_ref(), catalogue)?;
        Ok((adapted.model, report))
    }

    /// How good the model is on documents that it has not seen, beside its base.
    fn report(
        &self,
        adapted: &Adaptation,
        instances: &[Instance],
        base: Option<&Model>,
        catalogue: &Catalogue,
    ) -> anyhow::Result<TrainingReport> {
        let truth: Vec<Label> = instances.iter().map(Instance::label).collect();
        let clusters = Clusters::by_key(instances.iter().map(|instance| instance.group.as_str()));
        let judge = |probabilities: &[[f32; CLASSES]]| {
            Report::of_probabilities(&truth, probabilities, Some(&clusters), Bootstrap::default())
        };
        let base = match base {
            Some(base) => {
                let classifier = Classifier::new(base, catalogue.clone(), Options { effort: Some(Effort::Fast) })?;
                let answers = classifier.judge_instances(instances)?;
                Some(judge(&answers.into_iter().map(|(probabilities, _)| probabilities).collect::<Vec<_>>())?)
            }
            None => None,
        };
        Ok(TrainingReport {
            mentions: instances.len(),
            features: adapted.model.sparse.hashes.len(),
            alpha: adapted.alpha,
            fast: judge(&adapted.held_out)?,
            full: adapted.held_out_dense.as_ref().map(|held_out| judge(held_out)).transpose()?,
            base_fast: base,
        })
    }
}

/// What `train` says at its end.
#[derive(Serialize)]
struct TrainingReport {
    mentions: usize,
    features: usize,
    alpha: f64,
    /// Cross-validated, sparse model.
    fast: Report,
    /// Cross-validated, dense model.
    full: Option<Report>,
    /// The base's sparse model on the same mentions.
    base_fast: Option<Report>,
}

impl std::fmt::Display for TrainingReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} mentions, {} features, penalty {}", self.mentions, self.features, self.alpha)?;
        writeln!(f, "on documents not seen in training (5-fold cross-validation):\n{}", self.fast)?;
        writeln!(f, "model                macro-F1  95 % interval")?;
        let mut line = |name: &str, report: &Report| {
            let [low, high] = report.ci95;
            writeln!(f, "{name:<20} {:>8.3}  {low:.3} - {high:.3}", report.macro_f1)
        };
        if let Some(base) = &self.base_fast {
            line("base, fast", base)?;
        }
        line("this one, fast", &self.fast)?;
        if let Some(full) = &self.full {
            line("this one, full", full)?;
        }
        Ok(())
    }
}

/// Today in UTC, or the day of `SOURCE_DATE_EPOCH` where builds are to be reproducible.
fn today() -> String {
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse::<u64>().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = (epoch.unwrap_or_else(now) / 86_400) as i64;
    // Days to civil date (Howard Hinnant, chrono-compatible low-level date algorithms).
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = if month_shifted < 10 { month_shifted + 3 } else { month_shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Rows whose actor is not in their sentence are an error that names them.
fn refuse_missing(not_found: &[NotFound]) -> anyhow::Result<()> {
    if let Some(first) = not_found.first() {
        let more = match not_found.len() {
            1 => String::new(),
            count => format!(" (and {} more such records)", count - 1),
        };
        anyhow::bail!("{first}{more}");
    }
    Ok(())
}
