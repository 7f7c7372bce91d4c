"""Reports for villages and for the council: what the data holds is what they show, in every one of them."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from dataclasses import replace

import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn
from made_scenarios import estimated
from pypdf import PdfReader

from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.findings.village_page import village_html
from pk_research.apps.policy.material import PERCENT
from pk_research.apps.products.made.tables import CANDIDATES, DEMAND, read_table
from pk_research.apps.site import Grid, gather
from pk_research.apps.site import pages as of_site
from pk_research.errors import BadInput
from pk_research.language import Message, number_text
from pk_research.publish.reports import (
    Policies,
    ReportMaterial,
    facts_of,
    write_council_report,
    write_village_reports,
)
from pk_research.publish.reports.blocks import Bullets, Document, Heading, Paragraph, Table
from pk_research.publish.reports.council import Z_95, _range, council_document
from pk_research.publish.reports.pictures import as_svg, village_figure
from pk_research.publish.reports.standing import standing
from pk_research.publish.reports.typeset import pdf_bytes
from pk_research.publish.reports.village import village_document
from pk_research.publish.reports.word import docx_bytes
from pk_research.register import load_register
from pk_research.sample import load_sample
from pk_research.store import open_store

MADE = "Data buatan (contoh), bukan hasil pengamatan"
PLAIN, KELURAHAN_UNDER_A_WRONG_CODE, LONGEST_NAME = "3216012001", "3216011007", "Pantai Harapanjaya"


@pytest.fixture(scope="module")
def material():
    return ReportMaterial(
        load_sample(), "village_survey_made@1", load_register(), read_table(CANDIDATES), read_table(DEMAND),
        products_made=True, demand_made=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def facts(material):
    return facts_of(material)


def pages_of(pdf: bytes) -> list[str]:
    """Return the words of each page, one space between them."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def report(facts, code, language="id") -> list[str]:
    return pages_of(pdf_bytes(village_document(facts, code, language), most_pages=2))


def test_a_village_has_two_pages_with_what_the_survey_holds(facts, material):
    pages = report(facts, PLAIN)
    assert len(pages) == 2
    frame = material.dataset.frame
    for row in frame[frame["village_code"] == PLAIN].itertuples():
        assert number_text(float(row.idm), "id", 3) in pages[0], row.year
    rank = facts.ranks.intervals.loc[PLAIN]
    assert f"{int(rank['rank'])} ({rank['low']:.0f}–{rank['high']:.0f})" in pages[0]
    own = facts.typology.villages.set_index("village_code").loc[PLAIN]
    assert f"Tipe {own['cluster']} dari {facts.typology.k}" in pages[1]
    assert number_text(float(own["ike"]), "id", 3) in pages[1]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_says_that_data_is_made_and_from_which_version(facts, language):
    stamp = {"id": MADE, "en": "Made data (an example), not observed"}[language]
    for page in report(facts, PLAIN, language):
        assert stamp in page
        assert "village_survey_made@1" in page


def test_a_village_whose_data_is_missing_says_so(facts):
    pages = report(facts, KELURAHAN_UNDER_A_WRONG_CODE)
    assert len(pages) == 2
    assert "Kelurahan" in pages[0]
    assert "Kelurahan ini tidak berperingkat: IDM hanya diukur di desa." in pages[0]
    assert "Tidak dibandingkan: tidak ada nilai untuk" in pages[1]


def test_an_indonesian_report_holds_no_english(facts):
    pages = " ".join(report(facts, PLAIN))
    assert "Survei desa Kabupaten Bekasi 2022-2024 (BUATAN, bukan hasil pendataan)" in pages
    assert not set(re.findall(r"\b[a-z]+\b", pages)) & {
        "made",
        "not",
        "names",
        "villages",
        "of",
        "the",
        "and",
    }
    axes = as_svg(village_figure(facts, PLAIN, "id"))
    assert "<!-- 0,8 -->" in axes
    assert "<!-- 0.8 -->" not in axes


def test_the_longest_name_and_a_village_without_products_fit(facts):
    code = next(village.code for village in facts.material.register if village.name == LONGEST_NAME)
    bare = replace(
        facts, material=replace(facts.material, candidates=facts.material.candidates.iloc[:0]), matching=None
    )
    pages = report(bare, code)
    assert len(pages) == 2
    assert "Produk desa ini belum diketahui" in pages[1]


def test_a_report_has_title_language_and_tags(facts):
    pdf = PdfReader(io.BytesIO(pdf_bytes(village_document(facts, PLAIN, "id"), most_pages=2)))
    assert pdf.metadata.title == "Sagara Makmur"
    assert pdf.root_object["/Lang"] == "id"
    assert pdf.root_object["/MarkInfo"]["/Marked"]


def type_on_page(html: str) -> str:
    """Return the number of the type that the page of a village shows; a dash for none."""
    found = re.search(r"<h3 class='pk-type'><span class='pk-chip'[^>]*>(\d+)<", html)
    return found[1] if found else "–"


@pytest.mark.slow
def test_app_site_and_reports_state_the_same_type_of_every_village(facts, material, tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.keep(material.dataset)
    app = FindingsModel(store)
    content = gather(store, grid=Grid(numbers=(None,), levels=(1,)))
    site = {page.path: page.body for page in of_site.pages_of(content, "id") if page.path.startswith("desa/")}
    *_, ranking = (
        block for block in council_document(facts, Policies(), "id").blocks if isinstance(block, Table)
    )
    council = {(village, kecamatan): number for _, village, kecamatan, _, number in ranking.rows}
    said = pd.DataFrame(
        {
            one.code: {
                "app": type_on_page(village_html(app.typology, app.dataset, one.code, "id")),
                "site": type_on_page(site[f"desa/{one.code}.html"]),
                "village": next(standing(facts, one.code, "id")).items[2][0],
                "council": council[one.name, one.kecamatan],
            }
            for one in material.register
        }
    ).T
    assert len(said) == 187
    assert said[said.ne(said["app"], axis=0).any(axis=1)].to_dict("index") == {}
    assert said["village"].value_counts().to_dict() == {"2": 110, "1": 68, "–": 9}
    assert [name.text("id") for name in facts.typology.names] == [
        name.text("id") for name in app.typology.names
    ]


ODD = "#strong[x] $y$ *z* \\ <a> & @b"


def odd_document() -> Document:
    table = Table(ODD, (ODD, "n"), ((ODD, "1"),), (3, 1))
    return Document(ODD, ODD, "en", ODD, ODD, "Page", "2024-12-31", (Heading(ODD), Paragraph(ODD), table))


def test_text_is_never_a_command_in_a_pdf():
    (page,) = pages_of(pdf_bytes(odd_document()))
    assert page.count(ODD) == 9


def test_text_is_never_a_command_in_word():
    word = docx.Document(io.BytesIO(docx_bytes(odd_document())))
    assert [paragraph.text for paragraph in word.paragraphs if paragraph.text] == [ODD] * 5
    assert word.tables[0].cell(1, 0).text == ODD


def test_word_has_headings_repeated_header_rows_and_texts_of_pictures(facts):
    document = council_document(facts, Policies(), "id")
    word = docx.Document(io.BytesIO(docx_bytes(document)))
    wanted = [block.text for block in document.blocks if isinstance(block, Heading)]
    assert [
        paragraph.text for paragraph in word.paragraphs if paragraph.style.name.startswith("Heading")
    ] == wanted
    assert all(len(table.rows[0]._tr.trPr.findall(qn("w:tblHeader"))) == 1 for table in word.tables)
    assert [shape._inline.docPr.get("descr")[:4] for shape in word.inline_shapes] == ["Desa"]
    assert word.sections[0].header.paragraphs[0].text == MADE
    widths = [column.width for column in word.tables[-1].columns]
    assert [round(width / sum(widths), 2) for width in widths] == [0.2, 0.3, 0.27, 0.13, 0.1]
    assert "Penganggur terbuka: kode data hilang -99" in " ".join(one.text for one in word.paragraphs)
    ranking = [[cell.text for cell in row.cells] for row in word.tables[-1].rows[1:]]
    assert len(ranking) == 187


@pytest.mark.slow
@pytest.mark.parametrize("language", ["id", "en"])
def test_what_was_done_to_the_data_is_told_by_labels_and_in_one_language(facts, language):
    blocks = council_document(facts, Policies(), language).blocks
    *_, done = (block for block in blocks if isinstance(block, Bullets))
    told = " ".join(done.items)
    label = facts.material.dataset.codebook["income_idr_month"].label(language)
    meaning = {"id": "Tidak tahu", "en": "Does not know"}
    other = {"id": "en", "en": "id"}[language]
    assert f"{label}: " in told
    assert meaning[language] in told
    assert meaning[other] not in told
    assert not re.search(r"\b[a-z]+_[a-z_]+\b", told), "a name of a column is no word"


def test_products_that_share_a_place_have_a_whole_one_and_an_interval_is_told_in_words(facts):
    blocks = council_document(facts, Policies(), "id").blocks
    products = next(block for block in blocks if isinstance(block, Table) and "Poin (Borda)" in block.header)
    points = [float(points.replace(",", ".")) for _, _, points in products.rows]
    assert len(set(points)) < len(points), "the example has no products that share a place"
    assert [int(rank) for rank, *_ in products.rows] == [
        1 + sum(other > own for other in points) for own in points
    ]
    assert _range(5, 10 / Z_95, "id") == "5 (−5 sampai 15)"
    assert _range(5, 10 / Z_95, "en") == "5 (−5 to 15)"


def test_no_word_of_a_title_or_of_the_head_of_a_table_is_broken(facts):
    document = council_document(facts, Policies(), "en")
    assert document.title in pages_of(pdf_bytes(document))[0]
    for page in report(facts, PLAIN, "en"):
        assert not re.search(r"[a-z]- [a-z]", page)


def test_the_council_report_is_five_to_twelve_pages_and_names_every_village(facts):
    pages = pages_of(pdf_bytes(council_document(facts, Policies(), "id")))
    assert 5 <= len(pages) <= 12, "five where nothing was evaluated"
    assert all(MADE in page for page in pages)
    assert [village.name for village in facts.material.register if village.name not in " ".join(pages)] == []


def test_an_effect_is_told_in_two_sentences_and_what_it_rests_on_in_a_list(facts):
    effect = replace(estimated([("all", "overall", -2.4, 4.2)]), unit=PERCENT, made=True)
    policies = Policies({"label": Message("Labelled packaging")}, {"label": effect})
    blocks = council_document(facts, policies, "en").blocks
    at = blocks.index(Heading("Labelled packaging", 2))
    answer, ground = blocks[at + 1 : at + 3]
    assert isinstance(answer, Paragraph)
    assert isinstance(ground, Bullets)
    assert "2.4% lower" in answer.text
    assert "from −10.6% to 5.8%" in answer.text
    assert answer.text + " " + " ".join(ground.items) == effect.in_words("en").removeprefix(
        "Made data (an example), not observed. "
    )


def test_what_the_stamp_of_every_page_says_no_paragraph_repeats(facts):
    document = council_document(facts, Policies(), "id")
    assert document.stamp == MADE
    told = [block.text for block in document.blocks if isinstance(block, Paragraph)]
    assert [text for text in told if text.startswith(MADE)] == []


def test_a_note_before_a_table_stays_with_it(facts):
    word = docx.Document(io.BytesIO(docx_bytes(council_document(facts, Policies(), "id"))))
    (note,) = (one for one in word.paragraphs if one.text.startswith("Desa yang rentangnya bertumpang"))
    assert note.paragraph_format.keep_with_next


def test_all_unknown_codes_are_named_and_nothing_is_written(material, tmp_path):
    with pytest.raises(BadInput, match="9999999999") as error:
        write_village_reports(material, tmp_path / "new", villages=["9999999999", "x", PLAIN])
    assert len(error.value.problems) == 2
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_not_replaced(material, tmp_path):
    (tmp_path / "own.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match="there already"):
        write_village_reports(material, tmp_path)
    taken = tmp_path / "council.odt"
    taken.write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput) as error:
        write_council_report(material, Policies(), taken)
    assert len(error.value.problems) == 2
    assert taken.read_text(encoding="utf-8") == "mine"


def test_a_dataset_without_indices_is_refused_with_all_it_lacks(material):
    poor = replace(material.dataset, frame=material.dataset.frame.drop(columns=["iks", "idm"]))
    with pytest.raises(BadInput) as error:
        facts_of(replace(material, dataset=poor))
    assert len(error.value.problems) == 2


@pytest.mark.slow
def test_every_village_has_exactly_two_pages(material, tmp_path):
    written = write_village_reports(material, tmp_path / "all")
    assert [path.stem for path in written] == sorted(village.code for village in material.register)
    counts = pd.Series({path.stem: len(PdfReader(path).pages) for path in written})
    assert counts[counts != 2].to_dict() == {}


@pytest.mark.slow
def test_the_same_data_gives_the_same_bytes_whatever_the_hash_seed(tmp_path):
    verbs = (
        ("village-reports", "v", "--village", PLAIN),
        ("council-report", "c.pdf"),
        ("council-report", "c.docx"),
    )
    made = []
    for seed in ("1", "2"):
        home = tmp_path / seed
        environment = os.environ | {"PYTHONHASHSEED": seed, "PK_HOME": str(home / "house")}
        environment.pop("PK_DATABASE_URL", None)
        run = [sys.executable, "-m", "pk_research"]
        subprocess.run([*run, "load", "sample"], env=environment, check=True, capture_output=True)
        for verb, into, *more in verbs:
            command = [*run, "publish", verb, "--into", str(home / into), *more]
            subprocess.run(command, env=environment, check=True, capture_output=True)
        made.append([(home / name).read_bytes() for name in (f"v/{PLAIN}.pdf", "c.pdf", "c.docx")])
    assert [one == other for one, other in zip(*made, strict=True)] == [True, True, True]
