//! Parts of an evaluation: by the values of a column, by confidence, and where only the actor tells the label.

use rustc_hash::FxHashMap;

use super::metrics::check_probabilities;
use super::{Bootstrap, Clusters, Confusion, EvaluationError, macro_f1_interval, same_length};
use crate::{CLASSES, Label};

/// The rows of one value.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Slice {
    /// The value.
    pub value: String,
    /// How many rows have it.
    pub n: usize,
    /// Their macro-F1.
    pub macro_f1: f64,
    /// Its 95 % interval.
    pub ci95: [f64; 2],
    /// The share of rows labelled rightly.
    pub accuracy: f64,
}

/// Scores the rows of each value, the most frequent value first. Rows of one group are taken for dependent.
///
/// ```
/// use toward::Label::{Critical, Neutral};
/// use toward::evaluation::{Bootstrap, by_value};
///
/// let (truth, predicted) = ([Neutral, Critical, Critical], [Neutral, Critical, Neutral]);
/// let slices = by_value(&truth, &predicted, &["a", "b", "b"], &["1", "2", "3"], Bootstrap::default())?;
/// assert_eq!((slices[0].value.as_str(), slices[0].n, slices[0].accuracy), ("b", 2, 0.5));
/// # Ok::<(), toward::evaluation::EvaluationError>(())
/// ```
///
/// # Errors
/// [`EvaluationError`] for unequal lengths or no replicates.
pub fn by_value<S: AsRef<str>>(
    truth: &[Label],
    predicted: &[Label],
    values: &[S],
    groups: &[S],
    bootstrap: Bootstrap,
) -> Result<Vec<Slice>, EvaluationError> {
    same_length("values", truth.len(), values.len())?;
    same_length("groups", truth.len(), groups.len())?;
    let clusters = Clusters::by_key(values.iter().map(AsRef::as_ref));
    let mut slices = Vec::with_capacity(clusters.len());
    for cluster in 0..clusters.len() {
        let rows: Vec<usize> = clusters.rows(cluster).iter().map(|&row| row as usize).collect();
        let truth: Vec<Label> = rows.iter().map(|&row| truth[row]).collect();
        let predicted: Vec<Label> = rows.iter().map(|&row| predicted[row]).collect();
        let own = Clusters::by_key(rows.iter().map(|&row| groups[row].as_ref()));
        let confusion = Confusion::of(&truth, &predicted)?;
        slices.push(Slice {
            value: values[rows[0]].as_ref().to_owned(),
            n: rows.len(),
            macro_f1: confusion.macro_f1(),
            ci95: macro_f1_interval(&truth, &predicted, Some(&own), bootstrap)?,
            accuracy: confusion.accuracy(),
        });
    }
    slices.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.value.cmp(&b.value)));
    Ok(slices)
}

/// Rows of like confidence.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Bin {
    /// Confidences above this.
    pub above: f64,
    /// And up to this.
    pub to: f64,
    /// How many rows have them.
    pub n: usize,
    /// Their mean confidence: the probability of the label given.
    pub confidence: f64,
    /// The share of them labelled rightly.
    pub accuracy: f64,
}

/// How often labels are right, by how sure the model is: ten bins of equal width, empty ones left out.
///
/// # Errors
/// [`EvaluationError`] for unequal lengths, no rows, or a row that is no distribution.
pub fn calibration_table(truth: &[Label], probabilities: &[[f32; CLASSES]]) -> Result<Vec<Bin>, EvaluationError> {
    const BINS: usize = 10;
    check_probabilities(truth, probabilities)?;
    let mut sums = [(0_usize, 0.0_f64, 0_usize); BINS];
    for (&label, &row) in truth.iter().zip(probabilities) {
        let given = Label::of_scores(row);
        let confidence = row[given.index()];
        let bin = ((confidence * BINS as f32).ceil() as usize).clamp(1, BINS) - 1;
        sums[bin].0 += 1;
        sums[bin].1 += f64::from(confidence);
        sums[bin].2 += usize::from(given == label);
    }
    let bins = sums.iter().enumerate().filter(|(_, (n, _, _))| *n > 0).map(|(at, &(n, confidence, right))| Bin {
        above: at as f64 / BINS as f64,
        to: (at + 1) as f64 / BINS as f64,
        n,
        confidence: confidence / n as f64,
        accuracy: right as f64 / n as f64,
    });
    Ok(bins.collect())
}

/// The rows of sentences whose actors have different labels: those where a sentence's mood does not suffice.
///
/// ```
/// use toward::Label::{Critical, Neutral};
/// use toward::evaluation::conflicting;
///
/// assert_eq!(conflicting(&[Neutral, Critical, Neutral, Neutral], &["a", "a", "b", "b"]), [0, 1]);
/// ```
pub fn conflicting<S: AsRef<str>>(truth: &[Label], sentences: &[S]) -> Vec<usize> {
    let mut first: FxHashMap<&str, (Label, bool)> = FxHashMap::default();
    for (&label, sentence) in truth.iter().zip(sentences) {
        let known = first.entry(sentence.as_ref()).or_insert((label, false));
        known.1 |= known.0 != label;
    }
    (0..truth.len().min(sentences.len())).filter(|&row| first[sentences[row].as_ref()].1).collect()
}

/// The most frequent label; of equally frequent ones, the first. Neutral if there is none.
pub fn most_common(labels: impl IntoIterator<Item = Label>) -> Label {
    let mut counts = [0_usize; CLASSES];
    for label in labels {
        counts[label.index()] += 1;
    }
    let mut best = Label::Neutral;
    for label in Label::ALL {
        if counts[label.index()] > counts[best.index()] {
            best = label;
        }
    }
    best
}

/// The best that one label a sentence can do: every row gets the most frequent true label of its sentence. It knows the
/// truth, so no method that overlooks the actor is better by much; on [`conflicting`] rows it shows what looking at the
/// actor is worth.
pub fn one_label_a_sentence<S: AsRef<str>>(truth: &[Label], sentences: &[S]) -> Vec<Label> {
    let mut of: FxHashMap<&str, Vec<Label>> = FxHashMap::default();
    for (&label, sentence) in truth.iter().zip(sentences) {
        of.entry(sentence.as_ref()).or_default().push(label);
    }
    sentences.iter().map(|sentence| most_common(of[sentence.as_ref()].iter().copied())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Label::{Critical, Neutral, Supportive};

    #[test]
    fn slices_come_by_size_with_their_own_scores() {
        let truth = [Critical, Neutral, Critical, Supportive];
        let predicted = [Critical, Neutral, Neutral, Supportive];
        let slices =
            by_value(&truth, &predicted, &["x", "y", "y", "y"], &["1", "2", "3", "4"], Bootstrap::default()).unwrap();
        assert_eq!(
            slices.iter().map(|slice| (slice.value.as_str(), slice.n)).collect::<Vec<_>>(),
            [("y", 3), ("x", 1)]
        );
        assert!((slices[1].macro_f1 - 1.0).abs() < 1e-12);
        assert!((slices[0].accuracy - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn bins_hold_every_row_once() {
        let truth = [Critical, Neutral, Neutral];
        let probabilities = [[0.1, 0.1, 0.8], [0.0, 1.0, 0.0], [0.8, 0.1, 0.1]];
        let bins = calibration_table(&truth, &probabilities).unwrap();
        assert_eq!(bins.iter().map(|bin| bin.n).collect::<Vec<_>>(), [2, 1]);
        assert!((bins[0].to - 0.8).abs() < 1e-12 && (bins[0].accuracy - 0.5).abs() < 1e-12);
        assert!((bins[1].confidence - 1.0).abs() < 1e-12);
    }

    #[test]
    fn one_label_a_sentence_is_wrong_where_actors_differ() {
        let truth = [Critical, Supportive, Supportive, Neutral];
        let sentences = ["a", "a", "a", "b"];
        assert_eq!(one_label_a_sentence(&truth, &sentences), [Supportive, Supportive, Supportive, Neutral]);
        assert_eq!(conflicting(&truth, &sentences), [0, 1, 2]);
    }
}
