"""Memory of the server: what visits leave behind goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import sys

from tornado.ioloop import PeriodicCallback

EVERY_S = 60.0
ARENAS = 2
M_ARENA_MAX = -8  # of malloc.h


def share_arenas() -> None:
    """Let all threads take memory from two places: glibc's many keep what short tasks leave, each its own.

    To be called before there are threads. Without glibc nothing happens.
    """
    if (mallopt := _of_glibc("mallopt")) is not None:
        mallopt(M_ARENA_MAX, ARENAS)


def give_back_regularly() -> PeriodicCallback:
    """Give memory back every minute, from now on; what is loaded now is not looked through again.

    Visits leave circles of objects that nobody holds, more than 100,000 in a busy minute, which Python by
    itself clears away seldom in a process that has loaded so much.
    """
    gc.collect()
    gc.freeze()
    regularly = PeriodicCallback(give_back, EVERY_S * 1000)
    regularly.start()
    return regularly


def give_back() -> None:
    """Clear away what nobody holds, and give free memory to the system where the C library can."""
    gc.collect()
    if (trim := _of_glibc("malloc_trim")) is not None:
        trim(0)


def _of_glibc(name: str) -> ctypes._NamedFuncPointer | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
