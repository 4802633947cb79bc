//! Parquet in and out, as one more way in which a table can lie on disk.
//!
//! A Parquet file is read as the CSV that it would be, and written from the rows that would be CSV, in the way that gzip
//! and zstd are: whatever reads or writes a table here — sharing out, resuming, setting aside — knows nothing of it, and
//! every promise holds for it. To turn cells into text and back costs little beside labelling them.
//!
//! Types are kept: columns that are copied from Parquet to Parquet have the type that they had, if it is one whose text
//! can be read back; lists, structs and bytes become text. An empty cell is null.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_csv::reader::Decoder;
use arrow_csv::{ReaderBuilder, WriterBuilder};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::column_type::ColumnType;

/// Rows that are read, or written, together.
const BATCH: usize = 8192;

/// What a Parquet file begins and ends with.
const MAGIC: &[u8; 4] = b"PAR1";

/// Whether a file is Parquet: a CSV may begin like one, but does not end like one.
pub(super) fn is_parquet(file: &mut File) -> io::Result<bool> {
    use std::io::{Seek, SeekFrom};
    let mut found = [[0; 4]; 2];
    let whole = file.read_exact(&mut found[0]).is_ok()
        && &found[0] == MAGIC
        && file.seek(SeekFrom::End(-4)).is_ok()
        && file.read_exact(&mut found[1]).is_ok();
    file.rewind()?;
    Ok(whole && found == [*MAGIC; 2])
}

/// A Parquet file as the text of a CSV.
pub(super) struct Decoded {
    batches: ParquetRecordBatchReader,
    types: Vec<ColumnType>,
    text: Vec<u8>,
    given: usize,
}

impl Decoded {
    pub fn new(file: File) -> io::Result<Decoded> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(io::Error::other)?;
        let schema = Arc::clone(builder.schema());
        let batches = builder.with_batch_size(BATCH).build().map_err(io::Error::other)?;
        let types = schema.fields().iter().map(|field| ColumnType::Arrow(written_as(field.data_type()))).collect();
        // The header, even if no row follows.
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let mut header = csv::WriterBuilder::new().from_writer(Vec::new());
        header.write_record(&names)?;
        let text = header.into_inner().map_err(|error| io::Error::other(error.into_error()))?;
        Ok(Decoded { batches, types, text, given: 0 })
    }

    /// The columns' types.
    pub fn types(&self) -> &[ColumnType] {
        &self.types
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            let Some(batch) = self.batches.next() else { return Ok(0) };
            self.text.clear();
            self.given = 0;
            let batch = flat(&batch.map_err(io::Error::other)?).map_err(io::Error::other)?;
            let mut writer = WriterBuilder::new().with_header(false).build(&mut self.text);
            writer.write(&batch).map_err(io::Error::other)?;
        }
        let count = buffer.len().min(self.text.len() - self.given);
        buffer[..count].copy_from_slice(&self.text[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// A batch whose lists, structs and bytes are text.
fn flat(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let options = FormatOptions::default();
    let mut fields: Vec<Field> = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        if has_text(field.data_type()) {
            fields.push(field.as_ref().clone());
            columns.push(Arc::clone(column));
            continue;
        }
        let cells = ArrayFormatter::try_new(column.as_ref(), &options)?;
        let text = |row: usize| column.is_valid(row).then(|| cells.value(row).to_string());
        columns.push(Arc::new((0..column.len()).map(text).collect::<StringArray>()));
        fields.push(Field::new(field.name(), DataType::Utf8, true));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// Whether a column's cells can be written as text as they are.
fn has_text(kind: &DataType) -> bool {
    !kind.is_nested()
        && !matches!(
            kind,
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_)
        )
}

/// The type that a column is written with after its cells were text: its own, if that can be read back.
fn written_as(kind: &DataType) -> DataType {
    use DataType::{
        Boolean, Date32, Date64, Decimal128, Decimal256, Float16, Float32, Float64, Int8, Int16, Int32, Int64,
        Timestamp, UInt8, UInt16, UInt32, UInt64, Utf8,
    };
    match kind {
        Boolean | Date32 | Date64 | Decimal128(..) | Decimal256(..) | Float16 | Float32 | Float64 | Int8 | Int16
        | Int32 | Int64 | Timestamp(..) | UInt8 | UInt16 | UInt32 | UInt64 => kind.clone(),
        _ => Utf8,
    }
}

/// Writes rows of CSV as Parquet.
pub(super) struct Encoded<W: Write + Send> {
    state: State<W>,
}

enum State<W: Write + Send> {
    /// Nothing was written yet: the header comes first.
    Empty(W),
    Rows(Box<Decoder>, Box<ArrowWriter<W>>),
    /// Writing failed.
    Broken,
}

impl<W: Write + Send> Encoded<W> {
    pub fn new(writer: W) -> Encoded<W> {
        Encoded { state: State::Empty(writer) }
    }

    /// Takes rendered rows. The first block begins with the header, a line of types under the line of names.
    pub fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        if let State::Empty(_) = self.state {
            let (schema, header) = schema_of(bytes)?;
            rest = &bytes[header..];
            let State::Empty(writer) = std::mem::replace(&mut self.state, State::Broken) else { return Ok(()) };
            self.state = State::Rows(Box::new(decoder(&schema)), Box::new(writer_to(writer, schema)?));
        }
        let State::Rows(decoder, writer) = &mut self.state else {
            return Err(io::Error::other("writing has failed before"));
        };
        while !rest.is_empty() {
            let read = decoder.decode(rest).map_err(io::Error::other)?;
            rest = &rest[read..];
            if decoder.capacity() == 0 {
                flush(decoder, writer)?;
            }
        }
        Ok(())
    }

    /// Completes the file. Nothing at all is an error: a table has columns.
    pub fn finish(self) -> io::Result<W> {
        let State::Rows(mut decoder, mut writer) = self.state else {
            return Err(io::Error::other("a Parquet file needs columns, but nothing was written"));
        };
        flush(&mut decoder, &mut writer)?;
        writer.into_inner().map_err(io::Error::other)
    }
}

fn flush<W: Write + Send>(decoder: &mut Decoder, writer: &mut ArrowWriter<W>) -> io::Result<()> {
    match decoder.flush().map_err(io::Error::other)? {
        Some(batch) => writer.write(&batch).map_err(io::Error::other),
        None => Ok(()),
    }
}

fn decoder(schema: &SchemaRef) -> Decoder {
    ReaderBuilder::new(Arc::clone(schema)).with_header(false).with_batch_size(BATCH).build_decoder()
}

fn writer_to<W: Write + Send>(writer: W, schema: SchemaRef) -> io::Result<ArrowWriter<W>> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::default()))
        .set_created_by(concat!("toward ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    ArrowWriter::try_new(writer, schema, Some(properties)).map_err(io::Error::other)
}

/// The schema that a header's two lines tell, and where the rows begin.
fn schema_of(bytes: &[u8]) -> io::Result<(SchemaRef, usize)> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut line = || {
        let mut record = csv::StringRecord::new();
        let found = reader.read_record(&mut record)?;
        let end = reader.position().byte() as usize;
        if found { Ok((record, end)) } else { Err(io::Error::other("a Parquet file needs a header")) }
    };
    let (names, _) = line()?;
    let (types, end) = line()?;
    let field = |(name, kind): (&str, &str)| {
        let kind: DataType = serde_json::from_str(kind).map_err(io::Error::other)?;
        Ok(Field::new(name, kind, true))
    };
    let fields: Vec<Field> = names.iter().zip(types.iter()).map(field).collect::<io::Result<_>>()?;
    Ok((Arc::new(Schema::new(fields)), end))
}
