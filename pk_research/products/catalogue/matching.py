"""Which product of the list a written name means. Rapidfuzz measures; a person decides where it is in doubt.

Likeness is 100 times the optimal-string-alignment similarity of two keys (`names.product_key`). It is
an answer only when it reaches ``ENOUGH``, leads the next product by ``LEAD``, and the name is long
enough for one wrong letter not to make another word of it. A name that holds the words of a known one
and more ("keripik tempe" holds "tempe") may be that product, and is in doubt. Both figures were chosen
on damaged names (``tests/benchmarks``): at 80 more names are answered, but a storehouse (*gudang*)
becomes shrimp (*udang*).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pk_research.errors import BadInput, Problem
from pk_research.products.catalogue.known import Product
from pk_research.products.catalogue.names import product_key, without_persons
from pk_research.products.words import some

ENOUGH = 85.0
LEAD = 10.0
SHORTEST = 5
SHOWN = 60.0
SHOWN_AT_MOST = 3

How = Literal["name", "spelling", "decision", "in doubt", "unknown"]


@dataclass(frozen=True, slots=True)
class NameMatch:
    """What the list says to one written name.

    Attributes
    ----------
    written
        The name, without persons and telephone numbers.
    how
        ``"name"`` (a known name, spelling and order aside), ``"spelling"`` (nearly one),
        ``"decision"`` (a person's), ``"in doubt"``, ``"unknown"``.
    product
        The product; None where a person must decide, or decided that it is none.
    hits
        Products it may be with their likeness, 0 to 100, best first.
    """

    written: str
    how: How
    product: str | None
    hits: tuple[tuple[str, float], ...]


def match_products(
    names: Sequence[str], known: Mapping[str, Product], *, decisions: Mapping[str, str | None] | None = None
) -> list[NameMatch]:
    """Look names of products up in a list.

    Parameters
    ----------
    names
        As written.
    known
        The list.
    decisions
        Written name -> product, or None for a name that is no product: what persons decided.
        Spelling aside, a decision holds for every writing of the name.

    Returns
    -------
    list of NameMatch
        One for each name, in order.

    Raises
    ------
    BadInput
        When names are one text or no texts, a decision names a product that the list does not have, or
        two writings of one name were decided differently.

    Examples
    --------
    >>> from pk_research.products.catalogue.known import known_products
    >>> found = match_products(["Krupuk", "telor asinn", "keripik tempe"], known_products())
    >>> [(match.how, match.product) for match in found]
    [('name', 'crackers'), ('spelling', 'salted_eggs'), ('in doubt', None)]
    """
    problems = [*_wrong_names(names), *wrong_decisions(decisions or {}, known)]
    if problems:
        raise BadInput(problems)
    keys = {
        product_key(alias): product.product
        for product in known.values()
        for alias in (product.name.label_id, *product.aliases)
    }
    decided = _by_key(decisions or {})
    return [_match(without_persons(name), keys, decided) for name in names]


def wrong_decisions(decisions: Mapping[str, str | None], known: Mapping[str, Product]) -> list[Problem]:
    """Return the problems of decisions for products that the list does not have."""
    return [
        Problem(
            f"decision on {name!r}",
            f"the list has no product {product!r}",
            "Add it to the list, or correct it.",
        )
        for name, product in decisions.items()
        if product is not None and product not in known
    ]


def _wrong_names(names: object) -> list[Problem]:
    if isinstance(names, str):
        return [Problem("names", f"it is one text, {names!r}", f"Give [{names!r}].")]
    wrong = [n for n, name in enumerate(names, start=1) if not isinstance(name, str)]  # type: ignore[arg-type, var-annotated]
    if not wrong:
        return []
    return [Problem(f"names, row {some(wrong)}", "there is no text", "Leave those without a name out.")]


def _by_key(decisions: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return decisions by key; writings of one name that were decided differently are refused."""
    decided: dict[str, str | None] = {}
    first: dict[str, str] = {}
    problems = []
    for name, product in decisions.items():
        key = product_key(without_persons(name))
        if decided.setdefault(key, product) != product:
            problems.append(
                Problem(
                    f"decisions on {first[key]!r} and {name!r}",
                    f"they are one name, but decided as {decided[key]!r} and {product!r}",
                    "Keep one of them.",
                )
            )
        first.setdefault(key, name)
    if problems:
        raise BadInput(problems)
    return decided


def _match(written: str, keys: Mapping[str, str], decided: Mapping[str, str | None]) -> NameMatch:
    key = product_key(written)
    if key in decided:
        return NameMatch(written, "decision", decided[key], ())
    if key in keys:
        return NameMatch(written, "name", keys[key], ((keys[key], 100.0),))
    hits = _hits(key, keys)
    if _is_sure(key, hits):
        return NameMatch(written, "spelling", hits[0][0], hits)
    return NameMatch(written, "in doubt" if hits else "unknown", None, hits)


def _hits(key: str, keys: Mapping[str, str]) -> tuple[tuple[str, float], ...]:
    from rapidfuzz.distance import OSA

    best: dict[str, float] = {}
    words = set(key.split())
    for other, product in keys.items():
        likeness = 100 * OSA.normalized_similarity(key, other)
        if words > set(other.split()):
            likeness = max(likeness, SHOWN)
        best[product] = max(best.get(product, 0.0), likeness)
    order = sorted((item for item in best.items() if item[1] >= SHOWN), key=lambda item: (-item[1], item[0]))
    return tuple((product, round(likeness, 1)) for product, likeness in order[:SHOWN_AT_MOST])


def _is_sure(key: str, hits: Sequence[tuple[str, float]]) -> bool:
    if not hits or len(key) < SHORTEST:
        return False
    second = hits[1][1] if len(hits) > 1 else 0.0
    return hits[0][1] >= ENOUGH and hits[0][1] - second >= LEAD
