//! `toward classify` through the built binary: what comes out for what goes in.

#[path = "cli_support/mod.rs"]
mod support;

use std::io::{Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use proptest::prelude::*;
use support::{Room, Table, repository_file};

const PLACES: [&str; 7] = ["row", "sentence_index", "sentence", "actor", "mention", "start", "end"];

/// Classifies a file of this content with the fast model.
#[track_caller]
fn classify(csv: &str, options: &[&str]) -> Table {
    let room = Room::with("in.csv", csv);
    Table::of(&room.run(&[&["classify", "in.csv", "--effort", "fast"], options].concat()).ok())
}

/// The message of a run on a file of this content that must fail.
#[track_caller]
fn refused(csv: &str, options: &[&str]) -> String {
    let room = Room::with("in.csv", csv);
    let ran = room.run(&[&["classify", "in.csv", "--effort", "fast", "-o", "out.csv"], options].concat());
    let message = ran.failed(1);
    assert_eq!(room.names(), ["in.csv"], "a failed run leaves nothing behind");
    message
}

#[test]
fn documents_give_one_row_a_sentence_and_actor() {
    let table = classify(
        "id,date,title,text\n\
         7,2026-03-02,Xi meets Putin,\"Xi praised Moscow. NATO met again, and NATO said so.\n\nIt rained.\"\n\
         8,2026-03-03,,\n",
        &[],
    );
    assert_snapshot!(table.columns.join(","), @"row,sentence_index,sentence,actor,mention,start,end,label,supportive,neutral,critical");
    assert_snapshot!(table.show(&PLACES), @r"
    1 | 0 | Xi meets Putin | Xi Jinping | Xi | 0 | 2
    1 | 0 | Xi meets Putin | Vladimir Putin | Putin | 9 | 14
    1 | 1 | Xi praised Moscow. | Xi Jinping | Xi | 0 | 2
    1 | 1 | Xi praised Moscow. | Russia | Moscow | 11 | 17
    1 | 2 | NATO met again, and NATO said so. | NATO | NATO | 0 | 4
    ");
}

#[test]
fn plain_praise_and_blame_are_told_apart_and_probabilities_sum_to_one() {
    let table = classify(
        "text\nThe minister praised Japan for its generous help.\nThe minister condemned Japan for its brutal attack.\n",
        &[],
    );
    assert_snapshot!(table.show(&["actor", "label"]), @r"
    Japan | supportive
    Japan | critical
    ");
    let columns = ["supportive", "neutral", "critical"].map(|name| table.column(name));
    for (at, label) in table.column("label").into_iter().enumerate() {
        let probabilities = columns.each_ref().map(|column| column[at].parse::<f64>().unwrap());
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 2e-4, "{probabilities:?}");
        let largest = (0..3).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b])).unwrap();
        assert_eq!(label, ["supportive", "neutral", "critical"][largest]);
    }
}

#[test]
fn the_examples_are_labelled() {
    let room = Room::new();
    let [articles, actors] = ["examples/articles.csv", "examples/actors.csv"].map(repository_file);
    let arguments = ["classify", &articles, "--actors", &actors, "--effort", "fast", "--id", "id", "--keep", "source"];
    let table = Table::of(&room.run(&arguments).ok());
    table.check_offsets();
    for actor in ["Karelmark", "Ilmar Voss", "Norlund Shipping", "Karelmark Greens", "Signe Aasen", "China", "Iceland"]
    {
        assert!(table.column("actor").contains(&actor), "{actor}");
    }
    let mut records = table.column("id");
    records.dedup();
    assert_eq!(records, ["1", "2", "3", "4"]);
    assert!(table.column("source").contains(&"Meridian Wire"));
    assert!(table.column("mention").contains(&"Beijing"), "aliases are found");
}

const GIVEN: [&str; 8] =
    ["--text", "sentence", "--actor-column", "actor", "--start-column", "start", "--end-column", "end"];

#[test]
fn given_mentions_have_one_row_each_with_a_status() {
    let table = classify(
        "sentence,actor,start,end\n\
         Xi praised Zoë Quist.,Zoë Quist,11,20\n\
         Xi praised Zoë.,Zoë,11,99\n\
         Xi praised Zoë.,Zoë,5,5\n\
         Xi praised Zoë.,Zoë,eleven,14\n\
         Xi praised Zoë.,Zoë,11,\n\
         Xi praised Zoë.,Zoë,-1,14\n\
         ,Zoë,0,3\n\
         Xi praised Zoë.,Zoë,2,3\n\
         Xi praised Zoë.,,0,2\n",
        &GIVEN,
    );
    assert_snapshot!(table.show(&["row", "actor", "mention", "start", "end", "status"]), @r#"
    1 | Zoë Quist | Zoë Quist | 11 | 20 | ok
    2 | Zoë |  |  |  | start and end: found 11-99 in a text of 15 characters
    3 | Zoë |  |  |  | start and end: found 5-5, which is empty
    4 | Zoë |  |  |  | start: found "eleven", expected a whole number from 0
    5 | Zoë |  |  |  | end: found "", expected a whole number from 0
    6 | Zoë |  |  |  | start: found "-1", expected a whole number from 0
    7 | Zoë |  |  |  | the text is empty
    8 | Zoë |  |  |  | start and end: nothing is written there
    9 |  | Xi | 0 | 2 | ok
    "#);
    for (label, status) in table.column("label").iter().zip(table.column("status")) {
        assert_eq!(label.is_empty(), status != "ok");
    }
}

#[test]
fn given_actors_without_offsets_are_looked_for() {
    let table = classify(
        "text,actor\n\
         It rained. Beijing condemned Zoë Quist.,China\n\
         It rained. Beijing condemned Zoë Quist.,Zoë Quist\n\
         It rained. Beijing condemned Zoë Quist.,Peru\n\
         It rained.,\n\
         Zoës and Zoë.,Zoë\n",
        &["--actor-column", "actor", "--id", "actor"],
    );
    assert_snapshot!(table.show(&["row", "sentence_index", "sentence", "mention", "start", "end", "status"]), @r"
    1 | 1 | Beijing condemned Zoë Quist. | Beijing | 0 | 7 | ok
    2 | 1 | Beijing condemned Zoë Quist. | Zoë Quist | 18 | 27 | ok
    3 |  | It rained. Beijing condemned Zoë Quist. |  |  |  | the text does not name the actor
    4 |  | It rained. |  |  |  | the actor is empty
    5 | 0 | Zoës and Zoë. | Zoë | 9 | 12 | ok
    ");
}

#[test]
fn a_blank_between_sentences_is_no_mention() {
    let table =
        classify("text,actor,start,end\nIt rained.   Xi left.,Xi,11,12\n", &[&GIVEN[2..], &["--split"]].concat());
    assert_eq!(table.column("status"), ["start and end: nothing is written there"]);
}

#[test]
fn text_columns_are_found_or_named() {
    let csv = "headline,summary,body\nXi left,NATO met.,Japan won.\n";
    assert_eq!(classify(csv, &[]).column("mention"), ["Xi", "Japan"]);
    assert_eq!(classify(csv, &["--text", "summary"]).column("mention"), ["NATO"]);
    let several = classify(csv, &["--text", "body,summary"]);
    assert_snapshot!(several.show(&PLACES), @r"
    1 | 0 | Japan won. | Japan | Japan | 0 | 5
    1 | 1 | NATO met. | NATO | NATO | 0 | 4
    ");
    assert_eq!(classify("whatever\nXi left.\n", &[]).column("mention"), ["Xi"], "one column needs no name");
}

#[test]
fn a_sentence_is_cut_only_when_asked() {
    let csv = "sentence\nXi left. Putin stayed.\n";
    assert_eq!(classify(csv, &[]).column("sentence_index"), ["0", "0"]);
    assert_eq!(classify(csv, &["--split"]).column("sentence_index"), ["0", "1"]);
    assert_eq!(classify("text\nXi left. Putin stayed.\n", &["--whole"]).column("sentence_index"), ["0", "0"]);
}

#[test]
fn kept_columns_come_last_and_never_share_a_name() {
    let csv = "id,text,row,label,input_label,note\nA1,Xi left.,99,mine,theirs,hm\n";
    let fixed = "row,sentence_index,sentence,actor,mention,start,end,label,supportive,neutral,critical";
    for (options, before, after) in [
        (&["--keep", "all"][..], "", "id,text,input_row,input_label,input_input_label,note"),
        (&["--keep", "id-row"], "", "id,text,input_row"),
        (&["--keep", "3-"], "", "input_row,input_label,input_input_label,note"),
        (&["--keep", "!text,!row"], "", "id,input_label,input_input_label,note"),
        (&["--keep", "note,id"], "", "note,id"),
        (&["--id", "id", "--keep", "all"], "id", "text,input_row,input_label,input_input_label,note"),
        (&["--id", "row", "--keep", "label"], "input_row", "input_label"),
        (&["--stages", "--keep", "id"], "", "stage,id"),
    ] {
        let table = classify(csv, options);
        let comma = if before.is_empty() { "" } else { "," };
        assert_eq!(table.columns.join(","), format!("{before}{comma}{fixed},{after}"), "{options:?}");
        let mut names = table.columns.clone();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), table.columns.len(), "{options:?}");
    }
    let kept = classify(csv, &["--keep", "all"]);
    assert_eq!(kept.rows[0][11..], ["A1", "Xi left.", "99", "mine", "theirs", "hm"]);
    assert_eq!(classify(csv, &["--id", "row"]).rows[0][..2], ["99", "1"]);
}

#[test]
fn a_level_is_a_mention_an_actor_or_a_country() {
    let csv = "text\nPutin said that Russia trusts Putin.\n";
    assert_eq!(classify(csv, &[]).column("actor"), ["Vladimir Putin", "Russia"]);
    let mentions = classify(csv, &["--mentions"]);
    assert_eq!(mentions.show(&["actor", "start"]), "Vladimir Putin | 0\nRussia | 16\nVladimir Putin | 30");
    assert_eq!(classify(csv, &["--level", "mention"]), mentions);
    assert_eq!(classify(csv, &["--level", "country"]).column("actor"), ["Russia"]);
}

#[test]
fn the_day_of_writing_decides_between_office_holders() {
    let room = Room::with("in.csv", "date,text\n2015-05-01T08:00,Quist left.\n2025-05-01,Quist left.\n,Quist left.\n");
    room.write(
        "who.csv",
        "id,name,kind,aliases,ambiguous,country,from,to\n\
         ada-quist,Ada Quist,person,Quist,,,2010,2019\nbo-quist,Bo Quist,person,Quist,,,2020,2029\n",
    );
    let run = |options: &[&str]| {
        let shared = ["classify", "in.csv", "--effort", "fast", "--actors", "who.csv"];
        Table::of(&room.run(&[&shared, options].concat()).ok())
    };
    assert_eq!(
        run(&["--date-column", "date"]).show(&["row", "actor"]).lines().take(2).collect::<Vec<_>>(),
        ["1 | Ada Quist", "2 | Bo Quist"]
    );
    assert_eq!(run(&["--as-of", "2012-01-01"]).column("actor"), ["Ada Quist"; 3]);
    assert_eq!(run(&["--as-of", "2022"]).column("actor"), ["Bo Quist"; 3]);
    let ran = room.run(&["classify", "in.csv", "--as-of", "tomorrow"]);
    assert!(ran.failed(2).contains("expected YYYY-MM-DD, YYYY-MM or YYYY"));
}

#[test]
fn a_wrong_date_stops_or_is_set_aside_or_becomes_a_status() {
    let csv = "date,text,actor\n2025-05-01,Xi left.,Xi\n1 May,Putin left.,Putin\n2025-05-03,Japan won.,Japan\n";
    assert_eq!(
        refused(csv, &["--date-column", "date"]),
        "error: in.csv: record 2 (line 3), column \"date\": found \"1 May\", expected YYYY-MM-DD, YYYY-MM or YYYY"
    );
    let room = Room::with("in.csv", csv);
    let skip = ["--date-column", "date", "--on-error", "skip", "--rejects", "bad.csv"];
    let table = Table::of(&room.run(&[&["classify", "in.csv", "--effort", "fast"], &skip[..]].concat()).ok());
    assert_eq!(table.show(&["row", "mention"]), "1 | Xi\n3 | Japan");
    assert_snapshot!(Table::of(&room.text("bad.csv")).show(&["record", "line", "reason", "raw"]), @r#"2 | 3 | column "date": found "1 May", expected YYYY-MM-DD, YYYY-MM or YYYY | 1 May,Putin left.,Putin"#);
    let given = classify(csv, &["--date-column", "date", "--actor-column", "actor"]);
    assert_snapshot!(given.show(&["row", "mention", "status"]), @r#"
    1 | Xi | ok
    2 |  | date: found "1 May", expected YYYY-MM-DD, YYYY-MM or YYYY
    3 | Japan | ok
    "#);
}

#[test]
fn json_lines_have_the_cells_of_csv() {
    let csv = "id,text\nA,\"Xi \"\"praised\"\" Zoë’s NATO. 👍\nJapan won.\"\n";
    let options = ["--keep", "id"];
    let table = classify(csv, &options);
    let room = Room::with("in.csv", csv);
    let run = |more: &[&str]| room.run(&[&["classify", "in.csv", "--effort", "fast"], &options[..], more].concat());
    let lines = run(&["--format", "jsonl"]).ok();
    run(&["-o", "out.jsonl"]).ok();
    assert_eq!(room.text("out.jsonl"), lines, "the name tells the format");
    let objects: Vec<serde_json::Map<String, serde_json::Value>> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), table.rows.len());
    for (object, row) in objects.iter().zip(&table.rows) {
        assert_eq!(object.keys().collect::<Vec<_>>(), table.columns.iter().collect::<Vec<_>>());
        for ((name, value), cell) in object.iter().zip(row) {
            match value {
                serde_json::Value::String(text) => assert_eq!(text, cell),
                number => assert_eq!(number.as_f64().unwrap(), cell.parse::<f64>().unwrap(), "{name}"),
            }
        }
        assert!(object["start"].is_u64() && object["critical"].is_f64());
    }
}

#[test]
fn standard_streams_and_compressed_files_give_the_same_bytes() {
    let csv = "id,text\n1,Xi praised Putin.\n2,NATO accused Russia.\n";
    let room = Room::with("in.csv", csv);
    let expected = room.run(&["classify", "in.csv", "--effort", "fast"]).ok();
    assert!(expected.lines().count() > 4);
    assert_eq!(room.run_on(&["classify", "-", "--effort", "fast"], csv).ok(), expected);
    assert_eq!(room.run_on(&["classify", "-", "--effort", "fast", "-o", "-"], csv).ok(), expected);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(csv.as_bytes()).unwrap();
    room.write("in.csv.gz", gzip.finish().unwrap());
    room.write("in.csv.zst", zstd::encode_all(csv.as_bytes(), 0).unwrap());
    for (input, output) in [("in.csv.gz", "out.csv.zst"), ("in.csv.zst", "out.csv.gz"), ("in.csv", "out.csv")] {
        assert_eq!(room.run(&["classify", input, "--effort", "fast", "-o", output]).ok(), "");
        let bytes = room.bytes(output);
        let mut text = String::new();
        match output {
            "out.csv.zst" => zstd::Decoder::new(&bytes[..]).unwrap().read_to_string(&mut text).unwrap(),
            "out.csv.gz" => flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap(),
            _ => (&bytes[..]).read_to_string(&mut text).unwrap(),
        };
        assert_eq!(text, expected, "{output}");
    }
}

#[test]
fn what_writers_write_shifts_no_offset() {
    let texts = [
        ("carriage returns", "Xi said:\r\n\"Putin lies.\"\r\n\r\nNATO met.", 3),
        ("soft hyphens", "Xi accused Wash\u{ad}ington of ly\u{ad}ing to NATO.", 3),
        ("curly quotes", "“Putin” and ‘NATO’ met; Beijing’s man left.", 3),
        ("no-break spaces", "Xi\u{a0}accused\u{a0}South\u{a0}Korea and\u{202f}Japan.", 3),
        ("emoji", "👍🏽 Xi 👨‍👩‍👧 praised 🇯🇵 Japan 👍.", 2),
        ("right to left", "שלום Xi קרא ל-NATO, وقال بوتين Putin.", 3),
        ("combining marks", "Ze\u{301}lie me\u{301}t Xi and Putin.", 2),
    ];
    for (name, text, least) in texts {
        let table = classify(&format!("text\n\"{}\"\n", text.replace('"', "\"\"")), &[]);
        table.check_offsets();
        assert!(table.rows.len() >= least, "{name}: {:?}", table.column("mention"));
        assert!(table.column("sentence").iter().all(|sentence| text.contains(sentence)), "{name}");
    }
}

#[test]
fn line_ends_and_byte_order_marks_change_nothing() {
    let plain = "id,text\n1,Xi praised Putin.\n2,NATO met.\n";
    let expected = classify(plain, &["--keep", "all"]);
    assert_eq!(classify(&plain.replace('\n', "\r\n"), &["--keep", "all"]), expected);
    assert_eq!(classify(&format!("\u{feff}{plain}"), &["--keep", "all"]), expected);
    assert_eq!(classify(&plain.replace(',', ";"), &["--keep", "all", "--delimiter", ";"]), expected);
    let numbered = classify("1,Xi praised Putin.\n2,NATO met.\n", &["--no-headers", "--text", "2", "--keep", "all"]);
    assert_eq!(numbered.rows, expected.rows);
}

/// Texts that hold actors, and everything between them that might shift an offset.
fn texts(most: usize) -> impl Strategy<Value = Vec<String>> {
    let actor = prop::sample::select(vec![
        "Xi",
        "Putin",
        "Beijing’s",
        "the U.S.",
        "NATO",
        "Japan",
        "US-led",
        "Sino-Russian",
        "Wash\u{ad}ington",
        "MOSCOW",
        "South\u{a0}Korea",
        "Zoë",
        "Erdoğan",
        "the Kremlin",
    ]);
    let glue = prop::sample::select(vec![
        " accused ",
        " praised ",
        ". ",
        "? ",
        ", ",
        " ",
        "\u{a0}",
        " – ",
        "\r\n",
        "\n\n",
        " 👍🏽 ",
        "👨‍👩‍👧",
        " שלום ",
        "\u{200f}",
        " مرحبا. ",
        "\u{ad}",
        "“",
        "”",
        "’",
        "'s ",
        "\"",
        "e\u{301}",
        "\u{feff}",
        "\t",
        "(",
        ") ",
        "…",
        "。",
        "-",
        "\u{200b}",
    ]);
    let part = prop_oneof![2 => actor, 3 => glue];
    prop::collection::vec(prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat()), 1..most)
}

fn csv_of(texts: &[String]) -> String {
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    writer.write_record(["text"]).unwrap();
    for text in texts {
        writer.write_record([text]).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn offsets_slice_every_sentence_to_its_mention(texts in texts(120)) {
        let table = classify(&csv_of(&texts), &["--mentions"]);
        table.check_offsets();
        for (row, sentence) in table.column("row").iter().zip(table.column("sentence")) {
            prop_assert!(texts[row.parse::<usize>().unwrap() - 1].contains(sentence));
        }
    }

    #[test]
    fn a_concatenated_file_gives_the_concatenated_rows(first in texts(40), second in texts(40)) {
        let all = classify(&csv_of(&[first.clone(), second.clone()].concat()), &[]);
        let mut parts = classify(&csv_of(&first), &[]);
        for mut row in classify(&csv_of(&second), &[]).rows {
            row[0] = (row[0].parse::<usize>().unwrap() + first.len()).to_string();
            parts.rows.push(row);
        }
        prop_assert_eq!(all, parts);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let verbs = ["praised", "accused", "met", "sanctioned", "thanked", "mocked", "joined"];
    let actors = ["Xi", "Putin", "NATO", "Japan", "the UN"];
    let mut csv = "id,text\n".to_owned();
    for at in 0..4500 {
        csv += &format!("{at},{} {} {}.\n", actors[at % 5], verbs[at % 7], actors[(at / 5) % 5]);
    }
    let room = Room::with("in.csv", &csv);
    let run = |threads: &str| room.run(&["classify", "in.csv", "--effort", "fast", "--id", "id", "--threads", threads]);
    let one = run("1").ok();
    assert!(one.lines().count() > 4500);
    assert_eq!(run("2").ok(), one);
    assert_eq!(run("4").ok(), one);
    assert!(run("0").failed(2).contains("--threads"));
}

#[test]
fn a_row_is_the_same_whichever_row_came_before_it() {
    let texts = [
        "Putin accused NATO of lies, and Japan did not object. Xi thanked Japan.",
        "Putin accused NATO of lies, and Japan did not object.",
        "Xi praised Gondor for backing Japan against Putin.",
    ];
    // Of one sentence, each actor's row sees other actors, one that no catalogue knows, and one by another name.
    let actors = ["NATO", "Japan", "Putin", "Vladimir Putin", "Gondor", "Xi", "nobody"];
    let rows = |between: &str| {
        let mut csv = "text,actor\n".to_owned();
        for text in texts {
            for actor in actors {
                csv += &format!("\"{text}\",{actor}\n{between}");
            }
        }
        let table = classify(&csv, &["--text", "text", "--actor-column", "actor", "--threads", "1"]);
        let shown =
            table.show(&["sentence", "actor", "mention", "start", "status", "supportive", "neutral", "critical"]);
        shown.lines().filter(|row| !row.contains("Xi left")).map(str::to_owned).collect::<Vec<_>>()
    };
    let in_turn = rows("");
    assert_eq!(in_turn.len(), 21);
    assert_eq!(in_turn, rows("Xi left Putin.,Xi\n"));
}

#[test]
fn bad_records_are_set_aside_with_their_reasons() {
    let csv = "id,text\n1,Xi left.\n2,Putin,left.\n3,NATO met.\n4,\"Japan\"x\n5,Japan won.\n";
    assert!(refused(csv, &[]).starts_with("error: in.csv: record 2 (line 3): found 3 cells, expected 2"));
    let room = Room::with("in.csv", csv);
    let ran = room.run(&["classify", "in.csv", "--effort", "fast", "--on-error", "skip", "--rejects", "bad.csv"]);
    assert!(ran.err.contains("2 bad records were set aside in bad.csv"), "{}", ran.err);
    assert_eq!(Table::of(&ran.ok()).show(&["row", "mention"]), "1 | Xi\n3 | NATO\n5 | Japan");
    let rejects = Table::of(&room.text("bad.csv"));
    assert_eq!(rejects.show(&["record", "line", "raw"]), "2 | 3 | 2,Putin,left.\n4 | 5 | 4,\"Japan\"x");
    let ran = room.run(&["classify", "in.csv", "--effort", "fast", "--on-error", "skip"]);
    assert!(ran.err.contains("2 bad records were skipped; --rejects FILE keeps them"), "{}", ran.err);
    let message = room.run(&["classify", "in.csv", "-o", "x.csv", "--rejects", "x.csv"]).failed(1);
    assert_eq!(message, "error: --rejects: found x.csv, which is the output, expected another file");
}

#[test]
fn an_output_appears_whole_or_not_at_all() {
    let bad = "id,text\n1,Xi left.\n2,Putin,left.\n";
    let room = Room::with("in.csv", bad);
    room.write("out.csv", "what was there\n");
    room.run(&["classify", "in.csv", "--effort", "fast", "-o", "out.csv"]).failed(1);
    assert_eq!(room.text("out.csv"), "what was there\n");
    assert_eq!(room.names(), ["in.csv", "out.csv"]);
    let message = room.run(&["classify", "in.csv", "--effort", "fast", "-o", "in.csv"]).failed(1);
    assert_eq!(message, "error: in.csv: is an input, expected another file for the output");
    assert_eq!(room.text("in.csv"), bad);
    let message = room.run(&["classify", "in.csv", "--effort", "fast", "-o", "no/such/out.csv"]).failed(1);
    assert_eq!(message, "error: no/such/out.csv: cannot be written: its folder does not exist");
}

#[test]
fn a_killed_run_leaves_no_output() {
    let room = Room::new();
    let mut child = room
        .plain(&["classify", "-", "--effort", "fast", "-o", "out.csv"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"id,text\n").unwrap();
    input.write_all("1,Xi praised Putin.\n".repeat(5000).as_bytes()).unwrap();
    // It is at work once its unfinished file is there.
    let start = Instant::now();
    while room.names().is_empty() && start.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!room.names().is_empty() && !room.has("out.csv"), "{:?}", room.names());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!room.has("out.csv"));
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let room = Room::with("in.csv", &format!("text\n{}", "Xi praised Putin.\n".repeat(50)));
    room.write("labelled.csv", "sentence,actor,label\nXi thanked Japan.,Japan,s\nXi left.,Xi,n\nXi hit Peru.,Peru,c\n");
    for arguments in [
        &["classify", "in.csv", "--effort", "fast"][..],
        &["classify", "in.csv", "--effort", "fast", "--format", "jsonl"],
        &["evaluate", "labelled.csv", "--effort", "fast"],
        &["evaluate", "labelled.csv", "--effort", "fast", "--json"],
        &["explain", "Xi praised NATO."],
        &["explain", "Xi praised NATO.", "--json"],
        &["model", "info"],
        &["model", "info", "--json", "--top", "3"],
        &["model", "info", "--top", "3"],
        &["model", "card"],
        &["actors", "list"],
        &["actors", "find", "Xi praised NATO."],
        &["actors", "discover", "in.csv"],
        &["completions", "bash"],
        &["man"],
        &["train", "labelled.csv", "-o", "m.safetensors", "--base", "none", "--alpha", "1", "--json"],
    ] {
        room.run_unread(arguments);
    }
    assert!(room.has("m.safetensors"), "the model is written all the same");
}

#[test]
fn reading_ends_when_the_reader_of_the_output_has_gone() {
    let room = Room::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = room.plain(&["classify", "-", "--effort", "fast", "--quiet"]);
    let mut child = command.stdin(Stdio::piped()).stdout(writer).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let line = "a,Xi praised Putin and NATO and Japan and Peru and Chile.\n".repeat(100);
    input.write_all(b"id,text\n").unwrap();
    // An input without end: the write fails once the command has left.
    let start = Instant::now();
    while input.write_all(line.as_bytes()).is_ok() {
        if start.elapsed() > Duration::from_mins(4) {
            child.kill().unwrap();
            panic!("it still reads");
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_is_wrong_is_told_in_one_line() {
    let csv = "id,headlin,txt\n1,Xi left,Xi left.\n";
    assert_snapshot!(refused(csv, &[]), @"error: in.csv: found no column with a usual name for text among id, headlin, txt, expected one of title, headline or text, body, content, article, sentence, article_text or full_text; name the column with --text");
    assert_snapshot!(refused(csv, &["--text", "text"]), @r#"error: in.csv: found no column "text", expected one of id, headlin, txt; did you mean "txt"?"#);
    assert_snapshot!(refused(csv, &["--text", "txt", "--keep", "headline"]), @r#"error: in.csv: found no column "headline", expected one of id, headlin, txt; did you mean "headlin"?"#);
    assert_snapshot!(refused(csv, &["--text", "txt", "--id", "uid"]), @r#"error: in.csv: found no column "uid", expected one of id, headlin, txt; did you mean "id"?"#);
    assert_snapshot!(refused("", &[]), @"error: in.csv: found an empty file, expected a header line");
    assert_snapshot!(refused("text\nXi\0left\n", &[]), @r#"error: in.csv: record 1 (line 2, byte 7), column "text": found a NUL byte, expected text"#);
    let two = refused(
        "a,b,actor,s,e\n",
        &["--text", "a,b", "--actor-column", "actor", "--start-column", "s", "--end-column", "e"],
    );
    assert_snapshot!(two, @"error: --text: found 2 columns, expected one where --start-column is given");
    let missing = Room::new().run(&["classify", "none.csv"]).failed(1);
    assert_snapshot!(missing, @"error: none.csv: cannot be read: No such file or directory (os error 2)");
    let model = Room::with("in.csv", csv).run(&["classify", "in.csv", "--text", "txt", "--model", "none"]).failed(1);
    assert_snapshot!(model, @"error: none: cannot be read: No such file or directory (os error 2)");
}

#[test]
fn a_file_with_a_header_alone_gives_a_header_alone() {
    let table = classify("id,text\n", &["--keep", "id"]);
    assert_eq!((table.rows.len(), table.columns.len()), (0, 12));
    let given = classify("text,actor\n", &["--actor-column", "actor"]);
    assert_eq!(given.rows.len(), 0);
}

#[test]
fn wrong_use_has_its_own_status() {
    let room = Room::with("in.csv", "text\nXi left.\n");
    for arguments in [
        &["classify"][..],
        &["classify", "in.csv", "--lable", "x"],
        &["classify", "in.csv", "--effort", "huge"],
        &["classify", "in.csv", "--start-column", "text"],
        &["classify", "in.csv", "--whole", "--split"],
        &["classify", "in.csv", "--mentions", "--level", "country"],
        &["classify", "in.csv", "--as-of", "2020", "--date-column", "text"],
        &["classify", "in.csv", "--delimiter", "ab"],
        &["train", "in.csv"],
        &["train", "-o", "x"],
        &["evaluate"],
        &["nonsense"],
    ] {
        let message = room.run(arguments).failed(2);
        assert!(
            message.starts_with("error: ") && (message.contains("Usage") || message.contains("--help")),
            "{arguments:?}: {message}"
        );
    }
    for arguments in [&["--help"][..], &["--version"], &["classify", "--help"], &["train", "--help"]] {
        assert!(room.run(arguments).ok().contains("toward"), "{arguments:?}");
    }
    assert_eq!(room.names(), ["in.csv"]);
}
