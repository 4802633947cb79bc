//! `toward model`: what a model is, whether it is whole, its card.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Subcommand;
use toward::model::card;

use super::options::model;

/// Show and check models.
#[derive(Subcommand)]
pub(super) enum Model {
    /// What a model is, what it was trained on, how it scored
    Info {
        /// The model [default: the one inside the binary]
        model: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Also list the strongest features for each label
        #[arg(long, value_name = "N", default_value_t = 0)]
        top: usize,
    },
    /// Check that a model is whole
    Verify {
        /// The model
        model: PathBuf,
    },
    /// Print the model card, in Markdown with Hugging Face's fields
    Card {
        /// The model [default: the one inside the binary]
        model: Option<PathBuf>,
    },
}

impl Model {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        match self {
            Model::Info { model: file, json, top } => info(file.as_ref(), *json, *top),
            Model::Verify { model: file } => {
                // Opening checks the checksum and every bound.
                let opened = model(Some(file))?;
                let (features, checksum) = (opened.sparse.hashes.len(), &opened.provenance.checksum);
                let line = format!("{}: whole, {features} features, checksum {checksum}\n", file.display());
                super::print(line.as_bytes())
            }
            Model::Card { model: file } => super::print(card(&model(file.as_ref())?).as_bytes()),
        }
    }
}

fn info(file: Option<&PathBuf>, json: bool, top: usize) -> anyhow::Result<()> {
    let opened = model(file)?;
    if json {
        return super::print_json(&opened.provenance);
    }
    let mut page = String::new();
    write_info(&mut page, &opened)?;
    if top > 0 {
        write_strongest(&mut page, &opened, top)?;
    }
    super::print(page.as_bytes())
}

fn write_info(page: &mut String, opened: &toward::model::Model) -> std::fmt::Result {
    let provenance = &opened.provenance;
    writeln!(page, "{}, trained {} with toward {}", provenance.name, provenance.date, provenance.crate_version)?;
    writeln!(page, "format {}, hash {}, checksum {}", provenance.format, provenance.hash, provenance.checksum)?;
    let families: Vec<String> = provenance.families.iter().map(|(name, version)| format!("{name} {version}")).collect();
    writeln!(page, "{} features of the families {}", provenance.features, families.join(", "))?;
    let depths: Vec<String> = opened.dense.iter().map(|head| head.depth.to_string()).collect();
    if depths.is_empty() {
        writeln!(page, "no dense models: --effort fast only")?;
    } else {
        writeln!(page, "dense models on the encoder's vectors after {} layers", depths.join(", "))?;
        writeln!(page, "thresholds: {}", provenance.thresholds)?;
    }
    writeln!(page, "\ntrained on            mentions  supportive  neutral  critical  weight  licence")?;
    for set in &provenance.training {
        let [supportive, neutral, critical] = set.counts;
        let total = supportive + neutral + critical;
        writeln!(
            page,
            "{:<20} {total:>9} {supportive:>11} {neutral:>8} {critical:>9} {:>7}  {}",
            set.name, set.weight, set.licence
        )?;
    }
    writeln!(page, "\nscored on             effort    macro-F1  95 % interval  accuracy     n")?;
    for score in &provenance.scores {
        let [low, high] = score.ci95;
        writeln!(
            page,
            "{:<20}  {:<9} {:>7.3}  {low:.3} - {high:.3}  {:>8.3} {:>5}",
            score.set, score.effort, score.macro_f1, score.accuracy, score.n
        )?;
    }
    Ok(())
}

fn write_strongest(page: &mut String, opened: &toward::model::Model, top: usize) -> anyhow::Result<()> {
    let names = opened.sparse.names()?;
    for label in toward::Label::ALL {
        let weight = |at: &usize| opened.sparse.softmax.weights()[*at][label.index()];
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.cmp(b)));
        writeln!(page, "\nstrongest for {label}:")?;
        for at in order.iter().take(top) {
            writeln!(page, "  {:+.3}  {}", weight(at), names[*at])?;
        }
    }
    Ok(())
}
