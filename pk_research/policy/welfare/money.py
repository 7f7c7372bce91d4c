"""Rupiah as people in Indonesia write it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pk_research.language import MINUS, Language, Message, number_text

SCALES = (
    (1e12, Message("IDR {amount} trillion")),
    (1e9, Message("IDR {amount} billion")),
    (1e6, Message("IDR {amount} million")),
)


@dataclass(frozen=True, slots=True)
class Rupiah:
    """An amount of rupiah that says itself in either language.

    Attributes
    ----------
    amount
        Rupiah; NaN is written as a dash.

    Examples
    --------
    >>> Rupiah(1_250_000).text("id"), Rupiah(475_000).text("id"), Rupiah(475_000).text("en")
    ('Rp1,25 juta', 'Rp475.000', 'IDR 475,000')
    """

    amount: float

    def text(self, language: Language) -> str:
        """Return the amount: in full below a million, in millions and up above."""
        if math.isnan(self.amount):
            return "–"
        if self.amount < 0:
            return f"{MINUS}{Rupiah(-self.amount).text(language)}"
        for size, message in SCALES:
            # What rounds up to the next scale is written in it.
            if self.amount >= size * 0.9999995:
                amount = number_text(self.amount / size, language)
                return Message(message.template, {"amount": amount}).text(language)
        return Message("IDR {amount}", {"amount": number_text(self.amount, language, 0)}).text(language)
