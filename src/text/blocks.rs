//! Where runs of bytes of a kind begin and end, sixty-four bytes at a time.
//!
//! Which bytes are of the kind is worked out for all of a block at once, as bits, and a run begins or ends where a bit differs
//! from the one before it (as simdjson finds the quotes of JSON: Langdale & Lemire 2019). Where a word ends no processor can
//! foresee, and a loop that asks byte by byte waits at every word.

/// Bytes that are looked at together.
pub(crate) const BLOCK: usize = 64;

/// The blocks of a text; the last is filled up with zeros.
pub(crate) fn blocks(bytes: &[u8], mut each: impl FnMut(usize, &[u8; BLOCK])) {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    for (number, block) in blocks.iter().chain([&last]).enumerate() {
        each(number * BLOCK, block);
    }
}

/// Which bytes of a block are of a kind.
#[inline]
pub(crate) fn bits(block: &[u8; BLOCK], kind: impl Fn(u8) -> bool) -> u64 {
    let mut flags = [0; BLOCK];
    for (flag, &byte) in flags.iter_mut().zip(block) {
        *flag = u8::from(kind(byte));
    }
    // The product brings the lowest bits of eight bytes together in its highest byte.
    let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    flags.as_chunks().0.iter().rev().fold(0, |all, eight| all << 8 | bits(eight))
}

/// Where runs begin and end in turn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edges {
    /// What is behind the count is of no account.
    places: Vec<usize>,
    count: usize,
    /// Whether the byte before the next block is of the kind.
    before: u64,
}

impl Edges {
    /// Begins anew, before which a byte of the kind may stand.
    pub fn begin(&mut self, within: bool) {
        (self.count, self.before) = (0, u64::from(within));
    }

    /// Finds the runs of a kind in a whole text.
    pub fn find(&mut self, bytes: &[u8], kind: impl Fn(u8) -> bool) {
        self.begin(false);
        blocks(bytes, |base, block| self.add(bits(block, &kind), base));
    }

    /// Adds a block: which of its bytes are of the kind.
    #[inline]
    pub fn add(&mut self, bits: u64, base: usize) {
        let mut edges = bits ^ (bits << 1 | self.before);
        self.before = bits >> (BLOCK - 1);
        let count = edges.count_ones() as usize;
        if self.places.len() < self.count + BLOCK {
            self.places.resize(2 * (self.count + BLOCK), 0);
        }
        let places = &mut self.places[self.count..][..BLOCK];
        // By fours, since how many there are is not to be foreseen; what is too much is written over.
        for four in places.chunks_exact_mut(4).take(count.div_ceil(4)) {
            for place in four {
                *place = base + edges.trailing_zeros() as usize;
                edges &= edges.wrapping_sub(1);
            }
        }
        self.count += count;
    }

    /// Leaves out the end of a run that began before.
    pub fn drop_first(&mut self) {
        if self.count > 0 {
            self.places.copy_within(1..self.count, 0);
            self.count -= 1;
        }
    }

    /// The runs: first byte, and the byte after the last.
    pub fn runs(&self) -> impl ExactSizeIterator<Item = (usize, usize)> {
        let (pairs, _) = self.places[..self.count].as_chunks::<2>();
        pairs.iter().map(|&[start, end]| (start, end))
    }
}
