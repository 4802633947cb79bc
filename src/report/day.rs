//! Days, and the bins of time that a chart over them has.

use serde::Serialize;

use crate::actors::Date;
use crate::calendar::{civil, iso, number};

/// A day of the calendar, or the month or year of which it is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    date: Date,
    /// Days since 1 January 1970.
    number: i64,
}

impl Day {
    /// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, `YYYY/MM/DD`, `YYYYMMDD` and timestamps that begin so.
    ///
    /// Orders that differ between countries, such as 3/4/2024, are not guessed.
    pub fn read(text: &str) -> Option<Day> {
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let date: Date = match digits {
            4 => text.replacen('/', "-", 2).parse().ok()?,
            // A time may follow without a separator, as in 20240518T0900Z.
            8 => format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..8]).parse().ok()?,
            _ => return None,
        };
        let number =
            number(i64::from(date.year()), i64::from(date.month().unwrap_or(1)), i64::from(date.day().unwrap_or(1)));
        Some(Day { date, number })
    }

    /// The first day it can mean, as `YYYY-MM-DD`.
    pub fn iso(self) -> String {
        iso(self.number)
    }

    /// Days since 1 January 1970.
    pub fn number(self) -> i64 {
        self.number
    }
}

/// How wide a bin of time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Width {
    /// A day.
    Day,
    /// A week from Monday.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

/// Bins of equal width that cover a span of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bins {
    /// How wide they are.
    pub width: Width,
    first: i64,
    count: usize,
}

impl Bins {
    /// The finest bins that are no more than a chart can show, and no finer than the days are known.
    pub fn over(days: &(impl Iterator<Item = Day> + Clone)) -> Option<Bins> {
        const MOST_DAYS: i64 = 31;
        const MOST_WEEKS: i64 = 40 * 7;
        const MOST_MONTHS: i64 = 6 * 366;
        let first = days.clone().map(Day::number).min()?;
        let last = days.clone().map(Day::number).max()?;
        let span = last - first + 1;
        let width = if days.clone().any(|day| day.date.month().is_none()) || span > MOST_MONTHS {
            Width::Year
        } else if days.clone().any(|day| day.date.day().is_none()) || span > MOST_WEEKS {
            Width::Month
        } else if span > MOST_DAYS {
            Width::Week
        } else {
            Width::Day
        };
        let mut bins = Bins { width, first: 0, count: 0 };
        bins.first = bins.ordinal(first);
        bins.count = (bins.ordinal(last) - bins.first + 1) as usize;
        Some(bins)
    }

    fn ordinal(&self, number: i64) -> i64 {
        let (year, month, _) = civil(number);
        match self.width {
            Width::Day => number,
            // 1 January 1970 was a Thursday.
            Width::Week => (number + 3).div_euclid(7),
            Width::Month => year * 12 + month - 1,
            Width::Year => year,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The bin of a day that was among those the bins were made for.
    pub fn of(&self, day: Day) -> usize {
        (self.ordinal(day.number) - self.first) as usize
    }

    /// A bin's name: its day, the Monday of its week, its month or its year.
    pub fn name(&self, bin: usize) -> String {
        let ordinal = self.first + bin as i64;
        match self.width {
            Width::Day => iso(ordinal),
            Width::Week => iso(ordinal * 7 - 3),
            Width::Month => format!("{:04}-{:02}", ordinal.div_euclid(12), ordinal.rem_euclid(12) + 1),
            Width::Year => format!("{ordinal:04}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_and_what_is_not_guessed() {
        let read = |text| Day::read(text).map(Day::iso);
        for text in
            ["2024-05-18", "2024/05/18", "20240518", "20240518T0900Z", "2024-05-18T09:00:00Z", " 2024-05-18 10:00"]
        {
            assert_eq!(read(text).as_deref(), Some("2024-05-18"), "{text}");
        }
        assert_eq!(read("2024-05").as_deref(), Some("2024-05-01"));
        for text in ["", "18/05/2024", "May 2024", "2024-13-01", "1234567", "２０２４"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn bins_are_as_fine_as_a_chart_can_show() {
        let bins = |texts: &[&str]| Bins::over(&texts.iter().filter_map(|text| Day::read(text))).unwrap();
        let named = |texts: &[&str]| {
            let bins = bins(texts);
            (bins.width, bins.count(), bins.name(0), bins.name(bins.count() - 1))
        };
        assert_eq!(named(&["2024-05-01", "2024-05-03"]), (Width::Day, 3, "2024-05-01".into(), "2024-05-03".into()));
        // 1 May 2024 was a Wednesday.
        assert_eq!(named(&["2024-05-01", "2024-07-01"]), (Width::Week, 10, "2024-04-29".into(), "2024-07-01".into()));
        assert_eq!(named(&["2023-12-01", "2024-11-01"]), (Width::Month, 12, "2023-12".into(), "2024-11".into()));
        assert_eq!(named(&["2024-05", "2024-05-03"]), (Width::Month, 1, "2024-05".into(), "2024-05".into()));
        assert_eq!(named(&["1999-05-01", "2024-05-03"]), (Width::Year, 26, "1999".into(), "2024".into()));
        assert!(Bins::over(&std::iter::empty()).is_none());
    }
}
