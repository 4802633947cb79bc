//! Dates as catalogues and news give them: a year, perhaps a month, perhaps a day.
//!
//! Terms of office decide which of two people a title or a shared surname means, and sources often know
//! only the year. A date here is therefore a span of days, and two dates are compared by whether they can
//! be the same day, not by equality. There is no calendar behind it: 31 February is accepted.

use std::fmt;
use std::str::FromStr;

/// A year, a month of it, or a day of that.
///
/// ```
/// use toward::actors::Date;
///
/// let day: Date = "2021-01-20".parse()?;
/// let year: Date = "2021".parse()?;
/// assert_eq!(day.to_string(), "2021-01-20");
/// assert_eq!((day.year(), year.month()), (2021, None));
/// assert!("20 January 2021".parse::<Date>().is_err());
/// # Ok::<(), toward::actors::WrongDate>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Date {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

/// Text that is no date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("wrong date {0:?}: expected YYYY-MM-DD, YYYY-MM or YYYY")]
pub struct WrongDate(pub String);

impl Date {
    /// A date from its parts; `None` where a part is out of range, or a day comes without its month.
    pub fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Option<Date> {
        let fits = (1..=9999).contains(&year)
            && month.is_none_or(|month| (1..=12).contains(&month))
            && day.is_none_or(|day| (1..=31).contains(&day))
            && (month.is_some() || day.is_none());
        fits.then_some(Date { year, month, day })
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12, where it is known.
    pub fn month(self) -> Option<u8> {
        self.month
    }

    /// The day of the month, where it is known.
    pub fn day(self) -> Option<u8> {
        self.day
    }

    /// The day in a cell of a table: an empty one has none, and a time after the day does not matter.
    ///
    /// ```
    /// use toward::actors::Date;
    ///
    /// assert_eq!(Date::of_cell("2021-01-20 09:00")?, Some("2021-01-20".parse()?));
    /// assert_eq!(Date::of_cell(" ")?, None);
    /// # Ok::<(), toward::actors::WrongDate>(())
    /// ```
    ///
    /// # Errors
    /// [`WrongDate`] if something else stands there.
    pub fn of_cell(cell: &str) -> Result<Option<Date>, WrongDate> {
        let cell = cell.trim();
        if cell.is_empty() {
            return Ok(None);
        }
        cell.split(['T', ' ']).next().unwrap_or(cell).parse().map(Some)
    }

    /// The first day the date can mean, as a number that sorts like the date.
    fn first(self) -> u32 {
        u32::from(self.year) * 10_000 + u32::from(self.month.unwrap_or(1)) * 100 + u32::from(self.day.unwrap_or(1))
    }

    /// The last day the date can mean.
    fn last(self) -> u32 {
        u32::from(self.year) * 10_000 + u32::from(self.month.unwrap_or(12)) * 100 + u32::from(self.day.unwrap_or(31))
    }
}

impl FromStr for Date {
    type Err = WrongDate;

    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, and what a timestamp begins with (`2021-01-20T09:00:00Z`).
    fn from_str(text: &str) -> Result<Date, WrongDate> {
        let wrong = || WrongDate(text.to_owned());
        let trimmed = text.trim();
        let date = match trimmed.find(['T', ' ']) {
            Some(10) => &trimmed[..10],
            Some(_) => return Err(wrong()),
            None => trimmed,
        };
        let mut parts = date.split('-');
        let mut number = |digits: usize| match parts.next() {
            None => Ok(None),
            Some(part) if part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()) => {
                part.parse::<u16>().map(Some).map_err(|_| wrong())
            }
            Some(_) => Err(wrong()),
        };
        let year = number(4)?.ok_or_else(wrong)?;
        // Two digits fit a byte.
        let month = number(2)?.map(|month| month as u8);
        let day = number(2)?.map(|day| day as u8);
        if parts.next().is_some() {
            return Err(wrong());
        }
        Date::new(year, month, day).ok_or_else(wrong)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

/// A time in office; an open end has no date.
///
/// ```
/// use toward::actors::Term;
///
/// let term = Term { from: Some("2005-11".parse()?), to: Some("2021-12-08".parse()?) };
/// assert!(term.holds("2010-05-01".parse()?) && term.holds("2005".parse()?));
/// assert!(!term.holds("2022".parse()?));
/// # Ok::<(), toward::actors::WrongDate>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Term {
    /// Its first day.
    pub from: Option<Date>,
    /// Its last day.
    pub to: Option<Date>,
}

impl Term {
    /// Whether the date can be a day of this term.
    pub fn holds(self, date: Date) -> bool {
        self.from.is_none_or(|from| from.first() <= date.last()) && self.to.is_none_or(|to| date.first() <= to.last())
    }

    /// Whether the term ends before it begins.
    pub fn is_reversed(self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if from.first() > to.last())
    }

    /// Whether more than one day is shared: a successor may begin on the day a predecessor ends.
    pub(super) fn overlaps(self, other: Term) -> bool {
        let begin = |term: Term| term.from.map_or(0, Date::first);
        let end = |term: Term| term.to.map_or(u32::MAX, Date::first);
        begin(self) < end(other) && begin(other) < end(self)
    }
}
