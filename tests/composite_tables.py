"""Declarations of small composite indices."""

from __future__ import annotations

import pandas as pd

from pk_research.indicators import composite


def flat(m: int, **columns: object) -> composite.Declaration:
    """Declare x1 ... xm, all adding up to the index."""
    names = [f"x{n + 1}" for n in range(m)]
    table = pd.DataFrame({"indicator": names, "direction": 1, "weight": 1, "parent": "top"}).assign(**columns)
    top = pd.DataFrame({"indicator": ["top"], "direction": [1], "weight": [1], "parent": [None]})
    return composite.declare(pd.concat([table, top]))
