//! A part of a file: the records that one of several machines takes.
//!
//! The idea is that of `xsv split` and of test runners' `--shard 2/8`: every machine has the whole file and works out its
//! own part, so that nothing has to be cut up or handed out. Parts are ranges of record numbers, of equal size to one.
//! A line end inside a quoted cell ends no record, so where a record begins can only be told by reading from the start:
//! records are counted first, by the scanner alone, which looks at no text and is far faster than labelling.
//!
//! A bad record belongs to one part as any other does; only that part reports it.

use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use super::error::{DataError, Result};
use super::reader::{Reader, ReaderOptions};
use super::source::{Source, SourceOptions};

/// Part `part` of `of` parts, counted from 1.
///
/// ```
/// use toward::data::Shard;
///
/// let parts = ["1/3", "2/3", "3/3"].map(|text| text.parse::<Shard>().unwrap().rows(10));
/// assert_eq!(parts, [1..4, 4..7, 7..11]);
/// assert_eq!(
///     "4/3".parse::<Shard>().unwrap_err().to_string(),
///     "found part 4 of 3, expected a part from 1 to 3, such as 1/3"
/// );
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    part: u32,
    of: u32,
}

/// As it is typed: `2/8`.
impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

/// A text that names no part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found {found}, expected {expected}")]
pub struct ShardError {
    found: String,
    expected: String,
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Shard, ShardError> {
        let number = |text: &str| if text.starts_with('+') { None } else { text.parse::<u32>().ok() };
        let numbers = text.split_once('/').and_then(|(part, of)| number(part).zip(number(of)));
        match numbers {
            Some((part, of)) if (1..=of).contains(&part) => Ok(Shard { part, of }),
            Some((_, 0)) => {
                Err(ShardError { found: "0 parts".to_owned(), expected: "at least 1, such as 1/1".to_owned() })
            }
            Some((part, of)) => Err(ShardError {
                found: format!("part {part} of {of}"),
                expected: format!("a part from 1 to {of}, such as 1/{of}"),
            }),
            None => {
                Err(ShardError { found: format!("{text:?}"), expected: "a part and how many, such as 2/8".to_owned() })
            }
        }
    }
}

impl Shard {
    /// Whether this is the part that carries the header.
    pub fn is_first(self) -> bool {
        self.part == 1
    }

    /// The numbers of this part's records, from 1, in a file of so many. Parts follow each other without gap, and
    /// differ by one record at most; of a file with fewer records than parts, some are empty.
    pub fn rows(self, records: u64) -> Range<u64> {
        let border = |part: u32| {
            // At most `records`, so it fits.
            (u128::from(records) * u128::from(part) / u128::from(self.of)) as u64 + 1
        };
        border(self.part - 1)..border(self.part)
    }

    /// The numbers of this part's records in the file at `path`, whose records are counted.
    ///
    /// # Errors
    ///
    /// As [`Reader::open`], or if `path` is no regular file: what can be read only once cannot be counted first.
    pub fn rows_of(self, path: &Path, source: &SourceOptions, options: &ReaderOptions) -> Result<Range<u64>> {
        let refused = |found: String| DataError::Option {
            option: "--shard",
            found,
            expected: "a file, for its records are counted before they are labelled".to_owned(),
        };
        if path == Path::new("-") {
            return Err(refused("standard input".to_owned()));
        }
        let name = path.display().to_string();
        let kind = fs::metadata(path).map_err(|source| DataError::Read { file: name.clone(), source })?.file_type();
        if !kind.is_file() && !kind.is_dir() {
            return Err(refused(format!("{name}, which is a pipe or device")));
        }
        let none = ReaderOptions { rows: u64::MAX..u64::MAX, ..options.clone() };
        let reader = Reader::new(Source::open(path, source)?, &none)?;
        Ok(self.rows(reader.passed_over()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_differ_by_one_record_at_most() {
        for records in [0, 1, 2, 3, 7, 100, 4097, u64::MAX - 2] {
            for of in [1, 2, 3, 7, 64, u32::MAX] {
                let mut next = 1;
                let tried: Vec<u32> = if of < 100 { (1..=of).collect() } else { vec![1, of] };
                for part in tried {
                    let rows = Shard { part, of }.rows(records);
                    assert!(part == of || rows.start == next);
                    assert!(
                        (records / u64::from(of)..=records.div_ceil(u64::from(of))).contains(&(rows.end - rows.start))
                    );
                    next = rows.end;
                }
                assert_eq!(next, records + 1, "{records} records in {of} parts");
            }
        }
    }

    #[test]
    fn what_names_no_part_is_an_error() {
        let message = |text: &str| text.parse::<Shard>().unwrap_err().to_string();
        assert_eq!(message("0/4"), "found part 0 of 4, expected a part from 1 to 4, such as 1/4");
        assert_eq!(message("1/0"), "found 0 parts, expected at least 1, such as 1/1");
        for text in ["a/b", "", "3", "1/", "/2", "1/2/3", "-1/2", "+1/2", "1.0/2", "1 / 2", "1/99999999999"] {
            assert_eq!(message(text), format!("found {text:?}, expected a part and how many, such as 2/8"));
        }
    }
}
