"""The catalogue of candidates, told to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.language import Language, Message, translate
from pk_research.products.catalogue.known import product_label
from pk_research.sources.dataset import Step
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HOW = {
    "name": Message("known name"),
    "spelling": Message("another spelling"),
    "decision": Message("decided by a person"),
    "in doubt": Message("in doubt"),
    "unknown": Message("not in the list"),
}
FORMS = {
    "product_dossier": Message("Product dossiers"),
    "umkm": Message("Enterprises (UMKM)"),
    "bumdes_profile": Message("Village enterprises (BUMDes)"),
    "village_potential": Message("Village potentials"),
    "table": Message("Rows of a table"),
}
CODES = {
    "list scope": Message("list of products, checked against copies of KBLI 2020"),
    "list title": Message("list of products, only its title checked against copies of KBLI 2020"),
    "list": Message("list of products, not checked"),
    "told": Message("told by respondents, not checked"),
}
UNTOLD = {
    "capacity": "n_untold_capacity",
    "sales": "n_untold_sales",
    "workers": "n_untold_workers",
}
SUMS = {
    "capacity": Message(
        "Capacities that add up what enterprises told, and are at least so much: {n}"
        " (enterprises not in them: {untold})"
    ),
    "sales": Message(
        "Sales that add up what enterprises told, and are at least so much: {n}"
        " (enterprises not in them: {untold})"
    ),
    "workers": Message(
        "Numbers of workers that add up what enterprises told, and are at least so much: {n}"
        " (enterprises not in them: {untold})"
    ),
}
_NAMED = 5


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What villages can make.

    Attributes
    ----------
    candidates
        One row a village and product, sorted: ``village_code`` (10 digits), ``product``
        (identifier), ``product_name`` (Indonesian), ``kbli`` (five digits or missing),
        ``kbli_from`` (a key of `CODES`),
        ``unit_of_sale``, ``raw_materials`` (tuple), ``season_months`` (tuple of 1 to 12; empty is
        unknown), ``deliveries_month`` (times a month at most; 0 where buyers must collect),
        ``capacity_units_month``, ``n_untold_capacity``, ``price_idr_unit``, ``cost_idr_unit``,
        ``n_enterprises``, ``n_workers``, ``n_untold_workers``, ``sales_idr_month``,
        ``n_untold_sales``, ``local_material_pct`` (0-100, from the regency), ``markets``,
        ``certificates``, ``sources`` (forms) and ``n_submissions``. A missing figure was told by
        nobody. Where capacity, workers or sales are a sum over enterprises (and units of a BUMDes),
        ``n_untold_…`` says how many are not in it, because they did not tell or were not asked:
        above 0 the sum is a lower bound. It is missing where the village itself told the figure.
    merged
        Names given in words that were taken for a product: ``written``, ``product``, ``how``,
        ``n`` (mentions), ``hits`` (products with likeness, 0-100).
    to_decide
        Those that a person must decide: the same columns, ``product`` missing. Not for publication:
        somebody may have written a person's name.
    unplaced
        Villages the register does not know: ``village`` as given, ``n`` mentions.
    steps
        What was left out or could not be used, and how often.
    n_submissions
        By form, how many submissions were read.
    inputs
        Hashes of the submissions.
    made
        True when they are made.
    """

    candidates: pd.DataFrame
    merged: pd.DataFrame
    to_decide: pd.DataFrame
    unplaced: pd.DataFrame
    steps: tuple[Step, ...]
    n_submissions: Mapping[str, int]
    inputs: tuple[str, ...]
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a candidate for people."""
        frame = self.candidates
        table = pd.DataFrame(
            {
                translate("Village code", language): frame["village_code"],
                translate("Product", language): [product_label(name, language) for name in frame["product"]],
                translate("KBLI 2020", language): frame["kbli"],
                translate("Where the code is from", language): [
                    CODES[origin].text(language) if isinstance(origin, str) else "–"
                    for origin in frame["kbli_from"]
                ],
                translate("Unit of sale", language): frame["unit_of_sale"],
                translate("Price (IDR a unit)", language): frame["price_idr_unit"],
                translate("Capacity (units a month)", language): frame["capacity_units_month"],
                translate("Sellers whose capacity is not in it", language): frame["n_untold_capacity"],
                translate("Deliveries a month", language): frame["deliveries_month"],
                translate("Sellers", language): frame["n_enterprises"],
                translate("Sales (IDR a month)", language): frame["sales_idr_month"],
                translate("Sellers whose sales are not in it", language): frame["n_untold_sales"],
                translate("Months available (empty: unknown)", language): frame["season_months"].map(_listed),
                translate("Submissions", language): frame["n_submissions"],
            }
        )
        return marked(table, language, made=self.made)

    def names_table(self, language: Language) -> pd.DataFrame:
        """Return names given in words: what they were taken for, or what they may be."""
        both = pd.concat([self.to_decide, self.merged], ignore_index=True)
        table = pd.DataFrame(
            {
                translate("Name as written", language): both["written"],
                translate("Mentions", language): both["n"],
                translate("How it was matched", language): [HOW[how].text(language) for how in both["how"]],
                translate("Product", language): [
                    product_label(name, language) if isinstance(name, str) else "–"
                    for name in both["product"]
                ],
                translate("May be", language): [
                    ", ".join(f"{product_label(name, language)} ({likeness:.0f})" for name, likeness in hits)
                    for hits in both["hits"]
                ],
            }
        )
        return marked(table, language, made=self.made)

    def in_words(self, language: Language) -> str:
        """Say how many candidates there are, from what, what was merged and what awaits a decision."""
        parts = [Message(MADE)] if self.made else []
        parts += [
            Message("{form}: {n}", {"form": FORMS[form], "n": n})
            if form == "table"
            else Message("{form}, submissions read: {n}", {"form": FORMS[form], "n": n})
            for form, n in self.n_submissions.items()
        ]
        parts.append(
            Message(
                "Candidates: {n}, of {products} products in {villages} villages",
                {
                    "products": self.candidates["product"].nunique(),
                    "villages": self.candidates["village_code"].nunique(),
                    "n": len(self.candidates),
                },
            )
        )
        parts += [Message("{what}: {n}", {"n": step.n_rows, "what": step.what}) for step in self.steps]
        parts += self._lower_bounds()
        if len(self.to_decide):
            shown = [str(name) for name in self.to_decide["written"].head(_NAMED)]
            names = ", ".join(f"“{name}”" for name in shown) + (", …" if len(self.to_decide) > _NAMED else "")
            parts.append(
                Message(
                    "Names that await a person's decision ({n}): {names}",
                    {"n": len(self.to_decide), "names": names},
                )
            )
        return " ".join(f"{part.text(language)}." for part in parts)

    def _lower_bounds(self) -> list[Message]:
        """Say which sums leave somebody out, and are at least so much."""
        untold = {name: self.candidates[column].fillna(0) for name, column in UNTOLD.items()}
        return [
            Message(SUMS[name].template, {"n": int((left_out > 0).sum()), "untold": int(left_out.sum())})
            for name, left_out in untold.items()
            if (left_out > 0).any()
        ]

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw how many villages name each product."""
        from pk_research.products.catalogue.pictures import plot_catalogue

        return plot_catalogue(self, language, width_px=width_px)


def _listed(values: tuple[object, ...]) -> str:
    return ", ".join(map(str, values))
