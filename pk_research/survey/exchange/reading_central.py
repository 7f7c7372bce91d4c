"""Reading the zip of CSV files that ODK Central exports."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.sources.files import MAX_BYTES, ZIP_ERRORS
from pk_research.survey.definition import Form
from pk_research.survey.exchange.central import FIRST, LAST, LINKS, POINT
from pk_research.survey.exchange.headings import Headings, Naming
from pk_research.survey.exchange.layout import Layout
from pk_research.survey.exchange.rebuilding import Imported, Rebuilder, Record, RowProblem
from pk_research.survey.exchange.reviews import review_of
from pk_research.survey.filled import Filled
from pk_research.survey.surroundings import Surroundings

UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_MEDIA = re.compile(r"(?:media|files)/(?:[^/]+/)?([^/]+)")
_NAMING = Naming(
    whole=lambda field: field.header("-"),
    points=lambda field: [f"{field.header('-')}-{part}" for part in POINT],
    own=lambda heading: heading in (FIRST, *LAST, *LINKS),
)

Rows = list[list[str]]


def read_central_zip(
    versions: Form | Sequence[Form],
    content: bytes,
    *,
    any_version: bool = False,
    surroundings: Surroundings | None = None,
) -> Imported:
    """Read the zip of CSV files that ODK Central exports; `central_zip` writes the same.

    Parameters
    ----------
    versions
        The form, or its versions, oldest first.
    content
        The zip, exported with or without group names and split choices.
    any_version
        Take rows of a version that was not given as filled in the newest one; each is reported.
        Otherwise they are refused.
    surroundings
        The respondents' time zone, for calculations with dates.

    Returns
    -------
    Imported
        Every row rebuilt as the XML of a filling and checked as if it had just been sent. What an
        empty cell meant, not answered or not relevant, is worked out by the form's own rules.

    Raises
    ------
    BadInput
        When it is no such zip.
    """
    forms = [versions] if isinstance(versions, Form) else list(versions)
    files, media = _unpacked(content)
    rebuilder = Rebuilder(forms, any_version=any_version, surroundings=surroundings)
    names = _tables_in(files, rebuilder.layout)
    roots: list[tuple[Record, Filled]] = []
    instances: list[Record] = []
    for table in rebuilder.layout.tables:
        name = names.get(table.path)
        if name is None:
            rebuilder.problems.append(_absent(table.name))
            continue
        heading, *rows = files[name]
        headings = Headings(table, heading, _NAMING)
        rebuilder.problems.extend(headings.problems(name, rows))
        for number, cells in enumerate(rows, start=2):
            about = dict(zip(heading, cells, strict=False))
            record = Record(
                table.path,
                (name, number),
                about.get("KEY", ""),
                about.get("PARENT_KEY", ""),
                headings.answers(cells),
                headings.names,
            )
            if table.parent is None:
                roots.append((record, _sent(rebuilder, record, about, media)))
            else:
                instances.append(record)
    unread = [name for name in files if name not in names.values()]
    rebuilder.problems += [RowProblem(name, None, "", _UNREAD) for name in unread]
    return replace(rebuilder.rebuild(roots, instances), media=media)


_UNREAD = Message("It belongs to no repeat of the form and is not read.")


def _absent(repeat: str) -> RowProblem:
    what = Message("The file has no table for the repeat {name}.", {"name": repeat})
    return RowProblem("", None, "", what)


def _unpacked(content: bytes) -> tuple[dict[str, Rows], dict[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                raise BadInput(
                    Problem("zip", f"it would unpack to more than {MAX_BYTES:,} bytes", "Export it in parts.")
                )
            parts = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    except ZIP_ERRORS as error:
        raise BadInput(
            Problem("zip", f"it is not a readable zip ({error})", "Export it from Central again.")
        ) from None
    files = {name: _read_csv(name, data) for name, data in parts.items() if re.fullmatch(r"[^/]+\.csv", name)}
    media = {found[1]: data for name, data in parts.items() if (found := _MEDIA.fullmatch(name))}
    return {name: rows for name, rows in files.items() if rows}, media


def _read_csv(name: str, content: bytes) -> Rows:
    before = csv.field_size_limit(MAX_BYTES)
    try:
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(Problem(name, f"it is not CSV in UTF-8 ({error})", "Export it again.")) from None
    finally:
        csv.field_size_limit(before)


def _tables_in(files: Mapping[str, Rows], layout: Layout) -> dict[str, str]:
    """Return the file of each table; the root's is the one that tells when it was sent."""
    roots = [name for name, rows in files.items() if "KEY" in rows[0] and "PARENT_KEY" not in rows[0]]
    if len(roots) != 1:
        found = ", ".join(roots) or "none"
        raise BadInput(
            Problem(
                "zip",
                f"one CSV file must have a column KEY and no PARENT_KEY, here: {found}",
                "Export the form's data from Central again.",
            )
        )
    stem = roots[0].removesuffix(".csv")
    often = Counter(table.name for table in layout.tables)
    seen: Counter[str] = Counter()
    names = {"": roots[0]}
    for table in layout.tables[1:]:
        seen[table.name] += 1
        number = f"~{seen[table.name]}" if often[table.name] > 1 else ""
        name = f"{stem}-{table.name}{number}.csv"
        if name in files:
            names[table.path] = name
    return names


def _sent(
    rebuilder: Rebuilder, record: Record, about: Mapping[str, str], media: Mapping[str, bytes]
) -> Filled:
    edits = about.get("Edits", "")
    return Filled(
        instance_id=record.key,
        form_id=rebuilder.layout.form_id,
        version=about.get("FormVersion", rebuilder.newest.version),
        xml="",
        submitted_at=moment(rebuilder, record, about.get(FIRST, ""), FIRST),
        submitter_id=about.get("SubmitterID", ""),
        submitter_name=about.get("SubmitterName", ""),
        device_id=about.get("DeviceID", ""),
        review_state=review_of(about.get("ReviewState", "")),
        edits=int(edits) if edits.isdecimal() else 0,
        attachments=dict(named_files(rebuilder, record, media)),
    )


def moment(rebuilder: Rebuilder, record: Record, text: str, heading: str) -> datetime:
    """Read when a submission was sent; where that cannot be told, say so and use 1970."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        what = Message("{text} is no time; it is taken as 1 January 1970.", {"text": text or "–"})
        rebuilder.problems.append(RowProblem(*record.place, heading, what))
        return UNKNOWN_TIME
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def named_files(
    rebuilder: Rebuilder, record: Record, media: Mapping[str, bytes]
) -> Iterator[tuple[str, str | None]]:
    """Yield the files a row names, with the hash of those that came along."""
    for key, text in record.answers.items():
        if text and rebuilder.fields[key].kind == "binary":
            yield text, hashlib.sha256(media[text]).hexdigest() if text in media else None
