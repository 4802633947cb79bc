//! The slots of predicates: subject, object, and the prepositions whose objects are complements.

use super::hash;

macro_rules! slots {
    ($($name:literal)*) => {
        /// The slots' names, by number.
        const NAMES: [&str; [$($name),*].len()] = [$($name),*];
        /// As they stand before what a predicate says of them.
        pub(super) const SAID: &[&str] = &[$(concat!($name, "=")),*];
    };
}

slots! {
    "subject" "object"
    "of" "to" "for" "against" "with" "on" "about" "by" "from" "at" "toward" "towards" "over" "in" "between" "as" "into" "behind"
    "upon" "around" "among" "onto" "alongside" "under" "than" "after" "like" "without" "through" "regarding"
}

const HASHES: [u64; NAMES.len()] = hash::of_constants(NAMES);

/// Where the target stands relative to a predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(u8);

impl Slot {
    /// Of a verb, or of what is predicated.
    pub const SUBJECT: Slot = Slot::named("subject");
    /// Of a verb.
    pub const OBJECT: Slot = Slot::named("object");
    pub(super) const OF: Slot = Slot::named("of");
    pub(super) const FROM: Slot = Slot::named("from");
    pub(super) const TO: Slot = Slot::named("to");
    pub(super) const BY: Slot = Slot::named("by");
    const TOWARD: Slot = Slot::named("toward");
    const TOWARDS: Slot = Slot::named("towards");

    /// The slot of a name that there is.
    const fn named(name: &str) -> Slot {
        Slot(hash::place_of(name, &HASHES) as u8)
    }

    /// The slot of a preposition's object; `None` if the word is none.
    pub fn of_preposition(word: &str) -> Option<Slot> {
        let at = NAMES.iter().position(|&name| name == word)?;
        Some(Slot(at as u8)).filter(|&slot| slot != Slot::SUBJECT && slot != Slot::OBJECT)
    }

    /// The slot in which the lexicon has what it says of this one.
    pub(super) fn listed(self) -> Slot {
        if self == Slot::TOWARDS { Slot::TOWARD } else { self }
    }

    /// Its place in [`SAID`].
    pub(super) fn number(self) -> usize {
        self.0.into()
    }

    /// `subject`, `object` or a preposition.
    pub fn name(self) -> &'static str {
        NAMES[self.number()]
    }

    pub(super) fn hash(self) -> u64 {
        HASHES[self.number()]
    }
}

/// Whether a word is a preposition whose object is a slot.
pub(super) fn is_preposition(word: &str) -> bool {
    Slot::of_preposition(word).is_some()
}

#[cfg(test)]
mod tests {
    use super::{Slot, is_preposition};

    #[test]
    fn prepositions_are_slots() {
        assert_eq!(Slot::of_preposition("against").map(Slot::name), Some("against"));
        assert_eq!(Slot::of_preposition("towards").map(|slot| slot.listed().name()), Some("toward"));
        assert!(!is_preposition("subject") && !is_preposition("and"));
    }
}
