//! The words right around the target, in their order.

use super::place::Place;
use super::sink::Sink;
use super::view::View;
use super::vocabulary::BEYOND;

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
            Some(at) => sink.word(place, view.named(at), items[at].tokens.clone()),
            None => sink.word(place, BEYOND, 0..0),
        }
    }

    // Every run of two to five items that holds the target.
    for length in 2..=LONGEST {
        for before in 0..length {
            let (Some(start), end) = (target.checked_sub(before), target + length - before) else { continue };
            if end > items.len() {
                continue;
            }
            let mut parts = [""; 2 * LONGEST];
            parts[0] = "run:";
            let mut filled = 1;
            for at in start..end {
                if at > start {
                    parts[filled] = " ";
                    filled += 1;
                }
                parts[filled] = view.word(at);
                filled += 1;
            }
            sink.put(&parts[..filled], items[start].tokens.start..items[end - 1].tokens.end);
        }
    }
}
