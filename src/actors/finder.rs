//! Finds the catalogue's names in a text: the longest at each place, where its rule holds.
//!
//! It is built from the catalogue at every start of the program, so it must be cheap to build; an automaton
//! over ten thousand names is not. Instead the text is cut into words, and a word is looked up by its first
//! four bytes, its length and the two bytes that follow in a bit set that stays in the core's cache; few words
//! pass. Those are looked up by the hash of the whole word and of what follows it, and the few names that begin
//! so are compared, longest first.
//!
//! The words that rules ask for (`near(Tbilisi)`) are found in the same pass: a sentence is scanned to its
//! end, which sets one bit for each such word, and only then are its names resolved in order. What a document
//! has shown so far is two bit sets, [`Memory`]; nothing else is kept, and nothing is allocated for a hit but
//! its place in the output.

use std::borrow::Cow;
use std::hash::Hasher;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

use super::catalogue::{Actor, ActorIndex, Catalogue, Kind, in_office};
use super::conditions::{Condition, Rule};
use super::context::{Surroundings, in_capitals, is_dateline, is_word_in_capitals};
use super::date::{Date, Term};
use super::spelling::{
    Next, ends_well, first_char, first_word, is_hyphen, is_word, match_at, normalised, normalised_all, starts_well,
};
use super::words;

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
    /// Which first words there may be, by their first bytes, their length and what follows.
    filter: Vec<u64>,
    /// The bucket of a word and what follows it, by the hash of these.
    numbers: FxHashMap<u64, u32>,
    buckets: Vec<Bucket>,
    /// The normalised spellings of all names, end to end.
    spellings: String,
    names: Vec<Name>,
    claims: Vec<Claim>,
    rules: Vec<Rule<u32>>,
    /// The normalised words of all rules.
    phrases: Vec<String>,
    /// The phrases that the scan looks for, by bucket.
    cues: Vec<u32>,
    places: Vec<bool>,
    persons: Vec<bool>,
    terms: Vec<Vec<Term>>,
}

/// The names and phrases that begin alike. Should two beginnings have one hash they share a bucket, where all
/// but `word` are compared with the text.
#[derive(Debug, Clone)]
struct Bucket {
    /// Longest first.
    names: Range<u32>,
    cues: Range<u32>,
    /// The phrase that is no more than the word, or [`NONE`].
    word: u32,
}

/// No phrase.
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone)]
struct Name {
    spelling: Range<u32>,
    claims: Range<u32>,
    form: Form,
}

/// How a name is written in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    AsWritten,
    /// Before a hyphen: `Sino-`.
    Prefix,
    /// In the capitals of a headline.
    Capitals,
}

/// An actor that has a name, and under which rule.
#[derive(Debug, Clone, Copy)]
struct Claim {
    actor: u32,
    rule: Option<u32>,
    /// Whether the name is the actor's full name or has no rule, so that its short forms may follow.
    full: bool,
}

/// A name on its way into the finder.
struct Entry {
    bucket: u32,
    spelling: Range<u32>,
    form: Form,
    claim: Claim,
}

/// A place in the text where names may begin.
struct Hit {
    start: usize,
    names: Range<u32>,
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

struct Bits(Vec<u64>);

impl Bits {
    fn new(length: usize) -> Bits {
        Bits(vec![0; length.div_ceil(64)])
    }

    fn set(&mut self, index: u32) {
        if let Some(word) = self.0.get_mut(index as usize / 64) {
            *word |= 1 << (index % 64);
        }
    }

    fn has(&self, index: u32) -> bool {
        self.0.get(index as usize / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }
}

/// Capitals of a headline are looked for in names with this many letters, fewer are acronyms too often.
const HEADLINE_LETTERS: usize = 5;

/// The size of the filter: 2^20 bits are few enough to stay in a core's own cache, and one in twenty is set.
const FILTER_BITS: u32 = 20;

/// The part of the filter for words in lower case. Six words in seven are, few names are: it stays in the
/// first-level cache.
const LOWER_FILTER_BITS: u32 = 15;

const FILTER_WORDS: usize = ((1 << FILTER_BITS) + (1 << LOWER_FILTER_BITS)) / 64;

/// What the filter has for every beginning, whatever follows: most words fail here.
const BEGINS: Next = Next([0xFF, 0xFF]);

/// The filter's key of the word that begins the bytes and has this length.
#[inline]
fn filter_key(bytes: &[u8], length: usize) -> u64 {
    // The four bytes are read without a look at the length, which no processor can predict, and then masked.
    const MASKS: [u32; 5] = [0, 0xFF, 0xFFFF, 0x00FF_FFFF, 0xFFFF_FFFF];
    let begin = match bytes.first_chunk::<4>() {
        Some(chunk) => u32::from_le_bytes(*chunk) & MASKS[length.min(4)],
        None => bytes.iter().take(length).rev().fold(0, |key, &byte| key << 8 | u32::from(byte)),
    };
    u64::from(begin) ^ (length as u64) << 32
}

#[inline]
fn filter_bit(key: u64, next: Next) -> usize {
    let hash = (key ^ u64::from(u16::from_le_bytes(next.0)) << 40).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // The key's lowest byte is the word's first.
    if (key as u8).is_ascii_lowercase() {
        (hash >> (64 - LOWER_FILTER_BITS)) as usize
    } else {
        (1 << LOWER_FILTER_BITS) + (hash >> (64 - FILTER_BITS)) as usize
    }
}

fn hash(word: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(word);
    hasher.finish()
}

/// The hash of a word, given its own, and of what follows it.
fn hash_with(word: u64, next: Next) -> u64 {
    word.wrapping_add(u64::from(u16::from_le_bytes(next.0)).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

impl Finder {
    /// Compiles a catalogue.
    pub fn new(catalogue: &Catalogue) -> Finder {
        let mut finder = Finder {
            filter: vec![0; FILTER_WORDS],
            numbers: FxHashMap::default(),
            buckets: Vec::new(),
            spellings: String::new(),
            names: Vec::new(),
            claims: Vec::new(),
            rules: Vec::new(),
            phrases: Vec::new(),
            cues: Vec::new(),
            places: catalogue.actors().map(|(_, actor)| actor.kind == Kind::Place).collect(),
            persons: catalogue.actors().map(|(_, actor)| actor.kind == Kind::Person).collect(),
            terms: catalogue.actors().map(|(_, actor)| actor.terms.clone()).collect(),
        };
        let entries = finder.collect(catalogue);
        finder.lay_out(&entries);
        finder.lay_out_cues();
        finder
    }

    /// All names of all actors with their rules, in the order of the file.
    fn collect(&mut self, catalogue: &Catalogue) -> Vec<Entry> {
        let names = catalogue.actors().map(|(_, actor)| 1 + actor.aliases.len()).sum::<usize>();
        let mut entries = Vec::with_capacity(2 * names);
        self.numbers.reserve(names);
        self.spellings.reserve(48 * names);
        let mut phrases = FxHashMap::default();
        for (index, actor) in catalogue.actors() {
            for name in actor.names() {
                let (body, form) = match name.strip_suffix('-') {
                    Some(body) => (body, Form::Prefix),
                    None if words::is_prefix(name) => (name, Form::Prefix),
                    None => (name, Form::AsWritten),
                };
                let rule = self.compile(actor, name, &mut phrases);
                let claim = Claim { actor: index.0, rule, full: rule.is_none() || name == actor.name };
                let spelling = normalised(body);
                entries.push(self.entry(&spelling, form, claim));
                let letters = spelling.chars().filter(|c| c.is_alphabetic()).take(HEADLINE_LETTERS).count();
                if form == Form::AsWritten && letters == HEADLINE_LETTERS {
                    let capitals =
                        if spelling.is_ascii() { spelling.to_ascii_uppercase() } else { spelling.to_uppercase() };
                    if capitals != spelling {
                        entries.push(self.entry(&capitals, Form::Capitals, claim));
                    }
                }
            }
        }
        entries
    }

    fn entry(&mut self, spelling: &str, form: Form, claim: Claim) -> Entry {
        let start = self.spellings.len() as u32;
        self.spellings.push_str(spelling);
        let bucket = self.bucket_of(spelling);
        Entry { bucket, spelling: start..self.spellings.len() as u32, form, claim }
    }

    /// The rule of an actor's name; none where there is none, or one that always holds.
    fn compile<'c>(&mut self, actor: &'c Actor, name: &str, numbers: &mut FxHashMap<Cow<'c, str>, u32>) -> Option<u32> {
        let mut alternatives = Vec::new();
        for (_, rule) in actor.ambiguous.iter().filter(|(ambiguous, rule)| ambiguous == name && !rule.is_always()) {
            let compiled = rule.map(|condition, word| {
                let phrase = match condition {
                    Condition::Near(_) | Condition::Not(_) => normalised(word),
                    _ => normalised_all(word),
                };
                *numbers.entry(phrase).or_insert_with_key(|phrase| {
                    self.phrases.push(phrase.to_string());
                    self.phrases.len() as u32 - 1
                })
            });
            alternatives.extend(compiled.alternatives);
        }
        (!alternatives.is_empty()).then(|| {
            self.rules.push(Rule { alternatives });
            self.rules.len() as u32 - 1
        })
    }

    /// The number of the bucket for names and phrases that begin like this one.
    fn bucket_of(&mut self, spelling: &str) -> u32 {
        let word = first_word(spelling).as_bytes();
        let next = Next::of(spelling, word.len());
        let key = filter_key(word, word.len());
        for bit in [filter_bit(key, BEGINS), filter_bit(key, next)] {
            self.filter[bit / 64] |= 1 << (bit % 64);
        }
        *self.numbers.entry(hash_with(hash(word), next)).or_insert_with(|| {
            self.buckets.push(Bucket { names: 0..0, cues: 0..0, word: NONE });
            self.buckets.len() as u32 - 1
        })
    }

    fn lay_out(&mut self, entries: &[Entry]) {
        // Counting brings the entries of a bucket together, in the file's order.
        let mut places = vec![0_u32; self.buckets.len() + 1];
        for entry in entries {
            places[entry.bucket as usize + 1] += 1;
        }
        for bucket in 1..places.len() {
            places[bucket] += places[bucket - 1];
        }
        self.names.reserve(entries.len());
        self.claims.reserve(entries.len());
        let mut order = vec![0_u32; entries.len()];
        let mut free = places.clone();
        for (number, entry) in (0..).zip(entries) {
            let place = &mut free[entry.bucket as usize];
            order[*place as usize] = number;
            *place += 1;
        }
        let spellings = std::mem::take(&mut self.spellings);
        let spelling = |entry: &Entry| &spellings[entry.spelling.start as usize..entry.spelling.end as usize];
        for (bucket, place) in self.buckets.iter_mut().zip(places.windows(2)) {
            let order = &mut order[place[0] as usize..place[1] as usize];
            // The sort is stable: among actors that claim one name the file's order stays.
            order.sort_by(|&a, &b| {
                let (a, b) = (&entries[a as usize], &entries[b as usize]);
                let by_length = spelling(b).len().cmp(&spelling(a).len());
                by_length.then_with(|| spelling(a).cmp(spelling(b))).then(a.form.cmp(&b.form))
            });
            let first = self.names.len() as u32;
            let mut last: Option<&Entry> = None;
            for entry in order.iter().map(|&number| &entries[number as usize]) {
                let claim = self.claims.len() as u32;
                self.claims.push(entry.claim);
                let same = last.is_some_and(|last| last.form == entry.form && spelling(last) == spelling(entry));
                if let Some(name) = self.names.last_mut().filter(|_| same) {
                    name.claims.end = claim + 1;
                } else {
                    let claims = claim..claim + 1;
                    self.names.push(Name { spelling: entry.spelling.clone(), claims, form: entry.form });
                }
                last = Some(entry);
            }
            bucket.names = first..self.names.len() as u32;
        }
        self.spellings = spellings;
    }

    fn lay_out_cues(&mut self) {
        let mut wanted = Bits::new(self.phrases.len());
        for condition in self.rules.iter().flat_map(Rule::conditions) {
            if let Condition::Near(phrases) | Condition::Not(phrases) = condition {
                for &phrase in phrases {
                    wanted.set(phrase);
                }
            }
        }
        let phrases = std::mem::take(&mut self.phrases);
        let mut cues = Vec::new();
        for (number, phrase) in (0..).zip(&phrases).filter(|&(number, _)| wanted.has(number)) {
            let bucket = self.bucket_of(phrase);
            let word = &mut self.buckets[bucket as usize].word;
            if *word == NONE && phrase.chars().all(is_word) {
                *word = number;
            } else {
                cues.push((bucket, number));
            }
        }
        self.phrases = phrases;
        cues.sort_unstable();
        for (place, (bucket, phrase)) in (0..).zip(cues) {
            self.cues.push(phrase);
            let range = &mut self.buckets[bucket as usize].cues;
            *range = if range.end == 0 { place } else { range.start }..place + 1;
        }
    }

    fn spelling(&self, name: &Name) -> &str {
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
        // A sentence that begins within a word has no name there.
        let mut begins_within = document[..at].ends_with(is_word);
        while at < bytes.len() {
            match CLASS[bytes[at] as usize] {
                Class::Other => {
                    at += 1;
                    begins_within = false;
                }
                Class::Letter => {
                    let start = at;
                    at = letters_end(bytes, at);
                    let mut soft = false;
                    if bytes.get(at).is_some_and(|byte| !byte.is_ascii()) {
                        (at, soft) = word_end(document, at, bytes.len());
                    }
                    if !begins_within {
                        self.note_word(bytes, start..at, soft, memory);
                    }
                    begins_within = false;
                }
                Class::High => {
                    let start = at;
                    let soft;
                    (at, soft) = word_end(document, at, bytes.len());
                    if at == start {
                        at = char_end(document, at);
                        begins_within = false;
                    } else if !begins_within {
                        self.note_word(bytes, start..at, soft, memory);
                    }
                }
            }
        }
    }

    #[inline]
    fn note_word(&self, bytes: &[u8], word: Range<usize>, soft: bool, memory: &mut Memory) {
        if soft {
            self.note_soft_word(bytes, word, memory);
        } else {
            let key = filter_key(&bytes[word.start..], word.len());
            if !self.is_likely(key, BEGINS) {
                return;
            }
            let next = Next::in_text(&bytes[word.end..]);
            for next in [next, Next::ANY] {
                if self.is_likely(key, next) {
                    self.note_likely(bytes, word.start, hash_with(hash(&bytes[word.clone()]), next), memory);
                }
            }
        }
    }

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
        self.note(bytes, start, word.end, &plain[..length], memory);
        if let Some(first) = first.filter(|&first| first < length) {
            self.note(bytes, start, start + first, &plain[..first], memory);
        }
    }

    /// Whether a name or phrase may begin with a word of this key.
    #[inline]
    fn is_likely(&self, key: u64, next: Next) -> bool {
        let bit = filter_bit(key, next);
        self.filter[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// Notes a word at `start`, the spelling of which ends at `end`.
    fn note(&self, bytes: &[u8], start: usize, end: usize, word: &[u8], memory: &mut Memory) {
        for next in [Next::in_text(&bytes[end..]), Next::ANY] {
            if self.is_likely(filter_key(word, word.len()), next) {
                self.note_likely(bytes, start, hash_with(hash(word), next), memory);
            }
        }
    }

    fn note_likely(&self, bytes: &[u8], start: usize, hash: u64, memory: &mut Memory) {
        let Some(&number) = self.numbers.get(&hash) else { return };
        let bucket = &self.buckets[number as usize];
        if bucket.word != NONE {
            memory.note(bucket.word);
        }
        for &cue in &self.cues[bucket.cues.start as usize..bucket.cues.end as usize] {
            let end = match_at(bytes, start, &self.phrases[cue as usize], false);
            if end.is_some_and(|end| !begins_with_word(&bytes[end..])) {
                memory.note(cue);
            }
        }
        if !bucket.names.is_empty() {
            memory.hits.push(Hit { start, names: bucket.names.clone() });
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
        let phrase = |number: u32| self.phrases[number as usize].as_str();
        match condition {
            Condition::Always => true,
            Condition::Alone => around.alone(self.persons[actor as usize]),
            Condition::Full => memory.named.has(actor),
            Condition::Title => around.title(),
            Condition::Near(phrases) => phrases.iter().any(|&number| memory.seen.has(number)),
            Condition::Not(phrases) => !phrases.iter().any(|&number| memory.here.has(number)),
            Condition::After(phrases) => phrases.iter().any(|&number| around.after(phrase(number))),
            Condition::Before(phrases) => phrases.iter().any(|&number| around.before(phrase(number))),
        }
    }
}

/// What a byte is for the scan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Letter,
    /// The first byte of a character outside ASCII, which may be either.
    High,
}

const CLASS: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        if byte >= 128 {
            classes[byte] = Class::High;
        } else if (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_' {
            classes[byte] = Class::Letter;
        }
        byte += 1;
    }
    classes
};

/// The end of the ASCII letters and digits that go on at `at`.
fn letters_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while end < bytes.len() && CLASS[bytes[end] as usize] == Class::Letter {
        end += 1;
    }
    end
}

/// The end of the word that goes on at `at`, a character's beginning, and whether it has soft hyphens.
fn word_end(document: &str, at: usize, limit: usize) -> (usize, bool) {
    let mut soft = false;
    let text = &document[at..limit];
    for (offset, c) in text.char_indices() {
        if !is_word(c) {
            return (at + offset, soft);
        }
        soft |= c == super::spelling::SOFT_HYPHEN;
    }
    (limit, soft)
}

fn char_end(document: &str, at: usize) -> usize {
    ceil_char_boundary(document, at + 1)
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
        Some(&byte) if byte.is_ascii() => CLASS[byte as usize] == Class::Letter,
        // A name ends at a character's end, so what follows begins with a whole one.
        Some(_) => first_char(bytes).is_some_and(is_word),
        None => false,
    }
}
