"""Who listens on a port of this machine, where the system tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that listens on a port.

    Attributes
    ----------
    pid
        Its number.
    command
        The beginning of its command line.
    """

    pid: int
    command: str


def holder_of(port: int, proc: Path = Path("/proc")) -> Holder | None:
    """Return who listens on a port; None where that cannot be known, as for other users' processes.

    Parameters
    ----------
    port
        The port.
    proc
        Where Linux tells of its processes; elsewhere there is nothing there, and nobody is found.
    """
    sockets = {f"socket:[{inode}]" for inode in _listening(port, proc)}
    if not sockets:
        return None
    for folder in proc.glob("[0-9]*"):
        if sockets & set(_open_files(folder)):
            return Holder(int(folder.name), _command(folder))
    return None


def _listening(port: int, proc: Path) -> Iterator[str]:
    for table in (proc / "net" / "tcp", proc / "net" / "tcp6"):
        if not table.is_file():
            continue
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _open_files(folder: Path) -> Iterator[str]:
    try:
        for entry in (folder / "fd").iterdir():
            yield str(entry.readlink())
    except OSError:  # it ended meanwhile, or is another user's
        return


def _command(folder: Path) -> str:
    try:
        words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    return " ".join(words).strip()[:120]
