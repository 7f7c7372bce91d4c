"""Studies of what a policy did."""

from __future__ import annotations

import pandas as pd

from pk_research.language import Message
from pk_research.policy.effects import cross_section, did
from pk_research.policy.effects.effect import Effect
from pk_research.policy.effects.panel import Panel, read_panel
from pk_research.policy.effects.synthetic import synthetic_control, synthetic_differences
from pk_research.policy.replications.work import Data, Figures, Printed, Work

TOLD = Message("outcome")
SEED = 1
STATES = {"Utah": 0.334, "Nevada": 0.234, "Montana": 0.199, "Colorado": 0.164, "Connecticut": 0.069}
ROUNDED = 5e-5


def _lalonde(frame: pd.DataFrame) -> Figures:
    study = cross_section.read_study(frame, outcome="re78", treated="treat")
    plain, robust = (
        cross_section.difference_in_means(study, outcome=TOLD, errors=errors)
        for errors in ("classical", "robust")
    )
    return {
        "difference": plain.estimate,
        "error": plain.standard_error,
        "robust error": robust.standard_error,
    }


def _counties(frame: pd.DataFrame) -> Figures:
    panel = _counties_panel(frame)
    dynamic = did.staggered(panel, outcome=TOLD)
    simple = _averaged(panel, "simple")
    by_time = dynamic.of_kind("event_time").set_index("term")["estimate"]
    return {
        "dynamic": dynamic.estimate,
        "group": _averaged(panel, "group").estimate,
        "simple": simple.estimate,
        "simple, error": simple.standard_error,
    } | {str(time): float(by_time[time]) for time in range(4)}


def _counties_doubly_robust(frame: pd.DataFrame) -> Figures:
    panel = _counties_panel(frame, covariates=["lpop"])
    return {how: _averaged(panel, how).estimate for how in ("simple", "dynamic", "group")}


def _counties_panel(frame: pd.DataFrame, **options: list[str]) -> Panel:
    names = {"unit": "countyreal", "period": "year", "outcome": "lemp", "start": "first.treat"}
    return read_panel(frame, **names, **options)  # type: ignore[arg-type]


def _averaged(panel: Panel, how: str) -> Effect:
    return did.staggered(panel, outcome=TOLD, aggregation=how)  # type: ignore[arg-type]


def _states(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame.assign(state=frame["state"].astype(str), year=frame["year"].astype(int))
    return rows.assign(has=((rows["state"] == "California") & (rows["year"] >= 1989)).astype(int))


def _states_panel(rows: pd.DataFrame) -> Panel:
    return read_panel(rows, unit="state", period="year", outcome="cigsale", treated="has")


def _mixture(frame: pd.DataFrame) -> Figures:
    rows = _states(frame)

    def mean(name: str, first: int, last: int) -> pd.Series:
        return rows[rows["year"].between(first, last)].groupby("state")[name].mean()

    predictors = pd.DataFrame(
        {name: mean(name, 1980, 1988) for name in ("lnincome", "age15to24", "retprice")}
        | {"beer": mean("beer", 1984, 1988)}
        | {f"sales {year}": mean("cigsale", year, year) for year in (1975, 1980, 1988)}
    )
    effect = synthetic_control(
        _states_panel(rows), outcome=TOLD, predictors=predictors, placebos=False, seed=SEED
    )
    weights = effect.details["weights"].set_index("unit")["weight"]
    off = float(effect.diagnostics[0].value)
    return {name: float(weights.get(name, 0.0)) for name in STATES} | {"fit before": off}


def _differences(frame: pd.DataFrame) -> Figures:
    return {"effect": synthetic_differences(_states_panel(_states(frame)), outcome=TOLD, seed=SEED).estimate}


def _pairs(frame: pd.DataFrame) -> Figures:
    rows = frame.reset_index(drop=True)
    rows["black"] = (rows["race"] == "black").astype(float)
    rows["hispan"] = (rows["race"] == "hispan").astype(float)
    covariates = ["age", "educ", "black", "hispan", "married", "nodegree", "re74", "re75"]
    study = cross_section.read_study(rows, outcome="re78", treated="treat", covariates=covariates)
    after = cross_section.matched_effect(study, outcome=TOLD).details["balance"]["after"]
    return {name: float(after[name]) for name in ("age", "educ", "re74")}


def _smokers(frame: pd.DataFrame) -> Figures:
    rows = frame.copy()
    for name in ("age", "wt71", "smokeintensity", "smokeyrs"):
        rows[f"{name}2"] = rows[name] ** 2
    levels = rows[["education", "exercise", "active"]].astype(int).astype(str)
    rows = rows.join(pd.get_dummies(levels, drop_first=True, dtype=float))
    rows[["sex", "race", "qsmk"]] = rows[["sex", "race", "qsmk"]].astype(int)
    covariates = ["sex", "race", "age", "age2", "wt71", "wt712", "smokeintensity", "smokeintensity2"]
    covariates += ["smokeyrs", "smokeyrs2"]
    covariates += [name for name in rows if name.startswith(("education_", "exercise_", "active_"))]
    study = cross_section.read_study(rows, outcome="wt82_71", treated="qsmk", covariates=covariates)
    return {"effect": cross_section.adjusted_effect(study, outcome=TOLD, method="weighting").estimate}


def _results_fetched(frame: pd.DataFrame) -> Figures:
    study = cross_section.read_study(frame, outcome="got", treated="any", gaps="leave_out")
    return {"difference": cross_section.difference_in_means(study, outcome=TOLD).estimate}


def _births(frame: pd.DataFrame) -> Figures:
    study = cross_section.read_study(
        frame,
        outcome="bweight",
        treated="mbsmoke_",
        covariates=["mmarried_", "mage", "mage2", "fbaby_", "medu", "prenatal1_"],
    )
    asked = {
        "outcome": TOLD,
        "link": "probit",
        "outcome_covariates": ("prenatal1_", "mmarried_", "mage", "fbaby_"),
        "selection_covariates": ("mmarried_", "mage", "mage2", "fbaby_", "medu"),
    }
    methods = {"RA": "regression", "IPW": "weighting", "AIPW": "doubly_robust"}
    return {
        name: cross_section.adjusted_effect(study, method=method, **asked).estimate  # type: ignore[arg-type]
        for name, method in methods.items()
    }


def _senate(frame: pd.DataFrame) -> Figures:
    rows = frame.dropna(subset=["vote", "margin"])
    effect = cross_section.effect_at_cutoff(rows, outcome="vote", running="margin", cutoff=0, named=TOLD)
    low, high = effect.interval
    bandwidth = float(str(effect.options["bandwidth"]))
    return {"effect": effect.estimate, "low": low, "high": high, "bandwidth": bandwidth}


ERROR = Message("standard error")
DYNAMIC, GROUP, SIMPLE = (
    Message("effect, mean over event times"),
    Message("effect, mean over starting groups"),
    Message("effect, mean over all rows with the policy"),
)
MPDTA = Data("file", "mpdta.csv", "CRAN: did (mpdta)")
SMOKING = Data("file", "synth_smoking.dta", "SSC: synth (synth_smoking)")
EFFECTS = (
    Work(
        "LaLonde (1986), Dehejia & Wahba (1999)",
        {
            "difference": Printed(Message("difference of means"), 1794.34, 0.01),
            "error": Printed(ERROR, 632.9, 0.5),
            "robust error": Printed(Message("robust standard error"), 670.8, 0.5),
        },
        Data("package", "nsw_mixtape", "causaldata"),
        _lalonde,
    ),
    Work(
        "Callaway & Sant'Anna (2021), teen employment",
        {
            "dynamic": Printed(DYNAMIC, -0.0772, ROUNDED),
            "group": Printed(GROUP, -0.0310, ROUNDED),
            "simple": Printed(SIMPLE, -0.0400, ROUNDED),
            "simple, error": Printed(ERROR, 0.0120, 0.0006),
        }
        | {
            str(time): Printed(Message("effect at event time {time}", {"time": time}), value, ROUNDED)
            for time, value in enumerate((-0.0199, -0.0510, -0.1373, -0.1008))
        },
        MPDTA,
        _counties,
    ),
    Work(
        "Callaway & Sant'Anna (2021), doubly robust with log population",
        {
            "simple": Printed(SIMPLE, -0.0418, ROUNDED),
            "dynamic": Printed(DYNAMIC, -0.0804, ROUNDED),
            "group": Printed(GROUP, -0.0328, ROUNDED),
        },
        MPDTA,
        _counties_doubly_robust,
    ),
    Work(
        "Abadie, Diamond & Hainmueller (2010), Proposition 99",
        {
            name: Printed(Message("weight of {name}", {"name": name}), value, 0.01)
            for name, value in STATES.items()
        }
        | {"fit before": Printed(Message("root mean squared error before"), 1.75, 0.01)},
        SMOKING,
        _mixture,
        is_slow=True,
    ),
    Work(
        "Arkhangelsky et al. (2021), Proposition 99",
        {"effect": Printed(Message("effect"), -15.6, 0.05)},
        SMOKING,
        _differences,
    ),
    Work(
        "MatchIt (Ho et al. 2011), nearest neighbours",
        {
            name: Printed(Message("difference after matching, {name}", {"name": name}), value, 1e-4)
            for name, value in (("age", 0.0718), ("educ", -0.1290), ("re74", -0.0505))
        },
        Data("file", "lalonde_matchit.tab", "CRAN: MatchIt (lalonde)"),
        _pairs,
    ),
    Work(
        "Hernán & Robins (2020), giving up smoking",
        {"effect": Printed(Message("weighted difference"), 3.4, 0.05)},
        Data("package", "nhefs_complete", "causaldata"),
        _smokers,
    ),
    Work(
        "Thornton (2008), HIV results",
        {"difference": Printed(Message("difference of means"), 0.45, 1e-3)},
        Data("package", "thornton_hiv", "causaldata"),
        _results_fetched,
    ),
    Work(
        "Stata manual, teffects, birth weight",
        {
            "RA": Printed(Message("effect by regression"), -239.6392, 0.01),
            "IPW": Printed(Message("effect by weighting"), -230.6886, 0.01),
            "AIPW": Printed(Message("effect, doubly robust"), -230.9892, 0.01),
        },
        Data("package", "treatment/tests/results/cataneo2.csv", "statsmodels"),
        _births,
    ),
    Work(
        "Cattaneo, Frandsen & Titiunik (2015), incumbency in the US Senate",
        {
            "effect": Printed(Message("effect"), 7.414, 1e-3),
            "low": Printed(Message("lower end of the interval"), 4.094, 1e-3),
            "high": Printed(Message("upper end of the interval"), 10.919, 1e-3),
            "bandwidth": Printed(Message("bandwidth"), 17.754, 1e-3),
        },
        Data("package", "data/rdrobust_RDsenate.csv", "rdrobust"),
        _senate,
    ),
)
