"""Broken files: one clear error or a load that says what was wrong, and never anything half-done."""

from __future__ import annotations

import gzip
import os
import random
import warnings

import pandas as pd
import pytest
from bad_files import BAD_FILES, GOOD, TABLE, xlsx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pk_research import sources
from pk_research.codebook import Codebook, Variable
from pk_research.errors import BadInput, NotFound, PkError
from pk_research.sources import files, packed

REFUSED = {name: bad for name, bad in BAD_FILES.items() if not bad.loads}
REPORTED = {name: bad for name, bad in BAD_FILES.items() if bad.loads}


@pytest.fixture(autouse=True)
def small_limit(monkeypatch):
    """Let bombs of six MiB be bombs."""
    for module in (files, packed):
        monkeypatch.setattr(module, "MAX_BYTES", 4 * 2**20)


def test_there_are_at_least_thirty_of_them():
    assert len(BAD_FILES) >= 50
    assert len(REFUSED) >= 30


@pytest.mark.parametrize("bad", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_with_where_what_and_remedy(bad, tmp_path):
    path = tmp_path / bad.name
    path.write_bytes(bad.make())
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BadInput) as caught:
        sources.load(path)
    assert bad.words in str(caught.value)
    for problem in caught.value.problems:
        assert bad.name in problem.where
        assert problem.what
        assert problem.remedy.endswith(".")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("bad", REPORTED.values(), ids=REPORTED)
def test_it_loads_and_says_what_was_wrong(bad, tmp_path):
    path = tmp_path / bad.name
    path.write_bytes(bad.make())
    steps = [step.what.text("en") for step in sources.load(path).provenance.steps]
    assert any(bad.words in step for step in steps), steps


def test_a_path_that_is_no_file(tmp_path):
    with pytest.raises(NotFound, match="there is no such file"):
        sources.load(tmp_path / "missing.csv")
    with pytest.raises(BadInput, match="it is a folder"):
        sources.load(tmp_path)
    with pytest.raises(NotFound, match="there is no such file"):
        sources.load("a\0b.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(NotFound, match="no such file"):
        sources.load(tmp_path / "pipe.csv")


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "secret.csv"
    path.write_text(GOOD)

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(BadInput, match="Permission denied"):
        sources.load(path)


def test_a_sheet_or_layout_that_is_not_there(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx(TABLE))
    with pytest.raises(NotFound, match="Sheets: Data"):
        sources.load(path, sheet="Lembar9")
    with pytest.raises(NotFound, match="Known: idm-national"):
        sources.load(path, layout="podes")
    (tmp_path / "a.csv").write_text(GOOD)
    with pytest.raises(BadInput, match="only workbooks have sheets"):
        sources.load(tmp_path / "a.csv", sheet="Data")


def test_every_column_a_layout_needs_is_named_at_once(tmp_path):
    (tmp_path / "a.csv").write_text(GOOD)
    with pytest.raises(BadInput) as caught:
        sources.load(tmp_path / "a.csv", layout="idm-national")
    assert [problem.what for problem in caught.value.problems] == [
        "the layout needs a column 'IKS'",
        "the layout needs a column 'IKE'",
        "the layout needs a column 'IKL'",
        "the layout needs a column 'IDM'",
    ]


def test_every_row_out_of_line_is_named_at_once(tmp_path):
    rows = "".join(f"A{n},1\n" if n % 2 else f"A{n},1,2\n" for n in range(60))
    (tmp_path / "a.csv").write_text("desa,n\n" + rows)
    with pytest.raises(BadInput) as caught:
        sources.load(tmp_path / "a.csv")
    assert len(caught.value.problems) == 30
    assert caught.value.problems[0].where == "a.csv, row 2"


def test_a_codebook_that_does_not_fit(tmp_path):
    (tmp_path / "a.csv").write_text("desa,luas\nA,besar\n")
    with pytest.raises(BadInput) as caught:
        sources.load(tmp_path / "a.csv", codebook=Codebook((Variable("desa"), Variable("panjang"))))
    assert [problem.where for problem in caught.value.problems] == ["a.csv", "a.csv, column 'luas'"]
    book = Codebook((Variable("desa"), Variable("luas", kind="number")))
    with pytest.raises(BadInput, match=r"1 values are not of kind number \(row 2: 'besar'\)"):
        sources.load(tmp_path / "a.csv", codebook=book)


@pytest.mark.parametrize(
    "text",
    ["[1]", "{", '{"resources": [{"path": "a.csv"}]}', '{"resources": [{"path": "a.csv", "schema": 3}]}'],
)
def test_a_descriptor_that_cannot_be_read(tmp_path, text):
    (tmp_path / "a.csv").write_text(GOOD)
    (tmp_path / "a.datapackage.json").write_text(text)
    with pytest.raises(BadInput, match=r"a\.datapackage\.json"):
        sources.load(tmp_path / "a.csv")


def seeds() -> dict[str, bytes]:
    """One good file of every format, to be damaged."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.csv").write_text(GOOD)
        dataset = sources.load(folder / "a.csv")
        damaged = {"a.csv.gz": gzip.compress(GOOD.encode(), mtime=0)}
        for ending in ("csv", "xlsx", "sav", "dta", "parquet"):
            sources.save(dataset, folder / f"b.{ending}")
            damaged[f"a.{ending}"] = (folder / f"b.{ending}").read_bytes()
        pd.DataFrame(TABLE[1:], columns=TABLE[0]).to_excel(folder / "b.ods", index=False)
        damaged["a.ods"] = (folder / "b.ods").read_bytes()
    return damaged


SEEDS = seeds()


def load_or_refuse(path, data: bytes) -> None:
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of readers we call
        try:
            dataset = sources.load(path)
        except PkError:
            return
    assert len(dataset.frame.columns) == len(dataset.codebook)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), name=st.sampled_from(sorted(SEEDS)), keep=st.integers(0, 12))
def test_random_bytes_never_end_in_anything_but_our_own_error(data, name, keep, tmp_path):
    load_or_refuse(tmp_path / name, SEEDS[name][:keep] + data)


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_truncated_and_flipped_files_never_end_in_anything_but_our_own_error(name, tmp_path):
    chance = random.Random(name)
    good = SEEDS[name]
    for _ in range(60):
        data = bytearray(good)
        for _ in range(chance.choice([1, 2, 8])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        load_or_refuse(
            tmp_path / name, bytes(data[: chance.choice([len(data), chance.randrange(len(data))])])
        )


def test_a_damaged_old_workbook_cannot_take_the_process_down(shared, tmp_path):
    good = (shared / "conformance" / "xlsforms" / "hotosm__places.xls").read_bytes()
    chance = random.Random(0)
    for _ in range(12):
        data = bytearray(good)
        for _ in range(8):
            data[chance.randrange(len(data))] = chance.randrange(256)
        load_or_refuse(tmp_path / "a.xls", bytes(data))
