//! `toward classify`: a CSV of news in, one labelled row a sentence and actor out.

use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::options::{CsvOptions, LevelOption, ModelOptions};
use super::resume::{self, Begin, Run};
use super::{pipeline, progress, strongest};
use toward::CLASSES;
use toward::actors::{Catalogue, Date, Level};
use toward::data::{Columns, Fault, Format, Journal, Problem, Reader, Record};
use toward::data::{Row as Cells, RowWriter, Shard, offsets};
use toward::model::{Classifier, Document, Explanation, Given, Judged, Judgement, Row, Stage, rows};

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
    /// The CSV file, `-` for standard input; .gz and .zst are unpacked
    input: PathBuf,
    /// Where rows go, `-` for standard output; .gz and .zst are packed
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
    /// Add a column stage that tells which model answered: sparse, early (the encoder's middle layers) or encoder
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
        let plan = self.plan(run.reader.columns())?;
        let mut header = Vec::new();
        if self.shard.is_none_or(Shard::is_first) {
            plan.writer.header(&mut header);
        }
        let mut output = run.output(&self.output, &inputs, &header)?;
        let classifier = self.model.classifier()?;

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
            "answered_by": counts.answered_by(),
        }))
    }

    fn plan(&self, columns: &Columns) -> anyhow::Result<Plan> {
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
        let is_sentence = |&column: &usize| columns.names()[column].eq_ignore_ascii_case("sentence");
        let whole = self.whole || (!self.split && texts.iter().all(is_sentence));

        // The identifying column stands in front already.
        let keep: Vec<usize> = keep.into_iter().filter(|&column| Some(column) != id).collect();
        let mut names: Vec<String> = Vec::new();
        let fixed: &[&str] = &["row", "sentence_index", "sentence", "actor", "mention", "start", "end", "label"];
        names.extend(fixed.iter().map(|name| (*name).to_owned()));
        names.extend(toward::Label::ALL.iter().map(|label| label.name().to_owned()));
        if given.is_some() {
            names.push("status".to_owned());
        }
        if self.stages {
            names.push("stage".to_owned());
        }
        let words = usize::from(self.explain);
        if words > 0 {
            names.extend(strongest::columns(words));
        }
        // An input column of one of our names keeps its cells under another.
        let unused = |names: &[String], column: usize| {
            let mut name = columns.names()[column].clone();
            while names.contains(&name) {
                name.insert_str(0, "input_");
            }
            name
        };
        for &column in &keep {
            names.push(unused(&names, column));
        }
        if let Some(id) = id {
            names.insert(0, unused(&names, id));
        }
        let format = match self.format {
            Some(FormatOption::Csv) => Format::Csv { delimiter: b',' },
            Some(FormatOption::Jsonl) => Format::JsonLines,
            None => Format::of_name(&self.output.display().to_string()),
        };
        let writer = RowWriter::new(format, &names)?.safe_cells(self.safe_cells);
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
        let answered = if stages.is_empty() { String::new() } else { format!("; answered by {}", stages.join(", ")) };
        say!(
            "{} {records}, {} rows: {supportive} supportive, {neutral} neutral, {critical} critical (effort {}{answered})",
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

impl Plan {
    /// Labels and renders a block of records.
    fn block(&self, records: &[Record], classifier: &Classifier) -> anyhow::Result<(Vec<u8>, Summary)> {
        let texts: Vec<String> = records.iter().map(|record| self.text(record)).collect();
        let dates: Vec<Result<Option<Date>, String>> = records.iter().map(|record| self.date(record)).collect();
        let document = |at: usize| {
            // A wrong date was set aside before, or becomes a status below.
            let as_of = dates[at].as_ref().copied().unwrap_or_default();
            Document { text: &texts[at], whole: self.whole, as_of }
        };
        let parts: Vec<(Vec<u8>, Summary)> = match &self.given {
            None => {
                let documents: Vec<Document<'_>> = (0..records.len()).map(document).collect();
                let judged = classifier.judge(&documents)?;
                let render = |at: usize| {
                    let rows = rows(&judged[at], classifier.catalogue(), self.level);
                    let mentions: Vec<Range<usize>> = rows.iter().map(|row| row.mention.clone()).collect();
                    let words = self.explain(classifier, &documents[at], &mentions)?;
                    Ok(self.render(&records[at], &texts[at], &judged[at], &rows, &words, classifier.catalogue()))
                };
                (0..records.len()).into_par_iter().map(render).collect::<anyhow::Result<_>>()?
            }
            Some(columns) => {
                let given = |at: usize| {
                    let wrong_date = |found: &String| format!("date: found {found:?}, expected {DATES}");
                    dates[at].as_ref().map_err(wrong_date)?;
                    columns.given(&records[at], document(at))
                };
                let found: Vec<Result<Given<'_>, String>> = (0..records.len()).map(given).collect();
                let able: Vec<Given<'_>> = found.iter().filter_map(|given| given.as_ref().ok().cloned()).collect();
                let mut judged = classifier.judge_given(&able)?.into_iter();
                let answers: Vec<Result<Judged, String>> = found
                    .iter()
                    .map(|given| match given {
                        Ok(_) => judged.next().flatten().ok_or_else(|| columns.not_found().to_owned()),
                        Err(problem) => Err(problem.clone()),
                    })
                    .collect();
                let render = |at: usize| {
                    let mention = answers[at].as_ref().ok().and_then(strongest_mention);
                    let mentions: Vec<Range<usize>> = mention.iter().map(|mention| mention.mention.clone()).collect();
                    let words = self.explain(classifier, &document(at), &mentions)?;
                    Ok(self.render_given(
                        &records[at],
                        &texts[at],
                        columns,
                        &answers[at],
                        words.first().and_then(Option::as_ref),
                    ))
                };
                (0..records.len()).into_par_iter().map(render).collect::<anyhow::Result<_>>()?
            }
        };
        let mut summary = Summary { records: records.len() as u64, ..Summary::default() };
        let mut bytes = Vec::with_capacity(parts.iter().map(|(part, _)| part.len()).sum());
        for (part, counts) in parts {
            bytes.extend_from_slice(&part);
            summary.add(&counts);
        }
        Ok((bytes, summary))
    }

    /// The words that explain these mentions of a document, if they are asked for.
    fn explain(
        &self,
        classifier: &Classifier,
        document: &Document<'_>,
        mentions: &[Range<usize>],
    ) -> anyhow::Result<Vec<Option<Explanation>>> {
        if self.words == 0 || mentions.is_empty() {
            return Ok(Vec::new());
        }
        Ok(classifier.explain_mentions(document, mentions)?)
    }

    /// The record's text: its text columns, one paragraph each.
    fn text(&self, record: &Record) -> String {
        let cells: Vec<&str> = self.texts.iter().filter_map(|&column| record.fields.get(column)).collect();
        cells.join("\n\n")
    }

    /// The day of writing, or the cell that is none.
    fn date(&self, record: &Record) -> Result<Option<Date>, String> {
        let Some(column) = self.date else { return Ok(self.as_of) };
        let cell = record.fields.get(column).unwrap_or_default().trim();
        if cell.is_empty() {
            return Ok(None);
        }
        // A time after the day does not matter.
        let day = cell.split(['T', ' ']).next().unwrap_or(cell);
        day.parse::<Date>().map(Some).map_err(|_| cell.to_owned())
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

    fn render(
        &self,
        record: &Record,
        text: &str,
        judged: &Judged,
        rows: &[Row],
        words: &[Option<Explanation>],
        catalogue: &Catalogue,
    ) -> (Vec<u8>, Summary) {
        let (mut out, mut counts) = (Vec::new(), Summary::default());
        for (at, found) in rows.iter().enumerate() {
            let sentence = judged.sentences[found.sentence].clone();
            let row = self.begin(record, &mut out).integer(found.sentence as u64).text(&text[sentence.clone()]);
            let row = row.text(&catalogue.actor(found.actor).name);
            let row = answer(mention(row, text, &sentence, &found.mention), found.probabilities);
            self.end(row, record, Some((found.stage, found.label())), words.get(at).and_then(Option::as_ref));
            counts.count(found.label(), found.stage);
        }
        (out, counts)
    }

    fn render_given(
        &self,
        record: &Record,
        text: &str,
        columns: &GivenColumns,
        answered: &Result<Judged, String>,
        words: Option<&Explanation>,
    ) -> (Vec<u8>, Summary) {
        let (mut out, mut counts) = (Vec::new(), Summary::default());
        let actor = record.fields.get(columns.actor).unwrap_or_default();
        let row = self.begin(record, &mut out);
        let judged = answered.as_ref().ok();
        if let Some((judged, judgement)) = judged.and_then(|judged| Some((judged, strongest_mention(judged)?))) {
            let sentence = judged.sentences[judgement.sentence].clone();
            let row = row.integer(judgement.sentence as u64).text(&text[sentence.clone()]).text(actor);
            let row = answer(mention(row, text, &sentence, &judgement.mention), judgement.probabilities);
            self.end(row.text("ok"), record, Some((judgement.stage, judgement.label())), words);
            counts.count(judgement.label(), judgement.stage);
        } else {
            let problem = answered.as_ref().err().map_or(columns.not_found(), String::as_str);
            let mut row = row.empty().text(text).text(actor).empty().empty().empty().empty();
            for _ in 0..CLASSES {
                row = row.empty();
            }
            self.end(row.text(problem), record, None, None);
            counts.rows += 1;
            counts.unanswered += 1;
        }
        (out, counts)
    }
}

impl Summary {
    fn count(&mut self, label: toward::Label, stage: Stage) {
        self.rows += 1;
        self.labels[label.index()] += 1;
        self.stages[stage.index()] += 1;
    }
}

/// Of several mentions of an actor, the one that is least likely to be neutral speaks for it.
fn strongest_mention(judged: &Judged) -> Option<&Judgement> {
    let neutral = |judgement: &Judgement| judgement.probabilities[toward::Label::Neutral.index()];
    judged.judgements.iter().min_by(|a, b| neutral(a).total_cmp(&neutral(b)))
}

/// The cells mention, start, end: characters of the sentence.
fn mention<'w>(row: Cells<'w>, text: &str, sentence: &Range<usize>, mention: &Range<usize>) -> Cells<'w> {
    let characters = |range: Range<usize>| text[range].chars().count() as u64;
    let start = characters(sentence.start..mention.start);
    let end = start + characters(mention.clone());
    row.text(&text[mention.clone()]).integer(start).integer(end)
}

/// The cells label, supportive, neutral, critical.
fn answer(row: Cells<'_>, probabilities: [f32; CLASSES]) -> Cells<'_> {
    let row = row.text(toward::Label::of_scores(probabilities).name());
    probabilities.into_iter().fold(row, |row, p| row.decimal(f64::from(p), 4))
}

/// The statuses of a mention that is not there.
const NOT_NAMED: &str = "the text does not name the actor";
const BLANK: &str = "start and end: nothing is written there";

/// What a date may look like.
const DATES: &str = "YYYY-MM-DD, YYYY-MM or YYYY";

impl GivenColumns {
    /// The status of a record without the mention that was asked for.
    fn not_found(&self) -> &'static str {
        if self.offsets.is_some() { BLANK } else { NOT_NAMED }
    }

    /// What a record asks for, or what is wrong with it.
    fn given<'t>(&self, record: &'t Record, document: Document<'t>) -> Result<Given<'t>, String> {
        let cell = |column: usize| record.fields.get(column).unwrap_or_default().trim();
        let actor = cell(self.actor);
        if document.text.trim().is_empty() {
            return Err("the text is empty".to_owned());
        }
        let Some((start, end)) = self.offsets else {
            return if actor.is_empty() {
                Err("the actor is empty".to_owned())
            } else {
                Ok(Given { document, actor, mention: None })
            };
        };
        let number = |name: &str, column: usize| {
            let text = cell(column);
            text.parse::<usize>().map_err(|_| format!("{name}: found {text:?}, expected a whole number from 0"))
        };
        let (from, to) = (number("start", start)?, number("end", end)?);
        let mention =
            offsets::to_bytes(document.text, from, to).map_err(|error| format!("start and end: found {error}"))?;
        if document.text[mention.clone()].trim().is_empty() {
            return Err(BLANK.to_owned());
        }
        Ok(Given { document, actor, mention: Some(mention) })
    }
}
