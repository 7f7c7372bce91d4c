"""The house's own questionnaires: each works, in both languages, and asks as a survey should."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pk_research.codebook import Variable, read_codebook
from pk_research.errors import NotFound
from pk_research.register import load_register
from pk_research.sample import make_filling
from pk_research.sample.questionnaire import CODEBOOK as SAMPLE
from pk_research.survey import Form, Session, Surroundings, check_submission
from pk_research.survey.codebook_of_form import CALCULATED, columns_of, repeats_of
from pk_research.survey.definition import Control
from pk_research.survey.questionnaires import (
    Questionnaire,
    codebooks_of,
    find_questionnaire,
    questionnaires,
    village_lists,
)
from pk_research.survey.static_texts import StaticTexts
from pk_research.survey.xlsform.workbook import read_workbook

NAMES = (
    "bumdes_profile",
    "coordination_log",
    "hotel_demand",
    "product_dossier",
    "umkm",
    "village_potential",
)
LANGUAGES = ("Bahasa Indonesia (id)", "English (en)")
NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
REGISTER = load_register()
COMPILER_MADE = ("generated_table_list_label_", "reserved_name_for_field_list_labels_")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("questionnaires")


@pytest.fixture(params=NAMES)
def questionnaire(request: pytest.FixtureRequest, project: Path) -> Questionnaire:
    return find_questionnaire(request.param, project)


@pytest.fixture(scope="session")
def opened(project: Path, cache: Path) -> Callable[[str], Form]:
    """Give a questionnaire by its name, read once: a form is never changed, only fillings are."""
    return functools.cache(lambda name: find_questionnaire(name, project).open(cache=cache))


@pytest.fixture
def form(questionnaire: Questionnaire, opened: Callable[[str], Form]) -> Form:
    return opened(questionnaire.name)


@pytest.fixture
def start(opened: Callable[[str], Form]):
    def begin(name: str) -> Session:
        return Filling(opened(name).start(Surroundings(clock=lambda: NOW, seed=1)))

    return begin


class Filling:
    """A filling whose questions are called by name."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def path(self, name: str, *, item: int = 1) -> str:
        node = next(node for node in self.session.form.definitions() if node.local == name)
        repeats = [above.path for above in node.lineage() if above.repeat is not None]
        return node.path.replace(repeats[-1], f"{repeats[-1]}[{item}]") if repeats else node.path

    def answer(self, *, item: int = 1, **answers: object) -> Filling:
        for name, value in answers.items():
            self.session.answer(self.path(name, item=item), str(value))
        return self

    def begin(self, village: str = "3216012001") -> Filling:
        self.answer(consent="yes", kecamatan_code=village[:6], village_code=village)
        return self

    def __getitem__(self, name: str) -> str:
        return self.session.value(self.path(name)).removesuffix(".0")  # as a decimal is written

    def shows(self, name: str) -> bool:
        return self.session.view(self.path(name)).is_relevant

    def faults(self) -> set[str]:
        return {violation.path.rpartition("/")[2] for violation in self.session.problems()}


# --- finding them


def test_there_are_six(project):
    assert tuple(one.name for one in questionnaires(project)) == NAMES
    assert all(one.path.stem == one.name for one in questionnaires(project))


def test_an_unknown_name_is_answered_with_those_there_are(project):
    with pytest.raises(NotFound, match="village_potential"):
        find_questionnaire("potensi", project)


def test_a_folder_without_questionnaires_is_not_found(tmp_path):
    with pytest.raises(NotFound, match="no such folder"):
        questionnaires(tmp_path)


def test_the_attached_lists_are_there(questionnaire):
    assert set(questionnaire.attachments()) == {"kecamatan.csv", "villages.csv"}


# --- they work


def test_it_compiles_without_remarks(questionnaire, form, cache):
    assert questionnaire.compile(cache=cache).warnings == ()
    assert form.doubts == ()
    assert (form.identifier, form.version) == (questionnaire.name, questionnaire.version)
    assert re.fullmatch(r"20\d{8}", form.version)


def test_nothing_is_left_untranslated(questionnaire, form):
    assert form.languages == LANGUAGES
    book = read_workbook(questionnaire.path)
    for name in ("survey", "choices"):
        for number, row in book.sheet(name).records():
            for column in {header.partition("::")[0] for header in row if "::b" in header}:
                texts = [row.get(f"{column}::{language.lower()}", "") for language in LANGUAGES]
                assert all(texts) or not any(texts), f"{name}, row {number}, {column}"
    for control in _controls(form):
        made = control.node is not None and control.node.local.startswith(COMPILER_MADE)
        if control.node is not None and control.kind not in ("group", "repeat") and not made:
            words = StaticTexts(form).of_question(control.node)
            assert words.id not in ("", control.node.local), control.node.path
            assert words.en, control.node.path


def test_every_page_has_a_title_in_both_languages(questionnaire):
    inside = 0
    for number, row in read_workbook(questionnaire.path).sheet("survey").records():
        kind = row.get("type", "").replace(" ", "_")
        inside += {"begin_repeat": 1, "end_repeat": -1}.get(kind, 0)
        if kind == "begin_group" and not inside:
            assert all(row.get(f"label::{language.lower()}") for language in LANGUAGES), f"row {number}"


@pytest.mark.parametrize("seed", range(1, 5))
def test_it_can_be_filled_at_random_to_a_sound_submission(form, seed):
    assert check_submission(form, make_filling(form, seed=seed, begun_at=NOW)) == ()


def test_saying_no_ends_it(form):
    session = form.start(Surroundings(clock=lambda: NOW, seed=1))
    session.answer("/data/opening/consent", "no")
    asked = [v.path for v in session.nodes() if v.is_relevant and v.kind not in ("note", "value", "root")]
    assert asked == ["/data/opening", "/data/opening/consent", "/data/meta"]
    assert session.view("/data/opening/thanks_no").is_relevant
    assert check_submission(form, session.finish()) == ()


def test_without_consent_nothing_is_asked(form):
    session = form.start(Surroundings(clock=lambda: NOW, seed=1))
    assert {violation.path for violation in session.problems()} == {"/data/opening/consent"}


# --- the village comes from the register


def test_the_lists_of_villages_are_the_registers(project):
    for name, content in village_lists(REGISTER).items():
        assert (project / "data" / "questionnaires" / name).read_bytes() == content


def test_every_village_can_be_chosen_and_no_other(form):
    filling = Filling(form.start(Surroundings(clock=lambda: NOW, seed=1)))
    filling.answer(consent="yes")
    if form.identifier == "coordination_log":
        filling.answer(action_scope="village")
    path = filling.path("village_code")
    offered = set()
    for kecamatan in REGISTER.kecamatan():
        filling.answer(kecamatan_code=kecamatan)
        offered |= {choice.value for choice in filling.session.choices(path)}
    assert offered == {village.code for village in REGISTER}
    filling.answer(kecamatan_code="321601", village_code="3216229999")
    assert filling.session.value(path) == ""


def test_choosing_another_kecamatan_asks_for_the_village_again(start):
    filling = start("village_potential").begin("3216012001").answer(kecamatan_code="321602")
    assert filling["village_code"] == ""
    assert "village_code" in filling.faults()


def test_the_names_of_the_village_come_with_its_code(start):
    filling = start("village_potential").begin("3216011007")
    assert (filling["village"], filling["kecamatan"]) == ("Setia Asih", "Tarumajaya")
    assert filling["village_kind"] == "kelurahan"
    assert not filling.shows("village_fund_idr_year")


def test_a_kelurahan_has_no_bumdes(start):
    filling = start("bumdes_profile").begin("3216011007")
    assert filling.shows("check_kelurahan")
    assert not filling.shows("bumdes_name")


# --- they ask as a survey should


def test_every_block_begins_with_its_reason(form):
    texts = StaticTexts(form)
    blocks = [control for control in form.controls if control.node.local != "opening"]
    assert len(blocks) >= 3
    for block in blocks:
        first = next(control for control in block.walk() if control.kind not in ("group", "repeat"))
        reason = texts.of_question(first.node)
        assert first.node.local == f"why_{block.node.local}"
        assert reason.id.startswith("**Mengapa kami bertanya:** ")
        assert reason.en.startswith("**Why we ask:** ")


def test_consent_says_who_why_how_and_that_it_is_voluntary(form):
    assert form.controls[0].node.local == "opening"
    said = StaticTexts(form).of_question(form.paths["/data/opening/consent_text"])
    for part in ("**Siapa yang bertanya.**", "**Mengapa.**", "**Sukarela.**", "**Jawaban Anda.**"):
        assert part in said.id
    for part in ("**Who is asking.**", "**Why.**", "**Voluntary.**", "**Your answers.**"):
        assert part in said.en


PUBLIC_PLACES = {"plant_site_location", "establishment_location"}
NOT_PERSONS = {"bumdes_name", "unit_name", "establishment_name"}
PERSONAL = re.compile(r".*_(name|phone|address|location)|deviceid")


def test_personal_answers_are_marked(form):
    marked = {node.local for node in form.definitions() if node.bind is not None and node.bind.is_personal}
    asked = {column.definition.local for column in every_column(form)}
    assert marked == {name for name in asked if PERSONAL.fullmatch(name)} - PUBLIC_PLACES - NOT_PERSONS
    assert "deviceid" in marked
    geopoints = {node.local for node in form.definitions() if node.type == "geopoint"}
    assert geopoints <= marked | PUBLIC_PLACES


def test_nobody_has_to_give_a_name_or_a_number(form):
    required = {node.local for node in form.definitions() if node.rule("required") is not None}
    personal = {node.local for node in form.definitions() if node.bind and node.bind.is_personal}
    assert required & personal == set()


WITHOUT_CODES = {
    "consent",
    "kecamatan_code",
    "village_code",
    "partner_kecamatan_code",
    "partner_village_code",
    # what the rest of the form hangs on
    "year",
    "candidate_count",
    "unit_count",
    "partner_count",
    "product_count",
    "need_count",
    "chain_stages",
    # facts about the writer's own meeting
    "action_kind",
    "action_organisation",
    "action_partners",
    "action_scope",
    "action_status",
    "organiser",
    "participants",
}


def test_not_knowing_and_not_telling_are_answers_of_their_own(form):
    for column in every_column(form):
        node, variable = column.definition, column.variable
        is_number = variable.kind in ("integer", "number") and node.rule("value") is None
        is_choice = node.control is not None and node.control.has_choices and node.rule("value") is None
        if (is_number or is_choice) and not column.choice and node.local not in WITHOUT_CODES:
            assert [label.value for label in variable.missing] == ["-99", "-88"], variable.name


def test_every_number_has_a_unit_and_a_range(form):
    for column in every_column(form):
        variable = column.variable
        if variable.kind in ("integer", "number") and not variable.source.endswith(CALCULATED):
            assert variable.unit, variable.name
            if column.definition.rule("value") is None:
                assert variable.minimum is not None, variable.name
                # The latest year is the current one, which the form works out.
                assert variable.maximum is not None or variable.name == "year", variable.name


def test_a_number_out_of_range_is_told_what_would_do(form):
    for node in form.definitions():
        if node.type in ("int", "decimal") and node.rule("constraint") is not None:
            message = node.bind.constraint_message
            assert message is not None, node.path


def test_names_are_short_and_plain(form):
    for column in every_column(form):
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,31}", column.definition.local), column.definition.path
    for path in repeats_of(form):
        names = [column.variable.name for column in columns_of(form, path)]
        assert len(set(names)) == len(names)


def test_money_and_shares_say_so_in_their_names(form):
    for column in every_column(form):
        name, unit = column.definition.local, column.variable.unit
        assert ("_idr" in name) == unit.startswith("IDR"), name
        assert name.endswith("_pct") == (unit == "%"), name
        assert name.endswith(f"_{unit}") or unit not in ("km", "ha", "m2"), name


def test_the_same_thing_has_the_same_name_as_in_the_sample(form):
    for column in every_column(form):
        if column.variable.name in SAMPLE.names:
            assert_same_thing(column.variable, SAMPLE[column.variable.name])


def test_the_same_name_means_the_same_thing_everywhere(project, opened):
    by_name = defaultdict(list)
    for one in questionnaires(project):
        for column in every_column(opened(one.name)):
            by_name[column.variable.name].append((one.name, column.variable))
    for name, found in by_name.items():
        kinds = {(v.kind, v.unit, v.categories) for _, v in found}
        assert len(kinds) == 1, (name, [where for where, _ in found])


@pytest.mark.parametrize(
    ("name", "answers", "warning"),
    [
        ("village_potential", {"income_idr_month": 3500}, "check_income_thousands"),
        ("village_potential", {"village_fund_idr_year": 1_200_000}, "check_fund_thousands"),
        (
            "village_potential",
            {"male_population": 500, "female_population": 500, "households": 900},
            "check_household_size",
        ),
        (
            "village_potential",
            {"village_area_ha": 10, "rice_field_ha": 9, "dryland_ha": 1, "fishpond_ha": 1},
            "check_land",
        ),
        ("product_dossier", {"capacity_units_month": 10, "production_units_month": 11}, "check_capacity"),
    ],
)
def test_an_odd_figure_is_asked_about_but_not_refused(start, name, answers, warning):
    filling = start(name).begin()
    assert not filling.shows(warning)
    filling.answer(**answers)
    assert filling.shows(warning)
    assert filling.faults().isdisjoint(answers)


# --- totals add up


def test_men_and_women_add_up_to_the_population(start):
    filling = start("village_potential").begin().answer(male_population=1500, female_population=1450)
    assert filling["population"] == "2950"
    assert filling.answer(female_population=-99)["population"] == ""


def test_no_more_poor_households_than_households(start):
    filling = start("village_potential").begin().answer(households=800, poor_households=801)
    assert "poor_households" in filling.faults()
    assert "poor_households" not in filling.answer(poor_households=800).faults()
    assert "poor_households" not in filling.answer(households=-99, poor_households=900).faults()


def test_the_units_of_a_bumdes_add_up(start):
    filling = start("bumdes_profile").begin().answer(bumdes="present", unit_count=2)
    filling.answer(item=1, unit_turnover_idr_year=90_000_000, unit_cost_idr_year=70_000_000)
    assert filling["bumdes_turnover_idr_year"] == ""  # the second unit has not been asked yet
    filling.answer(item=2, unit_turnover_idr_year=10_000_000, unit_cost_idr_year=15_000_000)
    assert filling["bumdes_turnover_idr_year"] == "100000000"
    assert filling["bumdes_profit_idr_year"] == "15000000"
    filling.answer(item=2, unit_turnover_idr_year=-88)
    assert (filling["bumdes_turnover_idr_year"], filling["bumdes_profit_idr_year"]) == ("", "")
    assert filling.answer(unit_count=0)["bumdes_turnover_idr_year"] == "0"


SHARES = [
    "sales_residents_pct",
    "sales_market_pct",
    "sales_middleman_pct",
    "sales_hotel_pct",
    "sales_online_pct",
    "sales_other_pct",
]


@pytest.mark.parametrize(
    ("shares", "total", "is_right"),
    [
        ((50, 20, 10, 10, 5, 5), "100", True),
        ((50, 20, 10, 10, 5, 4), "99", False),
        ((33.3, 33.3, 33.4, 0, 0, 0), "100", True),
        ((50, 20, 10, 10, 5, -99), "", True),
    ],
)
def test_shares_of_sales_are_a_hundred_percent(start, shares, total, is_right):
    filling = start("umkm").begin().answer(**dict(zip(SHARES, shares, strict=True)))
    assert filling["sales_shares_pct"] == total
    assert ("sales_shares_pct" not in filling.faults()) is is_right


def test_sales_less_costs_are_the_profit_of_an_enterprise(start):
    filling = start("umkm").begin().answer(product_count=1).answer(sold_units_month=200, price_idr_unit=15000)
    costs = [name for name in _names(filling) if name.startswith("cost_")]
    filling.answer(**dict.fromkeys(costs, 300_000))
    assert len(costs) == 6
    assert filling["umkm_sales_idr_month"] == "3000000"
    assert filling["umkm_cost_idr_month"] == "1800000"
    assert filling["umkm_profit_idr_month"] == "1200000"


def test_each_stage_of_the_chain_buys_what_the_one_before_sells(start):
    filling = start("product_dossier").begin()
    filling.answer(price_idr_unit=25_000, chain_stages="raw processing retail", chain_input_idr_unit=2_000)
    for item, (cost, sell) in enumerate([(3_000, 8_000), (6_000, 18_000), (2_000, 25_000)], start=1):
        filling.answer(item=item, stage_cost_idr_unit=cost, stage_sell_idr_unit=sell)
    session = filling.session

    def told(name: str) -> list[str]:
        return [session.value(filling.path(name, item=item)).removesuffix(".0") for item in (1, 2, 3)]

    assert told("stage_code") == ["raw", "processing", "retail"]
    assert told("stage_buy_idr_unit") == ["2000", "8000", "18000"]
    assert told("stage_margin_idr_unit") == ["3000", "4000", "5000"]
    assert filling["chain_cost_idr_unit"] == "11000"
    assert filling["chain_margin_idr_unit"] == "12000"
    assert filling["chain_price_idr_unit"] == "25000"
    assert not filling.shows("check_chain_price")
    filling.answer(item=2, stage_sell_idr_unit=-99)
    assert told("stage_margin_idr_unit") == ["3000", "", ""]
    assert filling["chain_margin_idr_unit"] == ""


@pytest.mark.parametrize(
    ("times", "is_right"),
    [(0, True), (30, True), (60, True), (61, False), (-1, False), (-99, True), (-88, True)],
)
def test_a_village_tells_how_often_it_delivers(start, times, is_right):
    filling = start("product_dossier").begin()
    assert "deliveries_month" in filling.faults()  # it has to be answered
    assert ("deliveries_month" not in filling.answer(deliveries_month=times).faults()) is is_right


def test_the_price_above_the_original_is_a_share_of_it(start):
    filling = start("product_dossier").begin().answer(price_idr_unit=30_000, has_original="yes")
    assert filling.answer(original_price_idr_unit=20_000)["price_premium_pct"] == "50"


def test_what_a_hotel_needs_is_worth_quantity_times_price(start):
    filling = start("hotel_demand").begin().answer(need_count=2)
    filling.answer(item=1, volume_units_month=120, price_now_idr_unit=30_000)
    filling.answer(item=2, volume_units_month=10.5, price_now_idr_unit=100_000)
    assert filling["needs_value_idr_month"] == "4650000"


def test_an_action_is_for_one_village_and_not_due_before_it_starts(start):
    filling = start("coordination_log").answer(consent="yes", action_scope="village")
    filling.answer(kecamatan_code="321601", village_code="3216012001")
    filling.answer(start_date="2026-12-01", due_date="2026-11-30", budget_idr=5_000_000)
    assert "due_date" in filling.faults()
    assert "due_date" not in filling.answer(due_date="2027-03-31").faults()
    filling.session.add_repeat("/data/actions/action")
    filling.answer(item=2, action_scope="regency", budget_idr=0)
    assert (filling["action_count"], filling["actions_budget_idr"]) == ("2", "5000000")
    assert not filling.session.view(filling.path("village_code", item=2)).is_relevant


def test_the_seven_aspects_of_the_regulation_are_asked(opened):
    form = opened("bumdes_profile")
    texts = StaticTexts(form)
    titles = [texts.of_question(c.node).id for c in form.controls]
    assert [title for title in titles if title.startswith("Aspek")] == [
        "Aspek 1: Kelembagaan",
        "Aspek 2: Manajemen",
        "Aspek 3: Usaha dan unit usaha",
        "Aspek 4: Kerja sama dan kemitraan",
        "Aspek 5: Aset dan permodalan",
        "Aspek 6: Administrasi, pelaporan, dan akuntabilitas",
        "Aspek 7: Keuntungan dan manfaat bagi desa dan masyarakat",
    ]


# --- what is written down about them


def test_the_codebooks_beside_the_forms_are_those_of_the_forms(questionnaire, form):
    folder = questionnaire.path.parent
    expected = codebooks_of(form, questionnaire.name)
    for name, book in expected.items():
        assert (folder / name).read_text(encoding="utf-8") == book.to_csv(), name
        assert read_codebook(folder / name) == book
    assert {path.name for path in folder.glob(f"{questionnaire.name}.*csv")} == set(expected)


def test_the_readme_counts_the_questions(project, questionnaire, form):
    text = (project / "data" / "questionnaires" / "README.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if f"({questionnaire.path.name})" in line)
    assert f"| {n_questions(form)} |" in row
    for control in form.controls:
        title = StaticTexts(form).of_question(control.node).en
        assert title in text or control.node.local in ("opening", "closing"), title


# --- helpers


def every_column(form: Form) -> Iterator:
    for path in ("", *repeats_of(form)):
        yield from columns_of(form, path)


def n_questions(form: Form) -> int:
    """Count what people answer: no notes, totals, follow-ups to "other"."""
    asked = {c.definition.local for c in every_column(form) if c.definition.control is not None}
    calculated = {node.local for node in form.definitions() if node.rule("value") is not None}
    return len({name for name in asked if not name.endswith("_other")} - calculated)


def assert_same_thing(asked: Variable, sampled: Variable) -> None:
    whole = ("integer", "number", "category")
    kinds_agree = asked.kind == sampled.kind or (asked.kind in whole and sampled.kind in whole)
    assert kinds_agree or sampled.kind in ("code", "category"), asked.name
    assert asked.unit == sampled.unit or asked.name == "year", asked.name
    if asked.kind == sampled.kind == "category":
        labels = [(c.label_id, c.label_en) for c in asked.categories if c.value != "other"]
        assert labels == [(c.label_id, c.label_en) for c in sampled.categories], asked.name
    else:
        assert asked.categories == () or sampled.unit == "level 1-5"


def _controls(form: Form) -> Iterator[Control]:
    for control in form.controls:
        yield from control.walk()


def _names(filling: Filling) -> list[str]:
    return [node.local for node in filling.session.form.definitions()]
