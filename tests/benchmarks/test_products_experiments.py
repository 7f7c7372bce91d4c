"""How long an experiment takes: its design, and each kind of model of 500 people's choices."""

from __future__ import annotations

import pytest
from products_experiment_tables import TWO_SEGMENTS, snack_design

from pk_research.products.experiments import (
    ChoiceData,
    latent_class_logit,
    made_choices,
    mixed_logit,
    multinomial_logit,
    nested_logit,
)


@pytest.fixture(scope="module")
def data() -> ChoiceData:
    """500 made people of two segments, six sets each."""
    return made_choices(snack_design(), TWO_SEGMENTS, 500, seed=1).data()


def test_design(benchmark):
    design = benchmark.pedantic(snack_design, rounds=2)
    assert design.d_error < 0.65


def test_bayesian_design(benchmark):
    unsure = {"price_idr": 0.3, "none": 1.0}
    design = benchmark.pedantic(snack_design, kwargs={"prior_sd": unsure}, rounds=1)
    assert len(design.prior_draws) == 64


def test_multinomial(benchmark, data):
    assert benchmark(multinomial_logit, data).converged


def test_nested(benchmark, data):
    nests = {"a": "buy", "b": "buy", "none": "leave"}
    assert benchmark.pedantic(nested_logit, (data, nests), rounds=2).converged


def test_two_segments_from_ten_starts(benchmark, data):
    model = benchmark.pedantic(latent_class_logit, (data, 2), rounds=1)
    assert model.n_classes == 2


def test_mixed_with_200_draws_from_three_starts(benchmark, data):
    random = {"taste=spicy": "normal", "price_idr": "normal"}
    model = benchmark.pedantic(mixed_logit, (data, random), rounds=1)
    assert "sd.price_idr" in model.names
