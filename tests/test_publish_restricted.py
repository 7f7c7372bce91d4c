"""Restricted data in a replication package: its twin goes in its place, and every step runs on it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256

import nbformat
import pandas as pd
import pytest
from household_tables import BOOK, households

from pk_research.errors import BadInput
from pk_research.publish import (
    About,
    Source,
    inputs_of,
    read_record,
    unlike,
    write_exhibits,
    write_package,
)
from pk_research.publish.restricted import declared, replaced
from pk_research.publish.sources import OURS
from pk_research.settings import read_settings
from pk_research.store import open_store

ABOUT = About("Debts", ("A. Peneliti",), "Who owes what.", "2026-11-30")
SECRET = b"an example only!"
SOURCES = """
[[source]]
title = "Household debts"
publisher = "a bank"
licence = "by agreement"
access = "restricted"
files = ["data/debts"]
how = "Ask the bank, at Jalan Contoh 1; it takes a month and costs nothing."
citation = "A bank (2026). *Debts* [data]."
collected = "from the ledger of every household that borrowed."
preserved_years = 5
"""
DEBTS = Source("Household debts", "a bank", "by agreement", "restricted", ("data/debts",), "Ask the bank.")


def ran(project, folder):
    """Write a run of all notebooks of a checkout that shows nothing."""
    notebooks = [
        {"notebook": path.stem, "sha256": sha256(path.read_bytes()).hexdigest(), "seconds": 1,
         "n_exhibits": 0, "parameters": "",
         "peak_mib": None}
        for path in sorted((project / "notebooks").glob("[0-9]*.ipynb"))
    ]  # fmt: skip
    write_exhibits([], folder / "exhibits")
    record = {
        "python": "3", "system": "Linux", "package": "pk", "libraries": {}, "lock_sha256": "",
        "notebooks": notebooks, "outside": [], "of_people": {}, "written_mib": 1, "cores": 2, "workers": "1",
        "data": [], "inputs": inputs_of(project),
    }  # fmt: skip
    (folder / "reproduction.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def checkout(project, folder, notebooks):
    """Copy the checkout with some of its notebooks."""
    for part in ("pk_research", "data"):
        shutil.copytree(project / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "notebooks").mkdir()
    for path in (project / "notebooks").glob("[0-9]*.ipynb"):
        if notebooks is None or path.stem[:2] in notebooks:
            shutil.copy(path, folder / "notebooks")
    return folder


def packed(project, folder, sources):
    """Pack a checkout with twins; return the files in the package and where they were unpacked."""
    twins = replaced(project, sources, secret=SECRET)
    write_package(
        project, ran(project, folder / "run"), folder / "p.zip", ABOUT, sources=sources, twins=twins
    )
    with zipfile.ZipFile(folder / "p.zip") as package:
        package.extractall(folder / "unpacked")
        return {name: package.read(name) for name in package.namelist()}, folder / "unpacked"


@pytest.fixture
def small(tmp_path):
    """A small checkout with a restricted table, and a note about it that tells more than it should."""
    folder = tmp_path / "checkout"
    (folder / "data" / "debts").mkdir(parents=True)
    (folder / "notebooks").mkdir()
    cells = [nbformat.v4.new_code_cell("1")]
    (folder / "notebooks" / "01-a.ipynb").write_text(json.dumps(nbformat.v4.new_notebook(cells=cells)))
    households(60).frame.to_csv(folder / "data" / "debts" / "debts.csv", index=False)
    (folder / "data" / "debts" / "debts.codebook.csv").write_text(BOOK.to_csv(), encoding="utf-8")
    (folder / "data" / "debts" / "note.txt").write_text("house 3 by the well owes most", encoding="utf-8")
    (folder / "LICENSE").write_text("BSD")
    return folder


def test_the_package_holds_the_twin_and_no_byte_of_the_restricted_files(small, tmp_path):
    files, unpacked = packed(small, tmp_path, [DEBTS])
    rows = list(csv.reader((small / "data" / "debts" / "debts.csv").open(encoding="utf-8")))[1:]
    everything = b"\n".join(files.values()).decode("utf-8", "replace")
    assert "data/debts/note.txt" not in files
    assert {
        "data/debts/debts.csv",
        "data/debts/debts.codebook.csv",
        "data/debts/debts.datapackage.json",
    } < set(files)
    for row in rows:
        assert ",".join(row) not in everything
        for told in (row[0], row[5], row[19 + 3]):  # key, telephone, remarks
            assert told not in everything
    assert "by the well" not in everything
    for path in (small / "data" / "debts").iterdir():
        assert sha256(path.read_bytes()).hexdigest() not in everything, (
            "who guesses the rows could check them"
        )
    told = {one.where: one.what for one in unlike(read_record(unpacked), {"inputs": inputs_of(unpacked)})}
    assert told["data/debts/debts.csv"].startswith("it is a made twin of restricted data")


def test_a_twin_in_a_package_is_called_made_everywhere(small, tmp_path):
    files, unpacked = packed(small, tmp_path, [DEBTS])
    readme = files["README.md"].decode()
    assert "- [x] **No data can be made** publicly available." in readme
    assert "a bank; **made, not observed**" in readme
    assert "restricted. Ask the bank. What the package holds in its place is a synthetic twin" in readme
    [listed] = [line for line in readme.splitlines() if line.startswith("| `data/debts/debts.csv`")]
    assert "| Household debts |" in listed
    assert listed.endswith("| yes, made |")
    assert "**not for conclusions**" in readme
    assert "no differential privacy is claimed" in readme
    crate = {entry["@id"]: entry for entry in json.loads(files["ro-crate-metadata.json"])["@graph"]}
    for entry in ("#source-1", "data/debts/debts.csv", "data/debts/debts.codebook.csv"):
        assert crate[entry]["description"].endswith("Made data (an example), not observed")
    assert "description" not in crate["LICENSE"]
    described = json.loads(files["data/debts/debts.datapackage.json"])
    assert described["resources"][0]["provenance"]["made"] is True
    assert "MADE" in described["title"]
    assert pd.read_csv(unpacked / "data/debts/debts.codebook.csv")["source"].str.startswith("made:").all()


def test_the_same_secret_gives_the_same_package(small, tmp_path):
    first, _ = packed(small, tmp_path / "1", [DEBTS])
    second, _ = packed(small, tmp_path / "2", [DEBTS])
    assert first == second


def test_restricted_data_without_a_twin_or_with_a_copy_elsewhere_never_leaves(small, tmp_path):
    run = ran(small, tmp_path / "run")
    with pytest.raises(BadInput, match="it is restricted and nothing made stands for it"):
        write_package(small, run, tmp_path / "p.zip", ABOUT, sources=[DEBTS])
    shutil.copy(small / "data" / "debts" / "debts.csv", small / "data" / "old.csv")
    twins = replaced(small, [DEBTS], secret=SECRET)
    with pytest.raises(BadInput, match=r"data/old\.csv: it is a copy of restricted data"):
        write_package(small, run, tmp_path / "p.zip", ABOUT, sources=[DEBTS], twins=twins)
    assert not (tmp_path / "p.zip").exists()


def test_a_restricted_source_without_a_table_is_told(small):
    (small / "data" / "debts" / "debts.codebook.csv").unlink()
    with pytest.raises(BadInput, match="there is no table with a codebook in data/debts"):
        replaced(small, [DEBTS], secret=SECRET)


def test_a_source_whose_made_data_is_there_already_is_left_alone(small):
    found = replaced(small, [replace(DEBTS, is_made=True)], secret=SECRET)
    assert (found.files, found.twins) == ({}, ())


def test_every_table_that_cannot_be_twinned_is_told(small):
    households(8).frame.to_csv(small / "data" / "debts" / "debts.csv", index=False)
    with pytest.raises(BadInput, match="it has 8 rows, too few to learn from"):
        replaced(small, [DEBTS], secret=SECRET)


def rerun(unpacked, folder, *names):
    """Run the notebooks of an unpacked package with the code that lies in it."""
    places = os.environ | {"PYTHONPATH": str(unpacked), "PK_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "pk_research", "reproduce", *names, "--into", str(folder / "again")]
    return subprocess.run(command, cwd=unpacked, env=places, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("notebooks", [("02",), None], ids=["one notebook", "all notebooks"])
def test_every_step_runs_on_the_twin_of_the_sample(project, tmp_path, notebooks):
    """The sample as if it were restricted: packed, unpacked, and every notebook run again."""
    copy = checkout(project, tmp_path / "checkout", notebooks)
    sources = declared(OURS, ["data/sample"], how="Ask.")
    files, unpacked = packed(copy, tmp_path, sources)
    rows = (project / "data/sample/village_survey_made.csv").read_text(encoding="utf-8").splitlines()[1:]
    everything = b"\n".join(files.values()).decode("utf-8", "replace")
    assert not [row for row in rows if row in everything]
    assert "data/sample/planted_errors.csv" not in files
    done = rerun(unpacked, tmp_path)
    assert done.returncode == 0, done.stderr + done.stdout
    shown = b"\n".join(path.read_bytes() for path in (tmp_path / "again" / "exhibits").glob("*.md"))
    assert shown


def test_pk_publish_package_makes_twins_and_notes_them(pk, small, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "pk_research.cli.serving.read_settings", lambda: replace(read_settings(), project=small)
    )
    (small / "CITATION.cff").write_text("title: Debts\nauthors:\n  - name: A\n", encoding="utf-8")
    for place in (place for source in OURS for place in source.files):
        (small / place).mkdir(parents=True, exist_ok=True)
        (small / place / "a.txt").write_text(place)
    run = ran(small, tmp_path / "run")
    options = ("publish", "package", tmp_path / "p.zip", "--run", run)
    code, _, err = pk(*options, "--restricted", "data/debts", "--how", "Ask us.")
    assert code
    assert "data/debts: no source says what it is, and how a stranger gets it" in err
    (tmp_path / "sources.toml").write_text(SOURCES, encoding="utf-8")
    code, out, err = pk(*options, "--sources", tmp_path / "sources.toml")
    assert code == 0, err
    assert "the twin of debts: 60 rows; noted in the audit log" in out
    assert "without data/debts/note.txt" in out
    assert "certify Who gives it away certifies what its README.md says" in out
    with zipfile.ZipFile(tmp_path / "p.zip") as package:
        readme = package.read("README.md").decode()
    assert (
        "- Access: restricted. Ask the bank, at Jalan Contoh 1; it takes a month and costs nothing." in readme
    )
    assert "(Household debts) will be preserved for 5 years" in readme
    event = open_store(read_settings().database_url).audit.events(1)[0]
    assert (event.kind, event.details["to"]) == ("synthetic data released", "p.zip")
    code, _, err = pk("publish", "package", tmp_path / "q.zip", "--how", "Ask us.")
    assert code
    assert "applies to --restricted only" in err


def test_pk_publish_synthetic_writes_a_twin_checks_it_and_notes_it(pk, small, tmp_path):
    table = small / "data" / "debts" / "debts.csv"
    code, out, err = pk(
        "publish", "synthetic", table, tmp_path / "out", "--purpose", "a course", "--to", "students"
    )
    assert code == 0, err
    assert "60 rows were made." in out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "debts.MADE.txt", "debts.codebook.csv", "debts.csv", "debts.datapackage.json",
    ]  # fmt: skip
    assert "bukan untuk menarik kesimpulan" in (tmp_path / "out" / "debts.MADE.txt").read_text(
        encoding="utf-8"
    )
    event = open_store(read_settings().database_url).audit.events(1)[0]
    assert (event.kind, event.details["purpose"]) == ("synthetic data released", "a course")
    code, out, err = pk(
        "publish", "synthetic", table, tmp_path / "none", "--check", "--keys", "head_sex,religion"
    )
    assert code == 0, err
    assert "head_sex, religion" in out
    assert "pMSE" in out
    assert not (tmp_path / "none").exists()
    code, _, err = pk("publish", "synthetic", table, tmp_path / "none")
    assert code
    assert "purpose: it is not said" in err
    code, _, err = pk("publish", "synthetic", table, table.parent, "--check")
    assert code
    assert "the table itself lies there" in err
