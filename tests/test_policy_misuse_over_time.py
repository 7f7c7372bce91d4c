"""What people get wrong when they judge policies over time: one clear error each, place and remedy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from misused_policies import (
    ALONE,
    INCOME,
    TWO_STARTS,
    VILLAGES,
    Misuse,
    event_study,
    one_clear_error,
    panel,
    panel_by_year,
    panel_rows,
)

from pk_research.policy.effects.did import (
    goodman_bacon,
    honest,
    power_against,
    pre_trends,
    twfe,
    two_by_two,
)
from pk_research.policy.effects.synthetic import synthetic_control, synthetic_differences

MISUSES: dict[str, Misuse] = {
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
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_misuse_ends_in_one_clear_error(misuse):
    one_clear_error(*MISUSES[misuse])
