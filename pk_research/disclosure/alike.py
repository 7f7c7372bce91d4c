"""How many rows are alike in what others may know, and what must be blanked so that enough are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import hyp2f1

from pk_research.disclosure.rules import Rules
from pk_research.errors import BadInput, Problem
from pk_research.products.words import some

if TYPE_CHECKING:
    from pk_research.language import Language

BLANK = -1


@dataclass(frozen=True, eq=False)
class Alike:
    """How far rows can be told apart by what others may know.

    Attributes
    ----------
    keys, sensitive
        Columns others may know; columns that should not become known.
    rules
        By which the report was made.
    alike
        Of each row: how many rows have the same keys, itself among them. A missing key may be any value.
    n_values
        Of each row: how many different values the sensitive column with the fewest has among these rows;
        0 where no column is sensitive, and missing values count as none.
    risk
        Of each row: probability that somebody who knows the keys and that the person was drawn finds the
        right row.
    """

    keys: tuple[str, ...]
    sensitive: tuple[str, ...]
    rules: Rules
    alike: np.ndarray
    n_values: np.ndarray
    risk: np.ndarray

    @property
    def k(self) -> int:
        """Fewest rows that are alike."""
        return int(self.alike.min())

    @property
    def n_unique(self) -> int:
        """Rows alone with their keys."""
        return int((self.alike == 1).sum())

    @property
    def is_rare(self) -> np.ndarray:
        """True for rows with fewer alike than the rules ask for."""
        return np.asarray(self.alike < self.rules.least_alike)

    @property
    def is_uniform(self) -> np.ndarray:
        """True for rows whose sensitive value follows from the keys, or nearly."""
        return np.asarray(bool(self.sensitive) & (self.n_values < self.rules.least_values))

    @property
    def expected_found(self) -> float:
        """Expected number of rows found rightly: the sum of the risks."""
        return float(self.risk.sum())

    def table(self, language: Language) -> pd.DataFrame:
        """Return the report for people: one row a measure."""
        from pk_research.disclosure.words import alike_table

        return alike_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say whether the rows keep the rules, and how far they do not."""
        from pk_research.disclosure.words import alike_in_words

        return alike_in_words(self, language)


def alike(
    frame: pd.DataFrame,
    keys: Sequence[str],
    *,
    sensitive: Sequence[str] = (),
    weight: str | None = None,
    rules: Rules | None = None,
) -> Alike:
    """Report k-anonymity, l-diversity and the risk of each row.

    Parameters
    ----------
    frame
        One row a person or enterprise.
    keys
        Columns that others may know of them: age group, village, trade.
    sensitive
        Columns that should not become known by them.
    weight
        Column of how many people each row stands for in the population; by default the rows are the
        population, and the risk is one in as many as are alike.
    rules
        The rules; the house's own by default.

    Raises
    ------
    BadInput
        All at once: no rows, no keys, columns that are not there, weights below 1.

    Notes
    -----
    k-anonymity: Sweeney (2002). l-diversity, distinct: Machanavajjhala et al. (2007). Risk: Benedetti and
    Franconi (1998), as in R's sdcMicro (``freqCalc``, ``indivRisk``); a missing key matches every value, as
    there.

    Examples
    --------
    >>> rows = pd.DataFrame({"sex": list("ffmm"), "job": list("aabb"), "ill": [0, 1, 0, 0]})
    >>> report = alike(rows, ["sex", "job"], sensitive=["ill"])
    >>> report.k, report.n_values.tolist()
    (2, [2, 2, 1, 1])
    """
    chosen = Rules() if rules is None else rules
    _check(frame, keys, sensitive, weight)
    code = _codes(frame, keys)
    pattern, of_row, n_rows = np.unique(code, axis=0, return_inverse=True, return_counts=True)
    of_row = of_row.ravel()
    match = _matches(pattern)
    same = match @ n_rows
    if weight is None:
        risk = 1.0 / same
    else:
        people = match @ np.bincount(of_row, weights=frame[weight].to_numpy(dtype=float))
        risk = _risk(same, people)
    return Alike(
        tuple(keys),
        tuple(sensitive),
        chosen,
        same[of_row],
        _values(frame, sensitive, match, of_row)[of_row],
        risk[of_row],
    )


def blanked(
    frame: pd.DataFrame, keys: Sequence[str], *, rules: Rules | None = None
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Blank keys of rows that are too rare, as few as suffice.

    Parameters
    ----------
    frame
        One row a person or enterprise.
    keys
        Columns others may know, the most useful first: those that come later are blanked first.
    rules
        The rules; the house's own by default.

    Returns
    -------
    tuple
        The rows, and how many values of each key were blanked. A missing key matches every value, so
        that every row then has enough alike.

    Raises
    ------
    BadInput
        As `alike`; and when there are fewer rows than must be alike.

    Notes
    -----
    Local suppression, as in R's sdcMicro: row by row the fewest keys whose blanking gives enough alike,
    less useful ones first.

    Examples
    --------
    >>> rows = pd.DataFrame({"sex": list("ffffm"), "job": list("aaaab")})
    >>> safe, n = blanked(rows, ["sex", "job"], rules=Rules(least_alike=3))
    >>> n, safe.iloc[4].isna().tolist()
    ({'sex': 1, 'job': 1}, [True, True])
    """
    chosen = Rules() if rules is None else rules
    _check(frame, keys, (), None)
    if len(frame) < chosen.least_alike:
        raise BadInput(
            Problem(
                "the table",
                f"it has {len(frame)} rows, and {chosen.least_alike} must be alike",
                "Release counts or nothing of so few.",
            )
        )
    code = _codes(frame, keys)
    for row in np.flatnonzero(alike(frame, keys, rules=chosen).is_rare):
        if _n_alike(code, code[row]) >= chosen.least_alike:
            continue  # blanks of earlier rows match this one by now
        code[row] = next(tried for tried in _blanks(code[row]) if _n_alike(code, tried) >= chosen.least_alike)
    safe = frame.copy()
    n_blanked = {}
    for at, key in enumerate(keys):
        gone = (code[:, at] == BLANK) & frame[key].notna().to_numpy()
        safe[key] = safe[key].mask(gone)
        n_blanked[key] = int(gone.sum())
    return safe, n_blanked


def _blanks(row: np.ndarray) -> Iterator[np.ndarray]:
    """Return a row with ever more keys blanked; of as many, the last columns first."""
    known = np.flatnonzero(row != BLANK)[::-1]
    for n in range(1, len(known) + 1):
        for which in combinations(known, n):
            tried = row.copy()
            tried[list(which)] = BLANK
            yield tried


def _n_alike(code: np.ndarray, row: np.ndarray) -> int:
    return int(((code == row) | (code == BLANK) | (row == BLANK)).all(axis=1).sum())


def _codes(frame: pd.DataFrame, keys: Sequence[str]) -> np.ndarray:
    return np.column_stack([pd.factorize(frame[key], sort=False)[0] for key in keys])


def _matches(pattern: np.ndarray) -> np.ndarray:
    """Return which patterns could be the same person, a blank standing for any value."""
    if not (pattern == BLANK).any():
        return np.eye(len(pattern), dtype=int)
    match = np.ones((len(pattern), len(pattern)), dtype=bool)
    for column in pattern.T:
        blank = column == BLANK
        match &= (column[:, None] == column) | blank[:, None] | blank
    return match.astype(int)


def _values(
    frame: pd.DataFrame, sensitive: Sequence[str], match: np.ndarray, of_row: np.ndarray
) -> np.ndarray:
    fewest = np.full(len(match), np.iinfo(int).max)
    for name in sensitive:
        code = pd.factorize(frame[name])[0]
        held = np.zeros((len(match), code.max(initial=0) + 1), dtype=int)
        held[of_row[code >= 0], code[code >= 0]] = 1
        fewest = np.minimum(fewest, (match @ held > 0).sum(axis=1))
    return fewest if len(sensitive) else np.zeros(len(match), dtype=int)


def _risk(same: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return the expected share of right guesses (Benedetti and Franconi 1998)."""
    p = np.minimum(same / people, 1.0)
    return np.asarray(p**same / same * hyp2f1(same, same, same + 1.0, 1.0 - p))


def _check(frame: pd.DataFrame, keys: Sequence[str], sensitive: Sequence[str], weight: str | None) -> None:
    problems = [
        Problem(f"column '{name}'", "it is not in the table", f"The table has: {some(frame.columns)}.")
        for name in dict.fromkeys([*keys, *sensitive, *([] if weight is None else [weight])])
        if name not in frame.columns
    ]
    if frame.empty:
        problems.append(Problem("the table", "it has no rows", "Give the rows to release."))
    if not keys:
        problems.append(Problem("keys", "no column is named", "Name what others may know of somebody."))
    if weight in frame.columns:
        given = pd.to_numeric(frame[weight], errors="coerce")
        if not (given >= 1).all():
            problems.append(
                Problem(
                    f"column '{weight}'", "it holds weights below 1 or none", "Each row stands for itself."
                )
            )
    if problems:
        raise BadInput(problems)
