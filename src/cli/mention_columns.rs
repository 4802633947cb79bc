//! The columns that rows about a labelled or unlabelled mention share: which one it is, and what a model says of it.

use toward::CLASSES;
use toward::data::{Row, offsets};
use toward::model::Instance;

/// The columns of [`mention`].
pub(super) const MENTION: [&str; 5] = ["sentence", "actor", "mention", "start", "end"];

/// The columns of [`probabilities`].
pub(super) const PROBABILITIES: [&str; CLASSES] = ["supportive", "neutral", "critical"];

/// The cells that say which mention it is, as `toward train` reads them.
pub(super) fn mention<'r>(row: Row<'r>, instance: &Instance, actor: &str) -> anyhow::Result<Row<'r>> {
    let sentence = &instance.sentence;
    let (start, end) = offsets::to_characters(sentence, instance.mention.clone())?;
    let row = row.text(sentence).text(actor).text(&sentence[instance.mention.clone()]);
    Ok(row.integer(start as u64).integer(end as u64))
}

/// The cells of a model's probabilities.
pub(super) fn probabilities<'r>(row: Row<'r>, probabilities: &[f32; CLASSES]) -> Row<'r> {
    probabilities.iter().copied().fold(row, Row::probability)
}
