//! Every command that the documents show is run, so that none of them can rot.

#[path = "cli_support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;

use support::{Room, repository};

/// How a command of ours begins in the documents.
const BEGINNINGS: [&str; 2] = ["cargo run --release -- ", "toward "];

/// The commands of ours in the console and shell blocks of a document, each with its line.
fn commands(markdown: &str) -> Vec<(usize, String)> {
    let (mut found, mut inside, mut continued) = (Vec::<(usize, String)>::new(), false, false);
    for (at, line) in markdown.lines().enumerate() {
        let line = line.trim();
        if let Some(language) = line.strip_prefix("```") {
            inside = !inside && matches!(language.split([' ', ',']).next(), Some("console" | "sh"));
            continued = false;
            continue;
        }
        let typed = line.strip_prefix("$ ").unwrap_or(line);
        match found.last_mut().filter(|_| continued) {
            Some((_, command)) => command.push_str(line),
            None if inside && BEGINNINGS.iter().any(|beginning| typed.starts_with(beginning)) => {
                found.push((at + 1, typed.to_owned()));
            }
            None => continue,
        }
        // The vector has an element here.
        if let Some((_, command)) = found.last_mut() {
            continued = command.ends_with('\\');
            if continued {
                command.pop();
            }
        }
    }
    found
}

/// Why a command cannot be run here, if it cannot.
fn left_out(command: &str) -> Option<&'static str> {
    let outside = |word: &str| {
        let path = word.rsplit('=').next().unwrap_or(word).trim_matches(['"', '\'']);
        path.starts_with("../") || path.starts_with("data/") || path.starts_with('/') || path == "data"
    };
    let encoder = ["--effort full", "--effort balanced"].iter().any(|effort| command.contains(effort));
    if command.split_whitespace().any(outside) {
        Some("it reads files outside of the repository")
    } else if command.contains("--recipe") {
        Some("it takes minutes without optimisation")
    } else if encoder && cfg!(not(feature = "encoder")) {
        Some("it needs the encoder")
    } else {
        None
    }
}

/// Adds the Markdown files of a folder and of those in it.
fn collect(documents: &mut Vec<String>, folder: &str) {
    for entry in repository(folder).read_dir().unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(documents, &name);
        } else if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            documents.push(name);
        }
    }
}

fn copy(from: &Path, room: &Room, name: &str) {
    for entry in from.join(name).read_dir().unwrap() {
        let entry = entry.unwrap();
        let inside = format!("{name}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            copy(from, room, &inside);
        } else {
            room.write(&inside, std::fs::read(entry.path()).unwrap());
        }
    }
}

#[test]
fn every_command_of_the_documents_runs() {
    let root = repository("");
    let mut documents = vec!["README.md".to_owned(), "examples/README.md".to_owned()];
    collect(&mut documents, "docs");
    documents.sort();
    assert!(documents.iter().any(|document| document.starts_with("docs/guide/")), "{documents:?}");
    let mut failures = Vec::new();
    for document in documents.iter().filter(|document| repository(document).exists()) {
        let room = Room::new();
        copy(&root, &room, "examples");
        copy(&root, &room, "training");
        let markdown = std::fs::read_to_string(repository(document)).unwrap();
        for (line, command) in commands(&markdown) {
            if let Some(why) = left_out(&command) {
                println!("{document}:{line}: left out, for {why}: {command}");
                continue;
            }
            let ours = BEGINNINGS.iter().find_map(|beginning| command.strip_prefix(beginning)).unwrap();
            let ran = Command::new("sh")
                .args(["-c", &format!("\"$TOWARD\" {ours}")])
                .env("TOWARD", env!("CARGO_BIN_EXE_toward"))
                .env("RUST_BACKTRACE", "0")
                .current_dir(room.path(""))
                .output()
                .unwrap();
            if !ran.status.success() {
                let error = String::from_utf8_lossy(&ran.stderr).into_owned();
                failures.push(format!("{document}:{line}: {command}\n{error}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn commands_are_found_in_shell_blocks_alone() {
    let markdown = "\
toward nowhere
```sh
$ toward a 'b c'
cargo run --release -- d \\
    -o e
cargo test
ls | toward f
```
```text
toward not-this
```
```console
toward g   # remark
output
```
";
    let found = commands(markdown);
    let expected = [(3, "toward a 'b c'"), (4, "cargo run --release -- d -o e"), (13, "toward g   # remark")];
    assert_eq!(found, expected.map(|(line, command)| (line, command.to_owned())));
    assert!(left_out("toward classify ../shared/a.csv").is_some() && left_out("toward classify data/a.csv").is_some());
    assert!(left_out("toward classify examples/articles.csv -o stance.csv").is_none());
}
