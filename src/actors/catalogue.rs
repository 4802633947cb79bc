//! The catalogue: who exists, of what kind, under which names, and what belongs to what.
//!
//! It is plain data, in the order of its file, and edited as a CSV file; `models/ACTORS.md` describes the
//! columns. A user's own file is laid over it: a row with a known id replaces that actor, a row with a new
//! id adds one. The [`Finder`](super::Finder) is what it is compiled to for use.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::str::FromStr;

use rustc_hash::FxBuildHasher;

use super::conditions::Rule;
use super::date::{Date, Term};
use super::read::{self, CatalogueError};

/// What an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A state.
    Country,
    /// A territory, or a part of a state that acts for itself.
    Territory,
    /// A person.
    Person,
    /// A part of a state: ministry, army, agency, central bank, court, parliament, seat of government.
    Body,
    /// An international organisation or alliance.
    Organisation,
    /// A political party.
    Party,
    /// An armed group or a movement.
    Group,
    /// A company.
    Company,
    /// A medium.
    Media,
    /// A non-governmental organisation.
    Ngo,
    /// Not an actor: a name that wins over an actor's name and gives no mention, such as New Mexico.
    Place,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 11] = [
        Kind::Country,
        Kind::Territory,
        Kind::Person,
        Kind::Body,
        Kind::Organisation,
        Kind::Party,
        Kind::Group,
        Kind::Company,
        Kind::Media,
        Kind::Ngo,
        Kind::Place,
    ];

    /// The kind's name, as written in files.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Country => "country",
            Kind::Territory => "territory",
            Kind::Person => "person",
            Kind::Body => "body",
            Kind::Organisation => "organisation",
            Kind::Party => "party",
            Kind::Group => "group",
            Kind::Company => "company",
            Kind::Media => "media",
            Kind::Ngo => "ngo",
            Kind::Place => "place",
        }
    }

    /// Whether others can belong to it as their country.
    pub fn is_state(self) -> bool {
        matches!(self, Kind::Country | Kind::Territory)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is no kind of actor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown kind {0:?}: expected country, territory, person, body, organisation, party, group, company, media, ngo or place"
)]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Kind, UnknownKind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// How finely actors are told apart in an output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// Each mention for itself.
    Mention,
    /// Putin, the Kremlin and Russia are three actors.
    #[default]
    Actor,
    /// Putin and the Kremlin are Russia; the European Commission is the European Union.
    Country,
}

impl Level {
    /// The level's name, as written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Level::Mention => "mention",
            Level::Actor => "actor",
            Level::Country => "country",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is no level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown level {0:?}: expected mention, actor or country")]
pub struct UnknownLevel(pub String);

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Level, UnknownLevel> {
        [Level::Mention, Level::Actor, Level::Country]
            .into_iter()
            .find(|level| level.name() == text)
            .ok_or_else(|| UnknownLevel(text.to_owned()))
    }
}

/// The place of an actor in its catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActorIndex(pub(super) u32);

impl ActorIndex {
    /// The place as a number, from 0.
    pub fn get(self) -> usize {
        self.0 as usize
    }
}

/// A piece of a catalogue: part of the file inside the binary, which is not copied, or of a file that was read.
pub type Text = Cow<'static, str>;

/// The piece of text for keeping.
pub(super) fn keep(part: &str) -> Text {
    // Ten thousands of small allocations are most of what reading costs. A part of the file inside the binary
    // is found there again by its address.
    let start = part.as_ptr().addr().wrapping_sub(EMBEDDED.as_ptr().addr());
    match EMBEDDED.get(start..start.wrapping_add(part.len())) {
        Some(same) => Cow::Borrowed(same),
        None => Cow::Owned(part.to_owned()),
    }
}

/// One row of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// A slug that no other actor has.
    pub id: Text,
    /// The name shown, and searched for.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Other names searched for.
    pub aliases: Vec<Text>,
    /// The rules of those names that are ambiguous, in the order written.
    pub ambiguous: Vec<(Text, Rule)>,
    /// The id of the country or territory it belongs to.
    pub country: Option<Text>,
    /// The id of the actor it is part of.
    pub part_of: Option<Text>,
    /// Codes in other systems: `("iso3", "USA")`.
    pub codes: Vec<(Text, Text)>,
    /// The times in office; none where there is no office or its time is open.
    pub terms: Vec<Term>,
    /// Where the facts are from.
    pub source: Text,
    /// The file the row is from.
    pub file: Text,
    /// Its record number in that file; the header is not counted.
    pub record: u64,
}

impl Actor {
    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(Text::as_ref))
    }

    /// The code in a system such as `iso3`, `iso2`, `cow`, `cameo`.
    pub fn code(&self, system: &str) -> Option<&str> {
        self.codes.iter().find(|(key, _)| key == system).map(|(_, code)| code.as_ref())
    }

    /// The rule of an ambiguous name, the first where it is listed twice.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.ambiguous.iter().find(|(ambiguous, _)| ambiguous == name).map(|(_, rule)| rule)
    }

    /// Whether the date can be in its time in office; an actor without terms is always in office.
    pub fn in_office(&self, date: Date) -> bool {
        in_office(&self.terms, date)
    }
}

pub(super) fn in_office(terms: &[Term], date: Date) -> bool {
    terms.is_empty() || terms.iter().any(|term| term.holds(date))
}

/// The actors, in the order of their file.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    actors: Vec<Actor>,
    by_id: HashMap<Text, ActorIndex, FxBuildHasher>,
}

impl Catalogue {
    /// No actors.
    pub fn empty() -> Catalogue {
        Catalogue::default()
    }

    /// The catalogue inside the binary.
    ///
    /// ```
    /// let catalogue = toward::actors::Catalogue::embedded();
    /// assert!(catalogue.by_id("united-states").is_some());
    /// ```
    ///
    /// # Panics
    ///
    /// Never in a released crate: the file is a part of it, and a test reads it.
    pub fn embedded() -> Catalogue {
        let mut catalogue = Catalogue::empty();
        let read = read::read_actors(EMBEDDED.as_bytes(), &Cow::Borrowed("models/actors.csv"), 0);
        catalogue.lay_over(read.expect("the file is compiled into the crate and read by a test"));
        catalogue
    }

    /// Reads a catalogue; `file` is what errors call it.
    ///
    /// # Errors
    ///
    /// As [`Catalogue::extend_from`].
    pub fn from_reader(reader: impl Read, file: &str) -> Result<Catalogue, CatalogueError> {
        let mut catalogue = Catalogue::empty();
        catalogue.extend_from(reader, file)?;
        Ok(catalogue)
    }

    /// Lays a file over this catalogue: a known id replaces that actor, at its place; a new id adds one.
    ///
    /// Only the column `name` is needed; the id is then the name's slug and the kind `organisation`.
    ///
    /// ```
    /// use toward::actors::{Catalogue, Kind};
    ///
    /// let mut catalogue = Catalogue::empty();
    /// catalogue.extend_from("name\nNew Agency for Things\n".as_bytes(), "my.csv")?;
    /// let actor = catalogue.by_id("new-agency-for-things").map(|index| catalogue.actor(index)).unwrap();
    /// assert_eq!(actor.kind, Kind::Organisation);
    /// let error = catalogue.extend_from("name,kind\nA,wizard\n".as_bytes(), "my.csv").unwrap_err();
    /// assert!(error.to_string().starts_with("my.csv, record 1 (line 2), column kind: found \"wizard\""));
    /// # Ok::<(), toward::actors::CatalogueError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, is too large, or has a cell that is not as the format says; the
    /// catalogue is then as it was.
    pub fn extend_from(&mut self, reader: impl Read, file: &str) -> Result<(), CatalogueError> {
        let bytes = read::read_file(reader, file)?;
        self.lay_over(read::read_actors(&bytes, &Cow::Owned(file.to_owned()), self.actors.len())?);
        Ok(())
    }

    fn lay_over(&mut self, actors: Vec<Actor>) {
        self.by_id.reserve(actors.len());
        if self.actors.is_empty() {
            // The usual case, in which nothing need be moved: a file has each id once.
            self.by_id.extend((0..).zip(&actors).map(|(index, actor)| (actor.id.clone(), ActorIndex(index))));
            self.actors = actors;
            return;
        }
        for actor in actors {
            if let Some(&index) = self.by_id.get(&actor.id) {
                self.actors[index.get()] = actor;
            } else {
                // The reader refuses more actors than an index can count.
                let index = ActorIndex(self.actors.len() as u32);
                self.by_id.insert(actor.id.clone(), index);
                self.actors.push(actor);
            }
        }
    }

    /// How many actors there are, places included.
    pub fn len(&self) -> usize {
        self.actors.len()
    }

    /// Whether there is no actor.
    pub fn is_empty(&self) -> bool {
        self.actors.is_empty()
    }

    /// The actor at an index of this catalogue.
    ///
    /// # Panics
    ///
    /// Where the index is another, larger catalogue's.
    pub fn actor(&self, index: ActorIndex) -> &Actor {
        &self.actors[index.get()]
    }

    /// All actors in order.
    pub fn actors(&self) -> impl ExactSizeIterator<Item = (ActorIndex, &Actor)> {
        self.actors.iter().enumerate().map(|(index, actor)| (ActorIndex(index as u32), actor))
    }

    /// The name or alias that somebody meant who mistyped one; `None` where none is close.
    ///
    /// ```
    /// let catalogue = toward::actors::Catalogue::embedded();
    /// assert_eq!(catalogue.closest_name("Vladmir Putin"), Some("Vladimir Putin"));
    /// assert_eq!(catalogue.closest_name("Qwertyuiop"), None);
    /// ```
    pub fn closest_name(&self, wanted: &str) -> Option<&str> {
        let actors = self.actors.iter().filter(|actor| actor.kind != Kind::Place);
        crate::closest::closest(wanted, actors.flat_map(Actor::names))
    }

    /// The actor with an id.
    pub fn by_id(&self, id: &str) -> Option<ActorIndex> {
        self.by_id.get(id).copied()
    }

    /// The actor that stands for this one at a level.
    ///
    /// At country level it follows `part_of`, and where there is none `country`, until it comes to a
    /// country or to an actor that belongs to nothing; an id that does not exist is a dead end.
    ///
    /// ```
    /// use toward::actors::{Catalogue, Level};
    ///
    /// let csv = "id,name,kind,country\nrussia,Russia,country,\nkremlin,Kremlin,body,russia\n";
    /// let catalogue = Catalogue::from_reader(csv.as_bytes(), "a.csv")?;
    /// let (kremlin, russia) = (catalogue.by_id("kremlin").unwrap(), catalogue.by_id("russia").unwrap());
    /// assert_eq!(catalogue.fold(kremlin, Level::Country), russia);
    /// assert_eq!(catalogue.fold(kremlin, Level::Actor), kremlin);
    /// # Ok::<(), toward::actors::CatalogueError>(())
    /// ```
    pub fn fold(&self, actor: ActorIndex, level: Level) -> ActorIndex {
        if level != Level::Country {
            return actor;
        }
        let mut at = actor;
        // No chain is longer than this unless it runs in a circle, which lint reports.
        for _ in 0..16 {
            let here = self.actor(at);
            if here.kind == Kind::Country {
                break;
            }
            let next = [&here.part_of, &here.country].into_iter().flatten().find_map(|id| self.by_id(id.as_ref()));
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }
}

const EMBEDDED: &str = include_str!("../../models/actors.csv");
