//! How far a file has been read: what progress and the time that is left are computed from.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the bytes of a file as they are stored, packed or not.
///
/// ```
/// use toward::data::{Source, SourceOptions};
///
/// let mut source = Source::from_reader("a.csv", &b"text\nXi left.\n"[..], &SourceOptions::default())?;
/// let meter = source.meter().clone();
/// source.read_text()?;
/// assert_eq!((meter.read(), meter.size()), (14, None));
/// # Ok::<(), toward::data::DataError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Meter {
    read: Arc<AtomicU64>,
    size: Option<u64>,
}

impl Meter {
    /// A meter of a file of that size.
    pub(super) fn of(size: Option<u64>) -> Meter {
        Meter { size, ..Meter::default() }
    }

    /// The bytes that were read.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The size of the file, where it is known: not of pipes.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// The reader whose bytes this meter counts.
    pub(super) fn on<R: Read>(&self, input: R) -> Metered<R> {
        Metered { input, meter: self.clone() }
    }
}

/// A reader whose bytes are counted.
pub(super) struct Metered<R> {
    input: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.meter.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
