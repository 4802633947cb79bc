//! The `toward` command.
fn main() {}
