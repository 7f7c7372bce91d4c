"""The index of economic potential on screen: computed when it is opened, weighed by sliders."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import ipywidgets as widgets

from pk_research.apps.findings import trouble
from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.findings.page import alert_html
from pk_research.apps.linking import show_if
from pk_research.apps.markup import say
from pk_research.language import Message, translate

if TYPE_CHECKING:
    from pk_research.apps.findings.potential import Potential
    from pk_research.sources import Dataset

log = logging.getLogger(__name__)
HEAVIEST = 10
START = 5


class PotentialView:
    """The index for one visitor; ``root`` is the widget to show.

    Parameters
    ----------
    model
        What is chosen: dataset, year, village, language.
    """

    def __init__(self, model: FindingsModel) -> None:
        self.model = model
        self.declared: Potential | None = None
        self.shown: Potential | None = None
        self.unfold = widgets.ToggleButton().add_class("pk-potential-open")
        self.sliders: dict[str, widgets.IntSlider] = {}
        self.weights = widgets.VBox()
        self.reset = widgets.Button().add_class("pk-reset")
        self.found = widgets.HTML()
        self.panel = widgets.VBox([self.weights, self.reset, self.found])
        self.root = widgets.VBox([self.unfold, self.panel])
        self._computed_for: tuple[Dataset | None, int | None] | None = None
        self.unfold.observe(self._open, "value")
        self.reset.on_click(lambda _button: self._even())
        model.observe(self._open, ["typology"])
        model.observe(self.write, ["language", "selected"])
        self.write()

    def _open(self, _change: object = None) -> None:
        """Compute the index only for those who look at it, and anew only for other data."""
        wanted = (self.model.dataset, self.model.year)
        if self.unfold.value and self._computed_for != wanted:
            self._computed_for = wanted
            self.found.value = f"<p role='status'>{say('Working it out …', self.model.language)}</p>"
            try:
                self._compute(*wanted)
            except Exception:
                log.exception("the index could not be computed")
                self.declared = self.shown = self._computed_for = None
                self.found.value = alert_html(trouble.UNEXPECTED, self.model.language)
                show_if(self.panel, condition=True)
                return
        self.write()

    def _compute(self, dataset: Dataset | None, year: int | None) -> None:
        from pk_research.apps.findings.potential import potential_of

        self.declared = self.shown = None if dataset is None else potential_of(dataset, year=year)
        parts = () if self.declared is None else self.declared.parts
        self.sliders = {name: self._slider() for name in parts}
        self.weights.children = tuple(self.sliders.values())

    def _slider(self) -> widgets.IntSlider:
        slider = widgets.IntSlider(START, min=0, max=HEAVIEST, continuous_update=False, readout=False)
        slider.observe(self._weigh, "value")
        return slider.add_class("pk-weight")

    def _weigh(self, _change: object = None) -> None:
        from pk_research.apps.findings.potential import weighed

        if self.declared is not None:
            self.shown = weighed(self.declared, self._weights())
        self.write()

    def _even(self) -> None:
        """Weigh all parts alike, and compute once for all sliders."""
        for slider in self.sliders.values():
            slider.unobserve(self._weigh, "value")
            slider.value = START
            slider.observe(self._weigh, "value")
        self._weigh()

    def _weights(self) -> dict[str, float]:
        return {name: float(slider.value) for name, slider in self.sliders.items()}

    def write(self, _change: object = None) -> None:
        """Bring what is shown in line with the model."""
        language = self.model.language
        self.unfold.description = translate("Economic potential: index and ranks", language)
        self.reset.description = translate("Weigh all parts alike", language)
        show_if(self.panel, condition=self.unfold.value)
        show_if(self.reset, condition=self.shown is not None)
        show_if(self.weights, condition=self.shown is not None)
        if self.shown is None:
            self.found.value = alert_html(_TOO_FEW, language) if self.unfold.value else ""
            return
        from pk_research.apps.findings.potential_html import potential_html, weight_label

        weights = self._weights()
        for name, slider in self.sliders.items():
            slider.description = weight_label(self.shown, name, weights, language)
        nothing = "" if any(weights.values()) else alert_html(_NO_WEIGHT, language)
        self.found.value = nothing + potential_html(self.shown, self.model.selected, language)


_TOO_FEW = Message("This data has too few of the indicators of the index")
_NO_WEIGHT = Message("Give at least one part a weight; the ranks of before are shown")
