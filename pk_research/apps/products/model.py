"""What a visitor makes of products: choices, and what comes out. No widgets here."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import traitlets

from pk_research.apps.model import Computed, ComputedTabs
from pk_research.apps.products import trouble
from pk_research.apps.products.material import Material
from pk_research.apps.trouble import UNEXPECTED, CannotShow
from pk_research.errors import PkError
from pk_research.language import Message
from pk_research.register.village import KECAMATAN_LENGTH

if TYPE_CHECKING:
    from pk_research.apps.products.market import Experiment

log = logging.getLogger(__name__)
VILLAGE, PLAN, PLANTS, BUYERS, MARKET = TABS = ("village", "plan", "plants", "buyers", "market")
MOST_VILLAGES, MOST_IN_KECAMATAN, MOST_LEAST = 60, 10, 15
MOST_PLANTS, FURTHEST_KM = 12, 40
SMALLEST_MARKET, LARGEST_MARKET = 1_000, 100_000


class ProductsModel(ComputedTabs):
    """The choices of one visitor, and what they lead to.

    Parameters
    ----------
    material
        Candidates and needs; None when they cannot be had, with ``message`` saying why.
    trouble_found
        Why there is no material.

    Attributes
    ----------
    language, tab
        ``"id"`` or ``"en"``, and the open one of `TABS`.
    kecamatan_code, village_code
        Which village is looked at; empty for none.
    most_villages, most_in_kecamatan, least_villages
        Limits of the plan.
    product, n_plants, max_km
        Of which product plants are placed, how many, and how far a supply may come.
    ours, rival, choices_month
        The product in the simulator and the one it competes with, as attribute -> level, and the size of
        their market.
    evidence, ranking
        What is known of all products, and their order in the regency.
    flagships, plan, shared, buying, shares
        What came out on each tab; None before anybody looks, and when nothing could.
    message
        What went wrong on the open tab; None when nothing did.
    """

    app = "products"
    tab = traitlets.Enum(TABS, VILLAGE)
    kecamatan_code = traitlets.Unicode()
    village_code = traitlets.Unicode()
    most_villages = traitlets.Int(20, min=1, max=MOST_VILLAGES)
    most_in_kecamatan = traitlets.Int(3, min=1, max=MOST_IN_KECAMATAN)
    least_villages = traitlets.Int(2, min=1, max=MOST_LEAST)
    product = traitlets.Unicode()
    n_plants = traitlets.Int(3, min=1, max=MOST_PLANTS)
    max_km = traitlets.Int(10, min=1, max=FURTHEST_KM)
    ours, rival = traitlets.Dict(), traitlets.Dict()
    choices_month = traitlets.Int(10_000, min=SMALLEST_MARKET, max=LARGEST_MARKET)

    evidence = traitlets.Any()
    ranking = traitlets.Any()
    flagships = traitlets.Any()
    plan = traitlets.Any()
    shared = traitlets.Any()
    buying = traitlets.Any()
    shares = traitlets.Any()

    experiment: Experiment | None = None

    def __init__(self, material: Material | None, *, trouble_found: Message | None = None) -> None:
        super().__init__()
        self.material = material
        if material is None:
            self.message = trouble_found or UNEXPECTED
            return
        self.product = material.products[0] if material.products else ""
        self.experiment = _experiment(material)
        if self.experiment is not None:
            self.ours, self.rival = self.experiment.first_offers()
        self._attempt(self._begin)
        self._follow()

    @traitlets.validate("ours", "rival")
    def _offer(self, proposal: Any) -> object:  # noqa: ANN401 - a traitlets bunch
        if self.experiment is None or not self.experiment.is_offer(proposal["value"]):
            raise traitlets.TraitError("a product has one level of each attribute of the experiment")
        return proposal["value"]

    def set_level(self, whose: str, attribute: str, level: str) -> None:
        """Give our product or the rival's another level."""
        setattr(self, whose, {**getattr(self, whose), attribute: level})

    @property
    def made(self) -> bool:
        """Whether anything shown is made."""
        return self.material is not None and (self.material.made or self.material.is_demand_made)

    def open_kecamatan(self, code: str) -> None:
        """Choose a kecamatan; codes that are not offered choose none."""
        known = self.material is not None and code in self.material.kecamatan
        with self.hold_trait_notifications():  # what is shown is never of one place under the name of another
            self.village_code, self.kecamatan_code = "", code if known else ""

    def open_village(self, code: str) -> None:
        """Choose a village; codes that are not offered choose none."""
        known = self.material is not None and code in self.material.villages_of("")
        with self.hold_trait_notifications():
            if known:
                self.kecamatan_code = code[:KECAMATAN_LENGTH]
            self.village_code = code if known else ""

    def open_product(self, name: str) -> None:
        """Choose a product; names that are not offered change nothing."""
        if self.material is not None and name in self.material.products:
            self.product = name

    def _begin(self) -> None:
        from pk_research.apps.products.villages import evidence_in
        from pk_research.products.flagship.usual import regency_list

        if self._material.candidates.empty:
            raise CannotShow(trouble.NO_CANDIDATES)
        evidence = evidence_in(self._material)
        self.ranking = regency_list(evidence) if len(evidence.frame) else None
        self.evidence = evidence

    @property
    def _material(self) -> Material:
        if self.material is None:
            raise CannotShow(trouble.NO_CANDIDATES)
        return self.material

    def _computed(self) -> dict[str, Computed]:
        return {
            VILLAGE: Computed(("village_code", "kecamatan_code"), self._find_flagships, ("flagships",)),
            PLAN: Computed(
                ("most_villages", "most_in_kecamatan", "least_villages"), self._make_plan, ("plan",)
            ),
            PLANTS: Computed(("product", "n_plants", "max_km"), self._place_plants, ("shared",)),
            BUYERS: Computed((), self._match_buyers, ("buying",)),
            MARKET: Computed(("ours", "rival", "choices_month"), self._simulate, ("shares",)),
        }

    def _look(self, change: Any = None) -> None:  # noqa: ANN401 - a traitlets bunch
        if self.evidence is not None:
            super()._look(change)

    def _find_flagships(self) -> None:
        from pk_research.apps.products.villages import flagships_of

        place = self.village_code or self.kecamatan_code
        self.flagships = flagships_of(self.evidence, place) if place else None

    def _make_plan(self) -> None:
        from pk_research.apps.products.plan import Limits, plan_of

        limits = Limits(self.most_villages, self.most_in_kecamatan, self.least_villages)
        self.plan = plan_of(self._material, limits)

    def _place_plants(self) -> None:
        from pk_research.apps.products.shared import shared_of

        self.shared = shared_of(self._material, self.product, n_plants=self.n_plants, max_km=self.max_km)

    def _match_buyers(self) -> None:
        from pk_research.apps.products.buying import buying_of

        self.buying = buying_of(self._material)

    def _simulate(self) -> None:
        if self.experiment is None:
            raise CannotShow(trouble.NO_EXPERIMENT)
        self.shares = self.experiment.shares(self.ours, self.rival, choices_month=self.choices_month)


def _experiment(material: Material) -> Experiment | None:
    from pk_research.apps.products.market import experiment_from

    try:
        return experiment_from(material.experiment)
    except PkError:
        log.exception("the choice experiment that was kept cannot be used")
        return None
