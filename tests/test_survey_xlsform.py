"""Forms written as spreadsheets: compiled once, explained where they do not compile, repaired."""

from __future__ import annotations

from pathlib import Path

import pytest
from xlsxwriter import Workbook

from pk_research.errors import BadInput, NotFound
from pk_research.survey import compile_xlsform, repair_xlsform
from pk_research.survey.privacy import personal_in
from pk_research.survey.xlsform import UnsoundForm, compiling, open_xlsform
from pk_research.survey.xlsform.faults import find_faults
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

    def refuse(*_given: object) -> dict[str, str]:
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
        "sheet 'survey', row 2, column 'type'",
        "sheet 'survey', row 4, column 'type'",
        "sheet 'survey', row 4, column 'type'",
        "sheet 'survey', row 3, column 'type'",
        "sheet 'choices', row 3",
    ]
    assert "there is no question type 'poem'" in faults[0]
    assert "the type 'Select_One missing' has capitals. Write 'select_one missing'." in faults[1]
    assert "the list 'missing' is not on the sheet 'choices'" in faults[2]
    assert "the group is never closed" in faults[3]
    assert "has the name of row 2" in faults[4]


MANY = """
    type                           | name    | label         | relevant  | calculation        | parameters
    integr                         | age     | Age           |           |                    |
    select_one yesnp               | sells   | Sells ${aeg}? |           |                    |
    text                           | age     | Age again     | not(1, 2) |                    |
    text                           | my name | Name          |           |                    |
    calculate                      | year    |               |           | ruond(${slls} * 2) |
    range                          | mark    | Mark          |           |                    | start=a end=5
    select_one                     | none    | None          |           |                    |
    text                           |         | No name       |           |                    |
    begin grup                     | g       | G             |           |                    |
    note                           | n       | N             |           |                    |
    end group                      |         |               |           |                    |
    calculate                      | loop1   |               |           | ${loop2} + 1       |
    calculate                      | loop2   |               |           | ${loop1} + 1       |
    select_one_from_file where.csv | places  | Places        |           |                    |
    calculate                      | empty   |               |           |                    |
    begin repeat                   | r       | R             | selected( |                    |
"""
FOUND = """
    survey  | 2  | type        | there is no question type 'integr'. Did you mean 'integer'?
    survey  | 3  | type        | the list 'yesnp' is not on the sheet 'choices'. Did you mean 'yesno'?
    survey  | 3  | label       | there is no question named 'aeg'. Did you mean 'age'?
    survey  | 4  | name        | the name 'age' is that of row 2 already.
    survey  | 4  | relevant    | not() does not take 2 arguments. Give it 1.
    survey  | 5  | name        | the name 'my name' cannot be used. Begin with a letter or underscore
    survey  | 6  | calculation | there is no question named 'slls'. Did you mean 'sells'?
    survey  | 6  | calculation | there is no function ruond(). Did you mean 'round'?
    survey  | 7  | parameters  | the 'parameters' value is invalid.
    survey  | 8  | type        | 'select_one' names no list of choices.
    survey  | 9  | name        | Question or group with no name.
    survey  | 10 | type        | there is no question type 'begin grup'. Did you mean 'begin group'?
    survey  | 13 |             | its calculation depends on itself: /data/loop1 -> /data/loop2.
    survey  | 15 | type        | the file 'where.csv' is not there. Put it beside the form
    survey  | 16 | calculation | Missing calculation.
    survey  | 17 | relevant    | the expression 'selected(' cannot be read: it ends too early.
    survey  | 17 | type        | the repeat is never closed. Add 'end repeat' below it.
    choices | 4  | name        | the 'name' value is invalid. Choices must have a name.
"""


def test_the_faults_of_every_layer_are_told_in_one_run(tmp_path: Path) -> None:
    choices = CHOICES + "    yesno     |      | Nobody knows\n"
    told = faults_of(spreadsheet(tmp_path / "bad.xlsx", MANY, choices))
    for sheet, row, column, what in rows_of(FOUND):
        where = f"sheet {sheet!r}, row {row}" + (f", column {column!r}" if column else "")
        assert any(fault.startswith(f"{where}: {what}") for fault in told), (where, what, told)
    assert len(told) == len(rows_of(FOUND))


def test_faults_only_the_engine_finds_are_told_at_once_with_their_cells(tmp_path: Path) -> None:
    survey = """
        type                           | name   | label            | calculation
        calculate                      | year   |                  | twelvefold(1)
        calculate                      | loop1  |                  | ${loop2}
        calculate                      | loop2  |                  | ${loop1}
        select_one_from_file where.csv | places | Places           |
    """
    with pytest.raises(UnsoundForm) as error:
        open_xlsform(spreadsheet(tmp_path / "shop.xlsx", survey), resource=lambda _address: None)
    assert [str(fault.problem).partition(". ")[0] for fault in error.value.faults] == [
        "sheet 'survey', row 2, column 'calculation': there is no function twelvefold()",
        "sheet 'survey', row 3: its calculation depends on itself: /data/loop1 -> /data/loop2",
        "sheet 'survey', row 5, column 'type': the file 'where.csv' is not there",
    ]


def test_what_runs_but_is_hardly_meant_is_a_doubt(tmp_path: Path) -> None:
    survey = """
        type | name | label             | constraint  | appearance
        text | name | The name of “A”   | . != ‘x’    | minimul
    """
    opened = open_xlsform(spreadsheet(tmp_path / "shop.xlsx", survey))
    quotes, appearance = map(str, opened.doubts)
    assert quotes.startswith("sheet 'survey', row 2, column 'constraint': the quotes in . != ‘x’ are curly")
    assert quotes.endswith("Write: . != 'x'")
    assert appearance == (
        "sheet 'survey', row 2, column 'appearance': the appearance 'minimul' is not known; "
        "the question is shown plainly. Did you mean 'minimal'?"
    )


def test_curly_quotes_of_an_expression_are_made_straight_and_those_of_texts_stay(tmp_path: Path) -> None:
    survey = """
        type | name | label           | constraint | relevant
        text | name | The name of “A” | . != ‘x’   |
        text | day  | The day         |            | ${name} != 'Jum’at'
    """
    path = spreadsheet(tmp_path / "shop.xlsx", survey)
    repaired = repair_xlsform(path, tmp_path / "copy.xlsx")
    rows = read_workbook(repaired.path).sheets["survey"].rows
    assert rows[1] == ("text", "name", "The name of “A”", ". != 'x'")
    assert rows[2][-1] == "${name} != 'Jum’at'", "straight, it would end the text: a person must decide"
    assert len(repaired.done) == 1


def test_a_sound_form_is_not_suspected(project: Path) -> None:
    for path in sorted((project / "data" / "questionnaires").glob("*.xlsx")):
        found = find_faults(read_workbook(path), path)
        assert found == [], path.name


def test_the_prefix_of_personal_answers_need_not_be_declared(tmp_path: Path) -> None:
    survey = """
        type | name | label | bind::pk:personal
        text | name | Name  | yes
    """
    form = open_xlsform(spreadsheet(tmp_path / "shop.xlsx", survey)).form
    assert [node.local for node in personal_in(form)] == ["name"]


def test_another_prefix_must_be_declared_in_the_settings(tmp_path: Path) -> None:
    survey = """
        type | name | label | bind::ours:colour
        text | name | Name  | red
    """
    with pytest.raises(UnsoundForm) as error:
        open_xlsform(spreadsheet(tmp_path / "shop.xlsx", survey))
    assert str(error.value) == (
        "sheet 'survey', row 1, column 'bind::ours:colour': the prefix 'ours' is not declared. "
        "Say on the sheet 'settings', column 'namespaces': ours=\"ADDRESS\"."
    )


def test_capitals_and_doubled_choices_are_repaired(tmp_path: Path) -> None:
    survey = SURVEY.replace("select_one yesno", "Select_one yesno").replace("integer", "INTEGER")
    choices = CHOICES + "    yesno     | n    | No\n"
    path = spreadsheet(tmp_path / "shop.xlsx", survey, choices)
    before = path.read_bytes()
    repaired = repair_xlsform(path, tmp_path / "repaired.xlsx")
    assert [message.text("id") for message in repaired.done] == [
        "Lembar survey, baris 3: tipe Select_one yesno diubah menjadi select_one yesno.",
        "Lembar survey, baris 4: tipe INTEGER diubah menjadi integer.",
        "Lembar choices, baris 4: pilihan ini dihapus karena sama dengan pilihan di baris 3.",
    ]
    assert path.read_bytes() == before
    assert "<sells/>" in compile_xlsform(repaired.path).xml


def test_choices_that_differ_but_share_a_name_are_kept(tmp_path: Path) -> None:
    choices = CHOICES + "    yesno     | n    | Never\n"
    repaired = repair_xlsform(
        spreadsheet(tmp_path / "shop.xlsx", SURVEY, choices), tmp_path / "repaired.xlsx"
    )
    assert len(read_workbook(repaired.path).sheets["choices"].rows) == 4
    (done,) = repaired.done
    assert done.text("en") == (
        "Sheet choices, row 4: the choice may now have the name of row 3 "
        "(allow_choice_duplicates on the sheet settings)."
    )
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
