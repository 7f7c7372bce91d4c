"""What changed between two surveys, minding that the same places may have been visited twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import t as student

from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.policy.welfare import words
from pk_research.policy.welfare.design import SurveyDesign
from pk_research.policy.welfare.estimate import Estimate
from pk_research.products.words import some

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Change:
    """The later estimate minus the earlier one.

    Attributes
    ----------
    before, after
        The two estimates.
    frame
        Indexed by group: ``before``, ``after``, ``change``, ``se``, ``low``, ``high``, ``df``,
        ``correlation`` of the two estimates (0 where no PSU was visited twice).
    n_shared
        PSUs in both surveys.
    n_lone
        Strata that share a single PSU, whose covariance cannot be known and is taken as 0.
    one_sided
        Groups in one survey only, left out of ``frame``.
    level
        Of the intervals.
    """

    before: Estimate = field(repr=False)
    after: Estimate = field(repr=False)
    frame: pd.DataFrame
    n_shared: int
    n_lone: int
    one_sided: tuple[str, ...]
    level: float

    @property
    def made(self) -> bool:
        """True when either survey is made data."""
        return self.before.made or self.after.made

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a group for people."""
        return words.change_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say what changed, how sure it is, and whether the same places were visited."""
        return words.change_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw the change of each group with its interval."""
        from pk_research.policy.welfare.pictures import plot_change

        return plot_change(self, language, width_px=width_px)


def change(before: Estimate, after: Estimate, *, level: float = 0.95) -> Change:
    """Compare two estimates of the same statistic.

    Parameters
    ----------
    before, after
        Of two surveys. PSUs of the same name in the same stratum count as visited twice, and their
        covariance is taken off the variance of the difference.
    level
        Of the intervals.

    Returns
    -------
    Change
        Later minus earlier, for all and for each group in both.

    Raises
    ------
    BadInput
        Different statistics or units; a PSU in another stratum than before.

    Notes
    -----
    Quantiles, whose own interval is Woodruff's, are compared by their linearised scores.

    References
    ----------
    Berger (2004), Canadian Journal of Statistics 32, for the covariance between two waves.

    Examples
    --------
    >>> from pk_research.policy.welfare import mean, survey_design
    >>> waves = [pd.DataFrame({"w": 1, "v": list("abc"), "x": x}) for x in ([1, 2, 3], [2, 3, 4.5])]
    >>> found = change(*(mean(survey_design(w, weights="w", clusters="v"), "x") for w in waves))
    >>> found.frame.loc["(all)", ["change", "se"]].round(4).to_dict()
    {'change': 1.1667, 'se': 0.1667}
    """
    problems = _comparison_problems(before, after, level)
    first, second = _psu_keys(before.rows.design), _psu_keys(after.rows.design)
    shared = first.index.intersection(second.index)
    before_in, after_in = first.loc[shared, "stratum"], second.loc[shared, "stratum"]
    moved = shared[before_in.to_numpy() != after_in.to_numpy()]
    if len(moved):
        what = f"{len(moved)} PSUs are in another stratum than before: {some(moved)}"
        problems.append(Problem("strata", what, "Use the strata of the first survey for both."))
    if problems:
        raise BadInput(problems)
    pairs = pd.DataFrame({"first": first.loc[shared, "at"], "second": second.loc[shared, "at"]})
    pairs["stratum"] = before_in
    sizes = pairs.groupby("stratum").size()
    common = [name for name in before.frame.index if name in after.frame.index]
    rows = {name: _one(before, after, name, pairs, level) for name in common}
    return Change(
        before=before,
        after=after,
        frame=pd.DataFrame.from_dict(rows, orient="index").astype({"df": int}).rename_axis("group"),
        n_shared=len(shared),
        n_lone=int((sizes == 1).sum()),
        one_sided=tuple(before.frame.index.symmetric_difference(after.frame.index)),
        level=level,
    )


def _comparison_problems(before: Estimate, after: Estimate, level: float) -> list[Problem]:
    problems = []
    if (before.what.text("en"), before.unit) != (after.what.text("en"), after.unit):
        what = f"one is {before.what.text('en')}, the other {after.what.text('en')}"
        problems.append(Problem("before, after", what, "Compare the same statistic in the same unit."))
    if not 0 < level < 1:
        problems.append(Problem("level", f"it is {level}", "Give a share between 0 and 1, as 0.95."))
    return problems


def _psu_keys(design: SurveyDesign) -> pd.DataFrame:
    """Return where each PSU stands, by its name; by stratum and name where names begin anew."""
    names = design.psu_names
    keys = names["psu"].astype(str)
    if keys.duplicated().any():
        keys = names["stratum"].astype(str) + " / " + keys
    return pd.DataFrame(
        {"stratum": names["stratum"].to_numpy(), "at": np.arange(len(names))}, index=keys.tolist()
    )


def _one(before: Estimate, after: Estimate, name: str, pairs: pd.DataFrame, level: float) -> dict[str, float]:
    first, second = before.frame.loc[name], after.frame.loc[name]
    covariance = _covariance(before, after, name, pairs)
    spread = [_variance(found, name) for found in (before, after)]
    variance = sum(spread) - 2 * covariance
    df = int(min(first["df"], second["df"]))
    difference = second["estimate"] - first["estimate"]
    se = float(np.sqrt(max(variance, 0))) if df > 0 and not np.isnan(variance) else np.nan
    half = student.ppf((1 + level) / 2, df) * se if df > 0 else np.nan
    both = np.sqrt(spread[0] * spread[1])
    return {
        "before": first["estimate"],
        "after": second["estimate"],
        "change": difference,
        "se": se,
        "low": difference - half,
        "high": difference + half,
        "df": df,
        "correlation": covariance / both if both > 0 else np.nan,
    }


def _variance(found: Estimate, name: str) -> float:
    design = found.rows.design
    # A score that spreads a PSU's total over its weight gives the same PSU totals.
    weight = np.bincount(design.psu, weights=design.weights)
    return design.variance((found.scores[name].to_numpy() / weight)[design.psu])


def _covariance(before: Estimate, after: Estimate, name: str, pairs: pd.DataFrame) -> float:
    """Return the covariance of two totals from the PSUs that both surveys visited."""
    designs = before.rows.design, after.rows.design
    found = 0.0
    for _, group in pairs.groupby("stratum"):
        if len(group) == 1:
            continue
        places = group["first"].to_numpy(), group["second"].to_numpy()
        first = before.scores[name].to_numpy()[places[0]]
        second = after.scores[name].to_numpy()[places[1]]
        kept = [
            design.fpc[design.psu_stratum[place[0]]] for design, place in zip(designs, places, strict=True)
        ]
        found += float(np.sqrt(kept[0] * kept[1]) * len(group) * np.cov(first, second)[0, 1])
    return found
