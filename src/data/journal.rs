//! What a long run has finished, block by block, so that a killed one can be gone on with.
//!
//! The idea is a database's write-ahead log turned round: rows go to a visible partial file, `NAME.part`, and after each
//! block, when the rows are safe on disk, one line is added to `NAME.part.journal`: how far the input was read, with a
//! hash of everything read so far, how long the outputs are, and what was counted. To go on is to check that options and
//! input are the same, to cut the outputs at the last line, and to read the input on from there. The finished file is
//! the same, byte for byte, as one of a run that was never interrupted.
//!
//! The first line says what the output depends on beside the input. A line that was cut by the end of a run counts as
//! not written. The journal is locked while a run writes it.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tempfile::{NamedTempFile, TempPath};

use super::error::{DataError, Result};
use super::output::{self, part_of};

/// A place between two records of an input, and what was met before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The number of the last record.
    pub row: u64,
    /// The physical line where the next record begins.
    pub line: u64,
    /// The byte where it begins, in the decompressed input.
    pub byte: u64,
    /// The 128-bit xxh3 of all bytes before, in hexadecimal.
    pub hash: String,
    /// The records handed out so far, less those that were rejected afterwards.
    pub good: u64,
    /// The records set aside so far.
    pub rejected: u64,
    /// The length of the reject file, if there is one.
    pub rejects: u64,
}

/// A finished block: where the next begins, how long the output is, and what the run has counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint<T> {
    /// Where the next block begins.
    pub input: Position,
    /// The output's length on disk.
    pub output: u64,
    /// What was counted so far.
    pub tally: T,
    /// Whether this was the last block and all outputs are whole.
    pub finished: bool,
}

/// What the output depends on beside the input: options, by name.
pub type Conditions = BTreeMap<String, String>;

/// The journal of one output.
///
/// ```
/// use toward::data::{Checkpoint, Conditions, Journal, Position};
///
/// let folder = tempfile::tempdir()?;
/// let output = folder.path().join("stance.csv");
/// let conditions = Conditions::from([("--level".to_owned(), "actor".to_owned())]);
/// let input = Position { row: 2, line: 4, byte: 40, hash: "0".into(), good: 2, rejected: 0, rejects: 0 };
/// let checkpoint = Checkpoint { input, output: 120, tally: 7_u64, finished: false };
///
/// let (mut journal, last) = Journal::open::<u64>(&output, &conditions)?;
/// assert_eq!(last, None);
/// journal.add(&checkpoint)?;
/// drop(journal);
///
/// let (_, last) = Journal::open::<u64>(&output, &conditions)?;
/// assert_eq!(last, Some(checkpoint));
/// let others = Conditions::from([("--level".to_owned(), "country".to_owned())]);
/// assert!(Journal::open::<u64>(&output, &others).is_err());
/// # Ok::<(), toward::data::DataError>(())
/// ```
pub struct Journal {
    name: String,
    /// Goes away with a run that has finished no block.
    file: NamedTempFile,
}

impl Journal {
    /// Whether an interrupted run has left a journal for this output.
    pub fn is_left(output: impl AsRef<Path>) -> bool {
        output::place_of(output.as_ref()).is_ok_and(|place| beside(&place).exists())
    }

    /// Opens the journal of an output, with its last finished block, or begins one.
    ///
    /// # Errors
    ///
    /// If it belongs to a run under other conditions, another run is writing it, or it cannot be read or written.
    pub fn open<T: DeserializeOwned>(
        output: impl AsRef<Path>,
        conditions: &Conditions,
    ) -> Result<(Journal, Option<Checkpoint<T>>)> {
        let output = output.as_ref();
        output::file_to_resume(output)?;
        let failed = |source| DataError::writing(&output.display().to_string(), source);
        let place = output::place_of(output).map_err(failed)?;
        let path = beside(&place);
        let name = path.display().to_string();
        let failed = |source| DataError::writing(&name, source);
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(wrong("a run that is still writing this output".to_owned(), format!("{name} to be free")));
            }
            // Some network file systems have no locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|source| DataError::reading(&name, source))?;
        let (of, last, length) = read::<T>(&bytes);
        if last.is_some()
            && let Some(of) = of
            && of != *conditions
        {
            return Err(other_conditions(&of, conditions, &part_of(&place).display().to_string()));
        }
        let path = TempPath::try_from_path(path).map_err(failed)?;
        let mut file = NamedTempFile::from_parts(file, path);
        // What is behind the last whole line was being written when the run ended.
        let kept = if last.is_some() { length } else { 0 };
        file.as_file().set_len(kept).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
        file.disable_cleanup(last.is_some());
        let mut journal = Journal { name, file };
        if last.is_none() {
            journal.line(conditions)?;
        }
        Ok((journal, last))
    }

    /// Notes a finished block, whose rows are safe on disk already.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn add<T: Serialize>(&mut self, checkpoint: &Checkpoint<T>) -> Result<()> {
        self.line(checkpoint)?;
        self.file.disable_cleanup(true);
        Ok(())
    }

    /// Removes the journal, once the outputs are in their places.
    ///
    /// # Errors
    ///
    /// If it cannot be removed.
    pub fn remove(self) -> Result<()> {
        self.file.close().map_err(|source| DataError::writing(&self.name, source))
    }

    fn line(&mut self, value: &impl Serialize) -> Result<()> {
        let written = serde_json::to_vec(value).map_err(std::io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            self.file.write_all(&line)?;
            self.file.as_file().sync_data()
        });
        written.map_err(|source| DataError::writing(&self.name, source))
    }
}

fn beside(place: &Path) -> std::path::PathBuf {
    let mut name = part_of(place).into_os_string();
    name.push(".journal");
    name.into()
}

/// The conditions, the last finished block and the length of all whole lines.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> (Option<Conditions>, Option<Checkpoint<T>>, u64) {
    let (mut conditions, mut last, mut length) = (None, None, 0);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if !line.ends_with(b"\n") {
            break;
        }
        if conditions.is_none() {
            match serde_json::from_slice::<Conditions>(line) {
                Ok(found) => conditions = Some(found),
                Err(_) => break,
            }
        } else {
            match serde_json::from_slice::<Checkpoint<T>>(line) {
                Ok(found) => last = Some(found),
                Err(_) => break,
            }
        }
        length += line.len() as u64;
    }
    (conditions, last, length)
}

fn wrong(found: String, expected: String) -> DataError {
    DataError::Option { option: "--resume", found, expected }
}

/// The error for a journal of a run under other conditions: it names the first that differs.
fn other_conditions(before: &Conditions, now: &Conditions, part: &str) -> DataError {
    const NOTHING: &str = "nothing";
    let of = |conditions: &Conditions, name: &str| conditions.get(name).map_or(NOTHING, String::as_str).to_owned();
    // They differ, so there is one.
    let name = before.keys().chain(now.keys()).find(|name| before.get(*name) != now.get(*name));
    let name = name.map_or("", String::as_str);
    wrong(
        format!("{name} {}", of(now, name)),
        format!(
            "{}, as in the run that left {part}; give what it was given, or remove that file's journal to begin anew",
            of(before, name)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(row: u64) -> Checkpoint<u64> {
        let hash = "00".to_owned();
        let input = Position { row, line: row + 1, byte: 10 * row, hash, good: row, rejected: 0, rejects: 0 };
        Checkpoint { input, output: 100 * row, tally: row, finished: false }
    }

    fn conditions() -> Conditions {
        Conditions::from([("--level".to_owned(), "actor".to_owned()), ("program".to_owned(), "1".to_owned())])
    }

    #[test]
    fn a_journal_cut_anywhere_gives_the_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.csv");
        let (mut journal, _) = Journal::open::<u64>(&output, &conditions()).unwrap();
        for row in 1..=3 {
            journal.add(&checkpoint(row)).unwrap();
        }
        drop(journal);
        let path = folder.path().join("a.csv.part.journal");
        let whole = std::fs::read(&path).unwrap();
        let lines: Vec<usize> = memchr::memchr_iter(b'\n', &whole).collect();
        for length in 0..=whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let (mut journal, last) = Journal::open::<u64>(&output, &conditions()).unwrap();
            let rows = lines.iter().filter(|&&end| end < length).count().saturating_sub(1) as u64;
            assert_eq!(last, (rows > 0).then(|| checkpoint(rows)), "cut at {length}");
            journal.add(&checkpoint(9)).unwrap();
            drop(journal);
            let (_, last) = Journal::open::<u64>(&output, &conditions()).unwrap();
            assert_eq!(last, Some(checkpoint(9)), "cut at {length}");
        }
    }

    #[test]
    fn a_journal_without_a_block_leaves_nothing_and_binds_to_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.csv");
        drop(Journal::open::<u64>(&output, &conditions()).unwrap());
        assert!(!Journal::is_left(&output));
        std::fs::write(folder.path().join("a.csv.part.journal"), "{\"--level\":\"country\"}\n").unwrap();
        assert!(Journal::is_left(&output));
        assert_eq!(Journal::open::<u64>(&output, &conditions()).unwrap().1, None);
    }

    #[test]
    fn other_conditions_and_a_second_run_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.csv");
        let (mut journal, _) = Journal::open::<u64>(&output, &conditions()).unwrap();
        journal.add(&checkpoint(1)).unwrap();
        let error = Journal::open::<u64>(&output, &conditions()).err().unwrap().to_string();
        assert!(error.starts_with("--resume: found a run that is still writing this output, expected "), "{error}");
        drop(journal);
        let mut others = conditions();
        others.insert("--level".to_owned(), "country".to_owned());
        let error = Journal::open::<u64>(&output, &others).err().unwrap().to_string();
        assert!(
            error.starts_with("--resume: found --level country, expected actor, as in the run that left "),
            "{error}"
        );
        assert!(Journal::open::<u64>(&output, &conditions()).is_ok());
    }
}
