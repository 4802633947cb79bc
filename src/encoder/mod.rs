//! Turns (sentence, mention) into a dense vector with a small transformer that reads the whole sentence.
//!
//! The sparse features of `features` see words and their places; they miss what only the whole sentence tells: who
//! accuses whom in a passive, what a "but" takes back. Here a BERT encoder (Devlin et al. 2019) of 6 layers, 384 wide
//! (all-MiniLM-L6-v2, distilled after Wang et al. 2020), reads it. It was fine-tuned once for stance toward a mention that
//! stands between two added tokens, `[CLS] … <a> Beijing </a> … [SEP]` (markers as in Baldini Soares et al. 2019), and
//! is frozen: the vector of a mention is the last layer's first token, the mean of the mention's pieces, and
//! the opening marker, side by side. A linear model on top gives the label; [`Encoder::heads`] are those of its training.
//!
//! The mention's name is read as written, or, if the input is blind, hidden behind `[MASK]`: then the same words get the same
//! label whoever they are said of (entity masking, as for relations in Zhang et al. 2017). It was trained for both.
//!
//! Text is split in `wordpiece`, cut to 128 pieces around the mention in `window`, run through 8-bit weights
//! in `network`, pooled in `pool`, and spread over threads in `batch`. The vectors of middle layers are shown to whoever
//! asks, so that an easy sentence need not go through all of them. The weights are inside the binary and are
//! unpacked when [`Encoder::embedded`] is first called, so whoever never calls it pays for nothing but their bytes.
//!
//! **Determinism.** Each mention is computed on its own, without padding, by one thread. Its vector is the same bytes
//! whatever other mentions are asked for, in whatever order, on however many threads. Between
//! processors with different vector units, the last bits of the floating-point parts may differ.
//!
//! **Limits.** English news, as the fine-tuning was. What is farther from the mention than the window is not seen, and a
//! mention of more than 48 pieces is cut. Two mentions in a sentence cost two passes.

use std::io::Read;
use std::ops::Range;
use std::sync::OnceLock;

mod attention;
mod batch;
mod network;
mod pool;
mod product;
mod weights;
mod window;
mod wordpiece;

use crate::CLASSES;
use network::Network;
use wordpiece::WordPieces;
use xxhash_rust::xxh3::Xxh3;

/// The weights under zstd, in two parts.
static WEIGHTS: [&[u8]; 2] = [toward_encoder_a::WEIGHTS, toward_encoder_b::WEIGHTS];
static VOCABULARY: &str = include_str!("../../models/encoder-vocab.txt");

/// A sentence and the bytes of it that are the mention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input<'a> {
    /// The sentence, as the writer wrote it.
    pub sentence: &'a str,
    /// Where in it the mention is, in bytes.
    pub mention: Range<usize>,
    /// Whether the mention's words are hidden from the encoder.
    pub blind: bool,
}

impl<'a> Input<'a> {
    /// A mention that is read with its name.
    pub fn new(sentence: &'a str, mention: Range<usize>) -> Self {
        Self { sentence, mention, blind: false }
    }
}

/// One vector of [`Encoder::DIMENSION`] numbers for every input, in the order of the inputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DenseVectors {
    values: Vec<f32>,
}

impl DenseVectors {
    /// The number of vectors.
    pub fn len(&self) -> usize {
        self.values.len() / Encoder::DIMENSION
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The vectors, one after the other.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(Encoder::DIMENSION)
    }

    /// The numbers of all vectors, row by row.
    pub fn into_values(self) -> Vec<f32> {
        self.values
    }
}

/// What training ended with after so many layers: a softmax regression on the vector.
///
/// It was fitted together with the encoder, so that its labels depend little on who is named; one that is
/// fitted to the vectors alone finds the name in them again.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// How many layers the vector has been through; one of [`Encoder::DEPTHS`].
    pub depth: usize,
    /// The labels' weights of each of the [`Encoder::DIMENSION`] numbers, in the order of [`Label::ALL`](crate::Label::ALL).
    pub weights: Vec<[f32; CLASSES]>,
    /// The labels' intercepts.
    pub intercept: [f32; CLASSES],
}

/// Why there is no vector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncoderError {
    /// The range is not one of whole characters inside the sentence.
    #[error("input {input}: the mention's bytes {start}..{end} are no part of a sentence of {length} bytes")]
    Mention {
        /// The index of the input.
        input: usize,
        /// Where the mention was said to start.
        start: usize,
        /// Where the mention was said to end.
        end: usize,
        /// The sentence's length.
        length: usize,
    },
    /// The weights or the vocabulary inside the binary are broken.
    #[error("the encoder's weights cannot be read: {0}")]
    Weights(String),
    /// The forward pass failed.
    #[error("the encoder failed: {0}")]
    Run(String),
}

/// A result whose error is an [`EncoderError`].
pub type Result<T> = std::result::Result<T, EncoderError>;

/// The encoder, ready to run; shared by all threads.
///
/// ```
/// use toward::encoder::{Encoder, Input};
///
/// let sentence = "The minister praised Kenya.";
/// let vectors = Encoder::embedded()?.encode(&[Input::new(sentence, 21..26)])?;
/// assert_eq!(vectors.rows().next().map(<[f32]>::len), Some(Encoder::DIMENSION));
/// # Ok::<(), toward::encoder::EncoderError>(())
/// ```
#[derive(Debug)]
pub struct Encoder {
    pieces: WordPieces,
    network: Network,
}

impl Encoder {
    /// The length of a vector.
    pub const DIMENSION: usize = pool::PARTS * network::WIDTH;

    /// The encoder inside this binary, unpacked at the first call (about a tenth of a second).
    ///
    /// # Errors
    ///
    /// [`EncoderError::Weights`] if the binary was built with broken weights.
    pub fn embedded() -> Result<&'static Self> {
        static ENCODER: OnceLock<Result<Encoder>> = OnceLock::new();
        let load = || {
            let [first, second] = WEIGHTS;
            Self::load(first.chain(second), VOCABULARY)
        };
        ENCODER.get_or_init(load).as_ref().map_err(Clone::clone)
    }

    fn load(weights: impl Read, vocabulary: &'static str) -> Result<Self> {
        Ok(Self { pieces: WordPieces::new(vocabulary)?, network: Network::load(weights)? })
    }

    /// Which encoder this is: a hash of its weights and its vocabulary. A model's dense part belongs to one encoder.
    pub fn checksum() -> String {
        let mut hash = Xxh3::new();
        for part in WEIGHTS.into_iter().chain([VOCABULARY.as_bytes()]) {
            hash.update(part);
        }
        format!("xxh3-128:{:032x}", hash.digest128())
    }

    /// The numbers of layers after which the encoder may stop; the last is all of them.
    pub const DEPTHS: [usize; 4] = [2, 3, 4, network::LAYERS];

    /// The heads that were trained with the encoder, in the order of [`Encoder::DEPTHS`].
    pub fn heads(&self) -> &[Head] {
        &self.network.heads
    }

    /// The vectors of `inputs`, after all layers.
    ///
    /// It computes on as many threads as rayon's pool has, or the pool in which it is called. [`Encoder::encode_on`]
    /// takes the number.
    ///
    /// # Errors
    ///
    /// [`EncoderError::Mention`] if a mention is no part of its sentence; the first such input is named.
    pub fn encode(&self, inputs: &[Input]) -> Result<DenseVectors> {
        self.encode_on(inputs, rayon::current_num_threads())
    }

    /// The vectors of `inputs`, computed on that many threads; they do not depend on it.
    ///
    /// # Errors
    ///
    /// As [`Encoder::encode`].
    pub fn encode_on(&self, inputs: &[Input], threads: usize) -> Result<DenseVectors> {
        let last = |vectors: &mut Vec<f32>, _: usize, vector: &[f32]| {
            vectors.extend_from_slice(vector);
            true
        };
        Ok(DenseVectors { values: self.walk(inputs, threads, &[network::LAYERS], last)?.concat() })
    }

    /// The vectors of `inputs` after each number of layers in [`Encoder::DEPTHS`].
    ///
    /// # Errors
    ///
    /// As [`Encoder::encode`].
    pub fn encode_depths(&self, inputs: &[Input]) -> Result<Vec<DenseVectors>> {
        let all = |vectors: &mut Vec<f32>, _: usize, vector: &[f32]| {
            vectors.extend_from_slice(vector);
            false
        };
        let walked = self.walk(inputs, rayon::current_num_threads(), &Self::DEPTHS, all)?;
        let at = |depth: usize| {
            let part = |vectors: &Vec<f32>| vectors[depth * Self::DIMENSION..(depth + 1) * Self::DIMENSION].to_vec();
            DenseVectors { values: walked.iter().flat_map(part).collect() }
        };
        Ok((0..Self::DEPTHS.len()).map(at).collect())
    }

    /// Shows `judge` the vector of each input after each of these numbers of layers, in ascending order, until it has an answer.
    ///
    /// # Errors
    ///
    /// As [`Encoder::encode`]; [`EncoderError::Run`] if there is no answer after the last of them.
    pub fn encode_until<T: Send>(
        &self,
        inputs: &[Input],
        depths: &[usize],
        judge: impl Fn(usize, &[f32]) -> Option<T> + Sync,
    ) -> Result<Vec<T>> {
        let step = |answer: &mut Option<T>, depth: usize, vector: &[f32]| {
            *answer = judge(depth, vector);
            answer.is_some()
        };
        let answers = self.walk(inputs, rayon::current_num_threads(), depths, step)?;
        let missing = || EncoderError::Run("nobody judged the last vector".to_owned());
        answers.into_iter().map(|answer| answer.ok_or_else(missing)).collect()
    }

    /// Takes every input through the layers; `step` sees its vector at each of the depths and says whether to stop.
    fn walk<T: Send + Default>(
        &self,
        inputs: &[Input],
        threads: usize,
        depths: &[usize],
        step: impl Fn(&mut T, usize, &[f32]) -> bool + Sync,
    ) -> Result<Vec<T>> {
        let one = |index: usize, space: &mut network::Workspace| {
            let input = &inputs[index];
            let window = self.window(input).ok_or(EncoderError::Mention {
                input: index,
                start: input.mention.start,
                end: input.mention.end,
                length: input.sentence.len(),
            })?;
            let mut state = T::default();
            let pooled = |depth: usize, hidden: &[f32]| step(&mut state, depth, &pool::pool(hidden));
            self.network.run(&window.ids, &pool::rows(&window), depths, space, pooled)?;
            Ok(state)
        };
        batch::in_order(inputs.len(), threads, one).into_iter().collect()
    }

    /// The pieces that the network sees; `None` if the mention is no part of the sentence.
    fn window(&self, input: &Input) -> Option<window::Window> {
        let mention = input.sentence.get(input.mention.clone())?;
        let left = &input.sentence[..input.mention.start];
        let right = &input.sentence[input.mention.end..];
        let named = if input.blind { vec![window::MASK] } else { self.pieces.first(mention, window::MENTION) };
        Some(window::Window::around(
            &self.pieces.last(left, window::ROOM),
            &named,
            &self.pieces.first(right, window::ROOM),
        ))
    }
}

#[cfg(test)]
mod tests;
