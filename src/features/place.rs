//! The places at which a word or a pair of words is counted: the first part of most features' names.
//!
//! They are an enumeration so that a table can keep, for each word, one row of weights by place.

use super::hash::Prefix;

macro_rules! places {
    ($(#[$doc:meta])* $places:ident { $($place:ident = $prefix:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $places {
            $(#[doc = concat!("`", $prefix, "`")] $place,)*
        }

        impl $places {
            /// All of them, by number.
            pub const ALL: &[$places; $places::COUNT] = &[$($places::$place),*];
            /// How many there are.
            pub const COUNT: usize = [$($places::$place),*].len();

            /// What features' names begin with.
            pub const fn prefix(self) -> Prefix {
                const PREFIXES: [Prefix; $places::COUNT] = [$(Prefix::new($prefix)),*];
                PREFIXES[self as usize]
            }
        }
    };
}

places! {
    /// A place of one word. Those of one side are neighbours: most of them are looked up together.
    Place {
        Anywhere = "word:",
        Left = "left:",
        LeftNear = "left near:",
        LeftMiddle = "left middle:",
        LeftClause = "clause left:",
        LeftNextClause = "next clause left:",
        Right = "right:",
        RightNear = "right near:",
        RightMiddle = "right middle:",
        RightClause = "clause right:",
        RightNextClause = "next clause right:",
        Before4 = "at-4:",
        Before3 = "at-3:",
        Before2 = "at-2:",
        Before1 = "at-1:",
        After1 = "at+1:",
        After2 = "at+2:",
        After3 = "at+3:",
        After4 = "at+4:",
        Negated = "not:",
        NegatedLeft = "not left:",
        NegatedRight = "not right:",
        QuotedWith = "quoted with:",
        QuotedApart = "quoted apart:",
        Does = "does:",
        DoesNot = "does not:",
        Is = "is:",
        IsNot = "is not:",
        Has = "has:",
        DependsOn = "depends on:",
    }
}

places! {
    /// A place of two neighbouring words.
    PairPlace {
        Anywhere = "pair:",
        Left = "left:",
        Right = "right:",
    }
}
