//! Formats of other tools: one fixture each, round trips, and what wrong input gets.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::str::contains;
use proptest::prelude::*;
use toward::Label;
use toward::data::convert::{Import, ImportOptions, Interchange, Item, export, import};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/convert").join(name)
}

fn read(name: &str) -> Import {
    import(fixture(name), &ImportOptions::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What every format keeps.
fn core(items: &[Item]) -> Vec<(String, (usize, usize), Label)> {
    items.iter().map(|item| (item.sentence.clone(), (item.mention.start, item.mention.end), item.label)).collect()
}

const FIXTURES: [(&str, Interchange); 9] = [
    ("toward.csv", Interchange::Toward),
    ("newsmtsc.jsonl", Interchange::NewsMtsc),
    ("newsmtsc-flat.jsonl", Interchange::NewsMtscFlat),
    ("doccano.jsonl", Interchange::Doccano),
    ("label-studio.json", Interchange::LabelStudio),
    ("prodigy.jsonl", Interchange::Prodigy),
    ("semeval.xml", Interchange::SemEval),
    ("setfit.csv", Interchange::SetFit),
    ("brat.ann", Interchange::Brat),
];

#[test]
fn every_format_is_recognised_and_says_the_same() {
    let expected = core(&read("toward.csv").items);
    assert_eq!(expected.len(), 3);
    for (name, format) in FIXTURES {
        let import = read(name);
        assert_eq!(import.format, format, "{name}");
        assert_eq!(core(&import.items), expected, "{name}");
    }
    assert_eq!(read("brat.txt").items, read("brat.ann").items);
    assert_eq!(read("brat.ann").items[2].actor, "the mayor");
}

#[test]
fn what_is_left_out_is_counted() {
    assert_eq!(read("prodigy.jsonl").left_out, [("records whose answer is reject or ignore", 1)]);
    assert_eq!(read("doccano.jsonl").left_out, [("texts without a label", 1)]);
    assert_eq!(read("label-studio.json").left_out.len(), 2);
    assert_eq!(read("semeval.xml").left_out.len(), 2);
}

#[test]
fn csv_keeps_everything_and_others_what_they_say() {
    let items = read("toward.csv").items;
    let there_and_back = |format: Interchange, name: &str| round_trip(&items, format, name);
    assert_eq!(there_and_back(Interchange::Toward, "a.csv"), items);
    assert_eq!(there_and_back(Interchange::Toward, "a.tsv"), items);
    let keeps = |format: Interchange, name: &str, actor: bool, id: bool, group: bool| {
        for (before, after) in items.iter().zip(there_and_back(format, name)) {
            assert!(!actor || before.actor == after.actor, "{name}: actor");
            assert!(!id || before.id == after.id, "{name}: id");
            assert!(!group || before.group == after.group, "{name}: group");
        }
    };
    keeps(Interchange::NewsMtsc, "a.jsonl", true, true, true);
    keeps(Interchange::NewsMtscFlat, "a.jsonl", false, true, false);
    keeps(Interchange::NewsMtscFlat, "a.csv", false, true, false);
    keeps(Interchange::Doccano, "a.jsonl", false, false, true);
    keeps(Interchange::LabelStudio, "a.json", true, false, true);
    keeps(Interchange::Prodigy, "a.jsonl", true, true, true);
    keeps(Interchange::Brat, "a.ann", true, false, false);
}

fn round_trip(items: &[Item], format: Interchange, name: &str) -> Vec<Item> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let written = export(items, format, name).unwrap();
    std::fs::write(&path, &written.bytes).unwrap();
    if let Some(text) = &written.text {
        std::fs::write(path.with_extension("txt"), text).unwrap();
    }
    let read = import(&path, &ImportOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.format, format, "{name} is recognised");
    read.items
}

/// Sentences with two mentions among letters, quotation marks, emoji, and what XML and CSV escape.
fn items() -> impl Strategy<Value = Vec<Item>> {
    let piece = "[a-zA-Zé漢🇫🇷👍🏽“”,;&<>\"'\\\\ ]{0,12}";
    let mention = "[A-Zé👩‍⚖️漢][a-zß&\"<]{0,6}";
    let label = prop::sample::select(Label::ALL.to_vec());
    let one = (piece, mention, label.clone(), piece, mention, label, piece);
    prop::collection::vec(one, 1..5).prop_map(|all| {
        let mut items = Vec::new();
        for (number, (a, first, one, b, second, other, c)) in all.into_iter().enumerate() {
            let sentence = format!("{number} {a} {first} {b} {second} {c} .");
            let start = format!("{number} {a} ").len();
            items.push(Item::new(sentence.as_str(), start..start + first.len(), one));
            let start = format!("{number} {a} {first} {b} ").len();
            items.push(Item::new(sentence.as_str(), start..start + second.len(), other));
        }
        items
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn every_format_gives_back_what_it_was_given(items in items()) {
        for (name, format) in FIXTURES {
            prop_assert_eq!(core(&round_trip(&items, format, name)), core(&items), "{}", name);
        }
    }
}

fn refused(name: &str, content: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    let error = import(&path, &ImportOptions::default()).unwrap_err().to_string();
    error.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn wrong_offsets_name_the_record_and_the_unit() {
    let utf16 = r#"{"sentence_normalized": "👍 Zoë spoke.", "targets": [{"from": 3, "to": 6, "mention": "Zoë", "polarity": 4}]}"#;
    assert_eq!(
        refused("a.jsonl", utf16),
        "a.jsonl: record 1 (line 1), column \"from\": found \"oë \" at 3-6, expected \"Zoë\"; \
         the offsets seem to count UTF-16 units: try --offsets utf-16"
    );
    let bytes = "{\"text\": \"a\", \"label\": [[0, 1, \"neutral\"]]}\n\n{\"text\": \"é Zoë spoke.\", \"label\": [[3, 7, \"critical\"]]}";
    let error = refused("a.jsonl", bytes);
    assert!(error.starts_with("a.jsonl: record 2 (line 3), column \"label\": found \"oë s\" at 3-7"), "{error}");
    assert!(error.ends_with("the offsets seem to count bytes: try --offsets bytes"), "{error}");
    let inclusive = r#"[{"data": {"text": "Xi met Li"}, "annotations": [{"result": [{"value": {"start": 7, "end": 8, "text": "Li", "labels": ["neutral"]}}]}]}]"#;
    assert!(refused("a.json", inclusive).contains("record 1, column \"value\""));
    assert!(refused("a.json", inclusive).contains("the mention's last character"));
}

#[test]
fn wrong_content_is_told_with_what_to_do() {
    let says = |name: &str, content: &str, part: &str| {
        let error = refused(name, content);
        assert!(error.contains(part), "{error}\nlacks {part}");
    };
    says("a.jsonl", "{\"text\": \"a b\", \"label\": [[0, 1, \"PERSON\"]]}", "--map \"PERSON\"=LABEL");
    says("a.jsonl", "{\"text\": \"a b\", \"label\": [[0, 1]]}", "expected [start, end, \"label\"]");
    says("a.jsonl", "{\"text\": \"a\", \"label\": []}\n{oops", "record 2 (line 2): found broken JSON");
    says("a.jsonl", "{\"words\": 1}", "--from toward");
    says("a.jsonl", "", "an empty file");
    says("a.jsonl", "{\"text\": \"a\", \"label\": []}", "no labelled mention");
    says("a.xml", "<sentences><sentence><text>a</oops>", "broken XML");
    says(
        "a.xml",
        "<sentence><text>a b</text><aspectTerm term=\"a\" polarity=\"conflict\" from=\"0\" to=\"1\"/></sentence>",
        "--map",
    );
    says("a.csv", "text,span,label,ordinal\na b a,a,positive,2\n", "\"a\" 2 times");
    says("a.csv", "sentence,actor,label\nXi spoke.,Li,neutral\n", "give start and end");
    says("a.ann", "T1\tcritical 0 1\ta\n", "cannot be read");
}

#[test]
fn units_and_labels_can_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    std::fs::write(&path, r#"{"text": "👍 Zoë met Li", "label": [[3, 6, "ally"], [11, 13, "dunno"]]}"#).unwrap();
    let mut command = Command::cargo_bin("toward").unwrap();
    command.arg("convert").arg(&path).args(["--offsets", "utf-16", "--map", "ally=supportive", "--map", "dunno=skip"]);
    command.assert().success().stdout("sentence,actor,mention,start,end,label\n👍 Zoë met Li,Zoë,Zoë,2,5,supportive\n");
}

#[test]
fn the_command_finds_mentions_by_the_catalogue_and_asks_for_a_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "sentence,actor,label\nBeijing spoke.,China,neutral\n").unwrap();
    let out = folder.path().join("out.jsonl");
    let toward = || Command::cargo_bin("toward").unwrap();
    toward().arg("convert").arg(&path).arg("-o").arg(&out).assert().failure().stderr(contains("--to: found nothing"));
    toward().arg("convert").arg(&path).arg("-o").arg(&out).args(["--to", "doccano"]).assert().success();
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "{\"text\":\"Beijing spoke.\",\"label\":[[0,7,\"neutral\"]]}\n");
    let brat = folder.path().join("out.ann");
    toward().arg("convert").arg(&path).arg("-o").arg(&brat).assert().success();
    assert_eq!(
        std::fs::read_to_string(&brat).unwrap(),
        "T1\tneutral 0 7\tBeijing\n#1\tAnnotatorNotes T1\tactor: China\n"
    );
    assert_eq!(std::fs::read_to_string(brat.with_extension("txt")).unwrap(), "Beijing spoke.\n");
    toward().arg("convert").arg(&path).args(["--to", "odd"]).assert().code(2).stderr(contains("unknown format"));
}
