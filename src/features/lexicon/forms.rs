//! The forms in which predicates stand in text, and how those of a sentence are found.
//!
//! A form's first word is known by a number that the vocabulary keeps with the word. What may follow it lies in one list, the
//! longest first; a table of bits tells most sentences that nothing longer can follow there. All of it is flat and small: it is
//! asked at places far apart, for every word of a text.

use std::cmp::Reverse;
use std::ops::Range;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{PartOfSpeech, Predicate, inflection};
use crate::features::classes::{Class, Classes};
use crate::features::hash::{self, Text};
use crate::features::vocabulary::Word;
use crate::text::{Analysis, Kind};

/// The words of [`Forms::continuations`], as a power of two: of phrases of ten thousand lemmas, in all their forms, some
/// seven bits in a hundred are set.
const CONTINUATIONS: u32 = 14;

/// How many first words there is room for at once.
const FIRST_WORDS: usize = 1 << 15;

/// How far back a negation or a hedge is looked for.
const SCOPE: usize = 5;

/// The forms of all predicates.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// The first words, by their hashes, numbered from 1.
    numbers: FxHashMap<u64, u16>,
    /// What begins with each of them.
    starts: Vec<Start>,
    /// By first word, and of one the longest first.
    list: Vec<Form>,
    /// The hashes of the words after the first.
    rests: Vec<u64>,
    /// Which second word follows which first, as bits: what follows in a sentence is none of them, as a rule.
    continuations: Vec<u64>,
}

/// The forms that begin with one word.
#[derive(Clone, Copy, Debug, Default)]
struct Start {
    /// The first of them.
    first: u32,
    /// How many have a second word.
    longer: u32,
    /// How many there are.
    all: u32,
}

/// A form of an entry.
#[derive(Clone, Copy, Debug, Default)]
struct Form {
    /// Where its words after the first begin among the rests.
    rest: u32,
    entry: u32,
    /// How many words it has after the first.
    words: u8,
    /// Eight bits of the second word's hash, which tell most other words that they are not it.
    second: u8,
    pos: PartOfSpeech,
    /// A form that a passive takes.
    participle: bool,
}

/// Collects forms, with their first words' numbers.
#[derive(Default)]
pub(super) struct Builder {
    numbers: FxHashMap<u64, u16>,
    forms: Vec<(u16, Form)>,
    rests: Vec<u64>,
    /// The first word that was inflected last, for phrases with one verb follow each other: what it is, its forms' numbers, and
    /// which of these are participles.
    last: Option<(String, PartOfSpeech, bool)>,
    inflected: Vec<(u16, bool)>,
}

impl Builder {
    pub fn new() -> Builder {
        Builder { numbers: FxHashMap::with_capacity_and_hasher(FIRST_WORDS, FxBuildHasher), ..Builder::default() }
    }

    /// Adds the forms of an entry.
    pub fn add(&mut self, lemma: &str, pos: PartOfSpeech, entry: u32) -> Result<(), String> {
        let (first, rest) = match lemma.find(['_', '-']) {
            Some(end) => (&lemma[..end], Some(&lemma[end + 1..])),
            None => (lemma, None),
        };
        self.inflect(first, pos, rest.is_none())?;
        let mut form = Form { entry, pos, ..Form::default() };
        let Some(rest) = rest else {
            self.push(form);
            return Ok(());
        };
        let too_long = |_| format!("{lemma:?}: more words than can be counted");
        form.rest = u32::try_from(self.rests.len()).map_err(too_long)?;
        self.rests.extend(rest.split(['_', '-']).map(hash::of_word));
        form.words = u8::try_from(self.rests.len() - form.rest as usize).map_err(too_long)?;
        form.second = self.rests[form.rest as usize] as u8;
        self.push(form);
        let last = rest.rsplit(['_', '-']).next().unwrap_or_default();
        if let Some(other) = inflection::of_last(last, pos) {
            let words = form.rest as usize..self.rests.len();
            form.rest = words.end as u32;
            self.rests.extend_from_within(words.start..words.end - 1);
            self.rests.push(hash::of_word(&other));
            form.second = self.rests[words.end] as u8;
            self.push(form);
        }
        Ok(())
    }

    /// Numbers the forms of a first word.
    fn inflect(&mut self, first: &str, pos: PartOfSpeech, alone: bool) -> Result<(), String> {
        let same = |last: &(String, PartOfSpeech, bool)| (last.0.as_str(), last.1, last.2) == (first, pos, alone);
        if self.last.as_ref().is_some_and(same) {
            return Ok(());
        }
        self.last = Some((first.to_owned(), pos, alone));
        self.inflected.clear();
        for (form, participle) in inflection::of_first(first, pos, alone) {
            let next = u16::try_from(self.numbers.len() + 1).map_err(|_| "more first words than have a number")?;
            let number = *self.numbers.entry(hash::of_word(&form)).or_insert(next);
            self.inflected.push((number, participle));
        }
        Ok(())
    }

    /// Adds a form with each of the first words that were inflected last.
    fn push(&mut self, form: Form) {
        self.forms.extend(self.inflected.iter().map(|&(number, participle)| (number, Form { participle, ..form })));
    }

    pub fn build(self) -> Forms {
        // By first word, those of each in the order in which they came: a sort by counting, for there are many.
        let mut starts = vec![Start::default(); self.numbers.len()];
        for (number, _) in &self.forms {
            starts[usize::from(*number) - 1].all += 1;
        }
        let mut next = 0;
        for start in &mut starts {
            start.first = next;
            next += std::mem::take(&mut start.all);
        }
        let mut forms = vec![Form::default(); self.forms.len()];
        for (number, form) in self.forms {
            let start = &mut starts[usize::from(number) - 1];
            forms[(start.first + start.all) as usize] = form;
            start.all += 1;
        }
        let mut continuations = vec![0; 1 << CONTINUATIONS];
        for (number, start) in (1..).zip(&mut starts) {
            let of_word = &mut forms[start.forms(0)];
            of_word.sort_by_key(|form| Reverse(form.words));
            let longer = of_word.partition_point(|form| form.words > 0);
            start.longer = longer as u32;
            for form in &of_word[..longer] {
                let (word, bit) = continuation(number, self.rests[form.rest as usize]);
                continuations[word] |= bit;
            }
        }
        Forms { numbers: self.numbers, starts, list: forms, rests: self.rests, continuations }
    }
}

impl Start {
    /// Where its forms are, but for so many of the longest.
    fn forms(self, without: u32) -> Range<usize> {
        (self.first + without) as usize..(self.first + self.all) as usize
    }
}

impl Forms {
    /// The number of a word, given by its hash, among those that forms begin with; 0 if none does.
    pub fn number(&self, word: u64) -> u16 {
        self.numbers.get(&word).copied().unwrap_or_default()
    }

    /// Finds the predicates of a sentence: at each place the longest; all readings of equal length, since a form
    /// such as `charge` is a verb and a noun. `words` is what the vocabulary says of each token.
    pub fn find(&self, analysis: &Analysis, words: &[Word], found: &mut Vec<Predicate>) {
        found.clear();
        let mut covered = 0;
        for (start, (token, word)) in analysis.tokens().iter().zip(words).enumerate() {
            if start < covered || token.kind != Kind::Word || word.form == 0 {
                continue;
            }
            let forms = self.starts[usize::from(word.form) - 1];
            let impossible = if self.goes_on(word.form, words, start + 1) { 0 } else { forms.longer };
            // What a second word may be: the next, or the one behind an article.
            let second = |at: usize| words.get(at).map_or(0, |word| word.hash as u8);
            let (next, further) = (second(start + 1), second(start + 2));
            let mut longest = None;
            let mut before = None;
            for form in &self.list[forms.forms(impossible)] {
                if longest.is_some_and(|length| form.words < length) {
                    break;
                }
                if form.words > 0 && form.second != next && form.second != further {
                    continue;
                }
                let Some(end) = self.end(form, words, start + 1) else { continue };
                if form.fits(words, start) {
                    let before: Classes = *before.get_or_insert_with(|| scope(analysis, words, start));
                    longest = Some(form.words);
                    covered = covered.max(end);
                    found.push(Predicate {
                        start,
                        end,
                        entry: form.entry as usize,
                        passive: form.participle && is_passive(analysis, words, start, end),
                        negated: before.has(Class::Negation),
                        hedged: before.has(Class::Hedge),
                    });
                }
            }
        }
    }

    /// Whether a form of several words that begins with a word may go on as a sentence does from a token on.
    #[inline]
    fn goes_on(&self, form: u16, words: &[Word], from: usize) -> bool {
        let follows = |next: &Word| {
            let (word, bit) = continuation(form, next.hash);
            self.continuations[word] & bit != 0
        };
        let Some(next) = words.get(from) else { return false };
        follows(next) || next.classes.has(Class::Determiner) && words.get(from + 1).is_some_and(follows)
    }

    /// The end of a form's words after the first in a sentence from a token on, articles and possessives skipped.
    #[inline]
    fn end(&self, form: &Form, words: &[Word], from: usize) -> Option<usize> {
        let rest = form.rest as usize..form.rest as usize + usize::from(form.words);
        let mut at = from;
        for &wanted in &self.rests[rest] {
            let mut here = words.get(at)?;
            if here.hash != wanted && here.classes.has(Class::Determiner) {
                at += 1;
                here = words.get(at)?;
            }
            if here.hash != wanted {
                return None;
            }
            at += 1;
        }
        Some(at)
    }
}

impl Form {
    /// Whether a form can be of its part of speech here, by the word before it.
    fn fits(&self, words: &[Word], at: usize) -> bool {
        let follows = |class| at > 0 && words[at - 1].classes.has(class);
        match self.pos {
            PartOfSpeech::Verb if !self.participle => !follows(Class::BeforeNoun),
            PartOfSpeech::Noun => !follows(Class::BeforeVerb),
            _ => true,
        }
    }
}

/// The word and the bit of a first word, by number, and a second one, by its hash.
fn continuation(form: u16, second: u64) -> (usize, u64) {
    let mixed = Text::default().then(form.into()).then(second).hash();
    ((mixed >> (u64::BITS - CONTINUATIONS)) as usize, 1 << (mixed & 63))
}

/// The classes of the words before a token, in its clause.
fn scope(analysis: &Analysis, words: &[Word], at: usize) -> Classes {
    let first = at.saturating_sub(SCOPE);
    let clause = analysis.tokens()[at].clause;
    let tokens = analysis.tokens()[first..at].iter().zip(&words[first..at]);
    tokens.filter(|(token, _)| token.clause == clause).fold(Classes::default(), |all, (_, word)| all.or(word.classes))
}

/// A participle is passive after a form of *be* with at most adverbs between, or before `by`.
fn is_passive(analysis: &Analysis, words: &[Word], at: usize, end: usize) -> bool {
    if end < analysis.tokens().len() && analysis.word(end) == "by" {
        return true;
    }
    let mut back = at;
    for _ in 0..4 {
        let Some(previous) = back.checked_sub(1) else { return false };
        let (word, classes) = (analysis.word(previous), words[previous].classes);
        if classes.has(Class::Be) {
            return true;
        }
        if !(word.ends_with("ly")
            || classes.has(Class::Negation)
            || matches!(word, "also" | "been" | "being" | "often" | "once" | "again" | "long"))
        {
            return false;
        }
        back = previous;
    }
    false
}
