"""A variable as one row of a CSV codebook.

Categories and missing codes stand in one cell as ``value=label_id|label_en; ...``; a backslash
protects the signs that separate.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pk_research.codebook.variable import Label, Variable

COLUMNS = tuple(entry.name for entry in fields(Variable))
_SPECIAL = "\\=|;"


def cell(value: object) -> str:
    """Write one attribute of a variable as the text of a CSV cell."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "; ".join(
            f"{_protect(label.value)}={_protect(label.label_id)}|{_protect(label.label_en)}"
            for label in value
        )
    return f"{value:g}" if isinstance(value, float) and value == float(f"{value:g}") else str(value)


def _protect(text: str) -> str:
    return "".join("\\" + char if char in _SPECIAL else char for char in text)


def _split(text: str, separator: str) -> list[str]:
    """Split at unprotected separators, keeping the protecting backslashes."""
    parts, current, protected = [], "", False
    for char in text:
        if char == separator and not protected:
            parts.append(current)
            current = ""
        else:
            current += char
        protected = char == "\\" and not protected
    return [*parts, current]


def _unprotect(text: str) -> str:
    out, protected = "", False
    for char in text:
        if char == "\\" and not protected:
            protected = True
        else:
            out += char
            protected = False
    return out


def _labels(text: str) -> tuple[Label, ...]:
    labels = []
    for n, part in enumerate(_split(text, ";") if text else ()):
        value, *rest = _split(part.removeprefix(" ") if n else part, "=")
        both = _split("=".join(rest), "|")
        label_id, label_en = (*both, "")[:2]
        labels.append(Label(_unprotect(value), _unprotect(label_id), _unprotect(label_en)))
    return tuple(labels)


def variable_from_row(row: dict[str, str | None]) -> Variable:
    """Read a variable from a CSV row; a number that is none raises ValueError."""
    values: dict[str, Any] = {column: text or "" for column, text in row.items()}
    for column in ("categories", "missing"):
        values[column] = _labels(values.get(column, ""))
    for column in ("minimum", "maximum"):
        values[column] = float(values[column]) if values.get(column) else None
    return Variable(**{**values, "kind": values.get("kind") or "string"})
