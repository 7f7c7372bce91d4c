"""A file made for somebody who asked for it in an app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pk_research.language import Message

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
    withheld
        What is not in it, and why; it goes into the audit log with the file's name.
    """

    name: str
    media_type: str
    content: bytes
    withheld: tuple[Message, ...] = ()
