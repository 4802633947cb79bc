//! The encoder on any text: word pieces, window, forward pass. Slow, as one mention costs milliseconds.

use toward::encoder::{Encoder, Input};

pub fn holds(bytes: &[u8]) {
    let Some((&[from, length], bytes)) = bytes.split_first_chunk::<2>() else { return };
    let text = String::from_utf8_lossy(bytes);
    let spot = |byte: usize| (0..=byte.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let (start, end) = (spot(usize::from(from)), spot(usize::from(from) + usize::from(length)));
    let inputs = [Input::new(&text, start..end), Input::new("Quill praised Zoria.", 14..19)];
    let encoder = Encoder::embedded().expect("the embedded encoder");
    // A mention without a visible character is an error; anything else has a finite vector that depends on it alone.
    let Ok(alone) = encoder.encode(&inputs[..1]) else { return };
    let together = encoder.encode(&inputs).expect("the second is as good as the first");
    let (alone, together): (Vec<&[f32]>, Vec<&[f32]>) = (alone.rows().collect(), together.rows().collect());
    assert_eq!(alone[0], together[0], "a vector does not depend on its neighbours");
    assert!(alone[0].iter().all(|value| value.is_finite()));
    assert_eq!(alone[0].len(), Encoder::DIMENSION);
}
