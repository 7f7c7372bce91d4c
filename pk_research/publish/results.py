"""A result as a folder of tables, words and pictures."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research import __version__
from pk_research.clusters import Typology
from pk_research.clusters.pictures import plot_choice, plot_places, plot_profile
from pk_research.disclosure import Log, open_table, types_to_tell
from pk_research.indicators.idm import VARIABLES, Recomputation, gains, steps_to
from pk_research.language import Language, Message
from pk_research.sources import Dataset
from pk_research.writing import csv_bytes, marked, write_files

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

DPI = 150
OF_A_CHOICE = ("choice.csv", "choice.png", "choice.svg")
OF_A_DATASET = ("gains.csv", "steps.csv")


def write_typology(
    typology: Typology,
    folder: Path,
    *,
    language: Language = "id",
    boundaries: Path | None = None,
    dataset: Dataset | None = None,
    log: Log | None = None,
) -> tuple[Path, ...]:
    """Write a typology's tables, account and pictures.

    Parameters
    ----------
    typology
        The result.
    folder
        Made when missing. Files of these names are replaced, those of an earlier choice of k
        removed where this k was given; others are left alone.
    language
        Language of headings, account and pictures.
    boundaries
        GeoJSON of village boundaries, for a map instead of tiles.
    dataset
        What was compared, to know how many enterprises stand behind an amount.
    log
        Where it is written down what leaves, before it does.

    Returns
    -------
    tuple of Path
        What was written: ``summary.txt``, ``types.csv``, ``villages.csv``, ``left_out.csv``,
        ``profile.csv`` (of a category, ``variable`` and ``category`` name it, and ``mean`` is its
        share), ``choice.csv`` (when k was chosen), the pictures as PNG and SVG, and ``result.json``
        (inputs, options, what became of gaps, versions and these files). Every village compared
        is counted there in ``n_villages`` or in ``n_in_no_type``, every record that could not be
        compared in ``n_left_out``; ``left_out.csv`` lists both of the latter. Every table of made
        data says so in a column. Values of few people or enterprises are withheld and counted
        (`pk_research.disclosure.types_to_tell`), and so is what tells who somebody is.

    Raises
    ------
    NotReady
        When the folder cannot be written.
    """
    n_notes = len(typology.notes)
    typology, _ = types_to_tell(typology, dataset)
    tables = {
        "types.csv": typology.table(language),
        "villages.csv": typology.villages_table(language),
        "left_out.csv": typology.left_out_table(language),
        "profile.csv": marked(_profile(typology), language, made=typology.made),
    }
    if typology.choice is not None:
        compared = typology.choice.table.reset_index()
        tables["choice.csv"] = marked(compared, language, made=typology.made)
    opened, report = _opened(tables)
    told = [typology.in_words(language), *(message.text(language) for message in report)]
    files = {"summary.txt": "".join(f"{paragraph}\n" for paragraph in told).encode()} | opened
    for name, figure in _pictures(typology, language, boundaries).items():
        files |= _images(name, figure)
    files |= _origin_of_typology(typology, files)
    if log is not None:
        log(files, [*typology.notes[n_notes:], *report])
    return write_files(files, folder, optional=OF_A_CHOICE)


def write_index(
    result: Recomputation,
    folder: Path,
    *,
    language: Language = "id",
    dataset: Dataset | None = None,
    log: Log | None = None,
) -> tuple[Path, ...]:
    """Write a recomputed IDM: the values, every contradiction, every row that was incomplete.

    Parameters
    ----------
    result
        The recomputation.
    folder
        Made when missing. Files of these names are replaced; others are left alone.
    language
        Language of the account.
    dataset
        What was recomputed, to write also what would raise the IDM.
    log
        Where it is written down what leaves, before it does.

    Returns
    -------
    tuple of Path
        ``summary.txt``, ``summary.csv``, ``recomputed.csv``, ``contradictions.csv``,
        ``incomplete.csv``, with the dataset ``steps.csv`` (the fewest score points to the next
        status, by row) and, where it has the 50 scores, ``gains.csv`` (the gain from raising each
        indicator), and ``result.json`` (input, version and these files). Every table of made data
        says so in a column.

    Raises
    ------
    NotReady
        When the folder cannot be written.
    """
    told = [result.in_words(language)]
    tables = {
        "summary.csv": result.table(language),
        "recomputed.csv": result.frame,
        "contradictions.csv": result.contradictions,
        "incomplete.csv": result.incomplete,
    }
    if dataset is not None and set(VARIABLES.names) <= set(dataset.frame.columns):
        raised = gains(dataset)
        tables["gains.csv"] = raised.table(language)
        told.append(raised.in_words(language))
    if dataset is not None:
        steps = steps_to(dataset)
        tables["steps.csv"] = steps.frame
        told.append(steps.in_words(language))
    opened, report = _opened(
        {name: marked(table, language, made=result.made) for name, table in tables.items()}
    )
    told += [message.text(language) for message in report]
    files = {"summary.txt": "".join(f"{paragraph}\n" for paragraph in told).encode()} | opened
    files |= _origin_of_index(result, files)
    if log is not None:
        log(files, report)
    return write_files(files, folder, optional=OF_A_DATASET)


def _opened(tables: Mapping[str, pd.DataFrame]) -> tuple[dict[str, bytes], list[Message]]:
    """Return tables as files without what tells who somebody is, and what that leaves out."""
    opened = {name: open_table(table) for name, table in tables.items()}
    report = [message for table in opened.values() for message in table.report]
    return {name: csv_bytes(table.frame) for name, table in opened.items()}, report


def _profile(typology: Typology) -> pd.DataFrame:
    """Return the profile with categories named by their variable and their value in the data."""
    table, columns = typology.profile.table, typology.columns
    if not columns.category:
        return table
    values = {name: category.value for name, category in columns.category.items()}
    split = table.assign(variable=table["variable"].replace(dict(columns.category_of)))
    split.insert(split.columns.get_loc("variable") + 1, "category", table["variable"].map(values))
    return split


def _pictures(typology: Typology, language: Language, boundaries: Path | None) -> dict[str, Figure]:
    pictures = {
        "profile": plot_profile(typology, language),
        "places": plot_places(typology, language, boundaries=boundaries),
    }
    if typology.choice is not None and typology.method != "hdbscan":  # that one finds the number itself
        pictures["choice"] = plot_choice(typology, language)
    return pictures


def _images(name: str, figure: Figure) -> dict[str, bytes]:
    """Draw a figure as PNG and SVG, the same bytes each time: no date, fixed identifiers."""
    import matplotlib as mpl

    png, svg = io.BytesIO(), io.BytesIO()
    figure.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
    with mpl.rc_context({"svg.hashsalt": "pk-research"}):
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    return {f"{name}.png": png.getvalue(), f"{name}.svg": svg.getvalue()}


def _origin_of_index(result: Recomputation, files: Iterable[str]) -> dict[str, bytes]:
    origin = {
        "title": result.title,
        "made": result.made,
        "input_sha256": result.input_hash,
        "n_rows": len(result.frame),
        "pk_research": __version__,
        "files": [*files],
    }
    return {"result.json": _json(origin)}


def _origin_of_typology(typology: Typology, files: Iterable[str]) -> dict[str, bytes]:
    origin = {
        "title": typology.title,
        "made": typology.made,
        "input_sha256": typology.input_hash,
        "variables": [variable.name for variable in typology.variables],
        "kinds": dict(typology.kinds),
        "year": typology.year,
        "method": typology.method,
        "k": typology.k,
        "gaps": typology.gaps,
        "scale": typology.scale,
        "n_starts": typology.n_starts,
        "n_draws": typology.certainty.n_draws if typology.certainty else 0,
        "seed": typology.seed,
        "n_villages": len(typology.villages),
        "n_in_no_type": len(typology.in_no_type),
        "n_left_out": len(typology.left_out) - len(typology.in_no_type),
        "n_imputed": int(typology.villages["n_imputed"].sum()) if "n_imputed" in typology.villages else 0,
        "pk_research": __version__,
        "versions": dict(typology.versions),
        "files": [*files],
    }
    return {"result.json": _json(origin)}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
