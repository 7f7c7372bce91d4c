"""The survey app: forms opened by invitation or by name, filled on any device, sent exactly once.

In the apps server it is pages of its own (`routes`), which need no kernel; in a notebook it is a
widget (`show`). Both fill the same drafts (`fillings`), so what was begun in one goes on in the other.
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
    """Return the app for a notebook; when it cannot start, a plain sentence that says so."""
    return live("survey", _draw)


def _draw(_: Settings, store: Store) -> ipywidgets.Widget:
    from pk_research.apps.survey.notebook import SurveyView
    from pk_research.apps.survey.visitor import current_actor

    return SurveyView(store, by=current_actor(store)).root
