//! Small CSV files that are broken in one way each, with the exact rows or message that they must give.
//!
//! A row is written `row@line cell|cell`, an error `! message`, a reject `x record,line,byte,reason,raw`. The
//! cases are our own; their kinds follow csv-spectrum, Pollock and the csv crate's known traps.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex};

use toward::data::{OnError, Output, Reader, ReaderOptions, Rejects, Source, SourceOptions};

struct Case {
    claim: &'static str,
    name: &'static str,
    input: &'static [u8],
    options: ReaderOptions,
    encoding: Option<&'static str>,
    expected: &'static [&'static str],
}

fn case(claim: &'static str, input: &'static [u8], expected: &'static [&'static str]) -> Case {
    Case { claim, name: "f.csv", input, options: ReaderOptions::default(), encoding: None, expected }
}

impl Case {
    fn named(self, name: &'static str) -> Case {
        Case { name, ..self }
    }

    fn headerless(mut self) -> Case {
        self.options.no_headers = true;
        self
    }

    fn skip(mut self) -> Case {
        self.options.on_error = OnError::Skip;
        self
    }

    fn delimiter(mut self, delimiter: u8) -> Case {
        self.options.delimiter = Some(delimiter);
        self
    }

    fn sniffed(mut self) -> Case {
        self.options.sniff = true;
        self
    }

    fn at_most(mut self, max_record: usize) -> Case {
        self.options.max_record = max_record;
        self
    }

    fn encoding(self, encoding: &'static str) -> Case {
        Case { encoding: Some(encoding), ..self }
    }
}

/// A place in memory that can be looked at while an output owns the other end.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn run(case: &Case) -> Vec<String> {
    let mut lines = Vec::new();
    let shared = Shared::default();
    if let Err(error) = read(case, &shared, &mut lines) {
        lines.push(format!("! {error}"));
    }
    let rejects = String::from_utf8(shared.0.lock().unwrap().clone()).unwrap();
    let mut rejects = csv::ReaderBuilder::new().flexible(true).from_reader(rejects.as_bytes());
    for reject in rejects.records() {
        lines.push(format!("x {}", reject.unwrap().iter().collect::<Vec<_>>().join(",")));
    }
    lines
}

fn read(case: &Case, shared: &Shared, lines: &mut Vec<String>) -> toward::data::Result<()> {
    let options = SourceOptions { encoding: case.encoding.map(str::to_owned), fingerprint: false };
    let source = Source::from_reader(case.name, case.input, &options)?;
    let rejects = Rejects::over(Output::to_writer("rejects.csv", shared.clone())?)?;
    let mut reader = Reader::with_rejects(source, &case.options, Some(rejects))?;
    loop {
        let block = reader.read_block(2, 1000)?;
        if block.is_empty() {
            reader.finish()?;
            return Ok(());
        }
        for record in block {
            let cells: Vec<&str> = record.fields.iter().collect();
            lines.push(format!("{}@{} {}", record.row, record.line, cells.join("|")));
        }
    }
}

fn check(cases: &[Case]) {
    let mut wrong = String::new();
    for case in cases {
        let found = run(case);
        if found != case.expected {
            let input = String::from_utf8_lossy(case.input);
            writeln!(wrong, "{}\n  input {input:?}\n  found {found:#?}\n  expected {:#?}", case.claim, case.expected)
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn records_and_line_ends() {
    check(&[
        case("a last line without line end is a record", b"a,b\n1,2", &["1@2 1|2"]),
        case("CRLF ends records", b"a,b\r\n1,2\r\n3,4\r\n", &["1@2 1|2", "2@3 3|4"]),
        case("a lone CR ends records", b"a,b\r1,2\r3,4", &["1@2 1|2", "2@3 3|4"]),
        case("line ends may be mixed", b"a,b\n1,2\r\n3,4\r5,6\n", &["1@2 1|2", "2@3 3|4", "3@4 5|6"]),
        case("a header alone has no records", b"a,b\n", &[]),
        case("a header without line end has no records", b"a,b", &[]),
        case("empty lines between records are nothing", b"a,b\n\n1,2\n\n\n3,4\n\n", &["1@3 1|2", "2@6 3|4"]),
        case("empty CRLF lines are nothing too", b"a,b\r\n\r\n1,2\r\n\r\n", &["1@3 1|2"]),
        case("empty lines before the header are nothing", b"\n\r\na,b\n1,2\n", &["1@4 1|2"]),
        case("empty cells are cells", b"a,b,c\n,,\n1,,\n", &["1@2 ||", "2@3 1||"]),
        case("white space is content", b"a,b\n 1 ,\t\n", &["1@2  1 |\t"]),
        case(
            "a line of white space is a ragged record",
            b"a,b\n \n",
            &["! f.csv: record 1 (line 2): found 1 cell, expected 2 as in the header"],
        ),
        case("a trailing delimiter makes a cell", b"a,b\n1,\n", &["1@2 1|"]),
        case("an empty file has no header", b"", &["! f.csv: found an empty file, expected a header line"]),
        case(
            "a file of empty lines has no header",
            b"\n\r\n\n",
            &["! f.csv: found an empty file, expected a header line"],
        ),
        case(
            "a byte order mark alone is an empty file",
            b"\xEF\xBB\xBF",
            &["! f.csv: found an empty file, expected a header line"],
        ),
    ]);
}

#[test]
fn one_column() {
    check(&[
        case("an empty line is a record", b"a\n1\n\n2\n", &["1@2 1", "2@3 ", "3@4 2"]),
        case("so is an empty last line", b"a\n1\n\n", &["1@2 1", "2@3 "]),
        case("the last line end makes no record", b"a\n1\n", &["1@2 1"]),
        case("an empty CRLF line is a record", b"a\r\n\r\n1\r\n", &["1@2 ", "2@3 1"]),
        case("a quoted empty cell is a record", b"a\n\"\"\n1\n", &["1@2 ", "2@3 1"]),
        case(
            "a comma makes it ragged",
            b"a\nHello, world\n",
            &["! f.csv: record 1 (line 2): found 2 cells, expected 1 as in the header; \
             a cell that holds the delimiter ',' must be in double quotes"],
        ),
    ]);
}

#[test]
fn without_header() {
    check(&[
        case("the first line is a record", b"1,2\n3,4\n", &["1@1 1|2", "2@2 3|4"]).headerless(),
        case("an empty file has no records", b"", &[]).headerless(),
        case("in one column, first empty lines are records", b"\n\n1\n\n", &["1@1 ", "2@2 ", "3@3 1", "4@4 "])
            .headerless(),
        case("in two columns they are not", b"\n\n1,2\n", &["1@3 1|2"]).headerless(),
        case("empty lines alone are records", b"\n\n", &["1@1 ", "2@2 "]).headerless(),
        case(
            "the first record says how many cells there are",
            b"1,2\n3\n",
            &["1@1 1|2", "! f.csv: record 2 (line 2): found 1 cell, expected 2 as in the first record"],
        )
        .headerless(),
        case(
            "columns are named by number",
            b"1,\"2\n",
            &["! f.csv: record 1 (line 1), column \"2\": found a double quote that is never closed, \
             expected a closing one before the end of the file"],
        )
        .headerless(),
        case(
            "a bad first record is set aside",
            b"1,\xFF\n3,4\n",
            &["2@2 3|4", "x 1,1,0,column \"2\": found byte 0xFF, expected UTF-8; try --encoding windows-1252,1,\\xFF"],
        )
        .headerless()
        .skip(),
    ]);
}

#[test]
fn quotes() {
    check(&[
        case("quotes enclose delimiters", b"a,b\n\"1,2\",3\n", &["1@2 1,2|3"]),
        case("quotes enclose line ends", b"a,b\n\"1\n2\",3\n4,5\n", &["1@2 1\n2|3", "2@4 4|5"]),
        case("CRLF in quotes stays", b"a,b\r\n\"1\r\n2\",3\r\n4,5\r\n", &["1@2 1\r\n2|3", "2@4 4|5"]),
        case("a lone CR in quotes stays and counts as a line", b"a,b\n\"1\r2\",3\n4,5\n", &["1@2 1\r2|3", "2@4 4|5"]),
        case("doubled quotes are one", b"a,b\n\"say \"\"no\"\"\",\"\"\"\"\n", &["1@2 say \"no\"|\""]),
        case("a quote inside an unquoted cell is content", b"a,b\n5\" x,it\"s\n", &["1@2 5\" x|it\"s"]),
        case("a quote after a space is content", b"a,b\n1, \"2\"\n", &["1@2 1| \"2\""]),
        case("a quoted header is read", b"\"a,\"\"x\"\"\",\"b\nc\"\n1,2\n", &["1@3 1|2"]),
        case("a last quoted cell may end the file", b"a,b\n1,\"2\"", &["1@2 1|2"]),
        case("a quoted empty last cell may end the file", b"a,b\n1,\"\"", &["1@2 1|"]),
        case(
            "a quote open at the end is an error where its record began",
            b"a,b\n1,2\n3,\"4\n5,6\n7,8\n",
            &[
                "1@2 1|2",
                "! f.csv: record 2 (line 3), column \"b\": found a double quote that is never closed, \
             expected a closing one before the end of the file",
            ],
        ),
        case(
            "a quote open in the header is an error",
            b"a,\"b\n1,2\n",
            &["! f.csv: line 1, column \"2\": found a double quote that is never closed, \
             expected a closing one before the end of the file"],
        ),
        case(
            "a lone quote is an open one",
            b"a\n\"",
            &["! f.csv: record 1 (line 2), column \"a\": found a double quote that is never closed, \
             expected a closing one before the end of the file"],
        ),
        case(
            "an odd number of doubled quotes is open",
            b"a\n\"x\"\"\n",
            &["! f.csv: record 1 (line 2), column \"a\": found a double quote that is never closed, \
             expected a closing one before the end of the file"],
        ),
        case(
            "text after a closing quote is an error",
            b"a,b\n\"He said \"no\" to it\",x\n",
            &["! f.csv: record 1 (line 2), column \"a\": found text right after \"\\\"He said \\\"\", \
             expected ',' or the end of the line there; inside a quoted cell a double quote is written twice"],
        ),
        case(
            "so is a space",
            b"a,b\n\"1\" ,2\n",
            &["! f.csv: record 1 (line 2), column \"a\": found text right after \"\\\"1\\\"\", \
             expected ',' or the end of the line there; inside a quoted cell a double quote is written twice"],
        ),
        case(
            "backslash does not escape",
            b"a,b\n\"1\\\"2\",3\n",
            &["! f.csv: record 1 (line 2), column \"a\": found text right after \"\\\"1\\\\\\\"\", \
             expected ',' or the end of the line there; inside a quoted cell a double quote is written twice"],
        ),
        case(
            "a stray quote that meets another is found",
            b"a,b\n1,\"open\n2,\"b\"\n",
            &["! f.csv: record 1 (line 2), column \"b\": found text right after \"1,\\\"open\\n2,\\\"\", \
             expected ',' or the end of the line there; inside a quoted cell a double quote is written twice"],
        ),
        case(
            "a broken header is never skipped",
            b"\"a\"x,b\n1,2\n",
            &["! f.csv: line 1, column \"1\": found text right after \"\\\"a\\\"\", \
             expected ',' or the end of the line there; inside a quoted cell a double quote is written twice"],
        )
        .skip(),
    ]);
}

#[test]
fn ragged_records() {
    check(&[
        case(
            "too few cells",
            b"a,b,c\n1,2,3\n4,5\n",
            &["1@2 1|2|3", "! f.csv: record 2 (line 3): found 2 cells, expected 3 as in the header"],
        ),
        case(
            "too many cells",
            b"a,b\n1,2,3\n",
            &["! f.csv: record 1 (line 2): found 3 cells, expected 2 as in the header; \
             a cell that holds the delimiter ',' must be in double quotes"],
        ),
        case(
            "a trailing delimiter on every row but the header",
            b"a,b\n1,2,\n",
            &["! f.csv: record 1 (line 2): found 3 cells, expected 2 as in the header; \
             a cell that holds the delimiter ',' must be in double quotes"],
        ),
        case(
            "a preamble makes the header ragged",
            b"Export of 2024\na,b\n1,2\n",
            &["! f.csv: record 1 (line 2): found 2 cells, expected 1 as in the header; \
             a cell that holds the delimiter ',' must be in double quotes"],
        ),
        case(
            "the line is that where the record begins",
            b"a,b\n\"x\ny\",\"z\n\"\n1\n",
            &["1@2 x\ny|z\n", "! f.csv: record 2 (line 5): found 1 cell, expected 2 as in the header"],
        ),
        case(
            "a semicolon file read with commas is ragged where a comma stands",
            b"a;b\n1;2,5\n",
            &["! f.csv: record 1 (line 2): found 2 cells, expected 1 as in the header; \
             a cell that holds the delimiter ',' must be in double quotes"],
        ),
    ]);
}

#[test]
fn delimiters() {
    check(&[
        case("a tab for .tsv", b"a\tb\n1,5\t2\n", &["1@2 1,5|2"]).named("f.tsv"),
        case("a tab for .TAB", b"a\tb\n1,5\t2\n", &["1@2 1,5|2"]).named("f.TAB"),
        case("a comma for .txt", b"a,b\n1,2\n", &["1@2 1|2"]).named("f.txt"),
        case("the option counts before the name", b"a;b\n1\t5;2\n", &["1@2 1\t5|2"]).named("f.tsv").delimiter(b';'),
        case("a bar, with quotes", b"a|b\n\"1|2\"|3,4\n", &["1@2 1|2|3,4"]).delimiter(b'|'),
        case("a semicolon is found out when asked for", b"a;b\n1,5;2\n\"x;y\";3,5\n", &["1@2 1,5|2", "2@3 x;y|3,5"])
            .sniffed(),
        case("a tab is found out after a byte order mark", b"\xEF\xBB\xBFa\tb\n1\t2\n", &["1@2 1|2"]).sniffed(),
        case(
            "sniffing finds one column",
            b"a\n1, 2\n3; 4\n5\n",
            &["! f.csv: record 1 (line 2): found 2 cells, expected 1 as in the header; \
             a cell that holds the delimiter ',' must be in double quotes"],
        )
        .sniffed(),
        case("the option counts before sniffing", b"a;b,c\n1;2,3\n", &["1@2 1;2|3"]).sniffed().delimiter(b','),
        case("sniffing counts before the name", b"a;b\n1;2\n", &["1@2 1|2"]).sniffed().named("f.tsv"),
        case(
            "two delimiters that fit are not chosen from",
            b"a;b,c\n1;2,3\n",
            &["! f.csv: found 2 delimiters that cut the records alike, expected ',' or ';'; name it with --delimiter"],
        )
        .sniffed(),
        case(
            "a double quote cannot be one",
            b"a\n",
            &["! --delimiter: found byte 0x22, expected one ASCII character that is no double quote, line end or NUL"],
        )
        .delimiter(b'"'),
        case(
            "a line end cannot be one",
            b"a\n",
            &["! --delimiter: found byte 0x0A, expected one ASCII character that is no double quote, line end or NUL"],
        )
        .delimiter(b'\n'),
        case(
            "half a character cannot be one",
            b"a\n",
            &["! --delimiter: found byte 0xA7, expected one ASCII character that is no double quote, line end or NUL"],
        )
        .delimiter(0xA7),
    ]);
}

#[test]
fn encodings() {
    check(&[
        case("a byte order mark is no content", b"\xEF\xBB\xBFa,b\n1,2\n", &["1@2 1|2"]),
        case("a byte order mark before a quoted header", b"\xEF\xBB\xBF\"a\",b\n1,2\n", &["1@2 1|2"]),
        case(
            "a byte order mark counts in byte positions",
            b"\xEF\xBB\xBFa,b\n1,\xE9\n",
            &["! f.csv: record 1 (line 2, byte 9), column \"b\": found byte 0xE9, expected UTF-8; \
             other parts of the file are UTF-8: is this one damaged? --on-error skip leaves it out"],
        ),
        case("a byte order mark inside is content", "a\nx\u{feff}y\n".as_bytes(), &["1@2 x\u{feff}y"]),
        case(
            "Windows-1252 is an error with a hint",
            b"a,b\n1,2\nBogot\xE1,3\n",
            &[
                "1@2 1|2",
                "! f.csv: record 2 (line 3, byte 13), column \"a\": found byte 0xE1, expected UTF-8; \
             try --encoding windows-1252",
            ],
        ),
        case("Windows-1252 is read when named", b"a,b\nBogot\xE1,\x93x\x94\n", &["1@2 Bogot\u{e1}|\u{201c}x\u{201d}"])
            .encoding("windows-1252"),
        case("an encoding may be named in any case", b"a\n\xE1\n", &["1@2 \u{e1}"]).encoding("Latin1"),
        case("UTF-8 may be named", "a\né\n".as_bytes(), &["1@2 é"]).encoding("utf8"),
        case(
            "naming UTF-8 does not make bytes valid",
            b"a\n\xE1\n",
            &["! f.csv: record 1 (line 2, byte 2), column \"a\": found byte 0xE1, expected UTF-8; \
             try --encoding windows-1252"],
        )
        .encoding("utf-8"),
        case(
            "invalid UTF-8 in the header",
            b"a\xFF,b\n",
            &["! f.csv: line 1, byte 1, column \"1\": found byte 0xFF, expected UTF-8; try --encoding windows-1252"],
        ),
        case(
            "a cut character at the end",
            b"a\nx\xC3",
            &["! f.csv: record 1 (line 2, byte 3), column \"a\": found byte 0xC3, expected UTF-8; \
             try --encoding windows-1252"],
        ),
        case(
            "one bad byte in a file of UTF-8 is damage",
            b"a\nZ\xC3\xBCrich\nBogot\xE1\n",
            &[
                "1@2 Zürich",
                "! f.csv: record 2 (line 3, byte 15), column \"a\": found byte 0xE1, expected UTF-8; \
             other parts of the file are UTF-8: is this one damaged? --on-error skip leaves it out",
            ],
        ),
        case(
            "Windows-1251 is named where there is enough of it",
            b"a\n\xCC\xE8\xED\xE8\xF1\xF2\xF0 \xEE\xF1\xF3\xE4\xE8\xEB \xF0\xE5\xF8\xE5\xED\xE8\xE5 \xEE \xF0\xFB\xE1\xE5\n",
            &["! f.csv: record 1 (line 2, byte 2), column \"a\": found byte 0xCC, expected UTF-8; \
             try --encoding windows-1251"],
        ),
        case(
            "surrogates are not UTF-8",
            b"a\n\xED\xA0\x80\n",
            &["! f.csv: record 1 (line 2, byte 2), column \"a\": found byte 0xED, expected UTF-8; \
             try --encoding windows-1252"],
        ),
    ]);
}

#[test]
fn wide_encodings_and_foreign_formats() {
    check(&[
        case(
            "UTF-16 with a mark is named",
            b"\xFF\xFEa\0\n\0",
            &["! f.csv: found UTF-16LE, expected text in UTF-8; try --encoding utf-16le"],
        ),
        case(
            "big-endian UTF-16 with a mark is named",
            b"\xFE\xFF\0a\0\n",
            &["! f.csv: found UTF-16BE, expected text in UTF-8; try --encoding utf-16be"],
        ),
        case(
            "UTF-16 without a mark is named",
            b"t\0e\0x\0t\0\n\0",
            &["! f.csv: found UTF-16LE, expected text in UTF-8; try --encoding utf-16le"],
        ),
        case("UTF-16 is read when named", b"\xFF\xFEa\0\n\0\x61\x4E\n\0", &["1@2 \u{4e61}"]).encoding("utf-16"),
        case(
            "UTF-32 is named",
            b"\xFF\xFE\0\0a\0\0\0",
            &["! f.csv: found UTF-32LE, expected text in UTF-8; convert it with `iconv -f UTF-32LE -t UTF-8`"],
        ),
        case(
            "half a UTF-16 unit is an error",
            b"\xFF\xFEa\0\n\0b",
            &["! f.csv: byte 6: found bytes that are malformed in this encoding, expected UTF-16LE as --encoding says"],
        )
        .encoding("utf-16le"),
        case(
            "NUL in a cell",
            b"a,b\n1,2\n3,x\0y\n",
            &["1@2 1|2", "! f.csv: record 2 (line 3, byte 11), column \"b\": found a NUL byte, expected text"],
        ),
        case(
            "NUL in the header",
            b"a,b\0cde,f\n",
            &["! f.csv: line 1, byte 3, column \"2\": found a NUL byte, expected text"],
        ),
        case(
            "an unknown encoding",
            b"a\n",
            &["! --encoding: found \"utf-99\", expected the name of an encoding such as utf-8, windows-1252, utf-16, \
             shift_jis or gb18030"],
        )
        .encoding("utf-99"),
        case(
            "a workbook is named",
            b"PK\x03\x04\x14\0\x08\0\x08\0",
            &["! f.csv: found a zip archive or an Excel workbook, expected text in UTF-8; export it as CSV first"],
        ),
        case(
            "a gzip file by its name that is none",
            b"a,b\n1,2\n",
            &["! f.csv.gz: found other data, expected gzip data, by its name .gz"],
        )
        .named("f.csv.gz"),
    ]);
}

#[test]
fn size_cap() {
    check(&[
        case("a record of the cap's size is read", b"a,b\n12345,7890\n1,2\n", &["1@2 12345|7890", "2@3 1|2"])
            .at_most(10),
        case(
            "a larger one is not",
            b"a,b\n1,2\n12345,78901\n",
            &[
                "1@2 1|2",
                "! f.csv: record 2 (line 3): found a record of more than 10 bytes, expected a smaller one; \
             is a double quote left open? else raise --max-record",
            ],
        )
        .at_most(10),
        case(
            "an open quote runs into the cap",
            b"a,b\n1,\"2\n3,4\n5,6\n7,8\n",
            &["! f.csv: record 1 (line 2): found a record of more than 10 bytes, expected a smaller one; \
             is a double quote left open? else raise --max-record"],
        )
        .at_most(10),
        case(
            "the cap holds for the header",
            b"abcdefghijk\n1\n",
            &["! f.csv: line 1: found a record of more than 10 bytes, expected a smaller one; \
             is a double quote left open? else raise --max-record"],
        )
        .at_most(10),
        case("a cap of nothing makes no sense", b"a\n", &["! --max-record: found 0, expected at least 1 byte"])
            .at_most(0),
        case(
            "skipped, an oversized record costs its first line",
            b"a,b\n1,\"2\n3,4\n5,6\n7,8\n",
            &[
                "2@3 3|4",
                "3@4 5|6",
                "4@5 7|8",
                "x 1,2,4,found a record of more than 10 bytes, expected a smaller one; \
             is a double quote left open? else raise --max-record,1,\"2",
            ],
        )
        .at_most(10)
        .skip(),
        case(
            "of a long line as much is kept as the cap allows",
            b"a,b\n1234567890,2\n3,4\n",
            &[
                "2@3 3|4",
                "x 1,2,4,found a record of more than 10 bytes, expected a smaller one; \
             is a double quote left open? else raise --max-record,1234567890",
            ],
        )
        .at_most(10)
        .skip(),
    ]);
}

#[test]
fn skipping() {
    check(&[
        case("ragged records are set aside and numbers go on", b"a,b\n1\n2,3\n4,5,6\n7,8\n", &[
            "2@3 2|3",
            "4@5 7|8",
            "x 1,2,4,found 1 cell, expected 2 as in the header,1",
            "x 3,4,10,found 3 cells, expected 2 as in the header; \
             a cell that holds the delimiter ',' must be in double quotes,4,5,6",
        ])
        .skip(),
        case("a stray quote costs one line", b"a,b\n1,\"open\n2,b\n3,c", &[
            "2@3 2|b",
            "3@4 3|c",
            "x 1,2,4,column \"b\": found a double quote that is never closed, \
             expected a closing one before the end of the file,1,\"open",
        ])
        .skip(),
        case("text after a quote costs the lines up to there", b"a,b\n\"x\ny\" z,1\r\n2,3\n", &[
            "2@4 2|3",
            "x 1,2,4,column \"a\": found text right after \"\\\"x\\ny\\\"\", expected ',' or the end of the line there; \
             inside a quoted cell a double quote is written twice,\"x\ny\" z,1",
        ])
        .skip(),
        case("bytes that are not UTF-8 are shown", b"a,b\n1,\xE9t\xE9\n2,3\n", &[
            "2@3 2|3",
            "x 1,2,4,column \"b\": found byte 0xE9, expected UTF-8; try --encoding windows-1252,1,\\xE9t\\xE9",
        ])
        .skip(),
        case("NUL is shown", b"a,b\n1,\0\n2,3\n", &["2@3 2|3", "x 1,2,4,column \"b\": found a NUL byte, expected text,1,\\x00"])
            .skip(),
        case("a last record may be bad", b"a,b\n1,2\n3", &["1@2 1|2", "x 2,3,8,found 1 cell, expected 2 as in the header,3"])
            .skip(),
        case("all records may be bad", b"a,b\n1\n2\n", &[
            "x 1,2,4,found 1 cell, expected 2 as in the header,1",
            "x 2,3,6,found 1 cell, expected 2 as in the header,2",
        ])
        .skip(),
        case("nothing bad, nothing set aside", b"a,b\n1,2\n", &["1@2 1|2"]).skip(),
        case("malformed text in a named encoding stops all the same", b"a\n\x81", &[
            "! f.csv: byte 2: found bytes that are malformed in this encoding, expected Shift_JIS as --encoding says",
        ])
        .encoding("shift_jis")
        .skip(),
    ]);
}
