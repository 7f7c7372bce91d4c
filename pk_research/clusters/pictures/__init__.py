"""Pictures of a typology: matplotlib figures that read in grey and for the colour-blind.

Each draws on a figure of its own at the width asked for, and says when the data is made.
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from pk_research.clusters.boundaries import can_be_mapped, outlined_codes
from pk_research.clusters.pictures.choice import plot_choice
from pk_research.clusters.pictures.map import plot_map
from pk_research.clusters.pictures.profile import plot_profile
from pk_research.clusters.pictures.shares import Region, plot_shares
from pk_research.clusters.pictures.tiles import plot_tiles
from pk_research.clusters.places import MOST_PLACES
from pk_research.clusters.typology import Typology
from pk_research.language import Language, Message

__all__ = ["plot_choice", "plot_map", "plot_places", "plot_profile", "plot_shares", "plot_tiles"]

REGIONS: tuple[Region, ...] = ("province", "regency")


def plot_places(
    typology: Typology, language: Language, *, boundaries: Path | None = None, width_px: int = 1200
) -> Figure:
    """Draw where the types are: a map where there are boundaries of the villages, else tiles.

    More than 1,500 villages are drawn as shares by province; by regency where the data has no
    provinces, all in one bar where it has neither.

    Parameters
    ----------
    typology
        The result.
    language
        ``"id"`` or ``"en"``.
    boundaries
        GeoJSON file of village polygons. One that has none of the villages, such as a file of
        kecamatan, gives tiles and a note.
    width_px
        Width in pixels.

    Raises
    ------
    BadInput, NotFound
        When the file of boundaries cannot be used.
    """
    if len(typology.villages) > MOST_PLACES:
        return plot_shares(typology, language, by=_region(typology), width_px=width_px)
    if boundaries is None:
        return plot_tiles(typology, language, width_px=width_px)
    if can_be_mapped(typology, outlined_codes(boundaries)):
        return plot_map(typology, boundaries, language, width_px=width_px)
    no_map = Message("The boundaries given have none of these villages, so that there is no map")
    return plot_tiles(typology, language, width_px=width_px, notes=[no_map])


def _region(typology: Typology) -> Region | None:
    villages = typology.villages
    known = (name for name in REGIONS if name in villages and villages[name].notna().any())
    return next(known, None)
