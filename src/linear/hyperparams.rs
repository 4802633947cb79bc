//! What is minimised, and how long: hyperparameters, unchecked and checked, as linfa has them.

use linfa::ParamGuard;

use super::softmax::Softmax;

/// A hyperparameter that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamsError {
    /// `alpha` is negative, NaN or infinite.
    #[error("alpha is {0}: expected a finite number, 0 or above")]
    Alpha(f64),
    /// A penalty multiplier is negative, NaN or infinite.
    #[error("penalties[{feature}] is {value}: expected a finite number, 0 or above")]
    Penalty {
        /// The feature.
        feature: usize,
        /// The offending value.
        value: f32,
    },
    /// `max_iterations` is 0.
    #[error("max_iterations is 0: expected at least 1")]
    MaxIterations,
    /// `tolerance` is not a positive number.
    #[error("tolerance is {0}: expected a finite number above 0")]
    Tolerance(f64),
}

/// Checked hyperparameters of [`Softmax`]; see [`SoftmaxParams`].
#[derive(Clone, Debug, PartialEq)]
pub struct SoftmaxValidParams {
    alpha: f64,
    penalties: Option<Vec<f32>>,
    max_iterations: usize,
    tolerance: f64,
    base: Option<Softmax>,
}

/// Hyperparameters of [`Softmax`], not yet checked.
///
/// Fitting minimises, over the weights `W` and the intercept `b`,
///
/// ```text
/// Σᵢ wᵢ · (−Σₖ tᵢₖ · ln softmax(Wᵀxᵢ + b)ₖ)  +  α/2 · Σⱼ mⱼ · ‖Wⱼ − W₀ⱼ‖²
/// ```
///
/// with sample weights `w`, targets `t` (hard labels are one-hot), penalty multipliers `m` (1 unless given)
/// and a base `W₀` (0 unless given). The intercept is not penalised. `α` multiplies the *sum* of the
/// losses, as in linfa-logistic; it is `1 / C` of scikit-learn and LIBLINEAR.
///
/// The number of threads is that of the current rayon pool; it does not change the result.
///
/// ```
/// use linfa::ParamGuard;
/// use toward::linear::SoftmaxParams;
///
/// let error = SoftmaxParams::new().alpha(-1.0).check().unwrap_err();
/// assert_eq!(error.to_string(), "alpha is -1: expected a finite number, 0 or above");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SoftmaxParams(SoftmaxValidParams);

impl Default for SoftmaxParams {
    fn default() -> SoftmaxParams {
        SoftmaxParams::new()
    }
}

impl SoftmaxParams {
    /// `alpha` 1, at most 300 iterations, tolerance 1e-5, no base.
    pub fn new() -> SoftmaxParams {
        SoftmaxParams(SoftmaxValidParams {
            alpha: 1.0,
            penalties: None,
            max_iterations: 300,
            tolerance: 1e-5,
            base: None,
        })
    }

    /// The strength of the penalty, 0 or above.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> SoftmaxParams {
        self.0.alpha = alpha;
        self
    }

    /// One multiplier of `alpha` a feature, 0 or above, so that families of features of different scale
    /// (say, word vectors beside words) can be held at different strengths.
    #[must_use]
    pub fn penalties(mut self, penalties: Vec<f32>) -> SoftmaxParams {
        self.0.penalties = Some(penalties);
        self
    }

    /// Stop after so many iterations, at least 1.
    #[must_use]
    pub fn max_iterations(mut self, max_iterations: usize) -> SoftmaxParams {
        self.0.max_iterations = max_iterations;
        self
    }

    /// Stop as soon as no entry of the objective's gradient exceeds `tolerance · Σᵢ wᵢ`.
    ///
    /// That is, the largest entry of the gradient of the *mean* loss is held against it, so that it means
    /// the same for any amount of data; scikit-learn's `tol` is the same quantity.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> SoftmaxParams {
        self.0.tolerance = tolerance;
        self
    }

    /// Adapt this model: start from it, and penalise the distance from it instead of the distance from zero
    /// (Chelba & Acero, *Adaptation of maximum entropy capitalizer*, 2006).
    ///
    /// The base is taken at its temperature: adapting to no evidence gives its probabilities back, in a
    /// model of temperature 1. The intercept starts at the base's and is fitted freely, unless a class
    /// has no weight in the targets: how common it is cannot be learnt then, and the base's intercept stays.
    #[must_use]
    pub fn base(mut self, base: Softmax) -> SoftmaxParams {
        self.0.base = Some(base);
        self
    }
}

impl SoftmaxValidParams {
    /// The strength of the penalty.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The multipliers of `alpha`, one a feature, if any were given.
    pub fn penalties(&self) -> Option<&[f32]> {
        self.penalties.as_deref()
    }

    /// The largest number of iterations.
    pub fn max_iterations(&self) -> usize {
        self.max_iterations
    }

    /// The tolerance on the gradient of the mean loss.
    pub fn tolerance(&self) -> f64 {
        self.tolerance
    }

    /// The model that is adapted, if any.
    pub fn base(&self) -> Option<&Softmax> {
        self.base.as_ref()
    }
}

impl ParamGuard for SoftmaxParams {
    type Checked = SoftmaxValidParams;
    type Error = ParamsError;

    fn check_ref(&self) -> Result<&SoftmaxValidParams, ParamsError> {
        let params = &self.0;
        if !(params.alpha.is_finite() && params.alpha >= 0.0) {
            return Err(ParamsError::Alpha(params.alpha));
        }
        for (feature, &value) in params.penalties.iter().flatten().enumerate() {
            if !(value.is_finite() && value >= 0.0) {
                return Err(ParamsError::Penalty { feature, value });
            }
        }
        if params.max_iterations == 0 {
            return Err(ParamsError::MaxIterations);
        }
        if !(params.tolerance.is_finite() && params.tolerance > 0.0) {
            return Err(ParamsError::Tolerance(params.tolerance));
        }
        Ok(params)
    }

    fn check(self) -> Result<SoftmaxValidParams, ParamsError> {
        self.check_ref()?;
        Ok(self.0)
    }
}
