"""The programme board: which office does what for which village by when, what is late, and on which evidence.

A log is written down again whenever something changes; nothing in it is overwritten. `read_actions`
takes all its versions, keeps the newest of each action, and sets apart what contradicts itself and what may
not be shown. The day is an argument of whatever depends on it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.register import Register, load_register
from pk_research.register.village import KECAMATAN_LENGTH

State = Literal["planned", "running", "done", "stopped"]
OPEN: tuple[State, ...] = ("planned", "running")
CLOSED: tuple[State, ...] = ("done", "stopped")
SOON_DAYS = 30
DATES = ("recorded_on", "start_date", "due_date", "closed_date")
TEXTS = (
    "action", "recorded_by", "office", "scope", "kecamatan_code", "village_code", "kind", "state",
    "action_text", "decision", "evidence", "withheld_for",
)  # fmt: skip
OFFICE, VILLAGE, KECAMATAN, STATE = "unknown office", "unknown village", "unknown kecamatan", "unknown state"
DATE, EARLY_CLOSE, EARLY_DUE = "unreadable date", "closed before it began", "due before it began"
STILL_OPEN = "closed, yet said to be open"
DOUBTS = (OFFICE, VILLAGE, KECAMATAN, STATE, DATE, EARLY_CLOSE, EARLY_DUE, STILL_OPEN)
NEW, DONE, STOPPED, REOPENED = "new", "done", "stopped", "reopened"
BEGUN, PUT_BACK, MOVED, HANDED_OVER = "begun", "put back", "date moved", "handed over"
CHANGES = (NEW, BEGUN, PUT_BACK, MOVED, HANDED_OVER, DONE, STOPPED, REOPENED)
LATE, SOON, UNDATED = "late", "soon", "undated"
ON_TIME, ENDED = "later", "closed"
TIMES = (LATE, SOON, ON_TIME, UNDATED, ENDED)


@dataclass(frozen=True, eq=False)
class Actions:
    """The actions of a log.

    Attributes
    ----------
    frame
        The newest version of each sound action: the columns of the log; texts without a value are empty,
        dates without a value missing.
    doubtful
        The same for actions that contradict themselves, with ``doubts``: a tuple of `DOUBTS`.
    withheld
        ``action`` and ``withheld_for`` of those that may not be shown.
    versions
        Every version of the actions of ``frame`` that may be shown, oldest first.
    """

    frame: pd.DataFrame
    doubtful: pd.DataFrame
    withheld: pd.DataFrame
    versions: pd.DataFrame

    @property
    def n_all(self) -> int:
        """How many actions there are: shown, doubtful and withheld."""
        return len(self.frame) + len(self.doubtful) + len(self.withheld)

    @property
    def kecamatan(self) -> tuple[str, ...]:
        """Codes of the kecamatan that some sound action is for."""
        return tuple(sorted(set(self.frame["kecamatan_code"]) - {""}))


@dataclass(frozen=True, slots=True)
class Summary:
    """How the actions stand on a day.

    Attributes
    ----------
    as_of
        The day.
    n_open, n_late, n_soon, n_undated
        Actions not closed; of those, how many are past their date, due within `SOON_DAYS` days (the day
        itself counts), and without any date.
    n_done, n_stopped
        Actions closed.
    """

    as_of: date
    n_open: int
    n_late: int
    n_soon: int
    n_undated: int
    n_done: int
    n_stopped: int


def read_actions(log: pd.DataFrame, *, offices: Collection[str], register: Register | None = None) -> Actions:
    """Read a coordination log.

    Parameters
    ----------
    log
        One row each time an action was written down: `TEXTS` and `DATES`. ``scope`` is ``village``,
        ``kecamatan`` or ``regency``; ``withheld_for`` says why a row may not be shown, empty where it
        may. Where two rows of an action have the same ``recorded_on``, the later row is the newer.
    offices
        Codes of the offices there are.
    register
        The villages there are; those of Kabupaten Bekasi by default.

    Returns
    -------
    Actions
        Every action is in exactly one of its tables. Nothing is dropped.

    Raises
    ------
    BadInput
        When columns are missing, or rows have no ``action``; all at once.

    Examples
    --------
    >>> row = dict.fromkeys(TEXTS, "") | {"action": "A1", "office": "dpmd", "scope": "regency"}
    >>> row |= {"state": "planned", "recorded_on": date(2026, 1, 5), "start_date": date(2026, 1, 9)}
    >>> row |= {"due_date": None, "closed_date": None}
    >>> found = read_actions(pd.DataFrame([row, row | {"action": "A2", "office": "?"}]), offices={"dpmd"})
    >>> found.frame["action"].tolist(), found.doubtful["doubts"].tolist()
    (['A1'], [('unknown office',)])
    """
    problems = [
        Problem("log", f"it has no column {name!r}", "Give one; leave its values empty where unknown.")
        for name in (*TEXTS, *DATES)
        if name not in log.columns
    ]
    if "action" in log.columns and bool((log["action"].isna() | (log["action"] == "")).any()):
        problems.append(Problem("log, action", "some rows have none", "Give every action an identifier."))
    if problems:
        raise BadInput(problems)
    rows = log[[*TEXTS, *DATES]].reset_index(drop=True)
    texts = rows[list(TEXTS)].fillna("").astype(str)
    dates = {name: pd.to_datetime(rows[name], errors="coerce", format="mixed") for name in DATES}
    unread = pd.Series(False, index=rows.index)
    for name in DATES:
        unread |= dates[name].isna() & rows[name].notna() & (rows[name].astype(str) != "")
    rows = texts.assign(**dates, unread=unread)
    rows = rows.sort_values("recorded_on", kind="stable", na_position="first", ignore_index=True)
    register = load_register() if register is None else register
    inside = rows["scope"] == "village"
    rows["kecamatan_code"] = rows["kecamatan_code"].mask(inside, rows["village_code"].str[:KECAMATAN_LENGTH])
    newest = rows.drop_duplicates("action", keep="last").sort_values("action", ignore_index=True)
    held = newest["withheld_for"] != ""
    doubts = _doubts(newest, frozenset(offices), register)
    is_doubtful = doubts.map(bool) & ~held
    shown = newest[~held & ~is_doubtful].drop(columns="unread").reset_index(drop=True)
    versions = rows[rows["action"].isin(shown["action"]) & (rows["withheld_for"] == "")]
    return Actions(
        shown,
        newest.assign(doubts=doubts)[is_doubtful].drop(columns="unread").reset_index(drop=True),
        newest.loc[held, ["action", "withheld_for"]].reset_index(drop=True),
        versions.drop(columns="unread").reset_index(drop=True),
    )


def _doubts(rows: pd.DataFrame, offices: frozenset[str], register: Register) -> pd.Series:
    villages, kecamatan = {village.code for village in register}, set(register.kecamatan())
    is_open = rows["state"].isin(OPEN)
    found = {
        OFFICE: ~rows["office"].isin(offices),
        VILLAGE: (rows["scope"] == "village") & ~rows["village_code"].isin(villages),
        KECAMATAN: (rows["scope"] == "kecamatan") & ~rows["kecamatan_code"].isin(kecamatan),
        STATE: ~rows["state"].isin((*OPEN, *CLOSED)),
        DATE: rows["unread"],
        EARLY_CLOSE: rows["closed_date"] < rows["start_date"],
        EARLY_DUE: rows["due_date"] < rows["start_date"],
        STILL_OPEN: rows["closed_date"].notna() & is_open,
    }
    table = pd.DataFrame(found, index=rows.index)
    return pd.Series(
        [tuple(name for name in DOUBTS if row[name]) for row in table.to_dict("records")],
        index=rows.index, dtype=object,
    )  # fmt: skip


def with_time(frame: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Add how each action stands on a day.

    Returns
    -------
    pandas.DataFrame
        ``time``: one of `TIMES`; ``undated`` where no date was set, which is never on time. ``days_late``:
        days since the due date of a late action, missing for all others. An action is not late on the day
        it is due.
    """
    day = pd.Timestamp(as_of)
    is_open = frame["state"].isin(OPEN)
    days = (day - frame["due_date"]).dt.days
    time = pd.Series(ENDED, index=frame.index, dtype=object)
    time[is_open] = ON_TIME
    time[is_open & (days <= 0) & (days >= -SOON_DAYS)] = SOON
    time[is_open & (days > 0)] = LATE
    time[is_open & frame["due_date"].isna()] = UNDATED
    return frame.assign(time=time, days_late=days.where(time == LATE).astype("Int64"))


def summary(actions: Actions, as_of: date) -> Summary:
    """Count the sound actions as they stand on a day."""
    frame = with_time(actions.frame, as_of)
    time, state = frame["time"], frame["state"]
    return Summary(
        as_of,
        int((time != ENDED).sum()),
        *(int((time == name).sum()) for name in (LATE, SOON, UNDATED)),
        *(int((state == name).sum()) for name in CLOSED),
    )


def board(actions: Actions, as_of: date) -> pd.DataFrame:
    """Count the sound actions of each office as they stand on a day.

    Returns
    -------
    pandas.DataFrame
        One row an office, those with most late actions first: ``office``, how many actions of each of
        `TIMES`, and ``n_all``.
    """
    frame = with_time(actions.frame, as_of)
    counts = pd.crosstab(frame["office"], frame["time"]).reindex(columns=list(TIMES), fill_value=0)
    counts = counts.assign(n_all=counts.sum(axis=1)).rename_axis(columns=None).reset_index()
    return counts.sort_values([LATE, "n_all", "office"], ascending=[False, False, True], ignore_index=True)


def late(actions: Actions, as_of: date) -> pd.DataFrame:
    """List the actions that are past their date and not closed, the longest first, with ``days_late``."""
    frame = with_time(actions.frame, as_of)
    return frame[frame["time"] == LATE].sort_values(
        ["days_late", "action"], ascending=[False, True], ignore_index=True
    )


def decisions(actions: Actions) -> pd.DataFrame:
    """List what was decided, and the evidence that was named for it.

    Returns
    -------
    pandas.DataFrame
        One row a decision and evidence, decisions without evidence first: ``decision``, ``evidence``
        (empty where none was named), ``actions`` (a tuple of identifiers).
    """
    frame = actions.frame[(actions.frame["decision"] != "") | (actions.frame["evidence"] != "")]
    grouped = frame.groupby(["evidence", "decision"], sort=True)["action"].agg(tuple)
    return grouped.rename("actions").reset_index()[["decision", "evidence", "actions"]]


def filtered(
    actions: Actions,
    as_of: date,
    *,
    office: str = "",
    kecamatan: str = "",
    village: str = "",
    state: str = "",
    time: str = "",
    due_from: date | None = None,
    due_to: date | None = None,
) -> Actions:
    """Keep the sound actions that fit every choice; an empty choice keeps all.

    Parameters
    ----------
    actions, as_of
        The actions, and the day on which ``time`` is judged.
    office, kecamatan, village, state
        Codes.
    time
        One of `TIMES`.
    due_from, due_to
        First and last day on which an action may be due; one without a date fits neither.

    Returns
    -------
    Actions
        What is doubtful or withheld is as before: it fits no choice, and is not to be forgotten.
    """
    frame = with_time(actions.frame, as_of)
    wanted = {
        "office": office, "kecamatan_code": kecamatan, "village_code": village, "state": state, "time": time,
    }  # fmt: skip
    fits = pd.Series(True, index=frame.index)
    for name, value in wanted.items():
        if value:
            fits &= frame[name] == value
    if due_from is not None:
        fits &= frame["due_date"] >= pd.Timestamp(due_from)
    if due_to is not None:
        fits &= frame["due_date"] <= pd.Timestamp(due_to)
    kept = actions.frame[fits].reset_index(drop=True)
    versions = actions.versions[actions.versions["action"].isin(kept["action"])].reset_index(drop=True)
    return replace(actions, frame=kept, versions=versions)


def changes(actions: Actions, since: date) -> pd.DataFrame:
    """List what changed since a day, from all versions that were ever written down.

    Parameters
    ----------
    actions
        The actions.
    since
        Versions of that day count.

    Returns
    -------
    pandas.DataFrame
        One row a change, newest first: ``recorded_on``, ``recorded_by`` (a role, never a name),
        ``action``, ``office``, ``village_code``, ``kecamatan_code``, ``kind``, ``change`` (one of `CHANGES`),
        and for a moved date ``before`` and ``after`` (missing where no date was set).
    """
    kept = ["recorded_on", "recorded_by", "action", "office", "village_code", "kecamatan_code", "kind"]
    rows = []
    for _, versions in actions.versions.groupby("action", sort=True):
        before = None
        for version in versions.to_dict("records"):
            rows += [
                {name: version[name] for name in kept}
                | {"change": change, "before": None if before is None else before["due_date"],
                   "after": version["due_date"]}
                for change in _between(before, version)
            ]  # fmt: skip
            before = version
    found = pd.DataFrame(rows, columns=[*kept, "change", "before", "after"])
    dates = ["recorded_on", "before", "after"]
    found[dates] = found[dates].apply(pd.to_datetime)
    found = found[found["recorded_on"] >= pd.Timestamp(since)]
    return found.sort_values(
        ["recorded_on", "action"], ascending=[False, True], kind="stable", ignore_index=True
    )


def _between(before: dict[str, object] | None, after: dict[str, object]) -> list[str]:
    """Name the changes from one version to the next."""
    if before is None:
        return [NEW]
    found = []
    if before["state"] != after["state"]:
        if after["state"] in CLOSED:
            found.append(DONE if after["state"] == "done" else STOPPED)
        elif before["state"] in CLOSED:
            found.append(REOPENED)
        else:
            found.append(BEGUN if after["state"] == "running" else PUT_BACK)
    dates = (before["due_date"], after["due_date"])
    if dates[0] != dates[1] and not all(value is pd.NaT for value in dates):
        found.append(MOVED)
    if before["office"] != after["office"]:
        found.append(HANDED_OVER)
    return found
