//! `toward explain`: why a mention gets its label, word by word, and what would change it.

use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Color, Style};
use clap::Args;
use toward::Label;
use toward::data::{Columns, DataError, Fault, Output, Problem, Reader, ReaderOptions, Record, SourceOptions, offsets};
use toward::model::{Classifier, Document, Explanation, Feature, Grounds, Word};
use toward::report::{Explained, render_explanations};

use super::options::ModelOptions;
use super::strongest::is_word;

/// Show why a sentence gets its label.
#[derive(Args)]
#[command(after_help = "\
What is explained is the answer of the model that `classify` would ask. The sparse model's score is a sum: its words \
and features add up to the score exactly. Where the encoder answers (--effort full, or balanced and the sparse model \
unsure), a word's figure is by how much the label's log-odds fall without that word; such figures do not add up.

What would change the label is a smallest set of words without which the mention gets another one; it has been \
labelled again without them.

Examples:
  toward explain \"Xi accused Washington of stoking tensions.\"
  toward explain \"Xi accused Washington of stoking tensions.\" --actor \"United States\" --features 20
  toward explain \"Xi accused Washington of stoking tensions.\" --effort full -o why.html
  toward explain --from examples/stance.csv --row 12
  toward explain --from examples/stance.csv --row 12 --json")]
pub(super) struct Explain {
    /// The sentence
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    sentence: Option<String>,
    /// Explain a row of this file, an output of `toward classify`
    #[arg(long, value_name = "FILE", requires = "row")]
    from: Option<PathBuf>,
    /// The row's number in that file, from 1; the header is not counted
    #[arg(long, value_name = "N", requires = "from", value_parser = clap::value_parser!(u64).range(1..))]
    row: Option<u64>,
    /// The actor: a name, an alias, or as it is written in the sentence [default: every actor]
    #[arg(long, short, conflicts_with = "from")]
    actor: Option<String>,
    /// How many features to list
    #[arg(long, default_value_t = 8)]
    features: usize,
    /// Where the explanation goes: a page for a name in .html, JSON for .json, else text; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Print JSON
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// Print a page for the browser
    #[arg(long)]
    html: bool,
    #[command(flatten)]
    model: ModelOptions,
}

/// What is written.
enum Form {
    Text,
    Json,
    Html,
}

impl Explain {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let classifier = self.model.classifier()?;
        let explanations = match (&self.sentence, &self.from) {
            (Some(sentence), _) => self.of_sentence(&classifier, sentence)?,
            (None, Some(file)) => of_row(&classifier, file, self.row.unwrap_or(1))?,
            // The command line holds one of them.
            (None, None) => Vec::new(),
        };
        let explained = Explained::all(&classifier, explanations)?;
        let inputs: Vec<&Path> = self.from.iter().map(PathBuf::as_path).collect();
        let to_terminal = self.output == Path::new("-");
        let bytes = match self.form() {
            Form::Html => render_explanations(&explained)?.into_bytes(),
            Form::Json => {
                let mut json = serde_json::to_vec_pretty(&explained)?;
                json.push(b'\n');
                json
            }
            Form::Text => {
                let paint = Paint(to_terminal && colours());
                explained
                    .iter()
                    .map(|explained| text(explained, self.features, &paint))
                    .collect::<String>()
                    .into_bytes()
            }
        };
        let mut output = Output::create(&self.output, &inputs)?;
        output.write_block(&bytes)?;
        output.finish()?;
        Ok(())
    }

    fn form(&self) -> Form {
        let extension = self.output.extension().unwrap_or_default().to_ascii_lowercase();
        if self.html || (!self.json && (extension == "html" || extension == "htm")) {
            Form::Html
        } else if self.json || extension == "json" {
            Form::Json
        } else {
            Form::Text
        }
    }

    fn of_sentence(&self, classifier: &Classifier, sentence: &str) -> anyhow::Result<Vec<Explanation>> {
        let explanations = classifier.explain(sentence, self.actor.as_deref())?;
        if !explanations.is_empty() {
            return Ok(explanations);
        }
        let Some(actor) = &self.actor else {
            anyhow::bail!(
                "the sentence names no actor of the catalogue; give one with --actor, or add it with --actors"
            )
        };
        let meant = match classifier.catalogue().closest_name(actor) {
            // It is in the catalogue, and so no slip.
            Some(name) if name.eq_ignore_ascii_case(actor) => None,
            other => other,
        };
        match meant {
            Some(name) => anyhow::bail!("the sentence does not name {actor:?}; did you mean {name:?}?"),
            None => {
                anyhow::bail!("the sentence does not name {actor:?}; `toward actors find` shows whom it names")
            }
        }
    }
}

/// Whether standard output takes colours: a terminal does, unless `NO_COLOR` says otherwise.
fn colours() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// Explains the mention of a row that `toward classify` wrote.
fn of_row(classifier: &Classifier, file: &Path, wanted: u64) -> anyhow::Result<Vec<Explanation>> {
    let mut reader = Reader::open(file, &SourceOptions::default(), &ReaderOptions::default())?;
    let columns = reader.columns().clone();
    let [sentence, start, end] = ["sentence", "start", "end"].map(|name| columns.find(name));
    let (sentence, start, end) = (sentence?, start?, end?);
    let record = record(&mut reader, wanted)?;
    let wrong = |column: usize, expected: &str| {
        let found = format!("{:?}", &record.fields[column]);
        DataError::from(Problem::new(reader.place(&record, Some(column)), Fault::Value, found, expected))
    };
    let number = |column: usize| {
        let cell = record.fields[column].trim();
        cell.parse::<usize>().map_err(|_| wrong(column, "a whole number from 0, as `toward classify` writes"))
    };
    let text = &record.fields[sentence];
    let mention = offsets::to_bytes(text, number(start)?, number(end)?)
        .map_err(|error| wrong(start, &format!("characters of the sentence ({error})")))?;
    let document = Document { text, whole: true, as_of: None };
    let explanations = classifier.explain_mentions(&document, &[mention])?;
    let mut explanations: Vec<Explanation> = explanations.into_iter().flatten().collect();
    for explanation in &mut explanations {
        if let Some(actor) = cell(&columns, &record, "actor")? {
            actor.clone_into(&mut explanation.actor);
        }
        if let Some(label) = cell(&columns, &record, "label")?.filter(|label| *label != explanation.label.name()) {
            say!(
                "note: the file says {label}, and this model at effort {} says {}: it was made with another model or \
                 effort, or from more text than the sentence",
                classifier.effort().name(),
                explanation.label
            );
        }
    }
    Ok(explanations)
}

fn cell<'r>(columns: &Columns, record: &'r Record, name: &str) -> anyhow::Result<Option<&'r str>> {
    let column = columns.find_first(&[name])?;
    Ok(column.and_then(|column| record.fields.get(column)).filter(|cell| !cell.is_empty()))
}

/// The record with this number.
fn record(reader: &mut Reader, wanted: u64) -> anyhow::Result<Record> {
    let mut rows = 0;
    loop {
        let block = reader.read_block(4096, 1 << 22)?;
        let Some(last) = block.last() else {
            anyhow::bail!("{}: --row: found {wanted}, expected 1 to {rows}, the number of rows", reader.name());
        };
        rows = last.row;
        if let Some(record) = block.into_iter().find(|record| record.row == wanted) {
            return Ok(record);
        }
    }
}

/// Writes in colours, or not.
struct Paint(bool);

impl Paint {
    fn style(&self, style: Style, text: &str) -> String {
        if self.0 { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.style(Style::new().bold(), text)
    }

    /// A word by what it adds to the label, compared with the strongest word: blue speaks for it, yellow against it, as
    /// readers who do not tell red from green can see; what adds little is dim.
    fn word(&self, text: &str, adds: f64, strongest: f64) -> String {
        let strength = if strongest > 0.0 { adds.abs() / strongest } else { 0.0 };
        let colour = if adds > 0.0 { AnsiColor::BrightBlue } else { AnsiColor::BrightYellow };
        let coloured = Style::new().fg_color(Some(Color::Ansi(colour)));
        let style = match strength {
            0.5.. => coloured.bold().underline(),
            0.15.. => coloured,
            _ => Style::new().dimmed(),
        };
        self.style(style, text)
    }
}

fn text(Explained { explanation, change }: &Explained, most: usize, paint: &Paint) -> String {
    let Explanation { actor, mention, label, probabilities, scores, .. } = explanation;
    let at = label.index();
    let adds = |word: &Word| word.contributions[at];
    let strongest = explanation.words.iter().map(|word| adds(word).abs()).fold(0.0, f64::max);
    let is_mention = |word: &Word| (explanation.place.start..explanation.place.end).contains(&word.character);
    let mut page = format!("{} ({mention})\n", paint.bold(actor));
    for other in Label::ALL {
        let percent = 100.0 * probabilities[other.index()];
        let line = format!("  {:<10} {percent:>5.1} %   score {:+.3}", other.name(), scores[other.index()]);
        page += &if other == *label { paint.bold(&line) } else { line };
        page.push('\n');
    }
    if paint.0 {
        page += "  ";
        let mut written = 0;
        for word in &explanation.words {
            page += &explanation.sentence[written..word.start];
            written = word.start + word.text.len();
            page +=
                &if is_mention(word) { paint.bold(&word.text) } else { paint.word(&word.text, adds(word), strongest) };
        }
        page += &explanation.sentence[written..];
        page.push('\n');
    }
    let summed = matches!(explanation.grounds, Grounds::Sum { .. });
    page += &match explanation.grounds {
        Grounds::Sum { .. } => format!("  words, by how much they speak for {label}:\n"),
        Grounds::Occlusion => format!("  words, by how much the log-odds of {label} fall without them (encoder):\n"),
    };
    // Punctuation and the mention are parts of the sum, and were never left out.
    let shown = explanation.words.iter().filter(|word| summed || (is_word(word) && !is_mention(word)));
    let words: Vec<String> =
        shown.map(|word| paint.word(&format!("{} {:+.2}", word.text, adds(word)), adds(word), strongest)).collect();
    page += &format!("    {}\n", words.join("  "));
    if let Grounds::Sum { features, .. } = &explanation.grounds {
        page += "  strongest features:\n";
        let mut features: Vec<&Feature> = features.iter().collect();
        let strength = |feature: &Feature| feature.contributions[at].abs();
        features.sort_by(|a, b| strength(b).total_cmp(&strength(a)).then(a.name.cmp(&b.name)));
        for feature in features.into_iter().take(most) {
            page += &format!("    {:+.3}  {}\n", feature.contributions[at], feature.name);
        }
    }
    page += &match change {
        None => format!("  no few words make it anything but {label}\n"),
        Some(change) => {
            let words: Vec<String> = change.without.iter().map(|word| format!("{:?}", word.text)).collect();
            let search = if change.smallest { "" } else { " (a smaller set may exist)" };
            format!(
                "  without {} it would be {}, {:.1} %{search}\n",
                words.join(", "),
                paint.bold(change.label.name()),
                100.0 * change.probabilities[change.label.index()]
            )
        }
    };
    page.push('\n');
    page
}
