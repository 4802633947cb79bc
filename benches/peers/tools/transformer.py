"""Transformers in PyTorch: the same encoder as `toward`'s, in f32 or bf16, and RoBERTa-base for its speed.

    python transformer.py choose KIND IN.csv                          # prints the fastest BATCH and WORKERS
    python transformer.py label KIND:BATCH:WORKERS IN.csv OUT.csv

KIND is encoder-f32, encoder-bf16, roberta-f32 or roberta-bf16.

`ENCODER` names the folder of the encoder's weights, as `training/encoder/export.py` writes it; without it the encoder is
what it was before training, and as fast. RoBERTa-base has random weights here, which take as long as trained ones. All
cores; rows sorted by length over the whole file, so that batches are filled; WORKERS of one thread each, or all cores in each
operation where it is 1.
"""
import os
import sys
import time

import rows

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "training", "encoder"))
import data  # noqa: E402
import mentions  # noqa: E402
import model as encoder  # noqa: E402

import numpy  # noqa: E402
import torch  # noqa: E402
from transformers import RobertaConfig, RobertaModel  # noqa: E402


def load_encoder():
    """The encoder with its heads, and a function from rows to its pieces."""
    base = encoder.base_folder()
    tokenizer = data.load_tokenizer(os.path.join(base, "tokenizer.json"))

    def pieces(part):
        rows_ = data.encode(tokenizer, [data.Example(s, a, b, None, "") for s, _, a, b, _ in part])
        return mentions.Mentions(mentions.of_rows(rows_), torch.device("cpu"))

    weights = os.path.join(os.environ.get("ENCODER", base), "model.safetensors")
    return encoder.load("minilm", [weights]), pieces


class Roberta(torch.nn.Module):
    """RoBERTa-base with the same head: 125 million parameters, none of them trained."""

    def __init__(self):
        super().__init__()
        config = RobertaConfig(vocab_size=50265, max_position_embeddings=514, type_vocab_size=1)
        self.bert = RobertaModel(config, add_pooling_layer=False)
        self.heads = torch.nn.ModuleList([torch.nn.Linear(3 * config.hidden_size, 3)])

    def forward(self, ids, valid, men, opening):
        hidden = self.bert(input_ids=ids, attention_mask=valid.long()).last_hidden_state
        return [self.heads[-1](encoder.pool(hidden, men, opening))]


def load_roberta():
    # BERT's pieces: about as many as RoBERTa's own of the same sentence.
    _, pieces = load_encoder()
    return Roberta(), pieces


def load(kind):
    family, number = kind.split("-")
    net, pieces = {"encoder": load_encoder, "roberta": load_roberta}[family]()
    return net.to(torch.bfloat16 if number == "bf16" else torch.float32).eval(), pieces


def classify(net, encoded, batch, workers):
    """Probabilities of encoded rows, in their order."""
    out = torch.zeros(len(encoded), 3)
    pool = encoder.workers(workers)
    torch.set_num_threads(os.cpu_count() if workers == 1 else 1)
    order = numpy.argsort(encoded.length, kind="stable")

    def one(part):
        with torch.inference_mode():
            out[torch.from_numpy(part)] = net(*encoded.batch(part, mentions.NAMED))[-1].float().softmax(-1)

    batches = [order[at:at + batch] for at in range(0, len(order), batch)]
    list(map(one, batches) if workers == 1 else pool.map(one, batches))
    return out.tolist()


def choose(kind, source):
    """The fastest of the usual batches, after a start that warms everything up."""
    net, pieces = load(kind)
    read = list(rows.read(source))
    encoded = pieces(read)
    classify(net, pieces(read[:16]), 8, 1)
    tried = {}
    for batch in [8, 16, 32, 64]:
        for workers in sorted({1, os.cpu_count()}):
            began = time.perf_counter()
            classify(net, encoded, batch, workers)
            tried[batch, workers] = time.perf_counter() - began
            print(f"  {kind}: batches of {batch}, {workers} workers: {tried[batch, workers]:.2f} s", file=sys.stderr, flush=True)
    print(*min(tried, key=tried.get))


def label(kind, source, target):
    kind, batch, workers = kind.split(":")
    net, pieces = load(kind)
    rows.label(source, target, lambda part: classify(net, pieces(part), int(batch), int(workers)), block=1 << 20)


{"choose": choose, "label": label}[sys.argv[1]](*sys.argv[2:])
