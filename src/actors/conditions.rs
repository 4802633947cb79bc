//! The language in which the catalogue says when an ambiguous name means its actor.
//!
//! `Georgia` is a country when Tbilisi is near and Atlanta is not. Such knowledge belongs into the data,
//! where a reader can check and correct it, not into code. The language is as small as the catalogue needs:
//!
//! ```text
//! cell        = entry *( "|" entry )
//! entry       = NAME ":" rule
//! rule        = alternative *( "or" alternative )
//! alternative = condition *( "&" condition )
//! condition   = "always" / "alone" / "full" / "title"
//!             / ( "near" / "not" / "after" / "before" ) "(" words *( "/" words ) ")"
//! ```
//!
//! `&` binds more tightly than `or`; there are no brackets to group. What each condition means is said at
//! [`Condition`]; the finder tests them against the text.

use std::fmt;
use std::str::FromStr;

use super::catalogue::{Text, keep};

/// One test of a name's surroundings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// No test: others share the name, and it means this actor nonetheless.
    Always,
    /// No capitalised word stands directly before or after it, but for one that only begins the sentence, or a title.
    Alone,
    /// The actor's full name (where it means the actor), or another of its names that has no rule, occurred
    /// earlier in the document.
    Full,
    /// A title stands directly before it.
    Title,
    /// One of these words or phrases occurs earlier in the document or in the same sentence.
    Near(Vec<Text>),
    /// None of these occurs in the same sentence.
    Not(Vec<Text>),
    /// It stands directly after one of these.
    After(Vec<Text>),
    /// It stands directly before one of these.
    Before(Vec<Text>),
}

/// When a name means its actor: one of the alternatives, each of which is conditions that must all hold.
///
/// ```
/// use toward::actors::conditions::{Condition, Rule};
///
/// let rule: Rule = "full or title & near(Pyongyang/North Korea)".parse()?;
/// assert_eq!(rule.alternatives.len(), 2);
/// assert!(rule.holds(|condition| *condition == Condition::Full));
/// assert!(!rule.holds(|condition| *condition == Condition::Title));
/// assert_eq!(rule.to_string(), "full or title & near(Pyongyang/North Korea)");
/// # Ok::<(), toward::actors::conditions::WrongCondition>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The alternatives, in the order written.
    pub alternatives: Vec<Vec<Condition>>,
}

/// A condition that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found {found:?}, expected {expected}")]
pub struct WrongCondition {
    /// What stands there.
    pub found: String,
    /// What the language has at this place.
    pub expected: &'static str,
}

const CONDITION: &str = "always, alone, full, title, near(…), not(…), after(…) or before(…)";

impl Rule {
    /// Whether the rule holds, where `test` says whether a condition does; no more is tested than needed.
    pub fn holds(&self, mut test: impl FnMut(&Condition) -> bool) -> bool {
        self.alternatives.iter().any(|conditions| conditions.iter().all(&mut test))
    }

    /// Whether it holds in any surroundings.
    pub(super) fn is_always(&self) -> bool {
        self.alternatives.iter().any(|conditions| conditions.iter().all(|c| matches!(c, Condition::Always)))
    }

    /// All conditions of all alternatives.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.alternatives.iter().flatten()
    }
}

impl FromStr for Rule {
    type Err = WrongCondition;

    fn from_str(text: &str) -> Result<Rule, WrongCondition> {
        let mut rest = text.trim();
        let mut alternatives = vec![Vec::new()];
        loop {
            let (condition, after) = read_condition(rest)?;
            // There is always a last alternative: the list begins with one and only grows.
            if let Some(conditions) = alternatives.last_mut() {
                conditions.push(condition);
            }
            rest = after.trim_start();
            if rest.is_empty() {
                return Ok(Rule { alternatives });
            }
            if let Some(after) = rest.strip_prefix('&') {
                rest = after.trim_start();
            } else if let Some(after) = rest.strip_prefix("or").filter(|after| after.starts_with(char::is_whitespace)) {
                alternatives.push(Vec::new());
                rest = after.trim_start();
            } else {
                return Err(WrongCondition { found: rest.to_owned(), expected: "`&` or `or` and a condition" });
            }
        }
    }
}

fn read_condition(text: &str) -> Result<(Condition, &str), WrongCondition> {
    let wrong = |found: &str, expected| Err(WrongCondition { found: found.to_owned(), expected });
    let word_end = text.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(text.len());
    let (keyword, rest) = text.split_at(word_end);
    let simple = match keyword {
        "always" => Some(Condition::Always),
        "alone" => Some(Condition::Alone),
        "full" => Some(Condition::Full),
        "title" => Some(Condition::Title),
        "near" | "not" | "after" | "before" => None,
        _ => return wrong(text, CONDITION),
    };
    if let Some(condition) = simple {
        return Ok((condition, rest));
    }
    let Some(inside) = rest.trim_start().strip_prefix('(') else {
        return wrong(text, "words in brackets after near, not, after and before");
    };
    let Some(close) = closing_bracket(inside) else {
        return wrong(text, "a closing bracket");
    };
    let (words, rest) = (&inside[..close], &inside[close + 1..]);
    let words: Vec<Text> = words.split('/').map(|word| keep(word.trim())).collect();
    if words.iter().any(|word| word.is_empty()) {
        return wrong(text, "words between the slashes");
    }
    let condition = match keyword {
        "near" | "not" => {
            if let Some(word) = words.iter().find(|word| !word.contains(char::is_alphanumeric)) {
                return wrong(word, "a word with a letter or digit");
            }
            if keyword == "near" { Condition::Near(words) } else { Condition::Not(words) }
        }
        "after" => Condition::After(words),
        _ => Condition::Before(words),
    };
    Ok((condition, rest))
}

/// The bracket that closes what has been opened before this text; words may have brackets themselves: `401(k)`.
fn closing_bracket(text: &str) -> Option<usize> {
    let mut open = 1;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

/// Reads a whole cell: each ambiguous name with its rule.
///
/// ```
/// let rules = toward::actors::conditions::read_cell("Jordan: alone|Kim: full or title")?;
/// assert_eq!(rules[1].0, "Kim");
/// # Ok::<(), toward::actors::conditions::WrongCondition>(())
/// ```
///
/// # Errors
///
/// Says what it found where the language has something else.
pub fn read_cell(cell: &str) -> Result<Vec<(Text, Rule)>, WrongCondition> {
    let mut rules: Vec<(Text, Rule)> = Vec::new();
    for entry in cell.split('|').map(str::trim).filter(|entry| !entry.is_empty()) {
        let Some((name, rule)) = entry.split_once(':') else {
            return Err(WrongCondition { found: entry.to_owned(), expected: "NAME: condition" });
        };
        rules.push((keep(name.trim()), rule.parse()?));
    }
    Ok(rules)
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (keyword, words) = match self {
            Condition::Always => return f.write_str("always"),
            Condition::Alone => return f.write_str("alone"),
            Condition::Full => return f.write_str("full"),
            Condition::Title => return f.write_str("title"),
            Condition::Near(words) => ("near", words),
            Condition::Not(words) => ("not", words),
            Condition::After(words) => ("after", words),
            Condition::Before(words) => ("before", words),
        };
        for (index, word) in words.iter().enumerate() {
            if index == 0 {
                write!(f, "{keyword}({word}")?;
            } else {
                write!(f, "/{word}")?;
            }
        }
        f.write_str(")")
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, conditions) in self.alternatives.iter().enumerate() {
            if index > 0 {
                f.write_str(" or ")?;
            }
            for (index, condition) in conditions.iter().enumerate() {
                if index > 0 {
                    f.write_str(" & ")?;
                }
                write!(f, "{condition}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_language_is_read_and_written_alike() {
        for text in [
            "alone",
            "always",
            "full or title",
            "full or title & near(Britain/London)",
            "near(Tbilisi/South Ossetia) & not(Atlanta/Kemp)",
            "after(the/The) & not(Commons/Lords) or before(-)",
            "near(AT&T/A or B)",
            "not(401(k)/Roth) & full",
        ] {
            assert_eq!(text.parse::<Rule>().unwrap().to_string(), text);
        }
        assert_eq!("full  or\ttitle&near( a / b )".parse::<Rule>().unwrap().to_string(), "full or title & near(a/b)");
    }

    #[test]
    fn and_binds_more_tightly_than_or() {
        let rule: Rule = "full or title & alone".parse().unwrap();
        let holds = |true_ones: &[Condition]| rule.holds(|condition| true_ones.contains(condition));
        assert!(holds(&[Condition::Full]));
        assert!(holds(&[Condition::Title, Condition::Alone]));
        assert!(!holds(&[Condition::Alone]));
    }

    #[test]
    fn what_is_not_the_language_is_refused_with_what_was_found() {
        for (text, found) in [
            ("", ""),
            ("nearby", "nearby"),
            ("Alone", "Alone"),
            ("near", "near"),
            ("near()", "near()"),
            ("near(a//b)", "near(a//b)"),
            ("near(a", "near(a"),
            ("near($)", "$"),
            ("full or", "or"),
            ("full ortitle", "ortitle"),
            ("full & ", ""),
            ("full title", "title"),
        ] {
            assert_eq!(text.parse::<Rule>().unwrap_err().found, found, "{text}");
        }
        assert_eq!(read_cell("Kim full").unwrap_err().expected, "NAME: condition");
    }
}
