"""In which order the columns of a twin are drawn, and which of them belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pk_research.disclosure.synthetic.asked import condition
from pk_research.disclosure.synthetic.hints import choices_of

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic.learned import Table


def order_of(table: Table) -> tuple[str, ...]:
    """Return the columns in order: that of the codebook, but what a condition names before its question."""
    done, order = set[str](), list[str]()
    names = list(table.dataset.codebook.names)
    needs = {name: _needs(table, name) & set(names) - {name} for name in names}
    while names:
        ready = next((name for name in names if needs[name] <= done), names[0])
        names.remove(ready)
        done.add(ready)
        order.append(ready)
    return tuple(order)


def chosen_of(table: Table) -> frozenset[str]:
    """Return the columns that are choices of a question with several answers."""
    book = table.dataset.codebook
    return frozenset(
        one for name, part in table.parts.items() if part == "several" for one in choices_of(name, book)
    )


def before(name: str, order: tuple[str, ...], chosen: frozenset[str]) -> tuple[str, ...]:
    """Return the columns that are drawn before a column; choices of one question are drawn at once."""
    lead = lead_of(name) if name in chosen else name
    return tuple(one for one in order[: order.index(lead)] if one not in chosen or lead_of(one) != lead)


def lead_of(choice: str) -> str:
    """Return the question a choice belongs to.

    Examples
    --------
    >>> lead_of("crops__rice")
    'crops'
    """
    return choice.partition("__")[0]


def _needs(table: Table, name: str) -> set[str]:
    texts = [table.universe(name), table.hints.calculated.get(name, "")]
    needed = {one for text in texts if text and (found := condition(text)) for one in found[1]}
    if table.parts[name] == "choice":
        needed.add(lead_of(name))
    return needed
