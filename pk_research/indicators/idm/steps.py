"""The fewest score points that would bring each village to a status."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.errors import NotFound, Problem
from pk_research.indicators.idm import wording
from pk_research.indicators.idm.formula import (
    MAX_POINTS,
    STATUS_CUTOFFS,
    SUB_INDICES,
    UNITS,
    UNITS_PER_POINT,
    status,
    units_from_points,
)
from pk_research.indicators.idm.points import parts_of, points_frame
from pk_research.language import Language, Message
from pk_research.sources.dataset import Dataset

LABELS = tuple(label for _, label in STATUS_CUTOFFS)


@dataclass(frozen=True)
class Steps:
    """The fewest score points to a status, by row.

    Attributes
    ----------
    key
        The columns that identify a row of the dataset.
    frame
        Key, ``idm`` and ``status`` now, ``target`` status, ``points`` (the fewest score points that
        reach it; 0 where it is reached already), how they divide when the dearest points are taken
        first (``points_ikl``, ``points_ike``, ``points_iks``), and ``idm_after``. Missing where IDM
        cannot be computed.
    """

    key: tuple[str, ...]
    frame: pd.DataFrame

    def in_words(self, language: Language) -> str:
        """Say how many rows are how near to their target."""
        points = self.frame["points"]
        values = {
            "n": int((points > 0).sum()),
            "n_near": int(points.between(1, 2).sum()),
            "n_there": int((points == 0).sum()),
            "n_missing": int(points.isna().sum()),
        }
        return Message(
            "{n} rows can still rise; {n_near} of them are one or two score points away. {n_there} have "
            "reached the status already; for {n_missing} IDM cannot be computed.",
            values,
        ).text(language)

    def table(self, language: Language) -> pd.DataFrame:
        """Return the rows counted by status now and status to reach, headed in a language."""
        return wording.steps_table(self.frame, language)


def steps_to(dataset: Dataset, *, target: str | None = None) -> Steps:
    """Count the fewest score points that bring each row to a status.

    Every point costs one here, so the fewest are found by taking the points that add most first:
    those of IKL, then IKE, then IKS, as far as each sub-index is below its greatest value.

    Parameters
    ----------
    dataset
        With the 50 indicators, or with the published sub-indices.
    target
        A status such as ``"Maju"``; None takes the next one above each row's own.

    Returns
    -------
    Steps
        Points are a unit of arithmetic: the rubric of some indicators knows only larger steps.

    Raises
    ------
    NotFound
        When ``target`` is no status.
    BadInput
        When a sub-index has neither a published value nor all its indicators.

    References
    ----------
    Permendesa PDTT 2/2016.

    Examples
    --------
    >>> from pk_research.codebook import Codebook
    >>> from pk_research.sources.dataset import Provenance
    >>> from pk_research.sources.vocabulary import IKE, IKL, IKS
    >>> rows = pd.DataFrame({"iks": [0.8], "ike": [0.6], "ikl": [0.6667]})
    >>> one = Dataset("one", rows, Codebook((IKS, IKE, IKL)), Provenance("one", "one.csv", "", "table"))
    >>> steps_to(one).frame[["status", "target", "points", "points_ikl"]]
           status target  points  points_ikl
    0  Berkembang   Maju       1           1
    """
    if target is not None and target not in LABELS:
        raise NotFound(Problem("IDM status", f"there is no status {target!r}", f"Use: {', '.join(LABELS)}."))
    frame = dataset.frame.reset_index(drop=True)
    points = points_frame(parts_of(frame, where=dataset.name))
    units = units_from_points(points)
    now = status(units / UNITS)
    goal = now.cat.codes + 1 if target is None else pd.Series(LABELS.index(target), index=frame.index)
    goal = goal.clip(upper=len(LABELS) - 1).where(units.notna())
    steps = _fewest(points, _units_to_reach(goal) - units)
    added = sum(steps[f"points_{index}"] * UNITS_PER_POINT[index] for index in SUB_INDICES)
    return Steps(
        dataset.key,
        pd.concat(
            [
                frame[list(dataset.key)],
                pd.DataFrame(
                    {
                        "idm": units / UNITS,
                        "status": now,
                        "target": pd.Categorical.from_codes(
                            goal.fillna(-1).astype(int), categories=LABELS, ordered=True
                        ),
                    }
                ),
                steps.astype("Int64"),
                ((units + added) / UNITS).rename("idm_after"),
            ],
            axis=1,
        ),
    )


def _units_to_reach(goal: pd.Series) -> pd.Series:
    above = [math.floor(cutoff * UNITS) + 1 for cutoff, _ in STATUS_CUTOFFS[:-1]]
    return goal.map(dict(enumerate([0, *above])))


def _fewest(points: pd.DataFrame, lacking: pd.Series) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    rest = lacking.clip(lower=0)
    for index in sorted(SUB_INDICES, key=UNITS_PER_POINT.__getitem__, reverse=True):
        room = np.floor(MAX_POINTS[index] - points[index])
        columns[f"points_{index}"] = np.minimum(room, np.ceil(rest / UNITS_PER_POINT[index]))
        rest = (rest - columns[f"points_{index}"] * UNITS_PER_POINT[index]).clip(lower=0)
    table = pd.DataFrame(columns)
    table.insert(0, "points", table.sum(axis=1, skipna=False))
    return table
