"""The README of a replication package, in the template of the Social Science Data Editors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pk_research.publish.exhibits import HEADING
from pk_research.publish.readme_computing import computing
from pk_research.publish.readme_data import data_statements, dataset_list
from pk_research.publish.readme_parts import box, minutes_of, told_in

if TYPE_CHECKING:
    from pk_research.language import Message
    from pk_research.publish.citation import About
    from pk_research.publish.exhibits import Exhibit
    from pk_research.publish.sources import Source

REFERENCE = re.compile(r"^- (?=.*\((?:1[89]|20)\d\d\))(.+(?:\n  .+)*)", re.MULTILINE)
SELECTED = (
    "With the restricted data put in its place the code reproduces all of them. With the made data of this"
    " package every program runs, and only what does not depend on the restricted data comes out the same."
)
PROGRAMS = """## Description of programs/code

- `notebooks/`: one question each, numbered in reading order; they make every exhibit, and each can be run
  alone, since none reads what another wrote:
{questions}
- `pk_research/`: the package they call; a chapter imports only from chapters above it.
- `data/`: the raw data; nothing writes there.
- `tests/`: what the package promises, published figures among them; `make test` runs them. They are not
  needed to replicate.
- `WORKBENCH.md`: what else the package can do.

### License for Code

The code is under the BSD 3-Clause licence, see `LICENSE`."""
COMPARED = """\
   It prints a line for whatever differs, with its place and size, and what is unlike the first run; when all
   is well it ends with `same    {n} of {n} exhibits`. Its exit status is 1 when anything differs."""
COMPARED_RESTRICTED = """\
   On the made data in the place of what is restricted, exhibits differ, and the command says so: that it
   comes to its end shows that every program runs. With the restricted data in its place, nothing differs."""
INSTRUCTIONS = """## Instructions to Replicators

On a Debian machine with make and Python {python}, in the folder where this package was unpacked:

1. `make install PYTHON=python{python}` sets up the pinned environment in `.venv`. A network is needed for
   this step only. With a newer Python, `requirements.lock` pins newer versions of some libraries, so that
   last digits may differ.
2. `.venv/bin/pk reproduce --into again --against .` deletes an earlier run in `again`, makes every exhibit
   from the raw data in about {minutes} minutes, and compares it with `exhibits/`, byte by byte.
{compared}

### Details

- Elsewhere, use conda: `conda env create -f environment.yml`, `conda activate pk-research`,
  `pip install --no-deps -e .`, and `pk` instead of `.venv/bin/pk`. It does not pin every library, so that
  last digits may differ; lines that begin with `lock` say which versions do.
- On another kind of processor, last digits may differ too: `--tolerance 0.001` counts numbers of tables as
  the same within that relative difference. Tables hold numbers as they are shown, rounded; pictures and
  sentences are compared as they are.
- One notebook alone, and its exhibits alone compared: `.venv/bin/pk reproduce 03 --into again --against .`.
- `PK_COMPUTE=all` uses all cores. Variables that begin with `PK_` change what is run: set no other.
- `.venv/bin/pk explain FILE --run .` prints the cell, choices, data and code behind a file of `exhibits/`.
- `exhibits/record.json` tells what the exhibits were made of: the hash of every file of code and data,
  versions, seconds and memory. `ro-crate-metadata.json` describes every file of the package.
- `again/notebooks/` holds the notebooks with their exhibits in place, as pages to read."""
TEMPLATE = """\
The template of this README: Vilhuber, L., Connolly, M., Koren, M., Llull, J. and Morrow, P. (2022).
*A template README for social science replication packages*, v1.1. https://doi.org/10.5281/zenodo.7293838"""


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
    is_restricted = any(source.access == "restricted" for source in sources)
    sections = [
        f"# {about.title}: replication package\n\n{', '.join(about.authors)} ({about.date})",
        _overview(about, sources, record, exhibits),
        data_statements(sources, files),
        dataset_list(sources, files),
        computing(record, files),
        _programs(record, files),
        _instructions(record, len(exhibits), is_restricted=is_restricted),
        _exhibits(exhibits, is_restricted=is_restricted),
        *([_withheld(withheld)] if withheld else []),
        _references(sources, record, files),
    ]
    return "\n\n".join(sections) + "\n"


def _overview(
    about: About, sources: Sequence[Source], record: Mapping[str, Any], exhibits: Sequence[Exhibit]
) -> str:
    figures = sum(one.kind == "figure" for one in exhibits)
    tables = sum(one.kind == "table" for one in exhibits)
    restricted = [source.title for source in sources if source.access == "restricted"]
    given = (
        f" Restricted, and not in the package: {'; '.join(restricted)}. On the made data in its place the"
        " command runs, and gives other numbers."
        if restricted
        else ""
    )
    return (
        f"## Overview\n\n{about.description}\n\nThe code, in Python, makes {len(exhibits)} exhibits"
        f" ({figures} figures, {tables} tables, {len(exhibits) - figures - tables} texts) from"
        f" {len(sources)} sources of data with {len(record['notebooks'])} notebooks. One command runs them"
        f" all, from the raw data, in about {max(1, round(minutes_of(record)))} minutes, and compares"
        f" every exhibit with that of this package.{given}"
    )


def _programs(record: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    questions = []
    for entry in record["notebooks"]:
        headings = HEADING.findall(told_in(entry["notebook"], files))
        questions.append(f"  - `notebooks/{entry['notebook']}.ipynb`: {headings[0] if headings else ''}")
    return PROGRAMS.format(questions="\n".join(questions))


def _instructions(record: Mapping[str, Any], n_exhibits: int, *, is_restricted: bool) -> str:
    minor = ".".join(record["python"].split(".")[:2])
    compared = COMPARED_RESTRICTED if is_restricted else COMPARED.format(n=n_exhibits)
    return INSTRUCTIONS.format(python=minor, compared=compared, minutes=max(1, round(minutes_of(record))))


def _exhibits(exhibits: Sequence[Exhibit], *, is_restricted: bool) -> str:
    rows = "\n".join(
        f"| {one.kind.capitalize()}: {one.title} | `notebooks/{one.notebook}.ipynb` | `{one.cell}` |"
        f" `exhibits/{one.file}` |"
        for one in exhibits
    )
    boxes = [
        box(
            "All numbers provided in text: sentences with numbers are printed by code, and are the exhibits"
            " of the kind *text*; prose types no result.",
            is_so=not is_restricted,
        ),
        box("All tables and figures.", is_so=not is_restricted),
        box(
            "Selected tables and figures, as explained and justified below."
            + (f" {SELECTED}" if is_restricted else ""),
            is_so=is_restricted,
        ),
    ]
    return (
        "## List of tables and programs\n\nThe provided code reproduces:\n\n"
        + "\n".join(boxes)
        + f"\n\n| Figure/Table, by its heading | Program | Cell | Output file |\n|---|---|---|---|\n{rows}"
    )


def _references(sources: Sequence[Source], record: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    cited = "\n".join(f"- {source.citation}" for source in sources if source.citation)
    told = [told_in(entry["notebook"], files) for entry in record["notebooks"]]
    methods = sorted({" ".join(one.split()) for text in told for one in REFERENCE.findall(text)})
    parts = ["## References"]
    if cited:
        parts.append(f"Data:\n\n{cited}")
    if methods:
        parts.append(
            "Methods, from the sources at the end of each notebook:\n\n"
            + "\n".join(f"- {one}" for one in methods)
        )
    return "\n\n".join([*parts, TEMPLATE])


def _withheld(withheld: Mapping[str, Message]) -> str:
    lines = "\n".join(f"- `{file}`: {why.text('en')}" for file, why in withheld.items())
    return f"### Withheld\n\nMade again by the code, but not given away:\n\n{lines}"
