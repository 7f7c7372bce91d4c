"""How much memory each kernel holds of its own, and which hold too much."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pk_research.settings import MIB

PROC = Path("/proc")
OWN = re.compile(rb"^(?:Private_Clean|Private_Dirty|SwapPss): +(\d+) kB$", re.MULTILINE)
IN_USE = re.compile(rb"^(?:VmRSS|VmSwap):\s+(\d+) kB$", re.MULTILINE)
# What is a kernel's own takes the system milliseconds to tell, what it uses, shared or not, a tenth of one:
# 200 kernels that are looked at every second would keep a core busy. The first is asked for only where the
# second has changed, or after a while, since a kernel makes what it shared its own by writing to it.
NOTICED_BYTES = 16 * MIB
FRESH_S = 30.0
# What a kernel has reserved and not used, or shares, when it begins: 430 MiB.
RESERVED_BYTES = 512 * MIB


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a process.

    Attributes
    ----------
    at_s
        When.
    in_use_bytes, own_bytes
        The memory it used, and what of it nobody else did.
    """

    at_s: float
    in_use_bytes: int
    own_bytes: int


class Holdings:
    """What processes hold of their own, known well enough at little cost.

    Parameters
    ----------
    clock
        Seconds; replaced in tests.

    Notes
    -----
    It is known on Linux only; elsewhere every process is missing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[int, Seen] = {}

    def look(self, pids: Iterable[int]) -> dict[int, int]:
        """Return the bytes that each process holds; one that has ended is missing.

        Parameters
        ----------
        pids
            Numbers of processes. Others are forgotten.
        """
        held, before = {}, self._seen
        self._seen = {}
        for pid in pids:
            with suppress(OSError):  # it has ended
                held[pid] = self._look_at(pid, before.get(pid))
        return held

    def _look_at(self, pid: int, seen: Seen | None) -> int:
        now, in_use = self._clock(), _kib(pid, "status", IN_USE)
        if seen is None or now - seen.at_s >= FRESH_S or abs(in_use - seen.in_use_bytes) >= NOTICED_BYTES:
            seen = Seen(now, in_use, _kib(pid, "smaps_rollup", OWN))
        self._seen[pid] = seen
        return seen.own_bytes + in_use - seen.in_use_bytes


def _kib(pid: int, name: str, wanted: re.Pattern[bytes]) -> int:
    return 1024 * sum(map(int, wanted.findall((PROC / str(pid) / name).read_bytes())))


def too_large(held: Mapping[str, int], *, each: int, together: int) -> list[str]:
    """Return the kernels that have to go, the largest first.

    Parameters
    ----------
    held
        The bytes that each kernel holds.
    each, together
        How much one may hold, and all of them.

    Notes
    -----
    Where all hold too much together, none goes that holds less than its equal share.

    Examples
    --------
    >>> too_large({"a": 700, "b": 300, "c": 100}, each=512, together=1000)
    ['a']
    >>> too_large({"a": 500, "b": 300, "c": 300}, each=512, together=1000)
    ['a']
    """
    gone, left = [], sum(held.values())
    for kernel in sorted(held, key=held.__getitem__, reverse=True):
        if held[kernel] <= each and left <= together:
            break
        gone.append(kernel)
        left -= held[kernel]
    return gone


def hold_down(pid: int, n_bytes: int) -> None:
    """Let the system refuse a process what is far beyond that, however fast it grows between two looks.

    Parameters
    ----------
    pid
        Its number.
    n_bytes
        What it may hold of its own before it is stopped.
    """
    if sys.platform == "linux":
        import resource

        limit = RESERVED_BYTES + 2 * n_bytes
        with suppress(ProcessLookupError):  # it has ended
            resource.prlimit(pid, resource.RLIMIT_DATA, (limit, limit))
