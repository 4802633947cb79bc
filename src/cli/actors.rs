//! `toward actors`: who is known, whom a text names, whom the catalogue lacks, what is wrong with a catalogue.

use std::path::PathBuf;

use clap::Subcommand;
use toward::actors::{Catalogue, Date, Discovery, Finder};
use toward::data::{Output, Reader, Source};
use toward::text::sentences;

use super::options::{CsvOptions, catalogue};

/// Show, find, check and discover actors.
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  toward actors list kremlin
  toward actors find \"Xi accused Washington of stoking tensions.\"
  toward actors discover articles.csv -o my.csv
  toward actors check my.csv")]
pub(super) enum Actors {
    /// List the actors of the catalogue
    List {
        /// Only those whose name, alias, id or kind contains this
        pattern: Option<String>,
        /// Actors that add to the catalogue or override it, as CSV
        #[arg(long, value_name = "FILE")]
        actors: Vec<PathBuf>,
    },
    /// Show whom a text names
    Find {
        /// The text
        text: String,
        /// The day of writing: YYYY-MM-DD
        #[arg(long, value_name = "DATE")]
        as_of: Option<Date>,
        /// Actors that add to the catalogue or override it, as CSV
        #[arg(long, value_name = "FILE")]
        actors: Vec<PathBuf>,
    },
    /// Propose names that the catalogue lacks, as CSV that can be corrected and given back with --actors
    Discover {
        /// The CSV file with the texts, `-` for standard input
        input: PathBuf,
        /// The columns that hold text [default: by their usual names]
        #[arg(long, short)]
        text: Option<String>,
        /// How often a name must occur
        #[arg(long, default_value_t = 3)]
        least: u64,
        /// Where the proposals go
        #[arg(long, short, default_value = "-")]
        output: PathBuf,
        /// Actors that add to the catalogue or override it, as CSV
        #[arg(long, value_name = "FILE")]
        actors: Vec<PathBuf>,
        #[command(flatten)]
        csv: Box<CsvOptions>,
    },
    /// Look for mistakes in an actor file: duplicate or shadowed names, unknown ids and codes, ambiguity without a rule
    Check {
        /// The actor file [default: the catalogue inside the binary]
        file: Option<PathBuf>,
    },
}

impl Actors {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        match self {
            Actors::List { pattern, actors } => list(pattern.as_deref(), actors),
            Actors::Find { text, as_of, actors } => find(text, *as_of, actors),
            Actors::Discover { input, text, least, output, actors, csv } => {
                let finder = Finder::new(&catalogue(actors)?);
                let mut discovery = Discovery::new(&finder);
                let mut reader = Reader::new(Source::open(input, &csv.source())?, &csv.reader())?;
                let columns = match text {
                    Some(selection) => reader.columns().select(selection)?,
                    None => reader.columns().text_columns()?,
                };
                loop {
                    let block = reader.read_block(4096, 1 << 22)?;
                    if block.is_empty() {
                        break;
                    }
                    for cell in block.iter().flat_map(|record| columns.iter().filter_map(|&at| record.fields.get(at))) {
                        discovery.add(cell, &sentences(cell));
                    }
                }
                let mut bytes = Vec::new();
                Discovery::write(&discovery.proposals(*least), &mut bytes)?;
                let mut output = Output::create(output, &[input])?;
                output.write_block(&bytes)?;
                output.finish()?;
                Ok(())
            }
            Actors::Check { file } => check(file.as_ref()),
        }
    }
}

fn list(pattern: Option<&str>, files: &[PathBuf]) -> anyhow::Result<()> {
    let catalogue = catalogue(files)?;
    let wanted = pattern.unwrap_or_default().to_lowercase();
    let mut table = String::new();
    for (_, actor) in catalogue.actors() {
        let holds = |text: &str| text.to_lowercase().contains(&wanted);
        if holds(&actor.id) || holds(actor.kind.name()) || actor.names().any(holds) {
            let names: Vec<&str> = actor.names().skip(1).collect();
            table += &format!("{}\t{}\t{}\t{}\n", actor.id, actor.kind.name(), actor.name, names.join(" | "));
        }
    }
    if let (true, Some(pattern)) = (table.is_empty(), pattern) {
        match catalogue.closest_name(pattern) {
            Some(name) => say!("no actor of that name; did you mean {name:?}?"),
            None => say!("no actor of that name; `toward actors discover` proposes names for a file of your own"),
        }
    }
    super::print(table.as_bytes())
}

fn find(text: &str, as_of: Option<Date>, files: &[PathBuf]) -> anyhow::Result<()> {
    let catalogue = catalogue(files)?;
    let finder = Finder::new(&catalogue);
    let found = finder.find_in(text, &sentences(text), as_of);
    if found.is_empty() {
        say!("no actor of the catalogue is named; add names with --actors");
    }
    let mut table = String::new();
    for mention in found {
        let actor = catalogue.actor(mention.actor);
        let start = text[..mention.start].chars().count();
        let end = start + text[mention.range()].chars().count();
        table += &format!(
            "{start}-{end}\t{}\t{}\t{}\t{}\n",
            &text[mention.range()],
            actor.name,
            actor.kind.name(),
            actor.id
        );
    }
    super::print(table.as_bytes())
}

fn check(file: Option<&PathBuf>) -> anyhow::Result<()> {
    let checked = match file {
        Some(file) => catalogue(std::slice::from_ref(file))?,
        None => Catalogue::embedded(),
    };
    let name = file.map(|file| file.display().to_string());
    let findings = checked.lint();
    // A user's file is checked against the whole catalogue, but only its own rows are its fault.
    let mine: Vec<String> = findings
        .iter()
        .map(ToString::to_string)
        .filter(|finding| name.as_ref().is_none_or(|name| finding.contains(name.as_str())))
        .collect();
    super::print(mine.iter().fold(String::new(), |list, finding| list + finding + "\n").as_bytes())?;
    match mine.len() {
        0 => {
            say!("nothing found");
            Ok(())
        }
        1 => anyhow::bail!("1 finding"),
        count => anyhow::bail!("{count} findings"),
    }
}
