"""A form as plain HTML: to be read, and filled, before its script has arrived.

Every field is named by the path of its question; the script takes over what was typed meanwhile.
Labels and hints are HTML that `pk_research.survey.screen` has made safe; all else is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup, escape

from pk_research.language import Language, translate

Node = Mapping[str, Any]

_INPUTS = {
    "integer": 'type="text" inputmode="numeric"',
    "decimal": 'type="text" inputmode="decimal"',
    "date": 'type="date"',
    "time": 'type="time"',
    "datetime": 'type="datetime-local"',
    "text": 'type="text"',
}
_LATER = frozenset({"rank", "range", "geopoint", "geotrace", "geoshape", "image", "audio", "video", "file"})


def form_markup(screen: Mapping[str, Any], language: Language) -> Markup:
    """Return the whole form of a screen.

    Parameters
    ----------
    screen
        What `pk_research.survey.screen.Filling.screen` answers.
    language
        Language of what the house itself says.
    """
    pages = "".join(_page(page, language) for page in screen["tree"]["children"] if page["relevant"])
    title = escape(screen["form"]["title"])
    head = f'<header class="pk-form-head"><div class="pk-form-title"><h1>{title}</h1></div></header>'
    return Markup(f'<div class="pk-form-plain">{head}{pages}</div>')  # noqa: S704 - escaped, or made safe


def _page(page: Node, language: Language) -> str:
    if page["kind"] not in {"page", "group"}:
        return f'<section class="pk-page">{_part(page, language)}</section>'
    title = _label(page)
    heading = f"<h2>{title}</h2>" if title else ""
    body = f'<div class="pk-page">{_inside(page, language)}</div>'
    return f'<section class="pk-page-plain">{heading}{body}</section>'


def _inside(node: Node, language: Language) -> str:
    return "".join(_part(child, language) for child in node.get("children", ()) if child["relevant"])


def _part(node: Node, language: Language) -> str:
    if node["kind"] in {"question", "note"}:
        return _question(node, language)
    if node["kind"] == "instance":
        return f'<div class="pk-instance"><div class="pk-group-body">{_inside(node, language)}</div></div>'
    title = _label(node)
    heading = f"<h3>{title}</h3>" if title else ""
    body = f'<div class="pk-group-body">{_inside(node, language)}</div>'
    return f'<section class="pk-group{"" if title else " pk-plain"}">{heading}{body}</section>'


def _question(node: Node, language: Language) -> str:
    path, control = escape(node["path"]), escape(node["control"])
    label = _label(node) or escape(str(node["name"]).replace("_", " "))
    star = '<span class="pk-required" aria-hidden="true"> *</span>' if node["required"] else ""
    hint = f'<p class="pk-hint">{node["hint"]}</p>' if node["hint"] else ""
    attributes = f'class="pk-question" data-path="{path}" data-control="{control}"'
    words = f'<span class="pk-words">{label}</span>{star}'
    if node["kind"] == "note":
        return f'<div {attributes}><div class="pk-label">{words}</div>{hint}</div>'
    if node.get("choices") and node["control"] in {"select_one", "select_multiple"}:
        choices = "".join(_choices(node))
        inside = f'<legend class="pk-label">{words}</legend>{hint}<div class="pk-choices">{choices}</div>'
        return f"<fieldset {attributes}>{inside}</fieldset>"
    return (
        f'<div {attributes}><label class="pk-label" for="plain-{path}">{words}</label>{hint}'
        f"{_field(node, language)}</div>"
    )


def _choices(node: Node) -> Iterator[str]:
    kind = "radio" if node["control"] == "select_one" else "checkbox"
    chosen = {node["value"]} if kind == "radio" else set(node["value"].split())
    for choice in node["choices"]:
        value = escape(choice["value"])
        marks = " checked" * (choice["value"] in chosen) + " disabled" * node["readonly"]
        field = f'<input type="{kind}" name="{escape(node["path"])}" value="{value}"{marks}>'
        label = f'<span class="pk-choice-label">{choice["label"]}</span>'
        yield f'<label class="pk-choice">{field}{label}</label>'


def _field(node: Node, language: Language) -> str:
    path, value, control = escape(node["path"]), escape(node["value"]), node["control"]
    if control in _LATER or node.get("list"):
        wait = escape(translate("This question can be answered in a moment.", language))
        shown = f"<strong>{value}</strong>" if value and not node.get("list") else ""
        return f'<p class="pk-hint" id="plain-{path}">{shown or wait}</p>'
    readonly = " readonly" if node["readonly"] else ""
    if control == "acknowledge":
        marks = " checked" * (node["value"] == "OK") + " disabled" * node["readonly"]
        return f'<input type="checkbox" id="plain-{path}" name="{path}" value="OK"{marks}>'
    if control == "text" and ("multiline" in node["appearance"] or node.get("rows")):
        rows = int(node.get("rows") or 3)
        return f'<textarea id="plain-{path}" name="{path}" rows="{rows}"{readonly}>{value}</textarea>'
    shown = _moment(control, node["value"])
    kind = _INPUTS.get(control, 'type="text"')
    return f'<input {kind} id="plain-{path}" name="{path}" value="{escape(shown)}"{readonly}>'


def _moment(control: str, value: str) -> str:
    """Return a value as the browser's own fields for dates and times write it."""
    length = {"date": 10, "time": 5, "datetime": 16}.get(control)
    return value if length is None else value[:length]


def _label(node: Node) -> str:
    label = node.get("label") or {}
    return str(label.get("text") or "")
