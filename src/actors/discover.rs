//! Proposes names that the catalogue lacks, from the user's own texts.
//!
//! No catalogue has the mayor of one's own town. What English capitalises is mostly a name, so the names a
//! collection of texts uses often and the catalogue doesn't know can be listed with their counts and a few
//! sentences to judge them by, as a table in the catalogue's own format: correct it, and pass it back.
//!
//! A run of capitalised words is a candidate, except for what is capitalised only because it begins a
//! sentence. A title before it shows a person, an acronym in brackets after it is an alias, and a surname
//! alone is added to the one candidate with that surname. These are rules, and they propose rubbish too;
//! that is why the result is a proposal.

use std::io::Write;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::catalogue::Kind;
use super::finder::{Finder, Search};
use super::read::{COLUMNS, slug};
use super::spelling::{ends_well, is_hyphen, is_space, is_word, normalised};
use super::words;

/// The most example sentences of a proposal.
const EXAMPLES: usize = 3;
/// The longest example, in characters.
const EXAMPLE_LENGTH: usize = 300;
/// The longest name, in words.
const NAME_WORDS: usize = 8;

/// Small words that may stand inside a name, never at its end.
const INSIDE: [&str; 16] =
    ["of", "the", "for", "de", "del", "da", "dos", "di", "la", "van", "von", "der", "den", "bin", "ibn", "al"];

/// A name that the catalogue lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The name.
    pub name: String,
    /// What it seems to be.
    pub kind: Kind,
    /// Its acronym, or its surname alone.
    pub aliases: Vec<String>,
    /// Rules for these, in the catalogue's language.
    pub ambiguous: Vec<String>,
    /// How often it, or an alias, occurs.
    pub count: u64,
    /// The first sentences with it.
    pub examples: Vec<String>,
}

/// Collects candidates from documents.
///
/// ```
/// use toward::actors::{Catalogue, Discovery, Finder};
///
/// let catalogue = Catalogue::from_reader("name\nChina\n".as_bytes(), "a.csv")?;
/// let finder = Finder::new(&catalogue);
/// let mut discovery = Discovery::new(&finder);
/// let text = "Later that day China and the Gulf Trade Council (GTC) met with Mayor Ada Quill in the old town.";
/// discovery.add(text, std::slice::from_ref(&(0..text.len())));
/// let proposals = discovery.proposals(1);
/// assert_eq!(proposals[1].name, "Ada Quill");
/// assert_eq!((proposals[0].name.as_str(), &proposals[0].aliases[..]), ("Gulf Trade Council", &["GTC".to_owned()][..]));
/// # Ok::<(), toward::actors::CatalogueError>(())
/// ```
#[derive(Debug)]
pub struct Discovery<'a> {
    finder: &'a Finder,
    search: Search,
    candidates: FxHashMap<String, Candidate>,
}

#[derive(Debug, Default, Clone)]
struct Candidate {
    /// Occurrences where the capital says something.
    inside: u64,
    /// Occurrences at the beginning of a sentence.
    initial: u64,
    /// Occurrences after a title.
    titled: u64,
    acronym: Option<String>,
    examples: Vec<String>,
}

/// A word of a sentence.
#[derive(Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

/// A run of words that may be a name.
struct Run {
    words: Range<usize>,
    initial: bool,
    titled: bool,
}

impl<'a> Discovery<'a> {
    /// Nothing collected yet.
    pub fn new(finder: &'a Finder) -> Discovery<'a> {
        Discovery { finder, search: Search::default(), candidates: FxHashMap::default() }
    }

    /// Collects the candidates of a document, given its sentences as ascending ranges of bytes.
    pub fn add(&mut self, document: &str, sentences: &[Range<usize>]) {
        let mut known = Vec::new();
        self.finder.spans_with(&mut self.search, document, sentences, None, |found| known.push(found.range()));
        for sentence in sentences {
            let Some(text) = document.get(sentence.clone()) else { continue };
            let known: Vec<Range<usize>> = known
                .iter()
                .filter(|span| span.start >= sentence.start && span.end <= sentence.end)
                .map(|span| span.start - sentence.start..span.end - sentence.start)
                .collect();
            self.add_sentence(text, &known);
        }
    }

    fn add_sentence(&mut self, sentence: &str, known: &[Range<usize>]) {
        let words = words_of(sentence);
        // A headline in capitals, or with a capital on each word, says nothing about names.
        let capitalised = words.iter().filter(|word| is_capitalised(word.text)).count();
        if words.len() > 3 && capitalised * 3 > words.len() * 2 {
            return;
        }
        for run in runs(sentence, &words, known) {
            let first = words[run.words.start];
            let last = words[run.words.end - 1];
            let name = normalised(&sentence[first.start..last.end]).into_owned();
            if name.is_empty() || name.len() > 120 {
                continue;
            }
            let acronym = acronym_after(&sentence[last.end..], &words[run.words.clone()]);
            let candidate = self.candidates.entry(name).or_default();
            if run.initial {
                candidate.initial += 1;
            } else {
                candidate.inside += 1;
            }
            candidate.titled += u64::from(run.titled);
            if candidate.acronym.is_none() {
                candidate.acronym = acronym;
            }
            if candidate.examples.len() < EXAMPLES {
                let example: String = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
                let example: String = example.chars().take(EXAMPLE_LENGTH).collect();
                if !candidate.examples.contains(&example) {
                    candidate.examples.push(example);
                }
            }
        }
    }

    /// The names that occur at least so often, the most frequent first.
    pub fn proposals(&self, least: u64) -> Vec<Proposal> {
        let mut sorted: Vec<(&str, Candidate)> =
            self.candidates.iter().map(|(name, candidate)| (name.as_str(), candidate.clone())).collect();
        sorted.sort_by(|a, b| a.0.cmp(b.0));
        let merged = merge_short_forms(&sorted);
        let mut proposals: Vec<Proposal> = Vec::new();
        for (index, (name, candidate)) in sorted.iter().enumerate() {
            if merged.absorbed[index] {
                continue;
            }
            let count = candidate.inside + candidate.initial + merged.gained[index];
            let seen_inside =
                candidate.inside > 0 || candidate.titled > 0 || name.contains(' ') || candidate.acronym.is_some();
            if !seen_inside || count < least {
                continue;
            }
            let mut aliases: Vec<String> = candidate.acronym.iter().cloned().collect();
            let mut ambiguous = Vec::new();
            let kind = kind_of(name, candidate);
            if let Some(surname) = &merged.surname[index] {
                aliases.push(surname.clone());
                ambiguous.push(format!("{surname}: full or title"));
            }
            proposals.push(Proposal {
                name: (*name).to_owned(),
                kind,
                aliases,
                ambiguous,
                count,
                examples: candidate.examples.clone(),
            });
        }
        proposals.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        proposals
    }

    /// Writes proposals as a catalogue, with the columns `count` and `examples` added.
    ///
    /// # Errors
    ///
    /// Where the writer fails.
    pub fn write(proposals: &[Proposal], writer: impl Write) -> csv::Result<()> {
        let mut writer = csv::Writer::from_writer(writer);
        writer.write_record(COLUMNS.iter().chain(&["count", "examples"]))?;
        let mut ids: FxHashMap<String, u64> = FxHashMap::default();
        for proposal in proposals {
            let mut id = slug(&proposal.name);
            let uses = ids.entry(id.clone()).or_default();
            *uses += 1;
            if *uses > 1 {
                id = format!("{id}-{uses}");
            }
            writer.write_record([
                id.as_str(),
                &proposal.name,
                proposal.kind.name(),
                &proposal.aliases.join("|"),
                &proposal.ambiguous.join("|"),
                "",
                "",
                "",
                "",
                "",
                "discovered",
                &proposal.count.to_string(),
                &proposal.examples.join(" | "),
            ])?;
        }
        writer.flush()?;
        Ok(())
    }
}

/// What becomes of surnames and acronyms that stand alone: candidates of their own, or others' aliases.
struct Merged {
    absorbed: Vec<bool>,
    gained: Vec<u64>,
    surname: Vec<Option<String>>,
}

fn merge_short_forms(sorted: &[(&str, Candidate)]) -> Merged {
    let mut merged = Merged {
        absorbed: vec![false; sorted.len()],
        gained: vec![0; sorted.len()],
        surname: vec![None; sorted.len()],
    };
    let place: FxHashMap<&str, usize> = sorted.iter().enumerate().map(|(index, (name, _))| (*name, index)).collect();
    let mut by_surname: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (index, (name, candidate)) in sorted.iter().enumerate() {
        if let Some(short) = candidate.acronym.as_deref().and_then(|acronym| place.get(acronym)) {
            merged.absorbed[*short] = true;
            merged.gained[index] += sorted[*short].1.inside + sorted[*short].1.initial;
        }
        if candidate.titled > 0
            && let Some((_, surname)) = name.rsplit_once(' ')
        {
            by_surname.entry(surname).or_default().push(index);
        }
    }
    for (index, (name, candidate)) in sorted.iter().enumerate() {
        if merged.absorbed[index] || name.contains(' ') {
            continue;
        }
        if let Some([owner]) = by_surname.get(name).map(Vec::as_slice) {
            merged.absorbed[index] = true;
            merged.gained[*owner] += candidate.inside + candidate.initial;
            merged.surname[*owner] = Some((*name).to_owned());
        }
    }
    merged
}

fn words_of(sentence: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut previous = None;
    for (at, c) in sentence.char_indices() {
        // A hyphen or apostrophe within a word belongs to it, but for a possessive.
        let joins = previous.is_some_and(is_word)
            && (is_hyphen(c) || super::spelling::is_apostrophe(c) || c == '&')
            && sentence[at + c.len_utf8()..].starts_with(is_word)
            && (is_hyphen(c) || c == '&' || !ends_well(&sentence[at..]));
        if is_word(c) || joins {
            start.get_or_insert(at);
        } else if let Some(start) = start.take() {
            words.push(Word { text: &sentence[start..at], start, end: at });
        }
        previous = Some(c);
    }
    if let Some(start) = start {
        words.push(Word { text: &sentence[start..], start, end: sentence.len() });
    }
    words
}

fn is_capitalised(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// The runs of capitalised words that are not known.
fn runs(sentence: &str, words: &[Word<'_>], known: &[Range<usize>]) -> Vec<Run> {
    let is_known = |word: &Word| known.iter().any(|span| span.start < word.end && word.start < span.end);
    let joined = |index: usize| {
        let between = &sentence[words[index - 1].end..words[index].start];
        let initials = between
            .strip_prefix('.')
            .filter(|_| words[index - 1].text.chars().count() == 1 || words::is_title(words[index - 1].text));
        !between.is_empty() && initials.unwrap_or(between).chars().all(is_space)
    };
    let is_name_word = |word: &Word| is_capitalised(word.text) && !is_known(word) && !words::is_calendar(word.text);
    let mut runs = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if !is_name_word(&words[at]) {
            at += 1;
            continue;
        }
        let start = at;
        let mut end = at + 1;
        let mut next = end;
        while next < words.len() && joined(next) && next - start < NAME_WORDS {
            if is_name_word(&words[next]) {
                next += 1;
                end = next;
            } else if INSIDE.contains(&words[next].text)
                && !is_known(&words[next])
                && (words[next].text != "the" || matches!(words[next - 1].text, "of" | "for"))
            {
                next += 1;
            } else {
                break;
            }
        }
        at = end;
        let begins = sentence[..words[start].start]
            .chars()
            .rev()
            .find(|&c| !is_space(c))
            .is_none_or(|c| matches!(c, '.' | '!' | '?' | ':' | ';' | '"' | '“' | '‘' | '(' | '—' | '–' | '•'));
        if let Some(run) = trimmed(words, start..end, begins, &joined) {
            runs.push(run);
        }
    }
    runs
}

/// The run without the title and the capitalised small word before a name.
fn trimmed(words: &[Word<'_>], run: Range<usize>, begins: bool, joined: &impl Fn(usize) -> bool) -> Option<Run> {
    let Range { mut start, end } = run;
    let mut initial = begins;
    let lower_title = start > 0 && joined(start) && words::is_title(words[start - 1].text) && !begins;
    let mut titled = lower_title;
    while start < end {
        let text = words[start].text;
        if words::is_title(text) {
            titled = true;
        } else if !(words::is_starter(text) || INSIDE.iter().any(|small| small.eq_ignore_ascii_case(text))) {
            break;
        }
        initial = false;
        start += 1;
    }
    // "I" and single initials are no names.
    let letters = words.get(start..end)?.iter().map(|word| word.text.chars().count()).max()?;
    (letters > 1).then_some(Run { words: start..end, initial, titled })
}

/// The acronym in brackets after a name, where its letters are the first letters of the name's last words.
fn acronym_after(after: &str, name: &[Word<'_>]) -> Option<String> {
    let inside = after.trim_start_matches(is_space).strip_prefix('(')?;
    let acronym = inside.split_once(')')?.0.trim();
    let letters: Vec<char> = acronym.chars().filter(|c| c.is_alphabetic()).collect();
    if letters.len() < 2 || letters.len() > 10 || !acronym.chars().all(|c| c.is_uppercase() || c == '.') {
        return None;
    }
    let initials = |small: bool| -> Vec<char> {
        name.iter()
            .flat_map(|word| word.text.split(is_hyphen))
            .filter(|part| small || is_capitalised(part))
            .filter_map(|part| part.chars().next())
            .flat_map(char::to_uppercase)
            .collect()
    };
    (initials(false) == letters || initials(true) == letters).then(|| acronym.to_owned())
}

fn kind_of(name: &str, candidate: &Candidate) -> Kind {
    let has = |words: &[&str]| name.split(' ').any(|word| words.contains(&word));
    if has(&[
        "Ministry",
        "Department",
        "Army",
        "Parliament",
        "Court",
        "Agency",
        "Police",
        "Senate",
        "Commission",
        "Navy",
    ]) {
        Kind::Body
    } else if has(&["Party", "Democrats"]) {
        Kind::Party
    } else if has(&["Inc", "Corp", "Ltd", "Group", "Bank", "Airlines", "Motors", "Holdings"]) {
        Kind::Company
    } else if has(&["News", "Times", "Post", "Herald", "Daily", "Tribune", "Gazette"]) {
        Kind::Media
    } else if has(&["Front", "Brigade", "Brigades", "Militia", "Movement"]) {
        Kind::Group
    } else if candidate.titled > 0 {
        Kind::Person
    } else {
        Kind::Organisation
    }
}
