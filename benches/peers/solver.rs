//! Our solver on a matrix from a file in svmlight's format, for `training.py`, which gives scikit-learn the same file.
//!
//!     cargo bench --bench solver -- MATRIX.svm ALPHA TOLERANCE THREADS
//!
//! Prints one line of JSON: seconds and CPU seconds of the fit alone, its objective and iterations.

use std::error::Error;
use std::fs;
use std::time::Instant;

use linfa::ParamGuard;
use toward::Label;
use toward::linear::{SoftmaxParams, SparseRows, one_hot};

/// CPU seconds of this process, where the system tells them as Linux does.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may hold blanks.
    let numbers: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| numbers.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(f64::NAN);
    (ticks(11) + ticks(12)) / 100.0
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [matrix, alpha, tolerance, threads] = arguments.as_slice() else {
        eprintln!("give a matrix, alpha, a tolerance and a number of threads");
        return Ok(());
    };
    rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build_global()?;
    let (mut features, mut labels, mut width) = (Vec::new(), Vec::new(), 0);
    for line in fs::read_to_string(matrix)?.lines() {
        let mut cells = line.split(' ');
        labels.push(Label::ALL[cells.next().ok_or("an empty line")?.parse::<usize>()?]);
        let mut row = Vec::new();
        for cell in cells {
            let (feature, value) = cell.split_once(':').ok_or("no colon")?;
            row.push((feature.parse::<u32>()?, value.parse::<f32>()?));
        }
        width = width.max(row.iter().map(|(feature, _)| feature + 1).max().unwrap_or_default());
        features.push(row);
    }
    let mut rows = SparseRows::new(width as usize);
    for row in features {
        rows.push(row)?;
    }
    let targets = one_hot(labels);
    let params =
        SoftmaxParams::new().alpha(alpha.parse()?).tolerance(tolerance.parse()?).max_iterations(2000).check()?;
    let (began, used) = (Instant::now(), cpu());
    let fitted = params.fit_soft(&rows, &targets, &[])?;
    println!(
        "{{\"wall\":{:.3},\"cpu\":{:.2},\"loss\":{},\"iterations\":{}}}",
        began.elapsed().as_secs_f64(),
        cpu() - used,
        fitted.loss,
        fitted.iterations
    );
    Ok(())
}
