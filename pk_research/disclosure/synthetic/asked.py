"""To whom a question was put: by its universe where that can be computed, else by what the answers show."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from pk_research.disclosure.synthetic.cells import BLANK, Answers
from pk_research.survey.tree import Element
from pk_research.survey.xpath import Expression, ExpressionError, World, expression

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
NAMED = re.compile(r"(?<![\w$.-])[A-Za-z_][\w.-]*(?!\s*\(|[\w.-])")
SIGNS = frozenset(["and", "or", "div", "mod"])
OUTER = re.compile(r"\.\.[\s/]+")


@lru_cache(maxsize=4096)
def condition(text: str) -> tuple[Expression, tuple[str, ...]] | None:
    """Return a universe as an expression and the columns it names, or None where it is told in prose.

    Examples
    --------
    >>> condition("consent = 'yes' and selected(permits , 'other')")[1]
    ('consent', 'permits')
    >>> condition("desa (not kelurahan)") is None
    True
    """
    plain = OUTER.sub("", text)
    try:
        parsed = expression(plain)
    except ExpressionError:
        return None
    names = dict.fromkeys(NAMED.findall(QUOTED.sub("''", plain)))
    return parsed, tuple(name for name in names if name not in SIGNS)


def is_computable(text: str, columns: Collection[str]) -> bool:
    """Tell whether a universe is an expression in known columns."""
    found = condition(text)
    return found is not None and set(found[1]) <= set(columns)


def where(text: str, texts: Mapping[str, np.ndarray], n_rows: int) -> np.ndarray:
    """Return in which rows a condition holds; parameters as the engine of forms reads them."""
    return np.array(
        [value not in ("", "false", "0", "NaN") for value in computed(text, texts, n_rows, "boolean")],
        dtype=bool,
    )


def computed(text: str, texts: Mapping[str, np.ndarray], n_rows: int, kind: str = "string") -> list[str]:
    """Evaluate an expression in every row, once for rows that are alike in what it names.

    Parameters
    ----------
    text
        The expression; names are columns.
    texts
        Column -> answers as a form holds them, ``""`` for none.
    n_rows
        How many rows there are.
    kind
        ``"boolean"`` for a truth, as ``"true"`` or ``""``.
    """
    found = condition(text)
    assert found is not None  # noqa: S101 - told apart by `is_computable`
    parsed, names = found
    known: dict[tuple[str, ...], str] = {}
    values = []
    for row in zip(*(texts[name] for name in names), strict=True) if names else [()] * n_rows:
        if row not in known:
            node = _row(dict(zip(names, row, strict=True)))
            world = World(root=node)
            known[row] = (
                ("true" if parsed.truth(node, world) else "")
                if kind == "boolean"
                else parsed.text(node, world)
            )
        values.append(known[row])
    return values


def _row(answers: Mapping[str, str]) -> Element:
    node = Element("row")
    for name, text in answers.items():
        child = Element(name)
        child.set_text(text)
        node.append(child)
    return node


def unasked_levels(answers: Answers, by: Answers, people: np.ndarray, k: int) -> frozenset[object]:
    """Return the answers to an earlier question after which this one is always empty.

    Parameters
    ----------
    answers
        Of the question.
    by
        Of the earlier one; a category or truth.
    people
        Of each row: whose it is.
    k
        At least so many people must have given that answer, and none of them been asked.
    """
    if not answers.has_value.any():
        return frozenset()
    empty = np.array([reason == BLANK for reason in answers.why])
    levels = level_of(by)
    return frozenset(
        level
        for level in pd.unique(levels)
        if empty[levels == level].all() and len(np.unique(people[levels == level])) >= k
    )


def level_of(answers: Answers) -> np.ndarray:
    """Return the answer of each row as a level, reasons for having none among them."""
    return np.array(
        [
            f"={answers.levels[int(value)]}" if reason is None else f"?{reason}"
            for value, reason in zip(answers.numbers, answers.why, strict=True)
        ],
        dtype=object,
    )
