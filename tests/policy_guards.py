"""Warnings in made villages: how often each fires where it should, and where it should not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from policy_simulations import (
    INCOME,
    by_choice,
    by_lot,
    chosen,
    drawn_starts,
    growing,
    in_kecamatan,
    one_and_others,
    over_years,
    panel,
    pushed,
    same,
    study,
)

from pk_research.compute.chance import derived_rng
from pk_research.policy.effects.cross_section import (
    adjusted_effect,
    difference_in_means,
    effect_by_instrument,
    matched_effect,
)
from pk_research.policy.effects.did import staggered, twfe
from pk_research.policy.effects.effect import Effect
from pk_research.policy.effects.synthetic import synthetic_control


def _warns(effect: Effect, words: str) -> bool:
    return any(words in warning.text("en") for warning in effect.warnings)


def _verdict(effect: Effect, name: str) -> str:
    return next(check.verdict for check in effect.diagnostics if check.name.text("en") == name)


def _events(frame: pd.DataFrame) -> Effect:
    return staggered(panel(frame), outcome=INCOME)


def _trends_fail(frame: pd.DataFrame) -> bool:
    return _verdict(_events(frame), "Changes before the policy (joint test)") == "fails"


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
    "trends apart before, by 0.3 a year": Guard(
        lambda rng: by_lot(rng, drift=0.3),
        by_lot,
        _trends_fail,
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
    "trends apart before, by 0.15 a year": Guard(lambda rng: by_lot(rng, drift=0.15), by_lot, _trends_fail),
    "nobody who never has it": Guard(
        lambda rng: over_years(rng, np.maximum(drawn_starts(rng), 3), same),
        lambda rng: over_years(rng, drawn_starts(rng), same),
        lambda frame: _warns(
            staggered(panel(frame), outcome=INCOME, comparison="not_yet_treated"), "in the end"
        ),
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
