"""The supervise app on screen: widgets linked to the model, nothing decided here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import ipywidgets as widgets

from pk_research.apps.linking import Option, offer, show_if
from pk_research.apps.markup import say, section
from pk_research.apps.supervise import detail, listing, overview, page, trouble
from pk_research.apps.supervise.desk import Desk
from pk_research.apps.supervise.exports import LABELS
from pk_research.apps.supervise.fieldwork import Entry, Fieldwork
from pk_research.apps.supervise.model import SuperviseModel
from pk_research.apps.supervise.states import LOOKS, NONE, label_of
from pk_research.apps.view import AppView, row
from pk_research.apps.widgets import Download
from pk_research.language import Language


class SuperviseView(AppView[SuperviseModel]):
    """The app for one visitor; ``root`` is the widget to show.

    Parameters
    ----------
    model
        What is looked at.
    """

    unexpected = trouble.UNEXPECTED

    def __init__(self, model: SuperviseModel) -> None:
        super().__init__(model, page.FRAME)
        self.form = widgets.Dropdown()
        self.again = widgets.Button().add_class("pk-decide")
        self.state = widgets.Dropdown()
        self.kecamatan = widgets.Dropdown()
        self.only_flagged = widgets.Checkbox(indent=False)
        self.submission = widgets.Dropdown()
        self.downloads = [
            Download(partial(model.export, layout), label=label) for layout, label in LABELS.items()
        ]
        self.labels = widgets.Dropdown()
        self.internal = widgets.Checkbox(indent=False)
        self.desk = Desk(model, self.link)
        self.villages = widgets.VBox(self._of_villages())
        self.results = widgets.VBox(self._results()).add_class("pk-results")
        notice = self.link.html(
            ["notice", "language"], lambda: page.notice_html(model.notice, model.language)
        )
        self.stand(*self.head(), self.results, widgets.VBox([self.said(), notice]).add_class("pk-said"))
        self._listen()

    def _results(self) -> list[widgets.Widget]:
        """List what is shown of the fieldwork, from top to bottom."""
        return [
            row(self.form, self.again),
            self._found(overview.headline_html),
            self.link.html(["language"], lambda: page.jumps_html(self.model.language)),
            self.villages,
            self._heading("Submissions", "submissions"),
            row(self.state, self.kecamatan, self.only_flagged),
            self.link.html(
                ["fieldwork", "language", "state", "kecamatan_code", "only_flagged"],
                self._listed,
            ),
            self.submission,
            self._looked_at(detail.title_html),
            self._looked_at(detail.flags_html),
            self.desk.root,
            self._of_dossier(detail.answers_html),
            self._of_dossier(detail.history_html),
            self._heading("Take it with you", "downloads"),
            self.internal,
            self.labels,
            row(*self.downloads),
            self.link.html(
                ["told_of_file", "language"],
                lambda: page.told_html(self.model.told_of_file, self.model.language),
            ),
        ]

    def _of_villages(self) -> list[widgets.Widget]:
        """List what is shown of a form that asks for a village."""
        return [
            self._heading("By kecamatan", "by-kecamatan"),
            self._found(overview.coverage_html),
            self._heading("Village by village", "by-village"),
            self._found(overview.tiles_html),
            self._found(overview.unanswered_html),
        ]

    def _listed(self) -> str:
        fieldwork = self.model.fieldwork
        return (
            "" if fieldwork is None else listing.list_html(fieldwork, self.model.listed, self.model.language)
        )

    def _heading(self, text: str, name: str) -> widgets.HTML:
        return self.link.html(
            ["language"], lambda: section(name, f"<h2>{say(text, self.model.language)}</h2>")
        )

    def _found(self, write: Callable[[Fieldwork, Language], str]) -> widgets.HTML:
        def written() -> str:
            fieldwork = self.model.fieldwork
            return "" if fieldwork is None else write(fieldwork, self.model.language)

        return self.link.html(["fieldwork", "language"], written)

    def _looked_at(self, write: Callable[[Entry, Language], str]) -> widgets.HTML:
        def written() -> str:
            entry = self.model.entry
            return "" if entry is None else write(entry, self.model.language)

        return self.link.html(["fieldwork", "selected", "language"], written)

    def _of_dossier(self, write: Callable[..., str]) -> widgets.HTML:
        def written() -> str:
            dossier = self.model.dossier
            return "" if dossier is None else write(dossier, self.model.language)

        return self.link.html(["dossier", "language"], written)

    def _listen(self) -> None:
        link, model = self.link, self.model
        link.send(self.form, "form_id")
        link.send(self.state, "state")
        link.send(self.kecamatan, "kecamatan_code")
        link.send(self.only_flagged, "only_flagged")
        link.send(self.submission, "selected")
        link.send(self.labels, "labels_language")
        link.send(self.internal, "is_internal")
        self.again.on_click(lambda _: model.look_again())
        traits = ["offered", "fieldwork", "state", "kecamatan_code", "only_flagged", "selected"]
        self.follow([*traits, "labels_language", "is_internal"])

    def write(self) -> None:
        """Bring every control in line with the model."""
        model = self.model
        show_if(self.results, condition=model.fieldwork is not None)
        asks_village = model.fieldwork is not None and model.fieldwork.asks_village
        for widget in (self.villages, self.kecamatan):
            show_if(widget, condition=asks_village)
        forms: list[Option] = [(form.title, form.form_id) for form in model.offered]
        offer(self.form, self.say("Form"), forms, model.form_id)
        self.again.description = self.say("Look again")
        self.only_flagged.description = self.say("Only with flags")
        self.only_flagged.value = model.only_flagged
        offer(self.state, self.say("State of review"), self._states(), model.state)
        offer(self.kecamatan, self.say("Kecamatan"), self._kecamatan(), model.kecamatan_code)
        languages: list[Option] = [("Bahasa Indonesia", "id"), ("English", "en")]
        self.internal.description = self.say("A copy for work inside the house, not to be passed on")
        self.internal.value = model.is_internal
        offer(self.labels, self.say("Labels in SPSS and Stata files"), languages, model.labels_language)
        offer(self.submission, self.say("Look at one submission"), self._submissions(), model.selected)

    def _states(self) -> list[Option]:
        language = self.model.language
        return [
            (self.say("All"), NONE),
            *((label_of(state, language), state) for state in LOOKS if state != NONE),
        ]

    def _kecamatan(self) -> list[Option]:
        fieldwork = self.model.fieldwork
        found = () if fieldwork is None else fieldwork.coverage.kecamatan
        return [(self.say("All"), ""), *((kecamatan.name, kecamatan.code) for kecamatan in found)]

    def _submissions(self) -> list[Option]:
        listed, entry = list(self.model.listed), self.model.entry
        if entry is not None and entry not in listed:
            listed.insert(0, entry)
        names: list[Option] = [
            (listing.name_of(one, self.model.language), one.filled.instance_id) for one in listed
        ]
        return [(self.say("Choose one"), ""), *names]
