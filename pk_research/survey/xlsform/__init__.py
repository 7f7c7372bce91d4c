"""Forms written as spreadsheets: compiled, explained where they do not compile, repaired."""

from pk_research.survey.xlsform.compiling import CompiledForm, compile_xlsform
from pk_research.survey.xlsform.repair import repair_xlsform

__all__ = ["CompiledForm", "compile_xlsform", "repair_xlsform"]
