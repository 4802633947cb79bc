//! Retraining: what `train`, `evaluate`, `suggest` and `audit` tell about a user's labels. All sentences are invented.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

const PRAISE: [&str; 4] = ["praised", "thanked", "applauded", "saluted"];
const BLAME: [&str; 4] = ["blamed", "denounced", "condemned", "mocked"];
const PLAIN: [&str; 4] = ["met", "visited", "called", "mentioned"];

/// Labelled sentences whose verb gives the label; every `wrong`th has the opposite one.
fn labelled(folder: &Path, name: &str, count: usize, wrong: usize) -> PathBuf {
    let mut csv = String::from("sentence,actor,start,end,label,source\n");
    for at in 0..count {
        let (verbs, label, other) = match at % 3 {
            0 => (PRAISE, "supportive", "critical"),
            1 => (BLAME, "critical", "supportive"),
            _ => (PLAIN, "neutral", "critical"),
        };
        let label = if wrong > 0 && at % wrong == wrong - 1 { other } else { label };
        let verb = verbs[at / 3 % 4];
        let start = format!("Delegate {at} {verb} ").len();
        let _ = writeln!(csv, "Delegate {at} {verb} Norway,Norway,{start},{},{label},paper {}", start + 6, at % 2);
    }
    let path = folder.join(name);
    std::fs::write(&path, csv).unwrap();
    path
}

fn toward() -> Command {
    Command::cargo_bin("toward").unwrap()
}

#[test]
fn train_reports_all_models_a_curve_and_warnings() {
    let folder = tempfile::tempdir().unwrap();
    let one = labelled(folder.path(), "one.csv", 90, 0);
    let two = labelled(folder.path(), "two.csv", 12, 0);
    let model = folder.path().join("my.safetensors");
    let run = toward().arg("train").args([&one, &two]).arg("-o").arg(&model).arg("--json").assert().success();
    let report: Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
    assert_eq!(report["counts"]["supportive"], 34);
    for model in ["fast", "base_fast", "from_nothing"] {
        let macro_f1 = report[model]["macro_f1"].as_f64().unwrap();
        let low = report[model]["ci95"][0].as_f64().unwrap();
        assert!(low <= macro_f1 && (0.0..=1.0).contains(&macro_f1), "{model}");
    }
    assert!(report["from_nothing"]["macro_f1"].as_f64().unwrap() > 0.9);
    let curve = report["learning_curve"].as_array().unwrap();
    assert_eq!(curve.len(), 4);
    assert!(curve.windows(2).all(|pair| pair[0]["mentions"].as_u64() < pair[1]["mentions"].as_u64()));
    assert_eq!(curve[3]["macro_f1"], report["fast"]["macro_f1"]);
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("12 mentions are in sentences that"), "{warnings}");

    // The same report as text, and the same model again.
    let again = folder.path().join("again.safetensors");
    let train = |threads: &str| {
        toward()
            .env("SOURCE_DATE_EPOCH", "0")
            .arg("train")
            .args([&one, &two])
            .arg("-o")
            .arg(&again)
            .args(["--threads", threads])
            .assert()
            .success()
            .stderr(contains("from nothing, fast").and(contains("learning curve")).and(contains("25 %")));
        std::fs::read(&again).unwrap()
    };
    assert!(train("1") == train("3"), "the threads change the model");
}

#[test]
fn train_warns_of_few_and_contradicting_labels() {
    let folder = tempfile::tempdir().unwrap();
    let path = labelled(folder.path(), "few.csv", 30, 0);
    let mut csv = std::fs::read_to_string(&path).unwrap();
    csv.push_str("Delegate 0 praised Norway,Norway,19,25,critical,paper 1\n");
    std::fs::write(&path, csv).unwrap();
    let model = folder.path().join("my.safetensors");
    toward().arg("train").arg(&path).arg("-o").arg(&model).assert().success().stderr(
        contains("only 10 mentions are supportive").and(contains("is supportive and critical in the same sentence")),
    );
}

#[test]
fn evaluate_breaks_down_compares_and_calibrates() {
    let folder = tempfile::tempdir().unwrap();
    let path = labelled(folder.path(), "one.csv", 60, 0);
    let mut csv = std::fs::read_to_string(&path).unwrap();
    for (start, actor, label) in [(10, "Norway", "supportive"), (34, "Chad", "critical")] {
        let end = start + actor.len();
        let _ = writeln!(csv, "They hail Norway and they condemn Chad,{actor},{start},{end},{label},paper 0");
    }
    std::fs::write(&path, csv).unwrap();
    let run = toward()
        .arg("evaluate")
        .arg(&path)
        .args(["--compare", "default", "--by", "source", "--by-actor", "--calibration", "--json"])
        .assert()
        .success();
    let report: Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
    assert_eq!(report["comparison"]["difference"], 0.0);
    assert_eq!(report["comparison"]["mcnemar"]["p_value"], 1.0);
    assert_eq!(report["by"][0]["column"], "source");
    assert_eq!(report["by"][0]["slices"][0]["n"], 32);
    assert_eq!(report["by"][1]["slices"][0]["value"], "Norway");
    assert_eq!(report["conflicting"]["n"], 2);
    assert_eq!(report["conflicting"]["one_label_a_sentence"]["accuracy"], 0.5);
    let bins = report["calibration"].as_array().unwrap();
    assert_eq!(bins.iter().map(|bin| bin["n"].as_u64().unwrap()).sum::<u64>(), 62);
    assert!(report["majority"]["macro_f1"].as_f64().unwrap() < 0.2);
    let text = toward().arg("evaluate").arg(&path).args(["--compare", "default", "--calibration"]).assert().success();
    text.stdout(contains("McNemar").and(contains("best single label a sentence")).and(contains("share right")));
    toward()
        .arg("evaluate")
        .arg(&path)
        .args(["--by", "paper"])
        .assert()
        .code(1)
        .stderr(contains("one of actor, group, source"));
}

#[test]
fn suggest_gives_a_file_to_label() {
    let folder = tempfile::tempdir().unwrap();
    let texts = folder.path().join("texts.csv");
    let mut csv = String::from("id,text\n");
    for at in 0..30 {
        let _ =
            writeln!(csv, "{at},\"Envoy {at} met Norway. Then minister {at} reportedly rebuffed Peru, but gently.\"");
    }
    std::fs::write(&texts, csv).unwrap();
    let todo = folder.path().join("todo.csv");
    toward()
        .arg("suggest")
        .arg(&texts)
        .args(["-n", "10"])
        .arg("-o")
        .arg(&todo)
        .assert()
        .success()
        .stderr(contains("10 of 60"));
    let written = std::fs::read_to_string(&todo).unwrap();
    assert!(written.starts_with("row,sentence,actor,mention,start,end,label,guess,supportive,neutral,critical,why\n"));
    assert_eq!(written.lines().count(), 11);
    assert!(written.contains("Norway") && written.contains("Peru"), "both actors:\n{written}");
    // Not labelled, it is no training data; labelled, it is.
    toward()
        .arg("train")
        .arg(&todo)
        .arg("-o")
        .arg(folder.path().join("m"))
        .assert()
        .code(1)
        .stderr(contains("an empty cell"));
    let done = written.replacen(",,", ",neutral,", 5).replace(",,", ",critical,");
    let labelled = folder.path().join("labelled.csv");
    std::fs::write(&labelled, done).unwrap();
    toward().arg("evaluate").arg(&labelled).assert().success();
    let without = toward().arg("suggest").arg(&texts).arg("--without").arg(&labelled).assert().success();
    let rest = String::from_utf8(without.get_output().stdout.clone()).unwrap();
    assert_eq!(rest.lines().count(), 51);
    let nobody = folder.path().join("nobody.csv");
    std::fs::write(&nobody, "text\nIt rained.\n").unwrap();
    toward().arg("suggest").arg(&nobody).assert().code(1).stderr(contains("no text names an actor"));
}

#[test]
fn audit_finds_what_was_flipped() {
    let folder = tempfile::tempdir().unwrap();
    let path = labelled(folder.path(), "noisy.csv", 240, 20);
    let run = toward().arg("audit").arg(&path).args(["-n", "24", "--base", "none"]).assert().success();
    let ranked = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert_eq!(ranked.lines().count(), 25);
    let found = ranked.lines().skip(1).filter(|line| {
        let row = line.split(',').nth(1).and_then(|row| row.parse::<usize>().ok()).unwrap();
        row % 20 == 0
    });
    assert!(found.count() >= 9, "{ranked}");
    assert!(ranked.contains("; for "), "reasons:\n{ranked}");
    let all = toward().arg("audit").arg(&path).args(["--all", "--base", "none"]).assert().success();
    assert_eq!(String::from_utf8(all.get_output().stdout.clone()).unwrap().lines().count(), 241);
}
