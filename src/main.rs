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
            // Every error of ours quotes its cause: to print the chain would tell it twice.
            cli::say_line(format_args!("error: {error}"));
            ExitCode::from(FAILED)
        }
    }
}
