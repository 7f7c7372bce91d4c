"""The apps' server, which writes into a file what it holds, each time it is asked by SIGUSR1."""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.apps.shell.lines import KernelLine
from pk_research.apps.shell.server import main

if TYPE_CHECKING:  # the server would hold them
    import psutil

    from pk_research.workbench.servers import Server


@dataclass(frozen=True)
class Weight:
    """What a server holds: memory asked of the C library, Python's blocks, logs by name, lines to kernels."""

    in_use_mib: float
    n_blocks: int
    n_loggers: int
    n_lines: int


class _Mallinfo(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd",
            "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    ]  # fmt: skip


FILE = "PK_WEIGHED"


def weighed(server: Server, file: Path) -> Server:
    """Have a server say what it holds."""
    python, _, _module, *arguments = server.command
    environment = {**server.environment, "PYTHONPATH": str(Path(__file__).parent), FILE: str(file)}
    return replace(server, command=[python, "-m", Path(__file__).stem, *arguments], environment=environment)


def weigh(process: psutil.Process, file: Path) -> Weight:
    """Ask a server what it holds."""
    file.unlink(missing_ok=True)
    process.send_signal(signal.SIGUSR1)
    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline, "the server does not say what it holds"
        time.sleep(0.05)
    return Weight(**json.loads(file.read_text()))


def say(_signal: int, _frame: object) -> None:
    file = Path(os.environ[FILE])
    written = file.with_suffix(".new")
    written.write_text(json.dumps(asdict(held())))
    written.replace(file)


def held() -> Weight:
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _Mallinfo
    gc.unfreeze()
    gc.collect()
    said = mallinfo2()
    return Weight(
        in_use_mib=(said.uordblks + said.hblkhd) / 2**20,
        n_blocks=sys.getallocatedblocks(),
        n_loggers=len(logging.root.manager.loggerDict),
        n_lines=sum(isinstance(one, KernelLine) for one in gc.get_objects()),
    )


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, say)
    main()
