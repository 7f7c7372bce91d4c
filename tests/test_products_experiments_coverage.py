"""Whether 95 % intervals hold the truth in 95 % of surveys: made people of known tastes, many times."""

from __future__ import annotations

import numpy as np
import pytest
from products_experiment_tables import (
    HATES_SPICY,
    LOVES_SPICY,
    TASTES,
    TRUTH,
    TWO_SEGMENTS,
    snack_design,
)

from pk_research.products.experiments import (
    KnownTastes,
    iia_check,
    latent_class_logit,
    made_choices,
    mixed_logit,
    multinomial_logit,
    willingness_to_pay,
)

pytestmark = pytest.mark.slow
Z_95 = 1.959963984540054
N_PEOPLE = 200


def holds(estimates, errors, truth) -> np.ndarray:
    return np.abs(np.asarray(estimates) - np.asarray(truth)) <= Z_95 * np.asarray(errors)


def test_intervals_of_tastes_and_of_money_hold_the_truth_as_often_as_they_say():
    design = snack_design()
    truth = np.array([TRUTH[name] for name in design.names])
    worth = -5000 * truth[:5] / TRUTH["price_idr"]
    tastes, delta, draws = [], [], []
    for seed in range(200):
        model = multinomial_logit(made_choices(design, TASTES, N_PEOPLE, seed=seed).data())
        tastes.append(holds(model.estimates, model.standard_errors, truth))
        money = willingness_to_pay(model, "price_idr", unit=5000, n_draws=2000, seed=seed).frame
        delta.append((money["low"] <= worth) & (worth <= money["high"]))
        draws.append((money["low_draws"] <= worth) & (worth <= money["high_draws"]))
    found = {"tastes": np.mean(tastes), "delta": np.mean(delta), "draws": np.mean(draws)}
    assert all(0.93 <= share <= 0.97 for share in found.values()), found


def test_intervals_of_the_mixed_logit_hold_the_truth():
    """Fewer surveys, since each takes seconds: 40 with 7 coefficients and 2 standard deviations."""
    design = snack_design()
    tastes = KnownTastes((TRUTH,), sd={"taste=spicy": 1.0, "price_idr": 0.4})
    random = {"taste=spicy": "normal", "price_idr": "normal"}
    truth = [*(TRUTH[name] for name in design.names), 1.0, 0.4]
    held = []
    for seed in range(40):
        data = made_choices(design, tastes, N_PEOPLE, seed=seed).data()
        model = mixed_logit(data, random, n_draws=200, n_starts=1)
        held.append(holds(model.estimates, model.standard_errors, truth))
    assert 0.90 <= np.mean(held) <= 0.99, dict(zip(model.names, np.mean(held, axis=0), strict=True))


def test_intervals_of_segments_hold_the_truth():
    """Sixty surveys of 300 people, each fitted from three starts."""
    design = snack_design()
    truth = [*LOVES_SPICY.values(), *HATES_SPICY.values(), np.log(0.4 / 0.6)]
    held = []
    for seed in range(60):
        data = made_choices(design, TWO_SEGMENTS, 300, seed=seed).data()
        model = latent_class_logit(data, 2, n_starts=3)
        held.append(holds(model.estimates, model.standard_errors, truth))
    assert 0.91 <= np.mean(held) <= 0.98, dict(zip(model.names, np.mean(held, axis=0), strict=True))


def test_independence_is_not_denied_more_often_than_it_may_be():
    """By scores 5 % of the time; the classical statistic denies it more often, where it is defined."""
    design = snack_design()
    found = [iia_check(made_choices(design, TASTES, N_PEOPLE, seed=seed).data()).frame for seed in range(200)]
    by_score = np.mean([(frame["p_score"] < 0.05).mean() for frame in found])
    assert 0.02 <= by_score <= 0.07
    classical = np.concatenate([frame["p_hausman"].dropna() for frame in found])
    assert (classical < 0.05).mean() > by_score
