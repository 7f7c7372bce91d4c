"""Every choice that makes an index what it is, in one place, so that each can be varied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from pk_research.errors import BadInput, Problem

Imputation = Literal["none", "mean", "median", "group mean", "group median", "iterative", "multiple"]
Treatment = Literal["none", "winsorise", "winsorise or log", "winsorise or box-cox"]
Normalisation = Literal[
    "min-max", "z", "rank", "goalposts", "distance to target", "distance to reference", "ratio to best"
]
Weighting = Literal["declared", "equal", "pca", "entropy", "critic"]
Aggregation = Literal["arithmetic", "geometric", "harmonic", "mazziotta-pareto", "benefit of the doubt"]

CHOICES: dict[str, tuple[str, ...]] = {
    "imputation": get_args(Imputation),
    "treatment": get_args(Treatment),
    "normalisation": get_args(Normalisation),
    "weighting": get_args(Weighting),
    "aggregation": get_args(Aggregation),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an index is computed.

    Attributes
    ----------
    least_present
        Share of its indicators (0 to 1) a unit must have, or it is left out.
    least_nonzero
        Share of a unit's present values (0 to 1) that must not be zero, or it is left out.
    imputation
        What stands in for a missing value: nothing, the mean or median of the indicator, of the
        unit's group, a regression on the other indicators (``"iterative"``), or several draws of
        that regression (``"multiple"``; the index then rests on their mean).
    group
        Column of the groups for ``"group mean"`` and ``"group median"``.
    n_imputations
        Draws of ``"multiple"``.
    treatment
        What is done to an indicator whose absolute skewness exceeds ``skew_limit`` while its
        excess kurtosis exceeds ``kurtosis_limit``: see `treat`.
    most_winsorised
        Most values of an indicator that may be winsorised.
    skew_limit, kurtosis_limit
        When an indicator is said to have outliers.
    normalisation
        How indicators are made comparable: see `normalise`.
    scale
        Lowest and highest value of every normalisation but ``"z"``.
    z_mean, z_sd
        Mean and standard deviation of ``"z"``.
    reference
        Key of the unit for ``"distance to reference"``.
    weighting
        Where weights come from: see `weights_within`.
    aggregation
        How scores are brought together: see `aggregate`.
    least_weight
        Share of the weight (0 to 1) that must be present for a score; below it the score is
        missing, above it the weights of what is present are scaled up.
    """

    least_present: float = 0.0
    least_nonzero: float = 0.0
    imputation: Imputation = "none"
    group: str | None = None
    n_imputations: int = 5
    treatment: Treatment = "none"
    most_winsorised: int = 5
    skew_limit: float = 2.0
    kurtosis_limit: float = 3.5
    normalisation: Normalisation = "min-max"
    scale: tuple[float, float] = (0.0, 100.0)
    z_mean: float = 0.0
    z_sd: float = 1.0
    reference: str | None = None
    weighting: Weighting = "declared"
    aggregation: Aggregation = "arithmetic"
    least_weight: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be done, all of it at once."""
        problems = list(_problems(self))
        if problems:
            raise BadInput(problems)


def _problems(options: Options) -> Iterator[Problem]:
    for name, allowed in CHOICES.items():
        if getattr(options, name) not in allowed:
            yield Problem(
                f"option {name}", f"{getattr(options, name)!r} is unknown", f"Choose {', '.join(allowed)}."
            )
    yield from _numbers_out_of_range(options)
    yield from _missing_names(options)
    yield from _conflicts(options)


def _numbers_out_of_range(options: Options) -> Iterator[Problem]:
    for name in ("least_present", "least_nonzero", "least_weight"):
        if not 0 <= getattr(options, name) <= 1:
            yield Problem(f"option {name}", f"{getattr(options, name)} is no share", "Give 0 to 1.")
    for name, least in (("n_imputations", 2), ("most_winsorised", 0)):
        if getattr(options, name) < least:
            yield Problem(f"option {name}", f"{getattr(options, name)} is too few", f"Give {least} or more.")
    if not options.scale[0] < options.scale[1]:
        yield Problem("option scale", f"{options.scale} is no range", "Give the lower value first.")
    if options.z_sd <= 0:
        yield Problem("option z_sd", f"{options.z_sd} is not positive", "Give a positive number.")


def _missing_names(options: Options) -> Iterator[Problem]:
    if options.imputation.startswith("group") and options.group is None:
        yield Problem("option group", "no groups were named", "Give the column of the groups.")
    if options.normalisation == "distance to reference" and options.reference is None:
        yield Problem("option reference", "no unit was named", "Give the key of the unit of reference.")


def _conflicts(options: Options) -> Iterator[Problem]:
    """Yield the pairs of choices that exclude each other."""
    transforms = options.treatment.startswith("winsorise or")
    if transforms and options.normalisation in {"goalposts", "distance to target"}:
        yield Problem(
            "options treatment and normalisation",
            f"{options.treatment!r} may change the unit in which {options.normalisation} is measured",
            "Treat by 'winsorise' or 'none'.",
        )
    needs_positive = options.aggregation != "arithmetic"
    around_zero = options.normalisation == "z" and options.z_mean < 5 * options.z_sd
    below_zero = options.normalisation != "z" and options.scale[0] < 0
    if needs_positive and (around_zero or below_zero):
        yield Problem(
            "options normalisation and aggregation",
            f"{options.aggregation} aggregation needs scores that are not negative,"
            f" which {options.normalisation} gives",
            "Give z_mean=100 and z_sd=10, or a scale from 0 or above.",
        )
