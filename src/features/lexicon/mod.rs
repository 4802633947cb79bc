//! The predicate lexicon: what words of news say of the actors around them, slot by slot.
//!
//! `accuse` says nothing of its subject and blames its object; `lie` blames its subject; `criticism` blames
//! what stands after its `of`. The idea is that of opinion-role lexicons and connotation frames (Rashkin et
//! al., ACL 2016); the entries in `training/lexicon/predicates.csv` are the project's own. Here they are
//! parsed, inflected and found in sentences; [`super::roles`] decides in which slot a mention stands.

mod forms;
mod inflection;

use std::ops::Range;
use std::sync::LazyLock;

use self::forms::{Builder, Forms};
use super::hash;
use super::slot::Slot;
use super::tones::Signs;
use super::vocabulary::Word;
use crate::text::Analysis;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PartOfSpeech {
    /// `accuse`
    #[default]
    Verb,
    /// `criticism`
    Noun,
    /// `honest`, also participles
    Adjective,
    /// `bravely`
    Adverb,
}

impl PartOfSpeech {
    fn parse(letter: &str) -> Option<PartOfSpeech> {
        use PartOfSpeech::{Adjective, Adverb, Noun, Verb};

        [Verb, Noun, Adjective, Adverb].into_iter().find(|pos| pos.letter() == letter)
    }

    /// The part's letter in the lexicon.
    pub fn letter(self) -> &'static str {
        match self {
            PartOfSpeech::Verb => "v",
            PartOfSpeech::Noun => "n",
            PartOfSpeech::Adjective => "a",
            PartOfSpeech::Adverb => "r",
        }
    }
}

/// What the lexicon says of an entry: few bytes, so that those of all entries lie near the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its part of speech.
    pub pos: PartOfSpeech,
    /// What it says of its subject, owner, or the noun that it qualifies.
    pub subject: Option<Code>,
    /// What a verb says of its direct object.
    pub object: Option<Code>,
    /// What it says wherever it says something, if that is supportive or critical and not both.
    pub tone: Option<Code>,
    /// What it is in a line of tones.
    pub(super) signs: Signs,
}

/// How a predicate stands in its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predicate {
    /// First token.
    pub start: usize,
    /// Token after the last.
    pub end: usize,
    /// The tokens that stand between the first and the rest and are no part of it: `gave [the farmers] a voice`. As a rule there
    /// are none, at the end.
    pub gap: Range<usize>,
    /// The number of its entry in the lexicon.
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

/// The lexicon with its inflected forms. Entries are numbered in the file's order.
#[derive(Debug)]
pub struct Lexicon {
    entries: Vec<Entry>,
    /// What is asked less often of each entry, and where the last one ends.
    details: Vec<Detail>,
    lemmas: String,
    /// What entries say of their complements.
    complements: Vec<(Slot, Code)>,
    forms: Forms,
}

/// Where an entry's lemma and complements begin: they end where the next entry's do.
#[derive(Clone, Copy, Debug, Default)]
struct Detail {
    lemma: u32,
    complements: u32,
    /// The lemma's hash.
    hash: u64,
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
        let mut lexicon = Lexicon {
            entries: Vec::new(),
            details: Vec::new(),
            lemmas: String::new(),
            complements: Vec::new(),
            forms: Forms::default(),
        };
        let mut forms = Builder::new();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| LexiconError {
            line: error.position().map_or(0, csv::Position::line),
            problem: error.to_string(),
        })? {
            let added = lexicon.add(&record).and_then(|(lemma, pos, entry)| forms.add(lemma, pos, entry));
            added
                .map_err(|problem| LexiconError { line: record.position().map_or(0, csv::Position::line), problem })?;
        }
        lexicon.begin_detail("");
        lexicon.forms = forms.build();
        Ok(lexicon)
    }

    /// How many entries it has: their numbers are below.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry of a number.
    ///
    /// # Panics
    /// If there is no such entry, as do all that take a number.
    pub fn entry(&self, number: usize) -> Entry {
        self.entries[number]
    }

    /// Its lemma: lower case, words joined by `_`.
    pub fn lemma(&self, number: usize) -> &str {
        &self.lemmas[self.details[number].lemma as usize..self.details[number + 1].lemma as usize]
    }

    /// The hash of its lemma.
    pub(super) fn hash(&self, number: usize) -> u64 {
        self.details[number].hash
    }

    /// What it says of the object of a preposition, if it says something.
    pub fn complement(&self, number: usize, preposition: Slot) -> Option<Code> {
        let of = self.details[number].complements as usize..self.details[number + 1].complements as usize;
        let preposition = preposition.listed();
        self.complements[of].iter().find(|(slot, _)| *slot == preposition).map(|&(_, code)| code)
    }

    /// The number of a word, given by its hash, among those that predicates begin with; 0 if none does.
    pub(super) fn form(&self, word: u64) -> u16 {
        self.forms.number(word)
    }

    /// Finds the predicates of a sentence: at each place the longest; all readings of equal length, since a form
    /// such as `charge` is a verb and a noun. `words` is what the vocabulary says of each token.
    pub(super) fn find(&self, analysis: &Analysis, words: &[Word], found: &mut Vec<Predicate>) {
        self.forms.find(analysis, words, found);
    }

    /// Begins the detail of the entry that comes next, and so ends that of the one before.
    fn begin_detail(&mut self, lemma: &str) {
        self.details.push(Detail {
            lemma: self.lemmas.len() as u32,
            complements: self.complements.len() as u32,
            hash: hash::of_word(lemma),
        });
        self.lemmas.push_str(lemma);
    }

    /// Adds what a row says; gives what its forms follow from.
    fn add<'r>(&mut self, record: &'r csv::StringRecord) -> Result<(&'r str, PartOfSpeech, u32), String> {
        let field = |at: usize| record.get(at).unwrap_or("").trim();
        let lemma = field(0);
        let number = u32::try_from(self.entries.len()).map_err(|_| "more entries than have a number")?;
        if lemma.is_empty() || lemma.contains(char::is_whitespace) || lemma.chars().any(char::is_uppercase) {
            return Err(format!("lemma {lemma:?}: expected lower case and no spaces"));
        }
        let Some(pos) = PartOfSpeech::parse(field(1)) else {
            return Err(format!("pos {:?} of {lemma:?}: expected v, n, a or r", field(1)));
        };
        let code = |name: &str, text: &str| match Code::parse(text) {
            None if !text.is_empty() => Err(format!("{name} {text:?} of {lemma:?}: expected s, n, c or nothing")),
            code => Ok(code),
        };
        let (subject, object) = (code("self", field(2))?, code("object", field(3))?);
        self.begin_detail(lemma);
        let complements = self.complements.len();
        for complement in field(4).split_whitespace() {
            let parsed = complement.split_once(':').and_then(|(word, code)| Some((word, Code::parse(code)?)));
            let Some((preposition, code)) = parsed else {
                return Err(format!("complement {complement:?} of {lemma:?}: expected preposition:code"));
            };
            let Some(slot) = Slot::of_preposition(preposition) else {
                return Err(format!(
                    "complement {complement:?} of {lemma:?}: expected a preposition that makes a slot"
                ));
            };
            self.complements.push((slot.listed(), code));
        }
        let turns = match field(5) {
            "" => false,
            "t" => true,
            other => return Err(format!("turns {other:?} of {lemma:?}: expected t or nothing")),
        };
        let said = || {
            let of_complements = self.complements[complements..].iter().map(|complement| complement.1);
            subject.into_iter().chain(object).chain(of_complements)
        };
        let tone = match (said().any(|code| code == Code::Supportive), said().any(|code| code == Code::Critical)) {
            (true, false) => Some(Code::Supportive),
            (false, true) => Some(Code::Critical),
            _ => None,
        };
        let signs = Signs::of(pos, subject, object, tone, turns);
        self.entries.push(Entry { pos, subject, object, tone, signs });
        Ok((lemma, pos, number))
    }
}

/// Whether what follows a word is a noun, or belongs to one, and no verb.
pub(super) fn precedes_noun(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "a"
            | "an"
            | "this"
            | "its"
            | "his"
            | "her"
            | "their"
            | "our"
            | "my"
            | "your"
            | "'s"
            | "of"
            | "no"
            | "every"
            | "each"
            | "another"
    )
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

#[cfg(test)]
mod tests {
    use super::Lexicon;
    use crate::features::Reading;

    fn found(sentence: &str) -> Vec<String> {
        let mut reading = Reading::default();
        reading.read(sentence, []);
        let mut out = Vec::new();
        for predicate in reading.predicates {
            let lexicon = Lexicon::embedded();
            let pos = lexicon.entry(predicate.entry).pos.letter();
            let mut text = format!("{}/{pos}", lexicon.lemma(predicate.entry));
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
        assert!(lexicon.len() > 4000);
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
        assert!(found("Xi is accused of lying").contains(&"lie/v".to_owned()));
        assert!(found("they kept Xi at arm's length").contains(&"keep_at_arm's_length/v".to_owned()));
        assert!(found("they distanced themselves from Xi").contains(&"distance_itself/v".to_owned()));
    }

    #[test]
    fn the_words_of_a_verb_phrase_may_stand_apart() {
        for (sentence, expected) in [
            ("they stabbed the old premier in the back", "stab_in_back/v"),
            ("they gave Xi the cold shoulder", "give_cold_shoulder/v"),
            ("Xi won lavish praise", "win_praise/v"),
            ("Xi won no praise", "win_praise/v negated"),
            ("they have no great faith in Xi", "have_faith/v negated"),
            ("they turned the boats away", "turn_away/v"),
        ] {
            let found = found(sentence);
            assert!(found.contains(&expected.to_owned()), "{sentence}: {expected} not in {found:?}");
        }
        assert_eq!(found("they nailed its colours"), ["nail_colours/v", "nail_it/v"]);
        // Another phrase, an auxiliary, another clause.
        for (sentence, other) in [
            ("they believe peace in Rome is far", "believe_in/v"),
            ("they have lost all faith", "have_faith/v"),
            ("they turned, and Xi went away", "turn_away/v"),
        ] {
            assert!(!found(sentence).contains(&other.to_owned()), "{sentence}: {other}");
        }
    }

    #[test]
    fn a_bad_row_is_named() {
        let refused = |row: &str| {
            let text = format!("lemma,pos,self,object,complements,turns\nlie,v,c,,,\n{row}\n");
            Lexicon::parse(&text).unwrap_err().to_string()
        };
        assert_eq!(refused("hug,v,q,,,"), "lexicon, line 3: self \"q\" of \"hug\": expected s, n, c or nothing");
        assert_eq!(
            refused("kneel,v,c,,before:n,"),
            "lexicon, line 3: complement \"before:n\" of \"kneel\": expected a preposition that makes a slot"
        );
        assert_eq!(refused("lack,v,c,,,yes"), "lexicon, line 3: turns \"yes\" of \"lack\": expected t or nothing");
    }
}
