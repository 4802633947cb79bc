//! The sentence as one mention sees it: the target masked, other actors reduced to a placeholder.
//!
//! [`Reading`] holds what is the same for all mentions of a sentence (tokens, lexicon hits, the actors' spans, the
//! items as a stranger sees them); a [`View`] is a copy of the items with the masks of one mention.

use std::ops::Range;

use super::classes::{Class, Classes};
use super::lexicon::{Lexicon, Predicate};
use super::slot::Slot;
use super::tones::{self, Line, Tone};
use super::vocabulary::{PLACEHOLDERS, Vocabulary, Word, WordId};
use crate::text::{Analysis, Kind, Quote, Token};

/// A mention's tokens and which actor it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Tokens of the mention.
    pub tokens: Range<usize>,
    /// A number that mentions of one actor share.
    pub actor: usize,
}

/// A sentence, read once for all its mentions.
#[derive(Default)]
pub struct Reading {
    sentence: String,
    /// Tokens, quotations, clauses.
    pub analysis: Analysis,
    /// The predicates of the lexicon in the sentence, in order.
    pub predicates: Vec<Predicate>,
    /// The mentions, in order, not overlapping.
    pub spans: Vec<Span>,
    /// Those of the reading before.
    spans_before: Vec<Span>,
    /// The words of this sentence and of those read before it.
    pub vocabulary: Vocabulary,
    /// What the vocabulary says of each token's word.
    words: Vec<Word>,
    /// The sentence as one sees it who is not in it: every mention is another actor's.
    items: Vec<Item>,
    /// The item of each span.
    item_of_span: Vec<usize>,
    /// The item of each token.
    item_of_token: Vec<usize>,
    /// The signs of the items that have one.
    tones: Line,
    number: u64,
}

impl Reading {
    /// Reads a sentence with its mentions: byte ranges, each with a number of its actor. Where two overlap, the
    /// one given first stays. A sentence that comes again at once, as for another of its actors, is not analysed again.
    pub fn read(&mut self, sentence: &str, mentions: impl IntoIterator<Item = (Range<usize>, usize)>) {
        let again = self.number > 0 && self.sentence == sentence;
        if !again {
            self.sentence.clear();
            self.sentence.push_str(sentence);
            self.analysis.read(sentence);
            self.vocabulary.begin_sentence();
            self.words.clear();
            self.words.extend((0..self.analysis.tokens().len()).map(|at| self.vocabulary.meet(self.analysis.word(at))));
            Lexicon::embedded().find(&self.analysis, &self.words, &mut self.predicates);
        }
        std::mem::swap(&mut self.spans, &mut self.spans_before);
        self.spans.clear();
        for (bytes, actor) in mentions {
            let tokens = self.analysis.covering(&bytes);
            let free = |span: &Span| span.tokens.end <= tokens.start || tokens.end <= span.tokens.start;
            if !tokens.is_empty() && self.spans.iter().all(free) {
                self.spans.push(Span { tokens, actor });
            }
        }
        self.spans.sort_unstable_by_key(|span| span.tokens.start);
        // Whose a mention is does not show in the items.
        let stands_there = |(now, before): (&Span, &Span)| now.tokens == before.tokens;
        let same_places =
            self.spans.len() == self.spans_before.len() && self.spans.iter().zip(&self.spans_before).all(stands_there);
        if !again || !same_places {
            self.number += 1;
            self.set_items();
            let mut tones = std::mem::take(&mut self.tones);
            tones::read(self, &mut tones);
            self.tones = tones;
        }
    }

    /// The items as one sees them who is not in the sentence: every mention is another actor's.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The place of the item that holds a token.
    pub fn item_of(&self, token: usize) -> usize {
        self.item_of_token[token]
    }

    /// What the vocabulary says of a token's word.
    pub(super) fn word(&self, token: usize) -> Word {
        self.words[token]
    }

    /// The number of the items among all that were made: it changes whenever they do.
    pub fn number(&self) -> u64 {
        self.number
    }

    fn set_items(&mut self) {
        self.items.clear();
        self.item_of_span.clear();
        self.item_of_token.clear();
        let tokens = self.analysis.tokens();
        let mut at = 0;
        let mut next_span = 0;
        while at < tokens.len() {
            let token = &tokens[at];
            let span = self.spans.get(next_span);
            let (end, mask) = if let Some(here) = span.filter(|here| here.tokens.start == at) {
                self.item_of_span.push(self.items.len());
                next_span += 1;
                (here.tokens.end, Mask::Actor)
            } else {
                match name_end(tokens, at, span.map_or(tokens.len(), |span| span.tokens.start)) {
                    end if end > at => (end, Mask::Name),
                    _ => (at + 1, Mask::Plain),
                }
            };
            let Word { hash, id: word, classes, .. } = mask.placeholder().unwrap_or(self.words[at]);
            self.item_of_token.resize(end, self.items.len());
            self.items.push(Item {
                tokens: at..end,
                mask,
                word,
                hash,
                classes,
                kind: token.kind,
                clause: token.clause,
                quoted: token.quote == Quote::Inside,
                is_word: mask != Mask::Plain || matches!(token.kind, Kind::Word | Kind::Number),
            });
            at = end;
        }
    }
}

/// What stands in for the words of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// Its own words.
    Plain,
    /// The mention that is labelled.
    Target,
    /// Another mention of the same actor.
    Again,
    /// Another actor.
    Actor,
    /// A name that the catalogue does not know.
    Name,
}

impl Mask {
    /// The word that stands there instead, the same in all vocabularies.
    fn placeholder(self) -> Option<Word> {
        let number = match self {
            Mask::Plain => return None,
            Mask::Target => 0,
            Mask::Again => 1,
            Mask::Actor => 2,
            Mask::Name => 3,
        };
        Some(Word::placeholder(number))
    }
}

/// A token, or a mention as a whole. What families ask of every item lies together here, since they ask it of all
/// items for each mention.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its tokens.
    pub tokens: Range<usize>,
    /// What it stands for.
    pub mask: Mask,
    /// What its first token is.
    pub kind: Kind,
    /// Whether it is a word or stands for one.
    pub is_word: bool,
    /// Whether a quotation holds its first token.
    pub quoted: bool,
    /// The clause of its first token.
    pub clause: u16,
    /// The number of its word or placeholder in the reading's vocabulary.
    pub word: WordId,
    /// The hash of its word or placeholder.
    pub(super) hash: u64,
    classes: Classes,
}

impl Item {
    pub(super) fn is(&self, class: Class) -> bool {
        self.classes.has(class)
    }
}

/// The sentence as one mention sees it.
pub struct View<'r> {
    reading: &'r Reading,
    items: Vec<Item>,
    target: usize,
}

impl<'r> View<'r> {
    /// The view of the mention whose place in [`Reading::spans`] is given.
    ///
    /// # Panics
    /// If there is no such span.
    pub fn new(reading: &'r Reading, span: usize) -> View<'r> {
        View::with_buffer(reading, span, Vec::new())
    }

    /// Like [`View::new`], with the buffer of a view that is done ([`View::into_buffer`]).
    ///
    /// # Panics
    /// If there is no such span.
    pub fn with_buffer(reading: &'r Reading, span: usize, mut items: Vec<Item>) -> View<'r> {
        items.clone_from(&reading.items);
        let actor = reading.spans[span].actor;
        for (other, &at) in reading.item_of_span.iter().enumerate() {
            let mask = if other == span {
                Mask::Target
            } else if reading.spans[other].actor == actor {
                Mask::Again
            } else {
                continue;
            };
            items[at].mask = mask;
            let Word { hash, id, .. } = mask.placeholder().unwrap_or_default();
            (items[at].hash, items[at].word) = (hash, id);
        }
        View { reading, items, target: reading.item_of_span[span] }
    }

    /// Gives the buffer back for the next view.
    pub fn into_buffer(self) -> Vec<Item> {
        self.items
    }

    /// The items, in order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The place of the target among the items.
    pub fn target(&self) -> usize {
        self.target
    }

    /// The predicates of the sentence, in order.
    pub fn predicates(&self) -> &[Predicate] {
        &self.reading.predicates
    }

    /// The signs of the sentence as one sees it who is not in it, in order.
    pub(super) fn tones(&self) -> &'r [Tone] {
        &self.reading.tones.tones
    }

    /// How many tones there are of each kind.
    pub(super) fn mix(&self) -> [usize; 3] {
        self.reading.tones.mix
    }

    /// An item's normalised word, or its placeholder.
    pub fn word(&self, at: usize) -> &'r str {
        let item = &self.items[at];
        match item.mask.placeholder() {
            None => self.reading.analysis.word(item.tokens.start),
            Some(placeholder) => PLACEHOLDERS[placeholder.id as usize],
        }
    }

    /// The slot of an item's object, if it is a preposition.
    pub(super) fn preposition(&self, at: usize) -> Option<Slot> {
        let item = &self.items[at];
        if item.mask == Mask::Plain { self.reading.word(item.tokens.start).preposition } else { None }
    }

    /// The tokens of neighbouring items.
    pub(super) fn tokens(&self, items: Range<usize>) -> Range<usize> {
        self.items[items.start].tokens.start..self.items[items.end - 1].tokens.end
    }

    /// The place of the item that holds a token.
    pub fn item_of(&self, token: usize) -> usize {
        self.reading.item_of(token)
    }

    /// How many clause boundaries lie between two items.
    pub fn boundaries(&self, one: usize, other: usize) -> usize {
        self.items[one].clause.abs_diff(self.items[other].clause) as usize
    }
}

/// The end of a run of capitalised words inside the sentence, or its start where there is none.
fn name_end(tokens: &[Token], start: usize, limit: usize) -> usize {
    if start == 0 {
        return start;
    }
    let run = tokens[start..limit].iter().take_while(|token| token.kind == Kind::Word && token.capital);
    start + run.count()
}

#[cfg(test)]
mod tests {
    use super::{Reading, View};

    #[test]
    fn the_target_and_the_others_are_masked() {
        let sentence = "Putin told Xi that Russia, like Belarus, trusts Hans Meier.";
        let mut reading = Reading::default();
        reading.read(sentence, [(0..5, 1), (11..13, 2), (19..25, 1), (32..39, 3)]);
        let words = |span| {
            let view = View::new(&reading, span);
            (0..view.items().len()).map(|at| view.word(at)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(words(0), "TARGET told ACTOR that AGAIN , like ACTOR , trusts NAME .");
        assert_eq!(words(1), "ACTOR told TARGET that ACTOR , like ACTOR , trusts NAME .");
        assert_eq!(words(2), "AGAIN told ACTOR that TARGET , like ACTOR , trusts NAME .");
    }
}
