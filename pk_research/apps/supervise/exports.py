"""The submissions of a form as one file to take away."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from pk_research.apps.files import File
from pk_research.language import Language, translate
from pk_research.store import Store
from pk_research.store.actors import Actor
from pk_research.store.exports import Layout

if TYPE_CHECKING:
    from pk_research.disclosure import Leaving

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


def export_file(
    store: Store,
    form_id: str,
    layout: Layout,
    *,
    by: Actor,
    is_internal: bool = False,
    language: Language = "id",
) -> tuple[File, Leaving]:
    """Lay the submissions of a form out in one file: several are packed together, with the notes.

    Parameters
    ----------
    store, form_id, layout, by
        As in `pk_research.store.exports.export`.
    is_internal
        A copy for work inside the house; its name says so.
    language
        Language of the labels that SPSS and Stata show, and of the notes first; the codebooks packed with
        them have both.

    Returns
    -------
    tuple
        The file, and what leaves with what is to be said of it.

    Raises
    ------
    NotAllowed, NotFound
        As in `pk_research.disclosure.exported`, which also records it.
    BadInput
        When too few submissions are there to release them.
    """
    from pk_research.disclosure import exported

    leaving = exported(store, form_id, layout, by=by, is_internal=is_internal, language=language)
    mark = f"-{translate('internal-copy', language)}" if is_internal else ""
    match layout:
        case "spss" | "stata" | "parquet":
            packed = _packed({**leaving.files, "notes.txt": leaving.notes(language)})
            return File(f"{form_id}-{layout}{mark}.zip", _TYPES[".zip"], packed), leaving
        case _:
            [(name, content)] = leaving.files.items()
            stem, dot, ending = name.partition(".")
            file = File(f"{stem}{mark}{dot}{ending}", _TYPES[f".{name.rpartition('.')[2]}"], content)
            return file, leaving


def _packed(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
