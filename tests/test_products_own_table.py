"""From a table of one's own to candidates, and to a flagship for each village with its reasons."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research.errors import BadInput
from pk_research.language import LANGUAGES
from pk_research.products import flagship
from pk_research.products.catalogue import candidates_from_table

MINE = """\
village,product,unit_of_sale,price_idr_unit,capacity_units_month,n_enterprises,sales_idr_month,local_material_pct,season_months,markets,remark
3216012001,Kripik singkong,pack,15000,800,9,12000000,90,1-12,residents;online,a
3216012001,batik,piece,250000,40,2,4000000,20,1;2;11-12,market,b
32.16.01.2002,keripik  singkong,pack,12000,300,4,3000000,80,,residents,c
Cibatu,tempe & tahu,piece,600,9000,7,5000000,10,1-12,residents;market,d
Desa Entah,batik,piece,200000,10,1,1000000,10,,market,e
3216012002,gulungan kabel,piece,,,1,,,,,f
"""


def mine(**changed: object) -> pd.DataFrame:
    table = pd.read_csv(io.StringIO(MINE), dtype={"village": str, "season_months": str})
    return table.assign(**changed)


def faults(table: pd.DataFrame) -> list[str]:
    with pytest.raises(BadInput) as caught:
        candidates_from_table(table)
    return [str(problem) for problem in caught.value.problems]


def test_names_are_matched_despite_spelling_and_what_was_left_out_is_counted():
    found = candidates_from_table(mine())
    assert found.candidates[["village_code", "product"]].to_numpy().tolist() == [
        ["3216012001", "batik"],
        ["3216012001", "chips"],
        ["3216012002", "chips"],
        ["3216192001", "tempe_tofu"],
    ]
    assert found.candidates["season_months"].tolist() == [
        (1, 2, 11, 12), tuple(range(1, 13)), (), tuple(range(1, 13)),
    ]  # fmt: skip
    assert found.candidates.loc[1, "markets"] == ("online", "residents")
    assert found.unplaced.to_numpy().tolist() == [["Desa Entah", 1]]
    assert found.to_decide["written"].tolist() == ["gulungan kabel"]
    said = found.in_words("en")
    for told in (
        "Rows of a table: 6.",
        "Columns that were not used (remark): 1.",
        "Mentions left out because the register does not know their village: 1.",
        "Names in words set aside (in doubt, unknown or no product): 1.",
    ):
        assert told in said
    assert candidates_from_table(mine(), decisions={"gulungan kabel": "batik"}).to_decide.empty


def test_a_file_is_read_like_the_table(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text(MINE, encoding="utf-8")
    found = candidates_from_table(file)
    pd.testing.assert_frame_equal(found.candidates, candidates_from_table(mine()).candidates)
    assert len(found.inputs) == 1


def test_the_order_of_rows_changes_nothing():
    once, again = (candidates_from_table(table).candidates for table in (mine(), mine().iloc[::-1]))
    pd.testing.assert_frame_equal(once, again)


def test_rows_of_one_village_and_product_enter_by_their_median():
    twice = pd.concat([mine(), mine().head(1).assign(price_idr_unit=17_000)])
    prices = candidates_from_table(twice).candidates.set_index(["village_code", "product"])["price_idr_unit"]
    assert prices["3216012001", "chips"] == 16_000


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 5)), st.sampled_from(["price_idr_unit", "n_enterprises", "sales_idr_month"]))
def test_what_is_missing_stays_missing(rows, column):
    table = mine()
    table[column] = table[column].astype(float)
    table.loc[sorted(rows), column] = np.nan
    found = candidates_from_table(table).candidates
    kept = table[table["village"].ne("Desa Entah") & table["product"].ne("gulungan kabel")]
    assert found[column].isna().sum() == kept[column].isna().sum()


def test_every_cell_that_cannot_be_read_is_told_at_once():
    wrong = mine(
        price_idr_unit=["8.000.000", 250_000, 12_000, 600, 200_000, None],
        n_enterprises=[9, -2, 4, 7, 1, 1],
        local_material_pct=[90, 20, 80, 110, 10, None],
        season_months=["1-12", "1;13", "", "musim hujan", "", ""],
        markets=["residents", "pasar", "residents", "market", "market", ""],
    )
    digits = "Write digits alone, with a point before decimals (8000000, not 8.000.000)."
    months = "Write 1 to 12, divided by semicolons, or a span like 3-6."
    markets = "Choose among residents, market, middleman, hotel_restaurant, online, divided by semicolons."
    assert faults(wrong) == [
        f"column 'price_idr_unit', row 1 ('8.000.000'): it is no number. {digits}",
        f"column 'season_months', row 2 ('1;13'), 4 ('musim hujan'): it names no months. {months}",
        f"column 'markets', row 2 ('pasar'): not one of them: pasar. {markets}",
        "column 'n_enterprises', row 2: it is below zero. Give 0 or more.",
        "column 'local_material_pct', row 4: it is above 100. Give per cent.",
    ]


def test_a_table_of_another_shape_is_refused():
    assert faults(mine().drop(columns=["village", "unit_of_sale"]).head(0)) == [
        "the table: there is no column 'village'. Name villages and products in columns so called.",
        (
            "the table: there is no column 'unit_of_sale', in which price_idr_unit, capacity_units_month"
            " would be counted. Say of each row what is sold: pack, kg, piece ..."
        ),
        "the table: it has no rows. Give one row for each village and product.",
    ]


# The flagship of each village


def told_of(table: pd.DataFrame, **options: object) -> flagship.VillageFlagships:
    candidates = candidates_from_table(table).candidates
    evidence = flagship.evidence_of(candidates)
    weights = dict.fromkeys(evidence.frame, 1)
    return flagship.flagships_by_village(candidates, evidence, weights=weights, n_draws=200, **options)


def test_each_village_gets_the_best_of_its_own_with_its_reasons():
    found = told_of(mine())
    rows = found.frame.set_index("village_code")
    assert rows["product"].to_dict() == {
        "3216012001": "chips", "3216012002": "chips", "3216192001": "tempe_tofu",
    }  # fmt: skip
    assert rows.loc["3216012001", ["rank", "runner_up"]].tolist() == [1, "batik"]
    assert rows.loc["3216012001", "stronger"] == (
        "enterprises",
        "market_reach",
        "contribution",
        "local_material",
    )
    assert rows.loc["3216012001", "sure"] > 0.95
    # The only product ranked in its kecamatan has nothing to be compared with.
    assert np.isnan(rows.loc["3216192001", "low"])
    said = found.in_words("en", "3216012001")
    assert (
        "could build on Cassava and banana chips: rank 1 of 2 in its kecamatan" in said
        or "rank 1 of 2" in said
    )
    assert "Better than Batik in: " in said
    assert "the only one ranked in its kecamatan" in found.in_words("en", "3216192001")
    assert "Villages with a product that leads their own: 3 of 3. In 1 of them" in found.in_words("en")
    assert "No candidate of" in found.in_words("en", "3216022001")
    for language in LANGUAGES:
        assert len(found.table(language)) == 3


def test_products_that_cannot_be_told_apart_are_called_so():
    alike = mine().head(2).assign(
        n_enterprises=[9, 8], sales_idr_month=[4e6, 5e6], local_material_pct=[60, 50],
        markets=["market", "market;residents"],
    )  # fmt: skip
    found = told_of(alike)
    assert 0.05 < found.frame["sure"].iloc[0] < 0.95
    assert "The two cannot be told apart" in found.in_words("en", "3216012001")


def test_a_village_whose_candidates_lack_figures_gets_no_product():
    silent = mine(sales_idr_month=[None, None, 3e6, 5e6, 1e6, None]).iloc[[0, 1, 3]]
    row = told_of(silent).frame.set_index("village_code").loc["3216012001"]
    assert pd.isna(row["product"])
    assert (row["n_candidates"], row["n_unranked"]) == (2, 2)
    assert "figures are lacking" in told_of(silent).in_words("en", "3216012001")


def test_the_same_seed_gives_the_same_and_made_data_is_called_made():
    candidates = candidates_from_table(mine()).candidates
    evidence = flagship.evidence_of(candidates, made=True)
    weights = dict.fromkeys(evidence.frame, 1)
    once, again = (
        flagship.flagships_by_village(rows, evidence, weights=weights, n_draws=100, seed=4)
        for rows in (candidates, candidates.iloc[::-1])
    )
    pd.testing.assert_frame_equal(once.frame, again.frame)
    assert once.in_words("en").startswith("Made data")
    with pytest.raises(BadInput, match="it has no weight"):
        flagship.flagships_by_village(candidates, evidence, weights={})
