//! The recipe of a model: which sets, from where, with which weights and parameters.
//!
//! `training/recipe.toml` is the default model's. A recipe names files relative to two folders: its own, for the
//! project's sets, and a folder of others' sets that is given on the command line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::cascade::CascadeParams;
use super::training::SparseParams;

/// A recipe file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The model's name.
    pub name: String,
    /// Its date, `YYYY-MM-DD`: fixed here, so that a rebuild gives the same bytes.
    pub date: String,
    /// The parameters of the sparse model.
    #[serde(default)]
    pub sparse: SparseParams,
    /// How the cascade's thresholds are chosen.
    #[serde(default)]
    pub cascade: CascadeParams,
    /// The training sets, in order.
    #[serde(rename = "set")]
    pub sets: Vec<SetRecipe>,
    /// The sets on which the model is scored and the cascade's threshold is checked; never trained on.
    #[serde(default, rename = "dev")]
    pub dev: Vec<SetRecipe>,
}

/// One set of a recipe.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetRecipe {
    /// Its name.
    pub name: String,
    /// Whether it is the project's own: then its files are relative to the recipe, else to the folder of others' sets.
    #[serde(default)]
    pub own: bool,
    /// How its files are written.
    pub format: SetFormat,
    /// Its files, in order.
    pub files: Vec<PathBuf>,
    /// For silver labels: the texts that they point into, by name.
    #[serde(default)]
    pub texts: BTreeMap<String, PathBuf>,
    /// Whether the texts, too, are the project's own: then they are relative to the recipe, else to the folder of others' sets.
    #[serde(default)]
    pub own_texts: bool,
    /// Its licence, as its makers state it.
    pub licence: String,
    /// Where it is from.
    pub source: String,
    /// How much a mention counts.
    #[serde(default = "one")]
    pub weight: f32,
}

fn one() -> f32 {
    1.0
}

/// How a set is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SetFormat {
    /// CSV of labelled data.
    Csv,
    /// Sentences with inline marks.
    Corpus,
    /// Soft labels that point into texts: set, line, start, end, supportive, neutral, critical.
    Silver,
}

/// What is wrong with a recipe or its files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// The recipe cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The recipe is not as it should be.
    #[error("{path}: {}", error.to_string().trim_end().replace('\n', " "))]
    Parse {
        /// The file.
        path: String,
        /// What is wrong, with line and column.
        error: Box<toml::de::Error>,
    },
    /// Files of sets are not there.
    #[error("these files of the recipe are not there: {}; give their folder with --data, or train on our own corpus alone with --only-own", missing.join(", "))]
    Missing {
        /// The files, each with its set.
        missing: Vec<String>,
    },
    /// A silver label points to nothing.
    #[error("{file}: record {row}: {problem}")]
    Silver {
        /// The file.
        file: String,
        /// The record, from 1.
        row: u64,
        /// What was found and what was expected.
        problem: String,
    },
}

impl Recipe {
    /// Reads a recipe.
    ///
    /// # Errors
    /// [`RecipeError`] if the file cannot be read or is not a recipe.
    pub fn open(path: &Path) -> Result<Recipe, RecipeError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| RecipeError::Read { path: name.clone(), source })?;
        toml::from_str(&text).map_err(|error| RecipeError::Parse { path: name, error: Box::new(error) })
    }

    /// Drops the sets of others, and the labels that point into their texts.
    pub fn keep_own(&mut self) {
        let is_own = |set: &SetRecipe| set.own && (set.own_texts || set.texts.is_empty());
        self.sets.retain(is_own);
        self.dev.retain(is_own);
    }

    /// The files of all sets, where they are expected; checks that they are there.
    ///
    /// # Errors
    /// [`RecipeError::Missing`] with all that are not.
    pub fn locate(&mut self, recipe: &Path, others: &Path) -> Result<(), RecipeError> {
        let own = recipe.parent().unwrap_or(Path::new(""));
        let mut missing = Vec::new();
        for set in self.sets.iter_mut().chain(&mut self.dev) {
            let folder = |is_own| if is_own { own } else { others };
            for file in &mut set.files {
                *file = folder(set.own).join(&file);
            }
            for text in set.texts.values_mut() {
                *text = folder(set.own_texts).join(&text);
            }
            for file in set.files.iter().chain(set.texts.values()).filter(|file| !file.exists()) {
                missing.push(format!("{} ({})", file.display(), set.name));
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(RecipeError::Missing { missing }) }
    }
}
