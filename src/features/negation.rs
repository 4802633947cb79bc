//! Words in the scope of a negation: after it, in its clause, a few words on (Pang et al., EMNLP 2002).

use super::sink::Sink;
use super::view::View;

const REACH: usize = 6;

/// Whether a word negates what follows it.
pub(super) fn negates(word: &str) -> bool {
    matches!(
        word,
        "no" | "not" | "never" | "neither" | "nor" | "nobody" | "nothing" | "without" | "cannot" | "hardly" | "barely"
    ) || word.ends_with("n't")
}

pub(super) fn extract(view: &View<'_>, sink: &mut dyn Sink) {
    let target = view.target();
    let mut scope: Option<usize> = None;
    for at in 0..view.items().len() {
        if negates(view.word(at)) {
            scope = Some(at);
            let side = if at < target { "negation left" } else { "negation right" };
            let near = if view.boundaries(at, target) == 0 { " in clause" } else { "" };
            sink.put(&[side, near], view.items()[at].tokens.clone());
            continue;
        }
        let Some(negation) = scope else { continue };
        if at - negation > REACH || view.boundaries(at, negation) > 0 {
            scope = None;
            continue;
        }
        if view.is_word(at) {
            let tokens = view.items()[negation].tokens.start..view.items()[at].tokens.end;
            sink.put(&["not:", view.word(at)], tokens.clone());
            sink.put(&[if at < target { "not left:" } else { "not right:" }, view.word(at)], tokens);
        }
    }
}
