"""Labels news sentences as supportive of, critical of or neutral toward each actor in them.

The model, the catalogue of actors and the encoder are inside the package. Labels and probabilities are those of the
command line, for it is the same code.

>>> import toward
>>> classifier = toward.Classifier.load(effort="fast")
>>> rows = classifier.classify(["Xi accused Washington of stoking tensions."])
>>> [(row["actor"], row["label"]) for row in rows]
[('Xi Jinping', 'neutral'), ('United States', 'critical')]

On Spark: see `toward.spark`.
"""

from toward._toward import Classifier, Error, Rows, __version__, train

__all__ = ["Classifier", "Error", "Rows", "__version__", "train"]


def _load(model, actors, effort, blind, threads):
    """Loads a classifier again that was pickled."""
    return Classifier.load(model, actors=actors, effort=effort, blind=blind, threads=threads)
