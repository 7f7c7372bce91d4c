"""The parts of a packed workbook (XLSX, ODS), unpacked within bounds.

The sizes in a zip directory may lie, one cell in the far corner of a sheet stands for billions of
empty ones, and a long text can be pointed at a million times; so the parts are measured before
anything trusts them.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from pk_research.errors import BadInput, Problem
from pk_research.sources.files import MAX_BYTES, ZIP_ERRORS, Content
from pk_research.sources.grid import check_size

_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")

# A cell that is not written as nearly all are: in columns A to Z, above row 100,000.
_UNUSUAL = re.compile(rb'<c(?:\s(?!r="[A-Z][0-9]{1,5}")|>)')
_REFERENCE = re.compile(rb"<(?:\w+:)?(?:c|row)\s(?:[^>]*?\s)?r\s*=\s*[\"']([A-Za-z]*)([0-9]+)")
_TEXT_CELL = re.compile(rb't="s"[^>]*><v>([0-9]+)</v>')
_ODS_TOKEN = re.compile(
    rb"<table:(?P<kind>table-row|table-cell|covered-table-cell)(?P<attributes>[^>]*)>|(?P<end></table:table-row>)"
)
_ODS_REPEATED = re.compile(rb"number-(?:rows|columns)-repeated=\"([0-9]{1,9})\"")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of an XLSX workbook.

    Attributes
    ----------
    name
        As people see it.
    is_visible
        False when it is hidden.
    xml
        Its cells.
    """

    name: str
    is_visible: bool
    xml: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """The unpacked parts of a workbook.

    Attributes
    ----------
    sheets
        In workbook order; empty for ODS.
    named
        Every XML part by its name.
    """

    sheets: tuple[Sheet, ...] = ()
    named: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def shared_texts(self) -> bytes:
        """The XML that lists the texts of all sheets."""
        return self.named.get("xl/sharedStrings.xml", b"")

    @property
    def styles(self) -> bytes:
        """The XML of number formats."""
        return self.named.get("xl/styles.xml", b"")


def unpack(content: Content) -> Parts:
    """Unpack a workbook within `MAX_BYTES`.

    Raises
    ------
    BadInput
        When it is damaged, or would unpack to more, or an ODS sheet spans more than is read.
    """
    with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
            raise _too_large(content.name)
        names = [name for name in archive.namelist() if name.lower().endswith((".xml", ".rels"))]
        parts = {name: read_part(archive, name, where=content.name) for name in names}
    if content.kind == "ods":
        _check_ods(parts.get("content.xml", b""), content.name)
        return Parts()
    return Parts(_sheets(parts), parts)


def check_sheets(parts: Parts, *, where: str) -> None:
    """Refuse a workbook in which the cells of a sheet, or what they point at, would fill the memory.

    Raises
    ------
    BadInput
        When a sheet spans more rows and columns than are read, or its texts are too long together.
    """
    lengths = [len(text) for text in parts.shared_texts.split(b"</si>")]
    for name, xml in parts.named.items():
        if b"\0" in xml[:1000]:
            what = f"its part {name} is written in an unusual encoding"
            raise BadInput(Problem(where, what, "Save it again as .xlsx."))
        if b"sheetData" in xml:
            _check_box(xml, f"{where}, {name}")
            _check_texts(xml, lengths, where)


def cells_hold(xml: bytes, rare: bytes, sought: bytes) -> bool:
    """Tell whether the cells of a sheet hold some bytes; a rare byte is found ten times faster."""
    first, last = xml.find(b"<sheetData"), xml.rfind(b"</sheetData>")
    return xml.find(rare, first + len(b"<sheetData"), last) >= 0 and xml.find(sought, first, last) >= 0


def _too_large(where: str) -> BadInput:
    return BadInput(
        Problem(
            where,
            f"it would unpack to more than {MAX_BYTES // 2**20} MiB",
            "Check where it comes from; save the table alone as a new workbook or as CSV.",
        )
    )


def read_part(archive: zipfile.ZipFile, name: str, *, where: str) -> bytes:
    """Unpack one part; its true size cannot exceed the declared one, or its checksum is wrong.

    Raises
    ------
    BadInput
        When it is damaged.
    """
    try:
        return archive.read(name)
    except ZIP_ERRORS as error:
        what = f"its part {name} is damaged ({error})"
        raise BadInput(Problem(where, what, "Download it again, or save it again.")) from error


def _sheets(parts: Mapping[str, bytes]) -> tuple[Sheet, ...]:
    targets = {}
    for relation in _RELATION.findall(
        parts.get("xl/_rels/workbook.xml.rels", b"").decode("utf-8", "replace")
    ):
        about = _attributes(relation)
        target = about.get("Target", "")
        targets[about.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
    sheets = []
    for sheet in _SHEET.findall(parts.get("xl/workbook.xml", b"").decode("utf-8", "replace")):
        about = _attributes(sheet)
        part = next((targets.get(value, "") for name, value in about.items() if name.endswith(":id")), "")
        sheets.append(Sheet(about.get("name", ""), "state" not in about, parts.get(part, b"")))
    return tuple(sheets)


def _attributes(tag: str) -> dict[str, str]:
    return {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(tag)}


def _check_box(xml: bytes, where: str) -> None:
    """Refuse a sheet whose first and last cell span more than is read."""
    if not _UNUSUAL.search(xml) and not cells_hold(xml, b":", b":c "):
        return
    references = _REFERENCE.findall(xml)
    n_columns = max((column_number(letters) for letters, _ in references), default=0)
    n_rows = max((int(row) for _, row in references), default=0)
    check_size(where, n_rows, n_columns)


def column_number(letters: bytes) -> int:
    """Return the number of a column, from 1.

    Examples
    --------
    >>> column_number(b"A"), column_number(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _check_texts(xml: bytes, lengths: list[int], where: str) -> None:
    if max(lengths) * (len(xml) // 20) <= MAX_BYTES:
        return
    pointed = (int(n) for n in _TEXT_CELL.findall(xml))
    if sum(lengths[n] for n in pointed if n < len(lengths)) > MAX_BYTES:
        raise _too_large(where)


def _check_ods(xml: bytes, where: str) -> None:
    """Refuse an ODS sheet whose repeated rows and cells multiply to more than is read."""
    n_rows = widest = in_row = repeated_row = trailing = 0
    for token in _ODS_TOKEN.finditer(xml):
        if token["end"]:
            if in_row:
                n_rows, widest = n_rows + repeated_row, max(widest, in_row)
                check_size(where, n_rows, widest)
            continue
        repeated = _ODS_REPEATED.search(token["attributes"])
        n = int(repeated[1]) if repeated else 1
        if token["kind"] == b"table-row":
            in_row, trailing, repeated_row = 0, 0, n
        elif b"value" in token["attributes"] or not token["attributes"].endswith(b"/"):
            in_row, trailing = in_row + trailing + n, 0
        else:
            trailing += n
