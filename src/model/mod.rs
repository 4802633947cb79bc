//! The bundle: what a trained model is, how it is stored, how it is trained, and how it labels.
//!
//! [`Model`] is plain data: what is in the file. [`Classifier`] is a model compiled for speed together with an
//! actor catalogue: what labels. The split is vaporetto's and LIBLINEAR's.

mod answer;
mod audit;
mod build;
mod card;
mod cascade;
mod case;
mod change;
mod classifier;
mod dense;
mod explanation;
mod format;
mod instances;
mod known;
mod listing;
mod memory;
mod pool;
mod provenance;
mod recipe;
mod silver;
mod sparse;
mod study;
mod suggest;
mod swap;
mod training;

use std::fs::File;
use std::io::Read;
use std::path::Path;

pub use answer::{Answer, DATES, Offset, Question, Stance, answers, column_names, column_types};
pub use audit::{Audited, audit};
pub use build::{Adaptation, BuildError, adapt, build};
pub use card::card;
pub use cascade::{CascadeParams, Effort, Stage, Sure, Thresholds};
pub use change::{Change, LeftOut};
pub use classifier::{Classifier, Document, Given, Judged, Judgement, Options, Row, rows};
pub use dense::Head;
pub use explanation::{Explanation, Feature, Grounds, Place, Word};
pub use instances::{Instance, Instances, Missing, NotFound};
pub use listing::Listing;
pub use provenance::{FORMAT, HASH, Provenance, Score, TrainingSet};
pub use recipe::{Recipe, RecipeError, SetFormat, SetRecipe};
pub use sparse::{Buffers, Sparse, Table};
pub use study::{Point, Study, study};
pub use suggest::{Candidate, Suggestion, candidates, given_candidates, suggest};
pub use swap::{NameTone, Swap, SwapError, SwapKind, SwapOptions, SwapReport, SwapShare};
pub use training::{FOLDS, SparseParams, Trained, TrainingError, train};

/// The largest bundle that is read from a file: some 70 times the default model.
const LARGEST_FILE: u64 = 512 << 20;

/// A trained model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The linear model on named features.
    pub sparse: Sparse,
    /// The linear models on the encoder's vectors, by depth, the deepest last; none without the encoder.
    pub dense: Vec<Head>,
    /// What it is and where it comes from.
    pub provenance: Provenance,
}

/// What is wrong with a bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// In a file: what follows.
    #[error("{path}: {error}")]
    InFile {
        /// The file.
        path: String,
        /// What is wrong.
        error: Box<ModelError>,
    },
    /// The bytes are something else.
    #[error("is not a model of toward: {0}; expected a .safetensors file written by `toward train`")]
    NotABundle(String),
    /// The bytes are a bundle that was cut or changed.
    #[error("is damaged: {0}; copy it again, or train it again")]
    Damaged(String),
    /// A layout of the future.
    #[error("has format {found}, but this version of toward reads up to {FORMAT}; use a newer toward")]
    Newer {
        /// The format found.
        found: u32,
    },
    /// A layout of the past.
    #[error("has format {found}, but this version of toward reads {FORMAT}; train it again")]
    Older {
        /// The format found.
        found: u32,
    },
    /// The features have changed since it was trained.
    #[error(
        "was trained with version {found} of the features {family:?}, but this version of toward has {}; train it again",
        match expected { Some(version) => format!("version {version}"), None => "none of that name".to_owned() }
    )]
    Features {
        /// The family.
        family: String,
        /// The version in the bundle.
        found: u32,
        /// The version in this crate.
        expected: Option<u32>,
    },
    /// Probabilities that do not belong to the instances.
    #[error("{rows} rows of probabilities for {expected} mentions: expected one for each")]
    Rows {
        /// The rows given.
        rows: usize,
        /// The mentions.
        expected: usize,
    },
    /// What is asked for needs an encoder.
    #[error("{0}")]
    NoEncoder(String),
    /// The encoder failed.
    #[error("the encoder failed: {0}")]
    Encoder(String),
}

impl Model {
    /// The default model, inside the binary.
    ///
    /// # Errors
    /// [`ModelError`] never, unless the crate was built from a damaged checkout.
    pub fn embedded() -> Result<Model, ModelError> {
        format::read(include_bytes!("../../models/default.safetensors"), false)
    }

    /// Reads a bundle from its bytes and checks it.
    ///
    /// # Errors
    /// [`ModelError`] that says what is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, ModelError> {
        format::read(bytes, true)
    }

    /// Reads a bundle without comparing its checksum: for bytes that were compared before. Whatever the bytes, there
    /// is no panic, here or when the model is used; but a changed weight is not noticed.
    ///
    /// ```
    /// let bytes = toward::Model::embedded()?.to_bytes()?;
    /// assert_eq!(toward::Model::from_bytes_unverified(&bytes)?, toward::Model::from_bytes(&bytes)?);
    /// # Ok::<(), toward::model::ModelError>(())
    /// ```
    ///
    /// # Errors
    /// [`ModelError`] that says what is wrong with the bytes.
    pub fn from_bytes_unverified(bytes: &[u8]) -> Result<Model, ModelError> {
        format::read(bytes, false)
    }

    /// Reads a bundle from a file and checks it.
    ///
    /// # Errors
    /// [`ModelError`] that names the file and says what is wrong.
    pub fn open(path: impl AsRef<Path>) -> Result<Model, ModelError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let read = |source| ModelError::Read { path: name.clone(), source };
        let file = File::open(path).map_err(read)?;
        let mut bytes = Vec::new();
        // One byte more than is allowed tells a file that is too large, be it endless.
        file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(read)?;
        let model = if bytes.len() as u64 > LARGEST_FILE {
            Err(ModelError::NotABundle(format!("it is larger than {} MB", LARGEST_FILE >> 20)))
        } else {
            Model::from_bytes(&bytes)
        };
        model.map_err(|error| ModelError::InFile { path: name, error: Box::new(error) })
    }

    /// The bytes of its bundle: the same for the same model.
    ///
    /// # Errors
    /// [`ModelError`] if the numbers cannot be written, which those of a trained model can.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        format::write(self)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 of bytes, in lower-case hexadecimal.
pub fn checksum(bytes: &[u8]) -> String {
    use sha2::Digest;
    hexadecimal(&sha2::Sha256::digest(bytes))
}
