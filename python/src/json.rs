//! The library's reports as Python objects, in the shape that the command line prints as JSON.

use pyo3::prelude::*;
use serde::Serialize;

/// A report as dicts, lists, numbers and strings.
pub fn to_python<'py>(py: Python<'py>, report: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    let text = serde_json::to_string(report).map_err(crate::error::ours)?;
    py.import("json")?.call_method1("loads", (text,))
}
