"""The README of a replication package, in the template of the Social Science Data Editors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pk_research.publish.exhibits import Exhibit
    from pk_research.publish.package import About, Source


def readme(
    about: About, sources: Sequence[Source], record: Mapping[str, Any], exhibits: Sequence[Exhibit]
) -> str:
    """Return the README; parameters as in `write_package`."""
    sections = [
        f"# {about.title}: replication package\n\n{', '.join(about.authors)} ({about.date})",
        _overview(about, record, exhibits),
        _data(sources),
        _computing(record),
        PROGRAMS,
        INSTRUCTIONS,
        _exhibits(exhibits),
        REFERENCES,
    ]
    return "\n\n".join(sections) + "\n"


def _overview(about: About, record: Mapping[str, Any], exhibits: Sequence[Exhibit]) -> str:
    figures = sum(one.kind == "figure" for one in exhibits)
    tables = sum(one.kind == "table" for one in exhibits)
    minutes = sum(entry["seconds"] for entry in record["notebooks"]) / 60
    return (
        f"## Overview\n\n{about.description}\n\nOne command makes all {len(exhibits)} exhibits"
        f" ({figures} figures, {tables} tables, {len(exhibits) - figures - tables} texts) from the raw data"
        f" with {len(record['notebooks'])} notebooks, in about {max(1, round(minutes))} minutes."
    )


def _data(sources: Sequence[Source]) -> str:
    restricted = [source for source in sources if source.access == "restricted"]
    made = [source for source in sources if source.is_made]
    summary = (
        "- [x] Some data **cannot be made** publicly available."
        if restricted
        else "- [x] All data **are** publicly available."
    )
    parts = [
        "## Data Availability and Provenance Statements",
        f"### Statement about Rights\n\n{RIGHTS}",
        f"### Summary of Availability\n\n{summary}",
        "### Details on each Data Source",
    ]
    for source in sources:
        what = "; **made, not observed**" if source.is_made else ""
        parts.append(
            f"#### {source.title}\n\n- Source: {source.publisher}{what}\n- Licence: {source.licence}\n"
            f"- Access: {source.access}. {source.how}"
        )
    rows = [
        f"| `{place}` | {source.title} | {'made data' if source.is_made else source.access} |"
        for source in sources
        for place in source.files
    ]
    parts.append("## Dataset list\n\n| Data file | Source | Provided |\n|---|---|---|\n" + "\n".join(rows))
    if made:
        names = ", ".join(source.title for source in made)
        parts.append(
            f"Made data stands in for: {names}. Every step runs on it; figures from it say nothing about any"
            " real village."
        )
    if any(source.access == "restricted" and source.is_made for source in sources):
        parts.append(TWINS)
    return "\n\n".join(parts)


def _computing(record: Mapping[str, Any]) -> str:
    peaks = [entry["peak_mib"] for entry in record["notebooks"] if entry["peak_mib"] is not None]
    memory = f"{max(peaks)} MiB at most in one notebook" if peaks else "not measured on this system"
    rows = "\n".join(
        f"| `{entry['notebook']}` | {entry['n_exhibits']} | {entry['seconds']} |"
        f" {'' if entry['peak_mib'] is None else entry['peak_mib']} |"
        for entry in record["notebooks"]
    )
    return (
        "## Computational requirements\n\n### Software Requirements\n\n"
        f"- Python {record['python']} ({record['system']}); {record['package']}\n"
        f"- {len(record['libraries'])} libraries, pinned by hash in `requirements.lock`"
        f" (SHA-256 {record['lock_sha256']})\n\n"
        "### Controlled Randomness\n\n- [x] Random seeds are arguments; each notebook's stand in its cell of"
        " parameters. The same seeds give the same exhibits for any number of workers.\n\n"
        "### Memory, Runtime and Storage Requirements\n\n"
        f"Memory: {memory}. Runtime by notebook, as measured:\n\n"
        f"| Notebook | Exhibits | Seconds | Peak MiB |\n|---|---|---|---|\n{rows}"
    )


def _exhibits(exhibits: Sequence[Exhibit]) -> str:
    rows = "\n".join(
        f"| `exhibits/{one.file}` | {one.kind} | {one.title} | `notebooks/{one.notebook}.ipynb` |"
        f" `{one.cell}` |"
        for one in exhibits
    )
    return (
        "## List of tables and programs\n\nThe provided code reproduces every one of them.\n\n"
        f"| File | Kind | Under | Program | Cell |\n|---|---|---|---|---|\n{rows}"
    )


RIGHTS = """- [x] The authors certify that they have legitimate access to and permission to use the data, and
  to redistribute what the package holds under the licences below."""
TWINS = """### Restricted data and what stands in for it

The files in `exhibits/` were made from the restricted data. What the package holds in its place is made for
running the programs, **not for conclusions**: `.venv/bin/pk reproduce --into again`, without `--against`,
runs every step on it, and its figures differ from those in `exhibits/`. Whoever is given the restricted data
puts it under the same names, and then compares. Synthetic twins are drawn column after column from trees
whose leaves hold at least five villages, enterprises or people; no differential privacy is claimed."""
PROGRAMS = """## Description of programs/code

- `notebooks/`: one question each, numbered in reading order; they make every exhibit.
- `pk_research/`: the package they call; a chapter imports only from chapters above it.
- `tests/`: what the package promises, published figures among them.
- The code is under the BSD 3-Clause licence (`LICENSE`)."""
INSTRUCTIONS = """## Instructions to Replicators

On a Debian machine with git, make and Python 3.11 or newer:

1. `make install` sets up the pinned environment in `.venv` (a network is needed for this step only).
2. `.venv/bin/pk reproduce --into again --against .` deletes an earlier run, makes every exhibit from the raw
   data, and prints what differs from `exhibits/`; it ends with an error when anything does."""
REFERENCES = """## References

Each notebook ends with its sources. The template of this README: Vilhuber, L., Connolly, M., Koren, M.,
Llull, J. and Morrow, P. (2022). *A template README for social science replication packages*, v1.1."""
