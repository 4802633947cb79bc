//! `classify --resume`: begins a run, or goes on with one that ended early.
//!
//! What the library's journal keeps is bound to everything the output depends on: the program itself, every option as it
//! was understood, and the files that options name. The input need not be: its part that was read is compared when it is
//! read again.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::xxh3_128;

use super::options::CsvOptions;
use toward::data::{Checkpoint, Conditions, Counts, Journal, Output, Reader, Rejects, Source};

/// A run at its beginning, or where it is gone on with.
pub(super) struct Run<T> {
    /// Where records come from.
    pub reader: Reader,
    /// The journal, if the run can be gone on with.
    pub journal: Option<Journal>,
    /// What an interrupted run finished last.
    last: Option<Checkpoint<T>>,
}

/// What there is to do.
pub(super) enum Begin<T> {
    /// Records to read.
    Run(Box<Run<T>>),
    /// Nothing: an interrupted run had finished all, and its outputs are in their places now.
    Done { tally: T, rejected: u64 },
}

impl<T: Serialize + DeserializeOwned + Clone + Default> Run<T> {
    /// Opens the input and, where there are `conditions`, the journal beside the output.
    pub fn begin(
        input: &Path,
        output: &Path,
        csv: &CsvOptions,
        conditions: Option<&Conditions>,
    ) -> anyhow::Result<Begin<T>> {
        let inputs: &[&Path] = if input == Path::new("-") { &[] } else { &[input] };
        let rejects = csv.rejects.as_deref();
        let Some(conditions) = conditions else {
            let rejects = rejects.map(|path| Rejects::create(path, inputs)).transpose()?;
            let reader = Reader::with_rejects(Source::open(input, &csv.source())?, &csv.reader(), rejects)?;
            return Ok(Begin::Run(Box::new(Run { reader, journal: None, last: None })));
        };
        let (journal, last) = Journal::open::<T>(output, conditions)?;
        if let Some(last) = last.as_ref().filter(|last| last.finished) {
            if let Some(rejects) = rejects {
                Output::settle(rejects, last.input.rejects)?;
            }
            Output::settle(output, last.output)?;
            journal.remove()?;
            return Ok(Begin::Done { tally: last.tally.clone(), rejected: last.input.rejected });
        }
        let at = last.as_ref().map(|last| &last.input);
        let (length, count) = at.map_or((0, 0), |at| (at.rejects, at.rejected));
        let rejects = rejects.map(|path| Rejects::resume(path, inputs, length, count)).transpose()?;
        let source = Source::open(input, &csv.source())?;
        let reader = match at {
            Some(at) => Reader::resume(source, &csv.reader(), at, rejects)?,
            None => Reader::with_rejects(source, &csv.reader(), rejects)?,
        };
        Ok(Begin::Run(Box::new(Run { reader, journal: Some(journal), last })))
    }

    /// Opens the output at its beginning, where it gets the `header`, or where it is gone on with.
    pub fn output(&self, path: &Path, inputs: &[&Path], header: &[u8]) -> anyhow::Result<Output> {
        if let Some(last) = &self.last {
            return Ok(Output::resume(path, inputs, last.output)?);
        }
        let mut output =
            if self.journal.is_some() { Output::resume(path, inputs, 0)? } else { Output::create(path, inputs)? };
        output.write_block(header)?;
        Ok(output)
    }

    /// What was counted so far.
    pub fn tally(&self) -> T {
        self.last.as_ref().map(|last| last.tally.clone()).unwrap_or_default()
    }

    /// How many records an interrupted run had finished.
    pub fn finished(&self) -> u64 {
        self.last.as_ref().map_or(0, |last| last.input.row)
    }

    /// Puts the outputs in their places, in an order in which a run that ends between two steps can be gone on with.
    pub fn finish(self, mut output: Output, tally: T) -> anyhow::Result<Counts> {
        let Run { mut reader, mut journal, .. } = self;
        if let Some(journal) = &mut journal
            && let Some(input) = reader.checkpoint()?
        {
            journal.add(&Checkpoint { input, output: output.checkpoint()?, tally, finished: true })?;
        }
        let counts = reader.finish()?;
        output.finish()?;
        journal.map(Journal::remove).transpose()?;
        Ok(counts)
    }
}

/// What the output depends on beside the input: this program, the options of a command, the content of `files`.
pub(super) fn conditions(command: &impl Debug, files: &[&PathBuf]) -> anyhow::Result<Conditions> {
    let mut conditions = options(command);
    let hash = |path: &Path| Ok::<_, std::io::Error>(format!("{:032x}", xxh3_128(&std::fs::read(path)?)));
    for file in files {
        let name = file.display();
        let content = hash(file).map_err(|error| anyhow::anyhow!("{name}: cannot be read: {error}"))?;
        conditions.insert(format!("{name} with the hash"), content);
    }
    // The program holds the default model, the catalogue and the code. Where it cannot be read, its version stands for it.
    let program = std::env::current_exe().and_then(|program| hash(&program));
    let program = program.unwrap_or_else(|_| env!("CARGO_PKG_VERSION").to_owned());
    conditions.insert("the program toward with the hash".to_owned(), program);
    Ok(conditions)
}

/// The options of a command as its fields show them, so that none can be forgotten; those of its parts as its own.
fn options(command: &impl Debug) -> Conditions {
    // Where rows go is where the journal is, and to go on is no property of them.
    const OF_THIS_RUN: [&str; 2] = ["--output", "--resume"];
    let shown = format!("{command:#?}");
    let mut options: Vec<(String, String)> = Vec::new();
    for line in shown.lines().map(str::trim) {
        match line.split_once(": ") {
            Some((_, value)) if value.ends_with('{') => {}
            Some((field, value)) if field.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') => {
                options.push((format!("--{}", field.replace('_', "-")), value.to_owned()));
            }
            // A value over several lines.
            _ => {
                if let Some((_, value)) = options.last_mut() {
                    value.push_str(line);
                }
            }
        }
    }
    let tidy = |value: String| {
        let value = value.trim_end_matches(['}', ',']);
        let inner = value.strip_prefix("Some(").and_then(|value| value.strip_suffix(')'));
        inner.unwrap_or(value).trim_end_matches(',').replace("None", "nothing")
    };
    let options = options.into_iter().filter(|(name, _)| !OF_THIS_RUN.contains(&name.as_str()));
    options.map(|(name, value)| (name, tidy(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_command_and_of_its_parts_is_a_condition() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "fields are shown")]
        struct Part {
            delimiter: Option<u8>,
            on_error: Level,
        }
        #[derive(Debug)]
        enum Level {
            Country,
        }
        #[derive(Debug)]
        #[expect(dead_code, reason = "fields are shown")]
        struct Command {
            input: PathBuf,
            output: PathBuf,
            resume: bool,
            id_column: Option<String>,
            csv: Part,
            actors: Vec<PathBuf>,
            as_of: Option<Level>,
        }
        let command = Command {
            input: "a.csv".into(),
            output: "b.csv".into(),
            resume: true,
            id_column: Some("a: b".to_owned()),
            csv: Part { delimiter: None, on_error: Level::Country },
            actors: vec!["x.csv".into(), "y.csv".into()],
            as_of: Some(Level::Country),
        };
        let shown: Vec<String> = options(&command).iter().map(|(name, value)| format!("{name} {value}")).collect();
        assert_eq!(
            shown,
            [
                "--actors [\"x.csv\",\"y.csv\",]",
                "--as-of Country",
                "--delimiter nothing",
                "--id-column \"a: b\"",
                "--input \"a.csv\"",
                "--on-error Country",
            ]
        );
    }
}
