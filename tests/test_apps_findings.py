"""The findings app without a browser: what is chosen, what comes out, what is said when nothing can."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import ipywidgets as widgets
import numpy as np
import pandas as pd
import pytest

from pk_research import sample
from pk_research.apps import findings
from pk_research.apps.findings import model as model_module
from pk_research.apps.findings import trouble
from pk_research.apps.findings.comparison import village_labels
from pk_research.apps.findings.differences import differences
from pk_research.apps.findings.doubts import doubts_html
from pk_research.apps.findings.downloads import as_csv, as_workbook
from pk_research.apps.findings.headline import headline_html
from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.findings.page import first_paint
from pk_research.apps.findings.potential import COVERED, Potential, potential_of, proposed_directions
from pk_research.apps.findings.potential_html import potential_html, standing
from pk_research.apps.findings.potential_model import PotentialModel
from pk_research.apps.findings.potential_view import PotentialView
from pk_research.apps.findings.ranking import rank, ranking_html
from pk_research.apps.findings.types import types_html
from pk_research.apps.findings.view import FindingsView
from pk_research.apps.findings.village_index import village_index_html
from pk_research.apps.findings.village_page import village_html
from pk_research.apps.trouble import UNEXPECTED, CannotShow
from pk_research.clusters import usual_variables, with_official_names
from pk_research.codebook import Codebook, Variable
from pk_research.language import LANGUAGES
from pk_research.register import load_register
from pk_research.sources import Dataset, Provenance
from pk_research.sources.vocabulary import IKE, IKL, IKS, KECAMATAN, REGENCY, VILLAGE, VILLAGE_CODE, YEAR
from pk_research.store import Store, open_store

INCOME = Variable("income_idr_month", "Pendapatan", "Income", "integer", unit="IDR/month")
ROADS = Variable("roads_km", "Jalan", "Roads", "number", unit="km")
VARIABLES = (VILLAGE_CODE, YEAR, KECAMATAN, VILLAGE, IKS, IKE, IKL, INCOME, ROADS)

# Two plain groups, one village without an answer, two equal incomes, names that must be escaped.
TABLE = """
village_code year kecamatan village       iks  ike  ikl  income_idr_month roads_km
3216912001   2024 Babelan   <b>Buni</b>   0.90 0.88 0.91 5000000          2
3216912002   2024 Babelan   Kedung_Jaya   0.88 0.90 0.89 4000000          2
3216912003   2024 Babelan   =1+1          0.91 0.91 0.90 4000000          2
3216922001   2024 Setu      Ciledug       0.51 0.50 0.52 1500000          2
3216922002   2024 Setu      Cibening      0.50 0.52 0.49 1200000          2
3216922003   2024 Setu      Burangkeng    0.52 0.49 0.50 1100000          2
3216922004   2024 Setu      Tamanrahayu   NA   0.49 0.50 1000000          2
3216912001   2023 Babelan   <b>Buni</b>   0.80 0.78 0.81 3000000          2
3216912002   2023 Babelan   Kedung_Jaya   0.78 0.80 0.79 2900000          2
3216922001   2023 Setu      Ciledug       0.41 0.40 0.42 1400000          2
"""


def survey(*, name: str = "survey", made: bool = True, table: str = TABLE) -> Dataset:
    frame = pd.read_csv(io.StringIO(table), sep=r"\s+", dtype="string")
    codebook = Codebook(tuple(v for v in VARIABLES if v.name in frame))
    frame = codebook.cast(frame, where=name)
    provenance = Provenance("Survei uji", f"{name}.csv", "0" * 64, "table", made=made)
    return Dataset(name, frame, codebook, provenance, ("village_code", "year"))


def store_with(*datasets: Dataset) -> Store:
    store = open_store("sqlite://")
    for dataset in datasets:
        store.keep(dataset)
    return store


@pytest.fixture
def model() -> FindingsModel:
    return FindingsModel(store_with(survey()))


# What comes out of the choices


def test_it_starts_with_the_index_parts_of_the_latest_year(model):
    assert (model.dataset_name, model.year, model.variables, model.k) == (
        "survey",
        2024,
        ("iks", "ike", "ikl"),
        None,
    )
    assert model.status == "ready"
    assert model.typology.k == 2
    assert len(model.typology.villages) == 6
    assert list(model.typology.left_out["village_code"]) == ["3216922004"]


def test_each_choice_is_computed_once(model, monkeypatch):
    calls = []
    compute = model_module.usual_types
    monkeypatch.setattr(
        model_module,
        "usual_types",
        lambda *args, **options: calls.append(options) or compute(*args, **options),
    )
    model.k = 3
    assert [call["k"] for call in calls] == [3]
    assert model.typology.k == 3
    model.variables = ("income_idr_month",)
    assert len(calls) == 2
    assert model.ranked_by == "income_idr_month"


def test_the_chosen_village_is_kept_while_it_is_there_and_let_go_when_it_is_not(model):
    model.selected = "3216922002"
    model.k = 2
    assert model.selected == "3216922002"
    model.year = 2023
    assert model.selected == ""


def test_the_latest_dataset_that_has_village_numbers_comes_first():
    names = Dataset(
        "names",
        pd.DataFrame({"village_code": pd.array(["3216912001"], "string")}),
        Codebook((VILLAGE_CODE,)),
        Provenance("Daftar", "a.csv", "0" * 64, "table"),
        ("village_code",),
    )
    model = FindingsModel(store_with(survey(), names))
    assert model.dataset_name == "survey"
    model.dataset_name = "names"
    assert (model.status, model.message) == ("failed", trouble.NO_INDICATORS)
    model.dataset_name = "survey"
    assert model.status == "ready"


def test_more_than_a_thousand_villages_are_shown_by_regency():
    rng = np.random.default_rng(0)
    codes = [f"{regency}01{n:04d}" for regency in ("3215", "3216") for n in range(600)]
    frame = pd.DataFrame(
        {
            "village_code": pd.array(codes, "string"),
            "regency": pd.array(["Karawang"] * 600 + ["Bekasi"] * 600, "string"),
            "iks": rng.uniform(0, 1, 1200),
        }
    )
    book = Codebook((VILLAGE_CODE, REGENCY, IKS))
    big = Dataset("big", frame, book, Provenance("Besar", "b.csv", "0" * 64, "table"), ("village_code",))
    model = FindingsModel(store_with(big))
    assert [(area.code, area.name, area.n_villages) for area in model.areas] == [
        ("3215", "Karawang", 600),
        ("3216", "Bekasi", 600),
    ]
    assert model.area == "3216"
    assert len(model.typology.villages) == 600
    model.area = "3215"
    assert model.typology.villages["village_code"].str.startswith("3215").all()
    assert model.year is None


def test_data_loaded_after_the_app_was_prepared_is_taken_up_when_it_is_seen():
    store = store_with(survey(name="older"))
    model = FindingsModel(store)
    model.k = 3
    typology = model.typology
    model.look_again()
    assert model.typology is typology
    store.keep(survey(name="newer"))
    model.look_again()
    assert [entry.name for entry in model.offered] == ["newer", "older"]
    assert model.dataset_name == "newer"


# What is said when nothing can be computed


@pytest.mark.parametrize(
    ("choice", "indonesian", "english"),
    [
        ({"variables": ()}, "Pilih sedikitnya satu indikator", "Choose at least one indicator"),
        (
            {"variables": ("roads_km",)},
            "Jalan sama di semua desa",
            "Roads is the same in every village",
        ),
        ({"k": 9}, "Hanya 6 desa dengan nilai berbeda", "Only 6 villages with different values"),
        ({"year": 1999}, "Tidak ada desa yang memiliki nilai", "No village has a value"),
    ],
)
def test_a_choice_that_cannot_be_computed_is_answered_by_a_plain_sentence(model, choice, indonesian, english):
    for name, value in choice.items():
        setattr(model, name, value)
    assert model.status == "failed"
    assert model.typology is None
    assert model.message.text("id").startswith(indonesian)
    assert model.message.text("en").startswith(english)


def test_it_recovers_when_the_choice_is_mended(model):
    model.variables = ()
    model.variables = ("iks",)
    assert (model.status, model.message) == ("ready", None)


def test_an_empty_store_is_said_to_be_empty():
    model = FindingsModel(store_with())
    assert (model.status, model.message) == ("failed", trouble.NO_DATA)
    assert "Belum ada data desa" in first_paint(model)


def test_what_nobody_foresaw_is_logged_and_not_shown(model, monkeypatch, caplog):
    def fail(*_args, **_options):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(model_module, "usual_types", fail)
    model.k = 2
    assert model.message == UNEXPECTED
    assert "secret detail" in caplog.text
    assert all("secret" not in model.message.text(language) for language in LANGUAGES)


def test_an_app_that_cannot_start_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PK_HOME", str(tmp_path))
    monkeypatch.setenv("PK_DATABASE_URL", "nonsense://")
    shown = findings.show()
    assert "Aplikasi belum dapat ditampilkan" in shown.value
    assert "nonsense" not in shown.value
    assert "Traceback" in (tmp_path / "logs" / "apps.log").read_text(encoding="utf-8")


# What is shown


def text_of(html: str) -> str:
    without_tags = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(without_tags.split()).replace("( ", "(").replace(" )", ")")


def test_the_first_page_can_be_read_without_script_and_says_that_the_data_is_made(model):
    page = first_paint(model)
    text = text_of(page)
    assert "Desa mana yang serupa?" in text
    assert "Data contoh (buatan), bukan data sebenarnya" in text
    assert "6 desa/kelurahan, 2 tipe" in text
    assert "<script" not in page
    assert "http" not in page


def test_real_data_has_no_banner():
    model = FindingsModel(store_with(survey(made=False)))
    assert "buatan" not in text_of(first_paint(model))


def test_names_are_escaped_everywhere(model):
    model.selected = "3216912001"
    typology = model.typology
    shown = "".join(
        [
            first_paint(model),
            village_html(typology, model.dataset, model.selected, "id"),
            ranking_html(typology, "iks", "id"),
            doubts_html(typology, "id"),
        ]
    )
    assert "<b>Buni" not in shown
    assert "&lt;b&gt;Buni&lt;/b&gt;" in shown


def test_equal_values_share_a_place(model):
    model.variables = ("iks", "income_idr_month")
    ranked = rank(model.typology, "income_idr_month")
    assert list(zip(ranked["rank"], ranked["is_tied"], ranked["village"], strict=True)) == [
        (1, False, "<b>Buni</b>"),
        (2, True, "Kedung_Jaya"),
        (2, True, "=1+1"),
        (4, False, "Ciledug"),
        (5, False, "Cibening"),
        (6, False, "Burangkeng"),
    ]
    lowest = rank(model.typology, "income_idr_month", highest_first=False)
    assert list(lowest["rank"]) == [1, 2, 3, 4, 4, 6]
    text = text_of(ranking_html(model.typology, "income_idr_month", "id"))
    assert "Pendapatan (Rp/bulan) 1 &lt;b&gt;Buni&lt;/b&gt; Babelan 1 5.000.000 2= Kedung_Jaya" in text


def test_a_village_stands_beside_its_type_its_kecamatan_and_all(model):
    text = text_of(village_html(model.typology, model.dataset, "3216912001", "en"))
    # iks: the village, then the means 0.90, 0.88, 0.91 of its type and kecamatan, then of all six.
    assert "Social resilience index (IKS) 0.900 0.897 0.897 0.703" in text
    assert "It does not lie on the border between types" in text


def test_a_village_left_out_is_told_why(model):
    text = text_of(village_html(model.typology, model.dataset, "3216922004", "id"))
    assert text.startswith("Tamanrahayu Kec. Setu, 3216922004")
    assert "Tidak dibandingkan: tidak ada nilai untuk Indeks Ketahanan Sosial." in text


def test_villages_are_searched_by_name_and_kecamatan_and_homonyms_by_code():
    twins = survey(table=TABLE.replace("Cibening", "Ciledug"))
    labels = village_labels(FindingsModel(store_with(twins)).typology, "id")
    assert labels["3216912002"] == "Kedung_Jaya (Kec. Babelan)"
    assert labels["3216922001"] == "Ciledug (Kec. Setu) 3216922001"
    assert len(labels) == 7


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_piece_speaks_both_languages(model, language):
    typology = model.typology
    pieces = [headline_html, types_html, doubts_html]
    texts = [text_of(piece(typology, language)) for piece in pieces]
    assert all(texts)
    number = "0,9" if language == "id" else "0.9"
    assert number in texts[1]


def test_effects_come_with_their_interval(model):
    row = model.typology.profile.table.query("cluster == 1 and variable == 'iks'").iloc[0]
    low, high = (f"+{row[name]:.1f}" for name in ("effect_low", "effect_high"))
    assert f"+{row['effect']:.1f} ({low} … {high})" in text_of(types_html(model.typology, "en"))


# What is taken home


def test_the_csv_reads_back_as_the_table_and_says_that_it_is_made(model):
    file = as_csv(model.typology, "survey", "id")
    assert file.name == "tipe-desa-survey-2024-contoh-buatan.csv"
    table = pd.read_csv(io.BytesIO(file.content), dtype={"Kode desa/kelurahan (Kemendagri)": "string"})
    expected = model.typology.villages_table("id")
    assert list(table.columns) == list(expected.columns)
    assert list(table.iloc[:, 0]) == list(expected.iloc[:, 0])
    assert table["Silhouette"].to_numpy() == pytest.approx(expected["Silhouette"].to_numpy(dtype=float))
    assert table.iloc[:, -1].str.contains("buatan").all()


def test_no_cell_of_the_csv_is_a_formula(model):
    table = pd.read_csv(io.BytesIO(as_csv(model.typology, "survey", "en").content), dtype="string")
    assert "'=1+1" in set(table["Village"])
    assert not table.apply(lambda column: column.str.startswith(("=", "+", "@"), na=False)).any(axis=None)


def test_the_workbook_holds_everything_and_no_formula(model):
    file = as_workbook(model.typology, "survey", "en")
    sheets = pd.read_excel(io.BytesIO(file.content), sheet_name=None, engine="calamine")
    assert list(sheets) == ["Types", "List of villages", "Left out", "Profile", "Codebook", "About"]
    assert "=1+1" in set(sheets["List of villages"]["Village"])
    assert len(sheets["Left out"]) == 1
    assert {"iks", "ike", "ikl"} <= set(sheets["Codebook"]["name"])
    assert sheets["About"].astype(str).to_numpy().ravel().tolist().count(
        "Example data (made up), not real data"
    ) == 1  # fmt: skip


def test_equal_findings_are_equal_files(model):
    first, second = (as_workbook(model.typology, "survey", "id").content for _ in range(2))
    assert first == second


# The view


@pytest.fixture
def view(model) -> FindingsView:
    return FindingsView(model)


def test_controls_set_the_model(view, model):
    view.controls.k.value = 3
    assert model.typology.k == 3
    view.controls.k.value = 0
    assert model.k is None
    view.controls.variables.value = ["income_idr_month", "iks"]
    assert model.variables == ("iks", "income_idr_month")
    view.controls.year.value = 2023
    assert model.year == 2023
    view.ranked_by.value = "income_idr_month"
    view.direction.value = False
    assert (model.ranked_by, model.highest_first) == ("income_idr_month", False)


def test_the_picture_and_the_search_field_choose_the_same_village(view, model):
    view.picture.selected = "3216922001"
    assert view.village.value == "Ciledug (Kec. Setu)"
    view.village.value = "Cibening (Kec. Setu)"
    assert (model.selected, view.picture.selected) == ("3216922002", "3216922002")


def test_switching_the_language_keeps_every_choice(view, model):
    view.controls.k.value = 3
    view.picture.selected = "3216922001"
    typology = model.typology
    view.language.value = "en"
    assert model.typology is typology
    assert (view.controls.k.value, view.controls.k.description) == (3, "Number of types")
    assert model.selected == "3216922001"
    assert "Made data (an example), not observed" in view.picture.html


def square(code: str) -> dict[str, object]:
    ring = [[107.0, -6.0], [107.1, -6.0], [107.1, -6.1], [107.0, -6.0]]
    about = {"kode": code, "nama": code}
    return {"type": "Feature", "properties": about, "geometry": {"type": "Polygon", "coordinates": [ring]}}


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (json.dumps({"features": [square("3216912001")]}), ["map", "tiles"]),
        (json.dumps({"features": [square("9999999999")]}), ["tiles"]),
        ("not a map", ["tiles"]),
    ],
)
def test_a_map_is_offered_where_the_villages_have_boundaries(model, tmp_path, content, kinds):
    path = tmp_path / "boundaries.geojson"
    path.write_text(content, encoding="utf-8")
    view = FindingsView(model, boundaries=path)
    assert [value for _, value in view.kind.options] == kinds
    assert ("<svg" in view.picture.html) == ("map" in kinds)
    view.kind.value = "tiles"
    assert "pk-grid" in view.picture.html


def pieces_of(box: widgets.Box) -> list[str]:
    """List all HTML in a box and the boxes in it, from top to bottom."""
    pieces = []
    for child in box.children:
        if isinstance(child, widgets.HTML):
            pieces.append(child.value)
        elif isinstance(child, widgets.Box):
            pieces += pieces_of(child)
    return pieces


def test_a_piece_that_cannot_be_written_leaves_the_others_alone(view, model, monkeypatch, caplog):
    def fail(*_args, **_options):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("pk_research.apps.findings.view.ranking_html", fail)
    model.highest_first = False
    shown = pieces_of(view.results)
    assert sum("Terjadi gangguan di pihak kami" in html for html in shown) == 1
    assert not any("secret" in html for html in shown)
    assert "secret detail" in caplog.text


def test_changing_the_indicators_writes_every_piece_without_a_fault(view, model, caplog):
    view.controls.variables.value = ["income_idr_month"]
    view.controls.variables.value = ["ike", "ikl"]
    assert model.ranked_by == "ike"
    assert caplog.text == ""


def test_without_results_the_view_hides_them_and_gives_no_file(view, model, monkeypatch):
    sent = []
    monkeypatch.setattr(view.csv, "send", lambda content, buffers=None: sent.append((content, buffers)))
    view.csv.hand_over()
    view.controls.variables.value = []
    assert view.results.layout.display == "none"
    view.csv.hand_over()
    assert sent[0][0]["name"].endswith(".csv")
    assert sent[0][1][0].startswith(b"\xef\xbb\xbf")
    assert sent[1] == ({}, None)


def test_without_the_index_it_starts_with_well_filled_indicators_that_differ():
    frame = survey().frame.drop(columns=["iks", "ike", "ikl"])
    book = survey().codebook.select(frame.columns)
    dataset = Dataset("x", frame, book, survey().provenance, ("village_code", "year"))
    assert usual_variables(dataset, year=2024) == ("income_idr_month",)


def test_known_villages_bear_the_names_of_the_register(model):
    """The survey's spelling stays in the data; people see the official name."""
    row = {"village_code": "3216012001", "village": "SAGARAMAKMUR", "kecamatan": "TARUMAJAYA"}
    frame = model.typology.villages.assign(**{name: [value] * 6 for name, value in row.items()})
    named = with_official_names(replace(model.typology, villages=frame), load_register())
    assert set(named.villages["village"]) == {"Sagara Makmur"}
    assert set(named.villages["kecamatan"]) == {"Tarumajaya"}
    assert list(named.left_out["village"]) == ["Tamanrahayu"]
    assert named.input_hash == model.typology.input_hash


@pytest.mark.parametrize(
    ("typed", "selected", "said"),
    [
        ("kedungjaya", "3216912002", "Kedung_Jaya (Kec. Babelan)"),
        ("CILEDUG", "3216922001", "Ciledug (Kec. Setu)"),
        ("Antah Berantah", "", "No village here is called Antah Berantah"),
        ("ci", "", "2 villages may be meant by ci"),
    ],
)
def test_a_name_typed_in_full_is_enough_and_an_unclear_one_is_said(view, model, typed, selected, said):
    model.language = "en"
    model.selected = "3216912003"
    view.village.value = typed
    assert model.selected == selected
    assert said in text_of(" ".join(pieces_of(view.results)))


def test_a_tap_clears_up_what_was_sought(view, model):
    view.village.value = "Antah Berantah"
    assert model.sought
    view.picture.selected = "3216922001"
    assert not model.sought


# The index of economic potential


@pytest.fixture(scope="module")
def made() -> Dataset:
    return sample.load_sample()


@pytest.fixture(scope="module")
def few(made) -> Dataset:
    """Sixty villages of the latest year, which are computed in a moment."""
    frame = made.frame[made.frame["year"] == 2024]
    return made.with_frame(frame.iloc[:60].reset_index(drop=True), made.codebook)


@pytest.fixture(scope="module")
def potential(made) -> Potential:
    return potential_of(made, year=2024)


def test_weights_move_the_ranks_and_the_proposed_ones_stay_beside_them(made, potential):
    access_alone = {part: float(part == "access") for part in potential.parts}
    tried = standing(potential_of(made, year=2024, weights=access_alone))
    assert list(tried["score"]) == sorted(tried["score"], reverse=True)
    assert list(tried["score"]) == pytest.approx(
        list(potential.declared.scores.loc[tried.index, "access"]), nan_ok=False
    )
    assert dict(tried["declared"]) == dict(potential.declared.rank[tried.index])


def test_a_direction_that_is_turned_turns_the_ranks(made):
    near, far = ({"market_km": way, "toll_gate_km": way} for way in (-1, 1))
    lowest, highest = (potential_of(made, year=2024, directions=each) for each in (near, far))
    assert list(lowest.tried.normalised.sum(axis=1) + highest.tried.normalised.sum(axis=1)) == pytest.approx(
        [200.0] * len(lowest.tried.units)
    )


def test_an_indicator_beside_the_proposal_gets_a_part_of_its_own(made):
    directions = {**proposed_directions(made), "clean_water_pct": 1}
    found = potential_of(made, year=2024, directions=directions)
    assert found.parts == ("enterprise", "product", "access", "capital", "other_indicators")
    assert found.tried.declaration.label("other_indicators").text("id") == "Indikator lain"
    assert found.declared.declaration.indicators == tuple(proposed_directions(made))


def test_every_rank_has_an_interval_and_the_reader_is_told_not_to_compare_where_they_overlap(potential):
    found = standing(potential)
    assert (found["low"] <= found["high"]).all()
    shown = text_of(potential_html(potential, "", "id"))
    assert "jangan menyebut yang satu lebih baik" in shown
    assert "Data contoh (buatan), bukan data sebenarnya" in shown


def test_a_village_is_told_its_rank_its_interval_and_its_neighbours(potential):
    found = standing(potential)
    second, third = found.index[1], found.index[2]
    shown = text_of(village_index_html(potential, second, "en"))
    interval = f"between {found.loc[second, 'low']:.0f} and {found.loc[second, 'high']:.0f}"
    said = f"rank {found.loc[second, 'rank']} of {len(found)}; in {COVERED}% of the calculations {interval}"
    assert said in shown
    assert found.loc[third, "village"] in shown.partition("Next to it in the ranking:")[2].split(".")[0]


def test_a_village_is_told_which_parts_are_strong_and_what_was_missing(potential):
    values = pd.DataFrame(potential.tried.inputs.measured.T, index=potential.tried.inputs.key)
    n_missing = values.isna().sum(axis=1)
    lacking = n_missing.index[n_missing == 2][0]
    shown = text_of(village_index_html(potential, lacking, "en"))
    assert "Missing for it: 2 of 14 indicators" in shown
    best = potential.tried.scores["access"].idxmax()
    assert re.search(r"Access to markets [0-9.]+ strong", text_of(village_index_html(potential, best, "en")))


def test_a_village_without_a_place_in_the_index_is_told_why(made):
    frame = made.frame.copy()
    gone = (frame["village_code"] == "3216012001") & (frame["year"] == 2024)
    frame.loc[gone, ["market_km", "toll_gate_km", "internet_pct", "umkm_count", "population"]] = pd.NA
    frame.loc[gone, ["product_sellers", "flood_days_year", "online_sales_pct"]] = pd.NA
    found = potential_of(made.with_frame(frame, made.codebook), year=2024)
    assert "3216012001" not in standing(found).index
    shown = text_of(village_index_html(found, "3216012001", "id"))
    assert "Desa ini tidak mendapat tempat dalam indeks:" in shown


@pytest.mark.parametrize(
    ("directions", "indonesian"),
    [
        ({}, "Indeks memerlukan sedikitnya dua indikator"),
        ({"iks": 1}, "Indeks memerlukan sedikitnya dua indikator"),
        ({"iks": 1, "roads_km": 1}, "Jalan sama di semua desa"),
    ],
)
def test_an_index_that_cannot_be_computed_is_refused_with_the_reason(directions, indonesian):
    with pytest.raises(CannotShow) as refused:
        potential_of(survey(), year=2024, directions=directions)
    assert refused.value.message.text("id").startswith(indonesian)


def test_a_refusal_is_logged_and_the_next_choice_computes_again(few, caplog):
    index = PotentialModel(FindingsModel(store_with(few)))
    caplog.set_level("INFO")
    index._findings.tab = "potential"
    index.directions = {"umkm_count": 1}
    assert (index.status, index.result) == ("failed", None)
    assert index.message.text("en").startswith("An index needs at least two indicators")
    assert "no index of ['umkm_count']" in caplog.text
    index.reset()
    assert (index.status, index.message) == ("ready", None)
    assert index.directions == proposed_directions(few)


def test_the_index_says_that_it_is_being_computed(few):
    findings = FindingsModel(store_with(few))
    index = PotentialModel(findings)
    said = []
    index.observe(lambda change: said.append(change["new"]), "status")
    findings.tab = "potential"
    index.weights = {"access": 10.0}
    assert said == ["working", "ready", "working", "ready"]


def test_the_index_is_computed_when_it_is_opened_and_follows_the_choices(few):
    findings = FindingsModel(store_with(few))
    view = PotentialView(PotentialModel(findings))
    assert view.model.result is None
    findings.tab = "potential"
    before = view.found.value
    view.sliders["access"].value = 10
    assert view.found.value != before
    assert view.sliders["access"].description == "Akses pasar: 40%"
    view.indicators.value = {**view.indicators.value, "market_km": 1}
    assert view.model.result.tried.declaration.table.loc["market_km", "direction"] == 1
    view.reset.click()
    assert view.sliders["access"].description == "Akses pasar: 25%"
    assert view.indicators.value == proposed_directions(few)
    assert view.found.value == before


def test_when_nothing_has_a_weight_the_ranks_stay_and_it_is_said(few):
    findings = FindingsModel(store_with(few))
    view = PotentialView(PotentialModel(findings))
    findings.tab = "potential"
    before = view.found.value
    view.model.weights = dict.fromkeys(view.sliders, 0.0)
    assert view.found.value == before
    assert "Beri bobot sedikitnya pada satu bagian" in text_of(" ".join(pieces_of(view.root)))


# The page of one village


@pytest.mark.parametrize(
    ("search", "selected", "said"),
    [
        ("?village=3216912002", "3216912002", None),
        ("?village=32.16.91.2002", "3216912002", None),
        ("?x=1&village=3216922001", "3216922001", None),
        ("", "", None),
        ("?other=3216912002", "", None),
        ("?village=3216912009", "", "no village has the code 3216912009"),
        ("?village=3216012001", "", "this data has nothing on Sagara Makmur (3216012001)"),
        ("?village=<script>", "", "the code of a village has 10 digits, and this is “<script>”"),
        ("?village=" + "9" * 4000, "", "the code of a village has 10 digits"),
        ("?village=%00%FF", "", "the code of a village has 10 digits"),
        ("?" + "&".join(f"a{n}=1" for n in range(100)), "", None),
    ],
)
def test_an_address_leads_to_its_village_or_says_why_not(view, model, search, selected, said):
    view.address.search = search
    assert (model.selected, view.address.code) == (selected, selected)
    assert model.tab == ("types" if not selected and said is None else "village")
    assert (model.astray is None) == (said is None)
    if said is not None:
        assert said in model.astray.message.text("en")
        assert "<script" not in " ".join(pieces_of(view.results))


def test_a_lost_visitor_is_offered_the_nearest_villages(view, model):
    view.address.search = "?village=3216912009"
    near = [code for code, _ in model.astray.nearest]
    assert near[:3] == ["3216912003", "3216912002", "3216912001"]
    shown = " ".join(pieces_of(view.results))
    assert "href='?village=3216912003' data-pk-village='3216912003'" in shown
    view._follow(None, {"village": "3216912003"}, None)
    assert (model.selected, model.astray) == ("3216912003", None)


def test_an_address_finds_the_area_and_the_year_of_its_village(model):
    model.year = 2024
    model._whole = survey(table="\n".join([*TABLE.strip().splitlines(), OLD_VILLAGE]))
    model.open_village("3216922009")
    assert (model.year, model.selected, model.status) == (2023, "3216922009", "ready")


OLD_VILLAGE = "3216922009   2023 Setu      Lama          0.45 0.44 0.43 1300000          2"


@pytest.mark.parametrize("content", [{}, {"village": 7}, {"village": None}, {"village": "<b>"}])
def test_a_message_from_a_browser_may_hold_anything(view, model, content):
    model.selected = "3216912001"
    view._follow(None, content, None)
    assert model.selected in {"", "3216912001"}


def test_what_sets_a_village_apart_is_said_in_plain_words_with_units(model):
    found = differences(model.typology, model.dataset, "3216912001")
    assert list(found) == ["its type", "its kecamatan", "all villages"]
    (first, *_) = found["all villages"]
    assert (
        first.text("id")
        == "Pendapatan: Rp5.000.000/bulan, Rp2.200.000/bulan di atas rata-rata (Rp2.800.000/bulan)"
    )
    assert first.effect == pytest.approx((5_000_000 - INCOMES.mean()) / INCOMES.std())


INCOMES = pd.Series([5_000_000, 4_000_000, 4_000_000, 1_500_000, 1_200_000, 1_100_000])


def test_the_page_of_a_village_says_its_type_how_probable_it_is_and_which_comes_second(made):
    model = FindingsModel(store_with(made))
    typology = model.typology
    border = typology.villages[
        typology.villages["is_border"] & typology.villages["probability"].between(0.3, 0.7)
    ]
    row = border.iloc[0]
    shown = text_of(village_html(typology, model.dataset, row["village_code"], "en"))
    own = round(100 * row["probability"])
    assert f"Probability of type {row['cluster']}: {own}%, of another: {100 - own}%" in shown
    assert f"The second nearest is type {row['second_cluster']}" in shown
    assert "It lies on the border: it could as well belong there" in shown
    assert "Example data (made up), not real data" in shown


def test_without_groups_the_headline_praises_no_types(model):
    choice = replace(model.typology.choice, recommended=1)
    shown = text_of(headline_html(replace(model.typology, choice=choice), "en"))
    assert "no separate types: the 2 types shown only cut up a continuum" in shown


def test_border_villages_come_with_the_probability_of_their_type():
    typology = FindingsModel(store_with(sample.load_sample())).typology
    first = typology.villages[typology.villages["is_border"]].sort_values("silhouette", kind="stable").iloc[0]
    shown = text_of(doubts_html(typology, "en"))
    assert "Probability of the type" in shown
    assert f"{100 * first['probability']:.0f}%" in shown


def test_few_villages_have_a_probability_too(model):
    assert model.typology.certainty.n_draws == 50
    assert model.typology.villages["probability"].between(0, 1).all()
