"""The criteria Bank Indonesia's studies weigh, by the names the tables use."""

from __future__ import annotations

from pk_research.language import Language, Message

IN_KECAMATAN = {
    "enterprises": Message("Number of enterprises"),
    "market_reach": Message("Market reach"),
    "contribution": Message("Contribution to the local economy"),
    "local_material": Message("Local raw material"),
}
"""What candidates are scored on in each kecamatan."""
IN_REGENCY = {
    "skilled_labour": Message("Skilled labour"),
    "raw_material": Message("Raw material"),
    "capital": Message("Capital"),
    "production_means": Message("Production means"),
    "technology": Message("Technology"),
    "socio_culture": Message("Socio-culture"),
    "management": Message("Management"),
    "market": Message("Market"),
    "price": Message("Price"),
    "labour_absorption": Message("Labour absorption"),
    "economic_contribution": Message("Contribution to the economy"),
}
"""What an experts' panel weighs for the whole regency; leave out or add as the panel wishes."""
_NAMES = {**IN_KECAMATAN, **IN_REGENCY}


def criterion_name(criterion: str, language: Language) -> str:
    """Return what people call a criterion; its own name where it is none of Bank Indonesia's.

    Examples
    --------
    >>> criterion_name("market", "en"), criterion_name("halal", "en")
    ('Market', 'halal')
    """
    return _NAMES[criterion].text(language) if criterion in _NAMES else criterion


def is_of_bank_indonesia(criterion: str) -> bool:
    """Tell whether a criterion has a name in both languages here.

    Examples
    --------
    >>> is_of_bank_indonesia("market"), is_of_bank_indonesia("halal")
    (True, False)
    """
    return criterion in _NAMES
