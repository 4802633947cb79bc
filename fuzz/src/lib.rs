//! What must hold for any bytes: one file a target, each with a function `holds` that panics if something does not.
//!
//! The same functions run under libFuzzer (`fuzz_targets/`) and, with a plain mutator of bytes, in `cargo test`
//! (`tests/fuzz.rs`), so that neither a nightly compiler nor cargo-fuzz is needed to keep them.

pub mod bundle;
pub mod catalogue;
pub mod converters;
pub mod corpus;
pub mod csv;
mod dripping;
pub mod encoder;
pub mod tables;
pub mod text;

/// A target: its name, which is that of its folders in `seeds/` and `found/`, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 8] = [
    ("bundle", bundle::holds),
    ("catalogue", catalogue::holds),
    ("converters", converters::holds),
    ("corpus", corpus::holds),
    ("csv", csv::holds),
    ("encoder", encoder::holds),
    ("tables", tables::holds),
    ("text", text::holds),
];
