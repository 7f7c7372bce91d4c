"""The supervise app: how far the fieldwork is, and each submission looked at and decided on.

`show` gives the live app. It has no first page: what is shown depends on who looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pk_research.apps.live import live

if TYPE_CHECKING:
    import ipywidgets

    from pk_research.settings import Settings
    from pk_research.store import Store

__all__ = ["show"]


def show() -> ipywidgets.Widget:
    """Return the app for one visitor; when it cannot start, a plain sentence that says so."""
    return live("supervise", _draw)


def _draw(_: Settings, store: Store) -> ipywidgets.Widget:
    from pk_research.apps.supervise.model import SuperviseModel
    from pk_research.apps.supervise.view import SuperviseView
    from pk_research.apps.survey.visitor import current_actor

    return SuperviseView(SuperviseModel(store, who=lambda: current_actor(store))).root
