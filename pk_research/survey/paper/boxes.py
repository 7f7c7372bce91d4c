"""Where a person writes: lines, boxes for digits, boxes to tick."""

from __future__ import annotations

from html import escape

from pk_research.language import Language, Message, translate
from pk_research.survey.definition import Control, Definition
from pk_research.survey.paper.wording import Wording, as_html
from pk_research.survey.valid_answers import valid_answers

MAX_CHOICES, MAX_CELL_CHOICES = 40, 6
_MANY_DIGITS, _SCALE_STEPS = 9, 11
_LINE = '<span class="line"></span>'


def answer_space(control: Control, wording: Wording, *, in_table: bool = False) -> str:
    """Return the HTML of the space in which a question is answered.

    Parameters
    ----------
    control
        The question.
    wording
        Says its choices.
    in_table
        Whether there is little space: of more than six choices the number is written, which
        `numbered_choices` explains below the table.

    Returns
    -------
    str
        Choices to tick, up to 40 of them; boxes for digits, dates and times; lines for text;
        for what paper cannot hold (pictures, sounds, files) the number of the attachment.
    """
    kind = "string" if control.node is None else control.node.type
    if control.has_choices:
        return _choices(control, wording, in_table=in_table)
    if control.kind == "trigger":
        return f'<span class="tick"></span> {_say("Read and agreed", wording.language)}'
    if control.kind == "range":
        return _scale(control, wording.language)
    if control.kind == "upload" or kind == "binary":
        return _short("Attachment number", wording.language)
    return _written(kind, control, wording.language)


def numbered_choices(control: Control, wording: Wording) -> str:
    """Return the numbers that stand for a question's choices in a table; empty where they are ticked."""
    if not _are_numbered(control, wording):
        return ""
    choices = enumerate(wording.choices(control), start=1)
    return " &ensp; ".join(f"<b>{number}</b>&nbsp;{as_html(label)}" for number, (_, label) in choices)


def _are_numbered(control: Control, wording: Wording) -> bool:
    return control.has_choices and MAX_CELL_CHOICES < len(wording.choices(control)) <= MAX_CHOICES


def _written(kind: str, control: Control, language: Language) -> str:
    if kind in ("int", "integer", "long", "decimal"):
        return _number(control.node, is_decimal=kind == "decimal")
    if kind in ("date", "time", "dateTime"):
        time = f"{_digits(2)} : {_digits(2)}"
        return {"date": _date(language), "time": time}.get(kind, f"{_date(language)} &ensp; {time}")
    if kind == "geopoint":
        return _short("Latitude", language) + _short("Longitude", language)
    if kind in ("geotrace", "geoshape"):
        return _short("Draw it on the map; map number", language)
    n_lines = int(control.attributes.get("rows", "0") or 0) or (3 if "multiline" in control.appearance else 1)
    return _LINE * min(n_lines, 12)


def _choices(control: Control, wording: Wording, *, in_table: bool) -> str:
    choices = wording.choices(control)
    if in_table and _are_numbered(control, wording):
        return _digits(len(str(len(choices)))) if control.kind == "select1" else _LINE
    if len(choices) > MAX_CHOICES or not choices:
        n_choices = Message("One of {n} in the list", {"n": len(choices)}).text(wording.language)
        hint = f'<div class="small">{escape(n_choices)}</div>' if choices else ""
        return f"{_LINE}{hint}"
    shape = {"select1": "round", "rank": "rank"}.get(control.kind, "tick")
    longest = max(len(label) for _, label in choices)
    width = "narrow" if longest <= 22 and len(choices) > 3 else "wide"
    items = "".join(f'<li><span class="{shape}"></span>{as_html(label)}</li>' for _, label in choices)
    rank = f'<div class="small">{_say("Number them, 1 first", wording.language)}</div>'
    return f'{rank if shape == "rank" else ""}<ul class="choices {width}">{items}</ul>'


def _number(node: Definition | None, *, is_decimal: bool) -> str:
    valid = valid_answers(None if node is None else node.rule("constraint"), is_whole=not is_decimal)
    n_digits = _MANY_DIGITS if valid.maximum is None else len(str(int(abs(valid.maximum))))
    if n_digits > _MANY_DIGITS or is_decimal:
        return '<span class="amount"></span>'
    return _digits(n_digits)


def _scale(control: Control, language: Language) -> str:
    start, end, step = (float(control.attributes.get(name, "1")) for name in ("start", "end", "step"))
    n_steps = round((end - start) / step) + 1 if step else 0
    if 1 < n_steps <= _SCALE_STEPS:
        values = [f"{start + number * step:g}" for number in range(n_steps)]
        return "".join(f'<span class="step">{value}<span class="round"></span></span>' for value in values)
    limits = Message("from {start} to {end}", {"start": f"{start:g}", "end": f"{end:g}"}).text(language)
    return f'<span class="amount"></span> <span class="small">{escape(limits)}</span>'


def _date(language: Language) -> str:
    parts = (("dd", 2), ("mm", 2), ("yyyy", 4))
    return "".join(
        f'<span class="part">{_digits(n_digits)}<span class="small">{_say(name, language)}</span></span>'
        for name, n_digits in parts
    )


def _digits(n_digits: int) -> str:
    return f'<span class="digits">{"<span></span>" * n_digits}</span>'


def _short(label: str, language: Language) -> str:
    return f'<span class="short">{_say(label, language)} <span class="amount"></span></span>'


def _say(text: str, language: Language) -> str:
    return escape(translate(text, language))
