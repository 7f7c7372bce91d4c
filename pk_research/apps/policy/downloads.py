"""What can be taken away: who gets what, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pk_research.apps.files import File
from pk_research.disclosure import open_table, withheld_message
from pk_research.language import Language, translate
from pk_research.writing import csv_bytes

if TYPE_CHECKING:
    import pandas as pd

    from pk_research.apps.policy.spend import Spending
    from pk_research.policy.scenarios import Scenario


def scenario_file(found: Scenario, language: Language, *, n_withheld: int = 0) -> File:
    """Return one row a village: whether it is served, what it gets, what it gains and how sure that is.

    Parameters
    ----------
    found
        The scenario.
    language
        Of the file.
    n_withheld
        Villages that are not in it, as in `Material.n_withheld`.
    """
    table = found.village_table(language)
    return _file("aid-by-village", table, language, made=found.made, n_withheld=n_withheld)


def spending_file(found: Spending, language: Language, *, n_withheld: int = 0) -> File:
    """Return one row a village and help: cost, expected gain and its standard error; as `scenario_file`."""
    table, made = found.plan.table(language), found.plan.problem.made
    return _file("spending-plan", table, language, made=made, n_withheld=n_withheld)


def _file(stem: str, table: pd.DataFrame, language: Language, *, made: bool, n_withheld: int) -> File:
    mark = f"-{translate('made-example', language)}" if made else ""
    opened = open_table(table)
    withheld = (*opened.report, withheld_message(n_withheld))
    return File(f"{translate(stem, language)}{mark}.csv", "text/csv", csv_bytes(opened.frame), withheld)
