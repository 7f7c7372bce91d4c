"""Tables on a page: as people read them, and whole in the file that is compared."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from pk_research.errors import BadInput
from pk_research.publish import exhibits_of
from pk_research.workbench import shown
from pk_research.writing import MADE, marked

VILLAGES = pd.DataFrame(
    {
        "Code": ["3216012001", "3216012002"],
        "Village": ["Sagara Makmur", "<Pantai Makmur>"],
        "Year": [2023, 2024],
        "Sales": [1_234_567.4, None],
        "Share": [0.25, 0.4567],
        "On the border": [True, False],
    }
)


def kept(styler: pd.io.formats.style.Styler) -> list[list[str]]:
    """The rows of the exhibit that a notebook showing this table leaves behind."""
    output = {"output_type": "display_data", "data": {"text/html": styler.to_html()}}
    cells = [{"cell_type": "code", "id": "c1", "outputs": [output]}]
    ((_, content),) = exhibits_of({"cells": cells}, "01-count")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_numbers_are_written_for_people_and_what_is_missing_is_a_dash():
    assert kept(shown(VILLAGES)) == [
        ["Code", "Village", "Year", "Sales", "Share", "On the border"],
        ["3216012001", "Sagara Makmur", "2023", "1,234,567", "0.250", "yes"],
        ["3216012002", "<Pantai Makmur>", "2024", "–", "0.457", "no"],
    ]
    assert kept(shown(VILLAGES, "id"))[1][3:] == ["1.234.567", "0,250", "ya"]


def test_codes_and_the_note_on_made_data_stay_in_the_file_and_leave_the_page():
    styler = shown(marked(VILLAGES, "en", made=True), folded=["Code", "Not a column"])
    html = styler.to_html()
    assert f"<caption>{MADE}</caption>" in html
    hidden = [line for line in html.split("}") if "display: none" in line]
    assert [any(f".col{place} " in line for line in hidden) for place in (0, 1, 6)] == [True, False, True]
    assert [row[0] for row in kept(styler)][1:] == list(VILLAGES["Code"])
    assert {row[-1] for row in kept(styler)} == {"Note", MADE}


def test_a_table_is_the_same_bytes_each_time_and_two_tables_do_not_share_their_looks():
    assert shown(VILLAGES).to_html() == shown(VILLAGES.copy()).to_html()
    names = {shown(table).to_html().split('<table id="')[1][:10] for table in (VILLAGES, VILLAGES.head(1))}
    assert len(names) == 2


def test_notes_that_differ_stay_a_column():
    noted = VILLAGES.assign(Note=["read", "guessed"])
    assert "caption" not in shown(noted).to_html()
    assert kept(shown(noted))[2][-1] == "guessed"


def test_a_table_without_rows_says_so():
    assert "<caption>–</caption>" in shown(VILLAGES.head(0)).to_html()


def test_a_heading_that_occurs_twice_is_refused():
    with pytest.raises(BadInput, match="table: columns occur twice: Share"):
        shown(VILLAGES.rename(columns={"Sales": "Share"}))
