//! Words by the side of the target on which they stand, and how far away.

use super::place::{PairPlace, Place};
use super::sink::Sink;
use super::view::View;

/// The furthest item that still is near, and that still is at middle distance.
const NEAR: usize = 4;
const MIDDLE: usize = 10;

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let items = view.items();
    let target = view.target();
    for (at, item) in items.iter().enumerate().filter(|&(at, _)| at != target) {
        // A pair does not hold the target, and its first item is not far from it.
        let (side, near, middle, pair, apart) = if at < target {
            (Place::Left, Place::LeftNear, Place::LeftMiddle, PairPlace::Left, at + 1 < target)
        } else {
            (Place::Right, Place::RightNear, Place::RightMiddle, PairPlace::Right, at + 1 < items.len())
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
        if apart && distance <= MIDDLE {
            sink.pair(pair, view, at);
        }
    }
}
