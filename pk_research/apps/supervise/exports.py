"""The submissions of a form as one file to take away."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from pk_research.apps.files import File
from pk_research.language import LANGUAGES, Language, Message
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


def export_file(store: Store, form_id: str, layout: Layout, *, by: Actor, language: Language = "id") -> File:
    """Lay the submissions of a form out in one file: several are packed together.

    Parameters
    ----------
    store, form_id, layout, by
        As in `pk_research.store.exports.export`.
    language
        Language of the labels that SPSS and Stata show; the codebooks packed with them have both.

    Raises
    ------
    NotAllowed, NotFound
        As in `pk_research.store.exports.export`, which also records it.
    """
    files, tables = export(store, form_id, layout, by=by, language=language)
    match layout:
        case "spss" | "stata" | "parquet":
            notes = {"notes.txt": _notes(tables.report, language)} if tables.report else {}
            return File(f"{form_id}-{layout}.zip", _TYPES[".zip"], _packed({**files, **notes}))
        case _:
            [(name, content)] = files.items()
            return File(name, _TYPES[f".{name.rpartition('.')[2]}"], content)


def _notes(report: Sequence[Message], language: Language) -> bytes:
    """Return what was left out, merged and missing, in the chosen language and then in the other."""
    order = sorted(LANGUAGES, key=lambda other: other != language)
    texts = ["\n".join(f"- {message.text(one)}" for message in report) for one in order]
    return ("\n\n".join(texts) + "\n").encode()


def _packed(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
