"""Fitting a dataset into a file format: what cannot go in, and what goes in changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pk_research.errors import Problem
from pk_research.language import Message
from pk_research.sources.categories import shown
from pk_research.sources.dataset import Dataset

EXACT_INTEGER = 2**53


@dataclass(frozen=True, slots=True)
class Fitted:
    """Names and labels as a format takes them.

    Attributes
    ----------
    given
        Original -> fitted, for all there were.
    losses
        What had to be changed.
    """

    given: Mapping[str, str]
    losses: tuple[Message, ...]


def fit_names(names: Sequence[str], *, longest: int, reserved: Collection[str], ignore_case: bool) -> Fitted:
    """Give every column a name the format takes: letters, digits and underscores, not too long.

    Parameters
    ----------
    names
        Column names; those that fit stay as they are.
    longest
        Most characters of a name.
    reserved
        Words that are no names, in lower case.
    ignore_case
        True when ``Desa`` and ``desa`` are the same name.

    Examples
    --------
    >>> fit_names(["desa", "with", "2019"], longest=32, reserved={"with"}, ignore_case=True).given
    {'desa': 'desa', 'with': 'with_', '2019': 'v2019'}
    """

    def key(name: str) -> str:
        return name.lower() if ignore_case else name

    fitted: dict[str, str] = {}
    taken: set[str] = set()
    fitting = [name for name in names if _is_name(name, longest, reserved)]
    for name in (*fitting, *(name for name in names if name not in fitting)):
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        plain = plain if plain[:1].isalpha() else f"v{plain}"
        plain = f"{plain}_" if plain.lower() in reserved else plain[:longest]
        given, n = plain, 1
        while key(given) in taken:
            n += 1
            given = f"{plain[: longest - len(str(n)) - 1]}_{n}"
        taken.add(key(given))
        fitted[name] = given
    changed = [f"{name} → {fitted[name]}" for name in names if fitted[name] != name]
    losses = (Message("Columns got other names in the file: {names}", {"names": ", ".join(changed)}),)
    return Fitted({name: fitted[name] for name in names}, losses if changed else ())


def _is_name(name: str, longest: int, reserved: Collection[str]) -> bool:
    is_word = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) is not None
    return is_word and len(name) <= longest and name.lower() not in reserved


def fit_labels(labels: Iterable[str], *, longest_bytes: int) -> Fitted:
    """Cut labels that are longer than the format takes, counted in bytes of UTF-8.

    Examples
    --------
    >>> fit_labels(["Desa", "Kecamatan"], longest_bytes=5).given
    {'Desa': 'Desa', 'Kecamatan': 'Kecam'}
    """
    given = list(dict.fromkeys(labels))
    fitted = {label: label.encode()[:longest_bytes].decode("utf-8", "ignore") for label in given}
    cut = [label for label in given if fitted[label] != label]
    values = {"n": longest_bytes, "labels": shown(cut, limit=3)}
    loss = Message("Labels longer than {n} bytes were cut: {labels}", values)
    return Fitted(fitted, (loss,) if cut else ())


def problems_with_numbers(dataset: Dataset, file_format: str, *, largest: float) -> list[Problem]:
    """Say which columns hold numbers that a format of double-precision numbers cannot hold.

    Parameters
    ----------
    dataset
        What is to be saved.
    file_format
        Its name, for the problem.
    largest
        The largest number it holds; it has no infinite ones.
    """
    problems = []
    for variable in dataset.codebook:
        if variable.kind not in ("integer", "number"):
            continue
        size = dataset.frame[variable.name].dropna().abs()
        n = int((size > (EXACT_INTEGER if variable.kind == "integer" else largest)).sum())
        if n:
            where = f"dataset {dataset.name}, column {variable.name!r}"
            what = f"{n} numbers are too large to be held exactly by {file_format}"
            problems.append(Problem(where, what, "Save it as CSV or Parquet, or correct them."))
    return problems


def empty_texts(dataset: Dataset) -> tuple[Message, ...]:
    """Tell how many texts are empty: most formats cannot tell them from missing ones."""
    texts = [
        variable.name for variable in dataset.codebook if variable.kind in ("code", "string", "category")
    ]
    n = sum(int((dataset.frame[name] == "").sum()) for name in texts)
    return (Message("{n} empty texts will be read back as missing", {"n": n}),) if n else ()
