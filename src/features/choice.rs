//! Features whose names are chosen from short lists: on which side a tone is, how long the sentence, how it is quoted.
//!
//! There are a few thousand, whatever the text. So a table that labels looks up the weights of all of them once and
//! finds them by number; names would have to be put together and hashed for every mention.

use std::sync::LazyLock;

use super::hash::{Prefix, hash};
use super::slot::SAID;

macro_rules! tones {
    ($($sign:literal)*) => {
        /// The signs of tones, in the order of their alphabet.
        pub(super) const TONES: &[&str] = &[$($sign),*];
        /// As they stand after another.
        const AFTER: &[&str] = &[$(concat!(" ", $sign)),*];
    };
}

/// How long a sentence is, after what it has.
const LENGTHS: &[&str] =
    &[" length 0", " length 1", " length 2", " length 3", " length 4", " length 5", " length more"];

tones! { "T2" "A" "|" "not" "but" "more" "than" "only" "+" "-" "turn" "turn+" "turn-" }

macro_rules! choices {
    ($($choice:ident = $prefix:literal, $($list:expr),+;)*) => {
        /// A kind of name: a beginning, and what may stand at each place after it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Choice {
            $(#[doc = concat!("`", $prefix, "…`")] $choice,)*
        }

        const KINDS: [Kind; [$($prefix),*].len()] = [$(Kind { start: Prefix::split($prefix), lists: &[$($list),+] }),*];
    };
}

choices! {
    Tone = "tone:", &["", "left ", "right ", "clause left ", "clause right "], &["s", "c", "not s", "not c"];
    SlotCode = "role:", &["", "not "], &["", "maybe "], SAID, &["s", "n", "c"];
    NearCode = "role:", &["", "not "], &["=s", "=n", "=c"], &[" next", " near", " in clause", " beyond"];
    Roles = "roles:", &["none", "only s", "only c", "more s", "more c", "both"];
    RolesLength = "roles:", &["none", "only s", "only c", "more s", "more c", "both"], LENGTHS;
    NearestRole = "roles:nearest ", &["s", "n", "c"];
    NearestLength = "roles:nearest ", &["s", "n", "c"], LENGTHS;
    Negation = "negation:", &["left", "right"], &["", " in clause"];
    Quote = "quote:", &["none", "inside", "outside"];
    Speech = "speech:", &["far", "before", "after"], &[" quote:none", " quote:inside", " quote:outside"];
    Actors = "shape:actors ", &["0", "1", "2", "3", "4", "5", "more"];
    Names = "shape:names ", &["0", "1", "2", "3", "4", "5", "more"];
    Again = "shape:again ", &["0", "1", "2", "3", "4", "5", "more"];
    Length = "shape:length ", &["0", "1", "2", "3", "4", "5", "more"];
    Position = "shape:place ", &["0", "1", "2", "3", "4", "5"];
    Sign = "shape:", &["bias", "first", "possessor", "question", "exclamation"];
    TonesLeft = "tones left:", TONES, AFTER;
    TonesRight = "tones right:", TONES, AFTER;
    ThreeLeft = "tones left:", TONES, AFTER, AFTER;
    ThreeRight = "tones right:", TONES, AFTER, AFTER;
    Mix = "tones:", &["0", "1", "2"], &[" good ", " good, a turn "], &["0 bad", "1 bad", "2 bad"], LENGTHS;
}

struct Kind {
    /// What its names begin with, in two parts, of which the second follows the colon.
    start: (Prefix, &'static str),
    lists: &'static [&'static [&'static str]],
}

/// The number of each kind's first name.
const STARTS: [usize; KINDS.len()] = starts().0;

const fn starts() -> ([usize; KINDS.len()], usize) {
    let (mut starts, mut next, mut kind) = ([0; KINDS.len()], 0, 0);
    while kind < KINDS.len() {
        starts[kind] = next;
        let (mut names, mut list) = (1, 0);
        while list < KINDS[kind].lists.len() {
            names *= KINDS[kind].lists[list].len();
            list += 1;
        }
        next += names;
        kind += 1;
    }
    (starts, next)
}

impl Choice {
    /// How many names there are in all.
    pub const COUNT: usize = starts().1;

    /// The number of the name that these places in the lists make, below [`Choice::COUNT`].
    #[inline]
    pub fn number(self, picks: &[usize]) -> usize {
        let kind = &KINDS[self as usize];
        debug_assert_eq!(picks.len(), kind.lists.len(), "one pick a list");
        let within = kind.lists.iter().zip(picks).fold(0, |number, (list, &pick)| number * list.len() + pick);
        STARTS[self as usize] + within
    }

    /// That name: what it begins with, and what comes after.
    ///
    /// # Panics
    /// If a pick is beyond its list.
    pub fn name(self, picks: &[usize]) -> (Prefix, String) {
        let Kind { start: (prefix, rest), lists } = &KINDS[self as usize];
        let picked = lists.iter().zip(picks).map(|(list, &pick)| list[pick]);
        (*prefix, std::iter::once(*rest).chain(picked).collect())
    }

    /// The hashes of all names, by number.
    pub fn hashes() -> &'static [u64] {
        static HASHES: LazyLock<Vec<u64>> = LazyLock::new(|| Choice::names().map(|name| hash(&name)).collect());
        &HASHES
    }

    /// All names, by number.
    pub fn names() -> impl Iterator<Item = String> {
        KINDS.iter().flat_map(|kind| {
            kind.lists.iter().fold(vec![kind.start.0.text.to_owned() + kind.start.1], |names, list| {
                names.iter().flat_map(|name| list.iter().map(move |part| format!("{name}{part}"))).collect()
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Choice;

    #[test]
    fn a_number_is_the_place_of_the_name() {
        let names: Vec<String> = Choice::names().collect();
        assert_eq!(names.len(), Choice::COUNT);
        for (choice, picks, name) in [
            (Choice::Tone, &[0, 0][..], "tone:s"),
            (Choice::Tone, &[4, 3], "tone:clause right not c"),
            (Choice::SlotCode, &[1, 0, 1, 2], "role:not object=c"),
            (Choice::Sign, &[4], "shape:exclamation"),
        ] {
            let (prefix, text) = choice.name(picks);
            assert_eq!(prefix.text.to_owned() + &text, name);
            assert_eq!(names[choice.number(picks)], name);
        }
    }
}
