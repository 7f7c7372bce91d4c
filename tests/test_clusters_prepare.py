"""Which villages can be compared: every record ends among the villages, merged, or left out with a reason."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from village_tables import dataset_from, dataset_of

from pk_research.clusters.prepare import prepare
from pk_research.errors import BadInput, NotFound

MESSY = """
    village_code  year  village   kecamatan  iks   ike   note_score
    3216012001    2024  Samudra   Tarumajaya 0.70  0.60  1
    3216012002    2024  Pantai    Tarumajaya -     0.50  1
    3216012003    2024  Segara    Tarumajaya 0.80  1.20  1
    3216012004    2024  Setia     Tarumajaya 0.80  0.40  1
    3216012004    2024  Setia     Tarumajaya 0.80  0.40  2
    3216012005    2024  Pusaka    Tarumajaya 0.50  0.40  1
    3216012005    2024  Pusaka    Tarumajaya 0.60  0.40  1
    -             2024  Nameless  Tarumajaya 0.60  0.40  1
    3216012001    2023  Samudra   Tarumajaya 0.10  0.10  1
"""


def test_only_valid_villages_of_the_latest_year_are_compared():
    prepared = prepare(dataset_from(MESSY), ["iks", "ike"])
    assert prepared.year == 2024
    assert prepared.villages["village"].tolist() == ["Samudra", "Setia"]
    assert prepared.measured.tolist() == [[0.7, 0.6], [0.8, 0.4]]


@pytest.mark.parametrize(
    ("village", "english", "indonesian"),
    [
        (
            "Pantai",
            "no value for social resilience index (IKS)",
            "tidak ada nilai untuk Indeks Ketahanan Sosial",
        ),
        (
            "Segara",
            "economic resilience index (IKE) is 1.2, more than 1",
            "Indeks Ketahanan Ekonomi bernilai 1,2, di atas 1",
        ),
        (
            "Pusaka",
            "records of this village disagree with each other",
            "data desa/kelurahan ini tercatat lebih dari sekali dengan isi yang berbeda",
        ),
        (
            "Nameless",
            "the village code or the year is missing",
            "kode desa/kelurahan atau tahunnya kosong",
        ),
    ],
)
def test_every_record_left_out_has_a_plain_reason(village, english, indonesian):
    left_out = prepare(dataset_from(MESSY), ["iks", "ike"]).left_out
    reasons = left_out.loc[left_out["village"] == village, "reason"]
    assert {reason.text("en") for reason in reasons} == {english}
    assert {reason.text("id") for reason in reasons} == {indonesian}


def test_what_was_done_to_the_rows_is_counted():
    prepared = prepare(dataset_from(MESSY), ["iks", "ike"])
    assert [(step.what.text("en"), step.n_rows) for step in prepared.steps] == [
        ("Records that repeat a village with the same values were merged", 1),
        ("Records were left out because they cannot be compared; each has its reason", 5),
    ]


def test_villages_with_gaps_can_be_kept_though_not_those_without_any_value():
    kept = prepare(dataset_from(MESSY), ["iks", "ike"], keep_gaps=True)
    assert kept.villages["village"].tolist() == ["Samudra", "Pantai", "Setia"]
    assert kept.n_gaps.tolist() == [0, 1, 0]
    alone = prepare(dataset_from(MESSY), ["iks"], keep_gaps=True)
    assert "Pantai" in alone.left_out["village"].tolist()


def test_another_year_can_be_asked_for():
    older = """
        village_code  year  iks
        3216012001    2023  0.1
        3216012002    2023  0.2
        3216012001    2024  0.9
    """
    assert prepare(dataset_from(older), ["iks"], year=2023).measured.ravel().tolist() == [0.1, 0.2]
    with pytest.raises(NotFound, match=r"there are no rows of 2020. Choose from: 2023, 2024"):
        prepare(dataset_from(older), ["iks"], year=2020)


def test_data_without_years_has_no_year():
    table = """
        village_code  iks
        3216012001    0.1
        3216012002    0.2
    """
    assert prepare(dataset_from(table), ["iks"]).year is None
    with pytest.raises(NotFound, match="It has no years"):
        prepare(dataset_from(table), ["iks"], year=2024)


def test_everything_wrong_with_the_choice_is_told_at_once():
    with pytest.raises(BadInput) as raised:
        prepare(dataset_from(MESSY), ["ikes", "village", "iks", "iks"])
    assert [(problem.what, problem.remedy) for problem in raised.value.problems] == [
        ("there is no variable 'ikes'", "Did you mean: iks, ike?"),
        ("it is a string, not a measure of the village", "Choose from: iks, ike, note_score."),
        ("it was chosen twice", "Name it once."),
    ]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ([], "no variable was chosen"),
        (["iks"], r"all 2 villages have the value 0.5. Leave it out"),
        (["ike"], r"no village has a valid value for every chosen variable \(missing of 2: ike 2\)"),
    ],
)
def test_variables_that_cannot_tell_villages_apart_are_refused(variables, message):
    table = """
        village_code  iks  ike
        3216012001    0.5  -
        3216012002    0.5  -
    """
    with pytest.raises(BadInput, match=message):
        prepare(dataset_from(table), variables)


def test_a_name_the_result_needs_is_refused():
    with pytest.raises(BadInput, match="Rename it"):
        prepare(dataset_of(pd.DataFrame({"village_code": ["a", "b"], "cluster": [1.0, 2.0]})), ["cluster"])


def test_rows_must_say_which_village_they_are_about():
    with pytest.raises(BadInput, match="no column says which village"):
        prepare(dataset_of(pd.DataFrame({"iks": [0.1, 0.2]})), ["iks"])


def test_whole_numbers_with_gaps_stay_missing():
    table = pd.DataFrame({"village_code": ["a", "b", "c"], "year": pd.array([2024] * 3, dtype="Int64")})
    table["iks"] = pd.array([1, None, 0], dtype="Int64")
    prepared = prepare(dataset_of(table), ["iks"])
    assert prepared.measured.ravel().tolist() == [1.0, 0.0]
    assert prepared.left_out["village_code"].tolist() == ["b"]


records = st.tuples(
    st.sampled_from(["a", "b", "c", None]),
    st.sampled_from([2023, 2024, None]),
    st.sampled_from([0.1, 0.2, 1.5, None]),
)


@given(st.lists(records, min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_record_is_lost(rows):
    steady = [("y", 2024, 0.3), ("z", 2024, 0.4)]
    frame = pd.DataFrame([*rows, *steady], columns=["village_code", "year", "iks"])
    prepared = prepare(dataset_of(frame), ["iks"])
    merged = sum(step.n_rows for step in prepared.steps if "merged" in step.what.template)
    of_the_year = (frame["year"].isna() | (frame["year"] == 2024)).sum()
    assert len(prepared.villages) + len(prepared.left_out) + merged == of_the_year
    assert prepared.villages["village_code"].is_unique
    assert not set(prepared.villages["village_code"]) & set(
        prepared.left_out.loc[prepared.left_out["year"].notna(), "village_code"].dropna()
    )
