"""Several estimates side by side: as a frame, a table for people, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from pk_research.indicators.regional.sample import Estimate
from pk_research.indicators.regional.wording import headed, told
from pk_research.language import Language, Message


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates by name.

    Attributes
    ----------
    by_name
        Name -> `Estimate`, in order.
    """

    by_name: Mapping[str, Estimate]

    def __getitem__(self, name: str) -> Estimate:
        return self.by_name[name]

    @property
    def frame(self) -> pd.DataFrame:
        """One row an estimate (the index): value, standard error, interval, n, clusters."""
        return estimates_frame(self.by_name)

    def table(self, language: Language) -> pd.DataFrame:
        """Return the estimates with headings and notes in a language."""
        rows = self.frame.assign(
            measure=[one.measure.text(language) for one in self.by_name.values()],
            notes=[told(one.notes, language) for one in self.by_name.values()],
        )
        return headed(rows.reset_index(drop=True), HEADINGS, language)

    def in_words(self, language: Language) -> str:
        """Say each value with its interval, and what was left out."""
        return told([*sentences(self.by_name.values()), *notes(self.by_name.values())], language)


HEADINGS = {
    "measure": Message("Measure"),
    "value": Message("Value"),
    "standard_error": Message("Standard error"),
    "low": Message("Interval from"),
    "high": Message("Interval to"),
    "n": Message("Rows"),
    "notes": Message("Note"),
}


def estimates_frame(by_name: Mapping[str, Estimate]) -> pd.DataFrame:
    """Return one row an estimate: value, standard error, interval, n, clusters."""
    columns = ["value", "standard_error", "low", "high", "n", "n_clusters"]
    rows = [[getattr(one, column) for column in columns] for one in by_name.values()]
    frame = pd.DataFrame(rows, index=list(by_name), columns=columns)
    return frame.astype({"n_clusters": "Int64"})


def sentences(estimates: Iterable[Estimate]) -> list[Message]:
    """Say each value with its interval; without one where it cannot be had."""
    return [_sentence(one) for one in estimates]


def notes(estimates: Iterable[Estimate]) -> list[Message]:
    """Gather what must be said: once where it holds for all, else with the measure it is about."""
    listed = list(estimates)
    shared = [note for note in listed[0].notes if all(note in one.notes for one in listed)]
    own = [
        Message("{measure}: {note}", {"measure": one.measure, "note": note})
        for one in listed
        for note in one.notes
        if note not in shared
    ]
    return [*shared, *own]


def _sentence(one: Estimate) -> Message:
    said = {
        "measure": one.measure,
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "percent": round(100 * one.level),
    }
    if pd.isna(one.value):
        return Message("{measure}: no value.", said)
    if pd.isna(one.standard_error):
        return Message("{measure}: {value}, without an interval.", said)
    return Message("{measure}: {value} ({percent}% interval {low} to {high}).", said)
