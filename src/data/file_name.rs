//! What a file's name tells about its content: compression and format, in any case of letters.

use std::path::Path;

/// Compression, by the last extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// The compression that `name` stands for: `.gz` and `.zst`.
pub(super) fn compression(name: &str) -> Compression {
    match extension(name).as_str() {
        "gz" => Compression::Gzip,
        "zst" => Compression::Zstd,
        _ => Compression::None,
    }
}

/// Whether `name` is that of a Parquet file, which needs no other compression.
pub(super) fn is_parquet(name: &str) -> bool {
    extension(name) == "parquet"
}

/// The extension in lower case that tells the format: that of the name without `.gz` or `.zst`.
pub(super) fn format(name: &str) -> String {
    match compression(name) {
        Compression::None => extension(name),
        Compression::Gzip | Compression::Zstd => {
            Path::new(name).file_stem().map_or_else(String::new, |stem| extension(&stem.to_string_lossy()))
        }
    }
}

fn extension(name: &str) -> String {
    Path::new(name).extension().map_or_else(String::new, |extension| extension.to_string_lossy().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_looked_for_under_the_compression() {
        assert_eq!((compression("d/a.TSV.GZ"), format("d/a.TSV.GZ").as_str()), (Compression::Gzip, "tsv"));
        assert_eq!((compression("a.zst"), format("a.zst").as_str()), (Compression::Zstd, ""));
        assert_eq!((compression("standard input"), format("-").as_str()), (Compression::None, ""));
        assert_eq!(format("a.csv"), "csv");
    }
}
