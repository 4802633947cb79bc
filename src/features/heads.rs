//! The words that the target hangs on, whatever stands between: the verb that it is the subject of behind auxiliaries and adverbs,
//! what it has, and the verb or noun before it, through a preposition, determiners and titles.
//!
//! A parser would know better; these are the arcs that word order shows (Jiang et al., ACL 2011, take them from a parse).

use super::classes::Class;
use super::hash::Prefix;
use super::place::Place;
use super::sink::Sink;
use super::view::{Mask, View};

/// What names of features of several words begin with: what the target depends on, with the preposition and the word before
/// (`critics of Xi`, `praised the Russian president Putin`), and the words on both sides.
const DEPENDS: Prefix = Place::DependsOn.prefix();
const BETWEEN: Prefix = Prefix::new("between:");

/// The most words that are passed over on a side.
const REACH: usize = 5;

/// Whether a word stands between a subject and its verb.
pub(super) fn precedes_head(word: &str) -> bool {
    let adverb = word.len() > 4 && word.ends_with("ly");
    adverb
        || matches!(
            word,
            "'d" | "'ll"
                | "'ve"
                | "again"
                | "already"
                | "also"
                | "are"
                | "be"
                | "been"
                | "being"
                | "can"
                | "could"
                | "did"
                | "do"
                | "does"
                | "even"
                | "had"
                | "has"
                | "have"
                | "is"
                | "just"
                | "may"
                | "might"
                | "must"
                | "now"
                | "should"
                | "still"
                | "to"
                | "was"
                | "were"
                | "will"
                | "would"
        )
}

/// Whether a word that is no determiner stands between a name and the word it depends on.
pub(super) fn precedes_name(word: &str) -> bool {
    matches!(word, "former" | "government" | "minister" | "president" | "prime")
}

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let items = view.items();
    let target = view.target();
    let is_word = |&at: &usize| items[at].is_word;
    let possessive = items.get(target + 1).is_some_and(|item| item.is(Class::Possessive));
    let first = target + 1 + usize::from(possessive);
    let passed = |at: usize| items[at].is(Class::BeforeHead) || items[at].is(Class::Negation);
    let right = (first..items.len().min(first + REACH)).find(|&at| !passed(at)).filter(is_word);
    if let Some(right) = right {
        let among = |class| items[first..right].iter().any(|item| item.is(class));
        let (is, negated) = (among(Class::Be), among(Class::Negation));
        // `Xi has never praised`, `Xi was praised`, `Xi's praise`
        let place = match (possessive, is, negated) {
            (true, ..) => Place::Has,
            (_, false, false) => Place::Does,
            (_, false, true) => Place::DoesNot,
            (_, true, false) => Place::Is,
            (_, true, true) => Place::IsNot,
        };
        sink.word(place, view, right, items[right].tokens.clone());
        if possessive && right + 1 < items.len() && items[right + 1].is_word {
            sink.word(Place::Has, view, right + 1, items[right + 1].tokens.clone());
        }
    }

    let passed = |at: usize| {
        let item = &items[at];
        item.mask == Mask::Name || item.is(Class::Determiner) || item.is(Class::BeforeName)
    };
    let left = (target.saturating_sub(REACH)..target).rev().find(|&at| !passed(at)).filter(is_word);
    if let Some(left) = left {
        let before = left.checked_sub(1).filter(is_word);
        if !items[left].is(Class::Preposition) {
            sink.word(Place::DependsOn, view, left, items[left].tokens.clone());
        }
        if let Some(before) = before {
            sink.phrase(DEPENDS, view, &[before, left]);
            if items[left].is(Class::Preposition) && before > 0 {
                sink.phrase(DEPENDS, view, &[before - 1, before, left]);
            }
        }
    }
    if let (Some(left), Some(right)) = (left, right) {
        sink.phrase(BETWEEN, view, &[left, right]);
    }
}

#[cfg(test)]
mod tests {
    use crate::features::sink::tests::names_for_xi;

    #[test]
    fn what_stands_between_is_passed_over() {
        for (sentence, expected) in [
            ("Xi has repeatedly praised it", "does:praised"),
            ("Xi will not yield", "does not:yield"),
            ("Xi was also praised", "is:praised"),
            ("Xi's reckless policy failed", "has:policy"),
            ("they praised the former president Xi", "depends on:praised"),
            ("the fierce critics of Xi", "depends on:critics of"),
            ("the fierce critics of Xi", "depends on:fierce critics of"),
            ("they say that Xi has lied", "between:say lied"),
        ] {
            let found = names_for_xi("heads", sentence);
            assert!(found.iter().any(|name| name == expected), "{sentence}: {expected} not in {found:?}");
        }
        assert_eq!(names_for_xi("heads", "Xi, who left"), Vec::<String>::new());
    }
}
