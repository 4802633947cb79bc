//! What went wrong with somebody's data, told so that the person can mend it.
//!
//! The idea is the csv crate's (every data error carries its position) and rustc's (say what was found and
//! what was expected, then help). Every message is one line:
//! `articles.csv: record 12 (line 57), column "label": found "angry", expected supportive, neutral or critical`.
//! Records are counted from 1 without the header, lines and characters from 1, bytes from 0 in the
//! decompressed file.

use std::fmt;
use std::io;

/// The result of everything in this room.
pub type Result<T, E = DataError> = std::result::Result<T, E>;

/// Everything that can be wrong with input data or with writing output.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The data are not as they should be.
    #[error("{0}")]
    Content(Box<Problem>),
    /// The input cannot be opened or read.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The input's name.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The output cannot be created, written or put in place.
    #[error("{file}: cannot be written: {}", write_failure(.source))]
    Write {
        /// The output's name.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// Whoever reads our output has gone, as `head` does: for a command this is success.
    #[error("{file}: the reader of the output has gone away")]
    BrokenPipe {
        /// The output's name.
        file: String,
    },
    /// Records went astray: a defect of this crate, which is looked for at the end of every input.
    #[error(
        "{file}: {read} records were read, but {good} came out and {rejected} were rejected, {written} of them written; \
         this is a defect of toward"
    )]
    Lost {
        /// The input's name.
        file: String,
        /// The records met.
        read: u64,
        /// The records handed out.
        good: u64,
        /// The records rejected.
        rejected: u64,
        /// The records in the reject file.
        written: u64,
    },
    /// The output would overwrite an input.
    #[error("{file}: is an input, expected another file for the output")]
    OverwritesInput {
        /// The output's name.
        file: String,
    },
    /// An option has a value that makes no sense.
    #[error("{option}: found {found}, expected {expected}")]
    Option {
        /// The option's name, as on the command line.
        option: &'static str,
        /// The value that was given.
        found: String,
        /// The values that are legal.
        expected: String,
    },
}

fn write_failure(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::FileTooLarge => "the file would be larger than is allowed".to_owned(),
        io::ErrorKind::QuotaExceeded => "the disk quota is used up".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied for this file or its folder".to_owned(),
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        _ => source.to_string(),
    }
}

impl DataError {
    /// Whether the reader of the output has gone, which a command takes as success.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, DataError::BrokenPipe { .. })
    }

    /// What is wrong with the data, if the data are at fault.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            DataError::Content(problem) => Some(problem),
            _ => None,
        }
    }

    /// An error from reading `file`; one of ours that travelled inside an [`io::Error`] comes out as it was.
    pub(crate) fn reading(file: &str, source: io::Error) -> DataError {
        match source.downcast::<DataError>() {
            Ok(ours) => ours,
            Err(source) => DataError::Read { file: file.to_owned(), source },
        }
    }

    /// An error from writing `file`, with a closed pipe told apart.
    pub(crate) fn writing(file: &str, source: io::Error) -> DataError {
        if source.kind() == io::ErrorKind::BrokenPipe {
            DataError::BrokenPipe { file: file.to_owned() }
        } else {
            DataError::Write { file: file.to_owned(), source }
        }
    }
}

impl From<Problem> for DataError {
    fn from(problem: Problem) -> DataError {
        DataError::Content(Box::new(problem))
    }
}

/// What is wrong at one place of the data.
///
/// ```
/// use toward::data::{Fault, Place, Problem};
///
/// let place = Place { file: "articles.csv".into(), record: Some(12), line: Some(57), ..Place::default() };
/// let problem = Problem::new(place, Fault::Value, "\"angry\"", "supportive, neutral or critical").column("label");
/// assert_eq!(
///     problem.to_string(),
///     r#"articles.csv: record 12 (line 57), column "label": found "angry", expected supportive, neutral or critical"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// Of which kind it is.
    pub fault: Fault,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a hint.
    pub fn new(place: Place, fault: Fault, found: impl Into<String>, expected: impl Into<String>) -> Problem {
        Problem { place, fault, found: found.into(), expected: expected.into(), hint: None }
    }

    /// The same problem with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(hint.into());
        self
    }

    /// The same problem, in this column.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>) -> Problem {
        self.place.column = Some(name.into());
        self
    }

    /// The part of the message after the place: what was found, expected, advised.
    pub fn reason(&self) -> String {
        let mut text = format!("found {}, expected {}", self.found, self.expected);
        if let Some(hint) = &self.hint {
            text.push_str("; ");
            text.push_str(hint);
        }
        // What a parser of another format says may quote lines of the file.
        one_line(&text)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason())
    }
}

/// A place in a file. What is not known is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file's name as the user gave it, or `standard input`.
    pub file: String,
    /// The record, counted from 1, header not counted.
    pub record: Option<u64>,
    /// The physical line, counted from 1, where the record begins.
    pub line: Option<u64>,
    /// The byte, counted from 0 in the decompressed file.
    pub byte: Option<u64>,
    /// The character of the line, counted from 1 in Unicode code points.
    pub character: Option<u64>,
    /// The column's name, or its number where the file has no header.
    pub column: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(&self.file))?;
        let mut details = Vec::new();
        if let Some(line) = self.line {
            details.push(format!("line {line}"));
        }
        if let Some(byte) = self.byte {
            details.push(format!("byte {byte}"));
        }
        if let Some(character) = self.character {
            details.push(format!("character {character}"));
        }
        let details = details.join(", ");
        match (self.record, details.is_empty()) {
            (Some(record), true) => write!(f, ": record {record}")?,
            (Some(record), false) => write!(f, ": record {record} ({details})")?,
            (None, false) => write!(f, ": {details}")?,
            (None, true) => {}
        }
        if let Some(column) = &self.column {
            let before = if self.record.is_some() || !details.is_empty() { "," } else { ":" };
            write!(f, "{before} column {}", quoted(column))?;
        }
        Ok(())
    }
}

/// The kinds of problems, for counting and for deciding; the message is for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// A cell's value is not legal.
    Value,
    /// A record has more or fewer cells than the header.
    Ragged,
    /// A quoted cell is still open at the end of the file.
    UnclosedQuote,
    /// Text stands between a closing quote and the next delimiter.
    TextAfterQuote,
    /// A record is larger than the cap.
    TooLong,
    /// Bytes that are not valid in the file's encoding.
    NotText,
    /// A NUL byte.
    Nul,
    /// The file is in an encoding or format that has to be named or converted first.
    Encoding,
    /// No header, or no record at all.
    Empty,
    /// A column is missing, named twice or ambiguous.
    Column,
    /// Offsets that do not fit the sentence.
    Offsets,
    /// An inline mark of the corpus is broken.
    Mark,
}

/// Text in double quotes on one line, shortened to 60 characters, for a message.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{:?}…", &text[..at]),
        None => format!("{text:?}"),
    }
}

/// The text with its control characters escaped.
fn one_line(text: &str) -> String {
    if text.chars().any(char::is_control) { text.escape_debug().to_string() } else { text.to_owned() }
}

/// `a, b or c`.
pub(crate) fn either<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", most.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_whatever_the_data() {
        let place = Place { file: "a\nb.csv".into(), line: Some(1), column: Some("x\r\ny".into()), ..Place::default() };
        let problem = Problem::new(place, Fault::Value, quoted("one\ntwo"), "text (after\n<a>)").hint("mend it");
        let text = r#"a\nb.csv: line 1, column "x\r\ny": found "one\ntwo", expected text (after\n<a>); mend it"#;
        assert_eq!(problem.to_string(), text);
    }

    #[test]
    fn long_values_are_shortened_between_characters() {
        assert_eq!(quoted(&"é".repeat(70)), format!("\"{}\"…", "é".repeat(60)));
    }

    #[test]
    fn lists_read_as_english() {
        assert_eq!(either(&["a"]), "a");
        assert_eq!(either(&["a", "b", "c"]), "a, b or c");
        assert_eq!(either::<&str>(&[]), "");
    }

    #[test]
    fn a_full_disk_is_said_in_words() {
        let error = DataError::writing("out.csv", io::ErrorKind::StorageFull.into());
        assert_eq!(error.to_string(), "out.csv: cannot be written: the disk is full");
        assert!(DataError::writing("-", io::ErrorKind::BrokenPipe.into()).is_broken_pipe());
    }
}
