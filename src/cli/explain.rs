//! `toward explain`: why a sentence gets its label, word by word.

use std::fmt::Write;

use clap::Args;
use toward::Label;
use toward::model::{Explanation, explain};

use super::options::{ModelOptions, catalogue, model};

/// Show why a sentence gets its label.
#[derive(Args)]
#[command(after_help = "\
The explanation is of the sparse model, whose score is a sum over named features: what is printed adds up to it exactly.

Examples:
  toward explain \"Xi accused Washington of stoking tensions.\"
  toward explain \"Xi accused Washington of stoking tensions.\" --actor \"United States\" --features 20")]
pub(super) struct Explain {
    /// The sentence
    sentence: String,
    /// The actor: a name, an alias, or as it is written in the sentence [default: every actor]
    #[arg(long, short)]
    actor: Option<String>,
    /// How many features to list for each label
    #[arg(long, default_value_t = 8)]
    features: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    model: ModelOptions,
}

impl Explain {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let model = model(self.model.model.as_ref())?;
        let catalogue = catalogue(&self.model.actors)?;
        let explanations = explain(&model, &catalogue, &self.sentence, self.actor.as_deref())?;
        if explanations.is_empty() {
            match &self.actor {
                Some(actor) => {
                    anyhow::bail!("the sentence does not name {actor:?}; `toward actors find` shows whom it names")
                }
                None => anyhow::bail!(
                    "the sentence names no actor of the catalogue; give one with --actor, or add it with --actors"
                ),
            }
        }
        if self.json {
            return super::print_json(&explanations);
        }
        let mut page = String::new();
        for explanation in &explanations {
            self.write(&mut page, explanation)?;
        }
        super::print(page.as_bytes())
    }

    fn write(&self, page: &mut String, explanation: &Explanation) -> std::fmt::Result {
        writeln!(page, "{} ({})", explanation.actor, explanation.mention)?;
        for label in Label::ALL {
            let at = label.index();
            writeln!(
                page,
                "  {:<10} {:>5.1} %   score {:+.3}",
                label.name(),
                100.0 * explanation.probabilities[at],
                explanation.scores[at]
            )?;
        }
        let label = explanation.label;
        writeln!(page, "  words, by how much they speak for {label}:")?;
        let words =
            explanation.words.iter().map(|word| format!("{} {:+.2}", word.text, word.contributions[label.index()]));
        writeln!(page, "    {}", words.collect::<Vec<_>>().join("  "))?;
        writeln!(page, "  strongest features:")?;
        let mut features: Vec<_> = explanation.features.iter().collect();
        let strength = |contributions: &[f64; 3]| contributions[label.index()].abs();
        features.sort_by(|a, b| {
            strength(&b.contributions).total_cmp(&strength(&a.contributions)).then(a.name.cmp(&b.name))
        });
        for feature in features.into_iter().take(self.features) {
            writeln!(page, "    {:+.3}  {}", feature.contributions[label.index()], feature.name)?;
        }
        writeln!(page)
    }
}
