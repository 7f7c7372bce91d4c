"""How much inequality lies within kecamatan, and how much between them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.indicators.regional.estimates import estimates_frame, notes
from pk_research.indicators.regional.inequality import (
    MEASURES,
    Measured,
    Outside,
    mean_distance,
    measured,
    within_domain,
)
from pk_research.indicators.regional.sample import Estimate, Floats, Sample, estimate, sample, undefined
from pk_research.indicators.regional.wording import headed, told
from pk_research.language import Language, Message

PARTS = {
    "total": Message("Total"),
    "within": Message("Within groups"),
    "between": Message("Between groups"),
    "overlap": Message("Overlap of the groups"),
}


@dataclass(frozen=True, eq=False)
class Decomposition:
    """Inequality in parts that sum to the total.

    Attributes
    ----------
    estimates
        (measure, part) -> `Estimate`. Of ``theil_t`` and ``mean_log_deviation`` the parts are
        ``total``, ``within``, ``between``; of ``gini`` also ``overlap``, the residual that arises
        because the incomes of groups overlap, which belongs to neither. Parts of ``gini`` have no
        standard error.
    groups
        One row a group, sorted: ``group``, ``n``, ``population_share``, ``income_share``,
        ``mean``, and each measure within it (missing where not defined).
    by
        The column of the groups.
    """

    estimates: dict[tuple[str, str], Estimate]
    groups: pd.DataFrame
    by: str

    @property
    def frame(self) -> pd.DataFrame:
        """One row a measure and part: value, standard error, interval, n, ``share`` of the total."""
        frame = estimates_frame({f"{name}/{part}": one for (name, part), one in self.estimates.items()})
        frame.index = pd.MultiIndex.from_tuples(self.estimates, names=["measure", "part"])
        total = frame["value"].groupby(level="measure", sort=False).transform("first")
        return frame.assign(share=frame["value"] / total.where(total > 0))

    def table(self, language: Language) -> pd.DataFrame:
        """Return the parts with names and headings in a language."""
        rows = self.frame.reset_index()
        rows["measure"] = [MEASURES[name].name.text(language) for name in rows["measure"]]
        rows["part"] = [PARTS[name].text(language) for name in rows["part"]]
        headings = {
            "measure": Message("Measure"),
            "part": Message("Part"),
            "value": Message("Value"),
            "standard_error": Message("Standard error"),
            "low": Message("Interval from"),
            "high": Message("Interval to"),
            "share": Message("Part of the whole"),
        }
        return headed(rows, headings, language)

    def groups_table(self, language: Language) -> pd.DataFrame:
        """Return the groups with headings in a language."""
        headings = {
            "group": Message("Group"),
            "n": Message("Rows"),
            "population_share": Message("Share of the people"),
            "income_share": Message("Share of the income"),
            "mean": Message("Mean"),
            **{name: measure.name for name, measure in MEASURES.items() if name in self.groups},
        }
        return headed(self.groups, headings, language)

    def in_words(self, language: Language) -> str:
        """Say how much lies between the groups, by each measure."""
        frame = self.frame
        sentences = [
            Message(
                "{measure}: {percent}% of the inequality lies between the groups.",
                {"measure": MEASURES[name].name, "percent": round(100 * float(share))},
            )
            for (name, part), share in frame["share"].items()
            if part == "between" and not pd.isna(share)
        ]
        overlap = frame["share"].get(("gini", "overlap"), math.nan)
        if not pd.isna(overlap) and overlap > 0:
            sentences.append(
                Message(
                    "{percent}% of the Gini coefficient is overlap of the groups, within and between alike.",
                    {"percent": round(100 * float(overlap))},
                )
            )
        totals = [one for (_, part), one in self.estimates.items() if part == "total"]
        return told([*sentences, *notes(totals)], language)


def decompose(
    frame: pd.DataFrame,
    value: str,
    *,
    by: str,
    weight: str | None = None,
    cluster: str | None = None,
    outside: Outside = "undefined",
    level: float = 0.95,
) -> Decomposition:
    """Split inequality into what lies within groups and between their means.

    Parameters
    ----------
    frame, value, weight, cluster, outside, level
        As in `inequality`.
    by
        Column of the groups, such as the kecamatan.

    Returns
    -------
    Decomposition
        Theil-T: within = sum of income share times index of the group; mean log deviation: the
        same with population shares; both exact. Gini: within = sum of population share times
        income share times Gini of the group, between = Gini of the group means, overlap = what
        is left. From a sample, small groups make the part between them look larger than it is, and
        its standard error is too small where it is nearly zero.

    References
    ----------
    Shorrocks (1980), The class of additively decomposable inequality measures, Econometrica 48.
    Lambert and Aronson (1993), Inequality decomposition analysis and the Gini coefficient
    revisited, Economic Journal 103.

    Examples
    --------
    >>> incomes = pd.DataFrame({"income": [1, 3, 2, 6], "kecamatan": ["A", "A", "B", "B"]})
    >>> decompose(incomes, "income", by="kecamatan").frame.loc["theil_t", "value"].round(4).tolist()
    [0.1874, 0.1308, 0.0566]
    """
    given = sample(frame, value, weight=weight, cluster=cluster, group=by)
    estimates: dict[tuple[str, str], Estimate] = {}
    for name in ("theil_t", "mean_log_deviation", "gini"):
        total = measured(name, given, outside=outside, level=level)
        estimates |= {(name, part): one for part, one in _parts(name, total, given, level).items()}
    return Decomposition(estimates, _groups(given, outside, level), by)


def _parts(name: str, total: Estimate, given: Sample, level: float) -> dict[str, Estimate]:
    used = given.where(within_domain(MEASURES[name], given))
    if math.isnan(total.value):
        why = Message("The total is not defined, so its parts are not.")
        parts = ["within", "between", *(["overlap"] if name == "gini" else [])]
        return {"total": total} | {
            part: undefined(PARTS[part], given, level=level, why=why) for part in parts
        }
    if name == "gini":
        return {"total": total} | _gini_parts(used, total, level)
    value, influence = MEASURES[name].compute(used)
    between, influence_between = _BETWEEN[name](used)
    return {
        "total": total,
        "within": estimate(
            PARTS["within"], value - between, influence - influence_between, used, level=level
        ),
        "between": estimate(PARTS["between"], between, influence_between, used, level=level),
    }


def group_means(given: Sample) -> Floats:
    """Return the mean of its group for each observation."""
    weight = np.bincount(given.groups, given.weights)
    income = np.bincount(given.groups, given.weights * given.incomes)
    return (income / np.where(weight > 0, weight, 1.0))[given.groups]


def _theil_t_between(given: Sample) -> Measured:
    y, means = given.incomes, group_means(given)
    mean = given.mean(y)
    # A group of zeros adds nothing, as a zero income does.
    logs = np.log(np.where(means > 0, means, mean) / mean)
    value = given.mean(means * logs) / mean
    return value, ((logs + 1) * y - means) / mean - value - (value + 1) * (y - mean) / mean


def _mean_log_deviation_between(given: Sample) -> Measured:
    y, means = given.incomes, group_means(given)
    mean = given.mean(y)
    logs = np.log(means / mean)
    value = -given.mean(logs)
    return value, y / mean - y / means - logs - value


_BETWEEN: dict[str, Callable[[Sample], Measured]] = {
    "theil_t": _theil_t_between,
    "mean_log_deviation": _mean_log_deviation_between,
}


def _gini_parts(given: Sample, total: Estimate, level: float) -> dict[str, Estimate]:
    w, mean = given.weights, given.mean(given.incomes)
    means = group_means(given)
    between = given.mean(mean_distance(means, w)) / (2 * mean)
    # Population share times income share times Gini of a group, its mean cancelled.
    within = sum(
        (members.weights.sum() / w.sum()) ** 2
        * members.mean(mean_distance(members.incomes, members.weights))
        / (2 * mean)
        for _, members in given.by_group()
    )
    parts = {"within": float(within), "between": between, "overlap": total.value - float(within) - between}
    return {name: _without_error(PARTS[name], value, given, level) for name, value in parts.items()}


def _without_error(measure: Message, value: float, given: Sample, level: float) -> Estimate:
    nan = math.nan
    return Estimate(measure, value, nan, nan, nan, level, given.n, None)


def _groups(given: Sample, outside: Outside, level: float) -> pd.DataFrame:
    people, mean_of_all = given.weights.sum(), given.mean(given.incomes)
    rows = []
    for group, members in given.by_group():
        share, mean = float(members.weights.sum() / people), members.mean(members.incomes)
        about = {"group": group, "n": members.n, "population_share": share}
        about |= {"income_share": share * mean / mean_of_all, "mean": mean}
        values = {name: measured(name, members, outside=outside, level=level).value for name in MEASURES}
        rows.append(about | values)
    return pd.DataFrame(rows)
