//! `toward actors`: who is known, whom a text names, whom the catalogue lacks, what is wrong with a catalogue.

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;
use toward::actors::{Actor, Catalogue, Date, Discovery, Finder, Finding};
use toward::data::{Output, Reader, Source};
use toward::text::sentences;

use super::options::{CsvOptions, catalogue};

/// Show, find, check and discover actors.
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  toward actors list kremlin
  toward actors find \"Xi accused Washington of stoking tensions.\" --json
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
        /// Print JSON
        #[arg(long)]
        json: bool,
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
        /// Print JSON
        #[arg(long)]
        json: bool,
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
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Actors {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        match self {
            Actors::List { pattern, actors, json } => list(pattern.as_deref(), actors, *json),
            Actors::Find { text, as_of, actors, json } => find(text, *as_of, actors, *json),
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
            Actors::Check { file, json } => check(file.as_ref(), *json),
        }
    }
}

/// An actor in a listing.
#[derive(Serialize)]
struct Listed<'c> {
    id: &'c str,
    kind: &'static str,
    name: &'c str,
    aliases: Vec<&'c str>,
}

impl<'c> Listed<'c> {
    fn of(actor: &'c Actor) -> Listed<'c> {
        let aliases = actor.names().skip(1).collect();
        Listed { id: &actor.id, kind: actor.kind.name(), name: &actor.name, aliases }
    }
}

/// A mention in a text; offsets in Unicode code points.
#[derive(Serialize)]
struct Found<'t> {
    start: usize,
    end: usize,
    mention: &'t str,
    actor: &'t str,
    kind: &'static str,
    id: &'t str,
}

/// Prints what there is, a line each or as JSON.
fn show<T: Serialize>(all: &[T], json: bool, line: impl Fn(&T) -> String) -> anyhow::Result<()> {
    if json {
        return super::print_json(&all);
    }
    let lines: Vec<String> = all.iter().map(line).collect();
    super::print(lines.concat().as_bytes())
}

fn list(pattern: Option<&str>, files: &[PathBuf], json: bool) -> anyhow::Result<()> {
    let catalogue = catalogue(files)?;
    let wanted = pattern.unwrap_or_default().to_lowercase();
    let fits = |actor: &Actor| {
        let holds = |text: &str| text.to_lowercase().contains(&wanted);
        holds(&actor.id) || holds(actor.kind.name()) || actor.names().any(holds)
    };
    let listed: Vec<Listed<'_>> =
        catalogue.actors().filter(|(_, actor)| fits(actor)).map(|(_, actor)| Listed::of(actor)).collect();
    if let (true, Some(pattern)) = (listed.is_empty(), pattern) {
        match catalogue.closest_name(pattern) {
            Some(name) => say!("no actor of that name; did you mean {name:?}?"),
            None => say!("no actor of that name; `toward actors discover` proposes names for a file of your own"),
        }
    }
    show(&listed, json, |actor| {
        format!("{}\t{}\t{}\t{}\n", actor.id, actor.kind, actor.name, actor.aliases.join(" | "))
    })
}

fn find(text: &str, as_of: Option<Date>, files: &[PathBuf], json: bool) -> anyhow::Result<()> {
    let catalogue = catalogue(files)?;
    let finder = Finder::new(&catalogue);
    let found: Vec<Found<'_>> = finder
        .find_in(text, &sentences(text), as_of)
        .into_iter()
        .map(|mention| {
            let (actor, written) = (catalogue.actor(mention.actor), &text[mention.range()]);
            let start = text[..mention.start].chars().count();
            let end = start + written.chars().count();
            Found { start, end, mention: written, actor: &actor.name, kind: actor.kind.name(), id: &actor.id }
        })
        .collect();
    if found.is_empty() {
        say!("no actor of the catalogue is named; add names with --actors");
    }
    show(&found, json, |Found { start, end, mention, actor, kind, id }| {
        format!("{start}-{end}\t{mention}\t{actor}\t{kind}\t{id}\n")
    })
}

fn check(file: Option<&PathBuf>, json: bool) -> anyhow::Result<()> {
    let checked = match file {
        Some(file) => catalogue(std::slice::from_ref(file))?,
        None => Catalogue::embedded(),
    };
    let name = file.map(|file| file.display().to_string());
    // A user's file is checked against the whole catalogue, but only its own rows are its fault.
    let mine: Vec<Finding> = checked
        .lint()
        .into_iter()
        .filter(|finding| name.as_ref().is_none_or(|name| finding.to_string().contains(name.as_str())))
        .collect();
    show(&mine, json, |finding| format!("{finding}\n"))?;
    match mine.len() {
        0 => {
            say!("nothing found");
            Ok(())
        }
        1 => anyhow::bail!("1 finding"),
        count => anyhow::bail!("{count} findings"),
    }
}
