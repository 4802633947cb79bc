//! The self-contained HTML report: what an output of `toward classify` says, to look at and to show.
//!
//! [`Rows`] reads the file, [`Summary`] adds it up, [`render`] makes the page. The charts are SVG that is drawn
//! here, so that the page shows them without its script; the script filters, sorts and searches the rows, which
//! are in the page as JSON by column. The page loads nothing and its security policy forbids it to. The same
//! rows give the same bytes.

mod charts;
mod day;
mod embed;
mod explained;
mod page;
mod rows;
mod summary;
mod tally;
mod words;

pub use day::{Bins, Day, Width};
pub use explained::{Explained, render_explanations};
pub use page::{PageOptions, render};
pub use rows::{Column, Roles, Rows, RowsOptions};
pub use summary::{ActorSummary, BySource, ByTime, Pair, Summary};
pub use tally::{Tally, wilson};
pub use words::Words;

/// The result of everything in this room.
pub type Result<T, E = ReportError> = std::result::Result<T, E>;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The file cannot be read or is not an output of `toward classify`.
    #[error(transparent)]
    Data(#[from] crate::data::DataError),
    /// The page cannot be made: a defect of its template.
    #[error("the report cannot be rendered: {0:#}")]
    Template(#[from] minijinja::Error),
    /// The rows cannot be put into the page.
    #[error("the rows cannot be put into the page: {0}")]
    Json(#[from] serde_json::Error),
    /// The model that should tell the deciding words cannot.
    #[error(transparent)]
    Model(#[from] crate::model::ModelError),
}

impl From<crate::data::Problem> for ReportError {
    fn from(problem: crate::data::Problem) -> ReportError {
        ReportError::Data(problem.into())
    }
}
