"""Pictures of a typology: matplotlib figures that read in grey and for the colour-blind.

Each draws on a figure of its own at the width asked for, and says when the data is made.
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from pk_research.clusters.pictures.choice import plot_choice
from pk_research.clusters.pictures.map import plot_map
from pk_research.clusters.pictures.profile import plot_profile
from pk_research.clusters.pictures.shares import plot_shares
from pk_research.clusters.pictures.tiles import plot_tiles
from pk_research.clusters.places import MOST_PLACES
from pk_research.clusters.typology import Typology
from pk_research.language import Language

__all__ = ["plot_choice", "plot_map", "plot_places", "plot_profile", "plot_shares", "plot_tiles"]


def plot_places(
    typology: Typology, language: Language, *, boundaries: Path | None = None, width_px: int = 1200
) -> Figure:
    """Draw where the types are: a map where boundaries are given, else tiles, else shares by province.

    Parameters
    ----------
    typology
        The result.
    language
        ``"id"`` or ``"en"``.
    boundaries
        GeoJSON file of village polygons.
    width_px
        Width in pixels.
    """
    if len(typology.villages) > MOST_PLACES:
        return plot_shares(typology, language, width_px=width_px)
    if boundaries is not None:
        return plot_map(typology, boundaries, language, width_px=width_px)
    return plot_tiles(typology, language, width_px=width_px)
