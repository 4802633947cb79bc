//! The forms in which predicates stand in text, and how those of a sentence are found.
//!
//! A form's first word is known by a number that the vocabulary keeps with the word. What may follow it lies in one list, by the
//! second word; a table of bits tells most sentences that nothing longer can follow there. All of it is flat and small: it is
//! asked at places far apart, for every word of a text.

use std::cmp::Reverse;
use std::ops::Range;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::inflection::{self, Participle};
use super::{PartOfSpeech, Predicate};
use crate::features::classes::{Class, Classes};
use crate::features::hash::{self, Text};
use crate::features::slot::is_preposition;
use crate::features::vocabulary::Word;
use crate::text::{Analysis, Kind};

/// The words of [`Forms::continuations`], as a power of two: of the phrases of twenty thousand lemmas, in all their forms, some
/// seven bits in a hundred are set.
const CONTINUATIONS: u32 = 14;

/// How many first words there is room for at once.
const FIRST_WORDS: usize = 1 << 15;

/// How far back a negation or a hedge is looked for.
const SCOPE: usize = 5;

/// How many words may stand between a verb and the rest of its phrase.
const GAP: usize = 5;

const NO: u64 = hash::of_constant("no");

/// The forms of all predicates.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// The first words, by their hashes, numbered from 1.
    numbers: FxHashMap<u64, u16>,
    /// What begins with each of them.
    starts: Vec<Start>,
    /// By first word, those of several words first; these by the second word, and of one the longest first.
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
    /// Half of the second word's hash, by which those of a first word are in order.
    second: u32,
    pos: PartOfSpeech,
    participle: Participle,
    gap: Gap,
}

/// What may stand between the first word of a form and the rest, but for articles and possessives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gap {
    /// Nothing: `cold war`, or `turn to`, for what stands between belongs to another phrase.
    #[default]
    None,
    /// What begins with a determiner or `no`, for other words make the verb an auxiliary: `have no faith`.
    Determined,
    /// `gave farmers a voice`, `won lavish praise`, `stabbed the premier in the back`.
    Any,
}

impl Gap {
    fn of(first: &str, rest: &[&str], pos: PartOfSpeech) -> Gap {
        match (first, rest) {
            _ if pos != PartOfSpeech::Verb => Gap::None,
            ("be" | "get", _) => Gap::None,
            (_, [preposition]) if is_preposition(preposition) => Gap::None,
            ("have" | "do", _) => Gap::Determined,
            _ => Gap::Any,
        }
    }
}

/// Collects forms, with their first words' numbers.
#[derive(Default)]
pub(super) struct Builder {
    numbers: FxHashMap<u64, u16>,
    forms: Vec<(u16, Form)>,
    rests: Vec<u64>,
    /// The first word that was inflected last, for phrases with one verb follow each other: what it is, its forms' numbers, and
    /// which participles these are.
    last: Option<(String, PartOfSpeech, bool)>,
    inflected: Vec<(u16, Participle)>,
}

impl Builder {
    pub fn new() -> Builder {
        Builder { numbers: FxHashMap::with_capacity_and_hasher(FIRST_WORDS, FxBuildHasher), ..Builder::default() }
    }

    /// Adds the forms of an entry.
    pub fn add(&mut self, lemma: &str, pos: PartOfSpeech, entry: u32) -> Result<(), String> {
        let mut words = words(lemma);
        let first = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        self.inflect(first, pos, rest.is_empty())?;
        let mut form = Form { entry, pos, gap: Gap::of(first, &rest, pos), ..Form::default() };
        let Some((last, others)) = rest.split_last() else {
            self.push(form);
            return Ok(());
        };
        let too_long = |_| format!("{lemma:?}: more words than can be counted");
        form.words = u8::try_from(rest.len()).map_err(too_long)?;
        for last in inflection::of_last(last, pos) {
            form.rest = u32::try_from(self.rests.len()).map_err(too_long)?;
            self.rests.extend(others.iter().copied().chain([&*last]).map(hash::of_word));
            form.second = half(self.rests[form.rest as usize]);
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
            let of_word = &mut forms[start.forms()];
            of_word.sort_by_key(|form| (form.words == 0, form.second, Reverse(form.words)));
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
    /// Where its forms are.
    fn forms(self) -> Range<usize> {
        self.first as usize..(self.first + self.all) as usize
    }
}

impl Forms {
    /// The number of a word, given by its hash, among those that forms begin with; 0 if none does.
    pub fn number(&self, word: u64) -> u16 {
        self.numbers.get(&word).copied().unwrap_or_default()
    }

    /// Finds the predicates of a sentence: at each place the longest; all readings of equal length, since a form
    /// such as `charge` is a verb and a noun. A phrase whose words are neighbours comes before one with a gap. `words` is what
    /// the vocabulary says of each token.
    pub fn find(&self, analysis: &Analysis, words: &[Word], found: &mut Vec<Predicate>) {
        found.clear();
        // What is part of a phrase: all up to a token, and what stands behind a gap.
        let (mut covered, mut behind) = (0, 0..0);
        for (start, (token, word)) in analysis.tokens().iter().zip(words).enumerate() {
            if start < covered || behind.contains(&start) || token.kind != Kind::Word || word.form == 0 {
                continue;
            }
            let at = Beginning { analysis, words, start };
            let forms = self.starts[usize::from(word.form) - 1];
            let (longer, single) = self.list[forms.forms()].split_at(forms.longer as usize);
            let before = found.len();
            if self.goes_on(word.form, words, start + 1) {
                self.add_longer(longer, at, start + 1, found);
            }
            if found.len() == before && forms.longer > 0 {
                self.add_with_gap(longer, at, found);
            }
            if found.len() == before {
                let fitting = single.iter().filter(|form| form.fits(words, start));
                found.extend(fitting.map(|form| at.predicate(form, start + 1, start + 1)));
            }
            for Predicate { gap, end, .. } in &found[before..] {
                covered = covered.max(gap.start);
                if !gap.is_empty() {
                    behind = gap.end..behind.end.max(*end);
                }
            }
        }
    }

    /// Adds the longest of the forms of several words that have the rest of their words from a token on.
    fn add_longer(&self, forms: &[Form], at: Beginning<'_>, rest: usize, found: &mut Vec<Predicate>) {
        let words = at.words;
        let (before, mut longest) = (found.len(), 0);
        // The second word is the next, or the one behind an article.
        let article = words[rest].classes.has(Class::Determiner);
        for second in [words.get(rest), words.get(rest + 1).filter(|_| article)].into_iter().flatten() {
            let second = half(second.hash);
            let first = forms.partition_point(|form| form.second < second);
            for form in forms[first..].iter().take_while(|form| form.second == second) {
                if form.words < longest || !form.allows(at.start + 1..rest, words) {
                    continue;
                }
                let Some(end) = self.end(form, words, rest).filter(|_| form.fits(words, at.start)) else { continue };
                if form.words > longest {
                    longest = form.words;
                    found.truncate(before);
                }
                found.push(at.predicate(form, rest, end));
            }
        }
        // Readings come in the lexicon's order, whichever their second words are: `nail its colours` is `nail_it`, too.
        found[before..].sort_by_key(|predicate| predicate.entry);
    }

    /// Adds forms with the smallest gap with which one can be found.
    fn add_with_gap(&self, forms: &[Form], at: Beginning<'_>, found: &mut Vec<Predicate>) {
        let Beginning { analysis, words, start } = at;
        let (tokens, before) = (analysis.tokens(), found.len());
        for rest in start + 2..words.len().min(start + 2 + GAP) {
            let last = &words[rest - 1];
            let stops = tokens[rest - 1].kind != Kind::Word && tokens[rest - 1].kind != Kind::Number
                || tokens[rest].clause != tokens[start].clause
                || [Class::Preposition, Class::Be, Class::OtherSubject, Class::NoOwner, Class::BeforeVerb]
                    .into_iter()
                    .any(|class| last.classes.has(class));
            if stops {
                break;
            }
            if self.may_follow(words[start].form, &words[rest]) {
                self.add_longer(forms, at, rest, found);
                if found.len() > before {
                    break;
                }
            }
        }
    }

    /// Whether a form of several words that begins with a word may go on as a sentence does from a token on.
    #[inline]
    fn goes_on(&self, form: u16, words: &[Word], from: usize) -> bool {
        let Some(next) = words.get(from) else { return false };
        let further = || words.get(from + 1).is_some_and(|further| self.may_follow(form, further));
        self.may_follow(form, next) || next.classes.has(Class::Determiner) && further()
    }

    /// Whether a form of several words may have this second one.
    #[inline]
    fn may_follow(&self, first: u16, second: &Word) -> bool {
        let (word, bit) = continuation(first, second.hash);
        self.continuations[word] & bit != 0
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

/// A token of a sentence, at which a form may begin.
#[derive(Clone, Copy)]
struct Beginning<'s> {
    analysis: &'s Analysis,
    words: &'s [Word],
    start: usize,
}

impl Beginning<'_> {
    /// The predicate of a form that begins here, whose other words stand from one token to another.
    fn predicate(self, form: &Form, rest: usize, end: usize) -> Predicate {
        let Beginning { analysis, words, start } = self;
        let between = start + 1..rest;
        let gap = if between.is_empty() { end..end } else { between.clone() };
        let before = words[between].iter().fold(scope(analysis, words, start), |all, word| all.or(word.classes));
        Predicate {
            start,
            end,
            gap,
            entry: form.entry as usize,
            passive: form.participle == Participle::Past && is_passive(analysis, words, start, end),
            negated: before.has(Class::Negation),
            hedged: before.has(Class::Hedge),
        }
    }
}

impl Form {
    /// Whether these tokens may stand behind its first word.
    fn allows(&self, gap: Range<usize>, words: &[Word]) -> bool {
        match self.gap {
            _ if gap.is_empty() => true,
            Gap::None => false,
            Gap::Determined => words[gap.start].classes.has(Class::Determiner) || words[gap.start].hash == NO,
            Gap::Any => true,
        }
    }

    /// Whether a form can be of its part of speech here, by the word before it.
    fn fits(&self, words: &[Word], at: usize) -> bool {
        let follows = |class| at > 0 && words[at - 1].classes.has(class);
        match self.pos {
            PartOfSpeech::Verb if self.participle == Participle::None => {
                !follows(Class::BeforeNoun) && (!follows(Class::Preposition) || follows(Class::BeforeVerb))
            }
            PartOfSpeech::Noun => !follows(Class::BeforeVerb),
            _ => true,
        }
    }
}

/// The words of a lemma, as tokens: `keep_at_arm's_length` has five, `'s` among them.
fn words(lemma: &str) -> impl Iterator<Item = &str> {
    lemma.split(['_', '-']).flat_map(|word| {
        let (word, clitic) = word.strip_suffix("'s").map_or((word, None), |stem| (stem, Some("'s")));
        std::iter::once(word).chain(clitic)
    })
}

/// Half of a hash.
fn half(hash: u64) -> u32 {
    hash as u32
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
