"""Questionnaires: XLSForm in, form on screen, checked submission out.

A spreadsheet is compiled (`compile_xlsform`), the XForm read and checked (`parse_form`), and then
filled as often as one likes (`Form.start`). What comes back is never believed: `check_submission`
works it out again. The dialect is that of ODK Web Forms wherever implementations differ.
"""

from pk_research.survey.check import check_submission
from pk_research.survey.definition import Form
from pk_research.survey.filled import Filled
from pk_research.survey.flaws import Flaw
from pk_research.survey.reading import parse_form
from pk_research.survey.resources import files_beside
from pk_research.survey.session import Session
from pk_research.survey.surroundings import Change, Surroundings
from pk_research.survey.views import NodeView, Violation
from pk_research.survey.xlsform import CompiledForm, compile_xlsform, repair_xlsform

__all__ = [
    "Change",
    "CompiledForm",
    "Filled",
    "Flaw",
    "Form",
    "NodeView",
    "Session",
    "Surroundings",
    "Violation",
    "check_submission",
    "compile_xlsform",
    "files_beside",
    "parse_form",
    "repair_xlsform",
]
