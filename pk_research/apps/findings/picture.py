"""The picture of the villages: a map where their boundaries are known, else tiles by kecamatan."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from pk_research.clusters import Typology
from pk_research.clusters.boundaries import can_be_mapped as any_outlined
from pk_research.clusters.boundaries import outlined_codes
from pk_research.clusters.html import map_svg, tile_grid_html
from pk_research.errors import PkError
from pk_research.language import Language

log = logging.getLogger(__name__)


def can_be_mapped(typology: Typology, boundaries: Path | None) -> bool:
    """Say whether any of the villages has a boundary in the file; False without one."""
    return boundaries is not None and any_outlined(typology, _outlined(boundaries))


def picture_html(typology: Typology, language: Language, *, boundaries: Path | None = None) -> str:
    """Return the map of the villages, or tiles where there are no boundaries for them."""
    if boundaries is not None and can_be_mapped(typology, boundaries):
        return map_svg(typology, boundaries, language)
    return tile_grid_html(typology, language)


@cache
def _outlined(boundaries: Path) -> frozenset[str]:
    """Return the codes of the villages with a boundary; none when the file cannot be used."""
    try:
        return outlined_codes(boundaries)
    except PkError:
        log.exception("the boundaries cannot be used: tiles are shown instead of a map")
        return frozenset()
