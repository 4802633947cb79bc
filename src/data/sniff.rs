//! The delimiter of a file, found out from its beginning when the user asks for it.
//!
//! Unlike Python's `csv.Sniffer`, which weighs the frequencies of characters, each candidate is tried by the same rules
//! as in reading: it must stand in the first record and cut nearly all others into as many cells. Where none or several
//! do, that is an error, for a delimiter that is guessed wrong turns texts into fragments silently.

use super::error::{DataError, Fault, Place, Problem, Result, either};
use super::scan::{Broken, Scan, Scanner};

/// What separates cells in the wild.
const CANDIDATES: [u8; 5] = [b',', b';', b'\t', b'|', b':'];

/// The delimiter of the file that begins with `head`; `whole` tells that this is all of it.
pub(super) fn delimiter(name: &str, head: &[u8], whole: bool) -> Result<u8> {
    let tried: Vec<(u8, Widths)> =
        CANDIDATES.into_iter().map(|candidate| (candidate, widths(head, candidate, whole))).collect();
    let fitting: Vec<u8> = tried.iter().filter(|(_, widths)| widths.fit()).map(|(candidate, _)| *candidate).collect();
    let found = match fitting.as_slice() {
        [one] => return Ok(*one),
        // One column: any delimiter would do.
        [] if tried.iter().all(|(_, widths)| widths.first <= 1) => return Ok(b','),
        [] => "no delimiter that stands in the first record and cuts the others alike".to_owned(),
        several => format!("{} delimiters that cut the records alike", several.len()),
    };
    let expected = if fitting.is_empty() { &CANDIDATES[..] } else { &fitting };
    let expected: Vec<String> = expected.iter().map(|byte| format!("{:?}", char::from(*byte))).collect();
    let place = Place { file: name.to_owned(), ..Place::default() };
    let problem = Problem::new(place, Fault::Column, found, either(&expected)).hint("name it with --delimiter");
    Err(DataError::from(problem))
}

/// What a candidate makes of the records.
#[derive(Default)]
struct Widths {
    first: usize,
    /// How many others are as wide as the first, and how many are not, or broken.
    alike: usize,
    other: usize,
}

impl Widths {
    fn fit(&self) -> bool {
        self.first > 1 && self.other * 9 <= self.alike
    }
}

fn widths(head: &[u8], delimiter: u8, whole: bool) -> Widths {
    let mut scanner = Scanner::new(head, 0, delimiter, head.len().max(1));
    let mut widths = Widths::default();
    // A record is counted when the next one is met, for the last of a head is cut.
    let mut before: Option<usize> = None;
    // Reading from memory cannot fail.
    while let Ok(scan) = scanner.scan() {
        let width = match scan {
            Scan::End => break,
            Scan::Blank => continue,
            Scan::Record => scanner.cells().len(),
            // The quote that the end of the head leaves open.
            Scan::Broken(Broken::Unclosed { .. }) if !whole => break,
            Scan::Broken(broken) => {
                let _ = scanner.skip_broken(broken);
                0
            }
        };
        widths.count(before.replace(width));
    }
    if whole || widths.first == 0 {
        widths.count(before);
    }
    widths
}

impl Widths {
    fn count(&mut self, width: Option<usize>) {
        match width {
            None => {}
            Some(width) if self.first == 0 => self.first = width,
            Some(width) if width == self.first => self.alike += 1,
            Some(_) => self.other += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniffed(text: &str) -> std::result::Result<char, String> {
        delimiter("f.csv", text.as_bytes(), true).map(char::from).map_err(|error| error.to_string())
    }

    #[test]
    fn the_delimiter_that_cuts_all_records_alike_is_found() {
        for (text, expected) in [
            ("a,b\n1,2\n", ','),
            ("a;b\n\"1;5\";2,5\n3;4,5\n", ';'),
            ("id\ttext\n1\tOne, two; three: four | five\n2\tSix, seven\n", '\t'),
            ("a|b|c\n1|2:3|4\n", '|'),
            ("a:b\n1:2\n", ':'),
            ("id;text", ';'),
            ("text\nOne, two\nThree; four\n", ','),
            ("text\n", ','),
            ("", ','),
            ("\n\na;b\n\n1;2\n", ';'),
        ] {
            assert_eq!(sniffed(text), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn one_ragged_record_in_ten_is_borne() {
        let text = format!("a;b\n{}1\n", "1;2\n".repeat(9));
        assert_eq!(sniffed(&text), Ok(';'));
        let text = format!("a;b\n{}1\n", "1;2\n".repeat(8));
        assert!(sniffed(&text).is_err());
    }

    #[test]
    fn several_or_none_is_an_error() {
        assert_eq!(
            sniffed("a,b;c\n1,2;3\n").unwrap_err(),
            "f.csv: found 2 delimiters that cut the records alike, expected ',' or ';'; name it with --delimiter"
        );
        assert_eq!(
            sniffed("a,b\n1\n2\n").unwrap_err(),
            "f.csv: found no delimiter that stands in the first record and cuts the others alike, \
             expected ',', ';', '\\t', '|' or ':'; name it with --delimiter"
        );
    }

    #[test]
    fn a_record_cut_by_the_end_of_the_head_does_not_count() {
        let text = "a;b\n1;2\n3;\"4\n5;6\n7";
        assert_eq!(delimiter("f.csv", text.as_bytes(), false).unwrap(), b';');
        assert_eq!(delimiter("f.csv", b"a;b\n1;2\n3", false).unwrap(), b';');
    }
}
