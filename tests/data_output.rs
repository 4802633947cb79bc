//! An output appears whole or not at all, whatever fails.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use toward::data::{DataError, Output};

const HEADER: &[u8] = b"row,label\n";
const BLOCK: &[u8] = b"1,neutral\n2,critical\n";

/// A writer that takes `room` bytes and then fails as a full disk does, or as a closed pipe.
struct Failing {
    room: usize,
    kind: io::ErrorKind,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = self.taken.lock().unwrap();
        let count = bytes.len().min(self.room - taken.len());
        if count == 0 && !bytes.is_empty() {
            return Err(self.kind.into());
        }
        taken.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_all(mut output: Output) -> Result<u64, DataError> {
    output.write_block(HEADER)?;
    for _ in 0..50 {
        output.write_block(BLOCK)?;
    }
    output.finish()
}

fn whole() -> Vec<u8> {
    [HEADER, &BLOCK.repeat(50)].concat()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_write_that_fails_after_any_number_of_bytes_is_an_error() {
    for name in ["a.csv", "a.csv.gz", "a.csv.zst"] {
        let all = Arc::new(Mutex::new(Vec::new()));
        let writer = Failing { room: usize::MAX, kind: io::ErrorKind::StorageFull, taken: Arc::clone(&all) };
        write_all(Output::to_writer(name, writer).unwrap()).unwrap();
        let length = all.lock().unwrap().len();
        for room in 0..length {
            let writer = Failing { room, kind: io::ErrorKind::StorageFull, taken: Arc::default() };
            let error = write_all(Output::to_writer(name, writer).unwrap()).unwrap_err();
            assert_eq!(error.to_string(), format!("{name}: cannot be written: the disk is full"), "{room} of {length}");
        }
        let writer = Failing { room: length, kind: io::ErrorKind::StorageFull, taken: Arc::default() };
        assert_eq!(write_all(Output::to_writer(name, writer).unwrap()).unwrap(), whole().len() as u64);
    }
}

#[test]
fn a_closed_pipe_is_told_apart() {
    let writer = Failing { room: 100, kind: io::ErrorKind::BrokenPipe, taken: Arc::default() };
    let error = write_all(Output::to_writer("standard output", writer).unwrap()).unwrap_err();
    assert!(error.is_broken_pipe());
    assert_eq!(error.to_string(), "standard output: the reader of the output has gone away");
}

#[test]
fn nothing_is_there_before_the_end_and_nothing_else_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let mut output = Output::create(&path, &[]).unwrap();
    output.write_block(HEADER).unwrap();
    assert!(!path.exists());
    assert_eq!(output.written(), HEADER.len() as u64);
    output.finish().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), HEADER);
    assert_eq!(names(folder.path()), ["a.csv"]);
}

#[test]
fn an_output_that_is_dropped_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "old").unwrap();
    let mut output = Output::create(&path, &[]).unwrap();
    output.write_block(&BLOCK.repeat(100_000)).unwrap();
    drop(output);
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["a.csv"]);
    write_all(Output::create(&path, &[]).unwrap()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), whole());
}

#[test]
fn compression_follows_the_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.csv", "a.csv.gz", "a.csv.ZST"] {
        let path = folder.path().join(name);
        write_all(Output::create(&path, &[]).unwrap()).unwrap();
        let mut text = Vec::new();
        let mut source = toward::data::Source::open(&path, &toward::data::SourceOptions::default()).unwrap();
        source.read_to_end(&mut text).unwrap();
        assert_eq!(text, whole(), "{name}");
    }
    let sizes: Vec<u64> =
        names(folder.path()).iter().map(|name| folder.path().join(name).metadata().unwrap().len()).collect();
    assert!(sizes[1] < sizes[0] && sizes[2] < sizes[0], "{sizes:?}");
}

#[test]
fn an_input_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "text\n").unwrap();
    let detour = folder.path().join(".").join("a.csv");
    let error = Output::create(&detour, &[&path]).err().unwrap();
    assert!(matches!(error, DataError::OverwritesInput { .. }), "{error}");
    #[cfg(unix)]
    {
        let link = folder.path().join("link.csv");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(Output::create(&link, &[&path]).is_err());
        assert!(Output::create(&path, &[&link]).is_err());
    }
    assert_eq!(std::fs::read(&path).unwrap(), b"text\n");
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no").join("a.csv");
    let error = Output::create(&path, &[]).err().unwrap().to_string();
    assert_eq!(error, format!("{}: cannot be written: its folder does not exist", path.display()));
    assert!(Output::create(folder.path(), &[]).err().unwrap().to_string().ends_with("it is a folder"));
}

#[cfg(target_os = "linux")]
#[test]
fn devices_are_written_and_never_replaced() {
    write_all(Output::create("/dev/null", &[]).unwrap()).unwrap();
    assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
    let error = write_all(Output::create("/dev/full", &[]).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "/dev/full: cannot be written: the disk is full");
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_usual_permissions_and_an_old_one_keeps_its_own() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let usual = folder.path().join("usual");
    std::fs::write(&usual, "").unwrap();
    let path = folder.path().join("a.csv");
    write_all(Output::create(&path, &[]).unwrap()).unwrap();
    assert_eq!(mode(&path), mode(&usual));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    write_all(Output::create(&path, &[]).unwrap()).unwrap();
    assert_eq!(mode(&path), 0o640);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).unwrap();
    let error = Output::create(&path, &[]).err().unwrap().to_string();
    assert!(error.ends_with("cannot be written: permission denied for this file or its folder"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_keeps_pointing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("a.csv"), folder.path().join("link.csv"));
    std::fs::write(&path, "old").unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    write_all(Output::create(&link, &[]).unwrap()).unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(std::fs::read(&path).unwrap(), whole());
}

#[test]
fn what_killed_runs_left_is_removed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let hour_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(1);
    let left = |name: &str, old: bool| {
        let file = std::fs::File::create(at(name)).unwrap();
        if old {
            file.set_modified(hour_ago).unwrap();
        }
        file
    };
    drop(left(".a.csv.Ab3dEf.part", true));
    drop(left(".a.csv.young0.part", false));
    for other in
        [".b.csv.Ab3dEf.part", ".a.csv.part", ".a.csv.Ab3dEfg.part", ".a.csv.Ab.dEf.part", "a.csv.part", "a.csv"]
    {
        drop(left(other, true));
    }
    let held = left(".a.csv.locked.part", true);
    held.lock().unwrap();
    write_all(Output::create(at("a.csv"), &[]).unwrap()).unwrap();
    assert_eq!(
        names(folder.path()),
        [
            ".a.csv.Ab.dEf.part",
            ".a.csv.Ab3dEfg.part",
            ".a.csv.locked.part",
            ".a.csv.part",
            ".a.csv.young0.part",
            ".b.csv.Ab3dEf.part",
            "a.csv",
            "a.csv.part",
        ]
    );
}

#[test]
fn a_temporary_file_is_locked_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let output = Output::create(folder.path().join("a.csv"), &[]).unwrap();
    let temporary = folder.path().join(&names(folder.path())[0]);
    assert!(std::fs::File::open(temporary).unwrap().try_lock().is_err());
    drop(output);
    assert!(names(folder.path()).is_empty());
}

#[test]
fn an_output_cut_at_a_checkpoint_is_gone_on_with_in_any_compression() {
    for name in ["a.csv", "a.csv.gz", "a.csv.zst"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut output = Output::resume(&path, &[], 0).unwrap();
        output.write_block(HEADER).unwrap();
        for _ in 0..20 {
            output.write_block(BLOCK).unwrap();
        }
        let length = output.checkpoint().unwrap();
        output.write_block(BLOCK).unwrap();
        drop(output);
        assert_eq!(names(folder.path()), [format!("{name}.part")]);
        let mut output = Output::resume(&path, &[], length).unwrap();
        for _ in 20..50 {
            output.write_block(BLOCK).unwrap();
        }
        output.finish().unwrap();
        assert_eq!(names(folder.path()), [name]);
        let mut text = Vec::new();
        let mut source = toward::data::Source::open(&path, &toward::data::SourceOptions::default()).unwrap();
        source.read_to_end(&mut text).unwrap();
        assert_eq!(text, whole(), "{name}");
    }
}

#[test]
fn an_output_without_a_checkpoint_or_shorter_than_one_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let mut output = Output::resume(&path, &[], 0).unwrap();
    output.write_block(BLOCK).unwrap();
    drop(output);
    assert!(names(folder.path()).is_empty());
    std::fs::write(folder.path().join("a.csv.part"), "12345").unwrap();
    let error = Output::resume(&path, &[], 6).err().unwrap().to_string();
    assert!(error.starts_with("--resume: found 5 bytes in "), "{error}");
    assert!(Output::settle(&path, 6).is_err());
    Output::settle(&path, 5).unwrap();
    assert_eq!(names(folder.path()), ["a.csv"]);
    Output::settle(&path, 5).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"12345");
}
