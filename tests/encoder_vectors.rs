//! The encoder's vectors: near the reference's, and the same bytes however they are asked for.
#![cfg(feature = "encoder")]

use serde_json::Value;
use toward::encoder::{Encoder, EncoderError, Input};
use toward::linear::Softmax;

fn encoder() -> &'static Encoder {
    Encoder::embedded().expect("the weights are ours")
}

fn samples() -> Vec<Value> {
    serde_json::from_str(include_str!("encoder_vectors.json")).expect("the fixture is ours")
}

/// The sample's sentence and its mention; offsets count characters there, bytes here.
fn input(sample: &Value) -> Input<'_> {
    let sentence = sample["sentence"].as_str().expect("a text");
    let byte = |key: &str| {
        let characters = sample[key].as_u64().expect("a number") as usize;
        sentence.char_indices().nth(characters).map_or(sentence.len(), |(byte, _)| byte)
    };
    Input { sentence, mention: byte("start")..byte("end"), blind: sample["blind"] == true }
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn eight_bits_are_near_the_reference() {
    let samples = samples();
    let inputs: Vec<_> = samples.iter().map(input).collect();
    let vectors = encoder().encode(&inputs).expect("all mentions are inside");
    assert_eq!(vectors.len(), samples.len());
    let mut sum = 0.0;
    for (sample, vector) in samples.iter().zip(vectors.rows()) {
        let reference: Vec<f32> =
            sample["pooled"].as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number") as f32).collect();
        assert_eq!(vector.len(), Encoder::DIMENSION);
        sum += cosine(vector, &reference);
        // Part by part: a part that stands in the wrong place is far off.
        for (ours, theirs) in vector.chunks(384).zip(reference.chunks(384)) {
            let near = cosine(ours, theirs);
            assert!(near > 0.98, "{near} in {}", sample["sentence"]);
        }
    }
    let mean = sum / samples.len() as f32;
    assert!(mean > 0.995, "{mean}");
}

#[test]
fn a_vector_depends_on_its_input_alone() {
    let samples = samples();
    let inputs: Vec<_> = samples.iter().map(input).collect();
    let all = encoder().encode_on(&inputs, 1).expect("all mentions are inside");
    for threads in [2, 5] {
        assert_eq!(encoder().encode_on(&inputs, threads).expect("all mentions are inside"), all, "{threads} threads");
    }
    let backwards: Vec<_> = inputs.iter().rev().cloned().collect();
    let reversed = encoder().encode(&backwards).expect("all mentions are inside");
    assert!(reversed.rows().eq(all.rows().collect::<Vec<_>>().into_iter().rev()));
    let alone = encoder().encode(&inputs[3..4]).expect("the mention is inside");
    assert_eq!(alone.rows().next(), all.rows().nth(3));
}

#[test]
fn the_last_head_says_what_the_reference_says() {
    let samples = samples();
    let inputs: Vec<_> = samples.iter().map(input).collect();
    let vectors = encoder().encode(&inputs).expect("all mentions are inside");
    assert!(encoder().heads().iter().map(|head| head.depth).eq(Encoder::DEPTHS));
    let head = encoder().heads().last().expect("there is a head at each depth");
    let softmax = Softmax::new(head.weights.clone(), head.intercept, 1.0).expect("the weights are numbers");
    for (sample, vector) in samples.iter().zip(vectors.rows()) {
        let found = softmax.probabilities_of(softmax.scores_of((0..).zip(vector.iter().copied())));
        for (class, found) in found.into_iter().enumerate() {
            let expected = sample["probabilities"][class].as_f64().expect("a number");
            // Eight bits differ from 32: a head of another depth, or of classes in another order, is far off.
            assert!((f64::from(found) - expected).abs() < 0.2, "{found} and {expected}: {}", sample["sentence"]);
        }
    }
}

#[test]
fn the_encoder_stops_where_it_is_told_to() {
    let samples = samples();
    let inputs: Vec<_> = samples.iter().map(input).collect();
    let depths = encoder().encode_depths(&inputs).expect("all mentions are inside");
    assert_eq!(depths.len(), Encoder::DEPTHS.len());
    assert_eq!(depths.last(), Some(&encoder().encode(&inputs).expect("all mentions are inside")));
    for (place, stop) in Encoder::DEPTHS.into_iter().enumerate() {
        let judge = |depth: usize, vector: &[f32]| (depth >= stop).then(|| (depth, vector.to_vec()));
        let found = encoder().encode_until(&inputs, &Encoder::DEPTHS, judge).expect("all mentions are inside");
        for ((depth, vector), expected) in found.into_iter().zip(depths[place].rows()) {
            assert_eq!(depth, stop);
            assert_eq!(vector, expected);
        }
    }
    let nobody = encoder().encode_until(&inputs, &Encoder::DEPTHS, |_, _| None::<()>);
    assert!(matches!(nobody, Err(EncoderError::Run(_))), "no answer is an error");
}

#[test]
fn mentions_of_one_sentence_differ() {
    let sentence = "Kenya accused Sudan.";
    let vectors = encoder()
        .encode(&[Input::new(sentence, 0..5), Input::new(sentence, 14..19)])
        .expect("both mentions are inside");
    let rows: Vec<_> = vectors.rows().collect();
    assert!(cosine(rows[0], rows[1]) < 0.999);
}

#[test]
fn rayon_workers_may_call_it() {
    use rayon::prelude::*;
    let sentence = "Kenya accused Sudan.";
    let once = |_| encoder().encode(&[Input::new(sentence, 0..5)]).expect("the mention is inside");
    let many: Vec<_> = (0..20).into_par_iter().map(once).collect();
    assert!(many.iter().all(|vectors| *vectors == many[0]));
}

#[test]
fn every_text_has_a_vector() {
    let long = "the committee met again ".repeat(2500);
    let name = "Republic of ".repeat(200);
    let inputs = [
        Input::new("", 0..0),
        Input::new("\u{200b}\u{ad}", 0..3),
        Input::new("👍🏽🙂 🇰🇪", 0..8),
        Input::new(&long, 0..3),
        Input::new(&long, 30_000..30_003),
        Input::new(&long, 0..long.len()),
        Input::new(&name, 0..name.len()),
    ];
    let vectors = encoder().encode(&inputs).expect("all mentions are inside");
    assert_eq!(vectors.len(), inputs.len());
    assert!(vectors.into_values().iter().all(|x| x.is_finite()));
    assert!(encoder().encode(&[]).expect("nothing fails").is_empty());
}

#[test]
fn a_mention_outside_is_an_error_that_names_the_input() {
    let sentence = "São Tomé voted.";
    let good = Input::new(sentence, 0..4);
    for mention in [0..99, 99..120, 2..4] {
        let error = encoder().encode(&[good.clone(), Input::new(sentence, mention)]).expect_err("no such range");
        assert!(matches!(error, EncoderError::Mention { input: 1, .. }), "{error}");
    }
    #[expect(clippy::reversed_empty_ranges, reason = "what a caller may pass")]
    let error = encoder().encode(&[Input::new(sentence, 4..1)]).expect_err("ends before it starts");
    assert_eq!(error.to_string(), "input 0: the mention's bytes 4..1 are no part of a sentence of 17 bytes");
}
