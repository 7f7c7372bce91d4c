"""Villages, studies and questions for the tests of misuse, and what a misuse must end in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.policy.costs import uncertain
from pk_research.policy.design import Design, plan_template, read_plan
from pk_research.policy.effects.cross_section import (
    difference_in_means,
    effect_at_cutoff,
    effect_by_instrument,
    learned_effect,
    read_study,
)
from pk_research.policy.effects.did import (
    staggered,
)
from pk_research.policy.effects.heterogeneity import effect_by_group
from pk_research.policy.effects.panel import read_panel
from pk_research.policy.effects.spillovers import exposure, near_by_place
from pk_research.policy.options import stakeholder_choice
from pk_research.policy.scenarios import (
    Outcome,
    declare_policy,
    impact,
    simulate,
    target,
)
from pk_research.policy.specifications import specification_curve
from pk_research.policy.targets import Baseline, track
from pk_research.policy.welfare import survey_design

INCOME = Message("income")


def panel_rows(starts: dict[int, int], n_periods: int = 6) -> pd.DataFrame:
    """Made villages over years: so many begin in each year (0 never)."""
    rng = np.random.default_rng(0)
    start = np.repeat(list(starts), list(starts.values()))
    frame = pd.DataFrame(
        {
            "village": np.repeat(np.arange(len(start)), n_periods),
            "year": np.tile(np.arange(1, n_periods + 1), len(start)),
            "start": np.repeat(start, n_periods),
        }
    )
    frame["has"] = ((frame["start"] > 0) & (frame["year"] >= frame["start"])).astype(int)
    frame["rain"] = rng.normal(size=len(frame))
    return frame.assign(income=frame["has"] + rng.normal(size=len(frame)))


VILLAGES = panel_rows({0: 20, 4: 20})
ONE_TREATED_CLUSTER = VILLAGES.assign(kecamatan=VILLAGES["village"].clip(upper=20))
TWO_STARTS = panel_rows({0: 20, 3: 10, 5: 10})
ALONE = panel_rows({0: 10, 5: 1}, n_periods=8)
ROWS = pd.DataFrame({"has": np.arange(80) % 2, "kecamatan": np.arange(80) // 5})
ROWS = ROWS.assign(roads=np.cos(np.arange(80.0)), area=np.sin(np.arange(80.0) ** 2))
ROWS = ROWS.assign(income=2 * ROWS["has"] + ROWS["roads"] + np.sin(np.arange(80) * 7.0))
APART = ROWS.assign(area=3 * ROWS["has"] + ROWS["area"])
ZONES = ROWS.assign(zone=np.where(np.arange(80) % 4 < 2, "coast", "hills"))
HOUSEHOLDS = pd.DataFrame({"w": 1.0, "income": [100.0, 110, 150, 160], "kecamatan": [1, 1, 2, 2]})
DESIGN = Design(clusters=40, cluster_size=20, icc=0.05)
TO_DRAW = pd.DataFrame({"village_code": list("abcdef"), "people": [5.0, 3, 8, 2, 9, 4]})
SCORES = pd.DataFrame({"jobs": [90.0, 50], "cost": [80.0, 30]}, index=["market", "training"])
PLAN = pd.DataFrame({"indicator": "jobs", "year": [2025, 2026], "target": [110.0, 120], "value": 105.0})
FLOWS = pd.DataFrame(
    {"item": ["mill", "rice"], "kind": ["cost", "benefit"], "year": [1, 2], "mean": [9.0, 12]}
)
PAIRS = pd.DataFrame(
    {"village_code": ["a", "b"], "policy": "road", "cost_idr": 30.0, "effect": 9.0, "se": 1.0}
)
SALES = pd.DataFrame({"village_code": list("abc"), "sales": [100.0, 200, 300]})
PLACES = pd.DataFrame({"latitude": -6.2, "longitude": [107, 107.01, 107.02, 107.1]}, index=list("abcd"))
NEARBY = pd.DataFrame({"village": list("abcd"), "has": [1, 0, 0, 1]})


def panel(frame: pd.DataFrame = VILLAGES, *, start: str | None = "start", **options):
    return read_panel(frame, unit="village", period="year", outcome="income", start=start, **options)


def panel_by_year(has) -> object:
    return panel(VILLAGES.assign(has=has), start=None, treated="has")


def event_study(frame: pd.DataFrame = TWO_STARTS, **options):
    return staggered(panel(frame), outcome=INCOME, **options)


def study(frame: pd.DataFrame = ROWS, *, covariates=("roads", "area"), **options):
    return read_study(frame, outcome="income", treated="has", covariates=covariates, **options)


def at_cutoff(frame: pd.DataFrame = ROWS, cutoff: float = 0.0, **options):
    return effect_at_cutoff(frame, outcome="income", running="roads", cutoff=cutoff, named=INCOME, **options)


def pushed_by(instrument):
    return effect_by_instrument(study(), np.asarray(instrument), outcome=INCOME)


def learned(**options):
    return learned_effect(study(), outcome=INCOME, seed=1, **options)


def by_group(frame: pd.DataFrame = ZONES, **options):
    return effect_by_group(
        frame,
        lambda rows: difference_in_means(study(rows), outcome=INCOME),
        **{"group": "zone"} | options,
    )


def reached(frame: pd.DataFrame = NEARBY, **options):
    near = near_by_place(PLACES, km=5)
    return exposure(frame, near, unit="village", treated="has", **{"rings": [2, 5]} | options)


def curve(**options):
    asked = {"outcomes": {"income": "income"}, "covariates": {"roads held": ["roads"]}, "n_draws": 0}
    return specification_curve(ROWS, treated="has", outcome=INCOME, seed=1, **asked | options)


def scenario(frame: pd.DataFrame = SALES, *, n_draws=100, seed=1, level=0.9, **options):
    declared = {
        "amount_idr": 10.0,
        "target": target("all"),
        "impact": impact(uncertain(10.0), scale="percent"),
    }
    policy = declare_policy(Message("Grant"), **declared | options)
    outcome = Outcome("sales", Message("Sales"))
    return simulate(frame, policy, outcome, n_draws=n_draws, seed=seed, level=level)


def survey(frame: pd.DataFrame = HOUSEHOLDS, **options):
    return survey_design(frame, weights="w", **options)


def plan_with(was: str, becomes: str):
    return read_plan(plan_template().replace(was, becomes))


def chosen(scores: pd.DataFrame = SCORES, **weights: float):
    return stakeholder_choice(scores, {"villages": {"jobs": 1, "cost": 1} | weights})


def tracked(frame: pd.DataFrame = PLAN, baseline: float = 100.0, **options):
    return track(frame, {"jobs": Baseline(2024, baseline, "up")}, **options)


Misuse = tuple[Callable[[], object], str | list[str]]


def one_clear_error(call: Callable[[], object], said: str | list[str]) -> None:
    """Hold what a misuse ends in against what must be said of it: the place, what is wrong, the remedy."""
    with pytest.raises(BadInput) as caught:
        call()
    problems = caught.value.problems
    assert [str(problem) for problem in problems] == ([said] if isinstance(said, str) else said)
    for problem in problems:
        assert problem.where
        assert problem.what
        assert problem.remedy.endswith((".", "?"))
