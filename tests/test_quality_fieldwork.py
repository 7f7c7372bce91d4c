"""Is the fieldwork sound: who has answered, which interviews deserve a second look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pk_research.quality.fieldwork import coverage, flags, interviews
from pk_research.register import load_register
from pk_research.store.codes import receipt_code
from pk_research.survey import Filled, Form, parse_form

QUESTIONS = [f"q{number}" for number in range(12)]
FORM = f"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>Usaha</h:title><model>
  <instance><data id="usaha" version="1"><start/><end/><village_code/><income/>
  {"".join(f"<{name}/>" for name in QUESTIONS)}<meta><instanceID/></meta></data></instance>
  <bind nodeset="/data/start" jr:preload="timestamp" jr:preloadParams="start" type="dateTime"/>
  <bind nodeset="/data/end" jr:preload="timestamp" jr:preloadParams="end" type="dateTime"/>
  <bind nodeset="/data/income" type="int"/></model></h:head><h:body>
  <input ref="/data/village_code"/><input ref="/data/income"/>
  {"".join(f'<input ref="/data/{name}"/>' for name in QUESTIONS)}</h:body></h:html>"""
MORNING = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)  # nine o'clock in Bekasi


@pytest.fixture(scope="module")
def form() -> Form:
    return parse_form(FORM)


def sent(
    number: int,
    *,
    village: str = "3216012001",
    minutes: float = 20,
    begun: datetime | None = None,
    income: object = "",
    sender: str = "",
    answers: dict[str, str] | None = None,
    state: str = "received",
) -> Filled:
    """A submission; by default begun an hour after the one before, by somebody else."""
    started = begun or MORNING + timedelta(minutes=25 * (number % 20), days=number // 20)
    given = answers or {name: f"{number}-{name}" for name in QUESTIONS}
    body = "".join(f"<{name}>{value}</{name}>" for name, value in given.items())
    ended = started + timedelta(minutes=minutes)
    return Filled(
        instance_id=f"uuid:{number:08}",
        form_id="usaha",
        version="1",
        xml=f'<data id="usaha" version="1"><start>{started.isoformat()}</start><end>{ended.isoformat()}</end>'
        f"<village_code>{village}</village_code><income>{income}</income>{body}</data>",
        submitted_at=ended,
        submitter_id=sender or f"sender-{number}",
        review_state=state,
    )


def flagged(form: Form, *fillings: Filled) -> list[tuple[str, str]]:
    return [(flag.instance_id[-1], flag.check) for flag in flags(form, interviews(form, fillings))]


def test_coverage_counts_villages_by_kecamatan_and_leaves_rejected_ones_out(form):
    given = [
        sent(1, village="3216012001"),
        sent(2, village="3216012001", state="approved"),
        sent(3, village="3216012002", state="rejected"),
        sent(4, village="3216999999"),
        sent(5, village=""),
    ]
    found = coverage(interviews(form, given), load_register())
    first = next(kecamatan for kecamatan in found.kecamatan if kecamatan.code == "321601")
    assert (first.n_answered, first.n_approved, first.n_submissions) == (1, 1, 2)
    states = {entry.village.code: entry.state for entry in first.villages}
    assert [states[f"321601200{n}"] for n in (1, 2, 3)] == ["approved", "rejected", ""]
    assert (found.n_answered, found.n_villages) == (1, 187)
    assert found.elsewhere == {"3216999999": 1}
    assert found.without_village == 1


def test_ordinary_interviews_are_not_flagged(form):
    assert flagged(form, *(sent(number, income=1000 + 10 * number) for number in range(10))) == []


def test_one_much_faster_than_the_others_is_flagged_once_there_are_enough(form):
    slow = [sent(number) for number in range(7)]
    assert flagged(form, *slow[:6], sent(9, minutes=2)) == []
    assert flagged(form, *slow, sent(9, minutes=2)) == [("9", "fast")]


def test_one_person_cannot_be_at_two_interviews(form):
    first = sent(1, sender="e1", begun=MORNING, minutes=30)
    after = sent(2, sender="e1", begun=MORNING + timedelta(minutes=20))
    somebody = sent(3, sender="e2", begun=MORNING + timedelta(minutes=20))
    assert flagged(form, first, after, somebody) == [("2", "overlap")]


def test_the_time_of_day_is_that_of_the_place(form):
    assert flagged(form, sent(1, begun=datetime(2026, 11, 2, 16, 30, tzinfo=UTC))) == [("1", "night")]
    assert flagged(form, sent(1, begun=datetime(2026, 11, 2, 23, 30, tzinfo=UTC))) == []


def test_answers_copied_from_another_interview_of_the_village_are_flagged(form):
    given = {name: f"same {name}" for name in QUESTIONS}
    changed = {**given, "q0": "other"}
    elsewhere = sent(3, village="3216012002", answers=changed)
    assert flagged(form, sent(1, answers=given), sent(2, answers=changed), elsewhere) == [("2", "alike")]
    (flag,) = flags(form, interviews(form, [sent(1, answers=given), sent(2, answers=changed)]))
    assert flag.message.values["other"] == receipt_code("uuid:00000001"), "named as its receipt names it"


def test_a_number_far_from_the_others_is_flagged_with_its_question(form):
    given = [sent(number, income=1_000_000 + 1000 * number) for number in range(9)]
    found = flags(form, interviews(form, [*given, sent(9, income=100_000_000)]))
    assert [(flag.check, flag.path) for flag in found] == [("far out", "/data/income")]
    assert found[0].message.text("id") == "income bernilai 100.000.000, jauh dari jawaban lainnya."


def test_a_flag_names_its_question_by_its_label():
    label = '<input ref="/data/income"><label>Berapa penghasilannya?</label></input>'
    form = parse_form(FORM.replace('<input ref="/data/income"/>', label))
    given = [sent(number, income=1_000_000 + 1000 * number) for number in range(9)]
    (flag,) = flags(form, interviews(form, [*given, sent(9, income=100_000_000)]))
    assert flag.message.text("id").startswith("“Berapa penghasilannya?” bernilai")


def test_a_rejected_interview_is_left_aside(form):
    given = {name: f"same {name}" for name in QUESTIONS}
    first = sent(1, answers=given, state="rejected")
    assert flagged(form, first, sent(2, answers=given)) == []


def test_what_was_not_recorded_is_not_judged(form):
    bare = Filled("uuid:1", "usaha", "1", '<data id="usaha"><q0>a</q0></data>', MORNING)
    (interview,) = interviews(form, [bare])
    assert (interview.minutes, interview.village_code) == (None, "")
    assert flags(form, [interview]) == ()
