"""Six villages, a policy and its simulation, for the tests of what would come of it."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pandas as pd
import pytest

from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.policy.costs import uncertain
from pk_research.policy.effects import Effect, Estimator, Sample
from pk_research.policy.effects.effect import estimates_table, row
from pk_research.policy.scenarios import (
    Outcome,
    Prices,
    declare_policy,
    impact,
    simulate,
    target,
)

VILLAGES = """
    code sales ike producers product kecamatan
    v01  100   0.9 4         kecap   north
    v02  200   0.1 3         kecap   north
    v03  300   0.5 2         kopi    north
    v04  400   0.3 5         kopi    south
    v05  500   0.7 1         kecap   south
    v06  600   0.2 2         kopi    south
"""
SALES = Outcome("sales", Message("Sales"))
SURE = impact(uncertain(10.0), scale="percent")
EVERYBODY = target("all")


def villages():
    frame = pd.read_csv(StringIO(VILLAGES), sep=r"\s+").rename(columns={"code": "village_code"})
    return frame.astype({"sales": float})


def many(n, **columns):
    """Villages that are all alike, but for what is given."""
    return pd.DataFrame({"village_code": [f"v{k:04}" for k in range(n)], "sales": 100.0} | columns)


def declared(**options):
    return declare_policy(
        Message("Grant"), **{"amount_idr": 10.0, "target": EVERYBODY, "impact": SURE} | options
    )


def simulated(frame=None, policy=None, outcome=SALES, **options):
    return simulate(
        villages() if frame is None else frame,
        policy or declared(),
        outcome,
        **{"n_draws": 100, "seed": 1} | options,
    )


def served(scenario):
    return set(scenario.villages.loc[scenario.villages["is_chosen"], "village_code"])


def faults(call):
    with pytest.raises(BadInput) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


def warned(scenario):
    return [warning.text("en") for warning in scenario.warnings]


def close(values, mean, variance, n_errors=4.5):
    """Hold mean and variance of drawings against what they must be, within the chance of drawing."""
    n = len(values)
    assert abs(values.mean() - mean) < n_errors * np.sqrt(variance / n)
    fourth = ((values - values.mean()) ** 4).mean()
    assert abs(values.var() - variance) < n_errors * np.sqrt((fourth - values.var() ** 2) / n)


def full_policy():
    effect = uncertain(20.0, low=5.0, high=35.0, shape="normal")
    lasting = uncertain(0.75, low=0.5, high=1.0, shape="uniform", level=1.0)
    return declared(
        fixed_idr=3.0,
        units="producers",
        take_up=uncertain(0.5, low=0.3, high=0.7, shape="uniform", level=1.0),
        impact=impact(effect, scale="percent", years=2, lasting=lasting, between_sd=3.0),
        target=target("lowest", indicator="ike", n=4, measurement_sd=0.2),
        budget_idr=90.0,
        prices=Prices(uncertain(-1.5, low=-2.0, high=-1.0, shape="uniform", level=1.0), "product"),
    )


MARGIN = Outcome("sales", Message("Sales"), worth_idr=uncertain(0.3, low=0.2, high=0.4, shape="uniform"))


def estimated(rows):
    return Effect(
        estimates=estimates_table([row(*one, level=0.95) for one in rows]),
        outcome=Message("Sales"),
        unit=Message("per cent"),
        estimator=Estimator(Message("means"), "", "pk_research"),
        sample=Sample(10, 10, 5, 5),
        comparison=Message("others"),
        assumptions=(),
    )
