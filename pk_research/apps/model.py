"""What every app keeps of a visitor: their language, and what went wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import traitlets

from pk_research.apps.trouble import UNEXPECTED, CannotShow
from pk_research.language import LANGUAGES, Message

log = logging.getLogger(__name__)


class AppModel(traitlets.HasTraits):
    """The choices of one visitor; no widgets.

    Attributes
    ----------
    language
        ``"id"`` or ``"en"``.
    message
        What went wrong; None when nothing did.
    """

    language = traitlets.Enum(LANGUAGES, "id")
    message = traitlets.Instance(Message, allow_none=True)


class TabbedModel(AppModel):
    """The same in an app of several tabs.

    Attributes
    ----------
    tab
        The open one; each app names its own.
    """

    tab: traitlets.TraitType[Any, Any]


@dataclass(frozen=True, slots=True)
class Computed:
    """What is on a tab, and what it takes.

    Attributes
    ----------
    inputs
        The choices it depends on.
    compute
        Finds it.
    shown
        Where it is kept: None before anybody looks, and when it could not be found.
    """

    inputs: tuple[str, ...]
    compute: Callable[[], None]
    shown: tuple[str, ...]


class ComputedTabs(TabbedModel):
    """An app whose tabs are computed for those who open them, and again when they choose otherwise.

    Nothing raises: what goes wrong is in ``message``, as a sentence for the visitor.

    Attributes
    ----------
    status_of_work
        ``"idle"`` or ``"working"``.
    """

    app: ClassVar[str]
    status_of_work = traitlets.Enum(("idle", "working"), "idle")

    def __init__(self) -> None:
        super().__init__()
        self._found_for: dict[str, tuple[object, ...]] = {}

    def _computed(self) -> Mapping[str, Computed]:
        """Return what is on each tab."""
        raise NotImplementedError

    def _follow(self) -> None:
        """Look again whenever another tab is opened or something is chosen otherwise."""
        inputs = (name for computed in self._computed().values() for name in computed.inputs)
        self.observe(self._look, ["tab", *inputs])

    def _wanted(self, inputs: Sequence[str]) -> tuple[object, ...]:
        """Return the choices that count."""
        return tuple(getattr(self, name) for name in inputs)

    def _look(self, _change: Any = None) -> None:  # noqa: ANN401 - a traitlets bunch
        """Compute what is on the open tab, unless it is there already."""
        tab, computed = self.tab, self._computed()[self.tab]
        wanted = self._wanted(computed.inputs)
        if self._found_for.get(tab) == wanted:
            self.message = None
        elif self._attempt(computed.compute):
            self._found_for[tab] = wanted

    def _attempt(self, step: Callable[[], None]) -> bool:
        """Take a step; when it cannot be taken, say why and show nothing old."""
        self.status_of_work, self.message = "working", None
        try:
            step()
        except CannotShow as reason:
            self._clear()
            self.message = reason.message
        except Exception:
            log.exception("the %s tab of the %s app could not be computed", self.tab, self.app)
            self._clear()
            self.message = UNEXPECTED
        finally:
            self.status_of_work = "idle"
        return self.message is None

    def _clear(self) -> None:
        for name in self._computed()[self.tab].shown:
            setattr(self, name, None)
        self._found_for.pop(self.tab, None)
