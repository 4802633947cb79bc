//! What `classify` returns: labelled rows as Arrow columns, readable without any other package.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use pyo3::exceptions::{PyIndexError, PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList, PySlice, PyString};

use crate::capsule;
use crate::cells::Texts;

/// Labelled rows: one a sentence and actor, or one a record where the actors were given.
///
/// A sequence of dicts that holds its cells in Arrow columns: `pyarrow.table(rows)`, `polars.DataFrame(rows)` and
/// whatever else speaks the Arrow PyCapsule interface take them without a copy.
///
/// >>> import toward
/// >>> rows = toward.Classifier.load(effort="fast").classify(["Xi accused NATO of aggression."])
/// >>> len(rows)
/// 2
/// >>> rows[1]["actor"], rows[1]["label"]
/// ('NATO', 'critical')
/// >>> rows["mention"]
/// ['Xi', 'NATO']
#[pyclass(frozen, module = "toward")]
pub struct Rows {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Rows {
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Rows {
        Rows { schema, batches }
    }

    fn row<'py>(&self, py: Python<'py>, batch: &RecordBatch, row: usize) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for (field, column) in self.schema.fields().iter().zip(batch.columns()) {
            dict.set_item(field.name(), cell(py, field.name(), column.as_ref(), row)?)?;
        }
        Ok(dict)
    }

    /// The batch of a row and the row's place there.
    fn locate(&self, row: usize) -> Option<(&RecordBatch, usize)> {
        let mut before = 0;
        for batch in &self.batches {
            if row < before + batch.num_rows() {
                return Some((batch, row - before));
            }
            before += batch.num_rows();
        }
        None
    }
}

#[pymethods]
impl Rows {
    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// A row by its place, rows by a slice, a column by its name.
    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(name) = key.cast::<PyString>() {
            return self.column(py, name.to_str()?).map(Bound::into_any);
        }
        if let Ok(slice) = key.cast::<PySlice>() {
            let indices = slice.indices(self.__len__() as isize)?;
            let rows = PyList::empty(py);
            let mut at = indices.start;
            for _ in 0..indices.slicelength {
                rows.append(self.get(py, at)?)?;
                at += indices.step;
            }
            return Ok(rows.into_any());
        }
        self.get(py, key.extract()?).map(Bound::into_any)
    }

    /// Iterates over the rows as dicts.
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.to_dicts(py)?.try_iter()?.into_any())
    }

    fn __repr__(&self) -> String {
        let names: Vec<&str> = self.schema.fields().iter().map(|field| field.name().as_str()).collect();
        format!("<toward.Rows: {} rows of {}>", self.__len__(), names.join(", "))
    }

    /// The columns' names.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// The rows as a list of dicts.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let rows = PyList::empty(py);
        for batch in &self.batches {
            for row in 0..batch.num_rows() {
                rows.append(self.row(py, batch, row)?)?;
            }
        }
        Ok(rows)
    }

    /// The rows as a `pyarrow.Table`, without a copy. Needs pyarrow.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("pyarrow")?.call_method1("table", (slf,))
    }

    /// The rows as a `polars.DataFrame`. Needs polars.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("polars")?.call_method1("DataFrame", (slf,))
    }

    /// The rows as a `pandas.DataFrame`. Needs pandas; with pyarrow it is faster.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let pandas = py.import("pandas")?;
        if py.import("pyarrow").is_ok() {
            return Rows::to_arrow(slf)?.call_method0("to_pandas");
        }
        let columns = PyDict::new(py);
        for name in slf.get().columns() {
            columns.set_item(&name, slf.get().column(py, &name)?)?;
        }
        pandas.call_method1("DataFrame", (columns,))
    }

    /// The rows as a stream of the Arrow C interface.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // Another schema is a wish that a producer may leave unfulfilled.
        drop(requested_schema);
        capsule::stream(py, self.schema.clone(), self.batches.clone())
    }

    /// The columns' names and types, for the Arrow C interface.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::schema(py, &self.schema)
    }
}

impl Rows {
    fn get<'py>(&self, py: Python<'py>, at: isize) -> PyResult<Bound<'py, PyDict>> {
        let length = self.__len__();
        let place = if at < 0 { at + length as isize } else { at };
        let found = usize::try_from(place).ok().and_then(|place| self.locate(place));
        let (batch, row) = found.ok_or_else(|| PyIndexError::new_err(format!("row {at} of {length}")))?;
        self.row(py, batch, row)
    }

    fn column<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        let index = self.schema.index_of(name).map_err(|_| PyKeyError::new_err(name.to_owned()))?;
        let cells = PyList::empty(py);
        for batch in &self.batches {
            let column = batch.column(index);
            for row in 0..batch.num_rows() {
                cells.append(cell(py, name, column.as_ref(), row)?)?;
            }
        }
        Ok(cells)
    }
}

/// A cell as a Python object.
fn cell<'py>(py: Python<'py>, name: &str, column: &dyn Array, row: usize) -> PyResult<Bound<'py, PyAny>> {
    if column.is_null(row) {
        return Ok(py.None().into_bound(py));
    }
    macro_rules! number {
        ($type:ty) => {
            Ok(column.as_primitive::<$type>().value(row).into_pyobject(py)?.into_any())
        };
    }
    match column.data_type() {
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Float32 => number!(Float32Type),
        DataType::Float64 => number!(Float64Type),
        DataType::Boolean => Ok(column.as_boolean().value(row).into_pyobject(py)?.to_owned().into_any()),
        // A slice, lest a column of codes is decoded for every cell.
        other => match Texts::of(column.slice(row, 1).as_ref()) {
            Some(texts) => Ok(texts.get(0).into_pyobject(py)?.into_any()),
            None => Err(PyTypeError::new_err(format!(
                "column {name:?} has values of type {other}, which only Arrow can show: use to_arrow() or to_polars()"
            ))),
        },
    }
}
