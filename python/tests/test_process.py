"""Threads, forks and Python's lock."""

import multiprocessing
import threading
import time

import toward
from conftest import ARTICLES


def count(texts):
    return len(CLASSIFIER.classify(texts))


CLASSIFIER = None


def test_a_fork_after_use_goes_on_labelling():
    global CLASSIFIER
    CLASSIFIER = toward.Classifier.load(effort="fast", threads=2)
    expected = count(ARTICLES)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map_async(count, [ARTICLES] * 4).get(timeout=120) == [expected] * 4
    assert count(ARTICLES) == expected


def test_other_threads_run_meanwhile(classifier):
    texts = ["Xi accused NATO of aggression, and Putin thanked Beijing."] * 4000
    turns, stop = 0, threading.Event()

    def turn():
        nonlocal turns
        while not stop.is_set():
            turns += 1
            time.sleep(0.0005)

    other = threading.Thread(target=turn)
    other.start()
    before = turns
    rows = classifier.classify(texts)
    during = turns - before
    stop.set()
    other.join()
    assert len(rows) == 4 * len(texts)
    # With the lock held, the other thread would not have had one turn.
    assert during > 5


def test_one_classifier_serves_many_threads(classifier):
    expected = classifier.classify(ARTICLES).to_dicts()
    found = []
    threads = [threading.Thread(target=lambda: found.append(classifier.classify(ARTICLES).to_dicts())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8
