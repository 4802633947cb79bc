//! Silver labels: what another model says of unlabelled text (knowledge distillation, Hinton et al. 2015).
//!
//! The file holds no text: each record names a text file's line and the mention's characters there, with three
//! probabilities. The texts stay where they are, and the labels can be published.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::instances::{Instance, others};
use super::recipe::RecipeError;
use crate::CLASSES;
use crate::actors::Finder;
use crate::data::{Reader, ReaderOptions, Source, SourceOptions, offsets};

use super::build::BuildError;

struct Label {
    row: u64,
    line: usize,
    start: usize,
    end: usize,
    target: [f32; CLASSES],
}

/// Reads silver labels, `set,line,start,end,supportive,neutral,critical`, and the sentences that they point to.
/// A line of a text is `article TAB sentence`, or a sentence alone.
///
/// # Errors
/// [`BuildError`] that names the record that is wrong or points to nothing.
pub(super) fn read_silver(
    file: &Path,
    texts: &BTreeMap<String, PathBuf>,
    finder: &Finder,
) -> Result<Vec<Instance>, BuildError> {
    let name = file.display().to_string();
    let wrong = |row: u64, problem: String| RecipeError::Silver { file: name.clone(), row, problem };
    let mut reader = Reader::new(Source::open(file, &SourceOptions::default())?, &ReaderOptions::default())?;
    let mut labels: BTreeMap<String, Vec<Label>> = BTreeMap::new();
    loop {
        let block = reader.read_block(8192, 1 << 22)?;
        if block.is_empty() {
            break;
        }
        for record in block {
            let number = |at: usize| record.fields.get(at).and_then(|cell| cell.parse::<usize>().ok());
            let probability = |at: usize| record.fields.get(at).and_then(|cell| cell.parse::<f32>().ok());
            let parsed = (number(1), number(2), number(3), probability(4), probability(5), probability(6));
            let (Some(line), Some(start), Some(end), Some(s), Some(n), Some(c)) = parsed else {
                let problem = format!("found {:?}, expected set,line,start,end and three probabilities", record.fields);
                return Err(wrong(record.row, problem).into());
            };
            let sum = s + n + c;
            if !(0.9..1.1).contains(&sum) {
                return Err(wrong(record.row, format!("the probabilities sum to {sum}, expected 1")).into());
            }
            let target = [s / sum, n / sum, c / sum];
            let set = record.fields.get(0).unwrap_or_default().to_owned();
            labels.entry(set).or_default().push(Label { row: record.row, line, start, end, target });
        }
    }
    let mut instances = Vec::new();
    for (set, mut labels) in labels {
        let Some(path) = texts.get(&set) else {
            let row = labels.first().map_or(0, |label| label.row);
            return Err(wrong(row, format!("the set {set:?} has no text in the recipe")).into());
        };
        labels.sort_by_key(|label| (label.line, label.start, label.end));
        let text = Source::open(path, &SourceOptions::default())?.read_text()?;
        let mut lines = text.lines().enumerate();
        let mut at = lines.next();
        let mut paired: Vec<(&Label, &str, &str)> = Vec::new();
        for label in &labels {
            while at.is_some_and(|(line, _)| line < label.line) {
                at = lines.next();
            }
            let Some((_, line)) = at.filter(|(line, _)| *line == label.line) else {
                return Err(wrong(label.row, format!("line {} is not in {}", label.line, path.display())).into());
            };
            let (group, sentence) = line.split_once('\t').unwrap_or((line, line));
            paired.push((label, group, sentence));
        }
        let found: Result<Vec<Instance>, RecipeError> = paired
            .into_par_iter()
            .map(|(label, group, sentence)| {
                let mention = offsets::to_bytes(sentence, label.start, label.end)
                    .map_err(|error| wrong(label.row, error.to_string()))?;
                let others = others(sentence, &mention, &finder.find(sentence, None)).collect();
                let (sentence, group) = (sentence.to_owned(), group.to_owned());
                Ok(Instance { sentence, mention, others, target: label.target, weight: 1.0, group })
            })
            .collect();
        instances.extend(found?);
    }
    Ok(instances)
}
