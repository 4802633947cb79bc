//! The `toward` command: parses the command line, maps errors to exit codes; nothing else.

mod cli;

use std::process::ExitCode;

use clap::Parser;
use toward::data::DataError;

/// The data or a file are at fault.
const FAILED: u8 = 1;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has seen enough, as `head` has: that is no failure.
        Err(error) if error.downcast_ref::<DataError>().is_some_and(DataError::is_broken_pipe) => ExitCode::SUCCESS,
        Err(error) => {
            cli::say_line(format_args!("error: {}", one_line(&error)));
            ExitCode::from(FAILED)
        }
    }
}

/// The error and its causes, except those that it already quotes, as errors of reading and writing do.
fn one_line(error: &anyhow::Error) -> String {
    error
        .chain()
        .skip(1)
        .map(ToString::to_string)
        .fold(error.to_string(), |line, cause| if line.contains(&cause) { line } else { format!("{line}: {cause}") })
}
