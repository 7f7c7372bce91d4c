"""Two typologies compared, worked by hand; and names that people give to types."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from village_tables import dataset_of, dataset_of_values

from pk_research import clusters
from pk_research.clusters.comparison import Comparison, compare_typologies
from pk_research.clusters.naming import with_names
from pk_research.errors import BadInput
from pk_research.language import translate
from pk_research.writing import MADE

FIRST = pd.Series({"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 2, "g": 1})
SECOND = pd.Series({"a": 2, "b": 2, "c": 1, "d": 1, "e": 1, "f": 1, "h": 2})


def test_a_comparison_worked_by_hand():
    found = compare_typologies(FIRST, SECOND)
    assert found.counts.to_numpy().tolist() == [[1, 2], [3, 0]]
    assert found.matched.to_numpy().tolist() == [[1, 2, 2, pytest.approx(2 / 3)], [2, 1, 3, 0.75]]
    assert found.differing.to_dict("index") == {"c": {"name": "c", "first": 1, "second": 1}}
    assert (found.only_first, found.only_second) == (("g",), ("h",))
    # Together 4 pairs; 6 and 7 pairs in each; 15 in all (Hubert and Arabie).
    assert found.adjusted_rand == pytest.approx((4 - 6 * 7 / 15) / (6.5 - 6 * 7 / 15))


def test_the_variation_of_information_is_the_two_conditional_entropies():
    given_first = 0.5 * (np.log(3) / 3 + np.log(1.5) * 2 / 3)
    given_second = 4 / 6 * (np.log(4) / 4 + np.log(4 / 3) * 3 / 4)
    found = compare_typologies(FIRST, SECOND)
    assert found.variation_of_information == pytest.approx(given_first + given_second)


@given(st.permutations([1, 2, 3]), st.lists(st.integers(1, 3), min_size=4, max_size=30))
@settings(max_examples=40, deadline=None)
def test_other_numbers_are_the_same_types(order, types):
    first = pd.Series(types, index=[f"v{n}" for n in range(len(types))])
    found = compare_typologies(first, first.map(dict(enumerate(order, start=1))))
    assert found.adjusted_rand == pytest.approx(1)
    assert found.adjusted_mutual_information == pytest.approx(1)
    assert found.variation_of_information == pytest.approx(0, abs=1e-9)
    assert found.differing.empty
    assert (found.matched["jaccard"] == 1).all()


@pytest.fixture(scope="module")
def typology() -> clusters.Typology:
    return clusters.find_types(dataset_of_values(np.repeat([0.0, 0.1, 5.0, 5.1], 5)[:, None]), ["x1"], k=2)


def test_a_typology_agrees_with_itself_and_tells_so(typology):
    found = compare_typologies(typology, typology)
    assert "Of 20 villages in both typologies 20 are" in found.in_words("en")
    assert "Dari 20 desa/kelurahan" in found.in_words("id")
    assert found.table("id")["Kesesuaian (Jaccard)"].tolist() == [1, 1]
    assert MADE not in found.in_words("en")


@pytest.fixture(scope="module")
def differing() -> Comparison:
    """Types of made villages and the same with one village moved."""
    frame = pd.DataFrame(
        {
            "village_code": [f"321601{2000 + n}" for n in range(8)],
            "village": [f"V{n}" for n in range(8)],
            "iks": [0.1, 0.11, 0.12, 0.13, 0.9, 0.91, 0.92, 0.93],
        }
    ).astype("string")
    made = clusters.find_types(dataset_of(frame, made=True, title="Survey"), ["iks"], k=2)
    others = made.villages.set_index("village_code")["cluster"].astype(int)
    others.iloc[0] = 1
    return compare_typologies(made, others, titles=(None, "by hand"))


@pytest.mark.parametrize("language", ["en", "id"])
def test_made_data_is_called_made_in_every_view(differing, language):
    made = translate(MADE, language)
    assert differing.made
    assert differing.in_words(language).startswith(made)
    for table in (differing.table(language), differing.differing_table(language)):
        assert set(table.iloc[:, -1]) == {made}
    assert " ".join(differing.plot(language).get_supxlabel().split()).startswith(made)


def test_types_and_villages_are_named_where_the_names_are_known(differing):
    (row,) = differing.differing_table("en").to_numpy().tolist()
    assert row[:4] == ["3216012000", "V0", "2 · low social resilience index (IKS)", "1"]
    assert differing.table("en")["Type of the first"].tolist() == [
        "1 · high social resilience index (IKS)",
        "2 · low social resilience index (IKS)",
    ]
    assert "Compared: First typology; Second typology: by hand" in differing.in_words("en")


def test_a_comparison_draws_itself_with_numbers_and_names(differing):
    drawn = differing.plot("en")
    drawn.canvas.draw()
    (ax,) = drawn.axes
    assert [text.get_text() for text in ax.texts] == ["4\n100%", "–", "1\n25%", "3\n75%"]
    assert [" ".join(label.get_text().split()) for label in ax.get_yticklabels()] == [
        "1 · high social resilience index (IKS)",
        "2 · low social resilience index (IKS)",
    ]
    assert ax.get_xlabel() == "Second typology"
    assert "Second typology: by hand" in drawn.get_supxlabel()


def test_bare_series_are_made_when_somebody_says_so():
    assert not compare_typologies(FIRST, SECOND).made
    assert MADE in compare_typologies(FIRST, SECOND, made=True).in_words("en")


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(BadInput, match="no village in common"):
        compare_typologies(FIRST, pd.Series({"z": 1}))
    with pytest.raises(BadInput, match="a: twice"):
        compare_typologies(pd.Series([1, 2], index=["a", "a"]), SECOND)


def test_people_may_name_a_type_and_the_others_keep_theirs(typology):
    named = with_names(typology, {1: "  Sentra  padi "})
    assert [name.text("id") for name in named.names] == ["Sentra padi", typology.names[1].text("id")]
    assert typology.names[0].text("id") != "Sentra padi"


def test_every_fault_of_the_names_is_told_at_once(typology):
    with pytest.raises(BadInput) as refused:
        with_names(typology, {1: "same", 2: "Same", 3: "other", 0: " "})
    assert [problem.what for problem in refused.value.problems] == [
        "there is no such type",
        "there is no such type",
        "its name is empty",
        "another type is also called 'same'",
        "another type is also called 'Same'",
    ]
