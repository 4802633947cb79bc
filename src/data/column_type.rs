//! The type of a column, for formats that have types. CSV and JSON Lines have none.

/// A column's type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ColumnType {
    /// Text.
    #[default]
    Text,
    /// A whole number of 64 bits.
    Int64,
    /// A whole number of 32 bits.
    Int32,
    /// A number of 32 bits.
    Float32,
    /// Another type of Arrow's, that a column of a Parquet file has.
    #[cfg(feature = "parquet")]
    Arrow(arrow_schema::DataType),
}

impl ColumnType {
    /// The type in the line under the names of a table that becomes Parquet.
    #[cfg(feature = "parquet")]
    pub(super) fn written(&self) -> String {
        use arrow_schema::DataType;
        let kind = match self {
            ColumnType::Text => &DataType::Utf8,
            ColumnType::Int64 => &DataType::Int64,
            ColumnType::Int32 => &DataType::Int32,
            ColumnType::Float32 => &DataType::Float32,
            ColumnType::Arrow(kind) => kind,
        };
        // A type always has a JSON form.
        serde_json::to_string(kind).unwrap_or_default()
    }

    /// Without Parquet, no table has a line of types.
    #[cfg(not(feature = "parquet"))]
    #[expect(clippy::unused_self, reason = "its twin with Parquet needs it")]
    pub(super) fn written(&self) -> String {
        String::new()
    }
}
