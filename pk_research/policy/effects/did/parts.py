"""What every difference in differences says of its rows, its doubt and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import version

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Message
from pk_research.policy.effects.effect import Row, Sample
from pk_research.policy.effects.effect import row as effect_row
from pk_research.policy.effects.panel import Panel
from pk_research.products.words import some

PARALLEL = Message(
    "without the policy, villages with and without it would have changed alike (parallel trends)"
)
NO_ANTICIPATION = Message("nothing changed because of the policy before it began (no anticipation)")
NO_SPILLOVER = Message("the policy of one village does not change the outcome of another")
ONE_CLUSTER = (
    "all units with the policy lie in one, so chance in it cannot be told from the policy's effect",
    "Choose smaller clusters, or add some where the policy is, too.",
)
SAME = 1e-10


@cache
def library(name: str) -> str:
    """Return the name and version of a library, such as ``"pyfixest 0.60.0"``."""
    return f"{name} {version(name)}"


def row(term: object, kind: str, estimate: float, error: float, *, level: float, df: float = np.inf) -> Row:
    """Return a row of the estimates; an error of zero is one that is not known."""
    return effect_row(term, kind, estimate, error if 0 < error < np.inf else np.nan, level=level, df=df)


def sample_of(panel: Panel) -> Sample:
    """Return of whom an effect from all rows of the panel is told."""
    return Sample(
        n_rows=len(panel.rows),
        n_units=len(panel.starts),
        n_treated=panel.n_treated,
        n_comparison=panel.n_never,
        n_periods=int(np.count_nonzero(np.bincount(panel.rows["period"].to_numpy()))),
        n_clusters=panel.n_clusters,
        left_out=panel.left_out,
    )


def check_level(level: float) -> list[Problem]:
    """Return what is wrong with the level of the intervals."""
    if 0 < level < 1:
        return []
    return [Problem("level", f"it is {level}", "Give a share between 0 and 1, such as 0.95.")]


def check_choice(name: str, value: object, known: Iterable[str]) -> list[Problem]:
    """Return what is wrong with a choice among words."""
    if value in set(known):
        return []
    return [Problem(name, f"it is {value!r}", f"Choose from: {some(known)}.")]


def check_treated(panel: Panel) -> list[Problem]:
    """Return the problem of a single unit or cluster with the policy: its standard error is a fiction."""
    if panel.n_treated < 2:
        return [
            Problem(
                "the table",
                "one unit has the policy, so chance in it cannot be told from the policy's effect",
                "Use synthetic control (pk_research.policy.effects.synthetic), which is made for one.",
            )
        ]
    if panel.by_unit.loc[panel.starts > 0, "cluster"].nunique() < 2:
        return [Problem("the clusters", *ONE_CLUSTER)]
    return []


def check_covariates(panel: Panel) -> list[Problem]:
    """Return the covariates that repeat others: what they add cannot be told apart."""
    kept = [np.ones(len(panel.rows))]
    repeated = []
    for name in panel.covariates:
        column = panel.rows[name].to_numpy()
        spread = column.std()
        scaled = (column - column.mean()) / spread if spread else np.zeros(len(column))
        columns = np.vstack([*kept, scaled])
        products = np.einsum("ik,jk->ij", columns, columns)
        if np.linalg.eigvalsh(products)[0] > SAME * len(column):
            kept.append(scaled)
        else:
            repeated.append(name)
    if not repeated:
        return []
    return [
        Problem(
            f"covariates {some(repeated)}",
            "they are constant or follow exactly from the others (collinear)",
            "Leave them out.",
        )
    ]


def refuse(problems: list[Problem]) -> None:
    """Raise everything that is wrong at once; nothing where nothing is."""
    if problems:
        raise BadInput(problems)


def period_name(panel: Panel, number: int) -> object:
    """Return what the number of a period stands for."""
    return panel.periods[number - 1]


def assumptions() -> tuple[Bilingual, ...]:
    """Return what every difference in differences rests on."""
    return (PARALLEL, NO_ANTICIPATION, NO_SPILLOVER)
