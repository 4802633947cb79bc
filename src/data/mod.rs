//! Data in and out: CSV, Parquet, labelled sentences, the marked corpus, and the promise that nothing is lost.
//!
//! The measure is what the csv crate, qsv, `DuckDB`'s reader and `SQLite` promise: every record that comes in
//! goes out or is set aside with a reason, every error names its place, and an output file appears whole or
//! not at all. Nothing here knows about models or features.

mod column_type;
mod columns;
pub mod convert;
mod corpus;
mod error;
mod file_name;
mod journal;
mod labelled;
mod legacy;
mod meter;
pub mod offsets;
mod output;
#[cfg(feature = "parquet")]
mod parquet;
mod reader;
mod rejects;
mod row_writer;
mod scan;
mod shard;
mod sniff;
mod source;

pub use column_type::ColumnType;
pub use columns::Columns;
pub use corpus::{Corpus, Mark, MarkError, MarkedSentence, read_corpus, read_corpus_from};
pub use error::{DataError, Fault, Place, Problem, Result};
pub use journal::{Checkpoint, Conditions, Journal, Position};
pub use labelled::{Example, Labelled, LabelledOptions, Warning, read_labelled, read_labelled_from};
pub use meter::Meter;
pub use output::Output;
pub use reader::{Counts, OnError, Reader, ReaderOptions, Record};
pub use rejects::Rejects;
pub use row_writer::{Format, Row, RowWriter};
pub use shard::{Shard, ShardError};
pub use source::{Source, SourceOptions};
