//! Finds the catalogue's names in a text: the longest at each place, where its rule holds.
//!
//! A sentence is scanned to its end: each of its words is looked up among the [`Beginnings`] of names and of the
//! words that rules ask for (`near(Tbilisi)`), which sets one bit for each such word. Only then are its names resolved,
//! in order. What a document has shown so far is two bit sets, [`Memory`]; nothing else is kept, and nothing is
//! allocated for a hit but its place in the output.

use std::ops::Range;

use super::beginnings::{Beginnings, Key};
use super::catalogue::{ActorIndex, Catalogue, in_office};
use super::compile;
use super::conditions::{Condition, Rule};
use super::context::{Surroundings, in_capitals, is_dateline, is_word_in_capitals};
use super::date::{Date, Term};
use super::spelling::{
    Next, SOFT_HYPHEN, ends_well, first_char, first_eight, is_ascii_word, is_hyphen, is_word, match_at, starts_well,
};

/// A mention: where a text names an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last; a possessive is not part of it.
    pub end: usize,
    /// Who is named.
    pub actor: ActorIndex,
}

impl Found {
    /// Its bytes.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A catalogue compiled for search. It is immutable, and one serves all threads.
///
/// ```
/// use toward::actors::{Catalogue, Finder};
///
/// let csv = "name,kind,aliases,ambiguous\n\
///     China,country,Sino|Beijing,\n\
///     Russia,country,Russian,\n\
///     Georgia,country,,Georgia: near(Tbilisi) & not(Atlanta)\n";
/// let catalogue = Catalogue::from_reader(csv.as_bytes(), "a.csv")?;
/// let finder = Finder::new(&catalogue);
/// let names = |text: &str| -> Vec<String> {
///     finder.find(text, None).iter().map(|found| catalogue.actor(found.actor).name.clone()).collect()
/// };
/// assert_eq!(names("A Sino-Russian exercise"), ["China", "Russia"]);
/// assert_eq!(names("Georgia voted, and Tbilisi celebrated."), ["Georgia"]);
/// assert!(names("Georgia voted, and Atlanta celebrated.").is_empty());
/// # Ok::<(), toward::actors::CatalogueError>(())
/// ```
#[derive(Debug)]
pub struct Finder {
    pub(super) beginnings: Beginnings,
    /// The normalised spellings of all names, end to end.
    pub(super) spellings: Vec<u8>,
    pub(super) names: Vec<Name>,
    pub(super) claims: Vec<Claim>,
    pub(super) rules: Vec<Rule<u32>>,
    /// The normalised words of all rules.
    pub(super) phrases: Vec<String>,
    /// The phrases that the scan looks for, by beginning.
    pub(super) cues: Vec<u32>,
    pub(super) places: Vec<bool>,
    pub(super) persons: Vec<bool>,
    pub(super) terms: Vec<Vec<Term>>,
}

#[derive(Debug, Clone)]
pub(super) struct Name {
    pub spelling: Range<u32>,
    pub claims: Range<u32>,
    pub form: Form,
    pub further: Further,
}

/// Eight bytes further on in a name or a text than where names are looked up by: hundreds begin with `U.S.`.
///
/// Bytes that a name lacks are 0. So are those of a text where it is not written as names are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Further(u64);

impl Further {
    /// What stands after a first word of this length and the two bytes after it.
    pub fn of(text: &[u8], word: usize) -> Further {
        Further(first_eight(text.get(word + 2..).unwrap_or_default()))
    }

    /// Whether the text cannot have the name: the first byte that differs is a letter or the like.
    #[inline]
    fn differs(self, text: Further) -> bool {
        let differ = self.0 ^ text.0;
        let place = differ.trailing_zeros() & !7;
        differ != 0 && (self.0 >> place) as u8 != 0 && matches!((text.0 >> place) as u8, b'!'..=b'~')
    }
}

/// How a name is written in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    AsWritten,
    /// Before a hyphen: `Sino-`.
    Prefix,
    /// In the capitals of a headline.
    Capitals,
}

/// An actor that has a name, and under which rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub actor: u32,
    pub rule: Option<u32>,
    /// Whether the name is the actor's full name or has no rule, so that its short forms may follow.
    pub full: bool,
}

/// A place in the text where names may begin.
struct Hit {
    start: usize,
    names: Range<u32>,
    further: Further,
}

/// What a document has shown so far.
struct Memory {
    /// Actors that were named in full.
    named: Bits,
    /// Phrases that occurred.
    seen: Bits,
    /// Phrases that occurred in this sentence.
    here: Bits,
    hits: Vec<Hit>,
}

impl Memory {
    fn note(&mut self, phrase: u32) {
        self.seen.set(phrase);
        self.here.set(phrase);
    }
}

pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub fn new(length: usize) -> Bits {
        Bits(vec![0; length.div_ceil(64)])
    }

    pub fn set(&mut self, index: u32) {
        if let Some(word) = self.0.get_mut(index as usize / 64) {
            *word |= 1 << (index % 64);
        }
    }

    pub fn has(&self, index: u32) -> bool {
        self.0.get(index as usize / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }
}

/// Capitals of a headline are looked for in names with this many letters, fewer are acronyms too often.
pub(super) const HEADLINE_LETTERS: usize = 5;

impl Finder {
    /// Compiles a catalogue.
    pub fn new(catalogue: &Catalogue) -> Finder {
        compile::compile(catalogue)
    }

    fn spelling(&self, name: &Name) -> &[u8] {
        &self.spellings[name.spelling.start as usize..name.spelling.end as usize]
    }

    /// The mentions in a document that is one sentence, or is taken for one.
    ///
    /// Conditions on the sentence (`not`, `alone`) then look at the whole text; use [`Finder::find_in`] where
    /// sentences are known. A date chooses among actors that share a name the one in office.
    pub fn find(&self, document: &str, as_of: Option<Date>) -> Vec<Found> {
        self.find_in(document, std::slice::from_ref(&(0..document.len())), as_of)
    }

    /// The mentions in the sentences of a document, in order, none overlapping another.
    ///
    /// Sentences are ranges of bytes in ascending order; what lies outside of them is not searched, and no
    /// mention goes beyond one. A range that is out of bounds or cuts a character is made smaller.
    pub fn find_in(&self, document: &str, sentences: &[Range<usize>], as_of: Option<Date>) -> Vec<Found> {
        let mut found = Vec::new();
        self.spans_in(document, sentences, as_of, |span| {
            if !self.places[span.actor.get()] {
                found.push(span);
            }
        });
        found
    }

    /// Everything the catalogue knows in the text, places too.
    pub(super) fn spans_in(
        &self,
        document: &str,
        sentences: &[Range<usize>],
        as_of: Option<Date>,
        mut emit: impl FnMut(Found),
    ) {
        let mut memory = Memory {
            named: Bits::new(self.places.len()),
            seen: Bits::new(self.phrases.len()),
            here: Bits::new(self.phrases.len()),
            hits: Vec::new(),
        };
        let mut done = 0;
        for sentence in sentences {
            let start = ceil_char_boundary(document, sentence.start.max(done));
            let mut end = sentence.end.min(document.len());
            while !document.is_char_boundary(end) {
                end -= 1;
            }
            if start < end {
                self.scan(document, start..end, &mut memory);
                self.resolve(document, &(start..end), as_of, &mut memory, &mut emit);
                done = end;
            }
        }
    }

    /// Cuts the sentence into words, keeps those that may begin a name, and notes the phrases of rules.
    fn scan(&self, document: &str, sentence: Range<usize>, memory: &mut Memory) {
        memory.hits.clear();
        memory.here.0.fill(0);
        let bytes = &document.as_bytes()[..sentence.end];
        let mut at = sentence.start;
        if document[..at].ends_with(is_word) {
            // A sentence that begins within a word has no name there.
            at = word_end(document, at, bytes.len()).0;
        }
        while at < bytes.len() {
            let start = at;
            let (length, key) = ascii_word(&bytes[at..]);
            at += length;
            match bytes.get(at) {
                Some(byte) if !byte.is_ascii() => {
                    let (end, soft) = word_end(document, at, bytes.len());
                    at = if end == start { ceil_char_boundary(document, start + 1) } else { end };
                    if soft {
                        self.note_soft_word(bytes, start..end, memory);
                    } else if end > start {
                        let key = Key::of(&bytes[start..], end - start);
                        self.note_word(bytes, start..end, key, memory);
                    }
                }
                // What ends the word need not be looked at again.
                _ => {
                    at += 1;
                    if length > 0 {
                        self.note_word(bytes, start..start + length, key, memory);
                    }
                }
            }
        }
    }

    #[inline]
    fn note_word(&self, bytes: &[u8], word: Range<usize>, key: Key, memory: &mut Memory) {
        if self.beginnings.may_begin(key) {
            self.note(bytes, word.start, word.end, &bytes[word], key, memory);
        }
    }

    #[cold]
    fn note_soft_word(&self, bytes: &[u8], word: Range<usize>, memory: &mut Memory) {
        // With soft hyphens the word is looked up without them, and up to the first: it may stand for a space.
        let mut start = word.start;
        while bytes[start..word.end].starts_with(b"\xC2\xAD") {
            start += 2;
        }
        let mut plain = [0; 64];
        let (mut length, mut at, mut first) = (0, start, None);
        while at < word.end && length < plain.len() {
            if bytes[at..word.end].starts_with(b"\xC2\xAD") {
                first.get_or_insert(length);
                at += 2;
            } else {
                plain[length] = bytes[at];
                length += 1;
                at += 1;
            }
        }
        let mut note = |end, plain: &[u8]| self.note(bytes, start, end, plain, Key::of(plain, plain.len()), memory);
        note(word.end, &plain[..length]);
        if let Some(first) = first.filter(|&first| first < length) {
            note(start + first, &plain[..first]);
        }
    }

    /// Notes a word at `start`, the spelling of which ends at `end`.
    #[inline(never)]
    fn note(&self, bytes: &[u8], start: usize, end: usize, word: &[u8], key: Key, memory: &mut Memory) {
        for next in [Next::in_text(&bytes[end..]), Next::ANY] {
            let Some(beginning) = self.beginnings.get(key, word, next) else { continue };
            if let Some(phrase) = beginning.word() {
                memory.note(phrase);
            }
            for &cue in &self.cues[beginning.cues().start as usize..beginning.cues().end as usize] {
                let end = match_at(bytes, start, self.phrases[cue as usize].as_bytes(), false);
                if end.is_some_and(|end| !begins_with_word(&bytes[end..])) {
                    memory.note(cue);
                }
            }
            let names = beginning.names();
            if !names.is_empty() {
                let as_written = word.len() == end - start && bytes[end..].starts_with(&next.0);
                let further = if as_written { Further::of(&bytes[start..], word.len()) } else { Further(0) };
                memory.hits.push(Hit { start, names, further });
            }
        }
    }

    /// Decides in order which names of a scanned sentence are mentions.
    fn resolve(
        &self,
        document: &str,
        sentence: &Range<usize>,
        as_of: Option<Date>,
        memory: &mut Memory,
        emit: &mut impl FnMut(Found),
    ) {
        let hits = std::mem::take(&mut memory.hits);
        let mut done = sentence.start;
        for hit in &hits {
            if hit.start < done || !starts_well(&document[..hit.start]) {
                continue;
            }
            for name in &self.names[hit.names.start as usize..hit.names.end as usize] {
                if name.further.differs(hit.further) {
                    continue;
                }
                let bytes = &document.as_bytes()[..sentence.end];
                let Some(end) = match_at(bytes, hit.start, self.spelling(name), false) else { continue };
                let span = hit.start..end;
                if let Some(claim) = self.choose(document, sentence, &span, name, as_of, memory) {
                    if claim.full {
                        memory.named.set(claim.actor);
                    }
                    emit(Found { start: span.start, end, actor: ActorIndex(claim.actor) });
                    done = end;
                    break;
                }
            }
        }
        memory.hits = hits;
    }

    /// The actor that a name means here, if any.
    fn choose(
        &self,
        document: &str,
        sentence: &Range<usize>,
        span: &Range<usize>,
        name: &Name,
        as_of: Option<Date>,
        memory: &Memory,
    ) -> Option<Claim> {
        let after = &document[span.end..];
        let fits = match name.form {
            Form::AsWritten => {
                let short = span.len() < HEADLINE_LETTERS;
                ends_well(after) && !(short && is_word_in_capitals(document, span))
            }
            Form::Prefix => {
                let mut after = after.chars();
                after.next().is_some_and(is_hyphen) && after.next().is_some_and(is_word)
            }
            Form::Capitals => ends_well(after) && in_capitals(document, span),
        };
        if !fits || is_dateline(document, span) {
            return None;
        }
        let around = Surroundings::new(document, sentence, span.clone(), name.form == Form::Capitals);
        let mut best: Option<((bool, bool), Claim)> = None;
        for &claim in &self.claims[name.claims.start as usize..name.claims.end as usize] {
            let holds = claim.rule.is_none_or(|rule| {
                self.rules[rule as usize].holds(|condition| self.test(condition, claim.actor, &around, memory))
            });
            if !holds {
                continue;
            }
            let in_office = as_of.is_none_or(|date| in_office(&self.terms[claim.actor as usize], date));
            // Who is in office wins, then whom a rule names here, then who is first in the file.
            let rank = (in_office, claim.rule.is_some());
            if best.is_none_or(|(other, _)| rank > other) {
                best = Some((rank, claim));
            }
        }
        best.map(|(_, claim)| claim)
    }

    fn test(&self, condition: &Condition<u32>, actor: u32, around: &Surroundings, memory: &Memory) -> bool {
        let phrase = |&number: &u32| self.phrases[number as usize].as_str();
        match condition {
            Condition::Always => true,
            Condition::Alone => around.alone(self.persons[actor as usize]),
            Condition::Full => memory.named.has(actor),
            Condition::Title => around.title(),
            Condition::Near(phrases) => phrases.iter().any(|&number| memory.seen.has(number)),
            Condition::Not(phrases) => !phrases.iter().any(|&number| memory.here.has(number)),
            Condition::After(phrases) => around.after(phrases.iter().map(phrase)),
            Condition::Before(phrases) => around.before(phrases.iter().map(phrase)),
        }
    }
}

/// The ASCII letters, digits and underscores that the bytes begin with: how many, and their key.
#[inline]
fn ascii_word(bytes: &[u8]) -> (usize, Key) {
    let eight = first_eight(bytes);
    let others = other_bytes(eight);
    let mut length = others.trailing_zeros() as usize / 8;
    let begin = if others == 0 { eight } else { eight & ((1 << (8 * length)) - 1) };
    if others == 0 {
        length += bytes[8..].iter().take_while(|byte| is_ascii_word(**byte)).count();
    }
    (length, Key::of_beginning(begin, length))
}

/// The highest bit of each of eight bytes that is no ASCII letter, digit or underscore; the others are 0.
///
/// How long a word is no processor can predict, so eight bytes are looked at without a branch: a sum with no carry into
/// the next byte shows in its highest bit whether a byte is at least as large as another.
#[inline]
const fn other_bytes(eight: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const fn at_least(bytes: u64, least: u8) -> u64 {
        bytes + EACH * (0x80 - least as u64)
    }
    let ascii = eight & (EACH * 0x7F);
    let lower = ascii | (EACH * 0x20);
    let letter = at_least(lower, b'a') & !at_least(lower, b'z' + 1);
    let digit = at_least(ascii, b'0') & !at_least(ascii, b'9' + 1);
    let underscore = !at_least(ascii ^ (EACH * b'_' as u64), 1);
    (!(letter | digit | underscore) | eight) & (EACH * 0x80)
}

/// The end of the word that goes on at `at`, a character's beginning, and whether it has soft hyphens.
fn word_end(document: &str, at: usize, limit: usize) -> (usize, bool) {
    let mut soft = false;
    let text = &document[at..limit];
    for (offset, c) in text.char_indices() {
        if !is_word(c) {
            return (at + offset, soft);
        }
        soft |= c == SOFT_HYPHEN;
    }
    (limit, soft)
}

fn ceil_char_boundary(document: &str, at: usize) -> usize {
    let mut at = at.min(document.len());
    while !document.is_char_boundary(at) {
        at += 1;
    }
    at
}

fn begins_with_word(bytes: &[u8]) -> bool {
    match bytes.first() {
        Some(&byte) if byte.is_ascii() => is_ascii_word(byte),
        // A name ends at a character's end, so what follows begins with a whole one.
        Some(_) => first_char(bytes).is_some_and(is_word),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Further, is_ascii_word, other_bytes};

    #[test]
    fn a_word_ends_at_any_byte_that_is_no_letter() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut eight = *b"Az09_mMn";
                eight[place] = byte;
                let expected = if is_ascii_word(byte) { 0 } else { 0x80 << (8 * place) };
                assert_eq!(other_bytes(u64::from_le_bytes(eight)), expected, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn names_differ_where_a_letter_does_and_nowhere_else() {
        let differs = |name: &str, text: &str| Further::of(name.as_bytes(), 1).differs(Further::of(text.as_bytes(), 1));
        assert!(differs("U.S. Army", "U.S. Navy"));
        assert!(differs("U.S. Army", "U.S.'s army"));
        for text in ["U.S. Army", "U.S.  Army", "U.S.\u{A0}Army", "U.S. Ar\u{AD}my", "U.S. Army's chief"] {
            assert!(!differs("U.S. Army", text), "{text:?}");
        }
        assert!(!differs("U.S.", "U.S. Army"), "the name has ended");
        assert!(!differs("U.S. Navy", "U.S. "), "the text has ended, which is found when they are compared");
    }
}
