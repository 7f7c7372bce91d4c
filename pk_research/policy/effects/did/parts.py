"""What every difference in differences says of its rows, its doubt and what it rests on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
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
SAME = 1e-10


@cache
def library(name: str) -> str:
    """Return the name and version of a library, such as ``"pyfixest 0.60.0"``."""
    return f"{name} {version(name)}"


def row(term: object, kind: str, estimate: float, error: float, *, level: float, df: float = np.inf) -> Row:
    """Return a row of the estimates; an error of zero is one that is not known."""
    return effect_row(term, kind, estimate, error if 0 < error < np.inf else np.nan, level=level, df=df)


@dataclass(frozen=True, eq=False)
class Units:
    """Start (0 for never) and cluster of each unit, in the order of the panel's rows."""

    start: np.ndarray
    cluster: np.ndarray

    @property
    def n_treated(self) -> int:
        """Units whose policy began at some time."""
        return int((self.start > 0).sum())

    @property
    def n_never(self) -> int:
        """Units without the policy in all periods."""
        return int((self.start == 0).sum())


def units_of(panel: Panel) -> Units:
    """Return what does not change within a unit; the rows are sorted by unit."""
    unit = panel.rows["unit"].to_numpy()
    first = np.flatnonzero(np.diff(unit, prepend=unit[0] - 1))
    return Units(panel.rows["start"].to_numpy()[first], panel.rows["cluster"].to_numpy()[first])


def sample_of(panel: Panel) -> Sample:
    """Return of whom an effect from all rows of the panel is told."""
    units = units_of(panel)
    return Sample(
        n_rows=len(panel.rows),
        n_units=len(units.start),
        n_treated=units.n_treated,
        n_comparison=units.n_never,
        n_periods=int(np.count_nonzero(np.bincount(panel.rows["period"].to_numpy()))),
        n_clusters=len(set(units.cluster.tolist())),
        left_out=panel.left_out,
    )


def rows_hash(panel: Panel) -> str:
    """Return the hash of the panel's rows, column by column: all are numbers, so their bytes say all."""
    kept = [name for name in panel.rows.columns if name != "treated"]  # follows from the start
    digest = hashlib.sha256("\x1f".join(kept).encode())
    digest.update(repr((panel.units, panel.periods)).encode())
    for name in kept:
        digest.update(np.ascontiguousarray(panel.rows[name].to_numpy()).data)
    return digest.hexdigest()


def check_level(level: float) -> list[Problem]:
    """Return what is wrong with the level of the intervals."""
    if 0 < level < 1:
        return []
    return [Problem("level", f"it is {level}", "Give a share between 0 and 1, such as 0.95.")]


def check_treated(panel: Panel) -> list[Problem]:
    """Return the problem of a single unit with the policy, whose standard error would be a fiction."""
    if units_of(panel).n_treated > 1:
        return []
    return [
        Problem(
            "the table",
            "one unit has the policy, so chance in it cannot be told from the policy's effect",
            "Use synthetic control (pk_research.policy.effects.synthetic), which is made for one.",
        )
    ]


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
