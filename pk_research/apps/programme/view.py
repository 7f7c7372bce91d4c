"""The programme board on screen: widgets linked to the model, nothing computed here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import ipywidgets as widgets

from pk_research.apps.linking import Option, offer, show_if
from pk_research.apps.programme import model as limits
from pk_research.apps.programme import page
from pk_research.apps.programme.downloads import file_of
from pk_research.apps.programme.model import DAYS, FILTERS, TABS, ProgrammeModel
from pk_research.apps.programme.words import STATE_NAMES, TIME_NAMES
from pk_research.apps.view import TabbedView, panel, row
from pk_research.apps.widgets import Day, Download
from pk_research.language import Message, translate
from pk_research.register.village import KECAMATAN_LENGTH

if TYPE_CHECKING:
    from pk_research.store import Store

LABELS = {
    "office": "Office", "kecamatan": "Kecamatan", "village": "Village", "state": "State",
    "time": "Timeliness", "due_from": "Due from", "due_to": "Due until",
}  # fmt: skip
SHOWN = (*FILTERS, *DAYS, "message")
SINCE = Message("{n} days")


class ProgrammeView(TabbedView[ProgrammeModel]):
    """The app for one visitor; ``root`` is the widget to show.

    Parameters
    ----------
    model
        What is chosen.
    store
        Where it is written down what somebody took away.
    """

    def __init__(self, model: ProgrammeModel, store: Store) -> None:
        super().__init__(model, page.FRAME)
        self.filters = {name: widgets.Dropdown() for name in FILTERS}
        self.days = {name: Day() for name in DAYS}
        self.since = widgets.Dropdown()
        self.clear = widgets.Button().add_class("pk-clear")
        self.csv = Download(lambda: file_of(model, store, "csv"))
        self.xlsx = Download(lambda: file_of(model, store, "xlsx"))
        self.choices = widgets.VBox([row(*self.filters.values()), row(*self.days.values(), self.clear)])
        files = widgets.HBox([self.csv, self.xlsx]).add_class("pk-files")
        counts = self._html(SHOWN, lambda: page.counts(model))
        above = [self.tabs, self.choices, self.said()]
        results = widgets.VBox([*above, *self._panels(), files, counts]).add_class("pk-results")
        self.files = files
        self.stand(*self.head(), self.banner(lambda: model.made), results)
        self._listen()

    def _html(self, traits: tuple[str, ...], write: Callable[[], str]) -> widgets.HTML:
        return self.link.html([*traits, "language"], write)

    def _panels(self) -> list[widgets.Widget]:
        panels = []
        for name in TABS:
            traits = (*SHOWN, "since_days") if name == limits.CHANGES else SHOWN
            shown = self._html(traits, partial(page.found, self.model, name))
            above = [row(self.since)] if name == limits.CHANGES else []
            panels.append(panel(name, [*above, shown]))
        return panels

    def _listen(self) -> None:
        link, model = self.link, self.model
        link.send(self.since, "since_days")
        for name in ("office", "village", "state", "time"):
            link.send(self.filters[name], name)
        for name, control in self.days.items():
            link.send(control, name)
        link.tell(self.filters["kecamatan"], model.open_kecamatan)
        self.clear.on_click(lambda _button: model.clear())
        self.follow(["since_days", *SHOWN])

    def write(self) -> None:
        """Bring every control in line with the model."""
        model, language = self.model, self.model.language
        options = self._options()
        for name, control in self.filters.items():
            listed = [(translate("All", language), ""), *options[name]]
            offer(control, translate(LABELS[name], language), listed, getattr(model, name))
        for name, day in self.days.items():
            day.label, day.is_wrong = translate(LABELS[name], language), name in model.wrong_days
            day.value = getattr(model, name)
        back: list[Option] = [
            (Message(SINCE.template, {"n": n}).text(language), n) for n in limits.SINCE_DAYS
        ]
        offer(self.since, translate("Changes of the last", language), back, model.since_days)
        self.clear.description = translate("Let all filters go", language)
        show_if(self.clear, condition=any(getattr(model, name) for name in (*FILTERS, *DAYS)))
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
                (f"{material.villages[code]} ({material.kecamatan[code[:KECAMATAN_LENGTH]]})", code)
                for code in model.villages
            ),
            "state": [(text.text(language), name) for name, text in STATE_NAMES.items()],
            "time": [(text.text(language), name) for name, text in TIME_NAMES.items()],
        }
