"""A form to be filled by hand."""

from __future__ import annotations

from html import escape

from pk_research.language import Message
from pk_research.survey.paper.boxes import answer_space, numbered_choices
from pk_research.survey.paper.outline import Item
from pk_research.survey.paper.page import MOST_COLUMNS, Page, Places, asked_in, repeats_in, table_of

EMPTY_ROWS, EMPTY_COLUMNS = 5, 3
_HEAD = ("Village", "Interviewer", "Date of interview", "Questionnaire number")


class EmptyPage(Page):
    """A form to be filled by hand; parameters as for `Page`."""

    def introduction(self) -> str:
        """Return fields for who, where and when, and what the star means."""
        fields = "".join(f"<span>{self.say(name)}<i></i></span>" for name in _HEAD)
        key = self.say("Questions marked * must be answered.")
        return f'<div class="fields">{fields}</div><p class="key">{key}</p>'

    def heading(self, item: Item) -> str:
        """Return a heading, with when the group is to be asked."""
        return super().heading(item) + self.condition(item)

    def condition(self, item: Item) -> str:
        """Return in words when an item is to be asked; empty where always."""
        rule = item.rule()
        if rule is None or item.node is None:
            return ""
        said = self.sentences.condition(rule, item.node)
        return f'<p class="condition">{self.tell(Message("Only if {condition}", {"condition": said}))}</p>'

    def note(self, item: Item, here: Places) -> str:  # noqa: ARG002 - the same everywhere
        """Return a note as the form words it."""
        label = self.words(item.control.label)
        return f'<div class="note">{self.condition(item)}{label}</div>' if label else ""

    def question(self, item: Item, here: Places) -> str:  # noqa: ARG002 - the same everywhere
        """Return a question with the space for its answer."""
        return (
            f'<div class="question"><span class="number">{item.number}</span><div>{self.asked(item)}'
            f'<div class="answer">{answer_space(item.control, self.wording)}</div></div></div>'
        )

    def asked(self, item: Item) -> str:
        """Return what is asked: condition, label, unit and hint."""
        control, node = item.control, item.node
        label = self.words(control.label) or escape("" if node is None else node.local)
        required = None if node is None else node.rule("required")
        star = '<span class="star">*</span>' if required and required.source.strip() == "true()" else ""
        hint = self.words(control.hint)
        return (
            f'{self.condition(item)}<div class="label">{label}{star}</div>'
            f"{f'<div class=hint>{hint}</div>' if hint else ''}"
        )

    def repeat(self, item: Item, here: Places) -> str:
        """Return a table with empty rows, the repeats inside it after it."""
        asked = asked_in(item.children)
        on_end = len(asked) > MOST_COLUMNS
        heads = [f'<span class="number">{one.number}</span>{self.asked(one)}' for one in asked]
        row = [answer_space(one.control, self.wording, in_table=True) for one in asked]
        rows = [row] * (EMPTY_COLUMNS if on_end else EMPTY_ROWS)
        key = "".join(
            f'<p class="small"><span class="number">{one.number}</span> {numbered}</p>'
            for one in asked
            if (numbered := numbered_choices(one.control, self.wording))
        )
        more = f'<p class="key">{self.say("Use another sheet where there are more.")}</p>'
        nested = "".join(self.repeat(one, here) for one in repeats_in(item.children))
        table = table_of(heads, rows, on_end=on_end) if asked else ""
        return f'<section class="repeat">{self.heading(item)}{table}{key}{more}{nested}</section>'
