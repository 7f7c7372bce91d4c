"""Compiling a spreadsheet into an XForm, once for each content."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pk_research.errors import BadInput, NotFound, NotReady, Problem
from pk_research.survey.definition import Form
from pk_research.survey.reading import parse_form
from pk_research.survey.xlsform.fault import Fault, UnsoundForm
from pk_research.survey.xlsform.workbook import MAX_BYTES

TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """A spreadsheet, compiled.

    Attributes
    ----------
    source
        Name of the file.
    sha256
        Hash of its content.
    xml
        The XForm.
    warnings
        What the compiler remarked, in its words.
    """

    source: str
    sha256: str
    xml: str
    warnings: tuple[str, ...]

    def open(
        self, *, resource: Callable[[str], bytes | None] | None = None, missing_lists_are_empty: bool = False
    ) -> Form:
        """Read the XForm, ready to be filled.

        Raises
        ------
        BadInput
            When an expression, a path or an attached list is not in order.
        """
        return parse_form(self.xml, resource=resource, missing_lists_are_empty=missing_lists_are_empty)


def compile_xlsform(
    path: Path | str, *, cache: Path | None = None, beside: Path | None = None
) -> CompiledForm:
    """Compile an XLSForm, in a process of its own.

    Parameters
    ----------
    path
        The spreadsheet.
    cache
        Folder where results are kept by the content's hash; None compiles anew.
    beside
        Folder of the files the form names; by default the spreadsheet's. One that is not there is a
        fault among the others of a form that does not compile.

    Raises
    ------
    NotFound
        When there is no such file.
    UnsoundForm
        When it is no form yet: one sentence per fault, with sheet, row and remedy.
        `repair_xlsform` removes those that are mechanical.
    NotReady
        When the compiler does not come to an end.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound(Problem(str(path), "there is no such file", "Check its name and folder."))
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(Problem(path.name, "it is larger than 32 MB", "Move long choice lists to a CSV file."))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    kept = None if cache is None else cache / f"{digest}-pyxform-{version('pyxform')}.json"
    if kept is not None and kept.is_file():
        return _loaded(path.name, kept.read_text(encoding="utf-8"))
    answer = _run_worker(path, beside or path.parent)
    if "faults" in answer:
        raise UnsoundForm(Fault.from_dict(fields) for fields in answer["faults"])
    compiled = CompiledForm(path.name, digest, str(answer["xml"]), tuple(answer["warnings"]))
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".part")
        partial.write_text(json.dumps(asdict(compiled)), encoding="utf-8")
        partial.replace(kept)
    return compiled


def _loaded(source: str, text: str) -> CompiledForm:
    fields = json.loads(text)
    return CompiledForm(source, fields["sha256"], fields["xml"], tuple(fields["warnings"]))


def faults_of_xlsform(path: Path, beside: Path) -> list[Fault]:
    """Look for everything that is wrong with a spreadsheet, in a process of its own.

    Raises
    ------
    NotReady
        When the compiler does not come to an end.
    """
    return [Fault.from_dict(fields) for fields in _run_worker(path, beside, "--faults")["faults"]]


def _run_worker(path: Path, beside: Path, *options: str) -> dict[str, Any]:
    given = [str(path.resolve()), str(beside.resolve()), *options]
    command = [sys.executable, "-m", "pk_research.survey.xlsform.worker", *given]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=True, text=True)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise NotReady(
            Problem(path.name, f"compiling takes longer than {TIMEOUT_S} s", "Split the form.")
        ) from None
    except subprocess.CalledProcessError as error:
        last = error.stderr.strip().rpartition("\n")[2]
        raise NotReady(
            Problem(path.name, f"the compiler stopped ({last})", "Install the package's dependencies again.")
        ) from None
    answer: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    return answer
