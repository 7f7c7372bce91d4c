"""What a run is made of, and how that of two runs differs: files, notebooks, settings, libraries."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import ndiff
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from pk_research import __version__
from pk_research.errors import BadInput, Problem
from pk_research.settings import MIB

LEFT_BEHIND = {"__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
INPUTS = ("data", "pk_research", "requirements.lock")
"""What a run reads beside the notebooks, each of which has its own entry in the record."""
PINNED = re.compile(r"^[A-Za-z0-9][\w.-]*==[^\\\n]+")


def files_below(project: Path, parts: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of some parts of a checkout: path in it, and content."""
    for part in parts:
        whole = project / part
        for path in sorted(whole.rglob("*")) if whole.is_dir() else [whole]:
            inside = path.relative_to(project)
            if path.is_file() and not LEFT_BEHIND & set(inside.parts):
                yield inside.as_posix(), path.read_bytes()


def inputs_of(project: Path) -> dict[str, str]:
    """Return the hash of every file of data and code that a run reads, and of the list of libraries."""
    return inputs_among(dict(files_below(project, INPUTS)))


def inputs_among(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the hash of those files of a checkout that a run reads."""
    return {
        name: sha256(content).hexdigest() for name, content in files.items() if name.split("/")[0] in INPUTS
    }


def machine() -> dict[str, Any]:
    """Return what computes here: programs, libraries, processor, memory."""
    return {
        "package": f"pk-research {__version__}",
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "release": _release(),
        "processor": _processor(),
        "memory_mib": _memory_mib(),
        "cores": os.cpu_count(),
        "libraries": dict(sorted({one.name.lower(): one.version for one in distributions()}.items())),
    }


def _release() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform(terse=True)


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    found = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return found[1].strip() if found else platform.processor()


def _memory_mib() -> int | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / MIB)
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return None


def pinned(lock: str) -> dict[str, str]:
    r"""Return which version a list of libraries asks for on this system, by name.

    Raises
    ------
    BadInput
        When lines of it cannot be read.

    Examples
    --------
    >>> pinned("numpy==2.1.0 \\\n    --hash=sha256:00\npywin32==311 ; sys_platform == 'never'\n")
    {'numpy': '2.1.0'}
    """
    from packaging.requirements import InvalidRequirement, Requirement

    asked, problems = [], []
    for number, line in enumerate(lock.splitlines(), 1):
        if found := PINNED.match(line):
            try:
                asked.append(Requirement(found[0]))
            except InvalidRequirement:
                where = f"requirements.lock, line {number}"
                problems.append(Problem(where, f"{line!r} cannot be read", "Put it back as it was."))
    if problems:
        raise BadInput(problems)
    return {
        _normal(one.name): next(iter(one.specifier)).version
        for one in asked
        if one.marker is None or one.marker.evaluate()
    }


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def off_the_lock(lock: str, libraries: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return which installed libraries are of another version than the list pins.

    Parameters
    ----------
    lock
        Text of ``requirements.lock``.
    libraries
        Name -> version installed. One that is not installed is none of this system, or an extra.

    Examples
    --------
    >>> [str(one) for one in off_the_lock("numpy==2.1.0", {"numpy": "2.0.0"})]
    ['numpy: version 2.0.0 is installed, requirements.lock says 2.1.0. Remove `.venv`, then `make install`.']
    """
    asked = pinned(lock)
    here = {_normal(name): version for name, version in libraries.items()}
    return tuple(
        Problem(
            name,
            f"version {here[name]} is installed, requirements.lock says {version}",
            "Remove `.venv`, then `make install`.",
        )
        for name, version in asked.items()
        if name in here and here[name] != version
    )


def unlike(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return in what a run is made of something else than an earlier one, and what to do about it.

    Parameters
    ----------
    before
        Record of the earlier run.
    now
        That of the later one, or what is known of it ahead: ``inputs``, ``notebooks``, and what `machine`
        returns. What either of them does not say is not compared.

    Examples
    --------
    >>> was, now = {"inputs": {"data/a.csv": "00"}}, {"inputs": {"data/a.csv": "11"}}
    >>> [str(one) for one in unlike(was, now)]
    ['data/a.csv: it was changed. Put it back as it was, or expect other numbers.']
    """
    return (*_of_files(before, now), *_of_notebooks(before, now), *_of_machines(before, now))


def _of_files(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Problem]:
    if "inputs" not in now:
        return
    if "inputs" not in before:
        what = "an earlier version of the package made it, and it does not say of which files"
        yield Problem("the earlier run", what, "Make it again: `pk reproduce`.")
        return
    was, here = before["inputs"], now["inputs"]
    for name in sorted(was.keys() | here.keys()):
        if name not in here:
            yield Problem(name, "it is missing", "Put it back.")
        elif name not in was:
            yield Problem(name, "it is new: the earlier run had no such file", "Take it away.")
        elif was[name] is None:
            yield Problem(
                name,
                "it is a made twin of restricted data, from which the exhibits were made",
                "Expect other numbers, or get the data: see the README.",
            )
        elif was[name] != here[name]:
            yield Problem(name, "it was changed", "Put it back as it was, or expect other numbers.")


def _of_notebooks(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Problem]:
    was = {entry["notebook"]: entry for entry in before.get("notebooks", ())}
    for entry in now.get("notebooks", ()):
        earlier = was.get(entry["notebook"])
        where = f"notebooks/{entry['notebook']}.ipynb"
        if earlier is None:
            yield Problem(where, "the earlier run had no such notebook", "Take it away.")
        elif earlier["sha256"] != entry["sha256"]:
            chosen = _changed_lines(earlier["parameters"], entry["parameters"])
            what = f"its parameters were changed: {chosen}" if chosen else "its cells were changed"
            yield Problem(where, what, "Put it back as it was, or expect other numbers.")


def _changed_lines(before: str, now: str) -> str:
    was, here = ([line.split("#")[0].strip() for line in text.splitlines()] for text in (before, now))
    lines = [(line[0], line[2:]) for line in ndiff(was, here) if line.startswith(("- ", "+ "))]
    return ", ".join(f"{'was' if sign == '-' else 'is'} `{text}`" for sign, text in lines)


def _of_machines(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Problem]:
    again = "Remove `.venv`, then `make install`."
    for name, remedy in (
        ("python", "Name the same with PYTHON=... of `make install`."),
        ("system", "Expect other last digits, and other points of pictures."),
        ("package", again),
    ):
        if name in before.keys() & now.keys() and before[name] != now[name]:
            yield Problem(name, f"it was {before[name]} and is {now[name]}", remedy)
    was, here = (record.get("libraries", {}) for record in (before, now))
    for name in sorted(was.keys() & here.keys()):
        if was[name] != here[name] and name != "pk-research":
            yield Problem(name, f"it was version {was[name]} and is {here[name]}", again)
    for entry in now.get("outside", ()):
        if entry not in before.get("outside", ()):
            yield Problem(
                entry["setting"],
                f"{entry['name']} was read, which the earlier run did not",
                "Run without that setting.",
            )
