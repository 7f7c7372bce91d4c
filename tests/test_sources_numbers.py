"""Indonesian numbers: what the signs mean is decided by the evidence of a whole column."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pk_research.sources.numbers import Context, adds_up, decide, read_number


@pytest.mark.parametrize(
    ("column", "style"),
    [
        (["25", "0", "1444"], "whole"),
        (["0.7029", "1", "0.8"], "point"),
        (["0,7029", "1"], "comma"),
        (["1.234,5", "2.000"], "comma"),
        (["1,234.5", "2,000"], "point"),
        (["1.234.567", "5"], "comma"),
        ([" 400,000,000 ", " 2,400,000,000 "], "point"),
        (["0.143", "1.429"], "point"),  # thousands never begin with a zero
        ([".1605596542358398", "3.5"], "point"),
        (["1.5e-05", "2"], "point"),
        (["−12,5", "+3"], "comma"),
    ],
)
def test_one_telling_value_decides_for_its_column(column, style):
    assert decide(column).style == style


@pytest.mark.parametrize("column", [["1.234"], ["1,234", "5,678"], ["1.234", "5", "12"]])
def test_where_nothing_tells_nothing_is_guessed(column):
    decision = decide(column)
    assert (decision.style, decision.ambiguous) == (None, True)
    assert column[0] in decision.evidence.text("en")


def test_columns_that_contradict_themselves_are_not_numbers():
    decision = decide(["12.5", "3,75"])
    assert (decision.style, decision.ambiguous) == (None, True)
    assert decision.evidence.text("en") == "“12.5” has a decimal point and “3,75” a decimal comma"


@pytest.mark.parametrize("column", [["owner", "share"], ["12", "tidak tahu"], ["3.2.1"], ["1.23.456"], []])
def test_words_are_no_numbers(column):
    assert decide(column) == decide(["words"])


def test_a_total_decides():
    column = ["856", "271", "1.206"]
    assert decide(column).ambiguous
    assert decide(column, context=Context(total="2.333")).style == "comma"
    assert decide(column, context=Context(total="1128.206")).style == "point"
    assert decide(column, context=Context(counts=(1, 1, 2), total="3.539")).style == "comma"
    assert decide(column, context=Context(total="9.999")).ambiguous


def test_a_total_that_fits_both_readings_decides_nothing():
    assert decide(["1.206", "2.100"], context=Context(total="3.306")).ambiguous


def test_declarations_decide():
    assert decide(["1.234"], context=Context(whole=True)).style == "comma"
    assert decide(["1,234"], context=Context(whole=True)).style == "point"
    assert decide(["1.234", "0"], context=Context(minimum=0, maximum=5)).style == "point"
    assert decide(["1.234", "999"], context=Context(minimum=500, maximum=2000)).ambiguous is False


def test_whole_numbers_below_a_thousand_and_signed_ones_above_are_no_chance():
    """Five and five fall apart like this by chance once in C(10, 5) = 252, six and six in 924."""
    plain, signed = [str(100 + n) for n in range(7)], [f"{n}.100" for n in range(1, 8)]
    assert decide([*plain[:6], *signed[:6]]).ambiguous
    assert decide([*plain, *signed]).style == "comma"
    assert decide([*plain, *signed, "3"]).ambiguous


styles = st.sampled_from(["point", "comma"])


def written(value: float, style: str, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    return text if style == "point" else text.translate(str.maketrans(",.", ".,"))


@given(
    values=st.lists(st.decimals(-(10**9), 10**9, places=4, allow_nan=False), min_size=1, max_size=12),
    style=styles,
    decimals=st.integers(0, 4),
)
def test_a_column_that_is_decided_is_read_as_it_was_written(values, style, decimals):
    numbers = [round(float(value), decimals) for value in values]
    column = [written(value, style, decimals) for value in numbers]
    decision = decide(column)
    if decision.ambiguous:
        assert {text.strip("-").count(".") + text.count(",") for text in column} <= {0, 1}
        return
    assert decision.style in (style, "whole")
    assert [read_number(text, decision.style) for text in column] == pytest.approx(numbers, abs=1e-9)


@given(values=st.lists(st.integers(1, 10**7), min_size=2, max_size=20), style=styles)
def test_the_total_of_whole_numbers_tells_their_style(values, style):
    column = [written(value, style, 0) for value in values]
    assume(len(set(column)) == len(column) and any(value < 1000 for value in values))
    decision = decide(column, context=Context(total=written(sum(values), style, 0)))
    assert decision.style in (style, "whole")


@given(st.lists(st.text(max_size=8), max_size=6))
def test_any_texts_are_decided_without_fail(texts):
    decision = decide(texts)
    if decision.style:
        assert all(read_number(text, decision.style) is not None for text in texts)


@given(st.permutations(range(5)))
def test_the_order_of_values_is_irrelevant(order):
    column = ["1.234", "0.5", "7", "12.000", "3.25"]
    assert decide([column[n] for n in order]).style == "point"


def test_rounding_of_parts_is_allowed_for():
    assert adds_up([33.3, 33.3, 33.3], 100.0)
    assert not adds_up([33.3, 33.3, 33.3], 101.0)
    assert not adds_up([10, 20], 31)
