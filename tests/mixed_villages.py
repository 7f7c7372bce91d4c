"""Made villages of three kinds, described by numbers and categories with gaps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from village_tables import dataset_of

from pk_research.codebook import Label, Variable
from pk_research.sources.dataset import Dataset


def category(name: str, label_id: str, label_en: str, **labels: tuple[str, str]) -> Variable:
    categories = tuple(Label(value, *texts) for value, texts in labels.items())
    return Variable(name, label_id, label_en, "category", categories=categories)


ROAD = category(
    "road", "Jalan", "Road",
    earth=("Tanah", "Earth"), gravel=("Kerikil", "Gravel"), paved=("Aspal", "Paved"),
)  # fmt: skip
WORK = category(
    "work", "Pekerjaan utama", "Main work",
    fish=("Nelayan", "Fishing"), farm=("Tani", "Farming"), trade=("Dagang", "Trade"),
)  # fmt: skip
BANK = Variable("has_bank", "Ada bank", "Has a bank", "boolean")
KM = Variable("km", "Jarak ke kota", "Distance to town", "number", minimum=0)
VARIABLES = ["road", "work", "has_bank", "km"]
CATEGORIES = ["road", "work", "has_bank"]


def declared(frame: pd.DataFrame, *variables: Variable) -> Dataset:
    """Declare a frame with these variables in their own kinds; others as `dataset_of` has them."""
    bare = dataset_of(frame.drop(columns=[variable.name for variable in variables]))
    book = bare.codebook.with_variables(*variables)
    return replace(bare, frame=book.cast(frame[list(book.names)], where="table"), codebook=book)


def table_of_kinds(n: int = 90, *, gaps: float = 0.0, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Make fishing, farming and trading villages, and say which is which."""
    rng = np.random.default_rng(seed)
    group = np.arange(n) % 3

    def mostly(values: list[str]) -> np.ndarray:
        return np.array(values)[np.where(rng.random(n) < 0.92, group, rng.integers(0, 3, n))]

    frame = pd.DataFrame(
        {
            "road": mostly(["earth", "gravel", "paved"]),
            "work": mostly(["fish", "farm", "trade"]),
            "has_bank": np.where(rng.random(n) < 0.9, group == 2, group != 2),
            "km": np.array([30.0, 15.0, 4.0])[group] + rng.normal(size=n),
        }
    ).astype(object)
    frame = frame.mask(rng.random(frame.shape) < gaps)
    frame.insert(0, "village_code", [f"321601{2000 + i}" for i in range(n)])
    return frame, group


def villages_of_kinds(n: int = 90, *, gaps: float = 0.0, seed: int = 0) -> tuple[Dataset, np.ndarray]:
    """Make the same as a dataset with its codebook."""
    frame, group = table_of_kinds(n, gaps=gaps, seed=seed)
    return declared(frame, ROAD, WORK, BANK, KM), group
