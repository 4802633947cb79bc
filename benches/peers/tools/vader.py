"""VADER: a lexicon and rules, the same score for every target of a sentence. Its thresholds are its authors'.

    python vader.py label MODEL IN.csv OUT.csv
"""
import sys

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

import rows


def label(_, source, target):
    analyzer = SentimentIntensityAnalyzer()

    def probabilities(part):
        for sentence, *_ in part:
            score = analyzer.polarity_scores(sentence)["compound"]
            yield [max(score, 0.0), 0.0 if abs(score) >= 0.05 else 1.0, max(-score, 0.0)]

    rows.label(source, target, probabilities)


{"label": label}[sys.argv[1]](*sys.argv[2:])
