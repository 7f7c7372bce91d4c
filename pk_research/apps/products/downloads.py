"""The plan as a file to take away."""

from __future__ import annotations

from pk_research.apps.files import File
from pk_research.apps.products.plan import Plan
from pk_research.disclosure import open_table, withheld_message
from pk_research.language import Language, translate
from pk_research.writing import csv_bytes


def plan_file(plan: Plan, language: Language) -> File:
    """Return one row a village: its product, the next best, what it is worth, and what is withheld.

    Made data says so in a column and in the file's name.
    """
    made = f"-{translate('made-example', language)}" if plan.assignment.problem.made else ""
    name = f"{translate('village-plan', language)}{made}.csv"
    opened = open_table(plan.table(language))
    withheld = (*opened.report, withheld_message(plan.n_withheld))
    return File(name, "text/csv", csv_bytes(opened.frame), withheld)
