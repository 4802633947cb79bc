//! Splits text into the word pieces that the encoder was trained on.
//!
//! BERT's uncased splitting (Devlin et al. 2019): control characters go, letters become lower case and lose their accents,
//! ideographs and punctuation stand alone, and each word is cut into the longest pieces of the vocabulary from
//! its left (`un ##pro ##voked`), or is `[UNK]` as a whole. Written here because the published crate for it brings sixty
//! others; checked against it on 50,000 sentences, without a difference. Unlike there, a `[SEP]` in the text is three
//! words and never a control token.

use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use super::{EncoderError, Result};

const UNKNOWN: &str = "[UNK]";
const CONTINUES: &str = "##";
/// A word of more characters is `[UNK]` without a look.
const LONGEST_WORD: usize = 100;

/// The vocabulary: pieces that start a word, and pieces that continue one.
#[derive(Debug)]
pub(super) struct WordPieces {
    starts: FxHashMap<&'static str, i32>,
    continues: FxHashMap<&'static str, i32>,
    unknown: i32,
    /// Bytes of the longest piece: nothing longer is looked up.
    longest: usize,
}

impl WordPieces {
    /// A vocabulary of one piece a line; the line's number is the piece's id.
    pub fn new(vocabulary: &'static str) -> Result<Self> {
        let (mut starts, mut continues, mut longest) = (FxHashMap::default(), FxHashMap::default(), 0);
        for (id, piece) in (0..).zip(vocabulary.lines()) {
            longest = longest.max(piece.len());
            match piece.strip_prefix(CONTINUES) {
                Some(rest) if !rest.is_empty() => continues.insert(rest, id),
                _ => starts.insert(piece, id),
            };
        }
        let unknown =
            *starts.get(UNKNOWN).ok_or_else(|| EncoderError::Weights(format!("the vocabulary has no {UNKNOWN}")))?;
        Ok(Self { starts, continues, unknown, longest })
    }

    /// The first `limit` pieces of a text. Reads no further than it must.
    pub fn first(&self, text: &str, limit: usize) -> Vec<i32> {
        let mut pieces = Vec::new();
        let mut word = String::new();
        for c in normalized(text) {
            let alone = is_punctuation(c);
            if alone || c.is_whitespace() {
                self.split_word(&word, &mut pieces);
                word.clear();
                if alone {
                    self.split_word(c.encode_utf8(&mut [0; 4]), &mut pieces);
                }
                if pieces.len() >= limit {
                    break;
                }
            } else {
                word.push(c);
            }
        }
        self.split_word(&word, &mut pieces);
        pieces.truncate(limit);
        pieces
    }

    /// The last `limit` pieces of a text. Reads little more than the words they are in.
    pub fn last(&self, text: &str, limit: usize) -> Vec<i32> {
        let mut pieces = self.first(last_words(text, limit), usize::MAX);
        pieces.drain(..pieces.len().saturating_sub(limit));
        pieces
    }

    fn split_word(&self, word: &str, pieces: &mut Vec<i32>) {
        if word.is_empty() {
            return;
        }
        let before = pieces.len();
        let mut rest = word;
        if word.chars().nth(LONGEST_WORD).is_none() {
            while let Some((id, length)) = self.longest_piece(rest, rest.len() == word.len()) {
                pieces.push(id);
                rest = &rest[length..];
            }
        }
        if !rest.is_empty() {
            pieces.truncate(before);
            pieces.push(self.unknown);
        }
    }

    /// The longest piece that `text` begins with, and its bytes.
    fn longest_piece(&self, text: &str, first: bool) -> Option<(i32, usize)> {
        let pieces = if first { &self.starts } else { &self.continues };
        let mut end = text.len().min(self.longest);
        while end > 0 {
            if let Some(&id) = text.get(..end).and_then(|piece| pieces.get(piece)) {
                return Some((id, end));
            }
            end -= 1;
        }
        None
    }
}

/// The text's characters as the vocabulary has them: lower case, no accents, no control characters.
fn normalized(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|&c| !is_dropped(c))
        .flat_map(|c| {
            let around = is_ideograph(c).then_some(' ');
            around.into_iter().chain([c]).chain(around)
        })
        .nfd()
        .filter(|&c| c.is_ascii() || c.general_category() != GeneralCategory::NonspacingMark)
        .flat_map(char::to_lowercase)
}

/// Control and format characters (soft hyphens, zero-width spaces) and private ones, but neither tab nor line break.
fn is_dropped(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' | ' '..='~' => false,
        '\u{fffd}' => true,
        _ => matches!(
            c.general_category(),
            GeneralCategory::Control | GeneralCategory::Format | GeneralCategory::PrivateUse
        ),
    }
}

fn is_punctuation(c: char) -> bool {
    // ASCII's symbols count too: `$`, `+`, `^`.
    c.is_ascii_punctuation() || (!c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Punctuation)
}

/// Han, which is written without spaces. The blocks that BERT's authors listed, extension E's first page left out as there.
fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2a6df}' | '\u{2a700}'..='\u{2b73f}'
        | '\u{2b740}'..='\u{2b81f}' | '\u{2b920}'..='\u{2ceaf}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

/// The end of `text` from the `words`-th word from its end on, so that it splits into at least so many pieces if the
/// whole does. Words of signs only are not counted: they may leave no piece.
fn last_words(text: &str, words: usize) -> &str {
    let (mut counted, mut in_word) = (0, false);
    for (i, c) in text.char_indices().rev() {
        if c.is_whitespace() && !is_dropped(c) {
            counted += usize::from(in_word);
            in_word = false;
            if counted >= words {
                return &text[i..];
            }
        } else if c.is_alphanumeric() {
            in_word = true;
        }
    }
    text
}
