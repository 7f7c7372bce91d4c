"""The app about products on screen: widgets linked to the model, nothing computed here."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

import ipywidgets as widgets

from pk_research.apps.files import File
from pk_research.apps.frame import made_html
from pk_research.apps.linking import Option, offer, show_if
from pk_research.apps.products import model as limits
from pk_research.apps.products import page
from pk_research.apps.products.model import BUYERS, MARKET, PLAN, PLANTS, VILLAGE, ProductsModel
from pk_research.apps.products.origins import products_origin_html
from pk_research.apps.products.village_html import kecamatan_html, overview_html, village_html
from pk_research.apps.taking import recorded
from pk_research.apps.view import TabbedView, panel, row, set_slider, slider, sliders
from pk_research.apps.widgets import Download
from pk_research.language import Language, Message
from pk_research.products.catalogue import product_label
from pk_research.register.village import KECAMATAN_LENGTH

if TYPE_CHECKING:
    from pk_research.products.experiments import Attribute
    from pk_research.store import Store

PURPOSES = {
    PLAN: Message(
        "Each village gets the product with which all villages together earn most. Move the limits."
    ),
    PLANTS: Message("Where plants that several villages use together should stand, for one product."),
    BUYERS: Message("What hotels and restaurants need, what villages can meet, and why the rest is not met."),
    MARKET: Message("Change the product and its price, and see how many people would choose it."),
}


class ProductsView(TabbedView[ProductsModel]):
    """The app for one visitor; ``root`` is the widget to show.

    Parameters
    ----------
    model
        What is chosen and what comes out.
    store
        In whose audit log files that are taken away are written.
    """

    def __init__(self, model: ProductsModel, store: Store | None = None) -> None:
        super().__init__(model, page.FRAME)
        self.kecamatan, self.village, self.product = (widgets.Dropdown() for _ in range(3))
        self.levels = {
            (whose, one.name): _control(one) for whose in ("ours", "rival") for one in self._attributes
        }
        self.sliders = {
            "most_villages": slider(1, limits.MOST_VILLAGES),
            "most_in_kecamatan": slider(1, limits.MOST_IN_KECAMATAN),
            "least_villages": slider(1, limits.MOST_LEAST),
            "n_plants": slider(1, limits.MOST_PLANTS),
            "max_km": slider(1, limits.FURTHEST_KM),
            "choices_month": slider(limits.SMALLEST_MARKET, limits.LARGEST_MARKET, 1_000),
        }
        self.download = Download(recorded(self._plan_file, store))
        self.of_map = self._controls("n_plants", "max_km")
        above = [self.tabs, self.progress("status_of_work"), self.said()]
        self.results = widgets.VBox([*above, *self._panels()]).add_class("pk-results")
        self.stand(*self.head(), self.banner(lambda: model.made), self.results)
        self._listen()

    def _panels(self) -> list[widgets.Widget]:
        """List what stands on each tab."""
        model = self.model
        overview = self.link.html(
            ["evidence", "language", "village_code", "kecamatan_code"],
            lambda: "" if model.kecamatan_code else overview_html(model) + self._origin(VILLAGE),
        )
        village = self.link.html(["flagships", "language", "village_code", "kecamatan_code"], self._village)
        return [
            panel(VILLAGE, [row(self.kecamatan, self.village), village, overview]),
            panel(PLAN, [
                self.purpose(PLAN, PURPOSES[PLAN]),
                self._controls("most_villages", "most_in_kecamatan", "least_villages"),
                self.found("plan", self._plan),
                self.download,
            ]),
            panel(PLANTS, [
                self.purpose(PLANTS, PURPOSES[PLANTS]), self.product, self.of_map,
                self.found("shared", self._plants),
            ]),
            panel(BUYERS, [self.purpose(BUYERS, PURPOSES[BUYERS]), self.found("buying", self._buyers)]),
            panel(MARKET, [
                self.purpose(MARKET, PURPOSES[MARKET]),
                *self._offer("ours", "Your product"),
                self.found("shares", self._market),
                *self._offer("rival", "The rival"),
                *([self._controls("choices_month")] if self._has_price else []),
            ]),
        ]  # fmt: skip

    def _controls(self, *names: str) -> widgets.Widget:
        return sliders(self.sliders[name] for name in names)

    def _offer(self, whose: str, heading: str) -> list[widgets.Widget]:
        """Return the controls of one product of the market."""
        of_kind: dict[str, list[widgets.Widget]] = {"dummy": [], "linear": []}
        for one in self._attributes:
            of_kind[one.coding].append(self.levels[whose, one.name])
        title = self.link.html(["language"], lambda: f"<h3>{escape(self.say(heading))}</h3>")
        return [title, row(*of_kind["dummy"]), *([sliders(of_kind["linear"])] if of_kind["linear"] else [])]

    @property
    def _has_price(self) -> bool:
        return self.model.experiment is not None and self.model.experiment.has_price

    @property
    def _attributes(self) -> tuple[Attribute, ...]:
        experiment = self.model.experiment
        return () if experiment is None else experiment.attributes

    def _village(self) -> str:
        if not self.model.kecamatan_code:
            return ""
        found = village_html(self.model) if self.model.village_code else kecamatan_html(self.model)
        return found + self._origin(VILLAGE)

    def _plan(self, language: Language) -> str:
        from pk_research.apps.products.plan_html import plan_html

        return plan_html(self.model.plan, language) + self._origin(PLAN)

    def _plan_file(self) -> File | None:
        from pk_research.apps.products.downloads import plan_file

        return None if self.model.plan is None else plan_file(self.model.plan, self.model.language)

    def _plants(self, language: Language) -> str:
        from pk_research.apps.products.plants_html import plants_html

        material = self.model.material
        if material is None:
            return ""
        return plants_html(self.model.shared, material, language) + self._origin(PLANTS)

    def _buyers(self, language: Language) -> str:
        from pk_research.apps.products.buyers_html import buyers_html

        return buyers_html(self.model.buying, language) + self._origin(BUYERS)

    def _market(self, language: Language) -> str:
        from pk_research.apps.products.market_html import market_html

        experiment = self.model.experiment
        if experiment is None:
            return ""
        banner = made_html(language, made=experiment.data.made and not self.model.made)
        return banner + market_html(self.model.shares, experiment, language) + self._origin(MARKET)

    def _origin(self, tab: str) -> str:
        return products_origin_html(self.model, tab, dict(page.TABS)[tab])

    def _listen(self) -> None:
        link, model = self.link, self.model
        for name, control in self.sliders.items():
            link.send(control, name)
        for (whose, name), control in self.levels.items():
            link.tell(control, partial(self._set_level, whose, name))
        link.tell(self.kecamatan, model.open_kecamatan)
        link.tell(self.village, model.open_village)
        link.tell(self.product, model.open_product)
        self.follow(["kecamatan_code", "village_code", "product", "plan", "ours", "rival", *self.sliders])

    def _set_level(self, whose: str, attribute: str, level: object) -> None:
        self.model.set_level(whose, attribute, str(level))

    @property
    def _is_mapped(self) -> bool:
        return self.model.material is not None and self.model.material.is_mapped

    def write(self) -> None:
        """Bring every control in line with the model."""
        model, language = self.model, self.model.language
        show_if(self.of_map, condition=self._is_mapped)
        self.download.label = self.say("Download the plan (CSV)")
        show_if(self.download, condition=model.plan is not None)
        offer(self.kecamatan, self.say("Kecamatan"), self._kecamatan(), model.kecamatan_code)
        offer(self.village, self.say("Village"), self._villages(), model.village_code)
        offer(self.product, self.say("Product"), self._products(), model.product)
        for name, text in SLIDERS.items():
            set_slider(self.sliders[name], Message(text), getattr(model, name), language)
        self._write_attributes()

    def _write_attributes(self) -> None:
        from pk_research.apps.products.market_html import level_text

        attributes, language = {one.name: one for one in self._attributes}, self.model.language
        for (whose, name), control in self.levels.items():
            attribute, chosen = attributes[name], getattr(self.model, whose)[name]
            label = Message(WHOSE[whose], {"what": attribute})
            if attribute.coding == "dummy":
                levels: list[Option] = [(level.text(language), level.value) for level in attribute.levels]
                offer(control, label.text(language), levels, chosen)
            else:
                shown = {"what": label, "value": level_text(attribute, chosen, language)}
                control.description = Message("{what}: {value}", shown).text(language)
                control.value = float(chosen)

    def _kecamatan(self) -> list[Option]:
        material = self.model.material
        codes = () if material is None else material.kecamatan
        names = {} if material is None else material.names
        return [(self.say("All"), ""), *((names.get(code, code), code) for code in codes)]

    def _villages(self) -> list[Option]:
        material = self.model.material
        if material is None:
            return [(self.say("Choose one"), "")]
        codes, names = material.villages_of(self.model.kecamatan_code), material.names
        shown: list[Option] = [(names.get(code, code), code) for code in codes]
        if not self.model.kecamatan_code:
            shown = [(f"{name}, {names.get(str(code)[:KECAMATAN_LENGTH], '')}", code) for name, code in shown]
        return [(self.say("Choose one"), ""), *shown]

    def _products(self) -> list[Option]:
        material = self.model.material
        names = () if material is None else material.products
        return [(product_label(name, self.model.language), name) for name in names]


WHOSE = {"ours": "{what}, your product", "rival": "{what}, the rival"}
SLIDERS = {
    "most_villages": "At most so many villages for one product",
    "most_in_kecamatan": "At most so many villages of a kecamatan with the same product",
    "least_villages": "At least so many villages for a product to be taken up",
    "n_plants": "Number of plants",
    "max_km": "A supply may come from as far as (km)",
    "choices_month": "Purchases in the whole market a month",
}


def _control(attribute: Attribute) -> widgets.Widget:
    """Return what an attribute of a product is set with."""
    from pk_research.apps.products.market import range_of

    if attribute.coding == "dummy":
        return widgets.Dropdown()
    low, high, step = range_of(attribute)
    return widgets.FloatSlider(low, min=low, max=high, step=step, continuous_update=False, readout=False)
