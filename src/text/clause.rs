//! Clause boundaries by their signs: punctuation and conjunctions, no parser.
//!
//! Who did what to whom is mostly settled inside a clause; counting the boundaries between a word and a
//! mention is a cheap stand-in for the path in a dependency tree.

use super::token::{Kind, Token};

/// Whether a lower-case word opens a new clause.
pub fn is_subordinator(word: &str) -> bool {
    // By length first: of the words of a text, most are then compared with three others or fewer.
    match word.len() {
        2 => matches!(word, "as" | "if" | "so"),
        3 => matches!(word, "but" | "who" | "yet"),
        4 => matches!(word, "than" | "that" | "when" | "whom"),
        5 => matches!(word, "after" | "since" | "until" | "where" | "which" | "while" | "whose"),
        6 => matches!(word, "before" | "saying" | "though" | "unless"),
        7 => matches!(word, "because" | "despite" | "whereas"),
        8 => word == "although",
        _ => false,
    }
}

/// Numbers the clauses of a sentence from 0, in order; a boundary sign belongs to the clause it opens.
pub(super) fn number(tokens: &mut [Token], forms: &str) {
    let mut clause = 0;
    let mut fresh = true;
    for token in tokens {
        let opens = match token.kind {
            Kind::Comma | Kind::Semicolon | Kind::Colon | Kind::Dash | Kind::Bracket => true,
            Kind::Word => is_subordinator(token.form(forms)),
            _ => false,
        };
        // ", which" is one boundary, not two.
        if opens && !fresh {
            clause += 1;
        }
        fresh = opens || (fresh && token.kind != Kind::Word);
        token.clause = clause;
    }
}

#[cfg(test)]
mod tests {
    use crate::text::Analysis;

    #[test]
    fn boundaries_are_counted_once() {
        let mut analysis = Analysis::default();
        analysis.read("Xi said that Russia, which had left, was right");
        let clauses: Vec<_> = analysis.tokens().iter().map(|token| token.clause).collect();
        assert_eq!(clauses, [0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3]);
    }
}
