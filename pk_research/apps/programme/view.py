"""The programme board on screen: widgets linked to the model, nothing computed here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import ipywidgets as widgets

from pk_research.apps.linking import Link, Option, offer, show_if
from pk_research.apps.products.page import alert_html
from pk_research.apps.programme import model as limits
from pk_research.apps.programme import page
from pk_research.apps.programme.downloads import file_of
from pk_research.apps.programme.model import FILTERS, TABS, ProgrammeModel
from pk_research.apps.programme.words import STATE_NAMES, TIME_NAMES
from pk_research.apps.trouble import UNEXPECTED
from pk_research.apps.widgets import Download, LanguageChoice, Tabs
from pk_research.language import Message, translate

if TYPE_CHECKING:
    from pk_research.store import Store

LABELS = {
    "office": "Office", "kecamatan": "Kecamatan", "village": "Village", "state": "State",
    "time": "Due date",
}  # fmt: skip
SINCE = Message("{n} days")


class ProgrammeView:
    """The app for one visitor; ``root`` is the widget to show.

    Parameters
    ----------
    model
        What is chosen.
    store
        Where it is written down what somebody took away.
    """

    def __init__(self, model: ProgrammeModel, store: Store) -> None:
        self.model = model
        self.link = Link(model, on_failure=lambda: alert_html(UNEXPECTED, model.language))
        self.language = LanguageChoice()
        self.tabs = Tabs()
        self.filters = {name: widgets.Dropdown() for name in FILTERS}
        self.since = widgets.Dropdown()
        self.clear = widgets.Button()
        self.csv = Download(lambda: file_of(model, store, "csv"))
        self.xlsx = Download(lambda: file_of(model, store, "xlsx"))
        said = self._html(("message",), lambda: alert_html(model.message, model.language))
        self.choices = widgets.HBox(list(self.filters.values())).add_class("pk-row")
        files = widgets.HBox([self.csv, self.xlsx]).add_class("pk-files")
        counts = self._html(FILTERS, lambda: page.counts(model))
        self.results = widgets.VBox(
            [self.tabs, said, self.choices, self.clear.add_class("pk-clear"), *self._panels(), files, counts]
        ).add_class("pk-results")
        style = widgets.HTML(page.style_html()).add_class("pk-style")
        title = self._html((), lambda: page.title_html(model.language))
        head = widgets.HBox([title, self.language.add_class("pk-language")]).add_class("pk-head")
        banner = self._html((), lambda: page.banner_html(model))
        self.files = files
        self.root = widgets.VBox([style, head, banner, self.results])
        for name in ("pk-app", "pk-products", "pk-programme", "pk-live"):
            self.root.add_class(name)
        self._listen()
        self._write()

    def _html(self, traits: tuple[str, ...], write: Callable[[], str]) -> widgets.HTML:
        return self.link.html([*traits, "language"], write)

    def _panels(self) -> list[widgets.Widget]:
        panels = []
        for name in TABS:
            traits = (*FILTERS, "since_days") if name == limits.CHANGES else FILTERS
            shown = self._html(traits, partial(page.found, self.model, name))
            above = [widgets.HBox([self.since]).add_class("pk-row")] if name == limits.CHANGES else []
            panels.append(widgets.VBox([*above, shown]).add_class("pk-panel").add_class(f"pk-panel-{name}"))
        return panels

    def _listen(self) -> None:
        link, model = self.link, self.model
        link.send(self.language, "language")
        link.send(self.tabs, "tab", lambda name: name if name in TABS else model.tab)
        link.send(self.since, "since_days")
        for name in ("office", "village", "state", "time"):
            link.send(self.filters[name], name)

        def choose(change: dict[str, object]) -> None:
            if not self._is_writing and isinstance(change["new"], str):
                model.open_kecamatan(change["new"])

        self.filters["kecamatan"].observe(choose, "value")
        self.clear.on_click(lambda _button: model.clear())
        model.observe(self._write, ["language", "tab", "since_days", *FILTERS])

    _is_writing = False

    def _write(self, _change: object = None) -> None:
        """Bring every control in line with the model."""
        before, self._is_writing = self._is_writing, True
        try:
            with self.link.quiet():
                self._write_all()
        finally:
            self._is_writing = before

    def _write_all(self) -> None:
        model, language = self.model, self.model.language
        self.language.value = language
        self.tabs.label = translate(page.TABS_LABEL, language)
        self.tabs.options = [[name, text.text(language)] for name, text in page.TABS]
        self.tabs.value = model.tab
        options = self._options()
        for name, control in self.filters.items():
            listed = [(translate("All", language), ""), *options[name]]
            offer(control, translate(LABELS[name], language), listed, getattr(model, name))
        back: list[Option] = [
            (Message(SINCE.template, {"n": n}).text(language), n) for n in limits.SINCE_DAYS
        ]
        offer(self.since, translate("Changes of the last", language), back, model.since_days)
        self.clear.description = translate("Let all filters go", language)
        show_if(self.clear, condition=any(getattr(model, name) for name in FILTERS))
        self.csv.label = translate("Download the list (CSV)", language)
        self.xlsx.label = translate("Download the list (Excel)", language)
        shown = model.shown
        show_if(self.choices, condition=shown is not None)
        show_if(self.files, condition=shown is not None and not shown.frame.empty)

    def _options(self) -> dict[str, list[Option]]:
        model, language = self.model, self.model.language
        material = model.material
        if material is None:
            return {name: [] for name in FILTERS}
        return {
            "office": [
                (material.name("action_organisation", code, language), code) for code in model.offices
            ],
            "kecamatan": [(material.kecamatan[code], code) for code in material.actions.kecamatan],
            "village": sorted(
                (f"{material.villages[code]} ({material.kecamatan[code[:6]]})", code)
                for code in model.villages
            ),
            "state": [(text.text(language), name) for name, text in STATE_NAMES.items()],
            "time": [(text.text(language), name) for name, text in TIME_NAMES.items()],
        }
