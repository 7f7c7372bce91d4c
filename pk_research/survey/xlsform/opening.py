"""From a spreadsheet to a form that runs, or to all that keeps it from being one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pk_research.errors import BadInput, Problem
from pk_research.survey.definition import Form, Resource
from pk_research.survey.resources import files_beside
from pk_research.survey.xlsform.compiling import CompiledForm, compile_xlsform, faults_of_xlsform
from pk_research.survey.xlsform.complaints import cell_of_doubt, faults_of_engine
from pk_research.survey.xlsform.fault import Fault, UnsoundForm
from pk_research.survey.xlsform.faults import find_faults_of_running
from pk_research.survey.xlsform.gathering import in_reading_order
from pk_research.survey.xlsform.workbook import read_workbook


@dataclass(frozen=True, slots=True)
class OpenedForm:
    """A spreadsheet that is a form.

    Attributes
    ----------
    compiled
        Its XForm.
    form
        The form, ready to be filled.
    doubts
        What runs, but perhaps not as it is meant: sheet, row, what, remedy.
    """

    compiled: CompiledForm
    form: Form
    doubts: tuple[Problem, ...]


def open_xlsform(
    path: Path | str,
    *,
    cache: Path | None = None,
    beside: Path | None = None,
    resource: Resource | None = None,
) -> OpenedForm:
    """Compile an XLSForm and read it with the engine.

    Parameters
    ----------
    path
        The spreadsheet.
    cache, beside
        As for `compile_xlsform`.
    resource
        Finds the files the form names; by default in the folder ``beside``.

    Raises
    ------
    NotFound, NotReady
        As `compile_xlsform`.
    UnsoundForm
        When it is no form yet: everything that was found, with sheet, row and column.
    """
    path = Path(path)
    beside = beside or path.parent
    compiled = compile_xlsform(path, cache=cache, beside=beside)
    workbook = read_workbook(path)
    try:
        form = compiled.open(resource=resource or files_beside(beside))
    except BadInput as error:
        gathered = faults_of_xlsform(path, beside)
        others = (fault for fault in faults_of_engine(error, workbook) if not _is_told(fault, gathered))
        raise UnsoundForm(in_reading_order([*gathered, *others], workbook)) from None
    survey = workbook.sheet("survey")
    noted = [] if survey is None else find_faults_of_running(survey)
    doubts = [fault.problem for fault in noted if fault.is_doubt]
    more = (cell_of_doubt(doubt, workbook) for doubt in form.doubts if "the appearance " not in doubt)
    return OpenedForm(compiled, form, (*doubts, *more))


def _is_told(fault: Fault, among: list[Fault]) -> bool:
    return any(
        fault.problem == other.problem or (fault.cell is not None and fault.cell == other.cell)
        for other in among
        if not other.is_doubt
    )
