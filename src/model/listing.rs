//! What a bundle says of its training sets and scores, as rows of cells: the card and `toward model info` show the same
//! rows, one between bars, one in columns.

use std::fmt::Write;

use super::provenance::Provenance;

/// Rows of text under names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The names of the columns.
    pub columns: Vec<&'static str>,
    /// The rows, one cell a column.
    pub rows: Vec<Vec<String>>,
}

impl Provenance {
    /// What the model was trained on, one row a set.
    ///
    /// ```
    /// let sets = toward::Model::embedded()?.provenance.sets();
    /// assert_eq!(sets.columns[..2], ["set", "mentions"]);
    /// assert!(sets.rows.iter().any(|row| row[0] == "corpus"));
    /// # Ok::<(), toward::model::ModelError>(())
    /// ```
    pub fn sets(&self) -> Listing {
        let row = |set: &super::TrainingSet| {
            let total: usize = set.counts.iter().sum();
            let mut row = vec![set.name.clone(), total.to_string()];
            row.extend(set.counts.iter().map(ToString::to_string));
            row.extend([set.weight.to_string(), set.licence.clone(), set.source.clone()]);
            row
        };
        let columns = vec!["set", "mentions", "supportive", "neutral", "critical", "weight", "licence", "source"];
        Listing { columns, rows: self.training.iter().map(row).collect() }
    }

    /// How the model scored, one row a set and effort.
    pub fn scored(&self) -> Listing {
        let row = |score: &super::Score| {
            let [low, high] = score.ci95;
            vec![
                score.set.clone(),
                score.effort.clone(),
                format!("{:.3}", score.macro_f1),
                format!("{low:.3}-{high:.3}"),
                format!("{:.3}", score.accuracy),
                score.n.to_string(),
            ]
        };
        let columns = vec!["set", "effort", "macro-F1", "interval", "accuracy", "n"];
        Listing { columns, rows: self.scores.iter().map(row).collect() }
    }
}

impl Listing {
    /// The same listing without some columns.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Listing {
        let keep: Vec<bool> = self.columns.iter().map(|column| !names.contains(column)).collect();
        for row in &mut self.rows {
            let mut kept = keep.iter();
            row.retain(|_| kept.next() == Some(&true));
        }
        self.columns.retain(|column| !names.contains(column));
        self
    }

    /// In Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("| {} |\n|{}\n", self.columns.join(" | "), "---|".repeat(self.columns.len()));
        for row in &self.rows {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
        text
    }

    /// In columns of spaces: numbers to the right, names to the left.
    pub fn aligned(&self) -> String {
        let header: Vec<String> = self.columns.iter().map(ToString::to_string).collect();
        let is_number = |at: usize| self.rows.iter().all(|row| row[at].parse::<f64>().is_ok());
        let widths: Vec<(usize, bool)> = (0..header.len())
            .map(|at| {
                let cells = self.rows.iter().chain([&header]).map(|row| row[at].chars().count());
                (cells.max().unwrap_or(0), is_number(at))
            })
            .collect();
        let mut text = String::new();
        for row in [&header].into_iter().chain(&self.rows) {
            let cells =
                row.iter().zip(&widths).map(
                    |(cell, &(width, number))| {
                        if number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
                    },
                );
            let line = cells.collect::<Vec<_>>().join("  ");
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_right_and_names_left() {
        let cells = |row: [&str; 3]| row.map(str::to_owned).to_vec();
        let listing = Listing {
            columns: vec!["set", "n", "kind"],
            rows: vec![cells(["news", "7", "a"]), cells(["own", "12345", "bcd"])],
        };
        assert_eq!(listing.aligned(), "set       n  kind\nnews      7  a\nown   12345  bcd\n");
        assert_eq!(listing.without(&["n"]).markdown(), "| set | kind |\n|---|---|\n| news | a |\n| own | bcd |\n");
    }
}
