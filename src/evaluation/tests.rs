//! Figures against hand-worked numbers and against scikit-learn; resampling and folds against their promises.
#![expect(clippy::float_cmp, reason = "what must be exact is compared exactly")]

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::Label::{self, Critical, Neutral, Supportive};

#[derive(Deserialize)]
struct Fixture {
    truth: Vec<usize>,
    probabilities: Vec<[f32; CLASSES]>,
    confusion: [[u64; CLASSES]; CLASSES],
    precision: [f64; CLASSES],
    recall: [f64; CLASSES],
    f1: [f64; CLASSES],
    support: [u64; CLASSES],
    macro_f1: f64,
    accuracy: f64,
    log_loss: f64,
    brier: f64,
    ece: f64,
}

impl Fixture {
    /// Made by `training/fixtures/linear.py`.
    fn load() -> Fixture {
        serde_json::from_str(include_str!("../../tests/fixtures/linear/metrics.json")).expect("the fixture is ours")
    }

    fn truth(&self) -> Vec<Label> {
        self.truth.iter().map(|&label| Label::ALL[label]).collect()
    }

    fn report(&self) -> Report {
        Report::of_probabilities(&self.truth(), &self.probabilities, None, Bootstrap::default()).expect("good data")
    }
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
}

#[test]
fn precision_is_of_the_predicted_and_recall_of_the_true() {
    // One of three predicted is right; the only one there is was found.
    let truth = [Supportive, Neutral, Neutral, Neutral, Critical];
    let predicted = [Supportive, Supportive, Supportive, Neutral, Critical];
    let confusion = Confusion::of(&truth, &predicted).expect("as long");
    let supportive = confusion.class(Supportive);
    close(supportive.precision, 1.0 / 3.0);
    close(supportive.recall, 1.0);
    close(supportive.f1, 0.5);
    let neutral = confusion.class(Neutral);
    close(neutral.precision, 1.0);
    close(neutral.recall, 1.0 / 3.0);
    close(confusion.macro_f1(), (0.5 + 0.5 + 1.0) / 3.0);
    close(confusion.accuracy(), 0.6);
    assert_eq!((confusion.total(), neutral.support, confusion.predicted(Supportive)), (5, 3, 3));
}

#[test]
fn nothing_divided_by_nothing_is_zero() {
    // Critical is never predicted, supportive only predicted; neither is NaN, and both count.
    let confusion = Confusion::of(&[Neutral, Critical], &[Neutral, Supportive]).expect("as long");
    assert_eq!(confusion.class(Critical), ClassScores { precision: 0.0, recall: 0.0, f1: 0.0, support: 1 });
    assert_eq!(confusion.class(Supportive), ClassScores::default());
    close(confusion.macro_f1(), 1.0 / 3.0);
    // A label that occurs nowhere is left out.
    let confusion = Confusion::of(&[Neutral, Critical], &[Neutral, Critical]).expect("as long");
    close(confusion.macro_f1(), 1.0);
    assert!(Confusion::default().macro_f1() == 0.0 && Confusion::default().accuracy() == 0.0);
}

#[test]
fn figures_are_those_of_scikit_learn() {
    let fixture = Fixture::load();
    let report = fixture.report();
    assert_eq!(report.confusion.counts, fixture.confusion);
    for label in Label::ALL {
        let (scores, at) = (report.per_class.of(label), label.index());
        close(scores.precision, fixture.precision[at]);
        close(scores.recall, fixture.recall[at]);
        close(scores.f1, fixture.f1[at]);
        assert_eq!(scores.support, fixture.support[at]);
    }
    close(report.macro_f1, fixture.macro_f1);
    close(report.accuracy, fixture.accuracy);
    close(report.log_loss.expect("there are probabilities"), fixture.log_loss);
    close(report.brier.expect("there are probabilities"), fixture.brier);
    close(report.ece.expect("there are probabilities"), fixture.ece);
    assert_eq!(report.n, 200);
}

#[test]
fn calibration_error_is_worked_by_hand() {
    // Two rows in the bin (11/15, 12/15], one of them right: |1 − 1.5| of 3. One right row at 0.5: |1 − 0.5|.
    let probabilities = [[0.75, 0.25, 0.0], [0.0, 0.75, 0.25], [0.25, 0.25, 0.5]];
    let error = calibration_error(&[Supportive, Supportive, Critical], &probabilities).expect("good data");
    close(error, (0.5 + 0.5) / 3.0);
    // A bin takes in its upper end: 0.6 = 9/15 and 0.55 share one, and their errors cancel.
    let error = calibration_error(&[Supportive, Neutral], &[[0.6, 0.3, 0.1], [0.55, 0.35, 0.1]]).expect("good data");
    close(error, (0.55 - 0.4) / 2.0);
}

#[test]
fn log_loss_and_brier_score_are_worked_by_hand() {
    let probabilities = [[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]];
    close(log_loss(&[Supportive, Critical], &probabilities).expect("good data"), 2.0_f64.ln() / 2.0);
    close(brier_score(&[Supportive, Critical], &probabilities).expect("good data"), 0.375 / 2.0);
    // Certain and wrong is finite.
    close(log_loss(&[Neutral], &[[0.0, 0.0, 1.0]]).expect("good data"), 15.0 * 10.0_f64.ln());
    close(brier_score(&[Neutral], &[[0.0, 0.0, 1.0]]).expect("good data"), 2.0);
}

#[test]
fn bad_input_is_named() {
    let one = [[1.0, 0.0, 0.0]];
    assert_eq!(
        Confusion::of(&[Neutral], &[]).expect_err("too short").to_string(),
        "predicted has 0 entries: expected 1, one for each true label"
    );
    assert_eq!(log_loss(&[], &[]), Err(EvaluationError::Empty));
    assert!(matches!(
        brier_score(&[Neutral, Neutral], &one),
        Err(EvaluationError::Length { field: "probabilities", expected: 2, found: 1 })
    ));
    for bad in [[f32::NAN, 0.5, 0.5], [0.5, 0.5, 0.5], [1.5, -0.5, 0.0]] {
        let result = calibration_error(&[Neutral, Neutral], &[one[0], bad]);
        assert!(matches!(result, Err(EvaluationError::Probabilities { row: 1, .. })), "{result:?}");
    }
    let none = Bootstrap { replicates: 0, seed: 0 };
    assert_eq!(macro_f1_interval(&[Neutral], &[Neutral], None, none), Err(EvaluationError::Replicates));
    assert_eq!(macro_f1_interval(&[], &[], None, Bootstrap::default()), Err(EvaluationError::Empty));
    assert!(matches!(
        macro_f1_interval(&[Neutral], &[Neutral], Some(&Clusters::single(2)), Bootstrap::default()),
        Err(EvaluationError::Length { field: "clusters", .. })
    ));
    assert_eq!(
        Folds::grouped(&["a", "b", "a"], 3, 0).expect_err("too many").to_string(),
        "folds is 3: expected 2 to 2, the number of groups"
    );
    assert!(Folds::grouped(&["a", "b"], 1, 0).is_err());
}

#[test]
fn the_interval_has_the_width_that_theory_gives() {
    // Two equally frequent labels with equal errors: macro-F1 is nearly accuracy, whose standard error is known.
    let n = 2000;
    let truth: Vec<Label> = (0..n).map(|i| if i % 2 == 0 { Neutral } else { Critical }).collect();
    let predicted: Vec<Label> = (0..n).map(|i| if i % 10 < 2 { truth[(i + 1) % n] } else { truth[i] }).collect();
    let [low, high] = macro_f1_interval(&truth, &predicted, None, Bootstrap::default()).expect("good data");
    let expected = 2.0 * 1.96 * (0.8_f64 * 0.2 / n as f64).sqrt();
    assert!(low < 0.8 && 0.8 < high, "{low} {high}");
    assert!((high - low - expected).abs() < 0.15 * expected, "{} instead of {expected}", high - low);

    // Each row four times over: as clusters they are as much evidence as before, as rows four times as much.
    let four = |labels: &[Label]| labels.iter().flat_map(|&label| [label; 4]).collect::<Vec<_>>();
    let clusters = Clusters::by_key((0..4 * n).map(|row| (row / 4).to_string()));
    let (truth, predicted) = (four(&truth), four(&predicted));
    let width = |clusters| {
        let [low, high] = macro_f1_interval(&truth, &predicted, clusters, Bootstrap::default()).expect("good data");
        high - low
    };
    assert!((width(Some(&clusters)) - expected).abs() < 0.15 * expected);
    assert!((width(None) - expected / 2.0).abs() < 0.15 * expected);
}

#[test]
fn resampling_depends_on_the_seed_alone() {
    let fixture = Fixture::load();
    let interval = |seed, threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        let bootstrap = Bootstrap { seed, ..Bootstrap::default() };
        pool.install(|| Report::of_probabilities(&fixture.truth(), &fixture.probabilities, None, bootstrap))
            .expect("good data")
            .ci95
    };
    assert_eq!(interval(1, 1), interval(1, 4));
    assert_ne!(interval(1, 1), interval(2, 1));
}

#[test]
fn percentiles_are_interpolated() {
    let mut values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
    let [low, high] = interval::interval95(&mut values);
    close(low, 2.5);
    close(high, 97.5);
    assert_eq!(interval::interval95(&mut [7.0]), [7.0, 7.0]);
}

#[test]
fn a_better_model_is_told_from_a_worse_one() {
    let truth: Vec<Label> = (0..300).map(|i| Label::ALL[i % 3]).collect();
    let wrong_every = |step: usize| -> Vec<Label> {
        truth
            .iter()
            .enumerate()
            .map(|(i, &t)| if i % step == 0 { Label::ALL[(t.index() + 1) % 3] } else { t })
            .collect()
    };
    let (poor, good) = (wrong_every(4), wrong_every(20));
    let found = compare(&truth, &poor, &good, None, Bootstrap::default()).expect("good data");
    assert!(found.difference > 0.15 && found.ci95[0] > 0.0 && found.p_value < 0.01, "{found:?}");
    // Rows wrong for `good` are wrong for `poor`, too.
    assert_eq!((found.mcnemar.only_a, found.mcnemar.only_b), (0, 60));
    assert!(found.mcnemar.p_value < 1e-12);
    let turned = compare(&truth, &good, &poor, None, Bootstrap::default()).expect("good data");
    close(turned.difference, -found.difference);
    let same = compare(&truth, &good, &good, None, Bootstrap::default()).expect("good data");
    assert!(same.difference == 0.0 && same.p_value == 1.0 && same.mcnemar.p_value == 1.0, "{same:?}");
    assert!(compare(&truth, &poor, &good[1..], None, Bootstrap::default()).is_err());
}

#[test]
fn mcnemar_is_exact() {
    // scipy.stats.binomtest(k, n).pvalue
    close(McNemar::of(3, 12).p_value, 0.035_156_25);
    close(McNemar::of(12, 3).p_value, 0.035_156_25);
    close(McNemar::of(5, 5).p_value, 1.0);
    close(McNemar::of(950, 1050).p_value, 0.026_824_146);
}

#[test]
fn folds_are_balanced_and_ignore_the_order_of_rows() {
    let keys: Vec<String> = (0..400).map(|i| format!("document {}", (i * i) % 61)).collect();
    let folds = Folds::grouped(&keys, 5, 0).expect("enough groups");
    let sizes: Vec<usize> = (0..5).map(|fold| folds.split(fold).1.len()).collect();
    assert!(sizes.iter().max() <= sizes.iter().min().map(|least| least + 8).as_ref(), "{sizes:?}");
    let turned: Vec<String> = keys.iter().rev().cloned().collect();
    let turned = Folds::grouped(&turned, 5, 0).expect("enough groups");
    assert!(folds.of_rows().iter().eq(turned.of_rows().iter().rev()));
    assert_ne!(folds, Folds::grouped(&keys, 5, 1).expect("enough groups"));
}

#[test]
fn folds_are_the_same_on_every_machine() {
    // Folds decide what published figures mean: a change here is a change of format. Checked with Python's xxhash.
    let keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
    assert_eq!(Folds::grouped(&keys, 3, 0).expect("enough groups").of_rows(), [1, 2, 1, 1, 0, 0, 2, 0_usize]);
}

#[test]
fn the_report_is_stable_as_json_and_as_a_table() {
    let report = Report { ci95: [0.6, 0.7], ..Fixture::load().report() };
    let json = serde_json::to_value(&report).expect("a report is plain data");
    let fields: Vec<&str> = json.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(fields, ["macro_f1", "ci95", "accuracy", "n", "per_class", "confusion", "log_loss", "brier", "ece"]);
    assert_eq!(json["per_class"]["supportive"]["support"], 49);
    assert_eq!(json["confusion"][0], serde_json::json!([31, 10, 8]));
    assert_eq!(serde_json::from_value::<Report>(json).expect("what was written"), report);
    insta::assert_snapshot!(report, @r"
    macro-F1 0.667 (95 % interval 0.600 to 0.700)
    accuracy 0.680, n = 200
    log loss 0.760, Brier score 0.446, calibration error 0.055

                 precision    recall        F1   support
    supportive       0.574     0.633     0.602        49
    neutral          0.776     0.695     0.733        95
    critical         0.639     0.696     0.667        56

    truth         → supportive     → neutral    → critical
    supportive              31            10             8
    neutral                 15            66            14
    critical                 8             9            39
    ");
    let labels = Report::of_labels(&[Neutral], &[Neutral], None, Bootstrap::default()).expect("good data");
    assert!(!labels.to_string().contains("log loss"));
    assert!(!serde_json::to_string(&labels).expect("plain data").contains("ece"));
}

proptest! {
    #[test]
    fn folds_partition_rows_and_keep_groups(
        keys in prop::collection::vec(0_u8..20, 2..200), count in 2_usize..6, seed: u64,
    ) {
        let keys: Vec<[u8; 1]> = keys.into_iter().map(|key| [key]).collect();
        if let Ok(folds) = Folds::grouped(&keys, count, seed) {
            let mut tested = 0;
            for fold in 0..folds.count() {
                let (train, test) = folds.split(fold);
                prop_assert!(!test.is_empty());
                prop_assert_eq!(train.len() + test.len(), keys.len());
                prop_assert!(test.iter().all(|&a| train.iter().all(|&b| keys[a] != keys[b])));
                tested += test.len();
            }
            prop_assert_eq!(tested, keys.len());
        }
    }

    #[test]
    fn figures_stay_in_their_ranges(pairs in prop::collection::vec((0_usize..3, 0_usize..3), 1..50)) {
        let label = |at: usize| Label::ALL[at];
        let (truth, predicted): (Vec<Label>, Vec<Label>) = pairs.iter().map(|&(t, p)| (label(t), label(p))).unzip();
        let report = Report::of_labels(&truth, &predicted, None, Bootstrap { replicates: 20, seed: 3 }).unwrap();
        prop_assert!((0.0..=1.0).contains(&report.macro_f1) && (0.0..=1.0).contains(&report.accuracy));
        prop_assert!(report.ci95[0] <= report.ci95[1]);
        let micro: u64 = Label::ALL.iter().map(|&label| report.per_class.of(label).support).sum();
        prop_assert_eq!(micro, report.n);
    }
}
