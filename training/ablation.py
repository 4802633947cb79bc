"""What each family of features and each set is worth: the recipe with one of them left out at a time.

    python training/ablation.py --toward target/release/toward --data DATA [--silver 250000] [--iterations 100] [NAME ...]

Prints a table of macro-F1 at `fast` on the development sets, with 95 % intervals, and of the mean log loss, which is less
noisy. Fewer silver mentions than all, drawn evenly, save hours.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "encoder"))
from data import zstd_lines  # noqa: E402

def sets(recipe):
    """The recipe's training sets: name and text."""
    parts = re.split(r"(?m)^(?=\[\[)", recipe)
    return {re.search(r'name = "([^"]+)"', part)[1]: part for part in parts if part.startswith("[[set]]")}


def silver(folder, count):
    """Every n-th silver mention, in `folder`."""
    import zstandard
    head, *rows = (line.rstrip("\n") for line in zstd_lines(os.path.join(HERE, "silver.csv.zst")))
    kept = [rows[i * len(rows) // count] for i in range(min(count, len(rows)))]
    with open(os.path.join(folder, "silver.csv.zst"), "wb") as f:
        f.write(zstandard.ZstdCompressor().compress("\n".join([head, *kept, ""]).encode()))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--toward", required=True)
    ap.add_argument("--data", required=True)
    ap.add_argument("--silver", type=int, default=250000)
    ap.add_argument("--iterations", type=int, default=100)
    ap.add_argument("names", nargs="*", help="families and sets to leave out; all without")
    args = ap.parse_args()
    toward, data = os.path.abspath(args.toward), os.path.abspath(args.data)
    recipe = open(os.path.join(HERE, "recipe.toml"), encoding="utf-8").read()
    recipe = re.sub(r"(?m)^iterations = .*$", f"iterations = {args.iterations}", recipe)
    run = lambda *command: subprocess.run([toward, *command], check=True, capture_output=True, text=True).stdout
    dev = [os.path.join(data, f) for f in ("newsmtsc/dev_mt.csv", "newsmtsc/dev_rw.csv", "intl/dev.csv")]
    without = {"nothing": recipe}
    for family in json.loads(run("model", "info", "--json"))["families"]:
        without[family] = recipe.replace("[sparse]\n", f'[sparse]\nwithout = ["{family}"]\n')
    for name, text in sets(recipe).items():
        without[name] = recipe.replace(text, "")

    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.join(HERE, "corpus"), os.path.join(folder, "corpus"))
        silver(folder, args.silver)
        print("| without | several targets | as found | international | log loss |\n|---|---|---|---|---|")
        for number, name in enumerate(["nothing", *(args.names or list(without)[1:])]):
            path, model = os.path.join(folder, "recipe.toml"), os.path.join(folder, f"{number}.safetensors")
            with open(path, "w", encoding="utf-8") as f:
                f.write(without[name])
            run("train", "--recipe", path, "--data", data, "--quiet", "-o", model)
            found = [json.loads(run("evaluate", file, "--effort", "fast", "--model", model, "--json")) for file in dev]
            cells = [f"{x['macro_f1']:.3f} ({x['ci95'][0]:.3f}-{x['ci95'][1]:.3f})" for x in found]
            loss = sum(x["log_loss"] for x in found) / len(found)
            print(f"| `{name}` | {' | '.join(cells)} | {loss:.4f} |".replace("0.", "."), flush=True)


if __name__ == "__main__":
    main()
