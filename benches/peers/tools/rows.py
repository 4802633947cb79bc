"""What every peer does alike: CSV in, CSV with `toward`'s columns out, so that only what lies between is compared."""
import csv
import itertools

LABELS = ["supportive", "neutral", "critical"]
HEADER = ["row", "sentence_index", "sentence", "actor", "mention", "start", "end", "label", *LABELS, "status"]
TARGET = " targetx "


def read(path):
    """(sentence, actor, start, end, label or None) of each row."""
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        sentence, actor, start, end = (header.index(name) for name in ["sentence", "actor", "start", "end"])
        label = header.index("label") if "label" in header else None
        for row in reader:
            yield row[sentence], row[actor], int(row[start]), int(row[end]), row[label] if label is not None else None


def masked(sentence, start, end):
    """The sentence with one word in the mention's place: the one thing these peers can know of the target."""
    return f"{sentence[:start]}{TARGET}{sentence[end:]}"


def label(source, target, probabilities, block=8192):
    """Labels a CSV block by block. `probabilities` takes a list of rows and gives three numbers for each."""
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        rows, number = read(source), 0
        while part := list(itertools.islice(rows, block)):
            out = []
            for (sentence, actor, start, end, _), three in zip(part, probabilities(part)):
                number += 1
                best = LABELS[max(range(3), key=three.__getitem__)]
                decimals = [f"{p:.4f}" for p in three]
                out.append([number, 0, sentence, actor, sentence[start:end], start, end, best, *decimals, "ok"])
            writer.writerows(out)


def macro_f1(gold, found):
    """The mean of the three labels' F1, a share of 1."""
    total = 0.0
    for name in LABELS:
        both = sum(g == name == f for g, f in zip(gold, found))
        total += 2 * both / max(sum(g == name for g in gold) + sum(f == name for f in found), 1)
    return total / 3


def labels_of(path):
    """The column `label` of a CSV."""
    with open(path, encoding="utf-8", newline="") as file:
        return [row["label"] for row in csv.DictReader(file)]


def choose(settings, fit, score):
    """The fitted model with the best mean macro-F1 on the development sets: the peer's best, not ours."""
    best = None
    for setting in settings:
        model = fit(**setting)
        scores = score(model)
        print(f"  {setting}: {' '.join(f'{s:.3f}' for s in scores)}", flush=True)
        if best is None or sum(scores) > best[0]:
            best = sum(scores), model
    return best[1]


def scorer(paths, predict):
    """A function that gives a model's macro-F1 on each file; `predict(model, texts)` gives labels."""
    sets = [list(read(path)) for path in paths]
    texts = [[masked(s, a, b) for s, _, a, b, _ in rows] for rows in sets]
    return lambda model: [macro_f1([row[4] for row in rows], predict(model, text)) for rows, text in zip(sets, texts)]
