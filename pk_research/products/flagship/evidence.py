"""What is known of each product in each kecamatan, from the candidates of its villages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pk_research.compute.floats import as_floats
from pk_research.errors import BadInput, Problem
from pk_research.indicators.regional import LocationQuotients, location_quotients
from pk_research.language import Language
from pk_research.products.flagship import words
from pk_research.products.flagship.criteria import IN_KECAMATAN
from pk_research.products.tables import not_numbers
from pk_research.products.words import some
from pk_research.register.village import KECAMATAN_LENGTH

UNTOLD_SALES = "n_untold_sales"
COLUMNS = ("village_code", "product", "n_enterprises", "markets", "sales_idr_month", "local_material_pct")
FIGURES = ("n_enterprises", "sales_idr_month", "local_material_pct")
CODE = re.compile(r"\d{10}")
_WHOLE_PCT = 100


@dataclass(frozen=True, eq=False)
class Evidence:
    """Figures by kecamatan and product.

    Attributes
    ----------
    frame
        Index ``kecamatan_code`` and ``product``, sorted; of the columns ``enterprises`` (number),
        ``market_reach`` (how many kinds of buyers), ``contribution`` (sales, IDR a month) and
        ``local_material`` (% of raw material from the regency) those asked for. All are known.
    left_out
        The same of products that lack a figure; missing where not one village told it.
    n_partial
        Figures in ``frame`` that some village of several did not tell, by criterion: sums are
        then lower bounds.
    untold
        By kecamatan and product, how many sellers are not in ``contribution``, because the
        catalogue could only add up what some told: above 0 it is a lower bound. Empty where the
        candidates do not say.
    quotients
        Location quotients of enterprises, kecamatan against the regency: evidence beside the
        criteria, not one of them; None where no village told how many there are, or all are of one
        kecamatan, which is then its own regency.
    inputs
        Hashes of the datasets behind it.
    made
        True when they are made data.
    """

    frame: pd.DataFrame
    left_out: pd.DataFrame
    n_partial: Mapping[str, int]
    untold: pd.Series
    quotients: LocationQuotients | None
    inputs: tuple[str, ...] = ()
    made: bool = False

    def scores(self, *, points: int = 5) -> pd.DataFrame:
        """Return scores from 1 to ``points`` by place in the order of the regency; equals share.

        The lowest figure of a criterion gets 1, the highest ``points``, those between by how many
        are below them: one giant does not push all others to 1.
        """
        steps = self.frame.rank() - 1
        return 1 + (points - 1) * steps / max(1, len(self.frame) - 1)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a kecamatan and product for people, with the location quotient."""
        return words.evidence_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say what is known, what was left out, and what the sums miss."""
        return words.evidence_in_words(self, language)


def evidence_of(
    candidates: pd.DataFrame,
    *,
    criteria: Sequence[str] = tuple(IN_KECAMATAN),
    inputs: tuple[str, ...] = (),
    made: bool = False,
) -> Evidence:
    """Gather what is known of each product in each kecamatan.

    Parameters
    ----------
    candidates
        One row a village and product, as in `catalogue.Catalogue.candidates`: ``village_code``,
        ``product``, ``n_enterprises``, ``markets`` (tuple), ``sales_idr_month``,
        ``local_material_pct``; optional ``n_untold_sales``.
    criteria
        Which of `IN_KECAMATAN` to look at: a product that lacks one of these is not scored. Those
        that villages name as merely promising were not asked for buyers and material.
    inputs, made
        As in `Evidence`.

    Returns
    -------
    Evidence
        Enterprises and sales are summed over the villages that told them, kinds of buyers united,
        the share of local material averaged.

    Raises
    ------
    BadInput
        When there are no candidates, a column is missing, a village or product is not named, a
        village and product stand twice, a figure is below zero, a share above 100, or a criterion is
        unknown.
    """
    _check(candidates, criteria)
    told = candidates.assign(
        kecamatan_code=candidates["village_code"].str[:KECAMATAN_LENGTH],
        n_enterprises=as_floats(candidates["n_enterprises"]),
        markets=candidates["markets"].map(frozenset),
    )
    groups = told.groupby(["kecamatan_code", "product"], sort=True)
    reach = groups["markets"].agg(lambda sets: len(frozenset().union(*sets)))
    figures = pd.DataFrame(
        {
            "enterprises": groups["n_enterprises"].sum(min_count=1).astype("float64"),
            "market_reach": reach.astype("float64").where(reach > 0),
            "contribution": groups["sales_idr_month"].sum(min_count=1).astype("float64"),
            "local_material": groups["local_material_pct"].mean().astype("float64"),
        }
    )
    asked = figures[list(criteria)]
    known = asked.notna().all(axis=1)
    silent = (
        pd.DataFrame(
            {
                "enterprises": told["n_enterprises"].isna(),
                "market_reach": told["markets"].map(len) == 0,
                "contribution": told["sales_idr_month"].isna(),
                "local_material": told["local_material_pct"].isna(),
            }
        )
        .groupby([told["kecamatan_code"], told["product"]])
        .any()
    )
    untold = (
        groups[UNTOLD_SALES].sum(min_count=1).astype("Int64")
        if UNTOLD_SALES in told and "contribution" in criteria
        else pd.Series(dtype="Int64")
    )
    return Evidence(
        frame=asked[known],
        left_out=asked[~known],
        n_partial={name: int(silent.loc[known, name].sum()) for name in criteria},
        untold=untold,
        quotients=_quotients(figures),
        inputs=inputs,
        made=made,
    )


def _quotients(figures: pd.DataFrame) -> LocationQuotients | None:
    counted = figures["enterprises"].dropna().reset_index()
    if not counted["enterprises"].sum() or len(counted["kecamatan_code"].unique()) == 1:
        return None
    return location_quotients(
        counted.astype({"kecamatan_code": object, "product": object}),
        value="enterprises",
        region="kecamatan_code",
        sector="product",
        absent_is_zero=True,
        are_counts=True,
    )


def _check(candidates: pd.DataFrame, criteria: Sequence[str]) -> None:
    if not isinstance(candidates, pd.DataFrame):
        what = f"it is a {type(candidates).__name__}"
        raise BadInput(Problem("candidates", what, "Give the table of candidates of a catalogue."))
    absent = [name for name in COLUMNS if name not in candidates.columns]
    if absent:
        raise BadInput(
            [
                Problem("candidates", f"there is no column {name!r}", "Give the catalogue's table.")
                for name in absent
            ]
        )
    problems = [
        Problem("criteria", f"{name!r} is none", f"Choose among {', '.join(IN_KECAMATAN)}.")
        for name in criteria
        if name not in IN_KECAMATAN
    ]
    if not criteria:
        problems.append(Problem("criteria", "there are none", f"Choose among {', '.join(IN_KECAMATAN)}."))
    if candidates.empty:
        problems.append(Problem("candidates", "there are none", "Gather submissions first."))
    pairs = candidates[["village_code", "product"]]
    problems += [
        Problem(f"column {name!r}", f"{n} values are missing", "Name it, or leave the rows out.")
        for name, n in pairs.isna().sum().items()
        if n
    ]
    for village, product in pairs[pairs.duplicated()].drop_duplicates().itertuples(index=False):
        problems.append(
            Problem(f"village {village}, product {product!r}", "it stands twice", "Keep one row for each.")
        )
    problems += _of_codes(candidates["village_code"].dropna())
    texts = int(candidates["markets"].map(lambda markets: isinstance(markets, str)).sum())
    if texts:
        remedy = "Give a tuple of markets, such as ('online', 'hotel')."
        problems.append(Problem("column 'markets'", f"{texts} values are one text", remedy))
    problems += _of_figures(candidates)
    if problems:
        raise BadInput(problems)


def _of_figures(candidates: pd.DataFrame) -> list[Problem]:
    problems = list(not_numbers("candidates", candidates, FIGURES))
    if problems:
        return problems
    for name in FIGURES:
        wrong = int((as_floats(candidates[name]) < 0).sum())
        if wrong:
            problems.append(Problem(f"column {name!r}", f"{wrong} values are below 0", "Correct them."))
    above = int((as_floats(candidates["local_material_pct"]) > _WHOLE_PCT).sum())
    if above:
        problems.append(
            Problem("column 'local_material_pct'", f"{above} values are above 100", "Correct them.")
        )
    return problems


def _of_codes(codes: pd.Series) -> list[Problem]:
    wrong = [code for code in codes.unique() if not (isinstance(code, str) and CODE.fullmatch(code))]
    if not wrong:
        return []
    remedy = "Give the 10 digits of the Kemendagri code as text."
    return [Problem("column 'village_code'", f"these are no village codes: {some(wrong)}", remedy)]
