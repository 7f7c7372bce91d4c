"""First pages that lie ready: each language in a part of its own, of which a visitor is sent one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import traitlets

from pk_research.language import LANGUAGES, Language

MARK = "<!-- pk-language {} -->"
Model = TypeVar("Model", bound=traitlets.HasTraits)


def in_every_language(model: Model, paint: Callable[[Model], str]) -> str:
    """Return what an app shows at first, once a language.

    Parameters
    ----------
    model
        Has a trait ``language``, which is left as it was.
    paint
        Writes the page in that language.
    """
    before, parts = model.trait_values()["language"], []
    for language in LANGUAGES:
        model.set_trait("language", language)
        parts.append(f"{MARK.format(language)}{paint(model)}")
    model.set_trait("language", before)
    return "".join(parts)


def part_in(page: str | None, language: Language) -> str | None:
    """Return the part of a first page in a language; the whole page where it has no parts.

    Examples
    --------
    >>> page = "<!-- pk-language id -->Desa<!-- pk-language en -->Villages"
    >>> part_in(page, "en"), part_in(page, "id"), part_in("Desa", "en"), part_in(None, "en")
    ('Villages', 'Desa', 'Desa', None)
    """
    start = MARK.format(language)
    if page is None or start not in page:
        return page
    return page.partition(start)[2].partition(MARK.partition("{}")[0])[0]
