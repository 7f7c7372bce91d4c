"""A PostgreSQL server of one's own, to be killed without warning and started again."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from ports import free_port

START_TIMEOUT_S = 60


@dataclass
class Server:
    """A server and its data, which survive its processes."""

    programs: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy address of its database."""
        return f"postgresql+psycopg://pk@127.0.0.1:{self.port}/postgres"

    @classmethod
    @contextmanager
    def run(cls, programs: Path) -> Iterator[Server]:
        """Make a server, start it, and kill what is left of it at the end."""
        with tempfile.TemporaryDirectory(prefix="pk-postgresql-") as folder:
            server = cls(programs, Path(folder), free_port())
            if server.user:
                shutil.chown(folder, server.user)
            subprocess.run(
                [programs / "initdb", "-D", server.folder / "data", "-U", "pk", "-A", "trust", "-E", "UTF8"],
                user=server.user, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            server.start()
            try:
                yield server
            finally:
                server.kill()

    @property
    def user(self) -> str | None:
        """PostgreSQL refuses to run as root; Debian's package brings the user postgres."""
        return "postgres" if os.geteuid() == 0 else None

    def start(self) -> None:
        """Start it, recovering from whatever happened, and wait until it answers."""
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port),
             "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}",
             "-c", "max_connections=100"],
            user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        ready = [self.programs / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-q"]
        deadline = time.monotonic() + START_TIMEOUT_S
        while subprocess.run(ready, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.05)

    def kill(self) -> None:
        """Send SIGKILL to it and to every process it has."""
        if self.process is None:
            return
        family = [*psutil.Process(self.process.pid).children(recursive=True), self.process]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        psutil.wait_procs(family[:-1], timeout=10)
