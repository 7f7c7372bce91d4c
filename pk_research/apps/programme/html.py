"""The four tabs of the board as HTML: by office, by place, decisions, changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from html import escape
from typing import Any

import pandas as pd

from pk_research.apps.markup import say, section, sentence
from pk_research.apps.programme.evidence_html import evidence_html
from pk_research.apps.programme.material import Material
from pk_research.apps.programme.pieces import (
    bar,
    counted,
    legend,
    office,
    records,
    time_badge,
    what,
    where,
)
from pk_research.apps.programme.words import ROLE_NAMES, change_text, day_text
from pk_research.language import Language, Message
from pk_research.policy.programme import Actions, board, changes, decisions, late, summary, with_time

MOST_LISTED = 60
MOST_PLACES = 8


def board_html(shown: Actions, material: Material, language: Language) -> str:
    """Return the board by office, and what is late."""
    as_of = material.as_of
    found = summary(shown, as_of)
    text = Message(
        "{open} actions open, {late} late, {soon} due within 30 days, {undated} without a date",
        {"open": found.n_open, "late": found.n_late, "soon": found.n_soon, "undated": found.n_undated},
    )
    closed = Message(
        "As of {day}. Done: {done}; stopped: {stopped}",
        {"day": day_text(as_of, language), "done": found.n_done, "stopped": found.n_stopped},
    )
    cards = "".join(
        f"<li class='pk-card'><h3>{office(row, material, language)}</h3>{bar(row, language)}"
        f"<p class='pk-hint'>{counted(row, language)}</p></li>"
        for row in records(board(shown, as_of))
    )
    head = (
        f"<h2 class='pk-finding'>{sentence(text, language)}</h2>"
        f"<p class='pk-hint'>{sentence(closed, language)}</p>"
    )
    offices = (
        f"<h2>{say('By office', language)}</h2>{legend(language)}<ul class='pk-cards pk-offices'>{cards}</ul>"
    )
    return section("programme-board", head + (offices if cards else _none(language))) + section(
        "programme-late", _late_html(shown, material, language)
    )


def _late_html(shown: Actions, material: Material, language: Language) -> str:
    rows = records(late(shown, material.as_of))
    heading = f"<h2>{say('Late, and who is to act', language)}</h2>"
    if not rows:
        return f"{heading}<p>{say('Nothing that is shown here is late.', language)}</p>"
    items = "".join(
        f"<li>{time_badge(row, language)}<div>{what(row, material, language)}"
        f"<p>{office(row, material, language)} · {where(row, material, language)} · "
        f"{_due(row, language)}</p></div></li>"
        for row in rows[:MOST_LISTED]
    )
    return f"{heading}<ol class='pk-list'>{items}</ol>{_cut(len(rows), language)}"


def _due(row: dict[str, Any], language: Language) -> str:
    return escape(Message("due {day}", {"day": day_text(row["due_date"], language)}).text(language))


def _none(language: Language) -> str:
    return f"<p>{say('No action fits these filters.', language)}</p>"


def _cut(n: int, language: Language) -> str:
    if n <= MOST_LISTED:
        return ""
    text = Message("The first {shown} of {n}; the download has all", {"shown": MOST_LISTED, "n": n})
    return f"<p class='pk-hint'>{sentence(text, language)}</p>"


def place_html(shown: Actions, material: Material, language: Language) -> str:
    """Return the actions of each village along time; of the first villages where many fit."""
    frame = with_time(shown.frame, material.as_of)
    frame = frame.assign(place=[material.place(row) for row in records(frame)])
    frame = frame.sort_values(["place", "start_date", "action"], kind="stable")
    groups = list(frame.groupby(["village_code", "kecamatan_code", "place"], sort=False))
    groups.sort(key=lambda group: (group[1]["time"] != "late").all())
    parts = "".join(
        f"<section class='pk-card'><h3>{escape(str(place)) or say('The whole regency', language)}</h3>"
        f"<ol class='pk-timeline'>{''.join(_event(row, material, language) for row in records(rows))}</ol>"
        "</section>"
        for (_, _, place), rows in groups[:MOST_PLACES]
    )
    note = ""
    if len(groups) > MOST_PLACES:
        text = Message(
            "{shown} of {n} places, those with something late first; choose a kecamatan or village for the"
            " others",
            {"shown": MOST_PLACES, "n": len(groups)},
        )
        note = f"<p class='pk-hint'>{sentence(text, language)}</p>"
    heading = f"<h2>{say('Villages, and what is done for them', language)}</h2>"
    body = f"{heading}{note}<div class='pk-cards pk-pairs'>{parts}</div>" if parts else _none(language)
    return section("programme-place", body)


def _event(row: dict[str, Any], material: Material, language: Language) -> str:
    begins, ends = (day_text(row[name], language) for name in ("start_date", "due_date"))
    begun = Message("from {begins}", {"begins": begins})
    both = Message("{begins} to {ends}", {"begins": begins, "ends": ends})
    span = (begun if pd.isna(row["due_date"]) else both).text(language)
    return (
        f"<li class='pk-is-{row['time']}'><p class='pk-when'>{escape(span)}</p>"
        f"{what(row, material, language)}"
        f"<p>{office(row, material, language)} {time_badge(row, language)}</p></li>"
    )


def decisions_html(shown: Actions, material: Material, language: Language) -> str:
    """Return what was decided, and the evidence that was named for it."""
    named = {row["action"]: row for row in records(shown.frame)}
    rows, hidden = records(decisions(shown)), say("No decision is shown.", language)
    cards = "".join(
        f"<li class='pk-card'><h3>{escape(row['decision']) or hidden}</h3>"
        f"{evidence_html(row['evidence'], material.evidence.get(row['evidence']), language)}"
        f"<p class='pk-hint'>{_serves(row['actions'], named, material, language)}</p></li>"
        for row in rows[:MOST_LISTED]
    )
    without = sum((one["decision"] == "") & (one["evidence"] == "") for one in named.values())
    text = Message("Actions for which neither a decision nor evidence is shown: {n}", {"n": without})
    note = f"<p class='pk-hint'>{sentence(text, language)}</p>" if without else ""
    heading = f"<h2>{say('Decisions, and the evidence for them', language)}</h2>"
    body = f"{heading}<ul class='pk-cards pk-pairs'>{cards}</ul>" if cards else ""
    return section("programme-decisions", (body + note) or _none(language))


def _serves(
    actions: Iterable[str], named: dict[str, dict[str, Any]], material: Material, language: Language
) -> str:
    rows = [named[action] for action in actions]
    places = sorted({where(row, material, language) for row in rows})
    offices = sorted({office(row, material, language) for row in rows})
    count = Message("Actions: {n}", {"n": len(rows)}).text(language)
    return f"{escape(count)} · {', '.join(offices)} · {', '.join(places)}"


def changes_html(shown: Actions, material: Material, since: date, language: Language) -> str:
    """Return what was written down since a day, newest first, by role."""
    rows, named = records(changes(shown, since)), {row["action"]: row for row in records(shown.frame)}
    text = Message("{n} changes since {day}", {"n": len(rows), "day": day_text(since, language)})
    items = "".join(
        f"<li><span class='pk-when'>{escape(day_text(row['recorded_on'], language))}</span><div>"
        f"<strong>{escape(change_text(row['change'], row['before'], row['after'], language))}</strong>"
        f"<p>{what(named[row['action']], material, language)}</p><p>{office(row, material, language)} · "
        f"{where(row, material, language)}</p>"
        f"<p class='pk-hint'>{_by(row['recorded_by'], language)}</p></div></li>"
        for row in rows[:MOST_LISTED]
    )
    heading = f"<h2 class='pk-finding'>{sentence(text, language)}</h2>"
    body = f"{heading}<ol class='pk-list'>{items}</ol>{_cut(len(rows), language)}"
    return section("programme-changes", body)


def _by(role: str, language: Language) -> str:
    name = ROLE_NAMES[role].text(language) if role in ROLE_NAMES else role
    return sentence(Message("Written down by {role}", {"role": name}), language)
