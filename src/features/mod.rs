//! The sparse extractor: a mention in its sentence becomes named, human-readable features.
//!
//! One file a family; a family maps a [`View`] (the sentence as one mention sees it) to names such as
//! `left:accuse` or `role:object=c`. The target is masked and other actors are one placeholder, so that a
//! model cannot learn that a country is bad. Names are hashed with xxh3, which is part of the model format;
//! where the names are wanted (training, explanation), the same families run into another [`Sink`].
//!
//! The idea is that of target-dependent features for Twitter sentiment (Vo & Zhang, IJCAI 2015; Jiang et
//! al., ACL 2011): the same words count differently by where they stand relative to the target.

mod choice;
mod classes;
mod clauses;
mod hash;
mod heads;
mod lexicon;
mod negation;
mod paths;
mod place;
mod quotation;
mod roles;
mod shape;
mod sides;
mod sink;
mod slot;
mod tones;
mod view;
mod vocabulary;
mod window;
mod words;

pub use choice::Choice;
pub use hash::{Prefix, Text, hash};
pub use lexicon::{Code, Entry, Lexicon, LexiconError, PartOfSpeech, Predicate};
pub use place::{PairPlace, Place};
pub use sink::{Hashes, Named, Names, Sink};
pub use slot::Slot;
pub use view::{Item, Mask, Reading, Span, View};
pub(crate) use vocabulary::{BEYOND, unique};
pub use vocabulary::{Vocabulary, WordId};

/// A family of features.
#[derive(Clone, Copy)]
pub struct Family {
    /// Its name: the key under which a bundle records it.
    pub name: &'static str,
    /// Raised whenever the same sentence would give other names.
    pub version: u32,
    extract: fn(&View<'_>, &mut dyn Sink),
}

macro_rules! families {
    ($($module:ident, version $version:literal;)*) => {
        /// Every family, in the order in which features are extracted.
        pub const FAMILIES: [Family; [$($version),*].len()] = [$(
            Family {
                name: stringify!($module),
                version: $version,
                extract: |view, sink| $module::extract(view, sink),
            },
        )*];

        /// Gives the features of all families to a sink, in their order. It is compiled for that sink: what a sink
        /// does not use of a feature, its name above all, is then never made.
        pub fn extract_all<S: Sink>(view: &View<'_>, sink: &mut S) {
            $($module::extract(view, sink);)*
        }
    };
}

// A new family is one file and one line here.
families! {
    words, version 1;
    sides, version 1;
    window, version 1;
    clauses, version 1;
    heads, version 1;
    roles, version 4;
    tones, version 3;
    paths, version 1;
    negation, version 1;
    quotation, version 1;
    shape, version 1;
}

impl Family {
    /// Gives the features of one mention to a sink.
    pub fn extract(&self, view: &View<'_>, sink: &mut dyn Sink) {
        (self.extract)(view, sink);
    }
}

/// Gives the features of families to a sink, in their order.
pub fn extract(families: &[Family], view: &View<'_>, sink: &mut dyn Sink) {
    for family in families {
        family.extract(view, sink);
    }
}
