"""A process that has loaded what all apps need, and becomes a kernel as often as it is asked.

A kernel that starts by itself spends seconds on loading, and keeps its own copy of what it loaded. One that
is forked from here has it at once, and shares it with all others for as long as nobody writes to it.

Nothing is opened here, and nothing is computed: a kernel begins with what was loaded, not with what another
visitor did.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from ipywidgets import register_comm_target

# What a kernel loads besides the apps, most of it only when it begins or first reads a table.
LOADED = (
    "ipykernel.kernelapp", "ipykernel.debugger", "matplotlib_inline.backend_inline",
    "pyarrow.parquet", "sqlalchemy.dialects.sqlite.pysqlite",
)  # fmt: skip
COMM = Path("/proc/self/comm")
KERNEL = "pk-kernel"
"""What a forked kernel is called in lists of processes."""


def serve(line: socket.socket, apps: list[str]) -> None:
    """Become a kernel for each request, until the server has gone.

    Parameters
    ----------
    line
        Something is said along it when all is loaded. Then requests come, each a line of JSON:
        ``arguments`` of the kernel, ``env`` and ``cwd``. The answer is the number of the new process.
    apps
        Names of the apps that kernels will run.
    """
    _load(apps)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the server watches the kernels, nobody here
    gc.collect()
    gc.freeze()  # what is loaded is not looked through again, so that it stays shared
    line.sendall(b"loaded\n")
    with line.makefile("rb") as requests:
        for request in requests:
            asked = json.loads(request)
            pid = os.fork()
            if pid == 0:
                line.close()
                _become_kernel(asked["arguments"], asked["env"], asked["cwd"])
            line.sendall(f"{pid}\n".encode())


def _load(apps: list[str]) -> None:
    for name in LOADED:
        import_module(name)
    for name in apps:
        app = import_module(f"pk_research.apps.{name}")
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            import_module(module.name)
    # ipywidgets does so when a kernel imports it, but here is none yet: pages would ask in vain for all
    # widgets at once, and then for each by itself
    register_comm_target()


def _become_kernel(arguments: list[str], env: dict[str, str], cwd: str | None) -> NoReturn:
    import numpy as np
    from ipykernel.kernelapp import launch_new_instance

    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        COMM.write_text(KERNEL, encoding="ascii")
        np.random.seed()  # noqa: NPY002 - else all kernels would draw alike where nobody gives a seed
        os.environ.clear()
        os.environ.update(env)
        if cwd:
            os.chdir(cwd)
        # what a kernel reads from its environment when it is loaded was read here, long ago
        sys.argv = ["ipykernel_launcher", *arguments, f"--IPKernelApp.parent_handle={os.getppid()}"]
        launch_new_instance()
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
