"""Mentions as arrays of pieces: how they are stored, and how batches are made of them in the device's memory."""
import numpy as np
import torch

import data

SOURCES = ("newsmtsc", "intl", "corpus", "silver")
NAMED, BLIND, OTHER = range(3)  # with the name as written, a mask, or another actor's name in its place


def of_rows(rows, others=None):
    """Arrays, of rows of (ids, lo, hi) and the pieces of the names of other actors, if there are any: the `pieces` of
    `[CLS] left <a> mention </a> right [SEP]` one mention behind the other, and those of the other names (`others`); for each
    mention its `length`, where the mention begins (`lo`) and its `size`, and the other name's `extra` pieces."""
    others = others or [[]] * len(rows)
    bytes_ = lambda numbers: np.array(numbers, np.uint8)
    return {"pieces": np.array([piece for ids, _, _ in rows for piece in ids], np.uint16),
            "length": bytes_([len(ids) for ids, _, _ in rows]), "lo": bytes_([lo for _, lo, _ in rows]),
            "size": bytes_([hi - lo for _, lo, hi in rows]),
            "others": np.array([piece for ids in others for piece in ids], np.uint16),
            "extra": bytes_([len(ids) for ids in others])}


def pack(tok, examples, names, rng, chunk=50000):
    """Of examples: arrays as above, the classes' probabilities (`target`, none: zeros) and the `source`."""
    parts = []
    for at in range(0, len(examples), chunk):
        part = examples[at:at + chunk]
        other = [names.other(e.mention, rng) or "" for e in part]
        extra = [x.ids[:data.MAX_MENTION] for x in tok.encode_batch(other, add_special_tokens=False)]
        parts.append(of_rows(data.encode(tok, part), extra))
    return join(parts) | {"target": np.array([e.target or (0.0, 0.0, 0.0) for e in examples], np.float32),
                          "source": np.array([SOURCES.index(e.source) for e in examples], np.uint8)}


def join(parts):
    return {k: np.concatenate([p[k] for p in parts]) for k in parts[0]}


def head(packed, count):
    """The first mentions."""
    pieces, others = int(packed["length"][:count].sum()), int(packed["extra"][:count].sum())
    return {k: v[:{"pieces": pieces, "others": others}.get(k, count)] for k, v in packed.items()}


class Mentions:
    """Packed mentions in the memory of `device`."""

    def __init__(self, packed, device):
        number = {k: packed[k].astype(np.int64) for k in ("length", "lo", "size", "extra")}
        self.length, self.size, self.extra = number["length"], number["size"], number["extra"]
        ends, other_ends = self.length.cumsum(), self.extra.cumsum()
        flat = np.concatenate([packed["pieces"], packed["others"], [data.MASK]]).astype(np.int32)
        begin, other = ends - self.length, len(packed["pieces"]) + other_ends - self.extra
        to = lambda x: torch.from_numpy(np.ascontiguousarray(x)).to(device)
        self.flat, self.begin, self.other = to(flat), to(begin), to(other)
        self.lo, self.sizes, self.lengths, self.extras = to(number["lo"]), to(self.size), to(self.length), to(self.extra)
        self.device = device

    def __len__(self):
        return len(self.length)

    def batch(self, index, reading):
        """What an encoder takes, of mentions that are each shown in a way of their own, or all in one."""
        reading = np.broadcast_to(reading, index.shape).copy()
        to = lambda x: torch.from_numpy(x).to(self.device)
        return self.show(to(index), to(reading), self.width(index, reading))

    def width(self, index, reading):
        """The longest of those mentions, each shown in its way, in steps of 8, so that few sizes occur."""
        put = np.select([reading == NAMED, reading == BLIND], [self.size[index], 1], self.extra[index])
        return min(data.MAX_PIECES, -(-int((self.length[index] - self.size[index] + put).max()) // 8) * 8)

    def show(self, index, reading, width):
        """ids, which of them are there, the mention's pieces (rows sum to 1), the place of the opening marker. `index` and
        `reading` are tensors on the device. What goes beyond the width is cut."""
        lo, size = self.lo[index, None], self.sizes[index, None]
        begin = self.begin[index, None]
        put = torch.where(reading == NAMED, self.sizes[index], torch.where(reading == BLIND, 1, self.extras[index]))[:, None]
        source = torch.where(reading == NAMED, self.begin[index] + self.lo[index],
                             torch.where(reading == BLIND, len(self.flat) - 1, self.other[index]))[:, None]
        j = torch.arange(width, device=self.device)[None]
        valid = j < self.lengths[index, None] - size + put
        inside = (j >= lo) & (j < lo + put)
        place = torch.where(inside, source + j - lo, begin + torch.where(j < lo, j, j - put + size))
        ids = self.flat[torch.where(valid, place, 0)].long() * valid
        men = inside / inside.sum(1, keepdim=True).clamp(min=1)
        return ids, valid, men, lo[:, 0] - 1


def bucketed(length, batch, rng, pool=50):
    """Batches of indices of like length, in random order: shuffled, then sorted inside pools of batches."""
    order = rng.permutation(len(length))
    parts = []
    for at in range(0, len(order), batch * pool):
        part = order[at:at + batch * pool]
        part = part[np.argsort(length[part], kind="stable")]
        parts += [part[i:i + batch] for i in range(0, len(part), batch)]
    return [parts[i] for i in rng.permutation(len(parts))]
