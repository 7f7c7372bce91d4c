"""Places for visitors with a kernel of their own, and the line of those who wait for one."""

from __future__ import annotations

import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

REFRESH_S = 10.0
# In refreshes: who is late holds nobody up, and who is later still has lost their turn.
LATE, GONE = 1.5, 4.0
LONGEST_LINE = 10_000
# How often in a row somebody may be served before whoever has stood longest.
MOST_PASSED = 3
NEW = ""
"""The ticket of who has none."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits.

    Attributes
    ----------
    ticket
        What they show when they ask again.
    n_before
        How many wait that came before.
    n_waiting
        How many wait in all, this one included.
    """

    ticket: str
    n_before: int
    n_waiting: int


class Line:
    """Who waits, in the order in which they came.

    Parameters
    ----------
    refresh_s
        After how many seconds whoever waits is expected to ask again.
    clock
        Seconds; replaced in tests.

    Notes
    -----
    Only whoever asks again keeps standing, so tickets that were taken and thrown away hold nobody up for
    longer than one refresh and a half.

    Examples
    --------
    >>> line = Line(clock=lambda: 0.0)
    >>> first, second = line.stand(None, "192.0.2.1"), line.stand(None, "192.0.2.9")
    >>> line.stand(first, "192.0.2.1") == first, list(line.standing().values())
    (True, ['192.0.2.1', '192.0.2.9'])
    """

    def __init__(self, refresh_s: float = REFRESH_S, clock: Callable[[], float] = time.monotonic) -> None:
        self.refresh_s, self._clock = refresh_s, clock
        self._seen: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def __len__(self) -> int:
        """How many stand, as far as one knows."""
        return len(self.standing())

    def __contains__(self, ticket: object) -> bool:
        """Whether somebody has a place in it, be they late."""
        self._forget()
        return ticket in self._seen

    def standing(self, asking: str | None = None) -> dict[str, str]:
        """Return the address of each who stands, by ticket; of those who are late only whoever is asking."""
        self._forget()
        late = self._clock() - LATE * self.refresh_s
        seen = self._seen.items()
        return {ticket: address for ticket, (address, at) in seen if at >= late or ticket == asking}

    def stand(self, ticket: str | None, address: str) -> str:
        """Let somebody stand, where they stood before if they did; return the ticket they show next time."""
        self._forget()
        if ticket is None or ticket not in self._seen:
            ticket = secrets.token_urlsafe(12)
        if ticket in self._seen or len(self._seen) < LONGEST_LINE:
            self._seen[ticket] = (address, self._clock())
        return ticket

    def _forget(self) -> None:
        gone = self._clock() - GONE * self.refresh_s
        for ticket in [ticket for ticket, (_, at) in self._seen.items() if at < gone]:
            del self._seen[ticket]

    def leave(self, ticket: str | None) -> None:
        """Let somebody go who stands no longer."""
        if ticket is not None:
            self._seen.pop(ticket, None)


def in_turn(standing: Mapping[str, str], held: Mapping[str, int], *, first: str | None = None) -> list[str]:
    """Return who waits in the order in which they are to be served.

    Parameters
    ----------
    standing
        The address of each by ticket, in the order in which they came.
    held
        How many places an address has.
    first
        Who is served before all others.

    Notes
    -----
    Each has before them the places that their address has and those of it who came earlier. Whoever has
    fewest is served first; of those who have equally many, whoever came first.

    Examples
    --------
    >>> in_turn({"a": "office", "b": "office", "c": "home"}, {"office": 1})
    ['c', 'a', 'b']
    """
    before, turns = Counter(held), {}
    for ticket, address in standing.items():
        turns[ticket] = before[address]
        before[address] += 1
    return sorted(turns, key=lambda ticket: (ticket != first, turns[ticket]))


@dataclass(eq=False)
class Place:
    """A place somebody has: until their kernel runs it is kept free for it, and then as long as it runs.

    Used in a ``with``; what has no kernel at its end is given back.
    """

    places: Places
    address: str
    since_s: float
    kernel_id: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.kernel_id is None:
            self.places.give_back(self)


@dataclass
class Places:
    """A number of places, each for one visitor's kernel.

    While some are free nobody is refused, wherever they come from. One address may be a village, an office,
    or one who wants everything; so while somebody waits, places come to addresses `in_turn`. That could pass
    the same person over again and again where many come from elsewhere: after three such turns it is that of
    whoever has stood longest, unless their address has half of the places.

    Attributes
    ----------
    most
        How many there are.
    running
        The kernels that run.
    line
        Who waits.
    clock
        Seconds; replaced in tests.

    Examples
    --------
    >>> running = set()
    >>> places = Places(1, running)
    >>> with places.take(None, "192.0.2.1") as place:
    ...     place.kernel_id = "5e88"
    ...     running.add("5e88")
    >>> places.take(None, "192.0.2.9").n_before
    0
    >>> running.clear()
    >>> len(places)
    0
    """

    most: int
    running: Container[str]
    line: Line = field(default_factory=Line)
    clock: Callable[[], float] = time.monotonic
    _taken: set[Place] = field(default_factory=set, init=False)
    _n_passed: int = field(default=0, init=False)

    def __len__(self) -> int:
        """How many are taken."""
        self._taken = {
            place for place in self._taken if place.kernel_id is None or place.kernel_id in self.running
        }
        return len(self._taken)

    @property
    def n_free(self) -> int:
        """How many nobody has."""
        return max(0, self.most - len(self))

    @property
    def half(self) -> int:
        """How many are half of them."""
        return max(1, self.most // 2)

    def take(self, ticket: str | None, address: str) -> Place | Waiting:
        """Give somebody a place, unless all are taken or meant for those whose turn comes before.

        Parameters
        ----------
        ticket
            What they got when they asked before.
        address
            Where they come from.
        """
        held = self._held()
        longest = self._stood_longest(held)
        n_before = self._n_before(ticket, address, held, longest)
        if self.n_free <= n_before:
            ticket = self.line.stand(ticket, address)
            return Waiting(ticket, n_before, max(1, len(self.line)))
        self._n_passed = 0 if longest in {None, ticket} else self._n_passed + 1
        self.line.leave(ticket)
        place = Place(self, address, self.clock())
        self._taken.add(place)
        return place

    def crowd(self, address: str) -> dict[str, float]:
        """Return the kernels of another address that has more than half of the places.

        Parameters
        ----------
        address
            That of somebody who waits.

        Returns
        -------
        dict
            For how many seconds each kernel has been held; nothing where no address has so many.
        """
        crowded = {other for other, n in self._held().items() if n > self.half and other != address}
        now = self.clock()
        return {
            place.kernel_id: now - place.since_s
            for place in self._taken
            if place.address in crowded and place.kernel_id is not None
        }

    def _held(self) -> Counter[str]:
        len(self)  # forgets places whose kernel has ended
        return Counter(place.address for place in self._taken)

    def _stood_longest(self, held: Counter[str]) -> str | None:
        standing = self.line.standing().items()
        return next((ticket for ticket, address in standing if held[address] < self.half), None)

    def _n_before(self, ticket: str | None, address: str, held: Counter[str], longest: str | None) -> int:
        """Return how many are to be served before somebody; who has no ticket yet stands at the end."""
        asking = ticket if ticket is not None and ticket in self.line else NEW
        standing = {**self.line.standing(asking), asking: address}
        first = longest if self._n_passed >= MOST_PASSED else None
        return in_turn(standing, held, first=first).index(asking)

    def give_back(self, place: Place) -> None:
        """Take a place back that is not needed."""
        self._taken.discard(place)
