//! The dense part of a model: linear models on the frozen encoder's vectors, one for each depth at which it may stop.
//!
//! Without the cargo feature `encoder` there are no vectors, and so no dense part.

use super::instances::Instance;
use super::training::{DenseParams, Labels, TrainingError};
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

/// How much macro-F1 the cascade may lose against the encoder alone, unless a recipe says otherwise.
pub(super) const LOSS: f64 = 0.005;

/// A head, and its probabilities of mentions that it has not seen: by cross-validation, or of held-out sets.
pub(super) struct HeldOut {
    pub head: Head,
    pub probabilities: Vec<[f32; CLASSES]>,
}

#[cfg(feature = "encoder")]
mod vectors {
    use super::{DenseParams, Head, HeldOut, Instance, Labels, TrainingError};
    use crate::CLASSES;
    use crate::encoder::{Encoder, Input};
    use crate::linear::{DenseRows, SoftmaxParams, Standardiser, Temperature};
    use crate::model::ModelError;
    use crate::model::training::adapt as adapt_rows;
    use linfa::ParamGuard;

    /// The checksum of the encoder inside this binary.
    #[expect(clippy::unnecessary_wraps, reason = "its twin without the encoder has none")]
    pub fn encoder_checksum() -> Option<String> {
        Some(Encoder::checksum())
    }

    /// The vectors of instances at each of [`Encoder::DEPTHS`]; `blind` says by their numbers which are shown without names.
    fn vectors<'i>(
        instances: impl IntoIterator<Item = &'i Instance>,
        blind: impl Fn(usize) -> bool,
    ) -> Result<Vec<DenseRows>, TrainingError> {
        let input = |(at, instance): (usize, &'i Instance)| Input {
            sentence: &instance.sentence,
            mention: instance.mention.clone(),
            blind: blind(at),
        };
        let inputs: Vec<Input<'_>> = instances.into_iter().enumerate().map(input).collect();
        let failed = |error: &dyn std::fmt::Display| TrainingError::Model(ModelError::Encoder(error.to_string()));
        let encoder = Encoder::embedded().map_err(|error| failed(&error))?;
        let depths = encoder.encode_depths(&inputs).map_err(|error| failed(&error))?;
        let rows = |vectors: crate::encoder::DenseVectors| {
            DenseRows::new(vectors.into_values(), Encoder::DIMENSION).map_err(|error| failed(&error))
        };
        depths.into_iter().map(rows).collect()
    }

    /// Trains on sets with their weights, sets the temperatures on held-out sets, and gives their probabilities.
    pub fn train(
        sets: &[(&[Instance], f32)],
        held: &[&[Instance]],
        params: &DenseParams,
    ) -> Result<Vec<HeldOut>, TrainingError> {
        if params.rows == 0 {
            return Ok(Vec::new());
        }
        // Every nth mention of each set, so that training takes minutes: a linear model needs few of them.
        let total: usize = sets.iter().map(|(set, _)| set.len()).sum();
        let stride = total.div_ceil(params.rows).max(1);
        let chosen: Vec<Vec<Instance>> = sets
            .iter()
            .map(|(set, weight)| {
                let weigh = |instance: &Instance| Instance { weight: *weight, ..instance.clone() };
                set.iter().step_by(stride).map(weigh).collect()
            })
            .collect();
        let views: Vec<&[Instance]> = chosen.iter().map(Vec::as_slice).collect();
        let data = Labels::of(&views, params.class_power)?;
        let data_held = Labels::of(held, 0.0)?;
        let held = vectors(held.iter().copied().flatten(), |_| false)?;
        // One head serves both ways of reading a mention.
        let rows = vectors(chosen.iter().flatten(), |at| at % 2 == 1)?;
        let mut heads = Vec::new();
        for ((depth, rows), held) in Encoder::DEPTHS.into_iter().zip(rows).zip(held) {
            let standardiser = Standardiser::fit(&rows);
            let fitted = SoftmaxParams::new().alpha(params.alpha).tolerance(1e-5).check()?.fit_soft(
                &standardiser.apply(&rows),
                &data.targets,
                &data.weights,
            )?;
            let mut softmax = standardiser.fold(&fitted.model)?;
            let scores: Vec<[f64; CLASSES]> = softmax.predict_scores(&held);
            if !scores.is_empty() {
                let temperature = Temperature::fit(&scores, &data_held.targets, &data_held.weights)?;
                softmax = softmax.with_temperature(temperature.value)?;
            }
            let probabilities = scores.into_iter().map(|scores| softmax.probabilities_of(scores)).collect();
            heads.push(HeldOut { head: Head { depth, softmax }, probabilities });
        }
        Ok(heads)
    }

    /// Adapts the heads of a base to a user's labels, or trains from nothing.
    pub fn adapt(instances: &[Instance], data: &Labels, base: &[Head]) -> Result<Vec<HeldOut>, TrainingError> {
        const ALPHAS: [f64; 4] = [100.0, 1000.0, 10_000.0, 100_000.0];
        let mut heads = Vec::new();
        for (depth, rows) in Encoder::DEPTHS.into_iter().zip(vectors(instances, |_| false)?) {
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
    use super::{DenseParams, Head, HeldOut, Instance, Labels, TrainingError};

    pub fn encoder_checksum() -> Option<String> {
        None
    }

    #[expect(clippy::unnecessary_wraps, reason = "its twin with the encoder can fail")]
    pub fn train(
        _sets: &[(&[Instance], f32)],
        _held: &[&[Instance]],
        _params: &DenseParams,
    ) -> Result<Vec<HeldOut>, TrainingError> {
        Ok(Vec::new())
    }

    #[expect(clippy::unnecessary_wraps, reason = "its twin with the encoder can fail")]
    pub fn adapt(_instances: &[Instance], _data: &Labels, _base: &[Head]) -> Result<Vec<HeldOut>, TrainingError> {
        Ok(Vec::new())
    }
}

pub(super) use vectors::{adapt, encoder_checksum, train};
