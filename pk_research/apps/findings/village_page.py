"""The page of one village: its type and how sure that is, and what sets it apart."""

from __future__ import annotations

from html import escape

import pandas as pd

from pk_research.apps.findings.address import Astray
from pk_research.apps.findings.comparison import compared_html
from pk_research.apps.findings.differences import differences
from pk_research.apps.findings.naming import link_html, type_name
from pk_research.apps.markup import chip, say, section, sentence
from pk_research.clusters import Typology
from pk_research.clusters.words import village_name
from pk_research.language import Language, Message
from pk_research.sources import Dataset

INVITATION = "Search a village above, or tap it in the picture of the types."
HEADINGS = {
    "its type": "Compared with its type",
    "its kecamatan": "Compared with its kecamatan",
    "all villages": "Compared with all villages shown",
}


def village_html(typology: Typology, dataset: Dataset, code: str, language: Language) -> str:
    """Return what is known of one village by its type.

    Parameters
    ----------
    typology
        The types.
    dataset
        All measures of the villages.
    code
        Code of the village; empty to invite a choice.
    language
        ``"id"`` or ``"en"``.
    """
    column = typology.code_column
    here = typology.villages[typology.villages[column] == code]
    if len(here):
        return section("village", _typed(typology, dataset, here.iloc[0], language))
    left_out = typology.left_out[typology.left_out[column] == code]
    if len(left_out):
        return section("village", _left_out(typology, left_out.iloc[0], language))
    return section("village", f"<p class='pk-hint'>{say(INVITATION, language)}</p>")


def astray_html(lost: Astray, language: Language) -> str:
    """Return why an address led nowhere, with the villages that may have been meant."""
    why = f"<p class='pk-callout' role='alert'>{sentence(lost.message, language)}</p>"
    if not lost.nearest:
        return why
    near = "".join(f"<li>{link_html(code, escape(label))}</li>" for code, label in lost.nearest)
    return f"{why}<p>{say('The nearest by code:', language)}</p><ul class='pk-near'>{near}</ul>"


def _head(typology: Typology, row: pd.Series, language: Language) -> str:
    names = [str(row[name]) for name in ("kecamatan", "regency") if name in row and not pd.isna(row[name])]
    place = ", ".join([*([f"Kec. {names[0]}"] if names else []), *names[1:], str(row[typology.code_column])])
    year = "" if typology.year is None else f" · {typology.year}"
    made = say("Example data (made up), not real data", language)
    badge = f"<p class='pk-banner pk-for-print'>{made}</p>" if typology.made else ""
    return (
        f"<h2 class='pk-title'>{escape(village_name(row, typology.code_column))}</h2>"
        f"<p class='pk-hint'>{escape(place + year)}</p>{badge}"
    )


def _left_out(typology: Typology, row: pd.Series, language: Language) -> str:
    why = sentence(Message("not compared: {reason}", {"reason": row["reason"]}), language)
    return f"{_head(typology, row, language)}<p class='pk-callout'>{why}</p>"


def _typed(typology: Typology, dataset: Dataset, row: pd.Series, language: Language) -> str:
    cluster = int(row["cluster"])
    lines = "".join(f"<li>{sentence(line, language)}</li>" for line in certainty(typology, row))
    border = " pk-on-border" if row["is_border"] else ""
    return (
        f"{_head(typology, row, language)}"
        f"<article class='pk-card{border}'><h3 class='pk-type'>{chip(cluster, typology.k)}"
        f"<span>{escape(type_name(typology, cluster, language))}</span></h3>"
        f"<ul>{lines}</ul></article>"
        f"<h3 class='pk-above'>{say('What sets this village apart', language)}</h3>"
        f"{_apart(typology, dataset, str(row[typology.code_column]), language)}"
        f"<details class='pk-values'><summary>{say('The compared values side by side', language)}</summary>"
        f"{compared_html(typology, row, language)}</details>"
    )


def certainty(typology: Typology, row: pd.Series) -> list[Message]:
    """Say how sure the type of a village is, which comes second, and whether it is on the border."""
    second = Message(
        "type {second}, {name}", {"second": int(row["second_cluster"]), "name": _second_name(typology, row)}
    )
    lines = [*_probability(typology, row), Message("the second nearest is {second}", {"second": second})]
    silhouette = {"silhouette": round(float(row["silhouette"]), 2)}
    if row["is_border"]:
        border = "it lies on the border: it could as well belong there (silhouette {silhouette})"
    else:
        border = "it does not lie on the border between types (silhouette {silhouette})"
    return [*lines, Message(border, silhouette)]


def _second_name(typology: Typology, row: pd.Series) -> Message:
    return typology.names[int(row["second_cluster"]) - 1]


def _probability(typology: Typology, row: pd.Series) -> list[Message]:
    if typology.certainty is None or pd.isna(row["probability"]):
        return []
    own = round(100 * float(row["probability"]))
    values = {
        "n": typology.certainty.n_draws,
        "type": int(row["cluster"]),
        "own": own,
        "rest": 100 - own,
    }
    return [
        Message(
            "probability of type {type}: {own}%, of another: {rest}% (share of {n} repetitions on villages"
            " drawn anew)",
            values,
        )
    ]


def _apart(typology: Typology, dataset: Dataset, code: str, language: Language) -> str:
    cards = []
    for group, found in differences(typology, dataset, code).items():
        lines = "".join(f"<li>{escape(difference.text(language))}</li>" for difference in found)
        body = f"<ul>{lines}</ul>" if found else f"<p class='pk-hint'>{say(_NOTHING, language)}</p>"
        cards.append(f"<article class='pk-card'><h4>{say(HEADINGS[group], language)}</h4>{body}</article>")
    return f"<div class='pk-cards'>{''.join(cards)}</div><p class='pk-hint'>{say(_APART, language)}</p>"


_NOTHING = "Nothing differs by as much as half a standard deviation."
_APART = (
    "At most three indicators each, of all that the data has: those that lie furthest from the average,"
    " measured by how much villages differ in them."
)
