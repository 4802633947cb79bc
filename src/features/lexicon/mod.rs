//! The predicate lexicon: what words of news say of the actors around them, slot by slot.
//!
//! `accuse` says nothing of its subject and blames its object; `lie` blames its subject; `criticism` blames
//! what stands after its `of`. The idea is that of opinion-role lexicons and connotation frames (Rashkin et
//! al., ACL 2016); the entries in `training/lexicon/predicates.csv` are the project's own. Here they are
//! parsed, inflected and found in sentences; [`super::roles`] decides in which slot a mention stands.

mod inflection;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::negation::negates;
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
}

impl Entry {
    /// What it says of the object of a preposition, if it says something.
    pub fn complement(&self, preposition: &str) -> Option<Code> {
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
    /// By first word form: what may start there, the longest first.
    starts: FxHashMap<String, Vec<Start>>,
    /// A bit for each first word form. Nine words in ten start nothing, and are told without a look at the map.
    filter: Vec<u64>,
}

/// The bits of the filter: few enough to stay in the first-level cache.
const FILTER_BITS: usize = 1 << 17;

/// The word of the filter that has a form's bit, and the bit.
fn filter_place(form: &str) -> (usize, u64) {
    let hash = xxh3_64(form.as_bytes()) as usize % FILTER_BITS;
    (hash / 64, 1 << (hash % 64))
}

#[derive(Debug)]
struct Start {
    entry: usize,
    pos: PartOfSpeech,
    /// The words after the first.
    rest: Vec<String>,
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

    /// Reads `lemma,pos,self,object,complements`.
    ///
    /// # Errors
    /// [`LexiconError`] for the first row that is not of that form.
    pub fn parse(text: &str) -> Result<Lexicon, LexiconError> {
        let mut lexicon = Lexicon { filter: vec![0; FILTER_BITS / 64], ..Lexicon::default() };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for record in reader.records() {
            let record = record.map_err(|error| LexiconError {
                line: error.position().map_or(0, csv::Position::line),
                problem: error.to_string(),
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            let entry = entry(&record).map_err(|problem| LexiconError { line, problem })?;
            lexicon.add(entry);
        }
        #[expect(clippy::iter_over_hash_type, reason = "each list is sorted on its own, in whatever order")]
        for starts in lexicon.starts.values_mut() {
            starts.sort_by_key(|start| (std::cmp::Reverse(start.rest.len()), start.entry));
        }
        Ok(lexicon)
    }

    /// The rows, in the file's order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn add(&mut self, entry: Entry) {
        let index = self.entries.len();
        let mut words = entry.lemma.split('_').flat_map(|word| word.split('-'));
        let first = words.next().unwrap_or_default().to_owned();
        let rest: Vec<String> = words.map(str::to_owned).collect();
        for form in inflection::forms(&first, &rest, entry.pos) {
            let (word, bit) = filter_place(&form.first);
            self.filter[word] |= bit;
            let starts = self.starts.entry(form.first).or_default();
            starts.push(Start { entry: index, pos: entry.pos, rest: form.rest, participle: form.participle });
        }
        self.entries.push(entry);
    }

    /// Finds the predicates of a sentence: at each place the longest; all readings of equal length, since a form
    /// such as `charge` is a verb and a noun.
    pub fn find(&self, analysis: &Analysis, found: &mut Vec<Predicate>) {
        found.clear();
        let count = analysis.tokens().len();
        let mut covered = 0;
        for start in 0..count {
            if start < covered || analysis.tokens()[start].kind != Kind::Word {
                continue;
            }
            let Some(starts) = self.starts_of(analysis.word(start)) else { continue };
            let mut longest = None;
            for candidate in starts {
                if longest.is_some_and(|length| candidate.rest.len() < length) {
                    break;
                }
                let Some(end) = match_rest(analysis, start + 1, &candidate.rest) else { continue };
                if candidate.fits(analysis, start) {
                    longest = Some(candidate.rest.len());
                    covered = covered.max(end);
                    found.push(Predicate {
                        start,
                        end,
                        entry: candidate.entry,
                        passive: candidate.participle && is_passive(analysis, start, end),
                        negated: before(analysis, start, negates),
                        hedged: before(analysis, start, hedges),
                    });
                }
            }
        }
    }

    fn starts_of(&self, form: &str) -> Option<&[Start]> {
        let (word, bit) = filter_place(form);
        // The default lexicon, without words, has no filter either.
        (self.filter.get(word)? & bit != 0).then(|| self.starts.get(form).map(Vec::as_slice)).flatten()
    }
}

impl Start {
    /// Whether a form can be of its part of speech here, by the word before it.
    fn fits(&self, analysis: &Analysis, at: usize) -> bool {
        let previous = at.checked_sub(1).map_or("", |before| analysis.word(before));
        match self.pos {
            PartOfSpeech::Verb if !self.participle => {
                !matches!(previous, "the" | "a" | "an" | "this" | "its" | "his" | "her" | "their" | "our" | "'s" | "of")
            }
            PartOfSpeech::Noun => {
                !matches!(previous, "to" | "will" | "would" | "could" | "should" | "must" | "didn't" | "not")
            }
            _ => true,
        }
    }
}

/// The end of a phrase's remaining words from a token on, articles and possessives skipped.
fn match_rest(analysis: &Analysis, from: usize, rest: &[String]) -> Option<usize> {
    let mut at = from;
    for word in rest {
        if at < analysis.tokens().len() && analysis.word(at) != word && is_determiner(analysis.word(at)) {
            at += 1;
        }
        if at >= analysis.tokens().len() || analysis.word(at) != word {
            return None;
        }
        at += 1;
    }
    Some(at)
}

fn is_determiner(word: &str) -> bool {
    matches!(
        word,
        "a" | "an" | "the" | "its" | "his" | "her" | "their" | "our" | "my" | "your" | "any" | "some" | "this" | "that"
    )
}

/// How far back a negation or a hedge is looked for.
const SCOPE: usize = 5;

/// Whether one of the words before a token, in its clause, is of a kind.
fn before(analysis: &Analysis, at: usize, kind: impl Fn(&str) -> bool) -> bool {
    let clause = analysis.tokens()[at].clause;
    (at.saturating_sub(SCOPE)..at)
        .any(|before| analysis.tokens()[before].clause == clause && kind(analysis.word(before)))
}

fn hedges(word: &str) -> bool {
    match word.as_bytes().first() {
        Some(b'a') => matches!(word, "alleged" | "allegedly" | "apparently"),
        Some(b'c' | b'w') => matches!(word, "could" | "would" | "whether"),
        Some(b'i') => word == "if",
        Some(b'm') => matches!(word, "may" | "might"),
        Some(b'p') => matches!(word, "possible" | "potential" | "potentially" | "perhaps"),
        Some(b'r') => word == "reportedly",
        Some(b's') => matches!(word, "seemingly" | "supposedly" | "suspected"),
        _ => false,
    }
}

fn is_be(word: &str) -> bool {
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
fn is_passive(analysis: &Analysis, at: usize, end: usize) -> bool {
    if end < analysis.tokens().len() && analysis.word(end) == "by" {
        return true;
    }
    let mut back = at;
    for _ in 0..4 {
        let Some(previous) = back.checked_sub(1) else { return false };
        let word = analysis.word(previous);
        if is_be(word) {
            return true;
        }
        if !(word.ends_with("ly")
            || negates(word)
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
    if lemma.is_empty() || lemma != lemma.to_lowercase() {
        return Err(format!("lemma {lemma:?}: expected lower case"));
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
    Ok(Entry {
        lemma: lemma.to_owned(),
        pos,
        subject: code("self", field(2))?,
        object: code("object", field(3))?,
        complements,
    })
}

#[cfg(test)]
mod tests {
    use super::{Lexicon, PartOfSpeech};
    use crate::text::Analysis;

    fn found(sentence: &str) -> Vec<String> {
        let mut analysis = Analysis::default();
        analysis.read(sentence);
        let mut predicates = Vec::new();
        let lexicon = Lexicon::embedded();
        lexicon.find(&analysis, &mut predicates);
        let mut out = Vec::new();
        for predicate in predicates {
            let entry = &lexicon.entries()[predicate.entry];
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
        assert!(found("the lies of Xi").contains(&"lie/n".to_owned()));
        assert!(!found("the lies of Xi").contains(&"lie/v".to_owned()));
    }

    #[test]
    fn a_bad_row_is_named() {
        let error = Lexicon::parse("lemma,pos,self,object,complements\nlie,v,c,,\nhug,v,q,,\n").unwrap_err();
        assert_eq!(error.to_string(), "lexicon, line 3: self \"q\" of \"hug\": expected s, n, c or nothing");
    }
}
