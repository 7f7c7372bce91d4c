"""CSV: the values, with everything else in a Data Package descriptor beside them."""

from __future__ import annotations

import csv
import io

import pandas as pd

from pk_research.language import Language
from pk_research.sources.dataset import Dataset
from pk_research.sources.files import Content
from pk_research.sources.formats.fitting import empty_texts
from pk_research.sources.formats.written import Written
from pk_research.sources.package import Description, cast_saved
from pk_research.sources.text import read_rows

_ISO_DAY = "%Y-%m-%d"


def write_csv(dataset: Dataset, _: Language) -> Written:
    """Write as CSV (UTF-8, commas, lines ending as RFC 4180 has them).

    Numbers are written so that they are read back exactly; missing values are empty.
    """
    frame = pd.DataFrame({v.name: _as_text(dataset.frame[v.name], v.kind) for v in dataset.codebook})
    out = io.StringIO(newline="")
    frame.to_csv(out, index=False, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    return Written(out.getvalue().encode(), empty_texts(dataset))


def _as_text(column: pd.Series, kind: str) -> pd.Series:
    if kind == "boolean":
        return column.map({True: "true", False: "false"}, na_action="ignore")
    if kind == "date":
        has_time = bool((column.dropna() != column.dropna().dt.normalize()).any())
        return column.map(
            lambda day: day.isoformat() if has_time else day.strftime(_ISO_DAY), na_action="ignore"
        )
    return column


def read_csv_exactly(content: Content, description: Description) -> pd.DataFrame:
    """Read a CSV file that `write_csv` wrote."""
    rows = read_rows(content.data.decode(), ",", content.name)
    columns = zip(*rows[1:], strict=True) if len(rows) > 1 else [()] * len(description.codebook)
    cells = {
        name: pd.array([cell or None for cell in column], dtype="string")
        for name, column in zip(rows[0], columns, strict=True)
    }
    return cast_saved(description.codebook, pd.DataFrame(cells), where=content.name)
