//! Who answers: the sparse model where it is sure, the encoder for the rest, and of its layers as few as it takes.
//!
//! A cascade of cheap and dear models (Viola & Jones 2001; for text, Varshney & Baral 2022), whose last stages are depths
//! of one encoder (early exit: Schwartz et al. 2020): each stage has a linear model whose calibrated confidence decides, and
//! thresholds of its own.
//! The thresholds are chosen on held-out data so that little is lost.

use std::collections::BTreeMap;
use std::str::FromStr;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::evaluation::{Confusion, EvaluationError};
use crate::{CLASSES, Label};

/// How much work a label may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Effort {
    /// The sparse model alone.
    Fast,
    /// The sparse model where it is sure, else the encoder, which stops as soon as it is sure.
    #[default]
    Balanced,
    /// The encoder alone, with all its layers.
    Full,
}

impl Effort {
    /// All efforts, the cheapest first.
    pub const ALL: [Effort; 3] = [Effort::Fast, Effort::Balanced, Effort::Full];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Effort::Fast => "fast",
            Effort::Balanced => "balanced",
            Effort::Full => "full",
        }
    }
}

impl FromStr for Effort {
    type Err = String;

    fn from_str(text: &str) -> Result<Effort, String> {
        let effort = Effort::ALL.into_iter().find(|effort| effort.name() == text);
        effort.ok_or_else(|| format!("found {text:?}, expected fast, balanced or full"))
    }
}

/// Which model gave a label, and whether it was sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The linear model on named features.
    Sparse,
    /// A linear model on the vectors of one of the encoder's middle layers, which was sure.
    Early,
    /// The linear model on the vectors of the last layer that is asked, sure or not.
    Encoder,
}

impl Stage {
    /// All stages, in their order.
    pub const ALL: [Stage; 3] = [Stage::Sparse, Stage::Early, Stage::Encoder];

    /// Its place in [`Stage::ALL`].
    pub fn index(self) -> usize {
        match self {
            Stage::Sparse => 0,
            Stage::Early => 1,
            Stage::Encoder => 2,
        }
    }

    /// Its name in output.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Sparse => "sparse",
            Stage::Early => "early",
            Stage::Encoder => "encoder",
        }
    }
}

/// How sure a stage must be of its label to be the answer. Neutral has a share of its own: it is most of the news, and
/// far less of some of the sets that a model learns from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sure {
    /// The least probability of neutral.
    pub neutral: f32,
    /// The least probability of supportive or critical.
    pub polar: f32,
}

impl Sure {
    /// What no probability reaches.
    pub const NEVER: Sure = Sure { neutral: 2.0, polar: 2.0 };

    /// Whether probabilities are sure enough.
    pub fn of(self, probabilities: [f32; CLASSES]) -> bool {
        let label = Label::of_scores(probabilities);
        let least = if label == Label::Neutral { self.neutral } else { self.polar };
        probabilities[label.index()] >= least
    }
}

/// When the stages of `--effort balanced` answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Of the sparse model.
    pub sparse: Sure,
    /// Of the encoder after so many of its layers; where there is none it goes on.
    #[serde(default)]
    pub middle: BTreeMap<usize, Sure>,
    /// After how many of its layers the encoder answers the rest; `None` is after all.
    #[serde(default)]
    pub last: Option<usize>,
}

impl Thresholds {
    /// Whether the encoder answers after so many layers with such probabilities, and as what.
    pub fn answers(&self, depth: usize, layers: usize, probabilities: [f32; CLASSES]) -> Option<Stage> {
        if depth >= self.last.unwrap_or(layers).min(layers) {
            return Some(Stage::Encoder);
        }
        self.middle.get(&depth).is_some_and(|sure| sure.of(probabilities)).then_some(Stage::Early)
    }
}

impl std::fmt::Display for Thresholds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let least = |p: f32| if p > 1.0 { "never".to_owned() } else { format!("{p:.2}") };
        let sure = |sure: Sure| format!("neutral {}, else {}", least(sure.neutral), least(sure.polar));
        write!(f, "sparse model {}", sure(self.sparse))?;
        for (depth, &middle) in &self.middle {
            write!(f, "; after {depth} layers {}", sure(middle))?;
        }
        self.last.map_or(Ok(()), |last| write!(f, "; the rest after {last} layers"))
    }
}

impl Default for Thresholds {
    /// Where there is nothing to choose them on.
    fn default() -> Thresholds {
        Thresholds { sparse: Sure { neutral: 0.9, polar: 0.9 }, middle: BTreeMap::new(), last: None }
    }
}

/// How thresholds are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CascadeParams {
    /// How much macro-F1 the cascade may lose against the encoder alone.
    pub loss: f64,
}

impl Default for CascadeParams {
    fn default() -> CascadeParams {
        CascadeParams { loss: 0.005 }
    }
}

/// What every stage says of the mentions of a held-out set.
pub(super) struct Held<'a> {
    /// The labels.
    pub truth: Vec<Label>,
    /// The sparse model's probabilities.
    pub sparse: &'a [[f32; CLASSES]],
    /// Those of the encoder after so many layers, the last after all.
    pub depths: Vec<(usize, &'a [[f32; CLASSES]])>,
}

/// Of the layer after which the encoder stops it computes keys and values of all pieces, and the rest of those alone that
/// are pooled: a fifth of the products.
const LAST_LAYER: f64 = 0.2;

impl Held<'_> {
    /// The answers of a cascade, and the share of the encoder's work that they cost.
    pub fn answers(&self, thresholds: &Thresholds) -> (Vec<[f32; CLASSES]>, f64) {
        let layers = self.depths.last().map_or(0, |(depth, _)| *depth);
        let mut cost = 0.0;
        let answer = |at: usize| {
            if thresholds.sparse.of(self.sparse[at]) {
                return self.sparse[at];
            }
            let mut answer = self.sparse[at];
            for &(depth, answers) in &self.depths {
                answer = answers[at];
                if thresholds.answers(depth, layers, answer).is_some() {
                    cost += work(depth) / work(layers);
                    break;
                }
            }
            answer
        };
        let answers = (0..self.truth.len()).map(answer).collect();
        (answers, cost / self.truth.len().max(1) as f64)
    }

    /// What every stage says of each mention, the sparse model first.
    fn sayings(&self) -> Vec<Vec<Saying>> {
        let stages = std::iter::once(self.sparse).chain(self.depths.iter().map(|(_, answers)| *answers));
        stages.map(|answers| answers.iter().map(|&probabilities| Saying::of(probabilities)).collect()).collect()
    }
}

/// What the encoder does for a mention that it answers after so many layers, in layers.
fn work(depth: usize) -> f64 {
    depth as f64 - 1.0 + LAST_LAYER
}

/// Steps of a threshold: from "never" down to "more likely than not", in twentieths.
const STEPS: usize = 10;

/// The threshold of a step.
fn least(step: usize) -> f32 {
    if step == 0 { 2.0 } else { 1.0 - step as f32 / 20.0 }
}

/// A label, and the first step whose threshold it reaches.
#[derive(Clone, Copy)]
struct Saying {
    label: Label,
    step: usize,
}

impl Saying {
    fn of(probabilities: [f32; CLASSES]) -> Saying {
        let label = Label::of_scores(probabilities);
        let reached = |&step: &usize| probabilities[label.index()] >= least(step);
        Saying { label, step: (1..STEPS).find(reached).unwrap_or(STEPS) }
    }

    /// Whether it is sure at a stage's steps, of neutral and of the other labels.
    fn is_sure(self, [neutral, polar]: [usize; 2]) -> bool {
        self.step <= if self.label == Label::Neutral { neutral } else { polar }
    }
}

/// The steps of the stages that may or may not answer, the sparse model first.
type Steps = Vec<[usize; 2]>;

/// The thresholds that cost least while macro-F1, against the encoder's last layer alone, loses at most `loss` in the mean
/// over the sets and at most twice that in any. A loss is averaged over the thresholds' neighbours: a lucky dip is not
/// taken.
///
/// From "never" on, one stage after the other takes its best two thresholds, as long as that saves anything, for each layer
/// that may be the last: the whole grid has a hundred million places.
pub(super) fn choose(held: &[Held<'_>], CascadeParams { loss }: CascadeParams) -> Result<Thresholds, EvaluationError> {
    let truths: Vec<&[Label]> = held.iter().map(|held| held.truth.as_slice()).collect();
    let sayings: Vec<Vec<Vec<Saying>>> = held.iter().map(Held::sayings).collect();
    let depths: Vec<usize> =
        held.first().map_or_else(Vec::new, |held| held.depths.iter().map(|(depth, _)| *depth).collect());
    let Some(&layers) = depths.last() else { return Ok(Thresholds::default()) };
    let mut full = Vec::new();
    for (truth, stages) in truths.iter().zip(&sayings) {
        let last: Vec<Label> = stages[depths.len()].iter().map(|saying| saying.label).collect();
        full.push(Confusion::of(truth, &last)?.macro_f1());
    }
    // The loss of each set and the mean cost, where the stage behind the steps answers the rest.
    let score = |steps: &Steps| -> (Vec<f64>, f64) {
        let (mut losses, mut cost) = (Vec::new(), 0.0);
        for ((truth, stages), full) in truths.iter().zip(&sayings).zip(&full) {
            let (mut confusion, mut answered) = (Confusion::default(), vec![0_u64; steps.len() + 1]);
            for (at, label) in truth.iter().enumerate() {
                let sure = steps.iter().zip(stages).position(|(&steps, stage)| stage[at].is_sure(steps));
                let stage = sure.unwrap_or(steps.len());
                confusion.counts[label.index()][stages[stage][at].label.index()] += 1;
                answered[stage] += 1;
            }
            losses.push(full - confusion.macro_f1());
            let work_of = |(&depth, &answered): (&usize, &u64)| answered as f64 * work(depth) / work(layers);
            cost += depths.iter().zip(&answered[1..]).map(work_of).sum::<f64>() / truth.len().max(1) as f64;
        }
        (losses, cost / held.len() as f64)
    };
    let loses_little = |steps: &Steps| {
        let around: Vec<Vec<f64>> = neighbours(steps).map(|steps| score(&steps).0).collect();
        let mean_of = |set: usize| around.iter().map(|losses| losses[set]).sum::<f64>() / around.len() as f64;
        let losses: Vec<f64> = (0..held.len()).map(mean_of).collect();
        losses.iter().sum::<f64>() <= loss * losses.len() as f64 && losses.iter().all(|&lost| lost <= 2.0 * loss)
    };
    let mut best: Option<(f64, Steps)> = None;
    for last in 0..depths.len() {
        let mut steps: Steps = vec![[0; 2]; last + 1];
        // With fewer layers than all, "never" may lose too much itself: then anything that does not is taken.
        let mut cost = if loses_little(&steps) { score(&steps).1 } else { f64::INFINITY };
        loop {
            let before = cost;
            for stage in 0..steps.len() {
                let tried: Vec<(f64, Steps)> = (0..STEPS * STEPS)
                    .into_par_iter()
                    .filter_map(|number| {
                        let mut steps = steps.clone();
                        steps[stage] = [number / STEPS, number % STEPS];
                        let cost = score(&steps).1;
                        (cost < before && loses_little(&steps)).then_some((cost, steps))
                    })
                    .collect();
                if let Some((least, found)) = tried.into_iter().min_by(|one, other| one.0.total_cmp(&other.0))
                    && least < cost
                {
                    (cost, steps) = (least, found);
                }
            }
            if cost >= before {
                break;
            }
        }
        if cost.is_finite() && best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, steps));
        }
    }
    let sure = |[neutral, polar]: [usize; 2]| Sure { neutral: least(neutral), polar: least(polar) };
    let Some((_, steps)) = best else {
        return Ok(Thresholds { sparse: Sure::NEVER, middle: BTreeMap::new(), last: None });
    };
    Ok(Thresholds {
        sparse: sure(steps[0]),
        middle: depths.iter().copied().zip(steps[1..].iter().map(|&steps| sure(steps))).collect(),
        last: Some(depths[steps.len() - 1]),
    })
}

/// A place of the grid, and those that are one step away in one threshold.
fn neighbours(steps: &Steps) -> impl Iterator<Item = Steps> {
    let beside = (0..2 * steps.len()).flat_map(move |at| {
        let (stage, label) = (at / 2, at % 2);
        let step = steps[stage][label];
        [step.checked_sub(1), Some(step + 1).filter(|&more| more < STEPS)].into_iter().flatten().map(move |step| {
            let mut steps = steps.clone();
            steps[stage][label] = step;
            steps
        })
    });
    std::iter::once(steps.clone()).chain(beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sure_of(label: Label, confidence: f32) -> [f32; CLASSES] {
        let mut probabilities = [(1.0 - confidence) / 2.0; CLASSES];
        probabilities[label.index()] = confidence;
        probabilities
    }

    #[test]
    fn neutral_has_a_threshold_of_its_own() {
        let sure = Sure { neutral: 0.6, polar: 0.8 };
        assert!(sure.of([0.2, 0.7, 0.1]));
        assert!(!sure.of([0.7, 0.2, 0.1]));
        assert!(sure.of([0.1, 0.1, 0.8]));
        assert!(!Sure::NEVER.of([1.0, 0.0, 0.0]));
    }

    #[test]
    fn what_is_wrong_is_not_trusted_and_what_is_right_is() {
        let truth: Vec<Label> = (0..90).map(|i| Label::ALL[i % CLASSES]).collect();
        let full: Vec<[f32; CLASSES]> = truth.iter().map(|&label| sure_of(label, 0.97)).collect();
        // The sparse model calls every critical mention neutral, at 0.72; its other labels are right, at 0.92.
        let sparse: Vec<[f32; CLASSES]> = truth
            .iter()
            .map(|&label| match label {
                Label::Critical => sure_of(Label::Neutral, 0.72),
                right => sure_of(right, 0.92),
            })
            .collect();
        let held = Held { truth: truth.clone(), sparse: &sparse, depths: vec![(2, &full), (4, &full)] };
        let chosen = choose(std::slice::from_ref(&held), CascadeParams::default()).expect("there are labels");
        assert!(chosen.sparse.neutral > 0.72 && chosen.sparse.neutral <= 0.92, "{chosen:?}");
        assert!(chosen.sparse.polar <= 0.92, "{chosen:?}");
        assert_eq!(chosen.last, Some(2));
        let (found, cost) = held.answers(&chosen);
        assert!(found.iter().zip(&truth).all(|(found, truth)| Label::of_scores(*found) == *truth));
        let share = (1.0 + LAST_LAYER) / (3.0 + LAST_LAYER);
        assert!((cost - share / 3.0).abs() < 1e-9, "a third of the mentions, after two of four layers: {cost}");
    }

    #[test]
    fn a_layer_that_is_sure_and_wrong_spoils_no_other() {
        let truth: Vec<Label> = (0..90).map(|i| Label::ALL[i % CLASSES]).collect();
        let unsure = vec![[0.34, 0.33, 0.33]; 90];
        let wrong: Vec<[f32; CLASSES]> =
            (0..90).map(|i| sure_of(Label::ALL[(i + usize::from(i < 3)) % CLASSES], 0.97)).collect();
        // Right, and at half of the mentions surer than at the others.
        let right = |confidence: f32| -> Vec<[f32; CLASSES]> {
            truth.iter().enumerate().map(|(i, &label)| sure_of(label, if i < 45 { 0.9 } else { confidence })).collect()
        };
        let mut third = right(0.9);
        third[50] = sure_of(Label::ALL[51 % CLASSES], 0.5);
        third[60] = sure_of(Label::ALL[61 % CLASSES], 0.5);
        let last = right(0.6);
        let held = Held { truth, sparse: &unsure, depths: vec![(2, &wrong), (3, &third), (4, &last)] };
        let chosen = choose(std::slice::from_ref(&held), CascadeParams::default()).expect("there are labels");
        assert_eq!(chosen.last, Some(4), "{chosen:?}");
        assert!(chosen.middle[&2] == Sure::NEVER, "{chosen:?}");
        assert_eq!(chosen.answers(3, 4, third[0]), Some(Stage::Early));
        assert_eq!(chosen.answers(3, 4, third[50]), None);
        assert_eq!(chosen.to_string().split("; ").count(), 4, "{chosen}");
    }

    #[test]
    fn layers_that_change_nothing_are_not_asked() {
        let truth = vec![Label::Critical; 9];
        let unsure = [[0.2, 0.38, 0.42]; 9];
        let held = Held {
            truth,
            sparse: &[[0.1, 0.5, 0.4]; 9],
            depths: vec![(2, &[[0.2, 0.6, 0.2]; 9]), (3, &unsure), (4, &unsure)],
        };
        let chosen = choose(std::slice::from_ref(&held), CascadeParams::default()).expect("there are labels");
        assert_eq!(chosen.last, Some(3));
        assert_eq!(chosen.answers(2, 4, unsure[0]), None);
        assert_eq!(chosen.answers(3, 4, unsure[0]), Some(Stage::Encoder));
    }
}
