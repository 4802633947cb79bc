//! Options that several commands share, and what they mean.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use toward::actors::{Catalogue, Level};
use toward::data::{OnError, ReaderOptions, SourceOptions};
use toward::model::{Classifier, Effort, Model, Options};

/// Which model and which actors.
#[derive(Args, Debug)]
pub(super) struct ModelOptions {
    /// A model written by `toward train` [default: the one inside the binary]
    #[arg(long, short, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Actors that add to the catalogue or override it, as CSV; may be given several times
    #[arg(long, value_name = "FILE")]
    pub actors: Vec<PathBuf>,
    /// How much work a label may cost [default: balanced, or fast where there is no encoder]
    #[arg(long, value_name = "EFFORT")]
    pub effort: Option<EffortOption>,
    /// Hide from the encoder who is named: for comparing actors with each other. The same words then get the same label
    /// whoever they are said of, and more labels are wrong (the sparse model never sees the name)
    #[arg(long)]
    pub blind: bool,
}

/// An effort, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum EffortOption {
    /// The linear model on words alone: tens of thousands of sentences a second
    Fast,
    /// The encoder where the linear model is not sure
    Balanced,
    /// The encoder for every mention: hundreds a second
    Full,
}

impl From<EffortOption> for Effort {
    fn from(option: EffortOption) -> Effort {
        match option {
            EffortOption::Fast => Effort::Fast,
            EffortOption::Balanced => Effort::Balanced,
            EffortOption::Full => Effort::Full,
        }
    }
}

/// A level of actors, as typed.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum LevelOption {
    /// One row a mention
    Mention,
    /// One row a sentence and actor
    #[default]
    Actor,
    /// One row a sentence and country: Putin and the Kremlin count as Russia
    Country,
}

impl From<LevelOption> for Level {
    fn from(option: LevelOption) -> Level {
        match option {
            LevelOption::Mention => Level::Mention,
            LevelOption::Actor => Level::Actor,
            LevelOption::Country => Level::Country,
        }
    }
}

/// The catalogue inside the binary with those files on top.
pub(super) fn catalogue(files: &[PathBuf]) -> anyhow::Result<Catalogue> {
    let mut catalogue = Catalogue::embedded();
    for file in files {
        let name = file.display().to_string();
        let source = std::fs::File::open(file).map_err(|error| anyhow::anyhow!("{name}: cannot be read: {error}"))?;
        catalogue.extend_from(source, &name)?;
    }
    Ok(catalogue)
}

/// A model from its file, or the one inside the binary.
pub(super) fn model(file: Option<&PathBuf>) -> anyhow::Result<Model> {
    Ok(match file {
        Some(file) => Model::open(file)?,
        None => Model::embedded()?,
    })
}

impl ModelOptions {
    /// How the classifier is to work.
    pub fn options(&self) -> Options {
        Options { effort: self.effort.map(Effort::from), blind: self.blind }
    }

    /// The classifier that they describe.
    pub fn classifier(&self) -> anyhow::Result<Classifier> {
        let (model, catalogue) = rayon::join(|| model(self.model.as_ref()), || catalogue(&self.actors));
        Ok(Classifier::new(&model?, catalogue?, self.options())?)
    }
}

/// How CSV is read.
#[derive(Args, Debug)]
pub(super) struct CsvOptions {
    /// The delimiter: one character, `tab`, or `sniff` to find it out [default: comma; tab for .tsv]
    #[arg(long, short, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<Delimiter>,
    /// The first line is data: columns are named 1, 2, 3 …
    #[arg(long)]
    pub no_headers: bool,
    /// The input's encoding, if not UTF-8: windows-1252, utf-16le …
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// What to do with a bad record
    #[arg(long, value_name = "WHAT", default_value = "stop")]
    pub on_error: OnErrorOption,
    /// Where skipped records go, with their reasons, as CSV
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// The longest record, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = ReaderOptions::default().max_record)]
    pub max_record: usize,
}

/// What to do with a bad record, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum OnErrorOption {
    /// Stop with an error that names it
    Stop,
    /// Set it aside and go on
    Skip,
}

impl CsvOptions {
    /// The reader's options.
    pub fn reader(&self) -> ReaderOptions {
        ReaderOptions {
            no_headers: self.no_headers,
            on_error: match self.on_error {
                OnErrorOption::Stop => OnError::Stop,
                OnErrorOption::Skip => OnError::Skip,
            },
            max_record: self.max_record,
            ..with_delimiter(self.delimiter)
        }
    }

    /// The source's options.
    pub fn source(&self) -> SourceOptions {
        SourceOptions { encoding: self.encoding.clone(), ..SourceOptions::default() }
    }
}

/// A delimiter, as typed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Delimiter {
    Is(u8),
    Sniff,
}

/// A reader's usual options with this delimiter.
pub(super) fn with_delimiter(delimiter: Option<Delimiter>) -> ReaderOptions {
    let (delimiter, sniff) = match delimiter {
        Some(Delimiter::Is(byte)) => (Some(byte), false),
        Some(Delimiter::Sniff) => (None, true),
        None => (None, false),
    };
    ReaderOptions { delimiter, sniff, ..ReaderOptions::default() }
}

pub(super) fn delimiter(text: &str) -> Result<Delimiter, String> {
    match text {
        "tab" | "\\t" | "\t" => Ok(Delimiter::Is(b'\t')),
        "comma" => Ok(Delimiter::Is(b',')),
        "semicolon" => Ok(Delimiter::Is(b';')),
        "sniff" => Ok(Delimiter::Sniff),
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() => Ok(Delimiter::Is(*byte)),
            _ => Err("expected one character, tab or sniff".to_owned()),
        },
    }
}
