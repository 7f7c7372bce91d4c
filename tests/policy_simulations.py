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
    effect_by_instrument,
    entropy_balanced_effect,
    matched_effect,
    read_study,
)
from pk_research.policy.effects.did import staggered, twfe, two_by_two
from pk_research.policy.effects.effect import Effect
from pk_research.policy.effects.panel import Panel, read_panel
from pk_research.policy.effects.synthetic import synthetic_control
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
) -> pd.DataFrame:
    """Villages with a level and a memory (half of last year's shock) of their own.

    ``effect`` takes start and years since it; ``drift`` is what those that ever have the policy gain a
    year besides, so that trends are not parallel.
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
    return pd.DataFrame(
        {
            "village": np.repeat(np.arange(n), N_YEARS),
            "year": np.tile(years, n),
            "start": np.repeat(start, N_YEARS),
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
    return pd.DataFrame(
        {
            "village": np.repeat(np.arange(21), 12),
            "year": np.tile(years, 21),
            "start": np.repeat(np.where(np.arange(21) == 0, 8, 0), 12),
            "income": (income + 2 * has).ravel(),
        }
    )


# --- who is asked --------------------------------------------------------------------------------------


def panel(frame: pd.DataFrame) -> Panel:
    """Read villages over years."""
    return read_panel(frame, unit="village", period="year", outcome="income", start="start")


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


def over_starts(method: str) -> Callable[[pd.DataFrame], Said]:
    """Return an estimator for policies that began at different times."""
    return lambda frame: said(staggered(panel(frame), outcome=INCOME, method=method, aggregation="simple"))


STAGGERED = {
    "twfe": lambda frame: said(twfe(panel(frame), outcome=INCOME)),
    **{name: over_starts(name) for name in ("callaway_santanna", "sun_abraham", "imputation")},
}
DESIGNS: dict[str, Design] = {
    "a lot, two by two": Design(
        by_lot,
        EFFECT,
        {
            "two_by_two": lambda frame: said(two_by_two(panel(frame), outcome=INCOME)),
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
            "clustered formula": lambda frame: said(
                difference_in_means(study(frame, cluster="kecamatan"), outcome=INCOME)
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
            "two_by_two": lambda frame: said(two_by_two(panel(frame), outcome=INCOME)),
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


# --- warnings ------------------------------------------------------------------------------------------


def _warns(effect: Effect, words: str) -> bool:
    return any(words in warning.text("en") for warning in effect.warnings)


def _verdict(effect: Effect, name: str) -> str:
    return next(check.verdict for check in effect.diagnostics if check.name.text("en") == name)


def _events(frame: pd.DataFrame) -> Effect:
    return staggered(panel(frame), outcome=INCOME)


def _by_instrument(frame: pd.DataFrame) -> Effect:
    return effect_by_instrument(study(frame), frame["drawn"].to_numpy(), outcome=INCOME)


def _mixture(frame: pd.DataFrame) -> Effect:
    return synthetic_control(panel(frame), outcome=INCOME, placebos=False, seed=1)


@dataclass(frozen=True)
class Guard:
    """A warning: where it should fire, where it should not, and whether it did.

    Attributes
    ----------
    bad, good
        Rows of one draw in which it should fire, and should not.
    fires
        Whether it did.
    """

    bad: Callable[[np.random.Generator], pd.DataFrame]
    good: Callable[[np.random.Generator], pd.DataFrame]
    fires: Callable[[pd.DataFrame], bool]


GUARDS: dict[str, Guard] = {
    "few clusters": Guard(
        in_kecamatan,
        lambda rng: in_kecamatan(rng, k=60),
        lambda frame: _warns(
            difference_in_means(study(frame, cluster="kecamatan"), outcome=INCOME), "clusters: clustered"
        ),
    ),
    "trends apart before": Guard(
        lambda rng: by_lot(rng, drift=0.3),
        by_lot,
        lambda frame: _verdict(_events(frame), "Changes before the policy (joint test)") == "fails",
    ),
    "weak instrument": Guard(
        lambda rng: pushed(rng, strength=0.1),
        lambda rng: pushed(rng, strength=2.0),
        lambda frame: _verdict(_by_instrument(frame), "Strength of the instrument") == "fails",
    ),
    "poor overlap": Guard(
        lambda rng: by_choice(rng, pull=4.0, n_share=0.0),
        lambda rng: by_choice(rng, pull=0.5, n_share=0.0),
        lambda frame: _verdict(adjusted_effect(chosen(frame), outcome=INCOME), "Overlap") != "holds",
    ),
    "pairs that are not alike": Guard(
        by_choice,
        lambda rng: by_choice(rng, pull=0.0),
        lambda frame: (
            _verdict(matched_effect(chosen(frame), outcome=INCOME), "Likeness of both sides") != "holds"
        ),
    ),
    "twfe over starts that differ": Guard(
        lambda rng: over_years(rng, drawn_starts(rng), growing),
        by_lot,
        lambda frame: _warns(twfe(panel(frame), outcome=INCOME), "began at different times"),
    ),
    "mixture unlike before": Guard(
        lambda rng: one_and_others(rng, is_beyond=True),
        lambda rng: one_and_others(rng, is_beyond=False),
        lambda frame: _verdict(_mixture(frame), "Fit before the policy") == "fails",
    ),
}


def alarms(name: str, n_seeds: int, *, n_jobs: int = 1) -> tuple[float, float]:
    """Return the shares of seeds in which a guard fires where it should, and where it should not."""
    fired = Parallel(n_jobs=n_jobs)(delayed(_fired)(name, seed) for seed in range(n_seeds))
    hits, false_alarms = np.mean(fired, axis=0)
    return float(hits), float(false_alarms)


def _fired(name: str, seed: int) -> tuple[bool, bool]:
    guard, number = GUARDS[name], list(GUARDS).index(name)
    bad, good = (
        guard.fires(make(derived_rng(100 + number, side, seed)))
        for side, make in enumerate((guard.bad, guard.good))
    )
    return bad, good
