//! `toward report`: an output of `toward classify` in, one HTML page out.

use std::path::{Path, PathBuf};

use clap::Args;

use super::options::{Delimiter, catalogue, model, with_delimiter};
use toward::data::Output;
use toward::report::{PageOptions, Rows, RowsOptions, Summary, Words, render};

/// Make a page to look at of what `toward classify` wrote.
#[derive(Args)]
#[command(after_help = "\
The page is one file that loads nothing: open it in any browser, send it, print it. It shows how often each actor is \
supported and criticised, with 95 % intervals; by source and over time, if there are such columns; who is mentioned \
together with whom; the most supportive and most critical sentences; and all rows, to filter, sort, search and download.

Keep the columns that the report shall show when you classify: --keep date,source.

Examples:
  toward report examples/stance.csv -o report.html
  toward classify articles.csv --keep date,source -o stance.csv
  toward report stance.csv -o report.html --title \"China in the Pacific press\"
  toward report stance.csv.gz --date-column published --source-column outlet --top 20 -o report.html")]
pub(super) struct Report {
    /// The output of `toward classify`, `-` for standard input; .gz and .zst are unpacked
    input: PathBuf,
    /// Where the page goes, `-` for standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The page's title [default: one with the file's name]
    #[arg(long)]
    title: Option<String>,
    /// How many actors the charts show, the most mentioned first
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=50))]
    top: u16,
    /// The column with the day: YYYY-MM-DD, YYYY-MM or YYYY [default: date, published and other usual names]
    #[arg(long, value_name = "COLUMN")]
    date_column: Option<String>,
    /// The column with the medium [default: source, outlet, publisher and other usual names]
    #[arg(long, value_name = "COLUMN")]
    source_column: Option<String>,
    /// The delimiter: one character, `tab`, or `sniff` to find it out [default: comma; tab for .tsv]
    #[arg(long, short, value_name = "CHAR", value_parser = super::options::delimiter)]
    delimiter: Option<Delimiter>,
    /// Do not mark the words that decide in the sentences that are quoted
    #[arg(long)]
    no_words: bool,
    /// The model that labelled the rows, for the words that decide [default: the one inside the binary]
    #[arg(long, short, value_name = "FILE", conflicts_with = "no_words")]
    model: Option<PathBuf>,
    /// Actors that were added to the catalogue, for the words that decide; may be given several times
    #[arg(long, value_name = "FILE", conflicts_with = "no_words")]
    actors: Vec<PathBuf>,
}

impl Report {
    pub(super) fn run(&self, quiet: bool) -> anyhow::Result<()> {
        let inputs: Vec<&Path> = if self.input == Path::new("-") { Vec::new() } else { vec![&self.input] };
        let options = RowsOptions {
            date: self.date_column.clone(),
            source: self.source_column.clone(),
            reader: with_delimiter(self.delimiter),
            ..RowsOptions::default()
        };
        let rows = Rows::open(&self.input, &options)?;
        let mut output = Output::create(&self.output, &inputs)?;
        let summary = Summary::of(&rows, usize::from(self.top));
        let words = if self.no_words || rows.is_empty() {
            Words::default()
        } else {
            Words::of(&rows, &summary, &model(self.model.as_ref())?, &catalogue(&self.actors)?)?
        };
        let page = render(&rows, &summary, &words, &PageOptions { title: self.title.clone() })?;
        output.write_block(page.as_bytes())?;
        output.finish()?;
        if !quiet {
            self.print(&rows, &summary, page.len());
        }
        Ok(())
    }

    fn print(&self, rows: &Rows, summary: &Summary, bytes: usize) {
        let [supportive, neutral, critical] = summary.all.counts;
        say!(
            "{}: {} rows on {} actors, {supportive} supportive, {neutral} neutral, {critical} critical ({:.1} MB)",
            self.output.display(),
            rows.len(),
            summary.actors,
            bytes as f64 / 1e6
        );
        if rows.unlabelled > 0 {
            say!("{} rows without a label were left out", rows.unlabelled);
        }
        match summary.undated {
            Some(undated) if undated > 0 => say!("{undated} rows have no date of the form YYYY-MM-DD"),
            Some(_) => {}
            None => say!("no date column: nothing over time (classify --keep date, or --date-column)"),
        }
        if summary.sources.is_none() {
            say!("no source column: nothing by source (classify --keep source, or --source-column)");
        }
    }
}
