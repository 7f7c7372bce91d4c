"""Places for visitors with a kernel of their own, and the line of those who wait for one."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from itertools import takewhile
from types import TracebackType
from typing import Self

REFRESH_S = 10.0
# In refreshes: who is late holds nobody up, and who is later still has lost their turn.
LATE, GONE = 1.5, 4.0
LONGEST_LINE = 10_000


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
    """Who waits, first come first served.

    Parameters
    ----------
    refresh_s
        After how many seconds whoever waits is expected to ask again.
    clock
        Seconds; replaced in tests.

    Notes
    -----
    Only whoever asks again keeps standing, so tickets that were taken and thrown away hold nobody up for
    longer than one refresh and a half; and whoever comes later stands behind, however many they are.

    Examples
    --------
    >>> line = Line(clock=lambda: 0.0)
    >>> first = line.stand(None)
    >>> line.stand(None).n_before, line.stand(first.ticket).n_before
    (1, 0)
    """

    def __init__(self, refresh_s: float = REFRESH_S, clock: Callable[[], float] = time.monotonic) -> None:
        self.refresh_s, self._clock = refresh_s, clock
        self._seen: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        """How many stand, as far as one knows."""
        self._forget()
        late = self._clock() - LATE * self.refresh_s
        return sum(seen >= late for seen in self._seen.values())

    def before(self, ticket: str | None) -> int:
        """Return how many are to be served before somebody; all of them before one without a ticket."""
        self._forget()
        late = self._clock() - LATE * self.refresh_s
        ahead = takewhile(lambda entry: entry[0] != ticket, self._seen.items())
        return sum(seen >= late for _, seen in ahead)

    def stand(self, ticket: str | None) -> Waiting:
        """Let somebody stand, where they stood before if they did."""
        self._forget()
        if ticket is None or ticket not in self._seen:
            ticket = secrets.token_urlsafe(12)
        if ticket in self._seen or len(self._seen) < LONGEST_LINE:
            self._seen[ticket] = self._clock()
        return Waiting(ticket, self.before(ticket), max(1, len(self)))

    def _forget(self) -> None:
        gone = self._clock() - GONE * self.refresh_s
        for ticket in [ticket for ticket, seen in self._seen.items() if seen < gone]:
            del self._seen[ticket]

    def leave(self, ticket: str | None) -> None:
        """Let somebody go who stands no longer."""
        if ticket is not None:
            self._seen.pop(ticket, None)


@dataclass(eq=False)
class Place:
    """A place somebody has: until their kernel runs it is kept free for it, and then as long as it runs.

    Used in a ``with``; what has no kernel at its end is given back.
    """

    places: Places
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

    Attributes
    ----------
    most
        How many there are.
    running
        The kernels that run.
    line
        Who waits.

    Examples
    --------
    >>> running = set()
    >>> places = Places(1, running)
    >>> with places.take(None) as place:
    ...     place.kernel_id = "5e88"
    ...     running.add("5e88")
    >>> places.take(None).n_before
    0
    >>> running.clear()
    >>> len(places)
    0
    """

    most: int
    running: Container[str]
    line: Line = field(default_factory=Line)
    _taken: set[Place] = field(default_factory=set, init=False)

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

    def take(self, ticket: str | None) -> Place | Waiting:
        """Give somebody a place, unless all are taken or meant for those who came before.

        Parameters
        ----------
        ticket
            What they got when they asked before.
        """
        if self.n_free <= self.line.before(ticket):
            return self.line.stand(ticket)
        self.line.leave(ticket)
        place = Place(self)
        self._taken.add(place)
        return place

    def give_back(self, place: Place) -> None:
        """Take a place back that is not needed."""
        self._taken.discard(place)
