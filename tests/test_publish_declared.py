"""Sources declared in a file: what a data editor asks is there, or all that is not is told at once."""

from __future__ import annotations

import pytest
from fish_sales import FISH

from pk_research.errors import BadInput, NotFound
from pk_research.publish import read_sources

WHOLE = """
[[source]]
title = "Fish sales"
publisher = "Dinas Perikanan"
licence = "CC BY 4.0"
access = "public"
how = "In the package."
citation = "Dinas Perikanan (2026). *Fish sales* [data]."
files = ["data/fish.csv"]
"""


def told(folder, text):
    (folder / "sources.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_sources(folder / "sources.toml")
    return [str(one) for one in caught.value.problems]


def test_what_is_declared_is_read(tmp_path):
    (tmp_path / "sources.toml").write_text(WHOLE, encoding="utf-8")
    assert read_sources(tmp_path / "sources.toml") == (FISH,)


def test_all_that_is_missing_or_misspelt_is_told_at_once(tmp_path):
    wrong = '[[source]]\ntitle = ""\nlicense = "CC BY 4.0"\naccess = "open"\nfiles = "data/a.csv"\nhow = 3\n'
    assert told(tmp_path, WHOLE + wrong) == [
        "sources.toml, source 2: 'title' is missing. Say what it is called.",
        "sources.toml, source 2: 'publisher' is missing. Say who gives it out, and where.",
        "sources.toml, source 2: 'licence' is missing. Say under which terms.",
        "sources.toml, source 2: 'citation' is missing. Say how it is cited.",
        "sources.toml, source 2: 'license' is no field of a source. Write 'licence'.",
        "sources.toml, source 2: 'files' is 'data/a.csv'. Give a list of texts.",
        "sources.toml, source 2: 'how' is 3. Give a text.",
        "sources.toml, source 2: 'access' is 'open'. Give public or restricted.",
    ]


def test_of_restricted_data_it_is_asked_how_it_was_collected_and_how_long_it_is_kept(tmp_path):
    assert told(tmp_path, WHOLE.replace('"public"', '"restricted"')) == [
        (
            "sources.toml, source 1: 'collected' is missing. Say by which instrument, of whom, how they were"
            " selected, who approved of it."
        ),
        (
            "sources.toml, source 1: 'preserved_years' is missing. Say how many years it is kept after"
            " publication."
        ),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[source]\n", "it is no TOML: "),
        ("", "it declares no source"),
        ("title = 'x'\n" + WHOLE, "it holds something else than sources"),
        ("source = [1]\n", "it holds something else than sources"),
    ],
)
def test_a_file_of_another_kind_is_told(tmp_path, text, expected):
    [one] = told(tmp_path, text)
    assert expected in one
    with pytest.raises(NotFound, match="there is no such file"):
        read_sources(tmp_path / "none.toml")
