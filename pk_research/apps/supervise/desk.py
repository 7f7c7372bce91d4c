"""Where a supervisor decides on the submission looked at: review, comment, correct."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ipywidgets as widgets

from pk_research.apps.linking import Link, show_if
from pk_research.apps.markup import say
from pk_research.apps.supervise import trouble
from pk_research.apps.supervise.model import SuperviseModel
from pk_research.errors import PkError, Problem
from pk_research.language import Message, translate
from pk_research.store.receiving import Receipt
from pk_research.store.reviews import ReviewState

DECISIONS: dict[ReviewState, str] = {
    "approved": "Approve",
    "has issues": "Has issues",
    "rejected": "Reject",
}


class Desk:
    """The buttons of whoever may review, and the form of whoever may correct; ``root`` is the widget.

    Parameters
    ----------
    model
        What is looked at.
    link
        Writes HTML in step with the model.
    """

    def __init__(self, model: SuperviseModel, link: Link) -> None:
        self.model = model
        self.comment = widgets.Textarea()
        self.decisions = {state: self._button(self._decide(state)) for state in DECISIONS}
        self.say = self._button(self._say)
        self.reason = widgets.Text()
        self.correct = self._button(self._open)
        self.place = widgets.VBox()
        heading = link.html(
            ["language"], lambda: f"<h3 class='pk-step'>{say('Your decision', model.language)}</h3>"
        )
        buttons = widgets.HBox([*self.decisions.values(), self.say]).add_class("pk-row")
        self.reviewing = widgets.VBox([heading, self.comment, buttons])
        correction = link.html(
            ["language"], lambda: f"<h3 class='pk-step'>{say('Correct the answers', model.language)}</h3>"
        )
        self.correcting = widgets.VBox([correction, self.reason, self.correct, self.place])
        self.root = widgets.VBox([self.reviewing, self.correcting])
        model.observe(self._write, ["language", "dossier"])
        model.observe(self._clear, ["selected"])
        self._write()

    def _button(self, act: Callable[[], None]) -> widgets.Button:
        button = widgets.Button().add_class("pk-decide")
        button.on_click(lambda _: act())
        return button

    def _decide(self, state: ReviewState) -> Callable[[], None]:
        def act() -> None:
            if self.model.review(state, comment=self.comment.value):
                self.comment.value = ""

        return act

    def _say(self) -> None:
        if self.model.comment(self.comment.value):
            self.comment.value = ""

    def _open(self) -> None:
        """Show the form with the answers of the newest version, to be corrected and sent."""
        from pk_research.apps.form import FormWidget  # not needed by whoever only reads

        dossier, reason = self.model.dossier, self.reason.value.strip()
        if dossier is None or not dossier.may_edit:
            return
        if not reason:
            self.model.message = trouble.SAY_REASON
            return
        self.model.message = None
        form = FormWidget(
            dossier.form,
            instance=dossier.filled.xml,
            language=self.model.language,
            on_submit=lambda sent: self._send(reason, sent, files=form.files),
        )
        self.place.children = [form]

    def _send(self, reason: str, sent: str | Receipt, *, files: Mapping[str, bytes] | None = None) -> None:
        """Hand a correction to the store; where it is not kept, the form is told so."""
        if not isinstance(sent, str) or not self.model.edit(sent, reason=reason, files=files):
            raise NotKept(self.model.message or trouble.NOT_DONE)
        self._clear()

    def _clear(self, _change: object = None) -> None:
        """Let go of what was begun for another submission."""
        self.comment.value = self.reason.value = ""
        self.place.children = []

    def _write(self, _change: object = None) -> None:
        """Show what this visitor may do, in their language."""
        dossier, language = self.model.dossier, self.model.language
        show_if(self.reviewing, condition=dossier is not None and dossier.may_review)
        show_if(self.correcting, condition=dossier is not None and dossier.may_edit)
        self.comment.description = translate("Comment", language)
        self.say.description = translate("Comment only", language)
        self.reason.description = translate("Reason for the correction", language)
        self.correct.description = translate("Open the form", language)
        for state, text in DECISIONS.items():
            self.decisions[state].description = translate(text, language)


class NotKept(PkError):
    """A correction was not kept; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(Problem("correction", message.text("en"), "Correct it and send it again."))
        self.message = message
