//! What threads keep from block to block: buffers, and the words that they know.
//!
//! Rayon makes a new state for each piece of work that it splits off. Words known by number are worth most after
//! thousands of sentences, so a thread that begins a piece takes over what another has given back.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// States that nobody uses at the moment.
#[derive(Default)]
pub(super) struct Pool<T>(Mutex<Vec<T>>);

/// A state that goes back to its pool when it is dropped.
pub(super) struct Lent<'p, T: Default> {
    state: T,
    pool: &'p Pool<T>,
}

impl<T: Default> Pool<T> {
    /// The state that was given back last, or a new one.
    pub fn take(&self) -> Lent<'_, T> {
        // A panic elsewhere leaves whole states: taking and giving back cannot fail half-way.
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Lent { state: state.unwrap_or_default(), pool: self }
    }
}

impl<T: Default> Drop for Lent<'_, T> {
    fn drop(&mut self) {
        let state = std::mem::take(&mut self.state);
        self.pool.0.lock().unwrap_or_else(PoisonError::into_inner).push(state);
    }
}

impl<T: Default> Deref for Lent<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.state
    }
}

impl<T: Default> DerefMut for Lent<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.state
    }
}

#[cfg(test)]
mod tests {
    use super::Pool;

    #[test]
    fn what_is_given_back_is_taken_again() {
        let pool: Pool<Vec<u8>> = Pool::default();
        pool.take().push(1);
        let (one, other) = (pool.take(), pool.take());
        assert_eq!((one.as_slice(), other.as_slice()), (&[1][..], &[][..]));
    }
}
