//! Spreads many mentions over threads.
//!
//! Each thread takes the next mention and computes it alone: batches of like length are the custom, but a batch's padding
//! costs what its larger products save. Threads that each have a mention are no slower than threads that share one.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::network::Workspace;
use super::{EncoderError, Result};

/// `work` of each number below `count`, in their order, done by so many threads.
///
/// Each thread is a rayon pool of its own, of one worker: rten-gemm shares a product among the workers of the pool that
/// it is called in, and a worker that waits for others takes up other work meanwhile, on top of what it has begun.
pub(super) fn in_order<T: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize, &mut Workspace) -> Result<T> + Sync,
) -> Vec<Result<T>> {
    let next = AtomicUsize::new(0);
    let take = || {
        let (mut done, mut space) = (Vec::new(), Workspace::default());
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return done;
            }
            done.push((i, work(i, &mut space)));
        }
    };
    let alone = |thread: rayon::ThreadBuilder| thread.run();
    let worker = || rayon::ThreadPoolBuilder::new().num_threads(1).build_scoped(alone, |pool| pool.install(take));
    let mut results: Vec<Result<T>> = Vec::new();
    results.resize_with(count, || Err(EncoderError::Run("a thread could not start, or panicked".to_owned())));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.clamp(1, count.max(1))).map(|_| scope.spawn(worker)).collect();
        // A thread that panicked leaves the errors that its places were filled with.
        for (i, result) in workers.into_iter().filter_map(|w| w.join().ok()?.ok()).flatten() {
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
