//! `toward train` and the models that it writes, through the built binary.

#[path = "cli_support/mod.rs"]
mod support;

use std::sync::OnceLock;

use insta::assert_snapshot;
use support::{Room, Table, repository, repository_file};
use toward::model::Model;

/// A model of the examples alone: its bytes, and what training printed.
fn own_model() -> &'static (Vec<u8>, serde_json::Value) {
    static MODEL: OnceLock<(Vec<u8>, serde_json::Value)> = OnceLock::new();
    MODEL.get_or_init(|| train(&["--base", "none", "--threads", "1"]))
}

fn train(options: &[&str]) -> (Vec<u8>, serde_json::Value) {
    let room = Room::new();
    let examples = repository_file("examples/labelled.csv");
    let shared = ["train", &examples, "-o", "my.safetensors", "--alpha", "30", "--json"];
    let report = room.run(&[&shared, options].concat()).ok();
    (room.bytes("my.safetensors"), serde_json::from_str(&report).unwrap())
}

/// What every command says of a model.
fn check_model(bytes: &[u8], sets: &[&str]) {
    let room = Room::with("in.csv", "text\nXi praised NATO and Japan.\n");
    room.write("my.safetensors", bytes);
    let examples = repository_file("examples/labelled.csv");

    let info: serde_json::Value =
        serde_json::from_str(&room.run(&["model", "info", "my.safetensors", "--json"]).ok()).unwrap();
    assert_eq!((info["name"].as_str(), info["date"].as_str()), (Some("my"), Some("2026-03-04")));
    let trained: Vec<&str> =
        info["training"].as_array().unwrap().iter().map(|set| set["name"].as_str().unwrap()).collect();
    assert_eq!(trained, sets);
    let own = info["training"].as_array().unwrap().last().unwrap();
    assert_eq!(own["counts"], serde_json::json!([38, 70, 42]));
    assert_eq!(own["sha256"][0], toward::model::checksum(&std::fs::read(&examples).unwrap()));

    let page = room.run(&["model", "info", "my.safetensors", "--top", "2"]).ok();
    assert!(page.contains("labelled") && page.contains("strongest for critical"), "{page}");
    let verified = room.run(&["model", "verify", "my.safetensors"]).ok();
    let features = info["features"].as_u64().unwrap();
    assert_eq!(
        verified,
        format!("my.safetensors: whole, {features} features, checksum {}\n", info["checksum"].as_str().unwrap())
    );
    let card = room.run(&["model", "card", "my.safetensors"]).ok();
    assert!(card.starts_with("---\n") && card.contains("| labelled | 150 | 38 | 70 | 42 |"), "{card}");

    let classify = ["classify", "in.csv", "--model", "my.safetensors", "--effort", "fast"];
    assert_eq!(Table::of(&room.run(&classify).ok()).column("mention"), ["Xi", "NATO", "Japan"]);
    let explained = room.run(&["explain", "Xi praised NATO.", "--model", "my.safetensors", "--json"]).ok();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&explained).unwrap().as_array().unwrap().len(), 2);
    let evaluate = ["evaluate", &examples, "--model", "my.safetensors", "--effort", "fast", "--json"];
    let report: serde_json::Value = serde_json::from_str(&room.run(&evaluate).ok()).unwrap();
    assert_eq!(report["n"], 150);
    assert!(report["macro_f1"].as_f64().unwrap() > 0.6, "it knows what it was trained on: {report}");
}

#[test]
fn a_model_trained_from_nothing_is_accepted_by_every_command() {
    let (bytes, report) = own_model();
    check_model(bytes, &["labelled"]);
    assert_eq!((&report["mentions"], &report["alpha"]), (&150.into(), &30.0.into()));
    assert!(report["base_fast"].is_null());
    assert_eq!(report["full"].is_null(), !cfg!(feature = "encoder"), "the dense model is reported where there is one");
    assert_eq!(report["fast"]["n"], 150);
}

#[test]
fn a_model_adapted_from_the_default_is_accepted_by_every_command() {
    let (bytes, report) = train(&["--base", "default"]);
    let base = Model::embedded().unwrap().provenance;
    let mut sets: Vec<&str> = base.training.iter().map(|set| set.name.as_str()).collect();
    sets.push("labelled");
    check_model(&bytes, &sets);
    assert!(report["base_fast"]["macro_f1"].is_f64(), "it is shown beside its base");
    assert!(report["features"].as_u64().unwrap() >= base.features as u64, "what the base knew is kept");
}

#[test]
fn training_gives_the_same_bytes_at_any_number_of_threads() {
    assert!(train(&["--base", "none", "--threads", "2"]).0 == own_model().0);
}

#[test]
fn the_report_tells_of_documents_not_seen() {
    let room = Room::new();
    let mut csv = "sentence,actor,label,group\n".to_owned();
    for (at, (verb, label)) in [("praised", "s"), ("met", "n"), ("slammed", "c")].iter().cycle().take(24).enumerate() {
        csv += &format!("Ministers {verb} Japan on day {at}.,Japan,{label},{}\n", at / 6);
    }
    room.write("labelled.csv", csv);
    let ran = room.run(&["train", "labelled.csv", "-o", "m.safetensors", "--base", "none", "--alpha", "0.1"]);
    assert!(ran.err.contains("on groups not seen in training (4-fold"), "{}", ran.err);
    assert!(ran.err.contains("wrote m.safetensors"), "{}", ran.err);
    assert_eq!(ran.ok(), "", "data go to standard output, and there are none");
    let quiet = room.run(&["train", "labelled.csv", "-o", "m.safetensors", "--base", "none", "--alpha", "1", "-q"]);
    assert_eq!(quiet.err, "");
}

#[test]
fn a_label_of_one_document_only_can_be_learnt() {
    let csv = "sentence,actor,label,group\nThey thanked Japan.,Japan,s,a\nThey met Japan.,Japan,n,b\n\
               They met Peru.,Peru,n,c\nThey hit Japan.,Japan,c,d\nThey hit Peru.,Peru,c,e\n";
    let room = Room::with("labelled.csv", csv);
    room.run(&["train", "labelled.csv", "-o", "m.safetensors", "--base", "none", "--alpha", "1"]).ok();
    room.run(&["model", "verify", "m.safetensors"]).ok();
}

#[test]
fn what_is_wrong_with_labels_is_told_and_nothing_is_written() {
    let refused = |csv: &str| {
        let room = Room::with("l.csv", csv);
        let message = room.run(&["train", "l.csv", "-o", "m.safetensors", "--base", "none", "--quiet"]).failed(1);
        assert_eq!(room.names(), ["l.csv"]);
        message
    };
    assert_snapshot!(refused("sentence,actor,label\nXi left.,Xi,angry\n"), @r#"error: l.csv: record 1 (line 2), column "label": found "angry", expected supportive, neutral or critical; `toward convert --map` turns other names into these"#);
    assert_snapshot!(refused("sentence,actor,label\nXi left.,Xi,n\nXi won.,Xi,n\n"), @"error: all 2 labels are neutral: expected at least two different labels");
    assert_snapshot!(refused("sentence,actor,label\nXi left.,Xi,n\nXi won.,Xi,s\n"), @"error: no row of a weight above 0 is critical: every label needs at least one");
    assert_snapshot!(refused("sentence,actor,label\nXi left.,Peru,n\nXi won.,Xi,s\n"), @r#"error: l.csv: record 1 (line 2), column "actor": found "Peru", which the sentence does not name; give start and end, or add the name to the catalogue with --actors"#);
    assert_snapshot!(refused("sentence,actor,label\nA b.,Peru,n\nC d.,Peru,s\n"), @r#"error: l.csv: record 1 (line 2), column "actor": found "Peru", which the sentence does not name; give start and end, or add the name to the catalogue with --actors (and 1 more such records)"#);
    assert_snapshot!(refused("sentence,actor,label,start,end\nXi left.,Xi,n,3,12\n"), @r#"error: l.csv: record 1 (line 2), column "start": found 3-12 in a text of 8 characters, expected offsets in Unicode code points, end exclusive"#);
    assert_snapshot!(refused("sentence,actor,label,start,end\nWe met Peru.,Peru,n,8,12\n"), @r#"error: l.csv: record 1 (line 2), column "start": found "eru." at 8-12, expected the mention "Peru"; the offsets seem to count from 1, expected from 0"#);
    assert_snapshot!(refused("sentence,target,label\nXi left.,Xi,n\n"), @r#"error: l.csv: found no column "actor", expected one of sentence, target, label; name the column that holds the actor so"#);
    assert_snapshot!(refused("sentence,actor,labl\nXi left.,Xi,n\n"), @r#"error: l.csv: found no column "label", expected one of sentence, actor, labl; did you mean "labl"?"#);
    assert_snapshot!(refused("sentence,actor,label\n"), @"error: l.csv: found no usable record, expected labelled sentences");
    assert_snapshot!(refused(""), @"error: l.csv: found an empty file, expected a header line");
    assert_snapshot!(refused("sentence,actor,label,group\nXi left.,Xi,n,a\nXi won.,Xi,s,a\nXi lied.,Xi,c,a\n"), @"error: all labelled mentions are of one document: expected at least two, to test on one what is learnt from others");
    let room = Room::with("l.csv", "sentence,actor,label\nXi left.,Xi,n\nXi won.,Xi,s\n");
    let wrong = |options: &[&str]| {
        room.run(&[&["train", "l.csv", "-o", "m.safetensors", "--quiet"], options].concat()).failed(1)
    };
    assert_snapshot!(wrong(&["--alpha=-1"]), @"error: alpha is -1: expected a finite number, 0 or above");
    assert_snapshot!(wrong(&["--group", "doc"]), @r#"error: l.csv: found no column "doc", expected one of sentence, actor, label"#);
    assert_snapshot!(wrong(&["--base", "none.safetensors"]), @"error: none.safetensors: cannot be read: No such file or directory (os error 2)");
    let message = room.run(&["train", "l.csv", "-o", "l.csv"]).failed(1);
    assert_snapshot!(message, @"error: l.csv: is an input, expected another file for the output");
}

/// A folder with the recipe of the fixtures.
fn recipe_room() -> Room {
    let room = Room::new();
    for name in ["recipe.toml", "own.txt", "own-dev.csv"] {
        room.write(name, std::fs::read(repository("tests/fixtures/cli/recipe").join(name)).unwrap());
    }
    room
}

#[test]
fn a_recipe_is_built_from_its_own_sets_byte_for_byte() {
    let room = recipe_room();
    let arguments = ["train", "--recipe", "recipe.toml", "--only-own", "--threads"];
    let ran = room.run(&[&arguments[..], &["1", "-o", "a.safetensors"]].concat());
    assert!(ran.err.contains("own: 24 mentions"), "{}", ran.err);
    assert!(ran.err.contains("own-dev, effort fast: macro-F1"), "{}", ran.err);
    assert!(ran.err.contains("own-dev; 1 row is left out, for its sentence does not name the actor"), "{}", ran.err);
    ran.ok();
    room.run(&[&arguments[..], &["2", "-o", "b.safetensors"]].concat()).ok();
    assert!(room.bytes("a.safetensors") == room.bytes("b.safetensors"));
    let info: serde_json::Value =
        serde_json::from_str(&room.run(&["model", "info", "a.safetensors", "--json"]).ok()).unwrap();
    assert_eq!((info["name"].as_str(), info["date"].as_str()), (Some("tiny"), Some("2026-01-02")));
    assert_eq!(info["training"].as_array().unwrap().len(), 1);
    assert_eq!(info["scores"][0]["n"], 3);
}

#[test]
fn sets_that_are_not_there_are_listed_and_stop_the_build() {
    let room = recipe_room();
    let before = room.names();
    let arguments = ["train", "--recipe", "recipe.toml", "--data", "elsewhere", "-o", "m.safetensors"];
    assert_eq!(
        room.run(&arguments).failed(1),
        "error: these files of the recipe are not there: elsewhere/others/train.csv (others), \
         elsewhere/others/dev.csv (others-dev); give their folder with --data, or train on our own corpus alone \
         with --only-own"
    );
    room.write("recipe.toml", "name = \"x\"\ndate = \"2026-01-02\"\nstes = 1\n");
    let message = room.run(&arguments).failed(1);
    assert!(message.starts_with("error: recipe.toml: ") && message.contains("stes"), "{message}");
    assert_eq!(room.names(), before);
    assert!(room.run(&["train", "l.csv", "--recipe", "recipe.toml", "-o", "m"]).failed(2).contains("cannot be used"));
}

#[test]
fn the_projects_own_recipe_names_files_that_are_there() {
    let mut recipe = toward::model::Recipe::open(&repository("training/recipe.toml")).unwrap();
    recipe.keep_own();
    recipe.locate(&repository("training/recipe.toml"), &repository("data")).unwrap();
}

#[test]
fn a_truncated_model_is_refused_at_any_length() {
    let bytes = &own_model().0;
    for length in (0..bytes.len()).step_by(1000) {
        let error = Model::from_bytes(&bytes[..length]).expect_err("it is cut").to_string();
        assert!(!error.contains('\n'), "{error}");
    }
    let room = Room::new();
    for length in [0, 1, 7, 8, 100, 4000, bytes.len() / 2, bytes.len() - 1] {
        room.write("cut.safetensors", &bytes[..length]);
        let message = room.run(&["model", "verify", "cut.safetensors"]).failed(1);
        assert!(message.starts_with("error: cut.safetensors: is "), "{message}");
    }
    room.write("in.csv", "text\nXi left.\n");
    for arguments in [
        &["classify", "in.csv", "--model", "cut.safetensors", "-o", "out.csv"][..],
        &["model", "info", "cut.safetensors"],
        &["model", "card", "cut.safetensors"],
        &["explain", "Xi left.", "--model", "cut.safetensors"],
        &["train", "in.csv", "--base", "cut.safetensors", "-o", "m.safetensors"],
        &["evaluate", "in.csv", "--model", "cut.safetensors"],
    ] {
        let message = room.run(arguments).failed(1);
        assert!(message.starts_with("error: cut.safetensors: is "), "{message}");
    }
    assert_eq!(room.names(), ["cut.safetensors", "in.csv"]);
}

#[test]
fn a_flipped_bit_among_the_numbers_is_found_and_one_elsewhere_is_no_panic() {
    let bytes = &own_model().0;
    let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for at in (0..bytes.len()).step_by(397) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        let read = Model::from_bytes(&damaged);
        assert!(read.is_err() || at < header, "byte {at}");
        if let Err(error) = read {
            assert!(!error.to_string().contains('\n'), "{error}");
        }
    }
    let room = Room::new();
    for at in [0, 7, 8, header, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        room.write("damaged.safetensors", damaged);
        let message = room.run(&["model", "verify", "damaged.safetensors"]).failed(1);
        assert!(message.starts_with("error: damaged.safetensors: is "), "{message}");
    }
}

#[test]
fn foreign_newer_and_older_files_are_named() {
    let room = Room::new();
    let verify = |bytes: &[u8]| {
        room.write("m.safetensors", bytes);
        room.run(&["model", "verify", "m.safetensors"]).failed(1)
    };
    let foreign = verify(b"sentence,actor,label\nXi left.,Xi,n\n");
    assert!(
        foreign.contains("is not a model of toward") && foreign.contains("expected a .safetensors file"),
        "{foreign}"
    );
    let other = safetensors::serialize(Vec::<(&str, safetensors::tensor::TensorView<'_>)>::new(), None).unwrap();
    assert!(verify(&other).contains("is not a model of toward: its metadata have no key \"toward\""));
    let newer = replaced(&own_model().0, br#"\"format\":3,"#, br#"\"format\":9,"#);
    assert_snapshot!(verify(&newer), @"error: m.safetensors: has format 9, but this version of toward reads up to 3; use a newer toward");
    let older = replaced(&own_model().0, br#"\"format\":3,"#, br#"\"format\":2,"#);
    assert_snapshot!(verify(&older), @"error: m.safetensors: has format 2, but this version of toward reads 3; train it again");
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).expect("it is there");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}
