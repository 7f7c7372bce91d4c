"""The submissions of a form as files to take away."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.store.actors import Actor, Right
from pk_research.store.database import writing

if TYPE_CHECKING:
    from pk_research.store.datasets import Store
    from pk_research.survey.exchange import Tables

Layout = Literal["central", "odata", "kobo", "spss", "stata", "parquet"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)


def read_tables(store: Store, form_id: str, *, by: Actor, states: Sequence[str] | None = None) -> Tables:
    """Lay the submissions of a form out as linked tables, all its versions side by side.

    Parameters
    ----------
    store
        The open store.
    form_id
        The form.
    by
        Who asks; without the right to read them, personal answers are left out.
    states
        Only submissions in these states of review; all by default.

    Raises
    ------
    NotFound
        When there is no such form.
    NotAllowed
        When ``by`` may not export its submissions.
    """
    from pk_research.survey.exchange import from_filled

    by.require(Right.EXPORT, form_id=form_id)
    versions = [store.forms.open(version) for version in store.forms.versions(form_id)]
    given = store.submissions.list(form_id, by=by, states=states)
    is_whole = by.may(Right.READ_PERSONAL, form_id=form_id)
    return from_filled(versions, given, personal="keep" if is_whole else "leave out")


def export(
    store: Store,
    form_id: str,
    layout: Layout,
    *,
    by: Actor,
    states: Sequence[str] | None = None,
    language: Language = "id",
) -> tuple[dict[str, bytes], Tables]:
    """Lay the submissions of a form out for work inside the house, and record that in the audit log.

    What is to leave the house goes through `pk_research.disclosure.exported`.

    Parameters
    ----------
    store, form_id, by, states
        As in `read_tables`.
    layout
        ODK Central's zip or OData, KoboToolbox's workbook, or labelled datasets.
    language
        Language of the labels that SPSS and Stata show; the codebooks beside them have both.

    Returns
    -------
    tuple
        The files by name, and the tables they hold, whose report says what has no place. Photographs
        and other files go with Central's zip, to those who may read personal answers.

    Raises
    ------
    BadInput
        When there is no such layout.
    NotFound, NotAllowed
        As in `read_tables`.
    """
    if layout not in LAYOUTS:
        raise BadInput(Problem("layout", f"there is no {layout!r}", f"Choose one of {', '.join(LAYOUTS)}."))
    tables = read_tables(store, form_id, by=by, states=states)
    media = _media(store, form_id, tables, by) if layout == "central" else None
    files = files_of(tables, layout, language=language, media=media)
    details: dict[str, Any] = {
        "layout": layout,
        "states": None if states is None else list(states),
        "copy": "internal",
    }
    if layout not in ("central", "odata", "kobo"):
        details["language"] = language
    with writing(store.engine) as connection:
        store.audit.record(connection, "submissions exported", by=by, subject=form_id, details=details)
    return files, tables


def files_of(
    tables: Tables,
    layout: Layout,
    *,
    language: Language,
    media: Mapping[tuple[str, str], bytes] | None = None,
) -> dict[str, bytes]:
    """Lay tables out in files, by name; ``media`` are attached files, by submission and name."""
    from pk_research.survey.exchange import central_odata, central_zip, kobo_xlsx, labelled_files

    form_id = tables.layout.form_id
    match layout:
        case "central":
            return {f"{form_id}.zip": central_zip(tables, media=media)}
        case "odata":
            text = json.dumps(central_odata(tables), ensure_ascii=False, indent=1)
            return {f"{form_id}.odata.json": text.encode()}
        case "kobo":
            return {f"{form_id}.xlsx": kobo_xlsx(tables)}
        case _:
            return labelled_files(tables, layout, language=language)


def _media(store: Store, form_id: str, tables: Tables, by: Actor) -> dict[tuple[str, str], bytes]:
    if not by.may(Right.READ_PERSONAL, form_id=form_id):
        return {}
    return {
        (filled.instance_id, name): store.submissions.attachment(filled.instance_id, name, by=by)
        for filled in tables.fillings
        for name, sha256 in filled.attachments.items()
        if sha256 is not None
    }
