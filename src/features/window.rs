//! The words right around the target, in their order.

use super::hash::Prefix;
use super::place::Place;
use super::sink::{LONGEST_PHRASE, Sink};
use super::view::View;

/// What names of runs of items begin with, the target among them.
const RUN: Prefix = Prefix::new("run:");

/// Places by distance: `at-1:by`, `at+2:said`; beyond the sentence's ends stands `·`.
const PLACES: [(Place, isize); 8] = [
    (Place::Before4, -4),
    (Place::Before3, -3),
    (Place::Before2, -2),
    (Place::Before1, -1),
    (Place::After1, 1),
    (Place::After2, 2),
    (Place::After3, 3),
    (Place::After4, 4),
];

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let items = view.items();
    let target = view.target();
    for (place, offset) in PLACES {
        match target.checked_add_signed(offset).filter(|&at| at < items.len()) {
            Some(at) => sink.word(place, view, at, items[at].tokens.clone()),
            None => sink.beyond(place),
        }
    }

    for length in 2..=LONGEST_PHRASE {
        for before in 0..length {
            let (Some(start), end) = (target.checked_sub(before), target + length - before) else { continue };
            if end <= items.len() {
                let places: [usize; LONGEST_PHRASE] = std::array::from_fn(|at| start + at);
                sink.phrase(RUN, view, &places[..length]);
            }
        }
    }
}
