"""How small an effect a design can find, how surely, and with how many clusters.

The standard error of the effect follows Bloom (1995; 2005, "Randomizing groups to evaluate
place-based programs"), Duflo, Glennerster and Kremer (2007), Hemming, Girling, Sitch, Marsh and
Lilford (2011) for unequal clusters and shares, and McKenzie (2012, "Beyond baseline and follow-up")
for several rounds; the test is a t test on as many degrees of freedom as the clusters leave.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import optimize, stats

from pk_research.errors import BadInput, Problem
from pk_research.language import Language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Analysis = Literal["after", "change", "ancova"]
ANALYSES = ("after", "change", "ancova")
MOST_CLUSTERS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a study will look like; for people (not clusters) drawn singly, ``cluster_size`` is 1.

    Attributes
    ----------
    clusters
        In both arms together, such as villages; people where ``cluster_size`` is 1.
    cluster_size
        People asked in each, on average, before any are lost.
    size_variation
        Standard deviation of the cluster sizes over their mean; 0 for equal sizes.
    icc
        Share of the outcome's variance that lies between clusters, 0 to 1.
    share_treated
        Of the clusters; between 0 and 1.
    sd
        Of the outcome, in its own unit; 1 gives effects in standard deviations. Not used for a share.
    share_before
        For a yes-or-no outcome: the share of "yes" without the policy. None for other outcomes.
    r2_between, r2_within
        Share of the variance between and within clusters that covariates explain; for people drawn
        singly, ``r2_within`` is of the whole variance.
    n_covariates
        Covariates of the clusters; each costs a degree of freedom.
    lost
        Share of the people asked who are not found again, the same in all clusters and arms.
    analysis
        ``"after"`` compares the rounds after; ``"change"`` is difference in differences; ``"ancova"``
        takes the mean of the rounds before as a covariate.
    rounds_before, rounds_after
        Rounds asked.
    autocorrelation
        Between two rounds, of what is particular to a person within the cluster; 0 where other people
        are asked each time.
    cluster_autocorrelation
        Between two rounds, of the clusters; None takes ``autocorrelation``.
    alpha
        Of the two-sided test.

    Examples
    --------
    >>> design = Design(clusters=40, cluster_size=20, icc=0.05)
    >>> round(design.standard_error(), 3), design.degrees_of_freedom
    (0.099, 38)
    """

    clusters: int
    cluster_size: float = 1
    size_variation: float = 0
    icc: float = 0
    share_treated: float = 0.5
    sd: float = 1
    share_before: float | None = None
    r2_between: float = 0
    r2_within: float = 0
    n_covariates: int = 0
    lost: float = 0
    analysis: Analysis = "after"
    rounds_before: int = 1
    rounds_after: int = 1
    autocorrelation: float = 0
    cluster_autocorrelation: float | None = None
    alpha: float = 0.05

    @property
    def degrees_of_freedom(self) -> int:
        """Clusters less two arms, less the covariates of the clusters."""
        return self.clusters - 2 - self.n_covariates - (self.analysis == "ancova")

    @property
    def design_effect(self) -> float:
        """Variance over that of as many people drawn singly, before covariates and rounds."""
        size = self.cluster_size * (1 - self.lost)
        return 1 + ((1 + self.size_variation**2) * size - 1) * self.icc if self.cluster_size > 1 else 1.0

    def standard_error(self, effect: float = 0) -> float:
        """Return the standard error of the effect, in the outcome's unit.

        Parameters
        ----------
        effect
            Matters for a share only, whose variance depends on it.
        """
        between, within = self._parts()
        rounds = _rounds(self, between, within)
        treated, untreated = self._variances(effect)
        arms = treated / self.share_treated + untreated / (1 - self.share_treated)
        return math.sqrt(arms * (between + within) * rounds / self.clusters)

    def _parts(self) -> tuple[float, float]:
        """Variance of a cluster's mean between and within clusters, the outcome's variance being 1."""
        size = self.cluster_size * (1 - self.lost)
        if self.cluster_size <= 1:
            return 0.0, (1 - self.r2_within) / size
        between = self.icc * (1 + self.size_variation**2) * (1 - self.r2_between)
        return between, (1 - self.icc) * (1 - self.r2_within) / size

    def _variances(self, effect: float) -> tuple[float, float]:
        if self.share_before is None:
            return self.sd**2, self.sd**2
        after = self.share_before + effect
        return after * (1 - after), self.share_before * (1 - self.share_before)


@dataclass(frozen=True, slots=True)
class Power:
    """How surely a design finds an effect.

    Attributes
    ----------
    design
        What the study will look like.
    effect
        In the outcome's unit.
    power
        Chance that the test finds it, 0 to 1.
    asked
        What was asked for: ``"power"``, ``"effect"`` or ``"clusters"``.
    """

    design: Design
    effect: float
    power: float
    asked: Literal["power", "effect", "clusters"]

    @property
    def made(self) -> bool:
        """False: nothing here is data; every figure follows from what was assumed."""
        return False

    def table(self, language: Language) -> pd.DataFrame:
        """Return what was assumed and what follows, a row each."""
        from pk_research.policy.design.power_words import power_table

        return power_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell what the design can find and on what that rests."""
        from pk_research.policy.design.power_words import power_account

        return power_account(self, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw the power against the effect, for this design and for half and twice the clusters.

        Parameters
        ----------
        language
            Of the texts.
        width_px
            Width of the picture.
        """
        from pk_research.policy.design.power_picture import plot_power

        return plot_power(self, language, width_px=width_px)


def power_of(design: Design, effect: float) -> Power:
    """Return the chance that a design finds an effect.

    Parameters
    ----------
    design
        What the study will look like.
    effect
        In the outcome's unit (a difference of shares for a yes-or-no outcome).

    Raises
    ------
    BadInput
        With everything in the design that cannot be.

    Examples
    --------
    The R package clusterPower gives 0.801766 for 16 clusters an arm:

    >>> design = Design(clusters=32, cluster_size=10, icc=0.1, sd=5**0.5)
    >>> round(power_of(design, 1).power, 4)
    0.8018
    """
    _check(design, effect=effect)
    return Power(design, effect, _power(design, effect), "power")


def detectable_effect(design: Design, *, power: float = 0.8, falls: bool = False) -> Power:
    """Return the smallest effect that a design finds with a given chance (Bloom 1995).

    Parameters
    ----------
    design
        What the study will look like.
    power
        Chance to find it; above ``alpha``, below 1.
    falls
        True for an effect below zero, such as fewer poor people; it matters for a share only.

    Raises
    ------
    BadInput
        With everything in the design that cannot be, or when no change of a share can be found.

    Examples
    --------
    The R package clusterPower gives 0.4804988 for 5 clusters an arm:

    >>> round(detectable_effect(Design(clusters=10, cluster_size=150, icc=0.05)).effect, 4)
    0.4805
    >>> poor = Design(clusters=60, cluster_size=20, icc=0.05, share_before=0.3)
    >>> round(detectable_effect(poor, falls=True).effect, 3)
    -0.099
    """
    _check(design, power=power)
    # The fall of a share of "yes" is the rise of the share of "no".
    is_turned = falls and design.share_before is not None
    turned = replace(design, share_before=1 - (design.share_before or 0)) if is_turned else design
    effect = _detectable(turned, power)
    if math.isnan(effect):
        change = "fall" if falls else "rise"
        what = f"no {change} from {design.share_before:g} is found with a chance of {power:g}"
        raise BadInput(Problem("design", what, "Take more clusters, or ask for less power."))
    effect = -effect if falls else effect
    return Power(design, effect, _power(design, effect), "effect")


def clusters_needed(design: Design, effect: float, *, power: float = 0.8) -> Power:
    """Return the design with the fewest clusters that finds an effect with a given chance.

    Parameters
    ----------
    design
        What the study will look like; its ``clusters`` are not looked at.
    effect
        In the outcome's unit; not zero.
    power
        Chance to find it; above ``alpha``, below 1.

    Returns
    -------
    Power
        Its ``design.clusters`` is the answer, its ``power`` what they reach.

    Raises
    ------
    BadInput
        With everything that cannot be, or when ten million clusters do not suffice.

    Examples
    --------
    >>> design = Design(clusters=4, cluster_size=10, icc=0.1, sd=5**0.5)
    >>> clusters_needed(design, 1).design.clusters
    32
    """
    fewest = 3 + design.n_covariates + (design.analysis == "ancova")
    fewest = (
        max(fewest, math.ceil(1 / min(design.share_treated, 1 - design.share_treated)))
        if (0 < design.share_treated < 1)
        else fewest
    )
    _check(replace(design, clusters=fewest), effect=effect, power=power, effect_is_needed=True)
    enough = fewest
    while enough < MOST_CLUSTERS and _power(replace(design, clusters=enough), effect) < power:
        enough *= 2
    if enough >= MOST_CLUSTERS:
        what = f"{MOST_CLUSTERS} clusters do not find {effect:g}"
        raise BadInput(Problem("effect", what, "Look for a larger effect."))
    low, high = max(fewest, enough // 2), enough
    while low < high:
        middle = (low + high) // 2
        if _power(replace(design, clusters=middle), effect) >= power:
            high = middle
        else:
            low = middle + 1
    found = replace(design, clusters=low)
    return Power(found, effect, _power(found, effect), "clusters")


def _rounds(design: Design, between: float, within: float) -> float:
    """Return what several rounds do to the variance of a cluster's mean (McKenzie 2012; Teerenstra 2012)."""
    of_clusters = design.cluster_autocorrelation
    of_clusters = design.autocorrelation if of_clusters is None else of_clusters
    whole = between + within
    shared = (between * of_clusters + within * design.autocorrelation) / whole if whole else 0.0
    before, after = design.rounds_before, design.rounds_after
    alone = (1 + (after - 1) * shared) / after
    if design.analysis == "change":
        return (1 - shared) * (1 / before + 1 / after)
    if design.analysis == "ancova":
        return alone - before * shared**2 / (1 + (before - 1) * shared)
    return alone


def _power(design: Design, effect: float) -> float:
    error = design.standard_error(effect)
    if error == 0:
        return 1.0 if effect else design.alpha
    freedom, shift = design.degrees_of_freedom, abs(effect) / error
    bound = stats.t.ppf(1 - design.alpha / 2, freedom)
    # Where the wrong tail is too small for scipy, it gives NaN: it is below the normal's at -shift.
    wrong_tail = np.nan_to_num(stats.nct.cdf(-bound, freedom, shift), nan=0.0)
    return min(float(stats.nct.sf(bound, freedom, shift) + wrong_tail), 1.0)


def _detectable(design: Design, power: float) -> float:
    most = math.inf if design.share_before is None else 1 - design.share_before
    high = min(10 * design.standard_error(), most * (1 - 1e-12))
    while _power(design, high) < power:
        if 2 * high >= most:
            return (
                math.nan
                if _power(design, most * (1 - 1e-12)) < power
                else float(
                    optimize.brentq(lambda effect: _power(design, effect) - power, high, most * (1 - 1e-12))
                )
            )
        high *= 2
    return float(optimize.brentq(lambda effect: _power(design, effect) - power, 0, high, xtol=1e-12))


LIMITS: dict[str, tuple[float, float, bool]] = {
    "cluster_size": (1, math.inf, True),
    "size_variation": (0, math.inf, True),
    "icc": (0, 1, True),
    "share_treated": (0, 1, False),
    "sd": (0, math.inf, False),
    "share_before": (0, 1, False),
    "r2_between": (0, 1, True),
    "r2_within": (0, 1, True),
    "lost": (0, 1, True),
    "autocorrelation": (0, 1, True),
    "cluster_autocorrelation": (0, 1, True),
    "alpha": (0, 0.5, False),
}
LEAST_WHOLE = {"clusters": 3, "n_covariates": 0, "rounds_before": 1, "rounds_after": 1}


def _check(
    design: Design,
    *,
    effect: float | None = None,
    power: float | None = None,
    effect_is_needed: bool = False,
) -> None:
    given = asdict(design)
    problems = [
        *(_outside(name, given[name], *limits) for name, limits in LIMITS.items() if given[name] is not None),
        *(_not_whole(name, given[name], least) for name, least in LEAST_WHOLE.items()),
    ]
    if design.analysis not in ANALYSES:
        known = ", ".join(ANALYSES)
        problems.append(Problem("analysis", f"'{design.analysis}' is not known", f"Known are: {known}."))
    found = [problem for problem in problems if problem is not None]
    found += _together(design) if not found else []
    if effect is not None:
        found += _effect_problems(design, effect, is_needed=effect_is_needed) if not found else []
    if power is not None and not design.alpha < power < 1:
        found.append(Problem("power", f"it is {power}", "Give a number between alpha and 1, such as 0.8."))
    if found:
        raise BadInput(found)


def _outside(name: str, value: float, low: float, high: float, is_closed: bool) -> Problem | None:  # noqa: FBT001
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    is_inside = is_number and math.isfinite(value) and low <= value <= high
    if is_inside and (is_closed or low < value < high):
        return None
    bounds = f"from {low:g} to {high:g}" if is_closed else f"above {low:g} and below {high:g}"
    return Problem(name, f"it is {value}", f"Give a number {bounds}.")


def _not_whole(name: str, value: float, least: int) -> Problem | None:
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least:
        return None
    return Problem(name, f"it is {value}", f"Give a whole number, at least {least}.")


def _together(design: Design) -> list[Problem]:
    found = []
    if design.degrees_of_freedom < 1:
        what = f"{design.clusters} clusters leave no degree of freedom with {design.n_covariates} covariates"
        found.append(Problem("clusters", what, "Take more clusters or fewer covariates."))
    if design.clusters * min(design.share_treated, 1 - design.share_treated) < 1:
        what = f"{design.clusters} clusters with {design.share_treated:g} treated leave an arm empty"
        found.append(Problem("share_treated", what, "Take more clusters or a share nearer to a half."))
    if design.lost == 1:
        found.append(Problem("lost", "nobody is found again", "Give a share below 1."))
    elif design.standard_error() == 0:
        what = "nothing is left to chance: covariates or earlier rounds explain everything"
        found.append(Problem("design", what, "Give an R2 and an autocorrelation below 1."))
    if design.cluster_size == 1 and (design.icc or design.size_variation or design.r2_between):
        what = "clusters of one person have no `icc`, `size_variation` or `r2_between`"
        found.append(Problem("cluster_size", what, "Give the people asked in each cluster, or leave these."))
    return found


def _effect_problems(design: Design, effect: float, *, is_needed: bool) -> list[Problem]:
    is_number = isinstance(effect, int | float | np.number) and math.isfinite(effect)
    if not is_number or (is_needed and effect == 0):
        remedy = "Give a number, not zero." if is_needed else "Give a number."
        return [Problem("effect", f"it is {effect}", remedy)]
    if design.share_before is not None and not 0 <= design.share_before + effect <= 1:
        what = f"{design.share_before:g} and {effect:g} together are no share"
        return [Problem("effect", what, "Give a difference that leaves the share between 0 and 1.")]
    return []
