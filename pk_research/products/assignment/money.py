"""Rupiah as they stand in sentences and headings."""

from __future__ import annotations

from pk_research.language import Message


def millions(value_idr: float) -> Message:
    """Write an amount in millions of rupiah, to a tenth.

    Examples
    --------
    >>> millions(12_345_678).text("en"), millions(12_345_678).text("id")
    ('IDR 12.3 million', 'Rp12,3 juta')
    """
    return Message("IDR {amount} million", {"amount": round(value_idr / 1e6, 1) + 0.0})
