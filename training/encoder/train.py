"""Fine-tunes the encoder. Interrupted, the same command goes on from the last checkpoint.

    python train.py --data DATA --corpus CORPUS --out OUT
"""
import argparse
import copy
import json
import os
import time

import torch
from sklearn.metrics import f1_score
from torch.nn import functional as F

import data
import model as M
from names import Names

# NewsMTSC's polarity differs a little from the guideline of the other sets and is a quarter of their size: it
# counts double in the loss, so that the others do not outvote it.
WEIGHT = {"newsmtsc": 2.0, "intl": 1.0, "corpus": 1.0, "silver": 1.0}
# Of the loss at each of `M.DEPTHS`.
DEPTH_WEIGHT = (0.25, 0.25, 1.0, 1.0)
# Each mention is read twice: as written, and with another name in its place, or a mask. The readings' disagreement is
# added to the loss (R-Drop, Liang et al. 2021), so that labels depend less on who is named.
SWAPPED = 0.6  # of the mentions that have a name of the catalogue are shown with another; the rest with a mask
AGREEMENT = 2.0
SMOOTHING = 0.05  # of gold labels; silver ones are smooth
EMA = 0.999


def load_sets(args):
    csv = lambda name, source: data.read_csv(os.path.join(args.data, name), source)
    corpus_train, corpus_dev = data.read_corpus(args.corpus)
    train = csv("newsmtsc/train.csv", "newsmtsc") + csv("intl/train.csv", "intl") + corpus_train
    dev = {"dev_mt": csv("newsmtsc/dev_mt.csv", "newsmtsc"), "dev_rw": csv("newsmtsc/dev_rw.csv", "newsmtsc"),
           "intl_dev": csv("intl/dev.csv", "intl"), "corpus_dev": corpus_dev}
    return train, dev


def scores(gold, probs):
    pred = probs.argmax(-1).tolist()
    per = f1_score(gold, pred, average=None, labels=[0, 1, 2])
    return {"macro_f1": round(float(per.mean()), 4),
            "accuracy": round(sum(g == p for g, p in zip(gold, pred)) / len(gold), 4),
            **{c: round(float(x), 4) for c, x in zip(data.CLASSES, per)}}


def optimizer(net, lr, head_factor):
    groups = []
    for params, rate in ((net.bert, lr), (net.heads, lr * head_factor)):
        named = list(params.named_parameters())
        plain = lambda n: n.endswith("bias") or "LayerNorm" in n
        groups.append({"params": [p for n, p in named if not plain(n)], "lr": rate, "weight_decay": 0.01})
        groups.append({"params": [p for n, p in named if plain(n)], "lr": rate, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, fused=True)


def twin(net):
    """A replica with the same weights in memory but gradients of its own, for another thread."""
    other = copy.deepcopy(net)
    for p, q in zip(net.parameters(), other.parameters()):
        q.data = p.data
    return other


def clock(hour_minute):
    """The next time that the clock shows it, in seconds."""
    now = time.localtime()
    hour, minute = map(int, hour_minute.split(":"))
    ahead = (hour * 60 + minute - now.tm_hour * 60 - now.tm_min) % 1440
    return time.time() + ahead * 60 - now.tm_sec


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", required=True)
    ap.add_argument("--corpus", required=True)
    ap.add_argument("--actors", required=True, help="the catalogue, models/actors.csv: names to swap")
    ap.add_argument("--out", required=True)
    ap.add_argument("--start", metavar="MODELS", nargs="+", default=[],
                    help="begin with the encoder in this folder, or the mean of those in several, not with the package's")
    ap.add_argument("--silver", help="also train on rows of this file, a part of them in each epoch")
    ap.add_argument("--silver-count", type=int, default=70000, help="how many in each epoch")
    ap.add_argument("--epochs", type=int, default=3)
    ap.add_argument("--until", help="HH:MM: where the epochs would take longer, the rate falls to 0 by then instead")
    ap.add_argument("--batch", type=int, default=16, help="mentions, of which each is read twice")
    ap.add_argument("--lr", type=float, default=8e-5)
    ap.add_argument("--head-factor", type=float, default=10)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--save-every", type=int, default=500)
    ap.add_argument("--limit", type=int, help="train on this many examples only, for a trial")
    args = ap.parse_args()
    os.makedirs(args.out, exist_ok=True)
    torch.manual_seed(args.seed)
    threads = M.workers(args.threads)

    def log(**row):
        line = json.dumps({"time": time.strftime("%H:%M:%S"), **row})
        print(line, flush=True)
        with open(os.path.join(args.out, "log.jsonl"), "a") as f:
            f.write(line + "\n")

    tok = data.load_tokenizer(os.path.join(M.base_folder(), "tokenizer.json"))
    train, dev = load_sets(args)
    if args.limit:
        train = data.seeded("limit", args.seed).sample(train, args.limit)
    pick = data.seeded("silver", args.seed)
    silver = data.read_silver(args.silver, os.path.join(args.data, "text"), args.silver_count * args.epochs, pick) \
        if args.silver else []
    names, draw = Names(args.actors), data.seeded("names", args.seed)
    examples = train + silver
    swapped = [e.renamed(names.other(e.mention, draw)) for e in examples]
    rows = [data.encode(tok, examples), data.encode(tok, examples, blind=True), data.encode(tok, swapped)]
    named = [e.mention != other.mention for e, other in zip(examples, swapped)]
    target = torch.tensor([e.target for e in examples])
    counts = target[:len(train)].sum(0)
    # Silver labels come from a model whose classes were weighted: they are so already.
    smooth = target[:len(train)] * (1 - SMOOTHING) + SMOOTHING / len(data.CLASSES)
    target[:len(train)] = smooth * torch.sqrt(len(train) / (3.0 * counts))
    weight = torch.tensor([WEIGHT[e.source] for e in examples])

    def batches_of(epoch):
        """All gold examples, and the epoch's own part of the silver ones; each with the number of its second reading."""
        index = [*range(len(train)), *range(len(train) + epoch, len(target), args.epochs)]
        batches = data.bucketed([len(rows[0][i][0]) for i in index], args.batch, data.seeded(args.seed, epoch))
        rng = data.seeded("second", args.seed, epoch)
        return [[(index[i], 2 if rng.random() < SWAPPED and named[index[i]] else 1) for i in part] for part in batches]

    dev_rows = {(k, blind): data.encode(tok, v, blind) for k, v in dev.items() for blind in (False, True)}

    net, ema = M.load(args.start), M.load()
    ema.load_state_dict(net.state_dict())
    twins = [net] + [twin(net) for _ in range(args.threads - 1)]
    # Gradients live on from batch to batch: autograd adds the embeddings' few rows in place, where a new dense
    # gradient of 12 million zeros for every batch took a fifth of the time.
    for p in [p for other in twins for p in other.parameters()]:
        p.grad = torch.zeros_like(p)
    opt = optimizer(net, args.lr, args.head_factor)
    per_epoch = len(batches_of(0))
    total = per_epoch * args.epochs
    warm = max(1, total // 10)
    rates = [g["lr"] for g in opt.param_groups]
    log(event="start", gold=len(train), silver=len(silver), swapped=sum(named), classes=counts.tolist(), steps=total,
        mean_pieces=round(sum(len(r[0]) for r in rows[0]) / len(target), 1), dev={k: len(v) for k, v in dev.items()}, args=vars(args))

    last = os.path.join(args.out, "last.pt")
    step = 0
    if os.path.exists(last):
        saved = torch.load(last)
        net.load_state_dict(saved["net"])
        ema.load_state_dict(saved["ema"])
        opt.load_state_dict(saved["opt"])
        torch.set_rng_state(saved["rng"])
        step = saved["step"]
        log(event="resumed", step=step)

    factor = lambda s: min((s + 1) / warm, max(0.0, (total - s) / (total - warm)))
    start, top = time.time(), factor(max(step, warm))
    deadline = clock(args.until) if args.until else None

    def rate(s):
        """Linear warm-up and decay by steps; with a deadline also by what is left of the time since the start."""
        if not deadline:
            return factor(s)
        return min(factor(s), top * max(0.0, (deadline - time.time()) / (deadline - start)))

    def save():
        torch.save({"net": net.state_dict(), "ema": ema.state_dict(), "opt": opt.state_dict(),
                    "rng": torch.get_rng_state(), "step": step}, last + ".part")
        os.replace(last + ".part", last)

    def evaluate(epoch):
        rng = torch.get_rng_state()
        for kind, which in (("raw", net), ("ema", ema)):
            torch.save(which.state_dict(), os.path.join(args.out, f"epoch{epoch}.{kind}.pt"))
            for (name, blind), shown in dev_rows.items():
                for depth, probs in zip(M.DEPTHS, M.predict(which, shown, threads)):
                    log(event="dev", epoch=epoch, weights=kind, set=name, blind=blind, depth=depth,
                        **scores([e.label for e in dev[name]], probs))
        torch.set_rng_state(rng)

    def backward(net, share, size):
        """Gradients of one thread's share of a batch of `size`. Divided by the mean weight of the whole set rather
        than of the batch, so that weights hold between batches too."""
        net.zero_grad(set_to_none=False)
        index = torch.tensor([i for i, _ in share])
        shown = M.collate([rows[0][i] for i, _ in share] + [rows[second][i] for i, second in share])

        def of(logits):
            first, second = F.log_softmax(logits, -1).chunk(2)
            apart = ((first.exp() - second.exp()) * (first - second)).sum(-1) / 2
            return -(target[index] * (first + second)).sum(-1) / 2 + AGREEMENT * apart

        each = sum(w * of(logits) for w, logits in zip(DEPTH_WEIGHT, net(*shown)))
        loss = (each * weight[index]).sum() / size / weight.mean() / sum(DEPTH_WEIGHT)
        loss.backward()
        return loss.item()

    began, done, seen, running = time.time(), 0, 0, 0.0
    while step < total:
        epoch, at = divmod(step, per_epoch)
        batches = batches_of(epoch)
        for other in twins:
            other.train()
        for part in batches[at:]:
            # Every thread takes every n-th example: equal counts, like lengths.
            shares = [part[i::len(twins)] for i in range(len(twins))]
            batch_loss = sum(threads.map(lambda net, share: backward(net, share, len(part)), twins, shares))
            for other in twins[1:]:
                torch._foreach_add_([p.grad for p in net.parameters()], [p.grad for p in other.parameters()])
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            now = rate(step)
            for group, r in zip(opt.param_groups, rates):
                group["lr"] = r * now
            opt.step()
            step += 1
            late = now == 0.0
            if step % 5 == 0:  # every fifth step, for speed
                decay = min(EMA, (1 + step) / (10 + step)) ** 5
                with torch.no_grad():
                    torch._foreach_lerp_(list(ema.parameters()), list(net.parameters()), 1 - decay)
            running += batch_loss
            done, seen = done + 1, seen + len(part)
            if step % 50 == 0:
                spent = time.time() - began
                log(event="train", step=step, loss=round(running / done, 4), per_second=round(seen / spent, 1),
                    rate=round(now, 3), minutes_left=round((total - step) / done * spent / 60, 1))
                began, done, seen, running = time.time(), 0, 0, 0.0
            if step % args.save_every == 0:
                save()
            if late:
                break
        evaluate(-(-step // per_epoch))
        save()
        if late:
            break
        began, done, seen, running = time.time(), 0, 0, 0.0
    log(event="end")


if __name__ == "__main__":
    main()
