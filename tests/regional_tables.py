"""Small tables of regions and incomes, for the tests of regional indicators."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from pk_research.indicators import regional

COUNTS = st.lists(st.integers(0, 50), min_size=12, max_size=12).filter(any)
INCOMES = st.lists(st.floats(0.5, 1000), min_size=3, max_size=30)


def table(text: str) -> pd.DataFrame:
    frame = pd.read_csv(io.StringIO(text), sep="|", skipinitialspace=True)
    frame.columns = frame.columns.str.strip()
    texts = frame.select_dtypes("str").columns
    return frame.assign(**{name: frame[name].str.strip() for name in texts})


def cells(counts: list[int], year: int | None = None) -> pd.DataFrame:
    """Three regions by four sectors."""
    regions, sectors = np.repeat(list("ABC"), 4), ["farm", "craft", "trade", "food"] * 3
    frame = pd.DataFrame({"region": regions, "sector": sectors, "jobs": counts})
    return frame if year is None else frame.assign(year=year)


JOBS = table(
    """
    region | sector | jobs
    A      | farm   | 60
    A      | craft  | 40
    B      | farm   | 20
    B      | craft  | 80
    """
)


def incomes(values, **columns) -> pd.DataFrame:
    return pd.DataFrame({"income": values, **columns})


def by_weights(frame: pd.DataFrame, compute, cluster: str | None = None) -> pd.Series:
    """Standard errors from how a little more weight of each row moves a result: the second method."""
    step = 1e-5
    before = compute(frame)
    slopes = []
    for row in frame.index:
        people = frame["people"].astype(float)
        people[row] += step
        slopes.append((compute(frame.assign(people=people)) - before) / step)
    moves = pd.DataFrame(slopes, index=frame.index).mul(frame["people"], axis=0)
    if cluster:
        moves = moves.groupby(frame[cluster]).sum()
    m = len(moves)
    return np.sqrt(m / (m - 1) * ((moves - moves.mean()) ** 2).sum())


def jackknife(frame: pd.DataFrame, compute) -> pd.Series:
    """Standard errors from leaving each row out in turn."""
    without = pd.DataFrame([compute(frame.drop(index=row)) for row in frame.index])
    m = len(without)
    return np.sqrt((m - 1) / m * ((without - without.mean()) ** 2).sum())


def survey(n: int = 90, seed: int = 1) -> pd.DataFrame:
    """Made households of 30 villages in 3 kecamatan, all of which differ, with weights."""
    random = np.random.default_rng(seed)
    village = np.repeat(np.arange(30), n // 30)
    kecamatan = village // 10
    income = random.lognormal(0.6 * kecamatan + 0.5 * random.normal(size=30)[village], 0.5)
    people = random.integers(1, 7, size=n)
    return pd.DataFrame({"income": income, "village": village, "people": people, "kecamatan": kecamatan})


def unequal(frame: pd.DataFrame, cluster: str | None = None) -> pd.DataFrame:
    return regional.inequality(frame, "income", weight="people", cluster=cluster).frame
