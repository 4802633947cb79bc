//! Who exists, under which names, and where a text names them.
//!
//! A reader of news knows that *Beijing's foreign ministry*, *the Chinese* and *President Xi* lead to one
//! country, and that *the Washington Post* does not lead to another. This room holds that knowledge as a
//! data file that people can edit, and finds its names in text:
//!
//! - [`Catalogue`]: the actors, read from CSV; [`Catalogue::lint`] looks for mistakes in it.
//! - [`conditions`]: the small language that says when an ambiguous name is meant.
//! - [`Finder`]: the catalogue compiled for speed; it finds the mentions in a document.
//! - [`Discovery`]: proposes names that the catalogue lacks.
//!
//! The idea is that of the event coders of political science (KEDS, TABARI, PETRARCH), whose actor
//! dictionaries list names with dated roles and are matched longest first. What is new here are conditions
//! in the data for ambiguous names, because a dictionary without them either leaves out `Georgia` or finds
//! a state of the USA. There is no fuzzy matching: a name is found as it is written, or it isn't.
//!
//! ```
//! use toward::actors::{Catalogue, Finder};
//!
//! let mut catalogue = Catalogue::empty();
//! catalogue.extend_from("name,kind,aliases\nChina,country,Beijing|Chinese\n".as_bytes(), "mine.csv")?;
//! let finder = Finder::new(&catalogue);
//! let text = "Beijing’s answer came late.";
//! let found = finder.find(text, None);
//! assert_eq!(&text[found[0].range()], "Beijing");
//! assert_eq!(catalogue.actor(found[0].actor).name, "China");
//! # Ok::<(), toward::actors::CatalogueError>(())
//! ```

mod beginnings;
mod catalogue;
mod compile;
pub mod conditions;
mod context;
mod cut;
mod date;
mod discover;
mod finder;
mod lint;
mod read;
mod spelling;
mod words;

pub use catalogue::{Actor, ActorIndex, Catalogue, Kind, Level, Text, UnknownKind, UnknownLevel};
pub use date::{Date, Term, WrongDate};
pub use discover::{Discovery, Proposal};
pub use finder::{Finder, Found, Search};
pub use lint::Finding;
pub use read::CatalogueError;
