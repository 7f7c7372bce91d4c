"""Published studies computed again with our estimators, to see whether the house gives what is in print."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate
from pk_research.policy.effects import cross_section, did
from pk_research.policy.effects.effect import Effect
from pk_research.policy.effects.panel import Panel, read_panel
from pk_research.policy.effects.synthetic import synthetic_control, synthetic_differences
from pk_research.policy.welfare import poverty, survey_design
from pk_research.products.words import told

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Figures = dict[str, float]
TOLD = Message("outcome")
SEED = 1


@dataclass(frozen=True)
class Work:
    """A published study.

    Attributes
    ----------
    name
        As it is cited.
    published
        Figure -> what is printed, and how near to it ours must come.
    data
        Where its data is: a file of the folder given, or a package and a name in it.
    compute
        Takes the data and returns our figures, by the names of ``published``.
    """

    name: str
    published: Mapping[str, tuple[float, float]]
    data: tuple[str, str]
    compute: Callable[[pd.DataFrame], Figures]


@dataclass(frozen=True, eq=False)
class Replications:
    """Our figures beside those in print.

    Attributes
    ----------
    frame
        One row a figure: ``work``, ``figure``, ``published``, ``tolerance``, ``ours`` (missing where the
        data is not here), ``agrees`` (missing likewise), ``data`` (where it comes from).
    """

    frame: pd.DataFrame

    @property
    def all_agree(self) -> bool:
        """True where every figure whose data is here agrees, and there is one."""
        known = self.frame["agrees"].dropna()
        return bool(len(known) and known.all())

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a figure for people."""
        frame = self.frame
        verdict = {True: "agrees", False: "differs"}
        said = [translate(verdict.get(value, "data not here"), language) for value in frame["agrees"]]
        return pd.DataFrame(
            {
                translate("Study", language): frame["work"],
                translate("Figure", language): frame["figure"],
                translate("Published", language): frame["published"],
                translate("Ours", language): frame["ours"].round(5),
                translate("Tolerance", language): frame["tolerance"],
                translate("Verdict", language): said,
                translate("Data", language): frame["data"],
            }
        )

    def in_words(self, language: Language) -> str:
        """Say how many figures agree, which do not, and which could not be computed."""
        known = self.frame.dropna(subset="agrees")
        n_agree = int(known["agrees"].sum())
        parts = [
            Message(
                "Of {all} published figures {known} could be computed here, and {agree} agree within their"
                " tolerance.",
                {"all": len(self.frame), "known": len(known), "agree": n_agree},
            )
        ]
        wrong = known[~known["agrees"].astype(bool)]
        if len(wrong):
            named = "; ".join(f"{row.work}, {row.figure}" for row in wrong.itertuples())
            parts.append(Message("These do not agree: {named}.", {"named": named}))
        absent = self.frame[self.frame["agrees"].isna()]
        if len(absent):
            named = "; ".join(f"{name} ({data})" for name, data in zip(*_unique(absent), strict=True))
            parts.append(Message("Their data is not here: {named}.", {"named": named}))
        return told(parts, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw each difference as a share of its tolerance.

        Parameters
        ----------
        language
            Of the texts.
        width_px
            Width of the picture.
        """
        from matplotlib.figure import Figure as Picture

        known = self.frame.dropna(subset="agrees").iloc[::-1]
        share = (known["ours"] - known["published"]) / known["tolerance"]
        names = known["work"] + ": " + known["figure"]
        picture = Picture(figsize=(width_px / 100, 1.2 + 0.28 * len(known)), layout="constrained")
        axes = picture.add_subplot()
        axes.axvspan(-1, 1, color="0.92", zorder=0)
        axes.axvline(0, color="0.4", linewidth=1)
        axes.scatter(share, range(len(known)), marker="o", color="#23918b", edgecolor="black", zorder=2)
        axes.set_yticks(range(len(known)), names, fontsize=8)
        axes.set_xlabel(translate("Ours less published, in tolerances", language))
        axes.spines[["top", "right"]].set_visible(False)
        return picture


def replicate(folder: Path | None = None, *, names: tuple[str, ...] | None = None) -> Replications:
    """Compute published figures again.

    Parameters
    ----------
    folder
        Holds the data that comes in no package: ``mpdta.csv`` (R's did), ``lalonde_matchit.tab`` (R's
        MatchIt), ``synth_smoking.dta`` (Abadie, Diamond and Hainmueller). None for none.
    names
        Names of `WORKS`; all by default.

    Returns
    -------
    Replications
        With a row for every figure, also where the data is not here.

    Raises
    ------
    BadInput
        When a study is not among those known.

    Examples
    --------
    >>> found = replicate(names=("Foster, Greer & Thorbecke (example of Haughton & Khandker 2009)",))
    >>> found.all_agree
    True
    """
    known = {work.name: work for work in WORKS}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise BadInput(
            Problem("names", f"{name!r} is not among the studies", "Choose from `WORKS`.") for name in unknown
        )
    rows = [
        row for name, work in known.items() if names is None or name in names for row in _rows(work, folder)
    ]
    columns = ["work", "figure", "published", "tolerance", "ours", "agrees", "data"]
    return Replications(pd.DataFrame(rows, columns=columns))


def _unique(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    once = frame.drop_duplicates("work")
    return once["work"].tolist(), once["data"].tolist()


def _rows(work: Work, folder: Path | None) -> Iterator[tuple[object, ...]]:
    data = _data(*work.data, folder)
    ours = {} if data is None else work.compute(data)
    kind, name = work.data
    where = name if kind in ("file", "none") else f"PyPI {kind}: {name}"
    for figure, (published, tolerance) in work.published.items():
        value = ours.get(figure, np.nan)
        agrees = abs(value - published) <= tolerance if figure in ours else None
        yield work.name, figure, published, tolerance, value, agrees, where


def _data(kind: str, name: str, folder: Path | None) -> pd.DataFrame | None:
    """Read the data of a study; None where it is not here."""
    if kind == "none":
        return pd.DataFrame()
    if kind == "file":
        path = None if folder is None else folder / name
        return _read(path) if path is not None and path.is_file() else None
    if find_spec(kind) is None:
        return None
    if kind == "causaldata":
        frame: pd.DataFrame = getattr(importlib.import_module(kind), name).load_pandas().data
        return frame
    path = Path(str(importlib.import_module(kind).__file__)).parent / name
    return _read(path) if path.is_file() else None


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".dta":
        return pd.read_stata(path)
    return pd.read_csv(path, sep=r"\s+" if path.suffix == ".tab" else ",")


def _lalonde(frame: pd.DataFrame) -> Figures:
    study = cross_section.read_study(frame, outcome="re78", treated="treat")
    plain, robust = (
        cross_section.difference_in_means(study, outcome=TOLD, errors=errors)
        for errors in ("classical", "robust")
    )
    return {
        "difference": plain.estimate,
        "standard error": plain.standard_error,
        "robust standard error": robust.standard_error,
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
        "simple, standard error": simple.standard_error,
    } | {f"event time {time}": float(by_time[time]) for time in range(4)}


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
    states = ("Utah", "Nevada", "Montana", "Colorado", "Connecticut")
    return {f"weight of {name}": float(weights[name]) for name in states} | {
        "root mean squared error before": float(effect.diagnostics[0].value)
    }


def _differences(frame: pd.DataFrame) -> Figures:
    return {"effect": synthetic_differences(_states_panel(_states(frame)), outcome=TOLD, seed=SEED).estimate}


def _pairs(frame: pd.DataFrame) -> Figures:
    rows = frame.reset_index(drop=True)
    rows["black"] = (rows["race"] == "black").astype(float)
    rows["hispan"] = (rows["race"] == "hispan").astype(float)
    covariates = ["age", "educ", "black", "hispan", "married", "nodegree", "re74", "re75"]
    study = cross_section.read_study(rows, outcome="re78", treated="treat", covariates=covariates)
    after = cross_section.matched_effect(study, outcome=TOLD).details["balance"]["after"]
    return {f"difference after matching, {name}": float(after[name]) for name in ("age", "educ", "re74")}


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
    return {
        "weighted difference": cross_section.adjusted_effect(study, outcome=TOLD, method="weighting").estimate
    }


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
    return {"effect": effect.estimate, "interval, from": low, "interval, to": high, "bandwidth": bandwidth}


def _textbook_poverty(_: pd.DataFrame) -> Figures:
    frame = pd.DataFrame({"income": [100.0, 110.0, 150.0, 160.0], "weight": 1.0})
    found = poverty(survey_design(frame, weights="weight"), "income", 125.0, index="P2")
    return {"squared poverty gap": found.value}


WORKS = (
    Work(
        "LaLonde (1986), Dehejia & Wahba (1999)",
        {
            "difference": (1794.34, 0.01),
            "standard error": (632.9, 0.5),
            "robust standard error": (670.8, 0.5),
        },
        ("causaldata", "nsw_mixtape"),
        _lalonde,
    ),
    Work(
        "Callaway & Sant'Anna (2021), teen employment",
        {
            "dynamic": (-0.0772, 5e-5),
            "group": (-0.0310, 5e-5),
            "simple": (-0.0400, 5e-5),
            "simple, standard error": (0.0120, 0.0006),
            "event time 0": (-0.0199, 5e-5),
            "event time 1": (-0.0510, 5e-5),
            "event time 2": (-0.1373, 5e-5),
            "event time 3": (-0.1008, 5e-5),
        },
        ("file", "mpdta.csv"),
        _counties,
    ),
    Work(
        "Callaway & Sant'Anna (2021), doubly robust with log population",
        {"simple": (-0.0418, 5e-5), "dynamic": (-0.0804, 5e-5), "group": (-0.0328, 5e-5)},
        ("file", "mpdta.csv"),
        _counties_doubly_robust,
    ),
    Work(
        "Abadie, Diamond & Hainmueller (2010), Proposition 99",
        {
            "weight of Utah": (0.334, 0.01),
            "weight of Nevada": (0.234, 0.01),
            "weight of Montana": (0.199, 0.01),
            "weight of Colorado": (0.164, 0.01),
            "weight of Connecticut": (0.069, 0.01),
            "root mean squared error before": (1.75, 0.01),
        },
        ("file", "synth_smoking.dta"),
        _mixture,
    ),
    Work(
        "Arkhangelsky et al. (2021), Proposition 99",
        {"effect": (-15.6, 0.05)},
        ("file", "synth_smoking.dta"),
        _differences,
    ),
    Work(
        "MatchIt (Ho et al. 2011), nearest neighbours",
        {
            "difference after matching, age": (0.0718, 1e-4),
            "difference after matching, educ": (-0.1290, 1e-4),
            "difference after matching, re74": (-0.0505, 1e-4),
        },
        ("file", "lalonde_matchit.tab"),
        _pairs,
    ),
    Work(
        "Hernán & Robins (2020), giving up smoking",
        {"weighted difference": (3.4, 0.05)},
        ("causaldata", "nhefs_complete"),
        _smokers,
    ),
    Work(
        "Thornton (2008), HIV results",
        {"difference": (0.45, 1e-3)},
        ("causaldata", "thornton_hiv"),
        _results_fetched,
    ),
    Work(
        "Stata manual, teffects, birth weight",
        {"RA": (-239.6392, 0.01), "IPW": (-230.6886, 0.01), "AIPW": (-230.9892, 0.01)},
        ("statsmodels", "treatment/tests/results/cataneo2.csv"),
        _births,
    ),
    Work(
        "Cattaneo, Frandsen & Titiunik (2015), incumbency in the US Senate",
        {
            "effect": (7.414, 1e-3),
            "interval, from": (4.094, 1e-3),
            "interval, to": (10.919, 1e-3),
            "bandwidth": (17.754, 1e-3),
        },
        ("rdrobust", "data/rdrobust_RDsenate.csv"),
        _senate,
    ),
    Work(
        "Foster, Greer & Thorbecke (example of Haughton & Khandker 2009)",
        {"squared poverty gap": (0.0136, 1e-6)},
        ("none", "printed in the text"),
        _textbook_poverty,
    ),
)
