"""Reports as files: all of them, or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pk_research.disclosure import Log
from pk_research.errors import BadInput, NotReady, Problem
from pk_research.language import Language
from pk_research.publish.reports.council import Policies, council_document
from pk_research.publish.reports.facts import Facts, ReportMaterial, facts_of
from pk_research.publish.reports.typeset import pdf_bytes
from pk_research.publish.reports.village import village_document
from pk_research.publish.reports.word import docx_bytes

VILLAGE_PAGES = 2
ENDINGS = (".pdf", ".docx")


def write_village_reports(
    material: ReportMaterial,
    folder: Path,
    *,
    villages: Sequence[str] = (),
    language: Language = "id",
    log: Log | None = None,
) -> tuple[Path, ...]:
    """Write a report of two pages for each village.

    Parameters
    ----------
    material
        The data.
    folder
        Made; must not be there yet, or be empty.
    villages
        Codes, dotted or not; none for all of the register.
    language
        Of the reports.
    log
        Where it is written down what leaves, before it does.

    Returns
    -------
    tuple of Path
        One file a village, ``<code>.pdf``, by code.

    Raises
    ------
    BadInput
        When codes are not in the register (all of them), or the folder holds something.
    NotReady
        When the folder cannot be written.
    """
    known = {village.code for village in material.register}
    asked = [code.replace(".", "").strip() for code in villages]
    problems = [
        Problem(given, "the register has no village of this code", "Look its code up in the register.")
        for given, code in zip(villages, asked, strict=True)
        if code not in known
    ]
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problems.append(Problem(str(folder), "it is there already", "Name a new folder."))
    if problems:
        raise BadInput(problems)
    facts = facts_of(material)
    files = _made(facts, tuple(sorted(set(asked or known))), language)
    if log is not None:
        log(files, facts.withheld)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".part-") as part:
            whole = Path(part) / "reports"
            whole.mkdir()
            for name, content in files.items():
                (whole / name).write_bytes(content)
            whole.replace(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return tuple(folder / name for name in files)


def write_council_report(
    material: ReportMaterial,
    policies: Policies,
    target: Path,
    *,
    language: Language = "id",
    log: Log | None = None,
) -> Path:
    """Write the report for the council, as PDF or Word by the ending of the file's name.

    Parameters
    ----------
    material
        The data.
    policies
        What was evaluated and planned.
    target
        ``.pdf`` or ``.docx``; must not be there yet.
    language
        Of the report.
    log
        As in `write_village_reports`.

    Raises
    ------
    BadInput
        When the ending is another, or the file is there already.
    NotReady
        When it cannot be written.
    """
    problems = []
    if target.suffix.lower() not in ENDINGS:
        problems.append(
            Problem(str(target), f"it ends in {target.suffix!r}", "Name a file in .pdf or .docx.")
        )
    if target.exists():
        problems.append(Problem(str(target), "it is there already", "Name a new file."))
    if problems:
        raise BadInput(problems)
    facts = facts_of(material)
    document = council_document(facts, policies, language)
    content = pdf_bytes(document) if target.suffix.lower() == ".pdf" else docx_bytes(document)
    if log is not None:
        log({target.name: content}, (*facts.withheld, *policies.withheld))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".part-") as part:
            (Path(part) / target.name).write_bytes(content)
            os.link(Path(part) / target.name, target)
    except OSError as error:
        raise _unwritable(target, error) from error
    return target


def _made(facts: Facts, codes: tuple[str, ...], language: Language) -> dict[str, bytes]:
    return {
        f"{code}.pdf": pdf_bytes(village_document(facts, code, language), most_pages=VILLAGE_PAGES)
        for code in codes
    }


def _unwritable(where: Path, error: OSError) -> NotReady:
    return NotReady(Problem(str(where), f"it cannot be written ({error.strerror})", "Choose another place."))
