"""Sentences of our corpus with other predicates of the lexicon in their places, for the encoder to label.

    python training/recombine.py --toward target/release/toward --predicates target/release/examples/predicates

writes recombined.txt.zst, the sentences, and recombined.csv.zst, what the encoder says of their mentions: soft labels from which
the sparse model learns what words of the lexicon do that news seldom has, and what becomes of them behind a negation or a
word that turns (augmentation and distillation as for small encoders: Jiao et al., TinyBERT, 2020). Most of the sentences
make little sense and some are no English; the labels are as soft as that. Lines that contrast.py holds out are left out.
"""
import argparse
import collections
import csv
import os
import random
import re
import subprocess
import tempfile

from contrast import CLASSES, HERE, corpus, kept, labelled, parse_marked

CHANGED = 0.6  # of the predicates of a sentence
SHIFTED = 0.3  # of the new predicates, with something before them that may turn them

INFLECTION = open(os.path.join(HERE, "..", "src", "features", "lexicon", "inflection.rs"), encoding="utf-8").read()
IRREGULAR = {base: (past, participle) for base, past, participle in re.findall(r'\("(\w+)", "(\w+)", "(\w+)"\)', INFLECTION)}
DOUBLING = set(re.findall(r'^    "(\w+)",$', INFLECTION, re.M))
VOWELS = "aeiou"
PREPOSITIONS = set("of to for against with on about by from at toward over in as into behind".split())
CLAUSE_ENDS = set("and but when after before while because by at in on".split())
DETERMINERS = ("the", "a", "an", "its", "his", "her", "their")


def third_person(base):
    if base == "have":
        return "has"
    if re.search("(s|x|z|ch|sh)$", base) or base in ("do", "go", "undo", "undergo", "veto", "echo", "hero"):
        return base + "es"
    if base.endswith("y") and len(base) > 1 and base[-2] not in VOWELS:
        return base[:-1] + "ies"
    return base + "s"


def doubles(base):
    if len(base) < 3 or base[-1] in VOWELS + "wxy" or base[-2] not in VOWELS or base[-3] in VOWELS:
        return False
    return len(re.findall("[^aeiou][aeiou]", base)) + (base[0] in VOWELS) == 1 or base in DOUBLING


def past(base):
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and len(base) > 1 and base[-2] not in VOWELS:
        return base[:-1] + "ied"
    return base + base[-1] + "ed" if doubles(base) else base + "ed"


def gerund(base):
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if base.endswith("e") and len(base) > 2 and base[-2] not in "eoy":
        return base[:-1] + "ing"
    return base + base[-1] + "ing" if doubles(base) else base + "ing"


def forms(base):
    """The forms of a verb, by name."""
    simple, participle = IRREGULAR.get(base, (past(base), past(base)))
    return {"base": base, "s": third_person(base), "ing": gerund(base), "past": simple, "participle": participle}


class Lexicon:
    """The lexicon by what an entry may stand with."""

    def __init__(self, path):
        self.of = collections.defaultdict(list)
        self.before = collections.defaultdict(list)
        self.transitive, self.intransitive = [], []
        with open(path, encoding="utf-8", newline="") as f:
            for row in csv.DictReader(f):
                pos, complements = row["pos"], {said.split(":")[0] for said in row["complements"].split()}
                self.of[pos].append(row["lemma"])
                for preposition in complements:
                    self.before[pos, preposition].append(row["lemma"])
                if pos == "v" and row["object"]:
                    self.transitive.append(row["lemma"])
                elif pos == "v" and not complements:
                    self.intransitive.append(row["lemma"])


def shifted(rng, pos, new, kind, words, before, attributive, passive):
    """The new predicate with something before it that may turn it."""
    rest = "".join(" " + word for word in words[1:])
    if pos == "v" and kind in ("past", "s") and not passive:
        base, ing, was_past = words[0] + rest, gerund(words[0]) + rest, kind == "past"
        did, was, keep = ("did", "was", "kept") if was_past else ("does", "is", "keeps")
        inflect = past if was_past else third_person
        return rng.choice([
            f"{did} not {base}", f"never {new}", f"{inflect('fail')} to {base}", f"{inflect('refuse')} to {base}",
            f"{inflect('promise')} to {base}", f"{inflect('stop')} {ing}", f"{keep} {ing}", f"{was} accused of {ing}",
            f"{inflect('deny')} {ing}", f"{inflect('help')} to {base}", f"{inflect('threaten')} to {base}", f"no longer {new}",
            f"hardly {new}", f"{did} nothing to {base}", f"{was} praised for {ing}", f"{was} right to {base}",
            f"{was} wrong to {base}", f"{inflect('manage')} to {base}", f"{inflect('want')} to {base}",
            f"{was} too proud to {base}", f"rightly {new}", f"only {new}"])
    if pos == "v" and kind == "base" and before == "to":
        return rng.choice([f"stop {gerund(words[0])}{rest}", f"never {new}", f"help to {new}", f"refuse to {new}", f"fail to {new}"])
    if pos == "a" and not attributive:
        return rng.choice(["not ", "anything but ", "far from ", "hardly ", "less than ", "more than ", "never ", "no longer ", "too ",
                           "nothing if not ", "by no means "]) + new
    if pos == "n" and before in DETERMINERS:
        return rng.choice(["lack of ", "end of ", "critics of ", "victims of ", "fight against ", "absence of ", "champion of ",
                           "so-called ", "false ", "heroic ", "latest ", "alleged "]) + new
    return new


def another(rng, lexicon, sentence, start, end, pos, lemma, passive):
    """Another predicate for the place of one, inflected as it is; None if none fits."""
    surface = sentence[start:end]
    after = re.match(r"\s+([\w']+)", sentence[end:])
    after = after.group(1).lower() if after else ""
    before = re.search(r"([\w']+)\s+$", sentence[:start])
    before = before.group(1).lower() if before else ""
    kind, attributive, words = None, False, []
    if pos == "v":
        first = re.split(r"[ -]", surface.lower())[0]
        kinds = [kind for kind, form in forms(re.split("[_-]", lemma)[0]).items() if form == first]
        if not kinds:
            return None
        kind = "participle" if kinds[0] in ("past", "participle") and passive else kinds[0]
        if after in PREPOSITIONS and after != "by":
            pool = lexicon.before["v", after]
        elif not passive and (not after[:1].isalnum() or after in CLAUSE_ENDS):
            pool = lexicon.intransitive
        else:
            pool = lexicon.transitive
        if not pool:
            return None
        words = rng.choice(pool).split("_")
        new = " ".join([forms(words[0])[kind], *words[1:]])
    elif pos == "n":
        plural = surface.lower().endswith("s") and not lemma.endswith("s")
        pool = lexicon.before["n", after] if after in PREPOSITIONS and rng.random() < 0.8 else lexicon.of["n"]
        if not pool:
            return None
        words = rng.choice(pool).split("_")
        if plural and not words[-1].endswith("s"):
            words[-1] = third_person(words[-1])
        new = " ".join(words)
    elif pos == "a":
        attributive = after[:1].isalpha() and after not in PREPOSITIONS and after not in ("and", "or", "but", "that", "when")
        pool = lexicon.before["a", after] if after in PREPOSITIONS else lexicon.of["a"]
        for _ in range(5):
            if not pool:
                return None
            chosen = rng.choice(pool)
            if not attributive or "_" not in chosen:
                break
        else:
            return None
        new = chosen.replace("_", " ")
    else:
        new = rng.choice(lexicon.of["r"]).replace("_", " ")
    if rng.random() < SHIFTED:
        new = shifted(rng, pos, new, kind, words, before, attributive, passive)
    return new[:1].upper() + new[1:] if surface[:1].isupper() else new


def edited(sentence, edits):
    """The sentence with (start, end, new) in place, and by how many characters what follows a place has moved."""
    out, last, moves = "", 0, []
    for start, end, new in edits:
        out += sentence[last:start]
        article = re.search(r"\b([Aa])n? $", out)
        if article:
            fitting = article.group(1) + ("n" if new[0].lower() in VOWELS else "")
            length = len(out)
            out = out[:article.start()] + fitting + " "
            moves.append((start, len(out) - length))
        out += new
        moves.append((end, len(new) - (end - start)))
        last = end
    return out + sentence[last:], moves


def predicates(rng, marks, found):
    """Places of predicates that touch no mention, from left to right; of two readings one."""
    places = []
    for text in filter(None, found.split("\t")):
        start, end, pos, lemma, passive = text.split(":")
        place = (int(start), int(end), pos, lemma, passive == "true")
        if any(place[0] < end and start < place[1] for start, end, _ in marks):
            continue
        if places and places[-1][0] == place[0]:
            if rng.random() < 0.5:
                places[-1] = place
        elif not places or place[0] >= places[-1][1]:
            places.append(place)
    return places


def recombine(lexicon, lines, found, copies, seed):
    """Sentences and their mentions, (sentence, start, end), each sentence once."""
    rng, seen, rows = random.Random(seed), {sentence for sentence, _ in lines}, []
    for (sentence, marks), of_line in zip(lines, found, strict=True):
        places = predicates(rng, marks, of_line)
        if not places or not marks:
            continue
        for _ in range(copies):
            chosen = [place for place in places if rng.random() < CHANGED] or [rng.choice(places)]
            fitting = [(place, another(rng, lexicon, sentence, *place)) for place in chosen]
            new, moves = edited(sentence, [(*place[:2], new) for place, new in fitting if new])
            if not moves or new in seen:
                continue
            seen.add(new)
            for start, end, _ in marks:
                moved = sum(by for place, by in moves if place <= start)
                if new[start + moved:end + moved] == sentence[start:end]:
                    rows.append((new, start + moved, end + moved))
    return rows


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--toward", required=True)
    ap.add_argument("--predicates", required=True, help="the example of that name")
    ap.add_argument("--copies", type=int, default=14, help="how many sentences are tried for each of the corpus")
    ap.add_argument("--seed", type=int, default=12)
    args = ap.parse_args()
    lines = [parse_marked(line) for name, of_file in corpus().items() for line in kept(name, of_file) if line]
    sentences = "".join(sentence + "\n" for sentence, _ in lines)
    found = subprocess.run([args.predicates], input=sentences, capture_output=True, encoding="utf-8", check=True).stdout.splitlines()
    rows = recombine(Lexicon(os.path.join(HERE, "lexicon", "predicates.csv")), lines, found, args.copies, args.seed)

    with tempfile.TemporaryDirectory() as folder:
        labels = labelled(args.toward, folder, rows, "--effort", "full")
        numbers = {}
        text, table = os.path.join(folder, "recombined.txt"), os.path.join(folder, "recombined.csv")
        with open(table, "w", encoding="utf-8") as f:
            f.write("set,line,start,end,supportive,neutral,critical\n")
            for (sentence, start, end), label in zip(rows, labels, strict=True):
                line = numbers.setdefault(sentence, len(numbers))
                soft = ",".join(format(float(label[name]), ".2f") for name in CLASSES)
                f.write(f"recombined,{line},{start},{end},{soft}\n")
        with open(text, "w", encoding="utf-8") as f:
            f.writelines(sentence + "\n" for sentence in numbers)
        for path in (text, table):
            subprocess.run(["zstd", "-19", "-q", "-f", path, "-o", os.path.join(HERE, os.path.basename(path) + ".zst")], check=True)
    print(f"{len(rows)} mentions in {len(numbers)} sentences")


if __name__ == "__main__":
    main()
