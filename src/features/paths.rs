//! What lies between the target and a predicate that says something: the signs of [`super::tones`] and the words that link,
//! all other words as one (`nc from T`, `T has ac`).
//!
//! Patterns that somebody thought of decide a slot in [`super::roles`]; here it is learned which ways from a predicate to the
//! target mean that it speaks of the target. A parse would give them as dependency paths (Bunescu & Mooney, HLT 2005).

use super::classes::Class;
use super::hash::{Prefix, Text};
use super::sink::Sink;
use super::tones::{self, NOT, Sign, TARGET, Tone, WORDS};
use super::view::View;

const PATH: Prefix = Prefix::new("path:");

/// The most signs between a predicate and the target.
const LONGEST: usize = 5;

/// How many predicates on each side have a path.
const PREDICATES: usize = 3;

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let Some(target) = tones::target_in(view) else { return };
    let line = view.tones();
    // What turns a predicate stands before it: on the right of the target it is in the path.
    let turned =
        |at: usize| at.checked_sub(1).map(|before| line[before].whole).filter(|&sign| sign == NOT || sign.turns());
    walk(view, sink, Side::Left, (0..target).rev().map(|at| (line[at], turned(at))));
    walk(view, sink, Side::Right, line[target + 1..].iter().map(|&tone| (tone, None)));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// Goes from the target outwards, and gives the path to each predicate.
fn walk<S: Sink + ?Sized>(
    view: &View<'_>,
    sink: &mut S,
    side: Side,
    tones: impl Iterator<Item = (Tone, Option<Sign>)>,
) {
    let items = view.items();
    let is_word = |at: usize| !items[at].is(Class::Determiner) && !items[at].is(Class::BeforeHead);
    let mut between = Between::default();
    let mut predicates = 0;
    // The items from the target up to here are in the path.
    let mut edge = if side == Side::Left { view.target() } else { view.target() + 1 };
    for (tone, turned) in tones {
        let tone = tone.seen(items);
        let mut unsigned = if side == Side::Left { tone.end..edge } else { edge..tone.item };
        if unsigned.any(is_word) && !between.push(WORDS) {
            return;
        }
        if tone.slots.says() {
            give(view, sink, side, &tone, turned, &between);
            predicates += 1;
            if predicates == PREDICATES {
                return;
            }
        }
        let passed = match (tone.slots.is_of_predicate(), tone.whole) {
            (true, tones::NONE) => WORDS,
            (true, whole) => whole,
            (false, _) => tone.slots,
        };
        if !between.push(passed) {
            return;
        }
        edge = if side == Side::Left { tone.item } else { tone.end };
    }
}

/// The signs from the target on to a predicate.
#[derive(Default)]
struct Between {
    signs: [Sign; LONGEST],
    length: usize,
}

impl Between {
    /// Adds a sign; false if there are too many. Words one after another are one.
    fn push(&mut self, sign: Sign) -> bool {
        let same = self.signs[..self.length].last() == Some(&sign) && sign == WORDS;
        if !same && self.length < LONGEST {
            self.signs[self.length] = sign;
            self.length += 1;
            return true;
        }
        same
    }
}

/// Gives a path, with what turns the predicate before it and the target at its other end: one with what the predicate says of its
/// slots, and one with what it says on the whole.
fn give<S: Sink + ?Sized>(
    view: &View<'_>,
    sink: &mut S,
    side: Side,
    tone: &Tone,
    turned: Option<Sign>,
    between: &Between,
) {
    let between = &between.signs[..between.length];
    let whole = Some(tone.whole).filter(|&whole| whole != tones::NONE && whole != tone.slots);
    for sign in [Some(tone.slots), whole].into_iter().flatten() {
        let mut signs = [TARGET; LONGEST + 3];
        let mut length = 0;
        let mut push = |sign| {
            signs[length] = sign;
            length += 1;
        };
        match side {
            Side::Left => {
                turned
                    .into_iter()
                    .chain([sign])
                    .chain(between.iter().rev().copied())
                    .chain([TARGET])
                    .for_each(&mut push);
            }
            Side::Right => [TARGET].into_iter().chain(between.iter().copied()).chain([sign]).for_each(&mut push),
        }
        let signs = &signs[..length];
        let text = signs.iter().fold(Text::default(), |text, sign| text.then(sign.hash()));
        sink.hashed(PATH, text, &|| {
            let (one, other) = (tone.item.min(view.target()), tone.end.max(view.target() + 1));
            (tones::written(signs), view.tokens(one..other))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::features::sink::tests::names_for_xi;

    #[test]
    fn what_lies_between_is_signs() {
        for (sentence, expected) in [
            ("the closing speech was a masterclass from Xi", "path:+ from T"),
            ("Xi has a shameful record on elephants", "path:T has ac"),
            ("Xi has never betrayed them", "path:T has not vcn"),
            ("they rejected all praise of Xi", "path:turn- + of T"),
        ] {
            let found = names_for_xi("paths", sentence);
            assert!(found.iter().any(|name| name == expected), "{sentence}: {expected} not in {found:?}");
        }
        assert_eq!(names_for_xi("paths", "Xi left"), Vec::<String>::new());
    }
}
