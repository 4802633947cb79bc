"""How `toward classify` grows with the file and with the threads: seconds, MB a second and peak memory.

    python benches/scale.py INPUT.csv --megabytes 10 100 1000 --threads 1 2
    python benches/scale.py INPUT.csv --megabytes 1 --efforts balanced full

The file of a size is INPUT's records over and over. Encoders are given answers of repeated sentences by the memory of
answers, so for them INPUT should be as large as the size that is asked for. Nothing but Python and a built program needed.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def grow(source, target, size):
    """Writes the source's header once and its records until the file has about `size` bytes."""
    header, _, records = source.read_bytes().partition(b"\n")
    records = records.rstrip(b"\r\n") + b"\n"
    with open(target, "wb") as file:
        file.write(header + b"\n")
        while file.tell() < size - len(records) // 2 or file.tell() <= len(header) + 1:
            file.write(records)
    return target.stat().st_size / 1e6


def run(command):
    """Wall and CPU seconds and peak memory in MB."""
    began = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=Path)
    parser.add_argument("--toward", type=Path, default=Path(__file__).parent.parent / "target" / "release" / "toward")
    parser.add_argument("--megabytes", type=float, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--efforts", nargs="+", default=["fast"])
    parser.add_argument("--options", default="", help="more options of classify, in one argument")
    options = parser.parse_args()
    print("| effort | threads | MB | wall s | CPU s | MB/s | MB per CPU s | peak MB |\n|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for size in options.megabytes:
            source = Path(folder) / "in.csv"
            megabytes = grow(options.input, source, size * 1e6)
            for effort in options.efforts:
                for threads in options.threads:
                    wall, cpu, memory = run([options.toward, "classify", source, "-o", Path(folder) / "out.csv", "-q", "--effort",
                                             effort, "--threads", threads, *options.options.split()])
                    print(f"| {effort} | {threads} | {megabytes:.1f} | {wall:.1f} | {cpu:.1f} | {megabytes / wall:.2f} "
                          f"| {megabytes / cpu:.2f} | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
