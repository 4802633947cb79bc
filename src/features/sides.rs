//! Words by the side of the target on which they stand, and how far away.

use std::ops::Range;

use super::place::{PairPlace, Place};
use super::sink::Sink;
use super::view::View;

/// The furthest item that still is near, and that still is at middle distance.
const NEAR: usize = 4;
const MIDDLE: usize = 10;

/// The pairs that are features on each side of a target: the places of their first items.
pub(super) fn pairs(target: usize, items: usize) -> [(PairPlace, Range<usize>); 2] {
    let left = target.saturating_sub(MIDDLE)..target.saturating_sub(1);
    let right = target + 1..(target + MIDDLE + 1).min(items.saturating_sub(1));
    [(PairPlace::Left, left), (PairPlace::Right, right)]
}

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let items = view.items();
    let target = view.target();
    let [left, right] = pairs(target, items.len());
    for (at, item) in items.iter().enumerate().filter(|&(at, _)| at != target) {
        let (side, near, middle, (pair, first)) = if at < target {
            (Place::Left, Place::LeftNear, Place::LeftMiddle, &left)
        } else {
            (Place::Right, Place::RightNear, Place::RightMiddle, &right)
        };
        let distance = at.abs_diff(target);
        if item.is_word {
            sink.word(side, view, at, item.tokens.clone());
            if distance <= NEAR {
                sink.word(near, view, at, item.tokens.clone());
            } else if distance <= MIDDLE {
                sink.word(middle, view, at, item.tokens.clone());
            }
        }
        if first.contains(&at) {
            sink.pair(*pair, view, at);
        }
    }
}
