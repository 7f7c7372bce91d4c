"""The criteria Bank Indonesia's studies weigh, by the names the tables use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pk_research.codebook import Label
from pk_research.errors import Problem
from pk_research.language import LANGUAGES, Language, Message

Names = Mapping[str, Mapping[Language, str]]

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


def criterion_label(criterion: str, names: Names | None = None) -> Label:
    """Return a criterion as it says itself in either language: by the name given, else its own.

    Examples
    --------
    >>> criterion_label("halal", {"halal": {"id": "Kehalalan", "en": "Halal"}}).text("id")
    'Kehalalan'
    """
    if names and criterion in names:
        return Label(criterion, names[criterion]["id"], names[criterion]["en"])
    return Label(criterion, criterion_name(criterion, "id"), criterion_name(criterion, "en"))


def name_faults(criteria: Collection[str], names: Names, *, needed: bool) -> Iterator[Problem]:
    """List criteria whose name lacks a language, and names of what is no criterion.

    Parameters
    ----------
    criteria
        Codes.
    names
        By code.
    needed
        Whether criteria that are none of Bank Indonesia's need a name.
    """
    for code in dict.fromkeys(criteria):
        if code not in names and not (needed and code not in _NAMES):
            continue
        lacking = [language for language in LANGUAGES if not names.get(code, {}).get(language, "").strip()]
        if lacking:
            yield Problem(
                f"criterion {code!r}",
                f"it has no name for people in: {', '.join(lacking)}",
                f"Give names={{{code!r}: {{'id': ..., 'en': ...}}}}.",
            )
    for code in names:
        if code not in criteria:
            yield Problem(f"names, {code!r}", "no criterion has this code", "Correct it or leave it out.")
