//! Progress on standard error, and only where that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress line over a number of units, `None` where the number is not known.
pub(super) fn bar(quiet: bool, total: Option<u64>, unit: &'static str) -> ProgressBar {
    let bar = match total {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::no_length(),
    };
    bar.set_draw_target(if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(5) });
    let template = match (total, unit) {
        (Some(_), "bytes") => "{bar:30} {percent}% {msg} {eta} left",
        (Some(_), _) => "{bar:30} {pos}/{len} {msg} {eta} left",
        (None, _) => "{spinner} {msg}",
    };
    // The templates are constants of this function, and valid.
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
