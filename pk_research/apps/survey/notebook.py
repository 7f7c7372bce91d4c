"""The survey app in a notebook: choose a form, fill it in the kernel."""

from __future__ import annotations

from html import escape

import ipywidgets

from pk_research.apps.form import FormWidget
from pk_research.language import Language, translate
from pk_research.store import Store
from pk_research.store.actors import Actor, Right


class SurveyView:
    """The forms somebody may fill, and the one being filled.

    Parameters
    ----------
    store
        Where forms, drafts and submissions are kept.
    by
        Who fills; None for somebody who did not come in.
    language
        Language of what the house says.

    Attributes
    ----------
    root
        What is shown.
    """

    def __init__(self, store: Store, *, by: Actor | None, language: Language = "id") -> None:
        self.store, self.by, self.language = store, by, language
        self.place = ipywidgets.VBox()
        self.root = ipywidgets.VBox([self._choice(), self.place]).add_class("pk-live")

    def _say(self, text: str) -> str:
        return translate(text, self.language)

    def _choice(self) -> ipywidgets.Widget:
        by = self.by
        forms = self.store.forms.list() if by is not None else ()
        options = [
            (form.title, form.form_id) for form in forms if by and by.may(Right.FILL, form_id=form.form_id)
        ]
        if not options:
            return ipywidgets.HTML(f"<p>{escape(self._say('No form is open to you now.'))}</p>")
        form = ipywidgets.Dropdown(options=options, description=self._say("Choose a form"))
        begin = ipywidgets.Button(description=self._say("Begin"), button_style="primary")
        begin.on_click(lambda _: self.begin(str(form.value)))
        return ipywidgets.HBox([form, begin])

    def begin(self, form_id: str) -> None:
        """Open a draft of a form and show it."""
        widget = FormWidget(form_id, store=self.store, by=self.by, language=self.language)
        self.place.children = (widget,)
