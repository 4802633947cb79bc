//! Where bytes come from: a file or standard input, compressed or not, handed on as UTF-8.
//!
//! People export CSV from Excel, PowerShell and databases, so what arrives may be gzip, zstd, UTF-16 or
//! Windows-1252. Compression is recognised by its magic number. UTF-8 is the only encoding that is assumed:
//! UTF-16 and UTF-32 are recognised and named in the error, any other encoding is transcoded only when it is
//! named, because a guess that is wrong once in a thousand files is wrong silently.
//!
//! Nothing here holds more than the first 64 KiB of the input.

use std::fmt::Write;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};

use encoding_rs::{DecoderResult, Encoding};
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::column_type::ColumnType;
use super::error::{DataError, Fault, Place, Problem, Result, quoted};
use super::file_name::{self, Compression};
use super::legacy;
use super::meter::Meter;

/// How many bytes are looked at before the encoding is taken for UTF-8.
const HEAD: usize = 64 * 1024;

/// How to open a [`Source`].
#[derive(Clone, Debug, Default)]
pub struct SourceOptions {
    /// The input's encoding, by any label of the WHATWG Encoding Standard (`windows-1252`, `utf-16`, `gbk`);
    /// `None` means UTF-8.
    pub encoding: Option<String>,
    /// Whether to compute the SHA-256 of the bytes as they lie on disk.
    pub fingerprint: bool,
}

/// An input, decompressed, without byte order mark, in UTF-8 unless it is broken.
///
/// ```
/// use std::io::Read;
/// use toward::data::{Source, SourceOptions};
///
/// let mut source = Source::from_reader("a.csv", &b"\xEF\xBB\xBFtext\nhello\n"[..], &SourceOptions::default())?;
/// let mut text = String::new();
/// source.read_to_string(&mut text)?;
/// assert_eq!(text, "text\nhello\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Source {
    name: String,
    input: Box<dyn Read + Send>,
    skipped: u64,
    hash: Option<Arc<Mutex<Sha256>>>,
    /// What to advise where bytes are not UTF-8.
    advice: String,
    meter: Meter,
    types: Option<Vec<ColumnType>>,
}

impl Source {
    /// Opens the file at `path`, or standard input for `-`.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, is not text, or is in an encoding that has to be named.
    pub fn open(path: impl AsRef<Path>, options: &SourceOptions) -> Result<Source> {
        let path = path.as_ref();
        if path == Path::new("-") {
            return Source::from_reader("standard input", io::stdin(), options);
        }
        let name = path.display().to_string();
        let failed = |source| DataError::Read { file: name.clone(), source };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(io::Error::other("it is a folder")));
        }
        #[cfg(feature = "parquet")]
        let file = match Source::of_parquet(&name, file, options)? {
            Ok(source) => return Ok(source),
            Err(other) => other,
        };
        Source::over(&name, file, options, Meter::of(metadata.is_file().then_some(metadata.len())))
    }

    /// A Parquet file as the CSV that it would be; another file comes back.
    #[cfg(feature = "parquet")]
    fn of_parquet(name: &str, mut file: File, options: &SourceOptions) -> Result<std::result::Result<Source, File>> {
        use std::io::Seek;
        let reading = |error| DataError::reading(name, error);
        // What cannot be told is no Parquet: a named pipe, for one, has no end to look at.
        if !super::parquet::is_parquet(&mut file).unwrap_or(false) {
            return Ok(Err(file));
        }
        if options.encoding.is_some() {
            let expected = "no encoding, for its text is UTF-8".to_owned();
            return Err(DataError::Option { option: "--encoding", found: "a Parquet file".to_owned(), expected });
        }
        let hash = if options.fingerprint {
            let hash = Arc::new(Mutex::new(Sha256::new()));
            let mut hashed = Hashed { input: &mut file, hash: Arc::clone(&hash) };
            io::copy(&mut hashed, &mut io::sink()).map_err(reading)?;
            file.rewind().map_err(reading)?;
            Some(hash)
        } else {
            None
        };
        let input = super::parquet::Decoded::new(file).map_err(reading)?;
        let types = Some(input.types().to_vec());
        let advice = String::new();
        // Its rows are read out of order of its bytes: there is no telling how far a reader is.
        let meter = Meter::of(None);
        Ok(Ok(Source { name: name.to_owned(), input: Box::new(input), skipped: 0, hash, meter, advice, types }))
    }

    /// Takes the bytes from any reader; `name` is for messages and, by its extension, for the delimiter.
    ///
    /// # Errors
    ///
    /// As [`Source::open`].
    pub fn from_reader(name: &str, input: impl Read + Send + 'static, options: &SourceOptions) -> Result<Source> {
        Source::over(name, input, options, Meter::default())
    }

    fn over(name: &str, input: impl Read + Send + 'static, options: &SourceOptions, meter: Meter) -> Result<Source> {
        let input = meter.on(input);
        let encoding =
            options.encoding.as_deref().map(encoding_named).transpose()?.filter(|e| *e != encoding_rs::UTF_8);
        let reading = |error| DataError::reading(name, error);
        let hash = options.fingerprint.then(|| Arc::new(Mutex::new(Sha256::new())));
        let raw: Box<dyn Read + Send> = match &hash {
            Some(hash) => Box::new(Hashed { input, hash: Arc::clone(hash) }),
            None => Box::new(input),
        };
        let mut input = decompressed(name, BufReader::with_capacity(HEAD, raw))?;
        let mut head = Vec::new();
        input.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(reading)?;
        let problem = |found: &str, hint: String| {
            let place = Place { file: name.to_owned(), ..Place::default() };
            Problem::new(place, Fault::Encoding, found, "text in UTF-8").hint(hint)
        };
        if let Some(format) = foreign_format(&head) {
            let parquet = format == PARQUET;
            return Err(problem(format, if parquet { NO_PARQUET } else { "export it as CSV first" }.to_owned()).into());
        }
        let wide = wide_encoding(&head);
        if let Some(Wide { name: found, label: None }) = wide {
            return Err(problem(found, format!("convert it with `iconv -f {found} -t UTF-8`")).into());
        }
        if let (Some(Wide { name: found, label: Some(label) }), None) = (wide, encoding) {
            return Err(problem(found, format!("try --encoding {label}")).into());
        }
        let marked = encoding.is_none() && head.starts_with(b"\xEF\xBB\xBF");
        let skipped = if marked { 3 } else { 0 };
        let advice = legacy::advice(&head);
        let mut start = Cursor::new(head);
        start.set_position(skipped);
        let input = start.chain(input);
        let input: Box<dyn Read + Send> = match encoding {
            Some(encoding) => Box::new(Transcoded::new(name, input, encoding)),
            None => Box::new(input),
        };
        Ok(Source { name: name.to_owned(), input, skipped, hash, meter, advice, types: None })
    }

    /// The name for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The delimiter that the name's extension stands for: tab for `.tsv` and `.tab`, comma for all others.
    pub fn delimiter(&self) -> u8 {
        match file_name::format(&self.name).as_str() {
            "tsv" | "tab" => b'\t',
            _ => b',',
        }
    }

    /// The columns' types, if the file has types: then it is Parquet, and has no lines, delimiter or encoding.
    pub fn types(&self) -> Option<&[ColumnType]> {
        self.types.as_deref()
    }

    /// The bytes of a byte order mark that were left out: 0 or 3.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// How far it has been read.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The first bytes that are to come, at most 64 KiB, and whether they are all; they are read again afterwards.
    pub(super) fn head(&mut self) -> Result<(Vec<u8>, bool)> {
        let mut head = Vec::new();
        let reading = |error| DataError::reading(&self.name, error);
        self.input.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(reading)?;
        let rest = std::mem::replace(&mut self.input, Box::new(io::empty()));
        self.input = Box::new(Cursor::new(head.clone()).chain(rest));
        let whole = head.len() < HEAD;
        Ok((head, whole))
    }

    /// The SHA-256 of the bytes read so far, before decompression, in hexadecimal: of the whole file once the
    /// end was reached. `None` unless [`SourceOptions::fingerprint`] was set.
    pub fn sha256(&self) -> Option<String> {
        let hash = self.hash.as_ref()?.lock().ok()?.clone();
        let mut text = String::with_capacity(64);
        for byte in hash.finalize() {
            // Writing into a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Some(text)
    }

    /// The whole text, for the formats that are read line by line.
    ///
    /// # Errors
    ///
    /// If reading fails or the text is not UTF-8 or holds NUL; the message names the line and the byte.
    pub fn read_text(&mut self) -> Result<String> {
        let mut bytes = Vec::new();
        self.input.read_to_end(&mut bytes).map_err(|error| DataError::reading(&self.name, error))?;
        let nul = memchr::memchr(0, &bytes);
        let (at, problem) = match (String::from_utf8(bytes), nul) {
            (Ok(text), None) => return Ok(text),
            (Ok(text), Some(at)) => (at, nul_problem(self.place_of(text.as_bytes(), at))),
            (Err(error), _) => {
                let at = error.utf8_error().valid_up_to();
                (at, self.not_utf8(self.place_of(error.as_bytes(), at), error.as_bytes(), at))
            }
        };
        debug_assert_eq!(problem.place.byte, Some(self.skipped + at as u64));
        Err(problem.into())
    }

    /// The problem of bytes that are not UTF-8, the first of them at `at`.
    pub(super) fn not_utf8(&self, place: Place, bytes: &[u8], at: usize) -> Problem {
        let byte = bytes.get(at).copied().unwrap_or_default();
        Problem::new(place, Fault::NotText, format!("byte 0x{byte:02X}"), "UTF-8").hint(self.advice.clone())
    }

    fn place_of(&self, bytes: &[u8], at: usize) -> Place {
        let line = 1 + memchr::memchr_iter(b'\n', &bytes[..at]).count() as u64;
        let byte = self.skipped + at as u64;
        Place { file: self.name.clone(), line: Some(line), byte: Some(byte), ..Place::default() }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer)
    }
}

/// A NUL byte.
pub(super) fn nul_problem(place: Place) -> Problem {
    Problem::new(place, Fault::Nul, "a NUL byte", "text")
}

fn encoding_named(label: &str) -> Result<&'static Encoding> {
    match Encoding::for_label(label.as_bytes()) {
        // The standard maps a few unsafe encodings to one that decodes to nothing.
        Some(encoding) if encoding != encoding_rs::REPLACEMENT => Ok(encoding),
        _ => Err(DataError::Option {
            option: "--encoding",
            found: quoted(label),
            expected: "the name of an encoding such as utf-8, windows-1252, utf-16, shift_jis or gb18030".to_owned(),
        }),
    }
}

/// Undoes gzip and zstd, recognised by their magic numbers.
fn decompressed(name: &str, mut raw: BufReader<Box<dyn Read + Send>>) -> Result<Box<dyn Read + Send>> {
    let reading = |error| DataError::reading(name, error);
    // A pipe may hand over fewer bytes than a magic number has; then they are put back in front.
    let mut magic = Vec::new();
    raw.by_ref().take(4).read_to_end(&mut magic).map_err(reading)?;
    let gzip = magic.starts_with(b"\x1F\x8B");
    // The second is zstd's skippable frame, with which pzstd begins.
    let zstd =
        magic == b"\x28\xB5\x2F\xFD" || (magic.len() == 4 && magic[0] & 0xF0 == 0x50 && magic[1..] == *b"\x2A\x4D\x18");
    let claimed = match file_name::compression(name) {
        Compression::Gzip if !gzip => Some(("gzip", ".gz")),
        Compression::Zstd if !zstd => Some(("zstd", ".zst")),
        _ => None,
    };
    if let Some((format, extension)) = claimed {
        let place = Place { file: name.to_owned(), ..Place::default() };
        let found = if magic.is_empty() { "an empty file" } else { "other data" };
        return Err(
            Problem::new(place, Fault::Encoding, found, format!("{format} data, by its name {extension}")).into()
        );
    }
    let joined = BufReader::new(Cursor::new(magic).chain(raw));
    Ok(if gzip {
        Box::new(MultiGzDecoder::new(joined))
    } else if zstd {
        Box::new(zstd::Decoder::with_buffer(joined).map_err(reading)?)
    } else {
        Box::new(joined)
    })
}

const PARQUET: &str = "a Parquet file";

/// What helps where Parquet cannot be read.
const NO_PARQUET: &str = if cfg!(feature = "parquet") {
    "give its name, for a Parquet file cannot be read from a pipe"
} else {
    "export it as CSV first, or build toward with --features parquet"
};

/// A format that people mistake for CSV.
fn foreign_format(head: &[u8]) -> Option<&'static str> {
    const FORMATS: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "a zip archive or an Excel workbook"),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook"),
        (b"PAR1", PARQUET),
        (b"BZh", "bzip2 data"),
        (b"\xFD7zXZ\x00", "xz data"),
        (b"%PDF-", "a PDF file"),
    ];
    FORMATS.iter().find(|(magic, _)| head.starts_with(magic) && !plain_header(head)).map(|(_, name)| *name)
}

/// Whether the first line is printable ASCII, as a CSV header that happens to begin with `PAR1` or `BZh` is.
fn plain_header(head: &[u8]) -> bool {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    !line.starts_with(b"%PDF-")
        && line.iter().all(|&byte| byte == b'\r' || byte == b'\t' || (b' '..=b'~').contains(&byte))
}

#[derive(Clone, Copy)]
struct Wide {
    name: &'static str,
    /// What to give to `--encoding`; UTF-32 is not in the Encoding Standard.
    label: Option<&'static str>,
}

/// Recognises UTF-16 and UTF-32 by their mark, or by NULs standing in every second, or three of four, places.
fn wide_encoding(head: &[u8]) -> Option<Wide> {
    const UTF_16LE: Wide = Wide { name: "UTF-16LE", label: Some("utf-16le") };
    const UTF_16BE: Wide = Wide { name: "UTF-16BE", label: Some("utf-16be") };
    const UTF_32LE: Wide = Wide { name: "UTF-32LE", label: None };
    const UTF_32BE: Wide = Wide { name: "UTF-32BE", label: None };
    for (mark, wide) in [
        (&b"\xFF\xFE\0\0"[..], UTF_32LE),
        (b"\0\0\xFE\xFF", UTF_32BE),
        (b"\xFF\xFE", UTF_16LE),
        (b"\xFE\xFF", UTF_16BE),
    ] {
        if head.starts_with(mark) {
            return Some(wide);
        }
    }
    let mut nuls = [0_usize; 4];
    for at in memchr::memchr_iter(0, head) {
        nuls[at % 4] += 1;
    }
    let quarter = head.len() / 4;
    // Text in a Latin script has zeros in nearly all high bytes; in another script still at spaces, commas and
    // line ends, and never in low bytes.
    let [most, some, none] = [quarter * 3 / 4, quarter / 16, quarter / 64];
    let is = |wanted: [bool; 4], least: usize| {
        least > 0 && nuls.iter().zip(wanted).all(|(&count, zero)| if zero { count >= least } else { count <= none })
    };
    if is([false, true, true, true], most) {
        Some(UTF_32LE)
    } else if is([true, true, true, false], most) {
        Some(UTF_32BE)
    } else if is([false, true, false, true], some.max(1)) {
        Some(UTF_16LE)
    } else if is([true, false, true, false], some.max(1)) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// A reader whose bytes are hashed as they pass.
struct Hashed<R> {
    input: R,
    hash: Arc<Mutex<Sha256>>,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        if let Ok(mut hash) = self.hash.lock() {
            hash.update(&buffer[..count]);
        }
        Ok(count)
    }
}

/// A reader that turns another encoding into UTF-8 and refuses what is malformed in it.
struct Transcoded<R> {
    name: String,
    input: BufReader<R>,
    decoder: encoding_rs::Decoder,
    encoding: &'static Encoding,
    text: Vec<u8>,
    given: usize,
    consumed: u64,
    done: bool,
}

impl<R: Read> Transcoded<R> {
    fn new(name: &str, input: R, encoding: &'static Encoding) -> Transcoded<R> {
        Transcoded {
            name: name.to_owned(),
            input: BufReader::with_capacity(HEAD, input),
            // This decoder heeds a byte order mark over the name that was given, and leaves it out.
            decoder: encoding.new_decoder(),
            encoding,
            text: Vec::new(),
            given: 0,
            consumed: 0,
            done: false,
        }
    }

    /// Decodes one more stretch of input.
    fn decode(&mut self) -> io::Result<()> {
        let bytes = self.input.fill_buf()?;
        let last = bytes.is_empty();
        self.text.resize(HEAD, 0);
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(bytes, &mut self.text, last);
        self.input.consume(read);
        self.consumed += read as u64;
        self.text.truncate(written);
        self.given = 0;
        match result {
            DecoderResult::Malformed(_, _) => {
                let place =
                    Place { file: self.name.clone(), byte: Some(self.consumed.saturating_sub(1)), ..Place::default() };
                let problem = Problem::new(
                    place,
                    Fault::NotText,
                    "bytes that are malformed in this encoding",
                    format!("{} as --encoding says", self.encoding.name()),
                );
                Err(io::Error::other(DataError::from(problem)))
            }
            DecoderResult::InputEmpty => {
                self.done = last;
                Ok(())
            }
            DecoderResult::OutputFull => Ok(()),
        }
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.done {
            self.decode()?;
        }
        let count = buffer.len().min(self.text.len() - self.given);
        buffer[..count].copy_from_slice(&self.text[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn text_of(name: &str, bytes: &[u8], encoding: Option<&str>) -> std::result::Result<String, String> {
        let options = SourceOptions { encoding: encoding.map(str::to_owned), fingerprint: false };
        Source::from_reader(name, Cursor::new(bytes.to_vec()), &options)
            .and_then(|mut source| source.read_text())
            .map_err(|error| error.to_string())
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn compression_is_undone_and_members_are_joined() {
        let mut members = gzip(b"text\n");
        members.extend(gzip(b"one\n"));
        assert_eq!(text_of("a.csv.gz", &members, None).unwrap(), "text\none\n");
        assert_eq!(text_of("standard input", &members, None).unwrap(), "text\none\n");
        let frame = zstd::encode_all(&b"text\none\n"[..], 1).unwrap();
        assert_eq!(text_of("a.csv.zst", &frame, None).unwrap(), "text\none\n");
    }

    #[test]
    fn truncated_compressed_data_are_an_error() {
        let body: Vec<u8> =
            (0..40_000_u32).flat_map(|i| (i.wrapping_mul(2_654_435_761)).to_string().into_bytes()).collect();
        for (name, bytes) in [("a.gz", gzip(&body)), ("a.zst", zstd::encode_all(&body[..], 1).unwrap())] {
            for cut in [5, bytes.len() / 2, bytes.len() - 1] {
                let error = text_of(name, &bytes[..cut], None).unwrap_err();
                assert!(error.starts_with(&format!("{name}: cannot be read: ")), "{error}");
            }
        }
    }

    #[test]
    fn a_name_that_lies_is_an_error() {
        assert_eq!(
            text_of("a.csv.gz", b"text\n", None).unwrap_err(),
            "a.csv.gz: found other data, expected gzip data, by its name .gz"
        );
        assert_eq!(
            text_of("a.zst", b"", None).unwrap_err(),
            "a.zst: found an empty file, expected zstd data, by its name .zst"
        );
    }

    #[test]
    fn utf16_and_utf32_are_named() {
        let text = "text\nXi accused Washington\n";
        let mut marked = vec![0xFF, 0xFE];
        marked.extend(utf16(text));
        let message = "a.csv: found UTF-16LE, expected text in UTF-8; try --encoding utf-16le";
        assert_eq!(text_of("a.csv", &marked, None).unwrap_err(), message);
        assert_eq!(text_of("a.csv", &utf16(text), None).unwrap_err(), message);
        let swapped: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(text_of("a.csv", &swapped, None).unwrap_err().contains("found UTF-16BE"));
        let wide: Vec<u8> = text.chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
        assert!(text_of("a.csv", &wide, None).unwrap_err().ends_with("convert it with `iconv -f UTF-32LE -t UTF-8`"));
        for (bytes, label) in [(&marked, "utf-16"), (&utf16(text), "utf-16le"), (&swapped, "UTF-16BE")] {
            assert_eq!(text_of("a.csv", bytes, Some(label)).unwrap(), text);
        }
    }

    #[test]
    fn chinese_utf16_without_a_mark_is_recognised() {
        let text = "标题,正文\n习近平会见普京,两国元首发表联合声明。\n".repeat(20);
        assert!(text_of("a.csv", &utf16(&text), None).unwrap_err().contains("UTF-16LE"));
    }

    #[test]
    fn another_encoding_is_transcoded_when_named() {
        assert_eq!(text_of("a.csv", b"text\nBogot\xE1\n", Some("windows-1252")).unwrap(), "text\nBogotá\n");
        assert_eq!(
            text_of("a.csv", b"text\nBogot\xE1\n", None).unwrap_err(),
            "a.csv: line 2, byte 10: found byte 0xE1, expected UTF-8; try --encoding windows-1252"
        );
        assert_eq!(
            text_of("a.csv", b"text\n\x81", Some("shift_jis")).unwrap_err(),
            "a.csv: byte 5: found bytes that are malformed in this encoding, expected Shift_JIS as --encoding says"
        );
        assert!(text_of("a.csv", b"", Some("klingon")).unwrap_err().starts_with("--encoding: found \"klingon\""));
        let long = "é".repeat(200_000);
        let bytes = vec![0xE9; 200_000];
        assert_eq!(text_of("a.csv", &bytes, Some("latin1")).unwrap(), long);
    }

    #[test]
    fn workbooks_and_archives_are_named() {
        let error = text_of("a.csv", b"PK\x03\x04\x14\0\x06\0", None).unwrap_err();
        assert_eq!(
            error,
            "a.csv: found a zip archive or an Excel workbook, expected text in UTF-8; export it as CSV first"
        );
        assert_eq!(text_of("a.csv", b"PAR1,b\n", None).unwrap(), "PAR1,b\n");
    }

    #[test]
    fn the_fingerprint_is_of_the_bytes_on_disk() {
        let options = SourceOptions { encoding: None, fingerprint: true };
        let mut source = Source::from_reader("a.csv", &b"abc"[..], &options).unwrap();
        source.read_text().unwrap();
        assert_eq!(source.sha256().unwrap(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Source::open("no/such.csv", &SourceOptions::default()).err().unwrap().to_string();
        assert!(error.starts_with("no/such.csv: cannot be read: "), "{error}");
        assert!(Source::open(".", &SourceOptions::default()).is_err());
    }
}
