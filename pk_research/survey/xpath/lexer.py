"""Cutting the text of an expression into tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pk_research.survey.xpath.problems import ExpressionError

_NAME = r"[^\W\d][\w.\-]*"
_TOKEN = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<literal>"[^"]*"|'[^']*')
    | (?P<number>\d+(?:\.\d*)?|\.\d+)
    | (?P<symbol>::|\.\.|//|!=|<=|>=|[()\[\]@,/|+\-=<>*.$])
    | (?P<name>{_NAME}(?::(?!:)(?:{_NAME}|\*))?)
    """,
    re.VERBOSE,
)
_OPERATOR_NAMES = ("and", "or", "div", "mod")
_ENDS_OPERAND = frozenset([")", "]", ".", ".."])


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression: its kind, its text, and where it begins."""

    kind: str
    text: str
    position: int


def tokenize(source: str) -> list[Token]:
    """Cut an expression into tokens.

    Raises
    ------
    ExpressionError
        When a character cannot begin a token.

    Examples
    --------
    >>> [token.text for token in tokenize("2div1")]
    ['2', 'div', '1']
    """
    tokens: list[Token] = []
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise ExpressionError(source, position, f"{source[position]!r} is not expected here")
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(_told_apart(kind, match.group(), position, tokens))
        position = position + len(tokens[-1].text) if kind == "name" else match.end()
    return tokens


def _told_apart(kind: str, text: str, position: int, before: list[Token]) -> Token:
    """Tell operators from names: XPath lets ``*``, ``div`` and their like be either."""
    if before and (before[-1].kind not in ("operator", "symbol") or before[-1].text in _ENDS_OPERAND):
        return _as_operator(kind, text, position)
    return Token("wildcard" if text == "*" else kind, text, position)


def _as_operator(kind: str, text: str, position: int) -> Token:
    if text == "*":
        return Token("operator", text, position)
    if kind == "name":
        for name in _OPERATOR_NAMES:
            # `1or1` and `1mod2`: the name runs into what follows, unless that continues a word
            if text == name or (text.startswith(name) and text[len(name)].isdigit()):
                return Token("operator", name, position)
    return Token(kind, text, position)
