"""The published figures come out alike, byte for byte, whatever the order of Python's hashes."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from pk_research.errors import BadInput
from pk_research.policy.replications import WORKS, Data, replicate

THORNTON, COUNTIES = "Thornton (2008), HIV results", "Callaway & Sant'Anna (2021), teen employment"
TEXT = tuple(work.name for work in WORKS if work.data.kind == "text")
PACKAGED = ("LaLonde (1986), Dehejia & Wahba (1999)", THORNTON, *TEXT)
SLOW = tuple(work.name for work in WORKS if work.is_slow)
QUICK = tuple(work.name for work in WORKS if not work.is_slow)
CODE = """
import sys, warnings
from pathlib import Path
from pk_research.policy.replications import replicate
warnings.simplefilter("ignore")
found = replicate(Path(sys.argv[1]), names=tuple(sys.argv[2:]))
print([(one.name("en"), repr(one.ours), one.agrees) for one in found.found])
"""


def under_three_hash_seeds(folder, names):
    """Return the one text that all three say: every figure, ours to the last digit, whether it agrees."""
    said = {
        subprocess.check_output(
            [sys.executable, "-c", CODE, str(folder), *names],
            env=os.environ | {"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1"},
            text=True,
        )
        for seed in ("0", "1", "2")
    }
    assert len(said) == 1
    return ast.literal_eval(said.pop())


def n_figures(names):
    return sum(len(work.published) for work in WORKS if work.name in names)


@pytest.fixture
def folder(shared):
    return shared / "reference" / "policy"


def test_figures_whose_data_comes_with_packages_or_in_the_text(tmp_path):
    pytest.importorskip("causaldata")
    said = under_three_hash_seeds(tmp_path, PACKAGED)
    assert len(said) == n_figures(PACKAGED) == 11
    assert [name for name, _, agrees in said if not agrees] == []


@pytest.mark.slow
@pytest.mark.parametrize("names", [QUICK, *((name,) for name in SLOW)], ids=["all but the slow", *SLOW])
def test_every_row_of_the_reference(folder, names):
    said = under_three_hash_seeds(folder, names)
    assert len(said) == n_figures(names)
    assert [name for name, _, agrees in said if not agrees] == []


def test_no_figure_goes_missing_where_its_data_does(tmp_path):
    names = tuple(work.name for work in WORKS if work.data.kind == "file")
    found = replicate(tmp_path, names=names)
    assert len(found.frame) == n_figures(names)
    assert found.frame["agrees"].isna().all()
    assert found.frame["difference"].isna().all()
    assert not found.all_agree
    assert set(found.sources("id")["Ada di sini"]) == {"tidak"}
    assert found.sources("en")["Figures"].sum() == n_figures(names)
    for work in WORKS:
        if work.name in names:
            assert f"{work.name} (file {work.data.name}, from {work.data.origin})" in found.in_words("en")


def test_a_package_that_is_not_installed_is_absent_data(tmp_path):
    assert Data("package", "nsw_mixtape", "no_such_package").read(tmp_path) is None
    assert Data("package", "no/such/file.csv", "statsmodels").read(tmp_path) is None
    assert Data("file", "mpdta.csv", "CRAN: did (mpdta)").read(None) is None


def test_absent_data_is_counted_and_a_figure_that_is_off_named():
    pytest.importorskip("causaldata")
    found = replicate(names=(THORNTON, COUNTIES))
    assert found.all_agree
    assert found.in_words("en") == (
        "Of 9 published figures 1 could be computed here, and 1 agree within their tolerance. The data of 8"
        " figures is not here: Callaway & Sant'Anna (2021), teen employment (file mpdta.csv, from CRAN: did"
        " (mpdta))."
    )
    off = replace(
        found, found=tuple(one if one.ours is None else replace(one, ours=0.5) for one in found.found)
    )
    assert not off.all_agree
    assert "These do not agree: Thornton (2008), HIV results: difference of means." in off.in_words("en")
    assert set(off.table("id")["Penilaian"]) == {"berbeda", "data tidak ada di sini"}
    assert off.frame["difference"].dropna().tolist() == pytest.approx([0.05])


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("width_px", [360, 800])
def test_the_picture_has_a_mark_for_each_figure_that_could_be_computed(language, width_px):
    found = replicate(names=(*TEXT, COUNTIES))
    picture = found.plot(language, width_px=width_px)
    (marks,) = picture.axes[0].collections
    assert len(marks.get_offsets()) == len(found.known) == n_figures(TEXT)
    assert picture.get_figwidth() * 100 == width_px


def test_an_unknown_study_is_refused():
    with pytest.raises(
        BadInput, match=r"names: 'Nobody \(1900\)' is not among the studies\. Choose from `WORKS`\."
    ):
        replicate(names=("Nobody (1900)",))
