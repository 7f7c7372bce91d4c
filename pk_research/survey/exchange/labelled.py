"""Fillings as files for SPSS, Stata and Parquet, their codebooks beside them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pk_research.language import Language
from pk_research.survey.exchange.tables import Tables

Labelled = Literal["spss", "stata", "parquet"]
SUFFIXES: Mapping[Labelled, str] = {"spss": ".sav", "stata": ".dta", "parquet": ".parquet"}


def labelled_files(tables: Tables, layout: Labelled, *, language: Language = "id") -> dict[str, bytes]:
    """Return the fillings as labelled files, by name.

    Parameters
    ----------
    tables
        The fillings.
    layout
        Which program is to read them.
    language
        Language of the labels that SPSS and Stata show.

    Returns
    -------
    dict
        A file a dataset (see `frames.datasets`), and beside each ``<name>.codebook.csv`` with the
        labels in both languages.
    """
    from pk_research.sources import save
    from pk_research.survey.exchange.frames import datasets

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for dataset in datasets(tables):
            save(dataset, folder / f"{dataset.name}{SUFFIXES[layout]}", language=language)
            codebook = folder / f"{dataset.name}.codebook.csv"
            codebook.write_text(dataset.codebook.to_csv(), encoding="utf-8", newline="")
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
