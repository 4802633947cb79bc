"""Chooses mentions in unlabelled text for the encoder to label, in random order (a prefix is a fair sample).

    python silver_select.py --data DATA --out CANDIDATES.csv [--actors ACTORS.csv ...]
        [--count 300000] [--pick 0.3] [--without SILVER.csv]

Kinds of mention: names of known actors (from the training set and the actors' lists), other capitalised names,
pronouns. Everything is decided by hashes, so a second run chooses the same.
"""
import argparse
import csv
import glob
import hashlib
import io
import os
import re
from collections import Counter

import zstandard

SHARE = {"actor": 0.60, "name": 0.35, "pronoun": 0.05}
SETS = {"news": 3, "briefings": 2}

ABBREVIATION = r"(?:Mr|Mrs|Ms|Dr|Sens?|Reps?|Gov|Gen|Adm|Col|Lt|Sgt|St|Prof|[A-Z])\."
WORD = rf"(?:(?<!\w){ABBREVIATION}(?= )|" + r"(?:[A-Z]\.){2,}|(?:al-|Al-)?[A-ZÀ-ÖØ-Þ]\w*(?:[-'’](?!s\b)\w+)*)"
SHORT = re.compile(r"['’](?:m|ve|ll|re|d|t)\b")  # I'm, We've
NAME = re.compile(rf"(?<![\w'’.-]){WORD}(?: (?:of the |of |the |de |bin |bint |al |van |von )?{WORD})*")
TITLE = re.compile(r"(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Adm|Col|Lt|Sgt|St|Reps|Sens)\.? ?$")
PRONOUN = re.compile(r"\b(?:[Hh]e|[Ss]he|[Tt]hey|him|[Hh]er|[Hh]is|[Ii]t)\b")
SPEAKER = re.compile(r"^[A-Z][A-Z .,'’-]{3,40}: ")
STOP = set("""A An The This That These Those I We You He She It They My Our Your His Her Its Their In On At By For From
With Without Of To As And But Or Nor So Yet If When While Where Who What Which Why How Because Since Although Though
After Before During Under Over Between Among About Into Through Not No Yes Now Then There Here Also Still Even Just
Only Some Many Most Such All Any Both Each Every Few More Other Another One Two Three Q OK Okay Well Thank Thanks
Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September
October November December Mr Mrs Ms Dr Sen Rep Gov Jan Feb Aug Sept Oct Nov Dec Today Yesterday Tomorrow However
Meanwhile According Asked Last Next Let Is Are Was Were Do Does Did Can Could Will Would Should Have Has Had Be
President Secretary Minister Prime Senator Representative General Governor Chancellor Chairman Speaker Judge Justice
Vice Attorney Director Ambassador King Queen Prince Pope Professor Officer Sir Lady Madam God Twitter Facebook
English Christmas Internet""".split())


def unit(*key):
    """A number in [0, 1) that depends on the key alone."""
    h = hashlib.blake2b("\t".join(map(str, key)).encode(), digest_size=8).digest()
    return int.from_bytes(h, "big") / 2 ** 64


def lines(path):
    with open(path, "rb") as f:
        yield from enumerate(x.rstrip("\n") for x in io.TextIOWrapper(
            zstandard.ZstdDecompressor().stream_reader(f), encoding="utf-8", newline="\n"))


def sentences(data, name, pick):
    """(line, sentence): the chosen part of a text, without duplicates, very short and very long ones."""
    seen = set()
    for i, line in lines(os.path.join(data, f"text/{name}.txt.zst")):
        if unit("read", name, i) >= pick:
            continue
        text = line.partition("\t")[2] if name == "news" else line
        if 5 <= text.count(" ") + 1 <= 60 and (key := text.lower()) not in seen:
            seen.add(key)
            yield i, text


def csv_column(path, column):
    with open(path, encoding="utf-8", newline="") as f:
        return [r[column] for r in csv.DictReader(f) if r.get(column)]


def known_names(data, lists):
    """Names that are looked for as actors: first word -> names in it, longest first."""
    names = set(csv_column(os.path.join(data, "intl/train.csv"), "actor"))
    for path in lists:
        with open(path, encoding="utf-8", newline="") as f:
            for r in csv.DictReader(f):
                if r.get("kind") != "place":
                    names.update(n for n in [r["name"], *(r.get("aliases") or "").split("|")] if n)
    first = {}
    for n in names:
        if n[0].isupper() and len(n) > 1 and n not in STOP:
            first.setdefault(n.split()[0], []).append(n)
    return {k: sorted(v, key=len, reverse=True) for k, v in first.items()}


def strip_stop(text, start, end):
    """Function words and bare titles in front do not belong to a name."""
    while True:
        word = re.match(r"[\w.'’-]+", text[start:end])
        if not word or word[0].rstrip(".") not in STOP:
            return start
        start += word.end()
        while start < end and text[start] in " .":
            start += 1
        # A small word that joined the stripped one goes too.
        small = re.match(r"(?:of the|of|the|de) ", text[start:end])
        if small:
            start += small.end()


def names_in(text):
    """(start, end, whether it opens the sentence)"""
    begin = m.end() if (m := SPEAKER.match(text)) else 0
    for m in NAME.finditer(text, begin):
        titles = [t.end() for t in re.finditer(ABBREVIATION + " ", m[0]) if t.end() - t.start() > 3]
        start = strip_stop(text, m.start() + max(titles, default=0), m.end())
        # Shouted words and contractions are no names.
        words = re.findall(r"\w+", text[start:m.end()])
        if words and not SHORT.search(m[0]) and m.end() - start > 1 and not any(w.isupper() and len(w) > 6 for w in words):
            opening = not re.search(r"\w", text[begin:start]) or text[:start].rstrip()[-1:] in tuple(".?!:“\"‘—")
            if TITLE.search(text[:start]):
                opening = False
            yield start, m.end(), opening


def actors_in(text, first):
    at = 0
    for m in re.finditer(r"(?<![\w'’.])[A-ZÀ-ÖØ-Þ][^\s]*", text):
        if m.start() < at:
            continue
        head = m[0]
        for key in {head, head.rstrip(".,;:!?)”\"’'"), re.sub(r"['’]s?\W*$|-.*$|[.,;:!?)”\"]+$", "", head)}:
            hit = next((n for n in first.get(key, ()) if text.startswith(n, m.start())
                        and not re.match(r"\w", text[m.start() + len(n):])), None)
            if hit:
                at = m.start() + len(hit)
                yield m.start(), at
                break


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--actors", nargs="*", default=[])
    ap.add_argument("--count", type=int, default=300000)
    ap.add_argument("--pick", type=float, default=0.3, help="this part of the sentences is read")
    ap.add_argument("--without", help="leave out what is labelled there")
    args = ap.parse_args()
    first = known_names(args.data, [p for a in args.actors for p in sorted(glob.glob(a))])
    labelled = {s.lower() for name in ("newsmtsc/train", "newsmtsc/dev_mt", "newsmtsc/dev_rw", "intl/train", "intl/dev")
                for s in csv_column(os.path.join(args.data, name + ".csv"), "sentence")}

    # Which capitalised words are names: those seen capitalised inside sentences more often than in small letters.
    inside, small = Counter(), Counter()
    texts = {}
    for name in SETS:
        texts[name] = [(i, t) for i, t in sentences(args.data, name, args.pick) if t.lower() not in labelled]
        for _, t in texts[name]:
            inside.update(t[s:e] for s, e, opening in names_in(t) if not opening)
            small.update(re.findall(r"\b[a-z]+\b", t))
    is_name = lambda n: inside[n] >= 2 and inside[n] > small[n.lower()]

    total = sum(SETS.values())
    chosen = []
    for name, part in SETS.items():
        found = {kind: [] for kind in SHARE}
        for i, t in texts[name]:
            spans = [(s, e, "actor") for s, e in actors_in(t, first)]
            taken = [(s, e) for s, e, _ in spans]
            for s, e, opening in names_in(t):
                if (not opening or is_name(t[s:e])) and all(e <= a or s >= b for a, b in taken):
                    spans.append((s, e, "name"))
            spans += [(m.start(), m.end(), "pronoun") for m in PRONOUN.finditer(t)
                      if unit("pronoun", name, i, m.start()) < 0.3]
            spans.sort(key=lambda x: unit("pick", name, i, x[0]))
            for s, e, kind in spans[:2]:
                found[kind].append((unit("order", name, i, s), name, i, s, e, kind, t))
        for kind, share in SHARE.items():
            rows = sorted(found[kind])[:round(args.count * part / total * share)]
            print(name, kind, "found", len(found[kind]), "taken", len(rows))
            chosen += rows
    # A key of its own: by the first one, kinds that are plentiful would come early.
    chosen.sort(key=lambda r: unit("shuffle", *r[1:4]))
    done = set()
    if args.without:
        with open(args.without, encoding="utf-8", newline="") as f:
            done = {(r["set"], r["line"], r["start"], r["end"]) for r in csv.DictReader(f)}
    with open(args.out, "w", encoding="utf-8", newline="") as f:
        w = csv.writer(f)
        w.writerow(["set", "line", "start", "end", "kind", "text"])
        w.writerows(r[1:] for r in chosen if (r[1], str(r[2]), str(r[3]), str(r[4])) not in done)


if __name__ == "__main__":
    main()
