"""The kernels of the server: none is revived without its app, none is kept for somebody who has gone."""

from __future__ import annotations

import asyncio
import hmac
import sys
import time
from collections import Counter, OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import Float, Int, List, Unicode
from voila.request_info_handler import RequestInfoSocketHandler

from pk_research.apps.shell.forking import WarmProcess, can_fork
from pk_research.apps.shell.holding import Holdings, too_large
from pk_research.settings import KERNEL_MIB, MIB

STOP_S = 5.0
# Why a kernel was stopped, for the page that asks what became of its own: it held too much memory, or its
# address had too many while others waited. So many are remembered.
OUTGROWN, CROWDED = "outgrown", "crowded"
MOST_REMEMBERED = 1000
_Kernels: Any = AsyncMappingKernelManager  # typed in parts only, and not as it is used


class VisitorKernels(_Kernels):  # type: ignore[misc]
    """Kernels that are visited through a page, to be Voila's manager of kernels.

    Notes
    -----
    Voila makes a class on top of this one, which keeps preheated kernels in ``_pools``; without
    preheating there are none.
    """

    left_s = Float(
        900, config=True, help="After how many seconds without a visitor's page a kernel is stopped."
    )
    quiet_s = Float(
        7200, config=True, help="After how many seconds without a choice one with a page is stopped."
    )
    pressed_left_s = Float(120, config=True, help="As left_s, while somebody waits for a place.")
    pressed_quiet_s = Float(1200, config=True, help="As quiet_s, while somebody waits for a place.")
    crowded_left_s = Float(
        60,
        config=True,
        help="As pressed_left_s, for one of an address that has more than half of the places.",
    )
    crowded_quiet_s = Float(600, config=True, help="As pressed_quiet_s, for such a one.")
    crowded_held_s = Float(
        1800, config=True, help="After how many seconds such a one is stopped though it is used."
    )

    most_bytes = Int(KERNEL_MIB * MIB, config=True, help="How much memory of its own a kernel may hold.")
    together_bytes = Int(
        sys.maxsize, config=True, help="How much memory of their own those of all visitors may hold together."
    )

    warm_apps = List(Unicode(), config=True, help="Apps whose kernels are forked from what was loaded once.")

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - traitlets'
        self._alone_since: dict[str, float] = {}
        self._stopping: set[asyncio.Task[None]] = set()
        self._sessions: dict[str, str] = {}
        self.n_lines: Counter[str] = Counter()
        self._holdings = Holdings()
        self._why_stopped: OrderedDict[str, str] = OrderedDict()
        super().__init__(**options)
        self.is_closed = False
        self.warm = WarmProcess(self.warm_apps) if can_fork() else None

    # --- who is there

    def notify_connect(self, kernel_id: str) -> None:
        """Note that a page has come."""
        super().notify_connect(kernel_id)
        self._alone_since.pop(kernel_id, None)

    def notify_disconnect(self, kernel_id: str) -> None:
        """Note that a page has gone."""
        super().notify_disconnect(kernel_id)
        self.hand_over(kernel_id)

    def hand_over(self, kernel_id: str) -> None:
        """Note that a kernel waits from now on for its visitor's page."""
        if kernel_id in self and not self._kernel_connections.get(kernel_id):
            self._alone_since[kernel_id] = time.monotonic()

    def keep_for(self, kernel_id: str, session: str) -> None:
        """Open a kernel to nobody but the browser that has a session: it shows what not everybody may see."""
        self._sessions[kernel_id] = session

    def is_open_to(self, kernel_id: str, session: str | None) -> bool:
        """Tell whether a browser with a session, or none, may have a line to a kernel."""
        return hmac.compare_digest(
            self._sessions.get(kernel_id, session or "").encode(), (session or "").encode()
        )

    @property
    def spare(self) -> set[str]:
        """The preheated kernels, which nobody has yet."""
        items = [item for pool in self._preheated.values() for item in pool]
        return {item.result()["kernel_id"] for item in items if _is_good(item)}

    @property
    def _preheated(self) -> dict[str, list[asyncio.Task[dict[str, Any]]]]:
        return getattr(self, "_pools", {})

    # --- culling

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """Stop a kernel whose visitor has gone, or has long done nothing."""
        await self._stop_if(kernel_id, left_s=self.left_s, quiet_s=self.quiet_s)

    async def make_room(self, crowd: Mapping[str, float]) -> None:
        """Stop, while somebody waits, what is not needed, and if need be one of a crowd's kernels.

        Parameters
        ----------
        crowd
            Kernels of an address that has too many, and for how many seconds it has had each.
        """
        kernels = set(self.list_kernel_ids()) - self.spare
        stopped = [
            await self._stop_if(kernel_id, left_s=self.pressed_left_s, quiet_s=self.pressed_quiet_s)
            for kernel_id in kernels
        ]
        if not any(stopped):
            await self._thin_out(crowd)

    async def _thin_out(self, crowd: Mapping[str, float]) -> None:
        """Stop one kernel: left or unused for a while, else the one that was had longest, if long enough."""
        for kernel_id in crowd:
            if await self._stop_if(kernel_id, left_s=self.crowded_left_s, quiet_s=self.crowded_quiet_s):
                self._note(kernel_id, CROWDED)
                return
        longest = max(crowd, key=crowd.__getitem__, default=None)
        if longest is not None and crowd[longest] >= self.crowded_held_s:
            self._note(longest, CROWDED)
            await self.put_away(longest)

    async def _stop_if(self, kernel_id: str, *, left_s: float, quiet_s: float) -> bool:
        """Stop a kernel whose visitor has gone, or has done nothing, for so long; tell whether it was."""
        kernel = self._kernels.get(kernel_id)
        if kernel is None or not kernel.trait_has_value("last_activity"):  # it is being started
            return False
        quiet = (datetime.now(UTC) - kernel.last_activity).total_seconds()
        if not self._kernel_connections.get(kernel_id):
            alone = time.monotonic() - self._alone_since.setdefault(kernel_id, time.monotonic())
            is_over = min(alone, quiet) >= left_s
        else:
            is_over = quiet >= quiet_s and kernel.execution_state != "busy"
        if is_over:
            await self.put_away(kernel_id)
        return bool(is_over)

    async def put_away(self, kernel_id: str) -> None:
        """Stop a kernel, if it is there."""
        if kernel_id in self:
            with suppress(KeyError, RuntimeError):  # its visitor closed the page meanwhile
                await self.shutdown_kernel(kernel_id, now=True)

    async def stop_outgrown(self) -> None:
        """Stop kernels of visitors that hold too much memory, each or all together; the largest first."""
        kernels = set(self.list_kernel_ids()) - self.spare
        pids = {kernel_id: pid for kernel_id in kernels if (pid := self._pid(kernel_id)) is not None}
        found = await asyncio.to_thread(self._holdings.look, pids.values())
        held = {kernel_id: found[pid] for kernel_id, pid in pids.items() if pid in found}
        for kernel_id in too_large(held, each=self.most_bytes, together=self.together_bytes):
            self.log.warning("a kernel held %d MiB of memory and is stopped", held[kernel_id] // MIB)
            self._note(kernel_id, OUTGROWN)
            await self._bury(kernel_id)  # what could not be preheated for want of memory is no hindrance

    def why_stopped(self, kernel_id: str) -> str | None:
        """Return why a kernel was stopped, where its page has words for it."""
        return self._why_stopped.get(kernel_id)

    def _note(self, kernel_id: str, reason: str) -> None:
        self._why_stopped[kernel_id] = reason
        if len(self._why_stopped) > MOST_REMEMBERED:
            self._why_stopped.popitem(last=False)

    def _pid(self, kernel_id: str) -> int | None:
        provisioner = getattr(self._kernels.get(kernel_id), "provisioner", None)
        return getattr(provisioner, "pid", None)

    # --- what dies

    def _handle_kernel_died(self, kernel_id: str) -> None:
        """Forget a kernel that died, wholly, and preheat another where it waited for somebody."""
        self.log.warning("a kernel died")
        task = asyncio.ensure_future(self._bury(kernel_id))
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def _bury(self, kernel_id: str) -> None:
        self.tidy()  # Voila's way to stop a kernel stumbles over what could not be preheated
        await self.put_away(kernel_id)
        self.tidy()

    def tidy(self) -> None:
        """Take out of the preheated what is no good, and preheat as many anew."""
        if self.is_closed:
            return
        for notebook, pool in self._preheated.items():
            pool[:] = [
                item
                for item in pool
                if not item.done() or (_is_good(item) and item.result()["kernel_id"] in self)
            ]
            self.fill_if_needed(delay=None, notebook_name=notebook)

    async def vet(self, notebook: str) -> None:
        """Make sure that whoever gets a preheated kernel of an app next gets a live one."""
        self.tidy()
        for item in list(self._preheated.get(notebook, ())):
            if _is_good(item):
                await self.find_dead(item.result()["kernel_id"])

    async def find_dead(self, kernel_id: str) -> None:
        """Look whether a kernel lives, and forget it if not: seconds before that is noticed by itself."""
        kernel = self._kernels.get(kernel_id)
        if kernel is not None and not await kernel.is_alive():
            await self._bury(kernel_id)

    # --- starting and stopping

    async def start_kernel(self, **options: Any) -> str:  # noqa: ANN401 - Jupyter's
        """Start a kernel, unless the server is about to stop."""
        if self.is_closed:
            raise RuntimeError("the server is about to stop")
        kernel_id: str = await super().start_kernel(**options)
        self.hand_over(kernel_id)
        return kernel_id

    async def shutdown_kernel(self, kernel_id: str, now: bool = False, restart: bool = False) -> None:  # noqa: FBT001, FBT002 - Jupyter's
        """Stop a kernel and forget all that was kept for it."""
        self._alone_since.pop(kernel_id, None)
        self._sessions.pop(kernel_id, None)
        RequestInfoSocketHandler._cache.pop(kernel_id, None)  # noqa: SLF001 - Voila keeps it for ever
        await super().shutdown_kernel(kernel_id, now=now, restart=restart)

    async def close(self) -> None:
        """Start no kernel any more, and stop those that run, in bounded time."""
        self.is_closed = True
        for item in (item for pool in self._preheated.values() for item in pool):
            if not item.done():
                item.cancel()
        self._preheated.clear()
        stopping = [asyncio.ensure_future(self.put_away(kernel_id)) for kernel_id in self.list_kernel_ids()]
        if stopping:
            _, late = await asyncio.wait(stopping, timeout=STOP_S)
            for task in late:
                task.cancel()
        if self.warm is not None:
            self.warm.close()


def _is_good(item: asyncio.Task[dict[str, Any]]) -> bool:
    return item.done() and not item.cancelled() and item.exception() is None
