"""Village codes: their form, the area they say, and what the register knows of them.

The register of these tests holds two kecamatan of Kabupaten Bekasi; 3215 is Karawang.
"""

from __future__ import annotations

import pytest
from quality_tables import found, listing, only, table

from pk_research.register import Register, load_register, village_at

VILLAGES = {
    "3216011007": "Setia Asih",
    "3216012001": "Sagara Makmur",
    "3216012002": "Pantai Makmur",
    "3216022003": "Muara Bakti",
    "3216022004": "Kedung Pengawas",
}
KECAMATAN = {"321601": "Tarumajaya", "321602": "Babelan"}
REGISTER = Register(
    tuple(
        village_at(
            code, name, kecamatan=KECAMATAN[code[:6]], regency="Kabupaten Bekasi", province="Jawa Barat"
        )
        for code, name in VILLAGES.items()
    ),
    {"3216012007": "3216011007"},
)
ALL = """
village_code | village         | kecamatan  | iks
3216011007   | SETIA ASIH      | TARUMAJAYA | 0.7
3216012001   | Sagara Makmur   | Tarumajaya | 0.6
3216012002   | PANTAIMAKMUR    | Taruma Jaya| 0.6
3216022003   | Desa Muara Bakti| Babelan    | 0.8
3216022004   | Kedung Pengawas | BABELAN    | 0.8
"""


def changed(old: str, new: str) -> str:
    assert old in ALL
    return ALL.replace(old, new)


def test_villages_that_the_register_knows():
    assert found(table(ALL), register=REGISTER) == {}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("3216012001.0", "3216012001"), ("32.16.01.2001", "3216012001"), ("321601200", None), ("2001", None)],
)
def test_codes_of_another_form(written, meant):
    finding = found(table(changed("3216012001", written)))["code-form"][0]
    assert (finding.severity, listing(finding)) == ("error", [(2, "village_code", written, meant)])


def test_code_and_name_swapped():
    data = table(changed("3216012001   | Sagara Makmur", "Sagara Makmur | 3216012001"))
    finding = only(data, "swapped", register=REGISTER)
    assert listing(finding) == [(2, "village_code", "Sagara Makmur", "3216012001")]


def test_an_area_that_the_code_contradicts():
    data = table(
        """
        village_code | kecamatan_code | regency_code | iks
        3216012001   | 321601         | 3216         | 0.6
        3216012002   | 321602         | 3216         | 0.6
        3216022003   | 321602         | 3215         | 0.6
        """
    )
    kecamatan, regency = found(data)["code-area"]
    assert listing(kecamatan) == [(2, "kecamatan_code", "321602", "321601")]
    assert listing(regency) == [(3, "regency_code", "3215", "3216")]


def test_a_code_out_of_use_leads_to_the_one_in_use():
    finding = only(table(changed("3216011007", "3216012007")), "old-code", register=REGISTER)
    assert finding.severity == "warning"
    assert listing(finding) == [(1, "village_code", "3216012007", "3216011007")]


def test_a_code_that_does_not_exist_and_the_one_its_name_means():
    data = table(changed("3216012001", "3216012999"))
    finding = only(data, "unknown-code", register=REGISTER)
    assert (finding.severity, listing(finding)) == (
        "error",
        [(2, "village_code", "3216012999", "3216012001")],
    )


def test_the_code_of_one_village_and_the_name_of_another():
    data = table(changed("Sagara Makmur", "Kedung Pengawas"))
    finding = found(data, register=REGISTER)["name-code"][0]
    assert finding.severity == "error"
    assert listing(finding) == [
        (2, "village", "Kedung Pengawas", "Sagara Makmur"),
        (2, "village_code", "3216012001", "3216022004"),
    ]


def test_a_name_of_nobody():
    finding = only(table(changed("Sagara Makmur", "Cikarang")), "name-code", register=REGISTER)
    assert finding.severity == "warning"
    assert listing(finding) == [(2, "village", "Cikarang", "Sagara Makmur")]


def test_a_name_in_another_spelling_is_the_name():
    assert found(table(changed("Sagara Makmur", "Segara Makmoer")), register=REGISTER) == {}


def test_a_village_said_to_lie_in_another_kecamatan():
    data = table(changed("Kedung Pengawas | BABELAN", "Kedung Pengawas | Tarumajaya"))
    finding = only(data, "elsewhere", register=REGISTER)
    assert listing(finding) == [(5, "kecamatan", "Tarumajaya", "Babelan")]


def test_villages_outside_the_register_are_counted_not_faulted():
    data = table(f"{ALL.rstrip()}\n3215012001 | Adiarsa | Karawang Barat | 0.5\n")
    finding = only(data, "outside", register=REGISTER)
    assert (finding.severity, listing(finding, "row", "value")) == ("note", [(6, "3215012001")])


def test_villages_of_the_register_without_a_row():
    data = table("village_code | village | iks\n3216012001 | Sagara Makmur | 0.6\n")
    finding = only(data, "absent-village", register=REGISTER)
    assert (finding.severity, finding.n_rows) == ("note", 0)
    assert listing(finding, "row", "village", "expected")[0] == (None, "Setia Asih", "3216011007")
    assert len(finding.rows) == 4


def test_the_register_of_kabupaten_bekasi_finds_no_fault_with_itself():
    register = load_register()
    rows = "\n".join(f"{v.code} | {v.name} | {v.kecamatan} | {v.regency} | 0.5" for v in register)
    assert (
        found(table(f"village_code | village | kecamatan | regency | iks\n{rows}"), register=register) == {}
    )
