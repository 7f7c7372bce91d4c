"""Small counts that nobody wrote down: a share of people or households times how many there are.

A share is recognised by its unit (``% of households``, ``% of persons``, ``% of`` a column that counts
people), or because it is one of the programme's questionnaires, which name their units ``%``. Of what another
percentage is a share, nobody can see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from pk_research.disclosure.rules import Rules

if TYPE_CHECKING:
    from pk_research.codebook import Variable

OF_PEOPLE = ("persons", "households")
"""Units of counts that tell of people."""
ALL_OF = {"persons": "population", "households": "households"}
"""Unit -> the column that counts all of them."""
SHARES_OF = dict.fromkeys(
    ("electricity_pct", "internet_pct", "clean_water_pct", "toilet_pct"), ALL_OF["households"]
)
"""Shares of the questionnaire on village potential -> the column they are of."""
OF = "% of "


def shares_in(variables: Iterable[Variable]) -> dict[str, str]:
    """Return of which columns others are a share.

    Parameters
    ----------
    variables
        Of a codebook.

    Returns
    -------
    dict
        Name of a share in per cent -> name of the column that counts what it is a share of.

    Examples
    --------
    >>> from pk_research.codebook import Variable
    >>> shares_in([Variable("ill_pct", kind="number", unit="% of persons"),
    ...            Variable("sold_pct", kind="number", unit="%")])
    {'ill_pct': 'population'}
    """
    given = list(variables)
    counts = {one.name for one in given if one.unit in OF_PEOPLE} | set(ALL_OF.values())
    found = {}
    for one in given:
        what = one.unit.removeprefix(OF) if one.unit.startswith(OF) else ""
        base = ALL_OF.get(what, what) if what else SHARES_OF.get(one.name, "") if one.unit == "%" else ""
        if base in counts:
            found[one.name] = base
    return found


def headings_of_shares(variables: Iterable[Variable]) -> dict[str, list[str]]:
    """Return under which headings stand shares, and under which what they are a share of.

    Examples
    --------
    >>> from pk_research.codebook import Variable
    >>> headings_of_shares([Variable("ill_pct", "", "Ill", "number", "% of persons"),
    ...                     Variable("population", "Penduduk", "", "integer", "persons")])
    {'ill_pct': ['penduduk', 'population'], 'ill': ['penduduk', 'population']}
    """
    given = {one.name: one for one in variables}
    names = {name: _names(one) for name, one in given.items()}
    return {
        heading: sorted(names.get(base, [base]))
        for share, base in shares_in(given.values()).items()
        for heading in names[share]
    }


def is_few(share: np.ndarray, base: np.ndarray, *, rules: Rules | None = None) -> np.ndarray:
    """Return where a share and its base give a small count, of those in it or of the others.

    Parameters
    ----------
    share, base
        In per cent, and a count; missing values tell nothing. A share that is rounded gives its count only
        about, and counts as it stands.
    rules
        Whose ``least_contributors`` counts.

    Examples
    --------
    >>> is_few(np.array([0.5, 0, 99.6, 50, np.nan, 109]), np.full(6, 800.0)).tolist()
    [True, False, True, False, False, False]
    """
    chosen = rules or Rules()
    inside = base * share / 100
    return np.asarray(chosen.is_small(inside) | chosen.is_small(base - inside))


def small_by_share(
    columns: Mapping[str, np.ndarray], variables: Iterable[Variable], *, rules: Rules | None = None
) -> dict[str, np.ndarray]:
    """Return which shares of a table give a small count together with another column of it."""
    return {
        share: is_few(columns[share], columns[base], rules=rules)
        for share, base in shares_in(variables).items()
        if share in columns and base in columns
    }


def _names(variable: Variable) -> list[str]:
    return [name.casefold() for name in (variable.name, variable.label_id, variable.label_en) if name]
