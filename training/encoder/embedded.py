"""What the crate embeds: 8-bit weights in safetensors, under zstd, in two halves (a crate holds 10 MB at most).

What the tensors mean is said in `src/encoder/weights.rs`. Weights keep 7 of their 8 bits (-64..64): on processors
without VNNI, the 8-bit product adds two of them in 16 bits and would saturate. How channels are evened out before is told in
`rounding.py`.
"""
import os
import subprocess

import numpy as np
from safetensors.numpy import load, save

from rounding import STEPS

LAYERS, WIDTH, HEADS = 6, 384, 12
HEAD = WIDTH // HEADS
POSITIONS = 128
ALL_POSITIONS = 512
DEPTHS = (2, 3, 4, 6)  # layers after which there is a head; the last is all of them
WORD_STEPS = 63  # of a word's embedding, which is only looked up
CLIPS = np.array([1.0, 0.95, 0.9, 0.85, 0.8])  # tried for each column; the one of least squared error is taken


def quantize_columns(w, steps=STEPS, clips=CLIPS):
    """One scale a column, zero point 0."""
    top = np.maximum(np.abs(w).max(0), 1e-8)
    best, best_q, best_scale = None, None, None
    for clip in clips:
        scale = (top * clip / steps).astype(np.float32)
        q = np.clip(np.rint(w / scale), -steps, steps)
        error = ((q * scale - w) ** 2).sum(0)
        if best is None:
            best, best_q, best_scale = error, q, scale
        else:
            better = error < best
            best = np.where(better, error, best)
            best_q = np.where(better, q, best_q)
            best_scale = np.where(better, scale, best_scale)
    return best_q.astype(np.int8), best_scale.astype(np.float32)


def build(t, evens):
    """The tensors to embed, from those of `model.py` and, by layer, the factors of its products' inputs."""
    tensors = {}

    def norm(name, source):
        tensors[name + ".gain"], tensors[name + ".shift"] = t[source + ".weight"], t[source + ".bias"]

    def dense(name, w, b):
        tensors[name + ".weight"], tensors[name + ".scale"] = quantize_columns(w)
        tensors[name + ".bias"] = b

    words, scale = quantize_columns(t["encoder.words.weight"].T, WORD_STEPS)
    tensors["words"], tensors["words.scale"] = words.T, scale
    tensors["places"] = t["encoder.places.weight"][:POSITIONS]
    norm("words.norm", "encoder.norm")
    for i in range(LAYERS):
        at = f"encoder.layers.{i}."
        w = lambda name: t[at + name + ".weight"].T
        b = lambda name: t[at + name + ".bias"]
        wq, wk, wv, wo, w1, w2 = (w(n) for n in ("query", "key", "value", "mix", "widen", "narrow"))
        bq, bk, bv = (b(n) for n in ("query", "key", "value"))
        shrink = np.float32(HEAD ** -0.5)  # of the attention scores, folded into the queries
        wq, bq = wq * shrink, bq * shrink
        # What the mixing evens out is folded into the values, which it only adds up.
        even = evens[i]["mix"]
        wv, bv, wo = wv / even, bv / even, wo * even[:, None]
        even = evens[i]["query"]
        tensors[f"{i}.attention.even"] = 1 / even
        dense(f"{i}.query", wq * even[:, None], bq)
        dense(f"{i}.key_value", np.hstack([wk, wv]) * even[:, None], np.hstack([bk, bv]))
        dense(f"{i}.mix", wo, b("mix"))
        norm(f"{i}.attention.norm", at + "mix_norm")
        even = evens[i]["widen"]
        tensors[f"{i}.widen.even"] = 1 / even
        dense(f"{i}.widen", w1 * even[:, None], b("widen"))
        even = evens[i]["narrow"]
        tensors[f"{i}.narrow.even"] = 1 / even
        dense(f"{i}.narrow", w2 * even[:, None], b("narrow"))
        norm(f"{i}.norm", at + "norm")
    for i, depth in enumerate(DEPTHS):
        tensors[f"head.{depth}.weight"], tensors[f"head.{depth}.bias"] = t[f"heads.{i}.weight"].T, t[f"heads.{i}.bias"]
    of_bytes = lambda x: x.dtype == np.int8
    return {k: np.ascontiguousarray(x if of_bytes(x) else x.astype(np.float32)) for k, x in tensors.items()}


def read(models):
    """What `build` made, from the two halves in the folder."""
    packed = b"".join(open(os.path.join(models, crate, "weights"), "rb").read() for crate in ("encoder-a", "encoder-b"))
    return load(subprocess.run(["zstd", "-dcq"], input=packed, stdout=subprocess.PIPE, check=True).stdout)


def restore(t):
    """The inverse of `build`, up to rounding: the tensors of `model.py`."""
    out = {"encoder.words.weight": t["words"] * t["words.scale"][:, None],
           "encoder.places.weight": np.pad(t["places"], ((0, ALL_POSITIONS - POSITIONS), (0, 0)))}

    def norm(name, source):
        out[source + ".weight"], out[source + ".bias"] = t[name + ".gain"], t[name + ".shift"]

    norm("words.norm", "encoder.norm")
    for i in range(LAYERS):
        at = f"encoder.layers.{i}."

        def dense(name, source, even=None, columns=slice(None), factor=1.0):
            w = t[name + ".weight"][:, columns] * t[name + ".scale"][columns]
            w = w if even is None else w * t[f"{i}.{even}.even"][:, None]
            out[f"{at}{source}.weight"] = w.T * factor
            out[f"{at}{source}.bias"] = t[name + ".bias"][columns] * factor

        dense(f"{i}.query", "query", "attention", factor=HEAD ** 0.5)
        dense(f"{i}.key_value", "key", "attention", slice(0, WIDTH))
        dense(f"{i}.key_value", "value", "attention", slice(WIDTH, None))
        dense(f"{i}.mix", "mix")
        norm(f"{i}.attention.norm", at + "mix_norm")
        dense(f"{i}.widen", "widen", "widen")
        dense(f"{i}.narrow", "narrow", "narrow")
        norm(f"{i}.norm", at + "norm")
    for i, depth in enumerate(DEPTHS):
        out[f"heads.{i}.weight"], out[f"heads.{i}.bias"] = t[f"head.{depth}.weight"].T, t[f"head.{depth}.bias"]
    return {k: np.ascontiguousarray(v, dtype=np.float32) for k, v in out.items()}


def write(tensors, models):
    """The two halves, into the folder of models."""
    path = os.path.join(models, "encoder.safetensors")
    with open(path, "wb") as f:
        f.write(save(tensors))
    subprocess.run(["zstd", "-19", "-q", "-f", "--rm", path, "-o", path + ".zst"], check=True)
    with open(path + ".zst", "rb") as f:
        packed = f.read()
    os.remove(path + ".zst")
    half = len(packed) // 2
    for crate, part in (("encoder-a", packed[:half]), ("encoder-b", packed[half:])):
        with open(os.path.join(models, crate, "weights"), "wb") as f:
            f.write(part)
    return len(packed)
