"""Submissions on their way out: a release by the rules, or a copy for work inside the house.

Nothing of the submissions leaves the store in a file but through `exported`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pk_research.disclosure.alike import blanked
from pk_research.disclosure.classes import ABOUT_VILLAGES, Class, class_of_answer
from pk_research.disclosure.places import moved
from pk_research.disclosure.release import without_uniform
from pk_research.disclosure.rules import Rules
from pk_research.disclosure.texts import found_in
from pk_research.disclosure.withheld import kept
from pk_research.errors import BadInput, Problem
from pk_research.language import LANGUAGES, Language, Message
from pk_research.products.words import some
from pk_research.store.database import writing
from pk_research.store.exports import LAYOUTS, export, files_of, read_tables
from pk_research.survey.exchange import Tables, from_filled

if TYPE_CHECKING:
    from pk_research.store import Store
    from pk_research.store.actors import Actor
    from pk_research.store.exports import Layout
    from pk_research.survey.exchange import Row
    from pk_research.survey.exchange.layout import Field, TableLayout
    from pk_research.survey.filled import Filled

Answers = dict[str, dict[str, str]]
INTERNAL = Message(
    "INTERNAL COPY for work inside the house. It was not made safe: it is not a release, must not be passed"
    " on, and is not to be called published."
)
LEFT_OUT: dict[Class, Message] = {
    "personal": Message("Left out, for they tell who somebody is: {names}."),
    "technical": Message("Left out, for a device or a clock wrote them: {names}."),
    "shape": Message("Left out, for lines and areas show exact places: {names}."),
    "file": Message("Left out, for nobody has looked at the files: {names}."),
    "text": Message("Free text is withheld until somebody has read and approved it: {names}."),
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """Files that leave, and what is to be said of them.

    Attributes
    ----------
    files
        By name.
    report
        What was withheld and why, and what has no place; for an internal copy, that it is one.
    is_internal
        Whether it is a copy for work inside the house.
    """

    files: Mapping[str, bytes]
    report: tuple[Message, ...]
    is_internal: bool

    def notes(self, language: Language) -> bytes:
        """Return the report as a text file, in the chosen language and then in the other."""
        order = sorted(LANGUAGES, key=lambda other: other != language)
        texts = ["\n".join(f"- {message.text(one)}" for message in self.report) for one in order]
        return ("\n\n".join(texts) + "\n").encode()


def exported(
    store: Store,
    form_id: str,
    layout: Layout,
    *,
    by: Actor,
    is_internal: bool = False,
    states: Sequence[str] | None = None,
    language: Language = "id",
    approved_texts: Mapping[str, Collection[str]] | None = None,
    rules: Rules | None = None,
) -> Leaving:
    """Lay the submissions of a form out in files that may leave, and write that down in the audit log.

    Parameters
    ----------
    store, form_id, layout, by, states, language
        As in `pk_research.store.exports.export`.
    is_internal
        A copy for work inside the house: as much as the role of ``by`` may read, marked as such.
    approved_texts
        Name of a question -> answers a person has read and allows; no free text leaves without.
    rules
        The rules; the house's own by default.

    Raises
    ------
    BadInput
        When there is no such layout; when fewer submissions than must be alike say what others know of
        somebody.
    NotFound, NotAllowed
        As in `pk_research.store.exports.export`.

    Notes
    -----
    A release holds what a question of a closed kind was answered, less what tells who somebody is; see
    `classes`. Submissions have other identifiers in it and stand in another order. What others may know is
    blanked where too few share it, table by table: who knows a household's members *and* its head may tell
    it apart still. Forms about villages keep their villages, for these hide nobody.
    """
    if layout not in LAYOUTS:
        raise BadInput(Problem("layout", f"there is no {layout!r}", f"Choose one of {', '.join(LAYOUTS)}."))
    if is_internal:
        files, tables = export(store, form_id, layout, by=by, states=states, language=language)
        return Leaving(files, (INTERNAL, *tables.report), is_internal=True)
    chosen = Rules() if rules is None else rules
    whole = read_tables(store, form_id, by=by, states=states)
    tables = released(whole, secret=store.secret, approved_texts=approved_texts, rules=chosen)
    files = files_of(tables, layout, language=language)
    details: dict[str, Any] = {
        "layout": layout,
        "states": None if states is None else list(states),
        "language": language,
        "n_rows": len(tables.fillings),
        "content": {name: sha256(content).hexdigest() for name, content in sorted(files.items())},
        "rules": asdict(chosen),
        "withheld": kept(tables.report),
    }
    with writing(store.engine) as connection:
        store.audit.record(connection, "data released", by=by, subject=form_id, details=details)
    return Leaving(files, tables.report, is_internal=False)


def released(
    tables: Tables,
    *,
    secret: bytes,
    approved_texts: Mapping[str, Collection[str]] | None = None,
    rules: Rules | None = None,
) -> Tables:
    """Return the tables as they may leave, with what was withheld in their report.

    Parameters
    ----------
    tables
        The submissions.
    secret
        Known to nobody else, for identifiers, order and places.
    approved_texts, rules
        As in `exported`.
    """
    chosen, approved = Rules() if rules is None else rules, approved_texts or {}
    veiled = sorted((_veiled(one, secret) for one in tables.fillings), key=lambda one: one.instance_id)
    lean = from_filled(tables.versions, veiled, personal="leave out")
    report: list[Message] = [*_left_out(tables, approved)]
    layouts, rows = [], {}
    for layout in lean.layout.tables:
        kept = [one for one in layout.fields if _leaves(one, approved)]
        answers = {row.key: {one.key: row.answers[one.key] for one in kept if one.key in row.answers}
                   for row in lean.rows[layout.path]}  # fmt: skip
        for make_safe in (_approved(approved), _moved(secret, chosen), _not_personal):
            report += make_safe(kept, answers)
        if tables.layout.form_id not in ABOUT_VILLAGES:
            kept, said = _unlike(layout, kept, answers, chosen)
            report += said
        layouts.append(replace(layout, fields=tuple(kept)))
        rows[layout.path] = tuple(_with(row, answers[row.key]) for row in lean.rows[layout.path])
    named = replace(lean.layout, tables=tuple(layouts))
    return Tables(lean.versions, named, rows, tuple(report))


def _veiled(filled: Filled, secret: bytes) -> Filled:
    """Return a filling under another name, without when, by whom and with what device it was sent."""
    name = hmac.digest(secret, b"released\n" + filled.instance_id.encode(), sha256).hex()[:32]
    day = filled.submitted_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return replace(
        filled, instance_id=f"uuid:{name}", submitted_at=day, updated_at=None, submitter_id="",
        submitter_name="", device_id="", edits=0, attachments={},
    )  # fmt: skip


def _leaves(field: Field, approved: Mapping[str, Collection[str]]) -> bool:
    kind = class_of_answer(field)
    return field.name in approved if kind == "text" else kind not in LEFT_OUT


def _left_out(tables: Tables, approved: Mapping[str, Collection[str]]) -> list[Message]:
    fields = [one for table in tables.layout.tables for one in table.fields]
    found = {
        kind: [one.name for one in fields if class_of_answer(one) == kind and not _leaves(one, approved)]
        for kind in LEFT_OUT
    }
    return [
        Message("The sender, the device, the time of sending and the identifiers are left out."),
        *(Message(LEFT_OUT[kind].template, {"names": ", ".join(names)}) for kind, names in found.items()
          if names),
    ]  # fmt: skip


def _approved(
    approved: Mapping[str, Collection[str]],
) -> Callable[[Sequence[Field], Answers], list[Message]]:
    def make_safe(fields: Sequence[Field], answers: Answers) -> list[Message]:
        said = []
        for field in (one for one in fields if class_of_answer(one) == "text"):
            allowed = {text for text in approved[field.name] if not found_in(text)}
            n = _drop(answers, field, _not_among(allowed))
            if n:
                said.append(
                    Message("“{name}”: {n} texts that nobody approved, or that look personal, are withheld.",
                            {"name": field.name, "n": n})
                )  # fmt: skip
        return said

    return make_safe


def _not_among(allowed: Collection[str]) -> Callable[[str], bool]:
    return lambda text: bool(text) and text not in allowed


def _moved(secret: bytes, rules: Rules) -> Callable[[Sequence[Field], Answers], list[Message]]:
    def make_safe(fields: Sequence[Field], answers: Answers) -> list[Message]:
        said = []
        for field in (one for one in fields if class_of_answer(one) == "place"):
            given = {key: row[field.key].split()[:2] for key, row in answers.items() if row.get(field.key)}
            if not given:
                continue
            table = pd.DataFrame(list(given.values()), columns=["lat", "lon"], dtype=float)
            away = moved(table, latitude="lat", longitude="lon", secret=secret, rules=rules).frame
            for key, lat, lon in zip(given, away["lat"], away["lon"], strict=True):
                answers[key][field.key] = f"{lat:.4f} {lon:.4f}"
            values = {"name": field.name, "n": len(given), "km": rules.far_km}
            said.append(
                Message("“{name}”: {n} places are moved at random, by {km} km at most; their height is left"
                        " out.", values)
            )  # fmt: skip
        return said

    return make_safe


def _not_personal(fields: Sequence[Field], answers: Answers) -> list[Message]:
    """Withhold whatever looks personal though its question does not say so."""
    said = []
    for field in (one for one in fields if class_of_answer(one) != "place"):
        n = _drop(answers, field, lambda text: bool(found_in(text)))
        if n:
            said.append(
                Message("“{name}”: {n} answers that look personal are withheld.",
                        {"name": field.name, "n": n})
            )  # fmt: skip
    return said


def _drop(answers: Answers, field: Field, is_withheld: Callable[[str], bool]) -> int:
    gone = [row for row in answers.values() if is_withheld(row.get(field.key, ""))]
    for row in gone:
        del row[field.key]
    return len(gone)


def _unlike(
    layout: TableLayout, fields: list[Field], answers: Answers, rules: Rules
) -> tuple[list[Field], list[Message]]:
    """Blank what others may know where too few share it, and what would follow from it."""
    keys, sensitive = (
        [one.key for one in fields if class_of_answer(one) == kind] for kind in ("key", "sensitive")
    )
    if not keys or not answers:
        return fields, []
    if len(answers) < rules.least_alike:
        if layout.parent is not None:
            few = some([one.name for one in fields if one.key in keys])
            too_few = Message("Left out, for too few rows say it: {names}.", {"names": few})
            return [one for one in fields if one.key not in keys], [too_few]
        raise BadInput(
            Problem(
                "the submissions",
                f"there are {len(answers)}, and {rules.least_alike} must be alike in what others may know",
                "Release them when there are more, or take a copy for work inside the house.",
            )
        )
    frame = pd.DataFrame(
        [[row.get(name) or None for name in (*keys, *sensitive)] for row in answers.values()],
        columns=[*keys, *sensitive], dtype=object,
    )  # fmt: skip
    safe, n_blanked = blanked(frame, keys, rules=rules)
    safe, hidden = without_uniform(safe, keys, sensitive, rules)
    names = {one.key: one.name for one in fields}
    said = [
        Message("“{name}”: {n} answers are blanked, for too few others have the same.",
                {"name": names[key], "n": n})
        for key, n in n_blanked.items() if n
    ] + [
        Message("“{name}”: {n} answers are withheld, for they follow from what others may know.",
                {"name": names[name], "n": n})
        for name, (_, n) in zip(sensitive, hidden, strict=True) if n
    ]  # fmt: skip
    gone = frame.notna().to_numpy() & safe[frame.columns].isna().to_numpy()
    for row, at in zip(answers.values(), gone, strict=True):
        for name in np.array(frame.columns)[at]:
            del row[str(name)]
    return fields, said


def _with(row: Row, answers: Mapping[str, str]) -> Row:
    return replace(row, answers=answers)
