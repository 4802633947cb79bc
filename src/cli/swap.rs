//! `toward evaluate --swap`: whether another name in the same sentence changes the label.

use std::fmt::Write;

use clap::Args;
use toward::Label;
use toward::model::{Classifier, Effort, Instance, NameTone, Swap, SwapKind, SwapOptions, SwapReport};

/// What to swap.
#[derive(Args)]
pub(super) struct SwapArguments {
    /// Put the names of N other actors of the same kind in the mention's place, and count the labels that change
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    swap: Option<u16>,
    /// In how many sentences names are swapped
    #[arg(long, value_name = "N", default_value_t = 100, requires = "swap", value_parser = clap::value_parser!(u16).range(1..))]
    swap_sentences: u16,
    /// Draw other names and sentences
    #[arg(long, value_name = "SEED", default_value_t = 1, requires = "swap")]
    swap_seed: u64,
}

impl SwapArguments {
    /// One report for each effort, if any is asked for.
    pub fn run(
        &self,
        mut classifier: Classifier,
        instances: &[Instance],
        efforts: &[Effort],
    ) -> anyhow::Result<Vec<SwapReport>> {
        let Some(names) = self.swap else { return Ok(Vec::new()) };
        let options = SwapOptions { names: names.into(), sentences: self.swap_sentences.into(), seed: self.swap_seed };
        let swap = Swap::draw(&classifier, instances, options)?;
        let mut reports = Vec::new();
        for &effort in efforts {
            classifier = classifier.with_effort(effort);
            reports.push(swap.test(&classifier)?);
        }
        Ok(reports)
    }
}

/// Writes the reports for people.
pub(super) fn write(page: &mut String, reports: &[SwapReport]) -> std::fmt::Result {
    let Some(first) = reports.first() else { return Ok(()) };
    writeln!(
        page,
        "\nother names in the mention's place: {} names, {} sentences, seed {}",
        first.all.names, first.all.sentences, first.seed
    )?;
    writeln!(page, "effort      labels  changed   share  95 % interval")?;
    for SwapReport { effort, all, ci95: [low, high], .. } in reports {
        writeln!(
            page,
            "{effort:<10} {:>7} {:>8} {:>5.1} %  {:.1} - {:.1} %",
            all.labels,
            all.changed,
            100.0 * all.share,
            100.0 * low,
            100.0 * high
        )?;
    }
    for report in reports {
        writeln!(page, "effort {}, by kind of actor:", report.effort)?;
        for SwapKind { kind, share } in &report.by_kind {
            writeln!(
                page,
                "  {:<14} {:>3} sentences {:>4} names {:>7} labels {:>5.1} % changed",
                kind.name(),
                share.sentences,
                share.names,
                share.labels,
                100.0 * share.share
            )?;
        }
        let mut moves: Vec<(u64, Label, Label)> = Vec::new();
        for (before, row) in Label::ALL.into_iter().zip(report.transitions) {
            for (after, count) in Label::ALL.into_iter().zip(row) {
                if before != after && count > 0 {
                    moves.push((count, before, after));
                }
            }
        }
        moves.sort_by_key(|(count, ..)| std::cmp::Reverse(*count));
        let moves: Vec<String> =
            moves.iter().map(|(count, before, after)| format!("{before} to {after} {count}")).collect();
        if !moves.is_empty() {
            writeln!(page, "  changes: {}", moves.join(", "))?;
        }
        let names: Vec<String> =
            report.extremes.iter().map(|NameTone { name, tone, .. }| format!("{name} {tone:+.2}")).collect();
        writeln!(page, "  most and least critical names (shift of P(supportive) - P(critical)): {}", names.join(", "))?;
    }
    Ok(())
}
