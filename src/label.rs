//! The three labels, their order and their spellings.
//!
//! What a label means is defined in `training/ANNOTATION.md`: how a sentence treats an actor, not the
//! mood of the sentence and not the actor's own stance.

use std::fmt;
use std::str::FromStr;

/// How a sentence treats an actor.
///
/// The order `supportive, neutral, critical` is the order of every row of probabilities and of
/// every matrix of weights in this crate.
///
/// ```
/// use toward::Label;
///
/// assert_eq!("critical".parse::<Label>().unwrap(), Label::Critical);
/// assert_eq!("NEG".parse::<Label>().unwrap(), Label::Critical);
/// assert!("angry".parse::<Label>().is_err());
/// assert_eq!(Label::ALL[Label::Neutral.index()], Label::Neutral);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// Praise, help, trust, good conduct.
    Supportive,
    /// No stance toward the actor.
    #[default]
    Neutral,
    /// Blame, hostile acts, doubt, bad conduct.
    Critical,
}

/// The number of labels.
pub const CLASSES: usize = 3;

impl Label {
    /// All labels, in the order of their indices.
    pub const ALL: [Label; CLASSES] = [Label::Supportive, Label::Neutral, Label::Critical];

    /// The place of this label in a row of probabilities, 0 to 2.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The label's name, as written in files.
    pub fn name(self) -> &'static str {
        match self {
            Label::Supportive => "supportive",
            Label::Neutral => "neutral",
            Label::Critical => "critical",
        }
    }

    /// The label with the largest of three scores; ties go to neutral, then to supportive.
    pub fn of_scores<F: PartialOrd + Copy>(scores: [F; CLASSES]) -> Label {
        let mut best = Label::Neutral;
        for label in [Label::Supportive, Label::Critical] {
            if scores[label.index()] > scores[best.index()] {
                best = label;
            }
        }
        best
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A label that is spelt in no known way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown label {0:?}: expected supportive, neutral or critical (also s/n/c, pos/neu/neg, positive/negative, 1/0/-1, 6/4/2)"
)]
pub struct UnknownLabel(pub String);

impl FromStr for Label {
    type Err = UnknownLabel;

    /// Reads a label in any case and in the spellings that peers' data sets use.
    fn from_str(text: &str) -> Result<Label, UnknownLabel> {
        match text.trim().to_ascii_lowercase().as_str() {
            "supportive" | "support" | "s" | "positive" | "pos" | "favor" | "favour" | "1" | "+1" | "1.0" | "6"
            | "6.0" => Ok(Label::Supportive),
            "neutral" | "n" | "neu" | "none" | "0" | "0.0" | "4" | "4.0" => Ok(Label::Neutral),
            "critical" | "c" | "negative" | "neg" | "against" | "-1" | "-1.0" | "2" | "2.0" => Ok(Label::Critical),
            _ => Err(UnknownLabel(text.to_owned())),
        }
    }
}
