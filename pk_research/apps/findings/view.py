"""The findings app on screen: widgets linked to the model, nothing computed here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import ipywidgets as widgets

from pk_research.apps.files import File
from pk_research.apps.findings import page
from pk_research.apps.findings.choices import indicator_label
from pk_research.apps.findings.comparison import (
    chosen_html,
    matching,
    unclear_html,
    village_labels,
)
from pk_research.apps.findings.controls import Controls
from pk_research.apps.findings.doubts import doubts_html
from pk_research.apps.findings.downloads import as_csv, as_workbook
from pk_research.apps.findings.headline import headline_html
from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.findings.origins import types_origin_html
from pk_research.apps.findings.picture import can_be_mapped, picture_html
from pk_research.apps.findings.potential_model import PotentialModel
from pk_research.apps.findings.potential_view import PotentialView
from pk_research.apps.findings.ranking import ranking_html
from pk_research.apps.findings.types import types_html
from pk_research.apps.findings.village_page import astray_html, village_html
from pk_research.apps.linking import Option, offer, show_if
from pk_research.apps.markup import say, section, sentence
from pk_research.apps.taking import recorded
from pk_research.apps.view import TabbedView, panel, row
from pk_research.apps.widgets import Download, VillageAddress, VillagePicture
from pk_research.clusters import Typology
from pk_research.clusters.html import legend_html
from pk_research.disclosure import withheld_message
from pk_research.language import Language, Message, translate

log = logging.getLogger(__name__)
MAP, TILES = "map", "tiles"


class FindingsView(TabbedView[FindingsModel]):
    """The app for one visitor; ``root`` is the widget to show.

    Parameters
    ----------
    model
        What is chosen and what comes out.
    boundaries
        GeoJSON of village boundaries; without it villages are shown as tiles only.
    """

    def __init__(self, model: FindingsModel, *, boundaries: Path | None = None) -> None:
        super().__init__(model, page.FRAME)
        self.boundaries = boundaries
        self.controls = Controls(model, self.link)
        self.kind = widgets.ToggleButtons().add_class("pk-picture-kind")
        self.picture = VillagePicture()
        self.village = widgets.Combobox(continuous_update=False).add_class("pk-search")
        self.ranked_by = widgets.Dropdown()
        self.direction = widgets.ToggleButtons()
        self.csv = Download(recorded(lambda: self._file(as_csv), model.store))
        self.workbook = Download(recorded(lambda: self._file(as_workbook), model.store))
        self.address = VillageAddress()
        self.potential = PotentialView(PotentialModel(model))
        self.results = widgets.VBox(self._results())
        self.stand(*self.head(), self.banner(lambda: model.made, "dataset"), self._body())
        self._labels: dict[str, str] = {}
        self._listen()

    def _body(self) -> widgets.Widget:
        results = widgets.VBox([self.progress("status"), self.said(), self.results]).add_class("pk-results")
        return widgets.HBox([self.controls.root, results]).add_class("pk-body")

    def _results(self) -> list[widgets.Widget]:
        """List the tabs and what stands on each."""
        return [
            self.tabs,
            panel("types", self._types()),
            self.potential.root.add_class("pk-panel").add_class("pk-panel-potential"),
            panel("village", self._village()),
            self._found(page.source_html),
        ]

    def _types(self) -> list[widgets.Widget]:
        """List what is shown of the types, from top to bottom."""
        return [
            self._found(self._with_origin(headline_html, "Types of villages")),
            self._heading("The villages", "picture"),
            self.kind,
            self._found(self._with_origin(legend_html, "The villages")),
            self.picture,
            self._found(self._chosen, "selected").add_class("pk-chosen"),
            self._found(self._with_origin(types_html, "The types")),
            self._heading("Villages ranked", "ranking-title"),
            row(self.ranked_by, self.direction),
            self._found(
                self._with_origin(self._ranking, "Villages ranked"), "ranked_by", "highest_first", "selected"
            ),
            self._found(doubts_html),
            self._heading("Take it with you", "downloads"),
            row(self.csv, self.workbook),
        ]

    def _village(self) -> list[widgets.Widget]:
        """List what is shown of one village."""
        return [
            self.village,
            self._found(self._unclear, "sought", "astray"),
            self.address,
            self._found(self._one_village, "selected"),
            self.potential.village,
        ]

    def _found(self, write: Callable[[Typology, Language], str], *traits: str) -> widgets.HTML:
        """Return HTML about the typology; empty while there is none."""

        def written() -> str:
            typology = self.model.typology
            return "" if typology is None else write(typology, self.model.language)

        return self.link.html(["typology", "language", *traits], written)

    def _heading(self, text: str, name: str) -> widgets.HTML:
        return self.link.html(
            ["language"], lambda: section(name, f"<h2>{say(text, self.model.language)}</h2>")
        )

    def _chosen(self, typology: Typology, language: Language) -> str:
        return chosen_html(typology, self.model.selected, language)

    def _unclear(self, _typology: Typology, language: Language) -> str:
        """Return what must be cleared up first: a name that fits no village or several, a lost address."""
        if self.model.sought:
            return unclear_html(self._labels, self.model.sought, language)
        return "" if self.model.astray is None else astray_html(self.model.astray, language)

    def _one_village(self, typology: Typology, language: Language) -> str:
        if self.model.shown is None:
            return ""
        page_of_it = village_html(typology, self.model.shown, self.model.selected, language)
        if not self.model.selected:
            return page_of_it
        withheld = sentence(withheld_message(self.model.n_withheld), language)
        origin = types_origin_html(self.model, Message("One village"))
        return f"{page_of_it}<p class='pk-hint'>{withheld}</p>{origin}"

    def _with_origin(
        self, write: Callable[[Typology, Language], str], figure: str
    ) -> Callable[[Typology, Language], str]:
        """Return what writes a figure, and below it where its numbers come from."""
        return lambda typology, language: (
            write(typology, language) + types_origin_html(self.model, Message(figure))
        )

    def _ranking(self, typology: Typology, language: Language) -> str:
        return ranking_html(
            typology,
            self.model.ranked_by,
            language,
            highest_first=self.model.highest_first,
            selected=self.model.selected,
        )

    def _listen(self) -> None:
        link, model = self.link, self.model
        link.send(self.ranked_by, "ranked_by")
        link.send(self.direction, "highest_first")
        link.send(self.picture, "selected", trait="selected")
        link.send(self.village, "selected", self._code_of)
        self.address.observe(lambda change: model.open_address(change["new"]), "search")
        self.address.on_msg(self._follow)
        self.picture.on_msg(lambda *_: model.look_again())
        self.kind.observe(self._write_picture, "value")
        model.observe(self._write_selected, ["selected"])
        self.follow(["typology"])

    def _follow(self, _widget: object, content: dict[str, object], _buffers: object) -> None:
        """Open the village of a link; whoever sends it may send anything."""
        code = content.get("village")
        if isinstance(code, str):
            self.model.open_village(code)

    def _code_of(self, label: str) -> str:
        """Return the village that a text means; none while it means none or several, which is said."""
        codes = matching(self._labels, label)
        self.model.sought = "" if len(codes) == 1 else label
        return codes[0] if len(codes) == 1 else ""

    def write(self) -> None:
        """Bring the controls beside the findings in line with the model."""
        typology, language = self.model.typology, self.model.language
        show_if(self.results, condition=typology is not None)
        self.picture.language = language
        self.address.copy_label = self.say("Copy the address of this page")
        self.address.copied_label = self.say("The address was copied.")
        self.address.print_label = self.say("Print")
        self.csv.label = self.say("Villages (CSV)")
        self.workbook.label = self.say("Everything (Excel)")
        directions = [("Highest first", True), ("Lowest first", False)]
        offer(self.direction, "", self._in_language(directions), self.model.highest_first)
        if typology is not None:
            self._write_found(typology, language)
        self._write_picture()

    def _write_found(self, typology: Typology, language: Language) -> None:
        ranked = [(indicator_label(variable, language), variable.name) for variable in typology.variables]
        offer(self.ranked_by, self.say("By"), ranked, self.model.ranked_by)
        has_map = can_be_mapped(typology, self.boundaries)
        kinds = [("Map", MAP), ("Tiles", TILES)] if has_map else [("Tiles", TILES)]
        kept = self.kind.value if has_map and self.kind.value else kinds[0][1]
        offer(self.kind, "", self._in_language(kinds), kept)
        show_if(self.kind, condition=has_map)
        self._labels = village_labels(typology, language)
        self.village.description = self.say("Village")
        self.village.placeholder = self.say("Type a name")
        self.village.options = list(self._labels.values())
        self._write_selected()

    def _in_language(self, options: Sequence[Option]) -> list[Option]:
        return [(translate(text, self.model.language), value) for text, value in options]

    def _write_selected(self, _change: object = None) -> None:
        with self.link.quiet():
            self.village.value = self._labels.get(self.model.selected, "")
            self.picture.selected = self.address.code = self.model.selected

    def _write_picture(self, _change: object = None) -> None:
        if self.model.typology is not None:
            boundaries = self.boundaries if self.kind.value == MAP else None
            self.picture.html = picture_html(self.model.typology, self.model.language, boundaries=boundaries)

    def _file(self, make: Callable[[Typology, str, Language], File]) -> File | None:
        if self.model.typology is None:
            return None
        try:
            name = "-".join(filter(None, (self.model.dataset_name, self.model.area)))
            return make(self.model.typology, name, self.model.language)
        except Exception:
            log.exception("a download failed")
            return None
