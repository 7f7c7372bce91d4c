"""Visitors come and go for minutes while kernels are killed: nobody meets an error that stays.

``PK_SOAK_VISITORS=50 PK_SOAK_MINUTES=20 pytest tests/test_soak.py`` for the long one.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import re
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from ipaddress import ip_network
from pathlib import Path

import psutil
import pytest
from awaiting import awaited
from kernel_processes import kernels_below
from ports import free_port
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClosedError, websocket_connect
from weighed_server import Weight, weigh, weighed

from pk_research import sample
from pk_research.apps.serve import write_first_pages
from pk_research.settings import Settings
from pk_research.store import open_store
from pk_research.workbench import apps_server, serve
from pk_research.workbench.ports import holder_of

VISITORS = int(os.environ.get("PK_SOAK_VISITORS", "10"))
MINUTES = float(os.environ.get("PK_SOAK_MINUTES", "2"))
PLACES = 5
APPS = ("findings", "policy", "products", "programme")  # each has a kernel preheated
# How often somebody loads a page again before they give up, waiting pages not counted.
PATIENCE = 8
# What the server itself may have grown by, in MiB: caches fill, and between what stays there are gaps. What
# it keeps of the line to a page is let go a minute after.
GROWTH_MIB, REST_S = 60, 70
# After the first visits have filled its caches, what it holds may grow by so much and no more.
WARM_MINUTES, HELD_MIB, HELD_BLOCKS = 1, 3, 1.03

pytestmark = pytest.mark.slow


@dataclass
class Soaked:
    """The server, and what its visitors met."""

    port: int
    weight: Path
    until: float = 0.0
    met: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    most_reloads: int = 0
    longest_wait_s: float = 0.0

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(holder_of(self.port).pid)

    def kernels(self) -> list[psutil.Process]:
        return kernels_below(self.process)

    def resident_mib(self) -> float:
        return self.process.memory_info().rss / 2**20

    def rested(self) -> Weight:
        """What the server holds once nobody is there and nothing of those who were."""
        gc.collect()  # lines that visitors had not done with when their time was up are closed by it
        until_only_the_preheated_are_left(self)
        time.sleep(REST_S)
        return weigh(self.process, self.weight)


class Visitor:
    """A browser of somebody at an address of their own, behind the proxy."""

    def __init__(self, soaked: Soaked, number: int) -> None:
        self.soaked, self.dice = soaked, random.Random(number)
        self.address = f"198.51.100.{number}"
        self.cookies: dict[str, str] = {}
        self.client = AsyncHTTPClient(force_instance=True)

    async def ask(self, path: str, method: str = "GET", **options) -> HTTPResponse:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"X-Forwarded-For": self.address, "Cookie": cookies, **options.pop("headers", {})}
        address = f"http://127.0.0.1:{self.soaked.port}{path}"
        request = HTTPRequest(address, method, headers=headers, request_timeout=60, **options)
        try:
            answer = await self.client.fetch(request, raise_error=False)
        except HTTPError as error:  # it took too long, or was broken off
            self.soaked.troubles.append(f"{path}: {error}")
            return HTTPResponse(request, 599, buffer=BytesIO())
        for line in answer.headers.get_list("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    async def stay(self) -> None:
        """Visit again and again until time is up."""
        while time.monotonic() < self.soaked.until:
            for path in ("/", "/survey", "/health"):
                answer = await self.ask(path)
                if answer.code != 200:
                    self.soaked.troubles.append(f"{path}: {answer.code}")
            await self.use(self.dice.choice(APPS))
            await asyncio.sleep(self.dice.uniform(0.5, 3))

    async def use(self, app: str) -> None:
        """Open an app and use it for a while; load it again as often as it is lost."""
        began, reloads = time.monotonic(), 0
        while reloads <= PATIENCE:
            answer = await self.ask(f"/{app}")
            if answer.code in {429, 503}:
                self.soaked.met[f"{answer.code}: asked to wait"] += 1
                await asyncio.sleep(float(answer.headers["Retry-After"]))
                if time.monotonic() > self.soaked.until:
                    return
                continue
            kernel = re.search(r'kernelId":\s*"([0-9a-f-]{36})', answer.body.decode())
            if answer.code == 200 and kernel and await self.hold(kernel[1]):
                self.soaked.met["apps used"] += 1
                self.soaked.most_reloads = max(self.soaked.most_reloads, reloads)
                self.soaked.longest_wait_s = max(self.soaked.longest_wait_s, time.monotonic() - began)
                return
            if answer.code != 200:
                self.soaked.troubles.append(f"/{app}: {answer.code}")
            self.soaked.met["apps lost and loaded again"] += 1
            reloads += 1
        self.soaked.troubles.append(f"/{app}: given up after {reloads} pages without a kernel")

    async def hold(self, kernel: str) -> bool:
        """Use a kernel, then close its page; False where it was lost meanwhile."""
        address = f"ws://127.0.0.1:{self.soaked.port}/api/kernels/{kernel}/channels"
        headers = {"X-Forwarded-For": self.address}
        try:
            line = await websocket_connect(HTTPRequest(address, headers=headers, request_timeout=30))
        except Exception as error:  # noqa: BLE001 - tornado's kinds for a line that is refused
            self.soaked.met[f"line refused: {type(error).__name__}"] += 1
            return False
        try:
            for _ in range(self.dice.randint(1, 4)):
                await asyncio.wait_for(answered(line), 20)
                await asyncio.sleep(self.dice.uniform(0.5, 2))
        except (OSError, TimeoutError, WebSocketClosedError):
            return False
        finally:
            line.close()
        token = {"X-XSRFToken": self.cookies["_xsrf"]}
        await self.ask(f"/voila/api/shutdown/{kernel}", "POST", body=b"", headers=token)
        return True


async def answered(line) -> None:
    """Ask a kernel how it is, and read until it says so."""
    header = {"msg_id": uuid.uuid4().hex, "username": "", "session": uuid.uuid4().hex, "version": "5.3",
              "msg_type": "kernel_info_request", "date": "2026-11-26T00:00:00Z"}  # fmt: skip
    asked = {"header": header, "parent_header": {}, "metadata": {}, "content": {}, "channel": "shell"}
    await line.write_message(json.dumps(asked))
    while True:
        said = await line.read_message()
        if said is None:
            raise ConnectionError("the line was closed")
        if json.loads(said)["msg_type"] == "kernel_info_reply":
            return


async def kill(soaked: Soaked, dice: random.Random) -> None:
    """Kill a kernel now and then."""
    while time.monotonic() < soaked.until:
        await asyncio.sleep(dice.uniform(3, 9))
        kernels = soaked.kernels()
        if kernels:
            with suppress(psutil.Error):
                dice.choice(kernels).kill()
                soaked.met["kernels killed"] += 1


async def soak(soaked: Soaked, minutes: float) -> None:
    soaked.until = time.monotonic() + 60 * minutes
    visitors = [Visitor(soaked, number) for number in range(1, VISITORS + 1)]
    await asyncio.gather(*(visitor.stay() for visitor in visitors), kill(soaked, random.Random(1)))


@pytest.fixture
def soaked(project, tmp_path) -> Iterator[Soaked]:
    settings = Settings(project, tmp_path, f"sqlite:///{tmp_path / 'store.sqlite'}", boundaries=None)
    settings = replace(settings, trusted_proxies=(ip_network("127.0.0.1"),), kernels=PLACES)
    store = open_store(settings.database_url)
    store.keep(sample.load_sample())
    write_first_pages(settings, store)
    server = apps_server(settings, ip="127.0.0.1", port=free_port())
    server = replace(server, command=[*server.command, "--AppsServer.refresh_s=2"])
    weight = tmp_path / "weight.json"
    with serve([weighed(server, weight)]):
        yield Soaked(server.port, weight)


def until_only_the_preheated_are_left(soaked: Soaked) -> int:
    for _ in range(240):
        if (n := len(soaked.kernels())) == len(APPS):
            break
        time.sleep(0.5)
    return n


def test_nobody_meets_an_error_that_stays(soaked, capsys):
    until_only_the_preheated_are_left(soaked)
    time.sleep(5)
    before_mib = soaked.resident_mib()
    awaited(soak(soaked, WARM_MINUTES))
    warm = soaked.rested()
    awaited(soak(soaked, MINUTES))
    n_left = until_only_the_preheated_are_left(soaked)
    held = soaked.rested()
    after_mib = soaked.resident_mib()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{VISITORS} visitors, {WARM_MINUTES} + {MINUTES:g} minutes, {PLACES} places: "
            f"{dict(soaked.met)}; "
            f"at most {soaked.most_reloads} reloads and {soaked.longest_wait_s:.0f} s until an app was used; "
            f"server {before_mib:.0f} MiB before, {after_mib:.0f} MiB after, {n_left} kernels left; "
            f"it held, after the first minute and at the end, {warm} and {held}\n"
        )
    assert soaked.troubles == []
    assert soaked.met["apps used"] >= VISITORS
    assert soaked.met["kernels killed"] > 0
    assert n_left == len(APPS)
    assert after_mib - before_mib < GROWTH_MIB
    assert held.in_use_mib - warm.in_use_mib < HELD_MIB
    assert held.n_blocks < HELD_BLOCKS * warm.n_blocks
    assert (held.n_loggers, held.n_lines) == (warm.n_loggers, 0)
