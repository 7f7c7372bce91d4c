"""The command: each verb explains itself, does its job, and says in one message what is wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pk_research.cli import app, main

VERBS = sorted(command.name or command.callback.__name__ for command in app.registered_commands)
VILLAGES = """\
kode_desa,desa,tahun,iks,ike,ikl
3216012001,Sagara Makmur,2024,0.80,0.60,0.80
3216012002,Segarajaya,2024,0.84,0.65,0.80
3216012003,Pusaka Rakyat,2024,0.80,0.65,0.80
3216022001,Bunibakti,2024,0.52,0.40,0.40
3216022002,Muarabakti,2024,0.48,0.45,0.40
3216022003,Kedung Pengawas,2024,0.52,0.45,
"""

Pk = Callable[..., tuple[int, str, str]]


@pytest.fixture
def pk(monkeypatch, capsys, tmp_path) -> Pk:
    """Run ``pk`` in a house of its own; return exit code, output and errors."""
    monkeypatch.setenv("PK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PK_DATABASE_URL", raising=False)
    monkeypatch.delenv("PK_BOUNDARIES", raising=False)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pk", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def villages(tmp_path) -> Path:
    path = tmp_path / "villages.csv"
    path.write_text(VILLAGES, encoding="utf-8")
    return path


def test_the_verbs_are_the_promised_ones():
    promised = {"start", "load", "check", "index", "cluster", "notebooks", "apps", "doctor"}
    assert promised <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_explains_itself_with_an_example(pk, verb):
    code, out, _ = pk(verb, "--help")
    assert code == 0
    assert re.search(rf"Example:\s+pk {verb}", out)


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
    assert "village_survey_made" in out or "holds" in out


def test_doctor_says_what_is_missing(pk, monkeypatch):
    monkeypatch.setenv("PK_DATABASE_URL", "postgresql+psycopg://127.0.0.1:1/none")
    code, out, _ = pk("doctor")
    assert code == 1
    assert "missing" in out
    assert "the server runs" in out


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
