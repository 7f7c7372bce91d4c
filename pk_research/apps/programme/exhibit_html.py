"""An exhibit itself, as the notebook shows it: its picture, its table, its sentence."""

from __future__ import annotations

import csv
import io
import re
import struct
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from itertools import zip_longest
from typing import TYPE_CHECKING

from pk_research.apps.markup import moved_sideways, say, sentence, table
from pk_research.language import Language, Message, translate
from pk_research.survey.screen.markdown import safe_html
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.publish import Explanation

MOST_ROWS = 12
SIZE_OF_PNG = slice(16, 24)
LEAST_SHRUNK = 0.7
"""A picture that would become smaller than that on a phone is moved sideways."""
NUMBER = re.compile(r"[-−+]?[\d.,]+ ?%?|–|nan|NaN|")


def exhibit_html(chain: Explanation, content: bytes, heard: str, language: Language) -> str:
    """Return an exhibit with what it is made of below it.

    Parameters
    ----------
    chain
        What stands behind it.
    content
        Its file.
    heard
        What it is about, for those who hear the page.
    language
        ``"id"`` or ``"en"``; the exhibit itself stays in the language of the notebook.
    """
    draw = {"figure": _figure, "table": _table, "text": _text}[chain.exhibit.kind]
    below = [_made(chain, language), say("Shown as it is, in the language of its notebook.", language)]
    caption = " ".join(part for part in below if part)
    return (
        f"<figure class='pk-exhibit'>{draw(content, heard, language)}"
        f"<figcaption class='pk-hint'>{caption}</figcaption></figure>"
    )


def _made(chain: Explanation, language: Language) -> str:
    """Return that data of the run is made; nothing where none is."""
    names = [name for name, _, _, made in chain.data if made]
    if not names:
        return ""
    if len(names) == len(chain.data):
        return f"<strong>{escape(translate(MADE, language))}.</strong>"
    text = Message(
        "Among the data it was computed from, these are made: {names}", {"names": ", ".join(names)}
    )
    return f"<strong>{sentence(text, language)}</strong>"


def _figure(content: bytes, heard: str, _language: Language) -> str:
    width, height = struct.unpack(">II", content[SIZE_OF_PNG])
    picture = (
        f"<img alt='{escape(heard)}' width='{width}' height='{height}'"
        f" style='min-width:{round(LEAST_SHRUNK * width)}px'"
        f" src='data:image/png;base64,{b64encode(content).decode()}'>"
    )
    return moved_sideways(picture, heard)


def _text(content: bytes, _heard: str, _language: Language) -> str:
    return f"<blockquote>{safe_html(content.decode())}</blockquote>"


def _table(content: bytes, heard: str, language: Language) -> str:
    headings, rows = _parts(list(csv.reader(io.StringIO(content.decode("utf-8-sig")))))
    numeric = [n for n in range(1, len(headings)) if all(NUMBER.fullmatch(row[n]) for row in rows)]
    cells = [[escape(cell) for cell in row] for row in rows[:MOST_ROWS]]
    shown = moved_sideways(table([escape(cell) for cell in headings], cells, numeric=numeric), heard)
    if len(rows) <= MOST_ROWS:
        return shown
    text = Message("The first {shown} of {n} rows", {"shown": MOST_ROWS, "n": len(rows)})
    return f"{shown}<p class='pk-hint'>{sentence(text, language)}</p>"


def _parts(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of the same length; the name of an index goes above it."""
    filled = [list(row) for row in zip(*zip_longest(*rows, fillvalue=""), strict=True)]
    if not filled:
        return [], []
    head, *body = filled
    if body and not head[0] and body[0][0] and not any(body[0][1:]):
        head, body = [body[0][0], *head[1:]], body[1:]
    return head, body
