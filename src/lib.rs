//! `toward` reads news text and labels, for every sentence and every actor in it, whether the sentence is
//! supportive of, critical of or neutral toward that actor.
//!
//! ```
//! use toward::{Classifier, Effort, Label};
//!
//! // The default model and catalogue are inside the binary. `Effort::Fast` is the linear model on words alone.
//! let classifier = Classifier::embedded(Effort::Fast)?;
//! let text = "Xi accused Washington of stoking tensions. Putin thanked Beijing for its help.";
//! for row in classifier.classify(text)? {
//!     let actor = classifier.catalogue().actor(row.actor);
//!     println!("{}: {} {:?}", actor.name, row.label(), row.probabilities);
//! }
//! # let rows = classifier.classify(text)?;
//! # let of = |name: &str| rows.iter().find(|row| classifier.catalogue().actor(row.actor).name == name).unwrap();
//! # assert_eq!(of("United States").label(), Label::Critical);
//! # assert_eq!(of("China").label(), Label::Supportive);
//! # Ok::<(), toward::model::ModelError>(())
//! ```
//!
//! The rooms, in the order in which data flow: [`data`] (CSV in and out, labelled data), [`text`] (sentences,
//! tokens), [`actors`] (who is named where), [`features`] and [`encoder`] (mentions as vectors), [`linear`] (the
//! model on them), [`model`] (training, the bundle, the classifier), [`evaluation`] (how good it is).
//!
//! Everything downstream of `text` is a pure function of one sentence: no clock, no randomness, no global state.

pub mod actors;
pub mod calendar;
mod closest;
pub mod data;
#[cfg(feature = "encoder")]
pub mod encoder;
pub mod evaluation;
pub mod features;
mod label;
pub mod linear;
pub mod model;
pub mod report;
pub mod text;

pub use label::{CLASSES, Label, UnknownLabel};
pub use model::{Classifier, Effort, Model, Options};
