"""The findings app without a browser: what is chosen, what comes out, what is said when nothing can."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from findings_tables import TABLE, pieces_of, store_with, survey, text_of

from pk_research.apps import findings
from pk_research.apps.findings import model as model_module
from pk_research.apps.findings import trouble
from pk_research.apps.findings.comparison import village_labels
from pk_research.apps.findings.doubts import doubts_html
from pk_research.apps.findings.downloads import as_csv, as_workbook
from pk_research.apps.findings.headline import headline_html
from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.findings.page import first_paint
from pk_research.apps.findings.ranking import rank, ranking_html
from pk_research.apps.findings.types import types_html
from pk_research.apps.findings.view import FindingsView
from pk_research.apps.findings.village_page import village_html
from pk_research.apps.trouble import UNEXPECTED
from pk_research.clusters import usual_variables, with_official_names
from pk_research.codebook import Codebook
from pk_research.language import LANGUAGES
from pk_research.register import load_register
from pk_research.sources import Dataset, Provenance
from pk_research.sources.vocabulary import IKS, REGENCY, VILLAGE_CODE


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
