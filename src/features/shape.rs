//! The place of the target in the sentence, how many others are named, how long the sentence is.

use super::choice::Choice;
use super::classes::Class;
use super::sink::Sink;
use super::view::{Mask, View};
use crate::text::Kind;

/// What is more is not told apart.
const MOST: usize = 6;

/// Places in the list of signs.
const BIAS: usize = 0;
const FIRST: usize = 1;
const POSSESSOR: usize = 2;
const QUESTION: usize = 3;
const EXCLAMATION: usize = 4;

/// How long the sentence is, in steps of eight items.
pub(super) fn length(view: &View<'_>) -> usize {
    (view.items().len() / 8).min(MOST)
}

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let items = view.items();
    let target = view.target();
    let here = || items[target].tokens.clone();
    sink.choice(Choice::Sign, &[BIAS], here());
    let others = |mask: Mask| items.iter().filter(|item| item.mask == mask).count().min(MOST);
    sink.choice(Choice::Actors, &[others(Mask::Actor)], here());
    sink.choice(Choice::Names, &[others(Mask::Name)], here());
    sink.choice(Choice::Again, &[others(Mask::Again)], here());
    sink.choice(Choice::Length, &[length(view)], here());
    sink.choice(Choice::Position, &[6 * target / items.len()], here());
    if target == 0 {
        sink.choice(Choice::Sign, &[FIRST], here());
    }
    if items.get(target + 1).is_some_and(|item| item.is(Class::Possessive)) {
        sink.choice(Choice::Sign, &[POSSESSOR], here());
    }
    for item in items {
        match item.kind {
            Kind::Question => sink.choice(Choice::Sign, &[QUESTION], item.tokens.clone()),
            Kind::Exclamation => sink.choice(Choice::Sign, &[EXCLAMATION], item.tokens.clone()),
            _ => {}
        }
    }
}
