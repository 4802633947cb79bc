//! Time of fitting a model, at a tenth of the size of the real task and, if asked for, at its full size.
//!
//!     cargo bench --bench fit
//!     cargo bench --bench fit -- --include-ignored full_size     # one run; minutes, 2 GB

use divan::Bencher;
use linfa::ParamGuard;
use toward::linear::{SoftmaxParams, SparseRows, one_hot};
use toward::{CLASSES, Label};

fn main() {
    divan::main();
}

/// Rows as text gives them: the frequency of a feature falls as its rank rises (Zipf), and some features
/// prefer a label. The generator is Knuth's MMIX.
fn rows(nrows: usize, ncols: usize, per_row: usize) -> (SparseRows, Vec<[f32; CLASSES]>) {
    let mut state = 1_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    // Indices of real features are hashed or alphabetical: neighbours in rank are not neighbours in memory.
    let place = |rank: usize| ((rank as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20) as usize % ncols;
    let (mut rows, mut labels) = (SparseRows::new(ncols), Vec::with_capacity(nrows));
    for _ in 0..nrows {
        let label = Label::ALL[(random() * 3.0) as usize];
        let features: Vec<(u32, f32)> = (0..per_row)
            .map(|_| {
                let rank = (ncols as f64).powf(random()) as usize;
                let rank = if random() < 0.1 { rank - rank % 3 + label.index() } else { rank };
                (place(rank) as u32, 1.0 + random() as f32)
            })
            .collect();
        rows.push(features).expect("features are in range and finite");
        labels.push(label);
    }
    (rows, one_hot(labels))
}

/// Exactly so many iterations: the tolerance is out of reach.
fn fit(bencher: Bencher, nrows: usize, ncols: usize, iterations: usize) {
    let (rows, targets) = rows(nrows, ncols, 150);
    let params = SoftmaxParams::new().alpha(1.0).tolerance(1e-300).max_iterations(iterations);
    let params = params.check().expect("the parameters are valid");
    bencher.bench_local(|| {
        let fitted = params.fit_soft(&rows, &targets, &[]).expect("the data are good");
        eprintln!(
            "{} iterations, {} non-zeros: loss {:.6}, gradient {:.1e}",
            fitted.iterations,
            rows.non_zeros(),
            fitted.loss,
            fitted.gradient_norm
        );
        fitted
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn tenth_size(bencher: Bencher) {
    fit(bencher, 35_000, 60_000, 20);
}

#[divan::bench(sample_count = 1, sample_size = 1, ignore)]
fn full_size(bencher: Bencher) {
    fit(bencher, 350_000, 600_000, 200);
}
