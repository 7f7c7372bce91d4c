"""A table with all its totals, as the equations that hold between its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import sparse

from pk_research.errors import BadInput, Problem
from pk_research.products.words import some

Levels = str | tuple[str, ...]
TOTAL = ""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a table with totals.

    Attributes
    ----------
    frame
        One row a cell: a column for each dimension's levels (empty for a total), then ``contributors``
        (how many rows of the data stand in it), ``value`` (their sum, or their number), ``largest`` and
        ``second`` (the two largest parts of the sum, of 1 each for numbers).
    equations
        One row a total, one column a cell: 1 for its parts, -1 for itself; what it gives times the
        values is 0.
    is_count
        Whether ``value`` counts rows.
    dimensions
        The columns of each dimension, the widest level first.
    sum_of
        The column that was summed; None for numbers of rows.
    """

    frame: pd.DataFrame
    equations: sparse.csr_array
    is_count: bool
    dimensions: tuple[tuple[str, ...], ...] = ()
    sum_of: str | None = None

    @property
    def value(self) -> np.ndarray:
        """Values of the cells."""
        return np.asarray(self.frame["value"], dtype=float)

    @property
    def contributors(self) -> np.ndarray:
        """Contributors of the cells."""
        return np.asarray(self.frame["contributors"])


@dataclass(frozen=True)
class _Dimension:
    """Nodes of a dimension as tuples of levels; a total has fewer."""

    columns: tuple[str, ...]
    nodes: tuple[tuple[str, ...], ...]

    def parts_of(self, node: tuple[str, ...]) -> list[int]:
        depth = len(node)
        return [n for n, one in enumerate(self.nodes) if len(one) == depth + 1 and one[:depth] == node]


def cells_of(frame: pd.DataFrame, by: Sequence[Levels], *, sum_of: str | None = None) -> Cells:
    """Count rows, or sum a column, by some dimensions, with every total.

    Parameters
    ----------
    frame
        One row a contributor (a person, an enterprise).
    by
        Columns to tabulate by. A tuple is one dimension of nested levels, the widest first:
        ``("kecamatan", "village")``.
    sum_of
        Column to sum, 0 or more everywhere; rows are counted by default.

    Raises
    ------
    BadInput
        All at once: columns that are not there or are named twice, missing values, an amount below 0.

    Examples
    --------
    >>> rows = pd.DataFrame({"sex": ["f", "f", "m"], "job": ["a", "b", "a"]})
    >>> cells = cells_of(rows, ["sex", "job"])
    >>> cells.frame["value"].tolist(), (cells.equations @ cells.value).tolist()
    ([3, 2, 1, 2, 1, 1, 1, 1, 0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    """
    levels = [(name,) if isinstance(name, str) else tuple(name) for name in by]
    _check(frame, levels, sum_of)
    amounts = np.ones(len(frame)) if sum_of is None else frame[sum_of].to_numpy(dtype=float)
    dimensions = [_dimension(frame, columns) for columns in levels]
    keys = [
        list(zip(*(frame[name].astype(str) for name in dimension.columns), strict=True))
        for dimension in dimensions
    ]
    inside: dict[tuple[tuple[str, ...], ...], list[float]] = {}
    for row, amount in enumerate(amounts):
        full = [key[row] for key in keys]
        for cell in product(*([node[:depth] for depth in range(len(node) + 1)] for node in full)):
            inside.setdefault(cell, []).append(amount)
    cells = list(product(*(dimension.nodes for dimension in dimensions)))
    table = pd.DataFrame([_row(cell, dimensions, inside.get(cell, [])) for cell in cells])
    if sum_of is None:
        table["value"] = table["contributors"]
    return Cells(table, _equations(dimensions, cells), sum_of is None, tuple(levels), sum_of)


def _check(frame: pd.DataFrame, levels: list[tuple[str, ...]], sum_of: str | None) -> None:
    names = [name for columns in levels for name in columns]
    wanted = names + ([] if sum_of is None else [sum_of])
    problems = [
        Problem(f"column '{name}'", "it is not in the table", f"The table has: {some(frame.columns)}.")
        for name in dict.fromkeys(wanted)
        if name not in frame.columns
    ]
    problems += [
        Problem(f"column '{name}'", "it is named twice", "Name each column once.")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if not names:
        problems.append(Problem("by", "no column is named", "Name the columns to tabulate by."))
    problems += [
        Problem(
            f"column '{name}'",
            f"{int(frame[name].isna().sum())} rows have no value",
            "Give them a category of their own, such as 'unknown', or leave them out and say so.",
        )
        for name in dict.fromkeys(wanted)
        if name in frame.columns and frame[name].isna().any()
    ]
    if not problems and sum_of is not None:
        amounts = pd.to_numeric(frame[sum_of], errors="coerce").to_numpy(dtype=float)
        if not (np.isfinite(amounts) & (amounts >= 0)).all():
            problems.append(
                Problem(
                    f"column '{sum_of}'",
                    "it holds something other than numbers of 0 or more",
                    "The rules for sums need amounts of 0 or more.",
                )
            )
    if problems:
        raise BadInput(problems)


def _dimension(frame: pd.DataFrame, columns: tuple[str, ...]) -> _Dimension:
    full = sorted(set(zip(*(frame[name].astype(str) for name in columns), strict=True)))
    nodes = {node[:depth] for node in full for depth in range(len(columns) + 1)}
    return _Dimension(columns, tuple(sorted(nodes)))


def _row(
    cell: tuple[tuple[str, ...], ...], dimensions: list[_Dimension], parts: list[float]
) -> dict[str, object]:
    named: dict[str, object] = {}
    for node, dimension in zip(cell, dimensions, strict=True):
        padded = node + (TOTAL,) * (len(dimension.columns) - len(node))
        named |= dict(zip(dimension.columns, padded, strict=True))
    largest = [*sorted(parts, reverse=True)[:2], 0.0, 0.0]
    return named | {
        "contributors": len(parts),
        "value": sum(parts),
        "largest": largest[0],
        "second": largest[1],
    }


def _equations(dimensions: list[_Dimension], cells: list[tuple[tuple[str, ...], ...]]) -> sparse.csr_array:
    sizes = [len(dimension.nodes) for dimension in dimensions]
    number = np.arange(len(cells)).reshape(sizes)
    entries: list[tuple[int, int, float]] = []
    n_rows = 0
    for axis, dimension in enumerate(dimensions):
        across = np.moveaxis(number, axis, 0).reshape(sizes[axis], -1)
        for at, node in enumerate(dimension.nodes):
            parts = dimension.parts_of(node)
            if not parts:
                continue
            for column in range(across.shape[1]):
                entries += [(n_rows, int(across[part, column]), 1.0) for part in parts]
                entries.append((n_rows, int(across[at, column]), -1.0))
                n_rows += 1
    rows, columns, signs = (np.array(values) for values in zip(*entries, strict=True))
    return sparse.csr_array((signs, (rows, columns)), shape=(n_rows, len(cells)))
