"""Writes a checkpoint as plain tensors, ONNX (f32 and int8) and samples for differential tests.

    python export.py --weights CHECKPOINT.pt --out OUT [--start MODELS [MODELS ...]]

With `--start`, the mean of the checkpoint and what its training began with: weights that were fine-tuned one from the
other can be averaged, and the mean is often better than either (Wortsman et al. 2022, "Model soups").
"""
import argparse
import json
import os
import shutil

import onnxruntime as ort
import torch
from torch.nn import functional as F
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import save_file

import data
import model as M


class Encoder(torch.nn.Module):
    """The encoder's arithmetic spelled out, which makes a plain graph."""

    def __init__(self, bert):
        super().__init__()
        self.bert, self.heads = bert, bert.config.num_attention_heads

    def forward(self, input_ids, attention_mask):
        e = self.bert.embeddings
        positions = torch.cumsum(torch.ones_like(input_ids[:1]), 1) - 1
        h = e.LayerNorm(e.word_embeddings(input_ids) + e.position_embeddings(positions) + e.token_type_embeddings.weight[0])
        mask = (1.0 - attention_mask[:, None, None, :].float()) * -1e9
        for layer in self.bert.encoder.layer:
            a = layer.attention
            q, k, v = (f(h).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in (a.self.query, a.self.key, a.self.value))
            weights = (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5 + mask).softmax(-1)
            h = a.output.LayerNorm(a.output.dense((weights @ v).transpose(1, 2).flatten(2)) + h)
            h = layer.output.LayerNorm(layer.output.dense(F.gelu(layer.intermediate.dense(h))) + h)
        return h


def write_onnx(bert, out):
    f32, int8 = os.path.join(out, "model.onnx"), os.path.join(out, "model.int8.onnx")
    ids = torch.randint(1000, 20000, (2, 16))
    names = ["input_ids", "attention_mask"]
    dynamic = {n: {0: "batch", 1: "sequence"} for n in names + ["last_hidden_state"]}
    torch.onnx.export(Encoder(bert).eval(), (ids, torch.ones_like(ids)), f32, input_names=names,
                      output_names=["last_hidden_state"], dynamic_axes=dynamic, opset_version=17, dynamo=False)
    quantize_dynamic(f32, int8, per_channel=True, weight_type=QuantType.QInt8)  # embeddings (Gather) too
    return f32, int8


def onnx_pooled(path, rows):
    """Pooled vectors by onnxruntime, all sentences in one padded batch."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    ids, att, men, opening = M.collate(rows)
    hidden, = session.run(None, {"input_ids": ids.numpy(), "attention_mask": att.numpy()})
    return M.pool(torch.from_numpy(hidden), men, opening)


# Written for the differential tests: every case of marking once (start, end, a long name, accents, quotes, CJK).
SAMPLES = """[n Xi] accused [n Washington] of bad faith.
The minister praised [n Kenya] for its patience.
[n The United States] sanctioned [n Iran]'s central bank.
No one in [n São Paulo] believed [n José Álvarez], the mayor.
“[n Brussels] cannot be trusted,” said [n Viktor Orbán].
[n U.N.] observers thanked [n 中国] and [n Nauru].
It was [n the Ministry of Foreign Affairs of the Republic of Uzbekistan] that failed to reply.
After years of talks [n NATO]-backed troops left, and [n Kabul] fell.
Nothing was said about [n Oman].
Voters turned on [n Ms. O'Neill-Smith] after the report."""


def samples():
    out = []
    for line in SAMPLES.split("\n"):
        text, marks = data.parse_marked(line)
        out += [data.Example(text, s, e, data.one_hot(1), "sample") for s, e, _ in marks]
    long = "The committee met again and again, and heard the same words from the same people; " * 8
    out += [data.Example(t, s, s + 7, data.one_hot(1), "sample") for t, s in (
        (long + "then it blamed Belarus.", len(long) + 15), ("Ukraine won. " + long, 0),
        (long + "Hungary gave way. " + long, len(long)))]
    return out


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--weights", required=True)
    ap.add_argument("--start", metavar="MODELS", nargs="+", help="as for train.py")
    ap.add_argument("--share", type=float, default=0.5, help="of the checkpoint in the mean")
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    os.makedirs(args.out, exist_ok=True)
    torch.manual_seed(1)
    at = lambda name: os.path.join(args.out, name)

    net = M.load()
    net.load_state_dict(torch.load(args.weights))
    if args.start:
        with torch.no_grad():
            for ours, theirs in zip(net.parameters(), M.load(args.start).parameters()):
                ours.lerp_(theirs, 1 - args.share)
    net.eval()
    net.bert.embeddings.word_embeddings.sparse = False
    save_file({k: v.float().contiguous() for k, v in net.tensors().items()}, at("model.safetensors"))
    config = json.load(open(os.path.join(M.base_folder(), "config.json")))
    config["vocab_size"] = data.CLOSE + 1
    json.dump(config, open(at("config.json"), "w"), indent=1)
    shutil.copy(os.path.join(M.base_folder(), "vocab.txt"), at("vocab.txt"))
    vocab = open(at("vocab.txt"), encoding="utf-8").read().rstrip("\n").split("\n")
    assert len(vocab) == data.OPEN
    open(at("vocab.txt"), "w", encoding="utf-8").write("\n".join(vocab + ["<a>", "</a>"]) + "\n")
    head = net.heads[-1]
    json.dump({"classes": data.CLASSES, "weight": head.weight.tolist(), "bias": head.bias.tolist()},
              open(at("head.json"), "w"))
    f32, int8 = write_onnx(net.bert, args.out)

    tok = data.load_tokenizer(os.path.join(M.base_folder(), "tokenizer.json"))
    examples = samples()
    shown = [(e, False) for e in examples] + [(e, True) for e in examples[:6]]
    rows = [data.encode(tok, [e], blind)[0] for e, blind in shown]
    with torch.no_grad():
        ids, att, men, opening = zip(*(M.collate([r]) for r in rows))
        pooled = torch.cat([M.pool(net.bert(input_ids=i, attention_mask=a).last_hidden_state, m, o)
                            for i, a, m, o in zip(ids, att, men, opening)])
        probs = head(pooled).softmax(-1)
    json.dump([{"sentence": e.text, "start": e.start, "end": e.end, "blind": blind, "ids": r[0], "mention_pieces": [r[1], r[2]],
                "pooled": p.tolist(), "probabilities": q.tolist()}
               for (e, blind), r, p, q in zip(shown, rows, pooled, probs)], open(at("sample.json"), "w"), ensure_ascii=False)
    for path in (f32, int8):
        other = onnx_pooled(path, rows)
        print(os.path.basename(path), os.path.getsize(path), "bytes; largest difference of a vector element",
              round(float((other - pooled).abs().max()), 5), "of a probability",
              round(float((head(other).detach().softmax(-1) - probs).abs().max()), 5))


if __name__ == "__main__":
    main()
