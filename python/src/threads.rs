//! The threads of a classifier, which survive a fork.
//!
//! `multiprocessing` and Spark's workers fork: the child has the parent's memory, but not its threads, and would wait
//! for them forever. So the pool remembers in which process it was made, and a child makes its own.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// A pool of so many threads, made when it is first needed.
pub struct Threads {
    count: Option<usize>,
    pool: Mutex<Option<(u32, Arc<ThreadPool>)>>,
}

impl Threads {
    /// `None` stands for one a core, or what `RAYON_NUM_THREADS` says.
    pub fn new(count: Option<usize>) -> Threads {
        Threads { count, pool: Mutex::new(None) }
    }

    /// Does work on the pool's threads, without Python's lock.
    pub fn run<R: Send>(&self, py: Python<'_>, work: impl FnOnce() -> R + Send) -> PyResult<R> {
        let pool = self.pool()?;
        Ok(py.detach(|| pool.install(work)))
    }

    fn pool(&self) -> PyResult<Arc<ThreadPool>> {
        let process = std::process::id();
        // Nothing under this lock can leave it half done.
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        match pool.take() {
            Some((maker, threads)) if maker == process => {
                *pool = Some((maker, Arc::clone(&threads)));
                return Ok(threads);
            }
            // The threads are the parent's: to end them would wait for them.
            Some((_, lost)) => std::mem::forget(lost),
            None => {}
        }
        let threads = ThreadPoolBuilder::new().num_threads(self.count.unwrap_or(0)).build();
        let threads = Arc::new(threads.map_err(|error| crate::error::ours(format!("threads: {error}")))?);
        *pool = Some((process, Arc::clone(&threads)));
        Ok(threads)
    }
}
