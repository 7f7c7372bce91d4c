"""The plan as a file to take away."""

from __future__ import annotations

from pk_research.apps.files import File
from pk_research.apps.products.plan import Plan
from pk_research.disclosure import open_table
from pk_research.language import Language, translate
from pk_research.writing import csv_bytes


def plan_file(plan: Plan, language: Language) -> File:
    """Return one row a village: its product, the next best, and what it is worth.

    Made data says so in a column and in the file's name.
    """
    made = f"-{translate('made-example', language)}" if plan.assignment.problem.made else ""
    name = f"{translate('village-plan', language)}{made}.csv"
    return File(name, "text/csv", csv_bytes(open_table(plan.assignment.table(language)).frame))
