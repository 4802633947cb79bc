//! Which words are quoted.
//!
//! Within one sentence: curly marks say themselves whether they open or close; a straight mark toggles. A
//! sentence that closes a quotation which it did not open was inside it from its start.

use super::token::{Kind, Token};

/// Whether a token is the writer's or somebody's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Quote {
    /// The writer's own words.
    #[default]
    Outside,
    /// Between quotation marks.
    Inside,
}

/// Sets the quotation state of every token.
pub(super) fn mark(tokens: &mut [Token]) {
    let mut inside = false;
    for at in 0..tokens.len() {
        match tokens[at].kind {
            Kind::OpenQuote => inside = true,
            Kind::CloseQuote => {
                if !inside && !tokens[..at].iter().any(|token| token.kind.is_quote()) {
                    tokens[..at].iter_mut().for_each(|token| token.quote = Quote::Inside);
                }
                inside = false;
            }
            Kind::StraightQuote => inside = !inside,
            _ => tokens[at].quote = if inside { Quote::Inside } else { Quote::Outside },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Quote;
    use crate::text::Analysis;

    fn quoted(text: &str) -> Vec<String> {
        let mut analysis = Analysis::default();
        analysis.read(text);
        (0..analysis.tokens().len())
            .filter(|&at| analysis.tokens()[at].quote == Quote::Inside)
            .map(|at| analysis.word(at).to_owned())
            .collect()
    }

    #[test]
    fn marks_of_all_kinds() {
        assert_eq!(quoted("Xi called it “a fine plan” on Friday"), ["a", "fine", "plan"]);
        assert_eq!(quoted("Xi called it \"a plan\" and \"good\"."), ["a", "plan", "good"]);
        assert_eq!(quoted("It is over,” Putin said"), ["it", "is", "over", ","]);
        assert_eq!(quoted("Xi said, “It goes on"), ["it", "goes", "on"]);
        assert_eq!(quoted("Don't call China's plan good"), Vec::<String>::new());
    }
}
