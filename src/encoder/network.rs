//! The forward pass: pieces in, the last layer's vectors out.
//!
//! [rten](https://docs.rs/rten) runs a graph that `training/encoder/convert.py` wrote: weights of matrices in 8 bits with one
//! scale a column, of which 7 are used, since on x86 without VNNI the product of 8 would saturate; activations in 8
//! bits with one scale a sentence (dynamic quantisation, as onnxruntime has it), after channels were evened out
//! (SmoothQuant, Xiao et al. 2023). The last layer computes only the rows that are pooled. The graph takes one sentence: without padding there is nothing to mask, and nothing that the
//! vectors of one sentence could owe to another.

use rten::{Model, ModelOptions, NodeId, RunOptions, op_registry};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

use super::batch::OneThread;
use super::{EncoderError, Result};

/// Numbers that the network has for a piece.
pub(super) const WIDTH: usize = 384;

#[derive(Debug)]
pub(super) struct Network {
    model: Model,
    ids: NodeId,
    places: NodeId,
    rows: NodeId,
    hidden: NodeId,
}

impl Network {
    /// From an ONNX file under zstd.
    pub fn load(packed: impl std::io::Read) -> Result<Self> {
        let bytes = zstd::decode_all(packed).map_err(weights)?;
        // Only what the graph uses, so that the linker leaves out the rest of rten.
        let operators = op_registry!(
            Add,
            Cast,
            DynamicQuantizeLinear,
            Gather,
            Gelu,
            LayerNormalization,
            MatMul,
            MatMulInteger,
            Mul,
            Reshape,
            Softmax,
            Split,
            Transpose
        );
        let mut options = ModelOptions::with_ops(operators);
        options.prepack_weights(true);
        let model = options.load(bytes).map_err(weights)?;
        let node = |name| model.node_id(name).map_err(weights);
        Ok(Self {
            ids: node("ids")?,
            places: node("places_of_ids")?,
            rows: node("rows")?,
            hidden: node("hidden")?,
            model,
        })
    }

    /// The last layer's vectors of the pieces at the places `rows`, one after the other.
    pub fn run(&self, ids: &[i32], rows: &[i32], threads: &OneThread) -> Result<Vec<f32>> {
        let places: Vec<i32> = (0..ids.len() as i32).collect();
        let inputs = vec![
            (self.ids, NdTensorView::from_data([ids.len()], ids).into()),
            (self.places, NdTensorView::from_data([places.len()], places.as_slice()).into()),
            (self.rows, NdTensorView::from_data([rows.len()], rows).into()),
        ];
        let options = RunOptions::default().with_thread_pool(Some(threads.pool()));
        let [hidden] = self.model.run_n(inputs, [self.hidden], Some(options)).map_err(run)?;
        let hidden: NdTensor<f32, 2> = hidden.try_into().map_err(run)?;
        if hidden.shape() != [rows.len(), WIDTH] {
            return Err(EncoderError::Run(format!("{:?} numbers for {} pieces", hidden.shape(), rows.len())));
        }
        Ok(hidden.into_data())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn weights(error: impl ToString) -> EncoderError {
    EncoderError::Weights(error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn run(error: impl ToString) -> EncoderError {
    EncoderError::Run(error.to_string())
}
