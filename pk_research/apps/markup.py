"""Pieces of HTML that every app writes the same way, all text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from pk_research.language import Bilingual, Language, number_text, translate
from pk_research.palette import colours, ink_on

CURRENT = " aria-current='true'"


def say(text: str, language: Language) -> str:
    """Return a catalogue text, escaped.

    Examples
    --------
    >>> say("a < b", "en")
    'a &lt; b'
    """
    return escape(translate(text, language))


def sentence(message: Bilingual, language: Language) -> str:
    """Return a message as an escaped sentence: a capital first, a full stop last.

    Examples
    --------
    >>> from pk_research.language import Message
    >>> sentence(Message("all is well"), "en")
    'All is well.'
    """
    text = message.text(language)
    return escape(f"{text[0].upper()}{text[1:]}".removesuffix(".") + ".")


def tabs_html(tabs: Iterable[tuple[str, Bilingual]], current: str, label: str, language: Language) -> str:
    """Return the row of tabs as it looks before it lives: the addresses are those that open a tab.

    Examples
    --------
    >>> from pk_research.language import Message
    >>> tabs_html([("a", Message("A & B"))], "a", "Parts", "en")
    "<nav class='pk-tabs' aria-label='Parts'><a class='pk-tab' href='#pk-tab-a'
    aria-current='true'>A &amp; B</a></nav>"
    """
    links = "".join(
        f"<a class='pk-tab' href='#pk-tab-{name}'{CURRENT if name == current else ''}>"
        f"{escape(text.text(language))}</a>"
        for name, text in tabs
    )
    return f"<nav class='pk-tabs' aria-label='{say(label, language)}'>{links}</nav>"


def signed(value: float, language: Language) -> str:
    """Return a number with its sign and one decimal.

    Examples
    --------
    >>> signed(0.52, "en"), signed(-1.26, "id"), signed(-0.01, "en")
    ('+0.5', '−1,3', '0.0')
    """
    shown = round(value, 1)
    sign = "−" if shown < 0 else "+" if shown > 0 else ""
    return f"{sign}{number_text(abs(shown), language, 1)}"


def chip(cluster: int | None, k: int) -> str:
    """Return the number of a type on its colour; a dash for a village left out."""
    if cluster is None:
        return "<span class='pk-chip pk-chip-none'>–</span>"
    colour = colours(k)[cluster - 1]
    return f"<span class='pk-chip' style='background:{colour};color:{ink_on(colour)}'>{cluster}</span>"


def section(name: str, body: str) -> str:
    """Return a section that keeps its place when the live page takes over from the first one."""
    return f"<div id='pk-{name}' data-pk-section='{name}'>{body}</div>"


def moved_sideways(body: str, label: str, kind: str = "") -> str:
    """Return a box that is moved where its content is too large for it, with keys too.

    Parameters
    ----------
    body
        What is in it, HTML already.
    label
        What a screen reader calls it; text, not HTML.
    kind
        Further classes.
    """
    named = f"tabindex='0' role='group' aria-label='{escape(label)}'"
    return f"<div class='{f'pk-wide {kind}'.strip()}' {named}>{body}</div>"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, numeric: Sequence[int] = ()) -> str:
    """Return a table; headings and cells are HTML already.

    Parameters
    ----------
    headings
        One a column.
    rows
        Cells row by row.
    numeric
        Positions of columns to align right.
    """
    kinds = [" class='pk-number'" if n in numeric else "" for n in range(len(headings))]
    head = "".join(
        f"<th scope='col'{kind}>{heading}</th>" for heading, kind in zip(headings, kinds, strict=True)
    )
    body = "".join(
        f"<tr>{''.join(f'<td{kind}>{cell}</td>' for cell, kind in zip(row, kinds, strict=True))}</tr>"
        for row in rows
    )
    return f"<table class='pk-table'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
