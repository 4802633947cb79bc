"""In how many contrast pairs the fast model gets both members right, when it has not seen them.

    python training/contrast.py --toward target/release/toward --data DATA

Neighbouring lines of `corpus/contrast.txt` differ in a few words that turn the label of a mention (Gardner et al. 2020).
Every second block of twelve lines is held out, a model is trained by the recipe on the rest, and asked about the pairs.
The same pairs by the default model, which has seen them, are printed beside it.
"""
import argparse
import csv
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "encoder"))
from data import CLASSES, parse_marked  # noqa: E402

BLOCK = 12


def held(line):
    return line // BLOCK % 2 == 1


def pairs(lines):
    """Pairs of (sentence, start, end, label): the same mention at the same place of both lines, with other labels."""
    for i in range(len(lines) - 1):
        if not held(i) or i // BLOCK != (i + 1) // BLOCK:
            continue
        (a, marks_a), (b, marks_b) = parse_marked(lines[i]), parse_marked(lines[i + 1])
        if len(marks_a) != len(marks_b):
            continue
        for x, y in zip(marks_a, marks_b):
            if a[x[0]:x[1]] == b[y[0]:y[1]] and x[2] != y[2]:
                yield (a, *x), (b, *y)


def recipe(folder, lines):
    """The recipe in `folder`, with the rest of the contrast lines; everything else by its own path."""
    with open(os.path.join(folder, "contrast.txt"), "w", encoding="utf-8") as f:
        f.write("\n".join(line for i, line in enumerate(lines) if not held(i)))
    text = open(os.path.join(HERE, "recipe.toml"), encoding="utf-8").read()
    text = text.replace('"corpus/contrast.txt"', '"contrast.txt"')
    path = os.path.join(folder, "recipe.toml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    for name in ("corpus", "silver.csv.zst"):
        os.symlink(os.path.join(HERE, name), os.path.join(folder, name))
    return path


def right(toward, folder, rows, *model):
    """Whether each row of (sentence, start, end, label) gets its label at `fast`."""
    source, target = os.path.join(folder, "pairs.csv"), os.path.join(folder, "labelled.csv")
    with open(source, "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f)
        out.writerow(["sentence", "actor", "start", "end"])
        out.writerows([s, s[start:end], start, end] for s, start, end, _ in rows)
    subprocess.run([toward, "classify", source, "--text", "sentence", "--actor-column", "actor", "--start-column", "start",
                    "--end-column", "end", "--effort", "fast", "--quiet", "-o", target, *model], check=True)
    with open(target, encoding="utf-8", newline="") as f:
        return [r["label"] == CLASSES[row[3]] for r, row in zip(csv.DictReader(f), rows, strict=True)]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--toward", required=True)
    ap.add_argument("--data", required=True)
    args = ap.parse_args()
    toward = os.path.abspath(args.toward)
    lines = open(os.path.join(HERE, "corpus", "contrast.txt"), encoding="utf-8").read().split("\n")
    found = list(pairs(lines))
    rows = [member for pair in found for member in pair]
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "model.safetensors")
        subprocess.run([toward, "train", "--recipe", recipe(folder, lines), "--data", args.data, "--quiet", "-o", model],
                       check=True)
        for name, more in (("held out", ["--model", model]), ("the default model, which has seen them", [])):
            ok = right(toward, folder, rows, *more)
            both = sum(ok[i] and ok[i + 1] for i in range(0, len(ok), 2))
            print(f"{name}: both right in {both} of {len(found)} pairs ({100 * both / len(found):.0f} %), "
                  f"{sum(ok)} of {len(ok)} members ({100 * sum(ok) / len(ok):.0f} %)")


if __name__ == "__main__":
    main()
