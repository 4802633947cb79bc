//! Cuts a text into words, sixty-four bytes at a time.

use std::ops::Range;

use super::spelling::{SOFT_HYPHEN, is_ascii_word, is_word};
use crate::text::blocks::{BLOCK, Edges, bits, blocks};

/// The words of a part of a text.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Where words begin and end, counted from the part's beginning.
    edges: Edges,
    /// Whether a word has a soft hyphen.
    pub hyphenated: bool,
}

impl Words {
    /// Cuts a part that begins and ends with whole characters. A word that began before it is left out.
    pub fn cut(&mut self, text: &str, part: Range<usize>) {
        let within = text[..part.start].ends_with(is_word);
        let text = &text[part];
        self.hyphenated = false;
        self.edges.begin(within);
        // Which bytes of a block are of a word because a character reaches into it.
        let mut reaching = 0;
        blocks(text.as_bytes(), |base, block| {
            let mut words = bits(block, is_ascii_word) | std::mem::take(&mut reaching);
            if !block.is_ascii() {
                let unusual = self.unusual_words(text, base, block);
                words |= unusual as u64;
                reaching = (unusual >> BLOCK) as u64;
            }
            self.edges.add(words, base);
        });
        if within {
            self.edges.drop_first();
        }
    }

    /// The bytes of each word, counted from the part's beginning.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (usize, usize)> {
        self.edges.runs()
    }

    /// Which bytes of a block are of other characters of words that begin in it; the upper half is the next block.
    fn unusual_words(&mut self, text: &str, base: usize, block: &[u8; BLOCK]) -> u128 {
        let mut words = 0;
        for (eight, part) in block.as_chunks::<8>().0.iter().enumerate() {
            if part.is_ascii() {
                continue;
            }
            // The first byte of a character outside ASCII is at least C0, and its others are less.
            for place in part.iter().zip(8 * eight..).filter(|(byte, _)| **byte >= 0xC0).map(|(_, place)| place) {
                let c = text[base + place..].chars().next();
                if let Some(c) = c.filter(|&c| is_word(c)) {
                    words |= ((1 << c.len_utf8()) - 1) << place;
                    self.hyphenated |= c == SOFT_HYPHEN;
                }
            }
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_wherever_blocks_end() {
        let text = "Côte d’Ivoire — “Xi_1” and naïve peo\u{AD}ple: Ð, 漢字! ".repeat(9);
        let starts = text.char_indices().map(|(at, _)| at);
        let mut words = Words::default();
        for start in starts.clone().take(80) {
            for end in starts.clone().skip_while(|end| *end < start) {
                let mut expected = Vec::new();
                let mut before = text[..start].chars().next_back();
                let mut open = None;
                for (at, c) in text[start..end].char_indices() {
                    match (is_word(c), before.is_some_and(is_word)) {
                        (true, false) => open = Some(at),
                        (false, true) => expected.extend(open.take().map(|open| (open, at))),
                        _ => {}
                    }
                    before = Some(c);
                }
                expected.extend(open.map(|open| (open, end - start)));
                words.cut(&text, start..end);
                assert_eq!(words.iter().collect::<Vec<_>>(), expected, "{start}..{end}");
            }
        }
    }
}
