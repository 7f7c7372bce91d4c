"""How sure a choice of sites is: what losing a plant costs, and what other demand would choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from pk_research.compute.chance import derived_seed
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate
from pk_research.products.plants.result import Plants
from pk_research.products.words import percent, told
from pk_research.writing import marked

Solve = Callable[[pd.DataFrame, pd.Series], Plants]


@dataclass(frozen=True, eq=False)
class Robustness:
    """What the choice of sites depends on.

    Attributes
    ----------
    plants
        The choice.
    without
        One row a plant (the index): ``cost``, by how much the objective gets worse, in its own
        unit, when its site is not to be had; ``instead``, the sites chosen then that were not
        before. Missing where no plan exists without it.
    chosen
        Site code (the index), share of the draws with a plan in which it was chosen, of the sites
        chosen in any; the surest first.
    n_not_servable
        Draws in which no plan was found; they are not in `chosen`.
    n_draws, relative_se, seed
        Number of draws, standard error of demand as a share of it, and the seed.
    """

    plants: Plants
    without: pd.DataFrame
    chosen: pd.Series
    n_not_servable: int
    n_draws: int
    relative_se: float
    seed: int

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a plant: how often it was chosen, and what losing it costs."""
        named = partial(self.plants.name, language=language)
        table = pd.DataFrame(
            {
                translate("Plant in", language): [named(code) for code in self.without.index],
                translate("Chosen in the draws (%)", language): [
                    percent(self.chosen.get(code, 0)) for code in self.without.index
                ],
                translate("Worse without it by", language): self.without["cost"].to_numpy(),
                translate("Instead of it", language): [
                    ", ".join(map(named, codes)) for codes in self.without["instead"]
                ],
            }
        )
        return marked(table, language, made=self.plants.made)

    def in_words(self, language: Language) -> str:
        """Tell which sites are sure and which are a close call."""
        named = partial(self.plants.name, language=language)
        sure = [code for code in self.plants.sites if self.chosen.get(code, 0) >= 0.9]
        close = [code for code in self.plants.sites if code not in sure]
        values = {
            "n": self.n_draws,
            "se": percent(self.relative_se),
            "sure": ", ".join(map(named, sure)) or "–",
            "close": ", ".join(map(named, close)) or "–",
        }
        sentence = Message(
            "When what the villages bring is uncertain by {se}% ({n} draws), these sites stay in nine of ten"
            " draws or more: {sure}; these are a close call: {close}.",
            values,
        )
        parts = [sentence]
        if self.n_not_servable:
            parts.append(
                Message(
                    "In {n} of {draws} draws no plan was found that serves every village; the shares are of"
                    " the other draws.",
                    {"n": self.n_not_servable, "draws": self.n_draws},
                )
            )
        return told(parts, language, made=self.plants.made)


def robustness(
    plants: Plants,
    solve: Solve,
    distances: pd.DataFrame,
    demand: pd.Series,
    *,
    relative_se: float = 0.2,
    n_draws: int = 100,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Robustness:
    """Choose again without each plant, and with demand drawn anew.

    Parameters
    ----------
    plants
        The choice.
    solve
        Makes a choice from distances and demand, as `plants` was made.
    distances, demand
        What `plants` was made from.
    relative_se
        Standard error of each village's demand as a share of it; draws are lognormal around it.
    n_draws, seed, n_jobs
        Number of draws, seed of all of them, workers as in joblib.

    Returns
    -------
    Robustness
        Draws in which `solve` finds no plan are counted, not chosen from.

    Raises
    ------
    BadInput
        When `solve` finds fault with the tables as given, or the numbers of draws are at fault.

    Examples
    --------
    >>> from pk_research.products.plants import p_median
    >>> km = pd.DataFrame([[0, 2, 9], [2, 0, 9], [9, 9, 0]], index=list("ABC"), columns=list("ABC"))
    >>> demand = pd.Series({"A": 3, "B": 1, "C": 1})
    >>> solve = lambda km, demand: p_median(km, demand, 2)
    >>> robustness(solve(km, demand), solve, km, demand, n_draws=5).without["cost"].tolist()
    [4.0, 7.0]
    """
    if n_draws < 1 or not 0 <= relative_se < np.inf:
        raise BadInput(
            Problem(
                "n_draws, relative_se", f"{n_draws} and {relative_se}", "Give 1 or more draws and 0 or more."
            )
        )
    # What is wrong with the tables themselves must not pass for a draw without a plan.
    solve(distances, demand)
    drawn = Parallel(n_jobs=n_jobs)(
        delayed(_drawn_sites)(solve, distances, demand, relative_se, derived_seed(seed, draw))
        for draw in range(n_draws)
    )
    sites = [chosen for chosen in drawn if chosen is not None]
    counts = pd.Series([site for chosen in sites for site in chosen], dtype=object).value_counts()
    share = counts / max(len(sites), 1)
    share = share.rename_axis("site").sort_index().sort_values(ascending=False, kind="stable")
    losses = {site: _without(plants, solve, distances, demand, site) for site in plants.sites}
    without = pd.DataFrame.from_dict(losses, orient="index", columns=["cost", "instead"])
    return Robustness(plants, without, share, n_draws - len(sites), n_draws, relative_se, seed)


def _drawn_sites(
    solve: Solve, distances: pd.DataFrame, demand: pd.Series, relative_se: float, seed: int
) -> tuple[str, ...] | None:
    """Return the sites chosen at a drawn demand; None where no plan is found."""
    spread = np.sqrt(np.log1p(relative_se**2))
    # By code, so that a village draws the same in any order of the rows.
    place = np.argsort(np.argsort(demand.index.astype(str), kind="stable"))
    normal = np.random.default_rng(seed).normal(size=len(demand))[place]
    try:
        return solve(distances, demand * np.exp(spread * normal - spread**2 / 2)).sites
    except BadInput:
        return None


def _without(
    plants: Plants, solve: Solve, distances: pd.DataFrame, demand: pd.Series, site: str
) -> Mapping[str, object]:
    left = distances.loc[:, distances.columns.astype(str) != site]
    try:
        again = solve(left, demand)
    except BadInput:  # no plan without it
        return {"cost": np.nan, "instead": ()}
    worse = (
        plants.objective - again.objective
        if plants.kind == "coverage"
        else again.objective - plants.objective
    )
    return {"cost": worse, "instead": tuple(code for code in again.sites if code not in plants.sites)}
