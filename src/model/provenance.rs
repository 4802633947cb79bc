//! Where a model comes from: what a bundle says of itself.
//!
//! Written as JSON into the bundle's metadata, shown by `toward model info`, and turned into the model card.
//! It holds no path and no clock reading but the date: the same inputs give the same bytes.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::cascade::Thresholds;
use super::training::SparseParams;
use crate::CLASSES;
use crate::data::Labelled;

/// The version of the bundle's layout that this crate writes and reads.
pub const FORMAT: u32 = 3;

/// The name of the feature hash of this format.
pub const HASH: &str = "xxh3-64 by word";

/// What a bundle says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The layout's version; see [`FORMAT`].
    pub format: u32,
    /// The model's name.
    pub name: String,
    /// The day of training, `YYYY-MM-DD`.
    pub date: String,
    /// The version of the crate that trained it.
    pub crate_version: String,
    /// The labels, in the order of the weights.
    pub classes: Vec<String>,
    /// The hash of feature names.
    pub hash: String,
    /// The families of features and their versions.
    pub families: BTreeMap<String, u32>,
    /// The SHA-256 of the predicate lexicon.
    pub lexicon: String,
    /// The parameters of the sparse model.
    pub sparse: SparseParams,
    /// How many features it has.
    pub features: usize,
    /// The training sets, in the order of training.
    pub training: Vec<TrainingSet>,
    /// What was scored, and how.
    pub scores: Vec<Score>,
    /// How sure a stage of `--effort balanced` must be to answer.
    pub thresholds: Thresholds,
    /// The SHA-256 of all of the above and of the tensors' names and bytes.
    pub checksum: String,
    /// The hash of the encoder whose vectors the dense model was trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<String>,
}

/// One training set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingSet {
    /// Its name.
    pub name: String,
    /// Its licence, as its makers state it.
    pub licence: String,
    /// Where it is from.
    pub source: String,
    /// The SHA-256 of its files' bytes, in order.
    pub sha256: Vec<String>,
    /// How many mentions have each label (soft labels are counted by their largest).
    pub counts: [usize; CLASSES],
    /// How much a mention counts.
    pub weight: f32,
}

impl TrainingSet {
    /// A user's file.
    pub fn of_user(labelled: &Labelled) -> TrainingSet {
        let name = Path::new(&labelled.file).file_stem().map_or_else(String::new, |name| name.to_string_lossy().into());
        TrainingSet {
            name,
            licence: "not stated".to_owned(),
            source: "labelled by the user".to_owned(),
            sha256: vec![labelled.sha256.clone()],
            counts: labelled.counts,
            weight: 1.0,
        }
    }
}

/// A score on one set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The set.
    pub set: String,
    /// `fast`, `balanced` or `full`.
    pub effort: String,
    /// Mean of the three F1.
    pub macro_f1: f64,
    /// Its 95 % bootstrap interval.
    pub ci95: [f64; 2],
    /// Share of right labels.
    pub accuracy: f64,
    /// How many mentions.
    pub n: u64,
}
