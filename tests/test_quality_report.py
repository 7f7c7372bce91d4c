"""The report: complete as a frame, plain in words, safe and self-contained as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from quality_tables import ROAD, table

from pk_research import quality
from pk_research.codebook import Variable
from pk_research.errors import NotReady
from pk_research.language import Message, catalogue
from pk_research.quality.wording import CHECKS
from pk_research.sources.dataset import Step

FAULTY = """
village_code | village       | iks  | road  | remark
3216012001   | Sagara Makmur | 1.7  | paved | <script>alert(1)</script>
3216012002   | Pantai Makmur | 0.6  | dirt  | a & b
3216012002   | Pantai Makmur | 0.7  | dirt  | a & b
3216012003   | Setia Mulya   | 0.7  | -     | -
"""
STEP = Step(Message("{n} rows were read <as text>", {"n": 4}), 4, ("iks",))


@pytest.fixture(scope="module")
def report() -> quality.Report:
    data = table(FAULTY, ROAD, Variable("remark"), title="Survey <2024>", steps=(STEP,), n_rows_read=4)
    return quality.check(data)


def test_errors_come_first(report):
    assert [finding.severity for finding in report.findings] == ["error", "error", "warning", "note"]
    assert (report.count("error"), report.count("warning"), report.count("note")) == (2, 1, 1)


def test_one_row_a_finding_in_either_language(report):
    english, indonesian = report.to_frame("en"), report.to_frame("id")
    assert list(english.columns) == ["No.", "Severity", "Check", "Finding", "Rows", "Columns"]
    assert list(indonesian.columns) == ["No.", "Tingkat", "Pemeriksaan", "Temuan", "Baris", "Kolom"]
    assert english.iloc[0].tolist() == [
        1, "Error", "Out of range",
        "Social resilience index (IKS): values outside the valid range (0 – 1): 1.", 1, "iks",
    ]  # fmt: skip


def test_every_affected_value_in_one_frame(report):
    rows = report.rows()
    assert list(rows.columns) == [
        "finding", "check", "severity", "row", "village_code", "village", "column", "value", "expected",
    ]  # fmt: skip
    assert len(rows) == sum(len(finding.rows) for finding in report.findings)
    assert rows["check"].tolist() == ["range", "conflict", "conflict", "missing", "missing"]


def test_in_words(report):
    assert report.in_words("en").splitlines()[0] == (
        "Survey <2024>: 4 rows, 3 villages. Errors: 2, in 3 rows; warnings: 1; notes: 1."
    )
    assert (
        "- Kesalahan: Indeks Ketahanan Sosial: nilai di luar rentang yang sah (0 – 1): 1."
        in report.in_words("id")
    )


def test_made_data_says_so_everywhere():
    report = quality.check(table(FAULTY, ROAD, Variable("remark"), made=True))
    assert report.in_words("en").startswith("Made data (an example), not observed.")
    assert '<p class="made">Data buatan (contoh), bukan hasil pengamatan.</p>' in report.to_html("id")


class Outline(HTMLParser):
    """Sees that tags close in order, and collects what a reader of the page relies on."""

    VOID = ("meta", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and re.fullmatch("h[1-6]", self.open[-1]):
            self.headings.append(self.open[-1])


def outline(html: str) -> Outline:
    parser = Outline()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_is_well_formed_accessible_and_needs_nothing_else(report, language):
    html = report.to_html(language)
    page = outline(html)
    tags = [tag for tag, _ in page.seen]
    assert dict(page.seen)["html"] == {"lang": language}
    assert tags.count("table") == tags.count("caption") > 0
    assert all(attrs.get("scope") == "col" for tag, attrs in page.seen if tag == "th")
    assert page.headings[0] == "h1"
    assert page.headings.count("h1") == 1
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert "http" not in html
    assert "prefers-color-scheme: dark" in html


def test_text_from_the_data_is_escaped(report):
    html = quality.check(table("village_code | village | iks\n3216012001 | <b>x</b> | 2\n")).to_html()
    assert "<b>x</b>" not in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "Survey &lt;2024&gt;" in report.to_html("en")
    assert "4 rows were read &lt;as text&gt;" in report.to_html("en")


def test_long_lists_show_a_hundred_rows_and_say_where_the_rest_is():
    rows = "\n".join(f"321601{2000 + n} | 2" for n in range(250))
    html = quality.check(table(f"village_code | iks\n{rows}")).to_html("en")
    assert "The first 100 of 250 entries; all stand in rows.csv under finding 1" in html
    assert html.count("<tr>") == 1 + 100


def test_what_was_not_checked_is_said(report):
    html = report.to_html("en")
    assert "Whether the village codes exist: no register was given." in html


def test_written_files_hold_the_whole_report(report, tmp_path):
    written = quality.write(report, tmp_path / "new", language="en")
    assert [path.name for path in written] == ["quality.html", "findings.csv", "rows.csv"]
    assert written[0].read_text(encoding="utf-8") == report.to_html("en")
    rows = pd.read_csv(written[2], dtype={"village_code": str})
    assert len(rows) == len(report.rows())
    assert [path.name for path in (tmp_path / "new").iterdir() if path.name.startswith(".")] == []


def test_csv_of_made_data_says_so_and_holds_no_formula(tmp_path):
    text = "village_code | village | iks\n3216012001 | =HYPERLINK(1) | 2\n3216012002 | Segara | -3\n"
    quality.write(quality.check(table(text, made=True)), tmp_path, language="id")
    for name in ("findings.csv", "rows.csv"):
        written = pd.read_csv(tmp_path / name, dtype="string")
        assert set(written["Catatan"]) == {"Data buatan (contoh), bukan hasil pengamatan"}
    assert "'=HYPERLINK(1)" in set(written["village"])
    assert any(float(value) == -3 for value in written["value"])


def test_csv_of_observed_data_has_no_such_note(report, tmp_path):
    quality.write(report, tmp_path, language="en")
    assert not {"Note", "Catatan"} & set(pd.read_csv(tmp_path / "rows.csv").columns)


def test_nothing_is_written_where_nothing_can_be(report, tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(NotReady, match="it cannot be written"):
        quality.write(report, tmp_path / "file")


def test_every_check_has_a_name_in_both_languages():
    assert set(CHECKS.values()) <= set(catalogue("id"))
