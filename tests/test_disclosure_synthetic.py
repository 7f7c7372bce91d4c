"""Synthetic twins: every program runs on them, nobody is found in them, and both are measured."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from household_tables import BOOK, CODES, CROPS, RICHEST, households, with_members
from sklearn.neighbors import NearestNeighbors
from twin_hints import OF_HOUSEHOLDS, OF_SAMPLE

from pk_research import sample
from pk_research.codebook import Codebook, Label, Variable
from pk_research.disclosure import Rules
from pk_research.disclosure.synthetic import (
    Hints,
    Link,
    membership_of,
    record_twin,
    risk_of,
    seed_from,
    twin_files,
    twin_of,
    twins_of,
    utility_of,
)
from pk_research.disclosure.synthetic.cells import taken_apart
from pk_research.disclosure.synthetic.leaving import read_restricted
from pk_research.disclosure.synthetic.risk import attribute, nearest
from pk_research.disclosure.synthetic.trees import drawn_numbers, grown, scale_of
from pk_research.disclosure.synthetic.utility import (
    expected_pmse,
    interval_overlap,
    table_propensity,
)
from pk_research.errors import BadInput
from pk_research.register import load_register
from pk_research.sources import Dataset, Provenance, load
from pk_research.store import open_store
from pk_research.store.actors import HOUSE, Role


@pytest.fixture(scope="module")
def table():
    return households()


@pytest.fixture(scope="module")
def twin(table):
    return twin_of(table, seed=1, hints=OF_HOUSEHOLDS)


@pytest.fixture(scope="module")
def linked():
    pair = with_members()
    return pair, twins_of(pair, {"members": Link("households")}, seed=1, hints={"households": OF_HOUSEHOLDS})


@pytest.fixture(scope="module")
def village_twin():
    return twin_of(sample.load_sample(), seed=1, hints=OF_SAMPLE)


def given(frame, name):
    """Return the texts of a column that are answers."""
    texts = frame[name].astype(str)
    return texts[~texts.isin(["", *(label.value for label in CODES)])]


def test_a_twin_has_the_columns_the_kinds_and_the_codes_of_its_table(table, twin):
    made = twin.dataset.frame
    assert list(made) == list(table.frame)
    assert (made.dtypes == table.frame.dtypes).all()
    assert len(made) == len(table.frame)
    for name, code in (("head_age", "-99"), ("income_idr", "-88"), ("land_ha", "")):
        share, was = (one.frame[name].eq(code).mean() for one in (twin.dataset, table))
        assert share == pytest.approx(was, abs=0.05), name
    for variable in BOOK:
        if variable.categories:
            assert set(given(made, variable.name)) <= {label.value for label in variable.categories}
    assert [one.label_id for one in twin.dataset.codebook] == [one.label_id for one in BOOK]


def test_typed_columns_stay_typed():
    typed = sample.load_sample()
    made = twin_of(typed, seed=2).dataset.frame
    assert (made.dtypes == typed.frame.dtypes).all()
    assert str(made["population"].dtype) == "Int64"


def test_numbers_stay_in_their_range_and_as_round_as_they_were(table, twin):
    made = twin.dataset.frame
    assert given(made, "head_age").astype(float).between(15, 100).all()
    assert given(made, "land_ha").astype(float).ge(0).all()
    assert given(made, "income_idr").astype(float).mod(1).eq(0).all()
    round_share = [
        given(frame, "income_idr").astype(int).mod(100_000).eq(0).mean() for frame in (table.frame, made)
    ]
    assert round_share[1] == pytest.approx(round_share[0], abs=0.1)


def test_what_was_not_asked_is_not_answered(table, twin):
    made = twin.dataset.frame
    has_loan = made["has_loan"] == "yes"
    assert has_loan.any()
    assert (~has_loan).any()
    for name in ("debt_idr", "lender"):
        assert made.loc[~has_loan, name].eq("").all()
        assert made.loc[has_loan, name].ne("").mean() > 0.9
    fish = made["crops"].str.split().map(lambda chosen: "fish" in chosen)
    assert made.loc[~fish, "crops_other"].eq("").all()
    assert made.loc[fish, "crops_other"].eq("(made text)").all()


def test_a_universe_told_in_prose_is_found_in_the_answers(table):
    assert table.codebook["lender"].universe == "households with a loan"
    made = twin_of(table, seed=3).dataset.frame
    assert made.loc[made["has_loan"] != "yes", "lender"].eq("").all()


def test_several_answers_and_their_columns_agree(table, twin):
    made = twin.dataset.frame
    answered = ~made["crops"].isin(["", "-99", "-88"])
    for one in CROPS:
        named = made["crops"].str.split().map(lambda chosen, one=one: one in chosen)
        assert made.loc[answered, f"crops__{one}"].eq(named[answered].map(str)).all()
        assert made.loc[~answered, f"crops__{one}"].eq("").all()
    assert not made["crops"].str.contains("none ").any()  # it goes with no other
    assert made.loc[answered, "crops"].ne("").all()


def test_keys_are_new_and_villages_are_of_the_register(table, twin):
    made, register = twin.dataset.frame, load_register()
    assert not set(made["key"]) & set(table.frame["key"])
    assert made["key"].is_unique
    assert made["key"].str.startswith("uuid:").all()
    villages = made["village_code"].map(register.by_code)
    assert villages.notna().all()
    assert made["kecamatan"].eq(villages.map(lambda village: village.kecamatan)).all()
    assert made["village_kind"].eq(villages.map(lambda village: village.kind)).all()
    sizes = [frame["village_code"].value_counts().tolist() for frame in (table.frame, made)]
    assert sizes[0] == sizes[1]  # as many households in each, but in other villages
    assert set(made["village_code"]) != set(table.frame["village_code"])


def test_personal_answers_and_free_text_are_never_learned_from(table, twin):
    whole = twin.dataset.frame.to_csv()
    for secret in ("08120000", "by the well", "secret pond"):
        assert secret in table.frame.to_csv()
        assert secret not in whole
    other = table.frame.assign(
        respondent_phone="0899",
        remarks="nothing",
        crops_other=table.frame["crops_other"].str.replace("secret", "other"),
        key=table.frame["key"].str.replace("0000", "1111"),
    )
    again = twin_of(replace(table, frame=other), seed=1, hints=OF_HOUSEHOLDS)
    pd.testing.assert_frame_equal(again.dataset.frame, twin.dataset.frame)


def test_the_largest_answer_is_not_told_nor_anything_near_it(table, twin):
    assert str(RICHEST) in set(table.frame["income_idr"])
    top = given(twin.dataset.frame, "income_idr").astype(int).max()
    ordered = given(table.frame, "income_idr").astype(int).sort_values()
    assert top <= ordered.tail(5).mean() < RICHEST / 4


@pytest.mark.parametrize("seed", range(5))
def test_no_uncommon_number_of_a_leaf_is_one_persons_own(seed):
    rng = np.random.default_rng(seed)
    people = np.repeat(np.arange(30), 2)
    features = rng.normal(size=(60, 3))
    values = np.exp(rng.normal(size=60)) * 1000 + features[:, 0]
    tree = grown(features, values, people, is_discrete=False, k=5, seed=seed)
    scale = scale_of(values, people, k=5, decimals=6)
    drawn = drawn_numbers(tree, values, people, tree.nodes_of(features), scale=scale, k=5, rng=rng)
    assert len(scale.common) == 0
    assert not np.isin(drawn, values).any()
    assert drawn.min() >= scale.low - 1e-6
    assert drawn.max() <= scale.high + 1e-6
    for node in np.unique(tree.nodes_of(features)):
        assert len(np.unique(people[tree.rows[int(node)]])) >= 5


def test_a_split_that_chance_explains_as_well_is_not_made():
    rng = np.random.default_rng(0)
    features, noise = rng.normal(size=(200, 20)), rng.normal(size=200)
    people = np.arange(200)
    by_chance = grown(features, noise, people, is_discrete=False, k=5, seed=1)
    by_cause = grown(features, noise + 5 * (features[:, 3] > 0), people, is_discrete=False, k=5, seed=1)
    assert by_chance.fitted.tree_.node_count <= 3
    assert by_cause.fitted.tree_.feature[0] == 3


def test_categories_of_too_few_people_do_not_occur_and_this_is_told(table, twin):
    assert table.frame["religion"].eq("d").sum() == 2
    assert not twin.dataset.frame["religion"].eq("d").any()
    told = {message.text("en"): n for message, n in twin.told}
    assert told["“religion”: answers in categories of too few people do not occur"] == 2


def test_places_lie_about_the_places_of_their_village(table, twin):
    made = twin.dataset.frame
    for name, centre in (("latitude", -6.2), ("longitude", 107.0)):
        assert made[name].astype(float).sub(centre).abs().max() < 0.05
        assert not set(made[name]) & set(table.frame[name])


def test_dates_are_dates_of_the_same_weeks(table, twin):
    days = pd.to_datetime(twin.dataset.frame["interview_date"])
    assert days.between("2026-03-01", "2026-04-10").all()
    assert days.nunique() > 20


def test_what_hangs_together_still_does(table, twin):
    """Land goes with loans in the table, and so in the twin."""
    gaps = []
    for frame in (table.frame, twin.dataset.frame):
        land = pd.to_numeric(frame["land_ha"], errors="coerce")
        gaps.append(land[frame["has_loan"] == "yes"].mean() - land[frame["has_loan"] == "no"].mean())
    assert gaps[1] == pytest.approx(gaps[0], rel=0.4)


def test_linked_tables_keep_their_links_their_sizes_and_their_skips(linked):
    made_root, made_members = linked[1]
    homes, people = made_root.dataset.frame, made_members.dataset.frame
    sizes = people["parent_key"].value_counts().reindex(homes["key"]).fillna(0)
    assert sizes.to_numpy().tolist() == homes["members"].astype(int).tolist()
    assert set(people["parent_key"]) <= set(homes["key"])
    assert people["key"].is_unique
    first = people.iloc[0]
    assert first["key"] == f"{first['parent_key']}/home/member[1]"
    age = people["age"].astype(int)
    assert people.loc[age < 15, "works"].eq("").all()
    assert people.loc[age >= 15, "works"].isin(["yes", "no"]).all()


def test_years_of_a_village_stay_its_own(village_twin):
    truth, made = sample.load_sample().frame, village_twin.dataset.frame
    assert made["village_code"].nunique() == 187
    assert sorted(made.groupby("village_code").size()) == sorted(
        truth[
            truth["village_code"].map(lambda code: code in set(made["village_code"]) or code == "3216012007")
        ]
        .assign(village_code=lambda rows: rows["village_code"].replace("3216012007", "3216011007"))
        .groupby("village_code")
        .size()
    )
    moves = []
    for frame in (truth, made):
        rows = frame.drop_duplicates(["village_code", "year"]).pivot_table(
            index="village_code", columns="year", values="population"
        )
        moves.append(rows.astype(float).corr().to_numpy()[0, 2])
    assert moves[0] > 0.9
    assert moves[1] > 0.8


def test_what_is_calculated_and_what_must_hold(village_twin):
    made = village_twin.dataset.frame
    mean = made[["iks", "ike", "ikl"]].mean(axis=1, skipna=False)
    assert made["idm"].sub(mean).abs().max() < 1e-4
    assert made.loc[made["idm"] > 0.8155, "idm_status"].eq("Mandiri").all()
    assert made.loc[made["village_kind"] == "kelurahan", ["idm", "idm_status", "bumdes"]].isna().all().all()
    both = made[["poor_households", "households"]].dropna()
    assert (both["poor_households"] <= both["households"]).all()
    assert made.loc[made["bumdes"] != "Ada", "bumdes_workers"].isna().all()


def test_made_data_is_called_made(twin, tmp_path):
    assert twin.dataset.provenance.made
    assert "MADE" in twin.dataset.provenance.title
    assert all(variable.source.startswith("made:") for variable in twin.dataset.codebook)
    for language, words in (("en", "not for conclusions"), ("id", "bukan untuk menarik kesimpulan")):
        assert words in twin.in_words(language)
    files = twin_files(twin, tmp_path / "households.csv")
    assert sorted(files) == ["households.codebook.csv", "households.csv", "households.datapackage.json"]
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert load(tmp_path / "households.csv").provenance.made
    assert b"made: drawn from trees" in files["households.codebook.csv"]


@pytest.mark.parametrize("ending", ["parquet", "sav", "dta", "xlsx"])
def test_a_twin_is_written_in_the_format_of_its_table(ending, tmp_path):
    book = Codebook((Variable("id", kind="code"), Variable("homes", kind="integer", minimum=0)))
    frame = book.cast(pd.DataFrame({"id": [f"a{n}" for n in range(40)], "homes": range(40)}), where="homes")
    made = twin_of(Dataset("homes", frame, book, Provenance("KK", "", "", "table"), ("id",)), seed=1)
    for name, content in twin_files(made, tmp_path / f"homes.{ending}").items():
        (tmp_path / name).write_bytes(content)
    back = load(tmp_path / f"homes.{ending}")
    assert back.frame["homes"].tolist() == made.dataset.frame["homes"].tolist()
    assert back.provenance.made


def test_codes_for_missing_answers_of_a_file_are_kept(tmp_path):
    book = Codebook((Variable("id", kind="code"), Variable("homes", kind="integer", missing=CODES)))
    rows = "\n".join(f"a{n},{'-99' if n % 4 == 0 else n % 7}" for n in range(60))
    (tmp_path / "homes.csv").write_text(f"id,homes\n{rows}\n", encoding="utf-8")
    (tmp_path / "homes.codebook.csv").write_text(book.to_csv(), encoding="utf-8")
    made = twin_of(read_restricted(tmp_path / "homes.csv"), seed=1).dataset.frame["homes"]
    assert made.eq("-99").mean() == pytest.approx(0.25, abs=0.15)


CODE = """
from hashlib import sha256
from household_tables import with_members
from pk_research import sample
from pk_research.disclosure.synthetic import Link, twin_of, twins_of
made = twins_of(with_members(80), {"members": Link("households")}, seed=4)
made = (*made, twin_of(sample.load_sample(), seed=4))
print(sha256("".join(one.dataset.frame.to_csv() for one in made).encode()).hexdigest())
"""


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed_and_the_workers(project):
    found = set()
    for number in ("1", "2"):
        places = os.environ | {
            "PYTHONHASHSEED": number, "PYTHONPATH": str(project / "tests"), "PK_COMPUTE": number,
            "OMP_NUM_THREADS": number,
        }  # fmt: skip
        found.add(subprocess.check_output([sys.executable, "-c", CODE], text=True, env=places))
    made = twins_of(with_members(80), {"members": Link("households")}, seed=4)
    villages = twin_of(sample.load_sample(), seed=4)
    here = sha256("".join(one.dataset.frame.to_csv() for one in (*made, villages)).encode()).hexdigest()
    assert found == {f"{here}\n"}
    other = twins_of(with_members(80), {"members": Link("households")}, seed=5)
    assert not other[0].dataset.frame.equals(made[0].dataset.frame)


def test_bad_input_is_told_all_at_once(table):
    wrong = replace(table, frame=table.frame.drop(columns="remarks").assign(extra=1).head(9), key=("none",))
    hints = Hints(asked={"lendre": "has_loan = 'yes'"}, holds=("income_idr <",))
    with pytest.raises(BadInput) as caught:
        twin_of(wrong, seed=1, hints=hints)
    assert [str(problem) for problem in caught.value.problems] == [
        "dataset 'households': it lacks columns the codebook declares: remarks. Give the table whole.",
        "dataset 'households': the codebook does not declare: extra. Declare these columns.",
        "dataset 'households', key: 'none' is no column of it. Correct the key.",
        (
            "dataset 'households': it has 9 rows, too few to learn from without telling of single ones."
            " Give at least 10, or make the data by hand."
        ),
        "hints, 'lendre': it is no column of the table. Correct the name.",
        "hints, 'income_idr <': it is no expression of forms. Write it as in a form: a <= b.",
    ]


def test_links_that_lead_nowhere_are_told(table):
    with pytest.raises(BadInput, match="link of 'households': 'members' does not stand before it"):
        twins_of([table], {"households": Link("members")}, seed=1)


# Utility, by the published formulas.


def test_the_expected_pmse_is_that_of_the_published_theorem():
    """Snoke et al. (2018), theorem 1: (k - 1)(1 - c)^2 c / N, and its standard deviation."""
    mean, spread = expected_pmse(11, 500, 500)
    assert mean == pytest.approx(10 * 0.125 / 1000)
    assert spread == pytest.approx(np.sqrt(20) * 0.125 / 1000)


def test_a_twin_drawn_from_the_table_itself_has_a_pmse_ratio_of_one():
    rng = np.random.default_rng(0)
    table = rng.choice(list("abcdef"), size=800, p=[0.3, 0.25, 0.2, 0.1, 0.1, 0.05])
    found = [table_propensity(table, rng.choice(table, size=800)) for _ in range(300)]
    assert np.mean([one.ratio for one in found]) == pytest.approx(1, abs=0.1)
    assert np.std([one.standardised for one in found]) == pytest.approx(1, abs=0.15)


def test_the_pmse_of_a_table_is_that_of_a_saturated_logistic_regression():
    import statsmodels.api as sm

    rng = np.random.default_rng(1)
    ours, made = rng.choice(list("abc"), 120), rng.choice(list("abc"), 90, p=[0.5, 0.3, 0.2])
    marks = pd.get_dummies(pd.Series(np.concatenate([ours, made])), drop_first=True, dtype=float)
    is_made = np.repeat([0, 1], [120, 90])
    fitted = sm.GLM(is_made, sm.add_constant(marks), family=sm.families.Binomial()).fit()
    by_regression = np.mean((fitted.fittedvalues - 90 / 210) ** 2)
    assert table_propensity(ours, made).pmse == pytest.approx(by_regression)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [((0, 2), (0, 2), 1.0), ((0, 2), (1, 3), 0.5), ((0, 4), (1, 3), 0.75), ((0, 1), (2, 3), -1.0)],
)
def test_the_overlap_of_intervals_is_karrs(one, other, overlap):
    assert interval_overlap(one, other) == overlap


def test_utility_tells_a_good_twin_from_a_bad_one(table, twin):
    good = utility_of(table, twin.dataset, twin.parts)
    rng = np.random.default_rng(1)
    shuffled = twin.dataset.frame.apply(lambda column: column.to_numpy()[rng.permutation(len(column))])
    bad = utility_of(table, replace(twin.dataset, frame=shuffled), twin.parts)
    assert good.whole.ratio < 3
    assert good.columns["ratio"].median() < 2
    assert good.columns["overlap"].median() > 0.6
    loans = [
        one.pairs.query("first == 'has_loan' and second == 'debt_idr'")["ratio"].item() for one in (good, bad)
    ]
    assert loans[0] * 3 < loans[1]
    assert "pMSE" in good.in_words("en")
    with pytest.raises(BadInput, match="it lacks head_sex"):
        utility_of(
            table, replace(twin.dataset, frame=twin.dataset.frame.drop(columns="head_sex")), twin.parts
        )


# Risk, each figure a second time by other means.


def by_counting(keys, values, twin_keys, twin_values):
    """DiSCO and DCAP row by row, as they are told in words."""
    disco = dcap = 0
    for key, value in zip(keys, values, strict=True):
        same = [made for one, made in zip(twin_keys, twin_values, strict=True) if one == key]
        disco += bool(same) and set(same) == {value}
        dcap += same.count(value) / len(same) if same else 0
    return disco / len(keys), dcap / len(keys)


def test_attribute_disclosure_is_what_counting_gives():
    rng = np.random.default_rng(2)
    mine, made = ((rng.choice(list("pqrst"), 70), rng.choice(list("xyz"), 70)) for _ in range(2))
    made = (made[0][:9], made[1][:9])
    found = attribute(*mine, *made, target="debt")
    assert (found.disco, found.dcap) == pytest.approx(by_counting(*mine, *made))
    itself = attribute(*mine, *mine, target="debt")
    assert itself.dcap == itself.by_table
    assert itself.disco == itself.in_table


def test_replicated_uniques_are_keys_alone_in_both(table):
    keys = ["head_sex", "religion", "village_code"]
    made = twin_of(table, seed=8, hints=OF_HOUSEHOLDS).dataset
    found = risk_of(table, made, keys=keys, targets=["debt_idr"])
    alone = [
        frame[keys].astype(str).agg("|".join, axis=1).value_counts().loc[lambda n: n == 1].index
        for frame in (table.frame, made.frame)
    ]
    assert found.n_unique == len(alone[0])
    assert found.n_replicated == len(set(alone[0]) & set(alone[1]))
    assert found.n_copies == 0
    itself = risk_of(table, table, keys=keys, targets=["debt_idr"])
    assert itself.n_replicated == itself.n_unique
    assert itself.n_copies == len(table.frame)


def test_the_nearest_row_is_the_one_a_library_finds():
    book = Codebook((Variable("a", kind="number"), Variable("b", kind="number")))
    rng = np.random.default_rng(3)
    frames = [pd.DataFrame(rng.random((30, 2)), columns=["a", "b"]) for _ in range(2)]
    one, other = (Dataset("d", frame, book, Provenance("d", "", "", "table")) for frame in frames)
    spread = np.ptp(frames[0].to_numpy(), axis=0)
    library = NearestNeighbors(n_neighbors=1, metric="manhattan").fit(frames[1] / spread)
    distance = library.kneighbors(frames[0] / spread)[0][:, 0] / 2
    assert nearest(one, other, ["a", "b"]) == pytest.approx(distance, abs=1e-6)


def test_membership_finds_a_twin_that_copies_and_hardly_one_that_does_not(table, monkeypatch):
    honest = membership_of(table, seed=1, hints=OF_HOUSEHOLDS)
    assert honest.auc < 0.62
    real = twin_of
    monkeypatch.setattr(
        "pk_research.disclosure.synthetic.risk.twin_of",
        lambda half, **options: replace(real(half, **options), dataset=half),
    )
    copied = membership_of(table, seed=1, hints=OF_HOUSEHOLDS)
    assert copied.auc > 0.95
    assert copied.nearest == 0


def test_more_people_behind_every_leaf_is_a_rule_of_the_house(table):
    made = twin_of(table, seed=1, hints=OF_HOUSEHOLDS, rules=Rules(least_alike=25))
    assert not made.dataset.frame["religion"].eq("c").any() or table.frame["religion"].eq("c").sum() >= 25
    assert "25 people" in made.in_words("en")


def test_risk_says_what_it_found_in_both_languages(table, twin):
    found = risk_of(
        table, twin.dataset, twin.parts, keys=["head_sex", "head_age", "religion"], targets=["income_idr"]
    )
    found = replace(found, membership=membership_of(table, seed=1, hints=OF_HOUSEHOLDS))
    assert "No differential privacy is claimed" in found.in_words("en")
    assert "Tidak ada jaminan differential privacy" in found.in_words("id")
    with pytest.raises(BadInput, match="no column is said to be known to others"):
        risk_of(table, twin.dataset, twin.parts, keys=[])
    with pytest.raises(BadInput, match="not in the table: nik"):
        risk_of(table, twin.dataset, twin.parts, keys=["nik"])


def test_that_a_twin_leaves_is_in_the_audit_log(table, twin, tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    record_twin(store, table, twin, by=HOUSE[Role.RESEARCHER], purpose="replication", to="readers")
    (entry,) = [one for one in store.audit.events() if one.kind == "synthetic data released"]
    assert entry.details["to"] == "readers"
    assert entry.details["content"] == twin.content_hash
    assert entry.details["columns"]["remarks"] == "text"
    with pytest.raises(BadInput, match="purpose: it is not said"):
        record_twin(store, table, twin, by=HOUSE[Role.RESEARCHER], purpose="", to="readers")


def test_a_seed_of_the_house_depends_on_its_secret_and_on_the_table(table):
    assert seed_from(b"one", table) == seed_from(b"one", table)
    assert seed_from(b"one", table) != seed_from(b"two", table)


def test_cells_the_codebook_does_not_allow_are_counted():
    kind = Variable("bank", kind="category", categories=(Label("Ada", "", ""),), missing=CODES)
    found = taken_apart(pd.Series(["ADA ", "?", "-99", None]), kind)
    assert found.numbers.tolist()[:1] == [0.0]
    assert found.why.tolist() == [None, "", "-99", ""]
    assert found.n_unfit == 1
