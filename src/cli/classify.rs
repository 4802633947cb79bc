//! `toward classify`: a CSV of news in, one labelled row a sentence and actor out.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::options::{CsvOptions, LevelOption, ModelOptions};
use super::resume::{self, Begin, Run};
use super::{pipeline, progress, strongest};
use toward::CLASSES;
use toward::actors::{Date, Level};
use toward::data::{ColumnType, Columns, Fault, Format, Journal, Problem, Reader, Record};
use toward::data::{Row as Cells, RowWriter, Shard};
use toward::model::{
    Answer, Classifier, DATES, Document, Explanation, Question, Stage, Stance, answers, column_names, column_types,
};

/// Label the sentences of a CSV file: one row a sentence and actor.
#[derive(Args, Debug)]
#[command(after_help = "\
Columns of the output: row (the input's record, from 1), sentence_index (from 0), sentence, actor, mention, start, end \
(characters of the mention in the sentence, from 0, end exclusive), label, supportive, neutral, critical \
(probabilities), and what --keep asks for.

--explain N adds explained_by (sum or occlusion), score (the label's), word_1, value_1 ... word_N, value_N and rest; the \
values and rest sum to the score. What the sparse model answers is explained exactly and at little cost (--effort fast); \
where the encoder answers, every word of the sentence is left out once, which takes a pass of the encoder each.

With --actor-column there is exactly one output row for each input row, in order, and a column status that says what \
went wrong where there is no label.

With --resume the rows stay in OUTPUT.part when the run is interrupted, and the same command goes on after the last \
block that is whole there. The output is the same as of one run.

Examples:
  toward classify articles.csv -o stance.csv
  toward classify articles.csv.gz --text title,body --keep date,source --level country -o stance.csv
  toward classify rows.csv --text sentence --actor-column actor --start-column start --end-column end -o out.csv
  toward classify articles.csv --effort fast --explain 3 -o stance.csv
  toward classify millions.csv.zst --resume --on-error skip --rejects bad.csv -o stance.csv
  zstdcat news.csv.zst | toward classify - --effort fast --format jsonl > stance.jsonl
  toward classify news.csv --shard 2/8 -o part2.csv     # on the second of eight machines; at last:
  cat part1.csv part2.csv ... part8.csv > stance.csv    # only the first part has the header")]
pub(super) struct Classify {
    /// The CSV file, `-` for standard input; .gz and .zst are unpacked; or a Parquet file, if built with parquet
    input: PathBuf,
    /// Where rows go, `-` for standard output; .gz and .zst are packed; .parquet, if built with parquet
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The columns that hold text [default: title and text by their usual names]
    #[arg(long, short, value_name = "COLUMNS")]
    text: Option<String>,
    /// A column that identifies a record: it comes first in the output
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Columns of the input to keep: names, numbers, ranges, `all`, `!name` to leave one out
    #[arg(long, value_name = "COLUMNS")]
    keep: Option<String>,
    /// Each text is one sentence: do not cut it [default for a column named sentence]
    #[arg(long, conflicts_with = "split")]
    whole: bool,
    /// Cut the texts into sentences, even of a column named sentence
    #[arg(long)]
    split: bool,
    /// The column that names the actor of each row: label that actor only
    #[arg(long, value_name = "COLUMN")]
    actor_column: Option<String>,
    /// The column with the mention's first character, from 0
    #[arg(long, value_name = "COLUMN", requires = "actor_column", requires = "end_column")]
    start_column: Option<String>,
    /// The column with the character after the mention's last
    #[arg(long, value_name = "COLUMN", requires = "actor_column", requires = "start_column")]
    end_column: Option<String>,
    /// One row a mention instead of one a sentence and actor; the same as --level mention
    #[arg(long, conflicts_with = "level")]
    mentions: bool,
    /// What a row stands for
    #[arg(long, value_name = "LEVEL", default_value = "actor")]
    level: LevelOption,
    /// The day of writing, which decides between office-holders of one name: YYYY-MM-DD
    #[arg(long, value_name = "DATE", conflicts_with = "date_column")]
    as_of: Option<Date>,
    /// The column with the day of writing
    #[arg(long, value_name = "COLUMN")]
    date_column: Option<String>,
    /// Add a column stage that tells which model answered: sparse, early (a middle layer of the encoder, sure) or
    /// encoder (the last layer that is asked)
    #[arg(long)]
    stages: bool,
    /// Label part I of N only, so that N machines share a file; the parts' outputs, one after the other, are the whole's
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Add the N words that speak most strongly for or against each label
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, value_parser = clap::value_parser!(u8).range(..=50))]
    explain: u8,
    /// The output's format [default: by its name, else csv]
    #[arg(long, value_name = "FORMAT")]
    format: Option<FormatOption>,
    /// Put an apostrophe before cells that a spreadsheet would run as a formula
    #[arg(long)]
    safe_cells: bool,
    /// Print the summary, on standard error, as JSON
    #[arg(long)]
    json: bool,
    /// Keep what is finished when the run is interrupted, and go on with an interrupted run
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    csv: CsvOptions,
    #[command(flatten)]
    model: ModelOptions,
}

/// A format, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatOption {
    /// Comma-separated values
    Csv,
    /// One JSON object a line
    Jsonl,
}

/// What the command line means for the columns of this input.
struct Plan {
    texts: Vec<usize>,
    given: Option<GivenColumns>,
    id: Option<usize>,
    keep: Vec<usize>,
    date: Option<usize>,
    as_of: Option<Date>,
    whole: bool,
    level: Level,
    stages: bool,
    /// How many words explain each row.
    words: usize,
    writer: RowWriter,
}

struct GivenColumns {
    actor: usize,
    offsets: Option<(usize, usize)>,
}

impl Classify {
    pub(super) fn run(&self, quiet: bool) -> anyhow::Result<()> {
        let inputs: Vec<&Path> = if self.input == Path::new("-") { Vec::new() } else { vec![&self.input] };
        anyhow::ensure!(
            self.csv.rejects.as_ref() != Some(&self.output),
            "--rejects: found {}, which is the output, expected another file",
            self.output.display()
        );
        let conditions = if self.resume {
            Some(resume::conditions(self, &self.model.model.iter().chain(&self.model.actors).collect::<Vec<_>>())?)
        } else {
            if !quiet && Journal::is_left(&self.output) {
                say!("{}.part is of an interrupted run, which --resume would go on with", self.output.display());
            }
            None
        };
        let mut run =
            match Run::<Summary>::begin(&self.input, &self.output, &self.csv, self.shard, conditions.as_ref())? {
                Begin::Run(run) => run,
                Begin::Done { tally, rejected } => {
                    if !quiet {
                        self.tell(&tally, &self.model.classifier()?, rejected)?;
                    }
                    return Ok(());
                }
            };
        let plan = self.plan(run.reader.columns(), run.reader.types())?;
        let mut header = Vec::new();
        if self.shard.is_none_or(Shard::is_first) {
            plan.writer.header(&mut header);
        }
        // Before the first byte of output: standard output takes none back.
        let classifier = self.model.classifier()?;
        let mut output = run.output(&self.output, &inputs, &header)?;

        if !quiet && run.finished() > 0 {
            say!("going on after record {}", run.finished());
        }
        let mut counts = run.tally();
        let before = counts.rows;
        let bar = progress::bar(quiet, run.reader.meter().size(), "bytes");
        let blocks = pipeline::Blocks::of(classifier.effort());
        let check = |reader: &Reader, record: &Record| plan.wrong_date(reader, record);
        pipeline::run(&mut run.reader, &mut output, run.journal.as_mut(), blocks, check, |records, read| {
            let (bytes, block) = plan.block(records, &classifier)?;
            counts.add(&block);
            bar.set_message(format!(
                "{} records, {} rows, {:.0} rows/s",
                counts.records,
                counts.rows,
                (counts.rows - before) as f64 / bar.elapsed().as_secs_f64()
            ));
            bar.set_position(read);
            bar.tick();
            Ok((bytes, counts.clone()))
        })?;
        bar.finish_and_clear();
        let read = run.reader.counts();
        // The promise of the command: every record was either labelled or set aside.
        anyhow::ensure!(
            counts.records == read.good,
            "{}: {} records were read but {} were labelled; this is a defect of toward",
            self.input.display(),
            read.good,
            counts.records
        );
        anyhow::ensure!(
            plan.given.is_none() || counts.rows == counts.records,
            "{}: {} records were labelled with {} rows, expected one each; this is a defect of toward",
            self.input.display(),
            counts.records,
            counts.rows
        );
        run.finish(output, counts.clone())?;
        if !quiet {
            self.tell(&counts, &classifier, read.rejected)?;
        }
        Ok(())
    }

    /// Says what was done.
    fn tell(&self, counts: &Summary, classifier: &Classifier, rejected: u64) -> anyhow::Result<()> {
        if !self.json {
            counts.print(classifier, rejected, self.csv.rejects.as_deref());
            return Ok(());
        }
        let [supportive, neutral, critical] = counts.labels;
        super::say_json(&serde_json::json!({
            "records": counts.records,
            "rejected": rejected,
            "rows": counts.rows,
            "supportive": supportive,
            "neutral": neutral,
            "critical": critical,
            "unanswered": counts.unanswered,
            "effort": classifier.effort().name(),
            "blind": classifier.blind(),
            "answered_by": counts.answered_by(),
        }))
    }

    fn plan(&self, columns: &Columns, types: Option<&[ColumnType]>) -> anyhow::Result<Plan> {
        let texts = match &self.text {
            Some(selection) => columns.select(selection)?,
            None => columns.text_columns()?,
        };
        let find = |name: &Option<String>| name.as_ref().map(|name| columns.find(name)).transpose();
        let given = match &self.actor_column {
            Some(name) => {
                let offsets = find(&self.start_column)?.zip(find(&self.end_column)?);
                if offsets.is_some() && texts.len() > 1 {
                    anyhow::bail!("--text: found {} columns, expected one where --start-column is given", texts.len());
                }
                Some(GivenColumns { actor: columns.find(name)?, offsets })
            }
            None => None,
        };
        let id = find(&self.id)?;
        let keep = self.keep.as_ref().map(|selection| columns.select(selection)).transpose()?.unwrap_or_default();
        let date = find(&self.date_column)?;
        let whole = self.whole || (!self.split && columns.are_sentences(&texts));

        // The identifying column stands in front already.
        let keep: Vec<usize> = keep.into_iter().filter(|&column| Some(column) != id).collect();
        let words = usize::from(self.explain);
        let (more, more_types) =
            if words > 0 { (strongest::columns(words), strongest::types(words)) } else { (Vec::new(), Vec::new()) };
        let names = column_names(columns, id, &keep, given.is_some(), self.stages, &more);
        let format = match self.format {
            Some(FormatOption::Csv) => Format::Csv { delimiter: b',' },
            Some(FormatOption::Jsonl) => Format::JsonLines,
            None => Format::of_name(&self.output.display().to_string()),
        };
        if self.format.is_some() && Format::of_name(&self.output.display().to_string()) == Format::Parquet {
            anyhow::bail!("--format: found another format, expected none where the output is a .parquet file");
        }
        let types = column_types(types, id, &keep, given.is_some(), self.stages, &more_types);
        let writer = RowWriter::new(format, &names)?.types(types).safe_cells(self.safe_cells);
        let level = if self.mentions { Level::Mention } else { self.level.into() };
        let as_of = self.as_of;
        Ok(Plan { texts, given, id, keep, date, as_of, whole, level, stages: self.stages, words, writer })
    }
}

/// What was done.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Summary {
    records: u64,
    rows: u64,
    labels: [u64; CLASSES],
    unanswered: u64,
    /// Who answered.
    stages: [u64; Stage::ALL.len()],
}

impl Summary {
    fn add(&mut self, block: &Summary) {
        self.records += block.records;
        self.rows += block.rows;
        for (sum, count) in self.labels.iter_mut().zip(block.labels) {
            *sum += count;
        }
        self.unanswered += block.unanswered;
        for (sum, count) in self.stages.iter_mut().zip(block.stages) {
            *sum += count;
        }
    }

    /// How many rows each stage answered.
    fn answered_by(&self) -> std::collections::BTreeMap<&'static str, u64> {
        Stage::ALL.into_iter().map(|stage| (stage.name(), self.stages[stage.index()])).collect()
    }

    fn print(&self, classifier: &Classifier, rejected: u64, rejects: Option<&Path>) {
        let [supportive, neutral, critical] = self.labels;
        let records = if self.records == 1 { "record" } else { "records" };
        let mut stages: Vec<String> = Vec::new();
        for stage in Stage::ALL.into_iter().filter(|stage| self.stages[stage.index()] > 0) {
            stages.push(format!("{} {}", stage.name(), self.stages[stage.index()]));
        }
        let hidden = if classifier.blind() { ", names hidden" } else { "" };
        let answered = if stages.is_empty() { String::new() } else { format!("; answered by {}", stages.join(", ")) };
        say!(
            "{} {records}, {} rows: {supportive} supportive, {neutral} neutral, {critical} critical \
             (effort {}{hidden}{answered})",
            self.records,
            self.rows,
            classifier.effort().name()
        );
        if self.unanswered > 0 {
            say!("{} rows have no label; the column status says why", self.unanswered);
        }
        if rejected > 0 {
            match rejects {
                Some(path) => say!("{rejected} bad records were set aside in {}", path.display()),
                None => say!("{rejected} bad records were skipped; --rejects FILE keeps them"),
            }
        }
    }
}

/// Rows in the output's format, and what they are counted as.
#[derive(Default)]
struct Rendered {
    bytes: Vec<u8>,
    counts: Summary,
}

impl Plan {
    /// Labels and renders a block of records.
    fn block(&self, records: &[Record], classifier: &Classifier) -> anyhow::Result<(Vec<u8>, Summary)> {
        let texts: Vec<Cow<'_, str>> = records.par_iter().map(|record| self.text(record)).collect();
        let dates: Vec<Result<Option<Date>, String>> = records.iter().map(|record| self.date(record)).collect();
        let document = |at: usize| {
            // A wrong date was set aside before, or becomes a status below.
            let as_of = dates[at].as_ref().copied().unwrap_or_default();
            Document { text: &texts[at], whole: self.whole, as_of }
        };
        // A worker renders many records into one buffer.
        let each = |render: &(dyn Fn(usize, &mut Rendered) -> anyhow::Result<()> + Sync)| {
            (0..records.len())
                .into_par_iter()
                .try_fold(Rendered::default, |mut part, at| render(at, &mut part).map(|()| part))
                .collect::<anyhow::Result<Vec<Rendered>>>()
        };
        let parts = match &self.given {
            None => {
                let documents: Vec<Document<'_>> = (0..records.len()).map(document).collect();
                let judged = classifier.judge(&documents)?;
                each(&|at, part| {
                    let of = answers(&texts[at], &judged[at], classifier.catalogue(), self.level);
                    self.render(&records[at], &documents[at], &of.collect::<Vec<_>>(), classifier, part)
                })?
            }
            Some(columns) => {
                let question = |at: usize| columns.question(&records[at], document(at), dates[at].clone());
                let questions: Vec<Question<'_>> = (0..records.len()).into_par_iter().map(question).collect();
                let answers = classifier.ask(&questions)?;
                each(&|at, part| self.render(&records[at], &document(at), &answers[at..=at], classifier, part))?
            }
        };
        let mut summary = Summary { records: records.len() as u64, ..Summary::default() };
        let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.bytes.len()).sum());
        for part in parts {
            bytes.extend_from_slice(&part.bytes);
            summary.add(&part.counts);
        }
        Ok((bytes, summary))
    }

    /// The words that explain each answer about a document, if they are asked for.
    fn explain(
        &self,
        document: &Document<'_>,
        answers: &[Answer<'_>],
        classifier: &Classifier,
    ) -> anyhow::Result<Vec<Option<Explanation>>> {
        let mentions: Vec<Range<usize>> =
            answers.iter().filter_map(|answer| Some(answer.stance.as_ref().ok()?.bytes.clone())).collect();
        if self.words == 0 || mentions.is_empty() {
            return Ok(Vec::new());
        }
        Ok(classifier.explain_mentions(document, &mentions)?)
    }

    /// The record's text: its text columns, one paragraph each.
    fn text<'r>(&self, record: &'r Record) -> Cow<'r, str> {
        let mut cells = self.texts.iter().filter_map(|&column| record.fields.get(column));
        let first = Cow::Borrowed(cells.next().unwrap_or_default());
        cells.fold(first, |text, cell| text + "\n\n" + cell)
    }

    /// The day of writing, or the cell that is none.
    fn date(&self, record: &Record) -> Result<Option<Date>, String> {
        let Some(column) = self.date else { return Ok(self.as_of) };
        let cell = record.fields.get(column).unwrap_or_default();
        Date::of_cell(cell).map_err(|_| cell.trim().to_owned())
    }

    /// What is wrong with a record's date. Where the actor is given, each record has its row and the status says it.
    fn wrong_date(&self, reader: &Reader, record: &Record) -> Option<Problem> {
        let found = self.date(record).err().filter(|_| self.given.is_none())?;
        Some(Problem::new(reader.place(record, self.date), Fault::Value, format!("{found:?}"), DATES))
    }

    fn begin<'w>(&'w self, record: &Record, out: &'w mut Vec<u8>) -> Cells<'w> {
        let row = self.writer.row(out);
        match self.id {
            Some(id) => row.text(record.fields.get(id).unwrap_or_default()),
            None => row,
        }
        .integer(record.row)
    }

    fn end(
        &self,
        mut row: Cells<'_>,
        record: &Record,
        answer: Option<(Stage, toward::Label)>,
        words: Option<&Explanation>,
    ) {
        if self.stages {
            row = row.text(answer.map_or("", |(stage, _)| stage.name()));
        }
        if self.words > 0 {
            let words = answer.zip(words).map(|((_, label), words)| (words, label));
            row = strongest::cells(row, words, self.words);
        }
        for &column in &self.keep {
            row = row.text(record.fields.get(column).unwrap_or_default());
        }
        row.end();
    }

    /// Adds the rows of a record.
    fn render(
        &self,
        record: &Record,
        document: &Document<'_>,
        answers: &[Answer<'_>],
        classifier: &Classifier,
        Rendered { bytes: out, counts }: &mut Rendered,
    ) -> anyhow::Result<()> {
        let mut words = self.explain(document, answers, classifier)?.into_iter();
        for Answer { sentence, actor, stance } in answers {
            let row = self.begin(record, out);
            let row = if let Ok(stance) = stance {
                let row = row.integer(stance.sentence_index as u64).text(sentence).text(actor).text(stance.mention);
                let row = row.integer(stance.start as u64).integer(stance.end as u64).text(stance.label().name());
                stance.probabilities.into_iter().fold(row, Cells::probability)
            } else {
                let row = row.empty().text(sentence).text(actor).empty().empty().empty().empty();
                (0..CLASSES).fold(row, |row, _| row.empty())
            };
            let row = match (&self.given, stance) {
                (None, _) => row,
                (Some(_), Ok(_)) => row.text("ok"),
                (Some(_), Err(why)) => row.text(why),
            };
            let stance_known = stance.as_ref().ok();
            // Only answers are explained, in their order.
            let words = stance_known.and_then(|_| words.next().flatten());
            self.end(row, record, stance_known.map(|stance| (stance.stage, stance.label())), words.as_ref());
            counts.count(stance);
        }
        Ok(())
    }
}

impl Summary {
    fn count(&mut self, stance: &Result<Stance<'_>, String>) {
        self.rows += 1;
        match stance {
            Ok(stance) => {
                self.labels[stance.label().index()] += 1;
                self.stages[stance.stage.index()] += 1;
            }
            Err(_) => self.unanswered += 1,
        }
    }
}

impl GivenColumns {
    /// What a record asks.
    fn question<'t>(
        &self,
        record: &'t Record,
        document: Document<'t>,
        as_of: Result<Option<Date>, String>,
    ) -> Question<'t> {
        let cell = |column: usize| record.fields.get(column).unwrap_or_default();
        let number = |column: usize| {
            let text = cell(column).trim();
            text.parse::<usize>().map_err(|_| text.into())
        };
        let offsets = self.offsets.map(|(start, end)| [number(start), number(end)]);
        Question { text: document.text, whole: document.whole, as_of, actor: cell(self.actor), offsets }
    }
}
