"""Cuts all mentions into pieces once, so that training and labelling need neither texts nor a tokenizer.

    python pack.py --data DATA --corpus CORPUS --actors ../../models/actors.csv --out PACK [--silver SILVER.csv[.zst]]

Writes `PACK/gold.npz`, one file for each development set, and `PACK/silver.npz`, whose rows are those of the file given.
"""
import argparse
import csv
import os

import numpy as np

import data
import mentions
import model as M
from names import Names


def sets(args):
    """(name, examples) of the labelled sets."""
    read = lambda name, source: data.read_csv(os.path.join(args.data, name), source)
    corpus_train, corpus_dev = data.read_corpus(args.corpus)
    yield "gold", read("newsmtsc/train.csv", "newsmtsc") + read("intl/train.csv", "intl") + corpus_train
    yield "dev_mt", read("newsmtsc/dev_mt.csv", "newsmtsc")
    yield "dev_rw", read("newsmtsc/dev_rw.csv", "newsmtsc")
    yield "intl_dev", read("intl/dev.csv", "intl")
    yield "corpus_dev", corpus_dev


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", required=True)
    ap.add_argument("--corpus", required=True)
    ap.add_argument("--actors", required=True, help="the catalogue, models/actors.csv: names to swap")
    ap.add_argument("--silver", help="mentions of unlabelled text; labels, where it has them, are kept")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    os.makedirs(args.out, exist_ok=True)
    tok = data.load_tokenizer(os.path.join(M.base_folder(), "tokenizer.json"))
    names = Names(args.actors)

    def write(name, examples):
        packed = mentions.pack(tok, examples, names, data.seeded("names", args.seed, name))
        np.savez(os.path.join(args.out, name + ".npz"), **packed)
        print(name, len(examples), "mentions", len(packed["pieces"]), "pieces")

    for name, examples in sets(args):
        write(name, examples)
    if args.silver:
        lines = data.zstd_lines(args.silver) if args.silver.endswith(".zst") else open(args.silver, encoding="utf-8", newline="")
        rows = list(csv.DictReader(lines))
        label = lambda r: data.soft_label(r) if data.CLASSES[0] in r else None
        write("silver", [data.Example(text, int(r["start"]), int(r["end"]), label(r), "silver")
                         for r, text in zip(rows, data.texts_of(rows, os.path.join(args.data, "text")))])


if __name__ == "__main__":
    main()
