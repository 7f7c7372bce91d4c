"""What each questionnaire says of products, as one table of mentions.

Only the columns named here are read: names of people, telephone numbers, addresses, brands and places of
business never enter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.compute.floats import as_floats
from pk_research.errors import BadInput, Problem
from pk_research.sources.dataset import Dataset

FORMS = ("product_dossier", "village_potential", "umkm", "bumdes_profile")
OTHER = "other"
MONTHS = range(1, 13)
NUMBERS = (
    "price_idr_unit",
    "capacity_units_month",
    "cost_idr_unit",
    "n_enterprises",
    "n_workers",
    "sales_idr_month",
    "local_material_pct",
    "deliveries_month",
)
COLUMNS = (
    "form",
    "submission",
    "village",
    "village_name",
    "product",
    "written",
    "kbli",
    "unit_of_sale",
    "material",
    "season_months",
    "markets",
    "certificates",
    *NUMBERS,
)
_SALES_TO = {
    "sales_residents_pct": "residents",
    "sales_market_pct": "market",
    "sales_middleman_pct": "middleman",
    "sales_hotel_pct": "hotel_restaurant",
    "sales_online_pct": "online",
}
_PERMITS = {
    "nib": "NIB", "pirt": "PIRT", "halal": "halal", "bpom": "BPOM", "trademark": "trademark", "sni": "SNI",
}  # fmt: skip
MARKETS = tuple(_SALES_TO.values())
CERTIFICATES = tuple(_PERMITS.values())
_MOSTLY_LOCAL = ("village", "kecamatan", "regency")


@dataclass(frozen=True, eq=False)
class Mentions:
    """Every time a submission names a product.

    Attributes
    ----------
    frame
        One row a mention, columns `COLUMNS`; ``product`` is the answer of the list, ``written``
        the text where the answer was "other".
    n_submissions
        By form, how many submissions were read.
    n_rejected
        Submissions left out because they were rejected on review.
    n_silent
        Rows in which no product is named.
    """

    frame: pd.DataFrame
    n_submissions: Mapping[str, int]
    n_rejected: int
    n_silent: int


def read_mentions(submissions: Sequence[Dataset]) -> Mentions:
    """Read the submissions of the four questionnaires.

    Parameters
    ----------
    submissions
        As `survey.exchange.datasets` gives them: root tables, repeats, in any order. Tables of
        missing values and of other repeats are not needed and not read.

    Raises
    ------
    BadInput
        When there is none of the four, one is of no known questionnaire, one is given twice, a root
        lacks its repeat or a repeat its root, or a column is not there; everything at once.
    """
    tables = _tables(submissions)
    rejected = {name: _rejected(tables[name]) for name in FORMS if name in tables}
    kept = dict(_without(tables, rejected))
    readers = {
        "product_dossier": _dossiers,
        "village_potential": _potentials,
        "umkm": _enterprises,
        "bumdes_profile": _bumdes,
    }
    parts = [part for form in FORMS if form in kept for part in readers[form](kept)]
    frame = pd.concat([part.reindex(columns=list(COLUMNS)) for part in parts], ignore_index=True)
    named = frame["product"].notna() & ~((frame["product"] == OTHER) & frame["written"].isna())
    return Mentions(
        frame=frame[named].reset_index(drop=True),
        n_submissions={form: len(kept[form]) for form in FORMS if form in kept},
        n_rejected=sum(len(keys) for keys in rejected.values()),
        n_silent=int((~named).sum()),
    )


def _tables(submissions: Sequence[Dataset]) -> dict[str, pd.DataFrame]:
    problems, tables = [], {}
    for dataset in submissions:
        if not dataset.name.startswith(FORMS):
            problems.append(
                Problem(dataset.name, "it is of no questionnaire on products", f"Give {', '.join(FORMS)}.")
            )
        if dataset.name in tables:
            problems.append(Problem(dataset.name, "it is given twice", "Give each once."))
        tables[dataset.name] = dataset.frame
    if not problems and not set(tables) & set(FORMS):
        problems.append(Problem("submissions", "there are none", f"Give {', '.join(FORMS)}."))
    problems += _lacking(tables)
    if problems:
        raise BadInput(problems)
    return tables


def _lacking(tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    for root, repeat in _REPEATS.items():
        for given, other in ((root, repeat), (repeat, root)):
            if given in tables and other not in tables:
                yield Problem(
                    given, f"{other!r} is not beside it", "Give both: one names what the other holds."
                )
    for name, needed in _NEEDED.items():
        if name in tables:
            yield from _in_table(name, tables[name], needed)


def _in_table(name: str, frame: pd.DataFrame, needed: Sequence[str]) -> Iterator[Problem]:
    for column in needed:
        if column not in frame:
            yield Problem(name, f"there is no column {column!r}", "Give the questionnaire's own table.")
    twice = sorted(set(frame.loc[frame["key"].duplicated(), "key"])) if "key" in frame else []
    if twice:
        shown = ", ".join(twice[:5])
        yield Problem(name, f"{len(twice)} keys stand twice, such as {shown}", "Keep one row for each.")


_REPEATS = {
    "village_potential": "village_potential_candidate",
    "umkm": "umkm_item",
    "bumdes_profile": "bumdes_profile_unit",
}
_NEEDED = {
    "product_dossier": ("key", "village_code", "product", "product_other", "unit_of_sale", "price_idr_unit"),
    "village_potential": ("key", "village_code", "flagship_product", "flagship_product_other"),
    "village_potential_candidate": ("key", "parent_key", "candidate_product", "candidate_product_other"),
    "umkm": ("key", "village_code"),
    "umkm_item": ("key", "parent_key", "product", "product_other", "unit_of_sale", "price_idr_unit"),
    "bumdes_profile": ("key", "village_code"),
    "bumdes_profile_unit": ("key", "parent_key", "unit_product", "unit_product_other"),
}


def _rejected(frame: pd.DataFrame) -> frozenset[str]:
    if "review_state" not in frame:
        return frozenset()
    return frozenset(frame.loc[frame["review_state"].astype("string") == "rejected", "key"])


def _without(
    tables: Mapping[str, pd.DataFrame], rejected: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, pd.DataFrame]]:
    for name, frame in tables.items():
        gone = next((keys for form, keys in rejected.items() if name.startswith(form)), frozenset())
        if name in FORMS or "parent_key" in frame:
            column = "key" if name in FORMS else "parent_key"
            yield name, frame[~frame[column].isin(gone)].reset_index(drop=True)


def _dossiers(tables: Mapping[str, pd.DataFrame]) -> Iterator[pd.DataFrame]:
    frame = tables["product_dossier"]
    held = {f"{name}_status": label for name, label in _PERMITS.items()}
    yield _roots(frame, "product_dossier").assign(
        product=_text(frame, "product"),
        written=_text(frame, "product_other"),
        kbli=_text(frame, "kbli_code"),
        unit_of_sale=_unit(frame),
        material=_text(frame, "main_material"),
        season_months=_months(frame, "season_months"),
        certificates=_sets({label: _text(frame, name) == "has" for name, label in held.items()}, len(frame)),
        price_idr_unit=_number(frame, "price_idr_unit"),
        capacity_units_month=_number(frame, "capacity_units_month"),
        cost_idr_unit=_number(frame, "chain_input_idr_unit") + _number(frame, "chain_cost_idr_unit"),
        n_enterprises=_number(frame, "product_sellers"),
        deliveries_month=_number(frame, "deliveries_month"),
    )


def _potentials(tables: Mapping[str, pd.DataFrame]) -> Iterator[pd.DataFrame]:
    frame = tables["village_potential"]
    roots = _roots(frame, "village_potential")
    buyer = _text(frame, "product_buyer")
    markets = {kind: buyer == kind for kind in _SALES_TO.values()}
    markets["hotel_restaurant"] |= _number(frame, "hotel_restaurant_buyers") > 0
    markets["online"] |= _number(frame, "online_sales_pct") > 0
    origin = _text(frame, "raw_material_origin")
    local = origin.isin(_MOSTLY_LOCAL).astype("float64").mul(100).where(origin.notna())
    both = _text(frame, "product_permit") == "pirt_halal"
    yield roots.assign(
        product=_text(frame, "flagship_product"),
        written=_text(frame, "flagship_product_other"),
        season_months=_months(frame, "product_season_months"),
        markets=_sets(markets, len(frame)),
        certificates=_sets({"PIRT": both, "halal": both}, len(frame)),
        n_enterprises=_number(frame, "product_sellers"),
        sales_idr_month=_number(frame, "product_sales_idr_month"),
        local_material_pct=local,
    )
    rows = tables["village_potential_candidate"]
    yield _below(rows, roots).assign(
        product=_text(rows, "candidate_product"),
        written=_text(rows, "candidate_product_other"),
        season_months=_months(rows, "candidate_season_months"),
        n_enterprises=_number(rows, "candidate_sellers"),
        sales_idr_month=_number(rows, "candidate_sales_idr_month"),
    )


def _enterprises(tables: Mapping[str, pd.DataFrame]) -> Iterator[pd.DataFrame]:
    frame = tables["umkm"]
    held = {f"business_permits__{name}": label for name, label in _PERMITS.items()}
    roots = _roots(frame, "umkm").assign(
        material=_text(frame, "main_material"),
        markets=_sets({kind: _number(frame, name) > 0 for name, kind in _SALES_TO.items()}, len(frame)),
        certificates=_sets({label: _is_true(frame, name) for name, label in held.items()}, len(frame)),
        n_workers=_number(frame, "umkm_workers"),
        local_material_pct=_number(frame, "material_village_pct") + _number(frame, "material_regency_pct"),
    )
    roots["kbli"] = _text(frame, "kbli_code")
    rows = tables["umkm_item"]
    items = _below(rows, roots)
    # Products are named by weight: material, code and workers of the enterprise are told of its first.
    first = ~rows["parent_key"].duplicated().to_numpy()
    yield items.assign(
        product=_text(rows, "product"),
        written=_text(rows, "product_other"),
        unit_of_sale=_unit(rows),
        season_months=_months(rows, "season_months"),
        price_idr_unit=_number(rows, "price_idr_unit"),
        capacity_units_month=_number(rows, "capacity_units_month"),
        sales_idr_month=_number(rows, "item_sales_idr_month"),
        kbli=items["kbli"].where(first),
        material=items["material"].where(first),
        n_workers=items["n_workers"].where(first),
        local_material_pct=items["local_material_pct"].where(first),
    )


def _bumdes(tables: Mapping[str, pd.DataFrame]) -> Iterator[pd.DataFrame]:
    roots = _roots(tables["bumdes_profile"], "bumdes_profile")
    rows = tables["bumdes_profile_unit"]
    yield _below(rows, roots).assign(
        product=_text(rows, "unit_product"),
        written=_text(rows, "unit_product_other"),
        kbli=_text(rows, "unit_kbli_code"),
        n_workers=_number(rows, "unit_workers"),
        sales_idr_month=_number(rows, "unit_turnover_idr_year") / 12,
    )


def _roots(frame: pd.DataFrame, form: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "form": form,
            "submission": _text(frame, "key"),
            "village": _text(frame, "village_code"),
            "village_name": _text(frame, "village"),
        }
    )


def _below(rows: pd.DataFrame, roots: pd.DataFrame) -> pd.DataFrame:
    """Give each row of a repeat what its submission says."""
    return roots.set_index("submission").reindex(_text(rows, "parent_key")).reset_index(names="submission")


def _text(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series(pd.NA, index=frame.index, dtype="string")
    return frame[name].astype("string").reset_index(drop=True)


def _number(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="float64")
    return as_floats(frame[name]).reset_index(drop=True)


def _is_true(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series(data=False, index=frame.index)
    return frame[name].astype("boolean").fillna(value=False).astype(bool).reset_index(drop=True)


def _unit(frame: pd.DataFrame) -> pd.Series:
    unit = _text(frame, "unit_of_sale")
    return unit.where(unit != OTHER)


def _months(frame: pd.DataFrame, name: str) -> pd.Series:
    return _sets({month: _is_true(frame, f"{name}__{month}") for month in MONTHS}, len(frame))


def _sets(flags: Mapping[str, pd.Series] | Mapping[int, pd.Series], n_rows: int) -> pd.Series:
    told = {value: flag.fillna(value=False).to_numpy(dtype=bool) for value, flag in flags.items()}
    rows = [tuple(value for value, flag in told.items() if flag[n]) for n in range(n_rows)]
    return pd.Series(rows, dtype=object)
