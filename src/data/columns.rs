//! The columns of a file, found by name or number.
//!
//! The rules are those of xsv and qsv, which analysts know: numbers count from 1, `a,c-e` is a selection,
//! `!b` takes a column out of it. A name counts before a number, an exact name before one in another case. A
//! name that is not there, or there twice, is an error that lists the columns that are.

use super::error::{DataError, Fault, Place, Problem, Result, either, quoted};
use crate::closest::closest;

/// The usual names of the columns that hold a text's title, best first.
const TITLES: [&str; 2] = ["title", "headline"];
/// The usual names of the columns that hold a text.
const TEXTS: [&str; 7] = ["text", "body", "content", "article", "sentence", "article_text", "full_text"];

/// The columns of one file.
///
/// ```
/// use toward::data::Columns;
///
/// let columns = Columns::new("a.csv", ["id", "date", "title", "text"].map(String::from).to_vec());
/// assert_eq!(columns.find("Text")?, 3);
/// assert_eq!(columns.find("2")?, 1);
/// assert_eq!(columns.select("text,1-2")?, [3, 0, 1]);
/// assert_eq!(columns.select("all,!date")?, [0, 2, 3]);
/// assert_eq!(columns.text_columns()?, [2, 3]);
/// assert_eq!(
///     columns.find("txt").unwrap_err().to_string(),
///     "a.csv: found no column \"txt\", expected one of id, date, title, text; did you mean \"text\"?"
/// );
/// # Ok::<(), toward::data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    file: String,
    names: Vec<String>,
    named: bool,
}

impl Columns {
    /// The columns that a header names.
    pub fn new(file: &str, names: Vec<String>) -> Columns {
        Columns { file: file.to_owned(), names, named: true }
    }

    /// `count` columns of a file without header; their names are their numbers.
    pub fn numbered(file: &str, count: usize) -> Columns {
        Columns { file: file.to_owned(), names: (1..=count).map(|number| number.to_string()).collect(), named: false }
    }

    /// The names in the order of the file; the numbers `1`, `2`, … if there is no header.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether the names come from a header.
    pub fn named(&self) -> bool {
        self.named
    }

    /// The index, from 0, of the column with this name or 1-based number.
    ///
    /// # Errors
    ///
    /// If there is none, or more than one with this name.
    pub fn find(&self, wanted: &str) -> Result<usize> {
        match self.matching(wanted)? {
            Some(index) => Ok(index),
            None => Err(self.missing(wanted)),
        }
    }

    /// The index of the first of these names that is a column, if any is.
    ///
    /// # Errors
    ///
    /// If a name stands in the header twice.
    pub fn find_first(&self, names: &[&str]) -> Result<Option<usize>> {
        for name in names {
            if let Some(index) = self.matching_name(name)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    /// The indices of a selection such as `all`, `a,c-e`, `2-4`, `3-`, `!b` or `"odd, name"`.
    ///
    /// Columns come in the order of the selection, a column that is named twice comes once, and a selection
    /// of exclusions only starts from all columns.
    ///
    /// # Errors
    ///
    /// If a part names no column, or one that stands in the header twice.
    pub fn select(&self, selection: &str) -> Result<Vec<usize>> {
        let parts = self.parts(selection)?;
        let mut chosen: Vec<usize> = Vec::new();
        if parts.iter().all(|part| part.excluded) {
            chosen.extend(0..self.names.len());
        }
        for part in parts.iter().filter(|part| !part.excluded) {
            for index in self.range(part)? {
                if !chosen.contains(&index) {
                    chosen.push(index);
                }
            }
        }
        for part in parts.iter().filter(|part| part.excluded) {
            let out = self.range(part)?;
            chosen.retain(|index| !out.contains(index));
        }
        Ok(chosen)
    }

    /// Whether all these columns are called `sentence`: their texts are one sentence each, not to be cut.
    ///
    /// ```
    /// use toward::data::Columns;
    ///
    /// let columns = Columns::new("a.csv", ["title", "Sentence"].map(String::from).to_vec());
    /// assert!(columns.are_sentences(&[1]) && !columns.are_sentences(&[0, 1]));
    /// ```
    pub fn are_sentences(&self, columns: &[usize]) -> bool {
        columns.iter().all(|&column| self.names[column].eq_ignore_ascii_case("sentence"))
    }

    /// The columns that hold the text to read, by their usual names: the title's, if there is one, and the
    /// text's. A file of one column needs no name.
    ///
    /// # Errors
    ///
    /// If no column has a usual name, or several could be the text.
    pub fn text_columns(&self) -> Result<Vec<usize>> {
        if self.names.len() == 1 {
            return Ok(vec![0]);
        }
        let title = self.find_first(&TITLES)?;
        let mut texts = Vec::new();
        for name in TEXTS {
            texts.extend(self.matching_name(name)?);
        }
        match (title, texts.as_slice()) {
            (title, &[text]) => Ok(title.into_iter().chain([text]).collect()),
            (Some(title), []) => Ok(vec![title]),
            (None, []) => {
                let expected = format!("one of {} or {}", TITLES.join(", "), either(&TEXTS));
                let found = format!("no column with a usual name for text among {}", self.list());
                Err(self.problem(found, expected).hint("name the column with --text").into())
            }
            (_, several) => {
                let names: Vec<String> = several.iter().map(|&index| quoted(&self.names[index])).collect();
                let found = format!("{} columns that could be the text", several.len());
                Err(self.problem(found, either(&names)).hint("name the column with --text").into())
            }
        }
    }

    fn matching(&self, wanted: &str) -> Result<Option<usize>> {
        if let Some(index) = self.matching_name(wanted)? {
            return Ok(Some(index));
        }
        let number = wanted.parse::<usize>().ok().filter(|number| (1..=self.names.len()).contains(number));
        Ok(number.map(|number| number - 1))
    }

    fn matching_name(&self, wanted: &str) -> Result<Option<usize>> {
        if !self.named {
            return Ok(None);
        }
        let lower = wanted.trim().to_lowercase();
        let exact = self.all_where(|name| name == wanted);
        let matches = if exact.is_empty() { self.all_where(|name| name.trim().to_lowercase() == lower) } else { exact };
        match matches.as_slice() {
            [] => Ok(None),
            [index] => Ok(Some(*index)),
            several => {
                let numbers: Vec<String> = several.iter().map(|index| (index + 1).to_string()).collect();
                let found = format!("{} columns with the name {}", several.len(), quoted(wanted));
                let hint = format!("name it by its number: {}", either(&numbers));
                Err(self.problem(found, "one").hint(hint).into())
            }
        }
    }

    fn all_where(&self, wanted: impl Fn(&str) -> bool) -> Vec<usize> {
        (0..self.names.len()).filter(|&index| wanted(&self.names[index])).collect()
    }

    fn missing(&self, wanted: &str) -> DataError {
        let found = format!("no column {}", quoted(wanted));
        if !self.named {
            let expected = format!("a number from 1 to {}, for the file is read without header", self.names.len());
            return self.problem(found, expected).into();
        }
        let problem = self.problem(found, format!("one of {}", self.list()));
        let lone = self.names.first().filter(|_| self.names.len() == 1);
        let delimiter =
            lone.and_then(|name| name.chars().find(|character| matches!(character, ';' | '\t' | '|' | ',')));
        let hint = match (delimiter, closest(wanted, self.names.iter().map(String::as_str))) {
            (Some(delimiter), _) => format!("is the delimiter {delimiter:?}? then give --delimiter"),
            (None, Some(name)) => format!("did you mean {}?", quoted(name)),
            (None, None) => return problem.into(),
        };
        problem.hint(hint).into()
    }

    fn list(&self) -> String {
        const MOST: usize = 30;
        let shown: Vec<&str> = self.names.iter().take(MOST).map(String::as_str).collect();
        let more = self.names.len().saturating_sub(MOST);
        let list = shown.join(", ");
        let list = if list.chars().any(char::is_control) { list.escape_debug().to_string() } else { list };
        if more > 0 { format!("{list} and {more} more") } else { list }
    }

    fn problem(&self, found: String, expected: impl Into<String>) -> Problem {
        Problem::new(Place { file: self.file.clone(), ..Place::default() }, Fault::Column, found, expected)
    }

    /// Splits a selection at commas outside of double quotes.
    fn parts(&self, selection: &str) -> Result<Vec<Part>> {
        let mut parts = vec![Part::default()];
        let mut characters = selection.trim().chars().peekable();
        // The vector is never empty, so there always is a last part.
        while let (Some(character), Some(part)) = (characters.next(), parts.last_mut()) {
            match character {
                '"' if part.text.is_empty() => {
                    part.literal = true;
                    loop {
                        match characters.next() {
                            Some('"') if characters.peek() == Some(&'"') => {
                                characters.next();
                                part.text.push('"');
                            }
                            Some('"') => break,
                            Some(inside) => part.text.push(inside),
                            None => return Err(self.problem(quoted(selection), "a closing double quote").into()),
                        }
                    }
                }
                '!' if part.text.is_empty() && !part.literal && !part.excluded => part.excluded = true,
                ',' => parts.push(Part::default()),
                _ if character.is_whitespace() && part.text.is_empty() => {}
                _ => part.text.push(character),
            }
        }
        Ok(parts)
    }

    fn range(&self, part: &Part) -> Result<Vec<usize>> {
        let text = if part.literal { part.text.as_str() } else { part.text.trim_end() };
        if let Some(index) = self.matching(text)? {
            return Ok(vec![index]);
        }
        if part.literal || text.is_empty() {
            return Err(self.missing(text));
        }
        if text.eq_ignore_ascii_case("all") {
            return Ok((0..self.names.len()).collect());
        }
        let last = self.names.len().saturating_sub(1);
        // A name may hold a hyphen itself, so every hyphen is tried.
        for (at, _) in text.match_indices('-') {
            let (from, to) = (text[..at].trim(), text[at + 1..].trim());
            let from = if from.is_empty() { Some(0) } else { self.matching(from)? };
            let to = if to.is_empty() { Some(last) } else { self.matching(to)? };
            if text.len() > 1
                && let (Some(from), Some(to)) = (from, to)
            {
                return Ok(if from <= to { (from..=to).collect() } else { (to..=from).rev().collect() });
            }
        }
        Err(self.missing(text))
    }
}

/// One part of a selection.
#[derive(Default)]
struct Part {
    text: String,
    literal: bool,
    excluded: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Columns {
        Columns::new("a.csv", names.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn a_name_counts_before_its_other_case_and_before_a_number() {
        let columns = columns(&["b", "2", "B", "c"]);
        assert_eq!(columns.find("B").unwrap(), 2);
        assert_eq!(columns.find("2").unwrap(), 1);
        assert_eq!(columns.find("C").unwrap(), 3);
        assert_eq!(columns.find("4").unwrap(), 3);
    }

    #[test]
    fn a_duplicate_is_an_error_only_when_asked_for() {
        let columns = columns(&["text", "id", "text"]);
        assert_eq!(columns.find("id").unwrap(), 1);
        assert_eq!(
            columns.find("Text").unwrap_err().to_string(),
            "a.csv: found 2 columns with the name \"Text\", expected one; name it by its number: 1 or 3"
        );
        assert_eq!(columns.select("2-3").unwrap(), [1, 2]);
    }

    #[test]
    fn selections_follow_xsv() {
        let columns = columns(&["a", "b", "c", "d", "e", "x-y", "odd, name"]);
        for (selection, expected) in [
            ("all", vec![0, 1, 2, 3, 4, 5, 6]),
            ("a,c-e,!d", vec![0, 2, 4]),
            ("2-4", vec![1, 2, 3]),
            ("4-2", vec![3, 2, 1]),
            ("6-", vec![5, 6]),
            ("-2", vec![0, 1]),
            ("!b,!3-7", vec![0]),
            ("x-y", vec![5]),
            ("e-x-y", vec![4, 5]),
            ("x-y-7", vec![5, 6]),
            (r#""odd, name",A"#, vec![6, 0]),
            (" c , a , c ", vec![2, 0]),
        ] {
            assert_eq!(columns.select(selection).unwrap(), expected, "{selection}");
        }
        for wrong in ["", "-", "0", "8", "a,,b", "a-z", "\"a", "!", "a b"] {
            assert!(columns.select(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_text_is_found_by_usual_names_or_not_at_all() {
        assert_eq!(columns(&["ID", "Headline", "Body"]).text_columns().unwrap(), [1, 2]);
        assert_eq!(columns(&["id", "title"]).text_columns().unwrap(), [1]);
        assert_eq!(columns(&["anything"]).text_columns().unwrap(), [0]);
        assert_eq!(
            columns(&["id", "text", "content"]).text_columns().unwrap_err().to_string(),
            "a.csv: found 2 columns that could be the text, expected \"text\" or \"content\"; name the column with --text"
        );
        assert!(columns(&["id", "date"]).text_columns().is_err());
        assert!(Columns::numbered("a.csv", 2).text_columns().is_err());
    }

    #[test]
    fn a_wrong_delimiter_is_guessed_at_in_the_message() {
        let error = columns(&["id;text"]).find("text").unwrap_err().to_string();
        assert_eq!(
            error,
            "a.csv: found no column \"text\", expected one of id;text; is the delimiter ';'? then give --delimiter"
        );
    }
}
