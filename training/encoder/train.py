"""Fine-tunes an encoder, on a GPU if there is one. Interrupted, the same command goes on from the last checkpoint.

    python train.py --pack PACK --base mpnet --start FILE --out RUN
    python train.py --pack PACK --start ../../models --silver LABELS.npy --out RUN
"""
import argparse
import copy
import json
import os
import time

import numpy as np
import torch
from safetensors.torch import save_file
from sklearn.metrics import f1_score
from torch.nn import functional as F

import data
import mentions
import model as M
from mentions import BLIND, NAMED, OTHER, Mentions

# NewsMTSC's polarity differs a little from the guideline of the other sets and is a quarter of their size: it
# counts double in the loss, so that the others do not outvote it.
WEIGHT = {"newsmtsc": 2.0, "intl": 1.0, "corpus": 1.0, "silver": 1.0}
# Of the loss at each depth.
DEPTH_WEIGHT = {"minilm": (0.25, 0.25, 1.0, 1.0), "mpnet": (1.0,)}
# Each mention is read twice: as written, and with another name in its place, or a mask. The readings' disagreement is
# added to the loss (R-Drop, Liang et al. 2021), so that labels depend less on who is named.
SWAPPED = 0.6  # of the mentions that have a name of the catalogue are shown with another; the rest with a mask
SMOOTHING = 0.05  # of gold labels; silver ones are smooth
EMA = 0.999
DEV = ("dev_mt", "dev_rw", "intl_dev", "corpus_dev")


def scores(gold, probs):
    pred = probs.argmax(-1)
    per = f1_score(gold, pred, average=None, labels=[0, 1, 2])
    return {"macro_f1": round(float(per.mean()), 4), "accuracy": round(float((gold == pred).mean()), 4),
            **{c: round(float(x), 4) for c, x in zip(data.CLASSES, per)}}


def optimizer(net, lr, head_factor):
    groups = []
    for params, rate in ((net.encoder, lr), (net.heads, lr * head_factor)):
        named = list(params.named_parameters())
        plain = lambda n: n.endswith("bias") or "norm" in n
        groups.append({"params": [p for n, p in named if not plain(n)], "lr": rate, "weight_decay": 0.01})
        groups.append({"params": [p for n, p in named if plain(n)], "lr": rate, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, fused=True)


def twin(net):
    """A replica with the same weights in memory but gradients of its own, for another thread."""
    other = copy.deepcopy(net)
    for p, q in zip(net.parameters(), other.parameters()):
        q.data = p.data
    return other


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--pack", required=True, help="what pack.py wrote")
    ap.add_argument("--out", required=True)
    ap.add_argument("--base", choices=M.SHAPES, default="minilm")
    ap.add_argument("--start", nargs="+", required=True, help=M.load.__doc__)
    ap.add_argument("--silver", metavar="LABELS.npy", nargs="?", const="",
                    help="train on the packed silver mentions too: with these labels of label.py, or those that they were packed with")
    ap.add_argument("--silver-count", type=int, help="how many of them, drawn anew in each epoch; all without")
    ap.add_argument("--gold-times", type=int, default=1, help="how often each gold mention occurs in an epoch")
    ap.add_argument("--epochs", type=int, default=3)
    ap.add_argument("--seconds", type=float, help="where the epochs would take longer, the rate falls to 0 by then instead")
    ap.add_argument("--batch", type=int, default=16, help="mentions, of which each is read twice")
    ap.add_argument("--lr", type=float, default=8e-5)
    ap.add_argument("--head-factor", type=float, default=10)
    ap.add_argument("--drop", type=float, default=0.1)
    ap.add_argument("--agreement", type=float, default=2.0, help="weight of the two readings' disagreement")
    ap.add_argument("--round-from", type=float, default=2, help="after this part of the steps weights and activations are rounded")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=2, help="without a GPU")
    ap.add_argument("--save-every", type=float, default=300, help="seconds")
    ap.add_argument("--limit", type=int, help="train on this many gold mentions only, for a trial")
    args = ap.parse_args()
    os.makedirs(args.out, exist_ok=True)
    torch.manual_seed(args.seed)
    device = M.device()
    gpu = device.type == "cuda"
    threads = M.workers(1 if gpu else args.threads)

    def log(**row):
        line = json.dumps({"time": time.strftime("%H:%M:%S"), **row})
        print(line, flush=True)
        with open(os.path.join(args.out, "log.jsonl"), "a") as f:
            f.write(line + "\n")

    read = lambda name: dict(np.load(os.path.join(args.pack, name + ".npz")))
    gold = read("gold")
    if args.limit:
        gold = mentions.head(gold, args.limit)
    parts = [gold]
    if args.silver is not None:
        labels = {"target": np.load(args.silver).astype(np.float32)} if args.silver else {}
        parts.append(read("silver") | labels)
    packed = mentions.join(parts)
    train, count = Mentions(packed, device), len(gold["target"])
    dev = {name: read(name) for name in DEV}
    shown_dev = {name: Mentions(packed, device) for name, packed in dev.items()}

    target = torch.from_numpy(packed["target"]).to(device)
    target = target / target.sum(1, keepdim=True)
    counts = target[:count].sum(0)
    # Silver labels come from a model whose classes were weighted: they are so already.
    smooth = target[:count] * (1 - SMOOTHING) + SMOOTHING / len(data.CLASSES)
    target[:count] = smooth * torch.sqrt(count / (3.0 * counts))
    weight = torch.tensor([WEIGHT[s] for s in mentions.SOURCES])[torch.from_numpy(packed["source"]).long()].to(device)

    def batches_of(epoch):
        """All gold mentions and silver ones; for each the way of its second reading."""
        rng = np.random.default_rng((args.seed, epoch))
        silver = np.arange(count, len(train))
        if args.silver_count:
            silver = rng.choice(silver, args.silver_count, replace=False)
        index = np.concatenate([np.arange(count)] * args.gold_times + [silver])
        second = np.where((rng.random(len(train)) < SWAPPED) & (train.extra > 0), OTHER, BLIND)
        return [(index[b], second[index[b]]) for b in mentions.bucketed(train.length[index], args.batch, rng)]

    net = M.load(args.base, args.start, args.drop).to(device)
    ema = copy.deepcopy(net)
    twins = [net] if gpu else [net] + [twin(net) for _ in range(args.threads - 1)]
    if not gpu:
        # Gradients live on from batch to batch: autograd adds the embeddings' few rows in place, where a new dense
        # gradient of 12 million zeros for every batch took a fifth of the time.
        for other in twins:
            other.encoder.words.sparse = True
            for p in other.parameters():
                p.grad = torch.zeros_like(p)
    opt = optimizer(net, args.lr, args.head_factor)
    per_epoch = len(batches_of(0))
    total = per_epoch * args.epochs
    warm = max(1, total // 10)
    rates = [g["lr"] for g in opt.param_groups]
    log(event="start", device=str(device), gold=count, silver=len(train) - count, swapped=int((train.extra > 0).sum()),
        classes=counts.tolist(), steps=total, mean_pieces=round(float(train.length.mean()), 1),
        dev={k: len(v) for k, v in shown_dev.items()}, args=vars(args))

    last = os.path.join(args.out, "last.pt")
    step, before = 0, 0.0
    if os.path.exists(last):
        saved = torch.load(last, map_location=device)
        net.load_state_dict(saved["net"])
        ema.load_state_dict(saved["ema"])
        opt.load_state_dict(saved["opt"])
        step, before = saved["step"], saved["spent"]
        log(event="resumed", step=step)
    start = time.time() - before
    rounds = False

    def progress():
        """The part of the whole that is done, by steps or by the clock, whichever is further."""
        return max(step / total, (time.time() - start) / args.seconds if args.seconds else 0.0)

    def save():
        torch.save({"net": net.state_dict(), "ema": ema.state_dict(), "opt": opt.state_dict(), "step": step,
                    "spent": time.time() - start}, last + ".part")
        os.replace(last + ".part", last)

    def evaluate(epoch):
        for kind, which in (("raw", net), ("ema", ema)):
            state = {k: v.contiguous() for k, v in which.state_dict().items()}
            save_file(state, os.path.join(args.out, f"epoch{epoch}.{kind}.safetensors"))
            for name, shown in shown_dev.items():
                for way, reading in (("named", NAMED), ("blind", BLIND)):
                    for depth, probs in zip(M.SHAPES[args.base].depths, M.predict(which, shown, reading, threads)):
                        log(event="dev", epoch=epoch, weights=kind, set=name, reading=way, depth=depth, rounded=rounds,
                            **scores(dev[name]["target"].argmax(1), probs))

    def shown_twice(index, second):
        return train.batch(np.concatenate([index, index]), np.concatenate([np.full_like(second, NAMED), second]))

    def backward(net, share, size):
        """Gradients of one thread's share of a batch of `size`. Divided by the mean weight of the whole set rather
        than of the batch, so that weights hold between batches too."""
        index, second = share
        i = torch.from_numpy(index).to(device)

        def of(logits):
            first, other = F.log_softmax(logits, -1).chunk(2)
            apart = ((first.exp() - other.exp()) * (first - other)).sum(-1) / 2
            return -(target[i] * (first + other)).sum(-1) / 2 + args.agreement * apart

        with M.precision(net, device):
            logits = net(*shown_twice(index, second))
        of_depth = DEPTH_WEIGHT[args.base]
        each = sum(w * of(x) for w, x in zip(of_depth, logits))
        loss = (each * weight[i]).sum() / size / mean_weight / sum(of_depth)
        loss.backward()
        return loss.detach()

    mean_weight = float(weight.mean())
    began, done, seen, running = time.time(), 0, 0, 0.0
    saved_at = time.time()
    end = False
    while step < total and not end:
        epoch, at = divmod(step, per_epoch)
        batches = batches_of(epoch)
        for other in twins:
            other.train()
        for index, second in batches[at:]:
            if progress() >= args.round_from and not rounds:
                rounds = True
                sample = [shown_twice(*batches[k]) for k in range(0, len(batches), max(1, len(batches) // 20))]
                net.even_out(sample)
                for other in [*twins[1:], ema]:
                    other.even_like(net)
                for other in [*twins, ema]:
                    other.round(True)
                log(event="rounded", step=step)
            opt.zero_grad(set_to_none=gpu)
            for other in twins[1:]:
                other.zero_grad(set_to_none=False)
            # Every thread takes every n-th mention: equal counts, like lengths.
            shares = [(index[k::len(twins)], second[k::len(twins)]) for k in range(len(twins))]
            running += sum(threads.map(lambda net, share: backward(net, share, len(index)), twins, shares))
            for other in twins[1:]:
                torch._foreach_add_([p.grad for p in net.parameters()], [p.grad for p in other.parameters()])
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            now = min((step + 1) / warm, max(0.0, (1 - progress()) / (1 - warm / total)), 1.0)
            for group, r in zip(opt.param_groups, rates):
                group["lr"] = r * now
            opt.step()
            step += 1
            end = progress() >= 1.0
            if step % 5 == 0:  # every fifth step, for speed
                decay = min(EMA, (1 + step) / (10 + step)) ** 5
                with torch.no_grad():
                    torch._foreach_lerp_(list(ema.parameters()), list(net.parameters()), 1 - decay)
            done, seen = done + 1, seen + len(index)
            if step % (500 if gpu else 50) == 0:
                spent = time.time() - began
                log(event="train", step=step, loss=round(float(running) / done, 4), per_second=round(seen / spent, 1),
                    rate=round(now, 3), minutes_left=round((total - step) / done * spent / 60, 1))
                began, done, seen, running = time.time(), 0, 0, 0.0
            if time.time() - saved_at > args.save_every:
                save()
                saved_at = time.time()
            if end:
                break
        evaluate(-(-step // per_epoch))
        save()
        began, done, seen, running = time.time(), 0, 0, 0.0
    log(event="end", step=step, seconds=round(time.time() - start))


if __name__ == "__main__":
    main()
