"""What people get wrong before and beside judging policies, and doubts that must not pass in silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from misused_policies import (
    ALONE,
    DESIGN,
    FLOWS,
    HOUSEHOLDS,
    INCOME,
    PAIRS,
    PLAN,
    ROWS,
    SALES,
    SCORES,
    TO_DRAW,
    TWO_STARTS,
    VILLAGES,
    Misuse,
    chosen,
    event_study,
    one_clear_error,
    panel,
    panel_rows,
    plan_with,
    scenario,
    study,
    survey,
    tracked,
)

from pk_research.policy.budget import budget_problem
from pk_research.policy.costs import cash_flows, internal_rates, npv, uncertain
from pk_research.policy.design import balance, draw, power_of
from pk_research.policy.effects.cross_section import (
    difference_in_means,
)
from pk_research.policy.effects.did import (
    twfe,
)
from pk_research.policy.effects.synthetic import synthetic_control
from pk_research.policy.inference import adjusted_p_values, randomisation_test, wild_bootstrap
from pk_research.policy.options import stakeholder_choice
from pk_research.policy.scenarios import (
    compare_scenarios,
    impact,
    needed_effect,
    target,
)
from pk_research.policy.targets import chance_of_reaching, track
from pk_research.policy.welfare import RelativeLine, inequality, poverty, quantile

MISUSES: dict[str, Misuse] = {
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
    one_clear_error(*MISUSES[misuse])


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
            "as a comparison, and gives 0% of the rows with the policy a negative weight. If the effect "
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
    assert "with so few clusters the 95% interval has no end" in found.in_words("en")
    assert "dengan klaster sesedikit itu selang 95% tidak berujung" in found.in_words("id")


def test_a_year_in_which_all_villages_are_alike_does_not_stop_a_mixture():
    frame = ALONE.assign(income=ALONE["income"].where(ALONE["year"] > 1, 100.0))
    found = synthetic_control(panel(frame), outcome=INCOME, placebos=False, seed=1)
    assert found.cross_check is not None
    assert found.cross_check.agrees
