//! The marked corpus: one sentence a line, the mentions marked where they stand.
//!
//! `[n Xi] accused [c Washington]'s envoys` is the sentence *Xi accused Washington's envoys* with two mentions,
//! Xi neutral and Washington critical. Marks in the text, as in linguistic corpora, can be read, written and
//! reviewed by hand, where offsets cannot. The codes are `s`, `n` and `c`. Mentions do not nest. A bracket that
//! is meant as a bracket is written `\[` or `\]`, a backslash before one of these `\\`. Blank lines are skipped.

use std::ops::Range;
use std::path::Path;

use rustc_hash::FxHashMap;

use super::error::{DataError, Fault, Place, Problem, Result, quoted};
use super::labelled::Example;
use super::source::{Source, SourceOptions};
use crate::label::Label;

/// A mention in a marked sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its bytes in the sentence.
    pub range: Range<usize>,
    /// How the sentence treats it.
    pub label: Label,
}

/// A sentence with its mentions, which are in order and do not overlap.
///
/// ```
/// use toward::Label;
/// use toward::data::MarkedSentence;
///
/// let sentence = MarkedSentence::parse("[n Xi] accused [c Washington]'s envoys")?;
/// assert_eq!(sentence.text(), "Xi accused Washington's envoys");
/// let mark = &sentence.marks()[1];
/// assert_eq!((&sentence.text()[mark.range.clone()], mark.label), ("Washington", Label::Critical));
/// assert_eq!(sentence.to_string(), "[n Xi] accused [c Washington]'s envoys");
/// # Ok::<(), toward::data::MarkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedSentence {
    text: String,
    marks: Vec<Mark>,
}

/// A mark that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character {character}: found {found}, expected {expected}")]
pub struct MarkError {
    /// Where in the line, counted from 1 in code points.
    pub character: usize,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: &'static str,
}

const LITERAL: &str = "a bracket in the text as \\[ or \\]";

impl MarkedSentence {
    /// A sentence with these mentions, or `None` if it cannot be written in one line of the corpus: the text is
    /// blank or holds a line end, or a mention is empty, begins or ends with white space, cuts a character, or
    /// does not follow the one before it.
    pub fn new(text: impl Into<String>, marks: Vec<Mark>) -> Option<MarkedSentence> {
        let text = text.into();
        let mut free = 0;
        for mark in &marks {
            let mention = text.get(mark.range.clone())?;
            if mark.range.start < free || mention.is_empty() || mention != mention.trim() {
                return None;
            }
            free = mark.range.end;
        }
        let blank = text.trim().is_empty() || text.contains(['\n', '\r']);
        (!blank).then_some(MarkedSentence { text, marks })
    }

    /// Reads one line.
    ///
    /// # Errors
    ///
    /// If a bracket is not closed or not opened, a code is unknown, or a mention is nested or empty.
    pub fn parse(line: &str) -> Result<MarkedSentence, MarkError> {
        let mut text = String::with_capacity(line.len());
        let mut marks = Vec::new();
        // The open mark: where its bracket stands in the line, where its mention begins in the text, its label.
        let mut open: Option<(usize, usize, Label)> = None;
        let mut rest = line;
        let error = |at: usize, found: String, expected| {
            Err(MarkError { character: line[..at].chars().count() + 1, found, expected })
        };
        while let Some(step) = memchr::memchr3(b'[', b']', b'\\', rest.as_bytes()) {
            text.push_str(&rest[..step]);
            let at = line.len() - rest.len() + step;
            let after = &rest[step + 1..];
            rest = after;
            match line.as_bytes()[at] {
                b'\\' => match after.as_bytes().first() {
                    Some(b'[' | b']' | b'\\') => {
                        text.push_str(&after[..1]);
                        rest = &after[1..];
                    }
                    _ => text.push('\\'),
                },
                b'[' if open.is_some() => {
                    return error(at, "a bracket inside a mention".to_owned(), "the mention's closing bracket first");
                }
                b'[' => {
                    let code = after.split([' ', ']']).next().unwrap_or_default();
                    let label = match code {
                        "s" => Label::Supportive,
                        "n" => Label::Neutral,
                        "c" => Label::Critical,
                        _ => {
                            return error(
                                at,
                                format!("the code {}", quoted(code)),
                                "s, n or c after the bracket, and a space",
                            );
                        }
                    };
                    let Some(mention) = after[1..].strip_prefix(' ') else {
                        return error(at, "an empty mention".to_owned(), "its text after the code and a space");
                    };
                    open = Some((at, text.len(), label));
                    rest = mention;
                }
                _ => {
                    let Some((opened, start, label)) = open.take() else {
                        return error(at, "a closing bracket that none opened".to_owned(), LITERAL);
                    };
                    let mention = &text[start..];
                    if mention.trim().is_empty() {
                        return error(opened, "an empty mention".to_owned(), "its text after the code and a space");
                    }
                    if mention.trim() != mention {
                        return error(opened, format!("the mention {}", quoted(mention)), "no space at its ends");
                    }
                    marks.push(Mark { range: start..text.len(), label });
                }
            }
        }
        if let Some((opened, ..)) = open {
            return error(opened, "a bracket that is not closed".to_owned(), "a closing bracket in the same line");
        }
        text.push_str(rest);
        match MarkedSentence::new(text, marks) {
            Some(sentence) => Ok(sentence),
            None => error(0, "a blank line or several".to_owned(), "one sentence"),
        }
    }

    /// The sentence without marks.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The mentions in their order.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }
}

impl std::fmt::Display for MarkedSentence {
    /// Writes the line of the corpus that [`MarkedSentence::parse`] reads.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut at = 0;
        for mark in &self.marks {
            let code = match mark.label {
                Label::Supportive => 's',
                Label::Neutral => 'n',
                Label::Critical => 'c',
            };
            let Range { start, end } = mark.range;
            write!(f, "{}[{code} {}]", escape(&self.text[at..start]), escape(&self.text[start..end]))?;
            at = end;
        }
        f.write_str(&escape(&self.text[at..]))
    }
}

fn escape(text: &str) -> std::borrow::Cow<'_, str> {
    if memchr::memchr3(b'[', b']', b'\\', text.as_bytes()).is_none() {
        return text.into();
    }
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]").into()
}

/// The sentences of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corpus {
    /// The file's name.
    pub file: String,
    /// The sentences, each with its line, counted from 1.
    pub sentences: Vec<(u64, MarkedSentence)>,
    /// The lines of sentences that stand in an earlier line already, and that line.
    pub duplicates: Vec<(u64, u64)>,
    /// The SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
}

impl Corpus {
    /// The number of mentions.
    pub fn mentions(&self) -> usize {
        self.sentences.iter().map(|(_, sentence)| sentence.marks.len()).sum()
    }

    /// One example for each mention, its actor the mention's text, its row and line the line in the file.
    pub fn examples(&self) -> impl Iterator<Item = Example> + '_ {
        self.sentences.iter().flat_map(|(line, sentence)| {
            sentence.marks.iter().map(|mark| Example {
                sentence: sentence.text.clone(),
                mention: Some(mark.range.clone()),
                actor: sentence.text[mark.range.clone()].to_owned(),
                label: mark.label,
                weight: 1.0,
                group: sentence.text.clone(),
                extra: Vec::new(),
                row: *line,
                line: *line,
            })
        })
    }
}

/// Reads a marked corpus from a file, or from standard input for `-`.
///
/// # Errors
///
/// If the file cannot be read or is not UTF-8, and at the first mark that cannot be read; the message names
/// the line and the character.
pub fn read_corpus(path: impl AsRef<Path>) -> Result<Corpus> {
    read(Source::open(path, &SourceOptions { encoding: None, fingerprint: true })?)
}

/// Reads a marked corpus from any reader; `name` is for messages.
///
/// # Errors
///
/// As [`read_corpus`].
pub fn read_corpus_from(name: &str, input: impl std::io::Read + Send + 'static) -> Result<Corpus> {
    read(Source::from_reader(name, input, &SourceOptions { encoding: None, fingerprint: true })?)
}

fn read(mut source: Source) -> Result<Corpus> {
    let text = source.read_text()?;
    let mut sentences = Vec::new();
    let mut duplicates = Vec::new();
    let mut first_lines: FxHashMap<String, u64> = FxHashMap::default();
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() {
            continue;
        }
        let sentence = MarkedSentence::parse(line).map_err(|error| {
            let character = Some(error.character as u64);
            let place = Place { file: source.name().to_owned(), line: Some(number), character, ..Place::default() };
            DataError::from(Problem::new(place, Fault::Mark, error.found, error.expected))
        })?;
        let first = *first_lines.entry(sentence.text.clone()).or_insert(number);
        if first != number {
            duplicates.push((number, first));
        }
        sentences.push((number, sentence));
    }
    let sha256 = source.sha256().unwrap_or_default();
    Ok(Corpus { file: source.name().to_owned(), sentences, duplicates, sha256 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_marks_are_named_with_line_and_character() {
        for (line, message) in [
            (
                "é [c Xi",
                "line 2, character 3: found a bracket that is not closed, expected a closing bracket in the same line",
            ),
            (
                "[x Xi] is",
                "line 2, character 1: found the code \"x\", expected s, n or c after the bracket, and a space",
            ),
            (
                "the [sic] is",
                "line 2, character 5: found the code \"sic\", expected s, n or c after the bracket, and a space",
            ),
            ("[] is", "line 2, character 1: found the code \"\", expected s, n or c after the bracket, and a space"),
            ("[c] is", "line 2, character 1: found an empty mention, expected its text after the code and a space"),
            ("[c  ] is", "line 2, character 1: found an empty mention, expected its text after the code and a space"),
            ("[c", "line 2, character 1: found an empty mention, expected its text after the code and a space"),
            ("[c  Xi]", "line 2, character 1: found the mention \" Xi\", expected no space at its ends"),
            (
                "[c a [n b]]",
                "line 2, character 6: found a bracket inside a mention, expected the mention's closing bracket first",
            ),
            (
                "a] b",
                "line 2, character 2: found a closing bracket that none opened, expected a bracket in the text as \\[ or \\]",
            ),
        ] {
            let text = format!("[n Xi] spoke\n{line}\n");
            let error = read_corpus_from("c.txt", std::io::Cursor::new(text)).unwrap_err();
            assert_eq!(error.to_string(), format!("c.txt: {message}"));
        }
    }

    #[test]
    fn literal_brackets_and_blank_lines_are_read() {
        let text = "\u{feff}He \\[the \\\\ man\\] met \\x [c Xi \\[sic\\]].\r\n\r\n  \nHe [s Xi]";
        let corpus = read_corpus_from("c.txt", text.as_bytes()).unwrap();
        let texts: Vec<_> = corpus.sentences.iter().map(|(line, sentence)| (*line, sentence.text())).collect();
        assert_eq!(texts, [(1, "He [the \\ man] met \\x Xi [sic]."), (4, "He Xi")]);
        let examples: Vec<_> = corpus.examples().map(|example| (example.actor, example.label)).collect();
        assert_eq!(examples, [("Xi [sic]".to_owned(), Label::Critical), ("Xi".to_owned(), Label::Supportive)]);
    }

    #[test]
    fn repeated_sentences_are_listed() {
        let corpus = read_corpus_from("c.txt", &b"[n A] b\nc\nA [c b]\n"[..]).unwrap();
        assert_eq!((corpus.duplicates.as_slice(), corpus.mentions()), (&[(3, 1)][..], 2));
    }

    #[test]
    fn marks_that_cannot_be_written_are_refused() {
        let mark = |range| Mark { range, label: Label::Neutral };
        assert!(MarkedSentence::new("é b", vec![mark(0..1)]).is_none());
        assert!(MarkedSentence::new("a b", vec![mark(0..2)]).is_none());
        assert!(MarkedSentence::new("a b", vec![mark(2..3), mark(0..1)]).is_none());
        assert!(MarkedSentence::new("a b", vec![mark(0..9)]).is_none());
        assert!(MarkedSentence::new("a\nb", vec![]).is_none());
        assert!(MarkedSentence::new("ab", vec![mark(0..1), mark(1..2)]).is_some());
    }
}
