from collections.abc import Iterable, Iterator, Sequence
from datetime import date as Day
from os import PathLike
from typing import Any, Literal, Protocol, overload

import pandas
import polars
import pyarrow

__version__: str

_Path = str | PathLike[str]
_File = _Path | bytes
_Effort = Literal["fast", "balanced", "full"]
_Level = Literal["mention", "actor", "country"]

class _Stream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

class _Array(Protocol):
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

_Table = _Stream | _Array
_Labelled = _Path | _Table

class Error(ValueError): ...

class Rows:
    @property
    def columns(self) -> list[str]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[dict[str, Any]]: ...
    @overload
    def __getitem__(self, key: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, key: slice) -> list[dict[str, Any]]: ...
    @overload
    def __getitem__(self, key: str) -> list[Any]: ...
    def to_dicts(self) -> list[dict[str, Any]]: ...
    def to_arrow(self) -> pyarrow.Table: ...
    def to_polars(self) -> polars.DataFrame: ...
    def to_pandas(self) -> pandas.DataFrame: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...

class Classifier:
    @staticmethod
    def load(
        model: _File | None = None,
        *,
        actors: _File | Sequence[_File] | None = None,
        effort: _Effort | None = None,
        blind: bool = False,
        threads: int | None = None,
    ) -> Classifier: ...
    @property
    def effort(self) -> _Effort: ...
    @property
    def blind(self) -> bool: ...
    @property
    def provenance(self) -> dict[str, Any]: ...
    @overload
    def classify(
        self,
        data: _Table,
        text: str | Sequence[str] | None = None,
        *,
        id: str | None = None,
        keep: str | Sequence[str] | None = None,
        whole: bool | None = None,
        actor: str | None = None,
        start: str | None = None,
        end: str | None = None,
        level: _Level = "actor",
        date: str | None = None,
        as_of: str | Day | None = None,
        stages: bool = False,
    ) -> Rows: ...
    @overload
    def classify(
        self,
        data: str | Iterable[str | None],
        *,
        whole: bool | None = None,
        actor: Iterable[str | None] | None = None,
        start: Iterable[int | None] | None = None,
        end: Iterable[int | None] | None = None,
        level: _Level = "actor",
        date: Iterable[str | Day | None] | None = None,
        as_of: str | Day | None = None,
        stages: bool = False,
    ) -> Rows: ...
    def explain(self, text: str, actor: str | None = None) -> list[dict[str, Any]]: ...
    def evaluate(self, data: _Labelled | Sequence[_Labelled], *, group: str | None = None) -> dict[str, Any]: ...

def train(
    data: _Labelled | Sequence[_Labelled],
    output: _Path,
    *,
    base: str = "default",
    alpha: float | None = None,
    group: str | None = None,
    actors: _File | Sequence[_File] | None = None,
) -> dict[str, Any]: ...
