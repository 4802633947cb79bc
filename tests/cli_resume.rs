//! Runs that end early, by `kill -9`, a bad record or a full disk: what is left, and what `--resume` makes of it.

#[path = "cli_support/mod.rs"]
mod support;

use std::process::Stdio;
use std::time::Duration;

use support::Room;

/// Some blocks of records; a few name an actor, so that rows are written all along.
fn news(records: usize) -> String {
    let mut csv = "id,text\n".to_owned();
    for id in 0..records {
        csv.push_str(&match id % 100 {
            0 => format!("{id},\"Envoys thanked Japan, and\nthen blamed Peru {id} times.\"\n"),
            50 => format!("{id},“Kenya won” 👍.\n"),
            _ => format!("{id},Dull.\n"),
        });
    }
    csv
}

/// A record of two cells too many, at the end of a file, where it stops a run after all blocks but the last.
const BAD: &str = "9,a,b,c\n";

const CLASSIFY: [&str; 4] = ["classify", "in.csv", "--effort", "fast"];

fn arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&CLASSIFY, more].concat()
}

/// A room with an interrupted run of `records` records to out.csv.
#[track_caller]
fn interrupted(records: usize, options: &[&str]) -> Room {
    let room = Room::with("in.csv", &(news(records) + BAD));
    let error = room.run(&arguments(&[&["-o", "out.csv", "--resume"], options].concat())).failed(1);
    assert!(error.contains("found 4 cells, expected 2"), "{error}");
    assert!(room.has("out.csv.part") && room.has("out.csv.part.journal") && !room.has("out.csv"));
    room
}

/// The number of the last record that a journal says is finished.
fn finished(room: &Room) -> u64 {
    let Ok(journal) = std::fs::read_to_string(room.path("out.csv.part.journal")) else { return 0 };
    let whole = journal.rfind('\n').map_or("", |end| &journal[..end]);
    let last = whole.lines().skip(1).last().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    last.map_or(0, |last| last["input"]["row"].as_u64().unwrap())
}

#[test]
fn a_run_killed_at_any_moment_loses_no_finished_block() {
    let kills: u32 = std::env::var("TOWARD_KILLS").map_or(4, |kills| kills.parse().unwrap());
    let room = Room::with("in.csv", &(news(40_000) + BAD + &news(3)[8..]));
    room.run(&arguments(&["-o", "whole.csv", "--on-error", "skip", "--rejects", "whole-bad.csv"])).ok();
    let resume = arguments(&["-o", "out.csv", "--resume", "--on-error", "skip", "--rejects", "bad.csv"]);
    let mut random = fastrand::Rng::with_seed(7);
    let (mut killed, mut rounds) = (0, 0);
    while killed < kills {
        let before = finished(&room);
        let mut run = room.plain(&resume).stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // At a random moment after it has begun, or after some blocks.
        let blocks = random.u64(..3);
        while blocks > 0 && finished(&room) < before + 4096 * blocks && run.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(random.u64(..100)));
        run.kill().unwrap();
        if run.wait().unwrap().success() {
            // It was done before: the next run begins anew.
            rounds += 1;
            assert_eq!(room.bytes("out.csv"), room.bytes("whole.csv"));
            assert_eq!(room.names(), ["bad.csv", "in.csv", "out.csv", "whole-bad.csv", "whole.csv"]);
            std::fs::remove_file(room.path("out.csv")).unwrap();
            std::fs::remove_file(room.path("bad.csv")).unwrap();
            continue;
        }
        killed += 1;
        let done = room.has("out.csv") && room.bytes("out.csv") == room.bytes("whole.csv");
        assert!(!room.has("out.csv") || done, "an output appears whole or not at all");
        assert!(done || finished(&room) >= before, "a finished block was lost");
    }
    eprintln!("{killed} kills, {rounds} runs that were done in between, the last block {} at the end", finished(&room));
    room.run(&resume).ok();
    assert_eq!(room.bytes("out.csv"), room.bytes("whole.csv"));
    assert_eq!(room.bytes("bad.csv"), room.bytes("whole-bad.csv"));
    assert_eq!(room.names(), ["bad.csv", "in.csv", "out.csv", "whole-bad.csv", "whole.csv"]);
}

#[test]
fn an_interrupted_run_goes_on_after_its_last_block() {
    let room = interrupted(9000, &[]);
    assert_eq!(finished(&room), 8192);
    let part = room.bytes("out.csv.part");
    // The bad record is mended: what was read before it is the same.
    room.write("in.csv", news(9000));
    let ran = room.run(&arguments(&["-o", "out.csv", "--resume"]));
    assert!(ran.err.contains("going on after record 8192"), "{}", ran.err);
    let summary = ran.err.lines().last().unwrap().to_owned();
    ran.ok();
    assert_eq!(room.names(), ["in.csv", "out.csv"]);
    assert!(room.bytes("out.csv").starts_with(&part[..part.len() / 2]));
    let whole = room.run(&arguments(&["-o", "whole.csv"]));
    assert_eq!(whole.err.lines().last().unwrap(), summary, "counts go on too");
    assert_eq!(room.bytes("out.csv"), room.bytes("whole.csv"));
}

#[test]
fn compressed_files_and_other_encodings_are_gone_on_with() {
    for (name, encoding, packed) in [
        ("in.csv.gz", None, "out.csv.zst"),
        ("in.csv.zst", None, "out.csv.gz"),
        ("in.csv", Some("utf-16le"), "out.csv.zst"),
    ] {
        let room = Room::new();
        let write = |text: String| {
            let bytes = match encoding {
                Some(_) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                None => text.into_bytes(),
            };
            let mut output = toward::data::Output::create(room.path(name), &[]).unwrap();
            output.write_block(&bytes).unwrap();
            output.finish().unwrap();
        };
        let encoding = encoding.map_or(vec![], |encoding| vec!["--encoding", encoding]);
        let arguments =
            |output| [&["classify", name, "--effort", "fast", "-o", output, "--resume"], &encoding[..]].concat();
        write(news(5000) + BAD);
        room.run(&arguments(packed)).failed(1);
        write(news(5000));
        let whole = format!("whole-{packed}");
        room.run(&arguments(&whole)).ok();
        let went_on = room.run(&arguments(packed));
        assert!(went_on.err.contains("going on after record 4096"), "{}", went_on.err);
        went_on.ok();
        assert_eq!(room.bytes(packed), room.bytes(&whole));
    }
}

#[test]
fn other_options_and_another_input_are_refused_and_nothing_is_touched() {
    let room = interrupted(5000, &["--level", "country"]);
    let left = (room.bytes("out.csv.part"), room.bytes("out.csv.part.journal"));
    let refused = |options: &[&str], message: &str| {
        let error = room.run(&arguments(&[&["-o", "out.csv", "--resume"], options].concat())).failed(1);
        assert!(error.contains(message), "{error}");
        assert_eq!((room.bytes("out.csv.part"), room.bytes("out.csv.part.journal")), left);
    };
    refused(&["--level", "actor"], "--resume: found --level Actor, expected Country, as in the run that left ");
    refused(&["--level", "country", "--keep", "id"], "--resume: found --keep \"id\", expected nothing, as in the run");
    room.write("actors.csv", "name\nZoria\n");
    refused(&["--level", "country", "--actors", "actors.csv"], "--resume: found --actors ");
    room.write("in.csv", news(5000).replacen("Japan", "Nepal", 1) + BAD);
    refused(&["--level", "country"], "--resume: found in.csv with other content in its first ");
    room.write("in.csv", news(100));
    refused(&["--level", "country"], "--resume: found in.csv with other content in its first ");
    // Without --resume the run is a new one, and says that there is another.
    let ran = room.run(&arguments(&["-o", "out.csv"]));
    assert!(ran.err.contains("out.csv.part is of an interrupted run"), "{}", ran.err);
    ran.ok();
    assert_eq!((room.bytes("out.csv.part"), room.bytes("out.csv.part.journal")), left);
}

#[test]
fn a_run_that_ended_while_it_finished_is_finished() {
    for renamed in [false, true] {
        let room = interrupted(5000, &["--rejects", "bad.csv"]);
        let journal = room.text("out.csv.part.journal");
        let last: serde_json::Value = serde_json::from_str(journal.lines().last().unwrap()).unwrap();
        let length = |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let rows = room.bytes("out.csv.part")[..length(&last["output"])].to_vec();
        let rejects = room.bytes("bad.csv.part")[..length(&last["input"]["rejects"])].to_vec();
        room.write("out.csv.part", &rows).write("bad.csv.part", &rejects);
        room.write("out.csv.part.journal", journal.replace("\"finished\":false", "\"finished\":true"));
        if renamed {
            std::fs::rename(room.path("bad.csv.part"), room.path("bad.csv")).unwrap();
        }
        let ran = room.run(&arguments(&["-o", "out.csv", "--resume", "--rejects", "bad.csv"]));
        assert!(ran.err.starts_with("4096 records, "), "{}", ran.err);
        ran.ok();
        assert_eq!((room.bytes("out.csv"), room.bytes("bad.csv")), (rows, rejects));
        assert_eq!(room.names(), ["bad.csv", "in.csv", "out.csv"]);
    }
}

#[test]
fn a_run_without_a_finished_block_leaves_nothing() {
    let room = Room::with("in.csv", &(news(10) + BAD));
    room.run(&arguments(&["-o", "out.csv", "--resume"])).failed(1);
    assert_eq!(room.names(), ["in.csv"]);
    room.run(&arguments(&["-o", "out.csv", "--resume", "--text", "none"])).failed(1);
    assert_eq!(room.names(), ["in.csv"]);
}

#[test]
fn only_files_can_be_gone_on_with_and_never_the_input() {
    let room = Room::with("in.csv", &news(3));
    let error = room.run(&arguments(&["--resume"])).failed(1);
    assert!(error.contains("--resume: found standard output, expected an output that is a file"), "{error}");
    let error = room.run(&arguments(&["--resume", "-o", "in.csv"])).failed(1);
    assert!(error.contains("in.csv: is an input, expected another file for the output"), "{error}");
    assert_eq!(room.names(), ["in.csv"]);
    // Standard input is read again up to the place.
    let records = news(9000);
    let arguments = ["classify", "-", "--effort", "fast", "-o", "out.csv", "--resume"];
    room.run_on(&arguments, records.clone() + BAD).failed(1);
    let ran = room.run_on(&arguments, records.clone());
    assert!(ran.err.contains("going on after record 8192"), "{}", ran.err);
    room.run_on(&["classify", "-", "--effort", "fast", "-o", "whole.csv"], records).ok();
    assert_eq!(room.bytes("out.csv"), room.bytes("whole.csv"));
}

/// Runs the command with files limited to so many blocks of 512 bytes, as a quota does, without the signal that would kill.
#[cfg(target_os = "linux")]
fn limited(room: &Room, blocks: u32, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = std::process::Command::new("sh");
    command.args([
        "-c",
        &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""),
        env!("CARGO_BIN_EXE_toward"),
    ]);
    command.args(arguments).current_dir(room.path("")).env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_leaves_the_old_file_or_what_can_be_gone_on_with() {
    let room = Room::with("in.csv", &news(12_000));
    room.run(&arguments(&["-o", "whole.csv"])).ok();
    room.write("out.csv", "old");
    let length = u32::try_from(room.bytes("whole.csv").len()).unwrap();
    for share in [0, 1, 2, 3] {
        let blocks = length / 512 * share / 4;
        let (code, error) = limited(&room, blocks, &arguments(&["-o", "out.csv"]));
        assert_eq!((code, room.text("out.csv").as_str()), (Some(1), "old"), "{error}");
        assert_eq!(error.trim_end(), "error: out.csv: cannot be written: the file would be larger than is allowed");
        assert_eq!(room.names(), ["in.csv", "out.csv", "whole.csv"]);
    }
    let resume = arguments(&["-o", "out.csv", "--resume"]);
    let (code, error) = limited(&room, length / 512 * 3 / 4, &resume);
    assert_eq!((code, room.text("out.csv").as_str()), (Some(1), "old"), "{error}");
    assert!(finished(&room) >= 4096, "{error}");
    let ran = room.run(&resume);
    assert!(ran.err.contains("going on after record "), "{}", ran.err);
    assert_eq!(room.bytes("out.csv"), room.bytes("whole.csv"));
    assert_eq!(room.names(), ["in.csv", "out.csv", "whole.csv"]);
}

#[test]
fn a_killed_run_leaves_the_old_file_and_the_next_one_sweeps_up() {
    let room = Room::with("in.csv", &news(40_000));
    room.write("out.csv", "old");
    let mut run = room.plain(&arguments(&["-o", "out.csv"])).stderr(Stdio::null()).spawn().unwrap();
    while room.names().len() < 3 {
        std::thread::sleep(Duration::from_millis(5));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(room.text("out.csv"), "old");
    let names = room.names();
    let left = names.iter().find(|name| name.starts_with(".out.csv.")).unwrap();
    // So young, it might be of a run that has just begun.
    let hour_ago = std::time::SystemTime::now() - Duration::from_hours(1);
    std::fs::File::options().write(true).open(room.path(left)).unwrap().set_modified(hour_ago).unwrap();
    room.write("in.csv", news(3));
    room.run(&arguments(&["-o", "out.csv"])).ok();
    assert_eq!(room.names(), ["in.csv", "out.csv"]);
}
