//! Days of the calendar as numbers, for dates of models and for time axes.
//!
//! After H. Hinnant, "chrono-compatible low-level date algorithms": the proleptic Gregorian calendar, without a table.

use std::time::{SystemTime, UNIX_EPOCH};

/// Days from 1 January 1970 to a day of the calendar.
///
/// ```
/// use toward::calendar::{iso, number};
///
/// assert_eq!(number(2024, 5, 18), 19_861);
/// assert_eq!(iso(19_861), "2024-05-18");
/// ```
pub fn number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day's number.
pub fn civil(number: i64) -> (i64, i64, i64) {
    let shifted = number + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// A day's number as `YYYY-MM-DD`.
pub fn iso(number: i64) -> String {
    let (year, month, day) = civil(number);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Today in UTC, or the day of `SOURCE_DATE_EPOCH` where builds are to be reproducible.
pub fn today() -> String {
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse::<u64>().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = (epoch.unwrap_or_else(now) / 86_400) as i64;
    iso(days)
}

#[cfg(test)]
mod tests {
    use super::{civil, number};

    #[test]
    fn days_there_and_back() {
        assert_eq!(number(1970, 1, 1), 0);
        assert_eq!(number(2000, 3, 1), 11_017);
        for number in (-200_000..200_000).step_by(37) {
            let (year, month, day) = civil(number);
            assert_eq!(super::number(year, month, day), number);
        }
    }
}
