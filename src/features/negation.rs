//! Words in the scope of a negation: after it, in its clause, a few words on (Pang et al., EMNLP 2002).

use super::choice::Choice;
use super::classes::Class;
use super::place::Place;
use super::sink::Sink;
use super::view::View;

const REACH: usize = 6;

/// Whether a word negates what follows it.
pub(super) fn negates(word: &str) -> bool {
    match word.as_bytes().first() {
        Some(b'n') if matches!(word, "no" | "not" | "never" | "neither" | "nor" | "nobody" | "nothing") => true,
        Some(b'b' | b'c' | b'h' | b'w') if matches!(word, "without" | "cannot" | "hardly" | "barely") => true,
        _ => word.ends_with("n't"),
    }
}

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let target = view.target();
    let mut scope: Option<usize> = None;
    for (at, item) in view.items().iter().enumerate() {
        if item.is(Class::Negation) {
            scope = Some(at);
            let (right, near) = (at >= target, view.boundaries(at, target) == 0);
            sink.choice(Choice::Negation, &[right.into(), near.into()], item.tokens.clone());
            continue;
        }
        let Some(negation) = scope else { continue };
        if at - negation > REACH || view.boundaries(at, negation) > 0 {
            scope = None;
            continue;
        }
        if item.is_word {
            let tokens = view.items()[negation].tokens.start..item.tokens.end;
            sink.word(Place::Negated, view, at, tokens.clone());
            let side = if at < target { Place::NegatedLeft } else { Place::NegatedRight };
            sink.word(side, view, at, tokens);
        }
    }
}
