//! Tokens: words, numbers and punctuation of one sentence, with byte offsets and normalised forms.
//!
//! The rules are those of the Penn Treebank where they matter for stance (`Beijing's` is two tokens, `U.S.`
//! is one), and simpler elsewhere: words joined by hyphens are cut, so that a mention may be part of one
//! (`US-led`); `n't` stays with its verb, where it is seen as a negation. Normalised forms are lower case,
//! with straight apostrophes and without soft hyphens and other invisible characters; numbers are `#`.

use std::ops::Range;

use super::blocks::Edges;
use super::clause;
use super::quotation::{self, Quote};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Letters, maybe with digits, inner apostrophes and dots (`U.S.`), or a clitic (`'s`).
    Word,
    /// Digits, with inner points and commas.
    Number,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `:`
    Colon,
    /// An en or em dash, `--`, or a hyphen between spaces.
    Dash,
    /// `(`, `)`, `[`, `]`
    Bracket,
    /// `“`, `«`
    OpenQuote,
    /// `”`, `»`
    CloseQuote,
    /// `"`
    StraightQuote,
    /// `!`
    Exclamation,
    /// `?`
    Question,
    /// Anything else that is visible: `.`, `%`, `$`, emoji.
    Symbol,
}

impl Kind {
    /// Whether it is a quotation mark.
    pub fn is_quote(self) -> bool {
        matches!(self, Kind::OpenQuote | Kind::CloseQuote | Kind::StraightQuote)
    }
}

/// One token of a sentence.
#[derive(Clone, Debug)]
pub struct Token {
    /// First byte in the sentence.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// What it is.
    pub kind: Kind,
    /// Whether it begins with a capital letter.
    pub capital: bool,
    /// Whether a quotation holds it.
    pub quote: Quote,
    /// The number of its clause, from 0.
    pub clause: u16,
    form: (u32, u32),
}

impl Token {
    pub(super) fn form<'f>(&self, forms: &'f str) -> &'f str {
        &forms[self.form.0 as usize..self.form.1 as usize]
    }
}

/// One sentence, read once for all its actors. The buffers are kept from sentence to sentence.
///
/// ```
/// let mut analysis = toward::text::Analysis::default();
/// analysis.read("The US-led bloc didn’t back Beijing’s plan.");
/// let words: Vec<&str> = (0..analysis.tokens().len()).map(|at| analysis.word(at)).collect();
/// assert_eq!(words, ["the", "us", "led", "bloc", "didn't", "back", "beijing", "'s", "plan", "."]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    tokens: Vec<Token>,
    /// The sentence in lower case, where most words have their forms, and then the other forms.
    forms: String,
    /// The runs of ASCII letters and digits.
    runs: Edges,
}

impl Analysis {
    /// Reads a sentence, forgetting the one before.
    pub fn read(&mut self, sentence: &str) {
        self.tokens.clear();
        self.forms.clear();
        self.forms.push_str(sentence);
        self.forms.make_ascii_lowercase();
        self.runs.find(sentence.as_bytes(), |byte| byte.is_ascii_alphanumeric());
        let mut reader = Reader { text: sentence, at: 0, analysis: self };
        reader.run();
        quotation::mark(&mut self.tokens);
        clause::number(&mut self.tokens, &self.forms);
    }

    /// The tokens, in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The normalised form of a token.
    pub fn word(&self, at: usize) -> &str {
        self.tokens[at].form(&self.forms)
    }

    /// The tokens that a range of bytes touches; empty if it touches none.
    pub fn covering(&self, bytes: &Range<usize>) -> Range<usize> {
        let first = self.tokens.partition_point(|token| token.end as usize <= bytes.start);
        let last = self.tokens.partition_point(|token| (token.start as usize) < bytes.end);
        first..last.max(first)
    }
}

/// Endings that are tokens of their own.
const CLITICS: [&str; 6] = ["'s", "'ll", "'re", "'ve", "'d", "'m"];

struct Reader<'t> {
    text: &'t str,
    at: usize,
    analysis: &'t mut Analysis,
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fe0f}')
}

/// Dashes, quotation marks, bullets and dots: neither letters nor numbers nor white space nor invisible.
fn is_mark_of_print(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2027}')
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ')
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn after(&self, bytes: usize) -> Option<char> {
        self.text[self.at + bytes..].chars().next()
    }

    fn run(&mut self) {
        let runs = std::mem::take(&mut self.analysis.runs);
        for (start, end) in runs.runs() {
            self.until(start);
            if self.at == start && self.is_whole_word(start, end) {
                self.at = end;
                let capital = self.text.as_bytes()[start].is_ascii_uppercase();
                self.push(start, end, Kind::Word, capital, start, end);
            }
            self.until(end);
        }
        self.until(self.text.len());
        self.analysis.runs = runs;
    }

    /// Whether a run of ASCII letters and digits is a word as it stands, as nearly all words are.
    fn is_whole_word(&self, start: usize, end: usize) -> bool {
        let bytes = self.text.as_bytes();
        let ends = match bytes.get(end) {
            Some(b'\'') => false,
            // It may be an acronym's.
            Some(b'.') => end - start > 1,
            Some(byte) => byte.is_ascii(),
            None => true,
        };
        ends && bytes[start].is_ascii_alphabetic()
    }

    /// Reads on, up to a place or to the end of the token that goes beyond it.
    fn until(&mut self, place: usize) {
        while self.at < place {
            // Most words have but a space between them.
            if self.text.as_bytes()[self.at] == b' ' {
                self.at += 1;
            } else {
                self.any();
            }
        }
    }

    /// Reads what is at hand, whatever it is.
    fn any(&mut self) {
        let Some(c) = self.peek() else { return };
        if c.is_ascii_alphabetic() {
            self.word();
        } else if is_mark_of_print(c) {
            // What Unicode's tables would say of these, slowly, is known.
            if is_apostrophe(c) && self.clitic_follows() { self.word() } else { self.punctuation(c) }
        } else if c.is_whitespace() || is_invisible(c) || is_mark(c) || c.is_control() {
            self.at += c.len_utf8();
        } else if c.is_alphabetic() {
            self.word();
        } else if c.is_numeric() {
            self.number();
        } else if is_apostrophe(c) && self.clitic_follows() {
            self.word();
        } else {
            self.punctuation(c);
        }
    }

    /// `'s` that stands alone, after a bracket or a quotation mark.
    fn clitic_follows(&self) -> bool {
        let follows =
            self.text[self.at..].chars().skip(1).take_while(|c| c.is_alphabetic()).take(3).collect::<String>();
        self.at > 0
            && !self.text[..self.at].ends_with(char::is_whitespace)
            && CLITICS.iter().any(|clitic| clitic[1..] == follows)
    }

    fn word(&mut self) {
        let start = self.at;
        let form_start = self.analysis.forms.len();
        let mut capital = None;
        // An acronym with dots: letters that are each followed by a dot, at least two.
        let mut letters_since_dot = 0;
        let mut dots = 0;
        loop {
            let run = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            if run > 0 {
                let letters = &self.text[self.at..self.at + run];
                capital.get_or_insert(letters.starts_with(|first: char| first.is_ascii_uppercase()));
                let from = self.analysis.forms.len();
                self.analysis.forms.push_str(letters);
                self.analysis.forms[from..].make_ascii_lowercase();
                letters_since_dot += run;
                self.at += run;
            }
            let Some(c) = self.peek() else { break };
            let width = c.len_utf8();
            if !c.is_ascii() && !is_mark_of_print(c) && (c.is_alphanumeric() || is_mark(c)) {
                capital.get_or_insert(c.is_uppercase());
                self.analysis.forms.extend(c.to_lowercase());
                letters_since_dot += 1;
            } else if is_invisible(c) {
                // A soft hyphen inside a word is no part of its form.
            } else if is_apostrophe(c) && (self.at == start || self.after(width).is_some_and(char::is_alphabetic)) {
                self.analysis.forms.push('\'');
                letters_since_dot = 2;
            } else if c == '.' && letters_since_dot == 1 && self.dot_belongs(start, dots) {
                self.analysis.forms.push('.');
                dots += 1;
                letters_since_dot = 0;
            } else {
                break;
            }
            self.at += width;
        }
        // Invisible characters at the end are not the word's; none of them is ASCII.
        let ends_in_ascii = self.text.as_bytes()[self.at - 1].is_ascii();
        let word = &self.text[start..self.at];
        let visible = if ends_in_ascii { word.len() } else { word.trim_end_matches(is_invisible).len() };
        let end = start + visible;
        self.push_word(start, end, form_start, capital.unwrap_or(false));
    }

    /// Whether the dot at hand is part of an acronym (`U.S.`, `a.m.`, `N.Korea` is not).
    fn dot_belongs(&self, start: usize, dots: usize) -> bool {
        let mut rest = self.text[self.at + 1..].chars();
        let next = rest.next();
        let after = rest.next();
        if dots == 0 {
            self.text[start..self.at].chars().count() == 1
                && next.is_some_and(char::is_alphabetic)
                && after.is_none_or(|c| !c.is_alphanumeric())
        } else {
            true
        }
    }

    fn push_word(&mut self, start: usize, end: usize, form_start: usize, capital: bool) {
        let form_end = self.analysis.forms.len();
        let form = &self.analysis.forms[form_start..form_end];
        // All of them end in a letter, with an apostrophe one or two before it.
        let may_have_clitic = matches!(form.as_bytes(), [.., b'\'', _] | [.., b'\'', _, _]);
        let clitic =
            CLITICS.iter().find(|clitic| may_have_clitic && form.len() > clitic.len() && form.ends_with(*clitic));
        let Some(clitic) = clitic else {
            self.push(start, end, Kind::Word, capital, form_start, form_end);
            return;
        };
        // The clitic's bytes in the text: back to its apostrophe, whichever character that is.
        let cut = self.text[start..end].rfind(is_apostrophe).map_or(end, |offset| start + offset);
        let form_cut = form_end - clitic.len();
        self.push(start, cut, Kind::Word, capital, form_start, form_cut);
        self.push(cut, end, Kind::Word, false, form_cut, form_end);
    }

    fn number(&mut self) {
        let start = self.at;
        while let Some(c) = self.peek() {
            let joins = matches!(c, '.' | ',') && self.after(1).is_some_and(char::is_numeric);
            if !(c.is_numeric() || joins) {
                break;
            }
            self.at += c.len_utf8();
        }
        let form_start = self.analysis.forms.len();
        if self.peek().is_some_and(char::is_alphabetic) {
            // `20th`, `4G`: a word that begins with digits keeps them.
            self.at = start;
            self.word_of_digits();
            return;
        }
        self.analysis.forms.push('#');
        self.push(start, self.at, Kind::Number, false, form_start, form_start + 1);
    }

    fn word_of_digits(&mut self) {
        let start = self.at;
        let form_start = self.analysis.forms.len();
        while let Some(c) = self.peek().filter(|c| c.is_alphanumeric() || matches!(c, '.' | ',')) {
            if !c.is_alphanumeric() && !self.after(1).is_some_and(char::is_alphanumeric) {
                break;
            }
            self.analysis.forms.extend(c.to_lowercase());
            self.at += c.len_utf8();
        }
        let form_end = self.analysis.forms.len();
        self.push(start, self.at, Kind::Word, false, form_start, form_end);
    }

    fn punctuation(&mut self, c: char) {
        let start = self.at;
        self.at += c.len_utf8();
        let spaced = |text: &str, at: usize, end: usize| {
            text[..at].chars().next_back().is_none_or(char::is_whitespace)
                && text[end..].chars().next().is_none_or(char::is_whitespace)
        };
        let kind = match c {
            ',' => Kind::Comma,
            ';' => Kind::Semicolon,
            ':' => Kind::Colon,
            '–' | '—' | '―' => Kind::Dash,
            '-' => {
                let run = self.text[start..].bytes().take_while(|&byte| byte == b'-').count();
                self.at = start + run;
                if run > 1 || spaced(self.text, start, self.at) {
                    Kind::Dash
                } else {
                    // A hyphen joins words; it says nothing itself.
                    return;
                }
            }
            '(' | ')' | '[' | ']' => Kind::Bracket,
            '“' | '«' | '„' => Kind::OpenQuote,
            '”' | '»' => Kind::CloseQuote,
            '"' => Kind::StraightQuote,
            '!' => Kind::Exclamation,
            '?' => Kind::Question,
            _ => Kind::Symbol,
        };
        let form = match kind {
            Kind::Dash => '—',
            Kind::OpenQuote | Kind::CloseQuote | Kind::StraightQuote => '"',
            _ => return self.push(start, self.at, kind, false, start, self.at),
        };
        let form_start = self.analysis.forms.len();
        self.analysis.forms.push(form);
        self.push(start, self.at, kind, false, form_start, self.analysis.forms.len());
    }

    fn push(&mut self, start: usize, end: usize, kind: Kind, capital: bool, form_start: usize, form_end: usize) {
        // Sentences are under 4 GiB: a CSV record is capped far below.
        self.analysis.tokens.push(Token {
            start: start as u32,
            end: end as u32,
            kind,
            capital,
            quote: Quote::Outside,
            clause: 0,
            form: (form_start as u32, form_end as u32),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Analysis, Kind};
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        let mut analysis = Analysis::default();
        analysis.read(text);
        (0..analysis.tokens().len()).map(|at| analysis.word(at).to_owned()).collect()
    }

    #[test]
    fn acronyms_clitics_numbers_and_dashes() {
        assert_eq!(words("The U.S. didn't pay $1,200.50."), ["the", "u.s.", "didn't", "pay", "$", "#", "."]);
        assert_eq!(
            words("O'Reilly's 20th win -- at 9 a.m."),
            ["o'reilly", "'s", "20th", "win", "—", "at", "#", "a.m."]
        );
        assert_eq!(words("anti-Russian, pro‑EU"), ["anti", "russian", ",", "pro", "‑", "eu"]);
        assert_eq!(words("“Xi”’s plan"), ["\"", "xi", "\"", "'s", "plan"]);
        assert_eq!(words("They'll see Mr. Xi."), ["they", "'ll", "see", "mr", ".", "xi", "."]);
        assert_eq!(words("bei\u{ad}jing Côte d’Ivoire"), ["beijing", "côte", "d'ivoire"]);
    }

    #[test]
    fn offsets_point_into_the_original() {
        let text = "😀 Bei\u{ad}jing\u{a0}s’est réjoui — “Xi’s” plan\r\nمرحبا";
        let mut analysis = Analysis::default();
        analysis.read(text);
        let slices: Vec<&str> =
            analysis.tokens().iter().map(|token| &text[token.start as usize..token.end as usize]).collect();
        assert_eq!(slices, ["😀", "Bei\u{ad}jing", "s’est", "réjoui", "—", "“", "Xi", "’s", "”", "plan", "مرحبا"]);
    }

    #[test]
    fn covering_finds_the_tokens_of_a_mention() {
        let mut analysis = Analysis::default();
        analysis.read("The US-led bloc");
        assert_eq!(analysis.covering(&(4..6)), 1..2);
        assert_eq!(analysis.covering(&(4..10)), 1..3);
        assert!(analysis.covering(&(6..7)).is_empty());
        assert!(analysis.covering(&(90..95)).is_empty());
    }

    proptest! {
        #[test]
        fn tokens_are_ordered_disjoint_and_on_char_boundaries(text in "\\PC{0,60}|[a-zA-Z.'’ \u{ad}-]{0,40}") {
            let mut analysis = Analysis::default();
            analysis.read(&text);
            let mut last = 0;
            for (at, token) in analysis.tokens().iter().enumerate() {
                prop_assert!(token.start >= last && token.end > token.start);
                prop_assert!(text.get(token.start as usize..token.end as usize).is_some());
                prop_assert!(!analysis.word(at).is_empty());
                prop_assert!(token.kind != Kind::Word || analysis.word(at).chars().any(char::is_alphanumeric));
                last = token.end;
            }
        }
    }
}
