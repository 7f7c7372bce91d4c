"""A linear programme that is solved again and again with other bounds and other costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scipy import sparse

OPTIONS: dict[str, bool | int | str] = {
    "output_flag": False, "threads": 1, "parallel": "off", "presolve": "off", "random_seed": 0,
}  # fmt: skip
"""One thread and one seed: the same programmes in the same order give the same ways, to the byte."""


class Programme:
    """Equations between amounts; asked again, it goes on from where it stood.

    Parameters
    ----------
    equations
        One row an equation, one column an amount.
    right
        What each equation gives.

    Examples
    --------
    >>> from scipy import sparse
    >>> halves = Programme(sparse.csr_array([[1.0, 1.0]]), np.array([10.0]))
    >>> halves.least(np.array([1.0, 0.0]), np.zeros(2), np.array([9.0, 4.0])).tolist()
    [6.0, 4.0]
    >>> halves.least(np.zeros(2), np.zeros(2), np.ones(2)) is None
    True
    """

    def __init__(self, equations: sparse.csr_array, right: np.ndarray) -> None:
        import highspy

        programme = highspy.HighsLp()
        programme.num_row_, programme.num_col_ = equations.shape
        programme.row_lower_ = programme.row_upper_ = np.asarray(right, dtype=float)
        n = programme.num_col_
        programme.col_cost_ = programme.col_lower_ = np.zeros(n)
        programme.col_upper_ = np.full(n, np.inf)
        matrix = programme.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.num_row_, matrix.num_col_ = equations.shape
        matrix.start_, matrix.index_ = equations.indptr, equations.indices
        matrix.value_ = np.asarray(equations.data, dtype=float)
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in OPTIONS.items():
            self._solver.setOptionValue(name, value)
        self._solver.passModel(programme)
        self._columns = np.arange(n, dtype=np.int32)

    def least(self, cost: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
        """Return the amounts that cost least between the bounds; None where no amounts fit.

        Where the cost falls without end, what makes it fall is infinite.

        Raises
        ------
        RuntimeError
            When the solver ends without an answer: nothing must count as safe because of that.
        """
        solver, columns = self._solver, self._columns
        solver.changeColsBounds(len(columns), columns, low, high)
        solver.changeColsCost(len(columns), columns, cost)
        for start_anew in (False, True):
            if start_anew:
                solver.clearSolver()
            solver.run()
            match self._status():
                case "kOptimal":
                    return np.array(solver.getSolution().col_value)
                case "kInfeasible":
                    return None
                case "kUnbounded":
                    return np.where(cost < 0, np.inf, 0.0)
        raise RuntimeError(f"the solver ended with {self._status()}")

    def _status(self) -> Any:  # noqa: ANN401 - an enumeration without types
        return self._solver.getModelStatus().name
