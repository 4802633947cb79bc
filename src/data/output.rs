//! An output file that appears whole or not at all.
//!
//! The bytes go to a temporary file in the target's folder, which is flushed, synced and renamed when all is
//! written, as `SQLite` and every careful editor do. Whatever happens before that — an error, a full disk, a
//! killed process — the old file stays as it was, or there is none. `-` is standard output, and what is not a
//! regular file (`/dev/null`, a named pipe) is written directly, for it cannot be replaced.
//!
//! Temporary files are locked while they are written. What a killed process left is known by its name and by nobody
//! holding its lock, and is removed by the next run that writes the same target.
//!
//! An output that can be gone on with ([`Output::resume`]) is written to `NAME.part` instead, which outlives the process.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::write::GzEncoder;
use tempfile::{Builder, NamedTempFile, TempPath};

use super::error::{DataError, Result};
use super::file_name::{self, Compression};

/// Where rows go.
///
/// ```
/// use toward::data::Output;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("stance.csv.gz");
/// let mut output = Output::create(&path, &[])?;
/// output.write_block(b"row,label\n1,neutral\n")?;
/// assert!(!path.exists());
/// assert_eq!(output.finish()?, 20);
/// assert!(path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Output {
    name: String,
    encoder: Encoder,
    written: u64,
}

enum Encoder {
    Plain(BufWriter<Target>),
    #[cfg(feature = "parquet")]
    Parquet(super::parquet::Encoded<BufWriter<Target>>),
    Gzip(GzEncoder<BufWriter<Target>>),
    Zstd(zstd::Encoder<'static, BufWriter<Target>>),
    /// Every block for itself, as a gzip member or a zstd frame, so that the file can be cut between blocks.
    Blocks(Compression, BufWriter<Target>),
}

enum Target {
    /// A temporary file, and the path it will have.
    New(NamedTempFile, PathBuf),
    Direct(File),
    Other(Box<dyn Write + Send>),
}

impl Output {
    /// Opens an output to `path`, or to standard output for `-`, compressed if the name ends in `.gz` or
    /// `.zst`, and as Parquet if it ends in `.parquet` and the rows are rendered for it. `inputs` are the files being
    /// read.
    ///
    /// # Errors
    ///
    /// If the path is one of the inputs, or its folder cannot be written.
    pub fn create(path: impl AsRef<Path>, inputs: &[&Path]) -> Result<Output> {
        let path = path.as_ref();
        if path == Path::new("-") {
            return Output::to_writer("standard output", io::stdout());
        }
        let name = path.display().to_string();
        if file_name::is_parquet(&name) && cfg!(not(feature = "parquet")) {
            let expected = "another format, or a toward that was built with --features parquet".to_owned();
            return Err(DataError::Option { option: "--output", found: name, expected });
        }
        refuse_input(path, &name, inputs)?;
        let target = open_target(path).map_err(|error| DataError::writing(&name, error))?;
        Output::over(name, target)
    }

    /// Opens an output whose rows stay in `NAME.part` when the run ends early, and keeps the first `length` bytes of what
    /// an earlier run left there. From the first [`Output::checkpoint`] on it outlives the run.
    ///
    /// ```
    /// use toward::data::Output;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("stance.csv");
    /// let mut output = Output::resume(&path, &[], 0)?;
    /// output.write_block(b"row,label\n")?;
    /// let length = output.checkpoint()?;
    /// output.write_block(b"1,neu")?;
    /// drop(output);
    /// let mut output = Output::resume(&path, &[], length)?;
    /// output.write_block(b"1,neutral\n")?;
    /// output.finish()?;
    /// assert_eq!(std::fs::read(&path)?, b"row,label\n1,neutral\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Output::create`]; also if the path is no regular file, or the partial file is shorter than `length`.
    pub fn resume(path: impl AsRef<Path>, inputs: &[&Path], length: u64) -> Result<Output> {
        let path = path.as_ref();
        let name = path.display().to_string();
        refuse_input(path, &name, inputs)?;
        if file_name::is_parquet(&name) {
            // Its directory stands at its end, so that what is there of it before cannot be gone on with.
            let expected = "CSV or JSON Lines, for a Parquet file is whole or nothing".to_owned();
            return Err(DataError::Option { option: "--resume", found: name, expected });
        }
        let existing = file_to_resume(path)?;
        let writing = |error| DataError::writing(&name, error);
        let place = place_of(path).map_err(writing)?;
        let part = part_of(&place);
        let open = || -> io::Result<(NamedTempFile, u64)> {
            let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&part)?;
            take_permissions(&file, existing.as_ref())?;
            let found = file.metadata()?.len();
            file.set_len(length.min(found))?;
            file.seek(SeekFrom::End(0))?;
            let mut file = NamedTempFile::from_parts(file, TempPath::try_from_path(part.clone())?);
            file.disable_cleanup(length > 0);
            Ok((file, found))
        };
        let (file, found) = open().map_err(writing)?;
        if found < length {
            return Err(DataError::Option {
                option: "--resume",
                found: format!("{found} bytes in {}", part.display()),
                expected: format!("{length} or more, as its journal says; remove the journal to begin anew"),
            });
        }
        let writer = BufWriter::with_capacity(256 * 1024, Target::New(file, place));
        let encoder = Encoder::Blocks(file_name::compression(&name), writer);
        Ok(Output { name, encoder, written: 0 })
    }

    /// Puts an output in its place whose partial file was finished with this length by a run that ended right then.
    ///
    /// # Errors
    ///
    /// If neither the partial file nor the target has that length, or renaming fails.
    pub fn settle(path: impl AsRef<Path>, length: u64) -> Result<()> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let writing = |error| DataError::writing(&name, error);
        let place = place_of(path).map_err(writing)?;
        let part = part_of(&place);
        let is_whole = |path: &Path| fs::metadata(path).is_ok_and(|metadata| metadata.len() == length);
        if is_whole(&part) {
            fs::rename(&part, &place).map_err(writing)?;
            sync_folder(&place);
        } else if !is_whole(&place) {
            return Err(DataError::Option {
                option: "--resume",
                found: format!("neither {} nor {name} with {length} bytes", part.display()),
                expected: "one of them, as the journal says; remove the journal to begin anew".to_owned(),
            });
        }
        Ok(())
    }

    /// Makes what was written outlive the run and a loss of power, for an output of [`Output::resume`]. Returns its
    /// length on disk.
    ///
    /// # Errors
    ///
    /// As [`Output::write_block`].
    pub fn checkpoint(&mut self) -> Result<u64> {
        let result = match &mut self.encoder {
            Encoder::Blocks(_, writer) => checkpoint(writer),
            // Nothing of these can be gone on with: they have no length that means anything.
            Encoder::Plain(_) | Encoder::Gzip(_) | Encoder::Zstd(_) => Ok(0),
            #[cfg(feature = "parquet")]
            Encoder::Parquet(_) => Ok(0),
        };
        result.map_err(|error| DataError::writing(&self.name, error))
    }

    /// An output to any writer, compressed if `name` ends in `.gz` or `.zst`.
    ///
    /// # Errors
    ///
    /// If the compressor cannot be set up.
    pub fn to_writer(name: &str, writer: impl Write + Send + 'static) -> Result<Output> {
        Output::over(name.to_owned(), Target::Other(Box::new(writer)))
    }

    fn over(name: String, target: Target) -> Result<Output> {
        let writer = BufWriter::with_capacity(256 * 1024, target);
        #[cfg(feature = "parquet")]
        if file_name::is_parquet(&name) {
            return Ok(Output { name, encoder: Encoder::Parquet(super::parquet::Encoded::new(writer)), written: 0 });
        }
        let encoder = match file_name::compression(&name) {
            Compression::None => Encoder::Plain(writer),
            Compression::Gzip => Encoder::Gzip(GzEncoder::new(writer, flate2::Compression::default())),
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(writer, 0).map_err(|error| DataError::writing(&name, error))?;
                // A checksum, so that a damaged file does not pass for a whole one; gzip always has one.
                encoder.include_checksum(true).map_err(|error| DataError::writing(&name, error))?;
                Encoder::Zstd(encoder)
            }
        };
        Ok(Output { name, encoder, written: 0 })
    }

    /// The name for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes written so far, before compression.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes rendered rows.
    ///
    /// # Errors
    ///
    /// If the disk is full, the pipe is closed ([`DataError::is_broken_pipe`]) or writing fails otherwise.
    pub fn write_block(&mut self, bytes: &[u8]) -> Result<()> {
        let result = match &mut self.encoder {
            Encoder::Plain(writer) => writer.write_all(bytes),
            #[cfg(feature = "parquet")]
            Encoder::Parquet(writer) => writer.write_all(bytes),
            Encoder::Gzip(writer) => writer.write_all(bytes),
            Encoder::Zstd(writer) => writer.write_all(bytes),
            Encoder::Blocks(compression, writer) => {
                packed(*compression, bytes).and_then(|bytes| writer.write_all(&bytes))
            }
        };
        self.written += bytes.len() as u64;
        result.map_err(|error| DataError::writing(&self.name, error))
    }

    /// Hands what is buffered to the system, so that a reader of a pipe sees it. Compressed outputs keep
    /// what they need for compressing well.
    ///
    /// # Errors
    ///
    /// As [`Output::write_block`].
    pub fn flush(&mut self) -> Result<()> {
        let result = match &mut self.encoder {
            Encoder::Plain(writer) | Encoder::Blocks(_, writer) => writer.flush(),
            Encoder::Gzip(_) | Encoder::Zstd(_) => Ok(()),
            #[cfg(feature = "parquet")]
            Encoder::Parquet(_) => Ok(()),
        };
        result.map_err(|error| DataError::writing(&self.name, error))
    }

    /// Completes the output and puts it in its place. Returns the bytes written, before compression.
    ///
    /// # Errors
    ///
    /// If anything cannot be written, synced or renamed; then the target is as it was before.
    pub fn finish(self) -> Result<u64> {
        let Output { name, encoder, written } = self;
        complete(encoder).map_err(|error| DataError::writing(&name, error))?;
        Ok(written)
    }
}

fn refuse_input(path: &Path, name: &str, inputs: &[&Path]) -> Result<()> {
    if let Ok(target) = fs::canonicalize(path)
        && inputs.iter().any(|input| fs::canonicalize(input).is_ok_and(|input| input == target))
    {
        return Err(DataError::OverwritesInput { file: name.to_owned() });
    }
    Ok(())
}

/// What is at the path of an output that can be gone on with, which must be a regular file if anything.
pub(super) fn file_to_resume(path: &Path) -> Result<Option<Metadata>> {
    let name = path.display().to_string();
    let found = if path == Path::new("-") {
        "standard output".to_owned()
    } else {
        match existing(path).map_err(|error| DataError::writing(&name, error))? {
            Some(metadata) if !metadata.is_file() => format!("{name}, which is a device"),
            existing => return Ok(existing),
        }
    };
    let expected = "an output that is a file, for only that can be gone on with".to_owned();
    Err(DataError::Option { option: "--resume", found, expected })
}

/// What is at `path` now.
fn existing(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(io::Error::other("it is a folder")),
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The path that is written for `path`: through a symbolic link the file it names is replaced, not the link.
pub(super) fn place_of(path: &Path) -> io::Result<PathBuf> {
    if path.exists() { fs::canonicalize(path) } else { Ok(path.to_owned()) }
}

/// The partial file of an output that can be gone on with.
pub(super) fn part_of(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

fn folder_of(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A file that replaces another gets its permissions, and replaces none that must not be written.
fn take_permissions(file: &File, existing: Option<&Metadata>) -> io::Result<()> {
    match existing {
        Some(metadata) if metadata.permissions().readonly() => Err(io::ErrorKind::PermissionDenied.into()),
        Some(metadata) => file.set_permissions(metadata.permissions()),
        None => Ok(()),
    }
}

/// Where to write for a file that shall appear at `path`.
fn open_target(path: &Path) -> io::Result<Target> {
    let existing = existing(path)?;
    if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        return File::options().write(true).open(path).map(Target::Direct);
    }
    let place = place_of(path)?;
    let folder = folder_of(&place);
    let mut prefix = OsString::from(".");
    prefix.push(place.file_name().unwrap_or_default());
    prefix.push(".");
    remove_left_behind(folder, &prefix);
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(SUFFIX).rand_bytes(RANDOM);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the umask takes away what the user does not give. tempfile's own default is 0600.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder)?;
    // A file system without locks cannot tell whose file it is; then nothing is removed either.
    let _ = file.as_file().try_lock();
    take_permissions(file.as_file(), existing.as_ref())?;
    Ok(Target::New(file, place))
}

/// The end of a temporary file's name, and how many random letters stand before it.
const SUFFIX: &str = ".part";
const RANDOM: usize = 6;
/// A younger file may be another run's that has not locked it yet.
const LEFT_BEHIND: Duration = Duration::from_mins(1);

/// Removes the temporary files of this target that killed runs have left. What cannot be told or removed stays.
fn remove_left_behind(folder: &Path, prefix: &OsString) {
    let is_ours = |name: &OsString| {
        let inner = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        let inner = inner.and_then(|rest| rest.strip_suffix(SUFFIX.as_bytes()));
        inner.is_some_and(|random| random.len() == RANDOM && random.iter().all(u8::is_ascii_alphanumeric))
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let old = |metadata: Metadata| metadata.modified().ok()?.elapsed().ok().filter(|age| *age > LEFT_BEHIND);
        if is_ours(&entry.file_name())
            && entry.metadata().ok().filter(Metadata::is_file).and_then(old).is_some()
            && File::options().write(true).open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A block as a gzip member or a zstd frame, each with its checksum.
fn packed(compression: Compression, bytes: &[u8]) -> io::Result<std::borrow::Cow<'_, [u8]>> {
    Ok(match compression {
        Compression::None => bytes.into(),
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes)?;
            encoder.finish()?.into()
        }
        Compression::Zstd => {
            let mut encoder = zstd::Encoder::new(Vec::new(), 0)?;
            encoder.include_checksum(true)?;
            encoder.write_all(bytes)?;
            encoder.finish()?.into()
        }
    })
}

fn checkpoint(writer: &mut BufWriter<Target>) -> io::Result<u64> {
    writer.flush()?;
    match writer.get_mut() {
        Target::New(file, _) => {
            file.as_file().sync_data()?;
            file.disable_cleanup(true);
            file.as_file_mut().stream_position()
        }
        Target::Direct(_) | Target::Other(_) => Ok(0),
    }
}

fn complete(encoder: Encoder) -> io::Result<()> {
    let writer = match encoder {
        Encoder::Plain(writer) | Encoder::Blocks(_, writer) => writer,
        #[cfg(feature = "parquet")]
        Encoder::Parquet(encoder) => encoder.finish()?,
        Encoder::Gzip(encoder) => encoder.finish()?,
        Encoder::Zstd(encoder) => encoder.finish()?,
    };
    // This flushes, and says so if it fails, which dropping the writer would not.
    match writer.into_inner().map_err(io::IntoInnerError::into_error)? {
        Target::New(file, place) => {
            file.as_file().sync_all()?;
            file.persist(&place).map_err(|error| error.error)?;
            sync_folder(&place);
            Ok(())
        }
        Target::Direct(file) => match file.sync_all() {
            // Devices and pipes cannot be synced.
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
            result => result,
        },
        Target::Other(mut writer) => writer.flush(),
    }
}

/// Makes the rename itself durable. Some file systems refuse to sync a folder; the file is whole all the same.
fn sync_folder(place: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder_of(place)).and_then(|folder| folder.sync_all());
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::New(file, _) => file.write(bytes),
            Target::Direct(file) => file.write(bytes),
            Target::Other(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::New(file, _) => file.flush(),
            Target::Direct(file) => file.flush(),
            Target::Other(writer) => writer.flush(),
        }
    }
}
