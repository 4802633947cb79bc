//! Where a reader of a format is, and how it says what is wrong there.

use std::ops::Range;

use super::super::error::{DataError, Fault, Place, Problem, Result, quoted};
use super::{ImportOptions, span};
use crate::Label;

/// A record of the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    /// Counted from 1.
    pub record: u64,
    /// Where it begins, from 1, if the format has lines.
    pub line: Option<u64>,
}

/// What the readers of all formats share.
pub(super) struct Context<'a> {
    file: &'a str,
    options: &'a ImportOptions<'a>,
    /// What was left out, and how often.
    pub left_out: Vec<(&'static str, usize)>,
}

impl<'a> Context<'a> {
    pub fn new(file: &'a str, options: &'a ImportOptions<'a>) -> Context<'a> {
        Context { file, options, left_out: Vec::new() }
    }

    /// A problem in a field of a record.
    pub fn problem(
        &self,
        at: At,
        field: &str,
        fault: Fault,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Problem {
        let file = self.file.to_owned();
        let column = (!field.is_empty()).then(|| field.to_owned());
        let place = Place {
            file,
            record: Some(at.record).filter(|record| *record > 0),
            line: at.line,
            column,
            ..Place::default()
        };
        Problem::new(place, fault, found, expected)
    }

    /// The error of a value that is not what it should be.
    pub fn wrong(&self, at: At, field: &str, found: impl Into<String>, expected: impl Into<String>) -> DataError {
        self.problem(at, field, Fault::Value, found, expected).into()
    }

    /// Counts something that is left out.
    pub fn leave_out(&mut self, why: &'static str) {
        match self.left_out.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += 1,
            None => self.left_out.push((why, 1)),
        }
    }

    /// A label, or `None` if its mentions are to be left out.
    pub fn label(&mut self, at: At, field: &str, text: &str) -> Result<Option<Label>> {
        if let Some((_, label)) = self.options.labels.iter().find(|(from, _)| from.eq_ignore_ascii_case(text.trim())) {
            if label.is_none() {
                self.leave_out("their label is mapped to skip");
            }
            return Ok(*label);
        }
        text.parse().map(Some).map_err(|_| {
            let found = if text.is_empty() { "no label".to_owned() } else { quoted(text) };
            let problem = self.problem(at, field, Fault::Value, found, "supportive, neutral or critical");
            problem
                .hint(format!(
                    "say what it stands for with --map {text:?}=LABEL, or leave it out with --map {text:?}=skip"
                ))
                .into()
        })
    }

    /// The bytes of a mention, checked.
    pub fn span(
        &self,
        at: At,
        field: &str,
        text: &str,
        (start, end): (usize, usize),
        wanted: Option<&str>,
    ) -> Result<Range<usize>> {
        span::locate(text, start, end, wanted, self.options.unit).map_err(|wrong| {
            let problem = self.problem(at, field, Fault::Offsets, wrong.found, wrong.expected);
            match wrong.hint {
                Some(hint) => problem.hint(hint).into(),
                None => problem.into(),
            }
        })
    }
}
