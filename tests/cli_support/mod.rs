//! Runs the built binary in a folder of its own.
#![allow(dead_code)] // Every test file uses its own part of this.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use assert_cmd::Command;

/// A folder with files, and the command run in it.
pub struct Room {
    folder: tempfile::TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit status; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// The output of a run that succeeded.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}\n{}", self.err, self.out);
        self.out
    }

    /// The message of a run that failed with this status: one line, not a panic, and nothing on standard output.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}\n{}", self.err, self.out);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        assert_eq!(self.out, "", "{}", self.err);
        let line = self.err.trim_end().to_owned();
        if code == 1 {
            assert!(!line.contains('\n'), "more than one line: {line}");
            assert!(line.starts_with("error: "), "{line}");
        }
        line
    }
}

impl Room {
    /// An empty folder.
    pub fn new() -> Room {
        Room { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with one file of text.
    pub fn with(name: &str, content: &str) -> Room {
        let room = Room::new();
        room.write(name, content);
        room
    }

    /// Writes a file.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Room {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// The bytes of a file.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    /// Whether a file is there.
    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The names of all files, hidden ones too, in order.
    pub fn names(&self) -> Vec<String> {
        let entries = self.folder.path().read_dir().unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The path of a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the command with these arguments and an empty standard input.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_on(arguments, "")
    }

    /// Runs the command with these arguments on this standard input.
    pub fn run_on(&self, arguments: &[&str], input: impl Into<Vec<u8>>) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_toward"));
        command.current_dir(self.folder.path()).env("RUST_BACKTRACE", "0").env("SOURCE_DATE_EPOCH", "1772582400");
        let output = command.args(arguments).write_stdin(input).timeout(Duration::from_mins(5)).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs the command with a standard output whose reader has gone. Returns its standard error.
    #[track_caller]
    pub fn run_unread(&self, arguments: &[&str]) -> String {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = self.plain(arguments);
        let output = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {error}");
        assert!(!error.contains("panicked") && !error.contains("error"), "{arguments:?}: {error}");
        error
    }

    /// The command, to be spawned.
    pub fn plain(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_toward"));
        command.current_dir(self.folder.path()).env("RUST_BACKTRACE", "0").args(arguments);
        command
    }
}

/// A file of the repository.
pub fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The same as text, for arguments.
pub fn repository_file(name: &str) -> String {
    repository(name).to_str().unwrap().to_owned()
}

/// A table of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The header.
    pub columns: Vec<String>,
    /// The records.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads CSV, in which every record must have as many cells as the header.
    #[track_caller]
    pub fn of(csv: &str) -> Table {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let own = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let columns = own(reader.headers().unwrap());
        Table { columns, rows: reader.records().map(|record| own(&record.unwrap())).collect() }
    }

    /// The cells of a column.
    #[track_caller]
    pub fn column(&self, name: &str) -> Vec<&str> {
        let places: Vec<usize> = (0..self.columns.len()).filter(|&at| self.columns[at] == name).collect();
        let &[at] = places.as_slice() else { panic!("{} columns {name} in {:?}", places.len(), self.columns) };
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }

    /// These columns, one line a row, cells parted by ` | `.
    #[track_caller]
    pub fn show(&self, names: &[&str]) -> String {
        let columns: Vec<Vec<&str>> = names.iter().map(|name| self.column(name)).collect();
        let line = |at: usize| columns.iter().map(|column| column[at]).collect::<Vec<_>>().join(" | ");
        (0..self.rows.len()).map(line).collect::<Vec<_>>().join("\n")
    }

    /// Checks that every row with a mention gives its characters in its sentence.
    #[track_caller]
    pub fn check_offsets(&self) {
        let [sentences, mentions, starts, ends] = ["sentence", "mention", "start", "end"].map(|name| self.column(name));
        let spans = starts.iter().zip(&ends);
        for ((sentence, mention), (start, end)) in sentences.iter().zip(&mentions).zip(spans) {
            if !start.is_empty() {
                let (start, end): (usize, usize) = (start.parse().unwrap(), end.parse().unwrap());
                let sliced: String = sentence.chars().skip(start).take(end - start).collect();
                assert_eq!(&sliced, mention, "{start}-{end} of {sentence:?}");
                assert!(!mention.is_empty(), "{sentence:?}");
            }
        }
    }
}
