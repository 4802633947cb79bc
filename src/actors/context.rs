//! Tests the surroundings of a name: titles, neighbours, lines in capitals, datelines.
//!
//! Everything here looks only at the sentence, and only when a name needs it.

use std::ops::Range;

use super::spelling::{self, SOFT_HYPHEN, is_hyphen, is_word, match_at, match_back, trim_end, trim_start};
use super::words;

/// A name in its sentence.
pub(super) struct Surroundings<'a> {
    before: &'a str,
    after: &'a str,
    /// Whether the name is written in capitals as all around it is, so that case says nothing.
    capitals: bool,
}

/// The word next to a name.
struct Neighbour<'a> {
    word: &'a str,
    /// The text on the word's other side.
    rest: &'a str,
}

impl<'a> Surroundings<'a> {
    /// The surroundings of a mention in a sentence of a document.
    pub(super) fn new(document: &'a str, sentence: &Range<usize>, mention: Range<usize>, capitals: bool) -> Self {
        Surroundings {
            before: &document[sentence.start..mention.start],
            after: &document[mention.end..sentence.end],
            capitals,
        }
    }

    /// Whether a title stands directly before.
    pub(super) fn title(&self) -> bool {
        word_before(self.before).is_some_and(|neighbour| words::is_title(neighbour.word))
    }

    /// Whether no capitalised word stands directly before or after.
    ///
    /// A person may have a title before the name; before a country's name a title rather shows that a person
    /// is meant (`Rep. Jordan`). A title after it is no part of it (`Turkey President Erdogan`), and days,
    /// months and the first word of a sentence are capitalised for other reasons, if it's a word such as `In`.
    pub(super) fn alone(&self, person: bool) -> bool {
        let before = word_before(self.before).is_none_or(|Neighbour { word, rest }| {
            !is_capitalised(word)
                || person && words::is_title(word)
                || words::is_calendar(word)
                || words::is_starter(word) && begins_sentence(rest)
        });
        before
            && word_after(self.after)
                .is_none_or(|word| !is_capitalised(word) || words::is_calendar(word) || words::is_title(word))
    }

    /// Whether the name stands directly after one of the phrases.
    pub(super) fn after<'p>(&self, mut phrases: impl Iterator<Item = &'p str>) -> bool {
        let Some(text) = trim_end(self.before) else { return false };
        let joined = text.len() == self.before.len();
        phrases.any(|phrase| {
            if joined && phrase.ends_with(is_word) {
                let unhyphenated = text.trim_end_matches(is_hyphen);
                return unhyphenated.len() < text.len() && ends_with(unhyphenated, phrase, self.capitals);
            }
            ends_with(text, phrase, self.capitals)
        })
    }

    /// Whether the name stands directly before one of the phrases.
    pub(super) fn before<'p>(&self, mut phrases: impl Iterator<Item = &'p str>) -> bool {
        let Some(trimmed) = trim_start(self.after) else { return false };
        let joined = trimmed.len() == self.after.len();
        phrases.any(|phrase| {
            let mut text = trimmed;
            if joined && phrase.starts_with(is_word) {
                text = text.trim_start_matches(is_hyphen);
                if text.len() == trimmed.len() {
                    return false;
                }
            }
            begin_alike(text, phrase)
                && match_at(text.as_bytes(), 0, phrase.as_bytes(), self.capitals)
                    .is_some_and(|end| !phrase.ends_with(is_word) || !text[end..].starts_with(is_word))
        })
    }
}

fn ends_with(text: &str, phrase: &str, fold: bool) -> bool {
    match_back(text, phrase, fold).is_some_and(|rest| !phrase.starts_with(is_word) || !rest.ends_with(is_word))
}

/// Whether the first letters of both, if they are plain, are the same but for case: rules list dozens of phrases.
fn begin_alike(text: &str, phrase: &str) -> bool {
    match (text.as_bytes(), phrase.as_bytes()) {
        ([a @ b'!'..=b'~', ..], [b @ b'!'..=b'~', ..]) => a.eq_ignore_ascii_case(b),
        _ => true,
    }
}

fn is_capitalised(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && word != "I"
}

fn last_word(text: &str) -> &str {
    &text[text.trim_end_matches(is_word).len()..]
}

/// The word before a name, with nothing but space between, or the full stop of an abbreviation.
fn word_before(before: &str) -> Option<Neighbour<'_>> {
    let text = trim_end(before)?;
    if text.len() == before.len() {
        return None;
    }
    let body = text.strip_suffix('.').unwrap_or(text);
    let word = last_word(body);
    if body.len() < text.len() && word.chars().count() != 1 && !words::is_abbreviated_title(word) {
        return None;
    }
    let word = word.trim_start_matches(SOFT_HYPHEN);
    (!word.is_empty()).then(|| Neighbour { word, rest: &body[..body.len() - word.len()] })
}

/// The word after a name, with nothing but space between.
fn word_after(after: &str) -> Option<&str> {
    let text = trim_start(after)?;
    if text.len() == after.len() {
        return None;
    }
    let word = spelling::first_word(text);
    (!word.is_empty()).then_some(word)
}

/// Whether a word after this text begins a sentence, a quotation or the like.
fn begins_sentence(before: &str) -> bool {
    match trim_end(before) {
        None => true,
        Some(text) => text.chars().next_back().is_none_or(|c| !is_word(c) && !matches!(c, ',' | '\'' | '’' | '&')),
    }
}

/// The words before and after a span on its line; empty where there is none.
fn neighbours_in_line<'a>(document: &'a str, span: &Range<usize>) -> (&'a str, &'a str) {
    let is_end = |c: char| is_word(c) || matches!(c, '\n' | '\r');
    let before = &document[..span.start];
    let before = last_word(before.trim_end_matches(|c| !is_end(c)));
    let after = &document[span.end..];
    let after = after.trim_start_matches(|c| !is_end(c));
    (before, spelling::first_word(after))
}

/// Whether a name in capitals stands in a line of capitals, so that it isn't merely stressed.
pub(super) fn in_capitals(document: &str, span: &Range<usize>) -> bool {
    let (before, after) = neighbours_in_line(document, &after_possessive(document, span));
    let quiet = |word: &str| !word.contains(char::is_lowercase);
    quiet(before) && quiet(after)
}

/// Whether a short acronym in a line of capitals is rather a word (`MAN WHO`, `CONTACT US`).
pub(super) fn is_word_in_capitals(document: &str, span: &Range<usize>) -> bool {
    if !words::may_be_word_in_capitals(&document[span.clone()]) {
        return false;
    }
    let (before, after) = neighbours_in_line(document, &after_possessive(document, span));
    let loud = |word: &str| word.is_empty() || word.len() > 1 && word.chars().all(char::is_uppercase);
    (!before.is_empty() || !after.is_empty())
        && loud(before)
        && loud(after)
        && words::is_word_in_capitals(&document[span.clone()], before)
}

/// The span with a possessive `'S`.
fn after_possessive(document: &str, span: &Range<usize>) -> Range<usize> {
    let mut after = document[span.end..].chars();
    let end = match after.next() {
        Some(c) if spelling::is_apostrophe(c) && matches!(after.next(), Some('s' | 'S')) => span.end + c.len_utf8() + 1,
        _ => span.end,
    };
    span.start..end
}

/// Whether the span is the place in a dateline, `MOSCOW, 3 March (Reuters) -`, which names nobody.
pub(super) fn is_dateline(document: &str, span: &Range<usize>) -> bool {
    let begins = document[..span.start].chars().next_back().is_none_or(|c| c == '\n');
    if !begins {
        return false;
    }
    // Few lines begin with a name and go on so: most need not be searched for brackets.
    if !document[span.end..].trim_start().starts_with(['(', ',']) {
        return false;
    }
    let line = document[span.end..].lines().next().unwrap_or_default();
    let Some((between, rest)) = line.split_once('(') else { return false };
    let Some((agency, rest)) = rest.split_once(')') else { return false };
    let between = between.trim();
    (between.is_empty() || between.starts_with(',') && between.len() < 40)
        && agency.len() < 40
        && rest.trim_start().starts_with(['-', '–', '—', ':'])
}
