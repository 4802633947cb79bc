//! Words by the side of the target on which they stand, and how far away.

use super::sink::Sink;
use super::view::View;

/// The furthest item that still is near, and that still is at middle distance.
const NEAR: usize = 4;
const MIDDLE: usize = 10;

pub(super) fn extract(view: &View<'_>, sink: &mut dyn Sink) {
    let items = view.items();
    let target = view.target();
    for at in (0..items.len()).filter(|&at| at != target) {
        let tokens = items[at].tokens.clone();
        let (side, near, middle) = if at < target {
            ("left:", "left near:", "left middle:")
        } else {
            ("right:", "right near:", "right middle:")
        };
        let distance = at.abs_diff(target);
        if view.is_word(at) {
            sink.put(&[side, view.word(at)], tokens.clone());
            if distance <= NEAR {
                sink.put(&[near, view.word(at)], tokens.clone());
            } else if distance <= MIDDLE {
                sink.put(&[middle, view.word(at)], tokens.clone());
            }
        }
        if at + 1 < items.len() && at + 1 != target && distance <= MIDDLE {
            let pair = tokens.start..items[at + 1].tokens.end;
            sink.put(&[side, view.word(at), " ", view.word(at + 1)], pair);
        }
    }
}
