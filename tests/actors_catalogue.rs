//! Reading, laying over, folding, checking and extending catalogues.

use proptest::prelude::*;
use toward::actors::{Catalogue, Discovery, Finder, Kind, Level};

const FIXTURE: &[u8] = include_bytes!("fixtures/actors.csv");

fn fixture() -> Catalogue {
    Catalogue::from_reader(FIXTURE, "tests/fixtures/actors.csv").unwrap()
}

#[test]
fn a_row_is_read_whole() {
    let catalogue = fixture();
    let putin = catalogue.actor(catalogue.by_id("vladimir-putin").unwrap());
    assert_eq!((putin.name.as_str(), putin.kind), ("Vladimir Putin", Kind::Person));
    assert_eq!(putin.aliases, ["Putin"]);
    assert_eq!(putin.terms.len(), 2);
    assert!(putin.in_office("2007".parse().unwrap()));
    assert!(!putin.in_office("2010".parse().unwrap()));
    assert!(putin.in_office("2024-02-29".parse().unwrap()));
    let usa = catalogue.actor(catalogue.by_id("united-states").unwrap());
    assert_eq!((usa.code("iso3"), usa.code("cow"), usa.code("fips")), (Some("USA"), Some("2"), None));
}

#[test]
fn the_embedded_catalogue_is_sound() {
    let catalogue = Catalogue::embedded();
    assert!(!catalogue.is_empty());
    let _ = Finder::new(&catalogue);
}

#[test]
fn a_users_file_replaces_and_adds() {
    let mut catalogue = fixture();
    let before = catalogue.len();
    let china = catalogue.by_id("china").unwrap();
    catalogue.extend_from("name,id\n中国,china\nSmall Town Council,\n".as_bytes(), "my.csv").unwrap();
    assert_eq!(catalogue.len(), before + 1);
    assert_eq!(catalogue.by_id("china"), Some(china));
    assert_eq!(catalogue.actor(china).name, "中国");
    assert_eq!(catalogue.actor(china).kind, Kind::Organisation);
    assert!(catalogue.by_id("small-town-council").is_some());
    let finder = Finder::new(&catalogue);
    assert!(finder.find("China", None).is_empty());
    assert_eq!(finder.find("中国 said", None).len(), 1);
    // A file with an error changes nothing.
    let error = catalogue.extend_from("name,kind\nOther,\nBad,wizard\n".as_bytes(), "my.csv").unwrap_err();
    assert!(
        error.to_string().starts_with("my.csv, record 2 (line 3), column kind: found \"wizard\", expected country")
    );
    assert_eq!(catalogue.len(), before + 1);
}

#[test]
fn an_error_says_where_and_what() {
    for (csv, expected) in [
        ("id\nx\n", "a.csv, header: found \"id\", expected a column name"),
        ("name,alias\nx,y\n", "a.csv, header: found \"alias\", expected the columns id, name"),
        ("name,name\nx,y\n", "a.csv, header: found \"name\", expected each column once"),
        ("", "a.csv, header: found \"\", expected a column name"),
        ("name,kind\nx\n", "a.csv, line 2: found 1 cells where the header has 2, expected as many"),
        ("name\n\"x\ny\n", "a.csv, line 2: found an opening quotation mark without a closing one, expected"),
        ("name\n\u{1}x\n", "a.csv, record 1 (line 2), column name: found \"\\u{1}\", expected no control characters"),
        ("name\n!\n", "column name: found \"!\", expected a name with a letter or digit"),
        ("name,kind\nx,\n ,person\n", "a.csv, record 2 (line 3), column name: found \"\", expected a name"),
        ("name\nx\nX\n", "a.csv, record 2 (line 3), column id: found \"x\", expected an id that no other"),
        ("name,aliases\nx,a|-\n", "column aliases: found \"-\""),
        ("name,codes\nx,USA\n", "column codes: found \"USA\", expected codes such as iso3=USA"),
        ("name,from\nx,20 May\n", "column from: found \"20 May\", expected YYYY-MM-DD"),
        ("name,from,to\nx,2001|2005,2002\n", "column to: found \"2002\", expected 2 spans"),
        ("name,from,to\nx,2001-05,2001-04-30\n", "column to: found \"2001-04-30\", expected no end before its"),
        ("name,ambiguous\nx,x\n", "column ambiguous: found \"x\", expected NAME: condition"),
        ("name,ambiguous\nx,x: sometimes\n", "column ambiguous: found \"sometimes\", expected always, alone, full"),
        ("name,id\nx,a b\n", "column id: found \"a b\", expected a slug"),
    ] {
        let error = Catalogue::from_reader(csv.as_bytes(), "a.csv").unwrap_err().to_string();
        assert!(error.contains(expected), "{csv:?} gave {error}");
    }
    let error = Catalogue::from_reader(&b"name,source\nx,\xFF\n"[..], "a.csv").unwrap_err().to_string();
    assert!(error.contains("column source: found \"\u{FFFD}\", expected UTF-8 text"), "{error}");
    let error = Catalogue::from_reader(&b"\xFF\xFEn\0"[..], "a.csv").unwrap_err().to_string();
    assert!(error.contains("found UTF-16 text"), "{error}");
    let long = format!("name\n{}\n", "x".repeat(300));
    assert!(Catalogue::from_reader(long.as_bytes(), "a.csv").is_err());
}

#[test]
fn byte_order_marks_line_ends_and_quotes_do_not_matter() {
    let csv = "\u{FEFF}name,aliases\r\n\"Bank \"\"X\"\"\",\"A|B\nC\"\r\n5\" Guns,\r\n";
    let catalogue = Catalogue::from_reader(csv.as_bytes(), "a.csv").unwrap();
    let bank = catalogue.actor(catalogue.by_id("bank-x").unwrap());
    assert_eq!(bank.aliases, ["A", "B C"]);
    assert!(catalogue.by_id("5-guns").is_some());
}

#[test]
fn folding_goes_up_to_the_country() {
    let mut catalogue = fixture();
    let index = |catalogue: &Catalogue, id: &str| catalogue.by_id(id).unwrap();
    for (id, country) in [
        ("vladimir-putin", "russia"),
        ("kremlin", "russia"),
        ("russia", "russia"),
        ("european-commission", "european-union"),
        ("nato", "nato"),
        ("indian-congress", "india"),
    ] {
        let actor = index(&catalogue, id);
        assert_eq!(catalogue.fold(actor, Level::Country), index(&catalogue, country), "{id}");
        assert_eq!(catalogue.fold(actor, Level::Actor), actor);
        assert_eq!(catalogue.fold(actor, Level::Mention), actor);
    }
    // A part that does not exist falls back to the country, and a circle ends.
    let csv = "name,part_of,country\nA,nothing,india\nB,c,\nC,b,\nD,d,\n";
    catalogue.extend_from(csv.as_bytes(), "my.csv").unwrap();
    assert_eq!(catalogue.fold(index(&catalogue, "a"), Level::Country), index(&catalogue, "india"));
    let _ = catalogue.fold(index(&catalogue, "b"), Level::Country);
    let circles = catalogue.lint().iter().filter(|finding| finding.column == "part_of").count();
    assert_eq!(circles, 5, "one unknown id, two in a circle, one in itself twice");
}

#[test]
fn lint_finds_what_is_wrong_and_nothing_else() {
    let unsurprising: Vec<String> = fixture().lint().iter().map(ToString::to_string).collect();
    assert_eq!(unsurprising, Vec::<String>::new());
    for (csv, expected) in [
        ("name,aliases\nAb,Bc|Bc\n", "\"Bc\" is listed twice"),
        ("name,aliases\nAb,Cd\nBc,Cd\n", "\"Cd\" is also ab's, without a rule on either; that one wins"),
        ("name,kind\nAb,place\nBc,body\n", ""),
        ("name,id,kind\nAb,x,place\nAb,y,body\n", "\"Ab\" is also x's, without a rule on either; that one wins"),
        ("name,aliases,ambiguous\nAb,Cd,Cd: alone\nBc,Cd,\n", ""),
        ("name,aliases,from,to\nAb,Boss,2001,2002\nBc,Boss,2002,\n", ""),
        ("name,codes\nAb,iso3=USa\n", "iso3=USa is not three capitals"),
        ("name,codes\nAb,zip=1\n", "unknown system \"zip\": expected iso3, iso2, cow, cameo or wikidata"),
        ("name,codes\nAb,cow=2\nBc,cow=2\n", "cow=2 is ab's code too"),
        ("name,kind\nAb,country\n", "a country without iso3"),
        ("name,country\nAb,xy\n", "no actor has the id \"xy\""),
        ("name,country\nAb,\nBc,ab\n", "\"ab\" is a organisation, not a country or territory"),
        ("name,ambiguous\nAb,Abc: alone\n", "\"Abc\" is neither the name nor an alias"),
        ("name,ambiguous\nAb,Ab: alone|Ab: title\n", "\"Ab\" has two rules; either of them suffices"),
        ("name,ambiguous\nAb,Ab: full\n", "\"Ab\" waits for a full name, but every name has a rule"),
        ("name,ambiguous\nAb,Ab: near(Ab)\n", "\"Ab\" is near itself, so its rule always holds"),
        ("name,kind,aliases\nAnn Xu,person,Xu\nBo Xu,person,\n", "\"Xu\" has no rule, and is the surname of bo-xu too"),
        ("name,aliases\nAb,it\n", "\"it\" is short, has no capital letter and no rule"),
        ("name,aliases\nAb,Will\n", "\"Will\" is also a common word, and has no rule"),
    ] {
        let findings = Catalogue::from_reader(csv.as_bytes(), "a.csv").unwrap().lint();
        let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages.first().copied().unwrap_or_default(), expected, "{csv}");
    }
}

#[test]
fn discovery_proposes_what_the_catalogue_lacks() {
    let catalogue = fixture();
    let finder = Finder::new(&catalogue);
    let text = "Yesterday the Lake Ministers Forum (LMF) met in China. The LMF praised mayor Oona Brandt. \
        But Brandt, a member of the Blue Lake Party, was away on Monday. Nobody from NATO asked Brandt. \
        Rain fell. The Rain Fell On All Of Us In Town. We saw Brandt and the Blue Lake Party again.";
    let sentences: Vec<_> = text
        .match_indices(". ")
        .map(|(end, _)| end + 1)
        .chain([text.len()])
        .scan(0, |start, end| {
            let range = *start..end;
            *start = (end + 1).min(text.len());
            Some(range)
        })
        .collect();
    let mut discovery = Discovery::new(&finder);
    discovery.add(text, &sentences);
    let proposals = discovery.proposals(2);
    let summary: Vec<_> = proposals
        .iter()
        .map(|p| (p.name.as_str(), p.kind, p.aliases.join("|"), p.ambiguous.join("|"), p.count))
        .collect();
    assert_eq!(
        summary,
        [
            ("Oona Brandt", Kind::Person, "Brandt".to_owned(), "Brandt: full or title".to_owned(), 4),
            ("Lake Ministers Forum", Kind::Organisation, "LMF".to_owned(), String::new(), 3),
            ("Blue Lake Party", Kind::Party, String::new(), String::new(), 2),
        ]
    );
    assert_eq!(proposals[1].examples.len(), 1);

    // The table is a catalogue, and what it proposes is then known.
    let mut table = Vec::new();
    Discovery::write(&proposals, &mut table).unwrap();
    let mut catalogue = catalogue.clone();
    catalogue.extend_from(table.as_slice(), "proposals.csv").unwrap();
    let finder = Finder::new(&catalogue);
    let mut discovery = Discovery::new(&finder);
    discovery.add(text, &sentences);
    assert!(discovery.proposals(2).is_empty());
    let mut again = Discovery::new(&finder);
    again.add(text, &sentences);
    assert_eq!(again.proposals(1), discovery.proposals(1));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Catalogue::from_reader(bytes.as_slice(), "a.csv");
    }

    #[test]
    fn a_damaged_catalogue_gives_an_error_or_a_catalogue(
        cuts in prop::collection::vec((0..FIXTURE.len(), any::<u8>()), 1..8), end in 0..FIXTURE.len()
    ) {
        let mut bytes = FIXTURE.to_vec();
        for (at, byte) in cuts {
            bytes[at] = byte;
        }
        bytes.truncate(end);
        if let Ok(catalogue) = Catalogue::from_reader(bytes.as_slice(), "a.csv") {
            let _ = catalogue.lint();
            let _ = Finder::new(&catalogue).find("Kim, the US and Georgia near Tbilisi", None);
        }
    }

    #[test]
    fn any_name_is_found_in_itself(name in "[A-Z][a-zé]{1,8}( [A-Z][a-z]{1,6}){0,2}") {
        prop_assume!(!["Sino", "Anglo", "Indo"].contains(&name.as_str()));
        let catalogue = Catalogue::from_reader(format!("name\n{name}\n").as_bytes(), "a.csv").unwrap();
        let found = Finder::new(&catalogue).find(&format!("then {name}’s own"), None);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].end - found[0].start, name.len());
    }

    #[test]
    fn discovery_survives_any_text(text in any::<String>(), cut in 0..50_usize) {
        let catalogue = fixture();
        let finder = Finder::new(&catalogue);
        let mut discovery = Discovery::new(&finder);
        discovery.add(&text, &[0..cut, cut..text.len()]);
        discovery.add(&text, std::slice::from_ref(&(0..text.len())));
        let _ = discovery.proposals(1);
    }
}
