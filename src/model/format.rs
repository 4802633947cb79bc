//! The bundle's file: safetensors, with one JSON object of metadata under the key `toward`.
//!
//! safetensors runs no code when read, is checked before it is trusted, and opens in Python. One metadata key
//! only, since its map has no order and the same model must give the same bytes.
//!
//! | tensor | type, shape | what |
//! |---|---|---|
//! | `sparse.hashes` | u64, F | the features' hashes, ascending |
//! | `sparse.weights` | f16, F × 3 | their weights |
//! | `sparse.intercept` | f32, 3 | |
//! | `sparse.temperature` | f32, 1 | |
//! | `sparse.names` | u8 | the features' names, joined by line feeds, zstd |
//! | `dense.N.weights` | f32, D × 3 | the model on the encoder's vectors after N layers; none without the encoder |
//! | `dense.N.intercept`, `dense.N.temperature` | f32 | likewise |

use std::collections::HashMap;
use std::io::Read;

use half::f16;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::dense::Head;
use super::provenance::{FORMAT, HASH, Provenance};
use super::sparse::Sparse;
use super::{Model, ModelError, hexadecimal};
use crate::features::FAMILIES;
use crate::linear::Softmax;
use crate::{CLASSES, Label};

const KEY: &str = "toward";

/// The most features that a bundle may claim, so that a forged header cannot ask for memory: 40 times what the default
/// model has.
const MOST_FEATURES: usize = 16_000_000;
/// How many bytes of names a feature may have on average, so that a few packed bytes cannot ask for memory: 28 times
/// what those of the default model have.
const LONGEST_NAME: u64 = 512;

/// The bytes of a bundle.
///
/// # Errors
/// [`ModelError`] if safetensors refuses the tensors, which it does not for those of a model.
pub(super) fn write(model: &Model) -> Result<Vec<u8>, ModelError> {
    let sparse = &model.sparse;
    let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = vec![
        (
            "sparse.hashes".to_owned(),
            Dtype::U64,
            vec![sparse.hashes.len()],
            le(&sparse.hashes, |hash| hash.to_le_bytes()),
        ),
        (
            "sparse.weights".to_owned(),
            Dtype::F16,
            vec![sparse.hashes.len(), CLASSES],
            le(sparse.softmax.weights().as_flattened(), |weight| f16::from_f32(*weight).to_le_bytes()),
        ),
        (
            "sparse.intercept".to_owned(),
            Dtype::F32,
            vec![CLASSES],
            le(&sparse.softmax.intercept(), |x| x.to_le_bytes()),
        ),
        ("sparse.names".to_owned(), Dtype::U8, vec![sparse.packed_names().len()], sparse.packed_names().to_vec()),
        ("sparse.temperature".to_owned(), Dtype::F32, vec![1], sparse.softmax.temperature().to_le_bytes().to_vec()),
    ];
    for Head { depth, softmax } in &model.dense {
        let weights = le(softmax.weights().as_flattened(), |x| x.to_le_bytes());
        let temperature = softmax.temperature().to_le_bytes().to_vec();
        tensors.push((format!("dense.{depth}.weights"), Dtype::F32, vec![softmax.nfeatures(), CLASSES], weights));
        let intercept = le(&softmax.intercept(), |x| x.to_le_bytes());
        tensors.push((format!("dense.{depth}.intercept"), Dtype::F32, vec![CLASSES], intercept));
        tensors.push((format!("dense.{depth}.temperature"), Dtype::F32, vec![1], temperature));
    }
    // By name, as they are read back.
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    let mut provenance = model.provenance.clone();
    provenance.checksum =
        checksum_of(&provenance, tensors.iter().map(|(name, _, _, bytes)| (name.as_str(), bytes.as_slice())))?;
    let metadata = serde_json::to_string(&provenance).map_err(|error| damaged(&error))?;
    let mut views = Vec::new();
    for (name, dtype, shape, bytes) in &tensors {
        let view = TensorView::new(*dtype, shape.clone(), bytes).map_err(|error| damaged(&error))?;
        views.push((name.as_str(), view));
    }
    safetensors::serialize(views, Some(HashMap::from([(KEY.to_owned(), metadata)]))).map_err(|error| damaged(&error))
}

/// Reads a bundle; `verify` also checks the tensors' checksum.
///
/// # Errors
/// [`ModelError`] that says what is wrong with the bytes: not a bundle, damaged, of a newer format, of other
/// features.
pub(super) fn read(bytes: &[u8], verify: bool) -> Result<Model, ModelError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| ModelError::NotABundle(error.to_string()))?;
    let json = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
    let json = json.ok_or_else(|| ModelError::NotABundle(format!("its metadata have no key {KEY:?}")))?;
    // The version comes first: a newer layout may have other fields.
    let version: Version = serde_json::from_str(json).map_err(|error| damaged(&error))?;
    if version.format > FORMAT {
        return Err(ModelError::Newer { found: version.format });
    }
    if version.format < FORMAT {
        return Err(ModelError::Older { found: version.format });
    }
    let provenance: Provenance = serde_json::from_str(json).map_err(|error| damaged(&error))?;
    let expected: Vec<&str> = Label::ALL.iter().map(|label| label.name()).collect();
    if provenance.hash != HASH || provenance.classes != expected {
        return Err(ModelError::Damaged(format!("hash {:?}, classes {:?}", provenance.hash, provenance.classes)));
    }
    for (family, version) in &provenance.families {
        let ours = FAMILIES.iter().find(|ours| ours.name == family).map(|ours| ours.version);
        if ours != Some(*version) {
            return Err(ModelError::Features { family: family.clone(), found: *version, expected: ours });
        }
    }
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| damaged(&error))?;
    if verify {
        let mut all: Vec<(String, TensorView<'_>)> = tensors.tensors();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let found = checksum_of(&provenance, all.iter().map(|(name, view)| (name.as_str(), view.data())))?;
        if found != provenance.checksum {
            return Err(ModelError::Damaged("its checksum is not the one it states".to_owned()));
        }
    }
    let hashes: Vec<u64> = numbers(&tensors, "sparse.hashes", Dtype::U64, u64::from_le_bytes)?;
    if hashes.len() > MOST_FEATURES || !hashes.is_sorted() {
        return Err(ModelError::Damaged("its features are too many or out of order".to_owned()));
    }
    let weights = numbers(&tensors, "sparse.weights", Dtype::F16, |bytes: [u8; 2]| f16::from_le_bytes(bytes).to_f32())?;
    let softmax_sparse = softmax(&tensors, "sparse", &weights)?;
    if softmax_sparse.nfeatures() != hashes.len() {
        return Err(ModelError::Damaged(format!(
            "{} features but {} weights",
            hashes.len(),
            softmax_sparse.nfeatures()
        )));
    }
    let names = tensors.tensor("sparse.names").map_err(|error| damaged(&error))?.data().to_vec();
    let depth = |name: &str| name.strip_prefix("dense.")?.strip_suffix(".weights")?.parse::<usize>().ok();
    let mut depths: Vec<usize> = tensors.names().into_iter().filter_map(depth).collect();
    depths.sort_unstable();
    let mut dense = Vec::new();
    for depth in depths {
        let weights = numbers(&tensors, &format!("dense.{depth}.weights"), Dtype::F32, f32::from_le_bytes)?;
        dense.push(Head { depth, softmax: softmax(&tensors, &format!("dense.{depth}"), &weights)? });
    }
    Ok(Model { sparse: Sparse::packed(hashes, names, softmax_sparse), dense, provenance })
}

/// The names of features, packed as they are stored.
pub(super) fn pack_names(names: &[String]) -> std::io::Result<Vec<u8>> {
    zstd::encode_all(names.join("\n").as_bytes(), 19)
}

/// The names of so many features, in the order of their hashes; those of a damaged bundle may be more or fewer.
pub(super) fn unpack_names(packed: &[u8], features: usize) -> Result<Vec<String>, ModelError> {
    let decoder = zstd::Decoder::new(packed).map_err(|error| damaged(&error))?;
    let mut text = String::new();
    let most = features as u64 * LONGEST_NAME;
    decoder.take(most + 1).read_to_string(&mut text).map_err(|error| damaged(&error))?;
    if text.len() as u64 > most {
        return Err(ModelError::Damaged(format!("the names of {features} features have more than {most} bytes")));
    }
    Ok(text.split('\n').map(str::to_owned).collect())
}

#[derive(Deserialize)]
struct Version {
    format: u32,
}

fn damaged(error: &dyn std::fmt::Display) -> ModelError {
    ModelError::Damaged(error.to_string())
}

/// The little-endian bytes of numbers.
fn le<T, const N: usize>(numbers: &[T], bytes: impl Fn(&T) -> [u8; N]) -> Vec<u8> {
    numbers.iter().flat_map(bytes).collect()
}

/// The checksum of everything in a bundle: what it says of itself, but for the checksum, and its tensors by name.
fn checksum_of<'t>(
    provenance: &Provenance,
    tensors: impl Iterator<Item = (&'t str, &'t [u8])>,
) -> Result<String, ModelError> {
    let mut digest = Sha256::new();
    let bare = Provenance { checksum: String::new(), ..provenance.clone() };
    digest.update(serde_json::to_vec(&bare).map_err(|error| damaged(&error))?);
    for (name, bytes) in tensors {
        digest.update(name.as_bytes());
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    }
    Ok(hexadecimal(&digest.finalize()))
}

fn numbers<T, const N: usize>(
    tensors: &SafeTensors<'_>,
    name: &str,
    dtype: Dtype,
    number: impl Fn([u8; N]) -> T,
) -> Result<Vec<T>, ModelError> {
    let tensor = tensors.tensor(name).map_err(|error| damaged(&error))?;
    if tensor.dtype() != dtype {
        return Err(ModelError::Damaged(format!("{name} holds {:?}, expected {dtype:?}", tensor.dtype())));
    }
    let (chunks, _) = tensor.data().as_chunks::<N>();
    Ok(chunks.iter().map(|chunk| number(*chunk)).collect())
}

fn softmax(tensors: &SafeTensors<'_>, part: &str, weights: &[f32]) -> Result<Softmax, ModelError> {
    let intercept = numbers(tensors, &format!("{part}.intercept"), Dtype::F32, f32::from_le_bytes)?;
    let temperature = numbers(tensors, &format!("{part}.temperature"), Dtype::F32, f32::from_le_bytes)?;
    let (weights, rest) = weights.as_chunks::<CLASSES>();
    match (<[f32; CLASSES]>::try_from(intercept), temperature.as_slice(), rest) {
        (Ok(intercept), &[temperature], []) => {
            Softmax::new(weights.to_vec(), intercept, temperature).map_err(|error| damaged(&error))
        }
        _ => Err(ModelError::Damaged(format!("the tensors of {part} have wrong shapes"))),
    }
}
