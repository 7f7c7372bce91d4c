"""For whom it worked: effects by group, whether they differ, and what is said of groups nobody declared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.multitest import multipletests

from pk_research.errors import BadInput
from pk_research.language import LANGUAGES, Message
from pk_research.policy.design import plan_template, read_plan
from pk_research.policy.effects import did
from pk_research.policy.effects.cross_section import difference_in_means, read_study
from pk_research.policy.effects.heterogeneity import Lot, effect_by_group
from pk_research.policy.effects.panel import read_panel
from pk_research.policy.inference import randomisation_test

INCOME = Message("income")


def villages(effects=(1.0, 1.0, 4.0), n=60, seed=0):
    """Villages of three types; the policy was drawn by lot within each."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(1, len(effects) + 1), n)
    has = np.tile([0, 1], len(kinds) // 2)
    income = rng.normal(size=len(kinds)) + has * np.array(effects)[kinds - 1]
    return pd.DataFrame({"type": kinds, "has": has, "income": income})


def estimate(rows):
    study = read_study(rows, outcome="income", treated="has")
    return difference_in_means(study, outcome=INCOME, errors="classical", made=True)


def faults(call):
    with pytest.raises(BadInput) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


def test_each_group_has_the_effect_it_has_alone():
    rows = villages()
    found = effect_by_group(rows, estimate, group="type")
    alone = [estimate(rows[rows["type"] == kind]).estimate for kind in (1, 2, 3)]
    assert found.estimates["estimate"].tolist() == alone
    assert found.estimates["n_treated"].tolist() == [30, 30, 30]


def test_the_joint_test_is_cochrans_and_the_pairs_are_differences():
    found = effect_by_group(villages(), estimate, group="type")
    figures, errors = (found.estimates[name].to_numpy() for name in ("estimate", "standard_error"))
    weight = 1 / errors**2
    statistic = (weight * (figures - (weight * figures).sum() / weight.sum()) ** 2).sum()
    assert found.joint.statistic == pytest.approx(statistic)
    assert found.joint.p_value == pytest.approx(stats.chi2.sf(statistic, 2))
    first = found.differences.iloc[0]
    assert first["difference"] == pytest.approx(figures[0] - figures[1])
    assert first["standard_error"] == pytest.approx(np.hypot(errors[0], errors[1]))


def test_it_is_the_regression_with_an_interaction_where_the_spread_is_the_groups_own():
    rows = villages(effects=(1.0, 3.0))
    found = effect_by_group(rows, estimate, group="type")
    regression = smf.ols("income ~ has * C(type)", rows).fit()
    assert -found.differences["difference"].iloc[0] == pytest.approx(regression.params["has:C(type)[T.2]"])


@pytest.mark.parametrize(("adjustment", "method"), [("holm", "holm"), ("benjamini_hochberg", "fdr_bh")])
def test_p_values_count_how_many_groups_were_asked(adjustment, method):
    found = effect_by_group(villages(), estimate, group="type", adjustment=adjustment)
    expected = multipletests(found.estimates["p_value"], method=method)[1]
    assert found.estimates["adjusted"].to_numpy() == pytest.approx(expected)
    assert (found.estimates["adjusted"] >= found.estimates["p_value"]).all()


def test_lots_drawn_again_adjust_where_the_policy_was_drawn_by_lot():
    asked = {"group": "type", "adjustment": "romano_wolf", "lot": Lot("income", "has", n_draws=200, seed=3)}
    found = effect_by_group(villages(effects=(0.0, 0.0, 4.0)), estimate, **asked)
    assert found.estimates["adjusted"].iloc[2] == pytest.approx(1 / 201, abs=0.01)
    assert found.estimates["adjusted"].iloc[0] > 0.05
    again = effect_by_group(villages(effects=(0.0, 0.0, 4.0)), estimate, **asked, n_jobs=2)
    assert again.estimates["adjusted"].tolist() == found.estimates["adjusted"].tolist()


def test_a_difference_that_is_there_is_found_and_one_that_is_not_mostly_not():
    assert effect_by_group(villages(effects=(0.0, 0.0, 4.0)), estimate, group="type").joint.p_value < 0.001
    p_values = [
        effect_by_group(villages((1.0, 1.0, 1.0), seed=seed), estimate, group="type").joint.p_value
        for seed in range(10)
    ]
    assert sum(p < 0.05 for p in p_values) <= 3


def test_groups_too_small_are_set_aside_with_their_reason_and_rows():
    few = pd.DataFrame({"type": [9] * 4, "has": [0, 1] * 2, "income": [1.0, 2, 3, 5]})
    rows = pd.concat([villages(), few], ignore_index=True)
    rows.loc[rows.index[0], "type"] = np.nan
    found = effect_by_group(rows, estimate, group="type")
    ((name, reason, n),) = found.set_aside
    assert (name.text("en"), n, found.n_unnamed) == ("9", 4, 1)
    assert reason.text("en") == ("too few units: 2 with the policy and 2 without, 10 of each are needed")
    assert "Set aside with 4 rows: 9, too few units" in found.in_words("en")
    assert "Rows without a group, set aside: 1." in found.in_words("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_told_that_nobody_declared_the_groups_and_that_the_data_is_made(language):
    found = effect_by_group(villages(), estimate, group="type")
    told = found.in_words(language)
    assert told.startswith({"en": "Made data", "id": "Data buatan"}[language])
    assert {"en": "exploratory, a question for the next study", "id": "bersifat penjajakan"}[language] in told
    assert len(found.table(language)) == 3
    assert len(found.differences_table(language)) == 3
    assert found.plot(language, width_px=360).axes


def test_members_that_are_not_sure_are_left_out_a_second_time():
    rows = villages()
    rows["probability"] = np.where(np.arange(len(rows)) % 5 == 0, 0.5, 0.95)
    found = effect_by_group(rows, estimate, group="type", certainty="probability")
    sure = rows[rows["probability"] >= 0.75]
    alone = [estimate(sure[sure["type"] == kind]).estimate for kind in (1, 2, 3)]
    assert found.estimates["sure_estimate"].tolist() == alone
    assert found.estimates["n_unsure"].sum() == (rows["probability"] < 0.75).sum()


def test_a_panel_is_split_by_village_and_told_alike():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"village": np.repeat(np.arange(80), 3), "year": [1, 2, 3] * 80})
    rows["type"] = np.where(rows["village"] < 40, "coast", "inland")
    rows["has"] = ((rows["village"] % 2 == 0) & (rows["year"] == 3)).astype(int)
    effect = np.where(rows["type"] == "coast", 3.0, 0.0)
    rows["income"] = rng.normal(size=len(rows)) + rows["has"] * effect

    def over_time(part):
        panel = read_panel(part, unit="village", period="year", outcome="income", treated="has")
        return did.twfe(panel, outcome=INCOME)

    found = effect_by_group(rows, over_time, group="type", unit="village")
    assert found.estimates["estimate"].round(0).tolist() == [3, 0]
    assert found.joint.p_value < 0.01
    rows.loc[0, "type"] = "inland"
    assert (
        "column 'type'" in faults(lambda: effect_by_group(rows, over_time, group="type", unit="village"))[0]
    )


def test_what_cannot_be_split_is_refused_all_at_once():
    rows = villages()
    told = faults(lambda: effect_by_group(rows, estimate, group="kind", adjustment="none", least=1, sure=2))
    assert [text.partition(":")[0] for text in told] == ["column 'kind'", "adjustment", "least", "sure"]
    one = faults(lambda: effect_by_group(rows.assign(type=1), estimate, group="type"))
    assert one == ["column 'type': it holds fewer than two groups. Split by another column."]


def test_groups_that_the_plan_names_are_no_longer_exploratory():
    plan = replace(read_plan(plan_template()), subgroups=("type",))
    found = effect_by_group(villages(), estimate, group="type", plan=plan)
    assert found.is_declared
    assert "The plan made before names these groups (“type”)." in found.in_words("en")
    other = effect_by_group(villages(), estimate, group="type", plan=replace(plan, subgroups=("zone",)))
    assert "exploratory" in other.in_words("en")


def test_clusters_across_groups_are_left_out_one_at_a_time():
    rows = villages(n=40).assign(district=np.tile(np.arange(12), 10))
    found = effect_by_group(rows, estimate, group="type", cluster="district")
    without = np.array(
        [
            [
                estimate(rows[(rows["type"] == kind) & (rows["district"] != left)]).estimate
                for kind in (1, 2, 3)
            ]
            for left in range(12)
        ]
    )
    covariance = 11 / 12 * 12 * np.cov(without.T, bias=True)
    difference = without[:, 0] - without[:, 1]
    assert found.differences["standard_error"].iloc[0] == pytest.approx(
        np.sqrt(11 / 12 * ((difference - difference.mean()) ** 2).sum())
    )
    contrast = np.array([[1, -1, 0], [1, 0, -1]])
    apart = contrast @ found.estimates["estimate"].to_numpy()
    wald = apart @ np.linalg.solve(contrast @ covariance @ contrast.T, apart)
    assert found.joint.statistic == pytest.approx(wald)
    assert found.joint.p_value == pytest.approx(stats.f.sf(wald / 2, 2, 11))
    assert "leaving out one cluster at a time" in found.in_words("en")
    alone = effect_by_group(rows.assign(district=rows.index // 5), estimate, group="type", cluster="district")
    assert np.isinf(alone.joint.df_rest)


def test_lots_judge_a_single_group_as_the_randomisation_test_of_it_does():
    rows = villages(effects=(0.4, 0.0), n=30)
    lot = Lot("income", "has", n_draws=2000, seed=5)
    found = effect_by_group(rows, estimate, group="type", adjustment="romano_wolf", lot=lot)
    study = read_study(rows[rows["type"] == 1], outcome="income", treated="has")
    alone = randomisation_test(study, outcome=INCOME, n_draws=2000, seed=6).p_value
    # The smallest of two independent p-values, counted for two: 1 - (1 - p)².
    assert found.estimates["adjusted"].min() == pytest.approx(1 - (1 - alone) ** 2, abs=0.05)
