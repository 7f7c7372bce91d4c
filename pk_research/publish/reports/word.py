"""A report as a Word file: real headings, header rows that repeat, pictures with texts."""

from __future__ import annotations

import io
import zipfile
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pk_research.publish.reports.blocks import (
    Block,
    Bullets,
    Document,
    Heading,
    KeyFigures,
    NewPage,
    Paragraph,
    Picture,
    Table,
)

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)
WIDTH_CM = 17.0
LANGUAGES = {"id": "id-ID", "en": "en-GB"}


def docx_bytes(document: Document) -> bytes:
    """Write a report as Word (docx), the same bytes for the same report.

    Parameters
    ----------
    document
        The report. Characters that XML cannot hold are shown as a question mark.
    """
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    word = docx.Document()
    about = word.core_properties
    about.title, about.author, about.language = (
        document.title,
        "Pabrik Kampoeng",
        LANGUAGES[document.language],
    )
    about.comments = document.stamp
    about.created = about.modified = document.moment.replace(tzinfo=None)
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    style: Any = word.styles["Normal"]
    style.font.name, style.font.size = "Liberation Sans", Pt(10)
    fonts = style.element.get_or_add_rPr()
    language = fonts.makeelement(qn("w:lang"), {qn("w:val"): LANGUAGES[document.language]})
    fonts.append(language)
    if document.stamp:
        run = section.header.paragraphs[0].add_run(_shown(document.stamp))
        run.bold, run.font.color.rgb = True, RGBColor(0xA6, 0x1B, 0x1B)
    foot = section.footer.paragraphs[0]
    foot.add_run(_shown(f"{document.footer} · {document.page_word} ")).font.size = Pt(8)
    _page_number(foot)
    word.add_heading(_shown(document.title), 0)
    word.add_paragraph(_shown(document.subtitle), style="Subtitle")
    for block, after in pairwise((*document.blocks, NewPage())):
        _add(word, block)
        if isinstance(block, Paragraph) and isinstance(after, Table):
            word.paragraphs[-1].paragraph_format.keep_with_next = True
    buffer = io.BytesIO()
    word.save(buffer)
    return _without_times(buffer.getvalue())


def _add(word: WordDocument, block: Block) -> None:
    match block:
        case Heading(text, level):
            word.add_heading(_shown(text), level)
        case Paragraph(text, style):
            paragraph = word.add_paragraph()
            run = paragraph.add_run(_shown(text))
            run.bold = style == "lead" or None
            run.italic = style == "note" or None
        case Bullets(items):
            for item in items:
                word.add_paragraph(_shown(item), style="List Bullet")
        case KeyFigures(items):
            for value, label, doubt in items:
                paragraph = word.add_paragraph(style="List Bullet")
                paragraph.add_run(_shown(f"{label}: "))
                paragraph.add_run(_shown(value)).bold = True
                paragraph.add_run(_shown(f" · {doubt}"))
        case Table():
            _add_table(word, block)
        case Picture():
            _add_picture(word, block)
        case NewPage():
            word.add_page_break()  # type: ignore[no-untyped-call]


def _add_table(word: WordDocument, table: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt

    caption = word.add_paragraph(_shown(table.caption), style="Caption")
    caption.paragraph_format.keep_with_next = True
    made = word.add_table(rows=1 + len(table.rows), cols=len(table.header), style="Light Grid Accent 1")
    made.autofit = False
    widths = [Cm(WIDTH_CM * width / sum(table.widths)) for width in table.widths]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width  # LibreOffice reads it here, Word in each cell
    for number, (row, texts) in enumerate(zip(made.rows, (table.header, *table.rows), strict=True)):
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no other way
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = widths[column]
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(_shown(text))
            run.font.size = Pt(8)
            run.bold = number == 0 or number - 1 in table.strong
            if column >= table.n_text:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    word.add_paragraph()


def _add_picture(word: WordDocument, picture: Picture) -> None:
    from docx.shared import Cm

    shape = word.add_picture(io.BytesIO(picture.png), width=Cm(WIDTH_CM * picture.width_pct / 100))
    properties = shape._inline.docPr  # noqa: SLF001 - python-docx has no other way to a text for the blind
    properties.set("descr", _shown(picture.alt))
    properties.set("title", _shown(picture.caption))
    word.paragraphs[-1].paragraph_format.keep_with_next = True
    word.add_paragraph(_shown(picture.caption), style="Caption")


def _page_number(paragraph: Any) -> None:  # noqa: ANN401 - python-docx's paragraph carries no public type
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number = paragraph.add_run("1")
    number.font.size = Pt(8)
    field.append(number._r)  # noqa: SLF001
    paragraph._p.append(field)  # noqa: SLF001


def _shown(text: str) -> str:
    """Return a text that XML can hold."""
    return "".join(
        "?" if (sign < " " and sign not in "\t\n") or "\ufffe" <= sign <= "\uffff" else sign for sign in text
    )


def _without_times(content: bytes) -> bytes:
    """Pack a Word file anew, so that it does not tell when it was packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as was, zipfile.ZipFile(packed, "w") as now:
        for name in was.namelist():
            entry = zipfile.ZipInfo(name, FIRST_DAY_OF_ZIP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            now.writestr(entry, was.read(name))
    return packed.getvalue()
