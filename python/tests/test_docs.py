"""The examples in docstrings and READMEs print what they say."""

import doctest
import inspect
import io
import re
from contextlib import redirect_stdout

import pytest

import toward
import toward.spark
from conftest import ROOT


def documented():
    for module in (toward, toward.spark):
        yield module.__name__, module
    for name in toward.__all__:
        thing = getattr(toward, name)
        yield name, thing
        if inspect.isclass(thing):
            for method, function in vars(thing).items():
                if not method.startswith("_"):
                    yield f"{name}.{method}", function


@pytest.mark.parametrize(("name", "thing"), list(documented()))
def test_examples_in_docstrings_run(name, thing):
    text = inspect.getdoc(thing) or ""
    assert text or isinstance(thing, str), f"{name} has no docstring"
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test)
    assert runner.failures == 0


@pytest.mark.parametrize("path", ["README.md", "python/README.md"])
def test_the_examples_of_the_readme_print_what_they_say(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    text = (ROOT / path).read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
    assert examples, f"{path} has no example in Python"
    for code, expected in examples:
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(code, path, "exec"), {})
        assert printed.getvalue() == expected


def test_the_stub_names_what_is_there():
    stub = (ROOT / "python" / "toward" / "__init__.pyi").read_text(encoding="utf-8")
    for name, thing in documented():
        if "." in name and not name.startswith("toward"):
            assert re.search(rf"def {name.split('.')[1]}\(", stub), name
    parameters = inspect.signature(toward.Classifier.classify).parameters
    for name in list(parameters)[2:]:
        assert re.search(rf"^ +{name}: ", stub, re.MULTILINE), name
