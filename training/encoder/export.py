"""Writes a checkpoint as plain tensors, with its vocabulary and samples for differential tests.

    python export.py --weights RUN/epoch2.ema.safetensors [FILE ...] --out EXPORT

Of several, the mean: weights that were fine-tuned one from the other can be averaged, and the mean is often better than
either (Wortsman et al. 2022, "Model soups").
"""
import argparse
import json
import os

import numpy as np
import torch
from safetensors.torch import save_file

import data
import mentions
import model as M
from mentions import Mentions

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
        out += [data.Example(text, s, e, data.one_hot(1), "corpus") for s, e, _ in marks]
    long = "The committee met again and again, and heard the same words from the same people; " * 8
    out += [data.Example(t, s, s + 7, data.one_hot(1), "corpus") for t, s in (
        (long + "then it blamed Belarus.", len(long) + 15), ("Ukraine won. " + long, 0),
        (long + "Hungary gave way. " + long, len(long)))]
    return out


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--weights", nargs="+", required=True)
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    os.makedirs(args.out, exist_ok=True)
    at = lambda name: os.path.join(args.out, name)

    net = M.load("minilm", args.weights).eval()
    save_file({k: v.contiguous() for k, v in net.state_dict().items()}, at("model.safetensors"))
    vocab = open(os.path.join(M.base_folder(), "vocab.txt"), encoding="utf-8").read().rstrip("\n").split("\n")
    assert len(vocab) == data.OPEN
    open(at("vocab.txt"), "w", encoding="utf-8").write("\n".join(vocab + ["<a>", "</a>"]) + "\n")

    tok = data.load_tokenizer(os.path.join(M.base_folder(), "tokenizer.json"))
    examples = samples()
    rows = []
    for e, blind in [(e, False) for e in examples] + [(e, True) for e in examples[:6]]:
        [(ids, lo, hi)] = data.encode(tok, [e], blind)
        shown = Mentions(mentions.of_rows([(ids, lo, hi)]), torch.device("cpu"))
        with torch.no_grad():
            padded, valid, men, opening = shown.batch(np.arange(1), mentions.NAMED)
            pooled = M.pool(net.encoder(padded, valid)[-1], men, opening)
            probs = net.heads[-1](pooled).softmax(-1)
        rows.append({"sentence": e.text, "start": e.start, "end": e.end, "blind": blind, "ids": ids,
                     "mention_pieces": [lo, hi], "pooled": pooled[0].tolist(), "probabilities": probs[0].tolist()})
    json.dump(rows, open(at("sample.json"), "w", encoding="utf-8"), ensure_ascii=False)


if __name__ == "__main__":
    main()
