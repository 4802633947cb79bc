//! Feature vectors as rows: compressed sparse rows for named features, dense rows for encoder vectors.
//!
//! Both kinds go through one trait, [`Rows`], so that the solver and the model are written once. Weights
//! are laid out feature by feature, `[W; 3]` each: a non-zero then costs one gather for all three classes.
//!
//! linfa implements its `Records` for `ndarray` only, and the orphan rule keeps us from adding `sprs`; a
//! CSR matrix of our own is small, has 32-bit indices and values, and is checked when it is built: a
//! value that is not finite never reaches a solver.

use linfa::dataset::Records;
use rayon::prelude::*;

use crate::CLASSES;

/// What can be wrong with a row of features.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RowsError {
    /// A feature index at or beyond the number of columns.
    #[error("row {row}: feature index {index} is out of range: there are {ncols} columns")]
    Index {
        /// The row, counted from 0.
        row: usize,
        /// The offending index.
        index: u32,
        /// The number of columns.
        ncols: usize,
    },
    /// A value that is NaN or infinite.
    #[error("row {row}, feature {index}: value {value} is not finite")]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The feature.
        index: usize,
        /// The offending value.
        value: f32,
    },
    /// Values that do not fill whole rows.
    #[error("{values} values do not make whole rows of {ncols} columns")]
    Ragged {
        /// The number of values given.
        values: usize,
        /// The number of columns asked for.
        ncols: usize,
    },
    /// Two sets of rows of different width.
    #[error("rows of {found} columns cannot be appended to rows of {expected}")]
    Width {
        /// The width appended to.
        expected: usize,
        /// The width of the rows to append.
        found: usize,
    },
}

/// Rows of features, `nrows × ncols`, all values finite.
pub trait Rows: Sync {
    /// The column-wise view that [`columns`](Rows::columns) gives.
    type Columns<'a>: Columns
    where
        Self: 'a;

    /// The number of rows.
    fn nrows(&self) -> usize;

    /// The number of columns, that is, of features.
    fn ncols(&self) -> usize;

    /// Adds `xᵀW` of one row to `scores`, where `weights` has one `[W; 3]` a feature.
    ///
    /// # Panics
    ///
    /// If `row` is out of range or `weights` is shorter than [`ncols`](Rows::ncols).
    fn dot<W: Copy + Into<f64>>(&self, row: usize, weights: &[[W; CLASSES]], scores: &mut [f64; CLASSES]);

    /// Adds `x · factorsᵀ` of one row to `gradient`, which has one entry a feature.
    ///
    /// # Panics
    ///
    /// If `row` is out of range or `gradient` is shorter than [`ncols`](Rows::ncols).
    fn add_scaled(&self, row: usize, gradient: &mut [[f64; CLASSES]], factors: [f64; CLASSES]);

    /// The same numbers, to be read column by column. For sparse rows this is a transposed copy.
    fn columns(&self) -> Self::Columns<'_>;

    /// The rows at these places, in this order, as cross-validation needs them.
    ///
    /// # Panics
    ///
    /// If a place is out of range.
    #[must_use]
    fn select(&self, rows: &[usize]) -> Self
    where
        Self: Sized;
}

/// Rows read column by column, to compute `XᵀR`.
///
/// A gradient summed row by row needs one dense copy a thread and a reduction whose order depends on the
/// threads. Column by column, every entry is summed by one thread in row order: no copy, no reduction,
/// the same bits at any number of threads.
pub trait Columns: Sync {
    /// Writes `XᵀR` into `gradient`: one `[f64; 3]` a row in `residuals`, one a feature in `gradient`.
    fn multiply(&self, residuals: &[[f64; CLASSES]], gradient: &mut [[f64; CLASSES]]);

    /// The sum of each column's squares, where a row's count as often as its weight says.
    fn squares(&self, weights: &[f64]) -> Vec<f64>;
}

/// Compressed sparse rows.
///
/// ```
/// use toward::linear::{Rows, SparseRows};
///
/// let mut rows = SparseRows::new(4);
/// rows.push([(3, 1.0), (0, 0.5), (3, 1.0)])?; // sorted, duplicates summed
/// assert_eq!(rows.row(0).collect::<Vec<_>>(), [(0, 0.5), (3, 2.0)]);
/// assert_eq!((rows.nrows(), rows.ncols()), (1, 4));
/// assert_eq!(
///     rows.push([(4, 1.0)]).unwrap_err().to_string(),
///     "row 1: feature index 4 is out of range: there are 4 columns"
/// );
/// # Ok::<(), toward::linear::RowsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SparseRows {
    indptr: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
    ncols: usize,
}

impl SparseRows {
    /// No rows yet, of `ncols` columns.
    pub fn new(ncols: usize) -> SparseRows {
        SparseRows { indptr: vec![0], indices: Vec::new(), values: Vec::new(), ncols }
    }

    /// Adds a row of `(feature, value)` pairs in any order; duplicates are summed, zeros left out.
    ///
    /// # Errors
    ///
    /// [`RowsError::Index`] or [`RowsError::NotFinite`]; the rows are then as before.
    pub fn push(&mut self, row: impl IntoIterator<Item = (u32, f32)>) -> Result<(), RowsError> {
        let number = self.nrows();
        let mut entries: Vec<(u32, f32)> = row.into_iter().collect();
        // Stable, so that duplicates are summed in the order given.
        entries.sort_by_key(|&(index, _)| index);
        if let Some(&(index, _)) = entries.last()
            && index as usize >= self.ncols
        {
            return Err(RowsError::Index { row: number, index, ncols: self.ncols });
        }
        let old_length = self.indices.len();
        for same in entries.chunk_by(|a, b| a.0 == b.0) {
            let index = same[0].0;
            let value = same.iter().map(|&(_, value)| value).sum::<f32>();
            if !value.is_finite() {
                self.indices.truncate(old_length);
                self.values.truncate(old_length);
                return Err(RowsError::NotFinite { row: number, index: index as usize, value });
            }
            if value != 0.0 {
                self.indices.push(index);
                self.values.push(value);
            }
        }
        self.indptr.push(self.indices.len());
        Ok(())
    }

    /// Adds all rows of `other`, so that rows can be built in parallel and joined in order.
    ///
    /// # Errors
    ///
    /// [`RowsError::Width`] if the numbers of columns differ.
    pub fn append(&mut self, other: &SparseRows) -> Result<(), RowsError> {
        if other.ncols != self.ncols {
            return Err(RowsError::Width { expected: self.ncols, found: other.ncols });
        }
        let shift = self.indices.len();
        self.indices.extend_from_slice(&other.indices);
        self.values.extend_from_slice(&other.values);
        self.indptr.extend(other.indptr[1..].iter().map(|end| end + shift));
        Ok(())
    }

    /// The non-zeros of one row, in the order of their features.
    ///
    /// # Panics
    ///
    /// If `row` is out of range.
    pub fn row(&self, row: usize) -> impl ExactSizeIterator<Item = (u32, f32)> {
        let range = self.indptr[row]..self.indptr[row + 1];
        self.indices[range.clone()].iter().copied().zip(self.values[range].iter().copied())
    }

    /// The number of non-zeros in all rows.
    pub fn non_zeros(&self) -> usize {
        self.indices.len()
    }
}

impl Rows for SparseRows {
    type Columns<'a> = SparseColumns;

    fn nrows(&self) -> usize {
        self.indptr.len() - 1
    }

    fn ncols(&self) -> usize {
        self.ncols
    }

    fn dot<W: Copy + Into<f64>>(&self, row: usize, weights: &[[W; CLASSES]], scores: &mut [f64; CLASSES]) {
        let mut sums = *scores;
        for (index, value) in self.row(row) {
            let weight = &weights[index as usize];
            for class in 0..CLASSES {
                sums[class] += f64::from(value) * weight[class].into();
            }
        }
        *scores = sums;
    }

    fn add_scaled(&self, row: usize, gradient: &mut [[f64; CLASSES]], factors: [f64; CLASSES]) {
        for (index, value) in self.row(row) {
            for (sum, factor) in gradient[index as usize].iter_mut().zip(factors) {
                *sum += f64::from(value) * factor;
            }
        }
    }

    fn columns(&self) -> SparseColumns {
        SparseColumns::of(self)
    }

    fn select(&self, rows: &[usize]) -> SparseRows {
        let total = rows.iter().map(|&row| self.indptr[row + 1] - self.indptr[row]).sum();
        let mut selected = SparseRows {
            indptr: Vec::with_capacity(rows.len() + 1),
            indices: Vec::with_capacity(total),
            values: Vec::with_capacity(total),
            ncols: self.ncols,
        };
        selected.indptr.push(0);
        for &row in rows {
            let range = self.indptr[row]..self.indptr[row + 1];
            selected.indices.extend_from_slice(&self.indices[range.clone()]);
            selected.values.extend_from_slice(&self.values[range]);
            selected.indptr.push(selected.indices.len());
        }
        selected
    }
}

/// A transposed copy of [`SparseRows`]: compressed sparse columns.
#[derive(Debug)]
pub struct SparseColumns {
    indptr: Vec<usize>,
    /// Row numbers, ascending in each column. Rows are counted in 32 bits: more do not fit in memory.
    rows: Vec<u32>,
    values: Vec<f32>,
}

/// About this many non-zeros are one unit of work. Frequent features make columns very unequal, so blocks
/// are cut by non-zeros, not by columns.
const BLOCK_NON_ZEROS: usize = 1 << 16;

impl SparseColumns {
    fn of(matrix: &SparseRows) -> SparseColumns {
        let mut indptr = vec![0; matrix.ncols + 1];
        for &index in &matrix.indices {
            indptr[index as usize + 1] += 1;
        }
        for column in 0..matrix.ncols {
            indptr[column + 1] += indptr[column];
        }
        let mut next = indptr.clone();
        let mut rows = vec![0; matrix.indices.len()];
        let mut values = vec![0.0; matrix.indices.len()];
        for row in 0..matrix.nrows() {
            for (index, value) in matrix.row(row) {
                let place = &mut next[index as usize];
                rows[*place] = row as u32;
                values[*place] = value;
                *place += 1;
            }
        }
        SparseColumns { indptr, rows, values }
    }

    /// Cuts `gradient` into blocks of columns with about [`BLOCK_NON_ZEROS`] each, with their first columns.
    fn blocks<'a>(&self, mut gradient: &'a mut [[f64; CLASSES]]) -> Vec<(usize, &'a mut [[f64; CLASSES]])> {
        let mut blocks = Vec::new();
        let mut first = 0;
        while !gradient.is_empty() {
            let limit = self.indptr[first] + BLOCK_NON_ZEROS;
            let end = self.indptr.partition_point(|&start| start <= limit) - 1;
            let length = end.saturating_sub(first).clamp(1, gradient.len());
            let (block, rest) = gradient.split_at_mut(length);
            blocks.push((first, block));
            gradient = rest;
            first += length;
        }
        blocks
    }
}

impl Columns for SparseColumns {
    fn multiply(&self, residuals: &[[f64; CLASSES]], gradient: &mut [[f64; CLASSES]]) {
        debug_assert_eq!(gradient.len() + 1, self.indptr.len());
        self.blocks(gradient).into_par_iter().for_each(|(first, block)| {
            for (column, entry) in (first..).zip(block) {
                let range = self.indptr[column]..self.indptr[column + 1];
                let mut sums = [0.0; CLASSES];
                for (&row, &value) in self.rows[range.clone()].iter().zip(&self.values[range]) {
                    let residual = &residuals[row as usize];
                    for class in 0..CLASSES {
                        sums[class] += f64::from(value) * residual[class];
                    }
                }
                *entry = sums;
            }
        });
    }

    fn squares(&self, weights: &[f64]) -> Vec<f64> {
        let column = |range: &[usize]| {
            let range = range[0]..range[1];
            let entries = self.rows[range.clone()].iter().zip(&self.values[range]);
            entries.map(|(&row, &value)| weights[row as usize] * f64::from(value).powi(2)).sum()
        };
        self.indptr.par_windows(2).map(column).collect()
    }
}

/// Dense rows, stored row by row.
///
/// ```
/// use toward::linear::{DenseRows, Rows};
///
/// let rows = DenseRows::new(vec![1.0, 2.0, 3.0, 4.0], 2)?;
/// assert_eq!((rows.nrows(), rows.row(1)), (2, &[3.0, 4.0][..]));
/// assert!(DenseRows::new(vec![f32::NAN], 1).is_err());
/// # Ok::<(), toward::linear::RowsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DenseRows {
    values: Vec<f32>,
    ncols: usize,
}

impl DenseRows {
    /// Takes `values`, row after row of `ncols` each.
    ///
    /// # Errors
    ///
    /// [`RowsError::Ragged`] if the values do not fill whole rows (or `ncols` is 0),
    /// [`RowsError::NotFinite`] if one is NaN or infinite.
    pub fn new(values: Vec<f32>, ncols: usize) -> Result<DenseRows, RowsError> {
        if ncols == 0 || !values.len().is_multiple_of(ncols) {
            return Err(RowsError::Ragged { values: values.len(), ncols });
        }
        match values.iter().position(|value| !value.is_finite()) {
            Some(at) => Err(RowsError::NotFinite { row: at / ncols, index: at % ncols, value: values[at] }),
            None => Ok(DenseRows { values, ncols }),
        }
    }

    /// Takes values that are known to be finite and to fill whole rows.
    pub(super) fn from_checked(values: Vec<f32>, ncols: usize) -> DenseRows {
        debug_assert!(values.iter().all(|value| value.is_finite()) && values.len().is_multiple_of(ncols));
        DenseRows { values, ncols }
    }

    /// One row.
    ///
    /// # Panics
    ///
    /// If `row` is out of range.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.ncols..(row + 1) * self.ncols]
    }

    /// All values, row after row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

impl Rows for DenseRows {
    type Columns<'a> = &'a DenseRows;

    fn nrows(&self) -> usize {
        self.values.len() / self.ncols
    }

    fn ncols(&self) -> usize {
        self.ncols
    }

    fn dot<W: Copy + Into<f64>>(&self, row: usize, weights: &[[W; CLASSES]], scores: &mut [f64; CLASSES]) {
        let mut sums = *scores;
        for (&value, weight) in self.row(row).iter().zip(&weights[..self.ncols]) {
            for class in 0..CLASSES {
                sums[class] += f64::from(value) * weight[class].into();
            }
        }
        *scores = sums;
    }

    fn add_scaled(&self, row: usize, gradient: &mut [[f64; CLASSES]], factors: [f64; CLASSES]) {
        for (&value, entry) in self.row(row).iter().zip(&mut gradient[..self.ncols]) {
            for (sum, factor) in entry.iter_mut().zip(factors) {
                *sum += f64::from(value) * factor;
            }
        }
    }

    fn columns(&self) -> &DenseRows {
        self
    }

    fn select(&self, rows: &[usize]) -> DenseRows {
        let values = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
        DenseRows { values, ncols: self.ncols }
    }
}

/// Columns that one unit of work sums at once: two cache lines of every row.
const BLOCK_COLUMNS: usize = 32;

impl Columns for &DenseRows {
    fn multiply(&self, residuals: &[[f64; CLASSES]], gradient: &mut [[f64; CLASSES]]) {
        gradient.par_chunks_mut(BLOCK_COLUMNS).enumerate().for_each(|(number, block)| {
            block.fill([0.0; CLASSES]);
            let first = number * BLOCK_COLUMNS;
            for (row, residual) in self.values.chunks_exact(self.ncols).zip(residuals) {
                for (&value, entry) in row[first..first + block.len()].iter().zip(block.iter_mut()) {
                    for class in 0..CLASSES {
                        entry[class] += f64::from(value) * residual[class];
                    }
                }
            }
        });
    }

    fn squares(&self, weights: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.ncols];
        for (row, weight) in self.values.chunks_exact(self.ncols).zip(weights) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += weight * f64::from(value).powi(2);
            }
        }
        sums
    }
}

impl Records for SparseRows {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.nrows()
    }

    fn nfeatures(&self) -> usize {
        self.ncols
    }
}

impl Records for DenseRows {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.nrows()
    }

    fn nfeatures(&self) -> usize {
        self.ncols
    }
}

// linfa's marker for targets.
impl linfa::Label for crate::Label {}
