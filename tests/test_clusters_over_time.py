"""Types over the years: known moves come back exactly, doubts and absences are named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_villages import BANK, declared
from sklearn.neighbors import NearestCentroid
from village_tables import dataset_of

from pk_research import clusters, sources
from pk_research.clusters.over_time import TypesOverTime, _common_numbers, types_over_time
from pk_research.clusters.yardstick import yardstick_of
from pk_research.errors import BadInput
from pk_research.language import translate
from pk_research.sources.dataset import Dataset
from pk_research.writing import MADE

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
    (change,) = step.moves["why"][0]
    assert (change.variable, change.after) == ("iks", HIGH)
    assert change.before == pytest.approx(LOW - 0.03 + 5 * 0.06 / 9)
    assert change.sd > 1
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
    assert result.left_out_table("en")[["Year", "Village code"]].to_numpy().tolist() == [[2024, "3216012003"]]
    assert "left out, listed with the reason: 1" in result.in_words("en")


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
    told = result.in_words("en")
    assert told.startswith(MADE)
    assert "moves to another type: 1 among 20 pairs of consecutive years of the same village (5%)" in told
    assert "of 20 villages compared, 1 (5%) changed type. Certain moves: 1; uncertain ones" in told
    assert "(1). Villages with exactly the same values in both years: 19 (95%); ask whether" in told
    assert "berpindah tipe" in result.in_words("id")
    assert len(result.table("en")) == 4
    assert result.moves_table("en")["Village code"].tolist() == [MOVER]
    assert "rose from 0.203 to 0.8 (" in result.moves_table("en")["Changed most"][0]
    assert result.border_table("en")["Type as in the year before (%)"].tolist()[1] == 95
    drawn = result.plot("id")
    drawn.canvas.draw()
    assert {text.get_text() for text in drawn.axes[0].texts} == {"10\n100%", "9\n90%", "1\n10%", "–"}
    assert " ".join(drawn.get_supxlabel().split()).startswith(translate(MADE, "id"))


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_view_names_the_types_by_their_common_number(language):
    frame = panel(second_codes={"3216012003": "3216992003"})
    result = types_over_time(dataset_of(frame), ["iks"], [2023, 2024], k=2)
    names = [f"{n} · {name.text(language)}" for n, name in enumerate(result.last.names, start=1)]
    step, (start, end) = result.table(language), result.table(language).columns[2:4]
    assert step[start].tolist() == [names[0], names[0], names[1], names[1]]
    assert result.moves_table(language)[[start, end]].to_numpy().tolist() == [[names[1], names[0]]]
    assert result.missing_table(language).iloc[:, 4].tolist() == [names[1], names[1]]
    assert all(name in result.in_words(language) for name in names)
    ax = result.plot(language).axes[0]
    assert [" ".join(label.get_text().split()) for label in ax.get_yticklabels()] == names


def test_people_may_name_the_types_of_all_years_at_once():
    result = types_over_time(dataset_of(panel()), ["iks"], [2023, 2024], k=2)
    named = clusters.with_names(result, {2: "Left behind"})
    assert isinstance(named, TypesOverTime)
    assert "2 · Left behind" in named.in_words("id")
    assert named.names[0] == result.names[0]
    assert "Left behind" not in result.in_words("en")
    with pytest.raises(BadInput, match="there is no such type"):
        clusters.with_names(result, {3: "None"})


def test_a_type_that_ended_does_not_share_its_name_with_one_of_today():
    """Three types in 2023 are two in 2024; the names are those of the latest year that has the type."""
    first = pd.DataFrame(
        {
            "village_code": [f"321601{2000 + n}" for n in range(30)],
            "year": 2023,
            "iks": np.repeat([0.1, 0.5, 0.9], 10) + np.tile(np.linspace(-0.02, 0.02, 10), 3),
        }
    )
    second = first.iloc[10:].assign(year=2024)
    data = dataset_of(pd.concat([first, second], ignore_index=True).astype("string"))
    result = types_over_time(data, ["iks"], [2023, 2024], k_range=[2, 3])
    assert len({name.text("en") for name in result.names}) == result.k == 3
    assert "Types without a successor: 3 · " in result.in_words("en")


def heaps(values_by_year: dict[int, np.ndarray]) -> Dataset:
    """One variable, the same villages every year."""
    return dataset_of(
        pd.concat(
            [
                pd.DataFrame(
                    {
                        "village_code": [f"321601{2000 + n}" for n in range(len(values))],
                        "year": year,
                        "iks": values,
                    }
                )
                for year, values in values_by_year.items()
            ],
            ignore_index=True,
        ).astype("string")
    )


TWO_HEAPS = np.r_[np.linspace(0.1, 0.3, 40), np.linspace(0.7, 0.9, 40)]
ONE_LINE = np.linspace(0.1, 0.9, 80)


@pytest.mark.parametrize("base", [pytest.param("each", marks=pytest.mark.slow), 2024])
def test_the_number_of_types_is_chosen_as_for_one_year(base):
    data = heaps({2023: TWO_HEAPS, 2024: TWO_HEAPS[::-1]})
    result = types_over_time(data, ["iks"], [2023, 2024], base=base, k_range=[2, 3, 4])
    alone = clusters.find_types(data, ["iks"], year=2024, k_range=[2, 3, 4])
    assert result.last.k == alone.k == 2
    assert result.last.choice.reasons == alone.choice.reasons
    assert "Groups with valleys between them: 2 in" in result.in_words("en")
    assert "was chosen by the valleys" in result.in_words("en")


@pytest.mark.parametrize("k", [None, 3])
def test_types_of_one_continuum_are_called_a_division_of_it(k):
    data = heaps({2023: ONE_LINE, 2024: ONE_LINE + 0.01})
    result = types_over_time(data, ["iks"], [2023, 2024], base=2023, k=k)
    assert dict(result.groups) == {2023: 1}
    told = result.in_words("en").split("\n")
    assert "No groups were found in 2023: the types only cut one continuum" in told[0]
    assert ("was given, not chosen" in told[1]) == (k is not None)


def test_with_repetitions_the_villages_of_every_year_have_a_probability():
    """In 2024 one village stands in the middle, at the line; another has crossed to the other heap."""
    later = TWO_HEAPS.copy()
    later[0], later[1] = 0.5, 0.8
    data = heaps({2023: TWO_HEAPS, 2024: later})
    result = types_over_time(data, ["iks"], [2023, 2024], base=2023, k=2, n_draws=40)
    of_2024 = result.villages[result.villages["year"] == 2024].set_index("code")
    middle, crossed, stayed = of_2024.loc[["3216012000", "3216012001", "3216012002"]].itertuples()
    assert middle.probability < 0.75
    assert middle.is_border
    assert (crossed.probability, stayed.probability) == (1, 1)
    moves = result.transitions[0].moves.set_index("code")
    assert not moves.loc["3216012001", "is_uncertain"]
    assert moves.loc["3216012001", ["probability_from", "probability_to"]].tolist() == [1, 1]
    assert "Probability of the type after" in result.moves_table("en")
    assert "40 repetitions with villages of 2023 drawn anew, applied to every year" in result.in_words("en")


def test_without_repetitions_no_probability_is_claimed_and_that_is_said():
    result = types_over_time(dataset_of(panel()), ["iks"], [2023, 2024], base=2023, k=2)
    assert result.villages["probability"].isna().all()
    assert "by silhouette alone: no repetitions were asked for" in result.in_words("en")
    assert "Probability of the type after" not in result.moves_table("en")


def test_a_yardstick_measures_its_own_year_as_that_year_was_measured():
    rng = np.random.default_rng(3)
    data = heaps({2023: np.round(rng.normal(size=400), 2)})
    alone = clusters.find_types(data, ["iks"], k=3, n_draws=30)
    again = yardstick_of(alone).applied(alone.villages.drop(columns=["cluster", "probability", "is_border"]))
    assert again["cluster"].tolist() == alone.villages["cluster"].tolist()
    assert (again["probability"] - alone.villages["probability"]).abs().mean() < 0.03
    assert (again["is_border"] == alone.villages["is_border"]).mean() > 0.97
    assert yardstick_of(alone).own_share == 1


def test_a_method_with_another_rule_says_what_the_nearest_centre_gives():
    rng = np.random.default_rng(5)
    wide = np.round(np.r_[rng.normal(0, 0.1, 60), rng.normal(2, 1.2, 60)], 3)
    data = heaps({2023: wide, 2024: wide})
    result = types_over_time(data, ["iks"], [2023, 2024], base=2023, k=2, method="gaussian_mixture")
    assert 0.5 < result.own_share < 1
    assert "of the villages of 2023 the type they have" in result.in_words("en")


@pytest.mark.slow
def test_the_same_result_from_two_workers():
    data = heaps({2023: TWO_HEAPS, 2024: ONE_LINE})
    one, two = (
        types_over_time(data, ["iks"], [2023, 2024], base=2023, k=3, n_draws=6, n_jobs=n_jobs)
        for n_jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one.villages, two.villages)


def test_a_village_that_hardly_changed_was_at_the_line_of_a_fixed_yardstick():
    later = ONE_LINE.copy()
    later[39] += 0.011
    data = heaps({2023: ONE_LINE, 2024: later})
    (step,) = (result := types_over_time(data, ["iks"], [2023, 2024], base=2023, k=2)).transitions
    assert step.moves["why"].tolist() == [()]
    assert "close to the line" in result.moves_table("en")["Changed most"][0]
    assert "Villages that changed type while their values hardly changed: 1" in result.in_words("en")


def test_a_village_the_types_left_behind_is_told_from_one_that_moved():
    """The high ones rise: one low village rises with them; the line passes over one that stood still."""
    first = np.r_[np.linspace(0.0, 0.05, 20), np.linspace(0.45, 0.5, 20), 0.3]
    second = np.r_[0.97, np.linspace(0.0, 0.05, 20)[1:], np.linspace(0.95, 1.0, 20), 0.31]
    result = types_over_time(heaps({2023: first, 2024: second}), ["iks"], [2023, 2024], k=2)
    (step,) = result.transitions
    assert step.moves.set_index("code")["is_own"].to_dict() == {"3216012000": True, "3216012040": False}
    assert "had the types stayed those of 2023, so that the types moved and not they: 1" in result.in_words(
        "en"
    )
    assert result.moves_table("en")["Moves by the earlier types too"].tolist().count("no") == 1


def test_types_without_centres_are_followed_year_by_year_only():
    data = heaps({2023: TWO_HEAPS, 2024: TWO_HEAPS[::-1]})
    for without in ({"method": "hdbscan"}, {"method": "k_medoids", "k": 2}, {"k": 2, "gaps": "impute"}):
        with pytest.raises(BadInput, match="no centres to apply"):
            types_over_time(data, ["iks"], [2023, 2024], base=2023, **without)
    (step,) = types_over_time(data, ["iks"], [2023, 2024], method="k_medoids", k=2).transitions
    assert step.counts.to_numpy().tolist() in ([[0, 40], [40, 0]], [[40, 0], [0, 40]])
    assert step.moves["is_own"].isna().all()


def test_villages_with_gaps_are_followed_by_the_values_they_have():
    """The mover lacks a value that others have; what it is known to have changed is told."""
    rows = panel().assign(ike=panel()["iks"])
    rows.loc[rows["village_code"] == MOVER, "ike"] = pd.NA
    rows.loc[rows["village_code"] == "3216012009", ["iks", "ike"]] = ["0.2", pd.NA]
    options = {"method": "k_medoids", "k": 2}
    result = types_over_time(dataset_of(rows), ["iks", "ike"], [2023, 2024], **options)
    (step,) = result.transitions
    assert step.moves["code"].tolist() == [MOVER]
    (change,) = step.moves["why"][0]
    assert (change.variable, change.after) == ("iks", HIGH)
    assert change.sd > 1
    assert step.n_same == 19
    left_out = types_over_time(dataset_of(rows), ["iks", "ike"], [2023, 2024], k=2)
    assert left_out.left_out["code"].tolist() == 2 * [MOVER, "3216012009"]


def test_a_choice_by_another_measure_is_no_lack_of_villages():
    rng = np.random.default_rng(1)
    values = np.repeat([0.2, 0.8], 30) + rng.normal(0, 0.02, 60)
    result = types_over_time(
        heaps({2023: values, 2024: values}), ["iks"], [2023, 2024], method="k_medoids", k_range=[2, 3]
    )
    assert result.groups == {2023: 2, 2024: 2}
    assert "Groups with valleys between them: 2 in 2023, 2 in 2024" in result.in_words("en")
    dense = types_over_time(heaps({2023: values, 2024: values}), ["iks"], [2023, 2024], method="hdbscan")
    assert "too few" not in dense.in_words("en")


@pytest.mark.parametrize(
    ("variables", "options", "message"),
    [
        (["iks", "village"], {}, "'village': it is not a number, and types over time follow numbers only"),
        (["iks", "has_bank"], {"method": "k_medoids"}, "'has_bank'.*numbers only, by k_medoids too"),
        (["iks"], {"method": "latent_classes", "kinds": {"iks": "nominal"}}, "by latent_classes too"),
    ],
)
def test_only_numbers_are_followed(variables, options, message):
    rows = panel()
    rows["has_bank"] = (rows["iks"].astype(float) > 0.5).astype("boolean")
    with pytest.raises(BadInput, match=message):
        types_over_time(declared(rows, BANK), variables, [2023, 2024], **options)


def test_one_year_is_not_a_history():
    with pytest.raises(BadInput, match="two years or more"):
        types_over_time(dataset_of(panel()), ["iks"], [2023])


IDM_YEARS = (2021, 2022, 2023, 2024)
SUB_INDICES = ("iks", "ike", "ikl")


@pytest.fixture(scope="module")
def idm(shared) -> Dataset:
    """Published sub-indices of 2,548 real villages over four years."""
    return sources.load(shared / "data" / "idm-indicators" / "idm_indicators_2021_2024.csv.gz")


@pytest.fixture(scope="module")
def idm_types(idm) -> TypesOverTime:
    """The types of 2021 applied to all years."""
    return types_over_time(idm, SUB_INDICES, IDM_YEARS, base=2021, n_draws=20)


def lose_no_village(result: TypesOverTime) -> None:
    found = {year: set(rows["code"]) for year, rows in result.villages.groupby("year")}
    for step in result.transitions:
        first, second = found[step.first], found[step.second]
        assert step.n_both == len(first & second)
        assert (len(step.exits), len(step.entries)) == (len(first - second), len(second - first))


def test_four_real_years_lose_no_village(idm_types):
    lose_no_village(idm_types)
    assert [step.n_both for step in idm_types.transitions] == [2473, 2428, 2479]
    assert idm_types.left_out.empty
    assert idm_types.villages["code"].nunique() == 2548


def test_types_of_real_years_are_those_of_the_nearest_centre(idm_types):
    """A second implementation: `sklearn.neighbors.NearestCentroid` in the scale of 2021."""
    rows = idm_types.villages
    base = rows[rows["year"] == 2021]
    values, known = (frame[list(SUB_INDICES)].to_numpy(dtype=float) for frame in (rows, base))
    mean, sd = known.mean(axis=0), known.std(axis=0)
    judge = NearestCentroid().fit((known - mean) / sd, base["type"])
    assert (judge.predict((values - mean) / sd) == rows["type"]).mean() > 0.9999


def test_transitions_stability_and_border_of_real_villages(idm_types):
    """Most stay; the flow is to high IKL; the types are a division of one continuum, and say so."""
    assert dict(idm_types.groups) == {2021: 1}
    assert [len(step.moves) for step in idm_types.transitions] == [436, 478, 328]
    certain = [len(step.certain) for step in idm_types.transitions]
    assert certain == [pytest.approx(267, abs=9), pytest.approx(314, abs=9), pytest.approx(232, abs=9)]
    for step in idm_types.transitions:
        assert step.certain.groupby(["from", "to"]).size().idxmax() == (2, 1)
    border = idm_types.villages.groupby("year")["is_border"].mean()
    assert border.between(0.07, 0.13).all()


@pytest.mark.slow
def test_real_years_grouped_each_by_itself_lose_no_village(idm):
    result = types_over_time(idm, SUB_INDICES, IDM_YEARS, k=3)
    lose_no_village(result)
    assert set(result.groups) == set(IDM_YEARS)


TOOLS = "jumlah_alat_teknologi_tepat_guna_peternakan"


@pytest.fixture(scope="module")
def jabar(shared) -> Dataset:
    """Counts of livestock tools in the villages of Jawa Barat, 2019 to 2023."""
    return sources.load(shared / "data" / "opendata-jabar" / "teknologi_peternakan.csv.gz")


def test_the_panel_of_jawa_barat_is_mostly_carried_over(jabar):
    """Five villages in six repeat last year's count exactly, so that their staying says nothing."""
    result = types_over_time(jabar, [TOOLS], [2020, 2021, 2022, 2023], base=2020)
    lose_no_village(result)
    assert [round(step.n_same / step.n_both, 3) for step in result.transitions] == [0.878, 0.855, 0.829]
    assert result.in_words("en").count("measured anew or carried over") == 3
    assert result.groups[2020] == 1
    assert "No groups were found in 2020" in result.in_words("en")


def test_a_year_of_nothing_but_zeros_is_refused(jabar):
    with pytest.raises(BadInput, match="all 5132 villages have the value 0"):
        types_over_time(jabar, [TOOLS], [2019, 2020], base=2020, k=2)
