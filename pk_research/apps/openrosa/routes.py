"""The addresses of the OpenRosa endpoint."""

from __future__ import annotations

from typing import Any

from pk_research.apps.openrosa import answers
from pk_research.apps.openrosa.doors import Door, by_key, by_password
from pk_research.apps.openrosa.page import CollectPage, PhoneHouse
from pk_research.apps.survey.routes import Route
from pk_research.store import Store

TOKEN = "([^/]{1,300})"  # noqa: S105 - what the address of one looks like


def handlers(store: Store, base: str = "/") -> list[Route]:
    """Return the handlers of the endpoint, to be mounted beside those of the survey app.

    Parameters
    ----------
    store
        Where everything is kept.
    base
        What the address of the server begins with, ending in a slash.
    """
    house = PhoneHouse(store, base)
    documents: dict[str, type[Any]] = {
        "formList": answers.FormList,
        "form.xml": answers.FormFile,
        "manifest": answers.Manifest,
        "media": answers.Media,
        "submission": answers.Submission,
    }
    doors: dict[str, Door] = {f"key/{TOKEN}": by_key, "openrosa": by_password}
    return [
        (f"{base}key/{TOKEN}/?", CollectPage, {"house": house}),
        *(
            (f"{base}{place}/{name.replace('.', '[.]')}", handler, {"house": house, "door": door})
            for place, door in doors.items()
            for name, handler in documents.items()
        ),
        (f"{base}(?:key|openrosa)(?:/.*)?", answers.NothingHere, {"house": house}),
    ]
