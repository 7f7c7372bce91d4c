"""Villages by kecamatan, for the views: those left out keep their place."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.clusters.words import village_name
from pk_research.errors import BadInput, Problem
from pk_research.register.village import KECAMATAN_LENGTH

if TYPE_CHECKING:
    from pk_research.clusters.typology import Typology

MOST_PLACES = 1_500


@dataclass(frozen=True, slots=True)
class Place:
    """A village on a tile or a map.

    Attributes
    ----------
    code, name
        Its code, and its name (the code where it has none).
    kecamatan_code, kecamatan
        Where it lies; empty where the data does not say.
    cluster
        Its cluster, from 1; None when it was left out.
    """

    code: str
    name: str
    kecamatan_code: str
    kecamatan: str
    cluster: int | None


def places(typology: Typology) -> tuple[Place, ...]:
    """Return every village once, those left out included, in the order of kecamatan and code.

    Raises
    ------
    BadInput
        When there are more than 1,500: nobody could read them one by one.
    """
    n = len(typology.villages)
    if n > MOST_PLACES:
        raise BadInput(
            Problem(
                "picture",
                f"{n} villages are too many to show one by one",
                f"Choose up to {MOST_PLACES}, or draw the shares by region (plot_shares).",
            )
        )
    code = typology.code_column
    rows = pd.concat([typology.villages, typology.left_out.dropna(subset=[code])], ignore_index=True)
    found = [_place(row, code) for _, row in rows.drop_duplicates(code).iterrows()]
    return tuple(sorted(found, key=lambda place: (place.kecamatan_code, place.code)))


def by_kecamatan(found: tuple[Place, ...]) -> tuple[tuple[Place, ...], ...]:
    """Return the places as one group a kecamatan."""
    return tuple(tuple(group) for _, group in groupby(found, key=lambda place: place.kecamatan_code))


def _place(row: pd.Series, code_column: str) -> Place:
    code = str(row[code_column])
    kecamatan = _text(row, "kecamatan")
    inside_code = code[:KECAMATAN_LENGTH] if code_column == "village_code" else kecamatan
    return Place(
        code=code,
        name=village_name(row, code_column),
        kecamatan_code=_text(row, "kecamatan_code") or inside_code,
        kecamatan=kecamatan or inside_code,
        cluster=None if pd.isna(row["cluster"]) else int(row["cluster"]),
    )


def _text(row: pd.Series, column: str) -> str:
    value = row.get(column)
    return "" if value is None or pd.isna(value) else str(value)
