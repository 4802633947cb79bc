//! The command line: one file a command. Each reads its arguments, calls the library, shows progress.
//!
//! Data go to standard output or the named file, everything else to standard error. Exit status: 0 done, 1 the
//! data or files are at fault, 2 the command line is.

/// Says a line on standard error. Unlike `eprintln!` it does not panic where nobody listens: a training of minutes
/// must not be lost because its log was piped into `head`.
macro_rules! say {
    ($($part:tt)*) => {
        $crate::cli::say_line(format_args!($($part)*))
    };
}

mod actors;
mod audit;
mod classify;
mod convert;
mod evaluate;
mod explain;
mod model;
mod options;
mod pipeline;
mod progress;
mod report;
mod resume;
mod suggest;
mod train;

use clap::{CommandFactory, Parser, Subcommand};

/// Labels news sentences as supportive of, critical of or neutral toward each actor in them.
#[derive(Parser)]
#[command(
    name = "toward",
    version,
    max_term_width = 100,
    after_help = "Examples:
  toward classify articles.csv -o stance.csv
  toward classify rows.csv --text sentence --actor-column actor -o out.csv
  toward train labelled.csv -o my.safetensors
  toward evaluate labelled.csv --model my.safetensors
  toward suggest unlabelled.csv -n 200 -o todo.csv
  toward audit labelled.csv -o doubtful.csv
  toward convert export.jsonl -o labelled.csv
  toward explain \"Xi accused NATO of aggression.\" --actor NATO
  toward report stance.csv -o report.html

`toward COMMAND --help` tells more."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Use so many threads [default: one a core]. The output is the same for any number
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Print no progress and no summary
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Label the sentences of a CSV file: one row a sentence and actor
    Classify(classify::Classify),
    /// Train a model on labelled sentences
    Train(train::Train),
    /// Score a model on labelled sentences
    Evaluate(evaluate::Evaluate),
    /// Choose which sentences to label next
    Suggest(suggest::Suggest),
    /// Find labels that look wrong
    Audit(audit::Audit),
    /// Convert labelled mentions from and to the formats of other tools
    Convert(convert::Convert),
    /// Show why a sentence gets its label
    Explain(explain::Explain),
    /// Make a page to look at of what `classify` wrote
    Report(report::Report),
    /// Show and check models
    #[command(subcommand)]
    Model(model::Model),
    /// Show, find, check and discover actors
    #[command(subcommand)]
    Actors(actors::Actors),
    /// Print a completion script for a shell
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    #[command(hide = true)]
    Man,
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// Any error of the library, with its message.
    pub fn run(self) -> anyhow::Result<()> {
        if let Some(threads) = self.threads {
            // Fails only if the pool exists already, which it does not this early.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
        }
        match self.command {
            Command::Classify(command) => command.run(self.quiet),
            Command::Train(command) => command.run(self.quiet),
            Command::Evaluate(command) => command.run(),
            Command::Suggest(command) => command.run(self.quiet),
            Command::Audit(command) => command.run(self.quiet),
            Command::Convert(command) => command.run(self.quiet),
            Command::Explain(command) => command.run(),
            Command::Report(command) => command.run(self.quiet),
            Command::Model(command) => command.run(),
            Command::Actors(command) => command.run(),
            Command::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut Cli::command(), "toward", &mut script);
                print(&script)
            }
            Command::Man => {
                let mut page = Vec::new();
                clap_mangen::Man::new(Cli::command()).render(&mut page)?;
                print(&page)
            }
        }
    }
}

/// Says a line on standard error, if anybody listens.
pub fn say_line(line: std::fmt::Arguments<'_>) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes a value to standard output as JSON that people can read.
fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut json = serde_json::to_vec_pretty(value)?;
    json.push(b'\n');
    print(&json)
}

/// Writes to standard output. Unlike `println!` it does not panic where the reader has gone or the disk is full.
fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut output = toward::data::Output::create("-", &[])?;
    output.write_block(bytes)?;
    output.finish()?;
    Ok(())
}
