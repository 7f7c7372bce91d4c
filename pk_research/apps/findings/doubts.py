"""The villages to be careful with: those between two types, and those left out."""

from __future__ import annotations

from html import escape

import pandas as pd

from pk_research.apps.findings.naming import village_link
from pk_research.apps.markup import chip, say, section, sentence, table
from pk_research.clusters import Typology
from pk_research.language import Language, Message, number_text


def doubts_html(typology: Typology, language: Language) -> str:
    """Return the border villages and the villages left out, each list on request."""
    return section(
        "doubts",
        f"<h2>{say('Villages to be careful with', language)}</h2>"
        f"{_border(typology, language)}{_left_out(typology, language)}",
    )


def _border(typology: Typology, language: Language) -> str:
    border = typology.villages[typology.villages["is_border"]].sort_values("silhouette", kind="stable")
    rows = [
        [
            village_link(row, typology.code_column),
            chip(int(row["cluster"]), typology.k),
            chip(int(row["second_cluster"]), typology.k),
            number_text(float(row["silhouette"]), language, 2),
            *([] if typology.certainty is None else [_percent(row["probability"], language)]),
        ]
        for _, row in border.iterrows()
    ]
    named = ["Village", "Type", "Or type", "Silhouette"]
    named += [] if typology.certainty is None else ["Probability of the type"]
    headings = [say(text, language) for text in named]
    title = Message("Between two types: {n} villages", {"n": len(rows)})
    return _list(title, table(headings, rows, numeric=(3, 4)), bool(rows), language)


def _percent(share: float, language: Language) -> str:
    return "–" if pd.isna(share) else f"{number_text(100 * share, language, 0)}%"


def _left_out(typology: Typology, language: Language) -> str:
    rows = [
        [village_link(row, typology.code_column), sentence(row["reason"], language)]
        for _, row in typology.left_out.iterrows()
    ]
    headings = [say(text, language) for text in ("Village", "Why it was not compared")]
    title = Message("Not compared: {n} records", {"n": len(rows)})
    return _list(title, table(headings, rows), bool(rows), language)


def _list(title: Message, body: str, has_rows: bool, language: Language) -> str:  # noqa: FBT001
    heading = escape(title.text(language))
    if not has_rows:
        return f"<p>{heading}</p>"
    return f"<details><summary>{heading}</summary>{body}</details>"
