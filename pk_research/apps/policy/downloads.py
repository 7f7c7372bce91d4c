"""What can be taken away: who gets what, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pk_research.apps.files import File
from pk_research.disclosure import open_table
from pk_research.language import Language, translate
from pk_research.writing import csv_bytes

if TYPE_CHECKING:
    import pandas as pd

    from pk_research.apps.policy.spend import Spending
    from pk_research.policy.scenarios import Scenario


def scenario_file(found: Scenario, language: Language) -> File:
    """Return one row a village: whether it is served, what it gets, what it gains and how sure that is."""
    return _file("aid-by-village", found.village_table(language), language, made=found.made)


def spending_file(found: Spending, language: Language) -> File:
    """Return one row a village and help: cost, expected gain and its standard error."""
    return _file("spending-plan", found.plan.table(language), language, made=found.plan.problem.made)


def _file(stem: str, table: pd.DataFrame, language: Language, *, made: bool) -> File:
    mark = f"-{translate('made-example', language)}" if made else ""
    return File(f"{translate(stem, language)}{mark}.csv", "text/csv", csv_bytes(open_table(table).frame))
