"""The command: each verb explains itself, does its job, and says in one message what is wrong."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from pk_research.cli import app
from pk_research.cli.data import GapsName, MethodName
from pk_research.clusters.request import NEEDS, Gaps
from pk_research.register import Village
from pk_research.register.country import country_file
from pk_research.register.files import villages_csv
from pk_research.settings import read_settings
from pk_research.workbench import examine

VERBS = sorted(
    [(command.name or command.callback.__name__,) for command in app.registered_commands]
    + [
        (group.name, command.name)
        for group in app.registered_groups
        for command in group.typer_instance.registered_commands
    ]
)
VILLAGES = """\
kode_desa,desa,tahun,iks,ike,ikl
3216012001,Sagara Makmur,2024,0.80,0.60,0.80
3216012002,Segarajaya,2024,0.84,0.65,0.80
3216012003,Pusaka Rakyat,2024,0.80,0.65,0.80
3216022001,Bunibakti,2024,0.52,0.40,0.40
3216022002,Muarabakti,2024,0.48,0.45,0.40
3216022003,Kedung Pengawas,2024,0.52,0.45,
"""


@pytest.fixture
def villages(tmp_path) -> Path:
    path = tmp_path / "villages.csv"
    path.write_text(VILLAGES, encoding="utf-8")
    return path


def test_the_verbs_are_the_promised_ones():
    promised = {"start", "load", "check", "index", "cluster", "notebooks", "apps", "doctor", "disclose"}
    assert promised <= {" ".join(verb) for verb in VERBS}


def test_there_are_verbs_from_the_form_to_the_package():
    groups = {verb[0]: set() for verb in VERBS if len(verb) > 1}
    for group, verb in (verb for verb in VERBS if len(verb) > 1):
        groups[group].add(verb)
    assert groups == {
        "form": {"check", "publish", "list", "close", "reopen", "print"},
        "submissions": {"list", "export", "import", "forget-drafts"},
        "user": {"add", "list", "password", "role", "disable", "enable"},
        "invite": {"make", "list", "revoke"},
        "audit": {"verify", "log"},
        "backup": {"make", "verify", "restore"},
        "publish": {"package", "site", "synthetic", "village-reports", "council-report"},
    }


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_a_verb_explains_itself_with_an_example(pk, verb):
    code, out, _ = pk(*verb, "--help")
    assert code == 0
    assert re.search(rf"Example:\s+pk {' '.join(verb)}", out)


def test_load_then_check_then_cluster(pk, villages, tmp_path):
    code, out, _ = pk("load", villages)
    assert code == 0
    assert "6 of 6 rows kept as villages@1" in out
    assert "already kept" in pk("load", villages)[1]

    code, out, _ = pk("check", "--out", tmp_path / "check")
    assert code == 0
    assert "Variables that lack some values: 1 (ikl: 1 or 16.7%)" in out
    assert "error" not in out
    assert "<html" in (tmp_path / "check" / "quality.html").read_text(encoding="utf-8")

    code, out, _ = pk(
        "cluster", "villages", "--variables", "iks,ike,ikl", "-k", "2", "--out", tmp_path / "types"
    )
    assert code == 0
    assert "5 villages were sorted into 2 types" in out
    assert "left out, listed with the reason: 1." in out
    table = pd.read_csv(tmp_path / "types" / "villages.csv", dtype=str)
    assert len(table) == 5
    origin = json.loads((tmp_path / "types" / "result.json").read_text(encoding="utf-8"))
    assert (origin["k"], origin["n_left_out"], origin["made"]) == (2, 1, False)
    for name in ("profile.png", "places.png", "places.svg"):
        assert (tmp_path / "types" / name).stat().st_size > 1000


OF_KINDS = """\
village_code,road,has_bank,km
3216012001,1,0,30
3216012002,1,0,29
3216012003,1,,31
3216022001,3,1,4
3216022002,3,1,5
3216022003,2,1,
"""


def test_categories_and_gaps_are_grouped_as_told(pk, tmp_path):
    path = tmp_path / "kinds.csv"
    path.write_text(OF_KINDS, encoding="utf-8")
    code, out, err = pk(
        "cluster", path, "--variables", "road,has_bank,km", "-k", "2", "--method", "k_medoids",
        "--kinds", "road=ordinal, has_bank=asymmetric", "--draws", "3", "--out", tmp_path / "types",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "Villages with gaps, compared by the values they have: 2 (2 values are missing)" in out
    assert "In 3 repetitions with villages drawn anew" in out
    origin = json.loads((tmp_path / "types" / "result.json").read_text(encoding="utf-8"))
    assert origin["kinds"] == {"road": "ordinal", "has_bank": "asymmetric", "km": "numeric"}
    assert (origin["method"], origin["gaps"], origin["n_draws"]) == ("k_medoids", "keep", 3)
    assert (origin["n_villages"], origin["n_left_out"]) == (6, 0)

    code, out, _ = pk(
        "cluster", path, "--variables", "road,km", "-k", "2", "--gaps", "impute", "--out", tmp_path / "filled"
    )
    assert code == 0
    assert "Missing values were imputed 20 times" in out


def test_every_method_that_needs_no_neighbours_is_offered():
    assert {*MethodName} == {method for method, needs in NEEDS.items() if not needs.neighbours}
    assert {*GapsName} == {*get_args(Gaps)}


def test_load_says_how_many_rows_each_step_touched(pk):
    steps = [line for line in pk("load", "sample")[1].splitlines() if line.startswith("  - ")]
    assert steps
    assert all(re.search(r" \([\d,]+ rows?\)$", line) for line in steps)


def test_clustering_twice_writes_the_same_bytes(pk, villages, tmp_path):
    for run in ("one", "two"):
        pk("cluster", villages, "--variables", "iks,ike", "-k", "2", "--jobs", "1" if run == "one" else "2",
           "--out", tmp_path / run)  # fmt: skip
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / run).iterdir()} for run in ("one", "two"))
    assert one == two
    assert len(one) >= 8


def test_index_lists_what_contradicts(pk, tmp_path):
    path = tmp_path / "idm.csv"
    path.write_text(
        "village_code,village,year,iks,ike,ikl,idm,idm_status\n"
        "3216012001,A,2024,0.8,0.6,0.6667,0.6889,Berkembang\n"
        "3216012002,B,2024,0.8,0.6,0.6667,0.7889,Maju\n",
        encoding="utf-8",
    )
    code, out, _ = pk("index", path, "--out", tmp_path / "index")
    assert code == 0
    assert "3216012002, 2024, B, 0.7889, 0.688889" in out
    found = pd.read_csv(tmp_path / "index" / "contradictions.csv", dtype={"village_code": str})
    assert set(found["village_code"]) == {"3216012002"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["cluster"], "it holds no dataset yet"),
        (["cluster", "nowhere.csv"], "there is no such file, and no such dataset"),
        (["load", "nowhere.csv"], "nowhere.csv"),
        (["check", "nowhere@2"], "there is no such file, and no such dataset"),
        (["notebooks", "77"], "there is no notebook '77'"),
        (["load", "register", "--country", "--from", "nowhere.tgz"], "nowhere.tgz"),
        (["load", "sample", "--name", "mine"], "--name: it does not apply to 'sample'"),
        (["load", "register", "--layout", "table"], "--layout: it does not apply to 'register'"),
        (["load", "a.csv", "--country"], "--country: it applies to 'register' only"),
        (["load", "register", "--from", "x.tgz"], "--from: it applies to 'register --country' only"),
        (["cluster", "--variables", ",,"], "--variables: ',,' holds an empty name"),
        (["cluster", "--kinds", "road"], "--kinds: 'road' does not say what one variable is"),
        (["cluster", "--kinds", "a=ordinal,a=nominal"], "Give each variable once as NAME=KIND"),
        (["cluster", "--kinds", "a=odd"], "kinds are numeric, ordinal, nominal, asymmetric"),
        (["start", "--apps-port", "9000", "--lab-port", "9000"], "both are 9000"),
    ],
)
def test_bad_input_is_one_clear_message_and_nothing_is_written(pk, tmp_path, arguments, complaint):
    code, _, err = pk(*arguments)
    assert code == 1
    assert complaint in err
    assert "Traceback" not in err
    assert not (tmp_path / "home" / "results").exists()


def test_a_wrong_variable_is_answered_with_near_ones(pk, villages):
    code, _, err = pk("cluster", villages, "--variables", "ikz,ike")
    assert code == 1
    assert "there is no variable 'ikz'" in err
    assert "iks" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("cluster", "--jobs", "0"),
        ("cluster", "--draws", "-1"),
        ("apps", "--apps-port", "99999"),
        ("start", "--lab-port", "0"),
    ],
)
def test_a_number_out_of_range_is_a_usage_error(pk, arguments):
    code, _, err = pk(*arguments)
    assert code == 2
    assert re.search(rf"{arguments[-2]}.*(less|greater) than or", err)


def test_a_version_must_be_one_that_is_there(pk, villages):
    pk("load", villages)
    assert "'' is not a version" in pk("check", "villages@")[2]
    code, _, err = pk("check", "villages@99999999999999999999")
    assert code == 1
    assert "there is no dataset 'villages' version 99999999999999999999" in err


def test_the_default_is_the_dataset_loaded_last_even_when_unchanged(pk, villages, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text(VILLAGES.replace("0.80", "0.70"), encoding="utf-8")
    for path in (villages, other, villages):
        pk("load", path)
    pk("check")
    assert [path.name for path in (tmp_path / "home" / "results").iterdir()] == ["check-villages"]


def test_villages_elsewhere_are_checked_against_the_countrys_register_once_it_is_here(pk, tmp_path):
    away = tmp_path / "away.csv"
    away.write_text("kode_desa,desa,tahun,iks\n1101012001,Keude Bakongan,2024,0.8\n", encoding="utf-8")
    without = pk("load", away)[1]
    file = country_file(read_settings({"PK_HOME": str(tmp_path / "home")}))
    file.parent.mkdir(parents=True)
    village = Village(
        "1101012001", "Keude Bakongan", "110101", "Bakongan", "1101", "Kabupaten Aceh Selatan", "11", "Aceh",
        "desa",
    )  # fmt: skip
    file.write_bytes(gzip.compress(villages_csv([village])))
    with_country = pk("load", away)[1]
    assert "register" in without
    assert "register" not in with_country


def test_places_are_absolute_whatever_was_given(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "map.geojson").touch()
    environ = {"PK_HOME": "home", "PK_DATABASE_URL": "sqlite:///my.sqlite", "PK_BOUNDARIES": "map.geojson"}
    found = read_settings(environ)
    assert (found.home, found.boundaries) == (tmp_path / "home", tmp_path / "map.geojson")
    assert found.database_url == f"sqlite:///{tmp_path / 'my.sqlite'}"
    for address in ("sqlite://", "sqlite:///:memory:", "sqlite:////srv/a.sqlite", "postgresql://h/n"):
        assert read_settings({"PK_DATABASE_URL": address}).database_url == address


def test_wrong_options_are_a_usage_error(pk):
    code, _, err = pk("cluster", "--no-such-option")
    assert code == 2
    assert "no-such-option" in err


def test_a_folder_that_cannot_be_written_is_explained(pk, villages, tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    code, _, err = pk("cluster", villages, "--variables", "iks", "-k", "2", "--out", tmp_path / "taken")
    assert code == 1
    assert "cannot be written" in err


def test_debug_shows_the_whole_error():
    command = [sys.executable, "-m", "pk_research", "--debug", "cluster", "nowhere.csv"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr


def test_an_unforeseen_fault_is_one_message_too(pk, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("the well is dry")

    monkeypatch.setattr("pk_research.workbench.find_dataset", fail)
    code, _, err = pk("cluster")
    assert code == 2
    assert "this should not have happened (RuntimeError: the well is dry)" in err
    assert "--debug" in err
    assert "Traceback" not in err


def test_strict_check_fails_on_errors_only(pk, villages, tmp_path):
    doubled = tmp_path / "doubled.csv"
    doubled.write_text(VILLAGES + "3216012001,Sagara Makmur,2024,0.10,0.60,0.70\n", encoding="utf-8")
    assert pk("check", doubled, "--strict", "--out", tmp_path / "a")[0] == 1
    assert pk("check", doubled, "--out", tmp_path / "b")[0] == 0


def test_doctor_says_what_is_there(pk):
    pk("load", "sample")
    code, out, _ = pk("doctor")
    assert code == 0
    assert "187 villages" in out
    found = {entry.what: entry.found for entry in examine()}
    assert found["store"] == "opens, holds village_survey_made"
    assert found["register of villages"] == "187 villages"


def test_doctor_says_what_is_missing(pk, monkeypatch):
    monkeypatch.setenv("PK_DATABASE_URL", "postgresql+psycopg://127.0.0.1:1/none")
    code, out, _ = pk("doctor")
    assert code == 1
    assert "missing" in out
    assert "the server runs" in out


def boundaries_found() -> str:
    return next(entry.found for entry in examine() if entry.what == "village boundaries")


def test_doctor_reads_the_boundaries(pk, monkeypatch, tmp_path):
    pk("load", "sample")
    path = tmp_path / "map.geojson"
    square = {"type": "Polygon", "coordinates": [[[107, -6], [108, -6], [108, -7], [107, -6]]]}
    feature = {"type": "Feature", "properties": {"kode": "3216012001"}, "geometry": square}
    whole = json.dumps({"type": "FeatureCollection", "features": [feature]})
    path.write_text(whole, encoding="utf-8")
    monkeypatch.setenv("PK_BOUNDARIES", str(path))
    assert boundaries_found() == f"{path}: 1 boundaries"
    assert pk("doctor")[0] == 0

    path.write_text(whole[:60], encoding="utf-8")
    assert "it is not a GeoJSON collection" in boundaries_found()
    assert pk("doctor")[0] == 1

    monkeypatch.setenv("PK_BOUNDARIES", "/nope")
    assert boundaries_found() == "PK_BOUNDARIES: there is no file '/nope'"
    code, out, err = pk("doctor")
    assert (code, err) == (1, "")
    assert "187 villages" in out


def test_the_national_file_from_load_to_types(pk, shared, tmp_path):
    """74,760 rows in, none lost; villages without status and wrong labels are listed."""
    code, out, _ = pk("load", shared / "data" / "idm-2024" / "idm2024_nasional.csv.gz")
    assert code == 0
    assert "74,760 of 74,760 rows kept" in out

    code, out, _ = pk("cluster", "--out", tmp_path / "types")
    assert code == 0
    left_out = pd.read_csv(tmp_path / "types" / "left_out.csv", dtype=str)
    table = pd.read_csv(tmp_path / "types" / "villages.csv", dtype=str)
    assert (len(table), len(left_out)) == (74_756, 4)
    assert (tmp_path / "types" / "places.png").stat().st_size > 10_000

    code, out, _ = pk("index", "--out", tmp_path / "index")
    assert "6213062003, 2024, KUPANG BERSIH, Berkembang, Maju" in out
    wrong = pd.read_csv(tmp_path / "index" / "contradictions.csv", dtype=str)
    assert wrong.groupby("index")["village_code"].count().to_dict() == {
        "iks": 20, "ike": 23, "ikl": 21, "idm_status": 1,
    }  # fmt: skip
    incomplete = pd.read_csv(tmp_path / "index" / "incomplete.csv", dtype=str)
    assert len(incomplete) == 4
