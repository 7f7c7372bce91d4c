"""The addresses of the survey app."""

from __future__ import annotations

from typing import Any

from pk_research.apps.survey import api, pages, receipts
from pk_research.apps.survey.assets import AssetFile
from pk_research.apps.survey.house import House
from pk_research.store import Store

Route = tuple[str, type[Any], dict[str, Any]]


def handlers(store: Store, base: str = "/") -> list[Route]:
    """Return the handlers of the survey app, to be mounted before anything that answers ``/survey``.

    Parameters
    ----------
    store
        Where everything is kept.
    base
        What the address of the server begins with, ending in a slash.
    """
    house = House(store, base)
    shared = {"house": house}
    addresses: dict[str, type[Any]] = {
        "survey/?": pages.Start,
        "survey/begin": pages.Begin,
        "survey/resume": pages.Resume,
        "survey/signin": pages.SignIn,
        "survey/signout": pages.SignOut,
        "survey/fill/(uuid:[0-9a-f-]{36})": pages.Fill,
        "survey/receipt/([A-Za-z0-9-]{1,20})": receipts.ReceiptPage,
        "survey/sheet/filled/([A-Za-z0-9-]{1,20})": receipts.FilledSheet,
        "survey/sheet/empty/([^/]{1,200})": receipts.EmptySheet,
        "i/([^/]{1,300})": pages.Invitation,
        "survey/api/open": api.Open,
        "survey/api/sync": api.Sync,
        "survey/api/search": api.Search,
        "survey/api/submit": api.Submit,
        "survey/api/upload": api.Upload,
        "survey/api/file": api.File,
        "survey/api/media": api.Media,
        "survey/api/list/([0-9A-Za-z]{8,128}).json": api.ChoiceList,
    }
    return [
        (f"{base}survey/static/([a-z0-9.-]+)", AssetFile, {"assets": house.assets}),
        *((f"{base}{address}", handler, shared) for address, handler in addresses.items()),
        (f"{base}(?:survey|i)/.*", pages.NothingHere, shared),
    ]
