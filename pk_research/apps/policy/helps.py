"""The help a policy can give. What it costs is assumed, and said to be assumed."""

from __future__ import annotations

from dataclasses import dataclass

from pk_research.language import Message


@dataclass(frozen=True)
class Help:
    """Help for the sellers of a village's product.

    Attributes
    ----------
    key
        Its name in the app.
    name
        For people.
    column, with_it
        Column of the survey, and the answers that count as having it already.
    village_idr, seller_idr
        What it costs for a village, and for each seller there, IDR. Examples, until an office names its
        own prices.
    """

    key: str
    name: Message
    column: str
    with_it: tuple[str, ...]
    village_idr: float
    seller_idr: float


HELPS = {
    one.key: one
    for one in (
        Help("permit", Message("Food permit and hygiene training"), "product_permit",
             ("PIRT/NIB", "PIRT dan halal"), 5e6, 0.8e6),
        Help("packaging", Message("Labelled packaging"), "product_packaging",
             ("Kemasan berlabel",), 8e6, 1.2e6),
    )
}  # fmt: skip
PERMIT, PACKAGING = HELPS
