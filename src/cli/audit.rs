//! `toward audit`: which labels look wrong.

use std::path::{Path, PathBuf};

use clap::Args;
use toward::actors::Finder;
use toward::data::{Format, LabelledOptions, Output, RowWriter, read_labelled};
use toward::model::{Audited, Instance, Instances, adapt, audit};

use super::mention_columns::{MENTION, PROBABILITIES, mention, probabilities};
use super::options::catalogue;
use super::train::base_model;

/// Find labels that look wrong.
#[derive(Args)]
#[command(after_help = "\
A model is trained on all sentences but a fifth and asked about that fifth, five times. The output is ranked by how \
improbable the labels are to it, the most doubtful first, with reasons; a label is likely wrong if the model is surer of \
another one than it usually is (confident learning, Northcutt et al. 2021). Nothing is changed: look at each and \
decide. Do not use it on data for testing, for dropping what a model finds hard makes any model look better.

The base must not have been trained on these labels, or it has learned their errors; `--base none` always holds.

Examples:
  toward audit labelled.csv -o doubtful.csv
  toward audit labelled.csv -n 50
  toward audit labelled.csv --base none --all -o ranked.csv")]
pub(super) struct Audit {
    /// Labelled sentences, as CSV
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Where the ranking goes, as CSV; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// List the N most doubtful labels [default: those that are likely wrong]
    #[arg(short, long, value_name = "N", conflicts_with = "all")]
    n: Option<usize>,
    /// List all labels
    #[arg(long)]
    all: bool,
    /// The model to start from: `default`, `none`, or a file
    #[arg(long, value_name = "MODEL", default_value = "default")]
    base: String,
    /// Actors that add to the catalogue or override it, as CSV
    #[arg(long, value_name = "FILE")]
    actors: Vec<PathBuf>,
    /// The column that tells which sentences belong together [default: by its usual names]
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// Print the summary, on standard error, as JSON
    #[arg(long)]
    json: bool,
}

/// Where a label comes from.
struct Origin {
    file: String,
    row: u64,
    actor: String,
}

impl Audit {
    pub(super) fn run(&self, quiet: bool) -> anyhow::Result<()> {
        let inputs: Vec<&Path> = self.inputs.iter().map(PathBuf::as_path).collect();
        let mut output = Output::create(&self.output, &inputs)?;
        let catalogue = catalogue(&self.actors)?;
        let finder = Finder::new(&catalogue);
        let base = base_model(&self.base)?;
        let options = LabelledOptions { group: self.group.clone(), ..LabelledOptions::default() };
        let (mut instances, mut origins) = (Vec::<Instance>::new(), Vec::new());
        for input in &self.inputs {
            let labelled = read_labelled(input, &options)?;
            for warning in &labelled.warnings {
                say!("warning: {}", warning.message);
            }
            if base
                .as_ref()
                .is_some_and(|base| base.provenance.training.iter().any(|set| set.sha256.contains(&labelled.sha256)))
            {
                say!(
                    "warning: {}: the base was trained on this very file and has learned its errors: use --base none",
                    labelled.file
                );
            }
            let found = Instances::of_labelled(&labelled.file, &labelled.examples, &catalogue, &finder).complete()?;
            for &at in &found.examples {
                let example = &labelled.examples[at];
                let (row, actor) = (example.row, example.actor.clone());
                origins.push(Origin { file: labelled.file.clone(), row, actor });
            }
            instances.extend(found.instances);
        }
        let adapted = adapt("audit", "", &instances, Vec::new(), base.as_ref(), None)?;
        let probabilities = adapted.held_out_dense.as_ref().unwrap_or(&adapted.held_out);
        let explained = if self.all { instances.len() } else { self.n.unwrap_or(instances.len()) };
        let ranked = audit(&instances, probabilities, &adapted.model.sparse, explained)?;
        let wrong = ranked.iter().filter(|audited| audited.likely_wrong).count();
        let listed: Vec<&Audited> = match (self.all, self.n) {
            (true, _) => ranked.iter().collect(),
            (false, Some(n)) => ranked.iter().take(n).collect(),
            (false, None) => ranked.iter().filter(|audited| audited.likely_wrong).collect(),
        };
        output.write_block(&render(&listed, &instances, &origins, &self.output.display().to_string())?)?;
        output.finish()?;
        if !quiet && self.json {
            super::say_json(&serde_json::json!({
                "labels": instances.len(),
                "likely_wrong": wrong,
                "listed": listed.len(),
            }))?;
        } else if !quiet {
            let share = 100.0 * wrong as f64 / instances.len().max(1) as f64;
            say!("{wrong} of {} labels are in doubt ({share:.1} %); {} listed", instances.len(), listed.len());
        }
        Ok(())
    }
}

fn render(listed: &[&Audited], instances: &[Instance], origins: &[Origin], name: &str) -> anyhow::Result<Vec<u8>> {
    let columns =
        [&["file", "row"][..], &MENTION, &["label", "suggested"], &PROBABILITIES, &["doubt", "likely_wrong", "why"]];
    let writer = RowWriter::new(Format::of_name(name), &columns.concat())?;
    let mut bytes = Vec::new();
    writer.header(&mut bytes);
    for audited in listed {
        let (instance, origin) = (&instances[audited.at], &origins[audited.at]);
        let row = writer.row(&mut bytes).text(&origin.file).integer(origin.row);
        let row = mention(row, instance, &origin.actor)?.text(audited.given.name()).text(audited.suggested.name());
        probabilities(row, &audited.probabilities)
            .decimal(f64::from(audited.doubt), 4)
            .text(if audited.likely_wrong { "yes" } else { "no" })
            .text(&why(audited))
            .end();
    }
    Ok(bytes)
}

fn why(audited: &Audited) -> String {
    let percent = |label: toward::Label| 100.0 * audited.probabilities[label.index()];
    let (given, suggested) = (audited.given, audited.suggested);
    let mut text = format!("{given} {:.0} %, {suggested} {:.0} %", percent(given), percent(suggested));
    let features: Vec<String> = audited.features.iter().map(|(name, weight)| format!("{name} {weight:+.2}")).collect();
    if !features.is_empty() {
        text.push_str("; for ");
        text.push_str(suggested.name());
        text.push_str(": ");
        text.push_str(&features.join(", "));
    }
    text
}
