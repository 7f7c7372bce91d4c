"""The experts' panel as a form: live consistency through the real engine, and judgements read back."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import pytest

from pk_research.errors import BadInput
from pk_research.indicators.composite import ahp
from pk_research.products.flagship import judgements_of, panel, panel_form, write_panel_form
from pk_research.products.flagship.criteria import criterion_name
from pk_research.survey import Surroundings, check_submission
from pk_research.survey.xlsform.opening import open_xlsform

CRITERIA = ["market", "price", "capital", "technology"]
PAIRS = list(combinations(CRITERIA, 2))
MORNING = datetime(2026, 11, 2, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return open_xlsform(write_panel_form(CRITERIA, tmp_path_factory.mktemp("panel") / "ahp_panel.xlsx"))


def judged(form, degrees, *, consent: str = "yes"):
    """Return a session in which pairs got these degrees, in order."""
    session = form.start(Surroundings(clock=lambda: MORNING, seed=1))
    session.answer("/data/opening/consent", consent)
    for number, degree in enumerate(degrees, start=1):
        session.answer(f"/data/page_{number:02}/pair_{number:02}", str(degree))
    return session


def ratios(degrees) -> dict[tuple[str, str], float]:
    return {pair: d if d > 0 else -1 / d for pair, d in zip(PAIRS, degrees, strict=True)}


CONSISTENT = [3, 3, 9, 1, 3, 3]
CONTRADICTING = [9, 9, -9, 1, 3, 3]


class TestTheForm:
    def test_it_compiles_without_flaw_in_both_languages(self, opened):
        assert (opened.compiled.warnings, opened.doubts, opened.form.doubts) == ((), (), ())
        assert len(opened.form.languages) == 2

    def test_the_degrees_are_said_in_words(self, opened):
        view = judged(opened.form, []).view("/data/page_01/pair_01")
        assert view.label.words.endswith(
            f"{criterion_name('market', 'id')} atau {criterion_name('price', 'id')}?"
        )
        assert len(view.choices) == 9
        assert view.choices[4].value == "1"

    @pytest.mark.parametrize("degrees", [CONSISTENT, CONTRADICTING, [1, 1, 1, 1, 1, 1]])
    def test_weights_and_consistency_are_those_of_the_hierarchy_process(self, opened, degrees):
        session = judged(opened.form, degrees)
        exact = ahp(ratios(degrees))
        weights = [float(session.value(f"/data/weight_{name}")) for name in CRITERIA]
        assert sum(weights) == pytest.approx(1)
        if exact.is_consistent:
            assert weights == pytest.approx(list(exact.weights.values()), abs=0.01)
        ratio = float(session.value("/data/ratio"))
        assert (ratio <= 0.1) == exact.is_consistent
        assert ratio == pytest.approx(exact.consistency_ratio, rel=0.25, abs=0.01)

    def test_nothing_is_said_before_every_pair_is_judged(self, opened):
        session = judged(opened.form, CONSISTENT[:5])
        assert session.value("/data/complete") == "0"
        assert session.value("/data/ratio") == ""
        assert not session.view("/data/result").is_relevant

    def test_a_changed_judgement_changes_the_verdict_at_once(self, opened):
        session = judged(opened.form, CONTRADICTING)
        assert session.view("/data/result/contradicting").is_relevant
        again = [n for n in range(1, 7) if session.view(f"/data/result/again_{n:02}").is_relevant]
        worst = ahp(ratios(CONTRADICTING)).worst
        assert [PAIRS[n - 1] for n in again] == [worst]
        session.answer(f"/data/page_{again[0]:02}/pair_{again[0]:02}", "9")
        assert session.view("/data/result/consistent").is_relevant
        assert not session.view("/data/result/contradicting").is_relevant

    def test_random_judgements_get_the_same_verdict_but_near_the_line(self, opened):
        rng = np.random.default_rng(0)
        for _ in range(25):
            degrees = rng.choice([9, 7, 5, 3, 1, -3, -5, -7, -9], 6)
            exact = ahp(ratios(degrees)).consistency_ratio
            ratio = float(judged(opened.form, degrees).value("/data/ratio"))
            assert (ratio <= 0.1) == (exact <= 0.1) or abs(exact - 0.1) < 0.02


class TestReadingBack:
    def test_what_experts_send_is_what_the_panel_weighs(self, opened):
        sent = [judged(opened.form, CONSISTENT).finish(), judged(opened.form, [1, 3, 5, 1, 3, 3]).finish()]
        assert [check_submission(opened.form, xml) for xml in sent] == [(), ()]
        found = judgements_of(sent, CRITERIA, made=True)
        assert found.judgements["E1"] == pytest.approx(ratios(CONSISTENT))
        weights = panel(found.judgements).weights
        assert sum(weights.values()) == pytest.approx(1)
        assert max(weights, key=weights.get) == "market"
        assert "Data buatan" in found.in_words("id")

    def test_the_unfinished_and_the_unwilling_are_told(self, opened):
        half = judged(opened.form, CONSISTENT).finish().replace("<pair_03>9</pair_03>", "<pair_03/>")
        found = judgements_of([half, judged(opened.form, [], consent="no").finish()], CRITERIA)
        assert dict(found.incomplete) == {"E1": 1}
        assert found.n_declined == 1
        assert found.judgements == {}

    def test_an_answer_off_the_scale_is_refused(self, opened):
        xml = judged(opened.form, CONSISTENT).finish().replace("<pair_03>9<", "<pair_03>99<")
        with pytest.raises(BadInput, match="99"):
            judgements_of([xml], CRITERIA)

    def test_nobody(self):
        with pytest.raises(BadInput, match="nobody"):
            judgements_of([], CRITERIA)


TOO_MANY = [f"c{n}" for n in range(16)]
HALAL = {"halal": {"id": "Kehalalan", "en": "Halal assurance"}}


@pytest.mark.parametrize(
    ("criteria", "said"),
    [
        (["market", "price"], "2 are given, or some twice"),
        (["market", "market", "price"], "3 are given, or some twice"),
        (["Pasar", "market", "price"], "'Pasar'.*cannot be a name in a form"),
        (TOO_MANY, "16 are given"),
    ],
)
def test_criteria_that_make_no_form(criteria, said):
    with pytest.raises(BadInput, match=said):
        panel_form(criteria)


class TestNames:
    def test_criteria_of_others_are_asked_with_the_names_given(self, tmp_path):
        path = write_panel_form(["market", "price", "halal"], tmp_path / "halal.xlsx", names=HALAL)
        view = judged(open_xlsform(path).form, []).view("/data/page_02/pair_02")
        assert view.label.words.endswith("Pasar atau Kehalalan?")

    def test_every_missing_name_is_told_at_once(self):
        names = {"halal": {"id": "Kehalalan", "en": " "}, "hala": {"id": "x", "en": "x"}}
        with pytest.raises(BadInput) as caught:
            panel_form(["market", "halal", "taste"], names=names)
        assert [(p.where, p.what) for p in caught.value.problems] == [
            ("criterion 'halal'", "it has no name for people in: en"),
            ("criterion 'taste'", "it has no name for people in: id, en"),
            ("names, 'hala'", "no criterion has this code"),
        ]


def version_of(book) -> str:
    return dict(zip(*book.sheets["settings"].rows, strict=True))["version"]


class TestVersion:
    def test_the_same_form_has_the_same_version(self):
        assert version_of(panel_form(CRITERIA)) == version_of(panel_form(CRITERIA))

    def test_another_form_has_another_version(self):
        renamed = {"market": {"id": "Pasar luar", "en": "Outer market"}}
        books = [
            panel_form(CRITERIA),
            panel_form(CRITERIA[:3]),
            panel_form(CRITERIA[::-1]),
            panel_form(CRITERIA, names=renamed),
        ]
        assert len({version_of(book) for book in books}) == len(books)

    def test_a_version_given_reaches_the_file(self, tmp_path):
        path = write_panel_form(CRITERIA, tmp_path / "panel.xlsx", form_id="panel_2026", version="2026-11")
        form = open_xlsform(path).form
        assert (form.identifier, form.version) == ("panel_2026", "2026-11")


def test_fillings_of_another_panel_are_refused(opened):
    sent = [judged(opened.form, CONSISTENT).finish()]
    with pytest.raises(BadInput, match="not the one of these 3 criteria"):
        judgements_of(sent, CRITERIA[:3])
