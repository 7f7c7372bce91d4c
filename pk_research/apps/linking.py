"""Keeping widgets and a model in step: the one way every app does it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets
import traitlets

log = logging.getLogger(__name__)
Option = tuple[str, object]


class Link:
    """Links widgets to the traits of a model, in both directions and without echoes.

    Parameters
    ----------
    model
        Holds what is chosen and what comes out.
    on_failure
        Makes the HTML to show where a piece could not be written.
    """

    def __init__(self, model: traitlets.HasTraits, *, on_failure: Callable[[], str]) -> None:
        self.model = model
        self._on_failure = on_failure
        self._is_quiet = False

    def send(
        self,
        control: widgets.Widget,
        name: str,
        convert: Callable[[Any], object] = lambda value: value,
        *,
        trait: str = "value",
    ) -> None:
        """Pass what a visitor sets on to a trait of the model; what we set ourselves is not passed on."""
        self.tell(control, lambda value: setattr(self.model, name, convert(value)), trait=trait)

    def tell(self, control: widgets.Widget, act: Callable[[Any], object], *, trait: str = "value") -> None:
        """Act on what a visitor sets; not on what we set ourselves, nor where nothing is set."""

        def on_change(change: dict[str, object]) -> None:
            if not self._is_quiet and change["new"] is not None:
                act(change["new"])

        control.observe(on_change, trait)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Set widgets without passing their values on."""
        before, self._is_quiet = self._is_quiet, True
        try:
            yield
        finally:
            self._is_quiet = before

    def html(self, traits: Sequence[str], write: Callable[[], str]) -> widgets.HTML:
        """Return HTML that is written anew when one of these traits of the model changes."""
        box = widgets.HTML()

        def refresh(_change: object = None) -> None:
            try:
                box.value = write()
            except Exception:
                log.exception("a piece of the page could not be written")
                box.value = self._on_failure()

        self.model.observe(refresh, list(traits))
        refresh()
        return box


def offer(control: widgets.Widget, label: str, options: Sequence[Option], value: object) -> None:
    """Give a control its label, its options and the chosen one."""
    control.description = label
    if control.options != tuple(options):
        control.options = options
    control.value = value if value in [option for _, option in options] else None


def show_if(widget: widgets.Widget, *, condition: bool) -> None:
    """Show a widget, or take it off the page."""
    widget.layout.display = None if condition else "none"
