//! Compiles a catalogue into a [`Finder`].
//!
//! This is done at every start of the program, so it must be cheap; an automaton over ten thousand names is not. Names
//! and the phrases of rules become numbers; the names that begin alike come together, longest first.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::beginnings::Collected;
use super::catalogue::{Actor, Catalogue, Kind};
use super::conditions::Condition;
use super::finder::{Bits, Claim, Cue, Finder, Form, Further, HEADLINE_LETTERS, Mask, Name, Test, What};
use super::spelling::{first_word, is_word, normalised, normalised_all};
use super::words;

/// A name on its way into the finder.
struct Entry {
    beginning: u32,
    spelling: (u32, u32),
    form: Form,
    claim: Claim,
    further: Further,
}

/// What has been collected so far.
struct Compiler<'c> {
    beginnings: Collected,
    spellings: Vec<u8>,
    entries: Vec<Entry>,
    tests: Vec<Test>,
    listed: Vec<u32>,
    sets: Vec<Mask>,
    phrases: Vec<String>,
    /// The numbers of the phrases.
    numbers: FxHashMap<Cow<'c, str>, u32>,
}

/// Compiles a catalogue.
pub(super) fn compile(catalogue: &Catalogue) -> Finder {
    let names = catalogue.actors().map(|(_, actor)| 1 + actor.aliases.len()).sum::<usize>();
    let mut compiler = Compiler {
        beginnings: Collected::with_capacity(names),
        spellings: Vec::with_capacity(48 * names),
        entries: Vec::with_capacity(2 * names),
        tests: Vec::new(),
        listed: Vec::new(),
        sets: Vec::new(),
        phrases: Vec::new(),
        numbers: FxHashMap::default(),
    };
    for (index, actor) in catalogue.actors() {
        compiler.add(index.0, actor);
    }
    let (names, claims) = compiler.lay_out();
    let cues = compiler.lay_out_cues();
    Finder {
        beginnings: compiler.beginnings.compile(),
        spellings: compiler.spellings,
        names,
        claims,
        tests: compiler.tests,
        listed: compiler.listed,
        sets: compiler.sets,
        phrases: compiler.phrases,
        cues,
        places: catalogue.actors().map(|(_, actor)| actor.kind == Kind::Place).collect(),
        persons: catalogue.actors().map(|(_, actor)| actor.kind == Kind::Person).collect(),
        terms: catalogue.actors().map(|(_, actor)| actor.terms.clone()).collect(),
    }
}

impl<'c> Compiler<'c> {
    /// Adds all names of an actor with their rules.
    fn add(&mut self, index: u32, actor: &'c Actor) {
        for name in actor.names() {
            let (body, form) = match name.strip_suffix('-') {
                Some(body) => (body, Form::Prefix),
                None if words::is_prefix(name) => (name, Form::Prefix),
                None => (name, Form::AsWritten),
            };
            let rule = self.rule(actor, name);
            let claim = Claim { actor: index, rule, full: rule.0 == rule.1 || name == actor.name };
            let spelling = normalised(body);
            self.add_entry(&spelling, form, claim);
            let letters = spelling.chars().filter(|c| c.is_alphabetic()).take(HEADLINE_LETTERS).count();
            if form == Form::AsWritten && letters == HEADLINE_LETTERS {
                let capitals =
                    if spelling.is_ascii() { spelling.to_ascii_uppercase() } else { spelling.to_uppercase() };
                if capitals != spelling {
                    self.add_entry(&capitals, Form::Capitals, claim);
                }
            }
        }
    }

    fn add_entry(&mut self, spelling: &str, form: Form, claim: Claim) {
        let start = self.spellings.len() as u32;
        self.spellings.extend_from_slice(spelling.as_bytes());
        let word = first_word(spelling).len();
        let beginning = self.beginnings.number(spelling, word);
        let further = Further::of(spelling.as_bytes(), word);
        self.entries.push(Entry { beginning, spelling: (start, self.spellings.len() as u32), form, claim, further });
    }

    /// The tests of an actor's name; none where it has no rule, or one that always holds.
    fn rule(&mut self, actor: &'c Actor, name: &str) -> (u32, u32) {
        let start = self.tests.len() as u32;
        for (_, rule) in actor.ambiguous.iter().filter(|(ambiguous, rule)| ambiguous == name && !rule.is_always()) {
            for conditions in &rule.alternatives {
                for (left, condition) in (0..conditions.len()).rev().zip(conditions) {
                    let test = self.test(condition, left == 0);
                    self.tests.push(test);
                }
            }
        }
        (start, self.tests.len() as u32)
    }

    fn test(&mut self, condition: &'c Condition, last: bool) -> Test {
        let (what, words) = match condition {
            Condition::Always => (What::Always, [].as_slice()),
            Condition::Alone => (What::Alone, [].as_slice()),
            Condition::Full => (What::Full, [].as_slice()),
            Condition::Title => (What::Title, [].as_slice()),
            Condition::Near(words) => (What::Near, words.as_slice()),
            Condition::Not(words) => (What::Not, words.as_slice()),
            Condition::After(words) => (What::After, words.as_slice()),
            Condition::Before(words) => (What::Before, words.as_slice()),
        };
        let anywhere = matches!(what, What::Near | What::Not);
        let number = |word: &'c Cow<'_, str>| {
            let phrase = if anywhere { normalised(word) } else { normalised_all(word) };
            *self.numbers.entry(phrase).or_insert_with_key(|phrase| {
                self.phrases.push(phrase.to_string());
                self.phrases.len() as u32 - 1
            })
        };
        let phrases = if anywhere {
            let mut numbers: Vec<u32> = words.iter().map(number).collect();
            numbers.sort_unstable();
            let start = self.sets.len() as u32;
            self.sets.extend(Mask::of(&numbers));
            start..self.sets.len() as u32
        } else {
            let start = self.listed.len() as u32;
            self.listed.extend(words.iter().map(number));
            start..self.listed.len() as u32
        };
        Test { what, phrases, last }
    }

    /// Brings the names of a beginning together.
    fn lay_out(&mut self) -> (Vec<Name>, Vec<Claim>) {
        let entries = std::mem::take(&mut self.entries);
        // Counting brings the entries of a beginning together, in the file's order.
        let mut places = vec![0_u32; self.beginnings.len() + 1];
        for entry in &entries {
            places[entry.beginning as usize + 1] += 1;
        }
        for number in 1..places.len() {
            places[number] += places[number - 1];
        }
        let mut names: Vec<Name> = Vec::with_capacity(entries.len());
        let mut claims = Vec::with_capacity(entries.len());
        let mut order = vec![0_u32; entries.len()];
        let mut free = places.clone();
        for (number, entry) in (0..).zip(&entries) {
            let place = &mut free[entry.beginning as usize];
            order[*place as usize] = number;
            *place += 1;
        }
        let spelling = |entry: &Entry| &self.spellings[entry.spelling.0 as usize..entry.spelling.1 as usize];
        for (number, place) in (0..).zip(places.windows(2)) {
            let order = &mut order[place[0] as usize..place[1] as usize];
            // The sort is stable: among actors that claim one name the file's order stays.
            order.sort_by(|&a, &b| {
                let (a, b) = (&entries[a as usize], &entries[b as usize]);
                let by_length = spelling(b).len().cmp(&spelling(a).len());
                by_length.then_with(|| spelling(a).cmp(spelling(b))).then(a.form.cmp(&b.form))
            });
            let first = names.len() as u32;
            let mut last: Option<&Entry> = None;
            for entry in order.iter().map(|&number| &entries[number as usize]) {
                let claim = claims.len() as u32;
                claims.push(entry.claim);
                let same = last.is_some_and(|last| last.form == entry.form && spelling(last) == spelling(entry));
                if let Some(name) = names.last_mut().filter(|_| same) {
                    name.claims.end = claim + 1;
                } else {
                    let spelling = entry.spelling.0..entry.spelling.1;
                    names.push(Name { spelling, claims: claim..claim + 1, form: entry.form, further: entry.further });
                }
                last = Some(entry);
            }
            self.beginnings.set_names(number, first..names.len() as u32);
        }
        (names, claims)
    }

    /// Brings the phrases together that the scan looks for.
    fn lay_out_cues(&mut self) -> Vec<Cue> {
        let mut wanted = Bits::new(self.phrases.len());
        for &mask in &self.sets {
            wanted.set_all(mask);
        }
        let mut cues = Vec::new();
        for (number, phrase) in (0..).zip(&self.phrases).filter(|&(number, _)| wanted.has(number)) {
            let beginning = self.beginnings.number(phrase, first_word(phrase).len());
            let is_word = phrase.chars().all(is_word);
            if !(is_word && self.beginnings.set_word(beginning, number)) {
                cues.push((beginning, number));
            }
        }
        cues.sort_unstable();
        for (place, &(beginning, _)) in (0..).zip(&cues) {
            self.beginnings.add_cue(beginning, place);
        }
        let cue = |(_, phrase)| {
            let spelling: &str = &self.phrases[phrase as usize];
            Cue { phrase, further: Further::of(spelling.as_bytes(), first_word(spelling).len()) }
        };
        cues.into_iter().map(cue).collect()
    }
}
