//! Labelled data from a file, or from a table that is handed on as if it were one.

use std::io::Cursor;
use std::path::PathBuf;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use toward::data::{Format, Labelled, LabelledOptions, RowWriter, read_labelled, read_labelled_from};

use crate::capsule::Source;
use crate::cells::{Texts, numbers};
use crate::classify::TABLE;
use crate::error;

/// Reads labelled data: a path, a table, or a list of such.
pub fn read(py: Python<'_>, data: &Bound<'_, PyAny>, group: Option<&str>) -> PyResult<Vec<Labelled>> {
    let options = LabelledOptions { group: group.map(str::to_owned), ..LabelledOptions::default() };
    read_with(py, data, &options)
}

fn read_with(py: Python<'_>, data: &Bound<'_, PyAny>, options: &LabelledOptions) -> PyResult<Vec<Labelled>> {
    if data.is_instance_of::<PyString>() || data.hasattr("__fspath__")? {
        let path: PathBuf = data.extract()?;
        return py.detach(|| read_labelled(path, options)).map(|labelled| vec![labelled]).map_err(error::ours);
    }
    if let Some(source) = Source::of(data)? {
        return table(py, source, options).map(|labelled| vec![labelled]);
    }
    if data.is_instance_of::<PyBytes>() || data.try_iter().is_err() {
        let found = data.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "data: found {found}, expected a path, a table with the columns sentence, actor and label, or a list of such"
        )));
    }
    let mut all = Vec::new();
    for part in data.try_iter()? {
        all.extend(read_with(py, &part?, options)?);
    }
    Ok(all)
}

/// A table by way of CSV, so that every check of labelled files holds for it.
fn table(py: Python<'_>, source: Source, options: &LabelledOptions) -> PyResult<Labelled> {
    let fields = match source.field().data_type() {
        arrow_schema::DataType::Struct(fields) => fields.clone(),
        other => return Err(error::argument("data", format!("values of type {other}"), "a table")),
    };
    let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
    let writer = RowWriter::new(Format::Csv { delimiter: b',' }, &names).map_err(error::ours)?;
    let mut csv = Vec::new();
    writer.header(&mut csv);
    py.detach(|| {
        for array in source {
            let array = array?;
            let columns = array.as_struct().columns();
            let cells: Vec<Vec<Option<String>>> = columns.iter().map(|column| cells(column.as_ref())).collect();
            for row in 0..array.len() {
                let mut cells_of_row = writer.row(&mut csv);
                for column in &cells {
                    cells_of_row = cells_of_row.text(column[row].as_deref().unwrap_or_default());
                }
                cells_of_row.end();
            }
        }
        Ok::<(), arrow_schema::ArrowError>(())
    })
    .map_err(error::arrow)?;
    read_labelled_from(TABLE, Cursor::new(csv), options).map_err(error::ours)
}

/// A column's cells as text. What is neither text nor number is of no use in labelled data, and empty.
fn cells(column: &dyn Array) -> Vec<Option<String>> {
    if let Some(texts) = Texts::of(column) {
        return (0..column.len()).map(|row| texts.get(row).map(str::to_owned)).collect();
    }
    numbers(column).unwrap_or_else(|| vec![None; column.len()])
}
