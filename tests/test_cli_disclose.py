"""A file of people in, a safe one and a report out; all that is wrong with the question at once."""

from __future__ import annotations

from functools import partial

import pandas as pd
import pytest

from pk_research.settings import read_settings
from pk_research.store import open_store


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "usaha.csv"
    table = pd.DataFrame(
        {"owner_name": [f"Pemilik{row:02d}" for row in range(40)],
         "owner_sex": ["f", "m"] * 20, "kecamatan": ["K"] * 38 + ["L"] * 2,
         "debt_idr": [row % 4 * 1000 for row in range(40)], "workers": [row % 5 for row in range(40)],
         "remarks": [f"dekat rumah Pemilik{row:02d}" for row in range(40)]}
    )  # fmt: skip
    table.to_csv(path, index=False)
    roles = tmp_path / "roles.csv"
    roles.write_text(
        "column,role\nowner_name,personal\nowner_sex,key\nkecamatan,key\ndebt_idr,sensitive\nworkers,open\n"
        "remarks,text\n",
        encoding="utf-8",
    )
    return path, roles


GIVEN = ("--purpose", "a thesis", "--to", "Universitas Contoh")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_rows_leave_without_people_and_the_report_is_in_both_languages(pk, people, tmp_path, ending):
    path, roles = people
    code, said, _ = pk(
        "disclose", path, "--roles", roles, *GIVEN, "--format", ending, "--out", tmp_path / "o"
    )
    assert code == 0, said
    file = tmp_path / "o" / f"usaha-released.{ending}"
    table = {
        "csv": pd.read_csv,
        "xlsx": partial(pd.read_excel, engine="openpyxl"),
        "parquet": pd.read_parquet,
    }[ending](file)
    assert list(table) == ["owner_sex", "kecamatan", "debt_idr", "workers", "remarks"]
    assert len(table) == 40
    assert "Pemilik" not in table.to_csv()
    assert table["kecamatan"].isna().sum() == 2, "only two are of L"
    notes = (tmp_path / "o" / "usaha-released.notes.txt").read_text(encoding="utf-8")
    assert "Withheld: columns with personal data (owner_name) are left out (1)." in notes
    assert "Withheld" not in notes.partition("\n\n")[0]
    event = open_store(read_settings().database_url).audit.events(1)[0]
    assert (event.kind, event.details["to"]) == ("data released", "Universitas Contoh")


def test_a_table_leaves_and_a_second_one_is_looked_at_beside_it(pk, people, tmp_path):
    path, roles = people
    table = ["disclose", path, "--roles", roles, *GIVEN, "--out", tmp_path]
    assert pk(*table, "--by", "owner_sex,kecamatan")[0] == 0
    shown = pd.read_csv(tmp_path / "usaha-released.csv", keep_default_na=False)
    assert shown["is_hidden"].any()
    assert pk(*table, "--by", "kecamatan")[0] == 0
    events = open_store(read_settings().database_url).audit.events(2)
    assert [event.details["by"] for event in events] == [[["kecamatan"]], [["owner_sex"], ["kecamatan"]]]


def test_the_log_says_what_was_withheld_and_why_in_either_language(pk, people, tmp_path):
    path, roles = people
    assert pk("disclose", path, "--roles", roles, *GIVEN, "--out", tmp_path)[0] == 0
    table = ["disclose", path, "--roles", roles, *GIVEN, "--by", "owner_sex,kecamatan"]
    assert pk(*table, "--out", tmp_path / "t")[0] == 0
    n_hidden = pd.read_csv(tmp_path / "t" / "usaha-released.csv")["is_hidden"].sum()
    said = pk("audit", "log")[1].splitlines()
    assert "table released" in said[0]
    assert said[1] == f"    Cells hidden: {n_hidden}."
    assert "data released" in said[2]
    assert "    Withheld: columns with personal data (owner_name) are left out (1)." in said[3:]
    said = pk("audit", "log", "--language", "id")[1].splitlines()
    assert said[1] == f"    Sel yang disembunyikan: {n_hidden}."
    assert "    Ditahan: kolom berisi data pribadi (owner_name) tidak disertakan (1)." in said[3:]
    assert "Pemilik" not in " ".join(said)


def test_the_check_says_how_far_rows_can_be_told_apart_and_writes_nothing(pk, people, tmp_path):
    path, roles = people
    code, said, _ = pk("disclose", path, "--roles", roles, "--check", "--out", tmp_path / "o")
    assert code == 0
    assert "Fewest rows alike (k): 1\n" in said
    assert "Jumlah terkecil baris yang serupa (k): 1\n" in said
    assert "Fewest sensitive values among rows alike (l): 1\n" in said
    assert not (tmp_path / "o").exists()


def test_the_rules_of_the_house_tell_columns_apart_where_no_roles_are_given(pk, people, tmp_path):
    path, _ = people
    assert pk("disclose", path, *GIVEN, "--out", tmp_path)[0] == 0
    whole = (tmp_path / "usaha-released.csv").read_text(encoding="utf-8")
    assert "Pemilik" not in whole
    assert "workers" in whole


def test_all_faults_are_said_at_once(pk, people, tmp_path):
    path, _ = people
    code, _, said = pk("disclose", path, "--by", "nobody", "--out", tmp_path / "o")
    assert code == 1
    assert "column 'nobody': it is not in the file" in said
    assert "--purpose: it is not said" in said
    assert "--to: it is not said" in said
    assert not (tmp_path / "o").exists()
