"""An experiment as a form: compiled without flaw, filled through the engine, read back whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from products_experiment_tables import TASTES, TRUTH, snack_design

from pk_research.errors import BadInput
from pk_research.products.experiments import (
    ExperimentTexts,
    KnownTastes,
    answers_of,
    choices_of,
    experiment_form,
    made_answers,
    made_choices,
    made_fillings,
    multinomial_logit,
    write_experiment_form,
)
from pk_research.survey import Filled, Surroundings, check_submission
from pk_research.survey.xlsform.opening import open_xlsform

MORNING = datetime(2026, 11, 2, 2, tzinfo=UTC)
TEXTS = ExperimentTexts("emping_choice", "Pilihan Emping", "Choosing Emping")


@pytest.fixture(scope="module")
def design():
    return snack_design()


@pytest.fixture(scope="module")
def opened(design, tmp_path_factory):
    return open_xlsform(write_experiment_form(design, TEXTS, tmp_path_factory.mktemp("form") / "emping.xlsx"))


def test_the_form_compiles_without_flaw_in_both_languages(opened):
    assert (opened.compiled.warnings, opened.doubts, opened.form.doubts) == ((), (), ())
    assert opened.form.languages == ("Bahasa Indonesia (id)", "English (en)")


def test_the_version_is_that_of_the_content_unless_one_is_given(design):
    def version_of(texts, of=design):
        book = experiment_form(of, texts)
        return dict(zip(*book.sheets["settings"].rows, strict=True))["version"]

    assert version_of(TEXTS) == version_of(TEXTS)
    others = [replace(TEXTS, question_en="Which one?"), replace(TEXTS, title_id="Pilihan")]
    found = [version_of(TEXTS), *map(version_of, others), version_of(TEXTS, snack_design(seed=7))]
    assert len(set(found)) == len(found)
    assert version_of(replace(TEXTS, version="2026-11")) == "2026-11"


def begun(form, **answers):
    session = form.start(Surroundings(seed=1, clock=lambda: MORNING))
    session.answer("/data/opening/consent", "yes")
    for name, value in answers.items():
        session.answer(f"/data/numbering/{name}", value)
    return session


def pages(session) -> list[int]:
    names = [f"/data/page_{n:02}" for n in range(1, 13)]
    return [n for n, path in enumerate(names, 1) if session.view(path).is_relevant]


def test_a_respondent_sees_the_sets_of_one_block_one_page_each(opened, design):
    session = begun(opened.form, given_block="2")
    assert pages(session) == [7, 8, 9, 10, 11, 12]
    view = session.view("/data/page_07/set_07")
    assert view.label.words.startswith("**Pilihan 1 dari 6.** Mana yang akan Anda beli?")
    assert [choice.value for choice in view.choices] == ["a", "b", "none"]
    first = design.table("id").query("Set == 7").iloc[0]
    assert view.choices[0].label == (
        f"**A**\nRasa: {first['Rasa']}\nKemasan: {first['Kemasan']}\nPromosi: {first['Promosi']}\n"
        f"Harga: {first['Harga']}"
    )
    assert view.choices[2].label == "Tidak satu pun"


def test_a_block_is_drawn_where_none_is_given(opened):
    drawn = set()
    for seed in range(12):
        session = opened.form.start(Surroundings(seed=seed, clock=lambda: MORNING))
        session.answer("/data/opening/consent", "yes")
        drawn.add(session.value("/data/block"))
        assert len(pages(session)) == 6
    assert drawn == {"1", "2"}


def test_who_declines_is_asked_nothing(opened):
    session = begun(opened.form)
    session.answer("/data/opening/consent", "no")
    assert pages(session) == []
    assert session.problems() == []


def test_made_people_fill_the_real_form_and_nothing_is_lost_on_the_way(opened, design):
    fillings = made_fillings(design, opened.form, TASTES, 12, begun_at=MORNING, skipped=0.1, seed=3)
    assert [check_submission(opened.form, xml) for xml in fillings[:3]] == [()] * 3
    answers = answers_of(fillings)
    assert answers["respondent"].is_unique
    names = {xml_id: f"made-{n:04}" for n, xml_id in enumerate(answers["respondent"], 1)}
    through = choices_of(answers.assign(respondent=answers["respondent"].map(names)), design, made=True)
    direct = made_choices(design, TASTES, 12, skipped=0.1, seed=3)
    assert_frame_equal(through.frame, direct.frame, check_dtype=False)
    assert_frame_equal(through.unanswered, direct.unanswered, check_dtype=False)
    assert len(through.unanswered) + through.n_choices == 12 * 6
    assert len(through.unanswered) > 0


def test_the_same_seed_fills_the_same(opened, design):
    one, same = (made_fillings(design, opened.form, TASTES, 2, begun_at=MORNING, seed=1) for _ in range(2))
    assert one == same


def test_the_form_of_another_design_is_not_filled(opened):
    other = snack_design(n_alternatives=3, n_starts=1)
    with pytest.raises(BadInput, match="does not accept 'c'"):
        made_fillings(other, opened.form, KnownTastes(({"none": -9.0},)), 5, begun_at=MORNING)


def test_a_filling_from_the_store_keeps_its_identifier(opened, design):
    xml = made_fillings(design, opened.form, TASTES, 1, begun_at=MORNING)[0]
    answers = answers_of([Filled("uuid:first", "emping_choice", "1", xml, MORNING)])
    assert answers["respondent"].tolist() == ["uuid:first"]


def answers(text: str) -> pd.DataFrame:
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    table = pd.DataFrame(rows[1:], columns=rows[0], dtype="str")
    return table.mask(table == "")


def test_what_is_left_open_is_listed():
    design = snack_design(n_sets=4, n_starts=1)
    found = choices_of(
        answers(
            """
            respondent | consent | block | set_01 | set_02 | set_03 | set_04
            ani        | yes     | 1     | a      |        |        |
            budi       | yes     | 2     |        |        | none   | b
            citra      | no      | 1     |        |        |        |
            """
        ),
        design,
    )
    assert found.unanswered.to_numpy().tolist() == [["ani", 1, 2]]
    assert found.declined == ("citra",)
    chosen = found.frame.query("chosen == 1")
    assert chosen[["respondent", "set", "alternative"]].to_numpy().tolist() == [
        ["ani", 1, "a"], ["budi", 3, "none"], ["budi", 4, "b"],
    ]  # fmt: skip
    assert found.in_words("en") == (
        "2 respondents answered 3 sets. “None of these” was chosen 1 times. 1 sets shown to 1 respondents "
        "were not answered and are left out. 1 people declined to take part."
    )
    assert found.table("id")["Kali ditampilkan"].sum() == 4 * 3 * 2


def test_answers_that_do_not_belong_to_the_design_are_told_at_once():
    design = snack_design(n_sets=4, n_starts=1)
    with pytest.raises(BadInput) as caught:
        choices_of(
            answers(
                """
                respondent | block | design_mark | set_01 | set_02 | set_03 | set_04
                ani        | 1     | other       | a      | d      |        |
                ani        | 3     | other       |        |        |        |
                budi       | 2     | other       | a      |        |        |
                """
            ),
            design,
        )
    assert [problem.what for problem in caught.value.problems] == [
        "1 rows repeat a respondent or name none, for example ani",
        "1 rows have no block of this design, for example 3",
        "3 rows answer another design",
        "1 answers are no alternative, for example 'd'",
        "1 answers are to sets of another block than the respondent's",
    ]


def test_made_answers_say_so_wherever_they_are_shown(design):
    found = made_choices(design, TASTES, 60, seed=1)
    assert found.made
    assert found.in_words("id").startswith("Data buatan")
    model = multinomial_logit(found.data())
    assert model.in_words("en").startswith("Made data")
    assert set(model.table("en")["Note"]) == {"Made data (an example), not observed"}


def test_tastes_of_no_coefficient_are_refused(design):
    with pytest.raises(BadInput, match="there is no coefficient 'colour'"):
        made_answers(design, KnownTastes(({**TRUTH, "colour": 1.0},)), 5)
    with pytest.raises(BadInput, match="they are"):
        made_answers(design, KnownTastes((TRUTH, TRUTH)), 5)
