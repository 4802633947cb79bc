//! `toward evaluate`: how good a model is on labelled sentences.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::Serialize;
use toward::Label;
use toward::data::{Labelled, LabelledOptions, read_labelled};
use toward::evaluation::{
    Bin, Bootstrap, Clusters, Comparison, Confusion, Report, Slice, by_value, calibration_table, compare, conflicting,
    macro_f1_interval, most_common, one_label_a_sentence,
};
use toward::model::{Classifier, Effort, Instance, Instances, Options, Stage, SwapReport};

use super::mention_columns::{PROBABILITIES, probabilities};
use super::options::{ModelOptions, catalogue};
use super::swap::{self, SwapArguments};
use super::train::base_model;

/// Score a model on labelled sentences.
#[derive(Args)]
#[command(after_help = "\
The interval is a 95 % bootstrap over documents (the column group, or else sentences). Without --effort, all efforts \
that the model can give are compared in a table, and the report is of the default one.

Where a sentence's actors have different labels, its mood does not suffice; the score there is shown beside that of the \
best possible single label a sentence, which knows the truth but not the actors.

Examples:
  toward evaluate labelled.csv
  toward evaluate labelled.csv --model my.safetensors --compare default
  toward evaluate labelled.csv --by source --by-actor --by-kind --calibration
  toward evaluate labelled.csv --swap 200     # does another name in the same sentence change the label?
  toward evaluate labelled.csv --model my.safetensors --effort full --json")]
pub(super) struct Evaluate {
    /// Labelled sentences, as CSV
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Compare with this model, a file or `default`, and test whether the difference is one
    #[arg(long, value_name = "MODEL")]
    compare: Option<String>,
    /// Score the rows of each value of this column; may be given several times
    #[arg(long, value_name = "COLUMN")]
    by: Vec<String>,
    /// Score the rows of each actor
    #[arg(long)]
    by_actor: bool,
    /// Score the rows of each kind of actor: country, person, organisation …
    #[arg(long)]
    by_kind: bool,
    /// Show how often labels are right, by how sure the model is
    #[arg(long)]
    calibration: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Write every mention with its label and the model's probabilities, as CSV
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    #[command(flatten)]
    swap: SwapArguments,
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
    /// Whether the encoder was not shown who is named.
    blind: bool,
    /// Who answered.
    stages: Shares,
    mentions_per_second: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    efforts: Vec<EffortScore>,
    not_found: usize,
    /// The score of the most frequent label for every row.
    majority: Baseline,
    /// Rows of sentences whose actors have different labels.
    conflicting: Option<Conflicting>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    by: Vec<Breakdown>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calibration: Vec<Bin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<Against>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    swap: Vec<SwapReport>,
}

#[derive(Serialize)]
struct Baseline {
    label: Label,
    macro_f1: f64,
    accuracy: f64,
}

#[derive(Serialize)]
struct Conflicting {
    n: usize,
    macro_f1: f64,
    ci95: [f64; 2],
    accuracy: f64,
    /// What the most frequent true label of each sentence scores there.
    one_label_a_sentence: OneLabel,
}

#[derive(Serialize)]
struct OneLabel {
    macro_f1: f64,
    accuracy: f64,
}

/// So many values of a column are printed; JSON has all.
const SHOWN: usize = 25;

/// The scores of each value of a column.
#[derive(Serialize)]
struct Breakdown {
    column: String,
    slices: Vec<Slice>,
}

/// The model (a) against another (b).
#[derive(Serialize)]
struct Against {
    model: String,
    #[serde(flatten)]
    comparison: Comparison,
}

#[derive(Serialize)]
struct EffortScore {
    effort: &'static str,
    macro_f1: f64,
    ci95: [f64; 2],
    /// Who answered.
    stages: Shares,
    mentions_per_second: f64,
}

/// Which share of the mentions each stage answered.
#[derive(Clone, Copy, Serialize)]
struct Shares {
    sparse: f64,
    early: f64,
    encoder: f64,
}

impl Shares {
    fn of(answers: &Answers) -> Shares {
        let share = |stage: Stage| {
            let count = answers.iter().filter(|(_, answered)| *answered == stage).count();
            count as f64 / answers.len().max(1) as f64
        };
        Shares { sparse: share(Stage::Sparse), early: share(Stage::Early), encoder: share(Stage::Encoder) }
    }
}

impl std::fmt::Display for Shares {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [sparse, early, encoder] = [self.sparse, self.early, self.encoder].map(|share| 100.0 * share);
        write!(f, "sparse {sparse:.0} %, early {early:.0} %, encoder {encoder:.0} %")
    }
}

impl Evaluate {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let model = super::options::model(self.model.model.as_ref())?;
        let catalogue = catalogue(&self.model.actors)?;
        let mut classifier = Classifier::new(&model, catalogue, self.model.options())?;
        let options = LabelledOptions { group: self.group.clone(), ..LabelledOptions::default() };
        let mut instances: Vec<Instance> = Vec::new();
        let mut not_found = Vec::new();
        let mut values: Vec<Vec<String>> = vec![Vec::new(); self.by.len()];
        let mut actors: Vec<Named> = Vec::new();
        for input in &self.inputs {
            let labelled = read_labelled(input, &options)?;
            for warning in &labelled.warnings {
                say!("warning: {}", warning.message);
            }
            if let Some(set) = model.provenance.training.iter().find(|set| set.sha256.contains(&labelled.sha256)) {
                say!(
                    "warning: {}: the model was trained on this very file (its set {:?}): the score says nothing about \
                     other text",
                    labelled.file,
                    set.name
                );
            }
            let found =
                Instances::of_labelled(&labelled.file, &labelled.examples, classifier.catalogue(), classifier.finder());
            for (column, values) in self.by.iter().zip(&mut values) {
                let cells = column_of(&labelled, column)?;
                values.extend(found.examples.iter().map(|&at| cells[at].to_owned()));
            }
            for (instance, &at) in found.instances.iter().zip(&found.examples) {
                actors.push(actor_of(&classifier, instance, &labelled.examples[at].actor));
            }
            instances.extend(found.instances);
            not_found.extend(found.not_found);
        }
        if instances.is_empty() {
            anyhow::bail!(
                "no sentence names its actor; give start and end, or add the names to the catalogue with --actors"
            );
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
                    stages: evaluation.stages,
                    mentions_per_second: evaluation.mentions_per_second,
                });
            }
            classifier = classifier.with_effort(chosen);
        }
        let (mut evaluation, answers) = evaluate(&classifier, &instances)?;
        evaluation.efforts = efforts;
        evaluation.not_found = not_found.len();
        self.details(&mut evaluation, &instances, &answers, &values, &actors, chosen)?;
        if let Some(path) = &self.predictions {
            let inputs: Vec<&std::path::Path> = self.inputs.iter().map(PathBuf::as_path).collect();
            write_predictions(path, &inputs, &instances, &answers)?;
        }
        let efforts = if evaluation.efforts.is_empty() { vec![chosen] } else { Effort::ALL.to_vec() };
        evaluation.swap = self.swap.run(classifier, &instances, &efforts)?;
        if self.json {
            return super::print_json(&evaluation);
        }
        let mut page = String::new();
        evaluation.write(&mut page)?;
        super::print(page.as_bytes())
    }
}

impl Evaluate {
    /// What was asked for beyond the report.
    fn details(
        &self,
        evaluation: &mut Evaluation,
        instances: &[Instance],
        answers: &Answers,
        values: &[Vec<String>],
        actors: &[Named],
        effort: Effort,
    ) -> anyhow::Result<()> {
        let bootstrap = Bootstrap::default();
        let truth: Vec<Label> = instances.iter().map(Instance::label).collect();
        let predicted: Vec<Label> = answers.iter().map(|(row, _)| Label::of_scores(*row)).collect();
        let groups: Vec<String> = instances.iter().map(|instance| instance.group.clone()).collect();
        for (column, values) in self.by.iter().zip(values) {
            let slices = by_value(&truth, &predicted, values, &groups, bootstrap)?;
            evaluation.by.push(Breakdown { column: column.clone(), slices });
        }
        let named = [("actor", self.by_actor, 0), ("kind", self.by_kind, 1)];
        for (column, _, part) in named.into_iter().filter(|(_, wanted, _)| *wanted) {
            let values: Vec<String> = actors.iter().map(|named| named[part].clone()).collect();
            let slices = by_value(&truth, &predicted, &values, &groups, bootstrap)?;
            evaluation.by.push(Breakdown { column: column.to_owned(), slices });
        }
        if self.calibration {
            let probabilities: Vec<_> = answers.iter().map(|(row, _)| *row).collect();
            evaluation.calibration = calibration_table(&truth, &probabilities)?;
        }
        if let Some(name) = &self.compare {
            let other =
                base_model(name)?.ok_or_else(|| anyhow::anyhow!("--compare: found \"none\", expected a model"))?;
            let options = Options { effort: Some(effort), ..self.model.options() };
            let other = Classifier::new(&other, catalogue(&self.model.actors)?, options)?;
            let answers = other.judge_instances(instances)?;
            let theirs: Vec<Label> = answers.iter().map(|(row, _)| Label::of_scores(*row)).collect();
            let clusters = Clusters::by_key(&groups);
            let comparison = compare(&truth, &predicted, &theirs, Some(&clusters), bootstrap)?;
            evaluation.comparison = Some(Against { model: name.clone(), comparison });
        }
        Ok(())
    }
}

/// The cells of a column, one an example.
fn column_of<'l>(labelled: &'l Labelled, column: &str) -> anyhow::Result<Vec<&'l str>> {
    let place = labelled.extra.iter().position(|name| name.eq_ignore_ascii_case(column));
    match place {
        Some(at) => Ok(labelled.examples.iter().map(|example| example.extra[at].as_str()).collect()),
        None if column.eq_ignore_ascii_case("group") => {
            Ok(labelled.examples.iter().map(|example| example.group.as_str()).collect())
        }
        None if column.eq_ignore_ascii_case("actor") => {
            Ok(labelled.examples.iter().map(|example| example.actor.as_str()).collect())
        }
        None => {
            let mut names = vec!["actor", "group"];
            names.extend(labelled.extra.iter().map(String::as_str));
            anyhow::bail!("{}: --by: found no column {column:?}, expected one of {}", labelled.file, names.join(", "))
        }
    }
}

/// An actor's name in the catalogue, or as the file has it, and its kind, or `unknown`.
type Named = [String; 2];

fn actor_of(classifier: &Classifier, instance: &Instance, given: &str) -> Named {
    let found = classifier.finder().find(&instance.sentence, None);
    let here = found.iter().find(|found| found.start < instance.mention.end && instance.mention.start < found.end);
    match here.map(|found| classifier.catalogue().actor(found.actor)) {
        Some(actor) => [actor.name.clone(), actor.kind.name().to_owned()],
        None => [given.to_owned(), "unknown".to_owned()],
    }
}

/// The score where a sentence's actors have different labels, if there are such sentences.
fn where_labels_differ(
    instances: &[Instance],
    truth: &[Label],
    predicted: &[Label],
) -> anyhow::Result<Option<Conflicting>> {
    let sentences: Vec<&str> = instances.iter().map(|instance| instance.sentence.as_str()).collect();
    let rows = conflicting(truth, &sentences);
    if rows.is_empty() {
        return Ok(None);
    }
    let pick = |labels: &[Label]| rows.iter().map(|&row| labels[row]).collect::<Vec<_>>();
    let single = pick(&one_label_a_sentence(truth, &sentences));
    let clusters = Clusters::by_key(rows.iter().map(|&row| instances[row].group.as_str()));
    let (truth, predicted) = (pick(truth), pick(predicted));
    let (confusion, single) = (Confusion::of(&truth, &predicted)?, Confusion::of(&truth, &single)?);
    Ok(Some(Conflicting {
        n: rows.len(),
        macro_f1: confusion.macro_f1(),
        ci95: macro_f1_interval(&truth, &predicted, Some(&clusters), Bootstrap::default())?,
        accuracy: confusion.accuracy(),
        one_label_a_sentence: OneLabel { macro_f1: single.macro_f1(), accuracy: single.accuracy() },
    }))
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
    let label = most_common(truth.iter().copied());
    let majority = Confusion::of(&truth, &vec![label; truth.len()])?;
    let predicted: Vec<Label> = probabilities.iter().map(|row| Label::of_scores(*row)).collect();
    let evaluation = Evaluation {
        majority: Baseline { label, macro_f1: majority.macro_f1(), accuracy: majority.accuracy() },
        conflicting: where_labels_differ(instances, &truth, &predicted)?,
        by: Vec::new(),
        calibration: Vec::new(),
        comparison: None,
        swap: Vec::new(),
        report,
        effort: classifier.effort().name(),
        blind: classifier.blind(),
        stages: Shares::of(&answers),
        mentions_per_second: answers.len() as f64 / seconds,
        efforts: Vec::new(),
        not_found: 0,
    };
    Ok((evaluation, answers))
}

impl Evaluation {
    fn write(&self, page: &mut String) -> std::fmt::Result {
        writeln!(page, "{}", self.report)?;
        let hidden = if self.blind { ", names hidden" } else { "" };
        writeln!(page, "effort {}{hidden}, answered by: {}", self.effort, self.stages)?;
        if !self.efforts.is_empty() {
            writeln!(page, "\neffort     macro-F1  95 % interval  mentions/s  answered by")?;
            for score in &self.efforts {
                let [low, high] = score.ci95;
                writeln!(
                    page,
                    "{:<10} {:>8.3}  {low:.3} - {high:.3}  {:>10.0}  {}",
                    score.effort, score.macro_f1, score.mentions_per_second, score.stages
                )?;
            }
        }
        let Baseline { label, macro_f1, accuracy } = self.majority;
        writeln!(page, "\nbaseline, {label} for every row: macro-F1 {macro_f1:.3}, accuracy {accuracy:.3}")?;
        if let Some(Conflicting { n, macro_f1, ci95: [low, high], accuracy, one_label_a_sentence: best }) =
            &self.conflicting
        {
            writeln!(page, "sentences whose actors have different labels, n = {n}:")?;
            writeln!(page, "  this model: macro-F1 {macro_f1:.3} ({low:.3} to {high:.3}), accuracy {accuracy:.3}")?;
            writeln!(
                page,
                "  best single label a sentence: macro-F1 {:.3}, accuracy {:.3}",
                best.macro_f1, best.accuracy
            )?;
        }
        for breakdown in &self.by {
            writeln!(page, "\n{:<30} {:>6} {:>9}  95 % interval", breakdown.column, "n", "macro-F1")?;
            for Slice { value, n, macro_f1, ci95: [low, high], .. } in breakdown.slices.iter().take(SHOWN) {
                let value = if value.is_empty() { "(empty)" } else { value };
                writeln!(page, "{value:<30} {n:>6} {macro_f1:>9.3}  {low:.3} - {high:.3}")?;
            }
            if breakdown.slices.len() > SHOWN {
                writeln!(page, "and {} more; --json has them all", breakdown.slices.len() - SHOWN)?;
            }
        }
        if !self.calibration.is_empty() {
            writeln!(page, "\nsure of its label      n  mean sureness  share right")?;
            for Bin { above, to, n, confidence, accuracy } in &self.calibration {
                writeln!(
                    page,
                    "{:>3.0} - {:>3.0} % {n:>12} {confidence:>14.3} {accuracy:>12.3}",
                    100.0 * above,
                    100.0 * to
                )?;
            }
        }
        if let Some(Against { model, comparison }) = &self.comparison {
            let Comparison { macro_f1_a, macro_f1_b, difference, ci95: [low, high], p_value, mcnemar } = comparison;
            writeln!(page, "\nthis model {macro_f1_a:.3}, {model} {macro_f1_b:.3} macro-F1")?;
            writeln!(
                page,
                "  difference {difference:+.3} (95 % interval {low:+.3} to {high:+.3}), p {p_value:.3} by paired bootstrap"
            )?;
            writeln!(
                page,
                "  only this one right: {}, only the other: {}, p {:.3} by McNemar's test",
                mcnemar.only_a, mcnemar.only_b, mcnemar.p_value
            )?;
        }
        swap::write(page, &self.swap)?;
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
    let columns = [&["sentence", "mention", "label", "predicted"][..], &PROBABILITIES, &["stage"]];
    let writer = RowWriter::new(Format::of_name(&path.display().to_string()), &columns.concat())?;
    let mut output = Output::create(path, inputs)?;
    let mut bytes = Vec::new();
    writer.header(&mut bytes);
    for (instance, (answer, stage)) in instances.iter().zip(answers) {
        let row = writer
            .row(&mut bytes)
            .text(&instance.sentence)
            .text(&instance.sentence[instance.mention.clone()])
            .text(instance.label().name())
            .text(Label::of_scores(*answer).name());
        probabilities(row, answer).text(stage.name()).end();
    }
    output.write_block(&bytes)?;
    output.finish()?;
    Ok(())
}
