//! `toward classify --shard`: what the machines write, one after the other, is what one would have written.

#[path = "cli_support/mod.rs"]
mod support;

use std::io::{Read, Write};
use std::process::Stdio;

use support::Room;

/// Quoted line ends, doubled quotes, empty lines, an empty cell, a record without actors, and ten records.
const NEWS: &str = "id,text\n\
    1,Xi praised Putin.\n\
    2,\"NATO met.\n\nJapan said \"\"no\"\", and \"\"never\"\".\n\"\n\
    \n\
    3,\"\"\n\
    4,It rained.\n\
    5,\"Putin thanked Beijing.\r\nWashington condemned Moscow.\"\r\n\
    6,\"6,not a record\n7,nor this: Iran accused Israel.\"\n\
    \n\n\
    7,Xi praised Putin.\n\
    8,\"The UN, in a statement, blamed Sudan.\"\n\
    9,Berlin welcomed Paris.\n\
    10,Kyiv";

/// The parts' outputs, one after the other.
#[track_caller]
fn parts(room: &Room, of: u32, arguments: &[&str]) -> String {
    let part = |part: u32| room.run(&[arguments, &["--shard", &format!("{part}/{of}")]].concat()).ok();
    (1..=of).map(part).collect()
}

#[test]
fn the_parts_make_the_whole() {
    let room = Room::with("in.csv", NEWS);
    let given = ["--actor-column", "id", "--keep", "text", "--date-column", "id"];
    for (options, parted) in
        [(&["--id", "id"][..], &[1, 2, 13][..]), (&["--format", "jsonl", "--mentions"], &[3]), (&given, &[4])]
    {
        let arguments = [&["classify", "in.csv", "--effort", "fast"], options].concat();
        let whole = room.run(&arguments).ok();
        assert!(whole.lines().count() >= 10);
        for &of in parted {
            assert_eq!(parts(&room, of, &arguments), whole, "{of} parts, {options:?}");
        }
    }
}

#[test]
fn the_encoder_answers_alike_in_every_part() {
    let room = Room::with("in.csv", NEWS);
    let arguments = ["classify", "in.csv", "--effort", "full"];
    assert_eq!(parts(&room, 2, &arguments), room.run(&arguments).ok());
}

#[test]
fn a_part_has_its_records_under_their_numbers() {
    let room = Room::with("in.csv", NEWS);
    let run = |shard: &str| room.run(&["classify", "in.csv", "--effort", "fast", "--shard", shard]);
    let numbers = |out: &str| {
        let mut numbers: Vec<String> = out.lines().map(|line| line.split(',').next().unwrap().to_owned()).collect();
        numbers.dedup();
        numbers
    };
    assert_eq!(numbers(&run("4/5").ok()), ["7", "8"], "no header but in the first part");
    let ran = run("1/5");
    assert!(ran.err.starts_with("2 records, "), "{}", ran.err);
    assert_eq!(numbers(&ran.out)[0], "row");
}

#[test]
fn blank_files_and_all_kinds_of_headers_and_line_ends() {
    let files: [(&str, &[u8], &[&str]); 7] = [
        ("header only", b"id,text\n", &[]),
        ("no records of many columns", b"id,text\n\n\n", &[]),
        ("records of one column may be empty", b"text\n\nXi left.\n\n\nPutin left.\n\n", &["--keep", "all"]),
        ("without header", b"\n\nXi left.\n\nPutin left.", &["--no-headers", "--keep", "all"]),
        ("carriage returns", b"id,text\r1,Xi left.\r\n2,Putin left.\r\r3,Japan won.", &["--keep", "all"]),
        ("byte order mark", b"\xEF\xBB\xBFtext\nXi left.\nPutin left.\n", &["--keep", "all"]),
        ("another encoding", b"text\nXi left Bogot\xE1.\nPutin left.\n", &["--encoding", "windows-1252"]),
    ];
    for (name, bytes, options) in files {
        let room = Room::new();
        room.write("in.csv", bytes);
        let arguments = [&["classify", "in.csv", "--effort", "fast"], options].concat();
        let whole = room.run(&arguments).ok();
        assert_eq!(parts(&room, 3, &arguments), whole, "{name}");
    }
}

#[test]
fn packed_files_are_counted_unpacked_and_packed_parts_follow_each_other() {
    let room = Room::with("in.csv", NEWS);
    let whole = room.run(&["classify", "in.csv", "--effort", "fast"]).ok();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(NEWS.as_bytes()).unwrap();
    room.write("in.csv.gz", gzip.finish().unwrap());
    room.write("in.csv.zst", zstd::encode_all(NEWS.as_bytes(), 0).unwrap());
    for (input, packing) in [("in.csv.gz", "zst"), ("in.csv.zst", "gz")] {
        let mut bytes = Vec::new();
        for part in ["1/3", "2/3", "3/3"] {
            let output = format!("out.csv.{packing}");
            room.run(&["classify", input, "--effort", "fast", "--shard", part, "-o", &output]).ok();
            bytes.extend(room.bytes(&output));
        }
        let mut text = String::new();
        match packing {
            "zst" => zstd::Decoder::new(&bytes[..]).unwrap().read_to_string(&mut text).unwrap(),
            _ => flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap(),
        };
        assert_eq!(text, whole, "{input}");
    }
}

#[test]
fn a_bad_record_is_the_affair_of_one_part() {
    let csv = "id,text\n1,Xi left.\n2,Putin left.,or not\n3,Japan won.\n4,\"NATO\" met.\n5,Iran left.\n6,\"open\n7,Cuba won.\n";
    let room = Room::with("in.csv", csv);
    let skip = ["classify", "in.csv", "--effort", "fast", "--on-error", "skip", "--rejects", "bad.csv"];
    let whole = room.run(&skip).ok();
    let rejects = room.text("bad.csv");
    assert_eq!(rejects.lines().count(), 4);
    let header = rejects.lines().next().unwrap().to_owned() + "\n";
    for of in [2, 3] {
        let (mut out, mut bad) = (String::new(), header.clone());
        for part in 1..=of {
            out += &room.run(&[&skip[..], &["--shard", &format!("{part}/{of}")]].concat()).ok();
            bad += room.text("bad.csv").strip_prefix(&header).unwrap();
        }
        assert_eq!((out, &bad), (whole.clone(), &rejects), "{of} parts");
    }
    // Seven records in seven parts: three of them are bad.
    for (part, message) in [(3, None), (4, Some("record 4 (line 5)"))] {
        let ran = room.run(&["classify", "in.csv", "--effort", "fast", "-o", "o.csv", "--shard", &format!("{part}/7")]);
        match message {
            None => assert_eq!(ran.ok(), ""),
            Some(message) => assert!(ran.failed(1).starts_with(&format!("error: in.csv: {message}"))),
        }
    }
}

#[test]
fn what_is_no_part_or_cannot_be_read_twice_is_refused() {
    let room = Room::with("in.csv", NEWS);
    for (shard, message) in [
        ("0/4", "found part 0 of 4, expected a part from 1 to 4, such as 1/4"),
        ("5/4", "found part 5 of 4, expected a part from 1 to 4, such as 1/4"),
        ("1/0", "found 0 parts, expected at least 1, such as 1/1"),
        ("a/b", "found \"a/b\", expected a part and how many, such as 2/8"),
    ] {
        let error = room.run(&["classify", "in.csv", "--shard", shard]).failed(2);
        assert!(error.contains(message), "{error}");
    }
    let wanted = "expected a file, for its records are counted before they are labelled";
    let error = room.run_on(&["classify", "-", "--shard", "1/2"], NEWS).failed(1);
    assert_eq!(error, format!("error: --shard: found standard input, {wanted}"));
    if cfg!(unix) {
        let mut command = room.plain(&["classify", "/dev/stdin", "--shard", "1/2"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdin.take());
        let mut error = String::new();
        child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1));
        assert_eq!(error, format!("error: --shard: found /dev/stdin, which is a pipe or device, {wanted}\n"));
    }
    let error = room.run(&["classify", "missing.csv", "--shard", "1/2"]).failed(1);
    assert!(error.starts_with("error: missing.csv: cannot be read: "), "{error}");
}
