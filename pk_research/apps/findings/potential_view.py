"""The index of economic potential on screen: what is in it, what it weighs, and the ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

from pk_research.apps.findings.potential_model import HEAVIEST, START, PotentialModel
from pk_research.apps.frame import alert_html, working_html
from pk_research.apps.linking import Link, show_if
from pk_research.apps.markup import say
from pk_research.apps.trouble import UNEXPECTED
from pk_research.apps.widgets import DirectionList
from pk_research.language import Message, translate

if TYPE_CHECKING:
    from pk_research.apps.findings.potential import Potential


class PotentialView:
    """The index for one visitor.

    Parameters
    ----------
    model
        The index.

    Attributes
    ----------
    root
        The panel of the index.
    village
        What the page of a village says of it.
    """

    def __init__(self, model: PotentialModel) -> None:
        self.model = model
        self.link = Link(model, on_failure=self._failure)
        self.sliders: dict[str, widgets.IntSlider] = {}
        self.weights = widgets.VBox()
        self.indicators = DirectionList()
        self.unfold = widgets.ToggleButton().add_class("pk-potential-open")
        self.reset = widgets.Button().add_class("pk-reset")
        self.choices = widgets.VBox([self.indicators, self.weights, self.reset]).add_class(
            "pk-potential-choices"
        )
        self.found = self.link.html(["result", "language", "selected"], self._found)
        self.root = widgets.VBox(
            [
                self.link.html(["language"], self._heading),
                self.unfold,
                self.choices,
                self._progress(),
                self.link.html(["message", "language"], self._trouble),
                self.found,
            ]
        )
        self.village = widgets.VBox(
            [
                self._progress(),
                self.link.html(["result", "message", "language", "selected"], self._of_village),
            ]
        )
        self.link.send(self.indicators, "directions")
        self.unfold.observe(self.write, "value")
        self.reset.on_click(lambda _button: model.reset())
        model.observe(self.write, ["language", "offered", "directions", "weights"])
        self.write()

    def _heading(self) -> str:
        language = self.model.language
        return (
            f"<h2 class='pk-title'>{say('Economic potential', language)}</h2>"
            f"<p class='pk-hint'>{say(_PURPOSE, language)}</p>"
        )

    def _progress(self) -> widgets.HTML:
        box = self.link.html(
            ["status", "language"],
            lambda: working_html(self.model.language, is_working=self.model.status == "working"),
        )
        return box.add_class("pk-progress")

    def _trouble(self) -> str:
        return alert_html(self.model.message, self.model.language)

    def _failure(self) -> str:
        return alert_html(UNEXPECTED, self.model.language)

    def _found(self) -> str:
        if self.model.result is None:
            return ""
        from pk_research.apps.findings.potential_html import potential_html

        found = potential_html(self.model.result, self.model.selected, self.model.language)
        return found + self._origin(self.model.result, "Economic potential")

    def _origin(self, result: Potential, figure: str) -> str:
        from pk_research.apps.findings.origins import index_origin_html

        return index_origin_html(self.model.findings, result, Message(figure), self.model.language)

    def _of_village(self) -> str:
        model = self.model
        if not model.selected:
            return ""
        from pk_research.apps.findings.village_index import no_index_html, village_index_html

        if model.result is None:
            return "" if model.message is None else no_index_html(model.message, model.language)
        found = village_index_html(model.result, model.selected, model.language)
        return found + self._origin(model.result, "Its economic potential")

    def write(self, _change: object = None) -> None:
        """Bring the choices in line with the model."""
        language = self.model.language
        with self.link.quiet():
            self.unfold.description = translate("Change indicators and weights", language)
            self.reset.description = translate("Back to the proposal", language)
            show_if(self.choices, condition=self.unfold.value)
            self._write_indicators()
            self._write_weights()

    def _write_indicators(self) -> None:
        language, listed = self.model.language, self.indicators
        listed.label = translate("Indicators of the index", language)
        listed.search_label = translate("Search an indicator", language)
        listed.direction_labels = [
            translate(text, language) for text in ("higher is better", "lower is better")
        ]
        listed.options = [
            [offer.name, offer.label.text(language), offer.part_label.text(language), offer.direction]
            for offer in self.model.offered
        ]
        listed.value = dict(self.model.directions)

    def _write_weights(self) -> None:
        from pk_research.apps.findings.potential import shares

        parts = self.model.parts
        self.sliders = {part: self.sliders.get(part) or self._slider(part) for part in parts}
        if self.weights.children != tuple(self.sliders.values()):
            self.weights.children = tuple(self.sliders.values())
        weights = {part: float(self.model.weights.get(part, START)) for part in parts}
        for part, share in shares(weights).items():
            values = {"part": parts[part].text(self.model.language), "percent": round(100 * share)}
            self.sliders[part].description = Message("{part}: {percent}%", values).text(self.model.language)
            self.sliders[part].value = int(weights[part])

    def _slider(self, part: str) -> widgets.IntSlider:
        slider = widgets.IntSlider(START, min=0, max=HEAVIEST, continuous_update=False, readout=False)
        self.link.send(slider, "weights", lambda weight: {**self.model.weights, part: weight})
        return slider.add_class("pk-weight")


_PURPOSE = (
    "A proposal for an index: how far a village is able to produce, sell and finance. Which indicators"
    " belong in it, which way they count and what they weigh can be tried out here."
)
