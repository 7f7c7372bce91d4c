"""The programme board: which office does what for which village by when, and what was decided on what.

`show` gives the live app, `first_page` the page that is read while it gets ready.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.apps.start import App, model_or_reason

if TYPE_CHECKING:
    import ipywidgets

    from pk_research.apps.programme.model import ProgrammeModel
    from pk_research.store import Store

__all__ = ["first_page", "show"]


def _read(store: Store, _boundaries: Path | None) -> ProgrammeModel:
    from pk_research.apps.programme.material import material_of
    from pk_research.apps.programme.model import ProgrammeModel
    from pk_research.apps.programme.trouble import UNREADABLE
    from pk_research.publish import runs_in
    from pk_research.settings import read_settings
    from pk_research.store.receiving import ZONE

    today, runs = store.clock().astimezone(ZONE).date(), runs_in(read_settings().home)
    gather = partial(material_of, store, today=today, runs=runs)
    return model_or_reason(gather, ProgrammeModel, unreadable=UNREADABLE)


def _view(model: ProgrammeModel, store: Store) -> ipywidgets.Widget:
    from pk_research.apps.programme.view import ProgrammeView

    return ProgrammeView(model, store).root


def _paint(model: ProgrammeModel) -> str:
    from pk_research.apps.programme.page import first_paint

    return first_paint(model)


_app = App("programme", _read, _view, _paint)
show, first_page = _app.show, _app.first_page
