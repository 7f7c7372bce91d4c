"""What every app has on screen: its head, its tabs, and controls that follow the model and lead it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import ClassVar, Generic, TypeVar

import ipywidgets as widgets

from pk_research.apps.frame import Frame, alert_html, made_html, working_html
from pk_research.apps.linking import Link
from pk_research.apps.model import AppModel, TabbedModel
from pk_research.apps.trouble import UNEXPECTED
from pk_research.apps.widgets import LanguageChoice, Tabs
from pk_research.language import Language, Message, translate

Model = TypeVar("Model", bound=AppModel)
Divided = TypeVar("Divided", bound=TabbedModel)


class AppView(Generic[Model]):
    """The app for one visitor; ``root`` is the widget to show.

    Parameters
    ----------
    model
        What is chosen and what comes out.
    frame
        What stands around it.
    """

    root: widgets.VBox
    unexpected: ClassVar[Message] = UNEXPECTED

    def __init__(self, model: Model, frame: Frame) -> None:
        self.model, self.frame = model, frame
        self.link = Link(model, on_failure=lambda: alert_html(self.unexpected, self._language))
        self.language = LanguageChoice()

    @property
    def _language(self) -> Language:
        language: Language = self.model.language
        return language

    def say(self, text: str) -> str:
        """Return a catalogue text in the visitor's language."""
        return translate(text, self._language)

    def head(self) -> list[widgets.Widget]:
        """List the style, and the title with the choice of a language."""
        style = widgets.HTML(self.frame.style_html()).add_class("pk-style")
        title = self.link.html(["language"], lambda: self.frame.title_html(self._language))
        return [style, widgets.HBox([title, self.language.add_class("pk-language")]).add_class("pk-head")]

    def banner(self, is_made: Callable[[], bool], *traits: str) -> widgets.HTML:
        """Return the banner that made data carries, written anew when one of these traits changes."""
        return self.link.html(["language", *traits], lambda: made_html(self._language, made=is_made()))

    def progress(self, trait: str) -> widgets.HTML:
        """Return the place where it is said that something is being computed."""
        box = self.link.html(
            ["language", trait],
            lambda: working_html(self._language, is_working=getattr(self.model, trait) == "working"),
        )
        return box.add_class("pk-progress")

    def said(self) -> widgets.HTML:
        """Return the place where it is said what went wrong."""
        return self.link.html(["language", "message"], lambda: alert_html(self.model.message, self._language))

    def stand(self, *children: widgets.Widget) -> None:
        """Put together what is shown, from top to bottom."""
        self.root = widgets.VBox(children)
        for name in ("pk-app", *self.frame.kinds, "pk-live"):
            self.root.add_class(name)

    def follow(self, traits: Iterable[str]) -> None:
        """Begin: what a visitor sets leads the model, and the controls follow these traits of it."""
        self.link.send(self.language, "language")
        self.model.observe(self._write, ["language", *traits])
        self._write()

    def _write(self, _change: object = None) -> None:
        with self.link.quiet():
            self.language.value = self._language
            self.write()

    def write(self) -> None:
        """Bring the controls of the app in line with its model."""
        raise NotImplementedError


class TabbedView(AppView[Divided]):
    """The same for an app of several tabs, of which one is open."""

    def __init__(self, model: Divided, frame: Frame) -> None:
        super().__init__(model, frame)
        self.tabs = Tabs()

    def follow(self, traits: Iterable[str]) -> None:
        """Begin: what a visitor sets leads the model, and the controls follow these traits of it."""
        names = [name for name, _ in self.frame.tabs]
        self.link.send(self.tabs, "tab", lambda name: name if name in names else self.model.tab)
        self.model.observe(self._write_tab, ["tab"])
        super().follow(traits)

    def _write(self, change: object = None) -> None:
        with self.link.quiet():
            self.tabs.label = self.say(self.frame.tabs_label)
            self.tabs.options = [[name, text.text(self._language)] for name, text in self.frame.tabs]
        self._write_tab()
        super()._write(change)

    def _write_tab(self, _change: object = None) -> None:
        with self.link.quiet():
            self.tabs.value = self.model.tab

    def purpose(self, tab: str, text: Message) -> widgets.HTML:
        """Return the title of a tab and what it is for."""
        titles = dict(self.frame.tabs)

        def written() -> str:
            title, purpose = (one.text(self._language) for one in (titles[tab], text))
            return f"<h2 class='pk-title'>{escape(title)}</h2><p class='pk-hint'>{escape(purpose)}</p>"

        return self.link.html(["language"], written)

    def found(self, trait: str, write: Callable[[Language], str]) -> widgets.HTML:
        """Return HTML about what came out on a tab; empty while there is nothing."""

        def written() -> str:
            return "" if getattr(self.model, trait) is None else write(self._language)

        return self.link.html([trait, "language"], written)


def panel(name: str, children: Sequence[widgets.Widget]) -> widgets.VBox:
    """Return what stands on a tab."""
    return widgets.VBox(children).add_class("pk-panel").add_class(f"pk-panel-{name}")


def row(*children: widgets.Widget) -> widgets.HBox:
    """Return controls side by side, below one another where the screen is narrow."""
    return widgets.HBox(children).add_class("pk-row")


def slider(low: int, high: int, step: int = 1) -> widgets.IntSlider:
    """Return a slider whose label says its value; it is passed on when it is let go."""
    return widgets.IntSlider(low, min=low, max=high, step=step, continuous_update=False, readout=False)


def set_slider(control: widgets.IntSlider, what: Message, value: int, language: Language) -> None:
    """Set a slider, and say its value in its label."""
    text = Message("{what}: {value}", {"what": what, "value": value})
    control.description, control.value = text.text(language), value


def sliders(controls: Iterable[widgets.IntSlider]) -> widgets.VBox:
    """Return sliders, one below the other."""
    return widgets.VBox(list(controls)).add_class("pk-sliders")
