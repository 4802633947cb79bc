//! Words by how many clause boundaries part them from the target.

use super::place::Place;
use super::sink::Sink;
use super::view::View;

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let target = view.target();
    for (at, item) in view.items().iter().enumerate().filter(|&(at, item)| at != target && item.is_word) {
        let place = match (view.boundaries(at, target), at < target) {
            (0, true) => Place::LeftClause,
            (0, false) => Place::RightClause,
            (1, true) => Place::LeftNextClause,
            (1, false) => Place::RightNextClause,
            _ => continue,
        };
        sink.word(place, view, at, item.tokens.clone());
    }
}
