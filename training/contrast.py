"""In how many contrast pairs the fast model gets both members right, when it has not seen them.

    python training/contrast.py --toward target/release/toward --data DATA

Neighbouring lines of the corpus that mark the same names differ in a few words that turn the label of one of them (Gardner et
al. 2020). A part of them is held out, a model is trained by the recipe on the rest, and asked about them. The same pairs by the
default model, which has seen them, are printed beside it.
"""
import argparse
import csv
import glob
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "encoder"))
from data import CLASSES, parse_marked  # noqa: E402

BLOCK = 12  # lines; blocks are held out as wholes
FIFTH = 2  # which of five blocks, but for the first file, of which it always was every second


def held(name, group):
    """Whether the group of lines that begins at a line of a file is held out."""
    return group // BLOCK % 2 == 1 if name == "contrast.txt" else group // BLOCK % 5 == FIFTH


def groups(name, lines):
    """For each line the first of its group: the lines of a block, or, where files are of groups, those that mark the same names."""
    if name == "contrast.txt":
        return [i // BLOCK * BLOCK for i in range(len(lines))]
    first, before = [], None
    for i, line in enumerate(lines):
        text, marks = parse_marked(line)
        names = [text[start:end] for start, end, _ in marks]
        first.append(first[-1] if names == before else i)
        before = names
    return first


def pairs(name, lines):
    """Pairs of (sentence, start, end, label): the same mention at the same place of both lines, with other labels."""
    group = groups(name, lines)
    for i in range(len(lines) - 1):
        if not held(name, group[i]) or group[i] != group[i + 1]:
            continue
        (a, marks_a), (b, marks_b) = parse_marked(lines[i]), parse_marked(lines[i + 1])
        if len(marks_a) != len(marks_b):
            continue
        for x, y in zip(marks_a, marks_b):
            if a[x[0]:x[1]] == b[y[0]:y[1]] and x[2] != y[2]:
                yield (a, *x), (b, *y)


def corpus():
    """The lines of each file of the corpus, by its name."""
    paths = sorted(glob.glob(os.path.join(HERE, "corpus", "*.txt")))
    return {os.path.basename(path): open(path, encoding="utf-8").read().split("\n") for path in paths}


def kept(name, lines):
    """The lines of a file that are not held out."""
    return [line for line, first in zip(lines, groups(name, lines)) if not held(name, first)]


def recipe(folder, files):
    """The recipe in `folder`, with the rest of the corpus."""
    os.mkdir(os.path.join(folder, "corpus"))
    for name, lines in files.items():
        with open(os.path.join(folder, "corpus", name), "w", encoding="utf-8") as f:
            f.write("\n".join(kept(name, lines)))
    for name in ("silver.csv.zst", "recombined.csv.zst", "recombined.txt.zst"):
        os.symlink(os.path.join(HERE, name), os.path.join(folder, name))
    return shutil.copy(os.path.join(HERE, "recipe.toml"), folder)


def labelled(toward, folder, mentions, *options):
    """What `toward classify` writes of each (sentence, start, end), as records."""
    source, target = os.path.join(folder, "mentions.csv"), os.path.join(folder, "labelled.csv")
    with open(source, "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f)
        out.writerow(["sentence", "actor", "start", "end"])
        out.writerows([sentence, sentence[start:end], start, end] for sentence, start, end in mentions)
    subprocess.run([toward, "classify", source, "--text", "sentence", "--actor-column", "actor", "--start-column", "start",
                    "--end-column", "end", "-o", target, *options], check=True)
    with open(target, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def right(toward, folder, rows, *model):
    """Whether each row of (sentence, start, end, label) gets its label at `fast`."""
    records = labelled(toward, folder, [row[:3] for row in rows], "--effort", "fast", "--quiet", *model)
    return [record["label"] == CLASSES[row[3]] for record, row in zip(records, rows, strict=True)]


def report(what, ok):
    both = sum(ok[i] and ok[i + 1] for i in range(0, len(ok), 2))
    print(f"  {what}: both right in {both} of {len(ok) // 2} pairs ({200 * both / len(ok):.0f} %), "
          f"{sum(ok)} of {len(ok)} members ({100 * sum(ok) / len(ok):.0f} %)")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--toward", required=True)
    ap.add_argument("--data", required=True)
    ap.add_argument("--model", help="a model that was trained without these pairs, instead of training one now")
    args = ap.parse_args()
    toward = os.path.abspath(args.toward)
    files = corpus()
    found = {name: [member for pair in pairs(name, lines) for member in pair] for name, lines in files.items()}
    rows = [row for of_file in found.values() for row in of_file]
    with tempfile.TemporaryDirectory() as folder:
        model = args.model or os.path.join(folder, "model.safetensors")
        if not args.model:
            subprocess.run([toward, "train", "--recipe", recipe(folder, files), "--data", args.data, "--quiet", "-o", model],
                           check=True)
        for name, more in (("held out", ["--model", model]), ("the default model, which has seen them", [])):
            ok, at = right(toward, folder, rows, *more), 0
            print(name)
            for file, of_file in found.items():
                if of_file:
                    report(file, ok[at:at + len(of_file)])
                at += len(of_file)
            report("all", ok)


if __name__ == "__main__":
    main()
