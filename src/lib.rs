//! `toward` labels, for every sentence of a news text and every actor in it, whether the sentence is
//! supportive of, critical of or neutral toward that actor.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod actors;
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
