//! The rows inside the page: JSON by column, every different text once.

use serde::Serialize;

use super::rows::{Column, Rows};

/// The rows as the page's script reads them.
#[derive(Serialize)]
struct Embedded<'r> {
    n: usize,
    columns: Vec<EmbeddedColumn<'r>>,
    roles: EmbeddedRoles,
    /// One letter a row: s, n, c.
    labels: String,
    /// For every text of the date column its day, or null.
    days: Vec<Option<String>>,
}

/// A column in the shortest of the forms that give back its very text.
#[derive(Serialize)]
struct EmbeddedColumn<'r> {
    name: &'r str,
    #[serde(flatten)]
    cells: Cells<'r>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Cells<'r> {
    /// Whole numbers.
    Integers {
        int: Vec<u32>,
    },
    /// Numbers with four places, times ten thousand.
    Decimals {
        dec: Vec<u32>,
    },
    /// The same text in every row.
    Constant {
        dict: &'r [String],
    },
    Dictionary {
        dict: &'r [String],
        of: &'r [u32],
    },
}

#[derive(Serialize)]
struct EmbeddedRoles {
    sentence: usize,
    actor: usize,
    label: usize,
    probabilities: [usize; crate::CLASSES],
    start: Option<usize>,
    end: Option<usize>,
    date: Option<usize>,
    source: Option<usize>,
    row: Option<usize>,
}

/// The rows as JSON that can stand inside a `<script>` element.
pub(super) fn json(rows: &Rows) -> serde_json::Result<String> {
    let roles = &rows.roles;
    let needs_texts = |at: usize| {
        at == roles.sentence
            || at == roles.actor
            || at == roles.label
            || Some(at) == roles.date
            || Some(at) == roles.source
    };
    let columns = rows
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| EmbeddedColumn { name: &column.name, cells: cells(column, needs_texts(at)) });
    let embedded = Embedded {
        n: rows.len(),
        columns: columns.collect(),
        roles: EmbeddedRoles {
            sentence: roles.sentence,
            actor: roles.actor,
            label: roles.label,
            probabilities: roles.probabilities,
            start: roles.offsets.map(|(start, _)| start),
            end: roles.offsets.map(|(_, end)| end),
            date: roles.date,
            source: roles.source,
            row: roles.row,
        },
        labels: rows.labels.iter().map(|label| &label.name()[..1]).collect(),
        days: rows.days.iter().map(|day| day.map(super::day::Day::iso)).collect(),
    };
    Ok(escape(&serde_json::to_string(&embedded)?))
}

fn cells(column: &Column, needs_texts: bool) -> Cells<'_> {
    if !needs_texts && !column.texts.is_empty() {
        let through = |numbers: Vec<u32>| column.cells.iter().map(|&cell| numbers[cell as usize]).collect();
        if let Some(numbers) = column.texts.iter().map(|text| integer(text)).collect() {
            return Cells::Integers { int: through(numbers) };
        }
        if let Some(numbers) = column.texts.iter().map(|text| decimal(text)).collect() {
            return Cells::Decimals { dec: through(numbers) };
        }
    }
    if column.texts.len() == 1 {
        return Cells::Constant { dict: &column.texts };
    }
    Cells::Dictionary { dict: &column.texts, of: &column.cells }
}

/// The number, if it is written as the script will write it.
fn integer(text: &str) -> Option<u32> {
    text.parse::<u32>().ok().filter(|number| number.to_string() == text)
}

/// Ten thousand times a number that is written with four places.
fn decimal(text: &str) -> Option<u32> {
    let (whole, places) = text.split_once('.')?;
    let number = integer(whole)?.checked_mul(10_000)?;
    let four = places.len() == 4 && places.bytes().all(|byte| byte.is_ascii_digit());
    number.checked_add(places.parse().ok().filter(|_| four)?)
}

/// JSON with everything escaped that means something to HTML or ends a line of JavaScript. In JSON these
/// characters stand inside strings only.
pub(super) fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + json.len() / 16);
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                escaped.push_str("\\u");
                // The code of each has at most four digits.
                for shift in [12, 8, 4, 0] {
                    escaped.push(char::from_digit((character as u32 >> shift) & 15, 16).unwrap_or('0'));
                }
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_could_read_is_escaped_and_stays_the_same_text() {
        let text = "</script><!-- & \u{2028}\u{2029} \"é\"";
        let json = escape(&serde_json::to_string(text).unwrap());
        assert_eq!(json, "\"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u2028\\u2029 \\\"é\\\"\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn numbers_are_packed_only_if_they_come_back_as_they_were() {
        assert_eq!(integer("17"), Some(17));
        assert_eq!((integer("017"), integer("+1"), integer("")), (None, None, None));
        assert_eq!((decimal("0.0250"), decimal("1.0000")), (Some(250), Some(10_000)));
        assert_eq!((decimal("0.25"), decimal(".2500"), decimal("0.-250"), decimal("1e-4")), (None, None, None, None));
    }
}
