"""How many visitors a machine can give a kernel of their own."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pk_research.settings import MIB, Settings

# Measured on the made sample (docs/deploying.md): a live app holds 150 to 230 MiB of its own.
KERNEL_BYTES = 256 * MIB
# The server itself, a database and what else runs on the machine.
HELD_BACK = 0.25
FEWEST, MOST = 2, 200
_LIMIT_OF_CONTAINER = Path("/sys/fs/cgroup/memory.max")


def n_places(settings: Settings, *, memory_bytes: int | None = None) -> int:
    """Return how many visitors may have a live app at once.

    Parameters
    ----------
    settings
        Its ``kernels`` count where they are set.
    memory_bytes
        The memory to go by; what this machine, or its container, has by default.

    Notes
    -----
    A quarter of the memory is held back, the rest is shared out at 256 MiB a kernel. Kernels that wait
    preheated, one an app, come on top.

    Examples
    --------
    >>> from pk_research.settings import read_settings
    >>> n_places(read_settings({}), memory_bytes=8192 * 1024 * 1024)
    24
    >>> n_places(read_settings({"PK_KERNELS": "5"}))
    5
    """
    if settings.kernels is not None:
        return settings.kernels
    return max(FEWEST, min(MOST, visitors_bytes(memory_bytes=memory_bytes) // KERNEL_BYTES))


def visitors_bytes(*, memory_bytes: int | None = None) -> int:
    """Return how much memory of their own the kernels of all visitors may hold together.

    Parameters
    ----------
    memory_bytes
        As in `n_places`.

    Examples
    --------
    >>> visitors_bytes(memory_bytes=8192 * MIB) // MIB
    6144
    """
    memory = machine_memory() if memory_bytes is None else memory_bytes
    return int(memory * (1 - HELD_BACK))


def machine_memory() -> int:
    """Return the bytes of memory this process may count on: the machine's, or its container's limit."""
    import psutil

    memory = int(psutil.virtual_memory().total)
    with suppress(OSError, ValueError):  # no container, or one without a limit
        memory = min(memory, int(_LIMIT_OF_CONTAINER.read_text(encoding="ascii")))
    return memory
