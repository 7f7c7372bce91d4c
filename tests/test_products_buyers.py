"""Buyers matched with villages: the best sales, and why something remains, on tables one can work by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pk_research.errors import BadInput
from pk_research.products import buyers
from pk_research.products.buyers.trade import FILTERS
from pk_research.writing import csv_bytes

YEAR = tuple(range(1, 13))
NAMES = {"A": "Sukamaju", "B": "Sukatani", "C": "Mekarsari", "telur": "Telur asin", "kecap": "Kecap"}
SUPPLY = """
village  product  capacity  price  quality  certificates  months
A        telur    100       2000   4        PIRT,halal    all
B        telur    80        2500   3        PIRT          all
C        telur    50        2200   2        -             1,2,3
"""
DEMAND = """
buyer  product  volume  price  quality  certificates  months
H1     telur    120     3000   3        PIRT          all
H2     telur    60      2600   4        PIRT,halal    1,2,3,4,5,6
"""
KM = pd.DataFrame({"H1": [5.0, 10, 3], "H2": [20.0, 4, np.nan]}, index=list("ABC"))


def months(cell: str) -> tuple[int, ...]:
    return YEAR if cell == "all" else () if cell == "-" else tuple(map(int, cell.split(",")))


def certificates(cell: str) -> tuple[str, ...]:
    return () if cell == "-" else tuple(cell.split(","))


def number(cell: str) -> float:
    return np.nan if cell == "-" else float(cell)


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.split("\n") if line.strip()][1:]


def supply(text: str = SUPPLY) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (who, what, number(cap), number(price), number(quality), certificates(held), months(when), 1000.0)
            for who, what, cap, price, quality, held, when in rows(text)
        ],
        columns=[
            "village_code", "product", "capacity_units_month", "price_idr_unit", "quality", "certificates",
            "season_months", "cost_idr_unit",
        ],
    )  # fmt: skip


def demand(text: str = DEMAND) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (who, f"Hotel {who}", what, *map(number, numbers), certificates(needed), months(when))
            for who, what, *numbers, needed, when in rows(text)
        ],
        columns=[
            "buyer_code", "buyer_name", "product", "volume_units_month", "price_idr_unit", "quality",
            "certificates", "months",
        ],
    )  # fmt: skip


def one(**change: str) -> pd.DataFrame:
    """One offer of A, changed."""
    usual = {
        "capacity": "100",
        "price": "2000",
        "quality": "4",
        "certificates": "PIRT",
        "months": "all",
    } | change
    return supply(f"head\nA telur {' '.join(usual.values())}")


def wanted(
    volume: str = "60", price: str = "3000", quality: str = "3", needed: str = "PIRT", when: str = "all"
):
    return demand(f"head\nH1 telur {volume} {price} {quality} {needed} {when}")


def found(**options: object) -> buyers.Matching:
    return buyers.match(supply(), demand(), KM, names=NAMES, **options)


def sales(matching: buyers.Matching) -> dict[tuple[tuple[int, ...], str, str], float]:
    flows = matching.flows
    keys = zip(flows["months"], flows["village_code"], flows["buyer_code"], strict=True)
    return dict(zip(keys, flows["units_month"].round(6), strict=True))


def reasons_of(reasons: buyers.Reasons) -> dict[tuple[str, ...], float]:
    shown = reasons.reasons
    return dict(zip(shown["reason"], shown["freed_units_month"].round(4), strict=True))


# The plan


def test_the_small_table_is_matched_as_by_hand():
    # H2 takes only A's; H1 then gets the rest of A's 100 and 80 of B's.
    half_one, half_two = (4, 5, 6), (7, 8, 9, 10, 11, 12)
    plan = sales(found())
    assert plan[half_one, "A", "H2"] == 60
    assert plan[half_one, "A", "H1"] == 40
    assert plan[half_one, "B", "H1"] == 80
    assert plan[half_two, "A", "H1"] + plan[half_two, "B", "H1"] == 120
    assert plan[(1, 2, 3), "A", "H2"] == 60
    assert found().value_idr_year == 12 * 120 * 3000 + 6 * 60 * 2600


def test_among_equal_plans_ways_are_shortest():
    # From July H1 alone buys: all of A's 100 (5 km), and 20 of B's (10 km).
    late = {key[1]: units for key, units in sales(found()).items() if key[0] == (7, 8, 9, 10, 11, 12)}
    assert late == {"A": 100, "B": 20}


def test_the_margin_counts_cost_and_transport():
    plan = buyers.match(one(), wanted(), KM[["H1"]].loc[["A"]], objective="margin", transport_idr_unit_km=10)
    assert plan.gain_idr_year == pytest.approx(12 * 60 * (3000 - 1000 - 10 * 5))
    assert "setelah biaya produksi dan angkutan tersisa" in plan.in_words("id")


def test_for_the_margin_nothing_is_sold_below_cost_and_the_reason_is_the_price():
    costly = one().assign(cost_idr_unit=2990.0)
    options = {"objective": "margin", "transport_idr_unit_km": 10}
    plan = buyers.match(costly, wanted(), KM[["H1"]].loc[["A"]], **options)
    assert plan.flows.empty
    assert reasons_of(buyers.why_unmet(plan, n_jobs=1)) == {("price",): 60}


def test_contracts_are_whole():
    plan = found(contract_units=25)
    assert (plan.flows["units_month"] % 25 == 0).all()
    assert plan.value_idr_year < found().value_idr_year


def test_the_worth_of_one_more_unit_is_what_it_adds():
    plan = buyers.match(one(capacity="40"), wanted(), KM[["H1"]].loc[["A"]])
    more = buyers.match(one(capacity="41"), wanted(), KM[["H1"]].loc[["A"]])
    gained = (more.value_idr_year - plan.value_idr_year) / 12
    assert plan.supply["worth_idr_unit"].tolist() == pytest.approx([gained]) == [3000]
    assert plan.demand["worth_idr_unit"].tolist() == [0]


AMOUNTS = st.lists(st.integers(0, 4), min_size=3, max_size=3)


@settings(max_examples=25, deadline=None)
@given(
    AMOUNTS,
    AMOUNTS,
    st.lists(st.integers(1, 9), min_size=3, max_size=3),
    st.lists(st.booleans(), min_size=9, max_size=9),
)
def test_the_plan_is_the_best_of_all_and_of_another_programme(capacity, volume, price, ways):
    offers = pd.concat(
        [one(capacity=str(c)).assign(village_code=v) for c, v in zip(capacity, "ABC", strict=True)]
    )
    wants = pd.concat(
        [
            wanted(str(v), str(1000 * p + 1000)).assign(buyer_code=b)
            for v, p, b in zip(volume, price, ("H1", "H2", "H3"), strict=True)
        ]
    )
    km = pd.DataFrame(
        np.where(np.reshape(ways, (3, 3)), 7.0, 900.0), index=list("ABC"), columns=["H1", "H2", "H3"]
    )
    plan = buyers.match(offers, wants, km, most_km=100)
    open_ = (km <= 100).to_numpy() & (1000 * np.array(price) + 1000 >= 2000)
    worth = 1000.0 * np.array(price) + 1000
    assert plan.value_idr_year / 12 == pytest.approx(best_by_trying(capacity, volume, worth, open_))
    assert plan.value_idr_year / 12 == pytest.approx(
        best_with_slacks(capacity, volume, worth, open_), abs=1e-3
    )


def best_by_trying(capacity: list[int], volume: list[int], worth: np.ndarray, open_: np.ndarray) -> float:
    """Deliveries that a flow can bring are those that no set of buyers exceeds (Hall, Gale)."""
    groups = [g for size in (1, 2, 3) for g in itertools.combinations(range(3), size)]
    reach = {g: sum(c for c, row in zip(capacity, open_, strict=True) if row[list(g)].any()) for g in groups}
    every = itertools.product(*(range(v + 1) for v in volume))
    return max(
        float(worth @ plan) for plan in every if all(sum(plan[b] for b in g) <= reach[g] for g in groups)
    )


def best_with_slacks(capacity: list[int], volume: list[int], worth: np.ndarray, open_: np.ndarray) -> float:
    """Balance supply and demand by a dummy buyer and a dummy seller; every row is an equation."""
    n = sum(capacity) + sum(volume)
    have, want = [*capacity, n - sum(capacity)], [*volume, n - sum(volume)]
    cost = np.zeros((4, 4))
    cost[:3, :3] = np.where(open_, -worth, 1e7)
    rows_ = [np.kron(np.eye(4)[k], np.ones(4)) for k in range(4)]
    columns = [np.kron(np.ones(4), np.eye(4)[k]) for k in range(4)]
    result = linprog(cost.ravel(), A_eq=rows_ + columns, b_eq=have + want, method="highs")
    return -result.fun


# Why something remains


@pytest.mark.parametrize(
    ("offer", "want", "km", "reasons"),
    [
        (one(capacity="40"), wanted(), 5, {("volume",): 20}),
        (one(quality="2"), wanted(), 5, {("quality",): 60}),
        (one(certificates="-"), wanted(), 5, {("certificate",): 60}),
        (one(price="3500"), wanted(), 5, {("price",): 60}),
        (one(), wanted(), 500, {("distance",): 60}),
        (one(months="1"), wanted(when="2"), 5, {("season",): 60}),
        (one(months="1", quality="1"), wanted(when="2"), 5, {("season", "quality"): 60}),
        (
            one(price="3500", certificates="-", capacity="10"), wanted(), 500,
            {("certificate", "distance", "price"): 10},
        ),
        (one().assign(product="kecap"), wanted(), 5, {("nobody",): 0}),
    ],
)  # fmt: skip
def test_each_reason_is_found_and_what_it_would_free(offer, want, km, reasons):
    plan = buyers.match(offer, want, pd.DataFrame({"H1": [float(km)]}, index=["A"]), most_km=100)
    assert reasons_of(buyers.why_unmet(plan, n_jobs=1)) == reasons


@pytest.mark.parametrize(
    ("offered", "asked", "unknown", "reasons"),
    [
        (4, 8, "fails", {("frequency",): 60}),
        (8, 8, "fails", {}),
        (np.nan, 8, "fails", {("frequency",): 60}),
        (np.nan, 8, "passes", {}),
        (np.nan, 1, "fails", {}),
        (4, np.nan, "fails", {}),
    ],
)
def test_a_buyer_who_wants_deliveries_more_often_is_missed_by_frequency(offered, asked, unknown, reasons):
    offer, want = one().assign(deliveries_month=offered), wanted().assign(deliveries_month=asked)
    plan = buyers.match(offer, want, KM[["H1"]].loc[["A"]], unknown=unknown)
    lacking = buyers.why_unmet(plan, n_jobs=1)
    assert reasons_of(lacking) == reasons
    assert ("frekuensi pengiriman" in lacking.in_words("id")) == bool(reasons)
    is_doubtful = bool(np.isnan(offered)) and asked > 1
    assert ("Offers without a known delivery frequency: 1" in plan.in_words("en")) == is_doubtful


def test_villages_that_were_not_asked_how_often_they_deliver_are_told_as_unknown():
    plan = buyers.match(one(), wanted().assign(deliveries_month=30), KM[["H1"]].loc[["A"]])
    assert reasons_of(buyers.why_unmet(plan, n_jobs=1)) == {("frequency",): 60}
    assert plan.n_unknown["frequency"] == 1


def test_several_reasons_are_listed_with_what_each_frees():
    offers = supply("""
    village  product  capacity  price  quality  certificates  months
    A        telur    10        2000   4        PIRT          all
    B        telur    30        2000   4        -             all
    C        telur    20        2000   2        PIRT          all
    """)
    plan = buyers.match(offers, wanted("100"), KM[["H1"]])
    expected = {("volume",): 90, ("quality",): 20, ("certificate",): 30}
    assert reasons_of(buyers.why_unmet(plan, n_jobs=1)) == expected


def test_a_reason_counts_what_others_can_hand_over_but_never_less_for_them():
    # B may sell to H1 only; relaxing H2's certificate lets B serve H1, and A move to H2.
    offers = supply("head\nA telur 50 2000 4 PIRT all\nB telur 30 2000 4 - all")
    wants = demand("head\nH1 telur 50 3000 3 - all\nH2 telur 50 2500 3 PIRT,halal all")
    plan = buyers.match(offers, wants, KM.loc[["A", "B"]].fillna(9.0))
    lacking = buyers.why_unmet(plan, n_jobs=1)
    assert reasons_of(lacking) == {("certificate",): 30}


def test_what_villages_keep_has_its_reasons_too():
    offers = supply("head\nA telur 100 2000 4 PIRT all\nB telur 30 2000 2 PIRT all")
    plan = buyers.match(offers, wanted("60"), KM[["H1"]].loc[["A", "B"]])
    shown = buyers.why_unsold(plan, n_jobs=1).reasons
    told = {(row.village_code, row.reason): row.freed_units_month for row in shown.itertuples()}
    assert told == {("A", ("volume",)): 40, ("B", ("volume", "quality")): 30}


def test_a_sale_that_would_cost_the_whole_is_called_so():
    plan = buyers.match(one(), wanted("60"), KM[["H1"]].loc[["A"]], contract_units=50)
    assert reasons_of(buyers.why_unmet(plan, n_jobs=1)) == {("plan",): 10}


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_relaxing_what_is_told_really_frees_it(seed):
    """Solve the changed tables anew: with equal prices, the units sold rise by what was told."""
    offers, wants, km = random_market(np.random.default_rng(seed))
    plan = buyers.match(offers, wants, km, most_km=30)
    for row in buyers.why_unmet(plan, n_jobs=1).reasons.itertuples():
        if row.reason not in {("quality",), ("certificate",), ("price",)}:
            continue
        changed = wants.copy()
        at = changed.index[changed["buyer_code"] == row.buyer_code][0]
        column, free = {
            "quality": ("quality", 1.0),
            "certificate": ("certificates", ()),
            "price": ("price_idr_unit", 1e6),
        }[row.reason[0]]
        changed[column] = [free if n == at else old for n, old in changed[column].items()]
        more = buyers.match(offers, changed, km, most_km=30)
        sold = [m.flows["units_month"].sum() for m in (plan, more)]
        assert sold[1] >= sold[0] + row.freed_units_month - 1e-3


def random_market(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Four villages, three buyers, one product, all year."""
    offers = pd.concat(
        [
            one(
                capacity=str(rng.integers(1, 60)), quality=str(rng.integers(1, 6)),
                price=str(rng.integers(15, 36) * 100), certificates=rng.choice(["-", "PIRT", "PIRT,halal"]),
            ).assign(village_code=v)
            for v in "ABCD"
        ]
    )  # fmt: skip
    wants = pd.concat(
        [
            wanted(
                str(rng.integers(1, 80)), "3000", str(rng.integers(1, 5)), rng.choice(["-", "PIRT", "halal"])
            ).assign(buyer_code=b)
            for b in ("H1", "H2", "H3")
        ],
        ignore_index=True,
    )
    km = pd.DataFrame(
        rng.integers(1, 50, (4, 3)).astype(float), index=list("ABCD"), columns=["H1", "H2", "H3"]
    )
    return offers, wants, km


# What is not known


def test_what_is_not_known_fails_unless_said_otherwise_and_is_told():
    offer = one(quality="-", months="-", price="-")
    strict = buyers.match(offer, wanted(), KM[["H1"]].loc[["A"]])
    assert strict.flows.empty
    assert (
        "1 penawaran yang musimnya tidak diketahui: yang tidak diketahui dianggap tidak"
        in strict.in_words("id")
    )
    assert reasons_of(buyers.why_unmet(strict, n_jobs=1)) == {("season", "quality", "price"): 60}
    lenient = buyers.match(offer, wanted(), KM[["H1"]].loc[["A"]], unknown="passes")
    assert lenient.flows["units_month"].tolist() == [60]
    assert "what is not known counts as met" in lenient.in_words("en")


# What is shown


def test_views_come_in_both_languages_and_say_that_data_is_made():
    plan = found(made=True)
    lacking, kept = buyers.why_unmet(plan, n_jobs=1), buyers.why_unsold(plan, n_jobs=1)
    views = [plan.table("id"), plan.demand_table("id"), plan.supply_table("id"), kept.table("id")]
    assert all(view.iloc[:, -1].str.startswith("Data buatan").all() for view in views)
    assert plan.table("id")["Pembeli"].str.startswith("Hotel").all()
    assert set(plan.table("id")["Bulan"]) == {"Jan–Mar", "Apr–Jun", "Jul–Des"}
    assert plan.in_words("id").startswith("Data buatan")
    assert "Permintaan akan 1 dari 1 produk terpenuhi seluruhnya." in plan.in_words("id")
    assert lacking.in_words("id").endswith("Semua permintaan terpenuhi.")
    assert lacking.table("id").empty
    assert "Telur asin masih tersisa" in kept.in_words("id")


def test_one_worker_or_two_and_any_order_of_rows_give_the_same_bytes():
    plan = found()
    again = buyers.match(supply()[::-1], demand()[::-1], KM.iloc[::-1, ::-1], names=NAMES)
    assert csv_bytes(plan.table("id")) == csv_bytes(again.table("id"))
    assert csv_bytes(buyers.why_unsold(plan, n_jobs=1).table("id")) == csv_bytes(
        buyers.why_unsold(again, n_jobs=2).table("id")
    )


@pytest.mark.parametrize("width_px", [380, 1200])
def test_the_picture_writes_the_amounts_beside_the_bars(width_px):
    plan = buyers.match(supply(), wanted("300"), KM[["H1"]], names=NAMES, made=True)
    figure = plan.plot("id", width_px=width_px)
    figure.draw_without_rendering()
    assert [text.get_text() for text in figure.axes[0].texts] == ["2.160 dari 3.600"]
    assert "Data buatan" in figure.get_supxlabel()


# Bad input


def test_everything_wrong_is_said_at_once():
    offers = supply("head\nA telur -5 2000 9 PIRT all\nA telur 10 -1 3 PIRT 13\nB telur - 2000 3 PIRT all")
    wants = demand("head\nH1 telur - 3000 0 PIRT -\nH3 telur 10 - 3 PIRT all").assign(certificates="PIRT")
    km = pd.DataFrame({"H1": [np.nan, -1.0], "H2": [np.nan, np.inf]}, index=["A", "Z"])
    with pytest.raises(BadInput) as caught:
        buyers.match(
            offers, wants, km, objective="cheap", most_km=-1, transport_idr_unit_km=-1, unknown="maybe",
            contract_units=0,
        )  # fmt: skip
    text = "\n".join(map(str, caught.value.problems))
    for part in (
        "objective: 'cheap' cannot be used", "most_km: -1 cannot be used", "transport_idr_unit_km: -1",
        "unknown: 'maybe' cannot be used", "contract_units: 0 cannot be used",
        "supply: given more than once: A / telur",
        "supply, capacity_units_month: missing, negative or infinite in rows 1, 3",
        "supply, price_idr_unit: negative or infinite in rows 2",
        "supply, quality: not from 1 to 5 in rows 1",
        "supply, season_months: not a list of months in rows 2",
        "demand, volume_units_month: missing, negative or infinite in rows 1",
        "demand, price_idr_unit: missing, negative or infinite in rows 2",
        "demand, quality: not from 1 to 5 in rows 1", "demand, months: no month in rows 1",
        "demand, certificates: not a list of names in rows 1, 2",
        "distances_km, rows: without: B", "distances_km, columns: without: H3",
        "distances_km: negative or infinite distances: 2",
        "distances_km: villages without a way to anybody: A",
        "distances_km: buyers without a way to anybody: H1",
    ):  # fmt: skip
        assert part in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"supply": supply().iloc[:0]}, "supply: it has no rows"),
        ({"demand": demand().drop(columns="months")}, "demand: it has no column months"),
        (
            {"supply": supply().drop(columns="cost_idr_unit"), "objective": "margin"},
            "no column cost_idr_unit",
        ),
    ],
)
def test_tables_without_rows_or_columns_are_refused(change, message):
    with pytest.raises(BadInput, match=message):
        buyers.match(**{"supply": supply(), "demand": demand(), "distances_km": KM} | change)


@pytest.mark.parametrize(
    ("offer", "need", "km", "options", "message"),
    [
        ({"price_idr_unit": -1.0}, {}, 5, {}, "supply, price_idr_unit: negative or infinite in rows 1"),
        ({"price_idr_unit": "dear"}, {}, 5, {}, "supply, price_idr_unit: not numbers in rows 1"),
        ({"capacity_units_month": np.nan}, {}, 5, {}, "supply, capacity_units_month: missing, negative"),
        ({"quality": "good"}, {}, 5, {}, "supply, quality: not numbers in rows 1"),
        ({"season_months": [np.nan]}, {}, 5, {}, "supply, season_months: not a list of months in rows 1"),
        ({"village_code": None}, {}, 5, {}, "supply: rows without village_code or product: 1"),
        ({}, {"volume_units_month": -np.inf}, 5, {}, "demand, volume_units_month: missing, negative or inf"),
        ({}, {"price_idr_unit": np.nan}, 5, {}, "demand, price_idr_unit: missing, negative or infinite"),
        ({}, {"certificates": [(np.nan,)]}, 5, {}, "demand, certificates: not a list of names in rows 1"),
        ({}, {"deliveries_month": -1.0}, 5, {}, "demand, deliveries_month: negative or infinite in rows 1"),
        ({"deliveries_month": "often"}, {}, 5, {}, "supply, deliveries_month: not numbers in rows 1"),
        ({}, {}, "near", {}, "distances_km, H1: not numbers in rows 1"),
        ({}, {}, np.nan, {}, "distances_km: villages without a way to anybody: A"),
        ({}, {}, 5, {"most_km": np.nan}, "most_km: nan cannot be used"),
        ({}, {}, 5, {"most_km": "far"}, "most_km: 'far' cannot be used"),
        ({}, {}, 5, {"transport_idr_unit_km": np.inf}, "transport_idr_unit_km: inf cannot be used"),
        ({}, {}, 5, {"contract_units": np.nan}, "contract_units: nan cannot be used"),
    ],
)
def test_bad_input_is_refused_with_its_place(offer, need, km, options, message):
    distances = pd.DataFrame({"H1": [km]}, index=["A"])
    with pytest.raises(BadInput, match=message):
        buyers.match(one().assign(**offer), wanted().assign(**need), distances, **options)


def test_what_is_no_table_or_is_given_twice_is_refused():
    with pytest.raises(BadInput, match=r"supply: it is a list(.|\n)*distances_km: it is a NoneType"):
        buyers.match([], demand(), None)
    twice = pd.concat([one(), one()]), pd.concat([wanted(), wanted()])
    with pytest.raises(BadInput, match=r"more than once: A / telur(.|\n)*more than once: H1 / telur"):
        buyers.match(*twice, KM[["H1"]].loc[["A"]])


@pytest.mark.parametrize(
    ("offer", "told"),
    [
        ({"product": "kecap"}, "telur is lacking: nobody makes it."),
        (
            {"season_months": [(6,)]},
            "telur is lacking; a year, relaxing each alone would free: season (units: 120).",
        ),
    ],
)
def test_what_nobody_supplies_is_told(offer, told):
    plan = buyers.match(one().assign(**offer), wanted(when="1,2"), KM[["H1"]].loc[["A"]])
    assert plan.flows.empty
    assert buyers.why_unmet(plan, n_jobs=1).in_words("en") == told


def test_what_nobody_buys_is_told():
    plan = buyers.match(one().assign(product="kecap"), wanted(), KM[["H1"]].loc[["A"]])
    assert buyers.why_unsold(plan, n_jobs=1).in_words("id") == (
        "kecap masih tersisa: tidak ada yang membelinya."
    )


def test_the_filters_are_the_reasons_the_brief_names():
    assert set(FILTERS) == {"season", "quality", "certificate", "frequency", "distance", "price"}
