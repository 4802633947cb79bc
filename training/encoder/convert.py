"""Turns an export (`model.safetensors`, `vocab.txt`) into what the crate embeds, 8-bit weights in ONNX.

    python convert.py --export EXPORT --out MODELS

Writes the ONNX file under zstd in two halves, `encoder-a/weights` and `encoder-b/weights` (a crate holds 10 MB at most),
and `encoder-vocab.txt`. Needs numpy, safetensors, onnx and the `zstd` command.

Not onnxruntime's `quantize_dynamic` of the exported graph, because a graph written for this one shape of network can
do better: it takes one sentence without padding, so that a vector depends on nothing but its sentence; queries, keys and
values are one product; and the last layer computes only the rows that are pooled. Weights keep 7 of their 8 bits
(-64..64): on processors without VNNI, the 8-bit product adds two of them in 16 bits and would saturate.

A sentence's activations share one scale, and a few channels of BERT's are ten times as large as the others, which then
have few steps left. So channels are evened out (SmoothQuant, Xiao et al. 2023): each is divided by a factor before it is
rounded, and its row of the weights multiplied by it. How large channels get is seen on the export's sample sentences.
"""
import argparse
import json
import math
import os
import subprocess

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

LAYERS, WIDTH, HEADS = 6, 384, 12
HEAD = WIDTH // HEADS
POSITIONS = 128
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


class Graph:
    def __init__(self):
        self.nodes, self.constants, self.count = [], [], 0

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def op(self, kind, *inputs, outputs=1, **attributes):
        self.count += 1
        names = [f"v{self.count}" + (f"_{i}" if outputs > 1 else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=f"{kind}_{self.count}", **attributes))
        return names if outputs > 1 else names[0]

    def quantize(self, name, x, factor):
        """`x / factor` in 8 bits: values, scale, zero point."""
        if factor is not None:
            x = self.op("Mul", x, self.constant(name + ".even", (1 / factor).astype(np.float32)))
        return self.op("DynamicQuantizeLinear", x, outputs=3)

    def dense(self, name, quantized, w, b):
        """`x w + b`, of an input in 8 bits (values, scale, zero point) and weights `[in, out]`."""
        values, scale, zero = quantized
        q, s = quantize_columns(w)
        product = self.op("MatMulInteger", values, self.constant(name + ".weight", q), zero,
                          self.constant(name + ".zero", np.zeros(w.shape[1], np.int8)))
        scales = self.op("Mul", scale, self.constant(name + ".scale", s))
        product = self.op("Mul", self.op("Cast", product, to=TensorProto.FLOAT), scales)
        return self.op("Add", product, self.constant(name + ".bias", b.astype(np.float32)))


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
    g = Graph()
    shape_heads = g.constant("shape_heads", np.array([-1, HEADS, HEAD], np.int64))
    shape_flat = g.constant("shape_flat", np.array([-1, WIDTH], np.int64))

    def norm(x, name):
        return g.op("LayerNormalization", x, g.constant(name + ".gain", t[name + ".weight"]),
                    g.constant(name + ".shift", t[name + ".bias"]), axis=-1, epsilon=1e-12)

    def split(y, n):
        return g.op("Split", y, outputs=n, axis=-1, num_outputs=n)

    words, scale = quantize_columns(t["embeddings.word_embeddings.weight"].T, WORD_STEPS)
    place = (t["embeddings.position_embeddings.weight"] + t["embeddings.token_type_embeddings.weight"][0])[:POSITIONS]
    x = g.op("Cast", g.op("Gather", g.constant("words", words.T), "ids"), to=TensorProto.FLOAT)
    x = g.op("Mul", x, g.op("Gather", g.constant("words.scale", scale[:, None]), "ids"))
    x = g.op("Add", x, g.op("Gather", g.constant("places", place), "places_of_ids"))
    x = norm(x, "embeddings.LayerNorm")

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
        wq, wk, wv = (m * even[:, None] for m in (wq, wk, wv))
        quantized = g.quantize(f"{i}.qkv", x, even)
        if i < LAYERS - 1:
            q, k, v = split(g.dense(f"{i}.qkv", quantized, np.hstack([wq, wk, wv]), np.hstack([bq, bk, bv])), 3)
        else:
            k, v = split(g.dense(f"{i}.kv", quantized, np.hstack([wk, wv]), np.hstack([bk, bv])), 2)
            q = g.dense(f"{i}.q", (g.op("Gather", quantized[0], "rows"), *quantized[1:]), wq, bq)
            x = g.op("Gather", x, "rows")
        q, k, v = (g.op("Reshape", y, shape_heads) for y in (q, k, v))
        weights = g.op("Softmax", g.op("MatMul", g.op("Transpose", q, perm=[1, 0, 2]),
                                       g.op("Transpose", k, perm=[1, 2, 0])), axis=-1)
        mixed = g.op("MatMul", weights, g.op("Transpose", v, perm=[1, 0, 2]))
        mixed = g.op("Reshape", g.op("Transpose", mixed, perm=[1, 0, 2]), shape_flat)
        mixed = g.dense(f"{i}.mix", g.quantize(f"{i}.mix", mixed, None), wo, b("attention.output.dense"))
        x = norm(g.op("Add", x, mixed), at + "attention.output.LayerNorm")
        even = evening(largest[at + "intermediate.dense"], w1)
        inner = g.dense(f"{i}.widen", g.quantize(f"{i}.widen", x, even), w1 * even[:, None], b("intermediate.dense"))
        even = evening(largest[at + "output.dense"], w2)
        inner = g.quantize(f"{i}.narrow", g.op("Gelu", inner), even)
        x = norm(g.op("Add", x, g.dense(f"{i}.narrow", inner, w2 * even[:, None], b("output.dense"))),
                 at + "output.LayerNorm")
    g.nodes[-1].output[0] = "hidden"

    vector = lambda name, axis: helper.make_tensor_value_info(name, TensorProto.INT64, [axis])
    graph = helper.make_graph(
        g.nodes, "encoder", [vector("ids", "pieces"), vector("places_of_ids", "pieces"), vector("rows", "rows")],
        [helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["rows", WIDTH])], g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9, producer_name="toward")
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--export", required=True)
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    config = json.load(open(os.path.join(args.export, "config.json")))
    assert (config["num_hidden_layers"], config["hidden_size"], config["num_attention_heads"]) == (LAYERS, WIDTH, HEADS)
    tensors = {k: v.astype(np.float32) for k, v in load_file(os.path.join(args.export, "model.safetensors")).items()}
    path = os.path.join(args.out, "encoder.onnx")
    with open(os.path.join(args.export, "sample.json"), encoding="utf-8") as f:
        samples = [row["ids"] for row in json.load(f)]
    data = build(tensors, largest_inputs(tensors, samples)).SerializeToString()
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
