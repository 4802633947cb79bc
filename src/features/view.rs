//! The sentence as one mention sees it: the target masked, other actors reduced to a placeholder.
//!
//! [`Reading`] holds what is the same for all mentions of a sentence (tokens, lexicon hits, the actors'
//! spans); a [`View`] is built from it for each mention.

use std::ops::Range;

use super::lexicon::{Lexicon, Predicate};
use crate::text::{Analysis, Kind, Token};

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
    /// Tokens, quotations, clauses.
    pub analysis: Analysis,
    /// The predicates of the lexicon in the sentence, in order.
    pub predicates: Vec<Predicate>,
    /// The mentions, in order, not overlapping.
    pub spans: Vec<Span>,
}

impl Reading {
    /// Reads a sentence with its mentions: byte ranges, each with a number of its actor. Where two overlap, the
    /// one given first stays.
    pub fn read(
        &mut self,
        sentence: &str,
        mentions: impl IntoIterator<Item = (Range<usize>, usize)>,
        lexicon: &Lexicon,
    ) {
        self.analysis.read(sentence);
        lexicon.find(&self.analysis, &mut self.predicates);
        self.spans.clear();
        for (bytes, actor) in mentions {
            let tokens = self.analysis.covering(&bytes);
            let free = |span: &Span| span.tokens.end <= tokens.start || tokens.end <= span.tokens.start;
            if !tokens.is_empty() && self.spans.iter().all(free) {
                self.spans.push(Span { tokens, actor });
            }
        }
        self.spans.sort_unstable_by_key(|span| span.tokens.start);
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

/// A token, or a mention as a whole.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its tokens.
    pub tokens: Range<usize>,
    /// What it stands for.
    pub mask: Mask,
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
        items.clear();
        let tokens = reading.analysis.tokens();
        let actor = reading.spans[span].actor;
        let mut target = 0;
        let mut at = 0;
        let mut next_span = 0;
        while at < tokens.len() {
            if let Some(here) = reading.spans.get(next_span).filter(|here| here.tokens.start == at) {
                let mask = if next_span == span {
                    target = items.len();
                    Mask::Target
                } else if here.actor == actor {
                    Mask::Again
                } else {
                    Mask::Actor
                };
                items.push(Item { tokens: here.tokens.clone(), mask });
                at = here.tokens.end;
                next_span += 1;
                continue;
            }
            let limit = reading.spans.get(next_span).map_or(tokens.len(), |span| span.tokens.start);
            let end = name_end(tokens, at, limit);
            let mask = if end > at { Mask::Name } else { Mask::Plain };
            let end = end.max(at + 1);
            items.push(Item { tokens: at..end, mask });
            at = end;
        }
        View { reading, items, target }
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

    /// An item's normalised word, or its placeholder.
    pub fn word(&self, at: usize) -> &'r str {
        match self.items[at].mask {
            Mask::Plain => self.reading.analysis.word(self.items[at].tokens.start),
            Mask::Target => "TARGET",
            Mask::Again => "AGAIN",
            Mask::Actor => "ACTOR",
            Mask::Name => "NAME",
        }
    }

    /// The normalised form of a token, mask or not.
    pub fn token_word(&self, token: usize) -> &'r str {
        self.reading.analysis.word(token)
    }

    /// The first token of an item.
    pub fn token(&self, at: usize) -> &'r Token {
        &self.reading.analysis.tokens()[self.items[at].tokens.start]
    }

    /// Whether the item is a word or stands for one.
    pub fn is_word(&self, at: usize) -> bool {
        self.items[at].mask != Mask::Plain || matches!(self.token(at).kind, Kind::Word | Kind::Number)
    }

    /// The place of the item that holds a token.
    pub fn item_of(&self, token: usize) -> usize {
        self.items.partition_point(|item| item.tokens.end <= token)
    }

    /// How many clause boundaries lie between two items.
    pub fn boundaries(&self, one: usize, other: usize) -> usize {
        self.token(one).clause.abs_diff(self.token(other).clause) as usize
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
    use crate::features::Lexicon;

    #[test]
    fn the_target_and_the_others_are_masked() {
        let sentence = "Putin told Xi that Russia, like Belarus, trusts Hans Meier.";
        let mut reading = Reading::default();
        reading.read(sentence, [(0..5, 1), (11..13, 2), (19..25, 1), (32..39, 3)], Lexicon::embedded());
        let words = |span| {
            let view = View::new(&reading, span);
            (0..view.items().len()).map(|at| view.word(at)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(words(0), "TARGET told ACTOR that AGAIN , like ACTOR , trusts NAME .");
        assert_eq!(words(1), "ACTOR told TARGET that ACTOR , like ACTOR , trusts NAME .");
        assert_eq!(words(2), "AGAIN told ACTOR that TARGET , like ACTOR , trusts NAME .");
    }
}
