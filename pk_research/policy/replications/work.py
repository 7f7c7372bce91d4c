"""A published study: the figures in print, where its data is, and how ours are computed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import pandas as pd

from pk_research.language import Message

Figures = dict[str, float]


@dataclass(frozen=True)
class Data:
    """Where the data of a study is.

    Attributes
    ----------
    kind
        ``"file"`` of the folder given, ``"package"`` of Python, or ``"text"``: printed with the study.
    name
        Of the file, or of the data in the package.
    origin
        Who hands the file out; the package.
    """

    kind: Literal["file", "package", "text"]
    name: str = ""
    origin: str = ""

    @property
    def where(self) -> Message:
        """Where to get it, for people."""
        values = {"name": self.name, "origin": self.origin}
        if self.kind == "file":
            return Message("file {name}, from {origin}", values)
        if self.kind == "package":
            return Message("Python package {origin}: {name}", values)
        return Message("printed with the study")

    def read(self, folder: Path | None) -> pd.DataFrame | None:
        """Return the data; None where it is not here, an empty table where it is in the text."""
        if self.kind == "text":
            return pd.DataFrame()
        if self.kind == "file":
            return _read(None if folder is None else folder / self.name)
        if find_spec(self.origin) is None:
            return None
        package = importlib.import_module(self.origin)
        if hasattr(package, self.name):
            frame: pd.DataFrame = getattr(package, self.name).load_pandas().data
            return frame
        return _read(Path(str(package.__file__)).parent / self.name)


@dataclass(frozen=True)
class Printed:
    """A figure in print.

    Attributes
    ----------
    name
        What it is, for people.
    value
        As printed.
    tolerance
        How near to it ours must come.
    """

    name: Message
    value: float
    tolerance: float


@dataclass(frozen=True)
class Work:
    """A published study.

    Attributes
    ----------
    name
        As it is cited.
    published
        The figures in print, by the names ``compute`` gives ours.
    data
        Where its data is.
    compute
        Takes the data and returns our figures.
    is_slow
        True where it takes longer than some ten seconds.
    """

    name: str
    published: Mapping[str, Printed]
    data: Data
    compute: Callable[[pd.DataFrame], Figures]
    is_slow: bool = False


def _read(path: Path | None) -> pd.DataFrame | None:
    if path is None or not path.is_file():
        return None
    if path.suffix == ".dta":
        return pd.read_stata(path)
    return pd.read_csv(path, sep=r"\s+" if path.suffix == ".tab" else ",")
