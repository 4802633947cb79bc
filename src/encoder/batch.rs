//! Spreads many mentions over threads.
//!
//! Each thread takes the next mention and computes it alone. Batches of 32 of like length are the custom, but they gain
//! nothing here: a second of one core gives 165 mentions alone, 165 to 190 in batches (whose masks and padding
//! cost what their larger products save), and a batch would share its scales of activations, so that a vector would
//! depend on its neighbours. Threads that each have a mention are no slower than threads that share one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rten::ThreadPool;

use super::{EncoderError, Result};

/// The thread that rten's operators run on.
pub(super) struct OneThread(Arc<ThreadPool>);

impl OneThread {
    pub fn pool(&self) -> Arc<ThreadPool> {
        Arc::clone(&self.0)
    }
}

/// `work` of each number below `count`, in their order, done by so many threads.
///
/// These are threads of the system's, not rayon's workers: a worker that waits for rten's pool takes up other work
/// meanwhile, on top of what it has begun, and would pile sentence on sentence on its stack.
pub(super) fn in_order<T: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize, &OneThread) -> Result<T> + Sync,
) -> Vec<Result<T>> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let pool = Arc::new(ThreadPool::with_num_threads(1));
        let one = OneThread(Arc::clone(&pool));
        pool.run(|| {
            let mut done = Vec::new();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                if i >= count {
                    return done;
                }
                done.push((i, work(i, &one)));
            }
        })
    };
    let mut results: Vec<Result<T>> = Vec::new();
    results.resize_with(count, || Err(EncoderError::Run("a thread panicked".to_owned())));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.clamp(1, count.max(1))).map(|_| scope.spawn(worker)).collect();
        // A thread that panicked leaves the errors that its places were filled with.
        for (i, result) in workers.into_iter().filter_map(|w| w.join().ok()).flatten() {
            results[i] = result;
        }
    });
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_order() {
        for threads in [0, 1, 2, 7] {
            let results = in_order(50, threads, |i, _| Ok(i * i));
            assert!(results.into_iter().enumerate().all(|(i, r)| r == Ok(i * i)), "{threads} threads");
        }
        assert!(in_order(0, 3, |i, _| Ok(i)).is_empty());
    }
}
