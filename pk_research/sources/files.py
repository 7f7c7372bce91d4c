"""The bytes of a file: found, kept within bounds, unpacked, and recognised by what they are.

A file's ending is a promise that people break (``.xls`` files that are web pages, ``.csv`` files
that are pictures), so the content decides how it is read.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pk_research.errors import BadInput, NotFound, Problem

MAX_BYTES = 512 * 2**20
MAX_COLUMNS = 16_384
MAX_CELLS = 25_000_000

Kind = Literal["text", "xlsx", "xls", "ods", "parquet", "spss", "stata"]

ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # a part with a password, or packed in an unknown way
)

_SIGNATURES: tuple[tuple[bytes, Kind], ...] = (
    (b"PAR1", "parquet"),
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
    (b"<stata_dta>", "stata"),
)
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_ENDINGS: dict[str, Kind] = {
    ".parquet": "parquet",
    ".sav": "spss",
    ".zsav": "spss",
    ".dta": "stata",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xls",
    ".ods": "ods",
}
WORKBOOKS = ("xlsx", "xls", "ods")
_EXPORT = "Open it in Excel or LibreOffice and save it as .xlsx, or export it as CSV."


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """A file's bytes and what they are.

    Attributes
    ----------
    path
        Where it was read.
    data
        Its bytes, unpacked when it was a gzip file.
    sha256
        Hash of the bytes on disk, before unpacking.
    kind
        What the bytes are.
    """

    path: Path
    data: bytes
    sha256: str
    kind: Kind

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return self.path.name

    @property
    def stem(self) -> str:
        """The file's name without ``.gz`` and without its ending."""
        return stem_of(self.path)


def stem_of(path: Path) -> str:
    """Return a file's name without ``.gz`` and without its ending.

    Examples
    --------
    >>> stem_of(Path("data/idm2024_nasional.csv.gz"))
    'idm2024_nasional'
    """
    return path.with_suffix("").stem if path.suffix == ".gz" else path.stem


def read_file(path: Path) -> Content:
    """Read a file and recognise it.

    Raises
    ------
    NotFound
        When there is no such file.
    BadInput
        When it is a folder, cannot be read, is empty, larger (also when unpacked) than
        `MAX_BYTES`, or of a kind no reader here understands.
    """
    packed = _bytes_of(path)
    data = _unpacked(packed, path.name) if packed[:2] == b"\x1f\x8b" else packed
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise BadInput(Problem(path.name, "the file is empty", "Export or download it again."))
    content = Content(path, data, hashlib.sha256(packed).hexdigest(), _kind(data, path))
    promised = _ENDINGS.get(path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix.lower())
    if content.kind == "text" and promised not in (None, *WORKBOOKS):
        raise BadInput(
            Problem(path.name, f"the content is not what the ending {path.suffix} says", "Export it again.")
        )
    return content


def _bytes_of(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise BadInput(Problem(str(path), "it is a folder", "Give the path of a file in it."))
        if not path.is_file():
            raise NotFound(Problem(str(path), "there is no such file", "Check the path and the spelling."))
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(path.name)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(
            Problem(str(path), f"it cannot be read ({reason})", "Check the path and its permissions.")
        ) from error


def _too_large(name: str) -> BadInput:
    return BadInput(
        Problem(
            name,
            f"it holds more than {MAX_BYTES // 2**20} MiB when unpacked",
            "Split it into smaller files, by year or by province.",
        )
    )


def _unpacked(packed: bytes, name: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(packed)) as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(
            Problem(name, f"the gzip file is damaged ({error})", "Download it again, to the end.")
        ) from error
    if len(data) > MAX_BYTES:
        raise _too_large(name)
    return data


def _kind(data: bytes, path: Path) -> Kind:
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return kind
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_zip(data, path.name)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _kind_of_ole(data, path.name)
    if _is_old_stata(data) and path.suffix.lower() == ".dta":
        return "stata"
    other = next((what for signature, what in _OTHERS if data.startswith(signature)), "")
    if other:
        remedy = "Ask for the table itself, as a spreadsheet or as CSV."
        raise BadInput(Problem(path.name, f"it is {other}, not a table", remedy))
    if markup := _markup(data):
        raise BadInput(Problem(path.name, f"it is {markup}, not a table", _EXPORT))
    return "text"


def _is_old_stata(data: bytes) -> bool:
    return 102 <= data[0] <= 115 and data[1:2] in (b"\x01", b"\x02") and data[2:3] == b"\x01"


def _markup(data: bytes) -> str:
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        return "a web page (HTML)"
    if start.startswith((b"<?xml", b"<gpx", b"<kml", b"<!doctype")):
        return "an XML document"
    if start.startswith((b"{", b"[{")):
        return "a JSON document"
    return ""


def _kind_of_zip(data: bytes, name: str) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = set(archive.namelist())
            is_ods = "content.xml" in members and b"spreadsheet" in archive.read("mimetype")[:100]
    except (KeyError, *ZIP_ERRORS) as error:
        raise BadInput(
            Problem(name, f"the workbook or archive is damaged ({error})", "Download or save it again.")
        ) from error
    if is_ods:
        return "ods"
    if any(member.startswith("xl/") and member.endswith(".bin") for member in members) and (
        "xl/workbook.xml" not in members
    ):
        raise BadInput(Problem(name, "it is a binary Excel workbook (.xlsb)", _EXPORT))
    if "[Content_Types].xml" in members and any(member.startswith("xl/") for member in members):
        return "xlsx"
    raise BadInput(
        Problem(name, "it is a zip archive, not a table", "Unpack it and give the path of one file.")
    )


def _kind_of_ole(data: bytes, name: str) -> Kind:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise BadInput(
            Problem(
                name,
                "the workbook is protected by a password",
                "Open it with its password and save a copy without one.",
            )
        )
    return "xls"
