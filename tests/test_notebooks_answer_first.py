"""The numbered notebooks answer their question before they explain it, and their pages fit a telephone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
REPORTS = {"14-replications", "15-did-an-institution-help"}
"""Their readers bring a file of data; they are held to the title and the sources alone."""
NUMBERED = sorted(FOLDER.glob("[0-9][0-9]-*.ipynb"))
ANSWERING = [path for path in NUMBERED if path.stem not in REPORTS]
AT_FIRST = 360  # letters of the title and the line below it: about half a telephone's screen


def named(path: Path) -> str:
    return path.stem


def cells_of(path: Path) -> list[tuple[str, str]]:
    """Kind and source of each cell."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]


def code_of(path: Path) -> str:
    return "\n".join(source for kind, source in cells_of(path) if kind == "code")


def prose_of(path: Path) -> str:
    return "\n\n".join(source for kind, source in cells_of(path) if kind == "markdown")


@pytest.mark.parametrize("path", NUMBERED, ids=named)
def test_the_title_is_a_question(path):
    kind, source = cells_of(path)[0]
    assert kind == "markdown"
    assert re.fullmatch(r"# [^\n]+\?", source.split("\n", 1)[0])


@pytest.mark.parametrize("path", ANSWERING, ids=named)
def test_the_answer_stands_right_below_the_title(path):
    (_, first), (kind, place) = cells_of(path)[:2]
    assert len(first) <= AT_FIRST
    assert kind == "code"
    assert re.search(r'^answer = display\(Markdown\(.*\), display_id="answer"\)$', place, re.MULTILINE)


@pytest.mark.parametrize("path", ANSWERING, ids=named)
def test_the_answer_is_computed_and_begins_with_a_short_sentence_of_its_own(path):
    """The account of the package follows; its first words are no answer to this question."""
    code = code_of(path)
    updates = re.findall(r"^answer\.update\(", code, re.MULTILINE)
    assert len(updates) == 1
    before = code[: code.index("answer.update(")]
    assert re.search(r"^(lead|verdict) = \(", before, re.MULTILINE)


@pytest.mark.parametrize("path", ANSWERING, ids=named)
def test_only_code_tells_a_result(path):
    """A number in prose, bold or not, would outlive the data it came from."""
    for kind, source in cells_of(path):
        if kind == "markdown" and not source.startswith("## Sources"):
            without_names = re.sub(r"`[^`]*`", "", source)
            assert re.findall(r"\d", without_names) == [], source


@pytest.mark.parametrize("path", ANSWERING, ids=named)
def test_it_says_what_it_does_not_show_and_where_to_go_on(path):
    assert "## What this does not show" in prose_of(path)
    (link,) = re.findall(r"\*\*Next question:\*\* \[[^\]]+\?\]\(([^)]+)\)", prose_of(path))
    assert (FOLDER / link).is_file()
    assert link > path.name


@pytest.mark.parametrize("path", ANSWERING, ids=named)
def test_it_names_no_folder_that_a_reader_may_not_have(path):
    assert "shared/" not in prose_of(path)


@pytest.mark.parametrize("path", ANSWERING, ids=named)
def test_pictures_are_as_wide_as_a_telephone(path):
    code = code_of(path)
    drawn = re.findall(r"\.(?:plot\w*|map)\((?:[^()]|\([^()]*\))*\)", code)
    assert [
        call for call in drawn if "LANGUAGE" in call and not re.search(r"width_px=|\*\*width", call)
    ] == []
    width = re.search(r"^WIDTH_PX = (\d+)", code, re.MULTILINE)
    assert width is None or int(width[1]) <= 420


@pytest.mark.parametrize("path", ANSWERING, ids=named)
def test_tables_are_shown_as_people_read_them(path):
    """A bare table counts its rows, writes numbers as the machine does and names what is missing NaN."""
    bare = [
        source
        for kind, source in cells_of(path)
        if kind == "code" and re.search(r"(table\w*\(LANGUAGE\)|to_frame\(\)|\.contradictions)$", source)
    ]
    assert bare == []
