"""The app about policies on screen: widgets linked to the model, nothing computed here."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import ipywidgets as widgets

from pk_research.apps.files import File
from pk_research.apps.linking import Link, Option, offer, show_if
from pk_research.apps.policy import model as limits
from pk_research.apps.policy import page
from pk_research.apps.policy.aid import ALL, KECAMATAN, RULE_NAMES, STATUS
from pk_research.apps.policy.helps import HELPS
from pk_research.apps.policy.model import AID, SPEND, TRIED, PolicyModel
from pk_research.apps.policy.origins import policy_origin_html
from pk_research.apps.policy.spend import KEPT_FOR
from pk_research.apps.policy.spend import LOWEST as POOREST
from pk_research.apps.products.page import alert_html
from pk_research.apps.taking import recorded
from pk_research.apps.trouble import UNEXPECTED
from pk_research.apps.widgets import Download, LanguageChoice, Tabs
from pk_research.language import Language, Message, translate

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


class PolicyView:
    """The app for one visitor; ``root`` is the widget to show.

    Parameters
    ----------
    model
        What is chosen and what comes out.
    store
        In whose audit log files that are taken away are written.
    """

    def __init__(self, model: PolicyModel, store: Store | None = None) -> None:
        self.model = model
        self.link = Link(model, on_failure=lambda: alert_html(UNEXPECTED, model.language))
        self.language = LanguageChoice()
        self.tabs = Tabs()
        self.help, self.rule, self.status, self.kecamatan = (widgets.Dropdown() for _ in range(4))
        self.kept_for = widgets.Dropdown()
        self.careful = widgets.Checkbox(indent=False)
        self.keep = widgets.Button()
        self.sliders = {
            "n_villages": _slider(1, limits.MOST_VILLAGES),
            "seller_thousand": _slider(limits.LEAST_SELLER, limits.MOST_SELLER, 100),
            "budget_million": _slider(limits.LEAST_BUDGET, limits.MOST_BUDGET, 50),
            "spend_million": _slider(limits.LEAST_BUDGET, limits.MOST_BUDGET, 50),
            "lowest_percent": _slider(0, limits.MOST_KEPT, 5),
            "each_percent": _slider(0, limits.MOST_KEPT_EACH),
        }
        self.aid_file, self.spend_file = (
            Download(recorded(make, store)) for make in (self._aid_file, self._spend_file)
        )
        self.results = widgets.VBox([self.tabs, *self._messages(), *self._panels()])
        self.results.add_class("pk-results")
        self.root = widgets.VBox([self._style(), self._head(), self._banner(), self.results])
        for name in ("pk-app", "pk-products", "pk-policy", "pk-live"):
            self.root.add_class(name)
        self._listen()
        self._write()

    def _style(self) -> widgets.Widget:
        return widgets.HTML(page.style_html()).add_class("pk-style")

    def _head(self) -> widgets.Widget:
        title = self.link.html(["language"], lambda: page.title_html(self.model.language))
        return widgets.HBox([title, self.language.add_class("pk-language")]).add_class("pk-head")

    def _banner(self) -> widgets.Widget:
        return self.link.html(["language"], lambda: page.banner_html(self.model))

    def _messages(self) -> list[widgets.Widget]:
        model = self.model
        progress = self.link.html(["status_of_work", "language"], lambda: page.progress_html(model))
        said = self.link.html(["message", "language"], lambda: alert_html(model.message, model.language))
        return [progress.add_class("pk-progress"), said]

    def _panels(self) -> list[widgets.Widget]:
        """List what stands on each tab."""
        aid = self.link.html(
            ["scenario", "kept", "comparison", "language"], lambda: page.aid_found(self.model)
        )
        villages = self.link.html(
            ["scenario", "kecamatan", "language"], lambda: page.villages_found(self.model)
        )
        return [
            _panel(AID, [
                self._purpose(AID), _row(self.help, self.rule, self.status),
                self._controls("n_villages", "seller_thousand", "budget_million"),
                self.keep.add_class("pk-keep"), aid, _row(self.kecamatan), villages, self.aid_file,
            ]),
            _panel(SPEND, [
                self._purpose(SPEND), _row(self.kept_for),
                self._controls("spend_million", "lowest_percent", "each_percent"),
                self.careful, self._found("spending", self._spending), self.spend_file,
            ]),
            _panel(TRIED, [self._purpose(TRIED), self._found("tried", self._tried)]),
        ]  # fmt: skip

    def _purpose(self, name: str) -> widgets.HTML:
        titles = dict(page.TABS)

        def written() -> str:
            language = self.model.language
            title, purpose = (text.text(language) for text in (titles[name], PURPOSES[name]))
            return f"<h2 class='pk-title'>{escape(title)}</h2><p class='pk-hint'>{escape(purpose)}</p>"

        return self.link.html(["language"], written)

    def _controls(self, *names: str) -> widgets.Widget:
        return widgets.VBox([self.sliders[name] for name in names]).add_class("pk-sliders")

    def _found(self, trait: str, write: Callable[[Language], str]) -> widgets.HTML:
        """Return HTML about what came out on a tab; empty while there is nothing."""

        def written() -> str:
            return "" if getattr(self.model, trait) is None else write(self.model.language)

        return self.link.html([trait, "language"], written)

    def _spending(self, language: Language) -> str:
        from pk_research.apps.policy.spend_html import spend_html

        return spend_html(self.model.spending, language) + self._origin(SPEND)

    def _tried(self, language: Language) -> str:
        from pk_research.apps.policy.tried_html import tried_html

        return tried_html(self.model.tried, language) + self._origin(TRIED)

    def _origin(self, tab: str) -> str:
        return policy_origin_html(self.model, tab, dict(page.TABS)[tab])

    def _aid_file(self) -> File | None:
        from pk_research.apps.policy.downloads import scenario_file

        found = self.model.scenario
        return None if found is None else scenario_file(found, self.model.language)

    def _spend_file(self) -> File | None:
        from pk_research.apps.policy.downloads import spending_file

        found = self.model.spending
        return None if found is None else spending_file(found, self.model.language)

    def _listen(self) -> None:
        link, model = self.link, self.model
        link.send(self.language, "language")
        link.send(self.tabs, "tab", lambda name: name if name in limits.TABS else model.tab)
        link.send(self.rule, "rule")
        link.send(self.kept_for, "kept_for")
        link.send(self.careful, "is_careful")
        for name, slider in self.sliders.items():
            link.send(slider, name)
        self._choose(self.help, model.open_help)
        self._choose(self.status, model.open_status)
        self._choose(self.kecamatan, model.open_kecamatan)
        self.keep.on_click(lambda _button: model.keep())
        traits = ["language", "tab", "help", "rule", "status", "kecamatan", "is_careful", "kept", "scenario"]
        model.observe(self._write, [*traits, "kept_for", "spending", *self.sliders])

    def _choose(self, control: widgets.Dropdown, act: Callable[[str], None]) -> None:
        def on_change(change: dict[str, object]) -> None:
            if not self._is_writing and isinstance(change["new"], str):
                act(change["new"])

        control.observe(on_change, "value")

    _is_writing = False

    def _write(self, _change: object = None) -> None:
        """Bring every control in line with the model."""
        before, self._is_writing = self._is_writing, True
        try:
            with self.link.quiet():
                self._write_all()
        finally:
            self._is_writing = before

    def _write_all(self) -> None:
        model, language = self.model, self.model.language
        self.language.value = language
        self.tabs.label = self._say(page.TABS_LABEL)
        self.tabs.options = [[name, text.text(language)] for name, text in page.TABS]
        self.tabs.value = model.tab
        helps: list[Option] = [(one.name.text(language), key) for key, one in HELPS.items()]
        offer(self.help, self._say("Help"), helps, model.help)
        rules: list[Option] = [(text.text(language), name) for name, text in RULE_NAMES.items()]
        offer(self.rule, self._say("Who gets it"), rules, model.rule)
        offer(self.status, self._say("IDM status"), self._named("statuses"), model.status)
        show_if(self.status, condition=model.rule == STATUS)
        listed = [(self._say("All"), ""), *self._named("kecamatan")]
        offer(self.kecamatan, self._say("List the villages of"), listed, model.kecamatan)
        kept_for: list[Option] = [(text.text(language), name) for name, text in KEPT_FOR.items()]
        offer(self.kept_for, self._say("Keep a share for"), kept_for, model.kept_for)
        self._write_sliders()
        self.careful.description, self.careful.value = CAREFUL.text(language), model.is_careful
        kept = model.kept is not None
        self.keep.description = self._say("Let the kept plan go" if kept else "Keep this plan to compare")
        show_if(self.keep, condition=model.scenario is not None or kept)
        for download, is_there in ((self.aid_file, model.scenario), (self.spend_file, model.spending)):
            download.label = self._say("Download by village (CSV)")
            show_if(download, condition=is_there is not None)

    def _write_sliders(self) -> None:
        model, language = self.model, self.model.language
        for name, slider in self.sliders.items():
            value = getattr(model, name)
            what = IN_EACH if name == "n_villages" and model.rule == KECAMATAN else SLIDERS[name]
            slider.description = Message("{what}: {value}", {"what": what, "value": value}).text(language)
            slider.value = value
        show_if(self.sliders["n_villages"], condition=model.rule not in {ALL, STATUS})
        show_if(self.sliders["lowest_percent"], condition=model.kept_for == POOREST)
        show_if(self.sliders["each_percent"], condition=model.kept_for != POOREST)

    def _named(self, what: str) -> list[Option]:
        names = () if self.model.material is None else getattr(self.model.material, what)
        return [(name, name) for name in names]

    def _say(self, text: str) -> str:
        return translate(text, self.model.language)


def _slider(low: int, high: int, step: int = 1) -> widgets.IntSlider:
    return widgets.IntSlider(low, min=low, max=high, step=step, continuous_update=False, readout=False)


def _panel(name: str, children: list[widgets.Widget]) -> widgets.VBox:
    return widgets.VBox(children).add_class("pk-panel").add_class(f"pk-panel-{name}")


def _row(*children: widgets.Widget) -> widgets.HBox:
    return widgets.HBox(list(children)).add_class("pk-row")
