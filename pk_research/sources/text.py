"""Text files: which encoding, which separator, and the cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from itertools import islice
from typing import Any

from charset_normalizer import from_bytes

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.sources.dataset import Step
from pk_research.sources.files import Content
from pk_research.sources.grid import Grid, Rows, check_size

SEPARATORS = ",;\t|"
MAX_CELL_CHARACTERS = 131_072

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp437",
    "cp850",
    "mac_roman",
    "big5",
    "gb18030",
    "shift_jis",
    "euc_kr",
]
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
_SAMPLE_BYTES = 100_000
_SAMPLE_ROWS = 50


def read_text(content: Content) -> Grid:
    """Read a delimited text file of any encoding and separator.

    Raises
    ------
    BadInput
        When it is not text, mixes encodings, has a quotation mark that never closes, or is
        larger than is read.
    """
    text, steps = decode(content.data, where=content.name)
    declared = re.match(r"sep=(.)\r?\n", text)
    text = text[declared.end() :] if declared else text
    separator = declared[1] if declared else find_separator(text)
    rows = read_rows(text, separator, content.name)
    if separator in " \t" and {len(row) for row in rows[1:] if row} == {len(rows[0]) + 1}:
        rows[0] = ["", *rows[0]]  # R gives its row names no heading
    return Grid(content.name, rows, 2 if declared else 1, tuple(steps))


def decode(data: bytes, *, where: str) -> tuple[str, list[Step]]:
    """Decode bytes: by their mark, as UTF-8, else by what their letters look like.

    Returns
    -------
    tuple
        The text, and a step when the encoding had to be guessed or letters are already lost.

    Raises
    ------
    BadInput
        When the bytes are not text, or are UTF-8 in some rows and not in others.

    Examples
    --------
    >>> decode("Añelo".encode("utf-16"), where="a.csv")
    ('Añelo', [])
    """
    steps: list[Step] = []
    encoding = _marked(data)
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding:
            raise BadInput(
                Problem(where, f"it is damaged: not {encoding} from byte {error.start}", "Export it again.")
            ) from error
        text, steps = _decode_legacy(data, where)
    if _CONTROL.search(text):
        raise BadInput(
            Problem(where, "it holds bytes that no text holds, such as NUL", "Export the table as CSV.")
        )
    if "\ufffd" in text:
        n_lost = sum("\ufffd" in line for line in text.splitlines())
        steps.append(
            Step(Message("Letters were lost before this file was made; they show as “\ufffd”"), n_lost)
        )
    return text, steps


def _marked(data: bytes) -> str | None:
    """Return the encoding that a byte order mark, or the pattern of zero bytes, gives away."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    start = data[:1000]
    if len(start) >= 4 and start[1::2].count(0) > 0.4 * len(start) / 2 and not start[::2].count(0):
        return "utf-16-le"
    if len(start) >= 4 and start[::2].count(0) > 0.4 * len(start) / 2 and not start[1::2].count(0):
        return "utf-16-be"
    return None


def _decode_legacy(data: bytes, where: str) -> tuple[str, list[Step]]:
    lines = [line for line in data.splitlines(keepends=True) if not line.isascii()]
    mixed = [line for line in lines if _is_utf8(line)]
    if mixed:
        first = next(n for n, line in enumerate(data.splitlines(), 1) if not _is_utf8(line))
        raise BadInput(
            Problem(
                where,
                f"some lines are UTF-8 and others are not, first line {first}",
                "Save each part with one encoding, best UTF-8, before joining them.",
            )
        )
    best = from_bytes(b"".join(lines)[:_SAMPLE_BYTES], cp_isolation=_LEGACY).best()
    if best is None:
        raise BadInput(Problem(where, "its encoding cannot be told", "Save it again as UTF-8."))
    encoding = best.encoding
    try:
        text = data.decode(encoding)
        if text == data.decode("cp1252", errors="replace"):
            encoding = "windows-1252"
    except UnicodeDecodeError as error:
        raise BadInput(Problem(where, "its encoding cannot be told", "Save it again as UTF-8.")) from error
    step = Step(Message("It is not UTF-8 and was read as {encoding}", {"encoding": encoding}), len(lines))
    return text, [step]


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def find_separator(text: str) -> str:
    r"""Find the sign between the cells: the one that gives most rows the same width.

    Examples
    --------
    >>> find_separator("desa;luas\nA;1,5\nB;2,5\n"), find_separator("desa\nA\n")
    (';', ',')
    """
    best = max(SEPARATORS, key=lambda separator: _regularity(text, separator))
    if _regularity(text, best) > (0, 0):
        return best
    share, width = _regularity(text, " ", leave_out_first=True)  # R gives row names no heading
    return " " if share == 1 and width > 1 else max(SEPARATORS, key=text.partition("\n")[0].count)


def _regularity(text: str, separator: str, *, leave_out_first: bool = False) -> tuple[float, int]:
    """Return the share of rows that have the commonest width above one, and that width."""
    try:
        rows = [row for row in islice(_reader(text, separator), _SAMPLE_ROWS) if row][leave_out_first:]
    except csv.Error:
        return 0, 0
    widths = Counter(len(row) for row in rows)
    width, n = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(0, 0))
    return (n / len(rows), width) if width > 1 else (0, 0)


def _reader(text: str, separator: str) -> Any:  # noqa: ANN401 - the csv module names no type
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def read_rows(text: str, separator: str, where: str) -> Rows:
    """Read the rows of a delimited text.

    Raises
    ------
    BadInput
        When a quotation mark is misplaced or never closes, or there are more cells than are read.
    """
    rows: Rows = []
    reader = _reader(text, separator)
    last = 0
    widest = 0
    # The limit is the whole process's, and other libraries move it: set it here, then put it back.
    others = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        for row in reader:
            rows.append(row)
            if len(row) > widest:
                widest = len(row)
                check_size(where, 1, widest)
            last = reader.line_num
    except csv.Error as error:
        reason = str(error)
        what = f"the row that starts in line {last + 1} cannot be read ({reason})"
        remedy = "Close every quotation mark, and write one inside a text twice."
        if "field larger" in reason:
            what = f"a cell near line {last + 1} holds more than {MAX_CELL_CHARACTERS:,} characters"
            remedy = "Close the quotation mark that opens there, or shorten the text."
        raise BadInput(Problem(where, what, remedy)) from error
    finally:
        csv.field_size_limit(others)
    check_size(where, len(rows), widest)
    return rows
