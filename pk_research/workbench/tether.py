"""Running a Python program that ends when whoever started it is gone, even when that was killed.

Run as a script, `python tether.py -m MODULE ...` or `-c CODE`, with a pipe as standard input: the pipe
closes with the process that holds its other end, on every system and whatever ended that process.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

STOP_TIMEOUT_S = 25


def end_with_starter() -> None:
    """Wait until the pipe closes; then end this process, politely at first."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_TIMEOUT_S)
    os._exit(1)


def run(arguments: list[str]) -> None:
    """Run what the arguments of a Python say, as that Python would."""
    how, what, *rest = arguments
    sys.path[0] = ""  # else the folder of this script, whose modules are nobody's business
    sys.argv = [what if how == "-m" else how, *rest]
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - as `python -c` does


if __name__ == "__main__":
    threading.Thread(target=end_with_starter, daemon=True).start()
    run(sys.argv[1:])
