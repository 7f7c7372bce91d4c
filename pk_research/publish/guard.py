"""What of a run may go into a package: exhibits that tell of nobody, and data that somebody answers for."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from pk_research.disclosure import Rules, found_in, tells_who
from pk_research.disclosure.shares import is_few
from pk_research.errors import Problem
from pk_research.language import Message
from pk_research.publish.comparison import number_of
from pk_research.publish.dictionary import CODEBOOK, describing, explained, header, lies_in

if TYPE_CHECKING:
    from pk_research.publish.exhibits import Exhibit
    from pk_research.publish.sources import Source

HEADING_ROWS = 2
DATA = (".csv", ".xlsx", ".xls", ".ods", ".parquet", ".sav", ".dta", ".sqlite", ".json", ".zip", ".geojson")
IN_BRACKETS = re.compile(r"\s*\([^)]*\)\s*$")


def why_withheld(
    exhibit: Exhibit,
    content: bytes,
    of_people: Mapping[str, bool],
    *,
    shares: Mapping[str, Sequence[str]] | None = None,
    rules: Rules | None = None,
) -> Message | None:
    r"""Return why an exhibit must not leave; None where it may.

    Parameters
    ----------
    exhibit, content
        What it is, and its file. A figure is not looked into.
    of_people
        Headings of observed data that tells of people, as `headings_of_people` returns them.
    shares
        Headings of shares -> headings of what they are a share of, as `headings_of_shares` returns them.
    rules
        Whose ``least_contributors`` counts.

    Examples
    --------
    >>> from pk_research.publish.exhibits import Exhibit
    >>> table = Exhibit("a.csv", "table", "", "01", "c", "")
    >>> why_withheld(table, b"desa,sakit\nA,3\n", {"sakit": True}).text("en")
    '1 cells tell of fewer than 5 people or enterprises, or it is not known of how many'
    """
    if exhibit.kind == "figure":
        return None
    text = content.decode("utf-8-sig")
    if exhibit.kind == "text":
        kinds = found_in(text)
        return Message("it looks personal: {kinds}", {"kinds": ", ".join(kinds)}) if kinds else None
    rows = list(csv.reader(io.StringIO(text)))
    headings = [cell for row in rows[:HEADING_ROWS] for cell in row if tells_who(cell)]
    if headings:
        names = ", ".join(dict.fromkeys(headings))
        return Message("columns tell who somebody is, or where exactly: {names}", {"names": names})
    kinds = tuple(dict.fromkeys(kind for row in rows for cell in row for kind in found_in(cell)))
    if kinds:
        return Message("it looks personal: {kinds}", {"kinds": ", ".join(kinds)})
    chosen = rules or Rules()
    across = list(zip_longest(*rows, fillvalue=""))
    few = [
        *_cells_of_few(rows, of_people, chosen),
        *_shares_of_few(rows, shares or {}, chosen),
        *_shares_of_few(across, shares or {}, chosen),
    ]
    told = Message(
        "{n} cells tell of fewer than {least} people or enterprises, or it is not known of how many",
        {"n": len(few), "least": chosen.least_contributors},
    )
    return told if few else None


def unanswered_data(files: Mapping[str, bytes], sources: Sequence[Source]) -> Iterator[Problem]:
    """Yield what is wrong with the data and the notebooks of a package.

    Parameters
    ----------
    files
        Name -> content.
    sources
        The data somebody answers for.
    """
    made = [place for source in sources if source.is_made for place in source.files]
    known = [place for source in sources for place in source.files]
    for name, content in files.items():
        if name.startswith("data/") and not lies_in(name, known) and name.endswith(DATA):
            yield Problem(
                name, "no source answers for it", "Declare its source, or take it out of the checkout."
            )
        elif name.startswith("data/") and name.endswith(".csv"):
            told = [cell for cell in header(content) if tells_who(cell)] if not lies_in(name, made) else []
            if told:
                yield Problem(
                    name,
                    f"columns tell who somebody is, or where exactly: {', '.join(told)}",
                    "Take them out, or make the file safe: `pk disclose`.",
                )
            if not name.endswith(CODEBOOK) and (missing := explained(name, files).missing):
                beside = describing(name)[0]
                yield Problem(
                    name,
                    f"nothing says what these columns mean: {', '.join(missing)}",
                    f"Put {beside} beside it, or name them in the README.md of its folder, as `column`.",
                )
        elif name.endswith(".ipynb") and any(
            cell.get("outputs") for cell in json.loads(content).get("cells", ())
        ):
            yield Problem(name, "it holds outputs, which nobody has looked at", "Clear its outputs.")


def _cells_of_few(
    rows: Sequence[Sequence[str]], of_people: Mapping[str, bool], rules: Rules
) -> Iterator[str]:
    """Yield numbers under a heading of people, or beside one, that may tell of too few."""
    named = [[of_people.get(IN_BRACKETS.sub("", cell).casefold()) for cell in row] for row in rows]
    heads: dict[int, bool] = {}
    for row, kinds in zip(rows, named, strict=True):
        heads |= {n: is_count for n, is_count in enumerate(kinds) if is_count is not None}
        across = kinds[0] if kinds else None
        for n, cell in enumerate(row):
            is_count, number = heads.get(n, across), _number(cell)
            if is_count is None or not number:
                continue
            if not is_count or 0 < number < rules.least_contributors:
                yield cell


def _shares_of_few(
    rows: Sequence[Sequence[str]], shares: Mapping[str, Sequence[str]], rules: Rules
) -> Iterator[str]:
    """Yield shares that, times what stands in the same row for all, give a small count."""
    known = {*shares, *(base for bases in shares.values() for base in bases)}
    columns: dict[str, int] = {}
    for row in rows:
        named = {IN_BRACKETS.sub("", cell).casefold(): n for n, cell in enumerate(row)}
        columns |= {name: n for name, n in named.items() if name in known}
        for share in shares.keys() & columns.keys():
            part = _cell(row, columns[share])
            wholes = [_cell(row, columns[base]) for base in shares[share] if base in columns]
            if is_few(np.full(len(wholes), part), np.array(wholes, dtype=float), rules=rules).any():
                yield row[columns[share]]


def _cell(row: Sequence[str], n: int) -> float:
    number = _number(row[n]) if n < len(row) else None
    return float("nan") if number is None else number


def _number(cell: str) -> float | None:
    try:
        return number_of(cell)
    except ValueError:
        return None
