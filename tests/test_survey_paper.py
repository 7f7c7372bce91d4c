"""Forms on paper: what a person with a pen needs, and what one with a filled sheet reads."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from harvest_form import ANNA, filled, first_version, two_fillings
from test_language import texts_in

from pk_research.errors import BadInput, NotReady
from pk_research.language import Language, catalogue
from pk_research.survey import parse_form
from pk_research.survey.paper import conditions, pdf, printing, sheet
from pk_research.survey.paper.conditions import Sentences
from pk_research.survey.paper.outline import numbers_of, outline_of
from pk_research.survey.paper.wording import Wording
from pk_research.survey.xpath import Expression

FORM = first_version()


class _Reader(HTMLParser):
    """Collects the words of a page, and notices what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        if "style" not in self.open:
            self.words.append(data)


def words(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    assert reader.open == []
    return re.sub(r"\s+", " ", " ".join(reader.words))


# --- empty


def test_an_empty_sheet_asks_everything_in_the_language_wanted() -> None:
    indonesian, english = words(sheet(FORM, language="id")), words(sheet(FORM, language="en"))
    for asked in ("Siapa nama Anda?", "Di desa mana?", "Usaha apa?", "Makanan", "Pelatihan"):
        assert asked in indonesian
    for asked in ("What is your name?", "Which business?", "Food", "Training", "Interviewer"):
        assert asked in english


def test_questions_are_numbered_and_sections_lettered() -> None:
    assert numbers_of(outline_of(FORM)) == {
        "/data/name": "1",
        "/data/location/village": "2",
        "/data/location/place": "3",
        "/data/kind": "4",
        "/data/other": "5",
        "/data/wants": "6",
        "/data/workers": "7",
        "/data/income": "8",
        "/data/started": "9",
        "/data/photo": "10",
        "/data/crops/crop/what": "11",
        "/data/crops/crop/sale/kg": "12",
    }
    assert "A Lokasi" in words(sheet(FORM))


def test_each_kind_of_question_has_its_own_space() -> None:
    html = sheet(FORM, language="en")
    assert html.count('<span class="round"></span>') == 2  # one of two businesses
    assert html.count('<span class="tick"></span>') == 2  # any of two needs
    assert '<span class="digits"><span></span><span></span><span></span></span>' in html  # up to 999 workers
    assert "yyyy" in html
    assert "Latitude" in html
    assert "Attachment number" in html


def test_a_repeat_is_a_table_with_empty_rows() -> None:
    html = sheet(FORM, language="en")
    (first, second) = re.findall(r"<table>.*?</table>", html)
    assert "Which crop?" in first
    assert first.count("<tr>") == 1 + 5
    assert "kg" in second


LONG = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
<h:head><h:title>T</h:title><model><instance><data id="t"><r>NODES</r></data></instance></model></h:head>
<h:body><repeat nodeset="/data/r">QUESTIONS</repeat></h:body></h:html>"""


def test_a_repeat_of_many_questions_stands_on_end_and_long_lists_stand_below() -> None:
    items = "".join(f"<item><label>Crop {n}</label><value>{n}</value></item>" for n in range(1, 13))
    questions = "".join(f'<input ref="/data/r/q{n}"><label>Q{n}</label></input>' for n in range(6))
    form = parse_form(
        LONG.replace("NODES", "<s/>" + "".join(f"<q{n}/>" for n in range(6))).replace(
            "QUESTIONS", f'<select1 ref="/data/r/s"><label>Crop</label>{items}</select1>{questions}'
        )
    )
    html = sheet(form)
    assert '<table class="on-end">' in html
    assert "<b>12</b>&nbsp;Crop 12" in html


def test_marks_in_texts_are_kept_and_nothing_else_is_markup() -> None:
    form = parse_form(
        LONG.replace("NODES", "<q/>").replace(
            "QUESTIONS",
            '<input ref="/data/r/q"><label>**Say** &lt;script&gt;alert(1)&lt;/script&gt; a &lt; b</label>'
            "</input>",
        )
    )
    html = sheet(form)
    assert "<strong>Say</strong> alert(1) a &lt; b" in html
    assert "<script" not in html


# --- when a question is asked


CONDITIONS = [
    ("/data/kind = 'other'", "question 4 is “Other”", "pertanyaan 4 adalah “Lainnya”"),
    ("/data/kind != 'food'", "question 4 is not “Food”", "pertanyaan 4 bukan “Makanan”"),
    ("'other' = /data/kind", "question 4 is “Other”", None),
    ("/data/kind != ''", "question 4 has an answer", "pertanyaan 4 dijawab"),
    ("/data/kind = ''", "question 4 has no answer", None),
    ("selected(/data/wants, 'loan')", "question 6 includes “Loan”", "pertanyaan 6 mencakup “Kredit”"),
    ("not(selected( /data/wants , 'loan'))", "question 6 does not include “Loan”", None),
    ("/data/workers > 3", "question 7 is more than 3", None),
    ("3 >= /data/workers", "question 7 is 3 or less", None),
    ("/data/workers = -99", "question 7 is -99", None),
    (
        "selected(/data/wants, 'loan') and /data/workers > 0 and /data/kind = 'food'",
        "question 6 includes “Loan” and question 7 is more than 0 and question 4 is “Food”",
        None,
    ),
    ("/data/kind = 'food' or /data/workers < 2", "question 4 is “Food” or question 7 is less than 2", None),
    ("not(/data/kind = 'food')", "it is not so that question 4 is “Food”", None),
    ("/data/greeting = 'x'", "“greeting” is x", None),
    (
        "/data/workers * 2 > count(/data/crops/crop)",
        "the rule [7] * 2 > count(crop) holds",
        "aturan [7] * 2 > count(crop) terpenuhi",
    ),
]


@pytest.mark.parametrize(("rule", "english", "indonesian"), CONDITIONS)
def test_a_rule_is_said_in_words(rule: str, english: str, indonesian: str | None) -> None:
    assert spoken(rule, "en") == english
    assert indonesian is None or spoken(rule, "id") == indonesian


def spoken(rule: str, language: Language) -> str:
    said = Sentences(Wording(FORM, language), numbers_of(outline_of(FORM)))
    return said.condition(Expression(rule), FORM.paths["/data/other"]).text(language)


def test_and_and_or_together_are_not_ambiguous() -> None:
    rule = "/data/kind = 'food' and (/data/workers < 2 or /data/workers > 5)"
    assert spoken(rule, "en") == (
        "question 4 is “Food” and (question 7 is less than 2 or question 7 is more than 5)"
    )


def test_the_condition_stands_before_its_question() -> None:
    text = words(sheet(FORM, language="id"))
    assert "Hanya jika pertanyaan 4 adalah “Lainnya” Usaha lain apa?" in text


# --- filled


def test_a_filled_sheet_shows_labels_not_values() -> None:
    text = words(sheet(FORM, filling=two_fillings(FORM)[0], language="en"))
    for shown in ("Anna", "Sukamaju, RT 3", "Other", "Loan", "Training", "March 1, 2021", "1250000.5"):
        assert shown in text
    assert "Latitude -6.25 · Longitude 107.01" in text
    assert "received 2026-05-17 09:30 UTC" in text


def test_what_did_not_apply_is_counted_and_what_was_not_answered_is_said() -> None:
    text = words(sheet(FORM, filling=two_fillings(FORM)[1], language="en"))
    assert "2 questions did not apply and are not printed." in text
    assert "Which other business?" not in text
    assert "In which village? not answered" in text


def test_numbers_are_those_of_the_empty_sheet() -> None:
    assert "9 Sejak 1 Maret 2021" in words(sheet(FORM, filling=two_fillings(FORM)[0], language="id"))


def test_instances_are_rows_and_inner_repeats_follow_theirs() -> None:
    html = sheet(FORM, filling=two_fillings(FORM)[0], language="en")
    tables = [words(table) for table in re.findall(r"<table.*?</table>", html)]
    assert [re.sub(r"^.*?(?=1 padi|1 12.5|1 0)", "", table).strip() for table in tables] == [
        "1 padi 2 melon",
        "1 12.5 2 3",
        "1 0",
    ]


def test_answers_cannot_write_markup() -> None:
    html = sheet(FORM, filling=filled(FORM, ANNA, {"name": "<img src=x onerror=alert(1)>"}))
    assert "&lt;img src=x" in html
    assert "<img" not in html


def test_pictures_are_printed_and_other_files_named() -> None:
    png = b"\x89PNG\r\n\x1a\n rest"
    filling = two_fillings(FORM)[0]
    assert 'src="data:image/png;base64,' in sheet(FORM, filling=filling, attachments={"rumah.jpg": png})
    assert "rumah.jpg" in sheet(FORM, filling=filling, attachments={"rumah.jpg": b"<svg/>"})


def test_personal_answers_can_be_blackened() -> None:
    text = words(sheet(FORM, filling=two_fillings(FORM)[0], personal="leave out"))
    assert "Anna" not in text
    assert "Enumerator One" not in text
    assert "data pribadi, tidak dicetak" in text


def test_a_filling_of_another_form_is_refused() -> None:
    with pytest.raises(BadInput):
        sheet(FORM, filling="<other/>")


# --- both


def test_every_word_of_the_house_on_paper_has_its_indonesian(project: Path) -> None:
    known = set(catalogue("id"))
    folder = project / "pk_research" / "survey" / "paper"
    written = set().union(*(texts_in(path) for path in folder.glob("*.py")))
    for path in folder.glob("*.py"):
        written |= set(re.findall(r'(?:\.say|_say|_short)\("([^"]+)"', path.read_text(encoding="utf-8")))
    written |= {*conditions.COMPARED.values(), *conditions.EMPTY.values()}
    written |= {conditions.INCLUDES, conditions.LACKS}
    assert sorted(written - known) == []


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    html = sheet(FORM)
    assert "default-src 'none'" in html
    assert "http" not in html.replace("http-equiv", "")


def test_a_page_is_printed_where_there_is_a_browser(tmp_path: Path) -> None:
    if not any(map(shutil.which, printing.BROWSERS)):
        pytest.skip("Chromium is not installed: `apt-get install chromium`")
    html = sheet(FORM, filling=two_fillings(FORM)[0])
    first, second = (pdf(html, tmp_path / name).read_bytes() for name in ("a.pdf", "b.pdf"))
    assert first.startswith(b"%PDF-")
    assert first == second


def test_without_a_browser_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "BROWSERS", ())
    with pytest.raises(NotReady, match="print the HTML page from any browser"):
        pdf("<p>", tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []
