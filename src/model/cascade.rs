//! Who answers: the sparse model where it is sure, the encoder for the rest.
//!
//! A cascade of a cheap and a dear model (Viola & Jones 2001; for text, Varshney & Baral 2022): the cheap
//! model's calibrated confidence decides. The threshold is chosen on held-out data so that little is lost.

use std::str::FromStr;

/// How much work a label may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Effort {
    /// The sparse model alone.
    Fast,
    /// The sparse model where it is sure, else the encoder.
    #[default]
    Balanced,
    /// The encoder alone.
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

/// Which model gave a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The linear model on named features.
    Sparse,
    /// The linear model on the encoder's vectors.
    Encoder,
}

impl Stage {
    /// Its name in output.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Sparse => "sparse",
            Stage::Encoder => "encoder",
        }
    }
}

/// Whether the sparse model's probabilities are sure enough to be the answer.
pub(super) fn is_sure(probabilities: [f32; crate::CLASSES], threshold: f32) -> bool {
    probabilities.iter().any(|&p| p >= threshold)
}
