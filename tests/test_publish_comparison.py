"""Two runs side by side: what differs is told with its place, its size, and what was damaged."""

from __future__ import annotations

import base64

import nbformat
import pandas as pd
import pytest
from notebook_outputs import picture, shown

from pk_research.errors import BadInput
from pk_research.publish import compare_exhibits, exhibits_of, write_exhibits


def table(**columns):
    return shown(html=pd.DataFrame(columns).to_html())


def drawn(content):
    return shown(png=base64.b64encode(content).decode())


def listed(folder, *outputs, name="01-count"):
    cells = [nbformat.v4.new_code_cell(id=f"c{n}", outputs=[one]) for n, one in enumerate(outputs)]
    return write_exhibits(exhibits_of(nbformat.v4.new_notebook(cells=cells), name), folder)


def told(folder, **options):
    found = compare_exhibits(folder / "a", folder / "b", **options)
    return {one.file: one.what for one in found.differences}


def test_the_same_run_twice_differs_in_nothing(tmp_path):
    for name in "ab":
        listed(tmp_path / name, table(n=[3]), shown(markdown="Seven."))
    found = compare_exhibits(tmp_path / "a", tmp_path / "b")
    assert (found.compared, found.differences) == (("01-count.c0.1.csv", "01-count.c1.1.md"), ())


def test_a_number_that_differs_is_told_by_its_row_and_heading_and_all_are_counted(tmp_path):
    listed(tmp_path / "a", table(village=["x", "y"], poor=[3.0, 4.0]))
    listed(tmp_path / "b", table(village=["x", "z"], poor=[3.0, 4.5]))
    assert told(tmp_path) == {
        "01-count.c0.1.csv": "row 3 (1) column 2 (village): was 'y', is 'z'; 2 of 9 cells differ,"
        " numbers by up to 0.11 of the larger"
    }


def test_rows_and_columns_that_are_more_or_fewer_are_told(tmp_path):
    listed(tmp_path / "a", table(n=[1]), table(n=[1]))
    listed(tmp_path / "b", table(n=[1, 2]), table(n=[1], m=[2]))
    assert [*told(tmp_path).values()] == ["it had 2 rows and has 3", "row 1 had 2 columns and has 3"]


def test_a_sentence_that_differs_is_told_where_it_does_however_long_it_is(tmp_path):
    long = "word " * 40
    listed(tmp_path / "a", shown(markdown=f"One.\n{long}Seven."), shown(markdown="One.\nTwo."))
    listed(tmp_path / "b", shown(markdown=f"One.\n{long}Eight."), shown(markdown="One."))
    first, second = told(tmp_path).values()
    assert first.startswith("line 2: was '…")
    assert "Seven." in first
    assert "Eight." in first
    assert len(first) < 250
    assert second == "it had 2 lines and has 1"


def test_a_picture_that_differs_is_told_with_how_much_and_where(tmp_path):
    listed(tmp_path / "a", drawn(picture(1)), drawn(picture(1)))
    listed(tmp_path / "b", drawn(picture(2)), drawn(picture(1, size=2)))
    first, second = told(tmp_path).values()
    share, where = first.split("% of its points, between row ")
    assert 0 < float(share) < 100
    assert where.count(" and ") == 2
    assert second == "it was 40 x 40 points and is 80 x 40"


def test_what_only_one_run_makes_is_told_by_which(tmp_path):
    listed(tmp_path / "a", table(n=[1]), shown(markdown="Seven."))
    listed(tmp_path / "b", table(n=[1]), drawn(picture(1)))
    assert told(tmp_path) == {
        "01-count.c1.1.md": "the earlier run made it, this one does not",
        "01-count.c1.1.png": "this run makes it, the earlier one did not",
    }


def test_numbers_within_the_tolerance_are_the_same_and_texts_never(tmp_path):
    listed(tmp_path / "a", table(n=["1.0", "1,000,000"], name=["x", "y"]))
    listed(tmp_path / "b", table(n=["1.000000001", "1,000,000"], name=["x", "y"]))
    assert told(tmp_path, tolerance=1e-6) == {}
    assert len(told(tmp_path, tolerance=1e-12)) == 1
    listed(tmp_path / "b", table(n=["1.0", "1,000,000"], name=["x", "z"]))
    assert "was 'y', is 'z'; 1 of 9 cells differ" in told(tmp_path, tolerance=1e-6)["01-count.c0.1.csv"]
    with pytest.raises(BadInput, match=r"tolerance: it is -1\. Give 0 or more"):
        told(tmp_path, tolerance=-1)


DAMAGES = {
    "01-count.c0.1.csv": b"\xff\xfe\x00",
    "01-count.c1.1.md": b"\xff\xfe\x00",
    "01-count.c2.1.png": picture(1)[:200],
}


@pytest.mark.parametrize("file", DAMAGES)
def test_a_file_that_was_damaged_is_told_and_not_a_crash(tmp_path, file):
    for name in "ab":
        listed(tmp_path / name, table(n=[1]), shown(markdown="Seven."), drawn(picture(1)))
    (tmp_path / "a" / file).write_bytes(DAMAGES[file])
    [what] = told(tmp_path).values()
    assert "its file is damaged" in what
    assert "the earlier run's file was changed since it was made: unpack it anew" in what


def test_a_file_that_was_changed_or_taken_away_is_seen_though_the_lists_agree(tmp_path):
    for name in "ab":
        listed(tmp_path / name, shown(markdown="Seven."), shown(markdown="Eight."), shown(markdown="Ten."))
    (tmp_path / "b" / "01-count.c0.1.md").write_text("Nine.", encoding="utf-8")
    (tmp_path / "b" / "01-count.c1.1.md").unlink()
    (tmp_path / "a" / "01-count.c2.1.md").unlink()
    assert [*told(tmp_path).values()] == [
        "line 1: was 'Seven.', is 'Nine.'",
        "the later run lists it, but its file is not there",
        "the earlier run lists it, but its file is not there: unpack it anew",
    ]


def test_of_some_notebooks_only_theirs_are_compared(tmp_path):
    both = [
        *exhibits_of(nbformat.v4.new_notebook(cells=[cell(markdown="Seven.")]), "01-count"),
        *exhibits_of(nbformat.v4.new_notebook(cells=[cell(markdown="Eight.")]), "02-more"),
    ]
    write_exhibits(both, tmp_path / "a")
    write_exhibits(both[:1], tmp_path / "b")
    assert [*told(tmp_path)] == ["02-more.c.1.md"]
    assert told(tmp_path, notebooks={"01-count"}) == {}


def cell(**data):
    return nbformat.v4.new_code_cell(id="c", outputs=[shown(**data)])


def test_what_a_package_withholds_is_no_difference_and_is_told(tmp_path):
    every = listed(tmp_path / "b", table(n=[1]), table(ill=[3]))
    listed(tmp_path / "a", table(n=[1]))
    (tmp_path / "a" / "withheld.csv").write_text(f"file,why\n{every[1].file},few\n", encoding="utf-8")
    found = compare_exhibits(tmp_path / "a", tmp_path / "b")
    assert (found.compared, found.differences, found.withheld) == ((every[0].file,), (), (every[1].file,))
