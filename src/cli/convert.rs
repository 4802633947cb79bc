//! `toward convert`: labelled mentions from one tool's format to another's.

use std::cell::OnceCell;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::Args;
use toward::Label;
use toward::actors::{Catalogue, Finder};
use toward::data::convert::{ImportOptions, Interchange, Unit, brat_pair, export, import};
use toward::data::{Example, Output};
use toward::model::Instances;

use super::options::catalogue;

/// Convert labelled mentions from and to the formats of other tools.
#[derive(Args)]
#[command(after_help = "\
Formats:
  toward         CSV with sentence, actor, mention, start, end, label; what `toward train` reads
  newsmtsc       JSON Lines with sentence_normalized and targets (polarity 2, 4, 6)
  newsmtsc-flat  the same as on Hugging Face: one target a row (polarity -1, 0, 1), JSON Lines or CSV
  doccano        JSON Lines with [start, end, \"label\"]
  label-studio   JSON with tasks and their annotations
  prodigy        JSON Lines with spans; only accepted records are read
  semeval        XML with aspectTerm (or Opinion, when reading)
  setfit         text, span, label, ordinal, as JSON Lines or CSV
  brat           .ann and .txt beside it, one sentence a line

The input's format is recognised. The output's follows from the name where it can: .csv, .tsv, .json, .xml, .ann.
Offsets are checked: where a file repeats the mention, the offsets must cut it out. Without offsets, the mention is
found by the actor's name or an alias.

Examples:
  toward convert newsmtsc.jsonl -o labelled.csv
  toward convert labelled.csv -o tasks.json
  toward convert labelled.csv --to doccano -o import.jsonl
  toward convert reviews.xml --map conflict=skip -o labelled.csv
  toward convert export.json --offsets utf-16 -o labelled.csv")]
pub(super) struct Convert {
    /// Labelled mentions; `-` is standard input
    input: PathBuf,
    /// Where they go; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The input's format [default: recognised]
    #[arg(long, value_name = "FORMAT")]
    from: Option<Interchange>,
    /// The output's format [default: by the output's name; toward for standard output]
    #[arg(long, value_name = "FORMAT")]
    to: Option<Interchange>,
    /// What the offsets count: code-points, utf-16 or bytes [default: code points, and an error where another fits]
    #[arg(long, value_name = "UNIT", value_parser = unit)]
    offsets: Option<Unit>,
    /// What a label of the file stands for: LABEL=supportive, neutral, critical or skip; may be given several times
    #[arg(long, value_name = "LABEL=MEANING", value_parser = mapping)]
    map: Vec<(String, Option<Label>)>,
    /// The input's encoding, if not UTF-8: windows-1252, utf-16le …
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Actors that add to the catalogue or override it, as CSV; to find mentions without offsets
    #[arg(long, value_name = "FILE")]
    actors: Vec<PathBuf>,
    /// Print the summary, on standard error, as JSON
    #[arg(long)]
    json: bool,
}

fn unit(text: &str) -> Result<Unit, String> {
    [Unit::CodePoints, Unit::Utf16, Unit::Bytes]
        .into_iter()
        .find(|unit| unit.name() == text)
        .ok_or_else(|| "expected code-points, utf-16 or bytes".to_owned())
}

fn mapping(text: &str) -> Result<(String, Option<Label>), String> {
    let (from, to) = text.rsplit_once('=').ok_or("expected LABEL=MEANING, such as conflict=skip")?;
    let label = match to {
        "skip" => None,
        _ => {
            Some(to.parse::<Label>().map_err(|_| "expected supportive, neutral, critical or skip after =".to_owned())?)
        }
    };
    Ok((from.trim_matches('"').to_owned(), label))
}

impl Convert {
    pub(super) fn run(&self, quiet: bool) -> anyhow::Result<()> {
        let name = self.output.display().to_string();
        let to = match self.to {
            Some(format) => format,
            None if name == "-" => Interchange::Toward,
            None => Interchange::of_output(&name)?,
        };
        // The catalogue is built only if a mention has to be found by its name.
        let known: OnceCell<(Catalogue, Finder)> = OnceCell::new();
        let base = catalogue(&self.actors)?;
        let locate = |sentence: &str, actor: &str| {
            let (catalogue, finder) = known.get_or_init(|| (base.clone(), Finder::new(&base)));
            find(sentence, actor, catalogue, finder)
        };
        let options = ImportOptions {
            format: self.from,
            encoding: self.encoding.clone(),
            unit: self.offsets,
            labels: self.map.clone(),
            locate: Some(&locate),
        };
        let read = import(&self.input, &options)?;
        let written = export(&read.items, to, &name)?;
        let inputs: Vec<&Path> = vec![&self.input];
        if let Some(text) = &written.text {
            let (text_file, annotations) = brat_pair(&self.output)?;
            let mut output = Output::create(&text_file, &inputs)?;
            let mut beside = Output::create(&annotations, &inputs)?;
            output.write_block(text)?;
            beside.write_block(&written.bytes)?;
            output.finish()?;
            beside.finish()?;
        } else {
            let mut output = Output::create(&self.output, &inputs)?;
            output.write_block(&written.bytes)?;
            output.finish()?;
        }
        if !quiet && self.json {
            let left_out: std::collections::BTreeMap<String, u64> =
                read.left_out.iter().map(|(why, count)| (why.to_string(), *count as u64)).collect();
            super::say_json(&serde_json::json!({
                "mentions": read.items.len(),
                "from": read.format.name(),
                "to": to.name(),
                "left_out": left_out,
            }))?;
        } else if !quiet {
            for (why, count) in &read.left_out {
                say!("left out {count}: {why}");
            }
            say!("{} mentions from {} to {}", read.items.len(), read.format.name(), to.name());
        }
        Ok(())
    }
}

/// The first mention of an actor in a sentence.
fn find(sentence: &str, actor: &str, catalogue: &Catalogue, finder: &Finder) -> Option<Range<usize>> {
    let example = Example {
        sentence: sentence.to_owned(),
        mention: None,
        actor: actor.to_owned(),
        label: Label::Neutral,
        weight: 1.0,
        group: String::new(),
        extra: Vec::new(),
        row: 0,
        line: 0,
    };
    let found = Instances::of_labelled("", &[example], catalogue, finder);
    found.instances.into_iter().next().map(|instance| instance.mention)
}
