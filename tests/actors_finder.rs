//! The mention finder on sentences, against a small catalogue that has every kind of ambiguity.

use std::ops::Range;
use std::sync::LazyLock;

use proptest::prelude::*;
use toward::actors::{Catalogue, Date, Finder};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::from_reader(include_bytes!("fixtures/actors.csv").as_slice(), "tests/fixtures/actors.csv").unwrap()
});
static FINDER: LazyLock<Finder> = LazyLock::new(|| Finder::new(&CATALOGUE));

/// The mentions of a text as `mention=id`.
fn mentions_at(text: &str, as_of: Option<Date>) -> Vec<String> {
    FINDER
        .find(text, as_of)
        .into_iter()
        .map(|found| format!("{}={}", &text[found.range()], CATALOGUE.actor(found.actor).id))
        .collect()
}

#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    assert_eq!(mentions_at(text, None), expected, "in {text:?}");
}

#[test]
fn case_is_meant() {
    finds("The US told us nothing.", &["US=united-states"]);
    finds("Turkey served turkey.", &["Turkey=turkey"]);
    finds("China makes china.", &["China=china"]);
    finds("al-Qaeda and Al-Qaeda", &["al-Qaeda=al-qaeda", "Al-Qaeda=al-qaeda"]);
    finds("Nato, NATO, nato", &["Nato=nato", "NATO=nato"]);
}

#[test]
fn possessives_end_a_mention() {
    for apostrophe in ["'", "’"] {
        finds(&format!("China{apostrophe}s move"), &["China=china"]);
        finds(&format!("the United States{apostrophe} move"), &["United States=united-states"]);
        finds(&format!("Russia{apostrophe}ll wait"), &["Russia=russia"]);
        finds(&format!("Xi{apostrophe}an is a city"), &[]);
        finds(&format!("O{apostrophe}Russia"), &[]);
    }
}

#[test]
fn hyphens_join_mentions_to_words() {
    finds("a US-led raid", &["US=united-states"]);
    finds("anti-Russian and non-EU", &["Russian=russia", "EU=european-union"]);
    finds("a Sino-Russian pact", &["Sino=china", "Russian=russia"]);
    finds("the US\u{2013}China trade", &["US=united-states", "China=china"]);
    finds("Franco-German talks", &["Franco=france", "German=germany"]);
    finds("Franco ruled Spain. Anglo American digs.", &["American=united-states"]);
    finds("Kim Jong\u{2010}un", &["Kim Jong\u{2010}un=kim-jong-un"]);
}

#[test]
fn words_begin_and_end_names() {
    finds("Chinatown, Indochina, Russian_file, EUR, ÉEU, EUé", &[]);
    finds("(China)[Russia]/EU,“NATO”", &["China=china", "Russia=russia", "EU=european-union", "NATO=nato"]);
    finds("@NATO #Russia me@NATO.int https://example.org/China/Russia.html", &["NATO=nato", "Russia=russia"]);
    finds("China2 2China China", &["China=china"]);
}

#[test]
fn acronyms_keep_their_stops() {
    finds("He left the U.S. It rained.", &["U.S.=united-states"]);
    finds(
        "the U.S.'s role, the U.S.-led war, U.S.A. and U.S.X",
        &["U.S.=united-states", "U.S.=united-states", "U.S.A.=united-states"],
    );
    finds("in the U.K., N. Korea and DPRK", &["U.K.=united-kingdom", "N. Korea=north-korea", "DPRK=north-korea"]);
}

#[test]
fn the_longest_name_wins_and_places_give_nothing() {
    for (text, expected) in [
        ("The Washington Post said", &["Washington Post=washington-post"][..]),
        ("The Sunday Times said", &["Sunday Times=sunday-times"]),
        ("in New Mexico", &[]),
        ("in Mexico", &["Mexico=mexico"]),
        ("Papua New Guinea", &["Papua New Guinea=papua-new-guinea"]),
        ("Guinea-Bissau", &["Guinea-Bissau=guinea-bissau"]),
        ("a South Korean ship", &["South Korean=south-korea"]),
        ("the French Open", &[]),
        ("the French open fire", &["French=france"]),
        ("Kim Jong Un’s sister", &["Kim Jong Un=kim-jong-un"]),
    ] {
        finds(text, expected);
    }
}

/// Each ambiguous name with a sentence for each of its readings.
#[test]
fn ambiguous_names_are_read_by_their_surroundings() {
    for (text, expected) in [
        // Georgia: the country, the state, the university.
        (
            "Georgia accused Moscow, and Tbilisi called its envoy back.",
            &["Georgia=georgia", "Moscow=russia", "Tbilisi=georgia"][..],
        ),
        ("Georgia voted early, officials in Atlanta said.", &[]),
        ("Georgia voted early.", &[]),
        ("Tbilisi is in Georgia, not near Atlanta.", &["Tbilisi=georgia"]),
        ("Georgia Tech won in Tbilisi.", &["Tbilisi=georgia"]),
        // Jordan: the country, persons.
        ("In Jordan, the king spoke.", &["Jordan=jordan"]),
        ("Aid for Jordan was cut.", &["Jordan=jordan"]),
        ("Jordan Peele made a film with Michael Jordan.", &[]),
        ("Critics praised DeAndre Jordan.", &[]),
        ("Then Rep. Jordan spoke.", &[]),
        ("Jordan's King Abdullah met Jordan King Hussein.", &["Jordan=jordan", "Jordan=jordan"]),
        // Chad: the country, a man.
        ("Rebels in Chad fled from Darfur.", &["Chad=chad"]),
        ("Chad likes beer.", &[]),
        ("Chad Smith played in Africa.", &[]),
        // Washington: the government, the city, the person, the newspaper, the state.
        ("Washington warned Beijing.", &["Washington=united-states", "Beijing=china"]),
        ("They live in Washington.", &[]),
        ("George Washington warned of sanctions.", &[]),
        ("Denzel Washington talked about sanctions.", &[]),
        ("The Washington Post wrote of sanctions.", &["Washington Post=washington-post"]),
        ("Washington State fears sanctions.", &[]),
        ("Xi accused Washington of theft.", &["Xi=xi-jinping", "Washington=united-states"]),
        // Congress: of the United States, the Indian party.
        ("Congress passed the bill.", &["Congress=us-congress"]),
        ("In Delhi, Congress leader Gandhi spoke.", &["Congress=indian-congress"]),
        ("The World Congress met.", &[]),
        // The House: of Representatives, any other.
        ("The House voted.", &["House=us-house"]),
        ("House prices rose.", &[]),
        ("The House of Commons voted.", &[]),
        ("The White House denied it.", &["White House=white-house"]),
        // Labour: the party, work.
        ("Labour beat the Conservatives.", &["Labour=labour"]),
        ("Labour is cheap here.", &[]),
        ("The Labour Party won.", &["Labour Party=labour"]),
        // Kim: the leader, others.
        ("Kim Jong Un smiled. Kim left.", &["Kim Jong Un=kim-jong-un", "Kim=kim-jong-un"]),
        ("In Pyongyang, Kim laughed.", &["Pyongyang=north-korea", "Kim=kim-jong-un"]),
        ("Kim laughed in Pyongyang.", &["Kim=kim-jong-un", "Pyongyang=north-korea"]),
        ("Leader Kim and President Kim", &["Kim=kim-jong-un", "Kim=kim-jong-un"]),
        ("Kim went shopping.", &[]),
        // Bush: father, son, a plant.
        ("Bush fires burned.", &[]),
        ("George H.W. Bush spoke. Bush smiled.", &["George H.W. Bush=george-hw-bush", "Bush=george-hw-bush"]),
        ("George W. Bush spoke. Bush smiled.", &["George W. Bush=george-w-bush", "Bush=george-w-bush"]),
        // Korea: North, South, neither.
        ("Kim Jong Un united Korea.", &["Kim Jong Un=kim-jong-un", "Korea=north-korea"]),
        ("Samsung left Korea.", &["Korea=south-korea"]),
        ("Korea was one country.", &[]),
        // Congo: two countries, a river.
        ("Congo sent troops to Goma.", &["Congo=congo-democratic-republic"]),
        ("Congo is ruled from Brazzaville.", &["Congo=congo-republic", "Brazzaville=congo-republic"]),
        ("They sailed up the Congo.", &[]),
        ("the Democratic Republic of the Congo", &["Democratic Republic of the Congo=congo-democratic-republic"]),
        ("the Republic of the Congo", &["Republic of the Congo=congo-republic"]),
        // Niger and Nigeria.
        ("Niger is not Nigeria.", &["Niger=niger", "Nigeria=nigeria"]),
        ("The Niger Delta burns.", &[]),
        // Guinea, Dominica.
        ("Guinea held an election.", &["Guinea=guinea"]),
        ("a Guinea pig", &[]),
        ("Dominica and the Dominican Republic", &["Dominica=dominica", "Dominican Republic=dominican-republic"]),
        ("A Dominican won in New York.", &["Dominican=dominican-republic"]),
        ("A Dominican friar won.", &[]),
        // Paris, Chelsea.
        ("Paris said no.", &["Paris=france"]),
        ("Paris Hilton said no.", &[]),
        ("Chelsea lost.", &[]),
        ("Chelsea Clinton lost. Clinton won.", &[]),
        ("Hillary Clinton lost. Clinton won.", &["Hillary Clinton=hillary-clinton", "Clinton=hillary-clinton"]),
        ("Apple sued. An Apple pie.", &[]),
    ] {
        finds(text, expected);
    }
}

#[test]
fn and_binds_more_tightly_than_or_in_the_text_too() {
    finds("Prime Minister Johnson spoke in London.", &["Johnson=boris-johnson", "London=united-kingdom"]);
    finds("Mr Johnson, a farmer, spoke.", &[]);
    finds("Johnson spoke in London.", &["London=united-kingdom"]);
}

#[test]
fn a_full_name_with_a_rule_of_its_own_opens_the_way_for_the_surname() {
    let csv = "name,kind,aliases,ambiguous\nAdam Smith,person,Smith,Adam Smith: near(Congress)|Smith: full\n";
    let catalogue = Catalogue::from_reader(csv.as_bytes(), "a.csv").unwrap();
    let finder = Finder::new(&catalogue);
    assert_eq!(finder.find("In Congress, Adam Smith spoke. Smith left.", None).len(), 2);
    assert!(finder.find("Adam Smith wrote of nations. Smith left.", None).is_empty());
}

#[test]
fn titles_come_with_and_without_stops_and_capitals() {
    for title in
        ["President", "president", "Mr.", "Mr", "Gen.", "Prime Minister", "President-elect", "former president"]
    {
        finds(&format!("He met {title} Clinton there."), &["Clinton=hillary-clinton"]);
    }
    for other in ["Tenant", "general", "the", "president,", "President. "] {
        finds(&format!("He met {other} Clinton there."), &[]);
    }
}

#[test]
fn not_and_near_look_at_the_sentence_they_are_told_of() {
    let text = "Georgia and Tbilisi agree. Atlanta is far.";
    finds(text, &["Tbilisi=georgia"]);
    let sentences = [0..26, 27..text.len()];
    assert_eq!(FINDER.find_in(text, &sentences, None).len(), 2);
    let text = "Tbilisi is calm. Georgia votes.";
    assert_eq!(FINDER.find_in(text, &[0..16, 17..31], None).len(), 2);
    let text = "Georgia votes. Tbilisi is calm.";
    assert_eq!(FINDER.find_in(text, &[0..14, 15..31], None).len(), 1, "what comes later is not known yet");
}

#[test]
fn no_mention_goes_beyond_its_sentence() {
    let text = "New Mexico";
    let found = FINDER.find_in(text, &[0..3, 3..10], None);
    assert_eq!(&text[found[0].range()], "Mexico");
    // Ranges that overlap, cut characters, or go too far are made to fit.
    let text = "é China ü";
    let reversed = Range { start: 5, end: 2 };
    for sentences in [[1..99, 0..0], [0..10, 0..10], [reversed, 0..11], [99..100, 0..11]] {
        assert!(FINDER.find_in(text, &sentences, None).len() <= 1);
    }
    assert!(FINDER.find_in("China", &[2..5, 5..5], None).is_empty());
}

#[test]
fn the_date_chooses_among_office_holders() {
    let at = |date: &str| mentions_at("The US president spoke.", Some(date.parse().unwrap()));
    assert_eq!(at("2005"), ["US president=george-w-bush"]);
    let at = |date: &str| mentions_at("President Bush spoke.", Some(date.parse().unwrap()));
    assert_eq!(at("1990-05-02"), ["Bush=george-hw-bush"]);
    assert_eq!(at("2005-05-02"), ["Bush=george-w-bush"]);
    assert_eq!(at("2015"), ["Bush=george-w-bush"], "nobody is in office: the first in the file");
    finds("President Bush spoke.", &["Bush=george-w-bush"]);
}

#[test]
fn headlines_in_capitals_are_read() {
    finds("CHINA WARNS TURKEY’S RIVALS", &["CHINA=china"]);
    finds("RUSSIA'S NORTH KOREA DEAL", &["RUSSIA=russia", "NORTH KOREA=north-korea"]);
    finds("text\nCHINA\ntext", &["CHINA=china"]);
    finds("He went to CHINA again.", &[]);
    finds("NATO AND US AGREE", &["NATO=nato", "US=united-states"]);
    finds("THE MAN WHO DIED", &[]);
    finds("The WHO warned.", &["WHO=who"]);
    finds("CONTACT US TODAY", &[]);
    finds("PRESIDENT CLINTON SPEAKS", &["CLINTON=hillary-clinton"]);
}

#[test]
fn datelines_name_nobody() {
    finds("MOSCOW (Reuters) - Russia said", &["Russia=russia"]);
    finds("BEIJING, 3 March (Xinhua) — China said", &["China=china"]);
    finds("Moscow (AFP) - Russia said", &["Russia=russia"]);
    finds("Moscow (and others) said", &["Moscow=russia"]);
}

#[test]
fn offsets_hold_in_any_text() {
    for (text, expected) in [
        ("\u{FEFF}🙂🇨🇳 China\r\n👩‍👩‍👧 Russia’s", &["China", "Russia"][..]),
        ("North\u{A0}Korea and South\r\nKorea", &["North\u{A0}Korea", "South\r\nKorea"]),
        ("Ger\u{AD}many, \u{AD}China\u{AD} and North\u{AD}Korea", &["Ger\u{AD}many", "China", "North\u{AD}Korea"]),
        ("قال الرئيس China في \u{202B}Russia\u{202C}", &["China", "Russia"]),
        ("俄罗斯 China 中国", &["China"]),
        ("Côte d’Ivoire; Côte d'Ivoire", &["Côte d’Ivoire", "Côte d'Ivoire"]),
        ("United \t States", &["United \t States"]),
        ("New\n\nMexico", &["Mexico"]),
        ("N'Djamena’s mayor", &["N'Djamena"]),
    ] {
        let found: Vec<&str> = FINDER.find(text, None).into_iter().map(|found| &text[found.range()]).collect();
        assert_eq!(found, expected, "in {text:?}");
    }
}

/// Pieces of text that are likely to trip the finder.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "China", "US", "U.S.", "U.", "North", "Korea", "Kim", "Jong-un", "Georgia", "Tbilisi", "Atlanta", "Bush",
            "President", "Mr.", "New", "Mexico", "Washington", "Post", "CHINA", "WARNS", "Côte", "d’Ivoire", "Sino",
            "al-Qaeda", "the", "House", "Jordan", "Peele", "Congo",
        ]).prop_map(str::to_owned),
        3 => prop::sample::select(vec![
            " ", " ", "\n", "\n\n", "\r\n", "\u{A0}", "\u{AD}", "'", "’s", "-", "–", ".", "@", "://", "🙂", "é", "\u{301}",
            "\u{200D}", "(", ") - ",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

fn check_form(text: &str, found: &[Range<usize>]) {
    let mut done = 0;
    for span in found {
        assert!(done <= span.start && span.start < span.end && span.end <= text.len());
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
        done = span.end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn mentions_are_in_order_and_whole_in_any_text(text in text(), cuts in prop::collection::vec(0..300_usize, 0..6)) {
        let found = FINDER.find(&text, None);
        check_form(&text, &found.iter().map(|found| found.range()).collect::<Vec<_>>());
        let sentences: Vec<Range<usize>> = cuts.windows(2).map(|pair| pair[0]..pair[1]).collect();
        let found = FINDER.find_in(&text, &sentences, "2005".parse().ok());
        check_form(&text, &found.iter().map(|found| found.range()).collect::<Vec<_>>());
    }

    #[test]
    fn paragraphs_without_conditions_are_found_one_by_one(
        paragraphs in prop::collection::vec(
            prop::collection::vec(prop::sample::select(vec![
                "China", "the US", "U.S.", "North Korea", "warned", "Russia’s", "New", "Mexico", "envoy,", "said.",
                "Washington Post", "🙂", "South\u{A0}Korea", "a Sino-Russian", "(NATO)", "Papua", "and",
            ]), 1..12).prop_map(|words| words.join(" ")),
            1..6,
        )
    ) {
        let mut expected = Vec::new();
        let mut document = String::new();
        for paragraph in &paragraphs {
            for found in FINDER.find(paragraph, None) {
                expected.push((found.start + document.len(), found.end + document.len(), found.actor));
            }
            document.push_str(paragraph);
            document.push_str("\n\n");
        }
        let found: Vec<_> =
            FINDER.find(&document, None).into_iter().map(|found| (found.start, found.end, found.actor)).collect();
        prop_assert_eq!(found, expected);
    }
}
