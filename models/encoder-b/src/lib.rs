//! One half of the encoder's weights of `toward`, as its notice describes them. A crate may hold no more than 10 MB, so
//! the weights are in two.

/// The bytes of this half.
pub static WEIGHTS: &[u8] = include_bytes!("../weights");
