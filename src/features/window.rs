//! The words right around the target, in their order.

use super::place::Place;
use super::sink::Sink;
use super::view::View;

/// The longest run of items, the target included.
const LONGEST: usize = 5;
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

    // Every run of two to five items that holds the target is a part of one text, which is put together once.
    let first = target.saturating_sub(LONGEST - 1);
    let end = (target + LONGEST).min(items.len());
    let mut text = String::with_capacity(128);
    let mut bounds = [(0, 0); 2 * LONGEST - 1];
    for at in first..end {
        if at > first {
            text.push(' ');
        }
        let start = text.len();
        text.push_str(view.word(at));
        bounds[at - first] = (start, text.len());
    }
    for length in 2..=LONGEST {
        for before in 0..length {
            let (Some(start), run_end) = (target.checked_sub(before), target + length - before) else { continue };
            if run_end > end {
                continue;
            }
            let run = bounds[start - first].0..bounds[run_end - 1 - first].1;
            sink.put(&["run:", &text[run]], items[start].tokens.start..items[run_end - 1].tokens.end);
        }
    }
}
