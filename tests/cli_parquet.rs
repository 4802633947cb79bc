//! Parquet in and out of the command line: the rows and the promises are those of CSV.
#![cfg(feature = "parquet")]

mod cli_support;

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Int64Array, ListArray, RecordBatch, StringArray, types::Int32Type};
use arrow_schema::DataType;
use cli_support::{Room, Table};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

const TEXTS: [Option<&str>; 4] = [
    Some("It rained. Xi accused NATO of aggression."),
    Some("The minister said: \"We stand\r\nwith Kyiv\", and thanked Poland, its ally."),
    None,
    Some("Putin thanked Beijing; “Ærø” was silent 👍."),
];

/// A room with the same articles as Parquet and as CSV.
fn room() -> Room {
    let days = Date32Array::from(vec![Some(19_844), None, Some(-1), Some(19_845)]);
    let tags = [Some(vec![Some(1), Some(2)]), None, Some(vec![]), Some(vec![Some(3)])];
    let tags = ListArray::from_iter_primitive::<Int32Type, _, _>(tags);
    let columns: [(&str, ArrayRef); 4] = [
        ("id", Arc::new(Int64Array::from(vec![7, 8, 9, 10]))),
        ("day", Arc::new(days)),
        ("tags", Arc::new(tags)),
        ("text", Arc::new(StringArray::from(TEXTS.to_vec()))),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let room = Room::with("a.csv", "");
    room.write("a.parquet", writer.into_inner().unwrap());
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["id", "day", "tags", "text"]).unwrap();
    for (at, text) in TEXTS.iter().enumerate() {
        let day = ["2024-05-01", "", "1969-12-31", "2024-05-02"][at];
        let tags = ["[1, 2]", "", "[]", "[3]"][at];
        csv.write_record([&(at + 7).to_string(), day, tags, text.unwrap_or_default()]).unwrap();
    }
    room.write("a.csv", csv.into_inner().unwrap());
    room
}

const OPTIONS: [&str; 9] = ["--effort", "fast", "--quiet", "--id", "id", "--keep", "day,tags", "--date-column", "day"];

fn classify(room: &Room, input: &str, output: &str) -> String {
    let arguments: Vec<&str> = ["classify", input, "-o", output].into_iter().chain(OPTIONS).collect();
    room.run(&arguments).ok()
}

fn read(room: &Room, name: &str) -> RecordBatch {
    let file = std::fs::File::open(room.path(name)).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    // All rows of these files fit a batch.
    builder.with_batch_size(100_000).build().unwrap().next().unwrap().unwrap()
}

#[test]
fn a_parquet_file_is_read_as_the_csv_that_it_would_be() {
    let room = room();
    let expected = classify(&room, "a.csv", "-");
    assert_eq!(Table::of(&expected).rows.len(), 6, "{expected}");
    assert_eq!(classify(&room, "a.parquet", "-"), expected);
}

#[test]
fn rows_in_parquet_are_the_rows_of_csv_with_types_and_all_decimals() {
    let room = room();
    let expected = Table::of(&classify(&room, "a.parquet", "-"));
    classify(&room, "a.parquet", "out.parquet");
    let rows = read(&room, "out.parquet");
    let schema = rows.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, expected.columns);
    let kind = |name: &str| schema.field_with_name(name).unwrap().data_type().clone();
    assert_eq!([kind("id"), kind("row"), kind("start")], [DataType::Int64, DataType::Int64, DataType::Int32]);
    assert_eq!([kind("day"), kind("critical"), kind("tags")], [DataType::Date32, DataType::Float32, DataType::Utf8]);
    for (column, name) in rows.columns().iter().zip(&expected.columns) {
        let options = arrow_cast::display::FormatOptions::default();
        let cells = arrow_cast::display::ArrayFormatter::try_new(column.as_ref(), &options).unwrap();
        let is_share = column.data_type() == &DataType::Float32;
        let cell = |row| {
            let cell = cells.value(row).to_string();
            if is_share { format!("{:.4}", cell.parse::<f32>().unwrap()) } else { cell }
        };
        let found: Vec<String> = (0..rows.num_rows()).map(cell).collect();
        assert_eq!(found, expected.column(name), "{name}");
    }
    // From CSV, columns that are copied are text.
    classify(&room, "a.csv", "text.parquet");
    let from_csv = read(&room, "text.parquet");
    assert_eq!(from_csv.schema().field_with_name("day").unwrap().data_type(), &DataType::Utf8);
    assert_eq!(from_csv.column_by_name("critical"), rows.column_by_name("critical"));
}

#[test]
fn many_blocks_make_one_table_that_is_the_same_for_any_number_of_threads() {
    let room = room();
    let line = |at: i32| format!("{at},\"Xi accused NATO\nof aggression.\"\n");
    let lines = (0..9_000).map(line).collect::<Vec<_>>().concat();
    room.write("many.csv", format!("id,text\n{lines}"));
    for (threads, output) in [("1", "one.parquet"), ("4", "four.parquet")] {
        let run = ["classify", "many.csv", "--effort", "fast", "--quiet", "--threads", threads, "-o", output];
        room.run(&run).ok();
    }
    assert_eq!(room.bytes("one.parquet"), room.bytes("four.parquet"));
    assert_eq!(read(&room, "one.parquet").num_rows(), 18_000);
}

#[test]
fn a_run_that_fails_leaves_no_file_and_names_the_record() {
    let room = room();
    let days = StringArray::from(vec!["2024-05-01", "May"]);
    let texts = StringArray::from(vec!["Xi accused NATO.", "Xi accused NATO."]);
    let columns: [(&str, ArrayRef); 2] = [("day", Arc::new(days)), ("text", Arc::new(texts))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    room.write("days.parquet", writer.into_inner().unwrap());
    let before = room.names();
    let options = ["--effort", "fast", "--date-column", "day", "-o", "out.parquet"];
    let run: Vec<&str> = ["classify", "days.parquet"].into_iter().chain(options).collect();
    let error = room.run(&run).failed(1);
    let expected = "days.parquet: record 2, column \"day\": found \"May\", expected YYYY-MM-DD, YYYY-MM or YYYY";
    assert_eq!(error, format!("error: {expected}"));
    assert_eq!(room.names(), before);
    let skip: Vec<&str> =
        run.iter().copied().chain(["--on-error", "skip", "--rejects", "bad.csv", "--quiet"]).collect();
    room.run(&skip).ok();
    assert!(room.text("bad.csv").contains("2,,,\"column \"\"day\"\": found \"\"May\"\""), "{}", room.text("bad.csv"));
    assert_eq!(read(&room, "out.parquet").num_rows(), 2);
}

#[test]
fn damaged_and_misnamed_files_are_told() {
    let room = room();
    let mut bytes = room.bytes("a.parquet");
    let middle = bytes.len() / 2;
    bytes[middle..].iter_mut().rev().skip(8).take(60).for_each(|byte| *byte = !*byte);
    room.write("damaged.parquet", bytes);
    let error = room.run(&["classify", "damaged.parquet"]).failed(1);
    assert!(error.starts_with("error: damaged.parquet: cannot be read: "), "{error}");
    let error = room.run_on(&["classify", "-", "--text", "text"], room.bytes("a.parquet")).failed(1);
    assert_eq!(
        error,
        "error: standard input: found a Parquet file, expected text in UTF-8; give its name, for a Parquet file cannot be \
         read from a pipe"
    );
    let error = room.run(&["classify", "a.parquet", "--encoding", "latin1"]).failed(1);
    assert_eq!(error, "error: --encoding: found a Parquet file, expected no encoding, for its text is UTF-8");
    let error = room.run(&["classify", "a.csv", "-o", "b.parquet", "--format", "csv"]).failed(1);
    assert!(error.starts_with("error: --format: "), "{error}");
}

#[test]
fn labelled_data_may_be_parquet() {
    let room = Room::new();
    let of = |cells: [&str; 2]| Arc::new(StringArray::from(cells.to_vec())) as ArrayRef;
    let columns = [
        ("sentence", of(["Xi accused NATO of aggression.", "Putin thanked Beijing."])),
        ("actor", of(["NATO", "Beijing"])),
        ("label", of(["critical", "supportive"])),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    room.write("labelled.parquet", writer.into_inner().unwrap());
    let csv = "sentence,actor,label\nXi accused NATO of aggression.,NATO,critical\nPutin thanked Beijing.,Beijing,supportive\n";
    room.write("labelled.csv", csv);
    let evaluate = |name| room.run(&["evaluate", name, "--effort", "fast"]).ok();
    assert_eq!(evaluate("labelled.parquet"), evaluate("labelled.csv"));
}
