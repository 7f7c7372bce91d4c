"""Checks that need the dataset alone: each on a table small enough to see the fault."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quality_tables import ROAD, found, listing, only, table

from pk_research import quality
from pk_research.codebook import Codebook, Variable
from pk_research.language import Message
from pk_research.sources.dataset import Dataset, Provenance
from pk_research.sources.vocabulary import IKE, IKS, VILLAGE, VILLAGE_CODE, YEAR

TRADERS = Variable("traders", "Pedagang", "Traders", "integer", minimum=0)
INCOME = Variable("income_idr", "Pendapatan", "Income", "number", unit="IDR a month", minimum=0)

CLEAN = """
village_code | village       | kecamatan  | year | iks | road  | traders
3216012001   | Sagara Makmur | Tarumajaya | 2024 | 0.7 | paved | 120
3216012002   | Pantai Makmur | Tarumajaya | 2024 | 0.6 | dirt  | 80
3216012003   | Setia Mulya   | Tarumajaya | 2024 | 0.8 | paved | 200
"""


def test_clean_data_is_not_faulted():
    report = quality.check(table(CLEAN, ROAD, TRADERS))
    assert report.findings == ()
    assert (report.n_rows, report.n_villages) == (3, 3)


# --- what the codebook allows


def test_values_out_of_range():
    data = table(
        """
        village_code | iks  | traders
        3216012001   | 0.7  | 120
        3216012002   | 1.2  | -3
        3216012003   | -0.1 | 200
        """,
        TRADERS,
    )
    iks, traders = found(data)["range"]
    assert (iks.severity, iks.n_rows, iks.columns) == ("error", 2, ("iks",))
    assert listing(iks) == [(2, "iks", "1.2", "0 – 1"), (3, "iks", "-0.1", "0 – 1")]
    assert listing(traders) == [(2, "traders", "-3", "≥ 0")]


def test_a_range_is_written_as_the_language_does_and_plainly_in_the_list():
    wage = Variable("wage_idr", kind="integer", minimum=1500, maximum=25_000_000)
    small = Variable("share", kind="number", minimum=0.0001)
    data = table(
        "village_code | year | wage_idr | share\n3216012001 | 1900 | 7 | 0\n",
        wage,
        small,
        key=("village_code",),
    )
    year, much, little = found(data)["range"]
    assert "(1.500 – 25.000.000)" in much.message.text("id")
    assert "(1,500 – 25,000,000)" in much.message.text("en")
    assert listing(much, "expected") == [("1500 – 25000000",)]
    assert "(1945 – 2100)" in year.message.text("id")
    assert "(≥ 0.0001)" in little.message.text("en")


def test_a_bound_belongs_to_the_range():
    data = table("village_code | iks\n3216012001 | 0\n3216012002 | 1\n")
    assert found(data) == {}


def test_values_outside_the_declared_categories():
    data = table(
        """
        village_code | road
        3216012001   | paved
        3216012002   | Paved
        3216012003   | gravel
        """,
        ROAD,
        cast=False,
    )
    finding = only(data, "category")
    assert listing(finding, "row", "value", "expected") == [
        (2, "Paved", "paved | dirt"),
        (3, "gravel", "paved | dirt"),
    ]


def test_values_of_another_kind_and_columns_merely_stored_otherwise():
    data = table(
        """
        village_code | traders | year
        3216012001   | 120     | 2024
        3216012002   | many    | 2024
        """,
        TRADERS,
        cast=False,
    )
    wrong, stored = found(data)["kind"]
    assert (wrong.severity, listing(wrong)) == ("error", [(2, "traders", "many", "integer")])
    assert (stored.severity, stored.columns, stored.n_rows) == ("note", ("year",), 0)


def test_columns_that_the_codebook_and_the_data_do_not_share():
    data = table("village_code | iks\n3216012001 | 0.5\n")
    other = Dataset(
        "other", data.frame.rename(columns={"iks": "ike"}), data.codebook, data.provenance, data.key
    )
    texts = [finding.message.text("en") for finding in found(other)["column"]]
    assert texts == [
        "The codebook declares columns that the data lacks: iks",
        "The data has columns that the codebook does not declare: ike",
    ]


def test_a_row_without_a_key_cannot_be_assigned():
    data = table(
        """
        village_code | village       | iks
        3216012001   | Sagara Makmur | 0.7
        -            | Pantai Makmur | 0.6
        """
    )
    finding = only(data, "missing-key")
    assert listing(finding, "row", "village", "column") == [(2, "Pantai Makmur", "village_code")]


def test_a_dataset_without_rows():
    assert list(found(table("village_code | iks"))) == ["empty"]


def test_the_schema_is_the_codebook():
    schema = quality.schema(Codebook((VILLAGE_CODE, IKS, ROAD)), key=("village_code",))
    assert {name: column.nullable for name, column in schema.columns.items()} == {
        "village_code": False, "iks": True, "road": True,
    }  # fmt: skip


# --- what is missing


GAPS = """
village_code | village       | iks | ike | ikl | idm | traders
3216012001   | Sagara Makmur | 0.7 | 0.6 | 0.5 | 0.6 | 1
3216012002   | Pantai Makmur | 0.6 | 0.7 | 0.5 | 0.6 | 2
3216012003   | Setia Mulya   | -   | -   | -   | -   | -
3216012004   | Samudra Jaya  | 0.8 | -   | -   | -   | 4
3216012005   | Segara Jaya   | 0.7 | 0.7 | 0.7 | 0.7 | 5
3216012006   | Pusaka Rakyat | 0.7 | 0.7 | 0.7 | 0.7 | 6
"""


def test_missing_by_variable():
    report = quality.check(table(GAPS, TRADERS))
    missing = report.missing.set_index("variable")
    assert missing["n_missing"].to_dict() == {
        "village_code": 0, "village": 0, "iks": 1, "ike": 2, "ikl": 2, "idm": 2, "traders": 1,
    }  # fmt: skip
    assert missing.loc["ike", "share"] == pytest.approx(2 / 6)
    grave, slight = (finding for finding in report.findings if finding.check == "missing")
    assert (grave.severity, set(grave.columns)) == ("warning", {"ike", "ikl", "idm"})
    assert listing(grave, "row", "column") == [(n, name) for n in (3, 4) for name in ("ike", "ikl", "idm")]
    assert (slight.severity, slight.n_rows) == ("note", 1)
    assert "iks" not in slight.message.text("en")
    assert "Social resilience index (IKS): 1 or 16.7%" in slight.message.text("en")


def test_missing_by_village_names_empty_rows_and_villages_with_most_missing():
    findings = found(table(GAPS, TRADERS))
    (empty,), (gap,) = findings["empty-row"], findings["village-gap"]
    assert (
        empty.message.text("en")
        == "Rows without any of the 5 values that every row should have: 1 (Setia Mulya)"
    )
    assert gap.message.text("en") == "Villages that lack at least half of their values: 1 (Samudra Jaya)"
    assert [column for _, column in listing(gap, "row", "column")] == ["ike", "ikl", "idm"]
    by_village = quality.check(table(GAPS, TRADERS)).missing_by_village
    assert by_village[["village", "n_values", "n_missing"]].to_numpy().tolist() == [
        ["Setia Mulya", 5, 5], ["Samudra Jaya", 5, 3],
    ]  # fmt: skip


def test_what_is_asked_of_some_only_may_be_missing():
    profit = Variable("profit_idr", kind="number", universe="villages with a BUMDes")
    data = table("village_code | profit_idr\n3216012001 | -\n3216012002 | -\n3216012003 | 5\n", profit)
    report = quality.check(data)
    assert [(finding.check, finding.severity) for finding in report.findings] == [("missing", "note")]
    assert report.missing_by_village.empty
    assert report.findings[0].message.text("en") == (
        "Variables that were not asked of everybody, and lack some values: 1 (profit_idr: 2 or 66.7%)"
    )


def test_what_is_asked_of_some_only_is_told_apart_from_what_all_were_asked():
    profit = Variable("profit_idr", kind="number", universe="villages with a BUMDes")
    data = table(
        "village_code | village | profit_idr\n3216012001 | - | -\n"
        + "".join(f"321601200{n} | Desa {n} | {n}\n" for n in range(2, 9)),
        profit,
    )
    assert [(finding.columns, finding.severity) for finding in quality.check(data).findings] == [
        (("village",), "note"),
        (("profit_idr",), "note"),
    ]


def test_villages_that_lack_a_year():
    data = table(
        """
        village_code | village       | year | iks
        3216012001   | Sagara Makmur | 2023 | 0.7
        3216012001   | Sagara Makmur | 2024 | 0.7
        3216012002   | Pantai Makmur | 2024 | 0.6
        """
    )
    finding = only(data, "absent-year")
    assert listing(finding, "village", "value", "expected") == [("Pantai Makmur", "2024", "2023, 2024")]


def test_a_village_under_two_codes_is_one_village_renamed_not_two_with_gaps():
    data = table(
        """
        village_code | village | kecamatan   | year | iks
        3209392001   | Sambeng | Gunung Jati | 2021 | 0.7
        3209212016   | Sambeng | Gunung Jati | 2022 | 0.7
        3209212017   | Jadimulya | Gunung Jati | 2021 | 0.7
        3209212017   | Jadimulya | Gunung Jati | 2022 | 0.6
        """
    )
    finding = only(data, "code-change")
    assert listing(finding, "row", "value", "expected") == [
        (1, "3209392001", "3209212016, 3209392001"),
        (2, "3209212016", "3209212016, 3209392001"),
    ]
    assert "absent-year" not in found(data)


# --- what stands there more than once


def test_copies_and_contradictory_repeats_are_told_apart():
    data = table(
        """
        no | village_code | village       | iks | ike
        1  | 3216012001   | Sagara Makmur | 0.7 | 0.5
        2  | 3216012002   | Pantai Makmur | 0.6 | 0.5
        3  | 3216012001   | Sagara Makmur | 0.7 | 0.5
        4  | 3216012003   | Setia Mulya   | 0.8 | 0.5
        5  | 3216012004   | Samudra Jaya  | 0.8 | 0.5
        6  | 3216012002   | Pantai Makmur | 0.9 | 0.5
        """
    )
    findings = found(data)
    (copies,), (conflict,) = findings["duplicate"], findings["conflict"]
    assert listing(copies, "row", "village_code") == [(1, "3216012001"), (3, "3216012001")]
    assert listing(conflict, "row", "column", "value") == [(2, "iks", "0.6"), (6, "iks", "0.9")]


def test_a_join_that_repeats_every_village_is_recognised():
    """Three villages, each with its population, joined to its products: eight rows, 2.7 a village."""
    data = table(
        """
        village_code | village       | population | product
        3216012001   | Sagara Makmur | 9000       | milkfish
        3216012001   | Sagara Makmur | 9000       | shrimp paste
        3216012001   | Sagara Makmur | 9000       | crab
        3216012002   | Pantai Makmur | 7000       | salt
        3216012002   | Pantai Makmur | 7000       | crab
        3216012003   | Setia Mulya   | 8000       | rice
        3216012003   | Setia Mulya   | 8000       | tofu
        3216012003   | Setia Mulya   | 8000       | crab
        """,
        Variable("product", "Produk", "Product"),
    )
    finding = only(data, "fan-out")
    assert (finding.severity, finding.n_rows) == ("error", 8)
    assert finding.message.text("en") == (
        "Rows that a join has repeated: 8 for no more than 3 units, 2.7 each on average; "
        "constant within a unit: population; varying: Product"
    )
    assert listing(finding, "row", "column", "value")[0] == (1, "product", "milkfish")


def test_24_villages_repeated_into_638_rows():
    rows = "\n".join(f"321601{2001 + n % 24} | {100 + n % 24} | item {n}" for n in range(638))
    data = table(f"village_code | traders | item\n{rows}", TRADERS, Variable("item"))
    finding = only(data, "fan-out")
    assert "638 for no more than 24 units, 26.6 each on average" in finding.message.text("en")
    assert finding.n_rows == 638


def test_the_same_rows_with_a_key_that_identifies_them_are_no_fault():
    data = table(
        """
        village_code | product      | sold_kg
        3216012001   | milkfish     | 10
        3216012001   | shrimp paste | 20
        """,
        Variable("product"),
        key=("village_code", "product"),
    )
    assert found(data) == {}


# --- totals among the rows


PROVINCES = """
province      | schools | clinics
Aceh          | 30      | 3
Riau          | 20      | 1
Jambi         | 10      | 2
{label:13} | 60      | {clinics}
"""


@pytest.mark.parametrize(
    "label", ["INDONESIA", "Jumlah", "JUMLAH TOTAL", "Grand Total", "Sub-total", "Total:"]
)
def test_a_row_whose_label_says_total(label):
    finding = only(table(PROVINCES.format(label=label, clinics=6), key=("province",)), "total")
    assert (finding.severity, listing(finding, "row", "value")) == ("error", [(4, label)])


def test_a_total_that_does_not_add_up():
    finding = found(table(PROVINCES.format(label="INDONESIA", clinics=7), key=("province",)))["total-sum"][0]
    assert (finding.severity, listing(finding)) == ("warning", [(4, "clinics", "7", "6")])


def test_a_row_without_a_label_that_holds_the_sums():
    finding = found(table(PROVINCES.format(label="-", clinics=6), key=("province",)))["total"][0]
    assert (finding.severity, listing(finding)) == (
        "warning",
        [(4, "schools", "60", None), (4, "clinics", "6", None)],
    )


def test_a_mean_is_no_unit_either():
    findings = found(table(PROVINCES.format(label="Rata-rata", clinics=2), key=("province",)))
    assert listing(findings["total"][0], "value") == [("Rata-rata",)]
    assert "total-sum" not in findings


def test_places_that_only_begin_like_a_total_are_places():
    data = table(
        "province | schools\nTotallang | 30\nJumlahan | 20\nIndonesia Raya | 10\n", key=("province",)
    )
    assert found(data) == {}


def test_subtotals_of_kecamatan_between_the_villages():
    data = table(
        """
        village_code | village              | kecamatan  | traders
        3216012001   | Sagara Makmur        | Tarumajaya | 120
        3216012002   | Pantai Makmur        | Tarumajaya | 80
        -            | Jumlah               | Tarumajaya | 200
        3216022001   | Muara Bakti          | Babelan    | 70
        3216022002   | Kedung Pengawas      | Babelan    | 60
        -            | Kecamatan Babelan    | -          | 140
        -            | Kab. Bekasi          | -          | 330
        """,
        TRADERS,
    )
    findings = found(data)
    assert listing(findings["total"][0], "row") == [(3,), (6,), (7,)]
    assert listing(findings["total-sum"][0]) == [(6, "traders", "140", "130")]
    assert set(findings) == {"total", "total-sum"}


def test_a_subtotal_under_the_code_of_its_kecamatan():
    data = table(
        """
        village_code | village       | kecamatan_code | traders
        3216012001   | Sagara Makmur | 321601         | 120
        3216012002   | Pantai Makmur | 321601         | 80
        3216012003   | Setia Mulya   | 321601         | 50
        321601       | Tarumajaya    | 321601         | 250
        3216022001   | Muara Bakti   | 321602         | 70
        """,
        TRADERS,
    )
    assert listing(only(data, "total"), "row", "value") == [(4, "250")]


def test_a_village_that_happens_to_equal_the_sum_of_others_is_a_village():
    data = table(
        """
        village_code | traders | iks
        3216012001   | 1       | 0.1
        3216012002   | 2       | 0.2
        3216012003   | 3       | 0.3
        3216012004   | 6       | 0.6
        """,
        TRADERS,
    )
    assert found(data) == {}


# --- magnitudes


def incomes(*odd: float) -> Dataset:
    values = [1_500_000 + 20_000 * n for n in range(40)] + list(odd)
    rows = "\n".join(f"32160120{n:02} | {value}" for n, value in enumerate(values, start=1))
    return table(f"village_code | income_idr\n{rows}", INCOME)


def test_thousands_where_units_were_meant():
    finding = only(incomes(1800, 1_900_000_000), "unit-slip")
    assert listing(finding) == [
        (41, "income_idr", "1800", "1800000"),
        (42, "income_idr", "1900000000", "1900000"),
    ]


def test_a_large_value_is_no_slip_of_unit():
    assert found(incomes(20_000_000)) == {}


def test_a_count_stays_a_whole_number_in_any_unit():
    values = [*range(2, 42), 5001, 5000]
    rows = "\n".join(f"32160120{n:02} | {value}" for n, value in enumerate(values, start=1))
    finding = only(table(f"village_code | traders\n{rows}", TRADERS), "unit-slip")
    assert listing(finding, "value", "expected") == [("5000", "5")]


def test_numbers_that_are_mostly_round():
    values = [10 * n for n in range(1, 90)] + [11 + 7 * n for n in range(40)]
    rows = "\n".join(f"321601{2000 + n} | {value}" for n, value in enumerate(values))
    finding = only(table(f"village_code | traders\n{rows}", TRADERS), "heaping")
    assert finding.severity == "note"
    assert "75%" in finding.message.text("en")
    assert finding.message.text("en").endswith("they may be estimates, or counted in fives")
    assert finding.message.text("id").endswith("mungkin perkiraan, atau dihitung per lima")


# --- rules of other chapters


SCORES = """
village_code | iks | ike | ikl | idm
3216012001   | 0.6 | 0.6 | 0.6 | 0.6
3216012002   | 0.9 | 0.6 | 0.6 | 0.6
3216012003   | -   | 0.6 | 0.6 | 0.6
"""
IS_MEAN = quality.equals(
    "idm",
    lambda frame: frame[["iks", "ike", "ikl"]].mean(axis=1, skipna=False),
    of=["iks", "ike", "ikl"],
    message=Message("IDM that is not the mean of its parts: {n}"),
    tolerance=0.0001,
)


def test_a_published_value_that_contradicts_its_parts():
    finding = found(table(SCORES), rules=[IS_MEAN])["rule"][0]
    assert finding.message.text("en") == "IDM that is not the mean of its parts: 1"
    assert listing(finding) == [(2, "idm", "0.6", "0.7")]


def test_a_rule_without_its_columns_is_not_applied_and_the_report_says_so():
    report = quality.check(table("village_code | iks\n3216012001 | 0.6\n"), rules=[IS_MEAN])
    assert report.findings == ()
    assert [message.text("en") for message in report.unchecked][-1] == (
        "Rule idm-of-parts: the dataset lacks idm, ike, ikl"
    )


def test_contradictions_of_another_chapter_become_findings():
    data = table(SCORES)
    contradictions = pd.DataFrame(
        {
            "village_code": ["3216012002", "3216012003"],
            "index": ["iks", "idm"],
            "published": [0.9, 0.6],
            "recomputed": [0.6, 0.7],
            "inherited": [False, True],
        }
    )
    error, note = quality.from_contradictions(data, contradictions)
    assert (error.severity, listing(error)) == ("error", [(2, "iks", "0.9", "0.6")])
    assert (note.severity, listing(note)) == ("note", [(3, "idm", "0.6", "0.7")])
    report = quality.check(data).with_findings([note, error])
    assert [finding.severity for finding in report.findings] == ["error", "warning", "note"]


# --- invariants


@st.composite
def clean_villages(draw: st.DrawFn) -> Dataset:
    """Villages as they should be: unique keys, values inside their ranges, a gap here and there."""
    n = draw(st.integers(1, 40))
    numbers = draw(st.lists(st.integers(2001, 2999), min_size=n, max_size=n, unique=True))
    shares = st.lists(st.floats(0.0, 1.0), min_size=n, max_size=n)
    frame = pd.DataFrame(
        {
            "village_code": [f"321601{number}" for number in numbers],
            "village": [f"Desa {number}" for number in numbers],
            "year": 2024,
            "iks": draw(shares),
            "ike": draw(shares),
            "road": draw(st.lists(st.sampled_from(["paved", "dirt"]), min_size=n, max_size=n)),
            "traders": draw(st.lists(st.integers(100, 900), min_size=n, max_size=n)),
        }
    )
    if n > 10:
        frame.loc[draw(st.integers(0, n - 1)), "traders"] = None
    book = Codebook((VILLAGE_CODE, VILLAGE, YEAR, IKS, IKE, ROAD, TRADERS))
    origin = Provenance("Drawn", "drawn.csv", "0" * 64, "table")
    return Dataset("drawn", book.cast(frame, where="drawn"), book, origin, ("village_code", "year"))


@settings(max_examples=60, deadline=None)
@given(clean_villages())
def test_clean_data_never_causes_errors_or_warnings(data):
    report = quality.check(data)
    assert [finding.message.text("en") for finding in report.findings if finding.severity != "note"] == []


@settings(max_examples=30, deadline=None)
@given(clean_villages(), st.data())
def test_exactly_the_spoilt_values_are_found(data, draw):
    spoilt = draw.draw(st.sets(st.integers(1, len(data.frame)), min_size=1))
    frame = data.frame.copy()
    frame.loc[[row - 1 for row in spoilt], "iks"] = 1.5
    findings = found(Dataset("spoilt", frame, data.codebook, data.provenance, data.key))
    assert [row for (row,) in listing(findings["range"][0], "row")] == sorted(spoilt)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(9)))
def test_the_order_of_rows_does_not_matter(order):
    data = table(
        """
        village_code | village       | kecamatan  | year | iks | traders
        3216012001   | Sagara Makmur | Tarumajaya | 2023 | 0.7 | 120
        3216012001   | Sagara Makmur | Tarumajaya | 2024 | 1.7 | 121
        3216012002   | Pantai Makmur | Tarumajaya | 2024 | 0.6 | 80
        3216012002   | Pantai Makmur | Tarumajaya | 2024 | 0.7 | 80
        3216012003   | Setia Mulya   | Tarumajaya | 2024 | -   | -
        32160120     | Samudra Jaya  | Tarumajaya | 2024 | 0.5 | 10
        3216012005   | Segara Jaya   | Tarumajaya | 2024 | 0.5 | 10
        3216012005   | Segara Jaya   | Tarumajaya | 2024 | 0.5 | 10
        -            | Jumlah        | Tarumajaya | 2024 | -   | 311
        """,
        TRADERS,
    )
    shuffled = Dataset(
        "t", data.frame.iloc[list(order)].reset_index(drop=True), data.codebook, data.provenance, data.key
    )
    assert told(shuffled) == told(data)


def told(data: Dataset) -> list[tuple[object, ...]]:
    """What the findings say, but for the numbers of the rows."""
    return [
        (
            f.check,
            f.severity,
            f.message.text("en"),
            sorted(map(str, listing(f, "village_code", "column", "value"))),
        )
        for f in quality.check(data).findings
    ]


def test_checking_changes_nothing():
    data = table(GAPS, TRADERS)
    before = data.content_hash
    first, second = (quality.check(data) for _ in range(2))
    assert Dataset("t", data.frame, data.codebook, data.provenance, data.key).content_hash == before
    assert first.to_html() == second.to_html()
