"""Turns an export (`model.safetensors`, `vocab.txt`) into what the crate embeds, 8-bit weights in safetensors.

    python convert.py --export EXPORT --out MODELS

Writes the file under zstd in two halves, `encoder-a/weights` and `encoder-b/weights` (a crate holds 10 MB at most),
and `encoder-vocab.txt`. Needs numpy, safetensors and the `zstd` command.

What the tensors mean is said in `src/encoder/weights.rs`. Weights keep 7 of their 8 bits (-64..64): on processors
without VNNI, the 8-bit product adds two of them in 16 bits and would saturate.

A piece's activations share one scale, and a few channels of BERT's are ten times as large as the others, which then
have few steps left. So channels are evened out (SmoothQuant, Xiao et al. 2023): each is divided by a factor before it is
rounded, and its row of the weights multiplied by it. How large channels get is seen on the export's sample sentences.
"""
import argparse
import json
import math
import os
import subprocess

import numpy as np
from safetensors.numpy import load, load_file, save

LAYERS, WIDTH, HEADS = 6, 384, 12
HEAD = WIDTH // HEADS
POSITIONS = 128
ALL_POSITIONS = 512
DEPTHS = (2, 3, 4, 6)  # layers after which there is a head; the last is all of them
STEPS = 64  # of a weight, on each side of zero
WORD_STEPS = 63  # of a word's embedding, which is only looked up
STRENGTH = 0.7  # how far channels are evened out: 0 not at all, 1 wholly
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


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf, otypes=[np.float32])(x / math.sqrt(2)))


def norm(t, name, x):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12) * t[name + ".weight"] + t[name + ".bias"]


def largest_inputs(t, sentences):
    """For every matrix, the largest absolute value of every channel of its input, over the sentences; in 32 bits."""
    largest = {}

    def dense(name, x):
        largest[name] = np.maximum(largest.get(name, 0), np.abs(x).max(0))
        return x @ t[name + ".weight"].T + t[name + ".bias"]

    heads = lambda y: y.reshape(-1, HEADS, HEAD).transpose(1, 0, 2)
    for ids in sentences:
        x = norm(t, "embeddings.LayerNorm", t["embeddings.word_embeddings.weight"][ids]
                 + t["embeddings.position_embeddings.weight"][:len(ids)] + t["embeddings.token_type_embeddings.weight"][0])
        for i in range(LAYERS):
            at = f"encoder.layer.{i}."
            q, k, v = (heads(dense(f"{at}attention.self.{n}", x)) for n in ("query", "key", "value"))
            mixed = softmax(q @ k.transpose(0, 2, 1) * HEAD ** -0.5) @ v
            mixed = dense(at + "attention.output.dense", mixed.transpose(1, 0, 2).reshape(-1, WIDTH))
            x = norm(t, at + "attention.output.LayerNorm", x + mixed)
            inner = gelu(dense(at + "intermediate.dense", x))
            x = norm(t, at + "output.LayerNorm", x + dense(at + "output.dense", inner))
    return largest


def evening(largest, w, strength=STRENGTH):
    """Factors of the channels of an input of the weights `w`, around 1."""
    factor = np.maximum(largest, 1e-3) ** strength / np.maximum(np.abs(w).max(1), 1e-3) ** (1 - strength)
    return (factor / np.exp(np.log(factor).mean())).astype(np.float32)


def build(t, largest):
    tensors = {}

    def norm(name, source):
        tensors[name + ".gain"], tensors[name + ".shift"] = t[source + ".weight"], t[source + ".bias"]

    def dense(name, w, b):
        tensors[name + ".weight"], tensors[name + ".scale"] = quantize_columns(w)
        tensors[name + ".bias"] = b

    words, scale = quantize_columns(t["embeddings.word_embeddings.weight"].T, WORD_STEPS)
    tensors["words"], tensors["words.scale"] = words.T, scale
    place = t["embeddings.position_embeddings.weight"] + t["embeddings.token_type_embeddings.weight"][0]
    tensors["places"] = place[:POSITIONS]
    norm("words.norm", "embeddings.LayerNorm")
    for i in range(LAYERS):
        at = f"encoder.layer.{i}."
        w = lambda name: t[at + name + ".weight"].T
        b = lambda name: t[at + name + ".bias"]
        wq, wk, wv, wo, w1, w2 = (w(n) for n in ("attention.self.query", "attention.self.key", "attention.self.value",
                                                 "attention.output.dense", "intermediate.dense", "output.dense"))
        bq, bk, bv = (b(f"attention.self.{n}") for n in ("query", "key", "value"))
        shrink = np.float32(HEAD ** -0.5)  # of the attention scores, folded into the queries
        wq, bq = wq * shrink, bq * shrink
        # What the mixing evens out is folded into the values, which it only adds up.
        even = evening(largest[at + "attention.output.dense"], wo)
        wv, bv, wo = wv / even, bv / even, wo * even[:, None]
        even = evening(largest[at + "attention.self.query"], np.hstack([wq, wk, wv]))
        tensors[f"{i}.attention.even"] = 1 / even
        dense(f"{i}.query", wq * even[:, None], bq)
        dense(f"{i}.key_value", np.hstack([wk, wv]) * even[:, None], np.hstack([bk, bv]))
        dense(f"{i}.mix", wo, b("attention.output.dense"))
        norm(f"{i}.attention.norm", at + "attention.output.LayerNorm")
        even = evening(largest[at + "intermediate.dense"], w1)
        tensors[f"{i}.widen.even"] = 1 / even
        dense(f"{i}.widen", w1 * even[:, None], b("intermediate.dense"))
        even = evening(largest[at + "output.dense"], w2)
        tensors[f"{i}.narrow.even"] = 1 / even
        dense(f"{i}.narrow", w2 * even[:, None], b("output.dense"))
        norm(f"{i}.norm", at + "output.LayerNorm")
    for depth in DEPTHS:
        tensors[f"head.{depth}.weight"], tensors[f"head.{depth}.bias"] = t[f"head.{depth}.weight"].T, t[f"head.{depth}.bias"]
    of_bytes = lambda x: x.dtype == np.int8
    return {k: np.ascontiguousarray(x if of_bytes(x) else x.astype(np.float32)) for k, x in tensors.items()}


def restore(models):
    """The inverse of `build`, up to rounding: BERT's tensors from what the crate embeds, and the heads'. Places hold the
    token types."""
    packed = b"".join(open(os.path.join(models, crate, "weights"), "rb").read() for crate in ("encoder-a", "encoder-b"))
    t = load(subprocess.run(["zstd", "-dcq"], input=packed, stdout=subprocess.PIPE, check=True).stdout)
    out = {"embeddings.word_embeddings.weight": t["words"] * t["words.scale"][:, None],
           "embeddings.position_embeddings.weight": np.pad(t["places"], ((0, ALL_POSITIONS - POSITIONS), (0, 0))),
           "embeddings.token_type_embeddings.weight": np.zeros((2, WIDTH), np.float32)}

    def norm(name, source):
        out[source + ".weight"], out[source + ".bias"] = t[name + ".gain"], t[name + ".shift"]

    norm("words.norm", "embeddings.LayerNorm")
    for i in range(LAYERS):
        at = f"encoder.layer.{i}."

        def dense(name, source, even=None, columns=slice(None), factor=1.0):
            w = t[name + ".weight"][:, columns] * t[name + ".scale"][columns]
            w = w if even is None else w * t[f"{i}.{even}.even"][:, None]
            out[f"{at}{source}.weight"] = w.T * factor
            out[f"{at}{source}.bias"] = t[name + ".bias"][columns] * factor

        dense(f"{i}.query", "attention.self.query", "attention", factor=HEAD ** 0.5)
        dense(f"{i}.key_value", "attention.self.key", "attention", slice(0, WIDTH))
        dense(f"{i}.key_value", "attention.self.value", "attention", slice(WIDTH, None))
        dense(f"{i}.mix", "attention.output.dense")
        norm(f"{i}.attention.norm", at + "attention.output.LayerNorm")
        dense(f"{i}.widen", "intermediate.dense", "widen")
        dense(f"{i}.narrow", "output.dense", "narrow")
        norm(f"{i}.norm", at + "output.LayerNorm")
    for depth in DEPTHS:
        out[f"head.{depth}.weight"], out[f"head.{depth}.bias"] = t[f"head.{depth}.weight"].T, t[f"head.{depth}.bias"]
    return {k: np.ascontiguousarray(v, dtype=np.float32) for k, v in out.items()}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--export", required=True)
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    config = json.load(open(os.path.join(args.export, "config.json")))
    assert (config["num_hidden_layers"], config["hidden_size"], config["num_attention_heads"]) == (LAYERS, WIDTH, HEADS)
    tensors = {k: v.astype(np.float32) for k, v in load_file(os.path.join(args.export, "model.safetensors")).items()}
    path = os.path.join(args.out, "encoder.safetensors")
    with open(os.path.join(args.export, "sample.json"), encoding="utf-8") as f:
        samples = [row["ids"] for row in json.load(f)]
    data = save(build(tensors, largest_inputs(tensors, samples)))
    with open(path, "wb") as f:
        f.write(data)
    subprocess.run(["zstd", "-19", "-q", "-f", "--rm", path, "-o", path + ".zst"], check=True)
    with open(path + ".zst", "rb") as f:
        packed = f.read()
    os.remove(path + ".zst")
    half = len(packed) // 2
    for crate, part in (("encoder-a", packed[:half]), ("encoder-b", packed[half:])):
        with open(os.path.join(args.out, crate, "weights"), "wb") as f:
            f.write(part)
    vocab = open(os.path.join(args.export, "vocab.txt"), encoding="utf-8").read()
    assert vocab.rstrip("\n").split("\n")[-2:] == ["<a>", "</a>"]
    with open(os.path.join(args.out, "encoder-vocab.txt"), "w", encoding="utf-8") as f:
        f.write(vocab)
    print(f"{len(packed)} bytes in two halves, {len(data)} unpacked")


if __name__ == "__main__":
    main()
