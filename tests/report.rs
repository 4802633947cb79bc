//! `toward report`, through the built binary.

use std::collections::BTreeMap;
use std::path::PathBuf;

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;

const HEADER: &str =
    "row,sentence_index,sentence,actor,mention,start,end,label,supportive,neutral,critical,date,source\n";
const HOSTILE: &str =
    "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>\u{2028}&amp; 𝕏 blamed";

fn toward() -> Command {
    Command::cargo_bin("toward").unwrap()
}

/// A folder with the input, which becomes `stance.csv` unless named otherwise.
fn folder(csv: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stance.csv");
    std::fs::write(&path, csv).unwrap();
    (folder, path)
}

fn page(csv: &str, options: &[&str]) -> String {
    let (_folder, path) = folder(csv);
    let output = toward().args(["report", "--quiet"]).arg(path).args(options).assert().success();
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

/// The rows that the page's script reads.
fn data(page: &str) -> Value {
    serde_json::from_str(data_block(page)).unwrap()
}

fn texts(data: &Value, role: &str) -> Vec<String> {
    let column = &data["columns"][data["roles"][role].as_u64().unwrap() as usize];
    let rows = data["n"].as_u64().unwrap() as usize;
    let text = |row: usize| match column.get("of") {
        Some(of) => column["dict"][of[row].as_u64().unwrap() as usize].as_str().unwrap(),
        None => column["dict"][0].as_str().unwrap(),
    };
    (0..rows).map(|row| text(row).to_owned()).collect()
}

fn example() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/stance.csv")
}

#[test]
fn a_hostile_text_stays_text_everywhere() {
    let cells = |actor: &str, day: &str| {
        format!("1,0,\"{HOSTILE}\",\"{actor}\",\"{HOSTILE}\",0,8,critical,0.0,0.1,0.9,{day},\"{HOSTILE}\"\n")
    };
    let csv = format!("{HEADER}{}{}", cells(HOSTILE, "2024-05-01"), cells("Other", HOSTILE.trim()));
    let page = page(&csv, &["--no-words", "--title", HOSTILE]);
    assert!(!page.contains("<img"));
    assert!(!page.contains("<script>document"));
    assert!(!data_block(&page).contains('\u{2028}'));
    // The page's own two scripts, and no more.
    assert_eq!((page.matches("<script").count(), page.matches("</script").count()), (2, 2));
    let data = data(&page);
    assert_eq!(texts(&data, "sentence"), [HOSTILE, HOSTILE]);
    assert_eq!(texts(&data, "actor"), [HOSTILE, "Other"]);
    assert_eq!(texts(&data, "source")[0], HOSTILE);
}

fn data_block(page: &str) -> &str {
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    rest.split_once("</script>").unwrap().0
}

#[test]
fn the_page_loads_nothing_and_runs_its_own_script_only() {
    let page = page(&std::fs::read_to_string(example()).unwrap(), &[]);
    assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"));
    for loading in ["src=", "<link", "@import", "url(", "http://", "https://"] {
        assert!(!page.contains(loading), "{loading}");
    }
}

#[test]
fn totals_are_the_inputs() {
    let csv = std::fs::read_to_string(example()).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    let mut actors: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &records {
        *labels.entry(&record[column("label")]).or_default() += 1;
        *actors.entry(&record[column("actor")]).or_default() += 1;
    }
    let page = page(&csv, &["--top", "50"]);
    assert!(page.contains(&format!("id=\"total-rows\">{}<", records.len())));
    assert!(page.contains(&format!("<dt>actors</dt><dd>{}<", actors.len())));
    for (label, count) in labels {
        assert!(page.contains(&format!("{label} <span class=\"muted\">{count} rows")), "{label}");
    }
    for (actor, count) in actors {
        let row = format!("{}</a></th><td class=\"number\">{count}</td>", actor.replace('&', "&amp;"));
        assert!(page.contains(&row), "{row}");
    }
    let data = data(&page);
    assert_eq!(data["n"], records.len());
    let sentences: Vec<&str> = records.iter().map(|record| &record[column("sentence")]).collect();
    assert_eq!(texts(&data, "sentence"), sentences);
    assert_eq!(data["labels"].as_str().unwrap().len(), records.len());
    // Charts by source and over time are there because the columns are.
    for id in ["actors", "sources", "time", "together", "sentences", "rows"] {
        assert!(page.contains(&format!("<section id=\"{id}\"")), "{id}");
    }
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let csv = std::fs::read_to_string(example()).unwrap();
    assert_eq!(page(&csv, &[]), page(&csv, &["--threads", "1"]));
}

#[test]
fn missing_columns_are_named_with_a_hint() {
    let (_folder, path) = folder("id,text\n1,Xi praised Putin.\n");
    toward().arg("report").arg(path).assert().code(1).stderr(
        predicate::str::contains("found no columns sentence, actor, label, supportive, neutral, critical among")
            .and(predicate::str::contains("the output of `toward classify`"))
            .and(predicate::str::contains("\"id\", \"text\"")),
    );
    let (_folder, path) = folder(HEADER);
    let report = |option: &str, name: &str| toward().arg("report").arg(&path).args([option, name]).assert().code(1);
    report("--date-column", "dat").stderr(predicate::str::contains("did you mean \"date\"?"));
    report("--source-column", "outlet").stderr(predicate::str::contains("found no column \"outlet\""));
}

#[test]
fn wrong_cells_are_named_by_their_place() {
    let row = |label: &str, critical: &str| {
        format!("{HEADER}1,0,Xi praised Putin.,Putin,Putin,11,16,{label},0.9,0.1,{critical},2024-05-01,A\n")
    };
    for (csv, expected) in [
        (row("angry", "0"), "record 1 (line 2), column \"label\": found \"angry\", expected supportive, neutral or"),
        (row("supportive", "much"), "column \"critical\": found \"much\", expected a probability from 0 to 1"),
        (row("supportive", "1.5"), "column \"critical\": found \"1.5\", expected a probability from 0 to 1"),
    ] {
        let (_folder, path) = folder(&csv);
        toward().arg("report").arg(path).assert().code(1).stderr(predicate::str::contains(expected));
    }
    // A date column that was asked for must hold dates.
    let (_folder, path) = folder(&row("supportive", "0"));
    toward()
        .arg("report")
        .arg(path)
        .args(["--date-column", "source"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("found \"A\", expected YYYY-MM-DD"));
}

#[test]
fn a_failed_report_leaves_no_file() {
    let (folder, path) = folder("id\n1\n");
    let output = folder.path().join("report.html");
    toward().arg("report").arg(path).arg("-o").arg(&output).assert().code(1);
    assert!(!output.exists());
}

#[test]
fn no_rows_make_a_page_that_says_so() {
    let page = page(HEADER, &[]);
    assert!(page.contains("The file has no rows with a label"));
    assert!(!page.contains("<svg"));
    assert_eq!(data(&page)["n"], 0);
}

#[test]
fn one_row_makes_a_page() {
    let row = "1,0,Xi praised Putin.,Vladimir Putin,Putin,11,16,supportive,0.9000,0.0500,0.0500,2024-05-01,A\n";
    let page = page(&format!("{HEADER}{row}"), &[]);
    assert!(page.contains("id=\"total-rows\">1<"));
    assert!(page.contains("Vladimir Putin: 100\u{a0}% supportive, 0\u{a0}% neutral, 0\u{a0}% critical of 1 mentions"));
    assert!(page.contains("<mark>Putin</mark>"));
    assert!(!page.contains("id=\"together\""));
}

#[test]
fn rows_without_a_label_and_columns_that_are_not_there() {
    let header = "sentence,actor,label,supportive,neutral,critical,status\n";
    let csv = format!("{header}A met B.,A,neutral,0.1,0.8,0.1,ok\nA met B.,B,neutral,0.1,0.8,0.1,ok\nC.,D,,,,,bad\n");
    let page = page(&csv, &[]);
    assert!(page.contains("1 rows without a label were left out."));
    // Two rows of one sentence, each its own record, are together all the same.
    assert!(page.contains("id=\"together\""));
    assert!(!page.contains("id=\"time\"") && !page.contains("id=\"sources\""));
}

#[test]
fn compressed_input_and_output() {
    use std::io::{Read, Write};
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("stance.csv.gz"), folder.path().join("report.html.gz"));
    let mut encoder =
        flate2::write::GzEncoder::new(std::fs::File::create(&input).unwrap(), flate2::Compression::fast());
    encoder.write_all(&std::fs::read(example()).unwrap()).unwrap();
    encoder.finish().unwrap();
    toward().args(["report", "--no-words"]).arg(&input).arg("-o").arg(&output).assert().success();
    let mut page = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(&output).unwrap()).read_to_string(&mut page).unwrap();
    assert!(page.contains("<!doctype html>") && page.trim_end().ends_with("</html>"));
}
