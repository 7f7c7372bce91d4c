"""The submissions of a form as one file to take away."""

from __future__ import annotations

import io
import zipfile

from pk_research.apps.files import File
from pk_research.store import Store
from pk_research.store.actors import Actor
from pk_research.store.exports import Layout, export

LABELS: dict[Layout, str] = {
    "central": "ODK Central (zip)",
    "odata": "ODK Central (OData)",
    "kobo": "KoboToolbox (XLSX)",
    "spss": "SPSS (zip)",
    "stata": "Stata (zip)",
    "parquet": "Parquet (zip)",
}
_TYPES = {
    ".zip": "application/zip",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export_file(store: Store, form_id: str, layout: Layout, *, by: Actor) -> File:
    """Lay the submissions of a form out in one file: several are packed together.

    Raises
    ------
    NotAllowed, NotFound
        As in `pk_research.store.exports.export`, which also records it.
    """
    files, _ = export(store, form_id, layout, by=by)
    if layout in ("central", "odata", "kobo"):
        [(name, content)] = files.items()
        return File(name, _TYPES[f".{name.rpartition('.')[2]}"], content)
    return File(f"{form_id}-{layout}.zip", _TYPES[".zip"], _packed(files))


def _packed(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
