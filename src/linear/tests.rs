//! The solver against two others, against its own formula, and against itself.
#![expect(clippy::float_cmp, reason = "what must be exact is compared exactly")]

use linfa::traits::{Fit, Predict};
use linfa::{DatasetBase, ParamGuard};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::{CLASSES, Label};

#[derive(Deserialize)]
struct Optimum {
    alpha: f64,
    coefficients: Vec<[f64; CLASSES]>,
    intercept: [f64; CLASSES],
    loss: f64,
}

#[derive(Deserialize)]
struct Fixture {
    ncols: usize,
    features: Vec<f32>,
    labels: Vec<usize>,
    weights: Vec<f32>,
    soft_targets: Vec<[f32; CLASSES]>,
    plain: Vec<Optimum>,
    weighted: Optimum,
    soft: Optimum,
}

impl Fixture {
    /// Made by `training/fixtures/linear.py`.
    fn load() -> Fixture {
        serde_json::from_str(include_str!("../../tests/fixtures/linear/solver.json")).expect("the fixture is ours")
    }

    fn dense(&self) -> DenseRows {
        DenseRows::new(self.features.clone(), self.ncols).expect("the fixture is ours")
    }

    fn sparse(&self) -> SparseRows {
        sparse(&self.dense())
    }

    fn labels(&self) -> Vec<Label> {
        self.labels.iter().map(|&label| Label::ALL[label]).collect()
    }

    fn targets(&self) -> Vec<[f32; CLASSES]> {
        one_hot(self.labels())
    }
}

fn sparse(dense: &DenseRows) -> SparseRows {
    let mut rows = SparseRows::new(dense.ncols());
    for row in 0..dense.nrows() {
        rows.push((0..).zip(dense.row(row).iter().copied())).expect("dense rows are finite");
    }
    rows
}

fn exact(alpha: f64) -> SoftmaxParams {
    SoftmaxParams::new().alpha(alpha).tolerance(1e-9).max_iterations(5000)
}

fn fit<R: Rows>(params: SoftmaxParams, rows: &R, targets: &[[f32; CLASSES]], weights: &[f32]) -> Fitted {
    params.check().expect("valid").fit_soft(rows, targets, weights).expect("the data are good")
}

/// The largest difference between weights, as a share of the largest weight.
fn distance(model: &Softmax, weights: &[[f64; CLASSES]], intercept: [f64; CLASSES]) -> f64 {
    let found = model.weights().iter().chain([&model.intercept()]).flatten().map(|&w| f64::from(w)).collect::<Vec<_>>();
    let expected: Vec<f64> = weights.iter().chain([&intercept]).flatten().copied().collect();
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(1e-300, |a: f64, b| a.max(b.abs()));
    found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / largest
}

fn assert_is_optimum(fitted: &Fitted, optimum: &Optimum) {
    assert!(fitted.converged, "{fitted:?}");
    let far = distance(&fitted.model, &optimum.coefficients, optimum.intercept);
    assert!(far < 1e-3, "alpha {}: weights differ by {far}", optimum.alpha);
    let gap = (fitted.loss - optimum.loss).abs() / optimum.loss;
    assert!(gap < 1e-6, "alpha {}: loss {} instead of {}", optimum.alpha, fitted.loss, optimum.loss);
}

#[test]
fn the_optimum_is_that_of_scikit_learn() {
    let fixture = Fixture::load();
    for optimum in &fixture.plain {
        assert_is_optimum(&fit(exact(optimum.alpha), &fixture.dense(), &fixture.targets(), &[]), optimum);
        assert_is_optimum(&fit(exact(optimum.alpha), &fixture.sparse(), &fixture.targets(), &[]), optimum);
    }
}

#[test]
fn sample_weights_are_those_of_scikit_learn() {
    let fixture = Fixture::load();
    let fitted = fit(exact(1.0), &fixture.sparse(), &fixture.targets(), &fixture.weights);
    assert_is_optimum(&fitted, &fixture.weighted);
}

#[test]
fn soft_targets_are_repeated_weighted_rows() {
    let fixture = Fixture::load();
    let fitted = fit(exact(fixture.soft.alpha), &fixture.sparse(), &fixture.soft_targets, &fixture.weights);
    assert_is_optimum(&fitted, &fixture.soft);
}

#[test]
fn the_optimum_is_that_of_linfa_logistic() {
    let fixture = Fixture::load();
    let values = fixture.features.iter().map(|&value| f64::from(value)).collect();
    let records = Array2::from_shape_vec((fixture.labels.len(), fixture.ncols), values).expect("whole rows");
    let data = DatasetBase::new(records, Array1::from(fixture.labels.clone()));
    let oracle = linfa_logistic::MultiLogisticRegression::default()
        .alpha(0.5)
        .max_iterations(10_000)
        .gradient_tolerance(1e-8)
        .fit(&data)
        .expect("linfa fits this");
    assert_eq!(oracle.classes(), [0, 1, 2]);
    let weights: Vec<[f64; CLASSES]> = oracle.params().rows().into_iter().map(|row| [row[0], row[1], row[2]]).collect();
    let intercept = oracle.intercept();
    let fitted = fit(exact(0.5), &fixture.sparse(), &fixture.targets(), &[]);
    let far = distance(&fitted.model, &weights, [intercept[0], intercept[1], intercept[2]]);
    assert!(far < 1e-3, "weights differ by {far}");
}

#[test]
fn linfa_traits_fit_and_predict() {
    let fixture = Fixture::load();
    let labels = Array1::from(fixture.labels());
    let data = DatasetBase::new(fixture.sparse(), labels).with_weights(Array1::from(fixture.weights.clone()));
    let model = exact(1.0).fit(&data).expect("the data are good");
    let far = distance(&model, &fixture.weighted.coefficients, fixture.weighted.intercept);
    assert!(far < 1e-3, "the dataset's weights count: weights differ by {far}");
    let predicted: Array1<Label> = model.predict(&data);
    for (row, label) in predicted.iter().enumerate() {
        assert_eq!(*label, Label::of_scores(model.probabilities(&data.records, row)));
    }
    let error = exact(-1.0).fit(&data).expect_err("alpha is negative");
    assert!(matches!(error, FitError::Params(ParamsError::Alpha(_))), "{error}");
}

#[test]
fn the_gradient_is_the_slope_of_the_value() {
    let fixture = Fixture::load();
    let (dense, rows, targets) = (fixture.dense(), fixture.sparse(), &fixture.soft_targets);
    let (n, d) = (rows.nrows(), rows.ncols());
    let number = |seed: usize| ((seed * 7919 % 101) as f64 - 50.0) / 60.0;
    let entries = |shift: usize| (0..=d).map(move |j| std::array::from_fn(|k| number(shift + 3 * j + k)));
    let parameters: Vec<[f64; CLASSES]> = entries(1).collect();
    let sample_weights: Vec<f64> = fixture.weights.iter().map(|&weight| f64::from(weight)).collect();
    let objective = objective::Objective {
        columns: rows.columns(),
        rows: &rows,
        targets,
        sample_weights: sample_weights.clone(),
        penalties: (0..d).map(|j| j as f64 * 0.7).collect(),
        anchor: entries(40).take(d).collect(),
        fit_intercept: true,
    };
    let value = |parameters: &Vec<[f64; CLASSES]>| objective.value(parameters, &objective.margins(parameters));
    let mut gradient = vec![[f64::NAN; CLASSES]; d + 1];
    let mut residuals = vec![[0.0; CLASSES]; n];
    let margins = objective.margins(&parameters);
    objective.gradient(&parameters, &margins, &mut residuals, &mut gradient);
    for feature in 0..=d {
        for class in 0..CLASSES {
            let (mut above, mut below) = (parameters.clone(), parameters.clone());
            above[feature][class] += 1e-5;
            below[feature][class] -= 1e-5;
            let slope = (value(&above) - value(&below)) / 2e-5;
            let found = gradient[feature][class];
            assert!((slope - found).abs() < 1e-5 * (1.0 + slope.abs()), "{feature}, {class}: {found}, not {slope}");
        }
    }

    // Along a ray: the value and the slope are those of the moved parameters.
    let direction: Vec<[f64; CLASSES]> = entries(77).collect();
    let direction_margins = objective.margins(&direction);
    let ray = objective.ray(&parameters, &margins, &direction, &direction_margins);
    let mut moved = parameters.clone();
    lbfgs::add_scaled(moved.as_flattened_mut(), 0.3, direction.as_flattened());
    objective.gradient(&moved, &objective.margins(&moved), &mut residuals, &mut gradient);
    let slope = lbfgs::dot(gradient.as_flattened(), direction.as_flattened());
    let (ray_value, ray_slope) = ray(0.3);
    assert!((ray_value - value(&moved)).abs() < 1e-9 * ray_value.abs(), "{ray_value}");
    assert!((ray_slope - slope).abs() < 1e-9 * slope.abs(), "{ray_slope}, not {slope}");

    // Column by column, for both kinds of rows, is row by row.
    let mut by_row = vec![[0.0; CLASSES]; d];
    for (row, residual) in residuals.iter().enumerate() {
        rows.add_scaled(row, &mut by_row, *residual);
        dense.add_scaled(row, &mut by_row, *residual);
    }
    let (mut by_sparse, mut by_dense) = (vec![[f64::NAN; CLASSES]; d], vec![[f64::NAN; CLASSES]; d]);
    rows.columns().multiply(&residuals, &mut by_sparse);
    dense.columns().multiply(&residuals, &mut by_dense);
    for ((twice, a), b) in by_row.iter().zip(&by_sparse).zip(&by_dense) {
        for class in 0..CLASSES {
            assert!((twice[class] - a[class] - b[class]).abs() < 1e-9, "{twice:?} {a:?} {b:?}");
        }
    }
}

fn base_of(fixture: &Fixture) -> Softmax {
    let weights = (0..fixture.ncols).map(|j| [0.1 * j as f32, -0.2, 0.05]).collect();
    Softmax::new(weights, [0.3, -0.1, 0.0], 2.0).expect("finite")
}

#[test]
fn a_strong_penalty_gives_the_base_back() {
    let fixture = Fixture::load();
    let base = base_of(&fixture);
    let fitted = fit(exact(1e9).base(base.clone()), &fixture.sparse(), &fixture.targets(), &[]);
    let at_one: Vec<[f64; CLASSES]> = base.weights().iter().map(|entry| entry.map(|w| f64::from(w) / 2.0)).collect();
    let far = distance(&fitted.model, &at_one, fitted.model.intercept().map(f64::from));
    assert!(far < 1e-6, "weights differ by {far}");
    assert!((fitted.model.temperature() - 1.0).abs() < f32::EPSILON);
}

#[test]
fn no_penalty_gives_the_free_optimum_whatever_the_base() {
    let fixture = Fixture::load();
    let free = fit(exact(0.0), &fixture.sparse(), &fixture.soft_targets, &[]);
    let based = fit(exact(0.0).base(base_of(&fixture)), &fixture.sparse(), &fixture.soft_targets, &[]);
    assert!(free.converged && based.converged);
    assert!((free.loss - based.loss).abs() < 1e-9 * free.loss);
    // Without penalty only differences between classes are determined.
    for row in 0..free.model.predict_probabilities(&fixture.sparse()).len() {
        let (a, b) =
            (free.model.probabilities(&fixture.dense(), row), based.model.probabilities(&fixture.dense(), row));
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5), "{a:?} {b:?}");
    }
}

#[test]
fn a_base_without_evidence_for_a_class_keeps_its_intercept() {
    let fixture = Fixture::load();
    let targets = vec![[0.0, 1.0, 0.0]; fixture.labels.len()];
    let fitted = fit(exact(1.0).base(base_of(&fixture)), &fixture.sparse(), &targets, &[]);
    assert_eq!(fitted.model.intercept(), [0.15, -0.05, 0.0]);
}

#[test]
fn penalties_are_held_feature_by_feature() {
    let fixture = Fixture::load();
    // Scaling a column by s is the same as dividing its penalty by s².
    let mut scaled = fixture.features.clone();
    scaled.iter_mut().step_by(fixture.ncols).for_each(|value| *value *= 4.0);
    let scaled = DenseRows::new(scaled, fixture.ncols).expect("finite");
    let mut penalties = vec![1.0; fixture.ncols];
    penalties[0] = 1.0 / 16.0;
    let a = fit(exact(1.0).penalties(penalties), &fixture.dense(), &fixture.targets(), &[]);
    let b = fit(exact(1.0), &scaled, &fixture.targets(), &[]);
    assert!((a.loss - b.loss).abs() < 1e-9 * a.loss, "{} {}", a.loss, b.loss);
    assert!((a.model.weights()[0][0] - 4.0 * b.model.weights()[0][0]).abs() < 1e-4);
}

/// Enough rows for several chunks, with a skewed distribution of features.
fn synthetic(nrows: usize, ncols: usize, per_row: usize, seed: u64) -> (SparseRows, Vec<Label>) {
    let mut state = seed;
    let mut random = move || {
        // Knuth's MMIX generator; its upper bits are good enough here.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let mut rows = SparseRows::new(ncols);
    let mut labels = Vec::new();
    for _ in 0..nrows {
        let label = Label::ALL[(random() * 3.0) as usize];
        let features: Vec<(u32, f32)> = (0..per_row)
            .map(|_| {
                let rank = (ncols as f64).powf(random()) as usize - 1;
                // Half of the features prefer a label.
                let at = if random() < 0.2 { rank - rank % 6 + label.index() } else { rank };
                ((at.min(ncols - 1)) as u32, 1.0)
            })
            .collect();
        rows.push(features).expect("in range");
        labels.push(label);
    }
    (rows, labels)
}

#[test]
fn one_thread_and_four_give_the_same_bits() {
    let (rows, labels) = synthetic(5000, 20_000, 40, 1);
    let dense = DenseRows::new((0..5000 * 70).map(|i| ((i * 31 % 97) as f32).sin()).collect(), 70).expect("finite");
    let params = SoftmaxParams::new().alpha(0.5).max_iterations(8);
    let targets = one_hot(labels);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        pool.install(|| (fit(params.clone(), &rows, &targets, &[]), fit(params.clone(), &dense, &targets, &[])))
    };
    let bits = |fitted: &Fitted| -> Vec<u32> {
        fitted.model.weights().iter().chain([&fitted.model.intercept()]).flatten().map(|w| w.to_bits()).collect()
    };
    let (one, four) = (with(1), with(4));
    assert_eq!(bits(&one.0), bits(&four.0));
    assert_eq!(bits(&one.1), bits(&four.1));
    assert_eq!(one.0.loss.to_bits(), four.0.loss.to_bits());
    assert_eq!(one.1.loss.to_bits(), four.1.loss.to_bits());
}

#[test]
fn blocks_of_columns_cover_every_column_once() {
    // One column alone is larger than a block; empty columns lie at both ends.
    let mut rows = SparseRows::new(9);
    for row in 0..70_000_u32 {
        rows.push([(3, 1.0), (4 + row % 4, 1.0)]).expect("in range");
    }
    let mut gradient = vec![[f64::NAN; CLASSES]; 9];
    rows.columns().multiply(&vec![[1.0, 0.0, 2.0]; 70_000], &mut gradient);
    let counts: Vec<f64> = gradient.iter().map(|entry| entry[0]).collect();
    assert_eq!(counts, [0.0, 0.0, 0.0, 70_000.0, 17_500.0, 17_500.0, 17_500.0, 17_500.0, 0.0]);
}

#[test]
fn rows_of_bad_numbers_are_refused() {
    let mut rows = SparseRows::new(3);
    rows.push([(0, 1.0)]).expect("in range");
    let before = rows.clone();
    let error = rows.push([(0, 1.0), (1, f32::NAN)]).expect_err("NaN");
    assert_eq!(error.to_string(), "row 1, feature 1: value NaN is not finite");
    assert!(matches!(rows.push([(2, f32::MAX), (2, f32::MAX)]), Err(RowsError::NotFinite { index: 2, .. })));
    assert!(matches!(rows.push([(0, 1.0), (3, 1.0)]), Err(RowsError::Index { row: 1, index: 3, ncols: 3 })));
    assert_eq!(rows, before);
    let error = DenseRows::new(vec![0.0, 1.0, f32::INFINITY, 0.0], 2).expect_err("infinite");
    assert_eq!(error, RowsError::NotFinite { row: 1, index: 0, value: f32::INFINITY });
    assert_eq!(DenseRows::new(vec![0.0; 3], 2), Err(RowsError::Ragged { values: 3, ncols: 2 }));
    assert!(DenseRows::new(vec![], 0).is_err());
}

#[test]
fn rows_are_appended_and_selected_in_order() {
    let (rows, _) = synthetic(50, 30, 5, 3);
    let places = [7, 7, 0, 49];
    let mut joined = rows.select(&places[..2]);
    joined.append(&rows.select(&places[2..])).expect("the same width");
    assert_eq!(joined, rows.select(&places));
    for (at, &place) in places.iter().enumerate() {
        assert!(joined.row(at).eq(rows.row(place)));
    }
    assert_eq!(joined.append(&SparseRows::new(2)), Err(RowsError::Width { expected: 30, found: 2 }));
    let dense = DenseRows::new(vec![1.0, 2.0, 3.0, 4.0], 2).expect("finite");
    assert_eq!(dense.select(&[1, 0, 1]).values(), [3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn bad_hyperparameters_are_named() {
    let message = |params: SoftmaxParams| params.check().expect_err("invalid").to_string();
    assert!(message(SoftmaxParams::new().alpha(f64::NAN)).starts_with("alpha is NaN"));
    assert!(message(SoftmaxParams::new().tolerance(0.0)).starts_with("tolerance is 0"));
    assert!(message(SoftmaxParams::new().max_iterations(0)).starts_with("max_iterations is 0"));
    assert!(message(SoftmaxParams::new().penalties(vec![1.0, -2.0])).starts_with("penalties[1] is -2"));
    assert!(SoftmaxParams::new().alpha(0.0).check().is_ok());
}

#[test]
fn bad_data_are_named() {
    let rows = DenseRows::new(vec![1.0, 2.0, 3.0], 1).expect("finite");
    let targets = one_hot(Label::ALL);
    let error = |params: SoftmaxParams, targets: &[[f32; CLASSES]], weights: &[f32]| {
        params.check().expect("valid").fit_soft(&rows, targets, weights).expect_err("bad").to_string()
    };
    let plain = SoftmaxParams::new;
    assert_eq!(error(plain(), &targets[..2], &[]), "targets has 2 entries: expected 3");
    assert_eq!(error(plain(), &targets, &[1.0]), "weights has 1 entries: expected 3");
    assert_eq!(error(plain().penalties(vec![1.0; 2]), &targets, &[]), "penalties has 2 entries: expected 1");
    let wide = Softmax::new(vec![[0.0; CLASSES]; 4], [0.0; CLASSES], 1.0).expect("finite");
    assert_eq!(error(plain().base(wide), &targets, &[]), "base has 4 entries: expected 1");
    assert!(error(plain(), &targets, &[1.0, f32::NAN, 1.0]).starts_with("weight of row 1 is NaN"));
    assert!(error(plain(), &targets, &[1.0, 1.0, -1.0]).starts_with("weight of row 2 is -1"));
    let nan = [targets[0], [0.5, f32::NAN, 0.5], targets[2]];
    assert!(error(plain(), &nan, &[]).starts_with("target of row 1 is [0.5, NaN, 0.5]"));
    let off = [targets[0], targets[1], [0.5, 0.5, 0.5]];
    assert!(error(plain(), &off, &[]).starts_with("target of row 2"));
    assert!(error(plain(), &one_hot([Label::Neutral; 3]), &[]).starts_with("no row of a weight above 0 is supportive"));
    assert!(error(plain(), &targets, &[1.0, 1.0, 0.0]).starts_with("no row of a weight above 0 is critical"));
    let base = Softmax::new(vec![[0.0; CLASSES]], [0.0; CLASSES], 1.0).expect("finite");
    assert!(error(plain().base(base), &targets, &[0.0; 3]).starts_with("no row of a weight above 0"));
    let none = SparseRows::new(1);
    assert!(matches!(plain().check().expect("valid").fit_soft(&none, &[], &[]), Err(FitError::NoRows)));
}

#[test]
fn numbers_out_of_range_are_an_error() {
    let weights = vec![[f32::MAX; CLASSES]];
    let base = Softmax::new(weights, [0.0; CLASSES], 1.0).expect("finite").with_temperature(1e-30).expect("above 0");
    let rows = DenseRows::new(vec![f32::MAX, 1.0, -1.0], 1).expect("finite");
    let targets = one_hot(Label::ALL);
    // These weights do not fit into 32 bits at temperature 1.
    let result = SoftmaxParams::new().base(base).check().expect("valid").fit_soft(&rows, &targets, &[]);
    assert!(matches!(result, Err(FitError::Diverged { .. })), "{result:?}");
    let penalties = SoftmaxParams::new().alpha(1e300).penalties(vec![1e38]);
    let result = penalties.check().expect("valid").fit_soft(&rows, &targets, &[]);
    assert!(matches!(result, Err(FitError::Diverged { iterations: 0, .. })), "{result:?}");
}

#[test]
fn models_of_bad_numbers_are_refused() {
    let error = Softmax::new(vec![[0.0; 3], [0.0, f32::NAN, 0.0]], [0.0; 3], 1.0).expect_err("NaN");
    assert_eq!(error.to_string(), "weight of feature 1 for neutral is NaN: expected a finite number");
    let error = Softmax::new(vec![], [0.0, 0.0, f32::INFINITY], 1.0).expect_err("infinite");
    assert_eq!(error.to_string(), "intercept for critical is inf: expected a finite number");
    for temperature in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-45] {
        assert!(matches!(Softmax::new(vec![], [0.0; 3], temperature), Err(ModelError::Temperature(_))));
    }
}

#[test]
fn ties_go_to_neutral() {
    let model = Softmax::new(vec![[1.0, 1.0, 1.0]], [0.0; 3], 1.0).expect("finite");
    let rows = DenseRows::new(vec![5.0], 1).expect("finite");
    let data = DatasetBase::new(rows, ());
    let labels: Array1<Label> = model.predict(&data);
    assert_eq!(labels, array![Label::Neutral]);
}

#[test]
fn a_temperature_is_found_again() {
    // Scores three times too large, with targets that are the true probabilities.
    let scores: Vec<[f64; CLASSES]> =
        (0..50).map(|i| [f64::from(i % 7), f64::from(i % 5) - 1.0, f64::from(i % 3)]).collect();
    let truth = Softmax::new(vec![], [0.0; CLASSES], 3.0).expect("finite");
    let targets: Vec<[f32; CLASSES]> = scores.iter().map(|&scores| truth.probabilities_of(scores)).collect();
    let found = Temperature::fit(&scores, &targets, &[]).expect("good data");
    assert!((found.value - 3.0).abs() < 1e-3, "{found:?}");
    assert!(found.loss_after < found.loss_before);

    // A weight is a repetition.
    let mut weights = vec![1.0; 50];
    weights[4] = 3.0;
    let hard = one_hot((0..50).map(|i| if i % 4 == 0 { Label::Critical } else { Label::of_scores(scores[i]) }));
    let repeat = |rows: &[[f32; CLASSES]]| [rows, &[rows[4], rows[4]]].concat();
    let repeated = Temperature::fit(&[&scores[..], &[scores[4], scores[4]]].concat(), &repeat(&hard), &[]);
    let weighted = Temperature::fit(&scores, &hard, &weights).expect("good data");
    let plain = Temperature::fit(&scores, &hard, &[]).expect("good data");
    assert!(
        (0.2..15.0).contains(&plain.value) && (plain.value - weighted.value).abs() > 0.01,
        "{plain:?} {weighted:?}"
    );
    assert!((weighted.value - repeated.expect("good data").value).abs() < 1e-4);
}

#[test]
fn temperature_is_bounded_and_its_errors_are_typed() {
    let certain = Temperature::fit(&[[1.0, 0.0, 0.0]], &[[1.0, 0.0, 0.0]], &[]).expect("good data");
    assert!((certain.value - 0.05).abs() < 1e-4, "{certain:?}");
    assert_eq!(Temperature::fit(&[], &[], &[]), Err(CalibrationError::NoRows));
    assert!(matches!(
        Temperature::fit(&[[f64::NAN, 0.0, 0.0]], &[[1.0, 0.0, 0.0]], &[]),
        Err(CalibrationError::Value { field: "scores", row: 0 })
    ));
    assert!(matches!(
        Temperature::fit(&[[0.0; 3]], &[], &[]),
        Err(CalibrationError::Length { field: "targets", expected: 1, found: 0 })
    ));
}

#[test]
fn a_folded_model_says_the_same_of_raw_rows() {
    let fixture = Fixture::load();
    let mut values = fixture.features.clone();
    // A large offset, and a constant column.
    values.iter_mut().step_by(fixture.ncols).for_each(|value| *value += 100.0);
    values.iter_mut().skip(1).step_by(fixture.ncols).for_each(|value| *value = 0.1);
    let rows = DenseRows::new(values, fixture.ncols).expect("finite");
    let standard = Standardiser::fit(&rows);
    let inner = standard.apply(&rows);
    let column = |at: usize| inner.values().iter().skip(at).step_by(fixture.ncols).copied();
    for at in [0, 2, 3] {
        assert!(column(at).sum::<f32>().abs() < 1e-3);
        assert!((column(at).map(|x| x * x).sum::<f32>() / inner.nrows() as f32 - 1.0).abs() < 1e-4);
    }
    assert!(column(1).all(|value| value == 0.0));
    let model = fit(exact(1.0), &inner, &fixture.targets(), &[]).model;
    let folded = standard.fold(&model).expect("finite");
    let unfolded = standard.unfold(&folded).expect("finite");
    for row in 0..rows.nrows() {
        let expected = model.probabilities(&inner, row);
        for found in [folded.probabilities(&rows, row), unfolded.probabilities(&inner, row)] {
            assert!(expected.iter().zip(found).all(|(a, b)| (a - b).abs() < 1e-4), "{expected:?} {found:?}");
        }
    }
}

#[test]
fn class_weights_balance() {
    let targets = one_hot([Label::Supportive, Label::Neutral, Label::Neutral, Label::Neutral]);
    let counts = ClassWeights::count(&targets, &[2.0, 1.0, 1.0, 0.0]);
    assert!(counts.iter().zip([2.0, 2.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-12));
    let half = ClassWeights::balanced([1.0, 4.0, 0.0], 0.5).expect("valid");
    assert!((half.weights[0] - (5.0_f32 / 3.0).sqrt()).abs() < 1e-6);
    assert!((half.weights[1] - (5.0_f32 / 12.0).sqrt()).abs() < 1e-6);
    assert!(half.weights[2] == 0.0);
    assert_eq!(ClassWeights::balanced([1.0; 3], 0.0).expect("valid").weights, [1.0; 3]);
    assert_eq!(ClassWeights::balanced([1.0; 3], 2.0), Err(ClassWeightsError::Power(2.0)));
    let soft = ClassWeights { weights: [1.0, 2.0, 4.0] }.sample_weights(&[[0.5, 0.25, 0.25]], &[2.0]);
    assert!((soft[0] - 4.0).abs() < 1e-6);
}

proptest! {
    #[test]
    fn sparse_rows_are_dense_rows(
        values in prop::collection::vec(prop_oneof![Just(0.0_f32), -9.0_f32..9.0], 5 * 8),
        weights in prop::collection::vec(prop::array::uniform3(-9.0_f32..9.0), 5),
    ) {
        let dense = DenseRows::new(values, 5).unwrap();
        let sparse = sparse(&dense);
        let model = Softmax::new(weights, [0.5, -0.5, 0.0], 0.7).unwrap();
        prop_assert_eq!(model.predict_scores(&dense), model.predict_scores(&sparse));
        prop_assert_eq!(model.scores(&sparse, 3), model.scores_of(sparse.row(3)));
    }

    #[test]
    fn probabilities_sum_to_one(scores in prop::array::uniform3(-1e6_f64..1e6), temperature in 0.01_f32..100.0) {
        let model = Softmax::new(vec![], [0.0; 3], temperature).unwrap();
        let probabilities = model.probabilities_of(scores);
        prop_assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        prop_assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
        let top = Label::of_scores(scores).index();
        prop_assert!(probabilities.iter().all(|&p| p <= probabilities[top]));
    }

    #[test]
    fn a_row_is_the_same_in_any_order(
        (row, shuffled) in prop::collection::vec((0_u32..50, 1_u8..9), 0..40)
            .prop_flat_map(|row| (Just(row.clone()), Just(row).prop_shuffle()))
    ) {
        let build = |row: &[(u32, u8)]| {
            let mut rows = SparseRows::new(50);
            rows.push(row.iter().map(|&(index, value)| (index, f32::from(value)))).unwrap();
            rows
        };
        prop_assert_eq!(build(&row), build(&shuffled));
    }
}
