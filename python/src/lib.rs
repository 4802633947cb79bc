//! The compiled part of the Python package `toward`: the library's classifier behind Python's types.
//!
//! Nothing is decided here. Arguments are turned into the library's, answers into Arrow columns.

mod capsule;
mod cells;
mod classifier;
mod classify;
mod error;
mod json;
mod labelled;
mod rows;
mod threads;
mod training;

use pyo3::prelude::*;

/// The compiled part of `toward`.
#[pymodule]
mod _toward {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::classifier::Classifier;
    #[pymodule_export]
    use super::error::Error;
    #[pymodule_export]
    use super::rows::Rows;
    #[pymodule_export]
    use super::training::train;

    #[pymodule_init]
    fn version(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
