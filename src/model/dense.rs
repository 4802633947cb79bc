//! The dense part of a model: a linear model on the frozen encoder's vectors, and where the cascade hands over.
//!
//! Without the cargo feature `encoder` there are no vectors, and so no dense part.

use super::instances::Instance;
use super::training::{DenseParams, Labels, TrainingError};
use crate::evaluation::{Confusion, EvaluationError};
use crate::linear::Softmax;
use crate::{CLASSES, Label};

/// How much macro-F1 the cascade may lose against the encoder alone, unless a recipe says otherwise.
pub(super) const LOSS: f64 = 0.005;

/// The answers of a cascade: the fast ones where they are sure, else the full ones.
pub(super) fn cascade(
    fast: &[Vec<[f32; CLASSES]>],
    full: &[Vec<[f32; CLASSES]>],
    threshold: f32,
) -> Vec<Vec<[f32; CLASSES]>> {
    let choose = |(fast, full): (&[f32; CLASSES], &[f32; CLASSES])| {
        if super::cascade::is_sure(*fast, threshold) { *fast } else { *full }
    };
    fast.iter().zip(full).map(|(fast, full)| fast.iter().zip(full).map(choose).collect()).collect()
}

/// The lowest threshold at which the mean macro-F1 over the sets is at most `loss` below the full effort's, and stays
/// so for every higher one: a lucky dip further down is not taken.
pub(super) fn threshold(
    truth: &[Vec<Label>],
    fast: &[Vec<[f32; CLASSES]>],
    full: &[Vec<[f32; CLASSES]>],
    loss: f64,
) -> Result<f32, EvaluationError> {
    let mean = |answers: &[Vec<[f32; CLASSES]>]| -> Result<f64, EvaluationError> {
        let mut sum = 0.0;
        for (truth, answers) in truth.iter().zip(answers) {
            let labels: Vec<Label> = answers.iter().map(|answer| Label::of_scores(*answer)).collect();
            sum += Confusion::of(truth, &labels)?.macro_f1();
        }
        Ok(sum / truth.len().max(1) as f64)
    };
    let goal = mean(full)? - loss;
    let mut chosen = 1.0;
    // From near-certainty down, in steps of half a per cent.
    for step in (80..=199).rev() {
        let threshold = step as f32 / 200.0;
        if mean(&cascade(fast, full, threshold))? < goal {
            break;
        }
        chosen = threshold;
    }
    Ok(chosen)
}

#[cfg(feature = "encoder")]
mod vectors {
    use super::{DenseParams, Instance, Labels, Softmax, TrainingError};
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

    fn vectors<'i>(instances: impl IntoIterator<Item = &'i Instance>) -> Result<DenseRows, TrainingError> {
        let inputs: Vec<Input<'_>> = instances
            .into_iter()
            .map(|instance| Input { sentence: &instance.sentence, mention: instance.mention.clone() })
            .collect();
        let failed = |error: &dyn std::fmt::Display| TrainingError::Model(ModelError::Encoder(error.to_string()));
        let encoder = Encoder::embedded().map_err(|error| failed(&error))?;
        let vectors = encoder.encode(&inputs).map_err(|error| failed(&error))?;
        DenseRows::new(vectors.into_values(), Encoder::DIMENSION).map_err(|error| failed(&error))
    }

    /// Trains on gold sets with their weights, and sets the temperature on held-out sets.
    pub fn train(
        sets: &[(&[Instance], f32)],
        held: &[&[Instance]],
        params: &DenseParams,
    ) -> Result<Option<Softmax>, TrainingError> {
        if params.rows == 0 {
            return Ok(None);
        }
        // Every nth mention of each set, so that training takes minutes: the encoder knows these sets by heart, and a
        // linear model on top of it needs few of them.
        let total: usize = sets.iter().map(|(set, _)| set.len()).sum();
        let stride = total.div_ceil(params.rows).max(1);
        let chosen: Vec<Vec<Instance>> = sets
            .iter()
            .map(|(set, weight)| {
                let weigh = |instance: &Instance| Instance { weight: *weight, ..instance.clone() };
                set.iter().step_by(stride).map(weigh).collect()
            })
            .collect();
        let rows = vectors(chosen.iter().flatten())?;
        let views: Vec<&[Instance]> = chosen.iter().map(Vec::as_slice).collect();
        let data = Labels::of(&views, params.class_power)?;
        let standardiser = Standardiser::fit(&rows);
        let fitted = SoftmaxParams::new().alpha(params.alpha).tolerance(1e-5).check()?.fit_soft(
            &standardiser.apply(&rows),
            &data.targets,
            &data.weights,
        )?;
        let model = standardiser.fold(&fitted.model)?;
        if held.iter().all(|set| set.is_empty()) {
            return Ok(Some(model));
        }
        let held_rows = vectors(held.iter().copied().flatten())?;
        let data = Labels::of(held, 0.0)?;
        let scores: Vec<[f64; CLASSES]> = model.predict_scores(&held_rows);
        let temperature = Temperature::fit(&scores, &data.targets, &data.weights)?;
        Ok(Some(model.with_temperature(temperature.value)?))
    }

    /// A dense model and the held-out probabilities of the rows that it was trained on.
    pub type HeldOut = (Softmax, Vec<[f32; CLASSES]>);

    /// Adapts a base to a user's labels, or trains from nothing.
    pub fn adapt(
        instances: &[Instance],
        data: &Labels,
        base: Option<&Softmax>,
    ) -> Result<Option<HeldOut>, TrainingError> {
        const ALPHAS: [f64; 4] = [10.0, 100.0, 1000.0, 10000.0];
        let rows = vectors(instances)?;
        let standardiser = Standardiser::fit(&rows);
        let base = base.map(|base| standardiser.unfold(base)).transpose()?;
        let adapted = adapt_rows(&standardiser.apply(&rows), data, base.as_ref(), &ALPHAS)?;
        Ok(Some((standardiser.fold(&adapted.softmax)?, adapted.held_out)))
    }
}

#[cfg(not(feature = "encoder"))]
mod vectors {
    use super::{DenseParams, Instance, Labels, Softmax, TrainingError};
    use crate::CLASSES;

    pub fn encoder_checksum() -> Option<String> {
        None
    }

    #[expect(clippy::unnecessary_wraps, reason = "its twin with the encoder can fail")]
    pub fn train(
        _sets: &[(&[Instance], f32)],
        _held: &[&[Instance]],
        _params: &DenseParams,
    ) -> Result<Option<Softmax>, TrainingError> {
        Ok(None)
    }

    pub type HeldOut = (Softmax, Vec<[f32; CLASSES]>);

    #[expect(clippy::unnecessary_wraps, reason = "its twin with the encoder can fail")]
    pub fn adapt(
        _instances: &[Instance],
        _data: &Labels,
        _base: Option<&Softmax>,
    ) -> Result<Option<HeldOut>, TrainingError> {
        Ok(None)
    }
}

pub(super) use vectors::{adapt, encoder_checksum, train};
