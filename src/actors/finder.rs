//! Finds the catalogue's names in a text: the longest at each place, where its rule holds.
//!
//! A sentence is scanned to its end: each of its words is looked up among the [`Beginnings`] of names and of the
//! words that rules ask for (`near(Tbilisi)`), which sets one bit for each such word. Only then are its names resolved,
//! in order. What a document has shown so far is two bit sets of a [`Search`]; nothing else is kept, and nothing is
//! allocated for a hit but its place in the output.

use std::ops::Range;

use super::beginnings::{Beginnings, Key};
use super::catalogue::{ActorIndex, Catalogue, in_office};
use super::compile;
use super::context::{Surroundings, in_capitals, is_dateline, is_word_in_capitals};
use super::cut::Words;
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
    /// The tests of all rules, end to end.
    pub(super) tests: Vec<Test>,
    /// The phrases next to names that tests ask for, test by test, end to end.
    pub(super) listed: Vec<u32>,
    /// The phrases anywhere that tests ask for, likewise.
    pub(super) sets: Vec<Mask>,
    /// The normalised words of all rules.
    pub(super) phrases: Vec<String>,
    /// The phrases that the scan looks for, by beginning.
    pub(super) cues: Vec<Cue>,
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

/// A phrase that the scan looks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cue {
    pub phrase: u32,
    pub further: Further,
}

/// Eight bytes further on in a name, a phrase or a text than where names are looked up by: hundreds begin with `U.S.`.
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

/// A condition of a rule, compiled.
#[derive(Debug, Clone)]
pub(super) struct Test {
    pub what: What,
    /// The phrases that it asks for: the finder's `sets` for those anywhere, `listed` for those next to the name.
    pub phrases: Range<u32>,
    /// Whether it is the last of an alternative.
    pub last: bool,
}

/// What a condition asks; see [`Condition`](super::conditions::Condition).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Always,
    Alone,
    Full,
    Title,
    Near,
    Not,
    After,
    Before,
}

/// An actor that has a name, and under which rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub actor: u32,
    /// The tests of its rule; none where it has no rule.
    pub rule: (u32, u32),
    /// Whether the name is the actor's full name or has no rule, so that its short forms may follow.
    pub full: bool,
}

/// A place in the text where names may begin.
#[derive(Debug)]
struct Hit {
    start: usize,
    names: Range<u32>,
    further: Further,
}

/// What a search has seen of its document, and the room that it takes: kept from document to document, it allocates
/// nothing once it has grown.
#[derive(Debug, Default)]
pub struct Search {
    /// Actors that were named in full.
    named: Bits,
    /// Phrases that occurred.
    seen: Bits,
    /// Phrases that occurred in this sentence.
    here: Bits,
    hits: Vec<Hit>,
    words: Words,
    candidates: Vec<Candidate>,
    lookups: Vec<Lookup>,
}

/// A word that something may begin with.
#[derive(Debug, Clone, Copy, Default)]
struct Candidate {
    start: usize,
    length: usize,
    key: Key,
}

/// A word that something may begin with that goes on like the text.
#[derive(Debug, Clone, Copy, Default)]
struct Lookup {
    /// The word's number among the candidates.
    candidate: usize,
    next: Next,
}

impl Search {
    /// Forgets the document before.
    fn begin(&mut self, finder: &Finder) {
        self.named.reset(finder.places.len());
        self.seen.reset(finder.phrases.len());
    }

    fn note(&mut self, phrase: u32) {
        self.seen.set(phrase);
        self.here.set(phrase);
    }
}

#[derive(Debug, Default)]
pub(super) struct Bits(Vec<u64>);

/// Bits of a word of [`Bits`]: the phrases of a rule were numbered together, and so are looked for together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mask {
    pub word: u32,
    pub bits: u64,
}

impl Mask {
    /// The masks of these bits, which are sorted.
    pub fn of(bits: &[u32]) -> impl Iterator<Item = Mask> {
        let together = |a: &u32, b: &u32| a / 64 == b / 64;
        bits.chunk_by(together)
            .map(|same| Mask { word: same[0] / 64, bits: same.iter().fold(0, |all, bit| all | 1 << (bit % 64)) })
    }
}

impl Bits {
    pub fn new(length: usize) -> Bits {
        Bits(vec![0; length.div_ceil(64)])
    }

    /// So many bits, none of them set.
    fn reset(&mut self, length: usize) {
        self.0.clear();
        self.0.resize(length.div_ceil(64), 0);
    }

    pub fn set(&mut self, index: u32) {
        if let Some(word) = self.0.get_mut(index as usize / 64) {
            *word |= 1 << (index % 64);
        }
    }

    pub fn has(&self, index: u32) -> bool {
        self.0.get(index as usize / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Whether any bit of any mask is set.
    fn has_any(&self, masks: &[Mask]) -> bool {
        masks.iter().any(|mask| self.0[mask.word as usize] & mask.bits != 0)
    }

    /// Sets the bits of a mask.
    pub fn set_all(&mut self, mask: Mask) {
        self.0[mask.word as usize] |= mask.bits;
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
        self.find_with(&mut Search::default(), document, sentences, as_of, &mut found);
        found
    }

    /// Adds the same to a list, in the room of searches before.
    pub fn find_with(
        &self,
        search: &mut Search,
        document: &str,
        sentences: &[Range<usize>],
        as_of: Option<Date>,
        found: &mut Vec<Found>,
    ) {
        self.spans_with(search, document, sentences, as_of, |span| {
            if !self.places[span.actor.get()] {
                found.push(span);
            }
        });
    }

    /// Everything the catalogue knows in the text, places too.
    pub(super) fn spans_with(
        &self,
        search: &mut Search,
        document: &str,
        sentences: &[Range<usize>],
        as_of: Option<Date>,
        mut emit: impl FnMut(Found),
    ) {
        search.begin(self);
        let mut done = 0;
        for sentence in sentences {
            let start = ceil_char_boundary(document, sentence.start.max(done));
            let mut end = sentence.end.min(document.len());
            while !document.is_char_boundary(end) {
                end -= 1;
            }
            if start < end {
                self.scan(document, start..end, search);
                self.resolve(document, &(start..end), as_of, search, &mut emit);
                done = end;
            }
        }
    }

    /// Looks up the sentence's words, keeps those that may begin a name, and notes the phrases of rules.
    ///
    /// One step after the other, for all words, so that none waits for what cannot be foreseen of the word before.
    fn scan(&self, document: &str, sentence: Range<usize>, search: &mut Search) {
        search.hits.clear();
        search.here.reset(self.phrases.len());
        let bytes = &document.as_bytes()[..sentence.end];
        let mut words = std::mem::take(&mut search.words);
        words.cut(document, sentence.clone());
        if words.hyphenated {
            for word in words.iter().map(|(start, end)| sentence.start + start..sentence.start + end) {
                if document[word.clone()].contains(SOFT_HYPHEN) {
                    self.note_soft_word(bytes, word, search);
                } else {
                    self.note_word(bytes, word.start, word.end, &bytes[word.clone()], search);
                }
            }
        } else {
            self.note_all(bytes, sentence.start, &words, search);
        }
        search.words = words;
    }

    /// Notes the words of a sentence that begins at `base`.
    fn note_all(&self, bytes: &[u8], base: usize, words: &Words, search: &mut Search) {
        let mut candidates = std::mem::take(&mut search.candidates);
        let mut lookups = std::mem::take(&mut search.lookups);
        candidates.resize(candidates.len().max(words.iter().len() + 1), Candidate::default());
        let mut count = 0;
        for (start, end) in words.iter() {
            let (start, length) = (base + start, end - start);
            let key = Key::of(&bytes[start..], length);
            // Written in any case, and counted if something may begin so: six words in ten are written over.
            candidates[count] = Candidate { start, length, key };
            count += usize::from(self.beginnings.may_begin(key));
        }
        lookups.resize(lookups.len().max(2 * count + 1), Lookup::default());
        let mut some = 0;
        for (number, candidate) in candidates[..count].iter().enumerate() {
            for next in [Next::in_text(&bytes[candidate.start + candidate.length..]), Next::ANY] {
                lookups[some] = Lookup { candidate: number, next };
                some += usize::from(self.beginnings.may_begin_so(candidate.key, next));
            }
        }
        for &Lookup { candidate, next } in &lookups[..some] {
            let Candidate { start, length, key } = candidates[candidate];
            let end = start + length;
            self.note(bytes, start..end, &bytes[start..end], key, next, search);
        }
        (search.candidates, search.lookups) = (candidates, lookups);
    }

    #[cold]
    fn note_soft_word(&self, bytes: &[u8], word: Range<usize>, search: &mut Search) {
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
        self.note_word(bytes, start, word.end, &plain[..length], search);
        if let Some(first) = first.filter(|&first| first < length) {
            self.note_word(bytes, start, start + first, &plain[..first], search);
        }
    }

    /// Notes a word at `start`, the spelling of which ends at `end`.
    fn note_word(&self, bytes: &[u8], start: usize, end: usize, word: &[u8], search: &mut Search) {
        let key = Key::of(word, word.len());
        for next in [Next::in_text(&bytes[end..]), Next::ANY] {
            if self.beginnings.may_begin_so(key, next) {
                self.note(bytes, start..end, word, key, next, search);
            }
        }
    }

    /// Notes what begins with a word, the place of its spelling in the text, and what follows it.
    #[inline]
    fn note(&self, bytes: &[u8], place: Range<usize>, word: &[u8], key: Key, next: Next, search: &mut Search) {
        let Some(beginning) = self.beginnings.get(key, word, next) else { return };
        if let Some(phrase) = beginning.word() {
            search.note(phrase);
        }
        let (cues, names) = (beginning.cues(), beginning.names());
        if cues.is_empty() && names.is_empty() {
            return;
        }
        let as_written = word.len() == place.len() && bytes[place.end..].starts_with(&next.0);
        let further = if as_written { Further::of(&bytes[place.start..], word.len()) } else { Further(0) };
        for cue in &self.cues[cues.start as usize..cues.end as usize] {
            if cue.further.differs(further) {
                continue;
            }
            let end = match_at(bytes, place.start, self.phrases[cue.phrase as usize].as_bytes(), false);
            if end.is_some_and(|end| !begins_with_word(&bytes[end..])) {
                search.note(cue.phrase);
            }
        }
        if !names.is_empty() {
            search.hits.push(Hit { start: place.start, names, further });
        }
    }

    /// Decides in order which names of a scanned sentence are mentions.
    fn resolve(
        &self,
        document: &str,
        sentence: &Range<usize>,
        as_of: Option<Date>,
        search: &mut Search,
        emit: &mut impl FnMut(Found),
    ) {
        let hits = std::mem::take(&mut search.hits);
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
                if let Some(claim) = self.choose(document, sentence, &span, name, as_of, search) {
                    if claim.full {
                        search.named.set(claim.actor);
                    }
                    emit(Found { start: span.start, end, actor: ActorIndex(claim.actor) });
                    done = end;
                    break;
                }
            }
        }
        search.hits = hits;
    }

    /// The actor that a name means here, if any.
    fn choose(
        &self,
        document: &str,
        sentence: &Range<usize>,
        span: &Range<usize>,
        name: &Name,
        as_of: Option<Date>,
        search: &Search,
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
            let tests = &self.tests[claim.rule.0 as usize..claim.rule.1 as usize];
            let holds = tests.is_empty() || self.holds(tests, claim.actor, &around, search);
            if !holds {
                continue;
            }
            let in_office = as_of.is_none_or(|date| in_office(&self.terms[claim.actor as usize], date));
            // Who is in office wins, then whom a rule names here, then who is first in the file.
            let rank = (in_office, !tests.is_empty());
            if best.is_none_or(|(other, _)| rank > other) {
                best = Some((rank, claim));
            }
        }
        best.map(|(_, claim)| claim)
    }

    /// Whether all tests of an alternative hold.
    fn holds(&self, tests: &[Test], actor: u32, around: &Surroundings, search: &Search) -> bool {
        let mut all = true;
        for test in tests {
            all = all && self.test(test, actor, around, search);
            if test.last && std::mem::replace(&mut all, true) {
                return true;
            }
        }
        false
    }

    fn test(&self, test: &Test, actor: u32, around: &Surroundings, search: &Search) -> bool {
        let phrases = test.phrases.start as usize..test.phrases.end as usize;
        let texts =
            |phrases: Range<usize>| self.listed[phrases].iter().map(|&number| self.phrases[number as usize].as_str());
        match test.what {
            What::Always => true,
            What::Alone => around.alone(self.persons[actor as usize]),
            What::Full => search.named.has(actor),
            What::Title => around.title(),
            What::Near => search.seen.has_any(&self.sets[phrases]),
            What::Not => !search.here.has_any(&self.sets[phrases]),
            What::After => around.after(texts(phrases)),
            What::Before => around.before(texts(phrases)),
        }
    }
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
    use super::Further;

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
