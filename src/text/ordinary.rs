//! Sentences of ordinary paragraphs, as `sentencex` cuts them, at a fraction of its price.
//!
//! What sentencex spends its time on is what most paragraphs lack: lists, e-mail addresses, nested and stray quotation
//! marks of a dozen scripts. One pass over a paragraph finds its full stops, quotations and brackets, and whether
//! there is anything else that sentencex would look at; if so, the paragraph is left to sentencex. Whether a full stop
//! ends a sentence (`Mr.`, `U.S.`, `a.m.`) is asked of sentencex in either case. A test compares the two.

use std::ops::Range;

use sentencex::languages::{English, Language};

/// What a byte may be for a sentence's end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Nothing.
    Other,
    Stop,
    Apostrophe,
    DoubleQuote,
    Open,
    Close,
    LineEnd,
    At,
    /// The first byte of a character outside ASCII.
    High,
    /// Makes a paragraph extraordinary.
    Extraordinary,
}

const CLASS: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'.' | b'!' | b'?' => Class::Stop,
            b'\'' => Class::Apostrophe,
            b'"' => Class::DoubleQuote,
            b'(' | b'<' | b'{' | b'[' => Class::Open,
            b')' | b'>' | b'}' | b']' => Class::Close,
            b'\n' => Class::LineEnd,
            b'@' => Class::At,
            b'`' | b'\\' => Class::Extraordinary,
            0x80.. => Class::High,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
};

/// Quotations and brackets, in which a full stop ends no sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Enclosed {
    range: Range<usize>,
    /// The length of its closing mark if it is a quotation.
    closer: Option<usize>,
}

/// More quotations and brackets than this are left to sentencex, which searches many in another way.
const MOST_ENCLOSED: usize = 64;

/// More quotations than this that are never closed are left to sentencex.
const MOST_UNCLOSED: usize = 8;

/// What was found in a paragraph; the buffers are kept from one to the next.
#[derive(Default)]
pub(super) struct Ordinary {
    stops: Vec<Range<usize>>,
    /// Quotation marks, with their bytes' number.
    marks: Vec<(usize, char)>,
    brackets: Vec<Range<usize>>,
    enclosed: Vec<Enclosed>,
}

impl Ordinary {
    /// Puts the ends of the paragraph's sentences in `ends`; false if it is no ordinary paragraph.
    pub fn cut(&mut self, paragraph: &str, ends: &mut Vec<usize>) -> bool {
        ends.clear();
        self.scan(paragraph) && self.enclose(paragraph) && self.end(paragraph, ends)
    }

    /// Finds stops, marks and brackets.
    fn scan(&mut self, paragraph: &str) -> bool {
        let bytes = paragraph.as_bytes();
        self.stops.clear();
        self.marks.clear();
        self.brackets.clear();
        if may_begin_item(bytes) {
            return false;
        }
        let mut open = None;
        let mut at = 0;
        while at < bytes.len() {
            match CLASS[bytes[at] as usize] {
                Class::Other => at += 1,
                Class::Stop => {
                    let end = at + bytes[at..].iter().take_while(|&&byte| is_stop(byte)).count();
                    if is_spaced(&bytes[end..]) {
                        return false;
                    }
                    self.stops.push(at..end);
                    at = end;
                }
                Class::At => {
                    // Without a name before it it is no e-mail address.
                    if at > 0 && is_of_address(bytes[at - 1]) {
                        return false;
                    }
                    at += 1;
                }
                Class::Apostrophe => {
                    // After a letter it is no quotation mark.
                    if at == 0 || !bytes[at - 1].is_ascii_alphanumeric() {
                        return false;
                    }
                    at += 1;
                }
                Class::DoubleQuote => {
                    self.marks.push((at, '"'));
                    at += 1;
                }
                Class::Open => {
                    open.get_or_insert(at);
                    at += 1;
                }
                Class::Close => {
                    if bytes[at] == b')' && may_end_item_mark(&bytes[..at]) {
                        return false;
                    }
                    self.brackets.extend(open.take().map(|open| open..at + 1));
                    at += 1;
                }
                Class::LineEnd => {
                    at += 1;
                    // A blank line ends a paragraph, and this is to be one.
                    let blank = bytes[at..].iter().find(|&&byte| byte != b'\r') == Some(&b'\n');
                    if blank || may_begin_item(&bytes[at..]) {
                        return false;
                    }
                }
                Class::High => match bytes[at..] {
                    // Letters with marks, from Latin-1 to Latin Extended-B, and signs such as £ and °, but no « and », and
                    // no control characters.
                    [0xC3..=0xC9, _, ..] | [0xC2, 0xA0..=0xAA | 0xAC..=0xBA | 0xBC..=0xBF, ..] => at += 2,
                    // Dashes, and an ellipsis, which ends no sentence.
                    [0xE2, 0x80, 0xA6, ..] if is_spaced(&bytes[at + 3..]) => return false,
                    [0xE2, 0x80, 0x93 | 0x94 | 0xA6, ..] => at += 3,
                    [0xE2, 0x80, mark @ (0x98 | 0x99 | 0x9C | 0x9D), ..] => {
                        let mark = match mark {
                            0x98 => '‘',
                            0x99 => '’',
                            0x9C => '“',
                            _ => '”',
                        };
                        self.marks.push((at, mark));
                        at += 3;
                    }
                    _ => return false,
                },
                Class::Extraordinary => return false,
            }
        }
        true
    }

    /// Pairs quotation marks: an opening one with the next that closes it, whatever is between.
    fn enclose(&mut self, paragraph: &str) -> bool {
        self.enclosed.clear();
        let mut unclosed = 0;
        let mut rest = self.marks.as_slice();
        while let [(start, mark), after @ ..] = rest {
            rest = after;
            let closer = match mark {
                '"' => '"',
                '“' => '”',
                '‘' => '’',
                _ => continue,
            };
            if let Some(next) = after.iter().position(|&(_, mark)| mark == closer) {
                let end = after[next].0 + closer.len_utf8();
                self.enclosed.push(Enclosed { range: *start..end, closer: Some(closer.len_utf8()) });
                rest = &after[next + 1..];
            } else {
                unclosed += 1;
                if unclosed > MOST_UNCLOSED {
                    return false;
                }
            }
        }
        // Straight marks may be paired wrongly, of which an odd number or a bracket across are signs.
        let straight = self.marks.iter().filter(|(_, mark)| *mark == '"').count();
        if straight > 1 && straight % 2 == 1 || self.enclosed.len() + self.brackets.len() > MOST_ENCLOSED {
            return false;
        }
        let is_straight = |enclosed: &Enclosed| paragraph.as_bytes()[enclosed.range.start] == b'"';
        let crossed = |quotation: &Enclosed| {
            self.brackets.iter().any(|bracket| {
                let (inner, outer) = (&quotation.range, bracket);
                inner.start < outer.end && outer.start < inner.end
            })
        };
        if !self.brackets.is_empty() && self.enclosed.iter().any(|enclosed| is_straight(enclosed) && crossed(enclosed))
        {
            return false;
        }
        self.enclosed.extend(self.brackets.drain(..).map(|range| Enclosed { range, closer: None }));
        self.enclosed.sort_unstable_by_key(|enclosed| enclosed.range.start);
        true
    }

    /// Decides which stops end a sentence, and where it ends.
    fn end(&self, paragraph: &str, ends: &mut Vec<usize>) -> bool {
        let english = English {};
        let mut last = 0;
        for stop in &self.stops {
            let Some(end) = english.find_boundary(paragraph, stop.start, stop.end) else { continue };
            let around = self.enclosed.iter().find(|around| around.range.start < end && end < around.range.end);
            let end = match around {
                Some(Enclosed { range, closer: Some(closer) }) if end + closer == range.end => {
                    let next = english.get_next_word_approx(paragraph, range.end);
                    let Some(space) = english.get_boundary_extend(next) else { continue };
                    range.end + space
                }
                Some(_) => continue,
                None => {
                    let opens = self.enclosed.iter().any(|enclosed| enclosed.range.start == end);
                    // A mark that closes nothing may belong to either sentence.
                    if !opens && paragraph[end..].starts_with(['"', '“', '”', '’']) {
                        return false;
                    }
                    end
                }
            };
            if end > last {
                ends.push(end);
                last = end;
            }
        }
        if last < paragraph.len() {
            ends.push(paragraph.len());
        }
        true
    }
}

fn is_stop(byte: u8) -> bool {
    matches!(byte, b'.' | b'!' | b'?')
}

/// Whether another stop or an ellipsis follows after blanks: `. . .` and `! ?` are one stop or several by rules of
/// their own.
fn is_spaced(after: &[u8]) -> bool {
    let blanks = after.iter().take_while(|&&byte| is_blank(byte)).count();
    let next = &after[blanks..];
    blanks > 0 && (next.first().is_some_and(|&byte| is_stop(byte)) || next.starts_with("…".as_bytes()))
}

/// Whether a byte may stand before the `@` of an e-mail address.
fn is_of_address(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Whether a line may begin with the mark of a list's item: `- `, `1.`, `a)`, `(iv)`, `ii.`
fn may_begin_item(line: &[u8]) -> bool {
    let blanks = line.iter().take_while(|&&byte| is_blank(byte)).count();
    let line = &line[blanks..];
    match line {
        [b'*' | b'+' | b'-' | b'(', ..] => true,
        [first, ..] if first.is_ascii_alphanumeric() => {
            let run = line.iter().take_while(|&&byte| is_numeral(byte)).count().max(1);
            matches!(line.get(run), Some(b'.' | b')')) || matches!(line.get(1), Some(b'.' | b')'))
        }
        _ => false,
    }
}

/// Whether a bracket that closes after this may end the mark of a list's item within a line: `1)`, `(a)`, `iv.)`
fn may_end_item_mark(before: &[u8]) -> bool {
    let before = before.strip_suffix(b".").unwrap_or(before);
    let run = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let (before, word) = before.split_at(before.len() - run);
    let year = run > 2 && before.ends_with(b"(") && word.iter().all(u8::is_ascii_digit);
    !year && (run == 1 || run > 1 && word.iter().all(|&byte| is_numeral(byte)))
}

/// Whether a byte may be part of a number, Arabic or Roman.
fn is_numeral(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte.to_ascii_lowercase(), b'i' | b'v' | b'x' | b'l' | b'c' | b'd' | b'm')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sentencex::languages::{English, Language};

    use super::Ordinary;

    /// The ends by the pass over ordinary paragraphs, if it takes this for one, and by sentencex.
    fn ends(paragraph: &str) -> (Option<Vec<usize>>, Vec<usize>) {
        let mut own = Vec::new();
        let ordinary = Ordinary::default().cut(paragraph, &mut own);
        let mut at = 0;
        let pieces = English {}.segment(paragraph);
        let theirs = pieces.iter().map(|piece| (at, at += piece.len()).0 + piece.len()).collect();
        (ordinary.then_some(own), theirs)
    }

    #[test]
    fn ordinary_paragraphs_are_taken_and_cut_alike() {
        for text in [
            "",
            " ",
            "Mr. Xi met Dr. Merkel on Jan. 5. He left the U.S. on Friday.",
            "“We are ready.” Putin left. “It works!” he said. \"Fine,\" she said. \"Good.\" The end",
            "Zoë’s party (the Greens) won. It didn't win the voters' hearts – or did it? Yes!",
            "Headline of the day\nTokyo said. Nobody\n came in 2016 (2017, too) or (2018).\r\nNo.",
            "He said: “It is over. It never was. Was it?” She left.",
            "“He said it was over. Nobody heard him.",
            "Thanks to @toward. It works… does it? It does!… Yes",
        ] {
            let (own, theirs) = ends(text);
            assert_eq!(own.as_ref(), Some(&theirs), "{text:?}");
        }
    }

    #[test]
    fn extraordinary_paragraphs_are_left_to_sentencex() {
        for text in [
            "1. One. Two.",
            "A list: 1) one 2) two.",
            "\u{2022} One.",
            "me@example.org. He.",
            "'So?' he said.",
            "No . . . yes.",
            "第一。第二。",
            "A \"b. C.",
            "He said. ” So.",
        ] {
            if let (Some(own), theirs) = ends(text) {
                assert_eq!(own, theirs, "{text:?}");
            }
        }
        assert_eq!(ends("1. One. Two.").0, None);
        assert_eq!(ends("me@example.org. He.").0, None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn whatever_is_taken_is_cut_as_sentencex_cuts_it(
            parts in proptest::collection::vec(
                prop::sample::select(vec![
                    "Xi", "said", "so", "Mr", "U.S", "I", "a.m", "He", "it", "7", "vii", "2016", "etc", "No", "Zoë",
                    ".", ".", ".", "!", "?", ",", " ", " ", " ", " ", "  ", "\n", "\r\n", "\"", "“", "”", "‘", "’",
                    "'", "(", ")", "[", "]", "–", "-", "\u{a0}", "…", "[1]", "@", "’s", "'s", "n't", "A", "b", "Penn",
                ]),
                0..24,
            ),
        ) {
            let (own, theirs) = ends(&parts.concat());
            if let Some(own) = own {
                prop_assert_eq!(own, theirs);
            }
        }
    }
}
