"""Turns an export (`model.safetensors`, `vocab.txt`) into what the crate embeds.

    python convert.py --export EXPORT --pack PACK --out MODELS

Writes `encoder-a/weights`, `encoder-b/weights` and `encoder-vocab.txt`. How large channels get, and so how they are evened
out, is seen on gold mentions. Needs the `zstd` command.
"""
import argparse
import os
import shutil

import numpy as np
import torch

import embedded
import mentions
import model as M
from mentions import NAMED, Mentions

SEEN = 256  # gold mentions


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--export", required=True)
    ap.add_argument("--pack", required=True, help="what pack.py wrote")
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    net = M.load("minilm", [os.path.join(args.export, "model.safetensors")]).eval()
    gold = Mentions(mentions.head(dict(np.load(os.path.join(args.pack, "gold.npz"))), SEEN), torch.device("cpu"))
    net.even_out([gold.batch(np.arange(SEEN), NAMED)])
    evens = [{name: getattr(layer, name).even.numpy() for name in ("query", "mix", "widen", "narrow")}
             for layer in net.encoder.layers]
    tensors = embedded.build({k: v.numpy() for k, v in net.state_dict().items()}, evens)
    size = embedded.write(tensors, args.out)
    shutil.copy(os.path.join(args.export, "vocab.txt"), os.path.join(args.out, "encoder-vocab.txt"))
    print(f"{size} bytes in two halves")


if __name__ == "__main__":
    main()
