"""Types of villages with categories and gaps, through the same entry and told in the same words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_villages import (
    BANK,
    CATEGORIES,
    KM,
    ROAD,
    VARIABLES,
    WORK,
    category,
    declared,
    table_of_kinds,
    villages_of_kinds,
)
from sklearn.metrics import adjusted_rand_score

from pk_research import clusters
from pk_research.clusters import pictures
from pk_research.clusters.mixed import kinds_of
from pk_research.codebook import Variable
from pk_research.errors import BadInput
from pk_research.sources.dataset import Dataset

METHODS = [("k_medoids", VARIABLES), ("famd_k_means", VARIABLES), ("latent_classes", CATEGORIES)]


def agreement(typology: clusters.Typology, group: np.ndarray) -> float:
    own = typology.villages["village_code"].astype(str).str[-3:].astype(int)
    return float(adjusted_rand_score(group[own], typology.villages["cluster"]))


@pytest.mark.parametrize(("method", "variables"), METHODS)
def test_every_method_for_categories_finds_the_three_kinds(method, variables):
    dataset, group = villages_of_kinds(90, seed=2)
    typology = clusters.find_types(dataset, variables, method=method, k_range=[2, 3, 4], n_starts=2)
    assert typology.k == typology.choice.k == 3
    assert agreement(typology, group) > 0.75
    assert typology.summary["n_villages"].is_monotonic_decreasing
    assert len({name.text("en") for name in typology.names}) == 3
    typology.plot("id")
    pictures.plot_choice(typology, "en")


def test_the_number_of_medoids_is_chosen_by_silhouettes_on_the_distance_of_the_method():
    dataset, _ = villages_of_kinds(90, seed=2)
    choice = clusters.find_types(dataset, VARIABLES, method="k_medoids", k_range=range(2, 6)).choice
    assert choice.table["silhouette"].idxmax() == choice.k == 3
    told = [reason.text("en") for reason in choice.reasons]
    assert told[0] == "Of 2 to 5 types, 3 have the highest mean silhouette (0.87) on Gower's distance"
    assert "whether there are any groups at all it cannot tell" in told[2]
    assert told[3].startswith("4, 5 types are practically as good")


def test_one_class_is_among_the_candidates_and_may_be_the_best():
    """Answers that have nothing to do with each other are those of one kind of villages."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"village_code": [f"32160120{n:03d}" for n in range(200)]})
    for variable in (ROAD, WORK):
        frame[variable.name] = rng.choice([label.value for label in variable.categories], 200)
    typology = clusters.find_types(
        declared(frame, ROAD, WORK), ["road", "work"], method="latent_classes", k_range=[2, 3], n_starts=3
    )
    assert (typology.choice.recommended, typology.choice.k) == (1, 2)
    assert typology.choice.table["bic"].idxmin() == 1
    assert "No groups were found: the answers are explained best as those of one kind" in typology.in_words(
        "en"
    )
    assert "Tidak ditemukan kelompok" in typology.in_words("id")


def test_the_probability_of_a_class_is_that_of_the_model_and_makes_the_border():
    dataset, _ = villages_of_kinds(gaps=0.15)
    typology = clusters.find_types(dataset, CATEGORIES, method="latent_classes", k=3, n_starts=5)
    villages = typology.villages
    assert typology.certainty is None
    assert villages["probability"].between(1 / 3, 1).all()
    assert (villages["is_border"] == (villages["probability"] < 0.75)).all()
    assert 0 < villages["is_border"].sum() < len(villages)
    assert (villages["second_cluster"] != villages["cluster"]).all()
    assert "the model, which takes the types for true" in typology.in_words("en")


@pytest.mark.parametrize(("method", "variables"), METHODS)
def test_repetitions_use_the_method_itself(method, variables):
    dataset, group = villages_of_kinds(45)
    typology = clusters.find_types(dataset, variables, method=method, k=3, n_draws=3, n_starts=2)
    assert typology.certainty.n_draws == 3
    assert typology.villages["probability"].median() > 0.8
    assert agreement(typology, group) > 0.7


@pytest.mark.slow
@pytest.mark.parametrize(("method", "variables"), METHODS)
def test_the_number_of_workers_changes_nothing(method, variables):
    dataset, _ = villages_of_kinds(45, gaps=0.05)
    options = {"method": method, "k_range": [2, 3], "n_draws": 4, "n_starts": 2}
    one, two = (clusters.find_types(dataset, variables, **options, n_jobs=n_jobs) for n_jobs in (1, 2))
    pd.testing.assert_frame_equal(one.villages, two.villages, check_exact=True)
    pd.testing.assert_frame_equal(one.choice.table, two.choice.table, check_exact=True)


@pytest.mark.parametrize("method", ["k_medoids", "latent_classes"])
def test_villages_with_gaps_stay_and_those_without_any_value_do_not(method):
    frame, _ = table_of_kinds()
    frame.loc[[1, 2], "work"] = None
    frame.loc[3, CATEGORIES] = None
    dataset = declared(frame, ROAD, WORK, BANK, KM)
    typology = clusters.find_types(dataset, CATEGORIES, method=method, k=3, n_starts=3)
    assert typology.villages["work"].isna().sum() == 2
    assert typology.left_out["village_code"].tolist() == ["3216012003"]
    assert typology.left_out_table("en").loc[0, "Reason"] == "no value for road, main work, has a bank"
    assert [(step.what.text("en"), step.n_rows) for step in typology.steps] == [
        ("Records were left out because they cannot be compared; each has its reason", 1),
        ("Villages with gaps were kept: 2 values stayed missing", 2),
    ]
    strict = clusters.find_types(dataset, CATEGORIES, method=method, k=3, n_starts=3, gaps="leave_out")
    assert len(strict.left_out) == 3


def test_villages_without_a_variable_in_common_cannot_be_compared_and_the_poorer_goes():
    """Village 0 has only its distance, which village 1 lacks; the others have everything."""
    frame, _ = table_of_kinds(30)
    frame.loc[0, CATEGORIES] = None
    frame.loc[1, "km"] = None
    typology = clusters.find_types(declared(frame, ROAD, WORK, BANK, KM), VARIABLES, method="k_medoids", k=3)
    assert typology.left_out["village_code"].tolist() == ["3216012000"]
    assert "none in common with some other village" in typology.left_out.loc[0, "reason"].text("en")
    assert typology.steps[0].n_rows == 1
    assert (len(typology.villages), typology.villages["km"].isna().sum()) == (29, 1)


THINGS = ["has_bank", "has_market", "has_harbour"]
ASYMMETRIC = dict.fromkeys(THINGS, "asymmetric")


def things(*rows: tuple[bool | None, bool | None, bool | None]) -> Dataset:
    """Make villages that have a bank, a market and a harbour or not."""
    market, harbour = (Variable(name, kind="boolean") for name in THINGS[1:])
    frame = pd.DataFrame(list(rows), columns=THINGS, dtype=object)
    frame.insert(0, "village_code", [f"321601{2000 + n}" for n in range(len(rows))])
    return declared(frame, BANK, market, harbour)


@pytest.mark.parametrize(
    ("without", "reason"),
    [
        ((False, False, False), "it has none of the things that were compared"),
        ((None, False, False), "it has values for so few of the variables"),
    ],
)
def test_villages_that_have_none_of_the_things_are_left_out_with_that_reason(without, reason):
    """Where only having a thing in common counts, nothing is known of them; they are like no one."""
    rows = 4 * [(True, True, False)] + 4 * [(False, True, True)] + [(True, False, True)] + 2 * [without]
    typology = clusters.find_types(things(*rows), THINGS, method="k_medoids", k=2, kinds=ASYMMETRIC)
    assert len(typology.villages) == 9
    assert [text.text("en").startswith(reason) for text in typology.left_out["reason"]] == [True, True]


def test_a_thing_that_all_have_who_can_be_compared_is_refused():
    rows = 4 * [(True, True, False)] + 4 * [(False, True, True)] + 2 * [(False, False, False)]
    with pytest.raises(BadInput, match=r"'has_market': all 8 villages have the value True\. Leave it out"):
        clusters.find_types(things(*rows), THINGS, method="k_medoids", k=2, kinds=ASYMMETRIC)


def test_methods_that_allow_no_gaps_leave_those_villages_out():
    dataset, _ = villages_of_kinds(gaps=0.1)
    n_complete = int(dataset.frame[VARIABLES].notna().all(axis=1).sum())
    typology = clusters.find_types(dataset, VARIABLES, method="famd_k_means", k=3, n_starts=3)
    assert len(typology.villages) == n_complete < 90
    assert len(typology.left_out) == 90 - n_complete


@given(st.permutations(["a", "b", "c"]), st.permutations(["x", "y", "z"]), st.integers(0, 99))
@settings(max_examples=6, deadline=None)
def test_other_words_for_the_categories_change_no_type(roads, works, seed):
    """Distances to town are all different, so that no village is as near to two medoids."""
    frame, _ = table_of_kinds(40, seed=seed)
    frame.loc[::9, "road"] = None
    road = dict(zip(["earth", "gravel", "paved"], roads, strict=True))
    work = dict(zip(["fish", "farm", "trade"], works, strict=True))
    renamed = frame.assign(road=frame["road"].map(road), work=frame["work"].map(work))
    other_road = category("road", "", "", **dict.fromkeys("abc", ("", "")))
    other_work = category("work", "", "", **dict.fromkeys("xyz", ("", "")))
    one, two = (
        clusters.find_types(dataset, VARIABLES, method="k_medoids", k=3)
        for dataset in (
            declared(frame, ROAD, WORK, BANK, KM),
            declared(renamed, other_road, other_work, BANK, KM),
        )
    )
    assert one.villages["cluster"].tolist() == two.villages["cluster"].tolist()
    assert np.allclose(one.villages["silhouette"], two.villages["silhouette"])


def test_the_order_of_the_rows_does_not_matter():
    frame, _ = table_of_kinds(30, gaps=0.05)
    shuffled = frame.sample(frac=1, random_state=1).reset_index(drop=True)
    for method, variables in METHODS:
        one, two = (
            clusters.find_types(dataset, variables, method=method, k=3, n_starts=1)
            for dataset in (declared(frame, ROAD, WORK, BANK, KM), declared(shuffled, ROAD, WORK, BANK, KM))
        )
        pd.testing.assert_frame_equal(one.villages, two.villages, check_exact=True)


def test_grades_are_grades_only_where_that_is_said():
    """By grades a gravel road is between earth and paved; as names all three differ alike."""
    frame = pd.DataFrame(
        {
            "village_code": [f"3216012{n:03d}" for n in range(9)],
            "road": ["earth"] * 3 + ["gravel"] * 3 + ["paved"] * 3,
        }
    )
    dataset = declared(frame, ROAD)
    graded = clusters.find_types(dataset, ["road"], method="k_medoids", k=2, kinds={"road": "ordinal"})
    named = clusters.find_types(dataset, ["road"], method="k_medoids", k=2)
    assert graded.kinds == {"road": "ordinal"}
    assert named.kinds == {"road": "nominal"}
    assert graded.typical["distance"].isin([0.0, 0.5]).all()
    assert set(graded.villages["silhouette"].round(2)) != set(named.villages["silhouette"].round(2))


def test_tables_and_words_show_categories_by_their_labels():
    dataset, _ = villages_of_kinds(gaps=0.03)
    typology = clusters.find_types(dataset, VARIABLES, method="k_medoids", k=3)
    table = typology.table("en")
    assert table.filter(like="Share (%): Road").sum(axis=1).round(0).tolist() == [100, 100, 100]
    assert "Mean: Distance to town" in table
    villages = typology.villages_table("id")
    assert set(villages["Jalan"].dropna()) == {"Tanah", "Kerikil", "Aspal"}
    assert set(villages["Ada bank"].dropna()) == {"ya", "tidak"}
    names = " ".join(name.text("en") for name in typology.names)
    assert "Road: Gravel much more often, Main work: Farming much more often" in names
    assert "lebih sering" in typology.in_words("id")


def test_a_type_is_named_by_one_category_of_a_variable_only():
    dataset, _ = villages_of_kinds()
    typology = clusters.find_types(dataset, CATEGORIES, method="latent_classes", k=3, n_starts=3)
    for name in typology.names:
        assert name.text("en").count("Road:") <= 1
        assert name.text("en").count("Main work:") <= 1


def test_effects_against_the_rest_know_categories_and_gaps():
    dataset, _ = villages_of_kinds(gaps=0.05)
    typology = clusters.find_types(dataset, VARIABLES, method="k_medoids", k=3)
    effects = clusters.effects_against_rest(typology).set_index(["cluster", "variable"])
    own = typology.villages[typology.villages["road"].notna()]
    in_first = own["cluster"] == 1
    is_paved = (own["road"] == "paved").astype(float)
    difference = is_paved[in_first].mean() - is_paved[~in_first].mean()
    assert effects.loc[(1, "road=paved"), "cliff_delta"] == pytest.approx(difference)
    assert effects.loc[(1, "road=paved"), "n"] == in_first.sum()
    assert effects.loc[(1, "road=paved"), ["n", "n_rest"]].sum() == len(own) < len(typology.villages)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "k_means", "variables": VARIABLES}, r"'road'.*it is a category, not a measure"),
        ({"method": "latent_classes"}, r"variable 'km': the method does not take 'numeric' variables"),
        ({"kinds": {"water": "ordinal"}}, "'water' was not chosen"),
        ({"kinds": {"km": "rare"}}, "does not take 'rare' variables"),
        ({"scale": "none"}, "k_medoids brings variables to one scale itself"),
        ({"gaps": "impute"}, "k_medoids has no way 'impute'. Choose from: keep, leave_out"),
        ({"thorough": True}, "the further measures need coordinates"),
        ({"method": "k_means", "variables": ["km"], "kinds": {"km": "numeric"}}, "takes numbers only"),
        ({"method": "famd_k_means", "gaps": "keep"}, "famd_k_means has no way 'keep'"),
        ({"min_size": 4}, "it belongs to the method 'hdbscan'"),
        ({"variables": ["village_code"]}, "it is a code, not a measure of the village"),
    ],
)
def test_what_a_method_cannot_do_is_refused(options, message):
    dataset, _ = villages_of_kinds(30)
    asked = {"method": "k_medoids", "variables": VARIABLES, "k": 2} | options
    with pytest.raises(BadInput, match=message):
        clusters.find_types(dataset, asked.pop("variables"), **asked)


def test_a_category_that_all_villages_share_is_refused():
    frame, _ = table_of_kinds(30)
    dataset = declared(frame.assign(road="earth"), ROAD, WORK, BANK, KM)
    with pytest.raises(BadInput, match=r"all 30 villages have the value earth\. Leave it out"):
        clusters.find_types(dataset, VARIABLES, method="k_medoids", k=2)


def test_kinds_come_from_the_codebook_unless_said_otherwise():
    assert kinds_of([ROAD, BANK, KM], {"road": "ordinal"}) == {
        "road": "ordinal",
        "has_bank": "nominal",
        "km": "numeric",
    }


def test_long_codes_that_are_categories_stay_apart():
    codes = [3216011, 3216012, 3216013]
    frame = pd.DataFrame(
        {"village_code": [f"321601{2000 + n}" for n in range(12)], "crop": np.repeat(codes, 4)}
    )
    dataset = declared(frame, Variable("crop", kind="integer"))
    typology = clusters.find_types(dataset, ["crop"], method="k_medoids", k=3, kinds={"crop": "nominal"})
    assert typology.columns.names == [f"crop={code}" for code in codes]
    assert sorted(typology.profile.wide("mean").idxmax(axis=1)) == typology.columns.names
