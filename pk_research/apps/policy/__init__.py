"""The app about policies: what help would bring and to whom, where to spend, and what was found so far.

`show` gives the live app, `first_page` the page that is read while it gets ready.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.apps.start import App, model_or_reason

if TYPE_CHECKING:
    import ipywidgets

    from pk_research.apps.policy.model import PolicyModel
    from pk_research.store import Store

__all__ = ["first_page", "show"]


def _read(store: Store, _boundaries: Path | None) -> PolicyModel:
    from pk_research.apps.policy.material import material_of
    from pk_research.apps.policy.model import PolicyModel
    from pk_research.apps.policy.trouble import UNREADABLE

    return model_or_reason(partial(material_of, store), PolicyModel, unreadable=UNREADABLE)


def _view(model: PolicyModel, store: Store) -> ipywidgets.Widget:
    from pk_research.apps.policy.view import PolicyView

    return PolicyView(model, store).root


def _paint(model: PolicyModel) -> str:
    from pk_research.apps.policy.page import first_paint

    return first_paint(model)


_app = App("policy", _read, _view, _paint)
show, first_page = _app.show, _app.first_page
