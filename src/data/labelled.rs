//! Labelled sentences: what a model is trained and judged on.
//!
//! One row is one mention: `sentence, actor, label`, and optionally `start, end` of the mention in Unicode code
//! points (end exclusive, as in Python and `NewsMTSC`), `mention`, `weight` and `group`. All of it is checked on
//! the way in, for a label that is one character off teaches a model wrong things without a word. Offsets that
//! count bytes or UTF-16 units are recognised when they cut out the right text.

use std::ops::Range;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::error::{DataError, Fault, Place, Problem, Result, quoted};
use super::offsets;
use super::reader::{Reader, ReaderOptions, Record};
use super::rejects::Rejects;
use super::source::{Source, SourceOptions};
use crate::label::{CLASSES, Label};

/// The usual names of the column that tells which sentences belong together.
const GROUPS: [&str; 6] = ["group", "document", "document_id", "article", "article_id", "doc"];
const START: [&str; 1] = ["start"];
const END: [&str; 1] = ["end"];
const MENTION: [&str; 1] = ["mention"];
const WEIGHT: [&str; 1] = ["weight"];

/// One labelled mention.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The sentence, as in the file.
    pub sentence: String,
    /// The mention's bytes in the sentence; `None` if it has yet to be found by the actor's name.
    pub mention: Option<Range<usize>>,
    /// The actor: a name, or the mention's text.
    pub actor: String,
    /// How the sentence treats the actor.
    pub label: Label,
    /// How much this example counts; 1 unless the file says otherwise.
    pub weight: f32,
    /// What must not be torn apart between training and test: the document, or else the sentence.
    pub group: String,
    /// The cells of [`Labelled::extra`], in that order.
    pub extra: Vec<String>,
    /// The record's number in the file, from 1.
    pub row: u64,
    /// The physical line, from 1.
    pub line: u64,
}

/// The labelled mentions of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// The file's name.
    pub file: String,
    /// The mentions in the file's order.
    pub examples: Vec<Example>,
    /// The names of the columns that are kept along.
    pub extra: Vec<String>,
    /// How many examples have each label, in the order of [`Label::ALL`].
    pub counts: [usize; CLASSES],
    /// How many records were set aside.
    pub rejected: u64,
    /// How many examples say again what an earlier one said.
    pub duplicates: usize,
    /// What looks wrong without being illegal.
    pub warnings: Vec<Warning>,
    /// The SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
}

/// Something that looks wrong: two labels for one mention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The record that was met first, and the one that contradicts it.
    pub rows: (u64, u64),
    /// The message, one line.
    pub message: String,
}

/// How to read labelled data. The names may also be 1-based numbers.
#[derive(Clone, Debug)]
pub struct LabelledOptions {
    /// The input's encoding, if it is not UTF-8.
    pub encoding: Option<String>,
    /// How to read the CSV.
    pub reader: ReaderOptions,
    /// The reject file, for [`OnError::Skip`](super::OnError::Skip).
    pub rejects: Option<PathBuf>,
    /// The column of the sentence.
    pub sentence: String,
    /// The column of the actor.
    pub actor: String,
    /// The column of the label.
    pub label: String,
    /// The column of the group; `None` means one with a usual name, if there is one.
    pub group: Option<String>,
}

impl Default for LabelledOptions {
    fn default() -> LabelledOptions {
        LabelledOptions {
            encoding: None,
            reader: ReaderOptions::default(),
            rejects: None,
            sentence: "sentence".to_owned(),
            actor: "actor".to_owned(),
            label: "label".to_owned(),
            group: None,
        }
    }
}

/// Reads and checks labelled data from a file, or from standard input for `-`.
///
/// # Errors
///
/// If the file cannot be read, lacks a column or has no record, and at the first bad record unless bad ones
/// are skipped.
///
/// ```
/// use toward::{Label, data::{LabelledOptions, read_labelled}};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("labelled.csv");
/// std::fs::write(&path, "sentence,actor,label,start,end\n“Xi” praised Zoë,Zoë,supportive,13,16\n")?;
/// let labelled = read_labelled(&path, &LabelledOptions::default())?;
/// let example = &labelled.examples[0];
/// assert_eq!(&example.sentence[example.mention.clone().unwrap()], "Zoë");
/// assert_eq!(labelled.counts[Label::Supportive.index()], 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_labelled(path: impl AsRef<Path>, options: &LabelledOptions) -> Result<Labelled> {
    let path = path.as_ref();
    let rejects = options.rejects.as_ref().map(|rejects| Rejects::create(rejects, &[path])).transpose()?;
    let source = Source::open(path, &source_options(options))?;
    read(Reader::with_rejects(source, &options.reader, rejects)?, options)
}

/// Reads and checks labelled data from any reader; `name` is for messages.
///
/// # Errors
///
/// As [`read_labelled`].
pub fn read_labelled_from(
    name: &str,
    input: impl std::io::Read + Send + 'static,
    options: &LabelledOptions,
) -> Result<Labelled> {
    let source = Source::from_reader(name, input, &source_options(options))?;
    read(Reader::new(source, &options.reader)?, options)
}

fn source_options(options: &LabelledOptions) -> SourceOptions {
    SourceOptions { encoding: options.encoding.clone(), fingerprint: true }
}

fn read(mut reader: Reader, options: &LabelledOptions) -> Result<Labelled> {
    const BLOCK: usize = 4096;
    let layout = Layout::of(&reader, options)?;
    let mut labelled = Labelled {
        file: reader.name().to_owned(),
        examples: Vec::new(),
        extra: layout.extra.iter().map(|&column| reader.headers()[column].clone()).collect(),
        counts: [0; CLASSES],
        rejected: 0,
        duplicates: 0,
        warnings: Vec::new(),
        sha256: String::new(),
    };
    loop {
        let block = reader.read_block(BLOCK, 1 << 22)?;
        if block.is_empty() {
            break;
        }
        for record in block {
            match layout.example(&record) {
                Ok(example) => {
                    labelled.counts[example.label.index()] += 1;
                    labelled.examples.push(example);
                }
                Err(flaw) => {
                    let place = reader.place(&record, Some(flaw.column));
                    reader.reject(&record, Problem { place, ..*flaw.problem })?;
                }
            }
        }
    }
    labelled.sha256 = reader.sha256().unwrap_or_default();
    labelled.rejected = reader.finish()?.rejected;
    if labelled.examples.is_empty() {
        let place = Place { file: labelled.file, ..Place::default() };
        return Err(Problem::new(place, Fault::Empty, "no usable record", "labelled sentences").into());
    }
    compare(&mut labelled);
    Ok(labelled)
}

/// Finds the mentions that are labelled twice.
fn compare(labelled: &mut Labelled) {
    let mut seen: FxHashMap<(&str, Option<&Range<usize>>, &str), &Example> = FxHashMap::default();
    for example in &labelled.examples {
        // With offsets the mention is what is labelled, under whatever name.
        let actor = if example.mention.is_some() { "" } else { example.actor.as_str() };
        let first = *seen.entry((&example.sentence, example.mention.as_ref(), actor)).or_insert(example);
        if std::ptr::eq(first, example) {
            continue;
        }
        if first.label == example.label {
            labelled.duplicates += 1;
            continue;
        }
        let message = format!(
            "{}: records {} and {} (lines {} and {}): one mention of {} is {} and {} in the same sentence; \
             keep one of them",
            labelled.file,
            first.row,
            example.row,
            first.line,
            example.line,
            quoted(&example.actor),
            first.label,
            example.label
        );
        labelled.warnings.push(Warning { rows: (first.row, example.row), message });
    }
}

/// Which column holds what.
struct Layout {
    sentence: usize,
    actor: usize,
    label: usize,
    offsets: Option<(usize, usize)>,
    mention: Option<usize>,
    weight: Option<usize>,
    group: Option<usize>,
    extra: Vec<usize>,
}

/// A column that is not there, and that no other resembles, may be there under another name.
fn advise_renaming(error: DataError, name: &str) -> DataError {
    match error {
        DataError::Content(problem) if problem.hint.is_none() => {
            problem.hint(format!("name the column that holds the {name} so")).into()
        }
        error => error,
    }
}

/// What is wrong with a record, and in which column.
struct Flaw {
    column: usize,
    problem: Box<Problem>,
}

impl Flaw {
    fn new(column: usize, fault: Fault, found: impl Into<String>, expected: &str) -> Flaw {
        Flaw { column, problem: Box::new(Problem::new(Place::default(), fault, found, expected)) }
    }

    fn hint(self, hint: impl Into<String>) -> Flaw {
        Flaw { problem: Box::new(self.problem.hint(hint)), ..self }
    }
}

impl Layout {
    fn of(reader: &Reader, options: &LabelledOptions) -> Result<Layout> {
        let columns = reader.columns();
        let group = match &options.group {
            Some(name) => Some(columns.find(name)?),
            None => columns.find_first(&GROUPS)?,
        };
        let offsets = match (columns.find_first(&START)?, columns.find_first(&END)?) {
            (Some(start), Some(end)) => Some((start, end)),
            (None, None) => None,
            (start, _) => {
                let (found, expected) =
                    if start.is_some() { ("start", "a column \"end\" too") } else { ("end", "a column \"start\" too") };
                let place = Place { file: reader.name().to_owned(), ..Place::default() };
                return Err(Problem::new(place, Fault::Column, format!("a column {found:?} alone"), expected).into());
            }
        };
        let needed = |name: &str| columns.find(name).map_err(|error| advise_renaming(error, name));
        let mut layout = Layout {
            sentence: needed(&options.sentence)?,
            actor: needed(&options.actor)?,
            label: needed(&options.label)?,
            offsets,
            mention: columns.find_first(&MENTION)?,
            weight: columns.find_first(&WEIGHT)?,
            group,
            extra: Vec::new(),
        };
        let used = [
            Some(layout.sentence),
            Some(layout.actor),
            Some(layout.label),
            offsets.map(|(start, _)| start),
            offsets.map(|(_, end)| end),
            layout.mention,
            layout.weight,
            layout.group,
        ];
        layout.extra = (0..columns.names().len()).filter(|&column| !used.contains(&Some(column))).collect();
        Ok(layout)
    }

    fn example(&self, record: &Record) -> Result<Example, Flaw> {
        let cell = |column: usize| record.fields.get(column).unwrap_or_default();
        let sentence = cell(self.sentence);
        if sentence.trim().is_empty() {
            return Err(Flaw::new(self.sentence, Fault::Value, "an empty cell", "a sentence"));
        }
        let actor = cell(self.actor).trim();
        if actor.is_empty() {
            return Err(Flaw::new(self.actor, Fault::Value, "an empty cell", "an actor's name or mention"));
        }
        let label = cell(self.label);
        let label = label.parse().map_err(|_| {
            let found = if label.is_empty() { "an empty cell".to_owned() } else { quoted(label) };
            let flaw = Flaw::new(self.label, Fault::Value, found, "supportive, neutral or critical");
            if label.trim().is_empty() {
                flaw
            } else {
                flaw.hint("`toward convert --map` turns other names into these")
            }
        })?;
        let weight = match self.weight.map(|column| (column, cell(column).trim())) {
            None | Some((_, "")) => 1.0,
            Some((column, text)) => text
                .parse::<f32>()
                .ok()
                .filter(|weight| weight.is_finite() && *weight >= 0.0)
                .ok_or_else(|| Flaw::new(column, Fault::Value, quoted(text), "a number that is 0 or more"))?,
        };
        let group = self.group.map(cell).filter(|group| !group.is_empty()).unwrap_or(sentence);
        Ok(Example {
            mention: self.mention(record, sentence, actor)?,
            sentence: sentence.to_owned(),
            actor: actor.to_owned(),
            label,
            weight,
            group: group.to_owned(),
            extra: self.extra.iter().map(|&column| cell(column).to_owned()).collect(),
            row: record.row,
            line: record.line,
        })
    }

    /// The mention's bytes, if its offsets are given or its text stands in the sentence once.
    fn mention(&self, record: &Record, sentence: &str, actor: &str) -> Result<Option<Range<usize>>, Flaw> {
        let cell = |column: usize| record.fields.get(column).unwrap_or_default();
        let mention = self.mention.map(|column| (column, cell(column))).filter(|(_, text)| !text.is_empty());
        let Some((start, end)) = self.offsets(record)? else {
            let Some((column, text)) = mention else { return Ok(None) };
            let mut places = sentence.match_indices(text);
            return match (places.next(), places.next()) {
                (Some((at, _)), None) => Ok(Some(at..at + text.len())),
                (Some(_), Some(_)) => Ok(None),
                (None, _) => Err(Flaw::new(column, Fault::Value, quoted(text), "a part of the sentence")),
            };
        };
        let column = self.offsets.map_or(0, |(start, _)| start);
        let wanted = mention.map_or(actor, |(_, text)| text);
        let unit = || offsets::other_unit(sentence, start, end, wanted);
        let advice = |flaw: Flaw, unit| flaw.hint(format!("the offsets seem to count {unit}"));
        let range = offsets::to_bytes(sentence, start, end).map_err(|error| {
            let flaw =
                Flaw::new(column, Fault::Offsets, error.to_string(), "offsets in Unicode code points, end exclusive");
            match unit() {
                Some(unit) => advice(flaw, unit),
                None => flaw,
            }
        })?;
        let slice = &sentence[range.clone()];
        if slice == wanted {
            return Ok(Some(range));
        }
        // An actor's name may differ from the mention, unless it is what the offsets cut out in another unit, or what
        // they cut out is no whole word.
        let unit = unit();
        let whole = offsets::is_whole(sentence, &range);
        if mention.is_none() && unit.is_none() && whole {
            return Ok(Some(range));
        }
        let known = mention.is_some() || sentence.contains(wanted);
        let expected = if known { format!("the mention {}", quoted(wanted)) } else { "whole words".to_owned() };
        let flaw = Flaw::new(column, Fault::Offsets, format!("{} at {start}-{end}", quoted(slice)), &expected);
        let cuts = |start, end| offsets::to_bytes(sentence, start, end).is_ok_and(|range| sentence[range] == *wanted);
        Err(match (unit, offsets::one_off(start, end, cuts)) {
            (Some(unit), _) => advice(flaw, unit),
            (None, Some(slip)) => flaw.hint(slip),
            (None, None) if !whole => flaw.hint("offsets count code points from 0, and the end is exclusive"),
            (None, None) => flaw,
        })
    }

    fn offsets(&self, record: &Record) -> Result<Option<(usize, usize)>, Flaw> {
        let Some((start, end)) = self.offsets else { return Ok(None) };
        let cell = |column: usize| record.fields.get(column).unwrap_or_default().trim();
        match (cell(start), cell(end)) {
            ("", "") => return Ok(None),
            ("", _) => return Err(Flaw::new(start, Fault::Offsets, "an empty cell", "a start, as there is an end")),
            (_, "") => return Err(Flaw::new(end, Fault::Offsets, "an empty cell", "an end, as there is a start")),
            _ => {}
        }
        let number = |column: usize| {
            let text = cell(column);
            let wrong = |_| Flaw::new(column, Fault::Offsets, quoted(text), "a whole number that is 0 or more");
            text.parse::<usize>().map_err(wrong)
        };
        Ok(Some((number(start)?, number(end)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::OnError;

    fn read(text: &str) -> Result<Labelled, String> {
        let input = std::io::Cursor::new(text.to_owned());
        read_labelled_from("l.csv", input, &LabelledOptions::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_column_has_its_place_and_others_are_kept() {
        let text = "id,Sentence,actor,label,start,end,weight,article,note\n\
                    7,Zoë met Xi,Xi,c,8,10,2.5,a1,hm\n8,Zoë met Xi,China,,,,,,\n";
        let message = "l.csv: record 2 (line 3), column \"label\": found an empty cell, \
                       expected supportive, neutral or critical";
        assert_eq!(read(text).unwrap_err(), message);
        let labelled = read(&text.replace("China,", "China,n")).unwrap();
        assert_eq!(labelled.extra, ["id", "note"]);
        assert_eq!(labelled.counts, [0, 1, 1]);
        let [first, second] = &labelled.examples[..] else { panic!("two examples") };
        assert_eq!((&first.sentence[first.mention.clone().unwrap()], first.weight), ("Xi", 2.5));
        assert_eq!((first.group.as_str(), first.extra.as_slice()), ("a1", &["7".to_owned(), "hm".to_owned()][..]));
        assert_eq!((second.mention.clone(), second.weight, second.group.as_str()), (None, 1.0, "Zoë met Xi"));
    }

    #[test]
    fn each_flaw_has_its_message() {
        let header = "sentence,actor,label,start,end,weight";
        for (row, message) in [
            (
                "A b,A,angry,0,1,",
                "\"label\": found \"angry\", expected supportive, neutral or critical; \
                 `toward convert --map` turns other names into these",
            ),
            (
                "We met Ann,Ann,c,7,9,",
                "\"start\": found \"An\" at 7-9, expected the mention \"Ann\"; \
                 the end seems to be the mention's last character, expected the one after it",
            ),
            (
                "We met Ann now,Ann,c,8,11,",
                "\"start\": found \"nn \" at 8-11, expected the mention \"Ann\"; \
                 the offsets seem to count from 1, expected from 0",
            ),
            (
                "We met Ann,Bo,c,8,10,",
                "\"start\": found \"nn\" at 8-10, expected whole words; \
                 offsets count code points from 0, and the end is exclusive",
            ),
            (" ,A,c,0,1,", "\"sentence\": found an empty cell, expected a sentence"),
            ("A b,,c,0,1,", "\"actor\": found an empty cell, expected an actor's name or mention"),
            ("A b,A,c,0,,", "\"end\": found an empty cell, expected an end, as there is a start"),
            ("A b,A,c,,1,", "\"start\": found an empty cell, expected a start, as there is an end"),
            ("A b,A,c,0,x,", "\"end\": found \"x\", expected a whole number that is 0 or more"),
            ("A b,A,c,-1,1,", "\"start\": found \"-1\", expected a whole number that is 0 or more"),
            (
                "A b,A,c,2,4,",
                "\"start\": found 2-4 in a text of 3 characters, expected offsets in Unicode code points, end exclusive",
            ),
            (
                "A b,A,c,1,1,",
                "\"start\": found 1-1, which is empty, expected offsets in Unicode code points, end exclusive",
            ),
            (
                "é Xi,Xi,c,3,5,",
                "\"start\": found 3-5 in a text of 4 characters, expected offsets in Unicode code points, end exclusive; \
                 the offsets seem to count bytes",
            ),
            (
                "👍 Xi is,Xi,c,3,5,",
                "\"start\": found \"i \" at 3-5, expected the mention \"Xi\"; the offsets seem to count UTF-16 units",
            ),
            ("A b,A,c,0,1,-2", "\"weight\": found \"-2\", expected a number that is 0 or more"),
            ("A b,A,c,0,1,NaN", "\"weight\": found \"NaN\", expected a number that is 0 or more"),
        ] {
            let error = read(&format!("{header}\n{row}\n")).unwrap_err();
            assert_eq!(error, format!("l.csv: record 1 (line 2), column {message}"));
        }
    }

    #[test]
    fn a_mention_column_must_equal_the_slice() {
        let error = read("sentence,actor,label,start,end,mention\nXi met Ai,China,n,0,2,Ai\n").unwrap_err();
        assert!(error.ends_with("column \"start\": found \"Xi\" at 0-2, expected the mention \"Ai\""), "{error}");
        let labelled = read("sentence,actor,label,mention\nXi met Ai,China,n,Xi\nXi met Xi,China,n,Xi\n").unwrap();
        assert_eq!(labelled.examples[0].mention, Some(0..2));
        assert_eq!(labelled.examples[1].mention, None);
        assert!(read("sentence,actor,label,mention\nXi met Ai,China,n,Bo\n").is_err());
    }

    #[test]
    fn missing_columns_and_empty_files_are_told() {
        assert_eq!(
            read("sentense,actor,label\n").unwrap_err(),
            "l.csv: found no column \"sentence\", expected one of sentense, actor, label; did you mean \"sentense\"?"
        );
        assert_eq!(
            read("sentence,actor,label,start\n").unwrap_err(),
            "l.csv: found a column \"start\" alone, expected a column \"end\" too"
        );
        assert_eq!(
            read("sentence,actor,label\n").unwrap_err(),
            "l.csv: found no usable record, expected labelled sentences"
        );
    }

    #[test]
    fn contradictions_are_warned_of_and_repetitions_counted() {
        let labelled =
            read("sentence,actor,label,start,end\nA b,A,c,0,1\nA b,Aa,s,0,1\nA b,A,c,0,1\nA b,b,n,,\nA b,b,c,,\n")
                .unwrap();
        assert_eq!(labelled.duplicates, 1);
        let rows: Vec<_> = labelled.warnings.iter().map(|warning| warning.rows).collect();
        assert_eq!(rows, [(1, 2), (4, 5)]);
        assert_eq!(
            labelled.warnings[0].message,
            "l.csv: records 1 and 2 (lines 2 and 3): one mention of \"Aa\" is critical and supportive in the same sentence; \
             keep one of them"
        );
    }

    #[test]
    fn bad_records_are_skipped_and_counted_when_asked() {
        let options = LabelledOptions {
            reader: ReaderOptions { on_error: OnError::Skip, ..ReaderOptions::default() },
            ..LabelledOptions::default()
        };
        let text = "sentence,actor,label\nA b,A,angry\nA b,A\nA b,A,c\n";
        let labelled = read_labelled_from("l.csv", text.as_bytes(), &options).unwrap();
        assert_eq!((labelled.examples.len(), labelled.rejected, labelled.examples[0].row), (1, 2, 3));
    }
}
