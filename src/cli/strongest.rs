//! The columns of `toward classify --explain N`: the words that speak most strongly for or against the label.
//!
//! `score` is the sum of the cells `value_1` to `value_N` and `rest`, to the last decimal that is printed.

use toward::Label;
use toward::data::{ColumnType, Row};
use toward::model::{Explanation, Grounds, Word};

/// Decimals of the cells.
const PLACES: usize = 4;
/// 10 to the power of [`PLACES`].
const UNITS: f64 = 10_000.0;

/// The names of the columns for so many words.
pub(super) fn columns(words: usize) -> Vec<String> {
    let mut names = vec!["explained_by".to_owned(), "score".to_owned()];
    names.extend((1..=words).flat_map(|at| [format!("word_{at}"), format!("value_{at}")]));
    names.push("rest".to_owned());
    names
}

/// Their types.
pub(super) fn types(words: usize) -> Vec<ColumnType> {
    let number = ColumnType::Float32;
    let mut types = vec![ColumnType::Text, number.clone()];
    types.extend((0..words).flat_map(|_| [ColumnType::Text, number.clone()]));
    types.push(number);
    types
}

/// Their cells; all empty where there is no explanation.
pub(super) fn cells<'w>(row: Row<'w>, explained: Option<(&Explanation, Label)>, words: usize) -> Row<'w> {
    let Some((explanation, label)) = explained else {
        return (0..2 * words + 3).fold(row, |row, _| row.empty());
    };
    let by = match explanation.grounds {
        Grounds::Sum { .. } => "sum",
        Grounds::Occlusion => "occlusion",
    };
    // Zero is added so that what rounds to nothing has no minus.
    let rounded = |value: f64| (value * UNITS).round() + 0.0;
    let score = rounded(explanation.scores[label.index()]);
    let value = |word: &Word| word.contributions[label.index()];
    let mut strongest: Vec<&Word> = explanation.words.iter().filter(|word| is_word(word)).collect();
    strongest.sort_by(|a, b| value(b).abs().total_cmp(&value(a).abs()).then(a.start.cmp(&b.start)));
    strongest.truncate(words);
    let mut row = row.text(by).decimal(score / UNITS, PLACES);
    let mut rest = score;
    for word in &strongest {
        row = row.text(&word.text).decimal(rounded(value(word)) / UNITS, PLACES);
        rest -= rounded(value(word));
    }
    for _ in strongest.len()..words {
        row = row.empty().empty();
    }
    row.decimal((rest + 0.0) / UNITS, PLACES)
}

/// Whether it is a word and not punctuation.
pub(super) fn is_word(word: &Word) -> bool {
    word.text.chars().any(char::is_alphanumeric)
}
