"""Studies of choices, sites, rankings and poverty."""

from __future__ import annotations

import pandas as pd

from pk_research.indicators.composite import ahp
from pk_research.language import Message
from pk_research.policy.replications.work import Data, Figures, Printed, Work
from pk_research.policy.welfare import poverty, survey_design
from pk_research.products.experiments import ChoiceData, choice_data, mixed_logit, multinomial_logit
from pk_research.products.flagship import decision, topsis
from pk_research.products.plants import p_median

STORES = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
XLOGIT = "github.com/arteagac/xlogit (examples/data)"
FIGHTERS = pd.DataFrame(
    {
        "speed": [2.0, 2.5, 1.8, 2.2],
        "range": [1500, 2700, 2000, 1800],
        "payload": [20000, 18000, 21000, 20000],
        "cost": [5.5, 6.5, 4.5, 5.0],
        "reliability": [5, 3, 7, 5],
        "manoeuvrability": [9, 5, 7, 5],
    },
    index=["A1", "A2", "A3", "A4"],
)
FIGHTER_WEIGHTS = dict(zip(FIGHTERS, (0.2, 0.1, 0.1, 0.1, 0.2, 0.3), strict=True))
DRINKS = {
    ("coffee", "wine"): 9, ("coffee", "tea"): 5, ("coffee", "beer"): 2, ("coffee", "soda"): 1,
    ("coffee", "milk"): 1, ("coffee", "water"): 1 / 2, ("wine", "tea"): 1 / 3, ("wine", "beer"): 1 / 9,
    ("wine", "soda"): 1 / 9, ("wine", "milk"): 1 / 9, ("wine", "water"): 1 / 9, ("tea", "beer"): 1 / 3,
    ("tea", "soda"): 1 / 4, ("tea", "milk"): 1 / 3, ("tea", "water"): 1 / 9, ("beer", "soda"): 1 / 2,
    ("beer", "milk"): 1, ("beer", "water"): 1 / 3, ("soda", "milk"): 2, ("soda", "water"): 1 / 2,
    ("milk", "water"): 1 / 3,
}  # fmt: skip


def _choices(frame: pd.DataFrame, names: list[str]) -> ChoiceData:
    return choice_data(frame, names, respondent="id", situation="chid", alternative="alt", chosen="choice")


def _yogurt(frame: pd.DataFrame) -> Figures:
    brands = {f"is_{name}": (frame["alt"] == name).astype(int) for name in ("dannon", "hiland", "weight")}
    model = multinomial_logit(_choices(frame.assign(**brands), ["price", "feat", *brands]))
    shown = {name: float(model.estimates[name]) for name in ("price", "feat")}
    return {"log-likelihood": model.log_likelihood, **shown}


def _electricity(frame: pd.DataFrame) -> Figures:
    names = ["pf", "cl", "loc", "wk", "tod", "seas"]
    model = mixed_logit(_choices(frame, names), dict.fromkeys(names, "normal"), n_draws=100, n_starts=1)
    return {name: float(model.estimates[name]) for name in ("pf", "cl", "loc")}


def _stores(frame: pd.DataFrame) -> Figures:
    ways = frame.pivot_table(index="DestinationName", columns="name", values="distance")
    demand = frame.drop_duplicates("DestinationName").set_index("DestinationName")["demand"]
    return {"mean distance": p_median(ways, demand, 4).mean_km}


def _fighters(_: pd.DataFrame) -> Figures:
    return dict(topsis(decision(FIGHTERS, FIGHTER_WEIGHTS, less_is_better=("cost",))).items())


def _drinks(_: pd.DataFrame) -> Figures:
    weights = ahp(DRINKS).weights
    return {name: float(weights[name]) for name in ("water", "coffee")}


def _textbook_poverty(_: pd.DataFrame) -> Figures:
    frame = pd.DataFrame({"income": [100.0, 110.0, 150.0, 160.0], "weight": 1.0})
    found = poverty(survey_design(frame, weights="weight"), "income", 125.0, index="P2")
    return {"squared poverty gap": found.value}


def _coefficient(name: str, value: float) -> Printed:
    return Printed(Message("coefficient of {name}", {"name": name}), value, 1e-3)


DECISIONS = (
    Work(
        "Yogurt (Jain, Vilcassim & Chintagunta 1994), multinomial logit",
        {
            "log-likelihood": Printed(Message("log-likelihood"), -2656.888, 1e-3),
            "price": _coefficient("price", -0.36658),
            "feat": _coefficient("feat", 0.49143),
        },
        Data("file", "yogurt_long.csv", XLOGIT),
        _yogurt,
    ),
    Work(
        "Electricity (Revelt & Train 2000), mixed logit",
        {
            "pf": _coefficient("pf", -0.97339),
            "cl": _coefficient("cl", -0.20556),
            "loc": _coefficient("loc", 2.07572),
        },
        Data("file", "electricity_long.csv", XLOGIT),
        _electricity,
        is_slow=True,
    ),
    Work(
        "San Francisco stores, four sites (spopt)",
        {"mean distance": Printed(Message("mean distance"), 2982.12686, 2982.12686e-6)},
        Data(
            "file", "SF_network_distance_candidateStore_16_censusTract_205_new.csv", "github.com/pysal/spopt"
        ),
        _stores,
    ),
    Work(
        "Hwang & Yoon (1981), fighter aircraft by TOPSIS",
        {
            name: Printed(Message("closeness of {name}", {"name": name}), value, 1e-3)
            for name, value in zip(FIGHTERS.index, (0.643, 0.268, 0.613, 0.312), strict=True)
        },
        Data("text"),
        _fighters,
    ),
    Work(
        "Saaty, drinks by AHP (example of ahpy)",
        {
            name: Printed(Message("weight of {name}", {"name": name}), value, 1e-3)
            for name, value in (("water", 0.327), ("coffee", 0.177))
        },
        Data("text"),
        _drinks,
    ),
    Work(
        "Foster, Greer & Thorbecke (example of Haughton & Khandker 2009)",
        {"squared poverty gap": Printed(Message("squared poverty gap"), 0.0136, 1e-6)},
        Data("text"),
        _textbook_poverty,
    ),
)
