"""Made fillings: sound, the same for the same seed, and what is given is kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from pk_research.errors import BadInput
from pk_research.sample import make_filling
from pk_research.survey import Form, check_submission
from pk_research.survey.questionnaires import find_questionnaire

MORNING = datetime(2026, 11, 2, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def form() -> Form:
    return find_questionnaire("village_potential").open()


@pytest.mark.parametrize("seed", range(3))
def test_a_made_filling_keeps_every_rule_of_its_form(form, seed):
    xml = make_filling(form, seed=seed, begun_at=MORNING)
    assert check_submission(form, xml) == ()
    assert make_filling(form, seed=seed, begun_at=MORNING) == xml


def test_what_is_given_is_not_left_to_chance(form):
    given = {"kecamatan_code": "321601", "village_code": "3216012001"}
    xml = make_filling(form, seed=1, begun_at=MORNING, minutes=45, answers=given)
    assert "<village_code>3216012001</village_code>" in xml
    assert "2026-11-02T02:00" in xml
    assert "2026-11-02T02:45" in xml


def test_an_answer_that_breaks_the_rules_is_told(form):
    with pytest.raises(BadInput, match=r"no answers were found for .*male_population"):
        make_filling(form, seed=1, begun_at=MORNING, answers={"male_population": "-5"})


def test_fillings_of_two_forms_are_never_the_same_submission():
    forms = [find_questionnaire(name).open() for name in ("coordination_log", "umkm")]
    made = [make_filling(form, seed=1, begun_at=MORNING) for form in forms]
    one, other = (re.search("<instanceID>(.*?)<", xml)[1] for xml in made)
    assert one != other
