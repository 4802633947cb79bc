"""`toward` beside its peers: the same rows, CSV in and CSV with the same columns out, whole processes, interleaved.

    python benches/peers/peers.py --data DATA                        # both parts, five rounds
    python benches/peers/peers.py --data DATA --part fast --rounds 3 --rows 20000

Needs Python 3.11, cargo and a network for the first run: peers are installed as `requirements.txt` (fast) and
`requirements-full.txt` (full, a gigabyte) pin them, into `WORK/env`, unless `--python` names an interpreter that has them.
What was installed, trained and generated is kept in `WORK` and not made again. `DATA` is a folder with `newsmtsc`, `intl`,
`blind` and `text`, as `training/README.md` describes it.

A row of the table is one peer. In each round every peer runs once, so that what else the machine does falls on all alike;
given are medians. `wall` and `CPU` are seconds of the whole process; rows a second, and the speed against `toward`'s, are of
wall time less the time that the peer takes for a file of one row (`start-up`). CPU microseconds a row are without the start as well; they say what one core
does, and hardly depend on what else the machine does. Peers are trained on the same rows as `toward` (without its silver labels)
and are given the settings that are best on the very development sets that they are scored on.
"""
import argparse
import csv
import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOOLS = HERE / "tools"
sys.path.insert(0, str(TOOLS))
import rows  # noqa: E402

GIVEN = "--text sentence --actor-column actor --start-column start --end-column end".split()
DEVELOPMENT = {"mt": "newsmtsc/dev_mt.csv", "rw": "newsmtsc/dev_rw.csv", "intl": "intl/dev.csv"}


class Peer:
    """A program that labels a CSV. `{in}` and `{out}` in the command are its files."""

    def __init__(self, name, command, size, environment=None):
        self.name, self.command, self.size, self.environment = name, command, size, environment or {}
        self.walls, self.cpus, self.memory, self.starts, self.start_cpus, self.scores = [], [], 0, [], [], {}

    def run(self, source, target):
        """Wall and CPU seconds and peak memory in MB of one run."""
        command = [str(part).replace("{in}", str(source)).replace("{out}", str(target)) for part in self.command]
        environment = {**os.environ, **self.environment}
        for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]:
            environment.pop(name, None)  # where set, they slow numpy
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        message = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{self.name}: {' '.join(command)} failed:\n{message}")
        return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024

    def measure(self, source, target):
        wall, cpu, memory = self.run(source, target)
        self.walls.append(wall)
        self.cpus.append(cpu)
        self.memory = max(self.memory, memory)

    def labelling(self):
        """Seconds of each round without the start."""
        return [max(wall - statistics.median(self.starts), 1e-3) for wall in self.walls]

    def cpu_a_row(self, count):
        """CPU seconds of one row, without the start."""
        return max(statistics.median(self.cpus) - statistics.median(self.start_cpus), 0.0) / count

    def rate(self, count):
        """Rows a second, without the start."""
        return count / statistics.median(self.labelling())


# --- what the peers are given

def training_rows(data, target):
    """NewsMTSC's and the international training rows and the project's own marked corpus, as one CSV."""
    if target.exists():
        return
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sentence", "actor", "start", "end", "label"])
        for name in ["newsmtsc/train.csv", "intl/train.csv"]:
            writer.writerows(rows.read(data / name))
        marks, names = re.compile(r"\[([nsc]) ([^\[\]]+)\]"), {"n": "neutral", "s": "supportive", "c": "critical"}
        for path in sorted((ROOT / "training" / "corpus").glob("*.txt")):
            for line in path.read_text(encoding="utf-8").splitlines():
                sentence, found, at = "", [], 0
                for mark in marks.finditer(line):
                    sentence += line[at:mark.start()]
                    found.append((mark[2], len(sentence), len(sentence) + len(mark[2]), names[mark[1]]))
                    sentence += mark[2]
                    at = mark.end()
                sentence += line[at:]
                writer.writerows((sentence, *mention) for mention in found)


def mentions(data, target, count, repeat):
    """Mentions of the blind files, shuffled, repeated up to `count` if `repeat`."""
    if target.exists():
        return
    read = []
    for name in ["newsmtsc_mt", "newsmtsc_rw", "intl"]:
        read += [row[:4] for row in rows.read(data / "blind" / f"{name}.csv")]
    random.Random(1).shuffle(read)
    if not repeat:
        count = min(count, len(read))
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sentence", "actor", "start", "end"])
        writer.writerows(read[i % len(read)] for i in range(count))


def articles(data, target, count):
    """The first `count` news articles, put together from their sentences."""
    if target.exists():
        return
    zstd = subprocess.Popen(["zstd", "-dcq", data / "text" / "news.txt.zst"], stdout=subprocess.PIPE, text=True, encoding="utf-8")
    texts = {}
    for line in zstd.stdout:
        name, sentence = line.rstrip("\n").split("\t", 1)
        if name not in texts and len(texts) == count:
            break
        texts.setdefault(name, []).append(sentence)
    zstd.kill()
    zstd.wait()
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        writer.writerows((name, " ".join(sentences)) for name, sentences in texts.items())


# --- the peers

def cargo(*arguments):
    """The executables that cargo makes, by their names."""
    made = {}
    command = ["cargo", *arguments, "--message-format=json-render-diagnostics"]
    for line in subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
        message = json.loads(line)
        if message.get("executable"):
            made[message["target"]["name"]] = Path(message["executable"])
    return made


def toward(options):
    """The program and the copy, built unless given."""
    program, copy = options.toward, options.copy
    if not program:
        program = cargo("build", "--release", "--bin", "toward")["toward"]
    if not copy:
        copy = cargo("bench", "--no-run", "--bench", "copy")["copy"]
    return program, copy


def interpreter(options, requirements):
    """A Python that has the peers, installed at need."""
    if options.python:
        return options.python
    python = options.work / "env" / "bin" / "python"
    done = options.work / "env" / f"{requirements}.done"
    if not done.exists():
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", options.work / "env"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", HERE / requirements], check=True)
        done.touch()
    return python


def size(*paths):
    return sum(Path(path).stat().st_size for path in paths) / 1e6


def fast_peers(options):
    program, copy = toward(options)
    python = interpreter(options, "requirements.txt")
    data = options.work / "training.csv"
    training_rows(options.data, data)
    model = size(ROOT / "models" / "default.safetensors")

    def ours(name, *more):
        return Peer(name, [program, "classify", "{in}", "-o", "{out}", "-q", "--effort", "fast", *GIVEN, *more], model)

    peers = [
        ours("**toward, fast**"),
        ours("toward, fast, 1 thread", "--threads", "1"),
        Peer("copy only (the limit)", [copy, "{in}", "{out}"], None),
    ]
    trained = {"fastText": "fasttext_supervised", "Vowpal Wabbit": "vowpal_wabbit", "scikit-learn TF-IDF + LR": "sklearn_tfidf"}
    for name, tool in trained.items():
        file = options.work / f"{tool}.model"
        if not file.exists():
            print(f"training {name}", flush=True)
            part = file.with_suffix(".part")
            development = [options.data / path for path in DEVELOPMENT.values()]
            subprocess.run([python, TOOLS / f"{tool}.py", "train", part, data, *development], check=True)
            part.rename(file)
        peers.append(Peer(name, [python, TOOLS / f"{tool}.py", "label", file, "{in}", "{out}"], size(file)))
    peers.append(Peer("VADER", [python, TOOLS / "vader.py", "label", "-", "{in}", "{out}"], None))
    return peers


def full_peers(options):
    program, _ = toward(options)
    python = interpreter(options, "requirements-full.txt")
    weights = size(*ROOT.glob("models/encoder-*/weights"), ROOT / "models" / "default.safetensors")
    environment = {"ENCODER": str(options.encoder)} if options.encoder else {}

    def ours(effort):
        name = f"**toward, {effort}**" if effort == "full" else f"toward, {effort}"
        return Peer(name, [program, "classify", "{in}", "-o", "{out}", "-q", "--effort", effort, *GIVEN], weights)

    def theirs(name, kind, megabytes, source):
        """The peer with the batch and the workers that are fastest on a short file, found once."""
        known = options.work / "batches.json"
        best = json.loads(known.read_text()) if known.exists() else {}
        if kind not in best:
            command = [python, TOOLS / "transformer.py", "choose", kind, source]
            chosen = subprocess.run(command, env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE, text=True)
            best[kind] = [int(number) for number in chosen.stdout.split()]
            known.write_text(json.dumps(best))
        batch, workers = best[kind]
        command = [python, TOOLS / "transformer.py", "label", f"{kind}:{batch}:{workers}", "{in}", "{out}"]
        return Peer(f"{name}, batches of {batch}", command, megabytes, environment)

    short, shorter = options.work / "short.csv", options.work / "shorter.csv"
    mentions(options.data, short, 128, False)
    mentions(options.data, shorter, 64, False)
    same = [ours("full"), ours("balanced"),
            theirs("same encoder, PyTorch f32", "encoder-f32", 91, short),
            theirs("same encoder, PyTorch bf16", "encoder-bf16", 45, short)]
    larger = [ours("full"),
              theirs("RoBERTa-base, PyTorch f32", "roberta-f32", 499, shorter),
              theirs("RoBERTa-base, PyTorch bf16", "roberta-bf16", 249, shorter)]
    return same, larger


# --- measuring

def rounds(peers, source, options):
    """Interleaved runs over a file, and over one of its first row."""
    target, single = options.work / "out.csv", options.work / f"single-{source.name}"
    with open(source, encoding="utf-8", newline="") as file, open(single, "w", encoding="utf-8", newline="") as one:
        reader = csv.reader(file)
        csv.writer(one).writerows([next(reader), next(reader)])
    for number in range(options.rounds):
        for peer in peers:
            start, start_cpu, _ = peer.run(single, target)
            peer.starts.append(start)
            peer.start_cpus.append(start_cpu)
            peer.measure(source, target)
        print(f"round {number + 1}: " + ", ".join(f"{peer.name} {peer.walls[-1]:.2f}" for peer in peers), flush=True)


def score(peers, options):
    for peer in peers:
        if "copy" in peer.name or "RoBERTa" in peer.name or "1 thread" in peer.name:
            continue
        for name, path in DEVELOPMENT.items():
            gold = [row[4] for row in rows.read(options.data / path)]
            peer.run(options.data / path, options.work / "dev.csv")
            peer.scores[name] = rows.macro_f1(gold, rows.labels_of(options.work / "dev.csv"))


def table(peers, count, what):
    """Markdown: one row a peer, the first being what the others are compared with."""
    first = peers[0]
    lines = [
        f"| {count:,} {what} | rows/s | speed, toward = 1 | CPU µs a row | wall s | CPU s | start-up s | peak MB | model MB | macro-F1 mt / rw / intl |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for peer in peers:
        # Of rounds, not of medians: what disturbed one round disturbed both.
        ratios = [mine / theirs for mine, theirs in zip(first.labelling(), peer.labelling())]
        scores = " / ".join(f"{peer.scores[name]:.3f}"[1:] for name in DEVELOPMENT) if peer.scores else "–"
        lines.append(
            f"| {peer.name} | {peer.rate(count):,.0f} | {statistics.median(ratios):.2f} | {peer.cpu_a_row(count) * 1e6:,.1f} "
            f"| {statistics.median(peer.walls):.2f} | {statistics.median(peer.cpus):.2f} | {statistics.median(peer.starts):.2f} "
            f"| {peer.memory:.0f} | {f'{peer.size:.1f}' if peer.size else '–'} | {scores} |"
        )
    return "\n".join(lines) + "\n"


def machine():
    """The machine in general terms."""
    name = "unknown processor"
    if Path("/proc/cpuinfo").exists():
        text = Path("/proc/cpuinfo").read_text()
        name = re.search(r"model name\s*: (.*)", text)[1]
        name += " with " + ", ".join(flag for flag in ["avx2", "avx512f", "avx512_vnni", "amx_int8"] if f" {flag}" in text)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[1]
    return f"{os.cpu_count()} cores ({name}), {memory:.0f} GB, {platform.system()}; load average {load:.1f} at the end"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the data sets")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "toward-peers", help="where everything is kept")
    parser.add_argument("--part", choices=["fast", "full", "documents", "all"], default="all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=200_000, help="mentions of the fast part")
    parser.add_argument("--full-rows", type=int, default=2_000, help="mentions of the full part")
    parser.add_argument("--roberta-rows", type=int, default=300, help="mentions for RoBERTa-base")
    parser.add_argument("--articles", type=int, default=200, help="articles of the part documents")
    parser.add_argument("--python", type=Path, help="a Python that has the peers already")
    parser.add_argument("--encoder", type=Path, help="the encoder's f32 weights, as training/encoder/export.py writes them")
    parser.add_argument("--toward", type=Path, help="a built toward [default: built by cargo]")
    parser.add_argument("--copy", type=Path, help="a built benches/peers/copy.rs [default: built by cargo]")
    parser.add_argument("--no-scores", action="store_true", help="speed only")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)

    if options.part in ["fast", "all"]:
        peers, source = fast_peers(options), options.work / f"mentions-{options.rows}.csv"
        mentions(options.data, source, options.rows, True)
        rounds(peers, source, options)
        if not options.no_scores:
            score(peers, options)
        report("fast", options, table(peers, options.rows, f"mentions ({source.stat().st_size / 1e6:.0f} MB)"))
    if options.part in ["full", "all"]:
        tables = []
        for peers, count in zip(full_peers(options), [options.full_rows, options.roberta_rows]):
            source = options.work / f"mentions-{count}-once.csv"
            mentions(options.data, source, count, False)
            rounds(peers, source, options)
            if not tables and not options.no_scores:
                score([peer for peer in peers if options.encoder or "same" not in peer.name], options)
            tables.append(table(peers, count, "mentions, none twice"))
        report("full", options, "\n".join(tables))
    if options.part in ["documents", "all"]:
        program, _ = toward(options)
        source = options.work / f"articles-{options.articles}.csv"
        articles(options.data, source, options.articles)
        command = [program, "classify", "{in}", "-o", "{out}", "-q", "--id", "id", "--effort"]
        peers = [Peer(f"toward, {effort}", [*command, effort], None) for effort in ["full", "balanced", "fast"]]
        rounds(peers, source, options)
        with open(options.work / "out.csv", encoding="utf-8", newline="") as file:
            count = sum(1 for _ in csv.DictReader(file))
        what = f"(sentence, actor) rows of {options.articles} articles ({source.stat().st_size / 1e6:.1f} MB)"
        report("documents", options, table(peers, count, what))


def report(part, options, tables):
    """Writes the part's tables, and the output from all parts that were measured so far."""
    sizes = {"fast": ["rows"], "full": ["full_rows", "roberta_rows"], "documents": ["articles"]}[part]
    given = [f"--{name.replace('_', '-')} {getattr(options, name)}" for name in ["rounds", *sizes]]
    given += ["--encoder FOLDER"] if part == "full" and options.encoder else []
    text = (
        f"## {part.capitalize()}\n\n{time.strftime('%Y-%m-%d')}, {machine()}.\n\n"
        f"    python benches/peers/peers.py --data DATA --part {part} {' '.join(given)}\n\n{tables}"
    )
    (options.work / f"{part}.md").write_text(text, encoding="utf-8")
    parts = [options.work / f"{name}.md" for name in ["fast", "full", "documents"]]
    title = (
        "# `toward` beside its peers\n\nWritten by `peers.py`, whose first lines say what is measured and how. Below 1, a peer is "
        "slower than `toward`;\nthe limit is a program that reads and writes the same CSV with `toward`'s own code and does "
        "nothing else.\n"
    )
    whole = "\n".join([title, *(path.read_text(encoding="utf-8") for path in parts if path.exists())])
    options.output.write_text(whole, encoding="utf-8")
    print(whole)


if __name__ == "__main__":
    main()
