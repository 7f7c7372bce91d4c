"""The server gives back what visits leave behind."""

from __future__ import annotations

import asyncio
import gc
import platform
import subprocess
import sys
from functools import partial

import pytest
from awaiting import awaited
from tiny_server import APP, House, tiny_house
from weighed_server import weigh, weighed

from pk_research.apps.shell import memory

CIRCLES = """
import gc, psutil
from pk_research.apps.shell.memory import give_back, share_arenas
share_arenas()
resident_mib = lambda: psutil.Process().memory_info().rss / 2**20
gc.disable()  # as good as so in a process that has loaded much
before = resident_mib()
for _ in range(200_000):
    circle = [bytearray(600)]  # larger than what Python's own allocator keeps
    circle.append(circle)
del circle
full = resident_mib()
give_back()
print(before, full, resident_mib())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked to give memory back")
def test_circles_nobody_holds_go_back_to_the_system():
    said = subprocess.run([sys.executable, "-c", CIRCLES], capture_output=True, text=True, check=True)
    before_mib, full_mib, after_mib = map(float, said.stdout.split())
    assert full_mib - before_mib > 100
    assert after_mib - before_mib < 0.2 * (full_mib - before_mib)


def test_it_is_done_again_and_again(monkeypatch):
    given = []
    monkeypatch.setattr(memory, "EVERY_S", 0.01)

    async def serve_for_a_while() -> None:
        is_enough = asyncio.Event()

        def give_back() -> None:
            given.append(gc.get_freeze_count())
            if len(given) == 3:
                is_enough.set()

        monkeypatch.setattr(memory, "give_back", give_back)
        regularly = memory.give_back_regularly()
        await is_enough.wait()
        regularly.stop()

    awaited(asyncio.wait_for(serve_for_a_while(), 60))
    gc.unfreeze()
    assert min(given) > 0


def visit(house: House, n_times: int) -> None:
    for _ in range(n_times):
        visitor = house.visitor()
        visitor.close(visitor.ask(f"/{APP}").kernel)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc says how much it was asked for")
def test_a_kernel_leaves_no_log_of_its_own(tmp_path):
    file = tmp_path / "weight.json"
    with tiny_house(tmp_path, as_run=partial(weighed, file=file)) as house:
        visit(house, 3)
        before = weigh(house.process, file)
        visit(house, 6)
        assert weigh(house.process, file).n_loggers == before.n_loggers
