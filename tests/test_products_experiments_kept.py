"""An experiment goes into the store and comes out as it went in: no name, no number, no doubt is lost."""

import pandas as pd
import pytest

from pk_research.codebook import Codebook, Label
from pk_research.errors import BadInput
from pk_research.products.experiments import (
    Attribute,
    KnownTastes,
    choice_design,
    choices_of,
    experiment_dataset,
    experiment_of,
    made_answers,
    multinomial_logit,
)
from pk_research.store import open_store

TASTE = Attribute("taste", "Rasa", "Taste", (
    Label("mild", "Gurih", "Mild"), Label("spicy", "Pedas", "Spicy"), Label("sweet", "Manis", "Sweet"),
))  # fmt: skip
PRICE = Attribute("price_idr", "Harga", "Price", tuple(
    Label(str(value), f"Rp{value // 1000}.000", f"IDR {value // 1000},000")
    for value in (12_000, 16_000, 20_000)
), coding="linear", better="first", unit=1000)  # fmt: skip
TASTES = KnownTastes(({"taste=spicy": 0.7, "taste=sweet": -0.4, "price_idr": -0.15, "none": -2.0},))


@pytest.fixture(scope="module")
def choices():
    design = choice_design([TASTE, PRICE], n_sets=8, n_blocks=2)
    answers = made_answers(design, TASTES, 150, seed=3)
    answers.loc[answers.index[:4], "set_01"] = None
    return choices_of(answers, design, made=True)


@pytest.fixture
def kept(choices, tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    store.keep(experiment_dataset(choices, "Snack of Setu"))
    return experiment_of(store.read("choice_experiment"))


def test_estimates_are_the_same_before_and_after(choices, kept):
    before, after = multinomial_logit(choices.data()), multinomial_logit(kept.data)
    scale = pd.Series({"price_idr": 10_000 / 1000}).reindex(list(before.names)).fillna(1.0)
    pd.testing.assert_series_equal(after.estimates, before.estimates * scale, rtol=1e-5)
    pd.testing.assert_series_equal(after.standard_errors, before.standard_errors * scale, rtol=1e-4)
    assert after.log_likelihood == pytest.approx(before.log_likelihood)


def test_attributes_keep_their_names_levels_and_labels(kept):
    taste, price = kept.attributes
    assert taste == TASTE
    assert price.codes == PRICE.codes
    assert [level.text("id") for level in price.levels] == ["Rp12.000", "Rp16.000", "Rp20.000"]
    assert (price.coding, price.unit) == ("linear", 10_000)


def test_what_was_left_open_is_counted_and_nobody_can_be_traced(choices, kept):
    assert [(step.n_rows, step.what.text("en")) for step in kept.dataset.provenance.steps] == [
        (len(choices.unanswered), "Sets shown and not answered were left out")
    ]
    assert kept.dataset.provenance.made
    people = set(kept.dataset.frame["respondent"])
    assert people == set(range(1, choices.n_respondents + 1))
    assert kept.data.n_respondents == choices.n_respondents


def test_a_dataset_that_is_no_experiment_is_told_all_that_is_missing(kept):
    frame = kept.dataset.frame[["set", "chosen"]]
    strange = type(kept.dataset)("x", frame, Codebook(()), kept.dataset.provenance)
    with pytest.raises(BadInput) as caught:
        experiment_of(strange)
    assert [problem.what for problem in caught.value.problems] == [
        "there is no column 'alternative'",
        "there is no column 'respondent'",
        "no attribute describes what was offered",
    ]
