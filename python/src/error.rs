//! The errors of the library as one Python exception, with the texts that the command line prints.

use arrow_schema::ArrowError;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

pyo3::create_exception!(
    toward,
    Error,
    PyValueError,
    "What is wrong with data, a model or an argument: the message names the place, what was found and what was expected."
);

/// An error of the library, in its own words.
pub fn ours(error: impl std::fmt::Display) -> PyErr {
    Error::new_err(error.to_string())
}

/// An error of Arrow's: its words without the kind in front.
pub fn arrow(error: ArrowError) -> PyErr {
    match error {
        ArrowError::CDataInterface(text) | ArrowError::SchemaError(text) | ArrowError::InvalidArgumentError(text) => {
            Error::new_err(text)
        }
        other => Error::new_err(other.to_string()),
    }
}

/// An argument that makes no sense.
pub fn argument(name: &str, found: impl std::fmt::Display, expected: &str) -> PyErr {
    Error::new_err(format!("{name}: found {found}, expected {expected}"))
}
