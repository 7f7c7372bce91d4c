"""A report as PDF: tagged, with embedded fonts, the same bytes for the same report."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from pk_research.errors import NotReady, Problem
from pk_research.publish.reports.blocks import KINDS, Block, Document, Picture

if TYPE_CHECKING:
    from typst import Compiler

TEMPLATE = Path(__file__).with_name("template.typ")
STANDARD: Literal["ua-1"] = "ua-1"
SIZES_PT = (11.0, 10.5, 10.0, 9.5, 9.0, 8.5, 8.0, 7.5)
SIZE_PT = 9.5
"""Tried in turn until a report of a given length fits."""
TOO_LONG = "too many pages"


def pdf_bytes(document: Document, *, most_pages: int = 0) -> bytes:
    """Typeset a report as PDF/UA.

    Parameters
    ----------
    document
        The report. Its texts are shown as they are; nothing in them is a command.
    most_pages
        Pages it must fit: the text gets smaller until it does. 0 for any number.

    Raises
    ------
    NotReady
        When it does not fit even in the smallest text.

    Notes
    -----
    Fonts are those that Typst carries, so that the machine's own fonts change nothing.
    """
    import typst

    for size in SIZES_PT if most_pages else (SIZE_PT,):
        data = json.dumps(_as_data(document, size, most_pages), ensure_ascii=False)
        try:
            made = _compiler().compile(
                format="pdf",
                sys_inputs={"data": data},
                pdf_standards=[STANDARD],
                timestamp=int(document.moment.timestamp()),
            )
        except typst.TypstError as error:
            if TOO_LONG not in str(error):
                raise
            continue
        return cast("bytes", made)
    raise NotReady(
        Problem(document.title, f"it does not fit {most_pages} pages", "Shorten the names in its data.")
    )


@cache
def _compiler() -> Compiler:
    import typst

    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=[], ignore_system_fonts=True)


def _as_data(document: Document, size_pt: float, most_pages: int) -> dict[str, object]:
    date = document.moment
    told = {
        name: getattr(document, name)
        for name in ("title", "subtitle", "language", "stamp", "footer", "page_word")
    }
    return told | {
        "year": date.year, "month": date.month, "day": date.day,
        "size": size_pt, "most_pages": most_pages,
        "blocks": [_block(block) for block in document.blocks],
    }  # fmt: skip


def _block(block: Block) -> dict[str, object]:
    told = asdict(block) | {"kind": KINDS[type(block)]}
    if isinstance(block, Picture):
        del told["png"]
    return told
