//! Rows that belong together: the mentions of one document, say, which are no independent evidence.

use rustc_hash::FxHashMap;

/// A partition of rows into clusters.
///
/// ```
/// use toward::evaluation::Clusters;
///
/// let clusters = Clusters::by_key(["a.txt", "b.txt", "a.txt"]);
/// assert_eq!((clusters.len(), clusters.nrows()), (2, 3));
/// assert_eq!(clusters.rows(0), [0, 2]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clusters {
    /// Rows, cluster after cluster, ascending in each.
    rows: Vec<u32>,
    /// Where each cluster starts in `rows`, and a last entry for the end.
    starts: Vec<u32>,
}

impl Clusters {
    /// Every row for itself. Rows are counted in 32 bits.
    pub fn single(nrows: usize) -> Clusters {
        Clusters { rows: (0..nrows as u32).collect(), starts: (0..=nrows as u32).collect() }
    }

    /// Rows with equal keys, in the order in which the keys first occur.
    pub fn by_key<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>) -> Clusters {
        let mut numbers: FxHashMap<Vec<u8>, u32> = FxHashMap::default();
        let mut of_row = Vec::new();
        for key in keys {
            let key = key.as_ref();
            if let Some(&number) = numbers.get(key) {
                of_row.push(number);
            } else {
                of_row.push(numbers.len() as u32);
                numbers.insert(key.to_vec(), numbers.len() as u32);
            }
        }
        let mut rows: Vec<u32> = (0..of_row.len() as u32).collect();
        // Stable: rows stay ascending in their cluster.
        rows.sort_by_key(|&row| of_row[row as usize]);
        let mut starts = vec![0; numbers.len() + 1];
        for number in of_row {
            starts[number as usize + 1] += 1;
        }
        for cluster in 0..numbers.len() {
            starts[cluster + 1] += starts[cluster];
        }
        Clusters { rows, starts }
    }

    /// The number of clusters.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of rows in all clusters.
    pub fn nrows(&self) -> usize {
        self.rows.len()
    }

    /// The rows of one cluster, ascending.
    ///
    /// # Panics
    ///
    /// If `cluster` is out of range.
    pub fn rows(&self, cluster: usize) -> &[u32] {
        &self.rows[self.starts[cluster] as usize..self.starts[cluster + 1] as usize]
    }
}
