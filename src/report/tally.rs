//! Counts of labels, their shares, and how far the shares could be off by the luck of the sample.

use serde::Serialize;

use crate::{CLASSES, Label};

/// How many rows have each label, in the order of [`Label::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// The counts.
    pub counts: [u64; CLASSES],
}

impl Tally {
    /// Counts a row.
    pub fn add(&mut self, label: Label) {
        self.counts[label.index()] += 1;
    }

    /// The number of rows.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// A label's share of the rows; 0 without rows.
    pub fn share(&self, label: Label) -> f64 {
        self.counts[label.index()] as f64 / self.total().max(1) as f64
    }

    /// The 95 % interval of a label's share.
    pub fn interval(&self, label: Label) -> [f64; 2] {
        wilson(self.counts[label.index()], self.total())
    }

    /// The share of supportive rows less the share of critical ones, -1 to 1.
    pub fn net(&self) -> f64 {
        self.share(Label::Supportive) - self.share(Label::Critical)
    }
}

/// The 95 % score interval of a share (Wilson 1927): unlike the usual ± it stays between 0 and 1, and is right
/// for few rows.
///
/// ```
/// use toward::report::wilson;
///
/// let [low, high] = wilson(0, 10);
/// assert!(low == 0.0 && (high - 0.2775).abs() < 1e-4);
/// ```
pub fn wilson(count: u64, total: u64) -> [f64; 2] {
    const Z: f64 = 1.959_963_984_540_054;
    if total == 0 {
        return [0.0, 1.0];
    }
    let (n, p) = (total as f64, count as f64 / total as f64);
    let denominator = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / denominator;
    let half = Z / denominator * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    // At the ends the interval begins at the share itself, up to rounding.
    let low = if count == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if count == total { 1.0 } else { (centre + half).min(1.0) };
    [low, high]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        // Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        for ((count, total), [low, high]) in [
            ((81, 263), [0.2553, 0.3662]),
            ((15, 148), [0.0624, 0.1605]),
            ((0, 20), [0.0, 0.1611]),
            ((1, 29), [0.0061, 0.1718]),
        ] {
            let found = wilson(count, total);
            assert!((found[0] - low).abs() < 5e-5 && (found[1] - high).abs() < 5e-5, "{found:?}");
        }
        assert_eq!(wilson(0, 0), [0.0, 1.0]);
    }

    #[test]
    fn net_is_support_less_criticism() {
        let mut tally = Tally::default();
        for label in [Label::Supportive, Label::Critical, Label::Critical, Label::Neutral] {
            tally.add(label);
        }
        assert_eq!((tally.total(), tally.net()), (4, -0.25));
        assert_eq!(Tally::default().net(), 0.0);
    }
}
