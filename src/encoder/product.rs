//! The product of activations and weights in 8 bits: nearly all of the encoder's work.
//!
//! Weights are rounded once, with one scale a column; activations as they come, with one scale and zero point a row, so
//! that a row's result depends on nothing but the row ("dynamic quantisation", as in onnxruntime, but a row each). Their
//! channels are evened out before (Xiao et al. 2023, "smooth quantisation"). Sums are exact in 32 bits.
//!
//! [rten-gemm](https://docs.rs/rten-gemm) multiplies, with the widest vectors that the processor has.

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::SimdOp;
use rten_tensor::NdTensorView;
use rten_vecmath::{ExtendInit, MinMax, Normalize, NormalizeOptions, Quantize};

use super::{EncoderError, Result};

/// Rows of activations, rounded to 8 bits.
#[derive(Debug, Default)]
pub(super) struct Rounded {
    width: usize,
    values: Vec<u8>,
    /// What a step is worth, and which step is zero: one a row.
    scales: Vec<f32>,
    zeros: Vec<i32>,
    evened: Vec<f32>,
}

impl Rounded {
    /// Rounds rows of `width` numbers, each channel multiplied by its factor of `even` before.
    pub fn fill(&mut self, rows: &[f32], width: usize, even: Option<&[f32]>) {
        self.width = width;
        self.values.clear();
        self.values.reserve(rows.len());
        self.scales.clear();
        self.zeros.clear();
        for row in rows.chunks_exact(width) {
            let row = match even {
                Some(even) => {
                    let factors = NormalizeOptions { element_scale: Some(even), ..NormalizeOptions::default() };
                    self.evened.clear();
                    self.evened.extend_from_slice(row);
                    Normalize::new_mut(&mut self.evened, factors).dispatch();
                    self.evened.as_slice()
                }
                None => row,
            };
            // Zero is always a step, as in the standard's `DynamicQuantizeLinear`.
            let (least, most) = MinMax::new(row).dispatch();
            let (least, most) = (least.min(0.0), most.max(0.0));
            let scale = if most > least { (most - least) / 255.0 } else { 1.0 };
            let zero = (-least / scale).round_ties_even().clamp(0.0, 255.0) as u8;
            self.values.extend_init(|space| Quantize::new(row, &mut space[..width], scale.recip(), zero).dispatch());
            self.scales.push(scale);
            self.zeros.push(zero.into());
        }
    }

    /// Only the rows at these places.
    pub fn pick(&self, places: &[usize], into: &mut Rounded) {
        into.width = self.width;
        into.values.clear();
        into.scales.clear();
        into.zeros.clear();
        for &place in places {
            into.values.extend_from_slice(&self.values[place * self.width..][..self.width]);
            into.scales.push(self.scales[place]);
            into.zeros.push(self.zeros[place]);
        }
    }
}

/// `rows × weights + bias`.
pub(super) struct Product {
    weights: PackedBMatrix<i8>,
    /// The sum of each column's weights: what a step of a row's zero point adds.
    columns: Vec<i32>,
    scales: Vec<f32>,
    bias: Vec<f32>,
}

impl Product {
    /// Of weights `[inputs, outputs]`, row by row, and the scale and bias of each output.
    pub fn new(gemm: &Gemm, inputs: usize, weights: &[i8], scales: Vec<f32>, bias: Vec<f32>) -> Self {
        let packed = gemm.0.prepack_b(NdTensorView::from_data([inputs, scales.len()], weights));
        let mut columns = vec![0; scales.len()];
        for row in weights.chunks_exact(scales.len()) {
            for (column, &weight) in columns.iter_mut().zip(row) {
                *column += i32::from(weight);
            }
        }
        Product { weights: packed, columns, scales, bias }
    }

    /// The products of all rows, one after the other, in `out`.
    pub fn of(&self, gemm: &Gemm, rows: &Rounded, sums: &mut Vec<i32>, out: &mut Vec<f32>) -> Result<()> {
        let outputs = self.scales.len();
        sums.resize(rows.scales.len() * outputs, 0);
        let left = NdTensorView::from_data([rows.scales.len(), rows.width], rows.values.as_slice());
        gemm.0
            .gemm(sums, GemmInputA::Unpacked(left), GemmInputB::Packed(&self.weights), GemmOptions::default())
            .map_err(|error| EncoderError::Run(error.to_string()))?;
        out.resize(sums.len(), 0.0);
        // Zero points are taken off here: rten-gemm 0.27 has one for all rows in mind.
        let columns = self.columns.iter().zip(&self.scales).zip(&self.bias);
        let rows = rows.scales.iter().zip(&rows.zeros);
        for ((out, sums), (step, zero)) in out.chunks_exact_mut(outputs).zip(sums.chunks_exact(outputs)).zip(rows) {
            for ((out, &sum), ((column, scale), bias)) in out.iter_mut().zip(sums).zip(columns.clone()) {
                *out = (sum - zero * column) as f32 * (step * scale) + bias;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Product {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Product").field("outputs", &self.scales.len()).finish_non_exhaustive()
    }
}

/// Multiplies matrices in 8 bits.
#[derive(Default)]
pub(super) struct Gemm(GemmExecutor<u8, i8, i32>);

impl std::fmt::Debug for Gemm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Gemm").field(&self.0.kernel_name()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the sum written out.
    #[test]
    fn products_are_those_of_whole_numbers() {
        let (inputs, outputs) = (40, 24);
        let rows: Vec<f32> = (0..40 * inputs).map(|i| ((i * 37) % 101) as f32 / 10.0 - 3.0).collect();
        let weights: Vec<i8> = (0..inputs * outputs).map(|i| (((i * 53) % 129) as i32 - 64) as i8).collect();
        let scales: Vec<f32> = (0..outputs).map(|i| 0.01 + i as f32 / 1000.0).collect();
        let bias: Vec<f32> = (0..outputs).map(|i| i as f32).collect();
        let even: Vec<f32> = (0..inputs).map(|i| 1.0 + i as f32 / 50.0).collect();
        let gemm = Gemm::default();
        let product = Product::new(&gemm, inputs, &weights, scales.clone(), bias.clone());
        let (mut rounded, mut sums, mut found) = (Rounded::default(), Vec::new(), Vec::new());
        rounded.fill(&rows, inputs, Some(&even));
        product.of(&gemm, &rounded, &mut sums, &mut found).expect("the shapes fit");
        for (row, found) in rows.chunks_exact(inputs).zip(found.chunks_exact(outputs)) {
            let evened: Vec<f32> = row.iter().zip(&even).map(|(x, even)| x * even).collect();
            let largest = evened.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
            for (column, found) in found.iter().enumerate() {
                let column_of = |x: (usize, &f32)| x.1 * f32::from(weights[x.0 * outputs + column]) * scales[column];
                let exact: f32 = evened.iter().enumerate().map(column_of).sum::<f32>() + bias[column];
                // Each of the inputs is off by at most half a step.
                let most = inputs as f32 * 64.0 * scales[column] * (2.0 * largest / 255.0) / 2.0;
                assert!((found - exact).abs() <= most, "{found} is not {exact}");
                assert!((found - exact).abs() <= most / 2.0, "errors of both signs cancel out: {found}, {exact}");
            }
        }
        let mut picked = Rounded::default();
        rounded.pick(&[2, 0], &mut picked);
        let mut few = Vec::new();
        product.of(&gemm, &picked, &mut sums, &mut few).expect("the shapes fit");
        assert_eq!(few, [&found[2 * outputs..3 * outputs], &found[..outputs]].concat());
    }

    #[test]
    fn rows_of_zeros_stay_zero() {
        let gemm = Gemm::default();
        let product = Product::new(&gemm, 4, &[1; 8], vec![0.5; 2], vec![1.0, 2.0]);
        let (mut rounded, mut sums, mut found) = (Rounded::default(), Vec::new(), Vec::new());
        rounded.fill(&[0.0; 4], 4, None);
        product.of(&gemm, &rounded, &mut sums, &mut found).expect("the shapes fit");
        assert_eq!(found, [1.0, 2.0]);
    }
}
