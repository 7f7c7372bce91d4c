"""Types over the years: known moves come back exactly, doubts and absences are named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from village_tables import dataset_of

from pk_research import sources
from pk_research.clusters.over_time import _common_numbers, types_over_time
from pk_research.errors import BadInput

LOW, HIGH = 0.2, 0.8
MOVER = "3216012005"


def panel(*, second_codes: dict[str, str] | None = None) -> pd.DataFrame:
    """Twenty villages in two clear types; one of the low ones is high in 2024."""
    jitter = np.linspace(-0.03, 0.03, 10)
    codes = [f"321601{2000 + n}" for n in range(20)]
    first = pd.DataFrame({"village_code": codes, "year": 2023, "iks": [*(LOW + jitter), *(HIGH + jitter)]})
    second = first.assign(year=2024)
    second.loc[second["village_code"] == MOVER, "iks"] = HIGH
    second["village_code"] = second["village_code"].replace(second_codes or {})
    names = [f"V{n}" for n in range(20)]
    rows = [frame.assign(village=names, kecamatan="Babelan") for frame in (first, second)]
    return pd.concat(rows, ignore_index=True).astype("string")


@pytest.mark.parametrize("base", ["each", 2023, 2024])
def test_a_planted_move_is_found_and_no_other(base):
    result = types_over_time(dataset_of(panel()), ["iks"], [2023, 2024], base=base, k=2)
    (step,) = result.transitions
    assert step.counts.to_numpy().tolist() == [[10, 0], [1, 9]]
    assert step.moves[["code", "from", "to", "is_uncertain"]].to_numpy().tolist() == [[MOVER, 2, 1, False]]
    ((variable, change),) = step.moves["why"][0]
    assert variable == "iks"
    assert change > 1
    assert step.exits.empty
    assert step.entries.empty


def test_shares_carry_the_interval_of_wilson():
    result = types_over_time(dataset_of(panel()), ["iks"], [2023, 2024], k=2)
    row = result.transitions[0].shares.query("`from` == 2 and `to` == 1").iloc[0]
    assert row["share"] == pytest.approx(0.1)
    assert (row["low"], row["high"]) == (pytest.approx(0.0179, abs=1e-4), pytest.approx(0.4042, abs=1e-4))


def test_a_changed_code_is_pointed_out_and_followed_when_told():
    changes = {"3216012003": "3216992003"}
    data = dataset_of(panel(second_codes=changes))
    (step,) = types_over_time(data, ["iks"], [2023, 2024], k=2).transitions
    assert step.exits["code"].tolist() == ["3216012003"]
    assert step.entries["code"].tolist() == ["3216992003"]
    assert "3216992003 has the same name" in step.exits["reason"][0].text("en")
    (step,) = types_over_time(data, ["iks"], [2023, 2024], k=2, code_changes=changes).transitions
    assert step.exits.empty
    assert step.counts.to_numpy().sum() == 20


def test_a_village_without_a_value_is_missing_with_that_reason():
    frame = panel()
    frame.loc[(frame["village_code"] == "3216012003") & (frame["year"] == "2024"), "iks"] = pd.NA
    result = types_over_time(dataset_of(frame), ["iks"], [2023, 2024], k=2)
    assert "no value for" in result.missing_table("en")["Reason"][0]


def test_changes_that_merge_two_villages_are_refused():
    with pytest.raises(BadInput, match="two villages would both be"):
        types_over_time(
            dataset_of(panel()), ["iks"], [2023, 2024], k=2, code_changes={"3216012001": "3216012002"}
        )


@given(st.permutations([1, 2, 3, 4]))
@settings(max_examples=24, deadline=None)
def test_the_numbers_of_a_year_do_not_matter(order):
    cluster = np.repeat([1, 2, 3, 4], 5)
    codes = [str(n) for n in range(20)]
    first = pd.DataFrame({"code": codes, "cluster": cluster})
    second = pd.DataFrame({"code": codes, "cluster": np.array(order)[cluster - 1]})
    assert _common_numbers({2023: first, 2024: second})[2024] == {order[n]: n + 1 for n in range(4)}


def test_a_type_without_a_partner_gets_a_number_of_its_own():
    first = pd.DataFrame({"code": list("abcdef"), "cluster": [1, 1, 1, 2, 2, 2]})
    second = pd.DataFrame({"code": list("abcdef"), "cluster": [1, 1, 2, 3, 3, 3]})
    numbers = _common_numbers({2022: first, 2023: second, 2024: first})
    assert numbers == {2022: {1: 1, 2: 2}, 2023: {1: 1, 2: 3, 3: 2}, 2024: {1: 1, 2: 2}}


def test_the_result_tells_and_draws_itself_in_both_languages():
    result = types_over_time(dataset_of(panel(), made=True), ["iks"], [2023, 2024], k=2)
    assert "of 20 villages compared, 1 (5%) changed type" in result.in_words("en")
    assert "berpindah tipe" in result.in_words("id")
    assert len(result.table("en")) == 4
    assert result.moves_table("en")["Village code"].tolist() == [MOVER]
    drawn = result.plot("id")
    drawn.canvas.draw()
    assert {text.get_text() for text in drawn.axes[0].texts} >= {"9\n90%", "1\n10%"}


def test_one_year_is_not_a_history():
    with pytest.raises(BadInput, match="two years or more"):
        types_over_time(dataset_of(panel()), ["iks"], [2023])


@pytest.mark.parametrize("base", ["each", 2021])
def test_four_real_years_lose_no_village(shared, base):
    data = sources.load(shared / "data" / "idm-indicators" / "idm_indicators_2021_2024.csv.gz")
    chosen = ["iks01", "iks02", "iks03", "iks06"]
    result = types_over_time(data, chosen, [2021, 2022, 2023, 2024], base=base, k=3)
    for step in result.transitions:
        villages = result.villages
        first = set(villages.loc[villages["year"] == step.first, "code"])
        second = set(villages.loc[villages["year"] == step.second, "code"])
        assert step.counts.to_numpy().sum() == len(first & second)
        assert (len(step.exits), len(step.entries)) == (len(first - second), len(second - first))


def test_the_panel_of_jawa_barat_loses_no_village(shared):
    data = sources.load(shared / "data" / "opendata-jabar" / "teknologi_peternakan.csv.gz")
    years = sorted(int(year) for year in data.frame["year"].dropna().unique())[-2:]
    result = types_over_time(data, ["jumlah_alat_teknologi_tepat_guna_peternakan"], years, base=years[0], k=2)
    (step,) = result.transitions
    found = {year: set(rows["code"]) for year, rows in result.villages.groupby("year")}
    assert step.counts.to_numpy().sum() == len(found[years[0]] & found[years[1]])
    assert len(step.exits) + len(step.entries) == len(found[years[0]] ^ found[years[1]])
