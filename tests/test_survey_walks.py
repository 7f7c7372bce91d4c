"""Real questionnaires, filled at random from start to submission.

Each of the 36 forms found in public repositories is either filled, or refused in plain words. On
the way every shortcut of the engine is held against the long way round: what an answer changed
must be what recalculating everything would have found.
"""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pk_research.errors import BadInput, NotFound
from pk_research.survey import (
    Form,
    NodeView,
    Session,
    Surroundings,
    check_submission,
    compile_xlsform,
    repair_xlsform,
)
from pk_research.survey.definition import Control
from pk_research.survey.xlsform.faults import find_faults
from pk_research.survey.xlsform.workbook import read_workbook

REPAIRABLE = {
    "TerraFirmaMozambique__Hluvukani_E_perguntas_frequentes.xlsx": "like the form's outermost element",
    "getodk__ifrc-distribution-site-assessment-v1.xlsx": "it is a .xls file under another name",
    "global-121__xlsform.xlsx": "the column 'type' is there 2 times",
    "validmeasures__liberiaCoverage.xlsx": "has the name of row",
    "validmeasures__liberiaCoverageVillageForm.xlsx": "has the name of row",
}
REFUSED = {
    "PMA-2020__assessment_endemic.xlsx": "there is no question type 'db:person'",
    "PMA-2020__fp_follow_up_long_term.xlsx": "there is no question type 'db:person'",
    "RHoMIS__invalid-survey.xlsx": "the list 'animal_feeds' is not on the sheet 'choices'",
    "hotosm__buildings.xls": "the list 'yes_no' is not on the sheet 'choices'",
    "hotosm__health.xls": "the list 'yes_no' is not on the sheet 'choices'",
    "hotosm__landuse.xls": "the 'parameters' value is invalid",
    "hotosm__places.xls": "the file 'place.geojson' and a list of choices are both named 'place'",
    "unhcr__form.xls": "there is no question type 'numeric'",
    "wataru57__kobo.xlsx": "there is no sheet 'survey', only Sheet1",
}

NOW = datetime(2026, 5, 17, 9, 30, tzinfo=UTC)
CANDIDATES: dict[str, list[str]] = {
    "int": ["1", "0", "2", "5", "12", "25", "60", "100", "1990", "2020", "100000", "-1", "99"],
    "decimal": ["1.5", "0", "12.25", "36.6", "70", "150", "-1.5"],
    "date": ["2026-05-17", "2020-02-29", "1990-01-01", "2026-06-30"],
    "time": ["08:30:00.000+00:00", "23:59:00.000+00:00"],
    "dateTime": [
        "2018-06-01T08:30:00.000+00:00",
        "2026-05-17T08:30:00.000+00:00",
        "2020-01-01T00:00:00.000+00:00",
    ],
    "geopoint": ["-6.25 107.01 12 5", "0 0 0 0"],
    "geotrace": ["-6.25 107.01 0 0;-6.26 107.02 0 0"],
    "geoshape": ["-6.25 107.01 0 0;-6.26 107.02 0 0;-6.25 107.02 0 0;-6.25 107.01 0 0"],
    "binary": ["photo.jpg"],
    "string": ["Sukamaju", "a", "0812345678", "081234567890", "251912345678", "1000123456789", "12", "OK"],
}
QUESTIONS = ("input", "select", "select1", "rank", "range", "upload", "trigger")


@pytest.fixture(scope="module")
def forms(shared: Path) -> Path:
    return shared / "conformance" / "xlsforms"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compiled")


def names(forms: Path) -> list[str]:
    return sorted(path.name for path in forms.glob("*.xls*"))


def test_all_36_forms_are_accounted_for(forms: Path) -> None:
    assert len(names(forms)) == 36 - 1  # one of the 36 rows of the provenance list is a second copy
    assert set(REPAIRABLE) | set(REFUSED) <= set(names(forms))


@pytest.mark.parametrize("name", sorted({**REPAIRABLE, **REFUSED}))
def test_a_form_that_does_not_compile_is_refused_in_plain_words(forms: Path, name: str) -> None:
    with pytest.raises(BadInput) as refusal:
        compile_xlsform(forms / name)
    text = "\n".join(map(str, refusal.value.problems))
    assert {**REPAIRABLE, **REFUSED}[name] in text
    assert "Error" not in text
    assert "Traceback" not in text


def test_no_fault_is_told_of_a_form_that_compiles(forms: Path) -> None:
    for name in sorted({*names(forms)} - {*REPAIRABLE, *REFUSED}):
        found = find_faults(read_workbook(forms / name), forms / name)
        assert [str(fault.problem) for fault in found if not fault.is_doubt] == [], name


@pytest.mark.parametrize("name", sorted(REPAIRABLE))
def test_a_mechanical_fault_is_repaired_into_a_copy(forms: Path, name: str, tmp_path: Path) -> None:
    repaired = repair_xlsform(forms / name, tmp_path / name)
    assert repaired.done
    form = compile_xlsform(repaired.path).open(missing_lists_are_empty=True)
    walk(form, seed=1)


def test_every_form_that_compiles_is_filled_to_submission(forms: Path, cache: Path) -> None:
    unfinished = []
    for name in names(forms):
        if name in REPAIRABLE or name in REFUSED:
            continue
        compiled = compile_xlsform(forms / name, cache=cache)
        form = compiled.open(resource=made_up_list, missing_lists_are_empty=True)
        walks = (walk(form, seed=seed) for seed in range(1, 9))
        session = next((session for session in walks if not session.problems()), None)
        if session is None:
            unfinished.append(name)
            continue
        assert session.errors == []
        assert check_submission(form, session.finish()) == (), name
    assert unfinished == []


def made_up_list(address: str) -> bytes | None:
    """One form takes its choices from a file that was not published with it."""
    if not address.endswith("assoc_povo.csv"):
        return None
    rows = [f"{number},Povoado {number},{key}" for number, key in enumerate(CANDIDATES["string"])]
    return "\n".join(["pov_id_key,pov_name,assoc_id_key", *rows]).encode()


def walk(form: Form, *, seed: int) -> Session:
    """Answer questions at random until nothing is missing, then a while longer."""
    draw = random.Random(seed)
    session = form.start(Surroundings(clock=lambda: NOW, seed=seed))
    for _ in range(3):
        for view in session.nodes():
            if view.kind == "repeat" and view.is_relevant and not view.is_controlled:
                grow(session, view.path)
            elif view.kind in QUESTIONS:
                answer_somehow(session, view.path, draw)
        assert_nothing_was_forgotten(session)
    for violation in session.problems():
        answer_somehow(session, violation.path, draw)
    return session


def grow(session: Session, path: str) -> None:
    """Add an instance, if the repeat is still there and small."""
    try:
        if session.count(path) < 2:
            session.add_repeat(path)
    except NotFound:
        return


def answer_somehow(session: Session, path: str, draw: random.Random) -> None:
    """Try answers until one keeps the rules."""
    try:
        view = session.view(path)
    except NotFound:  # an earlier answer took its repeat instance away
        return
    if not view.is_relevant or view.is_readonly or session.state(path).definition.rule("value") is not None:
        return
    scale = session.state(path).definition.control if view.kind == "range" else None
    for answer in marks(scale, draw) if scale is not None else possible_answers(view, draw):
        session.answer(path, answer)
        state = session.state(path)
        if state.is_constrained_well and (state.text or not state.is_required):
            return


def marks(scale: Control, draw: random.Random) -> list[str]:
    start, end, step = (Decimal(scale.attributes[name]) for name in ("start", "end", "step"))
    found = [str(start + number * step) for number in range(int((end - start) / step) + 1)]
    draw.shuffle(found)
    return found


def possible_answers(view: NodeView, draw: random.Random) -> list[str]:
    if view.choices is not None:
        values = list(dict.fromkeys(choice.value for choice in view.choices if choice.value))
        draw.shuffle(values)
        if view.kind == "rank":
            return [" ".join(values)]
        if view.kind == "select":
            return [" ".join(values[: draw.randint(1, 3)]), *values]
        return values[:20]
    if view.kind == "trigger":
        return ["OK"]
    found = list(CANDIDATES.get(view.type, CANDIDATES["string"]))
    draw.shuffle(found)
    return found


def assert_nothing_was_forgotten(session: Session) -> None:
    """The state after many small updates is the state after working everything out anew."""
    before = [(v.path, v.value, v.is_relevant, v.is_required, v.violation) for v in session.nodes()]
    session.recalculate()
    after = [(v.path, v.value, v.is_relevant, v.is_required, v.violation) for v in session.nodes()]
    unstable = re.compile(r"random|uuid|now")
    moving = {
        d.path
        for d in session.form.definitions()
        if d.rule("value") is not None and unstable.search(d.rule("value").source)
    }
    plain = [re.sub(r"\[\d+\]", "", state[0]) for state in before]
    changed = [b for b, a, path in zip(before, after, plain, strict=True) if a != b and path not in moving]
    assert changed == []
