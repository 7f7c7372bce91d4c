"""How long a thousand submissions take to be written in each layout researchers ask for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from pk_research.sample import make_filling
from pk_research.survey import Filled, Form
from pk_research.survey.exchange import Tables, central_odata, central_zip, datasets, from_filled, kobo_xlsx
from pk_research.survey.questionnaires import find_questionnaire

FILLINGS = 1000
DIFFERENT = 50
"""Made anew; the others repeat their answers, for making takes longer than writing."""
MORNING = datetime(2026, 11, 2, 2, tzinfo=UTC)
LAYOUTS: dict[str, Callable[[Tables], object]] = {
    "ODK Central, CSV": central_zip,
    "ODK Central, OData": lambda tables: json.dumps(central_odata(tables)),
    "KoboToolbox, XLSX": kobo_xlsx,
    "datasets with codebooks": datasets,
}


@pytest.fixture(scope="module")
def form() -> Form:
    return find_questionnaire("village_potential").open()


@pytest.fixture(scope="module")
def fillings(form: Form) -> list[Filled]:
    made = [make_filling(form, seed=seed, begun_at=MORNING) for seed in range(DIFFERENT)]
    return [
        Filled(
            f"uuid:made-{number}",
            form.identifier,
            form.version,
            made[number % DIFFERENT],
            MORNING + timedelta(minutes=number),
        )
        for number in range(FILLINGS)
    ]


@pytest.fixture(scope="module")
def tables(form: Form, fillings: list[Filled]) -> Tables:
    return from_filled([form], fillings)


@pytest.mark.benchmark(group="survey: a thousand submissions written")
def test_laying_out(benchmark: BenchmarkFixture, form: Form, fillings: list[Filled]) -> None:
    """What comes before every layout: XML to linked tables."""
    tables = benchmark.pedantic(from_filled, ([form], fillings), rounds=5, warmup_rounds=1)
    assert len(tables.fillings) == FILLINGS


@pytest.mark.benchmark(group="survey: a thousand submissions written")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_writing(benchmark: BenchmarkFixture, tables: Tables, layout: str) -> None:
    assert benchmark.pedantic(LAYOUTS[layout], (tables,), rounds=5, warmup_rounds=1)
