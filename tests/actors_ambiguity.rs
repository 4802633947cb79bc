//! Ambiguous names against the catalogue inside the binary: a sentence for each reading of each.

use std::sync::LazyLock;

use toward::actors::{Catalogue, Date, Finder};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::embedded);
static FINDER: LazyLock<Finder> = LazyLock::new(|| Finder::new(&CATALOGUE));

fn mentions(text: &str, as_of: Option<&str>) -> Vec<String> {
    let as_of = as_of.map(|date| date.parse::<Date>().unwrap());
    let found = FINDER.find(text, as_of);
    found.iter().map(|m| format!("{}={}", &text[m.range()], CATALOGUE.actor(m.actor).id)).collect()
}

/// Each text has exactly these mentions.
#[track_caller]
fn all_find(cases: &[(&str, &[&str])]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(text, expected)| mentions(text, None) != *expected)
        .map(|(text, expected)| format!("{text}\n  found    {:?}\n  expected {expected:?}", mentions(text, None)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_catalogue_is_large_and_without_lint() {
    let names: usize = CATALOGUE.actors().map(|(_, actor)| actor.names().count()).sum();
    assert!(CATALOGUE.len() >= 1_500 && names >= 8_000, "{} actors, {names} names", CATALOGUE.len());
    let findings: Vec<String> = CATALOGUE.lint().iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn georgia_is_a_country_a_state_and_a_university() {
    all_find(&[
        (
            "Georgia accused Russia, and Tbilisi called its envoy back.",
            &["Georgia=georgia", "Russia=russia", "Tbilisi=georgia"],
        ),
        ("Georgia voted early, officials in Atlanta said.", &[]),
        ("Voters in Georgia waited for hours.", &[]),
        ("Georgia Tech won the game.", &[]),
        ("Georgian soldiers served in Afghanistan.", &["Georgian=georgia", "Afghanistan=afghanistan"]),
    ]);
}

#[test]
fn jordan_is_a_country_and_people() {
    all_find(&[
        ("Refugees crossed into Jordan at night.", &["Jordan=jordan"]),
        ("Egypt and Jordan condemned the raid.", &["Egypt=egypt", "Jordan=jordan"]),
        ("Jordan Peele made a film about Michael Jordan.", &[]),
        ("Jordan scored 40 points.", &[]),
        ("Rep. Jim Jordan shouted.", &["Jim Jordan=jim-jordan"]),
    ]);
}

#[test]
fn chad_is_a_country_and_a_man() {
    all_find(&[
        ("Rebels in Chad fled from Darfur.", &["Chad=chad", "Darfur=darfur"]),
        ("Sudan and Chad closed their border.", &["Sudan=sudan", "Chad=chad"]),
        ("Chad likes beer.", &[]),
        ("Chad Smith played the drums.", &[]),
    ]);
}

#[test]
fn washington_is_a_government_a_city_a_person_and_a_newspaper() {
    all_find(&[
        ("Washington warned Beijing.", &["Washington=united-states", "Beijing=china"]),
        ("They live in Washington.", &[]),
        ("They live in Washington, D.C.", &[]),
        ("George Washington warned of foreign ties.", &["George Washington=george-washington"]),
        ("Denzel Washington smiled.", &[]),
        ("The Washington Post reported it.", &["The Washington Post=washington-post"]),
        ("Washington State expects rain.", &[]),
        ("Idaho, Washington and Wyoming battled fires.", &[]),
    ]);
}

#[test]
fn a_namesake_with_another_title_and_a_hall_that_a_company_pays_for_are_nobody() {
    all_find(&[
        ("John Howard praised Canberra.", &["John Howard=john-howard", "Canberra=australia"]),
        ("Dr. John Howard of the institute testified.", &[]),
        ("Pepsi bought the brand.", &["Pepsi=pepsico"]),
        ("She spoke at the Pepsi Center.", &[]),
    ]);
}

#[test]
fn congress_and_the_house_are_american_unless_they_are_not() {
    all_find(&[
        ("Congress passed the bill.", &["Congress=congress"]),
        (
            "In Delhi, Congress accused the BJP of fraud.",
            &["Delhi=india", "Congress=indian-national-congress", "BJP=bharatiya-janata-party"],
        ),
        ("The World Congress met.", &[]),
        ("The House passed the bill.", &["House=house-of-representatives"]),
        ("The House of Commons passed the bill.", &["House of Commons=westminster"]),
        ("The White House denied it.", &["White House=white-house"]),
        ("House prices rose.", &[]),
    ]);
}

#[test]
fn labour_is_a_party_and_work() {
    all_find(&[
        (
            "In London, Labour beat the Conservatives.",
            &["London=united-kingdom", "Labour=labour-party", "Conservatives=conservative-party"],
        ),
        ("Labour is cheap here.", &[]),
        ("Labour costs rose in Poland.", &["Poland=poland"]),
    ]);
}

#[test]
fn kim_is_a_leader_and_many_others() {
    all_find(&[
        ("Kim Jong Un smiled. Kim left.", &["Kim Jong Un=kim-jong-un", "Kim=kim-jong-un"]),
        ("In Pyongyang, Kim laughed.", &["Pyongyang=north-korea", "Kim=kim-jong-un"]),
        ("Kim went shopping.", &[]),
        ("Kim Kardashian went shopping.", &["Kim Kardashian=kim-kardashian"]),
    ]);
}

#[test]
fn bush_is_a_father_two_sons_and_a_plant() {
    all_find(&[
        ("George W. Bush spoke. Bush smiled.", &["George W. Bush=george-w-bush", "Bush=george-w-bush"]),
        ("George H.W. Bush spoke. Bush smiled.", &["George H.W. Bush=george-h-w-bush", "Bush=george-h-w-bush"]),
        ("Jeb Bush spoke. Bush smiled.", &["Jeb Bush=jeb-bush", "Bush=jeb-bush"]),
        ("Bush fires burned.", &[]),
        ("A burning bush spoke.", &[]),
    ]);
}

#[test]
fn newspapers_have_the_names_of_other_things() {
    all_find(&[
        ("The Sunday Times reported it.", &["The Sunday Times=sunday-times"]),
        ("On Sunday, times were hard.", &[]),
        ("The Austin American-Statesman reported it.", &["Austin American-Statesman=austin-american-statesman"]),
        ("She won the U.S. Open and the French Open.", &[]),
    ]);
}

#[test]
fn korea_is_north_south_or_neither() {
    all_find(&[
        ("N Korea fired a missile, and N. Korea boasted.", &["N Korea=north-korea", "N. Korea=north-korea"]),
        ("S. Korea and South Korea are one.", &["S. Korea=south-korea", "South Korea=south-korea"]),
        ("Samsung will build it in Korea.", &["Samsung=samsung", "Korea=south-korea"]),
        ("Korea was one country.", &[]),
        ("The Korean War ended.", &[]),
    ]);
}

#[test]
fn two_congos_and_a_river() {
    all_find(&[
        ("Congo sent troops to Goma.", &["Congo=democratic-republic-of-the-congo", "Goma=north-kivu"]),
        ("Congo is ruled from Brazzaville.", &["Congo=congo-brazzaville", "Brazzaville=congo-brazzaville"]),
        (
            "the Democratic Republic of the Congo",
            &["Democratic Republic of the Congo=democratic-republic-of-the-congo"],
        ),
        ("the Republic of the Congo", &["Republic of the Congo=congo-brazzaville"]),
        ("They sailed up the Congo.", &[]),
        ("They crossed the Congo River.", &[]),
    ]);
}

#[test]
fn names_within_names_of_countries() {
    all_find(&[
        ("Niger is not Nigeria.", &["Niger=niger", "Nigeria=nigeria"]),
        ("Nigerien and Nigerian envoys met.", &["Nigerien=niger", "Nigerian=nigeria"]),
        ("The Niger Delta burns.", &[]),
        ("Guinea held an election.", &["Guinea=guinea"]),
        (
            "Guinea-Bissau and Equatorial Guinea agree.",
            &["Guinea-Bissau=guinea-bissau", "Equatorial Guinea=equatorial-guinea"],
        ),
        ("Papua New Guinea agrees.", &["Papua New Guinea=papua-new-guinea"]),
        ("A Guinea pig sleeps.", &[]),
        ("Dominica and the Dominican Republic agree.", &["Dominica=dominica", "Dominican Republic=dominican-republic"]),
        ("A Dominican envoy left Roseau.", &["Dominican=dominica", "Roseau=dominica"]),
        ("A Dominican pitcher won.", &["Dominican=dominican-republic"]),
        ("A Dominican friar won.", &[]),
        ("New Mexico is not Mexico.", &["Mexico=mexico"]),
    ]);
}

#[test]
fn paris_and_chelsea_are_places_and_people() {
    all_find(&[
        ("Paris said no.", &["Paris=france"]),
        ("Paris Hilton said no.", &[]),
        ("Chelsea beat Arsenal in the Premier League.", &["Chelsea=chelsea-fc", "Premier League=premier-league"]),
        ("Chelsea Clinton laughed.", &["Chelsea Clinton=chelsea-clinton"]),
        ("Chelsea Manning was freed.", &["Chelsea Manning=chelsea-manning"]),
        ("They live in Chelsea.", &[]),
    ]);
}

#[test]
fn countries_have_short_names() {
    all_find(&[
        (
            "The UK, the U.K. and Britain are one.",
            &["UK=united-kingdom", "U.K.=united-kingdom", "Britain=united-kingdom"],
        ),
        ("America, the US and the U.S. are one.", &["America=united-states", "US=united-states", "U.S.=united-states"]),
        ("They told us nothing.", &[]),
        ("Turkey eats turkey.", &["Turkey=turkey"]),
        ("A roast Turkey at Thanksgiving.", &[]),
        ("The US-led raid failed.", &["US=united-states"]),
        ("A Sino-Russian pact was signed.", &["Sino=china", "Russian=russia"]),
        ("Beijing’s answer came late.", &["Beijing=china"]),
        ("Brussels fined Google.", &["Brussels=european-union", "Google=google"]),
        ("He was born in Brussels.", &[]),
    ]);
}

#[test]
fn titles_and_full_names_open_the_way_for_surnames() {
    all_find(&[
        ("President Xi spoke.", &["Xi=xi-jinping"]),
        ("Chancellor Merkel spoke.", &["Merkel=angela-merkel"]),
        ("Theresa May resigned. May wept.", &["Theresa May=theresa-may", "May=theresa-may"]),
        ("In May it rained.", &[]),
        (
            "Prime Minister Boris Johnson resigned. Johnson laughed.",
            &["Boris Johnson=boris-johnson", "Johnson=boris-johnson"],
        ),
        ("Johnson & Johnson sells powder.", &["Johnson & Johnson=johnson-and-johnson"]),
        ("Trump and Mrs. Trump waved.", &["Trump=donald-trump", "Mrs. Trump=melania-trump"]),
    ]);
}

#[test]
fn the_date_chooses_among_office_holders() {
    let text = "President Bush spoke.";
    assert_eq!(mentions(text, Some("1990-05-02")), ["President Bush=george-h-w-bush"]);
    assert_eq!(mentions(text, Some("2005-05-02")), ["President Bush=george-w-bush"]);
    let text = "The Pope prayed.";
    assert_eq!(mentions(text, Some("2010-05-02")), ["Pope=pope-benedict-xvi"]);
    assert_eq!(mentions(text, Some("2020-05-02")), ["Pope=pope-francis"]);
    assert_eq!(mentions(text, Some("2025-06-02")), ["Pope=pope-leo-xiv"]);
}
