//! An output file that appears whole or not at all.
//!
//! The bytes go to a temporary file in the target's folder, which is flushed, synced and renamed when all is
//! written, as `SQLite` and every careful editor do. Whatever happens before that — an error, a full disk, a
//! killed process — the old file stays as it was, or there is none. `-` is standard output, and what is not a
//! regular file (`/dev/null`, a named pipe) is written directly, for it cannot be replaced.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use tempfile::{Builder, NamedTempFile};

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
        if let Ok(target) = fs::canonicalize(path)
            && inputs.iter().any(|input| fs::canonicalize(input).is_ok_and(|input| input == target))
        {
            return Err(DataError::OverwritesInput { file: name });
        }
        let target = open_target(path).map_err(|error| DataError::writing(&name, error))?;
        Output::over(name, target)
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
            Encoder::Plain(writer) => writer.flush(),
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

/// Where to write for a file that shall appear at `path`.
fn open_target(path: &Path) -> io::Result<Target> {
    let existing = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(io::Error::other("it is a folder")),
        Ok(metadata) if !metadata.is_file() => return File::options().write(true).open(path).map(Target::Direct),
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    // Through a symbolic link the file it names is replaced, not the link.
    let place = if existing.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    let folder = match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(place.file_name().unwrap_or_default());
    prefix.push(".");
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the umask takes away what the user does not give. tempfile's own default is 0600.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder)?;
    if let Some(metadata) = existing {
        if metadata.permissions().readonly() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        file.as_file().set_permissions(metadata.permissions())?;
    }
    Ok(Target::New(file, place))
}

fn complete(encoder: Encoder) -> io::Result<()> {
    let writer = match encoder {
        Encoder::Plain(writer) => writer,
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
    if cfg!(unix)
        && let Some(folder) = place.parent()
    {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
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
