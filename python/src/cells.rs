//! Cells of Arrow columns as text, offsets and days, whatever type the column has.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::{DataType, TimeUnit};
use toward::actors::Date;
use toward::calendar;
use toward::model::Offset;

/// A column of text.
pub enum Texts<'a> {
    Short(&'a StringArray),
    Long(&'a LargeStringArray),
    View(&'a StringViewArray),
    /// Of each row, the place of its value.
    Coded(Vec<Option<usize>>, Box<Texts<'a>>),
    /// Nothing but nulls.
    Null,
}

impl<'a> Texts<'a> {
    /// The column, if it holds text.
    pub fn of(array: &'a dyn Array) -> Option<Texts<'a>> {
        Some(match array.data_type() {
            DataType::Utf8 => Texts::Short(array.as_string()),
            DataType::LargeUtf8 => Texts::Long(array.as_string()),
            DataType::Utf8View => Texts::View(array.as_string_view()),
            DataType::Null => Texts::Null,
            DataType::Dictionary(_, _) => {
                let coded = array.as_any_dictionary_opt()?;
                let texts = Texts::of(coded.values().as_ref())?;
                // A dictionary without values can have no keys that could be looked up.
                let places = if coded.values().is_empty() { vec![0; array.len()] } else { coded.normalized_keys() };
                let place = |(row, place): (usize, usize)| array.is_valid(row).then_some(place);
                Texts::Coded(places.into_iter().enumerate().map(place).collect(), Box::new(texts))
            }
            _ => return None,
        })
    }

    /// The text of a row; `None` where it is null.
    pub fn get(&self, row: usize) -> Option<&'a str> {
        match self {
            Texts::Short(array) => array.is_valid(row).then(|| array.value(row)),
            Texts::Long(array) => array.is_valid(row).then(|| array.value(row)),
            Texts::View(array) => array.is_valid(row).then(|| array.value(row)),
            Texts::Coded(places, texts) => places[row].and_then(|place| texts.get(place)),
            Texts::Null => None,
        }
    }
}

/// A column of numbers, as text; `None` if it holds none.
pub fn numbers(array: &dyn Array) -> Option<Vec<Option<String>>> {
    macro_rules! as_text {
        ($($kind:ident: $type:ty),*; $($float:ident: $float_type:ty),*) => {
            match array.data_type() {
                $(DataType::$kind => array.as_primitive::<$type>().iter().map(|n| n.map(|n| n.to_string())).collect(),)*
                // A column of whole numbers with gaps comes from pandas as floats, and its gaps as NaN. A whole float
                // is written without a point.
                $(DataType::$float => array
                    .as_primitive::<$float_type>()
                    .iter()
                    .map(|n| n.filter(|n| !n.is_nan()).map(|n| n.to_string()))
                    .collect(),)*
                _ => return None,
            }
        };
    }
    Some(as_text!(
        Int8: Int8Type, Int16: Int16Type, Int32: Int32Type, Int64: Int64Type,
        UInt8: UInt8Type, UInt16: UInt16Type, UInt32: UInt32Type, UInt64: UInt64Type;
        Float32: Float32Type, Float64: Float64Type
    ))
}

/// A column of offsets: whole numbers, or text that looks like them.
pub fn offsets(array: &dyn Array) -> Option<Vec<Offset<'_>>> {
    if let Some(texts) = Texts::of(array) {
        let offset = |row| {
            let text = texts.get(row).unwrap_or_default().trim();
            text.parse::<usize>().map_err(|_| Cow::Borrowed(text))
        };
        return Some((0..array.len()).map(offset).collect());
    }
    let offset = |number: Option<String>| {
        let text = number.unwrap_or_default();
        text.parse::<usize>().map_err(|_| Cow::Owned(text))
    };
    numbers(array).map(|numbers| numbers.into_iter().map(offset).collect())
}

/// A column of days: text, dates or timestamps. `Err` holds what stands there instead of a day.
pub fn days(array: &dyn Array) -> Option<Vec<Result<Option<Date>, String>>> {
    const SECONDS: i64 = 86_400;
    if let Some(texts) = Texts::of(array) {
        let day = |row| {
            let cell = texts.get(row).unwrap_or_default();
            Date::of_cell(cell).map_err(|_| cell.trim().to_owned())
        };
        return Some((0..array.len()).map(day).collect());
    }
    // Days since 1970.
    let numbers: Vec<Option<i64>> = match array.data_type() {
        DataType::Date32 => array.as_primitive::<Date32Type>().iter().map(|day| day.map(i64::from)).collect(),
        DataType::Date64 => since(array.as_primitive::<Date64Type>().iter(), 1000 * SECONDS),
        DataType::Timestamp(TimeUnit::Second, _) => since(array.as_primitive::<TimestampSecondType>().iter(), SECONDS),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            since(array.as_primitive::<TimestampMillisecondType>().iter(), 1000 * SECONDS)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            since(array.as_primitive::<TimestampMicrosecondType>().iter(), 1_000_000 * SECONDS)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            since(array.as_primitive::<TimestampNanosecondType>().iter(), 1_000_000_000 * SECONDS)
        }
        _ => return None,
    };
    let day = |number: Option<i64>| {
        let Some(number) = number else { return Ok(None) };
        let day = calendar::iso(number);
        day.parse::<Date>().map(Some).map_err(|_| day)
    };
    Some(numbers.into_iter().map(day).collect())
}

/// Days of points in time, so many of which make a day.
fn since(points: impl Iterator<Item = Option<i64>>, a_day: i64) -> Vec<Option<i64>> {
    points.map(|point| point.map(|point| point.div_euclid(a_day))).collect()
}
