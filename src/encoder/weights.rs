//! The encoder's weights as they are stored: a safetensors file under zstd that `training/encoder/convert.py` writes.
//!
//! | tensor | shape | what it is |
//! |---|---|---|
//! | `words`, `words.scale` | 30,524 × 384 in 8 bits; 30,524 | a piece's embedding, and what its steps are worth |
//! | `places` | 128 × 384 | embeddings of positions |
//! | `N.gain`, `N.shift` | 384 | layer normalisation: `words.norm`, `i.attention.norm`, `i.norm` for layer i from 0 |
//! | `P.weight`, `P.scale`, `P.bias` | inputs × outputs in 8 bits; outputs | products: `i.query`, `i.key_value`, `i.mix`, `i.widen`, `i.narrow` |
//! | `head.D.weight`, `head.D.bias` | 1,152 × 3; 3 | the labels' weights in a vector after D layers |
//! | `i.attention.even`, `i.widen.even`, `i.narrow.even` | inputs | factors of the inputs' channels, before they are rounded |

use safetensors::{Dtype, SafeTensors};

use super::product::{Gemm, Product};
use super::{EncoderError, Head, Result};
use crate::CLASSES;

/// An unpacked file of weights.
pub(super) struct Weights<'b>(SafeTensors<'b>);

impl<'b> Weights<'b> {
    pub fn parse(bytes: &'b [u8]) -> Result<Self> {
        SafeTensors::deserialize(bytes).map(Weights).map_err(|error| EncoderError::Weights(error.to_string()))
    }

    fn bytes(&self, name: &str, kind: Dtype, count: usize) -> Result<&'b [u8]> {
        let tensor = self.0.tensor(name).map_err(|error| EncoderError::Weights(error.to_string()))?;
        let found = tensor.shape().iter().product::<usize>();
        if tensor.dtype() != kind || found != count {
            let message =
                format!("{name}: found {found} numbers of {:?}, expected {count} of {kind:?}", tensor.dtype());
            return Err(EncoderError::Weights(message));
        }
        Ok(tensor.data())
    }

    /// So many numbers of 32 bits.
    pub fn floats(&self, name: &str, count: usize) -> Result<Vec<f32>> {
        let bytes = self.bytes(name, Dtype::F32, count)?;
        let (numbers, _) = bytes.as_chunks::<4>();
        Ok(numbers.iter().map(|&number| f32::from_le_bytes(number)).collect())
    }

    /// So many numbers of 8 bits.
    pub fn bytes_of(&self, name: &str, count: usize) -> Result<Vec<i8>> {
        Ok(self.bytes(name, Dtype::I8, count)?.iter().map(|&byte| byte.cast_signed()).collect())
    }

    /// The product of that name.
    pub fn product(&self, gemm: &Gemm, name: &str, inputs: usize, outputs: usize) -> Result<Product> {
        let weights = self.bytes_of(&format!("{name}.weight"), inputs * outputs)?;
        let scales = self.floats(&format!("{name}.scale"), outputs)?;
        let bias = self.floats(&format!("{name}.bias"), outputs)?;
        Ok(Product::new(gemm, inputs, &weights, scales, bias))
    }

    /// The head on vectors of this length after so many layers.
    pub fn head(&self, depth: usize, inputs: usize) -> Result<Head> {
        let weights = self.floats(&format!("head.{depth}.weight"), inputs * CLASSES)?;
        let bias = self.floats(&format!("head.{depth}.bias"), CLASSES)?;
        let (weights, _) = weights.as_chunks();
        Ok(Head { depth, weights: weights.to_vec(), intercept: std::array::from_fn(|class| bias[class]) })
    }
}
