//! Words by how many clause boundaries part them from the target.

use super::sink::Sink;
use super::view::View;

pub(super) fn extract(view: &View<'_>, sink: &mut dyn Sink) {
    let target = view.target();
    for at in (0..view.items().len()).filter(|&at| at != target && view.is_word(at)) {
        let name = match (view.boundaries(at, target), at < target) {
            (0, true) => "clause left:",
            (0, false) => "clause right:",
            (1, true) => "next clause left:",
            (1, false) => "next clause right:",
            _ => continue,
        };
        sink.put(&[name, view.word(at)], view.items()[at].tokens.clone());
    }
}
