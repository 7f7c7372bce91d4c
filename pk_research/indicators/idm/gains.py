"""What raising each indicator would add to IDM."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.indicators.idm import wording
from pk_research.indicators.idm.formula import SUB_INDICES, UNITS, UNITS_PER_POINT, status, units_from_points
from pk_research.indicators.idm.points import parts_of, points_frame, scores_of
from pk_research.language import Language, Message
from pk_research.sources.dataset import Dataset
from pk_research.sources.idm_indicators import MAX_SCORE, VARIABLES


@dataclass(frozen=True)
class Gains:
    """The gain in IDM from raising each indicator of each row.

    Attributes
    ----------
    key
        The columns that identify a row of the dataset.
    frame
        One row a row of the dataset and indicator: key, ``indicator``, ``score`` (0-5),
        ``gain_point`` and ``gain_to_5`` (in IDM, 0-1: from one score point more, and from raising
        it to 5; zero at 5, missing where the score is), ``status``, ``status_after_point`` and
        ``status_at_5`` (missing where IDM is), and ``rank``: 1 for the indicators whose next point
        adds most, equal gains sharing a rank, missing at 5.
    """

    key: tuple[str, ...]
    frame: pd.DataFrame

    def by_indicator(self) -> pd.DataFrame:
        """Summarise the gains by indicator.

        Returns
        -------
        pandas.DataFrame
            By indicator, in the order of the regulation: ``gain_per_point`` (IDM), ``n_below_5``,
            ``mean_gain_to_5`` (over all rows with a score), ``n_status_up_by_point``,
            ``n_status_up_at_5`` and ``n_missing`` rows.
        """
        rows = self.frame.assign(
            n_below_5=self.frame["score"] < MAX_SCORE,
            n_status_up_by_point=self.frame["status_after_point"] > self.frame["status"],
            n_status_up_at_5=self.frame["status_at_5"] > self.frame["status"],
            n_missing=self.frame["score"].isna(),
        )
        groups = rows.groupby("indicator", observed=True, sort=True)
        counts = ["n_below_5", "n_status_up_by_point", "n_status_up_at_5", "n_missing"]
        table = groups[counts].sum().astype("int64")
        table.insert(0, "gain_per_point", [UNITS_PER_POINT[name[:3]] / UNITS for name in table.index])
        table.insert(2, "mean_gain_to_5", groups["gain_to_5"].mean())
        return table

    def in_words(self, language: Language) -> str:
        """Say where a score point counts most."""
        table = self.by_indicator()
        best = str((table["gain_per_point"] * table["n_below_5"]).idxmax())
        values = {
            "iks": wording.gain_text(UNITS_PER_POINT["iks"] / UNITS, language),
            "ike": wording.gain_text(UNITS_PER_POINT["ike"] / UNITS, language),
            "ikl": wording.gain_text(UNITS_PER_POINT["ikl"] / UNITS, language),
            "best": f"{best.upper()} ({VARIABLES[best].label(language)})",
            "n": int(table.loc[best, "n_below_5"]),
        }
        return Message(
            "One score point adds {ikl} to IDM in IKL, {ike} in IKE and {iks} in IKS. Most can be gained "
            "from {best}: {n} rows are below 5. A point is a unit of arithmetic: the rubric of some "
            "indicators knows only larger steps.",
            values,
        ).text(language)

    def table(self, language: Language) -> pd.DataFrame:
        """Return the summary by indicator with headings in a language."""
        return wording.gains_table(self.by_indicator(), language)


def gains(dataset: Dataset) -> Gains:
    """Compute what one score point more, and what 5, would add to IDM, by row and indicator.

    One point adds 1 / (3 x 5 n) to IDM, where n is the number of indicators of its sub-index: 0.0222
    in IKL, 0.0056 in IKE, 0.0019 in IKS.

    Parameters
    ----------
    dataset
        With all 50 indicators, whole scores 0 to 5.

    Returns
    -------
    Gains
        Gains are missing where the score is; the status to follow is missing where any score is.

    Raises
    ------
    BadInput
        When the dataset lacks indicators.

    References
    ----------
    Permendesa PDTT 2/2016.

    Examples
    --------
    >>> from pk_research.sources.dataset import Provenance
    >>> scores = pd.DataFrame({name: [5] for name in VARIABLES.names}).assign(ikl03=3)
    >>> one = Dataset("one", scores, VARIABLES, Provenance("one", "one.csv", "", "table"))
    >>> gains(one).frame.query("indicator == 'ikl03'")[["gain_point", "gain_to_5"]].round(4)
        gain_point  gain_to_5
    49      0.0222     0.0444
    """
    frame = dataset.frame.reset_index(drop=True)
    absent = [name for name in VARIABLES.names if name not in frame.columns]
    if absent:
        raise BadInput(_lacking(absent, dataset.name))
    units_now = units_from_points(points_frame(parts_of(frame, where=dataset.name)))
    scores = pd.concat([scores_of(frame, index) for index in SUB_INDICES], axis=1)
    per_point = pd.Series({name: UNITS_PER_POINT[name[:3]] for name in scores})
    to_5 = (MAX_SCORE - scores) * per_point
    point = to_5.clip(upper=per_point, axis=1)
    rank = point.where(point > 0).rank(axis=1, method="min", ascending=False)
    now = units_now.repeat(len(VARIABLES)).reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "indicator": pd.Categorical(list(scores) * len(frame), categories=VARIABLES.names, ordered=True),
            "score": _flat(scores),
            "gain_point": _flat(point) / UNITS,
            "gain_to_5": _flat(to_5) / UNITS,
            "status": status(now / UNITS),
            "status_after_point": status((now + _flat(point)) / UNITS),
            "status_at_5": status((now + _flat(to_5)) / UNITS),
            "rank": _flat(rank).astype("Int64"),
        }
    )
    key = frame[list(dataset.key)]
    return Gains(dataset.key, key.loc[key.index.repeat(len(VARIABLES))].reset_index(drop=True).join(rows))


def _flat(by_row_and_indicator: pd.DataFrame) -> pd.Series:
    return pd.Series(by_row_and_indicator.to_numpy().ravel())


def _lacking(absent: list[str], name: str) -> Problem:
    return Problem(
        f"dataset {name!r}",
        f"gains need all 50 indicators, and {len(absent)} are not there ({', '.join(absent[:3])} ...)",
        "Load a file with the indicators; the published sub-indices alone are enough for `steps_to`.",
    )
