"""Composite indices: published figures reproduced, each step by hand, and what may not change a rank."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from composite_tables import flat
from hypothesis import given, settings
from hypothesis import strategies as st
from village_tables import dataset_from, dataset_of_values

from pk_research import sample
from pk_research.codebook import Codebook, Variable
from pk_research.errors import BadInput, NotFound
from pk_research.indicators import composite
from pk_research.indicators.composite.aggregation import aggregate
from pk_research.indicators.composite.imputation import impute
from pk_research.indicators.composite.normalisation import Marks, normalise
from pk_research.indicators.composite.ranks import ranks_of
from pk_research.indicators.composite.treatment import skewness_kurtosis, treat
from pk_research.sources.dataset import Dataset, Provenance

TWO_LEVELS = """
indicator,direction,weight,parent
a,1,1,left
b,-1,3,left
c,1,1,right
left,1,1,top
right,1,1,top
top,1,1,
"""
ASEM_COLUMNS = {
    "iCode": "indicator", "iName": "label_en", "Direction": "direction", "Weight": "weight",
    "Parent": "parent", "Denominator": "denominator", "Level": "level",
}  # fmt: skip


def declared(table: str) -> composite.Declaration:
    return composite.declare(pd.read_csv(StringIO(table)))


def index_of(values: list[list[float]], **options: object) -> composite.CompositeIndex:
    rows = np.array(values, dtype=float)
    return composite.build_index(
        dataset_of_values(rows), flat(rows.shape[1]), options=composite.Options(**options)
    )


@pytest.fixture(scope="module")
def asem(shared) -> composite.CompositeIndex:
    """Build the ASEM index of COINr: 51 countries, 49 indicators, three levels."""
    folder = shared / "reference" / "indicators"
    frame = pd.read_csv(folder / "asem_idata.csv", dtype="string")
    texts = [name for name in frame if name.endswith("_group") or name == "uName"]
    kinds = {"uCode": "code", **dict.fromkeys(texts, "string")}
    book = Codebook(tuple(Variable(name, kind=kinds.get(name, "number")) for name in frame))
    origin = Provenance("ASEM", "asem_idata.csv", "", "table")
    dataset = Dataset("asem", book.cast(frame, where="asem"), book, origin, ("uCode",))
    meta = pd.read_csv(folder / "asem_imeta.csv")
    table = meta[meta["Type"].isin(["Indicator", "Aggregate"])].rename(columns=ASEM_COLUMNS)
    options = composite.Options(
        imputation="group mean", group="EurAsia_group", treatment="winsorise or log", least_present=0.5
    )
    return composite.build_index(dataset, composite.declare(table), options=options)


def test_the_asem_index_of_coinr(asem, shared):
    expected = pd.read_csv(shared / "reference" / "indicators" / "asem_index_expected.csv", index_col="uCode")
    assert len(expected) == len(asem.score) == 51
    assert (asem.score - expected["Index"]).abs().max() < 1e-6
    assert asem.rank[["CHE", "NLD", "DNK"]].tolist() == [1, 2, 3]


def test_removing_one_pillar_moves_ranks_as_coinr_says(asem):
    published = {
        "Physical": 1.529412, "ConEcFin": 2.627451, "Political": 2.901961, "Instit": 1.176471,
        "P2P": 1.686275, "Environ": 3.098039, "Social": 3.960784, "SusEcFin": 2.627451,
    }  # fmt: skip
    effects = composite.effect_of_removal(asem, level=2)
    assert effects["mean_shift"].to_dict() == pytest.approx(published, abs=1e-6)


def test_what_was_done_to_the_asem_data_is_counted(asem):
    counted = {step.what.template: step.n_rows for step in asem.steps}
    # 49 x 51 cells: 63 came missing, two have no denominator; 15 indicators were winsorised.
    assert counted["Missing values were filled with the mean of the village's group"] == 65
    assert counted["Values without a denominator above zero count as missing"] == 2
    assert counted["Outlying values were replaced by the next value inward"] == 35
    assert (asem.treatment["n_winsorised"] > 0).sum() == 15


def test_every_fault_of_the_table_is_named_at_once():
    table = pd.DataFrame(
        [
            ["a", 1, 1, "left"],
            ["a", 1, 1, "left"],
            ["b", 2, -1, "left"],
            ["c", 1, None, "nowhere"],
            ["d", 1, 0, "right"],
            ["left", 1, 1, "top"],
            ["right", 1, 1, "top"],
            ["top", 1, 1, None],
            ["spare", 1, 1, None],
        ],
        columns=["indicator", "direction", "weight", "parent"],
    ).assign(low=[5, 5, None, None, None, None, None, None, None], high=1)
    with pytest.raises(BadInput) as caught:
        composite.declare(table)
    told = str(caught.value)
    for part in (
        "'a' is declared twice", "direction is 2", "weight is -1", "weight is nan",
        "'nowhere' is not declared",
        "all that adds up to it weighs nothing", "lower goalpost 5", "2 elements have no parent: top, spare",
    ):  # fmt: skip
        assert part in told


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([["a", 1, 1, "b"], ["b", 1, 1, "a"], ["top", 1, 1, None]], "in a circle: a, b"),
        (
            [["a", 1, 1, "mid"], ["b", 1, 1, "top"], ["mid", 1, 1, "top"], ["top", 1, 1, None]],
            "'b': it stands on level 1, its parent 'top' on level 3",
        ),
        ([["top", 1, 1, None]], "nothing adds up to 'top'"),
        ([["a", "up", 1, "top"], ["top", 1, 1, None]], "direction is 'up', which is not a number"),
    ],
)
def test_a_table_that_is_no_tree(rows, told):
    with pytest.raises(BadInput, match=told):
        composite.declare(pd.DataFrame(rows, columns=["indicator", "direction", "weight", "parent"]))


def test_a_table_without_its_columns():
    with pytest.raises(BadInput) as caught:
        composite.declare(pd.DataFrame({"indicator": ["a"]}))
    assert len(caught.value.problems) == 3


def test_what_the_data_lacks_is_named_at_once():
    dataset = dataset_from("""
        village_code  a  kecamatan
        3216012001    1  Babelan
        3216012002    2  Babelan
    """)
    table = "indicator,direction,weight,parent,denominator\na,1,1,top,people\nkecamatan,1,1,top,\ntop,1,1,,\n"
    with pytest.raises(NotFound) as caught:
        composite.build_index(dataset, declared(table))
    assert "no column 'people'" in str(caught.value)
    assert "'kecamatan': it is not a number" in str(caught.value)


FOUR = """
    village_code  village  a   b   c   people
    3216012001    Pusaka   10  4   1   10
    3216012002    Segara   20  2   3   10
    3216012003    Pantai   30  0   -   10
    3216012004    Hurip    10  4   2   0
"""


def test_an_index_worked_by_hand():
    """a: 0 50 100 0; b less is better: 0 50 100 0; left = b and a alike; right: 0 100 - 50."""
    index = composite.build_index(dataset_from(FOUR), declared(TWO_LEVELS))
    assert index.scores["left"].tolist() == [0, 50, 100, 0]
    assert index.score.fillna(-1).tolist() == [0, 75, -1, 25]
    assert index.rank.fillna(0).tolist() == [3, 1, 0, 2]
    assert index.weights.loc[["a", "b", "c"], "share"].tolist() == [0.125, 0.375, 0.5]
    half = composite.build_index(
        dataset_from(FOUR), declared(TWO_LEVELS), options=composite.Options(least_weight=0.5)
    )
    assert half.score["3216012003"] == 100


def test_a_denominator_of_zero_makes_a_value_missing_and_says_so():
    table = "indicator,direction,weight,parent,denominator\na,1,1,top,people\ntop,1,1,,\n"
    index = composite.build_index(dataset_from(FOUR), declared(table), options=composite.Options())
    assert index.score.dropna().tolist() == [0, 50, 100]
    assert index.left_out["reason"].iloc[0].text("en") == "it has 0 of 1 indicators"


def test_categories_count_by_their_points():
    dataset = dataset_from(FOUR)
    book = Codebook(
        tuple(Variable("village", kind="string") if v.name == "village" else v for v in dataset.codebook)
    )
    table = (
        "indicator,direction,weight,parent,points\n"
        "village,1,1,top,Pusaka=1; Segara=2; Pantai=2; Hurip=5\ntop,1,1,,\n"
    )
    index = composite.build_index(replace(dataset, codebook=book), declared(table))
    assert index.score.tolist() == [0, 25, 25, 100]
    with pytest.raises(NotFound, match="categories without points: Hurip"):
        composite.build_index(dataset, declared(table.replace("; Hurip=5", "")))


def test_screening_gives_each_village_its_reason():
    values = np.array([[1, 1, 1.0], [2, np.nan, np.nan], [0, 0, 2], [3, 2, 4]])
    options = composite.Options(least_present=0.5, least_nonzero=0.5)
    index = composite.build_index(dataset_of_values(values), flat(3), options=options)
    assert [reason.text("en") for reason in index.left_out["reason"]] == [
        "it has 1 of 3 indicators",
        "67% of its values are zero",
    ]
    assert len(index.units) == 2


def test_records_that_disagree_are_set_aside():
    twice = FOUR + "    3216012004    Hurip    11  4   2   0\n    3216012001    Pusaka   10  4   1   10\n"
    index = composite.build_index(dataset_from(twice), declared(TWO_LEVELS))
    assert index.units["village_code"].tolist() == ["3216012001", "3216012002", "3216012003"]
    assert index.left_out["village_code"].tolist() == ["3216012004", "3216012004"]


def test_winsorising_by_the_example_of_coinr():
    """1 to 10, 30 and 100: the highest becomes 30, and that suffices."""
    values = np.array([*range(1, 11), 30, 100], dtype=float)
    found = treat(values, composite.Options(treatment="winsorise"))
    assert found.treated.tolist() == [*range(1, 11), 30, 30]
    assert (found.n_winsorised, found.transform) == (1, "")


def test_what_winsorising_cannot_mend_becomes_its_logarithm():
    values = np.array([*range(1, 11), 30, 1000], dtype=float)
    rule = composite.Options(treatment="winsorise or log", most_winsorised=0)
    found = treat(values, rule)
    assert found.treated == pytest.approx(np.log(values - 1 + 9.99))
    assert found.transform == "log"
    box = treat(values, replace(rule, treatment="winsorise or box-cox"))
    assert (np.diff(box.treated) > 0).all()
    assert abs(box.skewness_after) < abs(box.skewness)


@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=30))
@settings(max_examples=60, deadline=None)
def test_skewness_and_kurtosis_agree_with_scipy(values):
    from scipy.stats import kurtosis, skew

    row = np.array(values)
    if np.std(row) > 1e-6 * max(1, np.abs(row).max()):
        expected = (skew(row, bias=False), kurtosis(row, bias=False))
        assert skewness_kurtosis(np.append(row, np.nan)) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("how", "direction", "expected"),
    [
        ("min-max", 1, [0, 25, 100]),
        ("min-max", -1, [100, 75, 0]),
        ("rank", 1, [0, 50, 100]),
        ("goalposts", 1, [0, 0, 75]),
        ("goalposts", -1, [100, 100, 25]),
        ("distance to target", 1, [0, 50, 100]),
        ("distance to reference", 1, [0, 100, 400]),
        ("ratio to best", 1, [20, 40, 100]),
        ("ratio to best", -1, [100, 50, 20]),
    ],
)
def test_each_normalisation_by_hand(how, direction, expected):
    """Values 2 4 10; goalposts 4 to 12, target 6, the unit of reference has 4."""
    marks = Marks(direction, low=4, high=12, target=6, reference=4)
    options = composite.Options(normalisation=how, reference="b")
    assert normalise(np.array([2.0, 4, 10]), marks, options).tolist() == pytest.approx(expected)


def test_z_scores_have_the_mean_and_deviation_asked_for():
    options = composite.Options(normalisation="z", z_mean=100, z_sd=10)
    z = normalise(np.array([2.0, 4, np.nan, 10]), Marks(-1), options)
    assert (np.nanmean(z), np.nanstd(z, ddof=1)) == pytest.approx((100, 10))
    assert z[0] > z[1] > z[3]


def test_what_cannot_be_normalised_is_named_at_once():
    values = np.array([[1, 5, 2.0], [1, 5, 3], [1, 5, 4]])
    with pytest.raises(BadInput) as caught:
        composite.build_index(dataset_of_values(values), flat(3))
    assert [problem.where for problem in caught.value.problems] == [
        "indicator 'x1', min-max",
        "indicator 'x2', min-max",
    ]


def test_choices_that_exclude_each_other_are_refused():
    with pytest.raises(BadInput, match="not negative"):
        composite.Options(normalisation="z", aggregation="geometric")
    with pytest.raises(BadInput, match="unit in which goalposts"):
        composite.Options(normalisation="goalposts", treatment="winsorise or log")


def test_aggregations_by_hand():
    """40 and 90: mean 65, sqrt(3600) = 60, 2 / (1/40 + 1/90); 65 less variance 625 over 65."""
    pair, ones = np.array([[40.0], [90.0]]), np.ones(2)
    expected = {
        "arithmetic": 65, "geometric": 60, "harmonic": 7200 / 130, "mazziotta-pareto": 65 - 625 / 65
    }  # fmt: skip
    assert {how: aggregate(pair, ones, how=how)[0] for how in expected} == pytest.approx(expected)
    weighted = {how: aggregate(pair, np.array([3, 1]), how=how)[0] for how in ("arithmetic", "geometric")}
    assert weighted == pytest.approx({"arithmetic": 52.5, "geometric": 40**0.75 * 90**0.25})


def test_group_averages_fill_only_their_group_and_leave_what_has_none():
    values = np.array([[1.0, np.nan, 8, np.nan, np.nan]])
    rule = composite.Options(imputation="group median", group="kecamatan")
    found = impute(values, rule, groups=np.array([0, 0, 1, 2, -1]))
    assert np.nan_to_num(found.filled, nan=-1).tolist() == [[1, 1, 8, -1, -1]]
    assert (found.n_filled.tolist(), found.n_left.tolist()) == ([1], [2])


def test_regressions_fill_what_the_other_indicators_tell():
    rng = np.random.default_rng(0)
    values = np.vstack([rng.normal(size=60)] * 3) + rng.normal(size=(3, 60)) * 0.01
    gap = values.copy()
    gap[0, :5] = np.nan
    found = impute(gap, composite.Options(imputation="iterative"))
    assert found.filled[0, :5] == pytest.approx(
        np.clip(values[1, :5], gap[0, 5:].min(), gap[0, 5:].max()), abs=0.05
    )
    several = impute(gap, composite.Options(imputation="multiple", n_imputations=3), seed=4)
    assert len(several.draws) == 3
    assert np.std([draw[0, 0] for draw in several.draws]) > 0
    again = impute(gap, composite.Options(imputation="multiple", n_imputations=3), seed=4)
    assert np.array_equal(several.filled, again.filled)


tables = st.integers(0, 10_000).map(lambda seed: np.random.default_rng(seed).uniform(1, 100, size=(9, 3)))


@given(tables, st.permutations(range(9)))
@settings(max_examples=8, deadline=None)
def test_the_order_of_the_rows_changes_nothing(values, order):
    dataset = dataset_of_values(values)
    shuffled = replace(dataset, frame=dataset.frame.iloc[list(order)].reset_index(drop=True))
    first, second = (composite.build_index(each, flat(3)) for each in (dataset, shuffled))
    assert first.rank.equals(second.rank)
    assert np.allclose(first.elements, second.elements)


@given(tables, st.floats(0.001, 1000), st.floats(-100, 100))
@settings(max_examples=8, deadline=None)
def test_units_of_measurement_do_not_matter_to_min_max(values, factor, offset):
    first, second = index_of(values.tolist()), index_of((values * factor + offset).tolist())
    assert np.allclose(first.elements, second.elements, atol=1e-6)


@given(tables)
@settings(max_examples=30, deadline=None)
def test_the_means_keep_their_order(values):
    rows, weights = values.T, np.array([1.0, 2, 3])
    harmonic, geometric, arithmetic = (
        aggregate(rows, weights, how=how) for how in ("harmonic", "geometric", "arithmetic")
    )
    assert (harmonic <= geometric + 1e-9).all()
    assert (geometric <= arithmetic + 1e-9).all()
    assert (aggregate(rows, weights, how="mazziotta-pareto") <= arithmetic + 1e-9).all()


def test_missing_is_never_zero():
    """A village without a value is not the worst one: it has no score, and is not counted last."""
    index = index_of([[1, 1], [2, 2], [np.nan, 3]])
    assert index.rank.fillna(0).tolist() == [2, 1, 0]
    assert np.isnan(index.normalised.loc["3216012002", "x1"])


def test_scores_that_differ_by_rounding_share_a_rank():
    assert ranks_of(np.array([0.1 + 0.2, 0.3, 0.2])).tolist() == [1, 1, 3]


def test_other_weights_give_what_building_anew_gives():
    values = np.random.default_rng(3).uniform(size=(20, 3))
    index = composite.build_index(dataset_of_values(values), flat(3))
    moved = composite.reweighted(index, {"x1": 2 / 3})
    anew = composite.build_index(dataset_of_values(values), flat(3, weight=[2, 1, 1]))
    assert np.allclose(moved.elements, anew.elements)
    assert moved.steps[-1].n_rows == 1
    assert index.weights.loc["x1", "weight"] == pytest.approx(1 / 3)
    with pytest.raises(NotFound, match="'x9'"):
        composite.reweighted(index, {"x9": 1})
    with pytest.raises(BadInput, match="weighs nothing"):
        composite.reweighted(index, {"x1": 0, "x2": 0, "x3": 0})


def test_leaving_out_the_only_child_leaves_out_its_parent():
    dataset = dataset_from(FOUR)
    index = composite.build_index(dataset, declared(TWO_LEVELS))
    effects = composite.effect_of_removal(index, ["c"])
    # 0 75 - 25 becomes 0 50 100 0: the third has a score now, two of the other three lose a place.
    assert effects.loc["c", "mean_shift"] == pytest.approx(2 / 3)
    with pytest.raises(NotFound, match="'top' cannot be left out"):
        composite.effect_of_removal(index, ["top"])


def test_the_proposal_for_villages_runs_on_the_made_sample():
    index = composite.build_index(
        sample.load_sample(), composite.village_potential(), options=composite.village_potential_options()
    )
    assert len(index.units) + len(index.left_out) >= 185
    assert index.made
    reasons = index.declaration.table[["reason_id", "reason_en"]]
    assert (reasons != "").all().all()


@pytest.mark.parametrize("language", ["id", "en"])
def test_tables_account_and_pictures_say_that_data_is_made(language):
    index = composite.build_index(
        sample.load_sample(), composite.village_potential(), options=composite.village_potential_options()
    )
    made = {"id": "Data buatan", "en": "Made data"}[language]
    assert index.in_words(language).startswith(made)
    for table in (index.table(language), index.weights_table(language), index.steps_table(language)):
        assert table.iloc[0].astype(str).str.startswith(made).any()
    assert len(index.table(language)) == len(index.units)
    found = composite.monte_carlo(index, weight_noise=0.3, n_draws=20)
    assert found.in_words(language).startswith(made)
    for figure in (index.plot(language, width_px=380), found.plot(language)):
        figure.canvas.draw()
        drawn = " ".join(
            text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))
        )
        assert made in drawn.replace("\n", " ")


CODES = """
village_code village kecamatan a b c
3216012001 - - 4 1 1
3216012007 - - 3 2 2
3216999999 Antah Berantah 2 3 5
1101012003 - - 1 4 3
"""


def test_villages_are_named_by_the_register_and_codes_in_doubt_keep_their_rows():
    index = composite.build_index(dataset_from(CODES), declared(TWO_LEVELS))
    units = index.units.set_index("village_code")
    assert units["village"].fillna("-").to_dict() == {
        "1101012003": "-",
        "3216012001": "Sagara Makmur",
        "3216012007": "Setia Asih",
        "3216999999": "Antah",
    }
    assert units.loc["3216012001", "kecamatan"] == "Tarumajaya"
    told = index.table("en").set_index("Village code (Kemendagri)")["Note on the code"].to_dict()
    assert told == {
        "1101012003": "",
        "3216012001": "",
        "3216012007": "This code is no longer in use; the names are those of its village today.",
        "3216999999": "No village has the code 3216999999.",
    }
    counted = {step.what.template.partition(":")[0]: step.n_rows for step in index.steps}
    assert counted["Codes are in doubt by the register"] == 1
    assert counted["Codes are no longer in use"] == 1
    assert counted["Codes lie outside the register and were not looked up"] == 1


def test_a_name_that_contradicts_its_code_stays_as_it_was_written():
    table = "village_code village a b c\n3216012001 Sukamaju 1 2 3\n3216012002 Segarajaya 2 1 4\n"
    index = composite.build_index(dataset_from(table), declared(TWO_LEVELS))
    assert index.units["village"].tolist() == ["Sukamaju", "Segarajaya"]
    assert "but the name given is Sukamaju" in index.units["code_note"].iloc[0].text("en")
    assert index.units["code_note"].iloc[1] is None
