//! Sentence boundaries, by the `sentencex` crate, with blank lines as hard boundaries.
//!
//! Of the splitters tried on news (`Mr.`, `Sen. Warren said.`, `U.S. Rep. A. Ocasio-Cortez`, `Jan. 5`),
//! sentencex was the one that kept titles and initials together. Most paragraphs are cut by [`super::ordinary`], which
//! comes to the same sentences faster.

use std::cell::LazyCell;
use std::ops::Range;

use sentencex::languages::{English, Language};

use super::ordinary::Ordinary;

/// Abbreviations before a name or a number, after which sentencex would cut.
const ABBREVIATIONS: [&str; 12] =
    ["Sens.", "Reps.", "Govs.", "Gens.", "Lt.", "Gen.", "Sgt.", "Cmdr.", "Adm.", "Amb.", "pct.", "Messrs."];

/// The sentences of a document as byte ranges, in order, without surrounding white space.
///
/// Text between the ranges is white space only. Line breaks inside a paragraph are white space, unless the
/// line before is not ended by punctuation and is a headline or a caption by its look (short, followed by a
/// capital).
///
/// ```
/// let text = "Sen. Warren met Mr. Xi.\n\nHe left.";
/// let cut: Vec<_> = toward::text::sentences(text).into_iter().map(|range| &text[range]).collect();
/// assert_eq!(cut, ["Sen. Warren met Mr. Xi.", "He left."]);
/// ```
pub fn sentences(document: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let (mut ordinary, mut ends) = (Ordinary::default(), Vec::new());
    for paragraph in paragraphs(document) {
        let text = &document[paragraph.clone()];
        if !ordinary.cut(text, &mut ends) {
            ends.clear();
            let mut end = 0;
            ends.extend(English {}.segment(text).into_iter().map(|piece| {
                end += piece.len();
                end
            }));
        }
        let sorted = ends.len();
        ends.extend(ends_in_may(text));
        if ends.len() > sorted {
            ends.sort_unstable();
            ends.dedup();
        }
        let mut at = paragraph.start;
        let mut open: Option<usize> = None;
        for &end in &ends {
            let start = open.take().unwrap_or(at);
            let piece = &document[at..paragraph.start + end];
            at = paragraph.start + end;
            if ends_in_abbreviation(piece) && at < paragraph.end {
                open = Some(start);
                continue;
            }
            push_trimmed(document, start..at, &mut ranges);
        }
        // Whatever the splitter did not give back is a sentence too: no text may be lost.
        let rest = open.unwrap_or(at);
        push_trimmed(document, rest..paragraph.end, &mut ranges);
    }
    ranges
}

fn push_trimmed(document: &str, range: Range<usize>, ranges: &mut Vec<Range<usize>>) {
    let text = &document[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    let end = start + text.trim().len();
    if start < end {
        ranges.push(start..end);
    }
}

fn ends_in_abbreviation(piece: &str) -> bool {
    let last = piece.trim_end().rsplit(char::is_whitespace).next().unwrap_or("");
    ABBREVIATIONS.contains(&last)
}

/// Where `May.`, which sentencex takes for an abbreviation, ends a sentence: a capital follows, and no quotation or
/// bracket may be open.
fn ends_in_may(paragraph: &str) -> impl Iterator<Item = usize> {
    // Searched once, and only where there is such a word: a paragraph may be megabytes long.
    let opening = LazyCell::new(|| paragraph.find(['"', '“', '‘', '(', '[']).unwrap_or(paragraph.len()));
    memchr::memmem::find_iter(paragraph.as_bytes(), " May.").take_while(move |&at| at <= *opening).filter_map(|at| {
        let end = at + " May.".len();
        let rest = &paragraph[end..];
        let next = rest.trim_start();
        let capital = next.len() < rest.len() && next.starts_with(char::is_uppercase);
        capital.then(|| end + (rest.len() - next.len()))
    })
}

/// The splitter's time grows with the square of a paragraph's length; a longer one is cut before it is given it.
const LONGEST: usize = 1 << 16;

/// Paragraphs: cut at blank lines, after a line that looks like a headline, and, where they grow beyond all measure, at any
/// line or after a sentence that ends plainly.
fn paragraphs(document: &str) -> Vec<Range<usize>> {
    const HEADLINE: usize = 90;
    let mut paragraphs = Vec::new();
    let mut push = |mut paragraph: Range<usize>| {
        while let Some(end) = plain_end(&document[paragraph.clone()]) {
            paragraphs.push(paragraph.start..paragraph.start + end);
            paragraph.start += end;
        }
        paragraphs.push(paragraph);
    };
    let mut start = 0;
    let mut line_start = 0;
    for newline in memchr::memchr_iter(b'\n', document.as_bytes()) {
        let line = document[line_start..newline].trim();
        let next = document[newline + 1..].chars().find(|c| *c != ' ' && *c != '\t' && *c != '\r');
        let blank = line.is_empty() || next == Some('\n');
        let unended = line.len() < HEADLINE && line.ends_with(char::is_alphanumeric);
        let headline = line_start == start && unended && next.is_some_and(char::is_uppercase);
        if blank || headline || newline - start > LONGEST {
            push(start..newline);
            start = newline + 1;
        }
        line_start = newline + 1;
    }
    push(start..document.len());
    paragraphs
}

/// Where the first part of a paragraph that is too long ends: after its last full stop behind a word of four small letters or
/// more and before a capital, or else at its last space.
fn plain_end(paragraph: &str) -> Option<usize> {
    if paragraph.len() <= 2 * LONGEST {
        return None;
    }
    let head = &paragraph[..paragraph.floor_char_boundary(LONGEST)];
    let is_plain = |&end: &usize| {
        let word = &head[..end - 2];
        let letters = word.bytes().rev().take(4).filter(u8::is_ascii_lowercase).count();
        letters == 4 && paragraph[end..].starts_with(char::is_uppercase)
    };
    let mut ends = head.rmatch_indices(". ").map(|(at, stop)| at + stop.len());
    ends.find(is_plain).or_else(|| head.rfind(' ').map(|at| at + 1))
}

#[cfg(test)]
mod tests {
    use super::sentences;

    fn cut(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn titles_initials_and_numbers_do_not_end_a_sentence() {
        for text in [
            "Mr. Xi met Dr. Merkel on Jan. 5.",
            "Sen. Warren said no.",
            "U.S. Rep. A. Ocasio-Cortez voted against it.",
            "Lt. Gen. Mark Milley said Gen. Petraeus was right.",
            "Shares rose 3.5 pct. to $4.2 bn.",
        ] {
            assert_eq!(cut(text), [text]);
        }
    }

    #[test]
    fn may_is_no_abbreviation() {
        assert_eq!(cut("Xi left in May. Kim stayed."), ["Xi left in May.", "Kim stayed."]);
        assert_eq!(cut("They blamed Theresa May. She resigned."), ["They blamed Theresa May.", "She resigned."]);
        for text in ["It began on May. 5.", "In May. it rained.", "\"It ended in May. Kim knew,\" he said."] {
            assert_eq!(cut(text), [text]);
        }
    }

    #[test]
    fn quotations_stay_with_their_speaker() {
        let text = "“We are ready.” Putin left Beijing on Friday. \"It works!\" he said.";
        assert_eq!(cut(text).concat().len(), text.len() - (cut(text).len() - 1));
        assert!(cut(text).contains(&"\"It works!\" he said."));
    }

    #[test]
    fn blank_lines_and_headlines_end_a_sentence() {
        assert_eq!(
            cut("The limits of Beijing\n\nAs Switzerland prepares\r\n\r\nEnd"),
            ["The limits of Beijing", "As Switzerland prepares", "End"]
        );
        assert_eq!(
            cut("China warns Japan\nTokyo said on Monday\nthat it was ready."),
            ["China warns Japan", "Tokyo said on Monday\nthat it was ready."]
        );
    }

    #[test]
    fn a_text_of_lines_without_end_is_cut_at_lines() {
        let line = "Norway signed,\nand Mr. Voss left. ";
        let text = line.repeat(40_000);
        let cut = cut(&text);
        let whole = cut.iter().filter(|sentence| **sentence == "Norway signed,\nand Mr. Voss left.").count();
        // Some are cut in two, and all others are whole.
        assert!(whole > 39_900 && (40_001..40_100).contains(&cut.len()), "{whole} of {}", cut.len());
    }

    #[test]
    fn a_paragraph_of_megabytes_on_one_line_is_cut_between_sentences() {
        let sentence = "Norway signed, and Mr. Voss of the U.S. Treasury left.";
        let text = vec![sentence; 40_000].join(" ");
        let cut = cut(&text);
        assert!(cut.len() == 40_000 && cut.iter().all(|found| *found == sentence), "{}", cut.len());
        let words = "word ".repeat(60_000);
        assert!(super::sentences(&words).iter().all(|range| words[range.clone()].starts_with("word")));
    }

    #[test]
    fn nothing_but_white_space_is_lost() {
        for text in ["", " \n\n ", "\u{a0}x\u{a0}", "a.\nb", "😀 Xi. 😀", "مرحبا. שלום!", "\u{feff}Xi"] {
            let mut rest = text.to_owned();
            for range in sentences(text).into_iter().rev() {
                rest.replace_range(range, "");
            }
            assert!(rest.chars().all(char::is_whitespace), "{text:?} lost {rest:?}");
        }
    }
}
