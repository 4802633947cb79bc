"""Examples, and how a mention is shown to the encoder: the one place both training and inference use.

The encoder reads a mention with its name, or with a mask in the name's place. The second, blind, way of reading gives the same
label whoever is named there.
"""
import csv
import io
import os
import random
import re
from dataclasses import dataclass

CLASSES = ["supportive", "neutral", "critical"]  # the order of classes everywhere
OPEN, CLOSE = 30522, 30523  # `<a>`, `</a>`, appended to BERT's 30,522 pieces
UNKNOWN, CLS, SEP, MASK = 100, 101, 102, 103
MAX_PIECES = 128
MAX_MENTION = 48  # pieces of a mention that are kept; longer ones do not occur in practice


@dataclass
class Example:
    text: str
    start: int  # Unicode code points, end exclusive
    end: int
    target: tuple  # the classes' probabilities
    source: str

    @property
    def label(self):
        return self.target.index(max(self.target))

    @property
    def mention(self):
        return self.text[self.start:self.end]


def one_hot(label):
    return tuple(float(i == label) for i in range(len(CLASSES)))


def read_csv(path, source):
    """Rows of `id,sentence,actor,start,end,label`."""
    with open(path, encoding="utf-8", newline="") as f:
        return [Example(r["sentence"], int(r["start"]), int(r["end"]), one_hot(CLASSES.index(r["label"])), source)
                for r in csv.DictReader(f)]


MARK = re.compile(r"\[([nsc]) ([^\[\]]+)\]")
MARK_LABEL = {"s": 0, "n": 1, "c": 2}


def parse_marked(line):
    """`[n Xi] accused [c Washington]` -> the plain text and (start, end, label) for each mark."""
    text, marks, at = "", [], 0
    for m in MARK.finditer(line):
        text += line[at:m.start()]
        marks.append((len(text), len(text) + len(m[2]), MARK_LABEL[m[1]]))
        text += m[2]
        at = m.end()
    return text + line[at:], marks


def read_corpus(folder):
    """The project's own marked lines, as (train, dev). Contrast groups of 12 lines stay together."""
    train, dev = [], []
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".txt"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            for i, line in enumerate(f.read().split("\n")):
                held = (i // 12) % 10 == 3 if name == "contrast.txt" else i % 20 == 7
                text, marks = parse_marked(line)
                (dev if held else train).extend(Example(text, s, e, one_hot(y), "corpus") for s, e, y in marks)
    return train, dev


def zstd_lines(path):
    import zstandard
    with open(path, "rb") as f:
        yield from io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(f), encoding="utf-8", newline="\n")


def texts_of(rows, folder):
    """The sentences that rows of `set,line,...` are in: a line of `folder/SET.txt.zst` is `article TAB sentence`, or a
    sentence alone."""
    wanted = {}
    for i, r in enumerate(rows):
        wanted.setdefault(r["set"], {}).setdefault(int(r["line"]), []).append(i)
    out = [None] * len(rows)
    for name, lines in sorted(wanted.items()):
        for number, text in enumerate(zstd_lines(os.path.join(folder, name + ".txt.zst"))):
            for i in lines.get(number, ()):
                article, tab, sentence = text.rstrip("\n").partition("\t")
                out[i] = sentence if tab else article
    return out


def soft_label(row):
    """The classes' probabilities in a row; rounded, they may not sum to 1."""
    given = [float(row[c]) for c in CLASSES]
    return tuple(x / sum(given) for x in given)


def load_tokenizer(path):
    from tokenizers import Tokenizer
    tok = Tokenizer.from_file(path)
    tok.no_truncation()
    tok.no_padding()
    return tok


def mark_pieces(left, mention, right):
    """[CLS] left <a> mention </a> right [SEP], cut to MAX_PIECES around the mention.
    Returns the ids and the range of the mention's pieces; `ids[lo - 1]` is the opening marker."""
    mention = mention[:MAX_MENTION]
    room = MAX_PIECES - 4 - len(mention)
    n_left = min(len(left), max(room // 2, room - len(right)))
    left, right = left[len(left) - n_left:], right[:room - n_left]
    lo = 2 + len(left)
    ids = [CLS, *left, OPEN, *mention, CLOSE, *right, SEP]
    return ids, lo, lo + len(mention)


def encode(tok, examples, blind=False):
    """Left, mention and right are split into pieces separately, so no piece crosses the mention's edge."""
    parts = []
    for e in examples:
        parts += [e.text[:e.start], e.mention, e.text[e.end:]]
    pieces = [x.ids for x in tok.encode_batch(parts, add_special_tokens=False)]
    return [mark_pieces(pieces[i], [MASK] if blind else pieces[i + 1], pieces[i + 2]) for i in range(0, len(pieces), 3)]


def seeded(*parts):
    return random.Random("/".join(map(str, parts)))
