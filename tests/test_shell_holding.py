"""What kernels hold of memory: one that holds too much is stopped, its visitor is told, and others go on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator

import pytest
from awaiting import awaited
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_server import APP, House, Visitor, tiny_house
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from pk_research.apps.capacity import KERNEL_BYTES, n_places, visitors_bytes
from pk_research.apps.shell.holding import FRESH_S, RESERVED_BYTES, Holdings, hold_down, too_large
from pk_research.settings import KERNEL_MIB, MIB, read_settings

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="what is a process's own is told on Linux")

# Who has to go

mib = st.integers(0, 4 * KERNEL_MIB)
kernels = st.dictionaries(st.text("abcdef", min_size=1), mib, max_size=20)


@settings(max_examples=60, deadline=None)
@given(kernels, mib, mib)
def test_what_is_left_keeps_to_both_bounds_and_nobody_goes_without_need(held, each, together):
    gone = too_large(held, each=each, together=together)
    left = {kernel: n for kernel, n in held.items() if kernel not in gone}
    assert all(n <= each for n in left.values())
    assert sum(left.values()) <= together
    for kernel in gone:
        assert held[kernel] > each or held[kernel] > together / len(held)
    if gone:
        last = gone[-1]
        assert held[last] > each or sum(left.values()) + held[last] > together


@pytest.mark.parametrize("gib", [2, 4, 24, 64])
def test_whoever_keeps_to_the_share_of_a_place_never_goes_whatever_others_do(gib):
    memory_bytes = gib * 1024 * MIB
    places = n_places(read_settings({}), memory_bytes=memory_bytes)
    held = {"honest": KERNEL_BYTES, **{str(n): KERNEL_MIB * MIB for n in range(places - 1)}}
    gone = too_large(held, each=KERNEL_MIB * MIB, together=visitors_bytes(memory_bytes=memory_bytes))
    assert gone
    assert "honest" not in gone


# What a process holds


HOARD = "import sys; kept = bytearray(int(sys.argv[1])); print(flush=True); sys.stdin.read()"


@contextlib.contextmanager
def hoarder(n_bytes: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOARD, str(n_bytes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process
        process.kill()


@linux_only
def test_memory_of_its_own_counts_and_what_is_shared_does_not():
    shared = bytearray(64 * MIB)
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    try:
        with hoarder(100 * MIB) as process:
            held = Holdings().look([process.pid, pid])
            assert 100 * MIB < held[process.pid] < 130 * MIB
            assert held[pid] < len(shared)
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


@linux_only
def test_growth_is_seen_at_once_and_who_has_ended_is_forgotten():
    now = [0.0]
    holdings = Holdings(clock=lambda: now[0])
    with hoarder(0) as small, hoarder(100 * MIB) as large:
        before = holdings.look([small.pid, large.pid])
        assert before == holdings.look([small.pid, large.pid])
        now[0] += FRESH_S
        assert before[large.pid] == pytest.approx(holdings.look([large.pid])[large.pid], rel=0.1)
    assert holdings.look([small.pid, large.pid]) == {}


@linux_only
def test_the_system_itself_refuses_what_is_far_beyond_the_bound():
    grow = (
        "import sys; sys.stdin.readline(); kept = []\n"
        "try:\n"
        "    while len(kept) < 4096: kept.append(bytearray(1 << 20))\n"
        "except MemoryError: n = len(kept); kept.clear(); print(n)"
    )
    with subprocess.Popen([sys.executable, "-c", grow], stdin=-1, stdout=-1) as process:
        hold_down(process.pid, 32 * MIB)
        said, _ = process.communicate(b"\n")
    assert 32 < int(said) <= 64 + RESERVED_BYTES // MIB
    hold_down(process.pid, MIB)  # of something that has ended, nothing comes


# A running server

CODE = """
import ipywidgets as widgets

from pk_research.apps.live import live

live("pelan", lambda settings, store: widgets.IntSlider(value=1, min=0, max=5))
"""
PLACES = 3
# One after the other: along each may come what makes the kernel hold 120 MiB more.
LINES = 6
# Kernels that had to start by themselves hold 90 MiB each.
BOUNDS = {
    "each": {"kernel_mib": 160},
    "all together": {"options": [f"--VisitorKernels.together_bytes={450 * MIB}"]},
}


@pytest.fixture(scope="module", params=BOUNDS)
def house(request, tmp_path_factory) -> Iterator[House]:
    if sys.platform != "linux":
        pytest.skip("what is a process's own is told on Linux")
    home = tmp_path_factory.mktemp("home")
    with tiny_house(home, CODE, kernels=PLACES, **BOUNDS[request.param]) as house:
        yield house


async def line_to(house: House, visitor: Visitor, kernel: str) -> WebSocketClientConnection:
    address = f"ws://127.0.0.1:{house.port}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
    headers = {"X-Forwarded-For": visitor.address}
    return await websocket_connect(HTTPRequest(address, headers=headers, request_timeout=60))


def forged_text(n_letters: int) -> str:
    """Return the message by which a page would let its kernel make, and keep, a field with a long text."""
    model = {"_model_module": "@jupyter-widgets/controls", "_model_module_version": "2.0.0",
             "_model_name": "TextModel", "_view_module": "@jupyter-widgets/controls",
             "_view_module_version": "2.0.0", "_view_name": "TextView"}  # fmt: skip
    # one letter beyond the plainest has each of them take four bytes
    state = {**model, "value": "\N{GRINNING FACE}" + "x" * n_letters}
    header = {"msg_id": uuid.uuid4().hex, "username": "", "session": "s", "msg_type": "comm_open",
              "version": "5.3", "date": "2026-11-27T00:00:00Z"}  # fmt: skip
    content = {"comm_id": uuid.uuid4().hex, "target_name": "jupyter.widget", "data": {"state": state}}
    return json.dumps(
        {
            "header": header, "parent_header": {}, "metadata": {"version": "2.1.0"}, "content": content,
            "buffers": [], "channel": "shell",
        }
    )  # fmt: skip


async def flood(house: House, visitor: Visitor, kernel: str) -> None:
    """Send such messages until nobody takes them."""
    with contextlib.suppress(WebSocketClosedError, HTTPClientError):
        line = await line_to(house, visitor, kernel)
        for _ in range(30):
            await line.write_message(forged_text(MIB))
            await asyncio.sleep(0.05)
        line.close()


def state_of(visitor: Visitor, kernel: str) -> tuple[int, str | None]:
    answer = visitor.ask(f"/api/kernels/{kernel}")
    return answer.status, json.loads(answer.text).get("reason")


def test_a_flood_that_fills_memory_ends_that_kernel_only_and_its_visitor_is_told(house):
    *others, flooder = [house.visitor() for _ in range(PLACES)]
    held = {visitor.address: visitor.ask(f"/{APP}").kernel for visitor in (*others, flooder)}
    assert house.health()["kernels"]["in_use"] == PLACES
    kernel = held[flooder.address]
    for _ in range(LINES):
        awaited(flood(house, flooder, kernel))
    deadline = time.monotonic() + 60
    while state_of(flooder, kernel)[0] == 200:
        assert time.monotonic() < deadline, "a kernel that was flooded goes on"
        time.sleep(0.1)
    assert state_of(flooder, kernel) == (404, "outgrown")
    assert {state_of(visitor, held[visitor.address])[0] for visitor in others} == {200}
    assert house.health()["kernels"]["in_use"] == PLACES - 1
    [line] = [line for line in house.logs.splitlines() if "MiB of memory and is stopped" in line]
    assert not any(private in line for private in (kernel, flooder.address))
    again = flooder.ask(f"/{APP}")
    assert (again.status, again.kernel is None) == (200, False)
    for visitor, kernel in [*((one, held[one.address]) for one in others), (flooder, again.kernel)]:
        visitor.close(kernel)


def test_of_a_kernel_that_was_never_there_no_reason_is_told(house):
    assert state_of(house.visitor(), str(uuid.uuid4()))[1] is None
