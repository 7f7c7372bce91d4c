"""What a visitor makes of policies: choices, and what comes out. No widgets here."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import traitlets

from pk_research.apps.model import Computed, ComputedTabs
from pk_research.apps.policy import trouble
from pk_research.apps.policy.aid import LOWEST, RULES, STATUS, Ask
from pk_research.apps.policy.helps import HELPS, PERMIT
from pk_research.apps.policy.material import Material
from pk_research.apps.policy.spend import KEPT_FOR
from pk_research.apps.policy.spend import LOWEST as POOREST
from pk_research.apps.trouble import CannotShow
from pk_research.language import Message

log = logging.getLogger(__name__)
AID, SPEND, TRIED = TABS = ("aid", "spend", "tried")
MOST_VILLAGES = 120
LEAST_SELLER, MOST_SELLER = 200, 3_000
LEAST_BUDGET, MOST_BUDGET = 50, 5_000
MOST_KEPT, MOST_KEPT_EACH = 60, 4


class PolicyModel(ComputedTabs):
    """The choices of one visitor, and what they lead to.

    Parameters
    ----------
    material
        The villages and what help did; None when there is none, with ``message`` saying why.
    trouble_found
        Why there is no material.

    Attributes
    ----------
    language, tab
        ``"id"`` or ``"en"``, and the open one of `TABS`.
    help, rule, status, n_villages, seller_thousand, budget_million
        Which help, who gets it (one of `RULES`; of which status), how many villages, how much for each
        seller (thousand IDR), and the cap (million IDR).
    kecamatan
        Whose villages are listed; empty for all.
    spend_million, kept_for, lowest_percent, each_percent, is_careful
        The budget of the second tab (million IDR); for whom a share of it is kept; the share kept for the
        villages with the lowest index, and for each kecamatan; and whether a standard error is taken off
        each effect.
    scenario, kept, comparison
        What came out; a scenario kept to be compared with; the two side by side.
    spending, tried
        What came out on the other tabs.
    message
        What went wrong on the open tab; None when nothing did.
    """

    app = "policy"
    tab = traitlets.Enum(TABS, AID)
    help = traitlets.Enum(tuple(HELPS), PERMIT)
    rule = traitlets.Enum(RULES, LOWEST)
    status = traitlets.Unicode()
    n_villages = traitlets.Int(30, min=1, max=MOST_VILLAGES)
    seller_thousand = traitlets.Int(800, min=LEAST_SELLER, max=MOST_SELLER)
    budget_million = traitlets.Int(1_000, min=LEAST_BUDGET, max=MOST_BUDGET)
    kecamatan = traitlets.Unicode()
    spend_million = traitlets.Int(1_000, min=LEAST_BUDGET, max=MOST_BUDGET)
    kept_for = traitlets.Enum(tuple(KEPT_FOR), POOREST)
    lowest_percent = traitlets.Int(20, min=0, max=MOST_KEPT)
    each_percent = traitlets.Int(1, min=0, max=MOST_KEPT_EACH)
    is_careful = traitlets.Bool(default_value=True)

    scenario = traitlets.Any()
    kept = traitlets.Any()
    comparison = traitlets.Any()
    spending = traitlets.Any()
    tried = traitlets.Any()

    def __init__(self, material: Material | None, *, trouble_found: Message | None = None) -> None:
        super().__init__()
        self.material = material
        if material is None:
            self.message = trouble_found or trouble.NO_SURVEY
            return
        self.status = material.statuses[0] if material.statuses else ""
        self._look()
        self._follow()

    @property
    def made(self) -> bool:
        """Whether what is shown is made."""
        return self.material is not None and self.material.made

    @property
    def ask(self) -> Ask:
        """What is asked on the first tab."""
        return Ask(
            self.help,
            self.rule,
            self.n_villages,
            self.status,
            1e3 * self.seller_thousand,
            1e6 * self.budget_million,
        )

    def open_help(self, key: str) -> None:
        """Choose a help with its usual amount; keys that are not offered change nothing."""
        if key in HELPS and key != self.help:
            with self.hold_trait_notifications():
                self.help, self.seller_thousand = key, round(HELPS[key].seller_idr / 1e3)

    def open_status(self, name: str) -> None:
        """Choose a status; names that are not offered change nothing."""
        if self.material is not None and name in self.material.statuses:
            self.status = name

    def open_kecamatan(self, name: str) -> None:
        """List the villages of a kecamatan; names that are not offered list all."""
        known = self.material is not None and name in self.material.kecamatan
        self.kecamatan = name if known else ""

    def keep(self) -> None:
        """Keep the scenario, to compare what is asked next with it; once more to let it go."""
        self.kept = None if self.kept is not None else self.scenario
        self._compare()

    def _compare(self) -> None:
        from pk_research.apps.policy.aid import comparison_of

        both = (self.kept, self.scenario)
        is_one = None in both or both[0] is both[1]
        self.comparison = None if is_one else comparison_of(*both)

    @property
    def _material(self) -> Material:
        if self.material is None:
            raise CannotShow(trouble.NO_SURVEY)
        return self.material

    def _computed(self) -> dict[str, Computed]:
        return {
            AID: Computed(
                ("help", "rule", "status", "n_villages", "seller_thousand", "budget_million"),
                self._simulate,
                ("scenario", "comparison"),
            ),
            SPEND: Computed(
                ("spend_million", "kept_for", "lowest_percent", "each_percent", "is_careful"),
                self._spend,
                ("spending",),
            ),
            TRIED: Computed((), self._read, ("tried",)),
        }

    def _wanted(self, inputs: Sequence[str]) -> tuple[object, ...]:
        """Leave out the choices that are of no effect beside the others."""
        idle = {
            "status" if self.rule != STATUS else "",
            "each_percent" if self.kept_for == POOREST else "lowest_percent",
        }
        return super()._wanted([name for name in inputs if name not in idle])

    def _simulate(self) -> None:
        from pk_research.apps.policy.aid import scenario_of

        self.scenario = scenario_of(self._material, self.ask)
        self._compare()

    def _spend(self) -> None:
        from pk_research.apps.policy.spend import spending_of

        percent = self.lowest_percent if self.kept_for == POOREST else self.each_percent
        self.spending = spending_of(
            self._material,
            budget_idr=1e6 * self.spend_million,
            kept_for=self.kept_for,
            kept_share=percent / 100,
            caution=1.0 if self.is_careful else 0.0,
        )

    def _read(self) -> None:
        from pk_research.apps.policy.tried import tried_of

        self.tried = tried_of(self._material)
