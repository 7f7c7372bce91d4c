"""Villages for the tests of the findings app."""

from __future__ import annotations

import io
import re

import ipywidgets as widgets
import pandas as pd

from pk_research.codebook import Codebook, Variable
from pk_research.sources import Dataset, Provenance
from pk_research.sources.vocabulary import IKE, IKL, IKS, KECAMATAN, VILLAGE, VILLAGE_CODE, YEAR
from pk_research.store import Store, open_store

INCOME = Variable("income_idr_month", "Pendapatan", "Income", "integer", unit="IDR/month")
ROADS = Variable("roads_km", "Jalan", "Roads", "number", unit="km")
VARIABLES = (VILLAGE_CODE, YEAR, KECAMATAN, VILLAGE, IKS, IKE, IKL, INCOME, ROADS)

# Two plain groups, one village without an answer, two equal incomes, names that must be escaped.
TABLE = """
village_code year kecamatan village       iks  ike  ikl  income_idr_month roads_km
3216912001   2024 Babelan   <b>Buni</b>   0.90 0.88 0.91 5000000          2
3216912002   2024 Babelan   Kedung_Jaya   0.88 0.90 0.89 4000000          2
3216912003   2024 Babelan   =1+1          0.91 0.91 0.90 4000000          2
3216922001   2024 Setu      Ciledug       0.51 0.50 0.52 1500000          2
3216922002   2024 Setu      Cibening      0.50 0.52 0.49 1200000          2
3216922003   2024 Setu      Burangkeng    0.52 0.49 0.50 1100000          2
3216922004   2024 Setu      Tamanrahayu   NA   0.49 0.50 1000000          2
3216912001   2023 Babelan   <b>Buni</b>   0.80 0.78 0.81 3000000          2
3216912002   2023 Babelan   Kedung_Jaya   0.78 0.80 0.79 2900000          2
3216922001   2023 Setu      Ciledug       0.41 0.40 0.42 1400000          2
"""


def survey(*, name: str = "survey", made: bool = True, table: str = TABLE) -> Dataset:
    frame = pd.read_csv(io.StringIO(table), sep=r"\s+", dtype="string")
    codebook = Codebook(tuple(v for v in VARIABLES if v.name in frame))
    frame = codebook.cast(frame, where=name)
    provenance = Provenance("Survei uji", f"{name}.csv", "0" * 64, "table", made=made)
    return Dataset(name, frame, codebook, provenance, ("village_code", "year"))


def store_with(*datasets: Dataset) -> Store:
    store = open_store("sqlite://")
    for dataset in datasets:
        store.keep(dataset)
    return store


def text_of(html: str) -> str:
    without_tags = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(without_tags.split()).replace("( ", "(").replace(" )", ")")


def pieces_of(box: widgets.Box) -> list[str]:
    """List all HTML in a box and the boxes in it, from top to bottom."""
    pieces = []
    for child in box.children:
        if isinstance(child, widgets.HTML):
            pieces.append(child.value)
        elif isinstance(child, widgets.Box):
            pieces += pieces_of(child)
    return pieces
