//! The text pipeline: any text is cut, searched and labelled; offsets slice to the mention; a block is its documents.

use std::ops::Range;
use std::sync::LazyLock;

use toward::actors::{Discovery, Level};
use toward::model::{Classifier, Document, Effort, Given, Judged, rows};
use toward::text::sentences;

static CLASSIFIER: LazyLock<Classifier> =
    LazyLock::new(|| Classifier::embedded(Effort::Fast).expect("the embedded model"));

pub fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let text = text.as_ref();
    let cut = sentences(text);
    let mut end = 0;
    for sentence in &cut {
        assert!(sentence.start >= end && sentence.start < sentence.end, "sentences are in order and apart: {cut:?}");
        let kept = text.get(sentence.clone()).expect("sentences do not cut characters");
        assert!(!kept.trim().is_empty());
        assert!(text[end..sentence.start].trim().is_empty(), "nothing but space lies between sentences: {cut:?}");
        end = sentence.end;
    }
    assert!(text[end..].trim().is_empty());

    let half = (0..=text.len() / 2).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let documents: Vec<Document<'_>> = [(text, false), (&text[half..], true), (&text[..half], false), (text, true)]
        .map(|(text, whole)| Document { text, whole, as_of: None })
        .to_vec();
    let judged = CLASSIFIER.judge(&documents).expect("the fast effort cannot fail");
    for (document, judged) in documents.iter().zip(&judged) {
        check(document.text, judged);
        let alone = CLASSIFIER.judge(std::slice::from_ref(document)).expect("the fast effort cannot fail");
        assert_eq!(&alone[0], judged, "a document is labelled as if it stood alone");
    }

    // Mentions that somebody else found, wherever they are.
    let spot = |byte: usize| (0..=byte.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let mentions: Vec<Range<usize>> =
        vec![0..text.len(), half..text.len(), spot(3)..spot(9), spot(half)..spot(half + 7)];
    let given: Vec<Given<'_>> = mentions
        .into_iter()
        .filter(|mention| mention.start < mention.end)
        .map(|mention| Given { document: documents[0], actor: "Zoria", mention: Some(mention) })
        .chain([Given { document: documents[0], actor: &text[..spot(12)], mention: None }])
        .collect();
    for judged in CLASSIFIER.judge_given(&given).expect("the fast effort cannot fail").iter().flatten() {
        check(text, judged);
    }

    let mut discovery = Discovery::new(CLASSIFIER.finder());
    discovery.add(text, &cut);
    let _ = discovery.proposals(1);
}

fn check(text: &str, judged: &Judged) {
    for judgement in &judged.judgements {
        let sentence = judged.sentences[judgement.sentence].clone();
        let mention = judgement.mention.clone();
        assert!(sentence.start <= mention.start && mention.end <= sentence.end, "a mention lies in its sentence");
        assert!(text.get(mention).is_some_and(|mention| !mention.is_empty()), "offsets slice to the mention");
        let sum: f32 = judgement.probabilities.iter().sum();
        assert!((sum - 1.0).abs() < 1e-4, "{:?}", judgement.probabilities);
    }
    let catalogue = CLASSIFIER.catalogue();
    let [mentions, actors, countries] =
        [Level::Mention, Level::Actor, Level::Country].map(|level| rows(judged, catalogue, level));
    let known = judged.judgements.iter().filter(|judgement| judgement.actor.is_some()).count();
    assert_eq!(mentions.len(), known);
    for folded in [&actors, &countries] {
        assert_eq!(folded.iter().map(|row| row.mentions).sum::<usize>(), known, "every mention counts in one row");
    }
}
