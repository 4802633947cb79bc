"""What the tests share: a fast classifier, the command line where it has been built, invented articles."""

import os
import pathlib
import subprocess

import pytest

import toward

ROOT = pathlib.Path(__file__).resolve().parents[2]

ARTICLES = [
    "It rained. Xi accused NATO of aggression.",
    'President Macron said: "We stand\nwith Kyiv", and thanked Poland for its help.',
    None,
    "Nobody of note was there.",
    "Ærø, “Ærø”! 👍 Putin thanked Beijing. The EU condemned Russia, and Moscow scoffed at the EU.",
    "",
]


@pytest.fixture(scope="session")
def classifier():
    return toward.Classifier.load(effort="fast")


@pytest.fixture(scope="session")
def command():
    """Runs the command line of the same checkout; what it prints."""
    built = os.environ.get("TOWARD_COMMAND")
    places = [ROOT / "target" / profile / "toward" for profile in ("debug", "release")]
    places = [pathlib.Path(built)] if built else [place for place in places if place.exists()]
    if not places:
        pytest.skip("the command line has not been built: cargo build")
    newest = max(places, key=lambda place: place.stat().st_mtime)

    def run(*arguments, **environment):
        ran = subprocess.run(
            [newest, *map(str, arguments)], capture_output=True, text=True, env={**os.environ, **environment}
        )
        if ran.returncode:
            raise toward.Error(ran.stderr.removeprefix("error: ").strip())
        return ran.stdout

    return run
