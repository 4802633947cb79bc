//! Models from others: whatever the bytes, an error that says what is wrong, never a panic or memory without end.

use toward::linear::Softmax;
#[cfg(feature = "encoder")]
use toward::model::Model;
use toward::model::Sparse;

fn softmax(features: usize) -> Softmax {
    Softmax::new(vec![[0.0; 3]; features], [0.0; 3], 1.0).unwrap()
}

#[cfg(feature = "encoder")]
#[test]
fn a_dense_part_of_another_length_is_refused_before_it_is_used() {
    use toward::actors::Catalogue;
    use toward::encoder::Encoder;
    use toward::model::{Classifier, Effort, Head, Options};
    let [shallow, .., deep] = Encoder::DEPTHS;
    let lengths = [0, 5, Encoder::DIMENSION - 1, Encoder::DIMENSION + 1].map(|features| (features, deep));
    for (features, depth) in lengths.into_iter().chain([(Encoder::DIMENSION, shallow - 1)]) {
        let dense = vec![Head { depth, softmax: softmax(features) }];
        let model = Model { dense, ..Model::embedded().unwrap() };
        let error = Classifier::new(&model, Catalogue::empty(), Effort::Full).err().unwrap();
        assert!(error.to_string().contains(&format!("the dense part has {features} weights a label")), "{error}");
        let fallen_back = Classifier::new(&model, Catalogue::empty(), Options::default()).unwrap();
        assert_eq!(fallen_back.effort(), Effort::Fast);
    }
}

#[test]
fn names_that_unpack_to_much_more_than_their_features_need_are_refused() {
    let bomb = Sparse::new(vec![1], &["x".repeat(100_000_000)], softmax(1)).unwrap();
    let error = bomb.names().unwrap_err().to_string();
    assert!(error.starts_with("is damaged: the names of 1 features have more than 512 bytes"), "{error}");
    let two = Sparse::new(vec![1, 2], &["a".to_owned()], softmax(2)).unwrap();
    assert_eq!(
        two.names().unwrap_err().to_string(),
        "is damaged: 2 features but 1 names; copy it again, or train it again"
    );
}
