//! Clause boundaries by their signs: punctuation and conjunctions, no parser.
//!
//! Who did what to whom is mostly settled inside a clause; counting the boundaries between a word and a
//! mention is a cheap stand-in for the path in a dependency tree.

use super::token::{Kind, Token};

/// The words that open a new clause.
const SUBORDINATORS: [&str; 25] = [
    "after", "although", "as", "because", "before", "but", "despite", "if", "saying", "since", "so", "than", "that",
    "though", "unless", "until", "when", "where", "whereas", "which", "while", "who", "whom", "whose", "yet",
];

/// The first letters of those of each length, as bits.
const FIRST: [u32; 9] = {
    let (mut first, mut at) = ([0; 9], 0);
    while at < SUBORDINATORS.len() {
        let word = SUBORDINATORS[at].as_bytes();
        first[word.len()] |= 1 << (word[0] - b'a');
        at += 1;
    }
    first
};

/// Whether a lower-case word opens a new clause.
pub fn is_subordinator(word: &str) -> bool {
    // Five words in six are told by length and first letter, and no jump depends on either.
    let letter = word.as_bytes().first().map_or(0, |first| first.wrapping_sub(b'a'));
    let may_be = FIRST.get(word.len()).is_some_and(|first| first.wrapping_shr(letter.into()) & 1 == 1);
    may_be && SUBORDINATORS.contains(&word)
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
    use super::{SUBORDINATORS, is_subordinator};
    use crate::text::Analysis;

    #[test]
    fn subordinators_are_told_from_words_like_them() {
        assert!(SUBORDINATORS.into_iter().all(is_subordinator));
        for other in ["", "a", "is", "then", "whiles", "butt", "{s", "éa", "althoughs"] {
            assert!(!is_subordinator(other), "{other}");
        }
    }

    #[test]
    fn boundaries_are_counted_once() {
        let mut analysis = Analysis::default();
        analysis.read("Xi said that Russia, which had left, was right");
        let clauses: Vec<_> = analysis.tokens().iter().map(|token| token.clause).collect();
        assert_eq!(clauses, [0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3]);
    }
}
