"""Labels the chosen mentions with the exported encoder, in their order, piece by piece.

    python silver_label.py --export EXPORT --candidates CANDIDATES.csv --out SILVER.csv [--debug WITH_TEXT.csv]
    python silver_label.py --export EXPORT --candidates ../silver.csv.zst --data DATA --out SILVER.csv [--mean] [--decimals 2]

The second labels mentions anew that have labels already; with `--mean`, old and new ones count alike, as two models of
which each makes mistakes of its own. Goes on where an interrupted run stopped.
"""
import argparse
import csv
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime as ort

import data


def tokenizer(export):
    from tokenizers import BertWordPieceTokenizer
    return BertWordPieceTokenizer(os.path.join(export, "vocab.txt"), lowercase=True)


class Labeller:
    def __init__(self, export, model):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1  # threads take whole batches instead
        self.session = ort.InferenceSession(os.path.join(export, model), options, providers=["CPUExecutionProvider"])
        head = json.load(open(os.path.join(export, "head.json")))
        self.weight, self.bias = np.array(head["weight"], np.float32), np.array(head["bias"], np.float32)

    def __call__(self, rows):
        """Rows of (ids, lo, hi) -> class probabilities."""
        width = max(len(r[0]) for r in rows)
        ids = np.zeros((len(rows), width), np.int64)
        mask = np.zeros_like(ids)
        for i, (x, _, _) in enumerate(rows):
            ids[i, :len(x)], mask[i, :len(x)] = x, 1
        hidden, = self.session.run(None, {"input_ids": ids, "attention_mask": mask})
        vector = np.stack([np.concatenate([h[0], h[lo:hi].mean(0), h[lo - 1]]) for h, (_, lo, hi) in zip(hidden, rows)])
        z = vector @ self.weight.T + self.bias
        z = np.exp(z - z.max(1, keepdims=True))
        return z / z.sum(1, keepdims=True)


def label(labeller, rows, threads, batch=8):
    out = np.zeros((len(rows), 3), np.float32)

    def one(part):
        out[part] = labeller([rows[i] for i in part])

    list(threads.map(one, data.bucketed([len(r[0]) for r in rows], batch)))
    return out


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--export", required=True)
    ap.add_argument("--candidates", required=True)
    ap.add_argument("--data", help="where the texts are, if the candidates have none")
    ap.add_argument("--out", required=True)
    ap.add_argument("--debug")
    ap.add_argument("--mean", action="store_true", help="the mean of the new labels and those that the candidates have")
    ap.add_argument("--decimals", type=int, default=4)
    ap.add_argument("--model", default="model.int8.onnx")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--piece", type=int, default=10000)
    ap.add_argument("--limit", type=int)
    args = ap.parse_args()
    lines = data.zstd_lines if args.candidates.endswith(".zst") else lambda path: open(path, encoding="utf-8", newline="")
    todo = list(csv.DictReader(lines(args.candidates)))[:args.limit]
    if args.data:
        for r, text in zip(todo, data.texts_of(todo, os.path.join(args.data, "text"))):
            r["text"] = text
    done = 0
    if os.path.exists(args.out):
        with open(args.out) as f:
            done = max(0, sum(1 for _ in f) - 1)
    tok, labeller = tokenizer(args.export), Labeller(args.export, args.model)
    threads = ThreadPoolExecutor(args.threads)
    for path in filter(None, (args.out, args.debug)):
        if not done:
            with open(path, "w", encoding="utf-8", newline="") as f:
                columns = ["set", "line", "start", "end", *data.CLASSES]
                csv.writer(f, lineterminator="\n").writerow(columns + (["kind", "mention", "text"] if path == args.debug else []))
    for at in range(done, len(todo), args.piece):
        began = time.time()
        part = todo[at:at + args.piece]
        probs = label(labeller, data.encode(tok, [data.Example(r["text"], int(r["start"]), int(r["end"]), None, r["set"])
                                                  for r in part]), threads)
        if args.mean:
            probs = (probs + np.array([data.soft_label(r) for r in part], np.float32)) / 2
        plain = [[r["set"], r["line"], r["start"], r["end"], *(f"{x:.{args.decimals}f}" for x in p)]
                 for r, p in zip(part, probs)]
        with open(args.out, "a", encoding="utf-8", newline="") as f:
            csv.writer(f, lineterminator="\n").writerows(plain)
        if args.debug:
            with open(args.debug, "a", encoding="utf-8", newline="") as f:
                csv.writer(f, lineterminator="\n").writerows(p + [r.get("kind"), r["text"][int(r["start"]):int(r["end"])], r["text"]]
                                        for p, r in zip(plain, part))
        print(time.strftime("%H:%M:%S"), at + len(part), "of", len(todo),
              f"{len(part) / (time.time() - began):.0f}/s", "classes", np.bincount(probs.argmax(1), minlength=3).tolist(),
              flush=True)


if __name__ == "__main__":
    main()
