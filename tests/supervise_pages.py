"""What the supervise app says and shows to whoever looks at it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import ipywidgets as widgets
from store_house import VILLAGE

from pk_research.apps.supervise.model import SuperviseModel
from pk_research.apps.supervise.view import SuperviseView
from pk_research.store import Store
from pk_research.store.actors import Actor, Role

RESPONDENT = Actor("invitation", "i-1", Role.RESPONDENT, frozenset({"usaha"}), VILLAGE)
NEIGHBOUR = "3216012002"


def looked_at_by(actor: Actor | None, store: Store) -> SuperviseView:
    return SuperviseView(SuperviseModel(store, who=lambda: actor))


def first_sent(view: SuperviseView) -> str:
    return view.model.fieldwork.entries[-1].filled.instance_id


def all_widgets(root: widgets.Widget) -> Iterator[widgets.Widget]:
    yield root
    for child in getattr(root, "children", ()):
        yield from all_widgets(child)


def page_of(view: SuperviseView) -> str:
    """Everything the page says, choices included; the style left out."""
    said = []
    for widget in all_widgets(view.root):
        if isinstance(widget, widgets.HTML):
            said.append(widget.value)
        elif isinstance(widget, widgets.Dropdown):
            said.extend(str(option) for option in widget.options)
    return re.sub("<style>.*?</style>", "", "\n".join(said), flags=re.DOTALL)


def text_of(view: SuperviseView) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page_of(view)).split())


def is_shown(widget: widgets.Widget) -> bool:
    return widget.layout.display != "none"
