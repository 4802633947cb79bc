//! Whether one model is better than another on the same rows.
//!
//! Two figures answer that: the paired bootstrap of the difference in macro-F1, which draws the same
//! rows for both (Berg-Kirkpatrick et al. 2012), and McNemar's test on the rows that only one of them gets
//! right (1947), in its exact form.
#![expect(clippy::doc_markdown, reason = "McNemar is a person")]

use super::clusters::Clusters;
use super::interval::{Bootstrap, interval95};
use super::{Confusion, EvaluationError, same_length};
use crate::{CLASSES, Label};

/// Two models on the same rows.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Comparison {
    /// Macro-F1 of the first.
    pub macro_f1_a: f64,
    /// Macro-F1 of the second.
    pub macro_f1_b: f64,
    /// The second minus the first: positive if the second is better.
    pub difference: f64,
    /// The 95 % interval of the difference.
    pub ci95: [f64; 2],
    /// How likely so large a difference is by chance, from the bootstrap, two-sided.
    pub p_value: f64,
    /// McNemar's test.
    pub mcnemar: McNemar,
}

/// McNemar's exact test: if both models were equally often right, the rows on which only one is right
/// would fall to either like tosses of a coin.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct McNemar {
    /// Rows that only the first model labels rightly.
    pub only_a: u64,
    /// Rows that only the second model labels rightly.
    pub only_b: u64,
    /// Two-sided, exact at any number of rows. Takes rows for independent: with clusters, trust the bootstrap.
    pub p_value: f64,
}

impl McNemar {
    /// The test for given numbers of rows.
    ///
    /// ```
    /// use toward::evaluation::McNemar;
    ///
    /// // 2 · (1 + 6) / 2⁶
    /// assert!((McNemar::of(1, 5).p_value - 0.21875).abs() < 1e-12);
    /// assert_eq!(McNemar::of(0, 0).p_value, 1.0);
    /// ```
    pub fn of(only_a: u64, only_b: u64) -> McNemar {
        let (fewer, n) = (only_a.min(only_b), only_a + only_b);
        // The binomial's lower tail, in logarithms: 2⁻ⁿ alone underflows beyond a thousand rows.
        let mut log_term = -(n as f64) * std::f64::consts::LN_2;
        let mut tail = log_term.exp();
        for i in 0..fewer {
            log_term += ((n - i) as f64 / (i + 1) as f64).ln();
            tail += log_term.exp();
        }
        McNemar { only_a, only_b, p_value: (2.0 * tail).min(1.0) }
    }
}

/// Compares the predictions of two models, `a` and `b`, for the same rows.
///
/// # Errors
///
/// [`EvaluationError`] for unequal lengths, no rows, or no replicates.
pub fn compare(
    truth: &[Label],
    a: &[Label],
    b: &[Label],
    clusters: Option<&Clusters>,
    bootstrap: Bootstrap,
) -> Result<Comparison, EvaluationError> {
    same_length("a", truth.len(), a.len())?;
    same_length("b", truth.len(), b.len())?;
    let (macro_f1_a, macro_f1_b) = (Confusion::of(truth, a)?.macro_f1(), Confusion::of(truth, b)?.macro_f1());
    let cell =
        |(t, (a, b)): (&Label, (&Label, &Label))| (CLASSES * (CLASSES * t.index() + a.index()) + b.index()) as u8;
    let cells: Vec<u8> = truth.iter().zip(a.iter().zip(b)).map(cell).collect();
    let mut differences = bootstrap.resample(&cells, clusters, |counts: &[u64; CLASSES * CLASSES * CLASSES]| {
        let (mut of_a, mut of_b) = (Confusion::default(), Confusion::default());
        for (cell, count) in counts.iter().enumerate() {
            let truth = cell / (CLASSES * CLASSES);
            of_a.counts[truth][cell / CLASSES % CLASSES] += count;
            of_b.counts[truth][cell % CLASSES] += count;
        }
        of_b.macro_f1() - of_a.macro_f1()
    })?;
    // The observed set counts as one more replicate on either side, so that no p-value is 0 (Davison & Hinkley 1997).
    let tail = |beyond: &dyn Fn(f64) -> bool| differences.iter().filter(|&&d| beyond(d)).count() + 1;
    let fewer = tail(&|d| d <= 0.0).min(tail(&|d| d >= 0.0));
    let p_value = (2.0 * fewer as f64 / (differences.len() + 1) as f64).min(1.0);
    let only = |hit: &[Label], miss: &[Label]| {
        truth.iter().zip(hit.iter().zip(miss)).filter(|(truth, (hit, miss))| hit == truth && miss != truth).count()
    };
    Ok(Comparison {
        macro_f1_a,
        macro_f1_b,
        difference: macro_f1_b - macro_f1_a,
        ci95: interval95(&mut differences),
        p_value,
        mcnemar: McNemar::of(only(a, b) as u64, only(b, a) as u64),
    })
}
