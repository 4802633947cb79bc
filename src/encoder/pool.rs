//! Makes one vector of the network's last layer: first token, mean of the mention's pieces, opening marker.

use super::network::WIDTH;
use super::window::Window;

/// Vectors that a pooled one is made of.
pub(super) const PARTS: usize = 3;

/// The places of the pieces that are pooled, in the order that [`pool`] expects: first token, opening marker, mention.
pub(super) fn rows(window: &Window) -> Vec<usize> {
    [0].into_iter().chain(window.start - 1..window.end).collect()
}

/// `hidden` has one row for each place of [`rows`]. A mention without pieces has a mean of zeros.
pub(super) fn pool(hidden: &[f32]) -> Vec<f32> {
    let (first, rest) = hidden.split_at(WIDTH.min(hidden.len()));
    let (opening, mention) = rest.split_at(WIDTH.min(rest.len()));
    let mut mean = vec![0.0; WIDTH];
    for row in mention.chunks_exact(WIDTH) {
        for (sum, value) in mean.iter_mut().zip(row) {
            *sum += value;
        }
    }
    let count = (mention.len() / WIDTH).max(1) as f32;
    for sum in &mut mean {
        *sum /= count;
    }
    [first, &mean, opening].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_in_the_order_of_training() {
        let hidden: Vec<f32> = [1.0, 2.0, 3.0, 5.0].iter().flat_map(|&x| [x; WIDTH]).collect();
        assert_eq!(pool(&hidden), [[1.0; WIDTH], [4.0; WIDTH], [2.0; WIDTH]].concat());
        assert_eq!(pool(&hidden[..2 * WIDTH]), [[1.0; WIDTH], [0.0; WIDTH], [2.0; WIDTH]].concat());
    }
}
