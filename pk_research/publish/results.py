"""A result as a folder of tables, words and pictures."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pk_research import __version__
from pk_research.clusters import Typology
from pk_research.clusters.pictures import plot_choice, plot_places, plot_profile
from pk_research.indicators.idm import Recomputation
from pk_research.language import Language
from pk_research.writing import write_files

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 150


def write_typology(
    typology: Typology, folder: Path, *, language: Language = "id", boundaries: Path | None = None
) -> tuple[Path, ...]:
    """Write a typology's tables, account and pictures.

    Parameters
    ----------
    typology
        The result.
    folder
        Made when missing. Files of these names are replaced; others are left alone.
    language
        Language of headings, account and pictures.
    boundaries
        GeoJSON of village boundaries, for a map instead of tiles.

    Returns
    -------
    tuple of Path
        What was written: ``summary.txt``, ``types.csv``, ``villages.csv``, ``left_out.csv``,
        ``profile.csv``, ``choice.csv`` (when k was chosen), ``result.json`` (inputs, options and
        versions) and the pictures as PNG and SVG.

    Raises
    ------
    NotReady
        When the folder cannot be written.
    """
    files: dict[str, bytes] = {
        "summary.txt": f"{typology.in_words(language)}\n".encode(),
        "types.csv": _csv(typology.table(language)),
        "villages.csv": _csv(typology.villages_table(language)),
        "left_out.csv": _csv(typology.left_out_table(language)),
        "profile.csv": _csv(typology.profile.table),
        "result.json": _json(_origin(typology)),
    }
    if typology.choice is not None:
        files["choice.csv"] = _csv(typology.choice.table.reset_index())
    for name, figure in _pictures(typology, language, boundaries).items():
        files |= _images(name, figure)
    return write_files(files, folder)


def write_index(result: Recomputation, folder: Path, *, language: Language = "id") -> tuple[Path, ...]:
    """Write a recomputed IDM: the values, every contradiction, every row that was incomplete.

    Parameters
    ----------
    result
        The recomputation.
    folder
        Made when missing.
    language
        Language of the account.

    Returns
    -------
    tuple of Path
        ``summary.txt``, ``summary.csv``, ``recomputed.csv``, ``contradictions.csv``,
        ``incomplete.csv``.

    Raises
    ------
    NotReady
        When the folder cannot be written.
    """
    files = {
        "summary.txt": f"{result.in_words(language)}\n".encode(),
        "summary.csv": _csv(result.table(language)),
        "recomputed.csv": _csv(result.frame),
        "contradictions.csv": _csv(result.contradictions),
        "incomplete.csv": _csv(result.incomplete),
    }
    return write_files(files, folder)


def _pictures(typology: Typology, language: Language, boundaries: Path | None) -> dict[str, Figure]:
    pictures = {
        "profile": plot_profile(typology, language),
        "places": plot_places(typology, language, boundaries=boundaries),
    }
    if typology.choice is not None:
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


def _origin(typology: Typology) -> dict[str, object]:
    return {
        "title": typology.title,
        "made": typology.made,
        "input_sha256": typology.input_hash,
        "variables": [variable.name for variable in typology.variables],
        "year": typology.year,
        "k": typology.k,
        "scale": typology.scale,
        "n_starts": typology.n_starts,
        "seed": typology.seed,
        "n_villages": len(typology.villages),
        "n_left_out": len(typology.left_out),
        "pk_research": __version__,
        "versions": dict(typology.versions),
    }


def _csv(frame: pd.DataFrame) -> bytes:
    # The byte-order mark makes Excel read the file as UTF-8.
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8-sig")


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
