//! All figures of one evaluation, for files and for terminals.

use std::fmt;

use super::metrics::check_probabilities;
use super::{
    Bootstrap, ClassScores, Clusters, Confusion, EvaluationError, brier_score, calibration_error, log_loss,
    macro_f1_interval,
};
use crate::{CLASSES, Label};

/// What one evaluation found; serialisable, and printed as a table by `Display`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Report {
    /// The mean F1 of the labels that occur; see [`Confusion::macro_f1`].
    pub macro_f1: f64,
    /// The 95 % interval of macro-F1.
    pub ci95: [f64; 2],
    /// The share of rows labelled rightly.
    pub accuracy: f64,
    /// The number of rows.
    pub n: u64,
    /// Each label by itself.
    pub per_class: PerClass,
    /// Rows are the truth, columns the predictions, in the order of [`Label::ALL`].
    pub confusion: Confusion,
    /// The mean log loss in nats, where probabilities are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<f64>,
    /// The Brier score, 0 to 2, where probabilities are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brier: Option<f64>,
    /// The expected calibration error, where probabilities are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ece: Option<f64>,
}

/// The scores of every label.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PerClass {
    /// Scores of [`Label::Supportive`].
    pub supportive: ClassScores,
    /// Scores of [`Label::Neutral`].
    pub neutral: ClassScores,
    /// Scores of [`Label::Critical`].
    pub critical: ClassScores,
}

impl PerClass {
    /// The scores of one label.
    pub fn of(&self, label: Label) -> ClassScores {
        match label {
            Label::Supportive => self.supportive,
            Label::Neutral => self.neutral,
            Label::Critical => self.critical,
        }
    }
}

impl Report {
    /// Evaluates predicted labels. Rows of one cluster are taken for dependent.
    ///
    /// # Errors
    ///
    /// [`EvaluationError`] for unequal lengths, no rows, or no replicates.
    pub fn of_labels(
        truth: &[Label],
        predicted: &[Label],
        clusters: Option<&Clusters>,
        bootstrap: Bootstrap,
    ) -> Result<Report, EvaluationError> {
        let confusion = Confusion::of(truth, predicted)?;
        Ok(Report {
            macro_f1: confusion.macro_f1(),
            ci95: macro_f1_interval(truth, predicted, clusters, bootstrap)?,
            accuracy: confusion.accuracy(),
            n: confusion.total(),
            per_class: PerClass {
                supportive: confusion.class(Label::Supportive),
                neutral: confusion.class(Label::Neutral),
                critical: confusion.class(Label::Critical),
            },
            confusion,
            log_loss: None,
            brier: None,
            ece: None,
        })
    }

    /// Evaluates predicted probabilities, and the labels they imply ([`Label::of_scores`]).
    ///
    /// # Errors
    ///
    /// As [`of_labels`](Report::of_labels), and for a row that is no distribution.
    pub fn of_probabilities(
        truth: &[Label],
        probabilities: &[[f32; CLASSES]],
        clusters: Option<&Clusters>,
        bootstrap: Bootstrap,
    ) -> Result<Report, EvaluationError> {
        check_probabilities(truth, probabilities)?;
        let predicted: Vec<Label> = probabilities.iter().map(|&row| Label::of_scores(row)).collect();
        Ok(Report {
            log_loss: Some(log_loss(truth, probabilities)?),
            brier: Some(brier_score(truth, probabilities)?),
            ece: Some(calibration_error(truth, probabilities)?),
            ..Report::of_labels(truth, &predicted, clusters, bootstrap)?
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, high] = self.ci95;
        writeln!(f, "macro-F1 {:.3} (95 % interval {low:.3} to {high:.3})", self.macro_f1)?;
        writeln!(f, "accuracy {:.3}, n = {}", self.accuracy, self.n)?;
        if let (Some(log_loss), Some(brier), Some(ece)) = (self.log_loss, self.brier, self.ece) {
            writeln!(f, "log loss {log_loss:.3}, Brier score {brier:.3}, calibration error {ece:.3}")?;
        }
        writeln!(f, "\n{:<12}{:>10}{:>10}{:>10}{:>10}", "", "precision", "recall", "F1", "support")?;
        for label in Label::ALL {
            let ClassScores { precision, recall, f1, support } = self.per_class.of(label);
            writeln!(f, "{label:<12}{precision:>10.3}{recall:>10.3}{f1:>10.3}{support:>10}")?;
        }
        write!(f, "\n{:<12}", "truth")?;
        for label in Label::ALL {
            write!(f, "{:>14}", format!("→ {label}"))?;
        }
        for label in Label::ALL {
            write!(f, "\n{label:<12}")?;
            for count in self.confusion.counts[label.index()] {
                write!(f, "{count:>14}")?;
            }
        }
        Ok(())
    }
}
