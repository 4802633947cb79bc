//! Flat formats that come as CSV or as JSON Lines.

use serde_json::Value;

use super::super::error::Result;
use super::super::file_name;
use super::super::row_writer::{Format, RowWriter};
use super::context::{At, Context};
use super::{Item, Raw, json};

/// Rows of named cells.
pub(super) struct Table {
    rows: Vec<Row>,
}

/// A row of named cells.
pub(super) struct Row {
    pub at: At,
    cells: Vec<(String, String)>,
}

impl Table {
    pub fn read(source: &Raw, context: &Context<'_>) -> Result<Table> {
        let by_name = matches!(file_name::format(&source.name).as_str(), "csv" | "tsv" | "tab");
        let rows = if by_name || !source.text()?.trim_start().starts_with('{') {
            read_csv(source)?
        } else {
            let cells = |map: serde_json::Map<String, Value>| {
                map.into_iter().filter_map(|(key, value)| Some((key, json::scalar(&value)?))).collect()
            };
            json::lines(&source.text()?, context)?.into_iter().map(|(at, map)| Row { at, cells: cells(map) }).collect()
        };
        Ok(Table { rows })
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }
}

fn read_csv(source: &Raw) -> Result<Vec<Row>> {
    let mut reader = source.reader()?;
    let headers: Vec<String> = reader.headers().iter().map(|header| header.trim().to_lowercase()).collect();
    let mut rows = Vec::new();
    loop {
        let block = reader.read_block(4096, 1 << 22)?;
        if block.is_empty() {
            break;
        }
        for record in block {
            let cells = headers.iter().cloned().zip(record.fields.iter().map(str::to_owned)).collect();
            rows.push(Row { at: At { record: record.row, line: Some(record.line) }, cells });
        }
    }
    reader.finish()?;
    Ok(rows)
}

impl Row {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.cells.iter().find(|(key, _)| key == name).map(|(_, cell)| cell.as_str())
    }

    pub fn text(&self, name: &str, context: &Context<'_>) -> Result<&str> {
        self.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.cells.iter().map(|(key, _)| key.as_str()).collect();
            context.wrong(self.at, name, format!("only {}", names.join(", ")), "a column of this name")
        })
    }

    pub fn whole(&self, name: &str, context: &Context<'_>) -> Result<usize> {
        let cell = self.text(name, context)?;
        let whole = json::whole(&Value::String(cell.to_owned()));
        whole.ok_or_else(|| context.wrong(self.at, name, format!("{cell:?}"), "a whole number from 0"))
    }
}

/// Writes a row an item, with numbers as numbers.
pub(super) fn write(
    format: Format,
    columns: &[&str],
    items: &[Item],
    cells: impl Fn(&Item) -> Vec<Value>,
) -> Result<Vec<u8>> {
    if format == Format::JsonLines {
        let object = |item| columns.iter().map(|&column| column.to_owned()).zip(cells(item)).collect::<Value>();
        return Ok(json::write_lines(items.iter().map(object)));
    }
    let writer = RowWriter::new(format, columns)?;
    let mut bytes = Vec::new();
    writer.header(&mut bytes);
    for item in items {
        let mut row = writer.row(&mut bytes);
        for cell in cells(item) {
            row = match cell {
                Value::String(text) => row.text(&text),
                other => row.text(&other.to_string()),
            };
        }
        row.end();
    }
    Ok(bytes)
}
