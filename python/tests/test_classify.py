"""Every way in gives the rows of the command line."""

import csv
import datetime
import io
import pickle

import pandas
import polars
import pyarrow
import pytest

import toward
from conftest import ARTICLES

PROBABILITIES = ["supportive", "neutral", "critical"]


def cells(rows):
    """Rows as the command line writes them: text, probabilities with four decimals."""

    def cell(name, value):
        if value is None:
            return ""
        return f"{value:.4f}" if name in PROBABILITIES else str(value)

    return [{name: cell(name, value) for name, value in row.items()} for row in rows]


def write(path, rows, names):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_list_gives_the_rows_of_the_command_line(classifier, command, tmp_path):
    path = tmp_path / "articles.csv"
    write(path, [{"id": f"a{at}", "text": text} for at, text in enumerate(ARTICLES)], ["id", "text"])
    expected = read(command("classify", path, "--effort", "fast", "--quiet"))
    rows = classifier.classify(ARTICLES)
    assert len(rows) == len(expected) > 8
    assert cells(rows) == expected
    for row in rows:
        assert row["sentence"][row["start"] : row["end"]] == row["mention"]
        assert sum(row[name] for name in PROBABILITIES) == pytest.approx(1, abs=1e-6)
        assert row["label"] == max(PROBABILITIES, key=row.get)


@pytest.mark.parametrize("options", [{}, {"level": "country"}, {"level": "mention", "stages": True}, {"whole": True}])
def test_options_mean_the_same_everywhere(classifier, command, tmp_path, options):
    path = tmp_path / "articles.csv"
    records = [{"doc": f"a{at}", "label": "mine", "body": text or ""} for at, text in enumerate(ARTICLES)]
    write(path, records, ["doc", "label", "body"])
    switches = [f"--{name}" if value is True else f"--{name}={value}" for name, value in options.items()]
    expected = read(
        command("classify", path, "--effort", "fast", "--quiet", "--id", "doc", "--keep", "label", *switches)
    )
    rows = classifier.classify(pyarrow.Table.from_pylist(records), id="doc", keep="label", **options)
    assert rows.columns == list(expected[0])
    assert rows.columns[-1] == "input_label"
    assert cells(rows) == expected


def asked():
    sentence = "Xi accused NATO of aggression, said “Ærø” of NATO."
    return [
        {"sentence": sentence, "actor": "NATO", "start": "11", "end": "15", "day": "2024-05-01"},
        {"sentence": sentence, "actor": "NATO", "start": "45", "end": "49", "day": ""},
        {"sentence": sentence, "actor": "x", "start": "7", "end": "99", "day": "2024"},
        {"sentence": sentence, "actor": "x", "start": "", "end": "3", "day": "2024"},
        {"sentence": "", "actor": "NATO", "start": "1", "end": "3", "day": "2024"},
        {"sentence": sentence, "actor": "NATO", "start": "11", "end": "15", "day": "May"},
    ]


@pytest.mark.parametrize("offsets", [True, False])
def test_rows_that_say_whom_they_are_about_get_one_row_each(classifier, command, tmp_path, offsets):
    path = tmp_path / "rows.csv"
    records = asked()
    write(path, records, list(records[0]))
    names = {"actor": "actor", "date": "day", **({"start": "start", "end": "end"} if offsets else {})}
    switches = [f"--{name}-column={column}" for name, column in names.items()]
    expected = read(command("classify", path, "--effort", "fast", "--quiet", "--text", "sentence", *switches))
    table = pyarrow.Table.from_pylist(records)
    rows = classifier.classify(table, "sentence", **names)
    assert cells(rows) == expected
    assert [row["row"] for row in rows] == [1, 2, 3, 4, 5, 6]
    # The same of lists.
    lists = {name: table[column].to_pylist() for name, column in names.items()}
    assert classifier.classify(table["sentence"].to_pylist(), whole=True, **lists).to_dicts() == rows.to_dicts()


def test_whatever_holds_text_gives_the_same_rows(classifier):
    expected = classifier.classify(ARTICLES).to_dicts()
    table = pyarrow.table({"text": pyarrow.array(ARTICLES), "n": range(len(ARTICLES))})
    tables = {
        "arrow table": table,
        "record batch": table.combine_chunks().to_batches()[0],
        "chunks": pyarrow.concat_tables([table[:2], table[2:3], table[3:]]),
        "slice of a larger table": pyarrow.concat_tables([table, table]).combine_chunks()[len(ARTICLES) :],
        "reader": pyarrow.RecordBatchReader.from_batches(table.schema, iter(table.to_batches())),
        "pandas": table.to_pandas(),
        "polars": polars.DataFrame({"text": ARTICLES}),
        "categories": pandas.DataFrame({"text": pandas.Categorical(ARTICLES)}),
        "large strings": table.set_column(0, "text", table["text"].cast("large_string")),
        "string views": table.set_column(0, "text", table["text"].cast("string_view")),
        "dictionary": table.set_column(0, "text", table["text"].dictionary_encode()),
    }
    for name, data in tables.items():
        assert classifier.classify(data, text="text").to_dicts() == expected, name
    series = {
        "chunked array": table["text"],
        "array": table["text"].combine_chunks(),
        "pandas series": table.to_pandas()["text"],
        "polars series": polars.Series(ARTICLES),
        "tuple": tuple(ARTICLES),
        "generator": (text for text in ARTICLES),
    }
    for name, data in series.items():
        assert classifier.classify(data).to_dicts() == expected, name
    assert classifier.classify(ARTICLES[0]).to_dicts() == [row for row in expected if row["row"] == 1]


def test_columns_that_are_kept_keep_their_types(classifier):
    day = datetime.date(2024, 5, 1)
    table = pyarrow.table({"text": ARTICLES, "day": [day] * 6, "tags": [["a"], [], None, ["b"], ["c", "d"], []]})
    rows = classifier.classify(table, keep=["day", "tags"]).to_arrow()
    assert rows.schema.field("day").type == pyarrow.date32()
    expected = table.take(pyarrow.array([row - 1 for row in rows["row"].to_pylist()]))
    assert rows["tags"].to_pylist() == expected["tags"].to_pylist()
    assert set(rows["day"].to_pylist()) == {day}


def test_rows_become_what_people_work_with(classifier):
    rows = classifier.classify(ARTICLES)
    dicts = rows.to_dicts()
    assert rows.to_arrow().to_pylist() == dicts == list(rows)
    assert rows.to_polars().to_dicts() == dicts
    assert rows.to_pandas().to_dict("records") == dicts
    assert rows[-1] == dicts[-1] and rows[1:3] == dicts[1:3] and rows[::-2] == dicts[::-2]
    assert rows["actor"] == [row["actor"] for row in dicts]
    with pytest.raises(IndexError):
        rows[len(rows)]
    with pytest.raises(KeyError):
        rows["no such column"]
    assert repr(rows).startswith(f"<toward.Rows: {len(rows)} rows of row, sentence_index, sentence,")


def test_a_table_of_many_blocks_keeps_its_order(classifier):
    texts = [ARTICLES[at % len(ARTICLES)] for at in range(10_000)]
    rows = classifier.classify(pyarrow.table({"text": texts}))
    one = toward.Classifier.load(effort="fast", threads=1).classify(texts)
    assert rows.to_arrow().combine_chunks() == one.to_arrow().combine_chunks()
    assert rows["row"] == sorted(rows["row"]) and rows["row"][-1] == 9_998
    pattern = [(row["row"], row["label"]) for row in classifier.classify(ARTICLES)]
    first = [(row["row"], row["label"]) for row in rows[: len(pattern)]]
    assert first == pattern


def test_nothing_in_is_nothing_out(classifier):
    for data in ([], pyarrow.table({"text": pyarrow.array([], "string")}), polars.DataFrame({"text": []}, {"text": polars.String})):
        rows = classifier.classify(data)
        assert len(rows) == 0 and rows.to_arrow().num_rows == 0
        assert "critical" in rows.columns


def test_dates_of_any_type_decide_between_office_holders(classifier):
    text = "President Bush praised NATO."
    days = [datetime.date(1990, 1, 4), datetime.date(2004, 1, 4)]
    columns = {
        "date32": pyarrow.array(days),
        "date64": pyarrow.array(days, pyarrow.date64()),
        "text": pyarrow.array([str(day) for day in days]),
        **{
            unit: pyarrow.array([datetime.datetime(day.year, 1, 4, 23, 59) for day in days], pyarrow.timestamp(unit))
            for unit in ("s", "ms", "us", "ns")
        },
    }
    expected = [classifier.classify([text], as_of=day)["actor"] for day in days]
    assert expected[0] != expected[1]
    for name, column in columns.items():
        rows = classifier.classify(pyarrow.table({"text": [text] * 2, "day": column}), date="day")
        found = [[row["actor"] for row in rows if row["row"] == number] for number in (1, 2)]
        assert found == expected, name


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (pyarrow.table({"a": ["x"], "b": [1]}), {}, "the table: found no column with a usual name for text among a, b"),
        (
            pyarrow.table({"a": ["x"], "b": [1]}),
            {"text": "aa"},
            'the table: found no column "aa", expected one of a, b; did you mean "a"?',
        ),
        (
            pyarrow.table({"text": [1]}),
            {},
            'the table: column "text": found values of type Int64, expected text',
        ),
        (
            pyarrow.table({"text": ["x"], "day": ["May"]}),
            {"date": "day"},
            'the table: record 1, column "day": found "May", expected YYYY-MM-DD, YYYY-MM or YYYY',
        ),
        (["x"], {"actor": ["a", "b"]}, "actor: found 2 values, expected 1, one a text"),
        (["x"], {"start": [1]}, "start and end: found one of them, expected both or none"),
        (["x"], {"level": "city"}, 'unknown level "city": expected mention, actor or country'),
        (["x"], {"text": "a"}, "text, id and keep: found a list of texts, expected a table"),
        (["x"], {"as_of": "May"}, 'wrong date "May": expected YYYY-MM-DD, YYYY-MM or YYYY'),
    ],
)
def test_what_is_wrong_is_said(classifier, data, options, message):
    with pytest.raises(toward.Error) as raised:
        classifier.classify(data, **options)
    assert str(raised.value).startswith(message)
    assert isinstance(raised.value, ValueError)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (["x", 3], "data: record 2: found int, expected a text or None"),
        (b"x", "data: found bytes, expected a list of texts, or a table"),
        (7, "data: found int, expected a list of texts, or a table"),
    ],
)
def test_what_is_no_text_is_a_type_error(classifier, data, message):
    with pytest.raises(TypeError, match=message):
        classifier.classify(data)


def test_a_stream_that_fails_says_why(classifier):
    def batches():
        yield pyarrow.record_batch({"text": ["x"]})
        raise RuntimeError("the disk went away")

    reader = pyarrow.RecordBatchReader.from_batches(pyarrow.schema({"text": pyarrow.string()}), batches())
    with pytest.raises(toward.Error, match="the disk went away"):
        classifier.classify(reader)


def test_a_model_is_loaded_from_a_path_or_bytes_and_pickled(command, tmp_path):
    path = tmp_path / "small.safetensors"
    labelled = tmp_path / "labelled.csv"
    write(labelled, LABELLED, list(LABELLED[0]))
    command("train", labelled, "--base", "none", "--alpha", "1", "-o", path, "--quiet")
    from_path = toward.Classifier.load(path, effort="fast", threads=1)
    from_bytes = toward.Classifier.load(path.read_bytes(), effort="fast")
    assert repr(from_path) == "<toward.Classifier: model small, effort fast>"
    assert from_path.provenance["training"][0]["name"] == "labelled"
    rows = from_path.classify(ARTICLES).to_dicts()
    assert rows == from_bytes.classify(ARTICLES).to_dicts()
    assert rows == pickle.loads(pickle.dumps(from_path)).classify(ARTICLES).to_dicts()
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(toward.Error) as raised:
        toward.Classifier.load(path)
    with pytest.raises(toward.Error) as printed:
        command("explain", "Xi accused NATO.", "--model", path)
    assert str(raised.value) == str(printed.value)


def test_a_blind_classifier_does_not_read_names(command, tmp_path):
    blind = pickle.loads(pickle.dumps(toward.Classifier.load(effort="full", blind=True)))
    assert blind.blind and not toward.Classifier.load(effort="fast").blind
    texts = [f"They said {name} had shut the port." for name in ("Norway", "Nazi Germany")]
    rows = blind.classify(texts, actor=["Norway", "Nazi Germany"]).to_dicts()
    assert len({tuple(row[label] for label in PROBABILITIES) for row in rows}) == 1
    write(tmp_path / "texts.csv", [{"text": text} for text in texts], ["text"])
    printed = command("classify", tmp_path / "texts.csv", "--effort", "full", "--blind")
    assert [row["label"] for row in read(printed)] == [row["label"] for row in rows]


def test_own_actors_are_found():
    actors = b"name,kind,aliases\nKarelmark,country,Karelmarkian\n"
    classifier = toward.Classifier.load(actors=[actors], effort="fast")
    assert classifier.classify(["Peru praised the Karelmarkian envoy."])["actor"] == ["Peru", "Karelmark"]
    with pytest.raises(toward.Error, match="no/such.csv: cannot be read: "):
        toward.Classifier.load(actors="no/such.csv")


# Few, for the encoder is slow where it is built for tests.
VERBS = {"supportive": "praised", "critical": "condemned", "neutral": "met"}
LABELLED = [
    {"sentence": f"{first} {verb} {second}.", "actor": second, "label": label, "group": f"{first}-{at}"}
    for at, first in enumerate(["Peru", "Chile", "Kenya", "Ghana", "Norway"])
    for label, verb in VERBS.items()
    for second in ["Japan", "NATO"]
]


def test_training_gives_the_file_of_the_command_line(command, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772582400")
    labelled = tmp_path / "labelled.csv"
    write(labelled, LABELLED, list(LABELLED[0]))
    theirs, ours = tmp_path / "theirs" / "m.safetensors", tmp_path / "m.safetensors"
    theirs.parent.mkdir()
    command("train", labelled, "--base", "none", "--alpha", "1", "-o", theirs, "--quiet")
    report = toward.train(labelled, ours, base="none", alpha=1)
    assert ours.read_bytes() == theirs.read_bytes()
    assert report["mentions"] == len(LABELLED) and report["alpha"] == 1
    # A table is checked like a file and gives the same weights.
    from_table = toward.train(pandas.DataFrame(LABELLED), tmp_path / "t.safetensors", base="none", alpha=1)
    assert from_table["fast"] == report["fast"]
    with pytest.raises(toward.Error, match='the table: record 1 .*column "label": found "angry", expected'):
        toward.train(pandas.DataFrame([{**LABELLED[0], "label": "angry"}]), tmp_path / "no.safetensors")
    assert not (tmp_path / "no.safetensors").exists()


def test_evaluation_is_that_of_the_command_line(classifier, command, tmp_path):
    import json

    labelled = tmp_path / "labelled.csv"
    write(labelled, LABELLED, list(LABELLED[0]))
    expected = json.loads(command("evaluate", labelled, "--effort", "fast", "--json"))
    found = classifier.evaluate(labelled)
    assert found["n"] == len(LABELLED)
    assert {name: expected[name] for name in found} == found
    assert classifier.evaluate(polars.DataFrame(LABELLED)) == found
    assert classifier.evaluate([labelled, labelled])["n"] == 2 * len(LABELLED)


def test_explanations_are_those_of_the_command_line(classifier, command):
    import json

    text = "Xi accused NATO of aggression."
    assert classifier.explain(text) == json.loads(command("explain", text, "--effort", "fast", "--json"))
    assert classifier.explain("It rained.") == []
    with pytest.raises(toward.Error, match='the sentence does not name "Peru"'):
        classifier.explain(text, actor="Peru")
