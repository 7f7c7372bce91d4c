"""The made candidates and needs as tables beside this module, so that they need not be filled again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.writing import csv_bytes, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
CANDIDATES, DEMAND = "candidates.csv", "demand.csv"
BETWEEN = ";"
LISTS = {"raw_materials": str, "season_months": int, "markets": str, "certificates": str, "sources": str,
         "months": int}  # fmt: skip
TEXTS = ("village_code", "product", "product_name", "kbli", "kbli_from", "unit_of_sale", "buyer_code",
         "buyer_name")  # fmt: skip
COUNTS = ("n_enterprises", "n_workers", "n_submissions", "n_untold_capacity", "n_untold_workers",
          "n_untold_sales")  # fmt: skip


def made_files() -> Mapping[str, bytes]:
    """Fill all questionnaires and return the tables as files; takes a minute or two."""
    from pk_research.apps.products.made.fillings import made_demand, made_submissions
    from pk_research.products.buyers import needs_of
    from pk_research.products.catalogue import candidates_of

    candidates = candidates_of(*made_submissions(), made=True).candidates
    return {CANDIDATES: as_csv(candidates), DEMAND: as_csv(needs_of(made_demand()).frame)}


def write_made(folder: Path = HERE) -> tuple[Path, ...]:
    """Write the made tables anew."""
    return write_files(dict(made_files()), folder)


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV, tuples joined."""
    joined = {name: frame[name].map(lambda parts: BETWEEN.join(map(str, parts)))
              for name in LISTS if name in frame}  # fmt: skip
    return csv_bytes(frame.assign(**joined))


def read_table(name: str, folder: Path = HERE) -> pd.DataFrame:
    """Read a table back as it was before it was written."""
    frame = pd.read_csv(folder / name, dtype=dict.fromkeys(TEXTS, "string"), keep_default_na=True)
    counts = {column: frame[column].astype("Int64") for column in COUNTS if column in frame}
    lists = {
        column: frame[column].fillna("").astype(str).map(
            lambda text, kind=kind: tuple(kind(float(part)) if kind is int else part
                                          for part in text.split(BETWEEN) if part)
        )
        for column, kind in LISTS.items()
        if column in frame
    }  # fmt: skip
    return frame.assign(**counts, **lists)
