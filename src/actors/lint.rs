//! Looks for mistakes in a catalogue that still can be read.
//!
//! A list of names goes wrong quietly: a name listed twice, an actor that can never be found because another
//! has its name, a rule for a name that was renamed, a code with a typing error. Users of actor dictionaries
//! report exactly these. Each check here is one function, and each finding names the record.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::catalogue::{Actor, Catalogue, Kind};
use super::conditions::Condition;
use super::spelling::normalised;
use super::words;

/// A likely mistake in a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file.
    pub file: String,
    /// The record's number in it; the header is not counted.
    pub record: u64,
    /// The actor's id.
    pub id: String,
    /// The column to look at.
    pub column: &'static str,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { file, record, id, column, message } = self;
        write!(f, "{file}, record {record} ({id}), column {column}: {message}")
    }
}

impl Catalogue {
    /// What looks wrong, in the order of the catalogue.
    ///
    /// ```
    /// use toward::actors::Catalogue;
    ///
    /// let csv = "name,kind,country,ambiguous\nJordan,territory,,Jordan River: alone\nUN Hat,body,un,\n";
    /// let findings = Catalogue::from_reader(csv.as_bytes(), "my.csv")?.lint();
    /// assert!(findings[0].to_string().starts_with("my.csv, record 1 (jordan), column ambiguous: \"Jordan River\""));
    /// assert_eq!(findings[1].message, "no actor has the id \"un\"");
    /// # Ok::<(), toward::actors::CatalogueError>(())
    /// ```
    pub fn lint(&self) -> Vec<Finding> {
        let names = self.claims();
        let codes = self.code_owners();
        let surnames = self.surnames();
        let mut findings = Vec::new();
        for (_, actor) in self.actors() {
            let mut report = |column, message: String| {
                findings.push(Finding {
                    file: actor.file.to_string(),
                    record: actor.record,
                    id: actor.id.to_string(),
                    column,
                    message,
                });
            };
            check_own_names(actor, &mut report);
            check_rules(actor, &mut report);
            check_shared_names(actor, &names, &mut report);
            check_surname(actor, &surnames, &mut report);
            check_codes(actor, &codes, &mut report);
            self.check_links(actor, &mut report);
        }
        findings
    }

    /// Who claims each name.
    fn claims(&self) -> BTreeMap<String, Vec<&Actor>> {
        let mut claims: BTreeMap<String, Vec<&Actor>> = BTreeMap::new();
        for (_, actor) in self.actors() {
            for name in actor.names() {
                let claimants = claims.entry(normalised(name).into_owned()).or_default();
                if claimants.last().is_none_or(|last| last.id != actor.id) {
                    claimants.push(actor);
                }
            }
        }
        claims
    }

    fn code_owners(&self) -> BTreeMap<(&str, &str), &str> {
        let mut owners = BTreeMap::new();
        for (_, actor) in self.actors() {
            for (system, code) in &actor.codes {
                owners.entry((system.as_ref(), code.as_ref())).or_insert(actor.id.as_ref());
            }
        }
        owners
    }

    /// The last words of the names of persons.
    fn surnames(&self) -> BTreeMap<&str, Vec<&Actor>> {
        let mut surnames: BTreeMap<&str, Vec<&Actor>> = BTreeMap::new();
        for (_, actor) in self.actors().filter(|(_, actor)| actor.kind == Kind::Person) {
            if let Some((_, surname)) = actor.name.rsplit_once(' ') {
                surnames.entry(surname).or_default().push(actor);
            }
        }
        surnames
    }

    fn check_links(&self, actor: &Actor, report: &mut impl FnMut(&'static str, String)) {
        for (column, link) in [("country", &actor.country), ("part_of", &actor.part_of)] {
            let Some(id) = link else { continue };
            match self.by_id(id).map(|index| self.actor(index)) {
                None => report(column, format!("no actor has the id {id:?}")),
                Some(_) if *id == actor.id => report(column, "an actor cannot belong to itself".to_owned()),
                Some(owner) if column == "country" && !owner.kind.is_state() => {
                    report(column, format!("{id:?} is a {}, not a country or territory", owner.kind));
                }
                Some(_) => {}
            }
        }
        let mut at = actor;
        for steps in 0.. {
            let Some(next) = at.part_of.as_ref().and_then(|id| self.by_id(id)) else { break };
            at = self.actor(next);
            if at.id == actor.id || steps > 12 {
                report("part_of", "it is, through others, a part of itself".to_owned());
                break;
            }
        }
    }
}

fn check_own_names(actor: &Actor, report: &mut impl FnMut(&'static str, String)) {
    for (place, name) in actor.names().enumerate() {
        let spelling = normalised(name);
        let column = if place == 0 { "name" } else { "aliases" };
        if actor.names().take(place).any(|other| other == name) {
            report(column, format!("{name:?} is listed twice"));
        }
        let letters = spelling.chars().filter(|c| c.is_alphanumeric()).count();
        let bare = actor.rule(name).is_none() && actor.kind != Kind::Place;
        if bare && letters < 2 {
            report(column, format!("{name:?} has one letter and no rule"));
        } else if bare
            && letters < 4
            && !spelling.contains(|c: char| c.is_uppercase() || c.is_numeric())
            && spelling.is_ascii()
        {
            report(column, format!("{name:?} is short, has no capital letter and no rule"));
        } else if bare && actor.kind == Kind::Person && words::is_calendar(name) {
            report(column, format!("{name:?} is also a day or month, and has no rule"));
        } else if bare && words::is_common_word(name) {
            report(column, format!("{name:?} is also a common word, and has no rule"));
        }
    }
}

fn check_rules(actor: &Actor, report: &mut impl FnMut(&'static str, String)) {
    let without_rule = actor.names().any(|name| actor.rule(name).is_none());
    for (place, (name, rule)) in actor.ambiguous.iter().enumerate() {
        if !actor.names().any(|other| other == name) {
            report("ambiguous", format!("{name:?} is neither the name nor an alias"));
        }
        if actor.ambiguous[..place].iter().any(|(other, _)| other == name) {
            report("ambiguous", format!("{name:?} has two rules; either of them suffices"));
        }
        if !without_rule && *name == actor.name && rule.conditions().any(|condition| *condition == Condition::Full) {
            report("ambiguous", format!("{name:?} waits for a full name, but every name has a rule"));
        }
        for condition in rule.conditions() {
            if let Condition::Near(words) = condition
                && words.iter().any(|word| word == name)
            {
                report("ambiguous", format!("{name:?} is near itself, so its rule always holds"));
            }
        }
    }
}

fn check_shared_names(
    actor: &Actor,
    claims: &BTreeMap<String, Vec<&Actor>>,
    report: &mut impl FnMut(&'static str, String),
) {
    for name in actor.names().filter(|name| actor.rule(name).is_none()) {
        let claimants = claims.get(normalised(name).as_ref()).map_or(&[][..], Vec::as_slice);
        for other in claimants.iter().take_while(|other| other.id != actor.id) {
            let other_is_bare =
                other.names().any(|theirs| normalised(theirs) == normalised(name) && other.rule(theirs).is_none());
            if other_is_bare && terms_overlap(actor, other) {
                let column = if name == actor.name { "name" } else { "aliases" };
                report(column, format!("{name:?} is also {}'s, without a rule on either; that one wins", other.id));
            }
        }
    }
}

/// Whether two actors cannot be told apart by their time in office.
fn terms_overlap(one: &Actor, other: &Actor) -> bool {
    one.terms.is_empty()
        || other.terms.is_empty()
        || one.terms.iter().any(|term| other.terms.iter().any(|theirs| term.overlaps(*theirs)))
}

fn check_surname(actor: &Actor, surnames: &BTreeMap<&str, Vec<&Actor>>, report: &mut impl FnMut(&'static str, String)) {
    if actor.kind != Kind::Person {
        return;
    }
    for alias in actor.aliases.iter().filter(|alias| actor.rule(alias).is_none()) {
        let namesakes: Vec<&str> = surnames
            .get(alias.as_ref())
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .filter(|other| other.id != actor.id && !other.aliases.contains(alias))
            .map(|other| other.id.as_ref())
            .collect();
        if !namesakes.is_empty() {
            report("aliases", format!("{alias:?} has no rule, and is the surname of {} too", namesakes.join(", ")));
        }
    }
}

fn check_codes(actor: &Actor, owners: &BTreeMap<(&str, &str), &str>, report: &mut impl FnMut(&'static str, String)) {
    for (system, code) in &actor.codes {
        let capitals = |length: std::ops::RangeInclusive<usize>| {
            length.contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase())
        };
        let (fits, unique, shape) = match system.as_ref() {
            "iso3" => (capitals(3..=3), true, "three capitals"),
            "iso2" => (capitals(2..=2), true, "two capitals"),
            "cow" => (code.len() <= 3 && code.bytes().all(|byte| byte.is_ascii_digit()), true, "a number up to 999"),
            "cameo" => (capitals(3..=15), false, "three to fifteen capitals"),
            "wikidata" => {
                let digits = code.strip_prefix('Q').unwrap_or_default();
                (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()), true, "Q and a number")
            }
            _ => {
                report("codes", format!("unknown system {system:?}: expected iso3, iso2, cow, cameo or wikidata"));
                continue;
            }
        };
        if !fits {
            report("codes", format!("{system}={code} is not {shape}"));
        }
        let owner = owners.get(&(system.as_ref(), code.as_ref())).copied().unwrap_or(&actor.id);
        if unique && owner != actor.id {
            report("codes", format!("{system}={code} is {owner}'s code too"));
        }
        if actor.codes.iter().filter(|(other, _)| other == system).count() > 1 {
            report("codes", format!("two codes of {system}"));
        }
    }
    // Former states, which have an end, are not all in the standard.
    let former = !actor.terms.is_empty() && actor.terms.iter().all(|term| term.to.is_some());
    if actor.kind == Kind::Country && actor.code("iso3").is_none() && !former {
        report("codes", "a country without iso3".to_owned());
    }
}
