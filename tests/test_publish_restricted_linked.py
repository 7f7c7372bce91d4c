"""Restricted tables that hang on one another: their twins are joined as they are, and tell of nobody."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from pk_research.codebook import Codebook, Label, Variable
from pk_research.disclosure import Rules
from pk_research.disclosure.synthetic import Declared, Hints, Link, linked_tables, twins_of
from pk_research.errors import BadInput
from pk_research.publish import Source
from pk_research.publish.restricted import replaced
from pk_research.register import load_register
from pk_research.sources import Dataset, Provenance

SECRET = b"an example only!"
YES_NO = (Label("yes", "", ""), Label("no", "", ""))
CODE = Variable("village_code", kind="code")
BOOKS = {
    "villages": Codebook((CODE, Variable("on_coast", kind="category", categories=YES_NO))),
    "years": Codebook((CODE, Variable("year", kind="integer"), Variable("budget_idr", kind="integer"))),
    "homes": Codebook(
        (
            Variable("home_id", kind="code"), CODE, Variable("head_phone"),
            Variable("fishes", kind="category", categories=YES_NO), Variable("people", kind="integer"),
        )
    ),
    "people": Codebook(
        (
            Variable("person_id", kind="code"), Variable("home_id", kind="code"),
            Variable("nik", kind="code"), Variable("age", kind="integer", minimum=0, maximum=100),
        )
    ),
    "loans": Codebook(
        (
            Variable("loan_id", kind="code"), Variable("debtor", kind="code"),
            Variable("lender", kind="code"), Variable("debt_idr", kind="integer", minimum=0),
        )
    ),
    "banks": Codebook((Variable("bank_id", kind="code"), Variable("is_public", kind="boolean"))),
}  # fmt: skip
FOREIGN = [
    {"fields": "debtor", "reference": {"resource": "homes", "fields": "home_id"}},
    {"fields": ["lender"], "reference": {"resource": "banks", "fields": ["bank_id"]}},
]
WAYS = [
    ("homes", "village_code", "villages", "village_code"),
    ("years", "village_code", "villages", "village_code"),
    ("people", "home_id", "homes", "home_id"),
    ("loans", "debtor", "homes", "home_id"),
    ("loans", "lender", "banks", "bank_id"),
]
KEYS = {"homes": "home_id", "people": "person_id", "loans": "loan_id", "banks": "bank_id"}
PERSONAL = {"homes": ["head_phone"], "people": ["nik"]}


def tables(n_villages=60, n_homes=300):
    """Return six tables; on the coast people fish, and whoever fishes is deep in debt."""
    rng = np.random.default_rng(3)
    codes = [village.code for village in load_register() if village.kind == "desa"][:n_villages]
    coast = rng.random(n_villages) < 0.5
    of = rng.integers(n_villages, size=n_homes)
    fishes = np.where(rng.random(n_homes) < 0.1, ~coast[of], coast[of])
    size = rng.integers(1, 6, n_homes)
    home = np.array([f"home{at:04}x" for at in range(n_homes)])
    owner = np.repeat(np.arange(n_homes), size)
    debtors = np.flatnonzero(rng.random(n_homes) < 0.6)
    deep = np.where(fishes[debtors], 50, 5) * 10**6
    lender = [f"bank{at:02}x" for at in rng.integers(12, size=len(debtors))]
    lender[::7] = [""] * len(lender[::7])
    return {
        "villages": pd.DataFrame({"village_code": codes, "on_coast": np.where(coast, "yes", "no")}),
        "years": pd.DataFrame(
            [(code, str(year), str(rng.integers(1, 99) * 10**6)) for code in codes for year in (2023, 2024)],
            columns=["village_code", "year", "budget_idr"],
        ),
        "homes": pd.DataFrame(
            {
                "home_id": home,
                "village_code": [codes[at] for at in of],
                "head_phone": [f"0812{at:07}" for at in range(n_homes)],
                "fishes": np.where(fishes, "yes", "no"),
                "people": size.astype(str),
            }
        ),
        "people": pd.DataFrame(
            {
                "person_id": [f"person{at:05}x" for at in range(len(owner))],
                "home_id": home[owner],
                "nik": [f"32160{at:011}" for at in range(len(owner))],
                "age": rng.integers(0, 90, len(owner)).astype(str),
            }
        ),
        "loans": pd.DataFrame(
            {
                "loan_id": [f"loan{at:04}x" for at in range(len(debtors))],
                "debtor": home[debtors],
                "lender": lender,
                "debt_idr": (deep + rng.integers(10**6, size=len(debtors))).astype(str),
            }
        ),
        "banks": pd.DataFrame({"bank_id": [f"bank{at:02}x" for at in range(12)], "is_public": "True"}),
    }  # fmt: skip


def as_dataset(name, frame, key):
    return Dataset(name, frame, BOOKS[name], Provenance(name, "", "0" * 64, "table"), key)


def written(folder, made, *, foreign=FOREIGN):
    """Write the tables as somebody keeps them: CSV with codebooks, and a descriptor of the loans."""
    folder.mkdir(parents=True)
    for name, frame in made.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
        (folder / f"{name}.codebook.csv").write_text(BOOKS[name].to_csv(), encoding="utf-8")
    schema = {**BOOKS["loans"].to_table_schema(), "foreignKeys": foreign}
    described = {"resources": [{"name": "loans", "path": "loans.csv", "schema": schema}]}
    (folder / "loans.datapackage.json").write_text(json.dumps(described), encoding="utf-8")


@pytest.fixture(scope="module")
def real():
    return tables()


@pytest.fixture(scope="module")
def found(real, tmp_path_factory):
    """The files that go into a package, and the tables in them."""
    project = tmp_path_factory.mktemp("checkout")
    written(project / "data" / "debts", real)
    source = Source("Debts", "a bank", "by agreement", "restricted", ("data/debts",), "Ask the bank.")
    made = replaced(project, [source], secret=SECRET)
    assert made.links == (
        "data/debts/homes.csv: village_code is the key of data/debts/villages.csv",
        "data/debts/loans.csv: debtor is the key of data/debts/homes.csv",
        "data/debts/loans.csv: lender is the key of data/debts/banks.csv",
        "data/debts/people.csv: home_id is the key of data/debts/homes.csv",
    )
    files = made.files
    return files, {
        name: pd.read_csv(io.BytesIO(files[f"data/debts/{name}.csv"]), dtype=str, keep_default_na=False)
        for name in real
    }


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way[0]}-{way[2]}")
def test_every_foreign_key_of_a_twin_is_in_its_parent(real, found, way):
    child, column, parent, key = way
    made = found[1]
    held = made[child][column]
    assert len(held) > len(real[child]) / 2
    assert set(held) - {""} <= set(made[parent][key])
    assert (held == "").mean() == pytest.approx((real[child][column] == "").mean(), abs=0.08)
    whole = made[child].merge(made[parent], left_on=column, right_on=key)
    assert len(whole) == (held != "").sum()


def test_keys_of_twins_tell_rows_apart_and_are_none_of_the_real_ones(real, found):
    for name, key in (
        ("homes", "home_id"),
        ("people", "person_id"),
        ("loans", "loan_id"),
        ("banks", "bank_id"),
    ):
        made = found[1][name][key]
        assert made.is_unique, name
        assert not set(made) & set(real[name][key]), name


def test_no_real_key_nor_anything_personal_is_in_any_file(real, found):
    everything = b"\n".join(found[0].values()).decode()
    for name, frame in real.items():
        told = [column for column in frame if column.endswith("_id")] + PERSONAL.get(name, [])
        for column in told:
            assert not [text for text in frame[column] if text in everything], (name, column)
    for frame in real.values():
        rows = [",".join(row) for row in frame.to_numpy() if len(row) > 3]
        assert not [row for row in rows if row in everything]


def test_no_pair_of_a_village_and_what_was_said_there_comes_through(real, found):
    """Codes of villages are public and stand in both; what belongs to them was drawn anew."""
    pairs = [
        set(zip(one["village_code"], one["budget_idr"], strict=True))
        for one in (real["years"], found[1]["years"])
    ]
    assert not pairs[0] & pairs[1]


def test_the_order_and_the_numbers_of_made_rows_do_not_tell_which_village_was_which(real, found):
    """Numbers given in the order of the real villages would undo the draw of made ones."""
    homes = found[1]["homes"]
    assert homes["village_code"].is_monotonic_increasing
    for column in ("home_id", "head_phone"):
        numbers = homes[column].str.extract(r"(\d+)")[0].astype(int)
        by_village = numbers.groupby(homes["village_code"]).mean()
        assert by_village.std() < numbers.std() * 0.75
        assert abs(np.corrcoef(numbers, np.arange(len(numbers)))[0, 1]) < 0.15


def test_what_hangs_together_over_tables_still_does(real, found):
    """Who lives on the coast fishes, and who fishes is deep in debt, in the twins as in the tables."""
    shares, debts = [], []
    for made in (real, found[1]):
        homes = made["homes"].merge(made["villages"], on="village_code")
        shares.append(homes.groupby("on_coast")["fishes"].agg(lambda said: (said == "yes").mean()))
        loans = made["loans"].merge(made["homes"], left_on="debtor", right_on="home_id")
        debts.append(loans["debt_idr"].astype(int).groupby(loans["fishes"]).median())
    assert shares[1]["yes"] - shares[1]["no"] > 0.5 * (shares[0]["yes"] - shares[0]["no"])
    assert debts[1]["yes"] > 3 * debts[1]["no"]


def test_members_are_as_many_as_the_home_says(found):
    made = found[1]
    counted = made["people"]["home_id"].value_counts().reindex(made["homes"]["home_id"]).fillna(0)
    assert counted.astype(int).tolist() == made["homes"]["people"].astype(int).tolist()


def test_what_stands_beside_a_twin_names_no_link_to_real_rows(found):
    for name, content in found[0].items():
        if name.endswith(".datapackage.json"):
            described = json.loads(content)
            assert described["resources"][0]["provenance"]["made"] is True
    header = next(csv.reader(io.StringIO(found[0]["data/debts/loans.csv"].decode())))
    assert header == ["loan_id", "debtor", "lender", "debt_idr"]


@pytest.mark.parametrize(
    ("foreign", "told"),
    [
        (
            {"fields": "debtor", "reference": {"resource": "people_of_old", "fields": "id"}},
            "it leads to 'people_of_old', which is no restricted table",
        ),
        ({"fields": "owes", "reference": {"resource": "homes", "fields": "home_id"}}, "no column: owes"),
    ],
)
def test_foreign_keys_that_lead_nowhere_are_told(real, tmp_path, foreign, told):
    written(tmp_path / "data", real, foreign=[foreign])
    source = Source("Debts", "a bank", "by agreement", "restricted", ("data",), "Ask.")
    with pytest.raises(BadInput, match=told):
        replaced(tmp_path, [source], secret=SECRET)


def test_hints_are_of_the_table_they_name(tmp_path):
    written(tmp_path / "data", tables(20, 60))
    hints = {"people": Hints(never=frozenset({"age"}))}
    source = Source("Debts", "a bank", "by agreement", "restricted", ("data",), "Ask.", hints=hints)
    made = {dataset.name: twin for dataset, twin in replaced(tmp_path, [source], secret=SECRET).twins}
    assert made["people"].parts["age"] == "text"
    assert made["homes"].parts["people"] == "learned"


def test_tables_that_only_look_alike_are_not_linked(real):
    """The same numbers under the same name, row for row, are two tables' own keys."""
    book = Codebook((Variable("id", kind="code"),))
    frame = pd.DataFrame({"id": [str(at) for at in range(40)]})
    one, other = (Dataset(name, frame, book, Provenance("", "", "", "table"), ("id",)) for name in "ab")
    assert linked_tables([one, other], (), register=load_register()).links == {}
    said = [Declared("a", "b", ("id",), ("id",))]
    assert linked_tables([one, other], said, register=load_register()).links == {"a": Link("b", ("id",))}


def test_a_second_foreign_key_of_the_same_column_is_told_to_be_lost(real):
    datasets = [as_dataset(name, real[name], (KEYS[name],)) for name in ("homes", "loans", "banks")]
    said = [
        Declared("loans", "homes", ("debtor",), ("home_id",)),
        Declared("loans", "banks", ("debtor",), ("bank_id",)),
    ]
    linked = linked_tables(datasets, said, register=load_register())
    assert linked.links == {"loans": Link("homes", ("debtor",))}
    assert linked.lost == (("loans", Link("banks", ("debtor",))),)


def test_a_key_of_two_columns_is_linked_by_both(real):
    seats = pd.DataFrame(
        [(code, year, f"s{at}") for code, year, _ in real["years"].to_numpy() for at in range(2)],
        columns=["village_code", "year", "seat"],
    )
    book = Codebook((CODE, Variable("year", kind="integer"), Variable("seat", kind="code")))
    years = as_dataset("years", real["years"], ("village_code", "year"))
    rows = Dataset("seats", seats, book, Provenance("", "", "", "table"), ("seat",))
    linked = linked_tables([rows, years], (), register=load_register())
    assert [one.name for one in linked.datasets] == ["years", "seats"]
    assert linked.links == {"seats": Link("years", ("village_code", "year"))}
    made = [
        one.dataset.frame
        for one in twins_of(linked.datasets, linked.links, seed=1, rules=Rules(least_alike=5))
    ]
    both = [set(zip(frame["village_code"], frame["year"], strict=True)) for frame in made]
    assert both[1] == both[0]
    assert set(made[1].groupby(["village_code", "year"]).size()) == {2}
