"""Pieces of HTML of the board: badges, bars, who does what, and how many actions there are in all."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from pk_research.apps.markup import say, section, sentence
from pk_research.apps.products.pieces import more
from pk_research.apps.programme.material import Material
from pk_research.apps.programme.words import DOUBT_NAMES, STATE_NAMES, TIME_NAMES
from pk_research.language import Language, Message
from pk_research.policy.programme import TIMES, Actions

if TYPE_CHECKING:
    import pandas as pd

WITHHELD = {
    "consent": Message("written down when the form did not yet speak of an open board"),
    "rejected": Message("rejected in the review"),
}


def badge(name: str, text: str) -> str:
    """Return a short mark with its colour; the text says what the colour means."""
    return f"<span class='pk-badge pk-is-{name}'>{escape(text)}</span>"


def time_badge(row: Mapping[str, Any], language: Language) -> str:
    """Return how an action stands: how late, when due, closed."""
    if row["time"] == "late":
        text = Message("{n} days late", {"n": int(row["days_late"])}).text(language)
    elif row["time"] == "closed":
        text = STATE_NAMES[row["state"]].text(language)
    else:
        text = TIME_NAMES[row["time"]].text(language)
    return badge(row["time"], text)


def what(row: Mapping[str, Any], material: Material, language: Language) -> str:
    """Return what is done: its text where it may be shown, and its kind."""
    kind = escape(material.name("action_kind", row["kind"], language))
    text = escape(str(row.get("action_text", "")))
    return f"<strong>{text}</strong> <small>{kind}</small>" if text else f"<strong>{kind}</strong>"


def where(row: Mapping[str, Any], material: Material, language: Language) -> str:
    """Return for which village, kecamatan, or for all of the regency."""
    return escape(material.place(row)) or say("The whole regency", language)


def office(row: Mapping[str, Any], material: Material, language: Language) -> str:
    """Return the office that is to act."""
    return escape(material.name("action_organisation", row["office"], language))


def bar(counts: Mapping[str, int], language: Language) -> str:
    """Return how many actions stand how, as one bar of which each part says its number."""
    parts = "".join(
        f"<span class='pk-is-{name}' style='flex-grow:{counts[name]}' "
        f"title='{escape(TIME_NAMES[name].text(language))}'>{counts[name]}</span>"
        for name in TIMES
        if counts[name]
    )
    return f"<div class='pk-parts' aria-hidden='true'>{parts}</div>"


def counted(counts: Mapping[str, int], language: Language) -> str:
    """Return the numbers of a bar in words."""
    return " · ".join(
        f"{escape(TIME_NAMES[name].text(language))}: {counts[name]}" for name in TIMES if counts[name]
    )


def legend(language: Language) -> str:
    """Return what the colours mean."""
    return (
        "<p class='pk-legend-times'>"
        + " ".join(badge(name, TIME_NAMES[name].text(language)) for name in TIMES)
        + "</p>"
    )


def reconciled(shown: Actions, material: Material, language: Language, *, n_undated: int = 0) -> str:
    """Return how many actions there are in all and where each of them is, with the doubtful ones listed.

    Parameters
    ----------
    shown, material
        What fits the filters, and all there is.
    language
        ``"id"`` or ``"en"``.
    n_undated
        How many are left out only because they have no date to compare.
    """
    whole = material.actions
    values = {
        "all": whole.n_all, "shown": len(shown.frame), "out": len(whole.frame) - len(shown.frame),
        "doubtful": len(whole.doubtful), "withheld": len(whole.withheld),
    }  # fmt: skip
    text = Message(
        "Actions in the log: {all}. Shown here: {shown}; left out by the filters: {out};"
        " doubtful: {doubtful}; withheld: {withheld}",
        values,
    )
    lines = [f"<p>{sentence(text, language)}</p>"]
    if n_undated:
        left = Message("Left out by the dates alone, because no due date was set: {n}", {"n": n_undated})
        lines.append(f"<p>{sentence(left, language)}</p>")
    if len(whole.doubtful):
        items = "".join(_doubt(row, material, language) for row in whole.doubtful.to_dict("records"))
        lines.append(more(say("Doubtful entries: to be put right in the log", language), f"<ul>{items}</ul>"))
    if len(whole.withheld):
        items = "".join(
            f"<li>{escape(WITHHELD[reason].text(language))}: {n}</li>"
            for reason, n in whole.withheld["withheld_for"].value_counts().sort_index().items()
        )
        lines.append(more(say("Withheld entries, and why", language), f"<ul>{items}</ul>"))
    if material.n_texts_withheld:
        told = Message(
            "Texts not shown, for nobody approved them or they look personal: {n}",
            {"n": material.n_texts_withheld},
        )
        lines.append(f"<p>{sentence(told, language)}</p>")
    return section("programme-counts", f"<div class='pk-counts'>{''.join(lines)}</div>")


def _doubt(row: Mapping[Any, Any], material: Material, language: Language) -> str:
    why = escape("; ".join(DOUBT_NAMES[doubt].text(language) for doubt in row["doubts"]))
    kind = escape(material.name("action_kind", row["kind"], language))
    named = " · ".join((kind, office(row, material, language), where(row, material, language)))
    return f"<li>{named}: <strong>{why}</strong></li>"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    found: list[dict[str, Any]] = frame.to_dict("records")
    return found
