"""The kernels of a running server, forked or started by themselves."""

from contextlib import suppress

import psutil

from pk_research.apps.shell.warm import KERNEL


def kernels_below(server: psutil.Process) -> list[psutil.Process]:
    found = []
    for child in server.children(recursive=True):
        with suppress(psutil.Error):
            if child.name() == KERNEL or "ipykernel_launcher" in child.cmdline():
                found.append(child)
    return found
