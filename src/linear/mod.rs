//! Multinomial logistic regression over sparse or dense rows: fitting, adapting, calibrating, predicting.
//!
//! The model is a plain linear softmax because its score is a sum that can be explained feature by
//! feature, because its optimum is unique, and because it trains to that optimum in seconds to minutes.
//! The interface follows [linfa](https://docs.rs/linfa): checked hyperparameters
//! ([`SoftmaxParams`] → [`SoftmaxValidParams`]), [`Fit`](linfa::traits::Fit) on the checked ones and
//! [`Predict`](linfa::traits::Predict) on the fitted model. linfa-logistic itself is dense only, which is
//! why there is a solver here; on small dense data it is the oracle of our tests.
//!
//! This room knows numbers and labels, never text. Every result is bit-identical at any number of threads.
//!
//! ```
//! use linfa::DatasetBase;
//! use linfa::traits::{Fit, Predict};
//! use ndarray::{Array1, array};
//! use toward::Label;
//! use toward::linear::{SoftmaxParams, SparseRows};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut rows = SparseRows::new(3);
//! for features in [[(0, 1.0)], [(1, 1.0)], [(2, 1.0)]] {
//!     rows.push(features)?;
//! }
//! let labels = array![Label::Supportive, Label::Neutral, Label::Critical];
//! let data = DatasetBase::new(rows, labels.clone());
//!
//! let model = SoftmaxParams::new().alpha(0.1).fit(&data)?;
//! let predicted: Array1<Label> = model.predict(&data);
//! assert_eq!(predicted, labels);
//! # Ok(())
//! # }
//! ```

mod calibration;
mod class_weights;
mod fit;
mod hyperparams;
mod lbfgs;
mod objective;
mod rows;
mod softmax;
mod standardise;
#[cfg(test)]
mod tests;

pub use calibration::{CalibrationError, Temperature};
pub use class_weights::{ClassWeights, ClassWeightsError};
pub use fit::{FitError, Fitted, one_hot};
pub use hyperparams::{ParamsError, SoftmaxParams, SoftmaxValidParams};
pub use rows::{Columns, DenseRows, Rows, RowsError, SparseColumns, SparseRows};
pub use softmax::{ModelError, Softmax};
pub use standardise::Standardiser;
