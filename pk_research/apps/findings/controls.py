"""The choices of the findings app: data, area, year, number of types, indicators."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets

from pk_research.apps.findings import choices
from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.findings.page import NUMBERS
from pk_research.apps.linking import Link, Option, offer, show_if
from pk_research.apps.widgets import CheckList
from pk_research.language import number_text, translate

AUTOMATIC = 0
OF_TYPES = "pk-of-types"


class Controls:
    """What a visitor can choose; ``root`` is the widget to show.

    Parameters
    ----------
    model
        What is chosen.
    link
        Passes choices on.
    """

    def __init__(self, model: FindingsModel, link: Link) -> None:
        self.model = model
        self.link = link
        self.dataset = widgets.Dropdown()
        self.area = widgets.Dropdown()
        self.year = widgets.Dropdown()
        self.k = widgets.Dropdown().add_class(OF_TYPES).add_class("pk-number-of-types")
        self.variables = CheckList().add_class(OF_TYPES)
        self.unfold = widgets.ToggleButton().add_class("pk-open")
        panel = widgets.VBox([self.dataset, self.area, self.year, self.k, self.variables])
        self.root = widgets.VBox([self.unfold, panel.add_class("pk-choices")]).add_class("pk-controls")
        link.send(self.dataset, "dataset_name")
        link.send(self.area, "area")
        link.send(self.year, "year")
        link.send(self.k, "k", lambda k: None if k == AUTOMATIC else k)
        link.send(self.variables, "variables", self._in_codebook_order)
        self.unfold.observe(self._fold, "value")
        model.observe(self.write, ["language", "offered", "dataset", "areas", "year", "variables", "k"])
        self.write()

    def write(self, _change: object = None) -> None:
        """Bring every control in line with the model."""
        model = self.model
        years = choices.years(model.dataset) if model.dataset else ()
        datasets: list[Option] = [(self._say(entry.title), entry.name) for entry in model.offered]
        numbers: list[Option] = [
            (self._say("Automatic"), AUTOMATIC) if k is None else (str(k), k) for k in NUMBERS
        ]
        with self.link.quiet():
            self.unfold.description = self._say("Change the choices")
            offer(self.dataset, self._say("Data"), datasets, model.dataset_name)
            offer(self.area, self._say("Area"), self._areas(), model.area)
            show_if(self.area, condition=bool(model.areas))
            offer(self.year, self._say("Year"), [(str(year), year) for year in years], model.year)
            show_if(self.year, condition=len(years) > 1)
            offer(self.k, self._say("Number of types"), numbers, model.k or AUTOMATIC)
            self._write_indicators()

    def _areas(self) -> list[Option]:
        return [
            (f"{area.name} ({number_text(area.n_villages, self.model.language)})", area.code)
            for area in self.model.areas
        ]

    def _write_indicators(self) -> None:
        offered = choices.indicators(self.model.dataset) if self.model.dataset else ()
        labels = {
            variable.name: choices.indicator_label(variable, self.model.language) for variable in offered
        }
        self.variables.label = self._say("Indicators")
        self.variables.search_label = self._say("Search an indicator")
        self.variables.options = [[name, labels[name]] for name in self._indicator_order(list(labels))]
        self.variables.value = list(self.model.variables)

    def _indicator_order(self, offered: list[str]) -> list[str]:
        """List the chosen first; as long as the same are offered, nothing moves under the finger."""
        listed = [name for name, _ in self.variables.options]
        if set(listed) == set(offered):
            return listed
        return sorted(offered, key=lambda name: name not in self.model.variables)

    def _in_codebook_order(self, names: Sequence[str]) -> tuple[str, ...]:
        offered = choices.indicators(self.model.dataset) if self.model.dataset else ()
        return tuple(variable.name for variable in offered if variable.name in names)

    def _fold(self, _change: object) -> None:
        """On a phone the choices are folded away; wide screens always show them (see the style)."""
        if self.unfold.value:
            self.root.add_class("pk-unfolded")
        else:
            self.root.remove_class("pk-unfolded")

    def _say(self, text: str) -> str:
        return translate(text, self.model.language)
