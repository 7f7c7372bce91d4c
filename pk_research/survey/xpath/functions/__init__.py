"""Every function of the ODK XForms specification, by topic."""

from pk_research.survey.xpath.functions import choices, dates, logic, nodes, numbers, places, text
from pk_research.survey.xpath.functions.registry import FUNCTIONS, Function, Run

__all__ = ["FUNCTIONS", "Function", "Run", "choices", "dates", "logic", "nodes", "numbers", "places", "text"]
