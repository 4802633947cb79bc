"""Vowpal Wabbit: one against all with logistic loss on words and pairs of words, the target masked. Its own reader takes
a text file, which is written from the CSV and whose predictions are read back.

    python vowpal_wabbit.py train MODEL TRAIN.csv DEV.csv...
    python vowpal_wabbit.py label MODEL IN.csv OUT.csv
"""
import os
import re
import shutil
import sys
import tempfile

import vowpalwabbit

import rows

WORDS = re.compile(r"\w+|[^\w\s:|]")
TEST = "-t --probabilities --loss_function logistic".split()  # a saved model knows neither


def line(text, number=""):
    return f"{number} | {' '.join(WORDS.findall(text.lower()))}\n"


def run(texts, *arguments, numbers=None):
    """Vowpal Wabbit's driver over a file of these texts."""
    with tempfile.TemporaryDirectory() as folder:
        data, answers = os.path.join(folder, "data"), os.path.join(folder, "answers")
        with open(data, "w", encoding="utf-8") as file:
            file.writelines(map(line, texts, numbers) if numbers else map(line, texts))
        cache = ["--cache_file", os.path.join(folder, "cache")] if numbers else []
        vowpalwabbit.Workspace(arg_list=["--quiet", "-d", data, "-p", answers, *cache, *arguments]).finish()
        with open(answers, encoding="utf-8") as file:
            return [[float(pair.split(":")[1]) for pair in answer.split()] for answer in file] if not numbers else None


def predict(model, texts):
    return [rows.LABELS[max(range(3), key=p.__getitem__)] for p in run(texts, *TEST, "-i", model)]


def train(model, data, *development):
    read = list(rows.read(data))
    texts = [rows.masked(s, a, b) for s, _, a, b, _ in read]
    numbers = [rows.LABELS.index(row[4]) + 1 for row in read]

    learn = "--oaa 3 --probabilities --loss_function logistic --ngram 2 -b 20 --holdout_off --random_seed 1".split()
    with tempfile.TemporaryDirectory() as folder:

        def fit(passes, l2):
            path = os.path.join(folder, f"{passes}-{l2}")
            run(texts, *learn, "--passes", str(passes), "--l2", str(l2), "-f", path, numbers=numbers)
            return path

        settings = [{"passes": 2, "l2": 1e-7}, {"passes": 4, "l2": 1e-7}]
        shutil.move(rows.choose(settings, fit, rows.scorer(development, predict)), model)


def label(model, source, target):
    # One call of the driver for the whole file: to start it for every block would cost more than it labels.
    found = run((rows.masked(s, a, b) for s, _, a, b, _ in rows.read(source)), *TEST, "-i", model)
    answers = iter(found)
    rows.label(source, target, lambda part: [next(answers) for _ in part])


if __name__ == "__main__":
    {"train": train, "label": label}[sys.argv[1]](*sys.argv[2:])
