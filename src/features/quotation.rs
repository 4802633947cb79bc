//! Whether the target, and the words around it, are quoted, and who is quoted.

use super::choice::Choice;
use super::classes::Class;
use super::hash::Prefix;
use super::place::Place;
use super::sink::Sink;
use super::view::View;

const SPEECH: [&str; 34] = [
    "according",
    "added",
    "announced",
    "argued",
    "asked",
    "asserted",
    "believes",
    "claimed",
    "commented",
    "concluded",
    "confirmed",
    "declared",
    "insisted",
    "noted",
    "observed",
    "pledged",
    "promised",
    "recalled",
    "remarked",
    "replied",
    "reported",
    "said",
    "saying",
    "says",
    "stated",
    "stressed",
    "suggested",
    "tell",
    "testified",
    "told",
    "tweeted",
    "vowed",
    "warned",
    "wrote",
];

/// What names of features of a verb of speech begin with.
const SPEAKS: Prefix = Prefix::new("speech:");

/// Whether a word is a verb of speech.
pub(super) fn is_speech(word: &str) -> bool {
    SPEECH.binary_search(&word).is_ok()
}

pub(super) fn extract<S: Sink + ?Sized>(view: &View<'_>, sink: &mut S) {
    let items = view.items();
    let target = view.target();
    let any = items.iter().any(|item| item.quoted);
    let target_quoted = items[target].quoted;
    let state = match (any, target_quoted) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => 2,
    };
    sink.choice(Choice::Quote, &[state], items[target].tokens.clone());

    // Who speaks is next to a verb of speech; who is spoken of is further away.
    for (at, item) in items.iter().enumerate().filter(|(_, item)| item.is(Class::Speech)) {
        let (place, name) = if at.abs_diff(target) > 3 || view.boundaries(at, target) > 0 {
            (0, "far")
        } else if at < target {
            (1, "before")
        } else {
            (2, "after")
        };
        sink.put(SPEAKS, &[name, view.word(at)], item.tokens.clone());
        sink.choice(Choice::Speech, &[place, state], item.tokens.clone());
    }
    if any {
        for (at, item) in items.iter().enumerate().filter(|&(at, item)| at != target && item.is_word) {
            let place = match (target_quoted, item.quoted) {
                (true, true) => Place::QuotedWith,
                (false, true) => Place::QuotedApart,
                _ => continue,
            };
            sink.word(place, view, at, item.tokens.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(super::SPEECH.is_sorted());
    }
}
