"""Submissions out and in: as ODK Central, as KoboToolbox, as datasets for statistics.

`from_filled` lays fillings out as linked tables; everything written is written from these. What is
read is rebuilt as XML, row by row, and checked as if it had just been sent. Pandas is loaded when
datasets are asked for, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pk_research.survey.exchange.central import central_zip
from pk_research.survey.exchange.kobo import kobo_xlsx
from pk_research.survey.exchange.labelled import labelled_files
from pk_research.survey.exchange.odata import central_odata
from pk_research.survey.exchange.reading_central import read_central_zip
from pk_research.survey.exchange.reading_kobo import read_kobo_xlsx
from pk_research.survey.exchange.reading_odata import read_odata
from pk_research.survey.exchange.rebuilding import Imported, RowProblem
from pk_research.survey.exchange.tables import Row, Tables, from_filled

if TYPE_CHECKING:
    from pk_research.sources.dataset import Dataset

__all__ = [
    "Imported",
    "Row",
    "RowProblem",
    "Tables",
    "central_odata",
    "central_zip",
    "datasets",
    "from_filled",
    "kobo_xlsx",
    "labelled_files",
    "read_central_zip",
    "read_kobo_xlsx",
    "read_odata",
]


def datasets(tables: Tables) -> tuple[Dataset, ...]:
    """Return the fillings as datasets with codebooks; see `frames.datasets`."""
    from pk_research.survey.exchange.frames import datasets as made

    return made(tables)
