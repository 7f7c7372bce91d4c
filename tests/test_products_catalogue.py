"""Candidates from submissions: names meet despite spelling, doubt goes to a person, no person enters."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from textwrap import dedent

import pandas as pd
import pytest

from pk_research.codebook import Codebook, read_codebook
from pk_research.errors import BadInput, NotFound
from pk_research.products.catalogue import (
    candidates_of,
    known_products,
    match_products,
    product_label,
    read_products,
)
from pk_research.products.catalogue.known import PRODUCTS
from pk_research.products.catalogue.names import without_persons
from pk_research.products.flagship import evidence_of, list_by_kecamatan
from pk_research.sample import make_filling
from pk_research.sources.dataset import Dataset, Provenance
from pk_research.survey.exchange import datasets, from_filled
from pk_research.survey.filled import Filled
from pk_research.survey.questionnaires import find_questionnaire

SEGARA_MAKMUR, PANTAI_MAKMUR = "3216012001", "3216012002"
WHEN = datetime(2026, 11, 2, 2, tzinfo=UTC)


def dataset(name: str, text: str) -> Dataset:
    """A table of submissions as it is drawn: columns by two spaces or more, "-" for missing."""
    frame = pd.read_csv(
        io.StringIO(dedent(text).strip()), sep=r"\s{2,}", engine="python", dtype="string", na_values="-"
    )
    flags = [column for column in frame if "__" in column]
    frame[flags] = frame[flags] == "True"
    return Dataset(
        name, frame, Codebook(()), Provenance(name, "", f"hash of {name}", "submissions"), ("key",)
    )


# What a name means


@pytest.mark.parametrize(
    ("written", "product"),
    [
        ("Kerupuk", "crackers"),
        ("krupuk ikan khas Bekasi", "crackers"),
        ("KRPK udang", "crackers"),
        ("udang, kerupuk", "crackers"),
        ("keroepoek", "crackers"),
        ("telor asin", "salted_eggs"),
        ("Asin Telur", "salted_eggs"),
        ("endog asin", "salted_eggs"),
        ("telur asinn", "salted_eggs"),
        ("Anyaman awi", "bamboo_craft"),
        ("supa tiram", "oyster_mushroom"),
        ("bedog", "blades"),
        ("mie basah", "noodles"),
        ("Usaha Konfeksi", "garments"),
        ("Bandeng Presto Bu Siti", "milkfish_presto"),
        ("presto bandeng", "milkfish_presto"),
    ],
)
def test_spelling_order_abbreviation_and_region_do_not_matter(written, product):
    assert match_products([written], known_products())[0].product == product


@pytest.mark.parametrize(
    ("written", "may_be"),
    [
        ("keripik tempe", {"chips", "tempe_tofu"}),
        ("sate bandeng", {"milkfish"}),
        ("telur", set()),
        ("gudang", {"shrimp"}),
        ("tahi", set()),
        ("pupuk organik", set()),
        ("0812 3456 7890", set()),
    ],
)
def test_what_is_in_doubt_is_never_merged(written, may_be):
    match = match_products([written], known_products())[0]
    assert match.product is None
    assert match.how in {"in doubt", "unknown"}
    assert may_be <= {product for product, _ in match.hits}


def test_a_decision_holds_for_every_writing_of_the_name():
    decisions = {"keripik tempe": "chips", "pupuk": None}
    found = match_products(["Tempe kripik", "PUPUK"], known_products(), decisions=decisions)
    assert [(match.how, match.product) for match in found] == [("decision", "chips"), ("decision", None)]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Kerupuk Bu Siti 0812 3456 7890", "Kerupuk"),
        ("kue kering milik Hj. Aminah", "kue kering"),
        ("golok H. Udin, +62 812-3456-7890", "golok"),
        ("ikan mas", "ikan mas"),
        ("teh botol 350 ml", "teh botol 350 ml"),
    ],
)
def test_persons_and_telephones_are_taken_out_of_names(written, kept):
    assert without_persons(written) == kept


# The list


def test_every_name_of_the_list_means_its_own_product():
    known = known_products()
    for product in known.values():
        for name in (product.name.label_id, *product.aliases):
            assert match_products([name], known)[0].product == product.product, name


def test_the_list_has_every_product_of_the_questionnaires(project):
    codebook = read_codebook(project / "data/questionnaires/product_dossier.codebook.csv")
    products = {category.value for category in codebook["product"].categories} - {"other"}
    assert len(products) == 23
    assert products <= set(known_products())


def test_a_list_of_ones_own_is_checked_wholly(tmp_path):
    lines = PRODUCTS.read_text(encoding="utf-8").splitlines()
    lines += [
        "Gula Semut,Gula semut,Ant sugar,food,1234,pack,,gula semut",
        "batik,Batik,Batik,craft,,piece,,kerupuk",
        "emping,Emping,Melinjo chips,food,10794,pack,,emping,perhaps",
    ]
    path = tmp_path / "products.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_products(path)
    told = str(caught.value)
    for part in (
        "'batik': it stands twice",
        "it is no identifier",
        "'1234' is no KBLI code",
        "name of 'crackers'",
        "'emping': kbli_checked is 'perhaps'",
    ):
        assert part in told
    path.write_text("product,name_id\n", encoding="utf-8")
    with pytest.raises(BadInput, match="no column 'kbli'"):
        read_products(path)
    with pytest.raises(NotFound):
        read_products(tmp_path / "none.csv")


# Candidates by hand

DOSSIER = f"""
key  village_code   product      product_other  unit_of_sale  price_idr_unit  capacity_units_month  product_sellers  main_material  season_months__1  season_months__2  halal_status  chain_input_idr_unit  chain_cost_idr_unit  kbli_code  review_state
d1   {SEGARA_MAKMUR}  salted_eggs  -              piece         3000            1000                  4                telur bebek    True              False             has           1500                  700                  10799      received
d2   {SEGARA_MAKMUR}  salted_eggs  -              piece         5000            3000                  6                -              False             True              none          -                     -                    10799      received
d3   {SEGARA_MAKMUR}  batik        -              piece         90000           10                    1                kain           False             False             none          -                     -                    -          rejected
d4   9999999999     batik        -              piece         90000           10                    1                kain           False             False             none          -                     -                    -          received
"""  # noqa: E501
UMKM = f"""
key  village_code   umkm_workers  main_material  material_village_pct  material_regency_pct  sales_residents_pct  sales_hotel_pct  business_permits__pirt
u1   {SEGARA_MAKMUR}  3             telor bebek    60                    20                    80                   20               True
u2   {PANTAI_MAKMUR}  5             tepung         0                     0                     100                  0                False
"""  # noqa: E501
ITEMS = """
key         parent_key  product   product_other   unit_of_sale  price_idr_unit  capacity_units_month  item_sales_idr_month
u1/item[1]  u1          other     Telor asin      piece         3500            200                   400000
u2/item[1]  u2          crackers  -               pack          10000           500                   3000000
u2/item[2]  u2          crackers  -               kg            40000           100                   1000000
u2/item[3]  u2          other     keripik tempe   pack          12000           50                    500000
u2/item[4]  u2          -         -               -             -               -                     -
"""  # noqa: E501
POTENTIAL = f"""
key  village_code   flagship_product  flagship_product_other  product_sellers  product_sales_idr_month  raw_material_origin  product_buyer  product_permit
v1   {PANTAI_MAKMUR}  crackers          -                       7                9000000                  village              online         pirt_halal
"""  # noqa: E501
CANDIDATES = """
key              parent_key  candidate_product  candidate_product_other  candidate_sellers  candidate_sales_idr_month
v1/candidate[1]  v1          -                  -                        -                  -
"""  # noqa: E501
TABLES = {
    "product_dossier": DOSSIER, "umkm": UMKM, "umkm_item": ITEMS, "village_potential": POTENTIAL,
    "village_potential_candidate": CANDIDATES,
}  # fmt: skip


@pytest.fixture(scope="module")
def catalogue():
    return candidates_of(*(dataset(name, text) for name, text in TABLES.items()))


@pytest.fixture(scope="module")
def eggs(catalogue):
    return catalogue.candidates.set_index("product").loc["salted_eggs"]


@pytest.fixture(scope="module")
def crackers(catalogue):
    return catalogue.candidates.set_index("product").loc["crackers"]


def test_one_row_a_village_and_product(catalogue):
    pairs = catalogue.candidates[["village_code", "product"]].to_numpy().tolist()
    assert pairs == [[SEGARA_MAKMUR, "salted_eggs"], [PANTAI_MAKMUR, "crackers"]]


def test_what_the_village_tells_comes_before_what_enterprises_add_up_to(eggs, crackers):
    assert eggs["price_idr_unit"] == 4000  # median of the dossiers, not the enterprise's 3500
    assert eggs["capacity_units_month"] == 2000
    assert eggs["sales_idr_month"] == 400_000  # no village told it: the one enterprise that answered
    assert crackers["sales_idr_month"] == 9_000_000
    assert crackers["price_idr_unit"] == 10_000
    assert crackers["capacity_units_month"] == 500  # the 100 kg are no packs


def test_sellers_are_never_fewer_than_those_who_answered(eggs, crackers):
    assert eggs["n_enterprises"] == 5
    assert crackers["n_enterprises"] == 7
    lone = candidates_of(dataset("umkm", UMKM), dataset("umkm_item", ITEMS)).candidates
    assert lone["n_enterprises"].tolist() == [1, 1]


def test_months_markets_certificates_and_materials_are_united(eggs, crackers):
    assert eggs["season_months"] == (1, 2)
    assert crackers["season_months"] == ()
    assert eggs["markets"] == ("hotel_restaurant", "residents")
    assert crackers["markets"] == ("online", "residents")
    assert eggs["certificates"] == ("PIRT", "halal")
    assert eggs["raw_materials"] == ("duck_eggs",)
    assert crackers["sources"] == ("umkm", "village_potential")


def test_shares_of_local_material_cost_and_workers(eggs, crackers):
    assert eggs["local_material_pct"] == 80
    assert crackers["local_material_pct"] == 50  # 100 by the village, 0 by the enterprise
    assert eggs["cost_idr_unit"] == 2200
    assert eggs["n_workers"] == 3
    assert crackers["n_workers"] == 5  # counted once, though named for two items


def test_a_kbli_code_comes_from_the_list_or_from_all_who_answered(eggs, crackers):
    assert crackers["kbli"] == "10794"
    assert eggs["kbli"] == "10799"
    differing = DOSSIER.replace("10799      received", "10750      received", 1)
    found = candidates_of(dataset("product_dossier", differing)).candidates
    assert found["kbli"].isna().all()


def test_everything_left_out_is_counted(catalogue):
    counted = {step.what.text("en"): step.n_rows for step in catalogue.steps}
    assert counted == {
        "Submissions left out because they were rejected on review": 1,
        "Answers that name no product": 2,
        "Names in words found in the list": 1,
        "Names in words set aside (in doubt, unknown or no product)": 1,
        "Mentions left out because the register does not know their village": 1,
        "Mentions whose price, cost and capacity are in another or unknown unit and were not used": 1,
    }
    assert catalogue.unplaced.to_numpy().tolist() == [["9999999999", 1]]


SUMS = """
key         parent_key  product   product_other  unit_of_sale  price_idr_unit  capacity_units_month  item_sales_idr_month
u1/item[1]  u1          crackers  -              pack          9000            200                   400000
u2/item[1]  u2          crackers  -              pack          9000            300                   -
u3/item[1]  u3          crackers  -              kg            9000            50                    600000
"""  # noqa: E501
OWNERS = f"""
key  village_code   umkm_workers  kbli_code
u1   {SEGARA_MAKMUR}  3             10794
u2   {SEGARA_MAKMUR}  -             10794
u3   {SEGARA_MAKMUR}  2             10794
"""
TOLD = f"""
key  village_code   flagship_product  flagship_product_other  product_sellers  product_sales_idr_month
v1   {SEGARA_MAKMUR}  crackers          -                       7                -
"""


def test_a_sum_says_how_many_enterprises_are_not_in_it():
    """Of seven sellers three answered; one told no sales, one no workers, one a capacity in kilograms."""
    found = candidates_of(
        dataset("umkm", OWNERS), dataset("umkm_item", SUMS), dataset("village_potential", TOLD),
        dataset("village_potential_candidate", CANDIDATES),
    )  # fmt: skip
    row = found.candidates.iloc[0]
    assert (row["n_enterprises"], row["sales_idr_month"], row["n_untold_sales"]) == (7, 1_000_000, 5)
    assert (row["capacity_units_month"], row["n_untold_capacity"]) == (500, 5)
    assert (row["n_workers"], row["n_untold_workers"]) == (5, 5)
    assert found.table("en")["Sellers whose sales are not in it"].tolist() == [5]
    assert "Penjualan yang menjumlahkan jawaban usaha, sehingga sekurang-kurangnya sebesar itu: 1" in (
        found.in_words("id")
    )
    whole = TOLD.replace("7                -", "7                9000000")
    told = candidates_of(
        dataset("umkm", OWNERS), dataset("umkm_item", SUMS), dataset("village_potential", whole),
        dataset("village_potential_candidate", CANDIDATES),
    )  # fmt: skip
    assert told.candidates["n_untold_sales"].isna().all()
    assert "Sales that add up" not in told.in_words("en")


def test_deliveries_are_those_of_the_dossiers(catalogue):
    assert catalogue.candidates["deliveries_month"].isna().all()
    asked = DOSSIER.replace("review_state\n", "review_state  deliveries_month\n").replace(
        "received\n", "received      8\n"
    ).replace("rejected\n", "rejected      1\n")  # fmt: skip
    found = candidates_of(dataset("product_dossier", asked))
    assert found.candidates["deliveries_month"].tolist() == [8.0]
    assert found.table("id")["Pengiriman per bulan (kali)"].tolist() == [8.0]


def test_it_is_said_which_codes_nobody_checked(catalogue):
    shown = catalogue.table("en").set_index("Product")["Where the code is from"]
    assert shown["Salted eggs"] == "told by respondents, not checked"
    assert shown["Crackers"] == "list of products, checked against copies of KBLI 2020"
    assert {product.kbli_checked for product in known_products().values() if product.kbli} == {
        "scope", "title",
    }  # fmt: skip


def test_what_was_merged_and_what_a_person_must_decide(catalogue):
    merged = catalogue.merged[["written", "product", "how", "n"]]
    assert merged.to_numpy().tolist() == [["Telor asin", "salted_eggs", "name", 1]]
    assert catalogue.to_decide["written"].tolist() == ["keripik tempe"]
    assert {product for product, _ in catalogue.to_decide["hits"][0]} >= {"chips", "tempe_tofu"}


def test_a_decision_brings_the_candidate_in():
    tables = (dataset("umkm", UMKM), dataset("umkm_item", ITEMS))
    found = candidates_of(*tables, decisions={"Keripik Tempe": "chips"})
    assert "chips" in set(found.candidates["product"])
    assert found.to_decide.empty
    with pytest.raises(BadInput, match="the list has no product 'tempe_chips'"):
        candidates_of(*tables, decisions={"keripik tempe": "tempe_chips"})


def test_the_order_of_rows_and_tables_does_not_matter(catalogue):
    def turned(name, text):
        given = dataset(name, text)
        return replace(given, frame=given.frame[::-1].reset_index(drop=True))

    repeats = [dataset(name, TABLES[name]) for name in TABLES if name.endswith(("_item", "_candidate"))]
    roots = [turned(name, TABLES[name]) for name in ("umkm", "village_potential", "product_dossier")]
    found = candidates_of(*repeats, *roots)
    pd.testing.assert_frame_equal(found.candidates, catalogue.candidates)


def test_candidates_go_straight_to_the_choice_of_flagships(catalogue):
    """Crackers have more sellers (7 to 5) and more sales: 5 points on both, salted eggs 1."""
    evidence = evidence_of(
        catalogue.candidates, criteria=["enterprises", "contribution"], inputs=catalogue.inputs
    )
    lists = list_by_kecamatan(evidence, weights={"enterprises": 2, "contribution": 1})
    assert lists.frame.to_numpy().tolist() == [
        ["321601", "crackers", 5, 1],
        ["321601", "salted_eggs", 1, 2],
    ]
    assert lists.inputs == catalogue.inputs


def test_all_faults_of_the_datasets_are_named_at_once():
    with pytest.raises(BadInput) as caught:
        candidates_of(
            dataset("hotel_demand", "key  x\nh1  1"),
            dataset("umkm", "key  x\nu1  1"),
            dataset("umkm", "key  x\nu1  1"),
        )
    told = str(caught.value)
    for part in (
        "hotel_demand: it is of no questionnaire",
        "umkm: it is given twice",
        "no column 'village_code'",
    ):
        assert part in told
    assert "umkm: 'umkm_item' is not beside it" in told
    with pytest.raises(BadInput, match="product_dossier: 1 keys stand twice, such as d1"):
        candidates_of(dataset("product_dossier", DOSSIER.replace("d2 ", "d1 ")))
    with pytest.raises(BadInput, match="there are none"):
        candidates_of()


def test_nothing_named_is_an_empty_catalogue_that_says_so():
    units = "key  parent_key  unit_product  unit_product_other\nb1/unit[1]  b1  other  pupuk organik"
    found = candidates_of(
        dataset("bumdes_profile", "key  village_code\nb1  -"), dataset("bumdes_profile_unit", units)
    )
    assert found.candidates.empty
    assert found.unplaced.to_numpy().tolist() == [["–", 1]]
    assert "Calon: 0" in found.in_words("id")
    found.plot("id").draw_without_rendering()


def test_a_village_enterprise_s_unit_is_a_candidate():
    """A turnover of 12 million a year is a million a month."""
    units = """
    key  parent_key  unit_product  unit_product_other  unit_kbli_code  unit_workers  unit_turnover_idr_year
    u1   b1          coffee        -                   10761           4             12000000
    """
    found = candidates_of(
        dataset("bumdes_profile", f"key  village_code\nb1  {SEGARA_MAKMUR}"),
        dataset("bumdes_profile_unit", units),
    ).candidates.iloc[0]
    assert (found["kbli"], found["n_workers"], found["sales_idr_month"]) == ("10761", 4, 1_000_000)


# Persons


def test_no_person_enters():
    given = dataset(
        "umkm_item",
        """
        key         parent_key  product  product_other                          product_brand    unit_of_sale  price_idr_unit
        u1/item[1]  u1          other    Krupuk Bu Rahmawati                    Rahmawati Jaya   pack          9000
        u1/item[2]  u1          other    sate bandeng Pak Sudirman 08123456789  Sudirman Makmur  pack          9000
        """,  # noqa: E501
    )
    owners = dataset("umkm", UMKM)
    named = owners.frame.assign(respondent_name="Siti Rahmawati", respondent_phone="081234567890")
    found = candidates_of(replace(owners, frame=named), given)
    text = "".join(frame.to_csv() for frame in (found.candidates, found.merged, found.to_decide))
    assert "crackers" in text
    for secret in ("Rahmawati", "Sudirman", "0812", "Siti"):
        assert secret not in text


# Views


@pytest.mark.parametrize(("language", "made"), [("id", "Data buatan"), ("en", "Made data")])
def test_every_view_says_that_the_data_is_made(catalogue, language, made):
    shown = replace(catalogue, made=True)
    assert made in shown.in_words(language)
    assert shown.table(language).iloc[:, -1].str.startswith(made).all()
    assert shown.names_table(language).iloc[:, -1].str.startswith(made).all()
    figure = shown.plot(language)
    assert made in figure.get_supxlabel()
    figure.draw_without_rendering()


def test_in_words_names_what_awaits_a_decision(catalogue):
    assert "Nama yang menunggu keputusan petugas (1): “keripik tempe”." in catalogue.in_words("id")


def test_a_product_outside_the_list_is_called_by_its_own_name():
    assert product_label("kujang", "id") == "kujang"


# From fillings of the real questionnaires


@pytest.fixture(scope="module")
def from_fillings():
    """One filling of each form, personal answers kept on purpose."""
    given = {
        "kecamatan_code": "321601",
        "village_code": SEGARA_MAKMUR,
        "respondent_name": "Siti Rahmawati",
        "respondent_phone": "081234567890",
        "business_name": "Warung Rahmawati",
        "product": "other",
        "product_other": "Krupuk udang Bu Rahmawati",
        "flagship_product": "salted_eggs",
        "candidate_count": "1",
        "candidate_product": "other",
        "candidate_product_other": "sate bandeng Pak Sudirman 0812 3456 7890",
        "bumdes": "present",
        "unit_count": "1",
        "unit_product": "batik",
    }
    tables = []
    for name in ("product_dossier", "umkm", "bumdes_profile", "village_potential"):
        form = find_questionnaire(name).open()
        xml = make_filling(form, seed=1, begun_at=WHEN, answers=given)
        filled = Filled(f"uuid:{name}", form.identifier, form.version, xml, WHEN)
        tables += datasets(from_filled([form], [filled]))
    return candidates_of(*tables, made=True)


@pytest.mark.slow
def test_fillings_of_all_four_questionnaires_become_candidates(from_fillings):
    found = from_fillings.candidates.set_index("product")
    assert from_fillings.n_submissions == dict.fromkeys(
        ("product_dossier", "village_potential", "umkm", "bumdes_profile"), 1
    )
    assert found.loc["crackers", "sources"] == ("product_dossier", "umkm")
    assert found.loc["salted_eggs", "sources"] == ("village_potential",)
    assert set(found["village_code"]) == {SEGARA_MAKMUR}
    assert len(from_fillings.inputs) == 4
    assert from_fillings.to_decide["written"].tolist() == ["sate bandeng"]


@pytest.mark.slow
def test_no_person_of_a_filling_enters(from_fillings):
    for frame in (from_fillings.candidates, from_fillings.merged, from_fillings.to_decide):
        text = frame.to_csv()
        for secret in ("Rahmawati", "Sudirman", "0812", "Siti"):
            assert secret not in text


def test_two_decisions_on_one_name_are_refused_in_either_order():
    decisions = {"Gurih Renyah": "crackers", "renyah gurih": None}
    for given in (decisions, dict(reversed(decisions.items()))):
        with pytest.raises(BadInput, match="they are one name, but decided as"):
            match_products(["gurih renyah"], known_products(), decisions=given)
    agreeing = dict.fromkeys(decisions, "crackers")
    assert match_products(["gurih renyah"], known_products(), decisions=agreeing)[0].product == "crackers"
