"""ODK's dialect of XPath: expressions read once, compiled to Python functions, run many times.

The dialect is that of ODK Web Forms; ``docs`` of the functions' topics say where it departs from
XPath 1.0.
"""

from pk_research.survey.xpath.compile import Expression, expression
from pk_research.survey.xpath.problems import EvaluationError, ExpressionError
from pk_research.survey.xpath.world import Focus, World

__all__ = ["EvaluationError", "Expression", "ExpressionError", "Focus", "World", "expression"]
