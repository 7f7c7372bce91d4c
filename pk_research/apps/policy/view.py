"""The app about policies on screen: widgets linked to the model, nothing computed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

from pk_research.apps.files import File
from pk_research.apps.linking import Option, offer, show_if
from pk_research.apps.policy import model as limits
from pk_research.apps.policy import page
from pk_research.apps.policy.aid import ALL, KECAMATAN, RULE_NAMES, STATUS
from pk_research.apps.policy.helps import HELPS
from pk_research.apps.policy.model import AID, SPEND, TRIED, PolicyModel
from pk_research.apps.policy.origins import policy_origin_html
from pk_research.apps.policy.spend import KEPT_FOR
from pk_research.apps.policy.spend import LOWEST as POOREST
from pk_research.apps.taking import recorded
from pk_research.apps.view import TabbedView, panel, row, set_slider, slider, sliders
from pk_research.apps.widgets import Download
from pk_research.language import Language, Message

if TYPE_CHECKING:
    from pk_research.store import Store

PURPOSES = {
    AID: Message(
        "Choose a help, who gets it and how much; see what it would cost and bring, and how sure that is."
    ),
    SPEND: Message("A budget for all kinds of help together: who should get what, so that most is gained."),
    TRIED: Message("What the help did in villages that took it up between two surveys."),
}
SLIDERS = {
    "n_villages": Message("Villages at most"),
    "seller_thousand": Message("For each seller (thousand IDR)"),
    "budget_million": Message("Budget (million IDR)"),
    "spend_million": Message("Budget (million IDR)"),
    "lowest_percent": Message("Kept for the fifth of villages with the lowest economic index (%)"),
    "each_percent": Message("Kept for each kecamatan (%)"),
}
IN_EACH = Message("Villages at most in each kecamatan")
CAREFUL = Message("Be careful: take one standard error off each effect before choosing")


class PolicyView(TabbedView[PolicyModel]):
    """The app for one visitor; ``root`` is the widget to show.

    Parameters
    ----------
    model
        What is chosen and what comes out.
    store
        In whose audit log files that are taken away are written.
    """

    def __init__(self, model: PolicyModel, store: Store | None = None) -> None:
        super().__init__(model, page.FRAME)
        self.help, self.rule, self.status, self.kecamatan = (widgets.Dropdown() for _ in range(4))
        self.kept_for = widgets.Dropdown()
        self.careful = widgets.Checkbox(indent=False)
        self.keep = widgets.Button()
        self.sliders = {
            "n_villages": slider(1, limits.MOST_VILLAGES),
            "seller_thousand": slider(limits.LEAST_SELLER, limits.MOST_SELLER, 100),
            "budget_million": slider(limits.LEAST_BUDGET, limits.MOST_BUDGET, 50),
            "spend_million": slider(limits.LEAST_BUDGET, limits.MOST_BUDGET, 50),
            "lowest_percent": slider(0, limits.MOST_KEPT, 5),
            "each_percent": slider(0, limits.MOST_KEPT_EACH),
        }
        self.aid_file, self.spend_file = (
            Download(recorded(make, store)) for make in (self._aid_file, self._spend_file)
        )
        above = [self.tabs, self.progress("status_of_work"), self.said()]
        results = widgets.VBox([*above, *self._panels()]).add_class("pk-results")
        self.stand(*self.head(), self.banner(lambda: model.made), results)
        self._listen()

    def _panels(self) -> list[widgets.Widget]:
        """List what stands on each tab."""
        aid = self.link.html(
            ["scenario", "kept", "comparison", "language"], lambda: page.aid_found(self.model)
        )
        villages = self.link.html(
            ["scenario", "kecamatan", "language"], lambda: page.villages_found(self.model)
        )
        return [
            panel(AID, [
                self.purpose(AID, PURPOSES[AID]), row(self.help, self.rule, self.status),
                self._controls("n_villages", "seller_thousand", "budget_million"),
                self.keep.add_class("pk-keep"), aid, row(self.kecamatan), villages, self.aid_file,
            ]),
            panel(SPEND, [
                self.purpose(SPEND, PURPOSES[SPEND]), row(self.kept_for),
                self._controls("spend_million", "lowest_percent", "each_percent"),
                self.careful, self.found("spending", self._spending), self.spend_file,
            ]),
            panel(TRIED, [self.purpose(TRIED, PURPOSES[TRIED]), self.found("tried", self._tried)]),
        ]  # fmt: skip

    def _controls(self, *names: str) -> widgets.Widget:
        return sliders(self.sliders[name] for name in names)

    def _spending(self, language: Language) -> str:
        from pk_research.apps.policy.spend_html import spend_html

        return spend_html(self.model.spending, language) + page.withheld_in(self.model) + self._origin(SPEND)

    def _tried(self, language: Language) -> str:
        from pk_research.apps.policy.tried_html import tried_html

        return tried_html(self.model.tried, language) + self._origin(TRIED)

    def _origin(self, tab: str) -> str:
        return policy_origin_html(self.model, tab, dict(page.TABS)[tab])

    def _aid_file(self) -> File | None:
        from pk_research.apps.policy.downloads import scenario_file

        found, language = self.model.scenario, self.model.language
        return None if found is None else scenario_file(found, language, n_withheld=self._n_withheld)

    def _spend_file(self) -> File | None:
        from pk_research.apps.policy.downloads import spending_file

        found, language = self.model.spending, self.model.language
        return None if found is None else spending_file(found, language, n_withheld=self._n_withheld)

    @property
    def _n_withheld(self) -> int:
        return 0 if self.model.material is None else self.model.material.n_withheld

    def _listen(self) -> None:
        link, model = self.link, self.model
        link.send(self.rule, "rule")
        link.send(self.kept_for, "kept_for")
        link.send(self.careful, "is_careful")
        for name, control in self.sliders.items():
            link.send(control, name)
        link.tell(self.help, model.open_help)
        link.tell(self.status, model.open_status)
        link.tell(self.kecamatan, model.open_kecamatan)
        self.keep.on_click(lambda _button: model.keep())
        traits = ["help", "rule", "status", "kecamatan", "is_careful", "kept", "scenario"]
        self.follow([*traits, "kept_for", "spending", *self.sliders])

    def write(self) -> None:
        """Bring every control in line with the model."""
        model, language = self.model, self.model.language
        helps: list[Option] = [(one.name.text(language), key) for key, one in HELPS.items()]
        offer(self.help, self.say("Help"), helps, model.help)
        rules: list[Option] = [(text.text(language), name) for name, text in RULE_NAMES.items()]
        offer(self.rule, self.say("Who gets it"), rules, model.rule)
        offer(self.status, self.say("IDM status"), self._named("statuses"), model.status)
        show_if(self.status, condition=model.rule == STATUS)
        listed = [(self.say("All"), ""), *self._named("kecamatan")]
        offer(self.kecamatan, self.say("List the villages of"), listed, model.kecamatan)
        kept_for: list[Option] = [(text.text(language), name) for name, text in KEPT_FOR.items()]
        offer(self.kept_for, self.say("Keep a share for"), kept_for, model.kept_for)
        self._write_sliders()
        self.careful.description, self.careful.value = CAREFUL.text(language), model.is_careful
        kept = model.kept is not None
        self.keep.description = self.say("Let the kept plan go" if kept else "Keep this plan to compare")
        show_if(self.keep, condition=model.scenario is not None or kept)
        for download, is_there in ((self.aid_file, model.scenario), (self.spend_file, model.spending)):
            download.label = self.say("Download by village (CSV)")
            show_if(download, condition=is_there is not None)

    def _write_sliders(self) -> None:
        model, language = self.model, self.model.language
        for name, control in self.sliders.items():
            value = getattr(model, name)
            what = IN_EACH if name == "n_villages" and model.rule == KECAMATAN else SLIDERS[name]
            set_slider(control, what, value, language)
        show_if(self.sliders["n_villages"], condition=model.rule not in {ALL, STATUS})
        show_if(self.sliders["lowest_percent"], condition=model.kept_for == POOREST)
        show_if(self.sliders["each_percent"], condition=model.kept_for != POOREST)

    def _named(self, what: str) -> list[Option]:
        names = () if self.model.material is None else getattr(self.model.material, what)
        return [(name, name) for name in names]
