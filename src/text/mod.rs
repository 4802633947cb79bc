//! What the writer wrote, with offsets: sentences, tokens, quotations, clauses.
//!
//! Everything here works on bytes of the original text; nothing is normalised in place, so an offset
//! always points into what the user gave. [`sentences`] cuts a document; [`Analysis`] reads one sentence
//! once, for all the actors in it.

pub(crate) mod blocks;
mod clause;
mod ordinary;
mod quotation;
mod sentence;
mod token;

pub use clause::is_subordinator;
pub use quotation::Quote;
pub use sentence::sentences;
pub use token::{Analysis, Kind, Token};
