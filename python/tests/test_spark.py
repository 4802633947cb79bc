"""Spark gives the rows of the wheel, from threads and from separate processes, and when a worker is killed.

    pip install 'toward[spark]' pytest && pytest tests/test_spark.py

Needs Java. `TOWARD_SPARK=local` leaves out the cluster of separate processes.
"""

import csv
import functools
import os
import shutil
import signal
import sys

import pytest

import toward
from conftest import ARTICLES

pytest.importorskip("pyspark", reason="PySpark is not installed")
if not shutil.which("java"):
    pytest.skip("Java is not installed", allow_module_level=True)

import pyarrow
from pyspark.sql import SparkSession

from toward.spark import classify

pytestmark = pytest.mark.spark
MASTERS = {"local": "local[2,4]", "cluster": "local-cluster[2,1,1024]"}
WANTED = os.environ.get("TOWARD_SPARK", "local cluster").split()
COUNT = 1200


@pytest.fixture(scope="module", params=WANTED)
def spark(request):
    os.environ.update(PYSPARK_PYTHON=sys.executable, PYSPARK_DRIVER_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    session = (
        SparkSession.builder.master(MASTERS[request.param])
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "100")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def records():
    return [{"id": at, "text": ARTICLES[at % len(ARTICLES)], "other": "unused"} for at in range(COUNT)]


@pytest.fixture(scope="module")
def expected(classifier):
    rows = classifier.classify(pyarrow.Table.from_pylist(records()), "text", keep="id").to_arrow()
    return rows.drop_columns(["row"]).to_pylist()


def rows_of(frame):
    return [row.asDict() for row in frame.collect()]


def test_rows_and_their_order_are_those_of_the_wheel(spark, expected):
    frame = spark.createDataFrame(records()).repartitionByRange(4, "id").sortWithinPartitions("id")
    labelled = classify(frame, keep=["id"], effort="fast")
    assert frame.rdd.getNumPartitions() == labelled.rdd.getNumPartitions() == 4
    assert rows_of(labelled) == expected


def test_quoted_newlines_and_quotes_in_csv_survive(spark, expected, tmp_path):
    path = tmp_path / "articles.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["id", "text", "other"])
        writer.writeheader()
        writer.writerows(records())
    frame = spark.read.csv(str(path), header=True, multiLine=True, escape='"', schema="id long, text string, other string")
    assert rows_of(classify(frame, keep="id", effort="fast")) == expected


def kill_once(partition, batches):
    """Kills the worker after the first batch of a partition, at the first try."""
    from pyspark import TaskContext

    task = TaskContext.get()
    for at, batch in enumerate(batches):
        if at == 1 and task.partitionId() == partition and task.attemptNumber() == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        yield batch


def test_a_killed_worker_loses_nothing(spark, expected, tmp_path):
    frame = spark.createDataFrame(records()).repartitionByRange(4, "id").sortWithinPartitions("id")
    # Tests are no package that workers could import, so the function travels whole.
    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[kill_once.__module__])
    labelled = classify(frame, keep="id", effort="fast")
    dying = labelled.mapInArrow(functools.partial(kill_once, 1), labelled.schema)
    dying.write.parquet(str(tmp_path / "stance"))
    found = rows_of(spark.read.parquet(str(tmp_path / "stance")))
    assert sorted(found, key=lambda row: row["id"]) == expected


def test_rows_that_say_whom_they_are_about(spark, classifier):
    sentence = "Xi accused NATO of aggression."
    rows = [(sentence, "NATO", 11, 15, "2024-05-01"), (sentence, "Peru", None, None, None), (None, "NATO", 0, 1, None)]
    frame = spark.createDataFrame(rows, "sentence string, actor string, start int, end int, day string").coalesce(1)
    names = {"actor": "actor", "start": "start", "end": "end", "date": "day"}
    found = classify(frame, keep=[], effort="fast", **names)
    table = pyarrow.table(dict(zip(frame.columns, map(list, zip(*rows)))))
    expected = classifier.classify(table, **names).to_arrow().drop_columns(["row"]).to_pylist()
    assert rows_of(found) == expected
    assert found.columns[-1] == "status"


def test_what_is_wrong_is_said_before_anything_runs(spark):
    frame = spark.createDataFrame(records())
    with pytest.raises(toward.Error, match='found no column "textt", expected one of .*; did you mean "text"?'):
        classify(frame, "textt")
    with pytest.raises(toward.Error, match="no/such.safetensors: cannot be read: No such file"):
        classify(frame, model="no/such.safetensors")
    # All columns but the text are kept if nothing is said.
    assert {"id", "other"} < set(classify(frame, effort="fast").columns)
