"""How an app starts: for one visitor, live; and once for all, as the page that is read first."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import traitlets

from pk_research.apps.first import in_every_language
from pk_research.apps.live import live
from pk_research.apps.trouble import CannotShow
from pk_research.errors import PkError
from pk_research.language import Message

if TYPE_CHECKING:
    import ipywidgets

    from pk_research.settings import Settings
    from pk_research.store import Store

log = logging.getLogger(__name__)
Model = TypeVar("Model", bound=traitlets.HasTraits)


@dataclass(frozen=True, slots=True)
class App(Generic[Model]):
    """An app that shows what is in the store.

    What it needs is imported by the functions it is given, so that naming an app costs nothing.

    Attributes
    ----------
    name
        What the log calls it.
    read
        Makes its model from the open store and the boundaries of villages, where those are known.
    view
        Draws the model; what is taken away is written into the store's audit log.
    paint
        Writes the first page of a model in the model's language.
    """

    name: str
    read: Callable[[Store, Path | None], Model]
    view: Callable[[Model, Store], ipywidgets.Widget]
    paint: Callable[[Any], str]

    def show(self) -> ipywidgets.Widget:
        """Return the app for one visitor; when it cannot start, a plain sentence that says so."""
        return live(self.name, self._draw)

    def first_page(self, store: Store, *, boundaries: Path | None = None) -> str:
        """Return what a visitor sees at first, as HTML that needs neither script nor kernel.

        Parameters
        ----------
        store
            The open store.
        boundaries
            GeoJSON of village boundaries, for distances and maps; not used by apps without a map.
        """
        return in_every_language(self.read(store, boundaries), self.paint)

    def _draw(self, settings: Settings, store: Store) -> ipywidgets.Widget:
        return self.view(self.read(store, settings.boundaries), store)


def model_or_reason(
    material: Callable[[], Any], model: Callable[..., Model], *, unreadable: Message
) -> Model:
    """Return the model of a material; where there is none, a model that says why.

    Parameters
    ----------
    material
        Gathers what is shown.
    model
        Takes the material; None and ``trouble_found`` where there is none.
    unreadable
        What is said of data that is there and cannot be used; the log says more.
    """
    try:
        return model(material())
    except CannotShow as reason:
        return model(None, trouble_found=reason.message)
    except PkError:
        log.exception("what an app shows cannot be read")
        return model(None, trouble_found=unreadable)
