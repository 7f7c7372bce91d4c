"""What people get wrong when they judge policies: one clear error each, with the place and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.policy.budget import budget_problem
from pk_research.policy.costs import cash_flows, internal_rates, npv, uncertain
from pk_research.policy.design import Design, balance, draw, plan_template, power_of, read_plan
from pk_research.policy.effects.cross_section import (
    adjusted_effect,
    difference_in_means,
    effect_at_cutoff,
    effect_by_instrument,
    entropy_balanced_effect,
    learned_effect,
    matched_effect,
    read_study,
)
from pk_research.policy.effects.did import (
    goodman_bacon,
    honest,
    power_against,
    pre_trends,
    staggered,
    twfe,
    two_by_two,
)
from pk_research.policy.effects.heterogeneity import effect_by_group
from pk_research.policy.effects.panel import read_panel
from pk_research.policy.effects.spillovers import exposure, near_by_place
from pk_research.policy.effects.synthetic import synthetic_control, synthetic_differences
from pk_research.policy.inference import adjusted_p_values, randomisation_test, wild_bootstrap
from pk_research.policy.options import stakeholder_choice
from pk_research.policy.scenarios import (
    Outcome,
    compare_scenarios,
    declare_policy,
    impact,
    needed_effect,
    simulate,
    target,
)
from pk_research.policy.specifications import specification_curve
from pk_research.policy.targets import Baseline, chance_of_reaching, track
from pk_research.policy.welfare import RelativeLine, inequality, poverty, quantile, survey_design

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


MISUSES: dict[str, tuple[Callable[[], object], str | list[str]]] = {
    # Rows over time
    "a panel of nothing": (
        lambda: panel(VILLAGES.head(0)),
        "the table: it has no rows. Give the rows of the study.",
    ),
    "a column that is not there": (
        lambda: panel(VILLAGES, cluster="desa"),
        "column 'desa': it is not in the table. The table has: village, year, start, has, rain, … (6).",
    ),
    "neither who has it nor since when": (
        lambda: panel(start=None),
        "treated, start: give one of the two. Say either who has it when, or since when.",
    ),
    "a unit twice in a period": (
        lambda: panel(pd.concat([VILLAGES, VILLAGES.head(1)])),
        (
            "columns 'village' and 'year': 2 rows stand for the same unit and period: 0 in 1. Keep one row of"
            " each."
        ),
    ),
    "a village not seen in a year": (
        lambda: panel(VILLAGES.drop(index=3)),
        (
            "the table: 1 units are not seen in every period: 0. Complete them, or say unbalanced='balance' "
            "(set them aside) or 'keep'."
        ),
    ),
    "an outcome that is missing": (
        lambda: panel(VILLAGES.assign(income=VILLAGES["income"].where(VILLAGES.index != 5))),
        (
            "column 'income': 1 rows have no value. Complete them, or say gaps='leave_out': the rows are then"
            " counted in the result."
        ),
    ),
    "an outcome as text": (
        lambda: panel(VILLAGES.assign(income="high")),
        "column 'income': it holds str, not numbers. Give numbers.",
    ),
    "an infinite outcome": (
        lambda: panel(VILLAGES.assign(income=np.inf)),
        "column 'income': it holds infinite numbers. Mend them.",
    ),
    "a policy in words": (
        lambda: panel_by_year("yes"),
        "column 'has': it holds yes. Write 1 where the policy is at work, 0 where not.",
    ),
    "a policy of 2": (
        lambda: panel_by_year(2),
        "column 'has': it holds 2. Write 1 where the policy is at work, 0 where not.",
    ),
    "a policy that ends": (
        lambda: panel_by_year((VILLAGES["year"] == VILLAGES["start"]) * 1),
        (
            "column 'has': the policy ends again in 20 units: 20, 21, 22, 23, 24, … (20). These estimators "
            "need a policy that stays once begun: leave out the periods after its end, or define the policy "
            "as having ever begun."
        ),
    ),
    "a start that changes": (
        lambda: panel(VILLAGES.assign(start=VILLAGES["year"])),
        (
            "column 'start': units begin more than once: 0, 1, 2, 3, 4, … (40). Give every unit one start in "
            "all rows."
        ),
    ),
    "nobody with the policy": (
        lambda: panel(VILLAGES.assign(start=0)),
        "column 'start': no unit has the policy after a first period without it. Give some.",
    ),
    "everybody from the same year on": (
        lambda: panel(VILLAGES.assign(start=4)),
        (
            "column 'start': every unit begins in the same period, so there is nobody to compare with. Add "
            "units without the policy."
        ),
    ),
    "all in one cluster": (
        lambda: panel(VILLAGES.assign(district=1), cluster="district"),
        (
            "column 'district': all rows lie in one cluster, so no standard error exists. Choose smaller "
            "clusters, such as the village."
        ),
    ),
    "a village in two clusters": (
        lambda: panel(VILLAGES, cluster="year"),
        "column 'year': units lie in two clusters: 0, 1, 2, 3, 4, … (40). Give each unit one.",
    ),
    "a way with gaps that is none": (
        lambda: panel(gaps="drop"),
        "gaps: it is 'drop'. Choose from: refuse, leave_out.",
    ),
    "a way with units seldom seen that is none": (
        lambda: panel(VILLAGES.drop(index=3), unbalanced="drop"),
        "unbalanced: it is 'drop'. Choose from: refuse, keep, balance.",
    ),
    "covariates as one text": (
        lambda: panel(covariates="rain"),
        "covariates: it is the text 'rain'. Give a list, such as ['rain'].",
    ),
    "a covariate that has a name of the panel's own": (
        lambda: panel(VILLAGES.assign(treated=1.0 * VILLAGES["year"]), covariates=["treated"]),
        "covariates treated: the panel uses these names itself. Rename the columns.",
    ),
    "a start in words": (
        lambda: panel(VILLAGES.assign(start=VILLAGES["start"].map({0: "never", 4: "soon"}))),
        "column 'start': it holds never, soon, which is no period. Periods: 1, 2, 3, 4, 5, … (6).",
    ),
    # Differences in differences
    "one village with the policy": (
        lambda: twfe(panel(ALONE), outcome=INCOME),
        (
            "the table: one unit has the policy, so chance in it cannot be told from the policy's effect. Use"
            " synthetic control (pk_research.policy.effects.synthetic), which is made for one."
        ),
    ),
    "one cluster with the policy": (
        lambda: two_by_two(
            panel(VILLAGES.assign(kecamatan=VILLAGES["village"].clip(upper=20)), cluster="kecamatan"),
            outcome=INCOME,
        ),
        (
            "the clusters: all units with the policy lie in one, so chance in it cannot be told from the "
            "policy's effect. Choose smaller clusters, or add some where the policy is, too."
        ),
    ),
    "two starts for a comparison of two by two": (
        lambda: two_by_two(panel(TWO_STARTS), outcome=INCOME),
        "the starts: the policy began at different times: 3, 5. Use `staggered`.",
    ),
    "nobody who never has it": (
        lambda: event_study(panel_rows({3: 10, 5: 10})),
        (
            "the table: every unit has the policy in the end, so there is no unit that never has it. Say "
            "method='callaway_santanna' and comparison='not_yet_treated', which compare with units before "
            "their start."
        ),
    ),
    "an outcome that never changes": (
        lambda: twfe(panel(VILLAGES.assign(income=5.0)), outcome=INCOME),
        (
            "the outcome: it never changes, or changes alike in all units, so no effect and no doubt can be "
            "told. Choose an outcome that varies."
        ),
    ),
    "an outcome that changes alike in all": (
        lambda: event_study(TWO_STARTS.assign(income=1.0 * TWO_STARTS["year"])),
        (
            "the outcome: it never changes, or changes alike in all units, so no effect and no doubt can be "
            "told. Choose an outcome that varies."
        ),
    ),
    "a covariate that repeats another": (
        lambda: twfe(
            panel(VILLAGES.assign(mm=VILLAGES["rain"] * 10), covariates=["rain", "mm"]), outcome=INCOME
        ),
        "covariates mm: they are constant or follow exactly from the others (collinear). Leave them out.",
    ),
    "a comparison of no such kind": (
        lambda: event_study(comparison="all"),
        "comparison: it is 'all'. Choose from: never_treated, not_yet_treated.",
    ),
    "a base period of no such kind": (
        lambda: event_study(base_period="first"),
        "base_period: it is 'first'. Choose from: universal, varying.",
    ),
    "an aggregation of no such kind": (
        lambda: event_study(aggregation="year"),
        "aggregation: callaway_santanna has no 'year'. Choose from: simple, dynamic, group, period.",
    ),
    "an interval of 95": (
        lambda: twfe(panel(), outcome=INCOME, level=95),
        "level: it is 95. Give a share between 0 and 1, such as 0.95.",
    ),
    "a test before the policy without any before": (
        lambda: pre_trends(event_study(aggregation="simple")),
        (
            "the effect: it has no event study with a covariance. Use `staggered` with aggregation='dynamic' "
            "and method='callaway_santanna' or 'sun_abraham'."
        ),
    ),
    "no period before the last without it": (
        lambda: pre_trends(event_study(panel_rows({0: 9, 2: 9}))),
        "the effect: no period lies before the last one without the policy. Add earlier periods.",
    ),
    "a drift that is no number": (
        lambda: power_against(event_study(), np.nan),
        (
            "slope, significance: they are nan and 0.05. Give a finite drift per period and a share, such as "
            "0.05."
        ),
    ),
    "a violation below zero": (
        lambda: honest(event_study(), sizes=[-1]),
        "sizes: they are [-1.0]. Give numbers of 0 or more.",
    ),
    "parts of a panel with gaps": (
        lambda: goodman_bacon(panel(TWO_STARTS.drop(index=3), unbalanced="keep"), outcome=INCOME),
        "the table: units are not seen in every period. Read it with unbalanced='balance'.",
    ),
    # A mixture of others
    "two villages for one mixture": (
        lambda: synthetic_control(panel(panel_rows({0: 10, 5: 2})), outcome=INCOME, seed=1),
        "the panel: 2 units have the policy (10, 11). Use synthetic_differences for several, or keep one.",
    ),
    "a pool of one donor": (
        lambda: synthetic_control(panel(panel_rows({0: 1, 5: 1})), outcome=INCOME, seed=1),
        "the panel: there are fewer than two other units. Add units without it.",
    ),
    "a mixture without years before": (
        lambda: synthetic_control(panel(panel_rows({0: 10, 3: 1})), outcome=INCOME, seed=1),
        "the panel: 2 periods before the policy are too few to see whom the unit is like. Give at least 3.",
    ),
    "a mixture for what never changes": (
        lambda: synthetic_control(panel(ALONE.assign(income=5.0)), outcome=INCOME, seed=1),
        (
            "the outcome: it never changes, or changes alike in all units, so no effect and no doubt can be "
            "told. Choose an outcome that varies."
        ),
    ),
    "one placebo": (
        lambda: synthetic_differences(panel(ALONE), outcome=INCOME, n_placebos=1, seed=1),
        "n_placebos: it is 1. Take 2 at least, better 200.",
    ),
    "more with the policy than without": (
        lambda: synthetic_differences(panel(panel_rows({0: 3, 4: 5})), outcome=INCOME, seed=1),
        (
            "the panel: 5 units have the policy and 3 never have it. Placebos need more units without it than"
            " with it."
        ),
    ),
    # Rows at one time
    "everybody has the policy": (
        lambda: study(ROWS.assign(has=1)),
        (
            "column 'has': only 0 without the policy. Two at least are needed on each side to know any "
            "variation."
        ),
    ),
    "nobody has the policy": (
        lambda: study(ROWS.assign(has=0)),
        "column 'has': only 0 with the policy. Two at least are needed on each side to know any variation.",
    ),
    "an outcome the same for all": (
        lambda: study(ROWS.assign(income=5.0)),
        (
            "column 'income': it is the same in every row. No effect and no doubt can be told of it: choose "
            "an outcome that varies."
        ),
    ),
    "a covariate the same for all": (
        lambda: study(ROWS.assign(area=1.0)),
        "column 'area': it is the same in every row. Leave it out.",
    ),
    "a covariate that follows from another": (
        lambda: study(ROWS.assign(area=2 * ROWS["roads"])),
        "column 'area': it follows from the covariates before it. Leave it out.",
    ),
    "a covariate that is the policy": (
        lambda: study(ROWS.assign(area=1.0 * ROWS["has"])),
        (
            "column 'has': the covariates say exactly who has the policy, so nobody is left to compare with. "
            "Leave out the covariate that repeats the policy."
        ),
    ),
    "a covariate not in a list": (
        lambda: study(covariates="roads"),
        "covariates: it is the text 'roads'. Give a list, such as ['roads'].",
    ),
    "as many covariates as rows": (
        lambda: study(ROWS.head(4)),
        (
            "the table: 4 rows are too few for 2 covariates. Use fewer: there must be 3 rows more than "
            "covariates at least."
        ),
    ),
    "gaps to be dropped": (lambda: study(gaps="drop"), "gaps: it is 'drop'. Choose from: refuse, leave_out."),
    "a level above one": (
        lambda: difference_in_means(study(), outcome=INCOME, level=95),
        "level: it is 95. Give a share between 0 and 1, such as 0.95.",
    ),
    "errors of no such kind": (
        lambda: difference_in_means(study(), outcome=INCOME, errors="hc3"),
        "errors: it is 'hc3'. Choose from: classical, robust, clustered.",
    ),
    "each side in its own cluster": (
        lambda: difference_in_means(study(cluster="has"), outcome=INCOME),
        [
            (
                "the clusters: all units with the policy lie in one, so chance in it cannot be told from the "
                "policy's effect. Choose smaller clusters, or look at randomisation inference."
            ),
            (
                "the clusters: all units without the policy lie in one, so chance in it cannot be told from "
                "the policy's effect. Choose smaller clusters, or look at randomisation inference."
            ),
        ],
    ),
    "perfect separation": (
        lambda: adjusted_effect(study(APART), outcome=INCOME),
        (
            "covariates: they say for certain who has the policy ('area' alone does), so nobody is left to "
            "compare some units with. Leave that covariate out, or keep only units that could have gone "
            "either way."
        ),
    ),
    "a method of no such name": (
        lambda: adjusted_effect(study(), outcome=INCOME, method="ols"),
        "method: it is 'ols'. Choose from: regression, weighting, doubly_robust.",
    ),
    "a link of no such name": (
        lambda: matched_effect(study(), outcome=INCOME, link="linear"),
        "link: it is 'linear'. Choose from: logit, probit.",
    ),
    "a caliper below zero": (
        lambda: matched_effect(study(), outcome=INCOME, caliper=-0.2),
        "caliper: it is -0.2. Give a number above 0, or None for any.",
    ),
    "matching more with than without": (
        lambda: matched_effect(study(ROWS.assign(has=np.arange(80) % 3 > 0)), outcome=INCOME),
        (
            "the study: 53 units have the policy and 27 have not, so some would have no pair. Weight instead "
            "of matching, or set a narrower question."
        ),
    ),
    "balance with those beyond all others": (
        lambda: entropy_balanced_effect(study(APART), outcome=INCOME),
        (
            "covariates: no weights make both sides alike: those with the policy lie outside the others. "
            "Balance fewer covariates, or keep only units that have a counterpart."
        ),
    ),
    "an instrument that is constant": (
        lambda: pushed_by(np.ones(80)),
        "instrument: it is constant, or follows from the covariates. Choose another.",
    ),
    "an instrument in words": (
        lambda: pushed_by(["near"] * 80),
        "instrument: it does not hold numbers. Give one number a row of the study, in its order.",
    ),
    "an instrument of other rows": (
        lambda: pushed_by(np.arange(9.0)),
        (
            "instrument: 9 values for 80 rows, or some are missing. Give one number a row of the study, in "
            "its order."
        ),
    ),
    "an instrument that moves nobody": (
        lambda: effect_by_instrument(study(covariates=()), np.arange(80) // 2 % 2, outcome=INCOME),
        "instrument: it does not move the policy at all in these rows. Choose another.",
    ),
    "a cutoff outside the data": (
        lambda: at_cutoff(cutoff=99),
        "column 'roads': 0 units lie at or above 99. Lines need at least 20 units on each side.",
    ),
    "too few above the cutoff": (
        lambda: at_cutoff(cutoff=0.95),
        "column 'roads': 9 units lie at or above 0.95. Lines need at least 20 units on each side.",
    ),
    "a score of few values": (
        lambda: at_cutoff(ROWS.assign(roads=np.arange(80) % 8 - 4)),
        (
            "column 'roads': it takes 4 values below 0 and 4 from there on. Lines need at least 5 values on "
            "each side."
        ),
    ),
    "a cutoff for what is the same for all": (
        lambda: at_cutoff(ROWS.assign(income=5.0)),
        "column 'income': it is the same in every row. Choose another.",
    ),
    "no folds to learn from": (
        lambda: learned(n_folds=1),
        "n_folds: it is 1. Give 2 at least, better 5.",
    ),
    "more folds than villages on a side": (
        lambda: learned(n_folds=60),
        [
            (
                "the study: only 40 units with the policy for 60 folds. There must be 120 at least: give "
                "fewer folds, or use `adjusted_effect`."
            ),
            (
                "the study: only 40 units without the policy for 60 folds. There must be 120 at least: give"
                " fewer folds, or use `adjusted_effect`."
            ),
        ],
    ),
    "a learner of no such name": (
        lambda: learned(learner="network"),
        "learner: it is 'network'. Choose from: lasso, forest.",
    ),
    "chances cut off at 0.7": (
        lambda: learned(trim=0.7),
        "trim: it is 0.7. Give a share above 0 and below 0.5.",
    ),
    # For whom, and for whom besides
    "groups by a column that is not there": (
        lambda: by_group(group="kind"),
        "column 'kind': it is not in the table. The table has: has, kecamatan, roads, area, income, … (6).",
    ),
    "one group": (
        lambda: by_group(ROWS.assign(zone="coast")),
        "column 'zone': it holds fewer than two groups. Split by another column.",
    ),
    "groups that are all too small": (
        lambda: by_group(least=100),
        (
            "column 'zone': 0 of 2 groups have an effect. Two at least are needed to compare: join small "
            "groups, or give a smaller 'least'. coast: too few units: 20 with the policy and 20 without, "
            "100 of each are needed. hills: too few units: 20 with the policy and 20 without, 100 of each "
            "are needed."
        ),
    ),
    "an adjustment for many groups that is none": (
        lambda: by_group(adjustment="none"),
        "adjustment: it is 'none'. Choose from: holm, benjamini_hochberg, romano_wolf.",
    ),
    "rings below zero": (
        lambda: reached(rings=[-1]),
        "rings: they do not grow from above zero. Give upper ends such as (2, 5, 10).",
    ),
    "rings beyond the pairs that are known": (
        lambda: reached(rings=[2, 50]),
        (
            "rings: the outermost ends at 50 km, but pairs are known up to 5 km. Find pairs further apart "
            "(km of near_by_place), or take smaller rings."
        ),
    ),
    "a village without a place": (
        lambda: reached(NEARBY.assign(village=list("abcz"))),
        (
            "column 'village': 1 villages have no place: z. Give their coordinates, or say "
            "gaps='leave_out': they are then counted in the result."
        ),
    ),
    "half a policy beside": (
        lambda: reached(NEARBY.assign(has=0.5)),
        "column 'has': it holds 0.5. Write 1 for villages with the policy, 0 for others.",
    ),
    "a village in two places": (
        lambda: near_by_place(pd.concat([PLACES, PLACES.head(1)]), km=5),
        "a: the code stands there twice. Keep one.",
    ),
    "neighbours at no distance": (
        lambda: near_by_place(PLACES, km=0),
        "km: 0 is not a distance above zero. Give kilometres.",
    ),
    # Other ways to ask
    "no outcome to specify": (
        lambda: curve(outcomes={}),
        "outcomes: there is no option to choose. Give at least one.",
    ),
    "a scale of no such name": (
        lambda: curve(scale="logs"),
        "scale: it is 'logs'. Choose from: own, standard_deviations.",
    ),
    "specifications that all fail": (
        lambda: curve(samples={"beyond": lambda rows: rows["roads"] > 2}),
        (
            "specification income, roads held, beyond, least squares: the table: it has no rows. Give the "
            "rows of the study. Mend or leave it out."
        ),
    ),
    "a surprise of 5": (
        lambda: curve(alpha=5),
        "alpha: it is 5. Give a share between 0 and 1, such as 0.05.",
    ),
    # How sure
    "wild signs without clusters": (
        lambda: wild_bootstrap(study(), outcome=INCOME, seed=0),
        "the study: it has no clusters. Read it with cluster='...'.",
    ),
    "no draws at all": (
        lambda: wild_bootstrap(study(cluster="kecamatan"), outcome=INCOME, n_draws=0, seed=0),
        "n_draws: it is 0. Draw 1 at least, better 1000.",
    ),
    "strata that are missing": (
        lambda: randomisation_test(study(), outcome=INCOME, strata=np.full(80, np.nan), seed=0),
        "strata: some are missing. Say for each row in which the lot was drawn.",
    ),
    "strata of one": (
        lambda: randomisation_test(study(), outcome=INCOME, strata=np.arange(80), seed=0),
        "strata: no other lot could have been drawn. Strata need units with and without the policy.",
    ),
    "a lot that splits clusters": (
        lambda: randomisation_test(study(cluster="kecamatan"), outcome=INCOME, seed=0),
        (
            "the study: a cluster lies in two strata, or has units with and without the policy. Draw units "
            "instead: read the study without clusters."
        ),
    ),
    "no question among many": (
        lambda: adjusted_p_values({}, seed=0),
        "studies: there are none. Give at least one outcome.",
    ),
    # Before the policy
    "an icc above one": (
        lambda: power_of(replace(DESIGN, icc=1.5), 0.2),
        "icc: it is 1.5. Give a number from 0 to 1.",
    ),
    "one cluster in all": (
        lambda: power_of(replace(DESIGN, clusters=1), 0.2),
        "clusters: it is 1. Give a whole number, at least 3.",
    ),
    "an effect in words": (
        lambda: power_of(DESIGN, "large"),
        "effect: it is large. Give a number.",
    ),
    "a plan with a wrong key": (
        lambda: plan_with("estimator:", "estimater:"),
        [
            "plan, line 25, `plan`: 'estimater' is not known here. Did you mean 'estimator'?",
            "plan, line 2, `plan`: 'estimator' is missing. Add it; `plan_template()` shows how.",
        ],
    ),
    "a plan with an alpha in words": (
        lambda: plan_with("alpha: 0.05", "alpha: strict"),
        (
            "plan, line 31, `alpha`: 'strict' (str) where a number above 0, at most 0.5 belongs. Write it "
            "like 0.05."
        ),
    ),
    "a lot without a public text": (
        lambda: draw(TO_DRAW, " "),
        "public_text: it is empty. Give a text that nobody could choose, announced before.",
    ),
    "a lot for one village": (
        lambda: draw(TO_DRAW.head(1), "7 21 33"),
        "villages: 1 villages for a round of 2: an arm may stay empty. Give more villages, or smaller parts.",
    ),
    "a lot within strata that are not there": (
        lambda: draw(TO_DRAW, "7 21 33", strata=["kecamatan"]),
        "villages: there is no column 'kecamatan'. Add it.",
    ),
    "blocks of three for two arms": (
        lambda: draw(TO_DRAW, "7 21 33", method="blocks", match_on=["people"], block_size=3),
        "block_size: it is 3. Give a multiple of 2.",
    ),
    "balance of one arm": (
        lambda: balance(ROWS.assign(has=1), "has", ["roads"]),
        "has: 80 rows are treated and 0 are not. Give at least two rows in each arm.",
    ),
    "balance of nothing": (
        lambda: balance(ROWS, "has", []),
        "covariates: there is none. Name at least one.",
    ),
    "balance in words": (
        lambda: balance(ROWS.assign(roads="good"), "has", ["roads"]),
        "roads: it is not numbers (str). Give 0 and 1, a column a category.",
    ),
    "a village twice in the lot": (
        lambda: draw(pd.concat([TO_DRAW, TO_DRAW.head(1)]), "7 21 33"),
        "village_code: given twice: a. Give each village once.",
    ),
    # What would come of it
    "a village twice in a scenario": (
        lambda: scenario(pd.concat([SALES, SALES.head(1)])),
        "column 'village_code': these stand more than once: a. Keep one row a village.",
    ),
    "a scenario of sales in words": (
        lambda: scenario(SALES.assign(sales="good")),
        "column 'sales': it holds str, not numbers. Give numbers.",
    ),
    "a scenario of sales below zero": (
        lambda: scenario(SALES.assign(sales=-1.0)),
        (
            "column 'sales': 3 villages are below 0, where an effect in per cent or on prices means "
            "nothing. Correct them, or give the effect in the unit of the outcome and no prices."
        ),
    ),
    "ten drawings": (
        lambda: scenario(n_draws=10),
        "n_draws and seed: they are 10 and 1. Give 100 or more, and 0 or more.",
    ),
    "a scenario's interval of 90": (
        lambda: scenario(level=90),
        "level: it is 90. Give a share between 0 and 1, such as 0.9.",
    ),
    "an amount below zero": (
        lambda: scenario(amount_idr=-1.0),
        "amount_idr: it is -1.0. Give IDR, 0 or more.",
    ),
    "more take it up than there are": (
        lambda: scenario(take_up=2.0),
        "take-up: it must lie between 0 and 1, and it is 2. Correct it.",
    ),
    "a budget too small for one village": (
        lambda: scenario(budget_idr=1.0),
        (
            "budget_idr: IDR 1 does not pay for one village with one unit (IDR 10). Raise the budget or "
            "lower the amount."
        ),
    ),
    "a rule that is none": (
        lambda: target("poorest"),
        (
            "rule: 'poorest' is unknown. Choose one of all, lowest, highest, below, above, types, quota, "
            "lottery."
        ),
    ),
    "a share above one to be served": (
        lambda: target("lowest", indicator="sales", share=1.5),
        "share: it is 1.5. Give a share above 0, up to 1.",
    ),
    "an effect that loses more than all": (
        lambda: scenario(impact=impact(uncertain(-200.0), scale="percent")),
        (
            "effect: it can lie at -200 per cent, and nobody can lose more than all. Give it in "
            "'log_percent', or triangular with ends above -100."
        ),
    ),
    "an effect for no time": (
        lambda: impact(uncertain(5.0), scale="percent", years=0),
        "years: it is 0. Give a whole number from 1 to 50.",
    ),
    "a scenario compared with none": (
        lambda: compare_scenarios([scenario()]),
        "scenarios: there are 1. Give two or more.",
    ),
    "scenarios of different drawings": (
        lambda: compare_scenarios([scenario(), scenario(seed=2)]),
        "scenario 2, seed and n_draws: not as in scenario 1. Simulate both in the same way.",
    ),
    "the effect needed, of no worth": (
        lambda: needed_effect(scenario()),
        "worth_idr: the outcome has no worth in rupiah. Say in `Outcome` what a unit is worth.",
    ),
    # Welfare, money, options, targets, budget
    "a poverty line below zero": (
        lambda: poverty(survey(), "income", -1),
        "line: it is -1. Give rupiah above 0.",
    ),
    "a poverty line in words": (
        lambda: poverty(survey(), "income", "poor"),
        "line: it is poor. Give rupiah above 0.",
    ),
    "a relative line of no quantile": (
        lambda: poverty(survey(), "income", RelativeLine(quantile=1.5)),
        "line: it is 0.6 of the 1.5 quantile. Give a share above 0 of a quantile between 0 and 1.",
    ),
    "a quantile above one": (
        lambda: quantile(survey(), "income", 1.5),
        "p: it is 1.5. Give a share between 0 and 1.",
    ),
    "inequality of nothing": (
        lambda: inequality(survey(HOUSEHOLDS.assign(income=0.0)), "income"),
        "income: no income is above 0. Inequality of nothing is not defined.",
    ),
    "an income below zero": (
        lambda: inequality(survey(HOUSEHOLDS.assign(income=-5.0)), "income"),
        (
            "income: 4 of 4 rows are below 0. Choose an index that allows it, or declare unfit='domain' to "
            "leave them outside."
        ),
    ),
    "a weight below zero": (
        lambda: survey(HOUSEHOLDS.assign(w=-1.0)),
        "weights, w: 4 are not above 0. Leave out rows that were not drawn.",
    ),
    "a stratum of one": (
        lambda: survey(HOUSEHOLDS.head(3), strata="kecamatan"),
        (
            "strata: 1 strata have a single PSU, so that their variance is unknown: 2. Join them to strata "
            "like them, or declare single='centred'."
        ),
    ),
    "a weight without end": (
        lambda: survey(HOUSEHOLDS.assign(w=np.inf)),
        "weights, w: 4 are infinite. Give how many each row stands for.",
    ),
    "an infinite income": (
        lambda: poverty(survey(HOUSEHOLDS.assign(income=np.inf)), "income", 100),
        "income: 4 rows are infinite. Mark unknown values as missing.",
    ),
    "an index of no such name": (
        lambda: inequality(survey(), "income", index="hoover"),
        "index: it is 'hoover'. Choose among gini, theil_t, mld, atkinson, s80_s20, … (6).",
    ),
    "a cost below zero": (
        lambda: cash_flows(FLOWS.assign(mean=-9.0).head(1)),
        "row 1 (mill, 1): -9 is below 0. Costs too are written as positive amounts.",
    ),
    "a horizon of half a year": (
        lambda: cash_flows(FLOWS, horizon_years=5.5),
        "horizon_years: it is 5.5. Give whole years.",
    ),
    "a discount rate below -1": (
        lambda: npv([-9, 12], -1.5),
        "discount rate: it is -1.5. Give a share above -1, such as 0.08.",
    ),
    "a rate of return of gains alone": (
        lambda: internal_rates([5, 6]),
        "flows: they are all of one sign. An internal rate needs costs and benefits both.",
    ),
    "low above high": (
        lambda: uncertain(5, low=9, high=1, shape="normal"),
        "figure: low (9) is not below high (1). Exchange or correct them.",
    ),
    "a year without a number": (
        lambda: npv([-9, np.nan], 0.1),
        "flows: a year has no finite number. Give one number for each year.",
    ),
    "a figure without a number": (
        lambda: uncertain(np.nan),
        "figure: mean is nan, which is no number. Give a finite number.",
    ),
    "money of a kind that is none": (
        lambda: cash_flows(FLOWS.assign(kind="loan").head(1)),
        "row 1 (mill, 1): kind is 'loan'. Write 'cost' or 'benefit'.",
    ),
    "weights that are all zero": (
        lambda: chosen(jobs=0, cost=0),
        "weights: none is above 0. Give at least one criterion a weight.",
    ),
    "a weight of an option's criterion below zero": (
        lambda: chosen(jobs=-1),
        "weight of 'jobs': it is -1. Give 0 or a positive number.",
    ),
    "a weight for no criterion": (
        lambda: chosen(beauty=1),
        "weight of 'beauty': no criterion has this name. Correct it or leave it out.",
    ),
    "weights of nobody": (
        lambda: stakeholder_choice(SCORES, {}),
        "weights: there is no group. Give the weights of one group at least.",
    ),
    "one option": (
        lambda: chosen(SCORES.head(1)),
        "scores: there are fewer than two options. Give two or more to choose from.",
    ),
    "a score that is missing": (
        lambda: chosen(SCORES.replace(50.0, np.nan)),
        (
            "criterion 'jobs': no usable score for training. Find the score, or leave the alternative or the "
            "criterion out."
        ),
    ),
    "an option twice": (
        lambda: chosen(pd.concat([SCORES, SCORES.head(1)])),
        "alternative 'market': it stands twice. Keep one row for each alternative.",
    ),
    "a target before its baseline": (
        lambda: tracked(PLAN.assign(year=[2020, 2026])),
        "indicator 'jobs', year 2020: it is before the baseline. Correct one of them.",
    ),
    "a target worse than its baseline": (
        lambda: tracked(baseline=150.0),
        (
            "indicator 'jobs': the last target 120 is worse than the baseline 150, though more is better. "
            "Correct the direction, the target or the baseline."
        ),
    ),
    "a target without a baseline": (
        lambda: track(PLAN, {}),
        "indicator 'jobs': it has no baseline. Give year, value and direction.",
    ),
    "a direction that is none": (
        lambda: chance_of_reaching(*np.ones((3, 3)), year=4, target=1, direction="sideways"),
        "direction: it is 'sideways'. Say 'up' or 'down'.",
    ),
    "a year twice among the targets": (
        lambda: tracked(pd.concat([PLAN, PLAN.head(1)])),
        "indicator 'jobs', year 2025: it stands twice. Keep one row for each year.",
    ),
    "half a year among the targets": (
        lambda: tracked(PLAN.assign(year=[2025.5, 2026])),
        "column 'year': it holds something other than whole years. Write whole numbers.",
    ),
    "a baseline without a number": (
        lambda: tracked(baseline=np.nan),
        "baseline of 'jobs': the value is nan. Give a finite number.",
    ),
    "a budget below zero": (
        lambda: budget_problem(PAIRS, budget_idr=-1),
        "budget_idr: it is -1. Give an amount above 0.",
    ),
    "a grant that costs less than nothing": (
        lambda: budget_problem(PAIRS.assign(cost_idr=[-3.0, 30]), budget_idr=80),
        "column 'cost_idr': no usable value in rows 1. Give a finite number, 0 or more.",
    ),
    "a doubt below zero": (
        lambda: budget_problem(PAIRS.assign(se=[-1.0, 1]), budget_idr=80),
        "column 'se': no usable value in rows 1. Give a finite number, 0 or more.",
    ),
    "a grant given twice": (
        lambda: budget_problem(pd.concat([PAIRS, PAIRS.head(1)]), budget_idr=80),
        "a, 'road': the pair stands twice. Keep one row for each.",
    ),
    "no policy a village": (
        lambda: budget_problem(PAIRS, budget_idr=80, most_per_village=0),
        "most_per_village: it is 0. Give 1 or more.",
    ),
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_misuse_ends_in_one_clear_error(misuse):
    call, said = MISUSES[misuse]
    with pytest.raises(BadInput) as caught:
        call()
    problems = caught.value.problems
    assert [str(problem) for problem in problems] == ([said] if isinstance(said, str) else said)
    for problem in problems:
        assert problem.where
        assert problem.what
        assert problem.remedy.endswith((".", "?"))


# What is no fault, but must not pass in silence

FEW = (
    "There are only 16 clusters: clustered standard errors are then often too small. Look at the wild"
    " bootstrap or randomisation inference before relying on the interval."
)
WARNED: dict[str, tuple[Callable[[], object], str]] = {
    "few clusters": (lambda: difference_in_means(study(cluster="kecamatan"), outcome=INCOME), FEW),
    "villages with gaps that were kept": (
        lambda: twfe(panel(VILLAGES.drop(index=3), unbalanced="keep"), outcome=INCOME),
        (
            "1 units are not seen in every period and were kept: if they are missing because of the policy "
            "or the outcome, the estimate is biased."
        ),
    ),
    "a regression over two starts": (
        lambda: twfe(panel(TWO_STARTS), outcome=INCOME),
        (
            "The policy began at different times: this regression also uses villages that already have it "
            "as a comparison, and gives 0 % of the rows with the policy a negative weight. If the effect "
            "changes with time the figure can even have the wrong sign. Use `staggered`, and look at "
            "`goodman_bacon`."
        ),
    ),
    "a starting group of four": (
        lambda: event_study(panel_rows({0: 40, 3: 4, 5: 10})),
        (
            "Starting groups of fewer than 5 villages (3): chance within them is hardly known, so the doubt"
            " about their effects is understated. Join them with others or read only the averages."
        ),
    ),
    "four villages that never have it": (
        lambda: event_study(panel_rows({0: 4, 3: 20, 5: 20})),
        (
            "Only 4 villages never have the policy. With comparison='not_yet_treated' those who begin later"
            " would serve as a comparison, too."
        ),
    ),
    "nobody who never has it, but others later": (
        lambda: event_study(panel_rows({3: 20, 5: 20}), comparison="not_yet_treated"),
        (
            "Every village has the policy in the end: the last to begin serve as the comparison until they "
            "do, and nothing is said of them or of later periods."
        ),
    ),
}


@pytest.mark.parametrize("doubt", WARNED)
def test_a_doubt_is_told_and_says_what_to_do(doubt):
    call, said = WARNED[doubt]
    assert said in [warning.text("en") for warning in call().warnings]


def test_a_wild_bootstrap_over_two_clusters_says_that_its_interval_has_no_end():
    frame = ROWS.assign(office=np.arange(80) // 40)
    found = wild_bootstrap(study(frame, cluster="office"), outcome=INCOME, seed=0)
    assert found.interval == (-np.inf, np.inf)
    assert "with so few clusters the 95 % interval has no end" in found.in_words("en")
    assert "dengan klaster sesedikit itu selang 95 % tidak berujung" in found.in_words("id")


def test_a_year_in_which_all_villages_are_alike_does_not_stop_a_mixture():
    frame = ALONE.assign(income=ALONE["income"].where(ALONE["year"] > 1, 100.0))
    found = synthetic_control(panel(frame), outcome=INCOME, placebos=False, seed=1)
    assert found.cross_check is not None
    assert found.cross_check.agrees
