"""Designs of choice experiments: efficient, orthogonal, balanced, and with something to weigh."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from products_experiment_tables import (
    ATTRIBUTES,
    PACKAGING,
    PRICE,
    PROMOTION,
    TASTE,
    TASTES,
    TRUTH,
    snack_design,
)

from pk_research.codebook import Label
from pk_research.errors import BadInput
from pk_research.products.experiments import (
    Attribute,
    choice_design,
    made_choices,
    multinomial_logit,
    sample_size,
)
from pk_research.products.experiments.attributes import coded
from pk_research.products.experiments.design import repeated_or_dominated
from pk_research.products.experiments.efficiency import d_errors, information_by_set
from pk_research.products.experiments.orthogonal import fraction_sizes, orthogonal_fraction


def test_levels_become_columns():
    shown = pd.DataFrame(
        {
            "taste": ["plain", "spicy", "sweet", None],
            "packaging": ["box", "pouch", "plastic", None],
            "promotion": ["no", "story", "no", None],
            "price_idr": ["15000", "20000", "25000", None],
        }
    )
    assert coded(shown, ATTRIBUTES, has_none=True).to_string(index=False).split("\n") == [
        " taste=spicy  taste=sweet  packaging=pouch  packaging=box  promotion=story  price_idr  none",
        "         0.0          0.0              0.0            1.0              0.0        3.0   0.0",
        "         1.0          0.0              1.0            0.0              1.0        4.0   0.0",
        "         0.0          1.0              0.0            0.0              0.0        5.0   0.0",
        "         0.0          0.0              0.0            0.0              0.0        0.0   1.0",
    ]


def test_a_level_nobody_declared_is_refused():
    shown = pd.DataFrame({"taste": ["bitter"]})
    with pytest.raises(BadInput, match=r"taste: it holds bitter\. Give one of plain, spicy, sweet"):
        coded(shown, [TASTE], has_none=False)


def test_the_d_error_of_a_design_worked_out_by_hand():
    # two alternatives that differ by 1, chosen with probability 1/2 each: information 1/4 a set
    rows = np.array([[[0.0], [1.0]]] * 8)
    information = information_by_set(rows, np.zeros((1, 1))).sum(axis=0)
    assert d_errors(information[None]).tolist() == [1 / 2]
    # with a taste of log 3 they are chosen with probability 1/4 and 3/4: information 3/16 a set
    tasted = information_by_set(rows, np.array([[np.log(3)]])).sum(axis=0)
    assert d_errors(tasted[None])[0] == pytest.approx(16 / 24)


@pytest.fixture(scope="module")
def design():
    return snack_design()


def test_an_efficient_design_tells_more_than_any_random_one(design):
    random = [snack_design(method="random", seed=seed, n_blocks=1).d_error for seed in range(40)]
    assert design.d_error < 0.9 * min(random)
    assert design.d_error < 0.75 * np.mean(random)


def test_every_seed_finds_a_design_better_than_its_random_ones():
    random = [snack_design(method="random", seed=seed, n_blocks=1).d_error for seed in range(5)]
    for seed in range(5):
        assert snack_design(seed=seed, n_starts=1, n_blocks=1).d_error < min(random)


def test_free_levels_are_a_little_more_efficient_and_use_the_extremes_of_the_price(design):
    free = snack_design(is_balanced=False)
    assert free.d_error < design.d_error
    times = free.balance().query("attribute == 'price_idr'").set_index("level")["times"]
    assert times["20000"] < min(times["15000"], times["25000"])


def test_a_bayesian_design_is_best_on_average_over_the_priors():
    unsure = {"price_idr": 0.5, "none": 1.0}
    bayesian = snack_design(prior_sd=unsure, n_prior_draws=16, n_starts=2)
    fixed = snack_design(n_starts=2)
    at_draws = information_by_set(fixed.rows(), bayesian.prior_draws).sum(axis=0)
    assert bayesian.d_error <= float(d_errors(at_draws[None])[0])


def test_levels_and_blocks_are_balanced(design):
    balance = design.balance().set_index(["attribute", "level"])
    assert balance.loc["taste", "times"].tolist() == [8, 8, 8]
    assert balance.loc["promotion", "times"].tolist() == [12, 12]
    assert (balance["most_in_block"] - balance["least_in_block"]).max() <= 1


@pytest.mark.parametrize("method", ["d_efficient", "orthogonal", "random"])
@pytest.mark.parametrize("n_alternatives", [2, 3])
def test_no_alternative_dominates_another(method, n_alternatives):
    design = snack_design(method=method, n_alternatives=n_alternatives, n_sets=18, n_starts=1)
    assert repeated_or_dominated(design) == ()


def test_a_dominated_alternative_is_noticed(design):
    sets = design.sets.copy()
    sets.loc[:1, ["taste", "packaging", "promotion", "price_idr"]] = [
        ["plain", "box", "no", "15000"],
        ["plain", "pouch", "no", "15000"],
    ]
    assert repeated_or_dominated(replace(design, sets=sets)) == (1,)


def test_where_every_choice_is_obvious_there_is_no_design():
    with pytest.raises(BadInput, match="no design was found in which no alternative is as good"):
        choice_design([PRICE], n_sets=4)


def test_an_orthogonal_fraction_shows_every_pair_of_levels_equally_often():
    profiles = orthogonal_fraction([3, 3, 3, 3], 9)
    for a, b in itertools.combinations(range(4), 2):
        assert pd.crosstab(profiles[:, a], profiles[:, b]).to_numpy().tolist() == [[1, 1, 1]] * 3


def test_an_orthogonal_design_keeps_attributes_apart_in_its_first_alternative():
    design = snack_design(method="orthogonal", n_sets=18)
    first = design.sets.query("alternative == 'a'")
    assert (pd.crosstab(first["taste"], first["packaging"]) == 2).all(axis=None)
    assert (pd.crosstab(first["price_idr"], first["promotion"]) == 3).all(axis=None)
    assert design.mended == ()


def test_sets_that_had_to_be_mended_are_told():
    ordered = [replace(one, better="last") for one in (TASTE, PACKAGING)]
    design = choice_design([*ordered, PRICE], n_sets=9, method="orthogonal")
    assert repeated_or_dominated(design) == ()
    assert 1 <= len(design.mended) <= 3
    sets = ", ".join(map(str, design.mended))
    assert f"levels were exchanged within {len(design.mended)} sets: {sets}." in design.in_words("en")


def test_a_size_without_an_orthogonal_design_names_those_that_have_one():
    assert fraction_sizes([3, 3, 2, 3])[:2] == (18, 36)
    with pytest.raises(BadInput, match=r"no orthogonal design of 12 sets\. Sizes that were found: 18, 36"):
        snack_design(method="orthogonal")


def test_the_seed_alone_decides():
    one, same, other = (snack_design(seed=seed, n_starts=1) for seed in (4, 4, 5))
    assert one.sets.equals(same.sets)
    assert one.content_hash == same.content_hash != other.content_hash


def test_orme_counts_levels_sets_and_alternatives(design):
    # 500 x 3 levels / (6 sets a respondent x 2 alternatives)
    assert sample_size(design).orme == 125


def test_the_respondents_priors_ask_for_give_the_standard_errors_they_promise(design):
    size = sample_size(design)
    hardest = size.by_coefficient["n_respondents"].idxmax()
    assert hardest == "taste=sweet"
    many = made_choices(design, TASTES, 2000, seed=1).data()
    # a replication of the design takes one respondent in each of two blocks
    promised = size.by_coefficient["standard_error"] / np.sqrt(2000 / 2)
    assert multinomial_logit(many).standard_errors.to_numpy() == pytest.approx(promised, rel=0.12)
    assert size.by_priors == np.ceil((1.959964 * promised[hardest] / 0.3) ** 2 * 2000)


def test_without_priors_only_the_rule_of_thumb_is_left():
    size = sample_size(snack_design(priors={}))
    assert size.by_priors is None
    assert "a pilot" in size.in_words("en")


def test_everything_wrong_is_told_at_once():
    twice = Attribute(
        "price", "Harga", "Price", (Label("a", "a", "a"), Label("b", "b", "b")), coding="linear"
    )
    with pytest.raises(BadInput) as caught:
        choice_design([twice, replace(TASTE, levels=TASTE.levels[:1]), PROMOTION, PROMOTION], n_sets=4)
    assert [problem.where for problem in caught.value.problems] == [
        "price",
        "taste",
        "promotion",
        "promotion",
    ]
    with pytest.raises(BadInput) as caught:
        snack_design(n_sets=3, n_blocks=2, priors={"colour=red": 1.0}, prior_sd={"none": -1.0})
    assert [problem.where for problem in caught.value.problems] == [
        "n_sets",
        "n_blocks",
        "priors",
        "prior_sd",
    ]


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_design_is_told_and_drawn(design, language):
    table = design.table(language)
    assert len(table) == 24
    assert table[{"id": "Rasa", "en": "Taste"}[language]].iloc[0] in {"Gurih", "Pedas", "Manis"} | {
        "Plain", "Spicy", "Sweet"
    }  # fmt: skip
    assert {"id": "12 set pilihan dalam 2 blok", "en": "12 choice sets in 2 blocks"}[language] in (
        design.in_words(language)
    )
    assert len(design.plot(language).axes[0].patches) == 11
    assert sample_size(design).table(language).shape == (7, 3)
    assert set(design.names) == set(TRUTH)
