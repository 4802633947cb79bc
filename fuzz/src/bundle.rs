//! A model from any bytes: an error or a model that labels, is written and read back; never a panic.
//!
//! Nearly all changed bundles fail at their checksum, which whoever forges one would correct; so the bytes are also
//! read without comparing it.

use toward::actors::Catalogue;
use toward::model::{Classifier, Effort, Model, Options, card};

pub fn holds(bytes: &[u8]) {
    if let Ok(model) = Model::from_bytes(bytes) {
        let written = model.to_bytes().expect("a model that was read can be written");
        assert_eq!(Model::from_bytes(&written).expect("and read again"), model);
    }
    let Ok(model) = Model::from_bytes_unverified(bytes) else { return };
    let _ = model.sparse.names();
    let _ = card(&model);
    let _ = model.to_bytes();
    let catalogue = Catalogue::from_reader("name,kind\nZoria,country\n".as_bytes(), "a.csv").expect("a catalogue");
    let text = "Quill praised Zoria, and Zoria's rivals condemned it.";
    for effort in [None, Some(Effort::Fast), Some(Effort::Full)] {
        let Ok(classifier) = Classifier::new(&model, catalogue.clone(), Options { effort, blind: true }) else {
            continue;
        };
        for explanation in classifier.explain(text, None).into_iter().flatten() {
            let _ = classifier.change(&explanation);
        }
        for row in classifier.classify(text).into_iter().flatten() {
            let sum: f32 = row.probabilities.iter().sum();
            assert!((sum - 1.0).abs() < 1e-4, "{:?}", row.probabilities);
        }
    }
}
