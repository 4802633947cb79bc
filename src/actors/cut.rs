//! Cuts a text into words, sixty-four bytes at a time.
//!
//! Which bytes belong to words is worked out for all of them at once, as bits, and a word begins or ends where a bit differs
//! from the one before it (as simdjson finds the quotes of JSON: Langdale & Lemire 2019). Where a word ends no processor can
//! foresee, and a loop that asks byte by byte waits at every word.

use std::ops::Range;

use super::spelling::{SOFT_HYPHEN, is_ascii_word, is_word};

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// The words of a part of a text.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Where words begin and end in turn, counted from the part's beginning; what is behind the count is of no account.
    edges: Vec<usize>,
    count: usize,
    /// Whether a word has a soft hyphen.
    pub hyphenated: bool,
}

impl Words {
    /// Cuts a part that begins and ends with whole characters. A word that began before it is left out.
    pub fn cut(&mut self, text: &str, part: Range<usize>) {
        let within = text[..part.start].ends_with(is_word);
        let text = &text[part];
        (self.count, self.hyphenated) = (0, false);
        // Whether the byte before a block is of a word, and which bytes of it are because a character reaches into it.
        let (mut before, mut reaching) = (u64::from(within), 0);
        let (blocks, rest) = text.as_bytes().as_chunks::<BLOCK>();
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        for (number, block) in blocks.iter().chain([&last]).enumerate() {
            let base = number * BLOCK;
            let mut words = ascii_words(block) | std::mem::take(&mut reaching);
            if !block.is_ascii() {
                let unusual = self.unusual_words(text, base, block);
                words |= unusual as u64;
                reaching = (unusual >> BLOCK) as u64;
            }
            self.add(words ^ (words << 1 | before), base);
            before = words >> (BLOCK - 1);
        }
        if within && self.count > 0 {
            self.edges.copy_within(1..self.count, 0);
            self.count -= 1;
        }
    }

    /// The bytes of each word, counted from the part's beginning.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (usize, usize)> {
        let (pairs, _) = self.edges[..self.count].as_chunks::<2>();
        pairs.iter().map(|&[start, end]| (start, end))
    }

    /// Adds the places of the bits that are set.
    #[inline]
    fn add(&mut self, mut bits: u64, base: usize) {
        let count = bits.count_ones() as usize;
        if self.edges.len() < self.count + BLOCK {
            self.edges.resize(2 * (self.count + BLOCK), 0);
        }
        let places = &mut self.edges[self.count..][..BLOCK];
        // By fours, since how many there are is not to be foreseen; what is too much is written over.
        for four in places.chunks_exact_mut(4).take(count.div_ceil(4)) {
            for place in four {
                *place = base + bits.trailing_zeros() as usize;
                bits &= bits.wrapping_sub(1);
            }
        }
        self.count += count;
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

/// Which bytes are ASCII letters, digits and underscores.
#[inline]
fn ascii_words(block: &[u8; BLOCK]) -> u64 {
    let mut flags = [0; BLOCK];
    for (flag, &byte) in flags.iter_mut().zip(block) {
        *flag = u8::from(is_ascii_word(byte));
    }
    // The product brings the lowest bits of eight bytes together in its highest byte.
    let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    flags.as_chunks().0.iter().rev().fold(0, |words, eight| words << 8 | bits(eight))
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
