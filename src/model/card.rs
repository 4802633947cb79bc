//! The model card: what a model is, what it was trained on, how it scored, where not to trust it.
//!
//! Hugging Face's fields (Mitchell et al. 2019), written from the bundle's provenance and never by hand.

use std::fmt::Write;

use super::Model;
use crate::Label;

/// The card of a model, in Markdown with a YAML head.
pub fn card(model: &Model) -> String {
    let provenance = &model.provenance;
    let mut card = String::new();
    // Writing into a string cannot fail.
    let _ = write_card(&mut card, model);
    debug_assert!(card.contains(&provenance.checksum));
    card
}

fn write_card(card: &mut String, model: &Model) -> std::fmt::Result {
    let provenance = &model.provenance;
    writeln!(card, "---")?;
    writeln!(card, "language: en\nlicense: mit\nlibrary_name: toward\npipeline_tag: text-classification")?;
    writeln!(card, "tags: [stance, targeted-sentiment, news, linear-model]")?;
    writeln!(card, "datasets:")?;
    for set in &provenance.training {
        writeln!(card, "  - {}", set.name)?;
    }
    writeln!(card, "metrics: [f1, accuracy]")?;
    writeln!(card, "model-index:\n  - name: {}\n    results:", provenance.name)?;
    for score in &provenance.scores {
        writeln!(
            card,
            "      - task: {{ type: text-classification, name: \"stance toward an actor, --effort {}\" }}",
            score.effort
        )?;
        writeln!(card, "        dataset: {{ type: {0}, name: {0} }}", score.set)?;
        writeln!(card, "        metrics: [{{ type: f1, name: macro-F1, value: {:.4} }}]", score.macro_f1)?;
    }
    writeln!(card, "---\n\n# {}\n", provenance.name)?;
    writeln!(card, "Labels a mention of an actor in an English news sentence as supportive, neutral or critical.")?;
    writeln!(
        card,
        "Trained {} with toward {}; {} features",
        provenance.date, provenance.crate_version, provenance.features
    )?;
    writeln!(
        card,
        "in the sparse model{}.\n",
        if model.dense.is_empty() { "" } else { ", and linear models on the frozen encoder's vectors" }
    )?;
    writeln!(card, "## Training data\n")?;
    writeln!(card, "| set | mentions | supportive | neutral | critical | weight | licence | source |")?;
    writeln!(card, "|---|---|---|---|---|---|---|---|")?;
    for set in &provenance.training {
        let [supportive, neutral, critical] = set.counts;
        let total = supportive + neutral + critical;
        let (name, weight, licence, source) = (&set.name, set.weight, &set.licence, &set.source);
        writeln!(
            card,
            "| {name} | {total} | {supportive} | {neutral} | {critical} | {weight} | {licence} | {source} |"
        )?;
    }
    writeln!(card, "\n## Scores\n")?;
    writeln!(card, "On sets that were used for development, never for training; 95 % bootstrap interval.\n")?;
    writeln!(card, "| set | effort | macro-F1 | interval | accuracy | n |\n|---|---|---|---|---|---|")?;
    for score in &provenance.scores {
        let [low, high] = score.ci95;
        writeln!(
            card,
            "| {} | {} | {:.3} | {low:.3}-{high:.3} | {:.3} | {} |",
            score.set, score.effort, score.macro_f1, score.accuracy, score.n
        )?;
    }
    writeln!(card, "\n## What the labels mean\n")?;
    let labels: Vec<&str> = Label::ALL.iter().map(|label| label.name()).collect();
    writeln!(
        card,
        "{}: how the sentence treats the actor, by its writer, by those it quotes, or by what it says was done by or to \
         the actor. Not the mood of the sentence, and not the actor's own stance. The guideline is `training/ANNOTATION.md`.",
        labels.join(", ")
    )?;
    writeln!(card, "\n## Limits\n")?;
    writeln!(
        card,
        "- English news; other genres and translated text score lower.\n\
         - One sentence at a time: what earlier sentences said does not count, and pronouns are not resolved.\n\
         - Irony, and blame that only world knowledge reveals, are mostly missed.\n\
         - A share of labels is wrong (see the scores): use counts over many sentences, and read samples."
    )?;
    writeln!(card, "\n## Parameters\n")?;
    let sparse = &provenance.sparse;
    writeln!(
        card,
        "alpha {}, features in at least {} mentions, {} kept, class power {}, thresholds of the cascade: {}; checksum {}.",
        sparse.alpha, sparse.min_count, sparse.keep, sparse.class_power, provenance.thresholds, provenance.checksum
    )
}
