"""IDM: recomputed from its parts, compared with what was published, and what would raise it."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research import sources
from pk_research.codebook import Codebook
from pk_research.errors import BadInput, NotFound
from pk_research.indicators import idm
from pk_research.indicators.idm.points import published_decimals
from pk_research.sources import Dataset, Provenance, vocabulary

KEY = ("village_code", "year")
BOUNDS = [Fraction("0.4907"), Fraction("0.5989"), Fraction("0.7072"), Fraction("0.8155")]
LABELS = [label for _, label in idm.STATUS_CUTOFFS]


def dataset(frame: pd.DataFrame, *, key: tuple[str, ...] = KEY) -> Dataset:
    return Dataset("test", frame, Codebook(()), Provenance("Test", "test.csv", "", "table"), key)


def table(text: str) -> Dataset:
    frame = pd.read_csv(io.StringIO(text), sep="|", skipinitialspace=True, dtype={"village_code": "string"})
    frame.columns = frame.columns.str.strip()
    texts = frame.select_dtypes("str").columns
    return dataset(frame.assign(**{name: frame[name].str.strip() for name in texts}).convert_dtypes())


def scored(*rows: dict[str, object]) -> Dataset:
    """Villages with a 5 in every indicator, but for those given."""
    full = [dict.fromkeys(idm.VARIABLES.names, 5) | row for row in rows]
    keys = pd.DataFrame({"village_code": [f"{n:010}" for n in range(len(rows))], "year": 2024})
    return dataset(pd.concat([keys, pd.DataFrame(full).astype("Int64")], axis=1))


def exact_idm(iks: int, ike: int, ikl: int) -> Fraction:
    """The formula of the regulation in fractions: the independent answer."""
    return (Fraction(iks, 175) + Fraction(ike, 60) + Fraction(ikl, 15)) / 3


def exact_status(value: Fraction) -> str:
    return LABELS[sum(value > bound for bound in BOUNDS)]


# --- the formula


def test_a_hand_worked_village():
    """130 of 175 points, 36 of 60 and 10 of 15: (0.7429 + 0.6000 + 0.6667) / 3 = 0.6698."""
    points = pd.DataFrame({"iks": [130], "ike": [36], "ikl": [10]})
    assert idm.sub_index_from_points(points["iks"], "iks").round(4).tolist() == [0.7429]
    assert idm.idm_from_points(points).round(4).tolist() == [0.6698]
    assert idm.status(idm.idm_from_points(points)).tolist() == ["Berkembang"]


@settings(deadline=None)
@given(st.integers(0, 175), st.integers(0, 60), st.integers(0, 15))
def test_idm_and_status_equal_exact_fractions(iks, ike, ikl):
    value = idm.idm_from_points(pd.DataFrame({"iks": [iks], "ike": [ike], "ikl": [ikl]}))
    expected = exact_idm(iks, ike, ikl)
    assert value.iloc[0] == float(expected)
    assert idm.status(value).iloc[0] == exact_status(expected)


def test_no_sum_of_scores_meets_a_cutoff_nor_does_rounding_to_four_decimals_move_one_across():
    every = np.arange(6301) / 6300
    assert not np.isin(every, [float(bound) for bound in BOUNDS]).any()
    assert (idm.status(pd.Series(every)) == idm.status(pd.Series(every.round(4)))).all()


def test_a_cutoff_belongs_to_the_lower_status_even_when_binary_fractions_miss_it():
    mean = pd.Series([(0.7714 + 0.6835 + 0.6667) / 3])
    assert mean.iloc[0] != 0.7072
    assert idm.status(mean).tolist() == ["Berkembang"]
    at = pd.Series([0.4907, 0.5989, 0.7072, 0.8155])
    assert idm.status(at).tolist() == ["Sangat Tertinggal", "Tertinggal", "Berkembang", "Maju"]
    assert idm.status(at + 1e-4).tolist() == ["Tertinggal", "Berkembang", "Maju", "Mandiri"]


def test_the_codebook_declares_fifty_indicators_in_both_languages():
    names = [name for index in idm.SUB_INDICES for name in idm.indicator_names(index)]
    assert list(idm.VARIABLES.names) == names
    assert len(names) == 50
    assert all(v.label_id and v.label_en and (v.minimum, v.maximum) == (0, 5) for v in idm.VARIABLES)


# --- recomputing


def test_every_contradiction_of_a_published_value_is_listed():
    """Village 2: IKS four points too low, IDM with it. Village 3: a wrong label only."""
    data = scored({}, {"iks01": 1}, {"ikl01": 3, "ikl02": 3})
    published = pd.DataFrame(
        {
            "iks": [1.0, 0.9543, 1.0],
            "ike": [1.0, 1.0, 1.0],
            "ikl": [1.0, 1.0, 0.7333],
            "idm": [1.0, 0.9848, 0.9111],
            "idm_status": ["Mandiri", "Mandiri", "Maju"],
        }
    )
    result = idm.recompute(dataset(data.frame.join(published)))
    assert list(result.frame["idm"].round(4)) == [1.0, 0.9924, 0.9111]
    listed = result.contradictions.round(4)
    rows = listed[["village_code", "index", "published", "recomputed", "difference_points", "inherited"]]
    assert rows.astype(object).where(rows.notna(), None).to_numpy().tolist() == [
        ["0000000001", "iks", 0.9543, 0.9771, -3.9975, False],
        ["0000000001", "idm", 0.9848, 0.9924, None, True],
        ["0000000002", "idm_status", None, None, None, False],
    ]
    assert listed["published_status"].tolist()[-1] == "Maju"
    assert listed["recomputed_status"].tolist()[-1] == "Mandiri"
    assert result.by_difference().to_numpy().tolist() == [["iks", 2024, -4.0, 1]]
    assert result.summary["n_contradicting"].to_dict() == {
        "iks": 1, "ike": 0, "ikl": 0, "idm": 1, "idm_status": 1,
    }  # fmt: skip


def test_missing_and_impossible_scores_make_the_sub_index_missing_and_are_listed():
    result = idm.recompute(scored({"iks07": None}, {"ike02": 7, "ike03": None}, {}))
    assert result.frame[["iks", "ike", "ikl", "idm", "idm_status"]].isna().to_numpy().tolist() == [
        [True, False, False, True, True],
        [False, True, False, True, True],
        [False, False, False, False, False],
    ]
    assert result.incomplete.drop(columns="year").to_numpy().tolist() == [
        ["0000000000", "iks", 1, 0],
        ["0000000001", "ike", 1, 1],
    ]
    assert result.summary["n_not_published"].tolist() == [2, 2, 3, 1, 1]
    assert result.contradictions.empty


def test_published_sub_indices_stand_for_whole_points_and_one_that_cannot_is_listed():
    data = table(
        """village_code|year|iks   |ike   |ikl   |idm   |idm_status
           6213062003  |2024|0.7714|0.7084|0.7433|0.741 |Berkembang
           6213062004  |2024|0.7714|0.6835|0.6667|0.7072|Berkembang
           6213062005  |2024|0.8   |0.6833|0.6667|0.7167|Maju
           6213062006  |2024|      |      |      |      |
        """
    )
    result = idm.recompute(data)
    assert result.contradictions[["village_code", "index"]].to_numpy().tolist() == [
        ["6213062003", "ike"],
        ["6213062004", "ike"],
        ["6213062003", "ikl"],
        ["6213062003", "idm_status"],
    ]
    assert result.contradictions["recomputed_status"].tolist()[-1] == "Maju"
    assert result.incomplete["village_code"].tolist() == ["6213062006"]
    assert result.summary.loc["iks", "tolerance"] == pytest.approx(0.00005)
    assert result.summary.loc["idm", "tolerance"] == pytest.approx(0.0001)


def test_tolerance_follows_the_decimals_that_were_published():
    data = table(
        """village_code|year|iks             |ike             |ikl
           1101022001  |2021|0.65714285714286|0.53333333333333|0.66666666666667
           1101022002  |2021|0.65714285714300|0.53333333333333|0.66666666666667
           1101022003  |2022|0.6571          |0.5333          |0.6667
           1101022004  |2022|0.6572          |0.5333          |0.6667
        """
    )
    result = idm.recompute(data)
    assert published_decimals(data.frame["iks"]).tolist() == [14, 12, 4, 4]
    assert result.summary["decimals"].tolist()[:3] == [4, 4, 4]
    assert result.contradictions[["village_code", "index"]].to_numpy().tolist() == [["1101022004", "iks"]]
    beyond_rounding = dataset(data.frame.assign(iks=[0.65714285714386, 0.657142857143, 0.6571, 0.6571]))
    assert idm.recompute(beyond_rounding).contradictions["village_code"].tolist() == ["1101022001"]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 175), st.integers(0, 60), st.integers(0, 15)), min_size=1, max_size=20)
)
def test_a_file_rounded_to_four_decimals_never_contradicts_itself(points):
    exact = [exact_idm(*row) for row in points]
    frame = pd.DataFrame(points, columns=["iks", "ike", "ikl"]) / [175, 60, 15]
    frame["idm"] = [float(value) for value in exact]
    frame = frame.round(4).assign(
        idm_status=[exact_status(value) for value in exact], village_code="x", year=1
    )
    assert idm.recompute(dataset(frame)).contradictions.empty


@settings(deadline=None)
@given(st.permutations(range(4)))
def test_row_order_is_irrelevant(order):
    data = scored({"iks01": 0}, {"ike01": 1}, {"ikl01": None}, {})
    shuffled = dataset(data.frame.iloc[order])
    result, again = idm.recompute(data).frame, idm.recompute(shuffled).frame
    pd.testing.assert_frame_equal(result, again.sort_values("village_code", ignore_index=True))


def test_a_part_of_the_indicators_is_not_enough():
    with pytest.raises(BadInput, match="1 of 35 indicators are not there: iks07"):
        idm.recompute(dataset(scored({}).frame.drop(columns="iks07")))
    with pytest.raises(BadInput, match="neither a column 'ikl' nor its indicators"):
        idm.recompute(table("village_code|year|iks|ike\n1|2024|0.5|0.5"))
    with pytest.raises(BadInput, match="published sub-indices alone are enough for `steps_to`"):
        idm.gains(table("village_code|year|iks|ike|ikl\n1|2024|0.5|0.5|0.5"))


# --- what would raise it


def test_a_point_counts_most_where_the_indicators_are_few():
    frame = idm.gains(scored({"iks01": 0, "ike01": 4, "ikl03": 2})).frame.set_index("indicator")
    below_5 = frame.loc[["iks01", "ike01", "ikl03"], ["gain_point", "gain_to_5", "rank"]]
    assert below_5.to_numpy().tolist() == [
        [pytest.approx(1 / 525), pytest.approx(5 / 525), 3],
        [pytest.approx(1 / 180), pytest.approx(1 / 180), 2],
        [pytest.approx(1 / 45), pytest.approx(3 / 45), 1],
    ]
    at_5 = frame.drop(index=["iks01", "ike01", "ikl03"])
    assert (at_5["gain_to_5"] == 0).all()
    assert at_5["rank"].isna().all()


def test_a_missing_score_has_no_gain_and_its_village_no_status():
    frame = idm.gains(scored({"iks01": None, "ikl03": 0})).frame.set_index("indicator")
    assert frame.loc["iks01", ["gain_point", "gain_to_5", "rank"]].isna().all()
    assert frame.loc["ikl03", "gain_to_5"] == pytest.approx(5 / 45)
    assert frame["status_at_5"].isna().all()


scores = st.integers(0, 5)


@settings(deadline=None, max_examples=25)
@given(st.lists(scores, min_size=50, max_size=50), st.integers(0, 49))
def test_a_gain_is_what_recomputing_with_the_raised_score_gives(values, n):
    name = idm.VARIABLES.names[n]
    row = dict(zip(idm.VARIABLES.names, values, strict=True))
    raised = row | {name: min(row[name] + 1, 5)}
    before, after, best = idm.recompute(scored(row, raised, row | {name: 5})).frame["idm"]
    gain = idm.gains(scored(row)).frame.set_index("indicator").loc[name]
    assert gain["gain_point"] == pytest.approx(after - before)
    assert gain["gain_to_5"] == pytest.approx(best - before)
    assert gain["status_at_5"] == idm.status(pd.Series([best])).iloc[0]


def brute_force_steps(iks: int, ike: int, ikl: int) -> int:
    """Try every way of adding 0, 1, 2 ... points: the independent answer."""
    target = BOUNDS[LABELS.index(exact_status(exact_idm(iks, ike, ikl)))]
    for n in itertools.count():
        for more_ike, more_ikl in itertools.product(range(min(n, 60 - ike) + 1), range(min(n, 15 - ikl) + 1)):
            more_iks = n - more_ike - more_ikl
            if (
                0 <= more_iks <= 175 - iks
                and exact_idm(iks + more_iks, ike + more_ike, ikl + more_ikl) > target
            ):
                return n
    raise AssertionError


@pytest.mark.parametrize("points", [(140, 40, 10), (100, 40, 15), (90, 50, 14), (130, 60, 3), (60, 20, 0)])
def test_the_fewest_points_to_the_next_status_are_the_fewest(points):
    published = pd.DataFrame([points], columns=["iks", "ike", "ikl"]) / [175, 60, 15]
    steps = idm.steps_to(dataset(published.assign(village_code="x", year=2024))).frame.iloc[0]
    assert steps["points"] == brute_force_steps(*points)
    assert steps["points"] == steps[["points_ikl", "points_ike", "points_iks"]].sum()
    assert idm.status(pd.Series([steps["idm_after"]])).iloc[0] == steps["target"]


def test_steps_to_a_named_status():
    data = scored({}, {f"ikl0{n}": 0 for n in (1, 2, 3)}, {"iks01": None})
    steps = idm.steps_to(data, target="Mandiri")
    assert steps.frame["points"].tolist()[:2] == [0, 7]
    assert steps.frame["points"].isna().tolist() == [False, False, True]
    with pytest.raises(NotFound, match="there is no status 'Sejahtera'"):
        idm.steps_to(data, target="Sejahtera")


# --- said in two languages


def test_results_are_told_in_both_languages():
    data = scored({"iks01": 0}, {"ikl01": None})
    wrong = dataset(data.frame.assign(iks=[0.5, 1.0], idm_status=["Maju", "Maju"]))
    results = [idm.recompute(wrong), idm.gains(data), idm.steps_to(data, target="Mandiri")]
    for result in results:
        english, indonesian = result.table("en"), result.table("id")
        assert english.shape == indonesian.shape
        assert set(english.columns).isdisjoint(set(indonesian.columns) - {"IDM"})
        assert result.in_words("en") != result.in_words("id")
    assert "IKS: 1 of 2 published values contradict their own indicators" in results[0].in_words("en")
    assert "Pada 2024, 1 baris berselisih −82,5 poin." in results[0].in_words("id")


def test_values_without_scores_are_said_to_come_from_whole_scores_not_to_agree_with_parts():
    result = idm.recompute(table("village_code|year|iks|ike|ikl\n1|2024|0.8|0.6|0.6667"))
    assert "IKS: all 1 published values can come from whole scores." in result.in_words("en")
    assert "dapat berasal dari skor bulat." in result.in_words("id")
    assert "agree with their parts" not in result.in_words("en")


def test_a_recomputation_says_first_that_its_data_is_made_and_where_it_comes_from():
    data = scored({})
    made = replace(data, provenance=replace(data.provenance, made=True))
    result = idm.recompute(made)
    assert (result.made, result.title, result.input_hash) == (True, "Test", made.content_hash)
    assert result.in_words("en").startswith("Made data (an example), not observed. IDM was recomputed")
    assert result.in_words("id").startswith("Data buatan (contoh), bukan hasil pengamatan. IDM")
    assert idm.recompute(data).in_words("en").startswith("IDM was recomputed")


# --- published files


@pytest.fixture(scope="module")
def indicator_file(shared) -> Dataset:
    return sources.load(shared / "data" / "idm-indicators" / "idm_indicators_2021_2024.csv.gz")


@pytest.fixture(scope="module")
def national_file(shared) -> Dataset:
    return sources.load(shared / "data" / "idm-2024" / "idm2024_nasional.csv.gz")


def test_the_indicator_file_contradicts_itself_in_iks_2024_only(indicator_file):
    result = idm.recompute(indicator_file)
    assert len(result.frame) == 9930
    assert result.incomplete.empty
    assert result.by_difference().to_numpy().tolist() == [["iks", 2024, -4.0, 453], ["iks", 2024, 4.0, 174]]
    equal_2024 = (indicator_file.frame["year"] == 2024).sum() - 453 - 174
    assert equal_2024 == 1852
    counts = result.contradictions.groupby("index")["inherited"].agg(["size", "sum"])
    assert counts.to_dict("index") == {
        "iks": {"size": 627, "sum": 0},
        "idm": {"size": 627, "sum": 627},
        "idm_status": {"size": 62, "sum": 62},
    }
    assert result.contradictions["difference_points"].dropna().abs().to_numpy() == pytest.approx(4)


def test_the_national_file_has_one_wrong_label_and_four_rows_without_values(national_file):
    result = idm.recompute(national_file)
    assert len(result.frame) == 74_760
    assert set(result.incomplete["village_code"]) == {"1105022062", "1106082013", "1116102005", "6311012020"}
    assert result.summary["n_contradicting"].to_dict() == {
        "iks": 20, "ike": 23, "ikl": 21, "idm": 0, "idm_status": 1,
    }  # fmt: skip
    label = result.contradictions.query("index == 'idm_status'").iloc[0]
    assert label[["village_code", "published_status", "recomputed_status"]].tolist() == [
        "6213062003",
        "Berkembang",
        "Maju",
    ]
    impossible = result.contradictions.query("index != 'idm_status'")["village_code"].nunique()
    assert impossible == 23


def test_gains_of_the_indicator_file(indicator_file):
    result = idm.gains(indicator_file)
    assert len(result.frame) == 9930 * 50
    by_indicator = result.by_indicator()
    assert by_indicator["n_missing"].sum() == 0
    scores = indicator_file.frame["ikl03"]
    assert by_indicator.loc["ikl03", "n_below_5"] == (scores < 5).sum()
    assert by_indicator.loc["ikl03", "mean_gain_to_5"] == pytest.approx((5 - scores).mean() / 45)


def test_our_labels_follow_the_order_of_the_published_rubric(shared):
    rubric = pd.read_csv(shared / "data" / "idm-indicators" / "idm_rubric_observed.csv")
    theirs = {f"{row.indeks.lower()}{row.no:02}": row.indikator.lower() for row in rubric.itertuples()}
    assert set(theirs) == set(idm.VARIABLES.names)
    words = {"iks03": "bidan", "iks24": "siskamling", "ike07": "bank", "ike12": "jalan", "ikl02": "bencana"}
    assert all(word in theirs[name] for name, word in words.items())


def test_the_status_labels_and_the_shared_one_agree():
    assert [label.value for label in vocabulary.IDM_STATUS.categories] == LABELS
