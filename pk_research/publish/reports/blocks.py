"""What a report is made of, whatever it is written as: headings, sentences, tables, figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pk_research.language import Language

Style = Literal["plain", "lead", "note"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences; ``lead`` stands out, ``note`` is small."""

    text: str
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    """Short items, one a line."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """Figures to be seen first: value, what it is, and how sure it is."""

    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under a header that every page repeats.

    Attributes
    ----------
    caption
        What it shows.
    header, rows
        Texts; every row is as long as the header.
    widths
        Share of the width that each column takes, relative to the others.
    n_text
        So many columns from the left hold words, the others numbers.
    strong
        Numbers of the rows that stand out.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    n_text: int = 1
    strong: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure with a text for those who do not see it; PNG only where Word is wanted."""

    svg: str
    alt: str
    caption: str
    width_pct: float = 100.0
    png: bytes = b""


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a page of its own."""


Block = Heading | Paragraph | Bullets | KeyFigures | Table | Picture | NewPage


@dataclass(frozen=True, slots=True)
class Document:
    """A report before it is PDF or Word.

    Attributes
    ----------
    title, subtitle
        On the first page; the title is also that of the file.
    language
        Of all texts.
    stamp
        Stands on every page, such as that data is made; empty for none.
    footer
        Stands at the foot of every page: data and code it is made from.
    page_word
        The word before the number of a page.
    date
        When the data was made what it is: the same data gives the same file.
    blocks
        What follows, in order.
    """

    title: str
    subtitle: str
    language: Language
    stamp: str
    footer: str
    page_word: str
    date: str
    blocks: tuple[Block, ...]

    @property
    def moment(self) -> datetime:
        """Midnight (UTC) of the date."""
        return datetime.fromisoformat(self.date[:10]).replace(tzinfo=UTC)


KINDS: Mapping[type, str] = {
    Heading: "heading", Paragraph: "paragraph", Bullets: "bullets", KeyFigures: "key_figures",
    Table: "table", Picture: "picture", NewPage: "new_page",
}  # fmt: skip
"""Name of each block in the template."""
