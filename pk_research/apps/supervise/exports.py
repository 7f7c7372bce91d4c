"""The submissions of a form as a file to take away."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Literal

from pk_research.apps.files import File
from pk_research.store import Store
from pk_research.store.actors import Actor, Right
from pk_research.store.database import writing
from pk_research.survey.exchange import Tables, central_zip, datasets, from_filled, kobo_xlsx

Layout = Literal["central", "kobo", "spss", "stata", "parquet"]
LABELS: dict[Layout, str] = {
    "central": "ODK Central (zip)",
    "kobo": "KoboToolbox (XLSX)",
    "spss": "SPSS (zip)",
    "stata": "Stata (zip)",
    "parquet": "Parquet (zip)",
}
_SUFFIXES = {"spss": ".sav", "stata": ".dta", "parquet": ".parquet"}
_ZIP = "application/zip"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export(store: Store, form_id: str, layout: Layout, *, by: Actor) -> File:
    """Write the submissions of a form in one of the layouts, all versions of the form side by side.

    Personal answers and files are left out for whom they are not. That it was exported is recorded.

    Raises
    ------
    NotAllowed
        When ``by`` may not export.
    """
    by.require(Right.EXPORT, form_id=form_id)
    is_whole = by.may(Right.READ_PERSONAL, form_id=form_id)
    versions = [store.forms.open(version) for version in store.forms.versions(form_id)]
    given = store.submissions.list(form_id, by=by)
    tables = from_filled(versions, given, personal="keep" if is_whole else "leave out")
    if layout == "central":
        media = _media(store, tables, by) if is_whole else {}
        file = File(f"{form_id}.zip", _ZIP, central_zip(tables, media=media))
    elif layout == "kobo":
        file = File(f"{form_id}.xlsx", _XLSX, kobo_xlsx(tables))
    else:
        file = File(f"{form_id}-{layout}.zip", _ZIP, _datasets_zip(tables, _SUFFIXES[layout]))
    with writing(store.audit.engine) as connection:
        store.audit.record(
            connection, "submissions exported", by=by, subject=form_id, details={"layout": layout}
        )
    return file


def _media(store: Store, tables: Tables, by: Actor) -> dict[tuple[str, str], bytes]:
    return {
        (filled.instance_id, name): store.submissions.attachment(filled.instance_id, name, by=by)
        for filled in tables.fillings
        for name, sha256 in filled.attachments.items()
        if sha256 is not None
    }


def _datasets_zip(tables: Tables, suffix: str) -> bytes:
    from pk_research.sources import save

    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        folder = Path(name)
        for dataset in datasets(tables):
            save(dataset, folder / f"{dataset.name}{suffix}")
        for path in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
