"""What a visitor makes of the board: filters, and what they leave. No widgets here."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property

import traitlets

from pk_research.apps.model import TabbedModel
from pk_research.apps.programme.material import Material
from pk_research.apps.programme.trouble import END_FIRST, NO_DAY, NO_LOG
from pk_research.apps.programme.words import written
from pk_research.language import Message
from pk_research.policy.programme import CLOSED, OPEN, TIMES, Actions, filtered

BOARD, PLACE, DECISIONS, CHANGES = TABS = ("board", "place", "decisions", "changes")
FIRST_YEAR, LAST_YEAR = 2000, 2100  # a year that is half typed is before
SINCE_DAYS = (7, 30, 90, 365)
FILTERS = ("office", "kecamatan", "village", "state", "time")
DAYS = ("due_from", "due_to")


class ProgrammeModel(TabbedModel):
    """The choices of one visitor.

    Parameters
    ----------
    material
        The log; None when there is none, with ``message`` saying why.
    trouble_found
        Why there is no material.

    Attributes
    ----------
    language, tab
        ``"id"`` or ``"en"``, and the open one of `TABS`.
    office, kecamatan, village, state, time
        Which actions are shown; empty for all.
    due_from, due_to
        First and last day on which the actions shown are due, as ``2026-08-17``; empty for any.
    since_days
        How far back changes are listed, days.
    message
        What went wrong; None when nothing did.
    """

    tab = traitlets.Enum(TABS, BOARD)
    office = traitlets.Unicode()
    kecamatan = traitlets.Unicode()
    village = traitlets.Unicode()
    state = traitlets.Enum(("", *OPEN, *CLOSED), "")
    time = traitlets.Enum(("", *TIMES), "")
    due_from = traitlets.Unicode()
    due_to = traitlets.Unicode()
    since_days = traitlets.Enum(SINCE_DAYS, 30)

    def __init__(self, material: Material | None, *, trouble_found: Message | None = None) -> None:
        super().__init__()
        self.material = material
        if material is None:
            self.message = trouble_found or NO_LOG
            return
        self.observe(self._check_days, list(DAYS))

    @property
    def made(self) -> bool:
        """Whether what is shown is made."""
        return self.material is not None and self.material.made

    @property
    def shown(self) -> Actions | None:
        """The actions that fit every filter; None where there is no log."""
        if self.material is None:
            return None
        begin, end = (None, None) if self.message else self.days
        choices = {name: getattr(self, name) for name in FILTERS}
        actions, as_of = self.material.actions, self.material.as_of
        return filtered(actions, as_of, due_from=begin, due_to=end, **choices)

    @property
    def days(self) -> tuple[date | None, date | None]:
        """First and last day on which the actions shown are due; None for any, and where it is no day."""
        return _day(self.due_from), _day(self.due_to)

    @property
    def wrong_days(self) -> frozenset[str]:
        """Which of `DAYS` cannot be as they are."""
        wrong = {name for name, day in zip(DAYS, self.days, strict=True) if getattr(self, name) and not day}
        return frozenset(DAYS if self.message and not wrong else wrong)

    @property
    def n_undated_left_out(self) -> int:
        """How many actions fit everything else, and have no due date to compare."""
        if self.material is None or self.message or self.days == (None, None):
            return 0
        choices = {name: getattr(self, name) for name in FILTERS}
        fits = filtered(self.material.actions, self.material.as_of, **choices)
        return int(fits.frame["due_date"].isna().sum())

    @property
    def since(self) -> date:
        """The day from which changes are listed."""
        as_of = date.min + timedelta(days=max(SINCE_DAYS)) if self.material is None else self.material.as_of
        return as_of - timedelta(days=self.since_days)

    @cached_property
    def offices(self) -> tuple[str, ...]:
        """Offices that have an action, by code."""
        return self._codes("office")

    @property
    def villages(self) -> tuple[str, ...]:
        """Villages that have an action, by code; of the chosen kecamatan where one is."""
        return tuple(code for code in self._codes("village_code") if code.startswith(self.kecamatan))

    def open_kecamatan(self, code: str) -> None:
        """Choose a kecamatan; a village that lies elsewhere is let go."""
        with self.hold_trait_notifications():
            if not self.village.startswith(code):
                self.village = ""
            self.kecamatan = code

    def clear(self) -> None:
        """Let every filter go."""
        with self.hold_trait_notifications():
            for name in (*FILTERS, *DAYS):
                setattr(self, name, "")

    def _check_days(self, _change: object) -> None:
        """Say which day cannot be; the days count for nothing as long as one cannot."""
        begin, end = self.days
        if any(getattr(self, name) and not day for name, day in zip(DAYS, self.days, strict=True)):
            self.message = NO_DAY
        elif begin and end and begin > end:
            self.message = Message(END_FIRST.template, {"begin": written(begin), "end": written(end)})
        else:
            self.message = None

    def _codes(self, column: str) -> tuple[str, ...]:
        if self.material is None:
            return ()
        return tuple(sorted(set(self.material.actions.frame[column]) - {""}))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
