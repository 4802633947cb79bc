//! Offsets of other tools, checked against the text that they are said to cut out.

use std::ops::Range;

use super::super::offsets::{self, is_whole, one_off};

/// What an offset counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Unicode code points, as Python counts.
    CodePoints,
    /// UTF-16 units, as `JavaScript` and Java count.
    Utf16,
    /// Bytes of UTF-8, as Rust and Go count.
    Bytes,
}

impl Unit {
    const ALL: [Unit; 3] = [Unit::CodePoints, Unit::Utf16, Unit::Bytes];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Unit::CodePoints => "code-points",
            Unit::Utf16 => "utf-16",
            Unit::Bytes => "bytes",
        }
    }

    fn plural(self) -> &'static str {
        match self {
            Unit::CodePoints => "Unicode code points",
            Unit::Utf16 => "UTF-16 units",
            Unit::Bytes => "bytes",
        }
    }

    fn length(self, text: &str) -> usize {
        match self {
            Unit::CodePoints => text.chars().count(),
            Unit::Utf16 => text.encode_utf16().count(),
            Unit::Bytes => text.len(),
        }
    }

    /// The bytes of `start..end` in this unit, if they are a stretch of whole characters.
    fn cut(self, text: &str, start: usize, end: usize) -> Option<Range<usize>> {
        match self {
            Unit::CodePoints => offsets::to_bytes(text, start, end).ok(),
            Unit::Bytes => (start < end && text.get(start..end).is_some()).then_some(start..end),
            Unit::Utf16 => {
                if end <= start {
                    return None;
                }
                let mut at = 0;
                let mut found = (None, None);
                for (byte, character) in text.char_indices().chain([(text.len(), '\0')]) {
                    if at == start {
                        found.0 = Some(byte);
                    }
                    if at == end {
                        found.1 = Some(byte);
                        break;
                    }
                    at += character.len_utf16();
                }
                Some(found.0?..found.1?)
            }
        }
    }
}

/// What is wrong with offsets: what was found, and what to do about it.
pub(super) struct Wrong {
    pub found: String,
    pub expected: String,
    pub hint: Option<String>,
}

/// The bytes that offsets cut out. `wanted` is the mention, where the file repeats it. Without a unit they must be code
/// points, and offsets that cut words in code points but not in another unit are refused.
pub(super) fn locate(
    text: &str,
    start: usize,
    end: usize,
    wanted: Option<&str>,
    unit: Option<Unit>,
) -> Result<Range<usize>, Wrong> {
    let used = unit.unwrap_or(Unit::CodePoints);
    let expected = match wanted {
        Some(wanted) => format!("{wanted:?}"),
        None => format!("offsets in {}, end exclusive", used.plural()),
    };
    let Some(range) = used.cut(text, start, end) else {
        let length = used.length(text);
        let found = if end <= start {
            format!("{start}-{end}, which is empty")
        } else if end > length {
            format!("{start}-{end} in a text of {length} {}", used.plural())
        } else {
            format!("{start}-{end}, which cuts a character")
        };
        let hint =
            wanted.and_then(|wanted| guess(text, start, end, wanted, used)).or_else(|| fitting(text, start, end, used));
        return Err(Wrong { found, expected, hint });
    };
    let cut = &text[range.clone()];
    match wanted {
        Some(wanted) if cut != wanted => {
            let hint = guess(text, start, end, wanted, used);
            Err(Wrong { found: format!("{cut:?} at {start}-{end}"), expected, hint })
        }
        None if unit.is_none() && !text.is_ascii() && !is_whole(text, &range) => {
            match fitting(text, start, end, used) {
                None => Ok(range),
                hint => {
                    Err(Wrong { found: format!("{cut:?} at {start}-{end}, which is no whole word"), expected, hint })
                }
            }
        }
        _ => Ok(range),
    }
}

/// How the offsets would cut out the mention.
fn guess(text: &str, start: usize, end: usize, wanted: &str, used: Unit) -> Option<String> {
    let is =
        |unit: Unit, start: usize, end: usize| unit.cut(text, start, end).is_some_and(|range| text[range] == *wanted);
    if let Some(unit) = Unit::ALL.into_iter().find(|&unit| unit != used && is(unit, start, end)) {
        return Some(advice(unit));
    }
    if let Some(slip) = one_off(start, end, |start, end| is(used, start, end)) {
        return Some(slip.to_owned());
    }
    let mut places = text.match_indices(wanted);
    match (places.next(), places.next()) {
        (Some((at, _)), None) => {
            let start = used.length(&text[..at]);
            Some(format!("it stands at {start}-{}", start + used.length(wanted)))
        }
        (None, _) => Some("the text does not have it".to_owned()),
        _ => None,
    }
}

/// Another unit in which the offsets cut out whole words.
fn fitting(text: &str, start: usize, end: usize, used: Unit) -> Option<String> {
    let fits = |unit: &Unit| unit.cut(text, start, end).is_some_and(|range| is_whole(text, &range));
    // Bytes first fit where UTF-16 does too only in ASCII.
    Unit::ALL.into_iter().filter(|&unit| unit != used).find(fits).map(advice)
}

fn advice(unit: Unit) -> String {
    format!("the offsets seem to count {}: try --offsets {}", unit.plural(), unit.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_cuts_whole_characters_only() {
        let text = "👍é Xi";
        for (unit, start, end) in [(Unit::CodePoints, 3, 5), (Unit::Utf16, 4, 6), (Unit::Bytes, 7, 9)] {
            assert_eq!(unit.cut(text, start, end).map(|range| &text[range]), Some("Xi"), "{unit:?}");
            assert_eq!(unit.cut(text, end, end), None);
            assert_eq!(unit.cut(text, start, end + 1), None);
        }
        assert_eq!(Unit::Utf16.cut(text, 1, 2), None);
        assert_eq!(Unit::Bytes.cut(text, 1, 4), None);
    }

    #[test]
    fn the_hint_says_what_the_offsets_count() {
        let text = "👍é Xi met Li";
        let hint = |start, end, wanted| locate(text, start, end, wanted, None).err().and_then(|wrong| wrong.hint);
        let says =
            |hint: Option<String>, part: &str| assert!(hint.as_deref().is_some_and(|h| h.contains(part)), "{hint:?}");
        says(hint(4, 6, Some("Xi")), "UTF-16 units: try --offsets utf-16");
        says(hint(7, 9, Some("Xi")), "bytes: try --offsets bytes");
        says(hint(3, 4, Some("Xi")), "last character");
        says(hint(4, 6, Some("Xi met")), "it stands at 3-9");
        says(locate("a Xi b", 3, 5, Some("Xi"), None).err().and_then(|wrong| wrong.hint), "count from 1");
        // Without the mention's text, whole words tell.
        says(hint(4, 6, None), "UTF-16 units");
        assert!(locate(text, 3, 5, None, None).is_ok());
        assert!(locate(text, 4, 6, None, Some(Unit::CodePoints)).is_ok());
        assert!(locate(text, 4, 6, Some("Xi"), Some(Unit::Utf16)).is_ok());
    }
}
