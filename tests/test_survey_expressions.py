"""The language of forms: what an expression means, and what it may cost."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research.survey.markup import read_xml
from pk_research.survey.resources import keep_indices
from pk_research.survey.tree import Element
from pk_research.survey.xpath import EvaluationError, Expression, ExpressionError, World
from pk_research.survey.xpath.functions import FUNCTIONS
from pk_research.survey.xpath.shuffle import shuffled
from pk_research.survey.xpath.values import number_text

JAKARTA = ZoneInfo("Asia/Jakarta")
WORLD = World(zone=JAKARTA, clock=lambda: datetime(2026, 5, 17, 20, 30, tzinfo=UTC), dice=lambda: 0.25)


def said(source: str, world: World = WORLD) -> str:
    return Expression(source).text(world.root, world)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("7 div 2", "3.5"),
        ("-7 mod 3", "-1"),
        ("1 div 0", "Infinity"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("int(-7.9)", "-7"),
        ("if('', 'yes', 'no')", "no"),
        ("coalesce('', 'second')", "second"),
        ("substr('kampoeng', 0, 3)", "kam"),
        ("translate('08-12', '-', '')", "0812"),
        ("join(', ', 'Babelan', 'Tarumajaya')", "Babelan, Tarumajaya"),
        ("selected-at('a b c', 1)", "b"),
        ("count-selected('a b c')", "3"),
        ("selected('', '')", "true"),
        ("selected('a b', '')", "false"),
        ("number('satu')", "NaN"),
        (
            "digest('abc', 'SHA-256', 'hex')",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
    ],
)
def test_values(source: str, text: str) -> None:
    assert said(source) == text


def test_the_day_is_the_respondents_own() -> None:
    assert said("today()") == "2026-05-18"  # 03:30 in Jakarta is still yesterday in Greenwich
    assert said("now()") == "2026-05-18T03:30:00.000+07:00"
    assert said("format-date(today(), '%e %b %Y')") == "18 May 2026"


def test_a_date_counts_as_days() -> None:
    assert said("date('2026-05-18') - date('2026-05-11')") == "7"
    assert said("date(today() + 1)") == "2026-05-19"
    assert said("today() > '2026-05-17'") == "true"


def test_what_is_never_reached_may_be_wrong() -> None:
    assert said("if(true(), 'fine', no-such-function())") == "fine"
    assert said("true() or no-such-function()") == "true"
    with pytest.raises(EvaluationError, match="there is no function no-such-function"):
        said("no-such-function()")


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("1 +", "it ends too early"),
        ("(1", "')' is missing"),
        ("1 2", "'2' is not expected here"),
        ("foo::bar", "there is no axis 'foo'"),
        ("a[1", "']' is missing"),
        ("$village", "write ${name} in the spreadsheet"),
        ("#", "'#' is not expected here"),
        ("(" * 500 + "1" + ")" * 500, "it is nested more than"),
    ],
)
def test_an_expression_that_cannot_be_read_says_where(source: str, what: str) -> None:
    with pytest.raises(ExpressionError) as error:
        Expression(source)
    assert what in str(error.value)
    assert "at character" in str(error.value)


def test_a_careless_pattern_does_not_hold_the_server_up() -> None:
    begun = time.monotonic()
    with pytest.raises(EvaluationError, match="takes too long"):
        said(f"regex('{'a' * 60}b', '^(a|aa)+$')")
    assert time.monotonic() - begun < 30  # the leash is a quarter of a second; without it, years


@pytest.mark.parametrize(("sign", "result"), [("+", "3000"), ("or", "true"), ("and", "true"), ("-", "-2998")])
def test_a_form_may_join_thousands_of_answers(sign: str, result: str) -> None:
    assert said(f" {sign} ".join(["1"] * 3000)) == result


@pytest.mark.parametrize(("seed", "order"), [(1, "BFEACD"), (42, "AFCBDE"), (11111111, "ACDBFE")])
def test_a_seed_gives_the_same_order_in_every_release(seed: int, order: str) -> None:
    # a form filled today must show its choices in the same order when it is opened next year
    assert "".join(shuffled(list("ABCDEF"), seed)) == order


def test_chance_comes_from_outside() -> None:
    assert said("random()") == "0.25"


def test_every_function_of_the_specification_is_there() -> None:
    specified = [
        "if",
        "selected",
        "selected-at",
        "count-selected",
        "jr:choice-name",
        "jr:itext",
        "indexed-repeat",
        "coalesce",
        "once",
        "regex",
        "string",
        "concat",
        "join",
        "substr",
        "substring-before",
        "substring-after",
        "translate",
        "contains",
        "starts-with",
        "ends-with",
        "string-length",
        "normalize-space",
        "true",
        "false",
        "boolean",
        "not",
        "boolean-from-string",
        "number",
        "int",
        "round",
        "floor",
        "ceiling",
        "pow",
        "exp",
        "exp10",
        "log",
        "log10",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "atan2",
        "sqrt",
        "pi",
        "abs",
        "random",
        "min",
        "max",
        "sum",
        "count",
        "count-non-empty",
        "position",
        "instance",
        "current",
        "randomize",
        "uuid",
        "digest",
        "base64-decode",
        "date",
        "date-time",
        "today",
        "now",
        "decimal-date-time",
        "decimal-time",
        "format-date",
        "format-date-time",
        "checklist",
        "weighted-checklist",
        "area",
        "distance",
        "geofence",
        "pulldata",
        "property",
        "version",
    ]
    assert set(specified) <= set(FUNCTIONS)


LIST = """<list>
  <item><name>v1</name><kec>Babelan</kec></item>
  <item><name>v2</name><kec>Sukatani</kec></item>
  <item><name>v3</name><kec>Babelan</kec></item>
  <item><kec>Babelan</kec></item>
</list>"""


def world_with(xml: str, *, with_index: bool) -> World:
    holder = Element("instance")
    holder.append(read_xml(xml).element)
    if with_index:
        keep_indices(holder)
    data = read_xml("<data><kec>Babelan</kec><none/></data>")
    return World(root=data, instance=lambda name: holder if name == "villages" else None)


@pytest.mark.parametrize(
    "condition",
    [
        "kec = 'Babelan'",
        "kec = /data/kec",
        "/data/kec = kec",
        "kec = /data/kec and name != 'v1'",
        "kec = /data/kec][2",
        "kec = /data/kec and position() > 1",
        "kec = /data/none",
        "kec = /data/nothing",
        "kec = concat('Babe', 'lan')",
        "kec = ../item[2]/kec",
        "name = 1",
    ],
)
def test_looking_a_choice_up_finds_what_searching_finds(condition: str) -> None:
    source = f"join(' ', instance('villages')/list/item[{condition}]/name)"
    searched = said(source, world_with(LIST, with_index=False))
    assert said(source, world_with(LIST, with_index=True)) == searched


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=300)
def test_a_number_survives_being_written(number: float) -> None:
    assert float(number_text(number)) == number


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=6),
    st.lists(st.sampled_from("+-*"), min_size=5, max_size=5),
)
def test_arithmetic_is_pythons(numbers: list[int], signs: list[str]) -> None:
    parts = [str(numbers[0])]
    for sign, number in zip(signs, numbers[1:], strict=False):
        parts += [sign, f"({number})" if number < 0 else str(number)]
    source = " ".join(parts)
    assert Expression(source).number(None, WORLD) == eval(source)
