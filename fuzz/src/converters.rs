//! Other tools' formats: no bytes make a reader panic, and what is read can be written in every format and read back.
//!
//! The first byte is the format, the second the unit of offsets and the name; for brat, the text ends at the first NUL.

use std::fs;

use toward::data::convert::{ImportOptions, Interchange, Item, Unit, export, import};

pub fn holds(bytes: &[u8]) {
    let Some((&[format, how], file)) = bytes.split_first_chunk::<2>() else { return };
    let format = match usize::from(format) % 16 {
        at if at < Interchange::ALL.len() => Some(Interchange::ALL[at]),
        _ => None,
    };
    let unit = [None, Some(Unit::CodePoints), Some(Unit::Utf16), Some(Unit::Bytes)][usize::from(how % 4)];
    let extension = ["jsonl", "json", "csv", "xml"][usize::from(how / 4 % 4)];
    let folder = tempfile::tempdir().unwrap();
    let path = if format == Some(Interchange::Brat) {
        let (text, annotations) = file.split_at(file.iter().position(|&byte| byte == 0).unwrap_or(file.len()));
        fs::write(folder.path().join("a.txt"), text).unwrap();
        fs::write(folder.path().join("a.ann"), annotations.get(1..).unwrap_or_default()).unwrap();
        folder.path().join("a.ann")
    } else {
        let path = folder.path().join("a").with_extension(extension);
        fs::write(&path, file).unwrap();
        path
    };
    let read = match import(&path, &ImportOptions { format, unit, ..ImportOptions::default() }) {
        Ok(read) => read,
        Err(error) => {
            assert!(!error.to_string().contains('\n'), "a message is one line: {error}");
            return;
        }
    };
    for item in &read.items {
        assert!(item.sentence.get(item.mention.clone()).is_some_and(|mention| !mention.is_empty()), "{item:?}");
    }
    for format in Interchange::ALL {
        let name = match format {
            Interchange::Toward | Interchange::SetFit => "b.csv",
            Interchange::SemEval => "b.xml",
            Interchange::LabelStudio => "b.json",
            Interchange::Brat => "b.ann",
            _ => "b.jsonl",
        };
        let Ok(written) = export(&read.items, format, name) else { continue };
        fs::write(folder.path().join(name), &written.bytes).unwrap();
        if let Some(text) = &written.text {
            fs::write(folder.path().join("b.txt"), text).unwrap();
        }
        let options = ImportOptions { format: Some(format), unit: Some(Unit::CodePoints), ..ImportOptions::default() };
        let again = import(folder.path().join(name), &options);
        let again = again.unwrap_or_else(|error| panic!("{} is not read back: {error}", format.name()));
        assert_eq!(kept(&again.items), kept(&read.items), "{}", format.name());
    }
}

/// What every format keeps, in an order that does not depend on how mentions are grouped.
fn kept(items: &[Item]) -> Vec<(String, usize, usize, &'static str)> {
    let mut kept: Vec<_> = items
        .iter()
        .map(|item| (item.sentence.clone(), item.mention.start, item.mention.end, item.label.name()))
        .collect();
    kept.sort();
    kept
}
