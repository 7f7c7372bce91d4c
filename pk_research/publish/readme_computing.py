"""The README of a replication package: what it takes to run it, of software, chance, time and memory."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pk_research.publish.inputs import off_the_lock, pinned
from pk_research.publish.readme_parts import box, cells_of, minutes_of
from pk_research.settings import MIB

MB_IN_MIB = 1.048576
MINUTES = ((10, "<10 minutes"), (60, "10-60 minutes"), (120, "1-2 hours"), (480, "2-8 hours"),
           (1440, "8-24 hours"), (4320, "1-3 days"), (20160, "3-14 days"),
           (float("inf"), "> 14 days"))  # fmt: skip
MEGABYTES = ((25, "< 25 MBytes"), (250, "25 MB - 250 MB"), (2000, "250 MB - 2 GB"), (25000, "2 GB - 25 GB"),
             (250000, "25 GB - 250 GB"), (float("inf"), "> 250 GB"))  # fmt: skip


def computing(record: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """Return what software, seeds, time, memory and storage a run takes."""
    peaks = [entry["peak_mib"] for entry in record["notebooks"] if entry["peak_mib"] is not None]
    memory = f"{max(peaks)} MiB at most in one notebook" if peaks else "not measured on this system"
    package = sum(map(len, files.values())) / MIB
    environment = record.get("environment_mib")
    known = (package + record["written_mib"] + (environment or 0)) * MB_IN_MIB
    installed = "not measured" if environment is None else f"{environment:,.0f} MiB"
    rows = "\n".join(
        f"| `{entry['notebook']}` | {entry['n_exhibits']} | {entry['seconds']} |"
        f" {'' if entry['peak_mib'] is None else entry['peak_mib']} | {_seeds(entry['notebook'], files)} |"
        for entry in record["notebooks"]
    )
    return f"""## Computational requirements

### Software Requirements

{
        box(
            "The replication package contains one or more programs to install all dependencies and set up the"
            " necessary directory structure: `make install`.",
            is_so="Makefile" in files,
        )
    }

{_software(record, files)}

### Controlled Randomness

- [x] Random seed is set in the cell of parameters of each program, at the place in the last column below.
- [ ] No Pseudo random generator is used in the analysis described here.

Seeds are arguments; a function that is given none has a fixed one in its signature, never the clock. Each
draw derives its own from it, so that any number of workers gives the same exhibits.

### Memory, Runtime, Storage Requirements

#### Summary

Approximate time needed to reproduce the analyses on a standard desktop machine:

{_boxes(minutes_of(record), MINUTES)}

Approximate storage space needed:

{_boxes(known, MEGABYTES)}

- [ ] Not feasible to run on a desktop machine.

Approximate memory needed: {memory}; each further worker (`PK_COMPUTE`) adds its own.

#### Details

The code was last run on {_machine(record)}. Storage: package unpacked {package:,.0f} MiB, a run
{record["written_mib"]:,.0f} MiB, installed libraries {installed}.

| Notebook | Exhibits | Seconds | Peak MiB | Seed |
|---|---|---|---|---|
{rows}"""


def _machine(record: Mapping[str, Any]) -> str:
    """Say what computed the exhibits, as far as the record knows."""
    memory = record.get("memory_mib")
    parts = [
        f"a **{record['cores']}-core {record.get('processor') or record['system']}",
        f"with {memory / 1024:.0f} GB of memory" if memory else "",
        f"and {record.get('release') or record['system']}**",
        f"on {record['date']}" if record.get("date") else "",
        f"with {record['workers']} worker{'' if record['workers'] == '1' else 's'}",
    ]
    return " ".join(part for part in parts if part)


def _boxes(amount: float, steps: Sequence[tuple[float, str]]) -> str:
    within = next(text for most, text in steps if amount < most)
    return "\n".join(box(text, is_so=text == within) for _, text in steps)


def _software(record: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    lock = files.get("requirements.lock", b"").decode()
    libraries = {re.sub(r"[-_.]+", "-", name): version for name, version in record["libraries"].items()}
    direct = [f"`{name}` {libraries[name]}" for name in _direct(files) if name in libraries]
    named = f"; those that the code names:\n  {', '.join(direct)}" if direct else ""
    system = record.get("release") or record["system"]
    lines = [
        f"- {system} with GNU make and bash; the code needs nothing else of the system",
        f"- Python {record['python']}",
        f"- {record['package']}: the code in `pk_research/`, installed from this package",
        (
            f"- {len(pinned(lock))} libraries, pinned by version and hash in `requirements.lock`"
            f" (SHA-256 {record['lock_sha256']}){named}"
        ),
    ]
    others = [f"  - {one.where}: {one.what}" for one in off_the_lock(lock, record["libraries"])]
    if others:
        lines += ["- **Not as pinned** when the exhibits were made:", *others]
    return "\n".join(lines)


def _direct(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the libraries that the package declares itself."""
    declared = tomllib.loads(files.get("pyproject.toml", b"").decode()).get("project", {})
    for line in declared.get("dependencies", ()):
        found = re.match(r"[\w.-]+", line)
        if found:
            yield re.sub(r"[-_.]+", "-", found[0]).lower()


def _seeds(notebook: str, files: Mapping[str, bytes]) -> str:
    """Return the statements of a cell of parameters that set a seed, each with its cell and line."""
    found = [
        f"`{line.split('#')[0].strip()}` (cell `{cell.get('id', '')}`, line {number})"
        for cell in cells_of(notebook, files)
        if "parameters" in cell.get("metadata", {}).get("tags", ())
        for number, line in enumerate("".join(cell["source"]).splitlines(), 1)
        if "SEED" in line.split("#")[0]
    ]
    return ", ".join(found) or "none set here"
