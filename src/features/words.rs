//! Words and pairs of words, wherever they stand.

use super::sink::Sink;
use super::view::View;

pub(super) fn extract(view: &View<'_>, sink: &mut dyn Sink) {
    let items = view.items();
    for at in 0..items.len() {
        if view.is_word(at) {
            sink.put(&["word:", view.word(at)], items[at].tokens.clone());
        }
        if at + 1 < items.len() {
            let tokens = items[at].tokens.start..items[at + 1].tokens.end;
            sink.put(&["pair:", view.word(at), " ", view.word(at + 1)], tokens);
        }
    }
}
