"""Which policy: rankings by group, the weights that turn the first place, options for nobody."""

from __future__ import annotations

from io import StringIO
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from pk_research.errors import BadInput
from pk_research.policy.options import (
    dominated_options,
    never_first,
    option_intervals,
    stakeholder_choice,
    turning,
)
from pk_research.products.flagship import choose, decision

OPTIONS = """
    option    jobs  reach  cost
    market    90    40     80
    training  50    70     30
    road      60    90     70
    subsidy   40    60     75
"""
WEIGHTS = {
    "villages": {"jobs": 5, "reach": 3, "cost": 2},
    "budget office": {"jobs": 1, "reach": 1, "cost": 8},
    "BUMDes": {"jobs": 6, "reach": 3, "cost": 1},
}


def options():
    return pd.read_csv(StringIO(OPTIONS), sep=r"\s+", index_col="option")


def chosen(**given):
    given = {"scores": options(), "weights": WEIGHTS, "less_is_better": ("cost",)} | given
    return stakeholder_choice(given.pop("scores"), given.pop("weights"), **given)


def faults(call):
    with pytest.raises(BadInput) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


# Rankings


def test_scores_are_scaled_from_the_worst_to_the_best():
    scaled = chosen().scaled
    assert scaled["jobs"].tolist() == [1, 0.2, 0.4, 0]
    assert scaled["cost"].tolist() == [0, 1, 0.2, 0.1]


def test_each_group_ranks_by_its_own_weighted_sum():
    found = chosen()
    for group, weights in WEIGHTS.items():
        total = sum(weights.values())
        sums = sum(found.scaled[name] * weight / total for name, weight in weights.items())
        assert found.ranks[group].to_dict() == sums.rank(ascending=False).to_dict()
    assert found.first_of("villages") == ("road",)
    assert found.first_of("budget office") == ("training",)


def test_all_together_weigh_by_the_mean_of_the_weights_and_their_influence():
    found = chosen(influence={"villages": 1, "budget office": 3, "BUMDes": 0})
    assert found.merged.shares["cost"] == pytest.approx((0.2 + 3 * 0.8) / 4)
    alone = chosen(influence={"villages": 0, "budget office": 1, "BUMDes": 0})
    assert alone.merged_ranks.to_dict() == alone.ranks["budget office"].to_dict()


@pytest.mark.parametrize("method", ["topsis", "vikor", "promethee"])
def test_other_methods_are_those_of_the_flagship_room(method):
    found = chosen(method=method)
    for group, weights in WEIGHTS.items():
        given = decision(options(), weights, less_is_better=("cost",))
        expected = choose(given, method=method).frame.set_index("product")["rank"]
        assert found.ranks[group].to_dict() == expected.to_dict()


def test_declared_ends_keep_the_scale_when_options_are_added():
    ends = {"jobs": (0, 100), "reach": (0, 100), "cost": (100, 0)}
    fewer = chosen(scores=options().drop(index="market"), ends=ends)
    pd.testing.assert_frame_equal(fewer.scaled, chosen(ends=ends).scaled.drop(index="market"))


def test_row_order_does_not_matter():
    assert chosen(scores=options().iloc[::-1]).merged_ranks.to_dict() == chosen().merged_ranks.to_dict()


# Options for nobody


def test_an_option_that_another_beats_everywhere_is_dominated():
    found = chosen()
    assert found.dominated.to_numpy().tolist() == [["subsidy", "training"], ["subsidy", "road"]]
    assert found.never_first == ("subsidy",)
    assert "Nobody should choose subsidy" in found.in_words("en")


def test_never_first_agrees_with_trying_many_weights():
    rng = np.random.default_rng(0)
    scaled = pd.DataFrame(rng.uniform(size=(12, 3)), index=list("abcdefghijkl"))
    weights = rng.dirichlet(np.ones(3), size=20_000)
    winners = set(scaled.index[np.argmax(scaled.to_numpy() @ weights.T, axis=0)])
    assert set(never_first(scaled)) == set(scaled.index) - winners
    assert set(dominated_options(scaled)["option"]) <= set(never_first(scaled))


def test_equal_options_do_not_dominate_each_other():
    twins = pd.DataFrame({"jobs": [1.0, 1.0], "cost": [0.5, 0.5]}, index=["a", "b"])
    assert dominated_options(twins).empty
    assert never_first(twins) == ()


# What turns the first place


def test_the_smallest_change_is_found_and_nothing_nearer_does_it():
    found = turning(chosen())
    now = found.weights["now"].to_numpy()
    rng = np.random.default_rng(0)
    tried = rng.dirichlet(np.ones(3), size=50_000)
    for row in found.rivals.dropna().itertuples():
        lead = (found.choice.scaled.loc[found.first] - found.choice.scaled.loc[row.option]).to_numpy()
        turned = found.weights[row.option].to_numpy()
        assert lead @ turned == pytest.approx(0, abs=1e-9)
        assert turned.sum() == pytest.approx(1)
        assert np.abs(turned - now).sum() / 2 == pytest.approx(row.moved)
        assert np.abs(tried[tried @ lead <= 0] - now).sum(axis=1).min() / 2 >= row.moved - 1e-9
    assert all(before <= after for before, after in pairwise(found.rivals["moved"].dropna()))


def test_a_dominated_option_is_never_level():
    assert found_rival(turning(chosen()), "subsidy").isna().all()


def found_rival(found, name):
    return found.rivals.set_index("option").loc[[name], "moved"]


def test_at_the_critical_weight_of_one_criterion_the_first_two_are_level():
    found = turning(chosen())
    now = found.single.set_index("criterion")["now"]
    for row in found.single.dropna().itertuples():
        others = now.drop(row.criterion)
        weights = pd.concat(
            [others / others.sum() * (1 - row.turns_at), pd.Series({row.criterion: row.turns_at})]
        )
        values = (found.choice.scaled * weights).sum(axis=1)
        assert values[found.first] == pytest.approx(values[row.option])


def test_all_weight_on_one_criterion_has_no_proportions_to_keep():
    found = turning(chosen(weights={"all": {"jobs": 1, "reach": 0, "cost": 0}}))
    assert found.first == "market"
    assert np.isnan(found.single.set_index("criterion")["turns_at"]["jobs"])


# Doubt


def test_errors_of_scores_are_given_in_their_own_unit():
    scaled = option_intervals(chosen(), score_sd={"jobs": 10}, n_draws=200).found
    assert scaled.options["score_sd"]["jobs"] == pytest.approx(10 / 50)
    raw = option_intervals(chosen(method="topsis"), score_sd={"jobs": 10}, n_draws=50).found
    assert raw.options["score_sd"]["jobs"] == 10


@pytest.mark.slow  # starts worker processes
def test_workers_do_not_change_the_draws():
    one, two = (option_intervals(chosen(), weight_noise=0.3, n_draws=100, n_jobs=n) for n in (1, 2))
    pd.testing.assert_frame_equal(one.found.intervals, two.found.intervals)


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_view_in_both_languages_says_when_data_is_made(language):
    found = chosen(made=True)
    note = {"id": "Data buatan", "en": "Made data"}[language]
    intervals = option_intervals(found, score_sd={"jobs": 20}, n_draws=50)
    for view in (found, turning(found), intervals):
        assert view.in_words(language).startswith(note)
        assert view.table(language).iloc[0, -1].startswith(note)
    for view in (found, intervals):
        assert note in view.plot(language)._suptitle.get_text()


def test_one_group_alone_does_not_speak_of_agreement():
    told = chosen(weights={"all": WEIGHTS["villages"]}).in_words("en")
    assert "agree" not in told
    assert "first for all together: road" in told


# What cannot be decided


def test_every_fault_of_the_weights_at_once():
    weights = {
        "villages": {"jobs": 0, "reach": 0, "cost": 0},
        "office": {"jobs": -1, "reach": 2, "beauty": 3},
    }
    told = "\n".join(
        faults(lambda: chosen(weights=weights, influence={"villages": 0, "mayor": 1}, method="guess"))
    )
    for part in (
        "group 'villages', weights: none is above 0",
        "group 'office', weight of 'jobs': it is -1",
        "group 'office', weight of 'beauty': no criterion has this name",
        "group 'office', criterion 'cost': it has no weight",
        "influence of 'office': it is missing",
        "influence of 'mayor': no group has this name",
        "method: 'guess' is unknown",
    ):
        assert part in told


def test_faults_of_the_scores_are_said_once_not_for_each_group():
    scores = options().astype(float)
    scores.loc["road", "jobs"] = np.nan
    scores["reach"] = 5.0
    told = faults(lambda: chosen(scores=scores))
    assert [text.split(":")[0] for text in told] == ["criterion 'jobs'", "criterion 'reach'"]


def test_text_scores_one_option_and_no_groups():
    told = "\n".join(faults(lambda: chosen(scores=options().astype(str).head(1), weights={})))
    assert "criterion 'jobs': it does not hold numbers" in told
    assert "fewer than two options" in told
    assert "there is no group" in told
    assert "villages, weight of 'jobs': '5' is no number. Write a number." in faults(
        lambda: chosen(weights={"villages": {"jobs": "5", "reach": 1, "cost": 1}})
    )


def test_duplicate_options_and_unknown_ends():
    twice = pd.concat([options(), options().head(1)])
    told = "\n".join(faults(lambda: chosen(scores=twice, ends={"beauty": (0, 1), "jobs": (5, 5)})))
    assert "alternative 'market': it stands twice" in told
    assert "ends of 'beauty': no criterion has this name" in told
    assert "ends of 'jobs': they are 5 and 5" in told


def test_turning_needs_a_weighted_sum_and_one_first():
    assert "only a weighted sum has this" in faults(lambda: turning(chosen(method="topsis")))[0]
    level = pd.DataFrame({"jobs": [1, 0], "cost": [0, 1]}, index=["a", "b"])
    shared = stakeholder_choice(level, {"all": {"jobs": 1, "cost": 1}})
    assert "a, b share it" in faults(lambda: turning(shared))[0]


def test_intervals_of_nothing_that_varies():
    assert "nothing varies" in faults(lambda: option_intervals(chosen()))[0]
    assert (
        "no criterion has this name" in faults(lambda: option_intervals(chosen(), score_sd={"beauty": 1}))[0]
    )
