"""Codes people copy by hand: a slip of the hand never finds somebody else's submission."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pk_research.store.codes import (
    ALPHABET,
    new_resume_code,
    normalised,
    read_receipt_code,
    receipt_code,
)

CODES = st.uuids().map(lambda one: receipt_code(f"uuid:{one}"))


@given(CODES, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(code, place, letter):
    plain = code.removeprefix("PK-").replace("-", "")
    wrong = plain[:place] + letter + plain[place + 1 :]
    assert (read_receipt_code(wrong) == code) == (wrong == plain)
    assert read_receipt_code(wrong) in (code, None)


@given(CODES, st.integers(0, 7), st.integers(0, 7))
def test_two_characters_that_changed_places_are_noticed(code, first, second):
    plain = list(code.removeprefix("PK-").replace("-", ""))
    plain[first], plain[second] = plain[second], plain[first]
    assert read_receipt_code("".join(plain)) in (code, None)


@given(CODES)
def test_a_code_is_read_however_it_is_written(code):
    for written in (code, code.lower(), code[3:], f" {code.replace('-', '')} ", code.replace("0", "O")):
        assert read_receipt_code(written) == code


@given(st.text())
def test_anything_may_be_typed(text):
    found = read_receipt_code(text)
    assert found is None or found.replace("-", "")[2:] in normalised(text)


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_code_that_is_taken_has_others_behind_it(attempt):
    assert receipt_code("uuid:1", attempt=attempt) != receipt_code("uuid:1")


def test_codes_of_the_same_submission_are_the_same_and_of_others_differ():
    codes = {receipt_code(f"uuid:{n}") for n in range(2000)}
    assert len(codes) == 2000
    assert receipt_code("uuid:1") in codes


def test_resume_codes_are_drawn_anew_each_time():
    codes = {new_resume_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(set(code) <= set(ALPHABET) and len(code) == 8 for code in codes)
