"""The limits an assignment must keep, each by name, so that it can be dropped, priced and told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, get_args

from pk_research.language import Message
from pk_research.products.naming import called

if TYPE_CHECKING:
    from pk_research.products.assignment.problem import AssignmentProblem

Kind = Literal["every_village", "decree", "market", "least", "diversity", "material"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, order=True)
class Limit:
    """One limit.

    Attributes
    ----------
    kind
        ``every_village`` (it must get a product), ``decree``, ``market`` (tiers of a product),
        ``least`` (villages of a product taken up), ``diversity`` (of a kecamatan), ``material``.
    subject
        Code of the village or kecamatan, or id of the product or material.
    area
        Of a material: code of the area that holds it.

    Examples
    --------
    >>> Limit("market", "kecap").subject
    'kecap'
    """

    kind: Kind
    subject: str
    area: str = ""

    def words(self, problem: AssignmentProblem) -> Message:
        """Say the limit as it stands inside a sentence, with its numbers."""
        name = partial(called, names=problem.names)
        if self.kind == "every_village":
            return Message("{village} must get a product", {"village": name(self.subject)})
        if self.kind == "decree":
            product = name(problem.decrees[self.subject])
            return Message(
                "the decree that {village} makes {product}",
                {"village": name(self.subject), "product": product},
            )
        if self.kind == "least":
            return Message(
                "the least number of villages on {product} ({n})",
                {"n": problem.least_villages[self.subject], "product": name(self.subject)},
            )
        if self.kind == "diversity":
            return Message(
                "the limit of villages per product in {area} ({n})",
                {"n": problem.most_per_kecamatan[self.subject], "area": name(self.subject)},
            )
        if self.kind == "material":
            amount = problem.supplies[self.subject, self.area]
            return Message(
                "the {amount} of {material} in {area}",
                {"amount": amount, "material": name(self.subject), "area": name(self.area)},
            )
        return Message("the size of the market for {product}", {"product": name(self.subject)})


def kind_words(kind: Kind) -> Message:
    """Say all limits of a kind together, as they stand inside a sentence."""
    return {
        "every_village": Message("that every village must get a product"),
        "decree": Message("all decrees together"),
        "market": Message("the size of all markets together"),
        "least": Message("all least numbers of villages together"),
        "diversity": Message("all limits of villages per product in a kecamatan together"),
        "material": Message("all amounts of raw material together"),
    }[kind]
