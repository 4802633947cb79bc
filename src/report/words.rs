//! The words that decide: what the sparse model says of the few sentences that a report quotes.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Result;
use super::rows::Rows;
use super::summary::Summary;
use crate::actors::Catalogue;
use crate::model::{Classifier, Effort, Explanation, Model};
use crate::{CLASSES, Label};

/// The most words marked in a sentence.
const MOST: usize = 3;
/// The least that a marked word adds to the label's score, compared with the other labels'.
const LEAST: f64 = 0.1;
/// The least that it adds compared with the strongest word.
const LEAST_OF_STRONGEST: f64 = 0.4;

/// The deciding words of some rows, as bytes of their sentences with what each adds to the label's score.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words(BTreeMap<usize, Vec<(Range<usize>, f64)>>);

impl Words {
    /// The deciding words of the sentences that a report quotes.
    ///
    /// A row gets words only where the sparse model gives the label that the row has: if another model
    /// answered, or the sparse one gives another label, its words would explain something else.
    ///
    /// # Errors
    ///
    /// If the model cannot label.
    pub fn of(rows: &Rows, summary: &Summary, model: &Model, catalogue: &Catalogue) -> Result<Words> {
        let quoted: Vec<usize> =
            summary.top.iter().flat_map(|actor| actor.extremes.iter().flatten().copied()).collect();
        let mut sentences: Vec<&str> = quoted.iter().map(|&row| rows.sentence(row)).collect();
        sentences.sort_unstable();
        sentences.dedup();
        let classifier = Classifier::new(model, catalogue.clone(), Effort::Fast)?;
        // One text of all, a paragraph each.
        let explanations = classifier.explain(&sentences.join("\n\n"), None)?;
        let mut known: BTreeMap<(&str, &str), Vec<&Explanation>> = BTreeMap::new();
        for explanation in &explanations {
            known.entry((&explanation.sentence, &explanation.mention)).or_default().push(explanation);
        }
        let mut words = BTreeMap::new();
        for row in quoted {
            let (sentence, label) = (rows.sentence(row), rows.labels[row]);
            let Some(mention) = rows.mention(row) else { continue };
            // A sentence that says the mention twice has two explanations, and no way to tell which is this one.
            let Some([explanation]) = known.get(&(sentence, &sentence[mention.clone()])).map(Vec::as_slice) else {
                continue;
            };
            if explanation.label == label {
                words.insert(row, deciding(explanation, &mention, label));
            }
        }
        Ok(Words(words))
    }

    /// The deciding words of a row, in the order of the sentence.
    pub fn row(&self, row: usize) -> &[(Range<usize>, f64)] {
        self.0.get(&row).map_or(&[], Vec::as_slice)
    }

    /// Whether no row has any.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(Vec::is_empty)
    }
}

fn deciding(explanation: &Explanation, mention: &Range<usize>, label: Label) -> Vec<(Range<usize>, f64)> {
    let mut words: Vec<(Range<usize>, f64)> = explanation
        .words
        .iter()
        .map(|word| (word.start..word.start + word.text.len(), against_others(word.contributions, label)))
        .filter(|(bytes, adds)| *adds >= LEAST && (bytes.end <= mention.start || bytes.start >= mention.end))
        .filter(|(bytes, _)| {
            explanation.sentence.get(bytes.clone()).is_some_and(|text| text.chars().any(char::is_alphanumeric))
        })
        .collect();
    words.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.start.cmp(&b.0.start)));
    words.truncate(MOST);
    let strongest = words.first().map_or(0.0, |word| word.1);
    words.retain(|word| word.1 >= LEAST_OF_STRONGEST * strongest);
    words.sort_by_key(|(bytes, _)| bytes.start);
    words
}

/// What a word adds to a label's score, less what it adds to the others' on average.
fn against_others(contributions: [f64; CLASSES], label: Label) -> f64 {
    let own = contributions[label.index()];
    let others: f64 = contributions.iter().sum::<f64>() - own;
    own - others / (CLASSES - 1) as f64
}
