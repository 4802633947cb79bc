//! Labelled CSV and the outputs that a report is made of. The first byte says which.

use std::io::Cursor;

use toward::data::{Columns, LabelledOptions, Source, SourceOptions, read_labelled_from};
use toward::report::{PageOptions, Rows, RowsOptions, Summary, Words, render};

pub fn holds(bytes: &[u8]) {
    let Some((&which, file)) = bytes.split_first() else { return };
    let input = Cursor::new(file.to_vec());
    match which % 4 {
        0 | 1 => match read_labelled_from("l.csv", input, &LabelledOptions::default()) {
            Ok(labelled) => {
                for example in &labelled.examples {
                    if let Some(mention) = &example.mention {
                        assert!(example.sentence.get(mention.clone()).is_some_and(|mention| !mention.is_empty()));
                    }
                }
            }
            Err(error) => assert!(!error.to_string().contains('\n')),
        },
        2 => {
            let Ok(source) = Source::from_reader("stance.csv", input, &SourceOptions::default()) else { return };
            let Ok(rows) = Rows::read(source, &RowsOptions::default()) else { return };
            let summary = Summary::of(&rows, 5);
            if rows.len() < 20 {
                let page = render(&rows, &summary, &Words::default(), &PageOptions::default()).expect("a page");
                assert!(page.ends_with("</html>\n") || page.ends_with("</html>"), "the page is whole");
            }
        }
        _ => {
            let text = String::from_utf8_lossy(file);
            let (names, selection) = text.split_once('\n').unwrap_or(("a,b,a-b,c,c,1", &text));
            let names: Vec<String> = names.split(',').map(str::to_owned).collect();
            let count = names.len();
            let columns = Columns::new("f.csv", names);
            match columns.select(selection) {
                Ok(chosen) => {
                    assert!(chosen.iter().all(|&column| column < count));
                    let mut once = chosen.clone();
                    once.sort_unstable();
                    once.dedup();
                    assert_eq!(once.len(), chosen.len(), "a column comes once");
                }
                Err(error) => assert!(!error.to_string().contains('\n')),
            }
            let _ = columns.find(selection);
            let _ = columns.text_columns();
        }
    }
}
