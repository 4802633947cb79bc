//! Words and pairs of words, wherever they stand.

use super::place::{PairPlace, Place};
use super::sink::Sink;
use super::view::View;

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let items = view.items();
    for (at, item) in items.iter().enumerate() {
        if item.is_word {
            sink.word(Place::Anywhere, view, at, item.tokens.clone());
        }
        if at + 1 < items.len() {
            sink.pair(PairPlace::Anywhere, view, at);
        }
    }
}
