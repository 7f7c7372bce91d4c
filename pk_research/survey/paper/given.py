"""Answers as they are read on paper: the labels of choices, dates written out, pictures shown."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date
from html import escape

from pk_research.language import Language, Message, translate
from pk_research.survey.paper.wording import as_html
from pk_research.survey.views import NodeView

_PICTURES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}
_POINT = ("Latitude", "Longitude", "Altitude (m)", "Accuracy (m)")


def answer_html(view: NodeView, language: Language, attachments: Mapping[str, bytes]) -> str:
    """Return an answer as HTML.

    Parameters
    ----------
    view
        The question as it stands in the filling.
    language
        Language of dates and of what the house says.
    attachments
        Attached files by name; pictures among them are shown.
    """
    if not view.value:
        return f'<span class="none">{escape(translate("not answered", language))}</span>'
    if view.choices is not None:
        labels = {choice.value: choice.label or choice.value for choice in view.choices}
        chosen = view.value.split() if view.kind in ("select", "rank") else [view.value]
        said = [as_html(labels.get(value, value)) for value in chosen]
        if view.kind == "rank":
            return "<br>".join(f"{number}. {text}" for number, text in enumerate(said, start=1))
        return "<br>".join(f'<span class="chosen"></span>{text}' for text in said)
    if view.kind == "trigger":
        return f'<span class="chosen"></span>{escape(translate("Read and agreed", language))}'
    if view.type == "binary":
        return _attached(view.value, attachments)
    return _plain(view, language)


def _plain(view: NodeView, language: Language) -> str:
    if view.type == "decimal":
        return escape(view.value.removesuffix(".0"))
    if view.type == "date":
        return escape(_date(view.value, language))
    if view.type == "geopoint":
        parts = zip(_POINT, view.value.split(), strict=False)
        return escape(" · ".join(f"{translate(name, language)} {number}" for name, number in parts))
    if view.type in ("geotrace", "geoshape"):
        n_points = len([part for part in view.value.split(";") if part.strip()])
        return escape(Message("{n} points on the map", {"n": n_points}).text(language))
    return escape(view.value).replace("\n", "<br>")


def _date(text: str, language: Language) -> str:
    from babel.dates import format_date

    try:
        return format_date(date.fromisoformat(text[:10]), format="long", locale=language)
    except ValueError:
        return text


def _attached(name: str, attachments: Mapping[str, bytes]) -> str:
    content = attachments.get(name, b"")
    kind = next((kind for start, kind in _PICTURES.items() if content.startswith(start)), "")
    if not kind:
        return escape(name)
    data = base64.b64encode(content).decode()
    return f'<img src="data:image/{kind};base64,{data}" alt=""><div class="small">{escape(name)}</div>'
