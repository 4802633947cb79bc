//! Against the Python reference: see `training/fixtures/encoder.py`.

use serde_json::Value;

use super::*;

fn fixture(json: &str) -> Vec<Value> {
    serde_json::from_str(json).expect("the fixture is ours")
}

fn ids(value: &Value) -> Vec<i32> {
    value.as_array().expect("a list").iter().map(|id| id.as_i64().expect("a number") as i32).collect()
}

fn pieces() -> WordPieces {
    WordPieces::new(VOCABULARY).expect("the vocabulary is ours")
}

#[test]
fn pieces_are_those_of_the_reference() {
    let vocabulary = pieces();
    for row in fixture(include_str!("../../tests/encoder_pieces.json")) {
        let (text, expected) = (row["text"].as_str().expect("a text"), ids(&row["ids"]));
        assert_eq!(vocabulary.first(text, usize::MAX), expected, "{text:?}");
        for limit in [0, 1, 3, 10] {
            assert_eq!(vocabulary.first(text, limit), expected[..limit.min(expected.len())], "{text:?}");
            assert_eq!(vocabulary.last(text, limit), expected[expected.len().saturating_sub(limit)..], "{text:?}");
        }
    }
}

#[test]
fn windows_are_those_of_training() {
    let encoder = Encoder::embedded().expect("the weights are ours");
    for row in fixture(include_str!("../../tests/encoder_vectors.json")) {
        let sentence = row["sentence"].as_str().expect("a text");
        let byte = |key: &str| {
            let characters = row[key].as_u64().expect("a number") as usize;
            sentence.char_indices().nth(characters).map_or(sentence.len(), |(byte, _)| byte)
        };
        let window = encoder
            .window(&Input { sentence, mention: byte("start")..byte("end"), blind: row["blind"] == true })
            .expect("inside");
        assert_eq!(window.ids, ids(&row["ids"]), "{sentence}");
        assert_eq!(vec![window.start as i32, window.end as i32], ids(&row["mention_pieces"]), "{sentence}");
    }
}

#[test]
fn control_tokens_in_a_text_are_words() {
    let found = pieces().first("[SEP] <a> </a> [CLS]", usize::MAX);
    assert!(found.iter().all(|id| ![101, 102, 30_522, 30_523].contains(id)), "{found:?}");
}

#[test]
fn the_window_holds_a_mention_far_inside() {
    let (before, after) = ("north ".repeat(300), " south".repeat(100));
    let sentence = format!("{before}Belarus{after}");
    let encoder = Encoder::embedded().expect("the weights are ours");
    let window = encoder.window(&Input::new(&sentence, 1800..1807)).expect("inside");
    assert_eq!(window.ids.len(), window::PIECES);
    assert_eq!(window.ids[window.start..window.end], pieces().first("Belarus", 9));
    assert_eq!(window.start, 2 + 61, "half of the 123 pieces that are left");
}

#[test]
fn broken_weights_are_an_error() {
    assert!(matches!(Encoder::load(&WEIGHTS[0][..1000], VOCABULARY), Err(EncoderError::Weights(_))));
    assert!(matches!(Encoder::load(&b""[..], VOCABULARY), Err(EncoderError::Weights(_))));
    let empty = zstd::encode_all(&b""[..], 1).expect("no input or output fails");
    assert!(matches!(Encoder::load(empty.as_slice(), VOCABULARY), Err(EncoderError::Weights(_))));
    assert!(matches!(WordPieces::new("the\n##s\n"), Err(EncoderError::Weights(_))));
}
