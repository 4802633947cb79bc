"""Labels the packed silver mentions with fine-tuned encoders: the mean of their probabilities.

    python label.py --pack PACK --base mpnet --out LABELS.npy RUN/epoch3.ema.safetensors:named [FILE:other ...]
    python label.py --out LABELS.npy --rows PLACES.csv --csv SILVER.csv

The second writes what is in `../silver.csv.zst`, from the labels and the rows that were packed.
"""
import argparse
import csv
import os
import time

import numpy as np

import data
import model as M
from mentions import BLIND, NAMED, OTHER, Mentions

READINGS = {"named": NAMED, "blind": BLIND, "other": OTHER}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--pack", help="what pack.py wrote")
    ap.add_argument("--base", choices=M.SHAPES, default="minilm")
    ap.add_argument("--threads", type=int, default=2, help="without a GPU")
    ap.add_argument("--out", required=True, help="probabilities, mentions x classes, in 16 bits")
    ap.add_argument("--rows", help="the file that pack.py was given with --silver")
    ap.add_argument("--csv", help="with --rows: set, line, start, end and rounded probabilities")
    ap.add_argument("readers", nargs="*", help="weights, and how they read the mention: named, blind or other (another name)")
    args = ap.parse_args()
    if args.readers:
        label(args)
    if args.csv:
        write(args)


def label(args):
    device = M.device()
    threads = M.workers(1 if device.type == "cuda" else args.threads)
    shown = Mentions(dict(np.load(os.path.join(args.pack, "silver.npz"))), device)
    total = 0.0
    for reader in args.readers:
        path, _, reading = reader.rpartition(":")
        began = time.time()
        net = M.load(args.base, [path]).to(device)
        probs = M.predict(net, shown, READINGS[reading], threads)[-1]
        total = total + probs / len(args.readers)
        print(reader, f"{len(probs) / (time.time() - began):.0f}/s classes", np.bincount(probs.argmax(1)).tolist(), flush=True)
    np.save(args.out, total.astype(np.float16))


def write(args):
    labels = np.load(args.out)
    with open(args.rows, encoding="utf-8", newline="") as source, open(args.csv, "w", encoding="utf-8", newline="") as target:
        rows = csv.DictReader(source)
        out = csv.writer(target, lineterminator="\n")
        out.writerow(["set", "line", "start", "end", *data.CLASSES])
        for row, (supportive, _, critical) in zip(rows, labels, strict=True):
            hundredths = round(100 * float(supportive)), round(100 * float(critical))
            neutral = 100 - sum(hundredths)
            out.writerow([row["set"], row["line"], row["start"], row["end"],
                          *(f"{x / 100:.2f}" for x in (hundredths[0], neutral, hundredths[1]))])


if __name__ == "__main__":
    main()
