"""What the app is about: villages of the survey, what they sell, and what help did so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.apps.policy.helps import HELPS, Help
from pk_research.apps.policy.trouble import NO_EFFECT, NO_SURVEY
from pk_research.apps.trouble import CannotShow
from pk_research.codebook import Variable
from pk_research.disclosure import small_in
from pk_research.errors import BadInput
from pk_research.language import Message

if TYPE_CHECKING:
    from pk_research.policy.effects.effect import Effect
    from pk_research.store import Store, StoredDataset

SALES, SELLERS, INDEX, MARKET = "product_sales_idr_month", "product_sellers", "ike", "flagship_product"
NAMES = ("village_survey", "village_survey_made")
NEEDED = ("village_code", "year", "village", "kecamatan", "idm_status", SALES, SELLERS, INDEX, MARKET)
PERCENT = Message("%")
SOLD = Message("Monthly sales of the flagship product")


@dataclass(frozen=True, eq=False)
class Material:
    """The survey, read for policies.

    Attributes
    ----------
    survey
        One row a village and year; villages entered twice in a year are left out.
    n_twice
        Rows left out for that.
    made
        True for made data.
    inputs
        Hash of the dataset.
    sources
        What the store says of it.
    """

    survey: pd.DataFrame
    n_twice: int
    made: bool
    inputs: tuple[str, ...]
    sources: tuple[StoredDataset, ...] = ()
    _effects: dict[str, Effect] = field(default_factory=dict)

    @property
    def years(self) -> tuple[int, int]:
        """First and last year of the survey."""
        return int(self.survey["year"].min()), int(self.survey["year"].max())

    @property
    def latest(self) -> pd.DataFrame:
        """The villages in the last year."""
        return self.survey[self.survey["year"] == self.years[1]].reset_index(drop=True)

    @property
    def kecamatan(self) -> tuple[str, ...]:
        """Names of the kecamatan, in their order."""
        return tuple(sorted(self.latest["kecamatan"].dropna().unique()))

    @property
    def statuses(self) -> tuple[str, ...]:
        """Status of villages by the Indeks Desa Membangun, most frequent first."""
        return tuple(self.latest["idm_status"].dropna().astype(str).value_counts().index)

    @property
    def sellers(self) -> pd.DataFrame:
        """The villages of the last year of which sales, sellers, index and product are known.

        Not those whose sales rest on too few sellers: gains follow from sales by a rule that is told, and
        whoever moves the limits sees the difference that one village makes.
        """
        known = self._known
        return known[~_of_few(known)]

    @property
    def n_withheld(self) -> int:
        """How many villages are not among `sellers`, for their sales rest on too few sellers."""
        return int(_of_few(self._known).sum())

    @property
    def _known(self) -> pd.DataFrame:
        latest = self.latest
        return latest[latest[[SALES, SELLERS, INDEX, MARKET]].notna().all(axis=1) & (latest[SALES] > 0)]

    def without(self, asked: Help) -> pd.DataFrame:
        """Return those of `sellers` that could be helped: they are known to lack it, and it is of use."""
        rows = self.sellers
        if asked.column:
            rows = rows[rows[asked.column].notna() & ~rows[asked.column].isin(asked.with_it)]
        return rows[rows[MARKET].isin(asked.products)] if asked.products else rows

    def size_of(self, key: str) -> tuple[float, float]:
        """Return the effect of a help, estimated or assumed, and its standard error.

        Raises
        ------
        CannotShow
            As `effect_of`.
        """
        assumed = HELPS[key].assumed
        if assumed is None:
            effect = self.effect_of(key)
            return effect.estimate, effect.standard_error
        low, mean, high = assumed
        mode = 3 * mean - low - high
        spread = low**2 + mode**2 + high**2 - low * mode - low * high - mode * high
        return mean, float(np.sqrt(spread / 18))

    def effect_of(self, key: str) -> Effect:
        """Return what a help did to sales, in hundredths of logarithms (nearly per cent).

        Raises
        ------
        CannotShow
            When too few villages took it up between two surveys.
        """
        if key not in self._effects:
            try:
                self._effects[key] = _estimated(self, HELPS[key])
            except BadInput as reason:
                raise CannotShow(NO_EFFECT) from reason
        return self._effects[key]


def material_of(store: Store) -> Material:
    """Gather what the app is about.

    Raises
    ------
    CannotShow
        When no survey is kept in the store that has what is needed.
    """
    kept = {entry.name: entry for entry in store.datasets()}
    wanted = (*NEEDED, *(asked.column for asked in HELPS.values() if asked.column))
    for name in NAMES:
        if name not in kept:
            continue
        dataset = store.read(name)
        if set(wanted) <= set(dataset.frame.columns):
            rows = dataset.frame.dropna(subset=["village_code", "year"])
            twice = rows.duplicated(["village_code", "year"], keep=False)
            survey = rows[~twice].astype({"village_code": str, "year": int})
            survey = survey.astype(dict.fromkeys((SALES, SELLERS, INDEX), float))
            made, hashes = dataset.provenance.made, (dataset.content_hash,)
            return Material(survey, int(twice.sum()), made, hashes, (kept[name],))
    raise CannotShow(NO_SURVEY)


def _of_few(rows: pd.DataFrame) -> pd.Series:
    return small_in(rows, [Variable(SALES)])[SALES]


def _estimated(material: Material, asked: Help) -> Effect:
    from pk_research.policy.effects import did
    from pk_research.policy.effects.panel import read_panel

    rows = material.survey[["village_code", "year", SALES, asked.column]].dropna()
    rows = rows[rows[SALES] > 0]
    rows = rows.assign(
        has=rows[asked.column].isin(asked.with_it).astype(int), sold=100 * np.log(rows[SALES])
    ).sort_values(["village_code", "year"])
    lost = rows.groupby("village_code")["has"].transform(lambda has: (has.diff() < 0).any())
    panel = read_panel(
        rows[~lost], unit="village_code", period="year", outcome="sold", treated="has", unbalanced="balance"
    )
    return did.staggered(
        panel,
        outcome=SOLD,
        unit=PERCENT,
        aggregation="simple",
        comparison="not_yet_treated",
        cross_check=True,
        made=material.made,
    )
