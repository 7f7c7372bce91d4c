"""What a visitor makes of policies: choices, and what comes out. No widgets here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import traitlets

from pk_research.apps.model import TabbedModel
from pk_research.apps.policy import trouble
from pk_research.apps.policy.aid import LOWEST, RULES, STATUS, Ask
from pk_research.apps.policy.helps import HELPS, PERMIT
from pk_research.apps.policy.material import Material
from pk_research.apps.policy.spend import KEPT_FOR
from pk_research.apps.policy.spend import LOWEST as POOREST
from pk_research.apps.trouble import UNEXPECTED, CannotShow
from pk_research.language import Message

log = logging.getLogger(__name__)
AID, SPEND, TRIED = TABS = ("aid", "spend", "tried")
MOST_VILLAGES = 120
LEAST_SELLER, MOST_SELLER = 200, 3_000
LEAST_BUDGET, MOST_BUDGET = 50, 5_000
MOST_KEPT, MOST_KEPT_EACH = 60, 4


class PolicyModel(TabbedModel):
    """The choices of one visitor, and what they lead to.

    What is on a tab is computed for those who open it, and again when they choose otherwise. Nothing
    raises: what goes wrong is in ``message``, as a sentence for the visitor.

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
    status_of_work
        ``"idle"`` or ``"working"``.
    message
        What went wrong on the open tab; None when nothing did.
    """

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
    status_of_work = traitlets.Enum(("idle", "working"), "idle")

    def __init__(self, material: Material | None, *, trouble_found: Message | None = None) -> None:
        super().__init__()
        self.material = material
        self._found_for: dict[str, tuple[object, ...]] = {}
        if material is None:
            self.message = trouble_found or trouble.NO_SURVEY
            return
        self.status = material.statuses[0] if material.statuses else ""
        self._look()
        self.observe(self._look, ["tab", *(name for names in self._inputs().values() for name in names)])

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

    @staticmethod
    def _inputs() -> dict[str, tuple[str, ...]]:
        """Tell which choices each tab depends on."""
        return {
            AID: ("help", "rule", "status", "n_villages", "seller_thousand", "budget_million"),
            SPEND: ("spend_million", "kept_for", "lowest_percent", "each_percent", "is_careful"),
            TRIED: (),
        }

    def _look(self, _change: Any = None) -> None:  # noqa: ANN401 - a traitlets bunch
        """Compute what is on the open tab, unless it is there already."""
        tab = self.tab
        idle = {
            "status" if self.rule != STATUS else "",
            "each_percent" if self.kept_for == POOREST else "lowest_percent",
        }
        names = [name for name in self._inputs()[tab] if name not in idle]
        wanted = tuple(getattr(self, name) for name in names)
        if self._found_for.get(tab) == wanted:
            self.message = None
            return
        steps: dict[str, Callable[[], None]] = {AID: self._simulate, SPEND: self._spend, TRIED: self._read}
        if self._attempt(steps[tab]):
            self._found_for[tab] = wanted

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

    def _attempt(self, step: Callable[[], None]) -> bool:
        """Take a step; when it cannot be taken, say why and show nothing old."""
        self.status_of_work, self.message = "working", None
        try:
            step()
        except CannotShow as reason:
            self._clear()
            self.message = reason.message
        except Exception:
            log.exception("the %s tab of the policy app could not be computed", self.tab)
            self._clear()
            self.message = UNEXPECTED
        finally:
            self.status_of_work = "idle"
        return self.message is None

    def _clear(self) -> None:
        setattr(self, {AID: "scenario", SPEND: "spending", TRIED: "tried"}[self.tab], None)
        if self.tab == AID:
            self.comparison = None
        self._found_for.pop(self.tab, None)
