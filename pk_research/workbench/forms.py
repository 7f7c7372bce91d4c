"""Questionnaires into the store, and what was answered out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.settings import Settings
from pk_research.store import Store
from pk_research.store.actors import HOUSE, Actor, Role
from pk_research.store.exports import Layout, export
from pk_research.store.forms import FormVersion
from pk_research.survey import compile_xlsform, files_beside
from pk_research.survey.exchange import Tables, read_central_zip, read_kobo_xlsx, read_odata
from pk_research.survey.exchange.rebuilding import RowProblem
from pk_research.survey.questionnaires import find_questionnaire, questionnaires
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
        When there is no such form, or it is not in order.
    """
    is_file = Path(what).suffix.lower() in (".xlsx", ".xls", ".xlsm") or Path(what).is_file()
    path = Path(what) if is_file else find_questionnaire(what, settings.project).path
    compiled = compile_xlsform(path, cache=settings.home / "cache" / "forms")
    found: dict[str, bytes] = {}
    beside = files_beside(path.parent)

    def remembered(address: str) -> bytes | None:
        content = beside(address)
        if content is not None:
            name = address.rpartition("/")[2]
            found[name if (path.parent / name).is_file() else name.removesuffix(".csv")] = content
        return content

    compiled.open(resource=remembered)
    return store.forms.publish(
        compiled.xml, by=HOUSE[Role.ADMIN], files=found, source=path.read_bytes(), source_name=path.name
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
    states: Sequence[str] | None = None,
) -> tuple[tuple[Path, ...], Tables]:
    """Write the submissions of a form in one of the layouts, and its codebooks beside them.

    Returns
    -------
    tuple
        The files, and the tables they were written from, whose report says what has no place.

    Raises
    ------
    BadInput, NotFound, NotAllowed
        As in `pk_research.store.exports.export`.
    """
    files, tables = export(store, form_id, layout, by=by, states=states)
    return write_files(files, folder), tables


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

    Rows that are not in order are named and left out; the others are kept.

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
    for filled in found.fillings:
        named = {name: found.media[name] for name in filled.attachments if name in found.media}
        receipt = store.submissions.receive(
            filled.xml, by=HOUSE[Role.RESEARCHER], via="import", attachments=named
        )
        n_new += receipt.is_new
        n_known += not receipt.is_new
    return ImportReport(n_new, n_known, found.problems)
