"""fastText: a supervised model on words and pairs of words, the target masked. The Python package calls fastText's C++ on
whole blocks, as its command line would, and there is no faster way to get at its probabilities.

    python fasttext_supervised.py train MODEL TRAIN.csv DEV.csv...
    python fasttext_supervised.py label MODEL IN.csv OUT.csv
"""
import re
import sys
import tempfile

import fasttext

import rows

fasttext.FastText.eprint = lambda *_: None  # a warning without use
WORDS = re.compile(r"\w+|[^\w\s]")


def text(sentence, start, end):
    """Tokens parted by blanks, as fastText wants them."""
    return " ".join(WORDS.findall(rows.masked(sentence, start, end).lower()))


def predict(model, texts):
    labels, _ = model.predict([" ".join(WORDS.findall(t.lower())) for t in texts])
    return [first[0].removeprefix("__label__") for first in labels]


def train(model, data, *development):
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for s, _, a, b, name in rows.read(data):
            file.write(f"__label__{name} {text(s, a, b)}\n")
        file.flush()

        def fit(**setting):
            # One thread: fastText's results differ from run to run with more.
            return fasttext.train_supervised(file.name, wordNgrams=2, minCount=2, bucket=200_000, thread=1, verbose=0, **setting)

        settings = [{"dim": 50, "epoch": 5, "lr": 0.5}, {"dim": 50, "epoch": 15, "lr": 0.2}]
        rows.choose(settings, fit, rows.scorer(development, predict)).save_model(model)


def label(model, source, target):
    loaded = fasttext.load_model(model)
    place = {f"__label__{name}": index for index, name in enumerate(rows.LABELS)}

    def probabilities(part):
        labels, found = loaded.predict([text(s, a, b) for s, _, a, b, _ in part], k=3)
        for names, numbers in zip(labels, found):
            three = [0.0, 0.0, 0.0]
            for name, number in zip(names, numbers):
                three[place[name]] = number
            yield three

    rows.label(source, target, probabilities)


{"train": train, "label": label}[sys.argv[1]](*sys.argv[2:])
