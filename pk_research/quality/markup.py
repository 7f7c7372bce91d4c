"""Pieces of HTML: every text escaped, every table captioned and scrollable by keyboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

import pandas as pd

from pk_research.language import Language, Message, number_text, translate
from pk_research.quality.findings import percent_of


def say(text: str | Message, language: Language) -> str:
    """Write a text or message in a language, escaped.

    Examples
    --------
    >>> say(Message("{n} < 3", {"n": 2}), "en")
    '2 &lt; 3'
    """
    return escape(text.text(language) if isinstance(text, Message) else translate(text, language))


def section(heading: str, parts: Iterable[str]) -> str:
    """Put parts under a heading of second rank; nothing when there are none.

    Examples
    --------
    >>> section("Notes", [])
    ''
    """
    body = "\n".join(parts)
    return f"<section>\n<h2>{heading}</h2>\n{body}\n</section>" if body else ""


def figures(entries: Mapping[str, str]) -> str:
    """Show a few figures, each with what it counts."""
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in entries.items())
    return f'<dl class="figures">{cells}</dl>'


def pairs(entries: Mapping[str, str]) -> str:
    """List names with their values; empty values are left out."""
    cells = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in entries.items() if value)
    return f'<dl class="origin">{cells}</dl>'


def table(frame: pd.DataFrame, caption: str, language: Language, *, bar: str = "") -> str:
    """Write a frame as a table.

    Parameters
    ----------
    frame
        Its columns are the headings. Missing values are left blank.
    caption
        What the table shows, already escaped.
    language
        Of the numbers.
    bar
        A column of shares (0 to 1) that is written in percent and drawn as bars.
    """
    columns = [
        _bars(str(heading), column, language) if heading == bar else _cells(str(heading), column, language)
        for heading, column in frame.items()
    ]
    heads = "".join(head for head, _ in columns)
    rows = "\n".join(
        f"<tr>{''.join(cells)}</tr>" for cells in zip(*(cells for _, cells in columns), strict=True)
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">\n<table>\n'
        f"<caption><span>{caption}</span></caption>\n<thead><tr>{heads}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    )


def _cells(heading: str, column: pd.Series, language: Language) -> tuple[str, list[str]]:
    css = ' class="number"' if pd.api.types.is_numeric_dtype(column) else ""
    head = f'<th scope="col"{css}>{escape(heading)}</th>'
    return head, [f"<td{css}>{_written(value, language)}</td>" for value in column]


def _written(value: object, language: Language) -> str:
    if value is None or value is pd.NA:
        return ""
    return number_text(value, language) if isinstance(value, int | float) else escape(str(value))


def _bars(heading: str, shares: pd.Series, language: Language) -> tuple[str, list[str]]:
    head = f'<th scope="col" colspan="2">{escape(heading)}</th>'
    return head, [
        f'<td class="number">{number_text(percent_of(share), language)}%</td>'
        f'<td class="bar" aria-hidden="true"><span style="width:{100 * share:.1f}%"></span></td>'
        for share in shares
    ]
