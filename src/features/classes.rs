//! The closed classes of words that families ask for: negations, prepositions, copulas and the like.
//!
//! Each list stays with the family whose it is. Which lists have a word is asked once a word, when the vocabulary
//! first meets it, not once a mention: comparing every word of a sentence with every list again for each mention
//! was a fifth of the time to label one.

use super::{heads, lexicon, negation, quotation, roles, slot};

/// The classes that a word belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes(u16);

/// A closed class.
#[derive(Clone, Copy, Debug)]
pub(super) enum Class {
    /// Negates what follows.
    Negation,
    /// A verb of speech.
    Speech,
    Preposition,
    /// Opens a clause with a subject of its own.
    OtherSubject,
    Copula,
    /// May stand between two names that share a role.
    Coordination,
    /// Does not stand between an owner and what it owns.
    NoOwner,
    /// Weakens what follows.
    Hedge,
    /// A form of *be*, or of *get* where it serves as one.
    Be,
    /// May stand between the words of a phrase.
    Determiner,
    /// `'s`
    Possessive,
    /// Stands between a subject and its verb.
    BeforeHead,
    /// Stands between a name and what it depends on.
    BeforeName,
    /// What follows is a noun, or belongs to one.
    BeforeNoun,
    /// What follows is a verb.
    BeforeVerb,
}

/// Whether a word belongs to a class.
type Test = fn(&str) -> bool;

const TESTS: [(Class, Test); 15] = [
    (Class::Negation, negation::negates),
    (Class::Speech, quotation::is_speech),
    (Class::Preposition, slot::is_preposition),
    (Class::OtherSubject, roles::is_subordinator_of_other),
    (Class::Copula, roles::is_copula),
    (Class::Coordination, roles::coordinates),
    (Class::NoOwner, roles::parts_from_owner),
    (Class::Hedge, lexicon::hedges),
    (Class::Be, lexicon::is_be),
    (Class::Determiner, lexicon::is_determiner),
    (Class::Possessive, roles::is_possessive),
    (Class::BeforeHead, heads::precedes_head),
    (Class::BeforeName, heads::precedes_name),
    (Class::BeforeNoun, lexicon::precedes_noun),
    (Class::BeforeVerb, lexicon::precedes_verb),
];

impl Classes {
    pub(super) fn of(word: &str) -> Classes {
        let bit = |(class, test): (Class, Test)| if test(word) { 1 << class as u16 } else { 0 };
        Classes(TESTS.into_iter().map(bit).sum())
    }

    /// The classes of either.
    pub(super) fn or(self, other: Classes) -> Classes {
        Classes(self.0 | other.0)
    }

    pub(super) fn has(self, class: Class) -> bool {
        self.0 >> class as u16 & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Classes};

    #[test]
    fn a_word_may_belong_to_several_classes() {
        let classes = Classes::of("as");
        assert!(classes.has(Class::Preposition) && classes.has(Class::Copula) && classes.has(Class::OtherSubject));
        assert!(!classes.has(Class::Negation) && Classes::of("didn't").has(Class::Negation));
        assert_eq!(Classes::of("accuse"), Classes::default());
    }
}
