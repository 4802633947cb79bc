//! The sparse extractor: a mention in its sentence becomes named, human-readable features.
//!
//! One file a family; a family maps a [`View`] (the sentence as one mention sees it) to names such as
//! `left:accuse` or `role:object=c`. The target is masked and other actors are one placeholder, so that a
//! model cannot learn that a country is bad. Names are hashed with xxh3, which is part of the model format;
//! where the names are wanted (training, explanation), the same families run into another [`Sink`].
//!
//! The idea is that of target-dependent features for Twitter sentiment (Vo & Zhang, IJCAI 2015; Jiang et
//! al., ACL 2011): the same words count differently by where they stand relative to the target.

mod clauses;
mod lexicon;
mod negation;
mod quotation;
mod roles;
mod shape;
mod sides;
mod sink;
mod view;
mod window;
mod words;

pub use lexicon::{Code, Entry, Lexicon, LexiconError, PartOfSpeech, Predicate};
pub use sink::{Hashes, Named, Names, Sink, hash};
pub use view::{Item, Mask, Reading, Span, View};

/// A family of features.
#[derive(Clone, Copy)]
pub struct Family {
    /// Its name: the key under which a bundle records it.
    pub name: &'static str,
    /// Raised whenever the same sentence would give other names.
    pub version: u32,
    extract: fn(&View<'_>, &mut dyn Sink),
}

/// Every family, in the order in which features are extracted. A new family is one file and one line here.
pub const FAMILIES: [Family; 8] = [
    Family { name: "words", version: 1, extract: words::extract },
    Family { name: "sides", version: 1, extract: sides::extract },
    Family { name: "window", version: 1, extract: window::extract },
    Family { name: "clauses", version: 1, extract: clauses::extract },
    Family { name: "roles", version: 1, extract: roles::extract },
    Family { name: "negation", version: 1, extract: negation::extract },
    Family { name: "quotation", version: 1, extract: quotation::extract },
    Family { name: "shape", version: 1, extract: shape::extract },
];

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
