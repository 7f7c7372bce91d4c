"""The app about policies: what help would bring and to whom, where to spend, and what was found so far.

`show` gives the live app, `first_page` the page that is read while it gets ready.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.apps.first import in_every_language
from pk_research.apps.live import live
from pk_research.apps.trouble import CannotShow
from pk_research.errors import PkError

if TYPE_CHECKING:
    import ipywidgets

    from pk_research.apps.policy.model import PolicyModel
    from pk_research.settings import Settings
    from pk_research.store import Store

__all__ = ["first_page", "show"]

log = logging.getLogger(__name__)


def show() -> ipywidgets.Widget:
    """Return the app for one visitor; when it cannot start, a plain sentence that says so."""
    return live("policy", _draw)


def first_page(store: Store, *, boundaries: Path | None = None) -> str:
    """Return what a visitor sees at first, as HTML that needs neither script nor kernel.

    Parameters
    ----------
    store
        The open store.
    boundaries
        Not used: there is no map here.
    """
    from pk_research.apps.policy.page import first_paint

    del boundaries
    return in_every_language(_model(store), first_paint)


def _draw(_settings: Settings, store: Store) -> ipywidgets.Widget:
    from pk_research.apps.policy.view import PolicyView

    return PolicyView(_model(store), store).root


def _model(store: Store) -> PolicyModel:
    from pk_research.apps.policy.material import material_of
    from pk_research.apps.policy.model import PolicyModel
    from pk_research.apps.policy.trouble import UNREADABLE

    try:
        return PolicyModel(material_of(store))
    except CannotShow as reason:
        return PolicyModel(None, trouble_found=reason.message)
    except PkError:
        log.exception("the village survey cannot be used for policies")
        return PolicyModel(None, trouble_found=UNREADABLE)
