//! `toward suggest`: which sentences to label next.

use std::path::PathBuf;

use clap::Args;
use rustc_hash::FxHashSet;
use toward::Label;
use toward::data::{Format, LabelledOptions, Output, Reader, Record, RowWriter, offsets, read_labelled};
use toward::model::{Candidate, Document, Given, Suggestion, candidates, given_candidates, suggest};

use super::mention_columns::{MENTION, PROBABILITIES, mention, probabilities};
use super::options::{CsvOptions, ModelOptions};

/// Choose which sentences to label next.
#[derive(Args)]
#[command(after_help = "\
Chosen are mentions of which the model is unsure, that are unlike each other, and of many actors. The output has the \
columns that `toward train` reads, with an empty label to fill in, the model's guess, its probabilities, and why each \
was chosen. Texts are cut into sentences and searched for the actors of the catalogue, unless --actor-column gives \
them.

Examples:
  toward suggest unlabelled.csv -n 200 -o todo.csv
  toward suggest unlabelled.csv -n 200 --model my.safetensors --without labelled.csv -o todo.csv
  toward suggest rows.csv --text sentence --actor-column actor -o todo.csv")]
pub(super) struct Suggest {
    /// Texts without labels, as CSV; `-` is standard input
    input: PathBuf,
    /// How many mentions to choose, one a sentence
    #[arg(short, long, value_name = "N", default_value_t = 200, value_parser = number)]
    n: usize,
    /// Where they go, as CSV; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The column of the text [default: by its usual names]
    #[arg(long, value_name = "COLUMN")]
    text: Option<String>,
    /// The column of the actor to label; every row is then one sentence [default: all actors of the catalogue]
    #[arg(long, value_name = "COLUMN")]
    actor_column: Option<String>,
    /// Labelled sentences that must not be chosen again; may be given several times
    #[arg(long, value_name = "FILE")]
    without: Vec<PathBuf>,
    /// Print the summary, on standard error, as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    csv: CsvOptions,
    #[command(flatten)]
    model: ModelOptions,
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&n| n > 0).ok_or_else(|| "expected a whole number from 1".to_owned())
}

/// A text of the input, and the actor and mention that its row gives.
struct Text {
    row: u64,
    content: String,
    actor: Option<String>,
    mention: Option<std::ops::Range<usize>>,
}

impl Suggest {
    pub(super) fn run(&self, quiet: bool) -> anyhow::Result<()> {
        let mut inputs = vec![self.input.as_path()];
        inputs.extend(self.without.iter().map(PathBuf::as_path));
        let mut output = Output::create(&self.output, &inputs)?;
        let classifier = self.model.classifier()?;
        let mut known: FxHashSet<String> = FxHashSet::default();
        for file in &self.without {
            let labelled = read_labelled(file, &LabelledOptions::default())?;
            known.extend(labelled.examples.into_iter().map(|example| example.sentence));
        }
        let texts = self.read()?;
        let all = if self.actor_column.is_some() {
            let given: Vec<Given<'_>> = texts
                .iter()
                .map(|text| Given {
                    document: text.document(true),
                    actor: text.actor.as_deref().unwrap_or_default(),
                    mention: text.mention.clone(),
                })
                .collect();
            given_candidates(&classifier, &given)?
        } else {
            let documents: Vec<Document<'_>> = texts.iter().map(|text| text.document(false)).collect();
            candidates(&classifier, &documents)?
        };
        let found = all.len();
        let open: Vec<Candidate> =
            all.into_iter().filter(|candidate| !known.contains(&candidate.instance.sentence)).collect();
        if open.is_empty() {
            let why = match (found, self.actor_column.is_some()) {
                (0, true) => "no text names the actor of its row; give start and end, or add the names with --actors",
                (0, false) => "no text names an actor of the catalogue; give them with --actor-column or --actors",
                _ => "all sentences are labelled already",
            };
            anyhow::bail!("{}: nothing to suggest: {why}", self.input.display());
        }
        let chosen = suggest(&open, self.n);
        output.write_block(&render(&open, &chosen, &texts, &self.output.display().to_string())?)?;
        output.finish()?;
        if quiet {
            return Ok(());
        }
        let actors: FxHashSet<&str> = chosen.iter().map(|choice| open[choice.at].actor.as_str()).collect();
        if self.json {
            super::say_json(&serde_json::json!({
                "chosen": chosen.len(),
                "mentions": open.len(),
                "already_labelled": found - open.len(),
                "actors": actors.len(),
            }))?;
        } else {
            say!("{} of {} mentions chosen, of {} actors", chosen.len(), open.len(), actors.len());
            say!("next: fill in the column label, then `toward train`");
        }
        Ok(())
    }

    fn read(&self) -> anyhow::Result<Vec<Text>> {
        let mut reader = Reader::open(&self.input, &self.csv.source(), &self.csv.reader())?;
        let columns = reader.columns();
        let text_columns = match &self.text {
            Some(name) => vec![columns.find(name)?],
            None => columns.text_columns()?,
        };
        let actor = self.actor_column.as_ref().map(|name| columns.find(name)).transpose()?;
        let offsets = match (actor, columns.find_first(&["start"])?, columns.find_first(&["end"])?) {
            (Some(_), Some(start), Some(end)) => Some((start, end)),
            _ => None,
        };
        let mut texts = Vec::new();
        loop {
            let block = reader.read_block(4096, 1 << 22)?;
            if block.is_empty() {
                break;
            }
            for record in &block {
                let cells = text_columns.iter().filter_map(|&column| record.fields.get(column));
                let cells: Vec<&str> = cells.filter(|cell| !cell.trim().is_empty()).collect();
                if cells.is_empty() {
                    continue;
                }
                let text = cells.join("\n\n");
                texts.push(Text {
                    row: record.row,
                    mention: given_mention(record, &text, offsets, &reader)?,
                    actor: actor.map(|column| record.fields.get(column).unwrap_or_default().to_owned()),
                    content: text,
                });
            }
        }
        reader.finish()?;
        Ok(texts)
    }
}

impl Text {
    fn document(&self, whole: bool) -> Document<'_> {
        Document { text: &self.content, whole, as_of: None }
    }
}

/// The mention's bytes, if the row gives its offsets.
fn given_mention(
    record: &Record,
    text: &str,
    columns: Option<(usize, usize)>,
    reader: &Reader,
) -> anyhow::Result<Option<std::ops::Range<usize>>> {
    let Some((start, end)) = columns else { return Ok(None) };
    let cell = |column: usize| record.fields.get(column).unwrap_or_default().trim();
    if cell(start).is_empty() && cell(end).is_empty() {
        return Ok(None);
    }
    let place = || reader.place(record, Some(start));
    match (cell(start).parse(), cell(end).parse()) {
        (Ok(first), Ok(last)) => match offsets::to_bytes(text, first, last) {
            Ok(range) => Ok(Some(range)),
            Err(error) => anyhow::bail!("{}: found {error}, expected offsets in Unicode code points", place()),
        },
        _ => anyhow::bail!("{}: found {:?} and {:?}, expected whole numbers", place(), cell(start), cell(end)),
    }
}

fn render(all: &[Candidate], chosen: &[Suggestion], texts: &[Text], name: &str) -> anyhow::Result<Vec<u8>> {
    let columns = [&["row"][..], &MENTION, &["label", "guess"], &PROBABILITIES, &["why"]];
    let writer = RowWriter::new(Format::of_name(name), &columns.concat())?;
    let mut bytes = Vec::new();
    writer.header(&mut bytes);
    for choice in chosen {
        let candidate = &all[choice.at];
        let row = writer.row(&mut bytes).integer(texts[candidate.document].row);
        let row = mention(row, &candidate.instance, &candidate.actor)?
            .text("")
            .text(Label::of_scores(candidate.probabilities).name());
        probabilities(row, &candidate.probabilities).text(&why(candidate, choice)).end();
    }
    Ok(bytes)
}

fn why(candidate: &Candidate, choice: &Suggestion) -> String {
    let mut labels = Label::ALL;
    labels.sort_by(|a, b| candidate.probabilities[b.index()].total_cmp(&candidate.probabilities[a.index()]));
    let [first, second] = [labels[0], labels[1]].map(|label| (label, 100.0 * candidate.probabilities[label.index()]));
    let unsure = format!("{} {:.0} %, {} {:.0} %", first.0, first.1, second.0, second.1);
    let actor = match choice.of_actor {
        0 => "first of its actor".to_owned(),
        count => format!("{count} of its actor before it"),
    };
    format!("{unsure}; {:.0} % like the nearest one chosen; {actor}", 100.0 * choice.likeness)
}
