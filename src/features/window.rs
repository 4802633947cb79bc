//! The words right around the target, in their order.

use super::sink::Sink;
use super::view::View;

/// The longest run of items, the target included.
const LONGEST: usize = 5;
/// Places by distance: `at-1:by`, `at+2:said`; beyond the sentence's ends stands `·`.
const PLACES: [(&str, isize); 8] = [
    ("at-4:", -4),
    ("at-3:", -3),
    ("at-2:", -2),
    ("at-1:", -1),
    ("at+1:", 1),
    ("at+2:", 2),
    ("at+3:", 3),
    ("at+4:", 4),
];

pub(super) fn extract(view: &View<'_>, sink: &mut dyn Sink) {
    let items = view.items();
    let target = view.target();
    let word = |at: isize| usize::try_from(at).ok().filter(|&at| at < items.len()).map_or("·", |at| view.word(at));

    for (name, offset) in PLACES {
        let at = target as isize + offset;
        let tokens = usize::try_from(at).ok().and_then(|at| items.get(at)).map_or(0..0, |item| item.tokens.clone());
        sink.put(&[name, word(at)], tokens);
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
