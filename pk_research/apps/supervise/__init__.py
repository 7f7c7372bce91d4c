"""The supervise app: how far the fieldwork is, and each submission looked at and decided on.

`show` gives the live app; `first_page` what whoever opens it reads until their kernel has begun, made
anew for each since what is shown depends on who looks.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pk_research.apps.live import live
from pk_research.language import LANGUAGES

if TYPE_CHECKING:
    import ipywidgets

    from pk_research.language import Language
    from pk_research.settings import Settings
    from pk_research.store import Store
    from pk_research.store.actors import Actor

__all__ = ["LANGUAGE_VARIABLE", "first_page", "show"]

LANGUAGE_VARIABLE = "PK_LANGUAGE"
"""Where a kernel finds the language its visitor chose."""


def show() -> ipywidgets.Widget:
    """Return the app for one visitor; when it cannot start, a plain sentence that says so."""
    return live("supervise", _draw)


def first_page(store: Store, language: Language, *, by: Actor) -> str:
    """Return the forms whose submissions somebody may read, and how far each is, as plain HTML.

    Parameters
    ----------
    store
        The open store.
    language
        Language of the page.
    by
        Who looks.
    """
    from pk_research.apps.supervise.first import first_paint
    from pk_research.apps.supervise.forms import form_states

    return first_paint(form_states(store, by=by), language)


def _draw(_: Settings, store: Store) -> ipywidgets.Widget:
    from pk_research.apps.supervise.model import SuperviseModel
    from pk_research.apps.supervise.view import SuperviseView
    from pk_research.apps.survey.visitor import current_actor

    model = SuperviseModel(store, who=lambda: current_actor(store))
    chosen = os.environ.get(LANGUAGE_VARIABLE)
    model.language = next((language for language in LANGUAGES if language == chosen), LANGUAGES[0])
    return SuperviseView(model).root
