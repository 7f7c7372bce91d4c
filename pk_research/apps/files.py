"""A file made for somebody who asked for it in an app."""

from __future__ import annotations

from dataclasses import dataclass

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class File:
    """A file in memory.

    Attributes
    ----------
    name
        What it is called when saved.
    media_type
        What it is, such as ``"text/csv"``.
    content
        Its bytes.
    """

    name: str
    media_type: str
    content: bytes
