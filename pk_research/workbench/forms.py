"""Questionnaires into the store, and what was answered out of it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.language import Language, Message
from pk_research.settings import Settings
from pk_research.store import Store
from pk_research.store.actors import HOUSE, Actor, Role
from pk_research.store.exports import Layout
from pk_research.store.forms import FormVersion
from pk_research.store.refusals import Refused
from pk_research.survey import files_beside
from pk_research.survey.exchange import read_central_zip, read_kobo_xlsx, read_odata
from pk_research.survey.exchange.rebuilding import RowProblem
from pk_research.survey.questionnaires import find_questionnaire, questionnaires
from pk_research.survey.xlsform import open_xlsform
from pk_research.survey.xlsform.workbook import read_workbook
from pk_research.writing import write_files


def publish_form(what: str, *, settings: Settings, store: Store) -> FormVersion:
    """Compile an XLSForm and publish it with the files beside it that it names.

    Parameters
    ----------
    what
        A spreadsheet, or the name of one of the house's questionnaires.
    settings, store
        Where compiled forms are kept, and where it is published.

    Raises
    ------
    NotFound, BadInput
        When there is no such form, or it is not in order: every fault, with sheet and row.
    """
    is_file = Path(what).suffix.lower() in (".xlsx", ".xls", ".xlsm") or Path(what).is_file()
    path = Path(what) if is_file else find_questionnaire(what, settings.project).path
    found: dict[str, bytes] = {}
    beside = files_beside(path.parent)

    def remembered(address: str) -> bytes | None:
        content = beside(address)
        if content is not None:
            name = address.rpartition("/")[2]
            found[name if (path.parent / name).is_file() else name.removesuffix(".csv")] = content
        return content

    opened = open_xlsform(path, cache=settings.home / "cache" / "forms", resource=remembered)
    return store.forms.publish(
        opened.compiled.xml,
        by=HOUSE[Role.ADMIN],
        files=found,
        source=path.read_bytes(),
        source_name=path.name,
    )


def publish_questionnaires(settings: Settings, store: Store) -> tuple[FormVersion, ...]:
    """Publish the questionnaires of the house; what is published already is left alone."""
    return tuple(
        publish_form(one.name, settings=settings, store=store) for one in questionnaires(settings.project)
    )


def export_submissions(
    store: Store,
    form_id: str,
    layout: Layout,
    folder: Path,
    *,
    by: Actor,
    is_internal: bool = False,
    states: Sequence[str] | None = None,
    language: Language = "id",
) -> tuple[tuple[Path, ...], tuple[Message, ...]]:
    """Write the submissions of a form in one of the layouts, its codebooks and ``notes.txt`` beside them.

    Parameters
    ----------
    store, form_id, layout, by, is_internal, states, language
        As in `pk_research.disclosure.exported`.
    folder
        Where to.

    Returns
    -------
    tuple
        The files, and what was withheld and has no place, as the notes say it.

    Raises
    ------
    BadInput, NotFound, NotAllowed
        As in `pk_research.disclosure.exported`.
    """
    from pk_research.disclosure import exported

    leaving = exported(
        store, form_id, layout, by=by, is_internal=is_internal, states=states, language=language
    )
    written = write_files({**leaving.files, f"{form_id}.notes.txt": leaving.notes(language)}, folder)
    return written, leaving.report


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes
    ----------
    n_new
        Submissions that were not here before.
    n_known
        Submissions that were here already, unchanged.
    problems
        What keeps a row out, by row.
    """

    n_new: int
    n_known: int
    problems: tuple[RowProblem, ...]


def import_submissions(store: Store, form_id: str, path: Path) -> ImportReport:
    """Take in the export of another house: every row rebuilt, checked against the form, then kept.

    Rows that are not in order, or that the store refuses, are named and left out; the others are kept,
    each wholly or not at all. Importing the same file again changes nothing.

    Parameters
    ----------
    store
        The open store.
    form_id
        The form, published here.
    path
        ODK Central's zip, its OData as JSON, or KoboToolbox's XLSX.

    Raises
    ------
    NotFound, BadInput
        When there is no such form or file, or the file is none of these.
    """
    if not path.is_file():
        raise NotFound(Problem(str(path), "there is no such file", "Check its name and folder."))
    readers = {".zip": read_central_zip, ".json": read_odata, ".xlsx": read_kobo_xlsx}
    if path.suffix.lower() not in readers:
        raise BadInput(
            Problem(
                str(path),
                "its ending says no layout",
                "Give a .zip of ODK Central, a .json of OData or a .xlsx of KoboToolbox.",
            )
        )
    versions = [store.forms.open(version) for version in store.forms.versions(form_id)]
    found = readers[path.suffix.lower()](versions, path.read_bytes())
    n_new = n_known = 0
    refused: list[RowProblem] = []
    for filled in found.fillings:
        named = {name: found.media[name] for name in filled.attachments if name in found.media}
        try:
            receipt = store.submissions.receive(
                filled.xml, by=HOUSE[Role.RESEARCHER], via="import", attachments=named
            )
        except Refused as refusal:
            refused += _why_not(refusal, filled.instance_id, path)
            continue
        n_new += receipt.is_new
        n_known += not receipt.is_new
    return ImportReport(n_new, n_known, (*found.problems, *refused))


def _why_not(refusal: Refused, instance_id: str, path: Path) -> Iterator[RowProblem]:
    """Say of a row of a file why the store does not take it."""
    table, row = _place_in(path, instance_id)
    for reason in [flaw.message for flaw in refusal.flaws] or [refusal.message]:
        yield RowProblem(table, row, "", Message("{id}: {reason}", {"id": instance_id, "reason": reason}))


def _place_in(path: Path, instance_id: str) -> tuple[str, int | None]:
    """Return the table and row of a file that hold a submission, by its identifier."""
    names = {instance_id, instance_id.removeprefix("uuid:")}
    for table, rows in _tables_of(path):
        for number, row in enumerate(rows, start=1):
            if names & set(row):
                return table, number
    return path.name, None


def _tables_of(path: Path) -> Iterator[tuple[str, Iterable[Sequence[str]]]]:
    match path.suffix.lower():
        case ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in (name for name in archive.namelist() if name.endswith(".csv")):
                    yield name, csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig")))
        case ".xlsx":
            for sheet in read_workbook(path).sheets.values():
                yield sheet.name, sheet.rows
        case _:
            content = json.loads(path.read_bytes())
            for name, table in ({"Submissions": content} if "value" in content else content).items():
                yield name, [[str(value) for value in entry.values()] for entry in table["value"]]
