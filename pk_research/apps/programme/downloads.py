"""What can be taken away: the actions that are shown, released by the rules; the audit log says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pk_research.apps.files import XLSX, File
from pk_research.apps.programme.words import STATE_NAMES, TIME_NAMES
from pk_research.disclosure import Release, record_release, release_rows
from pk_research.language import Language, translate
from pk_research.policy.programme import with_time
from pk_research.store.actors import HOUSE, Role
from pk_research.writing import csv_bytes, marked, workbook_bytes

if TYPE_CHECKING:
    import pandas as pd

    from pk_research.apps.programme.material import Material
    from pk_research.apps.programme.model import ProgrammeModel
    from pk_research.store import Store

COLUMNS = (
    "office", "scope", "kecamatan_code", "village_code", "kind", "action_text", "start_date", "due_date",
    "state", "closed_date", "time", "days_late", "decision", "evidence",
)  # fmt: skip
TEXTS = ("action_text", "decision", "evidence")
PURPOSE, TO = "the filtered list of the programme board", "a visitor of the programme board"


def file_of(model: ProgrammeModel, store: Store, ending: Literal["csv", "xlsx"]) -> File | None:
    """Return the actions that are shown as a file, and record that they left; None where there are none.

    Parameters
    ----------
    model
        What is chosen.
    store
        Whose audit log is written.
    ending
        Of the file.
    """
    material, shown = model.material, model.shown
    if material is None or shown is None or shown.frame.empty:
        return None
    frame = with_time(shown.frame, material.as_of)[list(COLUMNS)]
    for name in ("start_date", "due_date", "closed_date"):
        frame[name] = frame[name].dt.strftime("%Y-%m-%d")
    release = _released(frame, store.secret)
    record_release(store, release, by=HOUSE[Role.RESEARCHER], purpose=PURPOSE, to=TO)
    order = ["due_date", "office", "village_code"]
    rows = release.frame.sort_values(order, ignore_index=True, na_position="first")
    table = marked(_in_words(rows, material, model.language), model.language, made=model.made)
    mark = f"-{translate('made-example', model.language)}" if model.made else ""
    name = f"{translate('programme-actions', model.language)}{mark}.{ending}"
    if ending == "csv":
        return File(name, "text/csv", csv_bytes(table))
    return File(name, XLSX, workbook_bytes({translate("Actions", model.language): table}))


def _in_words(rows: pd.DataFrame, material: Material, language: Language) -> pd.DataFrame:
    """Return the rows as an office reads them: names for codes, headings in its language."""
    times, states = (
        {name: text.text(language) for name, text in of.items()} for of in (TIME_NAMES, STATE_NAMES)
    )
    columns = {
        "Office": rows["office"].map(lambda code: material.name("action_organisation", code, language)),
        "Kecamatan": rows["kecamatan_code"].map(material.kecamatan).fillna(""),
        "Village": rows["village_code"].map(material.villages).fillna(""),
        "Village code": rows["village_code"],
        "Kind of action": rows["kind"].map(lambda code: material.name("action_kind", code, language)),
        "Action": rows["action_text"],
        "Begins": rows["start_date"],
        "Is due": rows["due_date"],
        "State": rows["state"].map(states),
        "Closed on": rows["closed_date"],
        "Timeliness": rows["time"].map(times),
        "Days late": rows["days_late"],
        "Decision": rows["decision"],
        "Evidence": rows["evidence"],
    }
    return rows.assign(**columns)[list(columns)].rename(columns=lambda name: translate(name, language))


def _released(frame: pd.DataFrame, secret: bytes) -> Release:
    # Offices are no persons, and what they promised is public; texts come here approved already.
    return release_rows(
        frame,
        {name: "text" if name in TEXTS else "open" for name in COLUMNS},
        secret=secret,
        approved_texts={name: frozenset(frame[name]) for name in TEXTS},
    )
