"""Our solver beside scikit-learn's logistic regression: the same matrix, the same objective, the same stopping rule.

    python benches/peers/training.py WORK/training.csv --rows 12500 25000 50000 --features 20000 1000000

Needs scikit-learn (`requirements.txt`) and cargo. The matrix is scikit-learn's TF-IDF of words and pairs, the target masked;
`--features` keeps the most frequent ones. WORK/training.csv is written by `peers.py`. Both minimise the sum of the losses
plus alpha/2 of the squared weights (alpha is 1/C), and stop where no entry of the mean's gradient exceeds the tolerance.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "tools"))
import rows  # noqa: E402


def built():
    """The bench `solver`, built."""
    command = ["cargo", "bench", "--no-run", "--bench", "solver", "--message-format=json-render-diagnostics"]
    for line in subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "solver":
            return message["executable"]
    sys.exit("cargo built no solver")


def objective(model, matrix, labels, alpha):
    """The objective at scikit-learn's solution, as ours is defined."""
    import numpy

    chosen = model.predict_log_proba(matrix)[numpy.arange(len(labels)), labels]
    return -chosen.sum() + alpha / 2 * (model.coef_**2).sum()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[12_500, 25_000, 50_000])
    parser.add_argument("--features", type=int, nargs="+", default=[20_000, 1_000_000])
    parser.add_argument("--alpha", type=float, default=0.5)
    parser.add_argument("--tolerance", type=float, default=1e-5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--solver", help="the built bench [default: built by cargo]")
    options = parser.parse_args()

    from sklearn.datasets import dump_svmlight_file
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    solver = options.solver or built()
    read = list(rows.read(options.data))
    random.Random(1).shuffle(read)
    print("| rows | features | non-zeros | solver | wall s | CPU s | iterations | objective |\n|---|---|---|---|---|---|---|---|")
    for count in options.rows:
        part = read[:count]
        labels = [rows.LABELS.index(row[4]) for row in part]
        widths = []
        for most in options.features:
            vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=most)
            matrix = vectors.fit_transform([rows.masked(s, a, b) for s, _, a, b, _ in part])
            if matrix.shape[1] in widths:
                continue
            widths.append(matrix.shape[1])
            what = f"| {len(part):,} | {matrix.shape[1]:,} | {matrix.nnz:,}"
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "matrix.svm"
                dump_svmlight_file(matrix, labels, str(file))
                for threads in options.threads:
                    command = [solver, file, str(options.alpha), str(options.tolerance), str(threads)]
                    out = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
                    print(f"{what} | toward, {threads} threads | {out['wall']:.2f} | {out['cpu']:.2f} | {out['iterations']} "
                          f"| {out['loss']:.3f} |", flush=True)
            model = LogisticRegression(C=1 / options.alpha, tol=options.tolerance, max_iter=2000)
            wall, cpu = time.perf_counter(), time.process_time()
            model.fit(matrix, labels)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            loss = objective(model, matrix, labels, options.alpha)
            print(f"{what} | scikit-learn | {wall:.2f} | {cpu:.2f} | {model.n_iter_[0]} | {loss:.3f} |", flush=True)


if __name__ == "__main__":
    main()
