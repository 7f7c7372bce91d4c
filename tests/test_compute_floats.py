"""Numbers are the same floats whichever kind of column held them, and nothing missing becomes a number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from pk_research.compute.floats import as_floats, floats_or_missing

LARGEST_EXACT = 2**53
COLUMNS = {
    "whole numbers": (pd.Series([0, -3, LARGEST_EXACT]), [0, -3, LARGEST_EXACT]),
    "whole numbers with gaps": (pd.Series([0, None, 7], dtype="Int64"), [0, np.nan, 7]),
    "floats": (pd.Series([0.1, np.nan, np.inf]), [0.1, np.nan, np.inf]),
    "floats with gaps": (pd.Series([0.1, None, -np.inf], dtype="Float64"), [0.1, np.nan, -np.inf]),
    "truths with gaps": (pd.Series([True, False, None], dtype="boolean"), [1, 0, np.nan]),
    "objects": (pd.Series([0.1, None, pd.NA, np.nan, 2], dtype=object), [0.1, np.nan, np.nan, np.nan, 2]),
    "nothing": (pd.Series([], dtype="Int64"), []),
}


@pytest.mark.parametrize(("column", "expected"), COLUMNS.values(), ids=COLUMNS)
def test_a_column_becomes_floats_bit_by_bit_and_what_is_missing_stays_missing(column, expected):
    floats = as_floats(column)
    assert floats.dtype == np.dtype("float64")
    assert_array_equal(floats.to_numpy(), np.array(expected, dtype=float))
    assert floats.index.equals(column.index)
    assert floats_or_missing(column).equals(floats)


def test_several_columns_at_once_are_what_each_is_alone():
    frame = pd.DataFrame({"a": pd.Series([1, None], dtype="Int64"), "b": [True, False]}, index=["x", "y"])
    pd.testing.assert_frame_equal(as_floats(frame), frame.apply(as_floats))


def test_text_that_is_no_number_is_refused_or_missing_as_was_asked():
    given = pd.Series(["12", "banyak", None], dtype=object)
    with pytest.raises(ValueError, match="banyak"):
        as_floats(given)
    assert_array_equal(floats_or_missing(given).to_numpy(), [12, np.nan, np.nan])
