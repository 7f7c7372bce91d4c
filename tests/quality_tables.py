"""Datasets drawn as text tables, and what the checks say about them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pk_research import quality
from pk_research.codebook import Codebook, Label, Variable
from pk_research.sources import vocabulary
from pk_research.sources.dataset import Dataset, Provenance

KNOWN = {variable.name: variable for variable in vars(vocabulary).values() if isinstance(variable, Variable)}
SURFACES = (Label("paved", "Aspal", "Paved"), Label("dirt", "Tanah", "Dirt"))
ROAD = Variable("road", "Jalan", "Road", "category", categories=SURFACES)


def table(
    text: str, *variables: Variable, key: tuple[str, ...] | None = None, cast: bool = True, **origin: Any
) -> Dataset:
    """Read a table drawn with ``|``; ``-`` is missing.

    Columns are the shared variables of that name, those given, else numbers. Without ``cast`` all
    columns stay text, as a careless reader would leave them.
    """
    header, *lines = [line.split("|") for line in text.strip().splitlines() if line.strip()]
    rows = [[None if cell.strip() == "-" else cell.strip() for cell in line] for line in lines]
    names = [name.strip() for name in header]
    frame = pd.DataFrame(rows, columns=names, dtype="string")
    given = KNOWN | {variable.name: variable for variable in variables}
    book = Codebook(tuple(given.get(name, Variable(name, kind="number")) for name in names))
    if key is None:
        key = tuple(name for name in ("village_code", "year") if name in names)
    frame = book.cast(frame, where="table") if cast else frame
    known = {"title": "A table", "file_name": "table.csv", "sha256": "0" * 64, "layout": "table"}
    return Dataset("table", frame, book, Provenance(**{**known, **origin}), key)


def found(dataset: Dataset, **options: Any) -> dict[str, list[quality.Finding]]:
    """Run all checks; findings by check."""
    by_check: dict[str, list[quality.Finding]] = {}
    for finding in quality.check(dataset, **options).findings:
        by_check.setdefault(finding.check, []).append(finding)
    return by_check


def only(dataset: Dataset, check: str, **options: Any) -> quality.Finding:
    """Return the one finding of a check, and see that nothing graver than a note is found besides."""
    findings = found(dataset, **options)
    others = [
        f.check for name, group in findings.items() for f in group if name != check and f.severity != "note"
    ]
    assert others == []
    (finding,) = findings[check]
    return finding


def listing(finding: quality.Finding, *columns: str) -> list[tuple[Any, ...]]:
    """Return what a finding lists: row, column, value, expected, or the columns named."""
    shown = finding.rows[list(columns or ("row", "column", "value", "expected"))]
    return [
        tuple(None if pd.isna(value) else value for value in row)
        for row in shown.itertuples(index=False, name=None)
    ]
