//! Arrow data from and to Python without copies: the Arrow `PyCapsule` interface.
//!
//! Whoever has a table (pandas, polars, pyarrow, `DuckDB`, Spark's workers) hands over the C structs of Arrow's data
//! interface in capsules, and takes them the same way. This is the one file with `unsafe` code: the pointers in the
//! capsules are as valid as the interface promises, and each struct is moved out of its capsule once.

#![expect(unsafe_code, reason = "the C interface consists of pointers")]

use std::ffi::CStr;
use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi_and_data_type};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchIterator, make_array};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::error::Error;

const ARRAY: &CStr = c"arrow_array";
const SCHEMA: &CStr = c"arrow_schema";
const STREAM: &CStr = c"arrow_array_stream";

/// Arrays that come one after the other, of one type.
pub enum Source {
    /// From an object that gives a stream: a table, a series, a reader of batches.
    Stream(Stream),
    /// From an object that is one array or record batch.
    Array(Field, Option<ArrayRef>),
}

impl Source {
    /// The arrays of a Python object; `None` if it does not speak the interface.
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<Option<Source>> {
        if object.hasattr("__arrow_c_stream__")? {
            return Stream::of(object).map(|stream| Some(Source::Stream(stream)));
        }
        if object.hasattr("__arrow_c_array__")? {
            let (field, array) = array(object)?;
            return Ok(Some(Source::Array(field, Some(array))));
        }
        Ok(None)
    }

    /// What the arrays are: a struct of columns, or one column.
    pub fn field(&self) -> &Field {
        match self {
            Source::Stream(stream) => &stream.field,
            Source::Array(field, _) => field,
        }
    }
}

impl Iterator for Source {
    type Item = Result<ArrayRef, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Source::Stream(stream) => stream.next(),
            Source::Array(_, array) => array.take().map(Ok),
        }
    }
}

/// A stream of the C interface. Its producer takes Python's lock itself where it needs it.
pub struct Stream {
    raw: FFI_ArrowArrayStream,
    field: Field,
}

impl Stream {
    fn of(object: &Bound<'_, PyAny>) -> PyResult<Stream> {
        let capsule = object.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
        let pointer = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
        // SAFETY: a capsule of this name holds a valid stream; it is left behind as a released one.
        let mut raw = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr()) };
        let (Some(get_schema), Some(_)) = (raw.get_schema, raw.release) else {
            return Err(Error::new_err("the stream has been read already"));
        };
        let mut schema = FFI_ArrowSchema::empty();
        // SAFETY: the stream is not released, and `schema` is there to be written.
        let code = unsafe { get_schema(&raw mut raw, &raw mut schema) };
        if code != 0 {
            return Err(Error::new_err(last_error(&mut raw, code)));
        }
        let field = Field::try_from(&schema).map_err(crate::error::arrow)?;
        Ok(Stream { raw, field })
    }

    fn next(&mut self) -> Option<Result<ArrayRef, ArrowError>> {
        let get_next = self.raw.get_next?;
        let mut array = FFI_ArrowArray::empty();
        // SAFETY: the stream is not released, and `array` is there to be written.
        let code = unsafe { get_next(&raw mut self.raw, &raw mut array) };
        if code != 0 {
            return Some(Err(ArrowError::CDataInterface(last_error(&mut self.raw, code))));
        }
        if array.is_released() {
            return None;
        }
        // SAFETY: the array is of the stream's type, as the interface promises.
        Some(unsafe { import(array, &self.field) })
    }
}

/// What a stream says of its last failure.
fn last_error(raw: &mut FFI_ArrowArrayStream, code: i32) -> String {
    let message = raw.get_last_error.map(|get| {
        // SAFETY: the stream is not released; the text stays valid until it is called again.
        unsafe {
            let text = get(raw);
            if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
        }
    });
    message.filter(|text| !text.is_empty()).unwrap_or_else(|| format!("the stream failed with code {code}"))
}

/// The array of an object that has one.
fn array(object: &Bound<'_, PyAny>) -> PyResult<(Field, ArrayRef)> {
    let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) =
        object.call_method0("__arrow_c_array__")?.extract()?;
    let schema = schema.pointer_checked(Some(SCHEMA))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(ARRAY))?.cast::<FFI_ArrowArray>();
    // SAFETY: capsules of these names hold valid structs, the array is of the schema's type, and it is left behind as
    // a released one.
    unsafe {
        let field = Field::try_from(schema.as_ref()).map_err(crate::error::arrow)?;
        let array = import(FFI_ArrowArray::from_raw(array.as_ptr()), &field).map_err(crate::error::arrow)?;
        Ok((field, array))
    }
}

/// Takes an array over.
///
/// # Safety
/// It must be a valid array of the field's type.
unsafe fn import(array: FFI_ArrowArray, field: &Field) -> Result<ArrayRef, ArrowError> {
    // SAFETY: as the caller promises.
    let mut data = unsafe { from_ffi_and_data_type(array, field.data_type().clone()) }?;
    data.align_buffers();
    Ok(make_array(data))
}

/// Record batches as the capsule of a stream.
pub fn stream<'py>(py: Python<'py>, schema: SchemaRef, batches: Vec<RecordBatch>) -> PyResult<Bound<'py, PyCapsule>> {
    let reader = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
}

/// A schema as a capsule.
pub fn schema<'py>(py: Python<'py>, schema: &Arc<Schema>) -> PyResult<Bound<'py, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowSchema::try_from(schema.as_ref()).map_err(crate::error::arrow)?, SCHEMA)
}
