"""Are the arms alike: variable by variable, and all together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng
from pk_research.language import Bilingual, Language, Message
from pk_research.policy.design.balance_check import check_balance, check_joint, within

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TIE = 1e-12


@dataclass(frozen=True, slots=True)
class Joint:
    """Whether all variables together tell the arms apart.

    Attributes
    ----------
    f, df_between, df_within
        Cluster-robust Wald statistic of the regression of treatment on the variables, and its degrees
        of freedom: the variables, and the clusters (rows, where there are none) less one.
    p_value
        Of ``f``.
    p_lot
        Share of ``draws`` new lots (and the true one) whose arms differ as much, by the R2 of the same
        regression; exact whatever the number of clusters. Missing with weights or where the treatment
        differs within a cluster.
    n_rows
        Rows without any missing value and with a weight above zero, on which all this rests.
    draws
        Lots drawn anew.
    """

    f: float
    df_between: int
    df_within: int
    p_value: float
    p_lot: float
    n_rows: int
    draws: int


@dataclass(frozen=True, eq=False, slots=True)
class Balance:
    """How alike two arms are.

    Attributes
    ----------
    rows
        One row a variable: ``variable``, ``mean_treated``, ``mean_control``, ``difference`` (all with
        the weights, where there are any), ``normalised_difference`` (Imbens and Rubin 2015: over the
        root of the mean of the arms' variances, always without weights), ``normalised_before`` (the same
        without weights; missing where there are none), ``variance_ratio``, ``p_value`` (t test of the
        difference, within strata where there are any), ``n_treated``, ``n_control``,
        ``missing_treated``, ``missing_control``.
    joint
        All together; None where it was not asked for.
    n_treated, n_control
        Rows of each arm.
    n_clusters
        None where there are none.
    notes
        What was out of the ordinary, each a sentence.
    labels
        Variable -> label for people.
    options
        Every choice made, name -> value.
    seed
        Of the lots drawn anew.
    made
        True for made data.
    """

    rows: pd.DataFrame
    joint: Joint | None
    n_treated: int
    n_control: int
    n_clusters: int | None
    notes: tuple[Message, ...]
    labels: Mapping[str, Bilingual]
    options: Mapping[str, object] = field(default_factory=dict)
    seed: int = 0
    made: bool = False

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a variable, for people."""
        from pk_research.policy.design.balance_words import balance_table

        return balance_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell where the arms differ, and whether that is more than chance."""
        from pk_research.policy.design.balance_words import balance_account

        return balance_account(self, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw the normalised differences, before and after weighting where there are weights.

        Parameters
        ----------
        language
            Of the texts.
        width_px
            Width of the picture.
        """
        from pk_research.policy.design.balance_words import plot_balance

        return plot_balance(self, language, width_px=width_px)


def balance(
    frame: pd.DataFrame,
    treatment: str,
    covariates: Sequence[str],
    *,
    clusters: str | None = None,
    strata: str | None = None,
    weights: str | None = None,
    joint: bool = True,
    draws: int = 999,
    seed: int = 0,
    labels: Mapping[str, Bilingual] | None = None,
    made: bool = False,
) -> Balance:
    """Compare two arms, variable by variable and all together.

    Parameters
    ----------
    frame
        One row a village or household.
    treatment
        Column of 0 and 1 (or False and True), never missing.
    covariates
        Columns of numbers known before the treatment; 0 and 1 for yes or no. A missing value is left
        out of its variable and of the joint test, and counted.
    clusters
        Column of what was drawn or what moves together; None takes each row by itself (HC1).
    strata
        Column of the strata of the lot; differences are tested, and lots drawn anew, within them.
    weights
        Column, not negative, such as weights of a matching.
    joint
        False leaves the joint test out.
    draws, seed
        Lots drawn anew for the joint test, and the seed of all chance.
    labels
        Variable -> label for people.
    made
        True for made data.

    Raises
    ------
    BadInput
        With everything wrong: columns that are missing or not numbers, an arm that is empty, missing
        treatment, variables that are the same in all rows, too many variables for the joint test.

    Examples
    --------
    >>> frame = pd.DataFrame({"treated": [1, 1, 1, 0, 0, 0], "x": [2.0, 3, 4, 1, 2, 3]})
    >>> float(balance(frame, "treated", ["x"], draws=99).rows["normalised_difference"].iloc[0])
    1.0
    """
    covariates = tuple(covariates)
    check_balance(frame, treatment, covariates, clusters, strata, weights, draws)
    arms = _Arms(
        _floats(frame[treatment]),
        np.arange(len(frame)) if clusters is None else pd.factorize(frame[clusters])[0],
        np.zeros(len(frame), dtype=int) if strata is None else pd.factorize(frame[strata])[0],
        np.ones(len(frame)) if weights is None else _floats(frame[weights]),
        has_weights=weights is not None,
    )
    values = np.column_stack([_floats(frame[name]) for name in covariates])
    rows = [_row(name, values[:, n], arms) for n, name in enumerate(covariates)]
    return Balance(
        pd.DataFrame(rows),
        _joint(values, covariates, arms, draws, seed) if joint else None,
        int(arms.treated.sum()),
        int(len(frame) - arms.treated.sum()),
        len(np.unique(arms.cluster)) if clusters is not None else None,
        _notes(arms, joint=joint),
        dict(labels or {}),
        {"clusters": clusters, "strata": strata, "weights": weights, "draws": draws},
        seed,
        made,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Arms:
    """Who is treated, in which cluster and stratum, and with which weight; a value a row."""

    treated: np.ndarray
    cluster: np.ndarray
    stratum: np.ndarray
    weight: np.ndarray
    has_weights: bool

    def at(self, rows: np.ndarray) -> _Arms:
        return _Arms(
            self.treated[rows],
            self.cluster[rows],
            self.stratum[rows],
            self.weight[rows],
            self.has_weights,
        )

    @property
    def dummies(self) -> np.ndarray:
        """One column a stratum."""
        columns: np.ndarray = (self.stratum[:, None] == np.unique(self.stratum)[None, :]).astype(float)
        return columns

    @property
    def can_be_tested(self) -> bool:
        """Two clusters in each arm, and a stratum that has both."""
        n_clusters = [len(np.unique(self.cluster[self.treated == arm])) for arm in (0, 1)]
        strata = [set(self.stratum[self.treated == arm]) for arm in (0, 1)]
        return min(n_clusters) > 1 and bool(strata[0] & strata[1])

    @property
    def is_drawn_by_cluster(self) -> bool:
        pairs = np.unique(np.column_stack([self.cluster, self.treated, self.stratum]), axis=0)
        return len(pairs) == len(np.unique(self.cluster))


def _row(name: str, values: np.ndarray, arms: _Arms) -> dict[str, object]:
    known = np.isfinite(values)
    there, x = arms.at(known), values[known]
    first, second = x[there.treated == 1], x[there.treated == 0]
    weights = there.weight[there.treated == 1], there.weight[there.treated == 0]
    spread = np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2)
    means = np.average(first, weights=weights[0]), np.average(second, weights=weights[1])
    return {
        "variable": name,
        "mean_treated": means[0],
        "mean_control": means[1],
        "difference": means[0] - means[1],
        "normalised_difference": (means[0] - means[1]) / spread,
        "normalised_before": (first.mean() - second.mean()) / spread if arms.has_weights else np.nan,
        "variance_ratio": _ratio(_variance(first, weights[0]), _variance(second, weights[1])),
        "p_value": _p_value(x[there.weight > 0], there.at(there.weight > 0)),
        "n_treated": len(first),
        "n_control": len(second),
        "missing_treated": int((~known & (arms.treated == 1)).sum()),
        "missing_control": int((~known & (arms.treated == 0)).sum()),
    }


def _variance(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the unbiased variance with weights of reliability; the usual one where all are equal."""
    whole, mean = weights.sum(), np.average(values, weights=weights)
    freedom = whole**2 - (weights**2).sum()
    if freedom <= TIE * whole**2:
        return np.nan
    return float((weights * (values - mean) ** 2).sum() * whole / freedom)


def _ratio(first: float, second: float) -> float:
    return first / second if second > 0 else np.nan


def _p_value(x: np.ndarray, arms: _Arms) -> float:
    if not arms.can_be_tested:
        return np.nan
    fit = _regressed(x, np.column_stack([arms.treated, arms.dummies]), arms)
    has_spread = np.abs(fit.resid).max() > TIE * max(np.abs(x).max(), TIE)
    return float(fit.pvalues[0]) if has_spread else np.nan


def _regressed(y: np.ndarray, x: np.ndarray, arms: _Arms) -> Any:  # noqa: ANN401 - statsmodels has no types
    from statsmodels.regression.linear_model import WLS

    fit = WLS(y, x, weights=arms.weight)
    return fit.fit(cov_type="cluster", cov_kwds={"groups": arms.cluster}, use_t=True)


def _joint(values: np.ndarray, names: tuple[str, ...], arms: _Arms, draws: int, seed: int) -> Joint:
    complete = np.isfinite(values).all(axis=1) & (arms.weight > 0)
    there, x = arms.at(complete), values[complete]
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
    check_joint(x, names, there.treated, there.cluster, there.dummies)
    k = len(names)
    f, freedom, p_value = np.nan, len(np.unique(there.cluster)) - 1, np.nan
    if there.can_be_tested:
        fit = _regressed(there.treated, np.column_stack([x, there.dummies]), there)
        test = fit.f_test(np.eye(k, k + there.dummies.shape[1]))
        f, freedom, p_value = float(test.fvalue), int(test.df_denom), float(test.pvalue)
    is_possible = there.is_drawn_by_cluster and not there.has_weights
    p_lot = _p_lot(x, there, draws, seed) if is_possible else np.nan
    return Joint(f, k, freedom, p_value, p_lot, int(complete.sum()), draws)


def _p_lot(x: np.ndarray, arms: _Arms, draws: int, seed: int) -> float:
    """Draw the lot anew, clusters within strata, and compare the R2 of treatment on the variables."""
    axes = np.linalg.qr(within(x, arms.dummies))[0]
    clusters, start = np.unique(arms.cluster, return_index=True)
    number = np.searchsorted(clusters, arms.cluster)
    sums = np.zeros((len(clusters), axes.shape[1]))
    np.add.at(sums, number, axes)
    sizes, stratum = np.bincount(number), arms.stratum[start]

    def share_explained(treated: np.ndarray) -> float:
        in_stratum = np.bincount(stratum, treated * sizes), np.bincount(stratum, sizes)
        there = in_stratum[1] > 0
        spread = (in_stratum[0] - in_stratum[0] ** 2 / np.where(there, in_stratum[1], 1))[there].sum()
        return float(((treated @ sums) ** 2).sum() / spread) if spread > 0 else 0.0

    drawn = arms.treated[start]
    found = share_explained(drawn)
    as_far = sum(
        share_explained(_drawn_anew(drawn, stratum, derived_rng(seed, draw))) >= found - TIE
        for draw in range(draws)
    )
    return (1 + as_far) / (1 + draws)


def _drawn_anew(treated: np.ndarray, stratum: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    anew = np.empty_like(treated)
    for number in np.unique(stratum):
        rows = np.flatnonzero(stratum == number)
        anew[rows] = treated[rng.permutation(rows)]
    return anew


def _notes(arms: _Arms, *, joint: bool) -> tuple[Message, ...]:
    notes = []
    if not arms.can_be_tested:
        notes.append(
            Message(
                "An arm is a single cluster, or no stratum has both arms: no p-value can be given from the"
                " spread between clusters."
            )
        )
    if joint and arms.has_weights:
        notes.append(Message("With weights, the lot is not drawn anew: the weights may depend on the arms."))
    elif joint and not arms.is_drawn_by_cluster:
        notes.append(
            Message(
                "The treatment differs within clusters, or a cluster lies in several strata: the lot"
                " cannot be drawn anew by cluster."
            )
        )
    return tuple(notes)


def _floats(values: pd.Series) -> np.ndarray:
    floats: np.ndarray = values.to_numpy(dtype=float, na_value=np.nan)
    return floats
