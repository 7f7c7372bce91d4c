"""Utility of twins, against figures that R's synthpop has published and against its Python port."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from household_tables import households
from scipy.stats import norm

from pk_research.disclosure.synthetic import twin_of, utility_of
from pk_research.disclosure.synthetic.cells import taken_apart
from pk_research.disclosure.synthetic.utility import (
    compared,
    expected_pmse,
    grouped,
    interval_overlap,
    table_propensity,
)

N = 5000
# Raab, Nowok and Dibben, vignette "Utility of Synthetic Data" of synthpop: S_pMSE of columns of SD2011 (5,000
# Poles). The paper prints the ratio and not the twin's table; the counts of SD2011 are known (men and women;
# smokers, others, not known).
RATIOS = [
    ((2182, 2818), 0.548971, (2208, 2792)),
    ((1277, 3713, 10), 0.539653, (1293, 3694, 13)),
    ((1277, 3713, 10), 0.076008, (1265, 3725, 10)),
]


def column(counts):
    return np.repeat(list("abc")[: len(counts)], counts)


def ratio(ours, made):
    return table_propensity(column(ours), column(made)).ratio


@pytest.mark.parametrize(("ours", "published", "made"), RATIOS)
def test_published_ratios_of_one_column(ours, published, made):
    assert sum(ours) == sum(made) == N
    assert round(ratio(ours, made), 6) == published


@pytest.mark.parametrize(("ours", "published", "made"), RATIOS)
def test_no_other_table_near_gives_the_published_ratio(ours, published, made):
    """Counts are whole: the six decimals leave one table, so the counts above are not chosen to fit."""
    found = []
    moves = product(range(-80, 81), range(-9, 10) if len(ours) > 2 else (0,))
    for first, last in moves:
        counts = (ours[0] + first, ours[1] - first - last, *(count + last for count in ours[2:]))
        if min(counts) < 0:
            continue
        apart = np.subtract(counts, ours) ** 2 / (np.add(counts, ours) / 2)
        if round(apart.sum() / (len(ours) - 1), 6) == published:
            found.append(counts)
    assert found == [made]


@pytest.mark.parametrize(
    ("pmse", "published", "df"),
    [("8.8e-05", 1.416, 5), ("7.5e-05", 0.8612, 7)],
    ids=["income", "life satisfaction"],
)
def test_the_published_pmse_is_the_published_ratio_times_our_expectation(pmse, published, df):
    """Nowok, Raab and Dibben (2016), section 4.4 as the vignette has it: pMSE, S_pMSE, degrees of freedom."""
    expected, _ = expected_pmse(df + 1, N, N)
    assert float(pmse) == pytest.approx(published * expected, abs=0.051e-5)


# The same paper, `compare(model.sds, ods)`: a logistic regression on SD2011 and on its twin.
COEFFICIENTS = """
synthetic observed      diff standardised overlap
 -1.06343 -0.21052 -0.852916      -0.9570  0.7559
 -0.66178 -0.47387 -0.187908      -1.1612  0.7038
 -0.05138 -0.05384  0.002455       0.4416  0.8873
  0.17467  0.62753 -0.452859      -1.4723  0.6244
  0.13112  0.36839 -0.237265      -0.7386  0.8116
 -0.01006 -0.18697  0.176902       0.4821  0.8770
  0.09112 -0.04610  0.137224       1.1226  0.7136
"""


def test_published_overlaps_of_intervals():
    heading, *rows = (line.split() for line in COEFFICIENTS.strip().splitlines())
    table = pd.DataFrame(rows, columns=heading, dtype=float)
    half = norm.ppf(0.975) * table["diff"] / table["standardised"]
    found = [
        interval_overlap((one - width, one + width), (other - width, other + width))
        for one, other, width in zip(table["observed"], table["observed"] + table["diff"], half, strict=True)
    ]
    assert found == pytest.approx(table["overlap"].tolist(), abs=6e-5)
    assert np.mean(found) == pytest.approx(0.7677, abs=6e-5)


def test_ratios_are_those_of_the_python_port_of_synthpop():
    """`pip install synthpop-py` (EUPL 1.2) makes this run; it is no dependency."""
    port = pytest.importorskip("synthpop.utility_metrics", reason="synthpop-py is not installed")
    table = households()
    made = twin_of(table, seed=1)
    names = compared(table, made.parts)
    levels = {
        name: grouped(*(taken_apart(one.frame[name], table.codebook[name]) for one in (table, made.dataset)))
        for name in names
    }
    ours, theirs = (pd.DataFrame({name: levels[name][at] for name in names}) for at in (0, 1))
    by_port = port.pairwise_spmse(ours, theirs).set_index(["column1", "column2"])["S_pMSE"]
    found = utility_of(table, made.dataset, made.parts)
    for one in found.columns.itertuples():
        assert one.ratio == pytest.approx(by_port[one.column, one.column], rel=1e-6)
    for pair in found.pairs.itertuples():
        assert pair.ratio == pytest.approx(by_port[pair.first, pair.second], rel=1e-6)
    assert len(by_port) == len(found.columns) + len(found.pairs)
