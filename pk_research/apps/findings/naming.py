"""How villages and types are named on the page."""

from __future__ import annotations

from html import escape

import pandas as pd

from pk_research.apps.findings.address import link_to
from pk_research.clusters import Typology
from pk_research.clusters.words import village_name
from pk_research.language import Language, Message


def type_name(typology: Typology, cluster: int, language: Language) -> str:
    """Return the name of a type, with a capital."""
    name = typology.names[cluster - 1].text(language)
    return f"{name[0].upper()}{name[1:]}"


def village_label(row: pd.Series, code_column: str, language: Language) -> str:
    """Return a village's name with its kecamatan, as people search for it."""
    name, kecamatan = village_name(row, code_column), _kecamatan(row)
    if kecamatan is None:
        return name
    return Message("{village} (Kec. {kecamatan})", {"village": name, "kecamatan": kecamatan}).text(language)


def village_html(row: pd.Series, code_column: str) -> str:
    """Return a village's name, its kecamatan smaller behind it."""
    name, kecamatan = escape(village_name(row, code_column)), _kecamatan(row)
    return name if kecamatan is None else f"{name} <small>{escape(kecamatan)}</small>"


def village_link(row: pd.Series, code_column: str) -> str:
    """Return a village's name, its kecamatan smaller behind it, as a link to its page."""
    return link_html(row[code_column], village_html(row, code_column))


def link_html(code: object, body: str) -> str:
    """Return a link to the page of a village; ``body`` alone, which is HTML, where there is no code."""
    if pd.isna(code):
        return body
    known = escape(str(code), quote=True)
    return f"<a href='{escape(link_to(known))}' data-pk-village='{known}'>{body}</a>"


def _kecamatan(row: pd.Series) -> str | None:
    kecamatan = row.get("kecamatan")
    return None if kecamatan is None or pd.isna(kecamatan) else str(kecamatan)
