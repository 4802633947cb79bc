//! How a name of the catalogue and the same name in a text may differ, and where a name may begin and end.
//!
//! News text breaks lines inside names, sets non-breaking spaces, curls apostrophes, and carries soft hyphens
//! from print. A name is compared byte by byte with these differences allowed, and nothing else: letters and
//! case must be the same.

use std::borrow::Cow;

/// The soft hyphen, which may stand anywhere inside a word and is never seen.
pub(super) const SOFT_HYPHEN: char = '\u{AD}';

/// The longest run of white space between two words of a name, in bytes.
const MAX_SPACE: usize = 80;

/// Whether the character is a part of a word.
#[inline]
pub(super) fn is_word(c: char) -> bool {
    // Quotation marks and dashes are most of what is not ASCII; the tables of Unicode are slow to say what they are.
    if c.is_ascii() {
        return is_ascii_word(c as u8);
    }
    !matches!(c, '\u{2010}'..='\u{2027}') && is_unusual_word(c)
}

/// The same of an ASCII character.
pub(super) fn is_ascii_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_unusual_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | SOFT_HYPHEN | '\u{300}'..='\u{36F}' | '\u{200C}' | '\u{200D}')
}

/// Whether the character is an apostrophe, straight or curly.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ')
}

/// Whether the character joins two words: hyphens and the en dash.
pub(super) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{2013}')
}

/// Whether the character may stand between two words of a name.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, SOFT_HYPHEN | '\u{200B}' | '\u{FEFF}')
}

/// A name as it is compared: from its first letter or digit, with plain apostrophes, hyphens and spaces.
pub(super) fn normalised(name: &str) -> Cow<'_, str> {
    let begin = name.find(char::is_alphanumeric).unwrap_or(name.len());
    normalised_all(&name[begin..])
}

/// The same, with what stands before the first letter kept.
pub(super) fn normalised_all(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text.trim_matches(' '));
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            SOFT_HYPHEN => {}
            c if is_apostrophe(c) => plain.push('\''),
            c if is_hyphen(c) => plain.push('-'),
            c if is_space(c) => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            c => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// Whether the text is ASCII without control characters, and has no two spaces in a row.
pub(super) fn is_plain(text: &str) -> bool {
    let (mut plain, mut last) = (true, 0);
    // To the end, without a branch: a name is short and nearly always plain.
    for byte in text.bytes() {
        plain &= matches!(byte, b' '..=b'~');
        plain &= byte != b' ' || last != b' ';
        last = byte;
    }
    plain
}

/// The first word of a normalised name, which is what the finder looks it up by.
pub(super) fn first_word(pattern: &str) -> &str {
    let ascii = pattern.bytes().take_while(|&byte| is_ascii_word(byte)).count();
    match pattern.as_bytes().get(ascii) {
        Some(byte) if !byte.is_ascii() => &pattern[..pattern.find(|c| !is_word(c)).unwrap_or(pattern.len())],
        _ => &pattern[..ascii],
    }
}

/// The end of the name in the text, where the text has it at `at`; with `fold`, ASCII case is no difference.
pub(super) fn match_at(text: &[u8], at: usize, wanted: &[u8], fold: bool) -> Option<usize> {
    let rest = text.get(at..)?;
    let mut same = common_prefix(rest, wanted);
    if same == wanted.len() {
        return Some(at + same);
    }
    // Where a letter differs, nothing that is allowed makes up for it: most names that begin alike fail here.
    if matches!(rest.get(same)?, b'!'..=b'~') && !fold {
        return None;
    }
    // What is allowed is looked at from a character's beginning, and from the first of several spaces.
    while !is_char_beginning(wanted[same]) {
        same -= 1;
    }
    if same > 0 && wanted[same - 1] == b' ' {
        same -= 1;
    }
    let mut here = same;
    for &wanted in &wanted[same..] {
        if wanted == b' ' {
            here += space_length(&rest[here..])?;
            continue;
        }
        // C2 AD is a soft hyphen wherever it begins a character, and C2 never stands within one.
        while rest.get(here) == Some(&0xC2) && rest.get(here + 1) == Some(&0xAD) {
            here += 2;
        }
        let found = *rest.get(here)?;
        if found == wanted || fold && found.eq_ignore_ascii_case(&wanted) {
            here += 1;
        } else {
            here += match wanted {
                b'\'' => alternative(&rest[here..], is_apostrophe)?,
                b'-' => alternative(&rest[here..], is_hyphen)?,
                _ => return None,
            };
        }
    }
    Some(at + here)
}

/// Whether the byte of a text begins a character.
fn is_char_beginning(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// The first eight bytes, the first the lowest; those that are lacking are 0.
#[inline]
pub(super) fn first_eight(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => bytes.iter().rev().fold(0, |eight, &byte| eight << 8 | u64::from(byte)),
    }
}

/// How many bytes are the same at the beginning of both.
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let length = a.len().min(b.len());
    let (a, b) = (&a[..length], &b[..length]);
    // The last eight or four may have been looked at already: a length that no processor can foresee is no branch.
    if length >= 8 {
        let eight = |text: &[u8], at: usize| first_eight(&text[at..at + 8]);
        for at in (0..length - 8).step_by(8).chain([length - 8]) {
            let differ = eight(a, at) ^ eight(b, at);
            if differ != 0 {
                return at + differ.trailing_zeros() as usize / 8;
            }
        }
        return length;
    }
    if length >= 4 {
        let four = |text: &[u8]| match text {
            [a, b, c, d, ..] => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
            _ => 0,
        };
        let both = |text: &[u8]| four(text) | four(&text[length - 4..]) << (8 * (length - 4));
        let differ = both(a) ^ both(b);
        return if differ == 0 { length } else { differ.trailing_zeros() as usize / 8 };
    }
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// What follows the first word of a name, by which most names with that word can be told from a text at once.
///
/// It is the separator and the byte after it, or [`Next::ANY`] where a name has no more than one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Next(pub(super) [u8; 2]);

impl Next {
    /// Whatever follows.
    pub(super) const ANY: Next = Next([0, 0]);

    /// What follows the first word, of this length, of a normalised name.
    pub(super) fn of(pattern: &str, word: usize) -> Next {
        match pattern.as_bytes()[word..] {
            [separator, byte, ..] => Next([separator, byte]),
            _ => Next::ANY,
        }
    }

    /// What follows a word of a text, as a name that continues like the text would have it. A space or a comma, that no
    /// processor can foresee, so there is no branch between them.
    #[inline]
    pub(super) fn in_text(rest: &[u8]) -> Next {
        if let [separator, byte, ..] = *rest {
            let space = separator.is_ascii_whitespace();
            let usual =
                matches!(separator, b'!'..=b'~') & matches!(byte, b' '..=b'~') | space & byte.is_ascii_alphanumeric();
            if usual {
                return Next([if space { b' ' } else { separator }, byte]);
            }
        }
        if rest.is_empty() { Next([0xFF, 0]) } else { Next::in_unusual_text(rest) }
    }

    #[cold]
    fn in_unusual_text(rest: &[u8]) -> Next {
        let mut plain = [0xFF; 2];
        let mut length = 0;
        let mut at = 0;
        while length < 2
            && let Some(c) = first_char(&rest[at..])
        {
            at += c.len_utf8();
            let after_space = length == 1 && plain[0] == b' ';
            plain[length] = match c {
                c if is_space(c) && after_space => continue,
                SOFT_HYPHEN if length == 1 => continue,
                c if is_space(c) => b' ',
                c if is_apostrophe(c) => b'\'',
                c if is_hyphen(c) => b'-',
                _ => {
                    let bytes = &rest[at - c.len_utf8()..];
                    if length == 0 && !c.is_ascii() {
                        return Next([bytes[0], bytes[1]]);
                    }
                    bytes[0]
                }
            };
            length += 1;
        }
        Next(plain)
    }
}

/// The length of the character at the text's beginning, where it is one of a class outside ASCII.
fn alternative(text: &[u8], class: fn(char) -> bool) -> Option<usize> {
    first_char(text).filter(|&c| class(c)).map(char::len_utf8)
}

/// The character at the beginning of bytes that begin with a whole one.
#[inline]
pub(super) fn first_char(text: &[u8]) -> Option<char> {
    let last = |byte: u8| u32::from(byte & 0x3F);
    match *text {
        [byte @ 0..0x80, ..] => Some(char::from(byte)),
        [a @ 0xC0..0xE0, b, ..] => char::from_u32(u32::from(a & 0x1F) << 6 | last(b)),
        [a @ 0xE0..0xF0, b, c, ..] => char::from_u32(u32::from(a & 0xF) << 12 | last(b) << 6 | last(c)),
        [a @ 0xF0..=0xFF, b, c, d, ..] => {
            char::from_u32(u32::from(a & 7) << 18 | last(b) << 12 | last(c) << 6 | last(d))
        }
        _ => None,
    }
}

/// The length of white space at the text's beginning; none where there is no space, too much, or a blank line.
fn space_length(text: &[u8]) -> Option<usize> {
    if text.first() == Some(&b' ') && text.get(1).is_some_and(u8::is_ascii_alphanumeric) {
        return Some(1);
    }
    let (mut length, mut lines) = (0, 0);
    while let Some(c) = first_char(&text[length..]).filter(|&c| is_space(c)) {
        length += c.len_utf8();
        lines += usize::from(matches!(c, '\n' | '\u{2029}'));
        if lines > 1 || length > MAX_SPACE {
            return None;
        }
    }
    (length > 0).then_some(length)
}

/// The text before its closing white space; none where that has a blank line.
pub(super) fn trim_end(text: &str) -> Option<&str> {
    let trimmed = text.trim_end_matches(is_space);
    let lines = text[trimmed.len()..].bytes().filter(|&byte| byte == b'\n').count();
    (lines < 2).then_some(trimmed)
}

/// The text after its opening white space; none where that has a blank line.
pub(super) fn trim_start(text: &str) -> Option<&str> {
    let trimmed = text.trim_start_matches(is_space);
    let lines = text[..text.len() - trimmed.len()].bytes().filter(|&byte| byte == b'\n').count();
    (lines < 2).then_some(trimmed)
}

/// The text before the phrase, where the text ends with it.
pub(super) fn match_back<'a>(text: &'a str, phrase: &str, fold: bool) -> Option<&'a str> {
    let mut rest = text;
    for wanted in phrase.chars().rev() {
        if wanted == ' ' {
            let trimmed = trim_end(rest)?;
            if trimmed.len() == rest.len() {
                return None;
            }
            rest = trimmed;
            continue;
        }
        rest = rest.trim_end_matches(SOFT_HYPHEN);
        let found = rest.chars().next_back()?;
        let same = found == wanted
            || wanted == '\'' && is_apostrophe(found)
            || wanted == '-' && is_hyphen(found)
            || fold && found.eq_ignore_ascii_case(&wanted);
        if !same {
            return None;
        }
        rest = &rest[..rest.len() - found.len_utf8()];
    }
    Some(rest)
}

/// Whether a name may begin after this text.
///
/// Not after an apostrophe within a word (`O’Brien`, `d'Estaing`), in an e-mail address, or in a web address.
pub(super) fn starts_well(before: &str) -> bool {
    let mut back = before.chars().rev().filter(|&c| c != SOFT_HYPHEN);
    match back.next() {
        None | Some(' ' | '\n') => true,
        Some(c) if is_word(c) => false,
        Some(c) if is_apostrophe(c) || c == '@' => !back.next().is_some_and(is_word),
        Some('/' | '.' | '-' | '=' | '?' | '&' | '%' | '#') => !in_web_address(before),
        Some(_) => true,
    }
}

/// Whether the text ends within a web address.
fn in_web_address(before: &str) -> bool {
    let mut begin = before.len().saturating_sub(200);
    while !before.is_char_boundary(begin) {
        begin += 1;
    }
    let chunk = before[begin..].rsplit(char::is_whitespace).next().unwrap_or_default();
    chunk.contains("://") || chunk.contains("www.")
}

/// Whether a name may end before this text.
///
/// Not within a word, and not before an apostrophe that goes on to anything but a possessive or a contracted
/// verb (`Xi'an`, `Sana'a`).
pub(super) fn ends_well(after: &str) -> bool {
    let after = after.trim_start_matches(SOFT_HYPHEN);
    let Some(c) = after.chars().next() else { return true };
    if c == ' ' {
        return true;
    }
    let rest = &after[c.len_utf8()..];
    if is_apostrophe(c) {
        let word = first_word(rest);
        return matches!(word, "" | "s" | "S" | "ll" | "LL" | "d" | "D" | "re" | "RE" | "ve" | "VE");
    }
    if c == '@' {
        return first_word(rest).is_empty();
    }
    !is_word(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(text: &str, name: &str) -> Option<usize> {
        match_at(text.as_bytes(), 0, normalised(name).as_bytes(), false)
    }

    #[test]
    fn a_name_is_found_through_spaces_hyphens_and_apostrophes_of_any_kind() {
        for text in [
            "North Korea",
            "North  Korea",
            "North\nKorea",
            "North\r\n Korea",
            "North\u{A0}Korea",
            "North\u{202F}Korea",
            "North\u{AD}Korea",
            "Nor\u{AD}th \u{AD}Ko\u{AD}rea",
        ] {
            assert_eq!(matches(text, "North Korea"), Some(text.len()), "{text:?}");
        }
        for text in ["NorthKorea", "North\n\nKorea", "North-Korea", "north Korea", "North", "North ", ""] {
            assert_eq!(matches(text, "North Korea"), None, "{text:?}");
        }
        assert_eq!(matches("Côte d’Ivoire", "Côte d'Ivoire"), Some("Côte d’Ivoire".len()));
        assert_eq!(matches("Kim Jong\u{2011}un", "Kim Jong-un"), Some("Kim Jong\u{2011}un".len()));
    }

    #[test]
    fn what_is_the_same_is_counted_at_every_length() {
        let text = "Organisation of African Unity";
        for length in 0..=text.len() {
            for place in 0..=length {
                let mut other = text.as_bytes()[..length].to_vec();
                if let Some(byte) = other.get_mut(place) {
                    *byte ^= 1;
                }
                assert_eq!(common_prefix(text.as_bytes(), &other), place, "{length}");
                assert_eq!(common_prefix(&other, text.as_bytes()), place, "{length}");
            }
        }
    }

    #[test]
    fn the_first_character_is_read_whatever_its_length() {
        for c in ['a', '\u{7F}', '\u{80}', 'é', '\u{7FF}', '\u{800}', '’', '\u{FFFD}', '\u{10000}', char::MAX] {
            let text = format!("{c}é");
            assert_eq!(first_char(text.as_bytes()), Some(c));
            assert_eq!(first_char(&text.as_bytes()[..c.len_utf8() - 1]), None);
        }
    }

    #[test]
    fn names_end_before_possessives_and_not_within_names() {
        for after in ["", " ", ".", "'s", "’s visit", "' ", "-led", ", ", "'ll go", "\u{AD} ", "🙂"] {
            assert!(ends_well(after), "{after:?}");
        }
        for after in ["s", "'an", "’an", "_a", "@mail.com", "\u{AD}an", "é", "7"] {
            assert!(!ends_well(after), "{after:?}");
        }
        for before in ["", " ", "(", "anti-", "“", "'", "#", "@", "Iran/"] {
            assert!(starts_well(before), "{before:?}");
        }
        for before in ["a", "O'", "d’", "me@", "https://x.org/", "www.", "\u{AD}a\u{AD}"] {
            assert!(!starts_well(before), "{before:?}");
        }
    }
}
