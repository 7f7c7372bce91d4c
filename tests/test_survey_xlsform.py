"""Forms written as spreadsheets: compiled once, explained where they do not compile, repaired."""

from __future__ import annotations

from pathlib import Path

import pytest
from xlsxwriter import Workbook

from pk_research.errors import BadInput, NotFound
from pk_research.survey import compile_xlsform, repair_xlsform
from pk_research.survey.xlsform import compiling
from pk_research.survey.xlsform.workbook import read_workbook

SURVEY = """
    type              | name  | label          | relevant      | calculation
    text              | name  | Name           |               |
    select_one yesno  | sells | Sells online?  |               |
    integer           | sales | Sales a month  | ${sells}='y'  |
    calculate         | year  |                |               | ${sales} * 12
"""
CHOICES = """
    list_name | name | label
    yesno     | y    | Yes
    yesno     | n    | No
"""


def rows_of(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def spreadsheet(path: Path, survey: str = SURVEY, choices: str = CHOICES, **others: str) -> Path:
    with Workbook(str(path)) as book:
        for name, table in {"survey": survey, "choices": choices, **others}.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows_of(table)):
                sheet.write_row(row, 0, cells)
    return path


def faults_of(path: Path) -> list[str]:
    with pytest.raises(BadInput) as error:
        compile_xlsform(path)
    return [str(problem) for problem in error.value.problems]


def test_a_spreadsheet_becomes_a_form_that_runs(tmp_path: Path) -> None:
    session = compile_xlsform(spreadsheet(tmp_path / "shop.xlsx")).open().start()
    session.answer("/data/sells", "y")
    session.answer("/data/sales", "150")
    assert session.value("/data/year") == "1800"


def test_compiling_is_done_once_for_each_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = spreadsheet(tmp_path / "shop.xlsx")
    first = compile_xlsform(path, cache=tmp_path / "cache")

    def refuse(_path: Path) -> dict[str, str]:
        raise AssertionError("compiled again")

    monkeypatch.setattr(compiling, "_run_worker", refuse)
    assert compile_xlsform(path, cache=tmp_path / "cache") == first
    with pytest.raises(AssertionError, match="compiled again"):
        compile_xlsform(
            spreadsheet(tmp_path / "shop.xlsx", SURVEY.replace("12", "52")), cache=tmp_path / "cache"
        )


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        compile_xlsform(tmp_path / "nowhere.xlsx")


def test_a_file_that_is_no_spreadsheet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_text("type,name\ntext,a\n")
    (fault,) = faults_of(path)
    assert fault == "form.xlsx: it is not an Excel file. Save the form as .xlsx."


def test_every_fault_is_told_with_sheet_and_row(tmp_path: Path) -> None:
    survey = """
        type                | name | label
        poem                | a    | A
        begin group         | g    | G
        Select_One missing  | b    | B
    """
    choices = """
        list_name | name | label
        yesno     | y    | Yes
        yesno     | y    | Certainly
    """
    faults = faults_of(spreadsheet(tmp_path / "bad.xlsx", survey, choices))
    assert [fault.partition(":")[0] for fault in faults] == [
        "sheet 'survey', row 2",
        "sheet 'survey', row 4",
        "sheet 'survey', row 4",
        "sheet 'choices', row 3",
        "sheet 'survey', row 3",
    ]
    assert "there is no question type 'poem'" in faults[0]
    assert "the type 'Select_One missing' has capitals. Write 'select_one missing'." in faults[1]
    assert "the list 'missing' is not on the sheet 'choices'" in faults[2]
    assert "has the name of row 2" in faults[3]
    assert "the group is never closed" in faults[4]


def test_capitals_and_doubled_choices_are_repaired(tmp_path: Path) -> None:
    survey = SURVEY.replace("select_one yesno", "Select_one yesno").replace("integer", "INTEGER")
    choices = CHOICES + "    yesno     | n    | No\n"
    path = spreadsheet(tmp_path / "shop.xlsx", survey, choices)
    before = path.read_bytes()
    repaired = repair_xlsform(path, tmp_path / "repaired.xlsx")
    assert [message.text("id") for message in repaired.done] == [
        "Baris 3: tipe Select_one yesno diubah menjadi select_one yesno.",
        "Baris 4: tipe INTEGER diubah menjadi integer.",
        "1 pilihan yang tertulis ganda dihapus.",
    ]
    assert path.read_bytes() == before
    assert "<sells/>" in compile_xlsform(repaired.path).xml


def test_choices_that_differ_but_share_a_name_are_kept(tmp_path: Path) -> None:
    choices = CHOICES + "    yesno     | n    | Never\n"
    repaired = repair_xlsform(
        spreadsheet(tmp_path / "shop.xlsx", SURVEY, choices), tmp_path / "repaired.xlsx"
    )
    assert len(read_workbook(repaired.path).sheets["choices"].rows) == 4
    compile_xlsform(repaired.path)


def test_a_question_named_like_the_form_gets_the_form_another_name(tmp_path: Path) -> None:
    survey = SURVEY.replace("name  | Name ", "data  | Date ").replace("${sales} * 12", "concat(${data}, 1)")
    repaired = repair_xlsform(spreadsheet(tmp_path / "shop.xlsx", survey), tmp_path / "repaired.xlsx")
    assert compile_xlsform(repaired.path).open().root.name == "form_data"


def test_nothing_to_repair_is_said_by_saying_nothing(tmp_path: Path) -> None:
    assert repair_xlsform(spreadsheet(tmp_path / "shop.xlsx"), tmp_path / "copy.xlsx").done == ()


def test_a_fault_of_the_engines_own_is_told_when_the_form_is_opened(tmp_path: Path) -> None:
    survey = SURVEY.replace("${sales} * 12", "twelvefold(${sales})")
    with pytest.raises(BadInput, match=r"there is no function twelvefold\(\)"):
        compile_xlsform(spreadsheet(tmp_path / "shop.xlsx", survey)).open()


@pytest.mark.parametrize(
    ("call", "labels"),
    [
        ("search('desa')", ["Babelan Kota", "Sukadarma"]),
        ("minimal search('desa', 'matches', 'kec', ${name})", ["Sukadarma"]),
        ("search('desa', 'contains', 'label', 'Kota')", ["Babelan Kota"]),
        ("search('desa', 'startswith', 'label,id', 'd1')", ["Babelan Kota"]),
        ("search('desa', 'contains', 'label', 'a', 'kec', 'k1')", ["Babelan Kota"]),
    ],
)
def test_search_takes_choices_from_a_file(tmp_path: Path, call: str, labels: list[str]) -> None:
    survey = f"""
        type             | name | label | appearance
        text             | name | Kec   |
        select_one desa  | desa | Desa  | {call}
    """
    choices = """
        list_name | name | label
        desa      | id   | label
    """
    listed = b"id,label,kec\nd1,Babelan Kota,k1\nd2,Sukadarma,k2\n"
    compiled = compile_xlsform(spreadsheet(tmp_path / "form.xlsx", survey, choices))
    session = compiled.open(resource=lambda address: listed if address.endswith("desa.csv") else None).start()
    session.answer("/data/name", "k2")
    assert [choice.label for choice in session.choices("/data/desa")] == labels
    session.answer("/data/desa", "d2")
    assert session.value("/data/desa") == ("d2" if "Sukadarma" in labels else "")
