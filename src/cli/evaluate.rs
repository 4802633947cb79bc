//! `toward evaluate`: how good a model is on labelled sentences.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::Serialize;
use toward::Label;
use toward::data::{LabelledOptions, read_labelled};
use toward::evaluation::{Bootstrap, Clusters, Report};
use toward::model::{Classifier, Effort, Instance, Instances, Options, Stage};

use super::options::{ModelOptions, catalogue, model};

/// Score a model on labelled sentences.
#[derive(Args)]
#[command(after_help = "\
The interval is a 95 % bootstrap over documents (the column group, or else sentences). Without --effort, all efforts \
that the model can give are compared in a table, and the report is of the default one.

Examples:
  toward evaluate labelled.csv
  toward evaluate labelled.csv --model my.safetensors --effort full --json")]
pub(super) struct Evaluate {
    /// Labelled sentences, as CSV
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Write every mention with its label and the model's probabilities, as CSV
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// The column that tells which sentences belong together [default: by its usual names]
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    #[command(flatten)]
    model: ModelOptions,
}

/// What `--json` prints: the report, and who answered.
#[derive(Serialize)]
struct Evaluation {
    #[serde(flatten)]
    report: Report,
    effort: &'static str,
    encoder_share: f64,
    mentions_per_second: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    efforts: Vec<EffortScore>,
    not_found: usize,
}

#[derive(Serialize)]
struct EffortScore {
    effort: &'static str,
    macro_f1: f64,
    ci95: [f64; 2],
    encoder_share: f64,
    mentions_per_second: f64,
}

impl Evaluate {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let model = model(self.model.model.as_ref())?;
        let catalogue = catalogue(&self.model.actors)?;
        let mut classifier =
            Classifier::new(&model, catalogue, Options { effort: self.model.effort.map(Effort::from) })?;
        let options = LabelledOptions { group: self.group.clone(), ..LabelledOptions::default() };
        let mut instances: Vec<Instance> = Vec::new();
        let mut not_found = Vec::new();
        for input in &self.inputs {
            let labelled = read_labelled(input, &options)?;
            for warning in &labelled.warnings {
                say!("warning: {}", warning.message);
            }
            let found =
                Instances::of_labelled(&labelled.file, &labelled.examples, classifier.catalogue(), classifier.finder());
            instances.extend(found.instances);
            not_found.extend(found.not_found);
        }
        for missing in not_found.iter().take(5) {
            say!("warning: {missing}");
        }
        if not_found.len() > 5 {
            say!("warning: and {} more records whose sentence does not name the actor", not_found.len() - 5);
        }
        let chosen = classifier.effort();
        let mut efforts = Vec::new();
        if self.model.effort.is_none() && chosen != Effort::Fast {
            for effort in Effort::ALL {
                classifier = classifier.with_effort(effort);
                let evaluation = evaluate(&classifier, &instances)?.0;
                efforts.push(EffortScore {
                    effort: effort.name(),
                    macro_f1: evaluation.report.macro_f1,
                    ci95: evaluation.report.ci95,
                    encoder_share: evaluation.encoder_share,
                    mentions_per_second: evaluation.mentions_per_second,
                });
            }
            classifier = classifier.with_effort(chosen);
        }
        let (mut evaluation, answers) = evaluate(&classifier, &instances)?;
        evaluation.efforts = efforts;
        evaluation.not_found = not_found.len();
        if let Some(path) = &self.predictions {
            let inputs: Vec<&std::path::Path> = self.inputs.iter().map(PathBuf::as_path).collect();
            write_predictions(path, &inputs, &instances, &answers)?;
        }
        if self.json {
            return super::print_json(&evaluation);
        }
        let mut page = String::new();
        evaluation.write(&mut page)?;
        super::print(page.as_bytes())
    }
}

type Answers = Vec<([f32; toward::CLASSES], Stage)>;

fn evaluate(classifier: &Classifier, instances: &[Instance]) -> anyhow::Result<(Evaluation, Answers)> {
    let start = Instant::now();
    let answers = classifier.judge_instances(instances)?;
    let seconds = start.elapsed().as_secs_f64();
    let truth: Vec<Label> = instances.iter().map(Instance::label).collect();
    let probabilities: Vec<_> = answers.iter().map(|(probabilities, _)| *probabilities).collect();
    let clusters = Clusters::by_key(instances.iter().map(|instance| instance.group.as_str()));
    let report = Report::of_probabilities(&truth, &probabilities, Some(&clusters), Bootstrap::default())?;
    let by_encoder = answers.iter().filter(|(_, stage)| *stage == Stage::Encoder).count();
    let evaluation = Evaluation {
        report,
        effort: classifier.effort().name(),
        encoder_share: by_encoder as f64 / answers.len().max(1) as f64,
        mentions_per_second: answers.len() as f64 / seconds,
        efforts: Vec::new(),
        not_found: 0,
    };
    Ok((evaluation, answers))
}

impl Evaluation {
    fn write(&self, page: &mut String) -> std::fmt::Result {
        writeln!(page, "{}", self.report)?;
        writeln!(page, "effort {}: the encoder answered {:.0} %", self.effort, 100.0 * self.encoder_share)?;
        if !self.efforts.is_empty() {
            writeln!(page, "\neffort     macro-F1  95 % interval  encoder  mentions/s")?;
            for score in &self.efforts {
                let [low, high] = score.ci95;
                writeln!(
                    page,
                    "{:<10} {:>8.3}  {low:.3} - {high:.3}  {:>6.0} %  {:>10.0}",
                    score.effort,
                    score.macro_f1,
                    100.0 * score.encoder_share,
                    score.mentions_per_second
                )?;
            }
        }
        if self.not_found > 0 {
            let records = if self.not_found == 1 { "record was" } else { "records were" };
            writeln!(page, "\n{} {records} left out: the sentence does not name the actor", self.not_found)?;
        }
        Ok(())
    }
}

fn write_predictions(
    path: &std::path::Path,
    inputs: &[&std::path::Path],
    instances: &[Instance],
    answers: &Answers,
) -> anyhow::Result<()> {
    use toward::data::{Format, Output, RowWriter};
    let columns = ["sentence", "mention", "label", "predicted", "supportive", "neutral", "critical", "stage"];
    let writer = RowWriter::new(Format::of_name(&path.display().to_string()), &columns)?;
    let mut output = Output::create(path, inputs)?;
    let mut bytes = Vec::new();
    writer.header(&mut bytes);
    for (instance, (probabilities, stage)) in instances.iter().zip(answers) {
        let mut row = writer
            .row(&mut bytes)
            .text(&instance.sentence)
            .text(&instance.sentence[instance.mention.clone()])
            .text(instance.label().name())
            .text(Label::of_scores(*probabilities).name());
        for &p in probabilities {
            row = row.decimal(f64::from(p), 4);
        }
        row.text(stage.name()).end();
    }
    output.write_block(&bytes)?;
    output.finish()?;
    Ok(())
}
