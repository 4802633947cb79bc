//! A catalogue from any bytes, and what is made of it: lint, levels, the finder in a text of its names.

use toward::actors::{Catalogue, Date, Finder, Level, conditions};

pub fn holds(bytes: &[u8]) {
    let lossy = String::from_utf8_lossy(bytes);
    let _ = lossy.parse::<Date>();
    if let Ok(rules) = conditions::read_cell(&lossy) {
        for (_, rule) in rules {
            let written = rule.to_string();
            assert_eq!(written.parse::<conditions::Rule>().expect("a rule that was written can be read"), rule);
        }
    }
    let mut catalogue = match Catalogue::from_reader(bytes, "a.csv") {
        Ok(catalogue) => catalogue,
        Err(error) => {
            let _ = error.to_string();
            return;
        }
    };
    let actors = catalogue.len();
    catalogue.extend_from(bytes, "a.csv").expect("what was read once can be read again");
    assert_eq!(catalogue.len(), actors, "a file laid over itself adds nothing");
    let _ = catalogue.lint();
    let finder = Finder::new(&catalogue);
    let mut document = String::new();
    for (index, actor) in catalogue.actors().take(50) {
        for name in actor.names().take(10) {
            document.push_str(name);
            document.push_str(" met ");
        }
        for (name, rule) in &actor.ambiguous {
            document.push_str(&format!("{rule} {name}. "));
        }
        for level in [Level::Mention, Level::Actor, Level::Country] {
            let _ = catalogue.actor(catalogue.fold(index, level));
        }
    }
    document.push_str("Dr. Quill.");
    for as_of in [None, Date::new(2024, Some(2), Some(29))] {
        let mut end = 0;
        for found in finder.find(&document, as_of) {
            assert!(found.start >= end && found.start < found.end, "mentions are in order and apart");
            assert!(document.get(found.range()).is_some(), "mentions do not cut characters");
            end = found.end;
        }
    }
}
