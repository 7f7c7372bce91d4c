"""How long the server works on one answer, applied and drawn anew, and on a form's first screen."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from benchmarks.test_survey_engine import QUESTIONS, big_form, path_of
from pytest_benchmark.fixture import BenchmarkFixture

from pk_research.apps.survey.markup import form_markup
from pk_research.sample import make_filling
from pk_research.survey import Form, Surroundings, parse_form
from pk_research.survey.questionnaires import find_questionnaire, questionnaires
from pk_research.survey.screen import Filling

BIG = f"{QUESTIONS} made questions on one page"
MORNING = datetime(2026, 11, 2, 2, tzinfo=UTC)
NAMES = [BIG, *(questionnaire.name for questionnaire in questionnaires())]


@pytest.fixture(params=NAMES, scope="module")
def form(request: pytest.FixtureRequest) -> Form:
    return parse_form(big_form()) if request.param == BIG else find_questionnaire(request.param).open()


@pytest.fixture
def filling(form: Form) -> Filling:
    """A filling somebody is at the end of: whatever applies is answered."""
    if form.identifier == "big":
        filling = Filling.begin(form, surroundings=Surroundings(seed=7))
        for number in range(0, QUESTIONS, 3):
            filling.session.answer(path_of(number), str(number % 25))
        return filling
    return Filling.restore(form, make_filling(form, seed=7, begun_at=MORNING), {}, Surroundings(seed=7))


def answered(filling: Filling) -> list[tuple[str, str]]:
    """Return the questions somebody answered, with their answers."""
    return [
        (node.path, node.value)
        for node in filling.session.nodes()
        if node.value and not node.is_readonly and node.kind not in {"value", "note"}
    ]


@pytest.mark.benchmark(group="survey: one answer, applied and drawn anew")
def test_one_answer(benchmark: BenchmarkFixture, filling: Filling) -> None:
    """Every answer is taken back and given again: rules that depend on it switch off and on."""
    given = answered(filling)
    turns = itertools.cycle([(path, text) for path, value in given for text in ("", value)])
    numbers = itertools.count(1)

    def answer() -> dict:
        path, value = next(turns)
        return filling.apply("phone", [{"n": next(numbers), "op": "answer", "path": path, "value": value}])

    patch = benchmark(answer)
    benchmark.extra_info["answers"] = len(given)
    assert patch["errors"] == []
    assert patch["nodes"] or patch["tree"]


@pytest.mark.benchmark(group="survey: the first screen as HTML")
def test_first_screen(benchmark: BenchmarkFixture, form: Form) -> None:
    """A draft begun, worked out, drawn as data and as HTML: what the server does before it answers."""

    def show() -> str:
        filling = Filling.begin(form, surroundings=Surroundings(seed=7))
        return form_markup(filling.screen(), "id")

    page = benchmark(show)
    benchmark.extra_info["kB of HTML"] = round(len(page.encode()) / 1000)
    assert 'class="pk-question"' in page
