//! Labelled mentions from and to the formats of other tools.
//!
//! Every format is read into [`Item`]s and written from them, so that any two can be joined. What each loses is said in
//! [`Interchange`]. Offsets are checked on the way: the text that they cut out must be the mention, where the format
//! repeats it, and if it is not, the error says in which unit the offsets seem to count.

mod brat;
mod context;
mod doccano;
mod json;
mod label_studio;
mod newsmtsc;
mod own;
mod prodigy;
mod semeval;
mod setfit;
mod span;
mod table;

use std::io::Cursor;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub use span::Unit;

use super::error::{DataError, Fault, Place, Problem, Result, either};
use super::file_name;
use super::reader::{Reader, ReaderOptions};
use super::row_writer::Format;
use super::source::{Source, SourceOptions};
use crate::Label;
use context::Context;

/// A format of labelled mentions.
///
/// All of them keep sentence, mention and label. The actor's name, an id and the document (`group`) are kept where the
/// format has a place for them, which is said below; elsewhere the mention's text stands for the actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Interchange {
    /// This crate's CSV: `sentence, actor, mention, start, end, label`. Keeps everything, other columns too.
    Toward,
    /// `NewsMTSC` JSON Lines: `sentence_normalized`, `targets` with `from`, `to`, polarity 2, 4, 6. Keeps actor, id, group.
    NewsMtsc,
    /// `NewsMTSC` as on Hugging Face, one target a row, polarity −1, 0, 1; JSON Lines or CSV. Keeps the id.
    NewsMtscFlat,
    /// doccano JSON Lines: `{"text", "label": [[start, end, "label"]]}`. Keeps the group.
    Doccano,
    /// Label Studio JSON: tasks with annotations. Keeps actor and group.
    LabelStudio,
    /// Prodigy JSON Lines: `{"text", "spans", "answer"}`. Keeps actor, id and group.
    Prodigy,
    /// `SemEval` XML of aspect-based sentiment analysis: `aspectTerm`, also `Opinion` when reading. Keeps the sentence's id.
    SemEval,
    /// `SetFit` for aspects: `text, span, label, ordinal`; JSON Lines or CSV.
    SetFit,
    /// brat standoff: a `.txt` and an `.ann` beside it, one sentence a line. Keeps the actor.
    Brat,
}

impl Interchange {
    /// All formats.
    pub const ALL: [Interchange; 9] = [
        Interchange::Toward,
        Interchange::NewsMtsc,
        Interchange::NewsMtscFlat,
        Interchange::Doccano,
        Interchange::LabelStudio,
        Interchange::Prodigy,
        Interchange::SemEval,
        Interchange::SetFit,
        Interchange::Brat,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Interchange::Toward => "toward",
            Interchange::NewsMtsc => "newsmtsc",
            Interchange::NewsMtscFlat => "newsmtsc-flat",
            Interchange::Doccano => "doccano",
            Interchange::LabelStudio => "label-studio",
            Interchange::Prodigy => "prodigy",
            Interchange::SemEval => "semeval",
            Interchange::SetFit => "setfit",
            Interchange::Brat => "brat",
        }
    }

    /// The format that a file to be written has by its name.
    ///
    /// # Errors
    /// If the name says nothing, or too little: JSON Lines are the form of five formats.
    pub fn of_output(name: &str) -> Result<Interchange> {
        let formats = |formats: &[Interchange]| {
            let expected = formats.iter().map(|format| format.name()).collect::<Vec<_>>();
            Err(DataError::Option {
                option: "--to",
                found: format!("nothing, and an output named {name:?}"),
                expected: either(&expected),
            })
        };
        match file_name::format(name).as_str() {
            "csv" | "tsv" | "tab" => Ok(Interchange::Toward),
            "json" => Ok(Interchange::LabelStudio),
            "xml" => Ok(Interchange::SemEval),
            "ann" => Ok(Interchange::Brat),
            "jsonl" | "ndjson" => formats(&[
                Interchange::NewsMtsc,
                Interchange::NewsMtscFlat,
                Interchange::Doccano,
                Interchange::Prodigy,
                Interchange::SetFit,
            ]),
            _ => formats(&Interchange::ALL),
        }
    }
}

/// A format's name that there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown format {0:?}: expected toward, newsmtsc, newsmtsc-flat, doccano, label-studio, prodigy, semeval, setfit or brat"
)]
pub struct UnknownInterchange(pub String);

impl std::str::FromStr for Interchange {
    type Err = UnknownInterchange;

    fn from_str(text: &str) -> Result<Interchange, UnknownInterchange> {
        let found = Interchange::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(text.trim()));
        found.ok_or_else(|| UnknownInterchange(text.to_owned()))
    }
}

/// One labelled mention, in no format.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The mention's name in its file; empty if it has none.
    pub id: String,
    /// The sentence.
    pub sentence: String,
    /// The mention's bytes in the sentence.
    pub mention: Range<usize>,
    /// The actor: a name, or the mention's text.
    pub actor: String,
    /// How the sentence treats the actor.
    pub label: Label,
    /// How much it counts.
    pub weight: f32,
    /// The document; empty if it is not known.
    pub group: String,
    /// Other columns and their cells, which only CSV keeps.
    pub extra: Vec<(String, String)>,
}

impl Item {
    /// A mention of which no more is known.
    pub fn new(sentence: impl Into<String>, mention: Range<usize>, label: Label) -> Item {
        let sentence = sentence.into();
        let actor = sentence[mention.clone()].to_owned();
        Item {
            id: String::new(),
            sentence,
            mention,
            actor,
            label,
            weight: 1.0,
            group: String::new(),
            extra: Vec::new(),
        }
    }

    /// The mention, as written.
    pub fn text(&self) -> &str {
        &self.sentence[self.mention.clone()]
    }

    /// The mention's offsets in code points.
    fn offsets(&self) -> (usize, usize) {
        let characters = |bytes: &str| bytes.chars().count();
        let start = characters(&self.sentence[..self.mention.start]);
        (start, start + characters(self.text()))
    }

    /// The actor's name, if it is more than the mention says.
    fn named_actor(&self) -> Option<&str> {
        (self.actor != self.text()).then_some(self.actor.as_str())
    }
}

/// Items in a row that are of one sentence, as the formats hold them that have several mentions a record.
fn by_sentence(items: &[Item]) -> impl Iterator<Item = &[Item]> {
    items.chunk_by(|a, b| a.sentence == b.sentence && a.group == b.group)
}

/// How to find a mention by its actor's name: the sentence, the actor, and the mention's bytes.
pub type Locate<'a> = &'a dyn Fn(&str, &str) -> Option<Range<usize>>;

/// How to read.
#[derive(Clone, Default)]
pub struct ImportOptions<'a> {
    /// The format; `None` recognises it.
    pub format: Option<Interchange>,
    /// The input's encoding, if it is not UTF-8.
    pub encoding: Option<String>,
    /// The unit in which offsets count; `None` takes code points and refuses what looks like another.
    pub unit: Option<Unit>,
    /// Labels of the file and what they stand for; `None` leaves their mentions out. Not for CSV of this crate.
    pub labels: Vec<(String, Option<Label>)>,
    /// How to find mentions without offsets; `None` takes a name that stands in the sentence once.
    pub locate: Option<Locate<'a>>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The format it was in.
    pub format: Interchange,
    /// The mentions, in order.
    pub items: Vec<Item>,
    /// How many things were left out, and why.
    pub left_out: Vec<(&'static str, usize)>,
}

/// Reads labelled mentions from a file, or from standard input for `-`.
///
/// ```
/// use toward::Label;
/// use toward::data::convert::{ImportOptions, Interchange, import};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("export.jsonl");
/// std::fs::write(&path, r#"{"text": "👍 Zoë praised Quito.", "label": [[14, 19, "supportive"]]}"#)?;
/// let read = import(&path, &ImportOptions::default())?;
/// assert_eq!(read.format, Interchange::Doccano);
/// assert_eq!((read.items[0].text(), read.items[0].label), ("Quito", Label::Supportive));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`DataError`] that names the file, the record and what is wrong with it.
pub fn import(path: impl AsRef<Path>, options: &ImportOptions<'_>) -> Result<Import> {
    let path = path.as_ref();
    let (name, bytes) = load(path)?;
    let source = Raw { name, bytes, encoding: options.encoding.clone() };
    let format = match options.format {
        Some(format) => format,
        None => sniff(&source)?,
    };
    let mut context = Context::new(&source.name, options);
    let items = match format {
        Interchange::Toward => own::read(&source, options)?,
        Interchange::NewsMtsc => newsmtsc::read(&source.text()?, &mut context)?,
        Interchange::NewsMtscFlat => newsmtsc::read_flat(&source, &mut context)?,
        Interchange::Doccano => doccano::read(&source.text()?, &mut context)?,
        Interchange::LabelStudio => label_studio::read(&source.text()?, &mut context)?,
        Interchange::Prodigy => prodigy::read(&source.text()?, &mut context)?,
        Interchange::SemEval => semeval::read(&source.text()?, &mut context)?,
        Interchange::SetFit => setfit::read(&source, &mut context)?,
        Interchange::Brat => {
            let (text, annotations) = brat_pair(path)?;
            let text = Raw::load(&text, options)?.text()?;
            let annotations = Raw::load(&annotations, options)?;
            let mut context = Context::new(&annotations.name, options);
            let items = brat::read(&text, &annotations.text()?, &mut context)?;
            return finish(format, items, context.left_out, &annotations.name);
        }
    };
    finish(format, items, context.left_out, &source.name)
}

fn finish(format: Interchange, items: Vec<Item>, left_out: Vec<(&'static str, usize)>, name: &str) -> Result<Import> {
    if items.is_empty() {
        let place = Place { file: name.to_owned(), ..Place::default() };
        let mut problem = Problem::new(place, Fault::Empty, "no labelled mention", "some, in the format ");
        problem.expected.push_str(format.name());
        for (why, count) in left_out {
            problem = problem.hint(format!("{count} were left out: {why}"));
        }
        return Err(problem.into());
    }
    Ok(Import { format, items, left_out })
}

/// What an export is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The bytes of the file.
    pub bytes: Vec<u8>,
    /// The bytes of the text beside it, for brat.
    pub text: Option<Vec<u8>>,
}

/// Writes labelled mentions as the bytes of a file with this name.
///
/// # Errors
/// [`DataError`] if the format cannot hold a sentence.
pub fn export(items: &[Item], format: Interchange, name: &str) -> Result<Export> {
    let table = match Format::of_name(name) {
        Format::JsonLines => Format::JsonLines,
        csv if ["csv", "tsv", "tab"].contains(&file_name::format(name).as_str()) => csv,
        csv if format == Interchange::Toward => csv,
        Format::Parquet => {
            let expected = "a name that ends in .jsonl, .json, .csv or .tsv for this format".to_owned();
            return Err(DataError::Option { option: "--output", found: name.to_owned(), expected });
        }
        Format::Csv { .. } => Format::JsonLines,
    };
    let mut text = None;
    let bytes = match format {
        Interchange::Toward => own::write(items, table)?,
        Interchange::NewsMtsc => newsmtsc::write(items)?,
        Interchange::NewsMtscFlat => newsmtsc::write_flat(items, table)?,
        Interchange::Doccano => doccano::write(items)?,
        Interchange::LabelStudio => label_studio::write(items)?,
        Interchange::Prodigy => prodigy::write(items)?,
        Interchange::SemEval => semeval::write(items, name)?,
        Interchange::SetFit => setfit::write(items, table)?,
        Interchange::Brat => {
            let (sentences, annotations) = brat::write(items);
            text = Some(sentences);
            annotations
        }
    };
    Ok(Export { bytes, text })
}

/// The `.txt` and the `.ann` of a brat document, of which one is given.
///
/// # Errors
/// If the name has another extension.
pub fn brat_pair(path: &Path) -> Result<(PathBuf, PathBuf)> {
    if let Some("ann" | "txt") = path.extension().and_then(|extension| extension.to_str()) {
        return Ok((path.with_extension("txt"), path.with_extension("ann")));
    }
    let place = Place { file: path.display().to_string(), ..Place::default() };
    let expected = "a name that ends in .ann or .txt, with the other file beside it";
    Err(Problem::new(place, Fault::Encoding, "a name without these extensions", expected).into())
}

/// A file's bytes, to be opened as often as needed.
struct Raw {
    name: String,
    bytes: Vec<u8>,
    encoding: Option<String>,
}

impl Raw {
    fn load(path: &Path, options: &ImportOptions<'_>) -> Result<Raw> {
        let (name, bytes) = load(path)?;
        Ok(Raw { name, bytes, encoding: options.encoding.clone() })
    }

    fn source(&self) -> Result<Source> {
        let options = SourceOptions { encoding: self.encoding.clone(), ..SourceOptions::default() };
        Source::from_reader(&self.name, Cursor::new(self.bytes.clone()), &options)
    }

    fn text(&self) -> Result<String> {
        self.source()?.read_text()
    }

    fn reader(&self) -> Result<Reader> {
        Reader::new(self.source()?, &ReaderOptions::default())
    }
}

fn load(path: &Path) -> Result<(String, Vec<u8>)> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        let name = "standard input".to_owned();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes)
            .map_err(|error| DataError::reading(&name, error))?;
        return Ok((name, bytes));
    }
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| DataError::reading(&name, error))?;
    Ok((name, bytes))
}

/// Recognises a format by the file's name and its first record.
fn sniff(source: &Raw) -> Result<Interchange> {
    let unknown = |found: &str| {
        let place = Place { file: source.name.clone(), ..Place::default() };
        let problem = Problem::new(place, Fault::Encoding, found, "a known format of labelled mentions");
        let names: Vec<&str> = Interchange::ALL.iter().map(|format| format.name()).collect();
        Err(problem.hint(format!("name it with --from {}", either(&names))).into())
    };
    match file_name::format(&source.name).as_str() {
        "ann" | "txt" => return Ok(Interchange::Brat),
        "xml" => return Ok(Interchange::SemEval),
        "csv" | "tsv" | "tab" => return sniff_table(source),
        _ => {}
    }
    let text = source.text()?;
    match text.trim_start().chars().next() {
        Some('[') => Ok(Interchange::LabelStudio),
        Some('<') => Ok(Interchange::SemEval),
        Some('{') => match json::sniff(&text) {
            Some(format) => Ok(format),
            None => unknown("JSON without the keys of any"),
        },
        Some(_) => sniff_table(source),
        None => unknown("an empty file"),
    }
}

fn sniff_table(source: &Raw) -> Result<Interchange> {
    let reader = source.reader()?;
    let has = |name: &str| reader.headers().iter().any(|header| header.trim().eq_ignore_ascii_case(name));
    Ok(if has("text") && has("span") {
        Interchange::SetFit
    } else if has("sentence") && has("polarity") {
        Interchange::NewsMtscFlat
    } else {
        Interchange::Toward
    })
}
