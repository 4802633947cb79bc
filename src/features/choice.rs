//! Features whose names are chosen from short lists: on which side a tone is, how long the sentence, how it is quoted.
//!
//! There are a few hundred, whatever the text. So a table that labels looks up the weights of all of them once and
//! finds them by number; names would have to be put together and hashed for every mention.

macro_rules! choices {
    ($($choice:ident = $prefix:literal $([$($part:literal),*])+;)*) => {
        /// A kind of name: a beginning, and what may stand at each place after it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Choice {
            $(#[doc = concat!("`", $prefix, "…`")] $choice,)*
        }

        const KINDS: [Kind; [$($prefix),*].len()] = [$(Kind { prefix: $prefix, lists: &[$(&[$($part),*]),+] }),*];
    };
}

choices! {
    Tone = "tone:" ["", "left ", "right ", "clause left ", "clause right "] ["s", "c", "not s", "not c"];
    SlotCode = "role:" ["", "not "] ["", "maybe "] ["subject=", "object="] ["s", "n", "c"];
    NearCode = "role:" ["", "not "] ["=s", "=n", "=c"] [" next", " near", " in clause", " beyond"];
    Roles = "roles:" ["none", "only s", "only c", "more s", "more c", "both"];
    NearestRole = "roles:nearest " ["s", "n", "c"];
    Negation = "negation " ["left", "right"] ["", " in clause"];
    Quote = "quote:" ["none", "inside", "outside"];
    Speech = "speech:" ["far", "before", "after"] [" quote:none", " quote:inside", " quote:outside"];
    Actors = "shape:actors " ["0", "1", "2", "3", "4", "5", "more"];
    Names = "shape:names " ["0", "1", "2", "3", "4", "5", "more"];
    Again = "shape:again " ["0", "1", "2", "3", "4", "5", "more"];
    Length = "shape:length " ["0", "1", "2", "3", "4", "5", "more"];
    Position = "shape:place " ["0", "1", "2", "3", "4", "5"];
    Sign = "" ["bias", "shape:first", "shape:possessor", "shape:question", "shape:exclamation"];
}

struct Kind {
    prefix: &'static str,
    lists: &'static [&'static [&'static str]],
}

/// The most lists that a kind has.
const LISTS: usize = 4;

/// The number of each kind's first name.
const STARTS: [usize; KINDS.len()] = starts().0;

const fn starts() -> ([usize; KINDS.len()], usize) {
    let (mut starts, mut next, mut kind) = ([0; KINDS.len()], 0, 0);
    while kind < KINDS.len() {
        starts[kind] = next;
        let (mut names, mut list) = (1, 0);
        assert!(KINDS[kind].lists.len() <= LISTS, "there is room for every list");
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

    /// The parts of that name.
    ///
    /// # Panics
    /// If a pick is beyond its list.
    pub fn parts(self, picks: &[usize]) -> [&'static str; 1 + LISTS] {
        let kind = &KINDS[self as usize];
        let mut parts = [""; 1 + LISTS];
        parts[0] = kind.prefix;
        for ((part, list), &pick) in parts[1..].iter_mut().zip(kind.lists).zip(picks) {
            *part = list[pick];
        }
        parts
    }

    /// All names, by number.
    pub fn names() -> impl Iterator<Item = String> {
        KINDS.iter().flat_map(|kind| {
            kind.lists.iter().fold(vec![kind.prefix.to_owned()], |names, list| {
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
            assert_eq!(choice.parts(picks).concat(), name);
            assert_eq!(names[choice.number(picks)], name);
        }
    }
}
