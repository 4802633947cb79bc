//! The dense part of a model: linear models on the frozen encoder's vectors, one for each depth at which it may stop. They begin
//! as the heads that the encoder was trained with, and a user's labels adapt them.
//!
//! Without the cargo feature `encoder` there are no vectors, and so no dense part.

use super::instances::Instance;
use super::training::{Labels, TrainingError};
use crate::CLASSES;
use crate::linear::Softmax;

/// A linear model on the encoder's vectors at one depth.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// How many of the encoder's layers its vectors have been through.
    pub depth: usize,
    /// The model.
    pub softmax: Softmax,
}

/// A head, and the probabilities at its depth of mentions that it has not seen: by cross-validation, or of held-out sets.
pub(super) struct HeldOut {
    pub head: Head,
    pub probabilities: Vec<[f32; CLASSES]>,
}

#[cfg(feature = "encoder")]
mod vectors {
    use super::{Head, HeldOut, Instance, Labels, TrainingError};
    use crate::encoder::{DenseVectors, Encoder, Input};
    use crate::linear::{DenseRows, Softmax, Standardiser, Temperature};
    use crate::model::ModelError;
    use crate::model::training::adapt as adapt_rows;

    /// The checksum of the encoder inside this binary.
    #[expect(clippy::unnecessary_wraps, reason = "its twin without the encoder has none")]
    pub fn encoder_checksum() -> Option<String> {
        Some(Encoder::checksum())
    }

    fn failed(error: impl std::fmt::Display) -> TrainingError {
        TrainingError::Model(ModelError::Encoder(error.to_string()))
    }

    /// The vectors of instances at each of [`Encoder::DEPTHS`].
    fn vectors<'i>(instances: impl IntoIterator<Item = &'i Instance>) -> Result<Vec<DenseRows>, TrainingError> {
        let input = |instance: &'i Instance| Input::new(&instance.sentence, instance.mention.clone());
        let inputs: Vec<Input<'_>> = instances.into_iter().map(input).collect();
        let depths = Encoder::embedded().map_err(failed)?.encode_depths(&inputs).map_err(failed)?;
        let rows = |vectors: DenseVectors| DenseRows::new(vectors.into_values(), Encoder::DIMENSION).map_err(failed);
        depths.into_iter().map(rows).collect()
    }

    /// The heads that the encoder was trained with, their temperatures set on held-out sets, and their probabilities of those.
    ///
    /// They are not fitted to its vectors anew: that would gain a point of macro-F1 or less, and lose most of what the
    /// encoder's training did for labels that do not depend on who is named.
    pub fn own(held: &[&[Instance]]) -> Result<Vec<HeldOut>, TrainingError> {
        let data = Labels::of(held, 0.0)?;
        let rows = vectors(held.iter().copied().flatten())?;
        let mut heads = Vec::new();
        for (own, rows) in Encoder::embedded().map_err(failed)?.heads().iter().zip(rows) {
            let mut softmax = Softmax::new(own.weights.clone(), own.intercept, 1.0)?;
            let scores = softmax.predict_scores(&rows);
            if !scores.is_empty() {
                let temperature = Temperature::fit(&scores, &data.targets, &data.weights)?;
                softmax = softmax.with_temperature(temperature.value)?;
            }
            let probabilities = scores.into_iter().map(|scores| softmax.probabilities_of(scores)).collect();
            heads.push(HeldOut { head: Head { depth: own.depth, softmax }, probabilities });
        }
        Ok(heads)
    }

    /// Adapts the heads of a base to a user's labels, or trains from nothing.
    pub fn adapt(instances: &[Instance], data: &Labels, base: &[Head]) -> Result<Vec<HeldOut>, TrainingError> {
        const ALPHAS: [f64; 4] = [100.0, 1000.0, 10_000.0, 100_000.0];
        let mut heads = Vec::new();
        for (depth, rows) in Encoder::DEPTHS.into_iter().zip(vectors(instances)?) {
            let standardiser = Standardiser::fit(&rows);
            let base = base.iter().find(|head| head.depth == depth);
            let base = base.map(|base| standardiser.unfold(&base.softmax)).transpose()?;
            let adapted = adapt_rows(&standardiser.apply(&rows), data, base.as_ref(), &ALPHAS)?;
            let head = Head { depth, softmax: standardiser.fold(&adapted.softmax)? };
            heads.push(HeldOut { head, probabilities: adapted.held_out });
        }
        Ok(heads)
    }
}

#[cfg(not(feature = "encoder"))]
mod vectors {
    use super::{Head, HeldOut, Instance, Labels, TrainingError};

    pub fn encoder_checksum() -> Option<String> {
        None
    }

    #[expect(clippy::unnecessary_wraps, reason = "its twin with the encoder can fail")]
    pub fn own(_held: &[&[Instance]]) -> Result<Vec<HeldOut>, TrainingError> {
        Ok(Vec::new())
    }

    #[expect(clippy::unnecessary_wraps, reason = "its twin with the encoder can fail")]
    pub fn adapt(_instances: &[Instance], _data: &Labels, _base: &[Head]) -> Result<Vec<HeldOut>, TrainingError> {
        Ok(Vec::new())
    }
}

pub(super) use vectors::{adapt, encoder_checksum, own};
