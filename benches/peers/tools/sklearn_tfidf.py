"""scikit-learn: TF-IDF of words and pairs of words, logistic regression, the target masked.

    python sklearn_tfidf.py train MODEL TRAIN.csv DEV.csv...
    python sklearn_tfidf.py label MODEL IN.csv OUT.csv
"""
import pickle
import sys

import rows


def train(model, data, *development):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    read = list(rows.read(data))
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    matrix = vectors.fit_transform([rows.masked(s, a, b) for s, _, a, b, _ in read])
    labels = [row[4] for row in read]

    def fit(C):
        regression = LogisticRegression(C=C, class_weight="balanced", max_iter=300).fit(matrix, labels)
        return make_pipeline(vectors, regression)

    score = rows.scorer(development, lambda fitted, texts: fitted.predict(texts))
    with open(model, "wb") as file:
        pickle.dump(rows.choose([{"C": 1}, {"C": 3}], fit, score), file)


def label(model, source, target):
    with open(model, "rb") as file:
        pipeline = pickle.load(file)
    order = [list(pipeline.classes_).index(name) for name in rows.LABELS]

    def probabilities(part):
        return pipeline.predict_proba([rows.masked(s, a, b) for s, _, a, b, _ in part])[:, order].tolist()

    rows.label(source, target, probabilities)


{"train": train, "label": label}[sys.argv[1]](*sys.argv[2:])
