"""A filling to be read and signed."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from pk_research.language import Language, Message
from pk_research.survey.definition import Definition, Form
from pk_research.survey.filled import Filled
from pk_research.survey.paper.given import answer_html
from pk_research.survey.paper.outline import Item
from pk_research.survey.paper.page import MOST_COLUMNS, Page, Places, asked_in, repeats_in, table_of
from pk_research.survey.paper.wording import as_html
from pk_research.survey.session import Session
from pk_research.survey.surroundings import Surroundings
from pk_research.survey.views import NodeView

MOST_ON_END = 4


class FilledPage(Page):
    """A filling to be read and signed; parameters as for `sheet`."""

    def __init__(
        self,
        form: Form,
        filling: Filled | str | bytes,
        language: Language,
        *,
        attachments: Mapping[str, bytes],
        hidden: frozenset[Definition],
        surroundings: Surroundings | None,
    ) -> None:
        super().__init__(form, language)
        self.filled = filling if isinstance(filling, Filled) else None
        xml = filling.xml if isinstance(filling, Filled) else filling
        self.session: Session = form.start(surroundings, instance=xml, origin="checked")
        if self.wording.form_language:
            self.session.set_language(self.wording.form_language)
        self.attachments = attachments
        self.hidden = hidden
        self.not_relevant = 0

    def about(self) -> str:
        """Return what the paper is, when it was received and from whom."""
        said = super().about()
        if self.filled is None:
            return said
        sent = self.filled.submitted_at.strftime("%Y-%m-%d %H:%M UTC")
        parts = [said, self.tell(Message("received {time}", {"time": sent})), escape(self.filled.instance_id)]
        name = "" if self.hidden else self.filled.submitter_name
        return " · ".join(filter(None, (*parts, escape(name))))

    def closing(self) -> str:
        """Return how many questions did not apply."""
        said = Message("{n} questions did not apply and are not printed.", {"n": self.not_relevant})
        return f'<p class="key">{self.tell(said)}</p>' if self.not_relevant else ""

    def view(self, item: Item, here: Places) -> NodeView | None:
        """Return an item as it stands in the filling; None for a group that only arranges."""
        return None if item.node is None else self.session.view(_place(item.node.path, here))

    def section(self, item: Item, here: Places) -> str:
        """Return a group, unless it did not apply."""
        view = self.view(item, here)
        if view is not None and not view.is_relevant:
            self.not_relevant += sum(one.kind == "question" for one in item.walk())
            return ""
        return super().section(item, here)

    def note(self, item: Item, here: Places) -> str:
        """Return a note with the answers it quotes."""
        view = self.view(item, here)
        if view is None or not view.is_relevant or view.label is None:
            return ""
        value = f" <strong>{self.answer(item, view)}</strong>" if view.value else ""
        return f'<div class="note">{as_html(view.label.words)}{value}</div>'

    def question(self, item: Item, here: Places) -> str:
        """Return a question and its answer, unless it did not apply."""
        view = self.view(item, here)
        if view is None or not view.is_relevant:
            self.not_relevant += 1
            return ""
        label = as_html("" if view.label is None else view.label.words) or escape(item.control.node.local)  # type: ignore[union-attr]
        return (
            f'<div class="question filled"><span class="number">{item.number}</span>'
            f'<div class="label">{label}</div><div class="answer">{self.answer(item, view)}</div></div>'
        )

    def answer(self, item: Item, view: NodeView) -> str:
        """Return an answer, or that it is not printed."""
        if item.node in self.hidden:
            return f'<span class="hidden">{self.say("personal data, not printed")}</span>'
        return answer_html(view, self.language, self.attachments)

    def repeat(self, item: Item, here: Places) -> str:
        """Return a table of the instances, the repeats inside each after it."""
        if item.node is None:
            return ""
        above = _place(item.node.path, here)
        if not self.session.view(above.rpartition("/")[0]).is_relevant:
            return ""
        instances = [
            {**here, item.node.path: f"{above}[{number}]"}
            for number in range(1, self.session.count(above) + 1)
        ]
        asked = asked_in(item.children)
        heads = [f'<span class="number">{one.number}</span>{self.words(one.control.label)}' for one in asked]
        rows = [[self._cell(one, places) for one in asked] for places in instances]
        on_end = len(asked) > MOST_COLUMNS and len(instances) <= MOST_ON_END
        table = table_of(heads, rows, on_end=on_end) if rows and asked else ""
        nested = "".join(
            f'<div class="inside"><p class="key">{self.heading_of(item)} {number}</p>{inner}</div>'
            for number, places in enumerate(instances, start=1)
            if (inner := "".join(self.repeat(one, places) for one in repeats_in(item.children)))
        )
        none = "" if rows else f'<p class="none">{self.say("There are none.")}</p>'
        return f'<section class="repeat">{self.heading(item)}{none}{table}{nested}</section>'

    def heading_of(self, item: Item) -> str:
        """Return what a repeat is called."""
        return self.words(item.control.label)

    def _cell(self, item: Item, here: Places) -> str:
        view = self.view(item, here)
        return self.answer(item, view) if view is not None and view.is_relevant else "–"


def _place(path: str, here: Places) -> str:
    """Return a path with the numbers of the repeat instances one is in."""
    found = path
    for repeat, instance in here.items():
        if path.startswith(f"{repeat}/"):
            found = instance + path.removeprefix(repeat)
    return found
