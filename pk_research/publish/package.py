"""A replication package: code, data, exhibits and what a stranger must know to make them again."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pk_research.disclosure import Log
from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.publish.citation import About
from pk_research.publish.crate import crate
from pk_research.publish.exhibits import (
    KEPT_RECORD,
    LIST,
    WITHHELD,
    Exhibit,
    list_of,
    read_exhibits,
    read_record,
)
from pk_research.publish.guard import unanswered_data, why_withheld
from pk_research.publish.inputs import files_below, inputs_among
from pk_research.publish.package_readme import readme
from pk_research.publish.sources import OURS, Source
from pk_research.writing import csv_bytes, write_files

if TYPE_CHECKING:
    from pk_research.publish.restricted import Replaced

PARTS = (
    "pk_research", "notebooks", "data", "tests", "docs", "pyproject.toml", "requirements.lock",
    "environment.yml", "Makefile", "LICENSE", "README.md", "README.id.md", "CHANGELOG.md", "CITATION.cff",
    "CONTRIBUTING.md", "deploy", "WORKBENCH.md",
)  # fmt: skip
NUMBERED = re.compile(r"notebooks/\d\d-[^/]+\.ipynb")
MOMENT = (1980, 1, 1, 0, 0, 0)


def write_package(
    project: Path,
    run: Path,
    target: Path,
    about: About,
    *,
    sources: Sequence[Source] = OURS,
    twins: Replaced | None = None,
    log: Log | None = None,
) -> tuple[str, ...]:
    """Write a replication package as one zip, the same bytes for the same contents.

    Parameters
    ----------
    project
        The checkout.
    run
        A run of ``pk reproduce`` of this checkout; its exhibits are those of the package.
    target
        The zip to write; replaced in one step.
    about
        Title, authors, date.
    sources
        The data behind the exhibits; those of the checkout by default.
    twins
        From `restricted.replaced` of these sources: what goes in the place of restricted data, of which no
        byte is packed.
    log
        Where it is written down what leaves, before it does.

    Returns
    -------
    tuple of str
        The files in the package.

    Raises
    ------
    NotFound
        When the run or a file of a source is not there.
    BadInput
        When the run was made by other notebooks or not by all, or of files the package does not hold, or
        its exhibits were changed since; when no source answers for a file of data, one that is not made
        has columns that tell who somebody is, or a notebook holds outputs; when restricted data would
        leave.

    Notes
    -----
    README: Vilhuber et al. (2022), *A template README for social science replication packages*, v1.1.
    Metadata: RO-Crate 1.2.

    An exhibit that tells of somebody, or of too few, is left out; ``exhibits/withheld.csv`` says which and
    why, as the README does.
    """
    from pk_research.publish.restricted import without_restricted

    record, exhibits = read_record(run), list(read_exhibits(run / "exhibits").values())
    at_hand = dict(files_below(project, PARTS))
    files, sources = without_restricted(dict(at_hand), sources, twins)
    problems = [
        *_changed(files, record, exhibits, run),
        *_other_inputs(record, inputs_among(at_hand)),
        *_absent(files, sources),
        *unanswered_data(files, sources),
    ]
    if problems:
        raise BadInput(problems)
    content = {one.file: (run / "exhibits" / one.file).read_bytes() for one in exhibits}
    of_people, shares = record["of_people"], record.get("shares")  # an older record knows of no shares
    told = {one.file: why_withheld(one, content[one.file], of_people, shares=shares) for one in exhibits}
    withheld = {file: why for file, why in told.items() if why is not None}
    exhibits = [one for one in exhibits if one.file not in withheld]
    files |= {f"exhibits/{one.file}": content[one.file] for one in exhibits}
    files[f"exhibits/{LIST}"] = list_of(exhibits)
    if withheld:
        files[f"exhibits/{WITHHELD}"] = _withheld_list(withheld)
    files[f"exhibits/{KEPT_RECORD}"] = _kept(record, files)
    if "WORKBENCH.md" not in files and "README.md" in files:
        files["WORKBENCH.md"] = files["README.md"]  # a stranger looks into README.md, and must find theirs
    files.pop("README.md", None)
    files["README.md"] = readme(about, sources, record, exhibits, files=files, withheld=withheld).encode()
    files["ro-crate-metadata.json"] = crate(about, sources, files, record=record, exhibits=exhibits)
    package = {target.name: _zipped(files)}
    if log is not None:
        said = "Exhibit {file} is withheld: {why}."
        log(package, [Message(said, {"file": file, "why": why}) for file, why in withheld.items()])
    write_files(package, target.parent)
    return tuple(sorted(files))


def _withheld_list(withheld: Mapping[str, Message]) -> bytes:
    import pandas as pd

    rows = [(file, why.text("en"), why.text("id")) for file, why in withheld.items()]
    return csv_bytes(pd.DataFrame(rows, columns=["file", "why", "mengapa"]))


def _changed(
    files: Mapping[str, bytes], record: Mapping[str, Any], exhibits: Sequence[Exhibit], run: Path
) -> Iterator[Problem]:
    ran = {entry["notebook"]: entry["sha256"] for entry in record["notebooks"]}
    for name, digest in ran.items():
        now = files.get(f"notebooks/{name}.ipynb")
        if now is None or sha256(now).hexdigest() != digest:
            yield Problem(f"notebook {name}", "it is not the one that was run", "Run `pk reproduce` again.")
    for name in files:
        if NUMBERED.fullmatch(name) and Path(name).stem not in ran:
            yield Problem(
                f"notebook {Path(name).stem}", "the run leaves it out", "Run `pk reproduce` of all."
            )
    if not {"outside", "of_people", "inputs"} <= set(record):
        yield Problem(str(run), "an earlier version of the package made it", "Run `pk reproduce` again.")
    for entry in record.get("outside", ()):
        yield Problem(
            entry["setting"],
            f"the run read {entry['name']}, which the package does not hold, so that nobody could repeat it",
            "Run `pk reproduce` again without that setting.",
        )
    for one in exhibits:
        path = run / "exhibits" / one.file
        if not path.is_file() or sha256(path.read_bytes()).hexdigest() != one.sha256:
            yield Problem(f"exhibit {one.file}", "it was changed since the run", "Run `pk reproduce` again.")


def _other_inputs(record: Mapping[str, Any], now: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what of code and data is no longer what the run was made of."""
    was = record.get("inputs", now)
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            what = "taken away" if name not in now else "added" if name not in was else "changed"
            yield Problem(name, f"it was {what} since the run", "Run `pk reproduce` again.")


def _kept(record: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Return the record without a trace of what is not packed: a hash would tell who guesses the content."""
    inputs = {
        name: digest if _is(files.get(name), digest) else None for name, digest in record["inputs"].items()
    }
    return f"{json.dumps({**record, 'inputs': inputs}, ensure_ascii=False, indent=1)}\n".encode()


def _is(content: bytes | None, digest: str) -> bool:
    return content is not None and sha256(content).hexdigest() == digest


def _absent(files: Mapping[str, bytes], sources: Sequence[Source]) -> Iterator[Problem]:
    for source in sources:
        for place in source.files:
            if not any(name == place or name.startswith(f"{place}/") for name in files):
                yield Problem(
                    f"source {source.title!r}", f"{place} is not in the checkout", "Name its files."
                )


def _zipped(files: Mapping[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, content)
    return whole.getvalue()
