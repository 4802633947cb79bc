//! `toward explain`, `classify --explain` and `evaluate --swap` through the built binary: what they claim is done again.

#[path = "cli_support/mod.rs"]
mod support;

use serde_json::Value;
use support::{Room, Table, repository_file};

const ACCUSED: &str = "Xi accused Washington of stoking tensions.";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} {b}");
}

/// The explanations of an actor in a sentence at an effort.
fn explain(sentence: &str, actor: &str, effort: &str) -> Value {
    json(&Room::new().run(&["explain", sentence, "--actor", actor, "--effort", effort, "--json"]).ok())
}

#[test]
fn what_would_change_the_label_does_change_it() {
    for (sentence, actor) in [
        (ACCUSED, "Washington"),
        ("Norway’s minister said Beijing had been a good, generous and loyal friend to all.", "Beijing"),
        ("NATO met.", "NATO"),
    ] {
        let explained = &explain(sentence, actor, "fast")[0];
        let change = &explained["change"];
        if change.is_null() {
            continue;
        }
        assert_ne!(change["label"], explained["label"]);
        let again = &explain(change["sentence"].as_str().unwrap(), actor, "fast")[0];
        assert_eq!(again["label"], change["label"], "{change}");
        for label in 0..3 {
            close(number(&again["probabilities"][label]), number(&change["probabilities"][label]), 1e-4);
        }
        for word in change["without"].as_array().unwrap() {
            let rest: String = sentence.chars().skip(word["start"].as_u64().unwrap() as usize).collect();
            assert!(rest.starts_with(word["text"].as_str().unwrap()), "{word}");
        }
    }
    let change = &explain("Xi accused Washington of it.", "Washington", "fast")[0]["change"];
    assert_eq!(change["without"].as_array().unwrap().len(), 1, "{change}");
    assert_eq!((&change["without"][0]["text"], &change["smallest"]), (&"accused".into(), &true.into()));
}

#[cfg(feature = "encoder")]
#[test]
fn where_the_encoder_answers_words_are_left_out_and_it_is_said() {
    let explained = &explain(ACCUSED, "Washington", "full")[0];
    assert_eq!((&explained["stage"], &explained["method"]), (&"encoder".into(), &"occlusion".into()));
    assert!(explained.get("features").is_none() && explained.get("intercept").is_none());
    // The log-odds without a word, by labelling the sentence without it.
    let without = &explain("Xi Washington of stoking tensions.", "Washington", "full")[0];
    let words = explained["words"].as_array().unwrap();
    let accused = words.iter().find(|word| word["text"] == "accused").unwrap();
    for label in 0..3 {
        let fall = number(&explained["scores"][label]) - number(&without["scores"][label]);
        close(number(&accused["contributions"][label]), fall, 1e-4);
        let p = number(&explained["probabilities"][label]);
        close(number(&explained["scores"][label]), (p / (1.0 - p)).ln(), 1e-3);
    }
    let mention = words.iter().find(|word| word["text"] == "Washington").unwrap();
    assert_eq!(mention["contributions"][0], 0.0, "the mention is never left out");
    let page = Room::new().run(&["explain", ACCUSED, "--actor", "Washington", "--effort", "full"]).ok();
    assert!(page.contains("fall without them (encoder)") && !page.contains("features"), "{page}");
}

#[cfg(feature = "encoder")]
#[test]
fn the_model_that_would_label_is_the_one_explained() {
    let room = Room::with("in.csv", &format!("sentence\n{ACCUSED}\n\"Xi, it seems, may have met Putin.\"\n"));
    let labelled = Table::of(&room.run(&["classify", "in.csv", "--stages"]).ok());
    let sentences = labelled.column("sentence");
    for (at, stage) in labelled.column("stage").iter().enumerate() {
        let actor = labelled.column("mention")[at];
        let explained = &explain(sentences[at], actor, "balanced")[0];
        assert_eq!(
            (&explained["stage"], &explained["label"]),
            (&(*stage).into(), &labelled.column("label")[at].into())
        );
    }
}

#[test]
fn a_row_of_a_file_is_explained_by_its_number() {
    let room = Room::with("in.csv", "text\n\"Xi, as reported, praised Zoë and Xi’s aides blamed Peru.\"\nNATO met.\n");
    room.run(&["classify", "in.csv", "--effort", "fast", "--mentions", "-o", "stance.csv"]).ok();
    let stance = Table::of(&room.text("stance.csv"));
    for at in 0..stance.rows.len() {
        let row = (at + 1).to_string();
        let arguments = ["explain", "--from", "stance.csv", "--row", &row, "--effort", "fast", "--json"];
        let explained = &json(&room.run(&arguments).ok())[0];
        for column in ["sentence", "actor", "mention", "label"] {
            assert_eq!(explained[column], stance.column(column)[at]);
        }
        assert_eq!(explained["start"].to_string(), stance.column("start")[at]);
        assert_eq!(explained["end"].to_string(), stance.column("end")[at]);
    }
    let ran = room.run(&["explain", "--from", "stance.csv", "--row", "99"]);
    assert_eq!(
        ran.failed(1),
        format!("error: stance.csv: --row: found 99, expected 1 to {}, the number of rows", stance.rows.len())
    );
    room.write(
        "other.csv",
        "sentence,actor,start,end,label\nXi accused NATO.,NATO,11,15,supportive\nXi left.,Xi,5,90,neutral\n",
    );
    let ran = room.run(&["explain", "--from", "other.csv", "--row", "1", "--effort", "fast"]);
    assert!(ran.err.contains("the file says supportive"), "{}", ran.err);
    let message = room.run(&["explain", "--from", "other.csv", "--row", "2"]).failed(1);
    assert!(message.contains("record 2 (line 3), column \"start\""), "{message}");
    assert_eq!(room.run(&["explain", "--from", "other.csv"]).code, Some(2));
    assert_eq!(room.run(&["explain", "Xi left.", "--from", "other.csv", "--row", "1"]).code, Some(2));
}

/// A cell with four decimals as a whole number.
fn units(cell: &str) -> i64 {
    assert!(cell.split('.').nth(1).is_some_and(|decimals| decimals.len() == 4), "{cell}");
    cell.replace('.', "").parse().unwrap()
}

#[test]
fn words_beside_a_row_sum_to_its_score() {
    let text = "text,who,from,to\n\"Xi accused “Washington”, and Zoë praised Peru.\",Peru,41,45\nNATO met.,Peru,0,2\n";
    let room = Room::with("in.csv", text);
    let given: &[&str] = &["--actor-column", "who", "--start-column", "from", "--end-column", "to"];
    for more in [&[][..], &["--level", "country"], &["--mentions"], given] {
        let run = |options: &[&str]| {
            let fixed = ["classify", "in.csv", "--text", "text", "--effort", "fast", "--keep", "who"];
            Table::of(&room.run(&[&fixed[..], more, options].concat()).ok())
        };
        let (plain, explained) = (run(&[]), run(&["--explain", "3"]));
        for column in &plain.columns {
            assert_eq!(plain.column(column), explained.column(column), "{column}");
        }
        for at in 0..explained.rows.len() {
            let cell = |name: &str| explained.column(name)[at];
            if cell("label").is_empty() {
                assert_eq!((cell("explained_by"), cell("score"), cell("word_1"), cell("rest")), ("", "", "", ""));
                continue;
            }
            assert_eq!(cell("explained_by"), "sum");
            let values: Vec<i64> = (1..=3)
                .filter(|n| !cell(&format!("word_{n}")).is_empty())
                .map(|n| units(cell(&format!("value_{n}"))))
                .collect();
            assert_eq!(values.iter().sum::<i64>() + units(cell("rest")), units(cell("score")));
            assert!(values.is_sorted_by(|a, b| a.abs() >= b.abs()), "{values:?}");
            for n in 1..=3 {
                assert!(cell("sentence").contains(cell(&format!("word_{n}"))));
            }
        }
    }
    let explained = &explain(ACCUSED, "Washington", "fast")[0];
    room.write("one.csv", format!("text\n{ACCUSED}\n"));
    let row = Table::of(&room.run(&["classify", "one.csv", "--effort", "fast", "--explain", "1"]).ok());
    let at = row.column("mention").iter().position(|mention| *mention == "Washington").unwrap();
    assert_eq!((row.column("label")[at], row.column("word_1")[at]), ("critical", "accused"));
    close(row.column("score")[at].parse().unwrap(), number(&explained["scores"][2]), 1e-4);
}

#[cfg(feature = "encoder")]
#[test]
fn words_beside_the_encoders_rows_are_marked() {
    let room = Room::with("in.csv", &format!("text\n{ACCUSED}\n"));
    let rows = Table::of(&room.run(&["classify", "in.csv", "--effort", "full", "--explain", "2"]).ok());
    assert_eq!(rows.column("explained_by"), ["occlusion"; 2]);
    for at in 0..2 {
        let sum: i64 = ["value_1", "value_2", "rest"].iter().map(|name| units(rows.column(name)[at])).sum();
        assert_eq!(sum, units(rows.column("score")[at]));
    }
}

#[test]
fn a_mistyped_name_is_guessed_at() {
    let room = Room::new();
    let message = room.run(&["explain", "Xi accused NATO.", "--actor", "Vladmir Putin"]).failed(1);
    assert_eq!(message, "error: the sentence does not name \"Vladmir Putin\"; did you mean \"Vladimir Putin\"?");
    let ran = room.run(&["actors", "list", "Vladmir Putin"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
    assert_eq!(ran.err, "no actor of that name; did you mean \"Vladimir Putin\"?\n");
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let room = Room::new();
    let run = |variables: &[(&str, &str)], more: &[&str]| {
        let arguments = [&["explain", ACCUSED, "--effort", "fast"], more].concat();
        let mut command = room.plain(&arguments);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        let output = command.envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(!run(&[], &[]).contains('\u{1b}'), "a pipe is no terminal");
    let forced = [("CLICOLOR_FORCE", "1")];
    assert!(run(&forced, &[]).contains("\u{1b}[1m\u{1b}[4m\u{1b}[94maccused"), "{:?}", run(&forced, &[]));
    assert!(!run(&[("NO_COLOR", "1")], &[]).contains('\u{1b}'));
    assert!(!run(&forced, &["--json"]).contains('\u{1b}'));
    run(&forced, &["-o", "why.txt"]);
    assert!(!room.text("why.txt").contains('\u{1b}') && room.text("why.txt").contains("accused"));
}

#[test]
fn the_outputs_name_decides_between_text_json_and_page() {
    let room = Room::new();
    for (name, option) in [("why.html", None), ("why.json", None), ("why", Some("--html")), ("why2", Some("--json"))] {
        let mut arguments = vec!["explain", "Xi & <i>NATO</i> accused \"Peru\".", "--effort", "fast", "-o", name];
        arguments.extend(option);
        assert_eq!(room.run(&arguments).ok(), "");
    }
    assert_eq!(room.text("why.html"), room.text("why"));
    assert_eq!(room.text("why.json"), room.text("why2"));
    let page = room.text("why.html");
    assert!(page.starts_with("<!DOCTYPE html>") && !page.contains("<script") && !page.contains("<i>NATO"));
    assert!(page.contains("default-src 'none'") && !page.contains("src=") && !page.contains("@import"));
}

#[test]
fn names_are_swapped_and_changes_counted() {
    let sentences = [
        "Norway praised Peru for its patience.",
        "Critics accused Kenya of ignoring the report.",
        "Chile is in the south.",
        "The Netherlands thanked Ghana; Ghana was pleased.",
        "Ministers met Merkel on Monday.",
    ];
    let actors = ["Peru", "Kenya", "Chile", "Ghana", "Merkel"];
    let labels = ["supportive", "critical", "neutral", "supportive", "neutral"];
    let mut csv = "sentence,actor,label,start,end\n".to_owned();
    for ((sentence, actor), label) in sentences.iter().zip(actors).zip(labels) {
        let start = sentence.find(actor).unwrap();
        csv += &format!("{sentence},{actor},{label},{start},{}\n", start + actor.len());
    }
    let room = Room::with("labelled.csv", &csv);
    let run = |more: &[&str]| {
        let fixed = ["evaluate", "labelled.csv", "--effort", "fast", "--json", "--swap", "30"];
        json(&room.run(&[&fixed[..], more].concat()).ok())["swap"].clone()
    };
    let report = &run(&[])[0];
    assert_eq!((&report["effort"], &report["seed"]), (&"fast".into(), &1.into()));
    // Ghana is named twice, so another name would not take all of its mentions.
    assert_eq!(report["sentences"], 4);
    let kinds: Vec<&str> =
        report["by_kind"].as_array().unwrap().iter().map(|kind| kind["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["country", "person"]);
    let labels = report["labels"].as_u64().unwrap();
    assert!((110..=120).contains(&labels), "{labels}");
    let moved = |same: bool| -> u64 {
        let cells = (0..9).filter(|cell| (cell / 3 == cell % 3) == same);
        cells.map(|cell| report["transitions"][cell / 3][cell % 3].as_u64().unwrap()).sum()
    };
    assert_eq!(moved(true) + moved(false), labels);
    assert_eq!(report["changed"], moved(false));
    close(number(&report["share"]), moved(false) as f64 / labels as f64, 1e-12);
    assert!(number(&report["share"]) < 0.02, "the linear model sees no names: {report}");
    assert_eq!(run(&[]), run(&[]), "the same seed gives the same draw");
    assert_ne!(run(&["--swap-seed", "2"])[0]["extremes"], report["extremes"]);
    assert_eq!(run(&["--swap-sentences", "2"])[0]["sentences"], 2);
    let page = room.run(&["evaluate", "labelled.csv", "--effort", "fast", "--swap", "30", "--by-kind"]).ok();
    assert!(page.contains("other names in the mention's place: ") && page.contains("\nkind "), "{page}");
    room.write("none.csv", "sentence,actor,label,start,end\nIt thanked Zork.,Zork,supportive,11,15\n");
    let message = room.run(&["evaluate", "none.csv", "--effort", "fast", "--swap", "3"]).failed(1);
    assert!(message.contains("no sentence can be swapped"), "{message}");
    assert_eq!(room.run(&["evaluate", "labelled.csv", "--swap-seed", "3"]).code, Some(2));
}

/// Only `--effort full` is asked: the sparse model never sees the mention's name, the encoder does unless it is blind.
#[test]
#[cfg(feature = "encoder")]
fn blind_labels_do_not_depend_on_who_is_named() {
    let sentences =
        ["Norway", "Nazi Germany", "São Tomé"].map(|name| format!("They said {name} had shut the port.,{name}"));
    let room = Room::with("in.csv", &format!("sentence,actor\n{}\n", sentences.join("\n")));
    let run = |more: &[&str]| {
        let fixed = [
            "classify",
            "in.csv",
            "--text",
            "sentence",
            "--actor-column",
            "actor",
            "--effort",
            "full",
            "-o",
            "out.csv",
        ];
        let ran = room.run(&[&fixed[..], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let rows = Table::of(&room.text("out.csv"));
        let cells = ["supportive", "neutral", "critical"].map(|column| rows.column(column).join(" "));
        (cells, ran.err)
    };
    let ([named, ..], said) = run(&[]);
    let (blind, said_blind) = run(&["--blind"]);
    assert!(!said.contains("names hidden") && said_blind.contains("effort full, names hidden;"), "{said}{said_blind}");
    let same = |cells: &str| cells.split(' ').all(|cell| cells.starts_with(cell));
    assert!(!same(&named), "{named}");
    assert!(blind.iter().all(|cells| same(cells)), "{blind:?}");
}

#[test]
fn summaries_are_json_where_asked() {
    let room = Room::with("in.csv", "text\nXi praised NATO.\n");
    let ran = room.run(&["classify", "in.csv", "--effort", "fast", "--json", "-o", "stance.csv"]);
    let summary = json(&ran.err);
    let labels = ["supportive", "neutral", "critical"].map(|label| summary[label].as_u64().unwrap());
    assert_eq!((&summary["records"], &summary["rows"], labels.iter().sum()), (&1.into(), &2.into(), 2_u64));
    let summary = json(&room.run(&["report", "stance.csv", "--json", "-o", "page.html"]).err);
    assert_eq!((&summary["rows"], &summary["actors"]), (&2.into(), &2.into()));
    let labelled = repository_file("examples/labelled.csv");
    let summary = json(&room.run(&["convert", &labelled, "--to", "doccano", "--json", "-o", "out.jsonl"]).err);
    assert_eq!((&summary["mentions"], &summary["to"]), (&150.into(), &"doccano".into()));
    let labels = json(&room.run(&["audit", &labelled, "--base", "none", "--json", "-o", "doubtful.csv"]).err);
    assert_eq!((&labels["labels"], &labels["listed"]), (&150.into(), &labels["likely_wrong"]));
    let chosen = json(&room.run(&["suggest", "in.csv", "-n", "1", "--json", "-o", "todo.csv"]).err);
    assert_eq!((&chosen["chosen"], &chosen["mentions"], &chosen["actors"]), (&1.into(), &2.into(), &1.into()));
    assert_eq!(room.run(&["classify", "in.csv", "--effort", "fast", "--json", "--quiet", "-o", "stance.csv"]).err, "");
}

#[test]
fn actors_are_told_as_json() {
    let room = Room::new();
    let found = json(&room.run(&["actors", "find", "«Zürich» heard Xi praise NATO.", "--json"]).ok());
    let nato = &found[1];
    assert_eq!((&nato["mention"], &nato["start"], &nato["end"]), (&"NATO".into(), &25.into(), &29.into()));
    let listed = json(&room.run(&["actors", "list", nato["id"].as_str().unwrap(), "--json"]).ok());
    let same =
        |actor: &Value| ["id", "kind"].iter().all(|key| actor[*key] == nato[*key]) && actor["name"] == nato["actor"];
    assert!(listed.as_array().unwrap().iter().any(same), "{listed}");
    assert_eq!(room.run(&["actors", "list", "no such actor at all", "--json"]).out.trim(), "[]");
    room.write("mine.csv", "id,kind,name\nq1,person,\"Ann Example\"\nq2,person,\"Ann Example\"\n");
    let checked = room.run(&["actors", "check", "mine.csv", "--json"]);
    assert_eq!(checked.code, Some(1));
    let first = &json(&checked.out)[0];
    assert_eq!((&first["id"], &first["file"]), (&"q2".into(), &"mine.csv".into()));
}

#[test]
fn every_command_has_a_man_page_and_examples() {
    let room = Room::new();
    room.run(&["man", "--all", "man"]).ok();
    for command in
        ["classify", "train", "evaluate", "suggest", "audit", "convert", "explain", "report", "actors", "model"]
    {
        assert!(room.text(&format!("man/toward-{command}.1")).contains(".TH"));
        let help = room.run(&[command, "--help"]).ok();
        assert!(help.contains("Examples:\n  toward "), "{command}: {help}");
    }
    assert!(room.text("man/toward.1").contains("toward"));
}
