//! The place of the target in the sentence, how many others are named, how long the sentence is.

use super::sink::Sink;
use super::view::{Mask, View};
use crate::text::Kind;

const NUMBERS: [&str; 7] = ["0", "1", "2", "3", "4", "5", "more"];

fn number(count: usize) -> &'static str {
    NUMBERS[count.min(NUMBERS.len() - 1)]
}

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let items = view.items();
    let target = view.target();
    let here = || items[target].tokens.clone();
    sink.put(&["bias"], here());
    let others = |mask: Mask| items.iter().filter(|item| item.mask == mask).count();
    sink.put(&["shape:actors ", number(others(Mask::Actor))], here());
    sink.put(&["shape:names ", number(others(Mask::Name))], here());
    sink.put(&["shape:again ", number(others(Mask::Again))], here());
    sink.put(&["shape:length ", number(items.len() / 8)], here());
    sink.put(&["shape:place ", number(6 * target / items.len())], here());
    if target == 0 {
        sink.put(&["shape:first"], here());
    }
    if items.get(target + 1).is_some_and(|_| view.word(target + 1) == "'s") {
        sink.put(&["shape:possessor"], here());
    }
    for item in items {
        match item.kind {
            Kind::Question => sink.put(&["shape:question"], item.tokens.clone()),
            Kind::Exclamation => sink.put(&["shape:exclamation"], item.tokens.clone()),
            _ => {}
        }
    }
}
