"""What people get wrong when they judge policies by rows at one time: one clear error each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from misused_policies import (
    APART,
    INCOME,
    NEARBY,
    PLACES,
    ROWS,
    Misuse,
    at_cutoff,
    by_group,
    curve,
    learned,
    one_clear_error,
    pushed_by,
    reached,
    study,
)

from pk_research.policy.effects.cross_section import (
    adjusted_effect,
    difference_in_means,
    effect_by_instrument,
    entropy_balanced_effect,
    matched_effect,
)
from pk_research.policy.effects.spillovers import near_by_place

MISUSES: dict[str, Misuse] = {
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
        "errors: it is 'hc3'. Choose from: bias_reduced, classical, robust, clustered.",
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
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_misuse_ends_in_one_clear_error(misuse):
    one_clear_error(*MISUSES[misuse])
