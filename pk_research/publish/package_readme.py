"""The README of a replication package, in the template of the Social Science Data Editors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pk_research.language import Message
    from pk_research.publish.citation import About
    from pk_research.publish.exhibits import Exhibit
    from pk_research.publish.sources import Source

MIB = 1024 * 1024
MB_IN_MIB = 1.048576
MINUTES = ((10, "<10 minutes"), (60, "10-60 minutes"), (120, "1-2 hours"), (480, "2-8 hours"),
           (1440, "8-24 hours"), (float("inf"), "more than a day"))  # fmt: skip
MEGABYTES = ((25, "<25 MB"), (250, "25 MB - 250 MB"), (2000, "250 MB - 2 GB"), (25000, "2 GB - 25 GB"),
             (float("inf"), "more than 25 GB"))  # fmt: skip


def readme(
    about: About,
    sources: Sequence[Source],
    record: Mapping[str, Any],
    exhibits: Sequence[Exhibit],
    *,
    files: Mapping[str, bytes],
    withheld: Mapping[str, Message],
) -> str:
    """Return the README.

    ``files`` are the others of the package, ``withheld`` says by file why an exhibit is left out; the rest
    is as in `write_package`.
    """
    sections = [
        f"# {about.title}: replication package\n\n{', '.join(about.authors)} ({about.date})",
        _overview(about, record, exhibits),
        _data(sources),
        _datasets(sources, files),
        _computing(record, files),
        PROGRAMS,
        INSTRUCTIONS,
        _exhibits(exhibits),
        *([_withheld(withheld)] if withheld else []),
        _references(sources),
    ]
    return "\n\n".join(sections) + "\n"


def _overview(about: About, record: Mapping[str, Any], exhibits: Sequence[Exhibit]) -> str:
    figures = sum(one.kind == "figure" for one in exhibits)
    tables = sum(one.kind == "table" for one in exhibits)
    return (
        f"## Overview\n\n{about.description}\n\nOne command makes all {len(exhibits)} exhibits"
        f" ({figures} figures, {tables} tables, {len(exhibits) - figures - tables} texts) from the raw data"
        f" with {len(record['notebooks'])} notebooks, in about {max(1, round(_minutes(record)))} minutes."
    )


def _minutes(record: Mapping[str, Any]) -> float:
    return float(sum(entry["seconds"] for entry in record["notebooks"])) / 60


def _data(sources: Sequence[Source]) -> str:
    summary = (
        "- [x] Some data **cannot be made** publicly available."
        if any(source.access == "restricted" for source in sources)
        else "- [x] All data **are** publicly available."
    )
    parts = [
        "## Data Availability and Provenance Statements",
        f"### Statement about Rights\n\n{RIGHTS}",
        "### License for Data\n\n" + "\n".join(f"- {one.title}: {one.licence}." for one in sources),
        f"### Summary of Availability\n\n{summary}",
        "### Details on each Data Source",
    ]
    for source in sources:
        what = "; **made, not observed**" if source.is_made else ""
        lines = [
            f"- Source: {source.publisher}{what}",
            f"- Licence: {source.licence}",
            f"- Access: {source.access}. {source.how}",
        ]
        parts.append(f"#### {source.title}\n\n" + "\n".join(lines))
    return "\n\n".join(parts)


def _datasets(sources: Sequence[Source], files: Mapping[str, bytes]) -> str:
    rows = [
        f"| `{name}` | {source.title} | {_note(name)} | {'yes, made' if source.is_made else 'yes'} |"
        for source in sources
        for name in sorted(files)
        if source.holds(name)
    ]
    rows += [f"| – | {source.title} | {source.how} | no |" for source in sources if not source.files]
    parts = [
        "## Dataset list\n\n| Data file | Source | Notes | Provided |\n|---|---|---|---|\n" + "\n".join(rows)
    ]
    made = ", ".join(source.title for source in sources if source.is_made)
    if made:
        parts.append(
            f"Made data stands in for: {made}. Every step runs on it; figures from it say nothing about any"
            " real village."
        )
    if any(source.access == "restricted" and source.is_made for source in sources):
        parts.append(TWINS)
    return "\n\n".join(parts)


def _note(name: str) -> str:
    """Say what a file of a source is, by its name."""
    kinds = {
        ".codebook.csv": "codebook: label, question, unit, universe, missing codes",
        ".datapackage.json": "provenance and schema (Data Package)",
        ".xlsx": "questionnaire (XLSForm)",
        ".csv": "CSV, UTF-8; its variables stand in the codebook or README beside it",
        ".md": "documentation",
    }
    return next((what for ending, what in kinds.items() if name.endswith(ending)), "")


def _computing(record: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    peaks = [entry["peak_mib"] for entry in record["notebooks"] if entry["peak_mib"] is not None]
    memory = f"{max(peaks)} MiB at most in one notebook" if peaks else "not measured on this system"
    package = sum(map(len, files.values())) / MIB
    environment = record.get("environment_mib")
    known = package + record["written_mib"] + (environment or 0)
    installed = "not measured" if environment is None else f"{environment:,.0f} MiB"
    rows = "\n".join(
        f"| `{entry['notebook']}` | {entry['n_exhibits']} | {entry['seconds']} |"
        f" {'' if entry['peak_mib'] is None else entry['peak_mib']} | {_seeds(entry['parameters'])} |"
        for entry in record["notebooks"]
    )
    return f"""## Computational requirements

### Software Requirements

- [x] The package installs all dependencies and sets up the directories: `make install`.
- Python {record["python"]}; {record["package"]}
- {len(record["libraries"])} libraries, pinned by hash in `requirements.lock`
  (SHA-256 {record["lock_sha256"]})

### Controlled Randomness

- [x] Random seeds are arguments; each notebook's stand in its cell of parameters, listed below. Functions
  that are given none draw from seed 0. The same seeds give the same exhibits for any number of workers.

### Memory, Runtime and Storage Requirements

#### Summary

- Time: [x] {_within(_minutes(record), MINUTES)}
- Storage: [x] {_within(known * MB_IN_MIB, MEGABYTES)}
- Memory: {memory}; each further worker (`PK_COMPUTE`) adds its own.

#### Details

Last run on {record["system"]} with {record["cores"]} cores; workers: {record["workers"]}. Storage:
package unpacked {package:,.0f} MiB, a run {record["written_mib"]:,.0f} MiB, installed libraries {installed}.

| Notebook | Exhibits | Seconds | Peak MiB | Seed |
|---|---|---|---|---|
{rows}"""


def _within(amount: float, steps: Sequence[tuple[float, str]]) -> str:
    return next(text for most, text in steps if amount < most)


def _seeds(parameters: str) -> str:
    """Return the lines of a cell of parameters that set a seed."""
    lines = (line.split("#")[0].strip() for line in parameters.splitlines() if "SEED" in line)
    return ", ".join(f"`{line}`" for line in lines) or "–"


def _exhibits(exhibits: Sequence[Exhibit]) -> str:
    rows = "\n".join(
        f"| `exhibits/{one.file}` | {one.kind} | {one.title} | `notebooks/{one.notebook}.ipynb` |"
        f" `{one.cell}` |"
        for one in exhibits
    )
    return (
        "## List of tables and programs\n\nThe provided code reproduces:\n\n"
        "- [x] All numbers provided in text: sentences with numbers are printed by code, and are the exhibits"
        " of the kind *text*; prose types no result.\n"
        "- [x] All tables and figures.\n\n"
        f"| File | Kind | Under | Program | Cell |\n|---|---|---|---|---|\n{rows}"
    )


def _references(sources: Sequence[Source]) -> str:
    cited = "\n".join(f"- {source.citation}" for source in sources if source.citation)
    return "\n\n".join(["## References", *([f"Data:\n\n{cited}"] if cited else []), METHODS])


def _withheld(withheld: Mapping[str, Message]) -> str:
    lines = "\n".join(f"- `{file}`: {why.text('en')}" for file, why in withheld.items())
    return f"### Withheld\n\nMade again by the code, but not given away:\n\n{lines}"


RIGHTS = """- [x] The authors certify that they have legitimate access to and permission to use the data.
- [x] The authors certify that they have documented permission to redistribute what the package holds of
  the data, under the licences below."""
TWINS = """### Restricted data and what stands in for it

The files in `exhibits/` were made from the restricted data. What the package holds in its place is made for
running the programs, **not for conclusions**: `.venv/bin/pk reproduce --into again`, without `--against`,
runs every step on it, and its figures differ from those in `exhibits/`. Whoever is given the restricted data
puts it under the same names, and then compares. Synthetic twins are drawn column after column from trees
whose leaves hold at least five villages, enterprises or people; no differential privacy is claimed. Keys are
made, too; tables that hang on one another are joined by them as the real ones are."""
PROGRAMS = """## Description of programs/code

- `notebooks/`: one question each, numbered in reading order; they make every exhibit.
- `pk_research/`: the package they call; a chapter imports only from chapters above it.
- `data/`: the raw data; nothing writes there.
- `tests/`: what the package promises, published figures among them; `make test` runs them.

### License for Code

The code is under the BSD 3-Clause licence (`LICENSE`)."""
INSTRUCTIONS = """## Instructions to Replicators

On a Debian machine with git, make and Python 3.11 or newer:

1. `make install` sets up the pinned environment in `.venv`. A network is needed for this step only.
2. `.venv/bin/pk reproduce --into again --against .` deletes an earlier run in `again`, makes every exhibit
   from the raw data, and prints what differs from `exhibits/`; it ends with an error when anything does.

### Details

- Elsewhere, use conda: `conda env create -f environment.yml`, `conda activate pk-research`,
  `pip install --no-deps -e .`, and `pk` instead of `.venv/bin/pk`. It does not pin every library, so that
  last digits may differ.
- On another kind of processor, last digits may differ too: `--tolerance 1e-9` counts numbers of tables as the
  same within that relative difference; pictures and sentences are compared as they are.
- One notebook alone: `.venv/bin/pk reproduce 03 --into again`. `PK_COMPUTE=all` uses all cores.
- `.venv/bin/pk explain FILE --run .` prints the cell, choices, data and code behind a file of `exhibits/`.
- `exhibits/record.json` tells what the exhibits were made of: versions, hashes, seconds and memory."""
METHODS = """Methods: each notebook ends with its sources.

The template of this README: Vilhuber, L., Connolly, M., Koren, M., Llull, J. and Morrow, P. (2022).
*A template README for social science replication packages*, v1.1. https://doi.org/10.5281/zenodo.7293838"""
