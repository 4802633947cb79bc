//! Offsets in Unicode code points, as files and Python count, to and from bytes, as Rust counts.
//!
//! Label Studio, spaCy and `NewsMTSC` all give a mention as `start, end` of Python's `str`, end exclusive; the
//! commonest fault of labelled data is to count bytes or UTF-16 units instead, which shows only after the
//! first emoji or curly quote. So every conversion here is checked, and nothing is clamped.

use std::ops::Range;

/// Offsets that do not name a stretch of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OffsetError {
    /// The end is past the end of the text.
    #[error("{start}-{end} in a text of {length} characters")]
    Beyond {
        /// The start that was given.
        start: usize,
        /// The end that was given.
        end: usize,
        /// The text's length in code points.
        length: usize,
    },
    /// The end is not after the start.
    #[error("{start}-{end}, which is empty")]
    Empty {
        /// The start that was given.
        start: usize,
        /// The end that was given.
        end: usize,
    },
    /// A byte offset falls inside a character or past the end of the text.
    #[error("bytes {start}-{end}, which cut a character or the text")]
    Boundary {
        /// The start that was given.
        start: usize,
        /// The end that was given.
        end: usize,
    },
}

/// The byte range of the code points `start..end` of `text`.
///
/// # Errors
///
/// If the range is empty or reaches past the text.
///
/// ```
/// use toward::data::offsets::to_bytes;
///
/// let text = "Bogotá stood by Quito";
/// assert_eq!(&text[to_bytes(text, 16, 21).unwrap()], "Quito");
/// assert!(to_bytes(text, 16, 22).is_err());
/// ```
pub fn to_bytes(text: &str, start: usize, end: usize) -> Result<Range<usize>, OffsetError> {
    if end <= start {
        return Err(OffsetError::Empty { start, end });
    }
    if text.is_ascii() {
        let length = text.len();
        return if end <= length { Ok(start..end) } else { Err(OffsetError::Beyond { start, end, length }) };
    }
    let mut first = None;
    let mut characters = 0;
    for (at, _) in text.char_indices() {
        if characters == start {
            first = Some(at);
        }
        if characters == end {
            // `start < end`, so `first` was set at an earlier turn.
            return Ok(first.unwrap_or(at)..at);
        }
        characters += 1;
    }
    match first {
        Some(first) if characters == end => Ok(first..text.len()),
        _ => Err(OffsetError::Beyond { start, end, length: characters }),
    }
}

/// The code points `(start, end)` of a byte range of `text`.
///
/// # Errors
///
/// If the range is empty, reaches past the text or cuts a character.
///
/// ```
/// use toward::data::offsets::to_characters;
///
/// assert_eq!(to_characters("Bogotá stood", 8..13), Ok((7, 12)));
/// ```
pub fn to_characters(text: &str, bytes: Range<usize>) -> Result<(usize, usize), OffsetError> {
    let (start, end) = (bytes.start, bytes.end);
    if end <= start {
        return Err(OffsetError::Empty { start, end });
    }
    let (Some(before), Some(inside)) = (text.get(..start), text.get(bytes)) else {
        return Err(OffsetError::Boundary { start, end });
    };
    let start = characters(before);
    Ok((start, start + characters(inside)))
}

/// The length of `text` in code points.
fn characters(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// The unit, if there is one, in which `start..end` would cut `wanted` out of `text`: for a hint when code
/// points do not.
pub(crate) fn other_unit(text: &str, start: usize, end: usize, wanted: &str) -> Option<&'static str> {
    if text.get(start..end) == Some(wanted) {
        return Some("bytes");
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    let slice = units.get(start..end)?;
    (String::from_utf16(slice).ok()? == wanted).then_some("UTF-16 units")
}

/// Whether neither end of a range is inside a word, and no space is at an end.
pub(crate) fn is_whole(text: &str, range: &Range<usize>) -> bool {
    let inside = &text[range.clone()];
    let joined =
        |a: Option<char>, b: Option<char>| a.is_some_and(char::is_alphanumeric) && b.is_some_and(char::is_alphanumeric);
    inside.trim() == inside
        && !joined(text[..range.start].chars().next_back(), inside.chars().next())
        && !joined(inside.chars().next_back(), text[range.end..].chars().next())
}

/// How offsets are one off, if that explains them: `cuts` says whether offsets cut the mention out.
pub(crate) fn one_off(start: usize, end: usize, cuts: impl Fn(usize, usize) -> bool) -> Option<&'static str> {
    if cuts(start, end + 1) {
        return Some("the end seems to be the mention's last character, expected the one after it");
    }
    if start > 0 && (cuts(start - 1, end - 1) || cuts(start - 1, end)) {
        return Some("the offsets seem to count from 1, expected from 0");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mention_after_an_emoji_is_cut_right() {
        let text = "👍 “Xi” spoke";
        assert_eq!(&text[to_bytes(text, 3, 5).unwrap()], "Xi");
        assert_eq!(to_characters(text, to_bytes(text, 3, 5).unwrap()), Ok((3, 5)));
        assert_eq!(&text[to_bytes(text, 0, 12).unwrap()], text);
    }

    #[test]
    fn wrong_offsets_are_errors_in_ascii_and_beyond() {
        for text in ["abc", "äbc"] {
            assert_eq!(to_bytes(text, 1, 1), Err(OffsetError::Empty { start: 1, end: 1 }));
            assert_eq!(to_bytes(text, 2, 1), Err(OffsetError::Empty { start: 2, end: 1 }));
            assert_eq!(to_bytes(text, 1, 4), Err(OffsetError::Beyond { start: 1, end: 4, length: 3 }));
            assert_eq!(to_bytes(text, 3, 4), Err(OffsetError::Beyond { start: 3, end: 4, length: 3 }));
            assert_eq!(
                to_bytes(text, 7, usize::MAX),
                Err(OffsetError::Beyond { start: 7, end: usize::MAX, length: 3 })
            );
        }
        assert_eq!(to_characters("äbc", 1..2), Err(OffsetError::Boundary { start: 1, end: 2 }));
        assert_eq!(to_characters("äbc", 2..9), Err(OffsetError::Boundary { start: 2, end: 9 }));
    }

    #[test]
    fn bytes_and_utf16_are_recognised() {
        let text = "👍é Xi";
        assert_eq!(other_unit(text, 7, 9, "Xi"), Some("bytes"));
        assert_eq!(other_unit(text, 4, 6, "Xi"), Some("UTF-16 units"));
        assert_eq!(other_unit(text, 0, 1, "Xi"), None);
    }
}
