"""Made villages with known effects, drawn and judged again and again: how often is an interval right?

Every seed draws its own villages from its own derived seed, so that any number of workers gives the same
table. What a design keeps and what it breaks is said where it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from pk_research.compute.chance import derived_rng
from pk_research.language import Message
from pk_research.policy.effects.cross_section import (
    Study,
    adjusted_effect,
    difference_in_means,
    entropy_balanced_effect,
    matched_effect,
    read_study,
)
from pk_research.policy.effects.did import staggered, twfe, two_by_two
from pk_research.policy.effects.effect import Effect
from pk_research.policy.effects.panel import Panel, read_panel
from pk_research.policy.effects.synthetic import synthetic_differences
from pk_research.policy.inference import randomisation_test, wild_bootstrap

N_VILLAGES, N_YEARS = 187, 6
INCOME = Message("income")
STARTS, SHARES = np.array([0, 3, 4, 5]), np.array([0.36, 0.22, 0.21, 0.21])
EFFECT = 0.5

Said = tuple[float, float, float, float]


@dataclass(frozen=True)
class Design:
    """Villages as they are drawn, what is true of them, and who is asked.

    Attributes
    ----------
    make
        Rows of one draw.
    truth
        The effect that an interval should hold.
    estimators
        Name -> estimate, standard error (missing where there is none) and both ends of the interval.
    """

    make: Callable[[np.random.Generator], pd.DataFrame]
    truth: float
    estimators: Mapping[str, Callable[[pd.DataFrame], Said]]


# --- villages ------------------------------------------------------------------------------------------


def over_years(
    rng: np.random.Generator,
    start: np.ndarray,
    effect: Callable[[np.ndarray, np.ndarray], np.ndarray],
    *,
    drift: float = 0.0,
    kecamatan: np.ndarray | None = None,
) -> pd.DataFrame:
    """Villages with a level and a memory (half of last year's shock) of their own.

    ``effect`` takes start and years since it; ``drift`` is what those that ever have the policy gain a
    year besides, so that trends are not parallel; villages of a ``kecamatan`` share a shock a year.
    """
    n = len(start)
    shock = rng.normal(size=(n, N_YEARS))
    for year in range(1, N_YEARS):
        shock[:, year] += 0.5 * shock[:, year - 1]
    years = np.arange(1, N_YEARS + 1)
    since = years - start[:, None]
    has = (start[:, None] > 0) & (since >= 0)
    income = rng.normal(size=(n, 1)) + 0.2 * years + shock + drift * years * (start > 0)[:, None]
    income += np.where(has, effect(start[:, None], since), 0.0)
    if kecamatan is None:
        return as_rows(start, income)
    income += 0.4 * rng.normal(size=(kecamatan.max() + 1, N_YEARS))[kecamatan]
    return as_rows(start, income).assign(kecamatan=np.repeat(kecamatan, N_YEARS))


def as_rows(start: np.ndarray, income: np.ndarray) -> pd.DataFrame:
    """Return one row a village and year, from the starts and villages x years."""
    n, n_years = income.shape
    return pd.DataFrame(
        {
            "village": np.repeat(np.arange(n), n_years),
            "year": np.tile(np.arange(1, n_years + 1), n),
            "start": np.repeat(start, n_years),
            "income": income.ravel(),
        }
    )


def same(start: np.ndarray, since: np.ndarray) -> np.ndarray:
    """Return the same effect for all and always."""
    return EFFECT + 0.0 * (start + since)


def growing(start: np.ndarray, since: np.ndarray) -> np.ndarray:
    """Return effects that grow with time, faster for those that begin early."""
    return 0.3 * (since + 1) * (6 - start)


def mean_of(effect: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> float:
    """Return the mean effect over the years with the policy, by the shares of the starts."""
    years = np.arange(1, N_YEARS + 1)
    cells = [
        (s, y - s, share) for s, share in zip(STARTS, SHARES, strict=True) if s for y in years[years >= s]
    ]
    start, since, share = map(np.array, zip(*cells, strict=True))
    return float(np.average(effect(start, since), weights=share))


def by_lot(rng: np.random.Generator, *, drift: float = 0.0) -> pd.DataFrame:
    """Half of the villages by lot, all from the fourth year on."""
    return over_years(rng, np.where(rng.permutation(N_VILLAGES) < N_VILLAGES // 2, 4, 0), same, drift=drift)


def drawn_starts(rng: np.random.Generator) -> np.ndarray:
    """Return a start drawn for each village."""
    return rng.choice(STARTS, size=N_VILLAGES, p=SHARES)


def fixed_starts() -> np.ndarray:
    """Return starts of the same number of villages in every draw, as near to the shares as can be."""
    return np.repeat(STARTS, [67, 41, 40, 39])


def in_kecamatan(rng: np.random.Generator, k: int = 8) -> pd.DataFrame:
    """Villages in kecamatan that share a shock; half of the kecamatan by lot."""
    kecamatan = np.arange(N_VILLAGES) % k
    has = (rng.permutation(k) < k // 2)[kecamatan]
    income = EFFECT * has + 0.5 * rng.normal(size=k)[kecamatan] + rng.normal(size=N_VILLAGES)
    return pd.DataFrame({"income": income, "has": has.astype(int), "kecamatan": kecamatan})


def kecamatan_over_years(rng: np.random.Generator) -> pd.DataFrame:
    """23 kecamatan, as Kabupaten Bekasi has, that begin by lot, all villages of one together."""
    kecamatan = np.arange(N_VILLAGES) % 23
    starts = rng.permutation(np.repeat(STARTS, [8, 5, 5, 5]))
    return over_years(rng, starts[kecamatan], same, kecamatan=kecamatan)


def moving_together(rng: np.random.Generator, *, apart: float) -> pd.DataFrame:
    """40 villages that lean on one movement each in its way; those with the policy lean more by so much.

    Eight have it from the eighth of ten years on.
    """
    has = np.arange(40) < 8
    leans = rng.normal(size=(40, 1)) + apart * has[:, None]
    years = np.arange(1, 11)
    income = rng.normal(size=(40, 1)) + 0.3 * leans * years + 0.5 * rng.normal(size=(40, 10))
    return as_rows(np.where(has, 8, 0), income + EFFECT * (has[:, None] & (years >= 8)))


def beside_each_other(rng: np.random.Generator) -> pd.DataFrame:
    """Villages on a grid of 11 by 17, half with the policy by lot; it reaches those beside, too.

    Who has it gains 0.5; who has it not gains 0.25 from a neighbour that has it.
    """
    has = (rng.permutation(N_VILLAGES) < N_VILLAGES // 2).reshape(11, 17)
    edged = np.pad(has, 1)
    beside = edged[:-2, 1:-1] | edged[2:, 1:-1] | edged[1:-1, :-2] | edged[1:-1, 2:]
    income = EFFECT * has + 0.25 * (beside & ~has) + rng.normal(scale=0.5, size=has.shape)
    return pd.DataFrame({"income": income.ravel(), "has": has.ravel().astype(int)})


def by_choice(rng: np.random.Generator, *, pull: float = 1.0, n_share: float = -0.8) -> pd.DataFrame:
    """Villages with better roads and more people have the policy more often, and are richer anyway."""
    roads, people = rng.normal(size=(2, N_VILLAGES))
    chance = 1 / (1 + np.exp(-(n_share + pull * (0.8 * roads + 0.5 * people))))
    has = rng.random(N_VILLAGES) < chance
    income = EFFECT * has + roads + 0.7 * people + rng.normal(size=N_VILLAGES)
    return pd.DataFrame({"income": income, "has": has.astype(int), "roads": roads, "people": people})


def pushed(rng: np.random.Generator, *, strength: float) -> pd.DataFrame:
    """A lot that moves the policy by so much; what moves it otherwise moves the income, too."""
    drawn, hidden = rng.integers(0, 2, N_VILLAGES), rng.normal(size=N_VILLAGES)
    has = (strength * drawn + hidden > strength / 2).astype(int)
    income = EFFECT * has + hidden + rng.normal(size=N_VILLAGES)
    return pd.DataFrame({"income": income, "has": has, "drawn": drawn})


def one_and_others(rng: np.random.Generator, *, is_beyond: bool) -> pd.DataFrame:
    """One village from the ninth of twelve years on, and 20 others, that follow two common movements.

    Either it lies between the others, or it leans on one movement more than any of them does.
    """
    years = np.arange(12)
    leans = rng.uniform(0, 2, size=(21, 2))
    leans[0] = [5.0, -3.0] if is_beyond else leans[1:5].mean(axis=0)
    moves = np.column_stack([years / 4, np.sin(years)])
    income = 20 + leans @ moves.T + rng.normal(scale=0.1, size=(21, 12))
    has = (np.arange(21)[:, None] == 0) & (years >= 8)
    return as_rows(np.where(np.arange(21) == 0, 9, 0), income + 2 * has)


# --- who is asked --------------------------------------------------------------------------------------


def panel(frame: pd.DataFrame) -> Panel:
    """Read villages over years, in their kecamatan where they share shocks."""
    cluster = "kecamatan" if "kecamatan" in frame else None
    return read_panel(frame, unit="village", period="year", outcome="income", start="start", cluster=cluster)


def study(frame: pd.DataFrame, *covariates: str, cluster: str | None = None) -> Study:
    """Read villages seen once."""
    return read_study(frame, outcome="income", treated="has", covariates=covariates, cluster=cluster)


def chosen(frame: pd.DataFrame) -> Study:
    """Read villages with what they were chosen by."""
    return study(frame, "roads", "people")


def afterwards(frame: pd.DataFrame) -> Study:
    """Return the mean of the years after, beside that of the years before."""
    means = frame.assign(after=frame["year"] >= 4).pivot_table("income", "village", "after")
    has = frame.groupby("village")["start"].first() > 0
    rows = pd.DataFrame({"income": means[True], "before": means[False], "has": has.astype(int)})
    return study(rows, "before")


def said(effect: Effect) -> Said:
    """Return the estimate, its error and its interval."""
    return effect.estimate, effect.standard_error, *effect.interval


def by_wild(frame: pd.DataFrame) -> Said:
    """Return what the wild bootstrap says."""
    found = wild_bootstrap(study(frame, cluster="kecamatan"), outcome=INCOME, n_draws=299, seed=0)
    return found.estimate, np.nan, *found.interval


def by_lots(frame: pd.DataFrame) -> Said:
    """Return what the lots say."""
    found = randomisation_test(study(frame, cluster="kecamatan"), outcome=INCOME, n_draws=299, seed=0)
    return found.estimate, np.nan, *found.interval


def by_synthetic_differences(frame: pd.DataFrame) -> Said:
    """Return what villages and years weighted to run in parallel say."""
    return said(synthetic_differences(panel(frame), outcome=INCOME, n_placebos=50, seed=0))


def over_starts(method: str, **options) -> Callable[[pd.DataFrame], Said]:
    """Return an estimator for policies that began at different times."""
    options |= {"method": method, "aggregation": "simple"}
    return lambda frame: said(staggered(panel(frame), outcome=INCOME, **options))


TWO_BY_TWO = {"two_by_two": lambda frame: said(two_by_two(panel(frame), outcome=INCOME))}
WITH_SYNTHETIC = {
    **TWO_BY_TWO,
    "two_by_two, clustered formula": lambda frame: said(
        two_by_two(panel(frame), outcome=INCOME, errors="clustered")
    ),
    "synthetic_differences": by_synthetic_differences,
}
STAGGERED = {
    "twfe": lambda frame: said(twfe(panel(frame), outcome=INCOME)),
    **{name: over_starts(name) for name in ("callaway_santanna", "sun_abraham", "imputation")},
}
DESIGNS: dict[str, Design] = {
    "a lot, two by two": Design(
        by_lot,
        EFFECT,
        {
            **TWO_BY_TWO,
            "twfe": STAGGERED["twfe"],
            "difference_in_means, before held": lambda frame: said(
                difference_in_means(afterwards(frame), outcome=INCOME)
            ),
        },
    ),
    "staggered, the same effect": Design(
        lambda rng: over_years(rng, drawn_starts(rng), same), EFFECT, STAGGERED
    ),
    "staggered, growing effects": Design(
        lambda rng: over_years(rng, drawn_starts(rng), growing), mean_of(growing), STAGGERED
    ),
    "staggered, growing, starts fixed": Design(
        lambda rng: over_years(rng, fixed_starts(), growing), np.nan, STAGGERED
    ),
    "8 kecamatan": Design(
        in_kecamatan,
        EFFECT,
        {
            "difference_in_means": lambda frame: said(
                difference_in_means(study(frame, cluster="kecamatan"), outcome=INCOME)
            ),
            "clustered formula": lambda frame: said(
                difference_in_means(study(frame, cluster="kecamatan"), outcome=INCOME, errors="clustered")
            ),
            "no clusters": lambda frame: said(difference_in_means(study(frame), outcome=INCOME)),
            "wild_bootstrap": by_wild,
            "randomisation_test": by_lots,
        },
    ),
    "trends apart": Design(
        lambda rng: by_lot(rng, drift=0.15),
        EFFECT,
        {
            **TWO_BY_TWO,
            "callaway_santanna": STAGGERED["callaway_santanna"],
        },
    ),
    "by choice": Design(
        by_choice,
        EFFECT,
        {
            "difference_in_means, nothing held": lambda frame: said(
                difference_in_means(study(frame), outcome=INCOME)
            ),
            "difference_in_means": lambda frame: said(difference_in_means(chosen(frame), outcome=INCOME)),
            "regression": lambda frame: said(
                adjusted_effect(chosen(frame), outcome=INCOME, method="regression")
            ),
            "weighting": lambda frame: said(
                adjusted_effect(chosen(frame), outcome=INCOME, method="weighting")
            ),
            "doubly_robust": lambda frame: said(adjusted_effect(chosen(frame), outcome=INCOME)),
            "matched_effect": lambda frame: said(matched_effect(chosen(frame), outcome=INCOME)),
            "matched_effect, caliper": lambda frame: said(
                matched_effect(chosen(frame), outcome=INCOME, caliper=0.2)
            ),
            "entropy_balanced_effect": lambda frame: said(
                entropy_balanced_effect(chosen(frame), outcome=INCOME)
            ),
        },
    ),
    "23 kecamatan, staggered": Design(
        kecamatan_over_years,
        EFFECT,
        {
            **STAGGERED,
            "sun_abraham, clustered formula": over_starts("sun_abraham", errors="clustered"),
            "imputation, clustered formula": over_starts("imputation", errors="clustered"),
        },
    ),
    "one movement, a lot": Design(lambda rng: moving_together(rng, apart=0.0), EFFECT, WITH_SYNTHETIC),
    "one movement, leaning more": Design(lambda rng: moving_together(rng, apart=0.6), EFFECT, WITH_SYNTHETIC),
    "it reaches those beside": Design(
        beside_each_other,
        EFFECT,
        {"difference_in_means": lambda frame: said(difference_in_means(study(frame), outcome=INCOME))},
    ),
}


def simulated(name: str, n_seeds: int, *, n_jobs: int = 1) -> pd.DataFrame:
    """Return one row a seed and estimator: estimate, standard error, interval and truth."""
    blocks = Parallel(n_jobs=n_jobs)(delayed(_one)(name, seed) for seed in range(n_seeds))
    return pd.DataFrame(
        [row for block in blocks for row in block],
        columns=["estimator", "estimate", "standard_error", "low", "high", "truth"],
    )


def _one(name: str, seed: int) -> list[tuple[str, float, float, float, float, float]]:
    design = DESIGNS[name]
    frame = design.make(derived_rng(list(DESIGNS).index(name), seed))
    truth = design.truth if np.isfinite(design.truth) else float(_mean_here(frame))
    return [(who, *ask(frame), truth) for who, ask in design.estimators.items()]


def _mean_here(frame: pd.DataFrame) -> float:
    has = frame[(frame["start"] > 0) & (frame["year"] >= frame["start"])]
    return float(growing(has["start"].to_numpy(), (has["year"] - has["start"]).to_numpy()).mean())


def coverage(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row an estimator: how often its interval holds the truth, bias, and error against spread.

    Each share with its Monte Carlo standard error; ``se_to_sd`` is the mean standard error over the
    standard deviation of the estimates, missing where the method gives no standard error.
    """
    rows = {}
    for who, mine in found.groupby("estimator", sort=False):
        off = mine["estimate"] - mine["truth"]
        held = ((mine["low"] <= mine["truth"]) & (mine["truth"] <= mine["high"])).mean()
        n = len(mine)
        rows[who] = {
            "covered": held,
            "covered_error": np.sqrt(held * (1 - held) / n),
            "bias": off.mean(),
            "bias_error": off.std(ddof=1) / np.sqrt(n),
            "se_to_sd": mine["standard_error"].mean() / off.std(ddof=1),
            "n": n,
        }
    return pd.DataFrame(rows).T
