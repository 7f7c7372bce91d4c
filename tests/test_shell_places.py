"""Places and the line for them, where many come from one address and few from others.

One address may be a village behind one connection, an office, or one who wants every place. Whoever stands in
line for one is served in turn, address by address; with one address only, first come is first served.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from awaiting import awaited
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_server import APP, Answer, House, Visitor, tiny_house
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from pk_research.apps.shell.places import MOST_PASSED, REFRESH_S, Line, Place, Places, Waiting

# Rules


@dataclass
class Hall:
    """Places whose kernels are numbers, and a clock that stands unless it is told to go on."""

    most: int
    now: float = 0.0
    running: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = Places(self.most, self.running, Line(clock=lambda: self.now), lambda: self.now)
        self.n = 0

    def ask(self, address: str, ticket: str | None = None) -> Place | Waiting:
        taken = self.places.take(ticket, address)
        if isinstance(taken, Place):
            self.n += 1
            taken.kernel_id = str(self.n)
            self.running[taken.kernel_id] = address
        return taken

    def end(self, kernel: str | None = None) -> None:
        """Let a kernel end; that which began first where none is named."""
        del self.running[kernel or next(iter(self.running))]


addresses = st.lists(st.sampled_from("abcdef"), max_size=30)
sizes = st.integers(1, 8)


@settings(max_examples=60, deadline=None)
@given(sizes, addresses)
def test_nobody_is_refused_while_places_are_free(most, coming):
    hall = Hall(most)
    taken = [hall.ask(address) for address in coming]
    assert sum(isinstance(one, Place) for one in taken) == min(most, len(coming))


@settings(max_examples=60, deadline=None)
@given(sizes, addresses, st.data())
def test_of_one_address_whoever_came_first_is_served_first(most, coming, data):
    hall = Hall(most)
    waiting = {}
    for n, address in enumerate([*"a" * most, *coming]):
        if isinstance(taken := hall.ask(address), Waiting):
            waiting[n] = (address, taken.ticket)
    served: dict[str, list[int]] = {}
    while waiting:
        hall.end(data.draw(st.sampled_from(sorted(hall.running))))
        for n in data.draw(st.permutations(sorted(waiting))):
            address, ticket = waiting[n]
            if isinstance(hall.ask(address, ticket), Place):
                served.setdefault(address, []).append(n)
                del waiting[n]
    assert all(numbers == sorted(numbers) for numbers in served.values())


@settings(max_examples=60, deadline=None)
@given(sizes, st.integers(1, 30), st.data())
def test_with_one_address_the_line_is_served_in_the_order_in_which_it_came(most, n_coming, data):
    """As it is behind a proxy that is not trusted, where all have one address."""
    hall = Hall(most)
    tickets = [
        taken.ticket for _ in range(most + n_coming) if isinstance(taken := hall.ask("proxy"), Waiting)
    ]
    while tickets:
        n_free = data.draw(st.integers(1, len(hall.running)))
        for _ in range(n_free):
            hall.end()
        before = [hall.places.take(ticket, "proxy") for ticket in reversed(tickets[n_free:])]
        assert [waiting.n_before for waiting in before] == list(reversed(range(n_free, len(tickets))))
        assert all(isinstance(hall.ask("proxy", ticket), Place) for ticket in tickets[:n_free])
        assert hall.places.crowd("proxy") == {}
        tickets = tickets[n_free:]


@settings(max_examples=60, deadline=None)
@given(sizes, addresses, st.data())
def test_everybody_who_keeps_asking_gets_a_turn_however_many_come_from_elsewhere(most, coming, data):
    """Each time the kernel that began first ends, and somebody comes whose address has nothing.

    Some of the address of whoever keeps asking stay for ever, but not in half of the places.
    """
    hall = Hall(most)
    for _ in range(data.draw(st.integers(0, hall.places.half - 1))):
        hall.ask("a")
    for_ever = set(hall.running)
    while hall.places.n_free:
        hall.ask("f")
    waiting = {hall.ask(address).ticket: address for address in [*coming, "a"]}
    mine, bound = list(waiting)[-1], (most + MOST_PASSED + 1) * len(waiting)
    for n_round in range(bound):
        hall.end(next(kernel for kernel in hall.running if kernel not in for_ever))
        if isinstance(newcomer := hall.ask(f"new {n_round}"), Waiting):
            waiting[newcomer.ticket] = f"new {n_round}"
        for ticket in data.draw(st.permutations(sorted(waiting))):
            if isinstance(hall.ask(waiting[ticket], ticket), Place):
                del waiting[ticket]
        if mine not in waiting:
            return
    pytest.fail(f"not served in {bound} rounds")


def test_who_comes_from_an_address_without_places_is_served_before_a_crowd_that_waits_already():
    hall = Hall(4)
    crowd = [hall.ask("crowd") for _ in range(50)]
    others = {address: hall.ask(address).ticket for address in ("home", "village")}
    assert [hall.ask(address, ticket).n_before for address, ticket in others.items()] == [0, 1]
    for address, ticket in others.items():
        hall.end()
        assert isinstance(hall.ask("crowd", crowd[4].ticket), Waiting)
        assert isinstance(hall.ask(address, ticket), Place)
    hall.end()
    assert isinstance(hall.ask("crowd", crowd[4].ticket), Place)


def test_addresses_that_wait_take_turns():
    hall = Hall(1)
    hall.ask("x")
    waiting = {name: hall.ask(name[0]).ticket for name in ("a1", "a2", "a3", "b1", "c1", "b2")}
    order = {hall.ask(name[0], ticket).n_before: name for name, ticket in waiting.items()}
    assert [order[n] for n in range(6)] == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_a_stream_from_elsewhere_passes_nobody_over_more_than_three_times_in_a_row():
    hall = Hall(4)
    hall.ask("office")
    for address in "xyz":
        hall.ask(address)
    colleague = hall.ask("office").ticket
    served = []
    for n in range(4):
        hall.end(next(kernel for kernel, address in hall.running.items() if address != "office"))
        newcomer = hall.ask(f"new {n}")
        is_colleagues = isinstance(newcomer, Waiting) and isinstance(hall.ask("office", colleague), Place)
        served.append(is_colleagues)
    assert served == [False, False, False, True]


def test_an_address_with_half_of_the_places_gets_none_before_others():
    hall = Hall(4)
    for address in ["office", "office", "x", "y"]:
        hall.ask(address)
    colleague = hall.ask("office").ticket
    for n in range(12):
        hall.end(next(kernel for kernel, address in hall.running.items() if address != "office"))
        assert isinstance(hall.ask(f"new {n}"), Place)
        assert isinstance(hall.ask("office", colleague), Waiting)
    hall.end(next(kernel for kernel, address in hall.running.items() if address == "office"))
    assert isinstance(hall.ask("office", colleague), Place)


def test_a_crowd_is_an_address_with_more_than_half_while_another_waits():
    hall = Hall(4)
    for address in ["crowd", "crowd", "home", "crowd"]:
        hall.ask(address)
    hall.now += REFRESH_S
    assert hall.places.crowd("crowd") == {}
    assert hall.places.crowd("home") == {"1": REFRESH_S, "2": REFRESH_S, "4": REFRESH_S}
    hall.end("1")
    assert hall.places.crowd("home") == {}


# A running server

PLACES = 4
HASTY = [
    "--AppsServer.refresh_s=0.5",
    "--VisitorKernels.crowded_left_s=1",
    "--VisitorKernels.crowded_held_s=4",
]


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    with tiny_house(tmp_path_factory.mktemp("home"), options=HASTY, kernels=PLACES) as house:
        yield house


def until_opened(visitor: Visitor, *meanwhile: Visitor, tries: int = 60) -> Answer:
    for _ in range(tries):
        answer = visitor.ask(f"/{APP}")
        if answer.status == 200:
            return answer
        for other in meanwhile:
            assert other.ask(f"/{APP}").status == 503
        time.sleep(0.3)
    pytest.fail("nobody made room")


def states_of(holders: list[tuple[Visitor, str]]) -> Counter[tuple[int, str | None]]:
    """Count what the pages of kernels hear of them."""
    answers = [visitor.ask(f"/api/kernels/{kernel}") for visitor, kernel in holders]
    return Counter((answer.status, json.loads(answer.text).get("reason")) for answer in answers)


def leave(house: House, holders: list[tuple[Visitor, str]]) -> None:
    """Close pages, and wait until nobody stands in line any more."""
    for visitor, kernel in holders:
        visitor.close(kernel)
    while house.health()["waiting"]:
        time.sleep(0.2)


@pytest.mark.parametrize("crowd", [["203.0.113.5"] * 10, [f"2001:db8::{n}" for n in range(10)]])
def test_one_address_that_takes_every_place_is_left_with_half_when_others_come(house, crowd):
    visitors = [Visitor(house.port, address) for address in crowd]
    answers = [visitor.ask(f"/{APP}") for visitor in visitors]
    assert [answer.status for answer in answers] == [200] * PLACES + [503] * (10 - PLACES)
    holders = list(zip(visitors[:PLACES], [answer.kernel for answer in answers[:PLACES]], strict=True))
    in_line = visitors[PLACES:]
    time.sleep(1.5)
    assert {visitor.ask(f"/{APP}").status for visitor in in_line} == {503}  # nobody else waits: all are kept
    honest = [house.visitor(), house.visitor()]
    opened = [(visitor, until_opened(visitor, *in_line).kernel) for visitor in honest]
    assert states_of(holders) == Counter({(200, None): PLACES // 2, (404, "crowded"): PLACES - PLACES // 2})
    third = house.visitor()
    assert third.ask(f"/{APP}").status == 503  # half of the places is nobody's too much
    time.sleep(1.5)
    assert third.ask(f"/{APP}").status == 503
    leave(house, [*holders, *opened])


def test_one_address_that_keeps_every_place_busy_gives_them_back_one_by_one(house):
    holders = [
        (visitor, visitor.ask(f"/{APP}").kernel) for visitor in [Visitor(house.port, "203.0.113.9")] * 4
    ]
    honest = house.visitor()

    async def stay() -> Answer:
        channels = [f"ws://127.0.0.1:{house.port}/api/kernels/{kernel}/channels" for _, kernel in holders]
        asked = [HTTPRequest(address, headers={"X-Forwarded-For": "203.0.113.9"}) for address in channels]
        lines = [await websocket_connect(one) for one in asked]
        answer = await asyncio.to_thread(until_opened, honest)
        for line in lines:
            line.close()
        return answer

    answer = awaited(stay())
    assert states_of(holders) == {(200, None): PLACES - 1, (404, "crowded"): 1}
    leave(house, [*holders, (honest, answer.kernel)])
