//! Whether the target, and the words around it, are quoted, and who is quoted.

use super::sink::Sink;
use super::view::View;
use crate::text::Quote;

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

pub(super) fn extract(view: &View<'_>, sink: &mut dyn Sink) {
    let items = view.items();
    let target = view.target();
    let quoted = |at: usize| view.token(at).quote == Quote::Inside;
    let any = (0..items.len()).any(quoted);
    let state = match (any, quoted(target)) {
        (false, _) => "quote:none",
        (true, true) => "quote:inside",
        (true, false) => "quote:outside",
    };
    sink.put(&[state], items[target].tokens.clone());

    // Who speaks is next to a verb of speech; who is spoken of is further away.
    for (at, item) in items.iter().enumerate() {
        let word = view.word(at);
        if SPEECH.binary_search(&word).is_err() {
            continue;
        }
        let place = if at.abs_diff(target) > 3 || view.boundaries(at, target) > 0 {
            "far"
        } else if at < target {
            "before"
        } else {
            "after"
        };
        sink.put(&["speech:", place, " ", word], item.tokens.clone());
        sink.put(&["speech:", place, " ", state], item.tokens.clone());
    }
    if any {
        for at in (0..items.len()).filter(|&at| at != target && view.is_word(at)) {
            let name = match (quoted(target), quoted(at)) {
                (true, true) => "quoted with:",
                (false, true) => "quoted apart:",
                _ => continue,
            };
            sink.put(&[name, view.word(at)], items[at].tokens.clone());
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
