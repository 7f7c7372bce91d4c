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
    village_idr, seller_idr
        What it costs for a village, and for each seller there, IDR. Examples, until an office names its
        own prices.
    column, with_it
        Column of the survey, and the answers that count as having it already; empty where the survey
        does not ask for it.
    products
        Products it is of use for; empty for all.
    assumed
        Lowest, expected and highest effect on sales (100 times a difference of logarithms, nearly per
        cent) where no survey tells it: made up for the example. None where it is estimated.
    """

    key: str
    name: Message
    village_idr: float
    seller_idr: float
    column: str = ""
    with_it: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    assumed: tuple[float, float, float] | None = None


HELPS = {
    one.key: one
    for one in (
        Help("permit", Message("Food permit and hygiene training"), 5e6, 0.8e6, "product_permit",
             ("PIRT/NIB", "PIRT dan halal")),
        Help("packaging", Message("Labelled packaging"), 8e6, 1.2e6, "product_packaging",
             ("Kemasan berlabel",)),
        Help("drying", Message("Shared drying equipment"), 25e6, 0.5e6,
             products=("Padi/beras", "Kerupuk", "Ikan asin dan terasi", "Rumput laut", "Kopi"),
             assumed=(0.0, 5.0, 10.0)),
    )
}  # fmt: skip
PERMIT, PACKAGING, DRYING = HELPS
