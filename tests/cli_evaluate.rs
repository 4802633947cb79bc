//! `toward evaluate` and `toward explain` through the built binary: the numbers are computed again here.

#[path = "cli_support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::Value;
use support::{Room, Table, repository_file};

const LABELS: [&str; 3] = ["supportive", "neutral", "critical"];

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[track_caller]
fn close(found: &Value, expected: f64, tolerance: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

/// A row as the predictions tell it.
struct Prediction {
    truth: usize,
    given: usize,
    probabilities: [f64; 3],
    group: String,
}

fn label(name: &str) -> usize {
    LABELS.iter().position(|label| *label == name).unwrap()
}

/// F1 from the definition by precision and recall.
fn f1_of(rows: &[&Prediction], label: usize) -> (f64, f64, f64) {
    let count = |holds: &dyn Fn(&&&Prediction) -> bool| rows.iter().filter(holds).count() as f64;
    let hits = count(&|row| row.truth == label && row.given == label);
    let (given, truth) = (count(&|row| row.given == label), count(&|row| row.truth == label));
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let (precision, recall) = (share(hits, given), share(hits, truth));
    (precision, recall, share(2.0 * precision * recall, precision + recall))
}

fn macro_f1(rows: &[&Prediction]) -> f64 {
    (0..3).map(|label| f1_of(rows, label).2).sum::<f64>() / 3.0
}

/// A bootstrap over documents, with another generator than the library's.
fn interval(rows: &[Prediction]) -> [f64; 2] {
    let mut groups: BTreeMap<&str, Vec<&Prediction>> = BTreeMap::new();
    for row in rows {
        groups.entry(&row.group).or_default().push(row);
    }
    let groups: Vec<Vec<&Prediction>> = groups.into_values().collect();
    let mut state = 7_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut scores: Vec<f64> = (0..2000)
        .map(|_| {
            let sample: Vec<&Prediction> =
                (0..groups.len()).flat_map(|_| groups[random(groups.len())].clone()).collect();
            macro_f1(&sample)
        })
        .collect();
    scores.sort_by(f64::total_cmp);
    [scores[50], scores[1949]]
}

#[test]
fn the_report_agrees_with_its_predictions() {
    let room = Room::new();
    let examples = repository_file("examples/labelled.csv");
    let ran = room.run(&["evaluate", &examples, "--effort", "fast", "--json", "--predictions", "p.csv"]);
    let report = json(&ran.ok());
    let predictions = Table::of(&room.text("p.csv"));
    let input = Table::of(&std::fs::read_to_string(&examples).unwrap());
    assert_eq!(predictions.column("sentence"), input.column("sentence"));
    assert_eq!(predictions.column("mention"), input.column("actor"));
    assert_eq!(predictions.column("label"), input.column("label"));
    assert!(predictions.column("stage").iter().all(|stage| *stage == "sparse"));
    let columns = LABELS.map(|name| predictions.column(name));
    let rows: Vec<Prediction> = (0..predictions.rows.len())
        .map(|at| Prediction {
            truth: label(predictions.column("label")[at]),
            given: label(predictions.column("predicted")[at]),
            probabilities: [0, 1, 2].map(|label| columns[label][at].parse().unwrap()),
            group: input.column("group")[at].to_owned(),
        })
        .collect();
    let all: Vec<&Prediction> = rows.iter().collect();
    let n = rows.len() as f64;

    assert_eq!(report["n"], 150);
    assert_eq!(report["effort"], "fast");
    assert_eq!(report["not_found"], 0);
    assert_eq!(report["stages"]["sparse"], 1.0);
    close(&report["accuracy"], rows.iter().filter(|row| row.truth == row.given).count() as f64 / n, 1e-12);
    close(&report["macro_f1"], macro_f1(&all), 1e-12);
    for (at, name) in LABELS.iter().enumerate() {
        let (precision, recall, f1) = f1_of(&all, at);
        let scores = &report["per_class"][name];
        close(&scores["precision"], precision, 1e-12);
        close(&scores["recall"], recall, 1e-12);
        close(&scores["f1"], f1, 1e-12);
        assert_eq!(scores["support"], rows.iter().filter(|row| row.truth == at).count());
        for given in 0..3 {
            let count = rows.iter().filter(|row| (row.truth, row.given) == (at, given)).count();
            assert_eq!(report["confusion"][at][given], count);
        }
    }
    // Probabilities in the file have four digits.
    let loss = rows.iter().map(|row| -row.probabilities[row.truth].ln()).sum::<f64>() / n;
    close(&report["log_loss"], loss, 2e-3);
    let mut bins = BTreeMap::<usize, (f64, f64)>::new();
    for row in &rows {
        let confidence = row.probabilities[row.given];
        assert!(row.probabilities.iter().all(|p| *p <= confidence + 1e-4), "the label is the likeliest");
        let bin = bins.entry((confidence * 15.0).ceil() as usize).or_default();
        bin.0 += f64::from(u8::from(row.given == row.truth));
        bin.1 += confidence;
    }
    close(&report["ece"], bins.values().map(|(right, sure)| (right - sure).abs()).sum::<f64>() / n, 5e-3);
    let [low, high] = interval(&rows);
    close(&report["ci95"][0], low, 0.02);
    close(&report["ci95"][1], high, 0.02);
    assert!(low < macro_f1(&all) && macro_f1(&all) < high);
}

#[test]
fn the_page_for_people_has_the_numbers_of_json() {
    let room = Room::with("l.csv", "sentence,actor,label\nThey praised Japan.,Japan,s\nThey condemned Peru.,Peru,c\n");
    let report = json(&room.run(&["evaluate", "l.csv", "--effort", "fast", "--json"]).ok());
    let page = room.run(&["evaluate", "l.csv", "--effort", "fast"]).ok();
    assert!(page.contains(&format!("macro-F1 {:.3}", report["macro_f1"].as_f64().unwrap())), "{page}");
    assert!(page.contains("n = 2") && page.contains("supportive") && page.contains("sparse 100 %"), "{page}");
}

#[test]
fn records_without_their_actor_are_counted() {
    let csv = "sentence,actor,label\nThey praised Japan.,Japan,s\nThey praised Japan.,Peru,n\n";
    let room = Room::with("l.csv", csv);
    let ran = room.run(&["evaluate", "l.csv", "--effort", "fast", "--json"]);
    assert!(ran.err.contains("record 2 (line 3), column \"actor\": found \"Peru\""), "{}", ran.err);
    let report = json(&ran.ok());
    assert_eq!((&report["n"], &report["not_found"]), (&1.into(), &1.into()));
    let page = room.run(&["evaluate", "l.csv", "--effort", "fast"]).ok();
    assert!(page.ends_with("1 record was left out: the sentence does not name the actor\n"), "{page}");
}

#[test]
fn several_files_and_users_actors_are_evaluated_together() {
    let room = Room::with("a.csv", "sentence,actor,label\nThey praised Zoë Quist.,Q,s\n");
    room.write("b.csv", "sentence,actor,label\nThey condemned Peru.,Peru,c\n");
    room.write("who.csv", "id,name,kind,aliases\nzoe,Zoë Quist,person,Q\n");
    let report =
        json(&room.run(&["evaluate", "a.csv", "b.csv", "--actors", "who.csv", "--effort", "fast", "--json"]).ok());
    assert_eq!(report["n"], 2);
}

#[test]
fn wrong_data_are_told() {
    let room = Room::with("l.csv", "sentence,actor,label\nThey praised Japan.,Japan,odd\n");
    assert_snapshot!(room.run(&["evaluate", "l.csv"]).failed(1), @r#"error: l.csv: record 1 (line 2), column "label": found "odd", expected supportive, neutral or critical"#);
    assert_snapshot!(room.run(&["evaluate", "none.csv"]).failed(1), @"error: none.csv: cannot be read: No such file or directory (os error 2)");
    assert_snapshot!(room.run(&["evaluate", "l.csv", "--actors", "who.csv"]).failed(1), @"error: who.csv: cannot be read: No such file or directory (os error 2)");
}

/// The sum of the contributions to a label of these words or features.
fn sum(parts: &Value, label: usize) -> f64 {
    parts.as_array().unwrap().iter().map(|part| part["contributions"][label].as_f64().unwrap()).sum()
}

#[test]
fn contributions_sum_to_the_score() {
    let sentence = "“Xi accused NATO,” said Zoë; Washington praised Xi’s restraint.";
    let room = Room::with("in.csv", &format!("text\n\"{sentence}\"\n"));
    let explanations = json(&room.run(&["explain", sentence, "--json"]).ok());
    let labelled = Table::of(&room.run(&["classify", "in.csv", "--effort", "fast", "--mentions"]).ok());
    let explanations = explanations.as_array().unwrap();
    assert_eq!(explanations.len(), labelled.rows.len());
    for (at, explanation) in explanations.iter().enumerate() {
        assert_eq!(explanation["mention"], labelled.column("mention")[at]);
        assert_eq!(explanation["label"], labelled.column("label")[at]);
        let scores = [0, 1, 2].map(|label| explanation["scores"][label].as_f64().unwrap());
        let total: f64 = scores.iter().sum();
        for label in 0..3 {
            let intercept = explanation["intercept"][label].as_f64().unwrap();
            close(&explanation["scores"][label], intercept + sum(&explanation["features"], label), 1e-9);
            close(&explanation["scores"][label], intercept + sum(&explanation["words"], label), 1e-9);
            let printed: f64 = labelled.column(LABELS[label])[at].parse().unwrap();
            close(&explanation["probabilities"][label], printed, 1e-4);
        }
        assert!(total.is_finite());
        for word in explanation["words"].as_array().unwrap() {
            let start = word["start"].as_u64().unwrap() as usize;
            let rest: String = sentence.chars().skip(start).collect();
            assert!(rest.starts_with(word["text"].as_str().unwrap()), "{word}");
        }
    }
}

#[test]
fn one_actor_is_explained_by_name_alias_or_spelling() {
    let room = Room::new();
    for actor in ["Xi Jinping", "Xi", "xi jinping"] {
        let explanations = json(&room.run(&["explain", "Xi accused NATO.", "--actor", actor, "--json"]).ok());
        assert_eq!(explanations.as_array().unwrap().len(), 1, "{actor}");
        assert_eq!(explanations[0]["actor"], "Xi Jinping");
    }
    let page = room.run(&["explain", "They accused Zoë.", "--actor", "Zoë", "--features", "2"]).ok();
    assert!(page.starts_with("Zoë (Zoë)\n  supportive "), "{page}");
    assert_eq!(page.lines().skip_while(|line| !line.contains("strongest features")).count(), 4, "{page}");
    let message = room.run(&["explain", "Xi accused NATO.", "--actor", "Peru"]).failed(1);
    assert_snapshot!(message, @r#"error: the sentence does not name "Peru"; `toward actors find` shows whom it names"#);
    let message = room.run(&["explain", "It rained."]).failed(1);
    assert_snapshot!(message, @"error: the sentence names no actor of the catalogue; give one with --actor, or add it with --actors");
}
