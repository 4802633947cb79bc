//! Cuts a sentence's pieces to what the encoder reads at once, around the mention, and marks the mention.
//!
//! The cut is fair: each side gets half of the room, and what one side does not need goes to the other.

const CLS: i32 = 101;
const SEP: i32 = 102;
/// Stands for the words of a mention that are hidden.
pub(super) const MASK: i32 = 103;
/// `<a>` and `</a>`, appended to BERT's vocabulary.
const OPEN: i32 = 30_522;
const CLOSE: i32 = 30_523;

/// Pieces that there are, the markers included.
pub(super) const VOCABULARY: usize = 30_524;
/// Pieces that the encoder reads at once, the four marks included.
pub(super) const PIECES: usize = 128;
/// Pieces that are left for text.
pub(super) const ROOM: usize = PIECES - 4;
/// Pieces of a mention that are kept.
pub(super) const MENTION: usize = 48;

/// `[CLS] left <a> mention </a> right [SEP]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub ids: Vec<i32>,
    /// The place of the mention's first piece; the opening marker is before it.
    pub start: usize,
    /// The place after the mention's last piece.
    pub end: usize,
}

impl Window {
    /// Of the pieces before, in and after the mention.
    pub fn around(left: &[i32], mention: &[i32], right: &[i32]) -> Self {
        let mention = &mention[..mention.len().min(MENTION)];
        let room = ROOM - mention.len();
        let left = &left[left.len().saturating_sub((room / 2).max(room.saturating_sub(right.len())))..];
        let right = &right[..right.len().min(room - left.len())];
        let start = left.len() + 2;
        let mut ids = Vec::with_capacity(PIECES);
        ids.push(CLS);
        ids.extend(left);
        ids.push(OPEN);
        ids.extend(mention);
        ids.push(CLOSE);
        ids.extend(right);
        ids.push(SEP);
        Self { ids, start, end: start + mention.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(left: usize, mention: usize, right: usize) -> (usize, usize, usize) {
        let window = Window::around(&vec![1; left], &vec![2; mention], &vec![3; right]);
        let count = |x| window.ids.iter().filter(|&&id| id == x).count();
        assert!(window.ids.len() <= PIECES);
        assert_eq!(window.ids[window.start - 1], OPEN);
        assert!(window.ids[window.start..window.end].iter().all(|&id| id == 2));
        assert_eq!(window.ids[window.end], CLOSE);
        (count(1), count(2), count(3))
    }

    #[test]
    fn what_fits_is_whole() {
        assert_eq!(sizes(0, 0, 0), (0, 0, 0));
        assert_eq!(sizes(60, 4, 60), (60, 4, 60));
        assert_eq!(sizes(123, 1, 0), (123, 1, 0));
    }

    #[test]
    fn the_cut_is_fair_to_both_sides() {
        assert_eq!(sizes(300, 4, 300), (60, 4, 60));
        assert_eq!(sizes(300, 4, 10), (110, 4, 10));
        assert_eq!(sizes(10, 4, 300), (10, 4, 110));
        assert_eq!(sizes(300, 300, 300), (38, 48, 38));
    }

    #[test]
    fn the_nearest_pieces_are_kept() {
        let left: Vec<i32> = (0..200).collect();
        let right: Vec<i32> = (200..400).collect();
        let window = Window::around(&left, &[999], &right);
        assert_eq!(window.ids[window.start - 2], 199);
        assert_eq!(window.ids[window.end + 1], 200);
    }
}
