//! The predicate lexicon: what words of news say of the actors around them, slot by slot.
//!
//! `accuse` says nothing of its subject and blames its object; `lie` blames its subject; `criticism` blames
//! what stands after its `of`. The idea is that of opinion-role lexicons and connotation frames (Rashkin et
//! al., ACL 2016); the entries in `training/lexicon/predicates.csv` are the project's own. Here they are
//! parsed, inflected and found in sentences; [`super::roles`] decides in which slot a mention stands.

mod inflection;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::classes::{Class, Classes};
use super::hash::{self, Text};
use super::tones::Signs;
use super::vocabulary::Word;
use crate::text::{Analysis, Kind};

/// What a slot says of the actor in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Speaks for the actor.
    Supportive,
    /// Names the actor without a stance.
    Neutral,
    /// Speaks against the actor.
    Critical,
}

impl Code {
    fn parse(letter: &str) -> Option<Code> {
        [Code::Supportive, Code::Neutral, Code::Critical].into_iter().find(|code| code.letter() == letter)
    }

    /// The code's letter in the lexicon and in feature names.
    pub fn letter(self) -> &'static str {
        match self {
            Code::Supportive => "s",
            Code::Neutral => "n",
            Code::Critical => "c",
        }
    }
}

/// The part of speech of a lemma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartOfSpeech {
    /// `accuse`
    Verb,
    /// `criticism`
    Noun,
    /// `honest`, also participles
    Adjective,
    /// `bravely`
    Adverb,
}

/// One row of the lexicon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Lower case, words joined by `_`.
    pub lemma: String,
    /// Its part of speech.
    pub pos: PartOfSpeech,
    /// What it says of its subject, owner, or the noun that it qualifies.
    pub subject: Option<Code>,
    /// What a verb says of its direct object.
    pub object: Option<Code>,
    /// What it says of the object of a preposition.
    pub complements: Vec<(String, Code)>,
    /// What it says wherever it says something, if that is supportive or critical and not both.
    pub tone: Option<Code>,
    /// Whether it turns what it governs into its opposite: a refusal of something bad is good.
    pub turns: bool,
}

impl Entry {
    /// What it says of the object of a preposition, if it says something.
    pub fn complement(&self, preposition: &str) -> Option<Code> {
        let preposition = if preposition == "towards" { "toward" } else { preposition };
        self.complements.iter().find(|(name, _)| name == preposition).map(|&(_, code)| code)
    }
}

/// How a predicate stands in its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predicate {
    /// First token.
    pub start: usize,
    /// Token after the last.
    pub end: usize,
    /// Its row in [`Lexicon::entries`].
    pub entry: usize,
    /// A participle after a form of *be*, or a reduced relative (`X, accused by Y`).
    pub passive: bool,
    /// A negation stands before it in its clause.
    pub negated: bool,
    /// Something that weakens it stands before it: `may`, `would`, `if`, `alleged`.
    pub hedged: bool,
}

/// A defect of a lexicon file.
#[derive(Debug, thiserror::Error)]
#[error("lexicon, line {line}: {problem}")]
pub struct LexiconError {
    /// The line in the file, from 1.
    pub line: u64,
    /// What was found and what was expected.
    pub problem: String,
}

/// The lexicon with its inflected forms.
#[derive(Debug, Default)]
pub struct Lexicon {
    entries: Vec<Entry>,
    /// What each entry is in a line of tones.
    signs: Vec<Signs>,
    /// The first words of predicates' forms, by their hashes, numbered from 1.
    forms: FxHashMap<u64, u16>,
    /// What may start with each of them.
    starts: Vec<Starts>,
    /// Which second word follows which first, as bits: what follows in a sentence is none of them, as a rule.
    continuations: Vec<u64>,
}

/// The words of [`Lexicon::continuations`], as a power of two: of phrases of ten thousand lemmas, in all their forms, some
/// seven bits in a hundred are set.
const CONTINUATIONS: u32 = 14;

/// The forms that begin with one word, the longest first.
#[derive(Debug, Default)]
struct Starts {
    /// How many have a second word.
    longer: usize,
    forms: Vec<Start>,
}

/// A form of an entry. Its words are known by their hashes, as the vocabulary's are.
#[derive(Debug)]
struct Start {
    /// The word after the first, 0 if there is none; and those after it.
    second: u64,
    further: Vec<u64>,
    entry: u32,
    pos: PartOfSpeech,
    /// A form that a passive takes.
    participle: bool,
}

impl Lexicon {
    /// The lexicon inside the binary.
    ///
    /// # Panics
    /// Never: a test parses the embedded file.
    pub fn embedded() -> &'static Lexicon {
        static LEXICON: LazyLock<Lexicon> =
            LazyLock::new(|| Lexicon::parse(Lexicon::source()).expect("a test parses the embedded lexicon"));
        &LEXICON
    }

    /// The text of the lexicon inside the binary, as the bundle records its checksum.
    pub fn source() -> &'static str {
        include_str!("../../../training/lexicon/predicates.csv")
    }

    /// Reads `lemma,pos,self,object,complements,turns`.
    ///
    /// # Errors
    /// [`LexiconError`] for the first row that is not of that form.
    pub fn parse(text: &str) -> Result<Lexicon, LexiconError> {
        let mut lexicon = Lexicon::default();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for record in reader.records() {
            let record = record.map_err(|error| LexiconError {
                line: error.position().map_or(0, csv::Position::line),
                problem: error.to_string(),
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            entry(&record).and_then(|entry| lexicon.add(entry)).map_err(|problem| LexiconError { line, problem })?;
        }
        for starts in &mut lexicon.starts {
            starts.forms.sort_by_key(|form| (std::cmp::Reverse(form.words()), form.entry));
            starts.longer = starts.forms.partition_point(|form| form.second != 0);
        }
        lexicon.continuations = vec![0; 1 << CONTINUATIONS];
        for (number, starts) in (1..).zip(&lexicon.starts) {
            for form in &starts.forms[..starts.longer] {
                let (word, bit) = continuation(number, form.second);
                lexicon.continuations[word] |= bit;
            }
        }
        Ok(lexicon)
    }

    /// The number of a word, given by its hash, among those that predicates begin with; 0 if none does.
    pub(super) fn form(&self, word: u64) -> u16 {
        self.forms.get(&word).copied().unwrap_or_default()
    }

    /// The rows, in the file's order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What the entry of a number is in a line of tones.
    pub(super) fn signs(&self, entry: usize) -> Signs {
        self.signs[entry]
    }

    fn add(&mut self, entry: Entry) -> Result<(), String> {
        let index = u32::try_from(self.entries.len()).map_err(|_| "more entries than have a number")?;
        let mut words = entry.lemma.split(['_', '-']);
        let first = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        let hashes: Vec<u64> = rest.iter().map(|word| hash::of_word(word)).collect();
        let with_last = |last: String| {
            let mut hashes = hashes.clone();
            hashes.pop();
            hashes.push(hash::of_word(&last));
            hashes
        };
        let other = rest.last().and_then(|last| inflection::of_last(last, entry.pos)).map(with_last);
        for (form, participle) in inflection::of_first(first, entry.pos, rest.is_empty()) {
            let next = u16::try_from(self.starts.len() + 1).map_err(|_| "more first words than have a number")?;
            let number = *self.forms.entry(hash::of_word(&form)).or_insert(next);
            if number == next {
                self.starts.push(Starts::default());
            }
            for rest in [Some(&hashes), other.as_ref()].into_iter().flatten() {
                let (second, further) = rest.split_first().map_or((0, &[][..]), |(second, further)| (*second, further));
                let start = Start { second, further: further.to_vec(), entry: index, pos: entry.pos, participle };
                self.starts[usize::from(number) - 1].forms.push(start);
            }
        }
        self.signs.push(Signs::of(&entry));
        self.entries.push(entry);
        Ok(())
    }

    /// Finds the predicates of a sentence: at each place the longest; all readings of equal length, since a form
    /// such as `charge` is a verb and a noun. `words` is what the vocabulary says of each token.
    pub(super) fn find(&self, analysis: &Analysis, words: &[Word], found: &mut Vec<Predicate>) {
        found.clear();
        let mut covered = 0;
        for (start, (token, word)) in analysis.tokens().iter().zip(words).enumerate() {
            if start < covered || token.kind != Kind::Word || word.form == 0 {
                continue;
            }
            let starts = &self.starts[usize::from(word.form) - 1];
            let possible = if self.goes_on(word.form, words, start + 1) { 0 } else { starts.longer };
            let mut longest = None;
            let mut before = None;
            for candidate in &starts.forms[possible..] {
                if longest.is_some_and(|length| candidate.words() < length) {
                    break;
                }
                let Some(end) = candidate.end(words, start + 1) else { continue };
                if candidate.fits(words, start) {
                    let before: Classes = *before.get_or_insert_with(|| scope(analysis, words, start));
                    longest = Some(candidate.words());
                    covered = covered.max(end);
                    found.push(Predicate {
                        start,
                        end,
                        entry: candidate.entry as usize,
                        passive: candidate.participle && is_passive(analysis, words, start, end),
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
}

/// The word and the bit of a first word, by number, and a second one, by its hash.
fn continuation(form: u16, second: u64) -> (usize, u64) {
    let mixed = Text::default().then(form.into()).then(second).hash();
    ((mixed >> (u64::BITS - CONTINUATIONS)) as usize, 1 << (mixed & 63))
}

impl Start {
    /// How many words it has after the first.
    fn words(&self) -> usize {
        usize::from(self.second != 0) + self.further.len()
    }

    /// The end of its remaining words in a sentence from a token on, articles and possessives skipped.
    #[inline]
    fn end(&self, words: &[Word], from: usize) -> Option<usize> {
        let mut at = from;
        let mut meets = |wanted: u64| {
            let here = words.get(at)?;
            let skipped = here.hash != wanted && here.classes.has(Class::Determiner);
            at += 1 + usize::from(skipped);
            (here.hash == wanted || skipped && words.get(at - 1)?.hash == wanted).then_some(())
        };
        if self.second != 0 {
            meets(self.second)?;
            for &word in &self.further {
                meets(word)?;
            }
        }
        Some(at)
    }

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

/// Whether what follows a word is a noun, or belongs to one, and no verb.
pub(super) fn precedes_noun(word: &str) -> bool {
    matches!(word, "the" | "a" | "an" | "this" | "its" | "his" | "her" | "their" | "our" | "'s" | "of")
}

/// Whether what follows a word is a verb and no noun.
pub(super) fn precedes_verb(word: &str) -> bool {
    matches!(word, "to" | "will" | "would" | "could" | "should" | "must" | "didn't" | "not")
}

/// Whether a word may stand between the words of a phrase: articles and the like.
pub(super) fn is_determiner(word: &str) -> bool {
    matches!(
        word,
        "a" | "an" | "the" | "its" | "his" | "her" | "their" | "our" | "my" | "your" | "any" | "some" | "this" | "that"
    )
}

/// How far back a negation or a hedge is looked for.
const SCOPE: usize = 5;

/// The classes of the words before a token, in its clause.
fn scope(analysis: &Analysis, words: &[Word], at: usize) -> Classes {
    let first = at.saturating_sub(SCOPE);
    let clause = analysis.tokens()[at].clause;
    let tokens = analysis.tokens()[first..at].iter().zip(&words[first..at]);
    tokens.filter(|(token, _)| token.clause == clause).fold(Classes::default(), |all, (_, word)| all.or(word.classes))
}

/// Whether a word weakens what follows it.
pub(super) fn hedges(word: &str) -> bool {
    matches!(
        word,
        "alleged"
            | "allegedly"
            | "apparently"
            | "could"
            | "if"
            | "may"
            | "might"
            | "perhaps"
            | "possible"
            | "potential"
            | "potentially"
            | "reportedly"
            | "seemingly"
            | "supposedly"
            | "suspected"
            | "whether"
            | "would"
    )
}

/// Whether a word is a form of *be*, or of *get* where it serves as one.
pub(super) fn is_be(word: &str) -> bool {
    matches!(
        word,
        "be" | "am"
            | "is"
            | "are"
            | "was"
            | "were"
            | "been"
            | "being"
            | "get"
            | "gets"
            | "got"
            | "getting"
            | "isn't"
            | "wasn't"
            | "aren't"
            | "weren't"
            | "'re"
            | "'m"
    )
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

fn entry(record: &csv::StringRecord) -> Result<Entry, String> {
    let field = |at: usize| record.get(at).unwrap_or("").trim();
    let lemma = field(0);
    if lemma.is_empty() || lemma != lemma.to_lowercase() || lemma.contains(char::is_whitespace) {
        return Err(format!("lemma {lemma:?}: expected lower case and no spaces"));
    }
    let pos = match field(1) {
        "v" => PartOfSpeech::Verb,
        "n" => PartOfSpeech::Noun,
        "a" => PartOfSpeech::Adjective,
        "r" => PartOfSpeech::Adverb,
        other => return Err(format!("pos {other:?} of {lemma:?}: expected v, n, a or r")),
    };
    let code = |name: &str, text: &str| match Code::parse(text) {
        None if !text.is_empty() => Err(format!("{name} {text:?} of {lemma:?}: expected s, n, c or nothing")),
        code => Ok(code),
    };
    let mut complements = Vec::new();
    for complement in field(4).split_whitespace() {
        let parsed = complement.split_once(':').and_then(|(word, code)| Some((word, Code::parse(code)?)));
        let Some((preposition, code)) = parsed else {
            return Err(format!("complement {complement:?} of {lemma:?}: expected preposition:code"));
        };
        complements.push((preposition.to_owned(), code));
    }
    let (subject, object) = (code("self", field(2))?, code("object", field(3))?);
    let said = || subject.into_iter().chain(object).chain(complements.iter().map(|complement| complement.1));
    let tone = match (said().any(|code| code == Code::Supportive), said().any(|code| code == Code::Critical)) {
        (true, false) => Some(Code::Supportive),
        (false, true) => Some(Code::Critical),
        _ => None,
    };
    let turns = match field(5) {
        "" => false,
        "t" => true,
        other => return Err(format!("turns {other:?} of {lemma:?}: expected t or nothing")),
    };
    Ok(Entry { lemma: lemma.to_owned(), pos, subject, object, complements, tone, turns })
}

#[cfg(test)]
mod tests {
    use super::{Lexicon, PartOfSpeech};
    use crate::features::Reading;

    fn found(sentence: &str) -> Vec<String> {
        let mut reading = Reading::default();
        reading.read(sentence, []);
        let mut out = Vec::new();
        for predicate in reading.predicates {
            let entry = &Lexicon::embedded().entries()[predicate.entry];
            let mut text = entry.lemma.clone();
            text += match entry.pos {
                PartOfSpeech::Verb => "/v",
                PartOfSpeech::Noun => "/n",
                PartOfSpeech::Adjective => "/a",
                PartOfSpeech::Adverb => "/r",
            };
            for (flag, holds) in
                [(" passive", predicate.passive), (" negated", predicate.negated), (" hedged", predicate.hedged)]
            {
                if holds {
                    text += flag;
                }
            }
            out.push(text);
        }
        out
    }

    #[test]
    fn the_embedded_lexicon_parses() {
        let lexicon = Lexicon::parse(Lexicon::source()).unwrap();
        assert!(lexicon.entries().len() > 4000);
    }

    #[test]
    fn inflected_passive_negated_and_hedged_forms_are_found() {
        assert!(found("Xi was sharply accused of it").contains(&"accuse/v passive".to_owned()));
        assert!(found("Xi accuses the West").contains(&"accuse/v".to_owned()));
        assert!(found("Xi did not betray them").contains(&"betray/v negated".to_owned()));
        assert!(found("Xi may betray them").contains(&"betray/v hedged".to_owned()));
        assert!(found("they turned a blind eye to it").contains(&"turn_blind_eye/v".to_owned()));
        assert!(found("they turned blind eyes to it").contains(&"turn_blind_eye/v".to_owned()));
        assert!(found("the lies of Xi").contains(&"lie/n".to_owned()));
        assert!(!found("the lies of Xi").contains(&"lie/v".to_owned()));
    }

    #[test]
    fn a_bad_row_is_named() {
        let refused = |row: &str| {
            let text = format!("lemma,pos,self,object,complements,turns\nlie,v,c,,,\n{row}\n");
            Lexicon::parse(&text).unwrap_err().to_string()
        };
        assert_eq!(refused("hug,v,q,,,"), "lexicon, line 3: self \"q\" of \"hug\": expected s, n, c or nothing");
        assert_eq!(refused("lack,v,c,,,yes"), "lexicon, line 3: turns \"yes\" of \"lack\": expected t or nothing");
    }
}
