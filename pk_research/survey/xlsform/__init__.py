"""Forms written as spreadsheets: compiled, explained where they do not compile, repaired."""

from pk_research.survey.xlsform.compiling import CompiledForm, compile_xlsform
from pk_research.survey.xlsform.fault import UnsoundForm
from pk_research.survey.xlsform.opening import OpenedForm, open_xlsform
from pk_research.survey.xlsform.repair import Repaired, repair_xlsform

__all__ = [
    "CompiledForm",
    "OpenedForm",
    "Repaired",
    "UnsoundForm",
    "compile_xlsform",
    "open_xlsform",
    "repair_xlsform",
]
