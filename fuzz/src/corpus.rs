//! The marked corpus: what is read is written and read back the same.

use std::io::Cursor;

use toward::data::{MarkedSentence, read_corpus_from};

pub fn holds(bytes: &[u8]) {
    for line in String::from_utf8_lossy(bytes).lines() {
        if let Ok(sentence) = MarkedSentence::parse(line) {
            for mark in sentence.marks() {
                assert!(sentence.text().get(mark.range.clone()).is_some_and(|mention| !mention.trim().is_empty()));
            }
            let written = sentence.to_string();
            assert_eq!(MarkedSentence::parse(&written).as_ref(), Ok(&sentence), "{written:?}");
        }
    }
    match read_corpus_from("c.txt", Cursor::new(bytes.to_vec())) {
        Ok(corpus) => assert_eq!(corpus.examples().count(), corpus.mentions()),
        Err(error) => assert!(!error.to_string().contains('\n')),
    }
}
