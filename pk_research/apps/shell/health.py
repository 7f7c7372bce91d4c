"""Whether the server is well, for those who watch over it: a container, a proxy, a monitor."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pk_research import __version__
from pk_research.apps.shell.gate import Traffic
from pk_research.apps.shell.places import Places
from pk_research.apps.survey.plain import Plain
from pk_research.errors import PkError
from pk_research.store import Store

FRESH_S = 2.0
PATIENCE_S = 3.0


@dataclass
class Health:
    """What can be said of the server without asking anybody who visits.

    Attributes
    ----------
    store
        What has to answer.
    places
        Places for visitors with a kernel.
    traffic
        Says whether the server is about to stop.
    """

    store: Store
    places: Places
    traffic: Traffic
    clock: Callable[[], float] = time.monotonic
    _looked: tuple[float, bool] | None = field(default=None, init=False)
    _look: asyncio.Task[bool] | None = field(default=None, init=False)

    async def state(self) -> dict[str, object]:
        """Return what is so now; the store is asked at most every two seconds, however many ask."""
        is_reachable = await self._is_store_reachable()
        return {
            "live": True,
            "ready": is_reachable and not self.traffic.is_leaving,
            "store": "reachable" if is_reachable else "not reachable",
            "kernels": {"in_use": len(self.places), "cap": self.places.most},
            "waiting": len(self.places.line),
            "version": __version__,
        }

    async def _is_store_reachable(self) -> bool:
        if self._looked is not None and self.clock() - self._looked[0] < FRESH_S:
            return self._looked[1]
        if self._look is None or self._look.done():
            self._look = asyncio.ensure_future(self._ask())
        try:
            found = await asyncio.wait_for(asyncio.shield(self._look), PATIENCE_S)
        except TimeoutError:
            found = False
        self._looked = (self.clock(), found)
        return found

    async def _ask(self) -> bool:
        def answers() -> bool:
            try:
                self.store.ping()
            except PkError:
                return False
            return True

        return await asyncio.get_running_loop().run_in_executor(None, answers)


class HealthPage(Plain):
    """Says how the server is: 200 when it is ready, 503 when it is not.

    It costs nothing of what an address may ask: behind a proxy that is not trusted all visitors have one
    address, and the server must not seem dead because they are many.
    """

    cost = 0

    def initialize(self, health: Health) -> None:
        """Take what there is to say."""
        self.health = health

    async def get(self) -> None:
        """Answer with JSON that names no place, no path and nobody."""
        state = await self.health.state()
        self.set_status(200 if state["ready"] else 503)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(state))

    async def head(self) -> None:
        """Answer with the status alone."""
        await self.get()
