"""Poverty by Foster, Greer and Thorbecke: how many, how deep, how severe."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.indicators.regional.estimates import Estimates, notes, sentences
from pk_research.indicators.regional.sample import Estimate, Sample, estimate, sample
from pk_research.indicators.regional.wording import headed, told
from pk_research.language import Language, Message

ORDERS: Mapping[str, Message] = {
    "p0": Message("Share of people who are poor (P0)"),
    "p1": Message("Depth of poverty (P1, poverty gap)"),
    "p2": Message("Severity of poverty (P2, squared gap)"),
}


@dataclass(frozen=True, eq=False)
class Poverty:
    """The three measures, for all and by group.

    Attributes
    ----------
    overall
        ``p0``, ``p1``, ``p2``, each 0-1 where no income is negative.
    groups
        One row a group and measure, sorted; None where no groups were asked for: ``group``,
        ``measure``, ``population_share``, value, standard error, interval, n, ``n_clusters``, and
        ``contribution``: its part of the overall measure; the contributions of all groups sum to
        1 (missing where nobody is poor).
    """

    overall: Estimates
    groups: pd.DataFrame | None

    def table(self, language: Language) -> pd.DataFrame:
        """Return the measures of all with headings in a language."""
        return self.overall.table(language)

    def groups_table(self, language: Language) -> pd.DataFrame:
        """Return the measures by group with headings in a language; empty without groups."""
        groups = pd.DataFrame(columns=_GROUP_COLUMNS) if self.groups is None else self.groups
        named = [ORDERS[name].text(language) for name in groups["measure"]]
        headings = {
            "group": Message("Group"),
            "measure": Message("Measure"),
            "population_share": Message("Share of the people"),
            "value": Message("Value"),
            "standard_error": Message("Standard error"),
            "low": Message("Interval from"),
            "high": Message("Interval to"),
            "n": Message("Rows"),
            "contribution": Message("Part of the whole"),
        }
        return headed(groups.assign(measure=named), headings, language)

    def in_words(self, language: Language) -> str:
        """Say the measures with their intervals, and which group adds most."""
        estimates = list(self.overall.by_name.values())
        said = [*sentences(estimates), *notes(estimates)]
        if self.groups is not None and self.groups["contribution"].notna().any():
            most = self.groups.loc[self.groups[self.groups["measure"] == "p0"]["contribution"].idxmax()]
            values = {"group": str(most["group"]), "percent": round(100 * float(most["contribution"]))}
            said.append(
                Message(
                    "More of the poor live in {group} than in any other group: {percent}% of them.", values
                )
            )
        return told(said, language)


_GROUP_COLUMNS = [
    "group",
    "measure",
    "population_share",
    "value",
    "standard_error",
    "low",
    "high",
    "n",
    "n_clusters",
    "contribution",
]


def foster_greer_thorbecke(
    frame: pd.DataFrame,
    income: str,
    *,
    line: float | str,
    weight: str | None = None,
    cluster: str | None = None,
    by: str | None = None,
    level: float = 0.95,
) -> Poverty:
    """Measure poverty: the share of the poor, how far they are below the line, and how unequally.

    Parameters
    ----------
    frame
        One row a household or person.
    income
        Column: income or expenditure a head, in the unit of the line. Zero counts as it is; a
        negative value has a gap above the line itself, and is counted in the notes.
    line
        Poverty line, or the column that holds each row's own (urban and rural, say). Poor is who
        is below it; exactly on it is not poor.
    weight
        Column: how many people a row stands for.
    cluster
        Column of what was drawn together; None for independent draws.
    by
        Column of groups, such as the kecamatan.
    level
        Of the intervals, 0-1.

    Returns
    -------
    Poverty
        P_a = weighted mean of ((line - income) / line)^a over all, counting 0 for who is not poor.
        By group, standard errors take the size of the group as given.

    References
    ----------
    Foster, Greer and Thorbecke (1984), A class of decomposable poverty measures, Econometrica 52.

    Examples
    --------
    >>> incomes = pd.DataFrame({"income": [100, 110, 150, 160]})
    >>> round(foster_greer_thorbecke(incomes, "income", line=125).overall["p2"].value, 6)
    0.0136
    """
    given = sample(frame, income, weight=weight, cluster=cluster, group=by, line=line)
    overall = Estimates(_measures(given, level))
    return Poverty(overall, None if by is None else _by_group(given, overall, level))


def gaps(given: Sample) -> dict[str, np.ndarray]:
    """Return what each observation adds to each measure."""
    is_poor = given.incomes < given.lines
    gap = np.where(is_poor, (given.lines - given.incomes) / given.lines, 0.0)
    return {"p0": is_poor.astype("float64"), "p1": gap, "p2": gap**2}


def _measures(given: Sample, level: float) -> dict[str, Estimate]:
    n_negative = int((given.incomes < 0).sum())
    said = Message("Negative incomes, whose gap is larger than the line: {n}.", {"n": n_negative})
    notes_of = {name: (said,) if n_negative and name != "p0" else () for name in ORDERS}
    measures = {}
    for name, adds in gaps(given).items():
        value = given.mean(adds)
        measures[name] = estimate(
            ORDERS[name], value, adds - value, given, level=level, scale="logit", notes=notes_of[name]
        )
    return measures


def _by_group(given: Sample, overall: Estimates, level: float) -> pd.DataFrame:
    people = given.weights.sum()
    rows = []
    for group, members in given.by_group():
        share = float(members.weights.sum() / people)
        for name, one in _measures(members, level).items():
            whole = overall[name].value
            contribution = share * one.value / whole if whole else math.nan
            numbers = (one.value, one.standard_error, one.low, one.high, one.n, one.n_clusters)
            rows.append((group, name, share, *numbers, contribution))
    return pd.DataFrame(rows, columns=_GROUP_COLUMNS).astype({"n_clusters": "Int64"})
