"""Dense groups: as many types as there are, and villages that are in none, counted and listed."""

from __future__ import annotations

import numpy as np
import pytest
from village_tables import dataset_of_values

from pk_research import clusters
from pk_research.clusters import pictures
from pk_research.clusters.html import legend_html, tile_grid_html
from pk_research.errors import BadInput, NotReady


def two_moons_and_strays(n: int = 100) -> np.ndarray:
    """Two bent groups, one inside the other, and six villages far from both."""
    rng = np.random.default_rng(2)
    angle = np.pi * rng.random(n)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.4 - np.sin(angle)])
    strays = [[4, 4], [-4, 4], [4, -4], [-4, -4], [0, 5], [0, -5]]
    return np.vstack([np.vstack([upper, lower]) + 0.05 * rng.normal(size=(2 * n, 2)), strays])


@pytest.fixture(scope="module")
def typology() -> clusters.Typology:
    values = np.vstack([two_moons_and_strays(), [[np.nan, 1.0]]])
    return clusters.find_types(dataset_of_values(values), ["x1", "x2"], method="hdbscan", min_size=20)


def test_every_village_is_in_a_type_in_none_or_left_out(typology):
    assert (typology.k, typology.choice.k, typology.choice.recommended) == (2, 2, 2)
    assert len(typology.villages) + len(typology.in_no_type) == typology.n_compared == 206
    assert len(typology.left_out) == len(typology.in_no_type) + 1
    strays = {f"321601{2000 + n}" for n in range(200, 206)}
    assert strays <= set(typology.in_no_type["village_code"])
    assert len(typology.in_no_type) < 30
    assert typology.summary["share"].sum() == pytest.approx(len(typology.villages) / 206)


def test_bent_groups_have_no_border_where_none_is_near(typology):
    """By mean distances a third of them would be on the border."""
    assert (typology.villages["silhouette"] < 0.1).mean() > 0.1
    assert typology.villages["is_border"].mean() < 0.02
    assert (typology.villages["second_cluster"] == 3 - typology.villages["cluster"]).all()


def test_villages_in_no_type_are_told_apart_from_those_left_out(typology):
    n = len(typology.in_no_type)
    told = typology.in_words("en")
    assert (
        f"Compared too, but in no type, and listed with those left out: {n} ({round(100 * n / 206)}%)."
        in told
    )
    assert "were left out, listed with the reason: 1." in told
    assert "The number of types, 2, comes from the method" in told
    reasons = typology.left_out_table("id")["Alasan"]
    assert reasons.str.startswith("tidak termasuk tipe mana pun").sum() == n
    last = typology.table("en").iloc[-1]
    assert (last["Name"], last["Villages"]) == ("In no type", n)
    legend = legend_html(typology, "en")
    assert f"Left out or in no type ({n + 1})" in legend
    note = pictures.plot_shares(typology, "en", by=None).get_supxlabel()
    assert f"Villages in no type, not drawn: {n}" in " ".join(note.split())
    stray = tile_grid_html(typology, "en").split("data-village-code='3216012200'")[1]
    assert stray.startswith(" title='3216012200: In no type'")


def test_the_profile_compares_with_all_villages_those_in_no_type_included(typology):
    assert set(typology.profile.table["cluster"]) == {1, 2}
    whole = two_moons_and_strays()
    assert typology.profile.overall["mean"].tolist() == pytest.approx(whole.mean(axis=0).tolist())
    assert typology.profile.overall["eta_squared"].between(0, 1).all()
    with pytest.raises(NotReady, match="found the number of types itself"):
        pictures.plot_choice(typology, "en")
    typology.plot("id")


def test_no_dense_groups_is_an_answer_and_not_a_typology():
    values = np.random.default_rng(0).normal(size=(80, 2))
    with pytest.raises(BadInput, match="no dense groups among 80 villages: none belongs to a type"):
        clusters.find_types(dataset_of_values(values), ["x1", "x2"], method="hdbscan", min_size=30)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 2}, "hdbscan finds the number of types itself"),
        ({"n_draws": 5}, "another number of types in every draw"),
        ({"thorough": True}, "need coordinates and several k's"),
        ({"gaps": "impute"}, "hdbscan has no way 'impute'"),
    ],
)
def test_what_does_not_go_with_dense_groups_is_refused(options, message):
    with pytest.raises(BadInput, match=message):
        clusters.find_types(
            dataset_of_values(two_moons_and_strays()), ["x1", "x2"], method="hdbscan", **options
        )
