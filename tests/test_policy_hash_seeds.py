"""The published figures come out alike, byte for byte, whatever the order of Python's hashes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pk_research.errors import BadInput
from pk_research.policy.replications import WORKS, replicate

SLOW = "Abadie, Diamond & Hainmueller (2010), Proposition 99"
HERE = ("LaLonde (1986), Dehejia & Wahba (1999)", "Thornton (2008), HIV results")
CODE = """
import sys, warnings
from pathlib import Path
from pk_research.policy.replications import replicate
warnings.simplefilter("ignore")
found = replicate(Path(sys.argv[1]), names=tuple(sys.argv[2:]))
print([(row.work, row.figure, repr(row.ours), row.agrees) for row in found.frame.itertuples()])
"""


def under_three_hash_seeds(folder, names):
    return {
        subprocess.check_output(
            [sys.executable, "-c", CODE, str(folder), *names],
            env=os.environ | {"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1"},
            text=True,
        )
        for seed in ("0", "1", "2")
    }


@pytest.fixture
def folder(shared):
    return shared / "reference" / "policy"


def test_figures_whose_data_comes_with_the_packages(tmp_path):
    said = under_three_hash_seeds(tmp_path, HERE)
    assert len(said) == 1
    assert said.pop().count("True") == 4


@pytest.mark.slow
def test_every_row_of_the_reference(folder):
    names = [work.name for work in WORKS if work.name != SLOW]
    said = under_three_hash_seeds(folder, names)
    assert len(said) == 1
    text = said.pop()
    assert text.count("True") == sum(len(work.published) for work in WORKS if work.name != SLOW)


@pytest.mark.slow
def test_the_slowest_row_of_the_reference(folder):
    said = under_three_hash_seeds(folder, [SLOW])
    assert len(said) == 1
    assert said.pop().count("True") == 6


def test_a_figure_that_is_off_is_named_and_absent_data_too():
    found = replicate(names=("Thornton (2008), HIV results", "Callaway & Sant'Anna (2021), teen employment"))
    assert found.all_agree
    assert found.in_words("en") == (
        "Of 9 published figures 1 could be computed here, and 1 agree within their tolerance."
        " Their data is not here: Callaway & Sant'Anna (2021), teen employment (mpdta.csv)."
    )
    wrong = found.frame.assign(agrees=[False if here else None for here in found.frame["ours"].notna()])
    told = type(found)(wrong)
    assert not told.all_agree
    assert "These do not agree: Thornton (2008), HIV results, difference." in told.in_words("en")
    assert set(told.table("id")["Penilaian"]) == {"berbeda", "data tidak ada di sini"}


def test_nothing_computed_is_not_agreement():
    assert not replicate(names=("Callaway & Sant'Anna (2021), teen employment",)).all_agree


def test_an_unknown_study_is_refused():
    with pytest.raises(
        BadInput, match=r"names: 'Nobody \(1900\)' is not among the studies\. Choose from `WORKS`\."
    ):
        replicate(names=("Nobody (1900)",))
