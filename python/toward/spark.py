"""Labels Spark data frames: the same classifier, one in each Python worker process.

>>> from toward.spark import classify                                    # doctest: +SKIP
>>> articles = spark.read.parquet("articles.parquet")                    # doctest: +SKIP
>>> classify(articles, keep=["id", "date"]).write.parquet("stance")      # doctest: +SKIP

Partitions are labelled one by one, in their order, batch by batch as Spark hands them over, so that memory does not
depend on their size. Nothing is shuffled. What a lost worker was at, Spark gives to another: labels depend on the text
alone, so the result is the same. The package must be installed on the workers; a model of your own is sent to them.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import toward

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame

__all__ = ["classify"]


def classify(
    df: DataFrame,
    text: str | Sequence[str] | None = None,
    *,
    keep: str | Sequence[str] | None = None,
    whole: bool | None = None,
    actor: str | None = None,
    start: str | None = None,
    end: str | None = None,
    level: str = "actor",
    date: str | None = None,
    as_of: str | None = None,
    stages: bool = False,
    model: str | os.PathLike[str] | bytes | None = None,
    actors: str | os.PathLike[str] | bytes | Sequence[str | os.PathLike[str] | bytes] | None = None,
    effort: str | None = None,
    blind: bool = False,
    threads: int = 1,
) -> DataFrame:
    """The rows of `toward.Classifier.classify` as a data frame, computed when it is asked for.

    The arguments are those of `Classifier.load` and `Classifier.classify`; `model` and `actors` are read here and sent
    to the workers. `keep` names the columns to copy, by default all that are not the text. There is no column `row`,
    for records have no number in Spark: keep what identifies them. `threads` is how many a worker uses; Spark runs a
    worker for each core already.

    Wrong columns and options are errors here, before anything runs. A date that is none stops the job, unless actors
    are given: then the column `status` tells.
    """
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    load = (_content(model), _contents(actors), effort, blind, threads)
    texts = [text] if isinstance(text, str) else text
    if keep is None:
        keep = [name for name in df.columns if name not in _texts(df.columns, texts)]
    keep = [keep] if isinstance(keep, str) else list(keep)
    options = dict(
        text=texts, keep=keep, whole=whole, actor=actor, start=start, end=end, level=level, date=date, as_of=as_of,
        stages=stages,
    )  # fmt: skip
    # Only what is needed is read. A name that is not there is left to the classifier, which tells which ones are.
    wanted = {*_texts(df.columns, texts), *(texts or ()), *keep, *filter(None, (actor, start, end, date))}
    if wanted <= set(df.columns):
        df = df.select([_quoted(name) for name in df.columns if name in wanted])
    # An empty batch through the classifier: it checks every name and option, and its result has the schema.

    [output] = _label(load, options, iter([_empty(to_arrow_schema(df.schema))]))
    return df.mapInArrow(functools.partial(_label, load, options), from_arrow_schema(output.schema))


def _texts(columns: Sequence[str], texts: Sequence[str] | None) -> set[str]:
    """The columns that hold the text: those that are given, else all of a usual name."""
    if texts is not None:
        return {name for name in columns if name in texts}
    usual = {"title", "headline", "text", "body", "content", "article", "sentence", "article_text", "full_text"}
    return {name for name in columns if name.lower() in usual}


def _quoted(name: str) -> str:
    """A column's name for Spark, which reads a point as the way into a struct."""
    return "`" + name.replace("`", "``") + "`"


def _label(
    load: tuple, options: dict[str, Any], batches: Iterator[pyarrow.RecordBatch]
) -> Iterator[pyarrow.RecordBatch]:
    """Labels a partition, in a worker."""
    import pyarrow

    classifier = _classifier(*load)
    for batch in batches:
        rows = pyarrow.table(classifier.classify(batch, **options)).drop_columns(["row"])
        # A table without batches would lose its schema.
        yield from rows.combine_chunks().to_batches() or [_empty(rows.schema)]


def _empty(schema: pyarrow.Schema) -> pyarrow.RecordBatch:
    import pyarrow

    return pyarrow.RecordBatch.from_arrays([pyarrow.array([], field.type) for field in schema], schema=schema)


@functools.lru_cache(maxsize=2)
def _classifier(
    model: bytes | None, actors: tuple[bytes, ...], effort: str | None, blind: bool, threads: int
) -> toward.Classifier:
    """The classifier of this process, which serves one task after the other."""
    return toward.Classifier.load(model, actors=list(actors), effort=effort, blind=blind, threads=threads)


def _content(file: str | os.PathLike[str] | bytes | None) -> bytes | None:
    if file is None or isinstance(file, bytes):
        return file
    try:
        with open(file, "rb") as opened:
            return opened.read()
    except OSError as error:
        raise toward.Error(f"{os.fspath(file)}: cannot be read: {error.strerror}") from error


def _contents(files: Any) -> tuple[bytes, ...]:
    if files is None:
        return ()
    if isinstance(files, (str, bytes, os.PathLike)):
        files = [files]
    return tuple(_content(file) for file in files)
