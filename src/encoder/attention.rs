//! Self-attention (Vaswani et al. 2017): each piece becomes a mean of all pieces' values, weighted by how well its
//! query fits their keys, in twelve heads.

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions};
use rten_simd::SimdOp;
use rten_tensor::NdTensorView;
use rten_vecmath::Softmax;

use super::network::WIDTH;
use super::{EncoderError, Result};

const HEADS: usize = 12;
/// Numbers of a head.
const HEAD: usize = WIDTH / HEADS;

/// Attention, with the space that it needs.
#[derive(Default)]
pub(super) struct Attention {
    gemm: GemmExecutor,
    fits: Vec<f32>,
    head: Vec<f32>,
}

impl Attention {
    /// The mixed values of each row of `query`, head beside head. A row of `key_value` has a piece's keys, then its
    /// values. The queries have been divided by the root of a head's width.
    pub fn mix(&mut self, query: &[f32], key_value: &[f32], mixed: &mut Vec<f32>) -> Result<()> {
        let (asking, pieces) = (query.len() / WIDTH, key_value.len() / (2 * WIDTH));
        self.fits.resize(asking * pieces, 0.0);
        self.head.resize(asking * HEAD, 0.0);
        mixed.resize(query.len(), 0.0);
        let queries = NdTensorView::from_data([asking, WIDTH], query);
        let keys_values = NdTensorView::from_data([pieces, 2 * WIDTH], key_value);
        let failed = |error: rten_gemm::GemmError| EncoderError::Run(error.to_string());
        for head in 0..HEADS {
            let columns = head * HEAD..(head + 1) * HEAD;
            let query = queries.slice((.., columns.clone()));
            let keys = keys_values.slice((.., columns.clone()));
            let values = keys_values.slice((.., WIDTH + columns.start..WIDTH + columns.end));
            let (left, right) = (GemmInputA::Unpacked(query), GemmInputB::Unpacked(keys.transposed()));
            self.gemm.gemm(&mut self.fits, left, right, GemmOptions::default()).map_err(failed)?;
            for row in self.fits.chunks_exact_mut(pieces) {
                Softmax::new_mut(row).dispatch();
            }
            let fits = NdTensorView::from_data([asking, pieces], self.fits.as_slice());
            let (left, right) = (GemmInputA::Unpacked(fits), GemmInputB::Unpacked(values));
            self.gemm.gemm(&mut self.head, left, right, GemmOptions::default()).map_err(failed)?;
            for (mixed, part) in mixed.chunks_exact_mut(WIDTH).zip(self.head.chunks_exact(HEAD)) {
                mixed[columns.clone()].copy_from_slice(part);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the sums written out, for numbers of pieces around the widths of vectors.
    #[test]
    fn values_are_mixed_by_fit() {
        for (asking, pieces) in [(1, 1), (3, 15), (16, 16), (5, 40), (128, 128)] {
            let noise = |i: usize| ((i * 7919) % 997) as f32 / 500.0 - 1.0;
            let query: Vec<f32> = (0..asking * WIDTH).map(noise).collect();
            let key_value: Vec<f32> = (0..pieces * 2 * WIDTH).map(|i| noise(i + 31)).collect();
            let mut mixed = Vec::new();
            Attention::default().mix(&query, &key_value, &mut mixed).expect("the shapes fit");
            for (asker, head) in (0..asking).flat_map(|asker| (0..HEADS).map(move |head| (asker, head))) {
                let query = &query[asker * WIDTH + head * HEAD..][..HEAD];
                let part = |piece: usize, side: usize| &key_value[(2 * piece + side) * WIDTH + head * HEAD..][..HEAD];
                let dot = |key: &[f32]| query.iter().zip(key).map(|(q, k)| f64::from(q * k)).sum::<f64>();
                let fits: Vec<f64> = (0..pieces).map(|piece| dot(part(piece, 0)).exp()).collect();
                let sum: f64 = fits.iter().sum();
                for (number, found) in mixed[asker * WIDTH + head * HEAD..][..HEAD].iter().enumerate() {
                    let value = |(piece, fit): (usize, &f64)| fit * f64::from(part(piece, 1)[number]);
                    let exact = fits.iter().enumerate().map(value).sum::<f64>() / sum;
                    assert!((f64::from(*found) - exact).abs() < 1e-4, "{found} is not {exact}, {pieces} pieces");
                }
            }
        }
    }
}
