"""Labels articles with Spark: CSV or Parquet in, Parquet out.

    spark-submit examples/spark_job.py articles.csv stance --keep id date
    spark-submit --master yarn examples/spark_job.py hdfs:///news hdfs:///stance --keep url date --effort fast

The package `toward` must be installed on the workers (`pip install toward`); the model travels inside it.
"""

import argparse

from pyspark.sql import SparkSession

from toward.spark import classify


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("input", help="a CSV file (its name ends in .csv, .csv.gz …), or Parquet")
    parser.add_argument("output", help="the folder of Parquet files to write")
    parser.add_argument("--text", nargs="+", help="the columns of the text [default: by their usual names]")
    parser.add_argument("--keep", nargs="+", help="the columns to copy [default: all others]")
    parser.add_argument("--effort", choices=["fast", "balanced", "full"])
    parser.add_argument("--model", help="a model written by `toward train`")
    options = parser.parse_args()

    spark = SparkSession.builder.appName("toward").getOrCreate()
    if ".csv" in options.input.rsplit("/", 1)[-1]:
        # Spark's defaults take a quoted line end for the end of the record, and the backslash for the escape.
        articles = spark.read.csv(options.input, header=True, multiLine=True, escape='"')
        # A file with quoted line ends cannot be cut, so it comes as one partition: share it out.
        articles = articles.repartition(spark.sparkContext.defaultParallelism)
    else:
        articles = spark.read.parquet(options.input)
    labelled = classify(articles, options.text, keep=options.keep, effort=options.effort, model=options.model)
    labelled.write.parquet(options.output)
    spark.stop()


if __name__ == "__main__":
    main()
